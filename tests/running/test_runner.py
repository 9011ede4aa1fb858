"""A run ends with every item answered once, or says plainly what is missing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from zhprobe import runs
from zhprobe.errors import UserError
from zhprobe.files import Lock
from zhprobe.models import open_model
from zhprobe.models.base import Plain, Request, Told
from zhprobe.models.limits import Patience
from zhprobe.models.providers import Prices
from zhprobe.records import Item, Reply, Settings, Specimen, Usage
from zhprobe.runner import Budget, Job, Progress, ask_all, exit_code, run

PATIENT = Patience(shortest=0.02, longest=0.1, hopeless=0.6)
# Long enough for a busy machine, short enough to wait for where a server falls silent.
QUICK = Settings(timeout=60.0, stall_timeout=1.5)


class Lines(Progress):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def go(name: str, folder: Path, selection: Any, settings: Settings = QUICK, **options: Any) -> runs.RunInfo:
    job = Job(
        open_model(name, concurrency=options.pop("concurrency", 8)),
        settings,
        folder,
        prices=options.pop("prices", None),
    )
    return run([job], selection, patience=options.pop("patience", PATIENT), **options)[0]


def answered(folder: Path) -> Counter[str]:
    return Counter(r.id for r in runs.read_replies(folder) if r.error is None)


def test_every_item_is_answered_once(server: Any, make_items: Any, tmp_path: Path) -> None:
    info = go(server.name("ok"), tmp_path / "r", make_items(100), Settings(samples=2))
    assert info.state == "done" and info.counts.answered == 200 and info.counts.missing == 0
    assert set(answered(tmp_path / "r").values()) == {1} and len(server.server.bodies) == 200
    reply = next(runs.read_replies(tmp_path / "r"))
    assert reply.item_digest.startswith("d") and len(reply.digest) == 16 and reply.time


def test_no_more_are_in_flight_than_allowed(start_server: Any, make_items: Any, tmp_path: Path) -> None:
    server = start_server(delay=0.02)
    go(server.name("ok"), tmp_path / "r", make_items(60), concurrency=5)
    assert server.server.most == 5


def test_a_second_call_asks_only_what_is_missing(server: Any, make_items: Any, tmp_path: Path) -> None:
    go(server.name("ok"), tmp_path / "r", make_items(10))
    info = go(server.name("ok"), tmp_path / "r", make_items(25))
    assert info.counts.answered == 25 and len(server.server.bodies) == 25 and len(info.stints) == 2


def test_a_folder_with_other_settings_is_not_taken_up(server: Any, make_items: Any, tmp_path: Path) -> None:
    go(server.name("ok"), tmp_path / "r", make_items(2))
    with pytest.raises(UserError, match=r"settings\.temperature 0\.0 → 0\.7"):
        go(server.name("ok"), tmp_path / "r", make_items(2), Settings(temperature=0.7))


def test_items_that_changed_are_not_mixed_with_the_old(server: Any, make_items: Any, tmp_path: Path) -> None:
    go(server.name("ok"), tmp_path / "r", make_items(2))
    changed = [
        runs.Selected(s.probe, Item("demo/one", s.item.id, s.item.messages, (), digest="other"))
        for s in make_items(2)()
    ]
    with pytest.raises(UserError, match="have changed"):
        go(server.name("ok"), tmp_path / "r", lambda: changed)


@pytest.mark.parametrize(
    "way",
    ["rate", "rate-after", "e500", "drop", "half", "wrong-json", "stall", "cut-character", "html", "gbk"],
)
def test_a_fault_that_passes_is_made_good_and_counted(
    server: Any, make_items: Any, tmp_path: Path, way: str
) -> None:
    info = go(server.name(f"first-1-{way}"), tmp_path / "r", make_items(4))
    assert info.state == "done" and info.counts.answered == 4
    assert sum(info.counts.faults.values()) == 4 and info.counts.attempts == 8
    assert {r.attempts for r in runs.read_replies(tmp_path / "r")} == {2}


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("key", "the key was not accepted"),
        ("no-model", "no such model"),
        ("credit", "no credit"),
        ("elsewhere", "sends elsewhere"),
        ("bad", "refused the request"),
        ("e500", "the server failed"),
        ("html", "not JSON"),
    ],
)
def test_what_cannot_pass_stops_the_model_with_one_line(
    server: Any, make_items: Any, tmp_path: Path, way: str, words: str
) -> None:
    lines = Lines()
    info = go(server.name(way), tmp_path / "r", make_items(5000), progress=lines)
    assert info.state == "given up" and info.counts.missing >= 4990 and info.counts.answered == 0
    assert len(lines.lines) == 1 and words in lines.lines[0]
    assert exit_code([info]) == 2 and len(server.server.bodies) < 200


def test_one_model_that_fails_does_not_stop_the_other(server: Any, make_items: Any, tmp_path: Path) -> None:
    jobs = [Job(open_model(server.name(w)), QUICK, tmp_path / w) for w in ("key", "ok")]
    infos = run(jobs, make_items(300), patience=PATIENT)
    assert [i.state for i in infos] == ["given up", "done"] and infos[1].counts.answered == 300
    assert exit_code(infos) == 1


@pytest.mark.parametrize(("way", "kind"), [("refused", "filtered"), ("too-long", "too_long")])
def test_a_refusal_of_one_item_is_that_items_alone(
    server: Any, make_items: Any, tmp_path: Path, way: str, kind: str
) -> None:
    info = go(server.name(way), tmp_path / "r", make_items(6))
    assert info.state == "short" and info.counts.failures == {kind: 6} and len(server.server.bodies) == 6
    again = go(server.name(way), tmp_path / "r", make_items(6))
    assert len(server.server.bodies) == 6 and again.counts.failures == {kind: 6}


def test_an_item_that_failed_for_a_passing_reason_is_asked_again_later(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    patience = Patience(attempts=2, shortest=0.01, longest=0.01, hopeless=100.0)
    first = go(server.name("first-2-e500"), tmp_path / "r", make_items(3), patience=patience)
    assert first.counts.failures == {"server_error": 3} and first.state == "short"
    second = go(server.name("first-2-e500"), tmp_path / "r", make_items(3), patience=patience)
    assert second.counts.answered == 3 and second.counts.failed == 0 and second.state == "done"


def test_the_same_broken_answer_again_and_again_ends_after_four(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    patience = Patience(shortest=0.01, longest=0.02, hopeless=100.0)
    info = go(server.name("no-choice"), tmp_path / "r", make_items(1), patience=patience)
    assert info.counts.failures == {"no_choice": 1} and len(server.server.bodies) == 4


def test_empty_cut_and_filtered_answers_are_counted_as_such(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    for way, flag in (("empty", "empty"), ("length", "cut"), ("filtered", "filtered")):
        info = go(server.name(way), tmp_path / way, make_items(3))
        assert info.counts.flags[flag] == 3 and info.counts.answered == 3


def test_a_server_error_that_only_tools_bring_is_the_models(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    tool = {"type": "function", "function": {"name": "查", "parameters": {"type": "object"}}}
    good = make_items(1, tools=(tool,))()
    bad = [
        runs.Selected(
            good[0].probe,
            Item("demo/one", "bad", ({"role": "user", "content": "坏"},), (), tools=(tool,), digest="b"),
        )
    ]
    go(server.name("tools500"), tmp_path / "r", lambda: good + bad, concurrency=1)
    flags = {r.item: r.flags for r in runs.read_replies(tmp_path / "r")}
    assert "server_rejected_output" in flags["bad"] and not flags["i00000"]


def test_a_budget_of_tokens_stops_cleanly_and_the_rest_is_missing(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    info = go(server.name("ok"), tmp_path / "r", make_items(500), budget=Budget(tokens=300))
    assert info.state == "stopped" and "budget" in info.stints[-1].note
    assert 20 <= info.counts.answered <= 40 and info.counts.answered + info.counts.missing == 500
    assert exit_code([info]) == 1


def test_money_is_counted_by_the_given_prices(server: Any, make_items: Any, tmp_path: Path) -> None:
    info = go(server.name("ok"), tmp_path / "r", make_items(4), prices=Prices(input=2.0, output=8.0))
    assert info.counts.cost == pytest.approx(4 * (10 * 2 + 5 * 8) / 1e6)


def test_the_same_request_is_taken_from_an_older_run(server: Any, make_items: Any, tmp_path: Path) -> None:
    go(server.name("ok"), tmp_path / "a", make_items(10))
    info = go(server.name("ok"), tmp_path / "b", make_items(15), reuse=[tmp_path / "a"])
    assert info.counts.answered == 15 and info.counts.reused == 10 and len(server.server.bodies) == 15
    other = go(
        server.name("ok"), tmp_path / "c", make_items(10), Settings(temperature=1.0), reuse=[tmp_path / "a"]
    )
    assert other.counts.reused == 0


def test_a_second_process_on_the_same_folder_leaves(server: Any, make_items: Any, tmp_path: Path) -> None:
    with Lock(tmp_path / "r"), pytest.raises(UserError, match="another process is writing here"):
        go(server.name("ok"), tmp_path / "r", make_items(2))


def test_no_item_is_said_plainly(server: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no item is selected"):
        go(server.name("ok"), tmp_path / "r", list)


def test_specimens_and_replays_give_what_was_written(make_items: Any, tmp_path: Path) -> None:
    specimens = (Specimen("好诗"), Specimen("坏诗", verdicts={"said": "not_met"}))
    items = make_items(3, specimens=specimens)
    go("specimen/met", tmp_path / "met", items)
    assert {r.text for r in runs.read_replies(tmp_path / "met")} == {"好诗"}
    info = go(f"replay/{tmp_path / 'met'}", tmp_path / "again", items)
    assert {r.text for r in runs.read_replies(tmp_path / "again")} == {"好诗"} and info.state == "done"


def test_floor_policies_answer_without_knowing(make_items: Any, tmp_path: Path) -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "查",
            "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
        },
    }
    items = make_items(3, tools=(tool,), specimens=(Specimen("第一个答案"),))
    said = {}
    for policy in ("empty", "echo", "constant", "foreign", "always-call", "never-call"):
        go(f"floor/{policy}", tmp_path / policy, items)
        said[policy] = next(r for r in runs.read_replies(tmp_path / policy) if r.item == "i00001")
    assert said["empty"].text == "" and "empty" in said["empty"].flags
    assert said["echo"].text == "第1题" and said["foreign"].text == "第一个答案"
    assert [(c.name, c.arguments) for c in said["always-call"].tool_calls] == [("查", '{"n": 1}')]
    assert said["never-call"].text and not said["never-call"].tool_calls


def test_floor_policies_paste_the_control_and_exchange_words(make_items: Any, tmp_path: Path) -> None:
    first, second = make_items(2)()
    ask = ({"role": "user", "content": "他不知道什么？"},)
    control = replace(second.item, role="control", messages=ask)
    item = replace(first.item, control=control.id)
    chosen = [runs.Selected(first.probe, item), runs.Selected(first.probe, control)]
    said = {}
    for policy in ("control", "exchanged"):
        go(f"floor/{policy}", tmp_path / policy, lambda: chosen)
        said[policy] = next(r for r in runs.read_replies(tmp_path / policy) if r.item == item.id).text
    assert said == {"control": "他不知道什么？", "exchanged": "伊勿晓得啥？"}


def test_a_conversation_goes_on_where_it_stopped(start_server: Any, make_items: Any, tmp_path: Path) -> None:
    turns = ({"user": "再改一次"}, {"user": "最后一次"})
    patience = Patience(attempts=2, shortest=0.01, longest=0.01, hopeless=100.0)
    server = start_server()
    calls: Counter[str] = Counter()
    original = server.server.way

    def way(model: str, prompt: str, attempt: int) -> str:
        calls[prompt] += 1
        return (
            "e500" if prompt == "最后一次" and calls[prompt] <= 2 else str(original(model, prompt, attempt))
        )

    server.server.way = way
    first = go(server.name("ok"), tmp_path / "r", make_items(1, turns=turns), patience=patience)
    assert first.counts.failed == 1
    second = go(server.name("ok"), tmp_path / "r", make_items(1, turns=turns), patience=patience)
    assert second.state == "done" and calls == {"第0题": 1, "再改一次": 1, "最后一次": 3}
    [reply] = runs.read_replies(tmp_path / "r")
    assert [m["role"] for m in reply.transcript] == ["assistant", "user", "assistant", "user", "assistant"]
    assert reply.text == "答：最后一次"


def test_judges_ask_through_the_same_door(server: Any) -> None:
    requests = [Request(({"role": "user", "content": str(n)},)) for n in range(30)]
    replies = asyncio.run(ask_all(open_model(server.name("first-1-e500")), requests, patience=PATIENT))
    assert [r.text for r in replies] == [f"答：{n}" for n in range(30)]


def test_a_judge_without_a_key_is_told_so(server: Any) -> None:
    with pytest.raises(UserError, match="the key was not accepted"):
        asyncio.run(ask_all(open_model(server.name("key")), [Request(({"role": "user", "content": "x"},))]))


def test_a_fault_of_our_own_keeps_its_traceback_and_what_was_written(make_items: Any, tmp_path: Path) -> None:
    class Broken(Plain):
        name = "test/broken"

        async def answer(self, request: Request, told: Told | None = None) -> Reply:
            if request.item is not None and request.item.id == "i00050":
                raise ZeroDivisionError
            return Reply("", "", "", text="好", usage=Usage(1, 1))

    with pytest.raises(ZeroDivisionError):
        run([Job(Broken(), QUICK, tmp_path / "r")], make_items(100))
    assert len(answered(tmp_path / "r")) >= 40


def test_speed_limits_of_headers_hold_the_pace(
    start_server: Callable[..., Any], make_items: Any, tmp_path: Path
) -> None:
    import time

    server = start_server()
    job = Job(open_model(server.name("ok"), concurrency=8), QUICK, tmp_path / "r", rpm=600)
    started = time.monotonic()
    run([job], make_items(11), patience=PATIENT)
    # Ten steps of 0.1 s are the contract; how much longer it takes says how busy the machine is.
    assert time.monotonic() - started > 0.9


def test_a_slow_disk_loses_nothing_at_the_end(
    server: Any, make_items: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    from zhprobe.runner import Work

    plain = Work.write

    def slow(self: Work, *batch: Any) -> None:
        time.sleep(0.2)  # the run ends while a batch is being written
        plain(self, *batch)

    monkeypatch.setattr(Work, "write", slow)
    info = go(server.name("ok"), tmp_path / "r", make_items(150), concurrency=4)
    assert info.state == "done" and len(answered(tmp_path / "r")) == 150


def test_a_run_that_cannot_begin_leaves_the_others_tidy(server: Any, make_items: Any, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("a file stands here", encoding="utf-8")
    jobs = [Job(open_model(server.name("ok")), QUICK, tmp_path / n) for n in ("a", "b/x")]
    with pytest.raises(UserError, match="a file stands where a folder was expected"):
        run(jobs, make_items(5), patience=PATIENT)
    info = runs.read_info(tmp_path / "a")
    assert info.state == "stopped" and info.counts.missing == 5 and not server.server.bodies
