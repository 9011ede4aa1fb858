"""Requests go out as files, answers come in from whatever wrote them, and each finds its item."""

from __future__ import annotations

import asyncio
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from zhprobe import offline, runs
from zhprobe.errors import UserError
from zhprobe.models import open_model
from zhprobe.models.limits import Patience
from zhprobe.records import Settings
from zhprobe.runner import Job


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Patience(attempts=6, shortest=0.01, longest=0.02)
    monkeypatch.setattr(offline.Batches.__init__, "__defaults__", (quick,))


def make_run(
    folder: Path, selection: Any, settings: Settings | None = None, model: str = "elsewhere/x"
) -> None:
    settings = settings or Settings()
    runs.create_run(folder, runs.RunInfo(model, settings), selection())


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def texts(folder: Path) -> dict[str, str]:
    return {r.id: r.text for r in runs.read_replies(folder) if r.error is None}


def test_requests_are_the_bodies_that_would_be_sent_cut_within_the_limits(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    job = Job(open_model(server.name("ok")), Settings(samples=2), tmp_path / "r")
    files, left_out = offline.write_requests(
        job, make_items(5), runs.RunInfo(job.model.name, job.settings), most=4
    )
    rows = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert [len(path.read_bytes().splitlines()) for path in files] == [4, 4, 2] and left_out == 0
    assert rows[1]["custom_id"] == "demo/one/i00000#1" and rows[1]["url"] == "/v1/chat/completions"
    assert rows[1]["body"] == {
        "model": "ok",
        "messages": [{"role": "user", "content": "第0题"}],
        "temperature": 0.0,
        "max_tokens": 2048,
        "seed": 1,
    }


def test_items_of_several_turns_are_left_out_and_counted(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    job = Job(open_model(server.name("ok")), Settings(), tmp_path / "r")
    info = runs.RunInfo(job.model.name, job.settings)
    files, left_out = offline.write_requests(job, make_items(2, turns=({"user": "再来"},)), info)
    assert (files, left_out) == ([], 2)


def test_batch_results_in_any_order_find_their_items(make_items: Any, tmp_path: Path) -> None:
    make_run(tmp_path / "r", make_items(3))
    body = {
        "model": "x",
        "choices": [{"message": {"content": "<think>想</think>好"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    }
    rows = [
        {"custom_id": "demo/one/i00002#0", "response": {"status_code": 200, "body": body}, "error": None},
        {
            "custom_id": "demo/one/i00000#0",
            "response": {"status_code": 400, "body": {"error": {"message": "content_filter"}}},
        },
        {"custom_id": "nobody", "response": {"status_code": 200, "body": body}},
    ]
    done = offline.import_answers(tmp_path / "r", [write(tmp_path / "a.jsonl", *rows)])
    assert (done.taken, done.failed, done.strangers) == (1, 1, ["nobody"])
    [good] = [r for r in runs.read_replies(tmp_path / "r") if r.error is None]
    assert (good.item, good.text, good.reasoning, good.flags) == ("i00002", "好", "想", ("cut",))
    assert good.usage is not None and good.usage.completion == 4
    counts = runs.read_info(tmp_path / "r").counts
    assert (counts.answered, counts.failed, counts.missing, counts.failures) == (1, 1, 1, {"filtered": 1})


def test_plain_lines_fill_a_run_and_a_second_import_changes_nothing(make_items: Any, tmp_path: Path) -> None:
    make_run(tmp_path / "r", make_items(2), Settings(samples=2))
    rows = [
        {"id": "demo/one/i00000", "text": "甲"},
        {"id": "demo/one/i00000#1", "text": "乙"},
        {
            "probe": "demo/one",
            "item": "i00001",
            "sample": 0,
            "text": "丙",
            "tool_calls": [{"name": "查", "arguments": {"a": 1}}],
        },
        {"id": "i00001", "sample": 1, "text": "丁\u2028\ud83d".replace("\ud83d", "")},
    ]
    path = write(tmp_path / "a.jsonl", *rows)
    assert offline.import_answers(tmp_path / "r", [path]).taken == 4
    again = offline.import_answers(tmp_path / "r", [path])
    assert (again.taken, again.there) == (0, 4) and runs.read_info(tmp_path / "r").state == "done"
    assert texts(tmp_path / "r") == {
        "demo/one/i00000#0": "甲", "demo/one/i00000#1": "乙", "demo/one/i00001#0": "丙", "demo/one/i00001#1": "丁\u2028",
    }  # fmt: skip


def test_samples_of_lm_evaluation_harness_are_found_by_id_or_by_prompt(
    make_items: Any, tmp_path: Path
) -> None:
    make_run(tmp_path / "r", make_items(3))
    chat = json.dumps(
        [{"role": "system", "content": "s"}, {"role": "user", "content": "第2题"}], ensure_ascii=False
    )
    rows = [
        {
            "doc_id": 0,
            "doc": {"id": "demo/one/i00000"},
            "arguments": {"gen_args_0": {"arg_0": "x", "arg_1": {}}},
            "resps": [["一"]],
            "filtered_resps": ["一"],
        },
        {"doc_id": 1, "doc": {"q": 1}, "arguments": {"gen_args_0": {"arg_0": "第1题"}}, "resps": [["二"]]},
        {"doc_id": 2, "doc": {"q": 2}, "arguments": [[chat, {"until": []}]], "resps": [["三"]]},
    ]
    done = offline.import_answers(tmp_path / "r", [write(tmp_path / "samples_demo.jsonl", *rows)])
    assert done.taken == 3 and sorted(texts(tmp_path / "r").values()) == ["一", "三", "二"]


def inspect_sample(number: int, **fields: Any) -> dict[str, Any]:
    parts = [{"type": "reasoning", "reasoning": "想"}, {"type": "text", "text": f"答{number}"}]
    call = {"id": "c", "function": "查", "arguments": {"城市": "北京"}, "type": "function"}
    return {
        "id": f"demo/one/i{number:05}",
        "epoch": 1,
        "input": f"第{number}题",
        "output": {
            "choices": [
                {
                    "message": {"role": "assistant", "content": parts, "tool_calls": [call]},
                    "stop_reason": "max_tokens",
                }
            ],
            "usage": {"input_tokens": 5, "output_tokens": 6},
        },
        **fields,
    }


@pytest.mark.parametrize("kind", ["json", "eval"])
def test_an_inspect_log_is_read(kind: str, make_items: Any, tmp_path: Path) -> None:
    make_run(tmp_path / "r", make_items(2))
    samples = [inspect_sample(0), inspect_sample(1, error={"message": "boom"})]
    path = tmp_path / f"log.{kind}"
    if kind == "json":
        path.write_text(json.dumps({"version": 2, "samples": samples}), encoding="utf-8")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("header.json", "{}")
            for sample in samples:
                archive.writestr(f"samples/{sample['id'].replace('/', '_')}_epoch_1.json", json.dumps(sample))
    done = offline.import_answers(tmp_path / "r", [path])
    assert (done.taken, done.failed) == (1, 1)
    [reply] = [r for r in runs.read_replies(tmp_path / "r") if r.error is None]
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("答0", "想", "length")
    assert reply.tool_calls[0].arguments == '{"城市":"北京"}'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"id": "a"}\n', "known form"),
        (b"not json\n", "line 1: this line is not JSON"),
        ('{"id": "x", "text": "你好"}'.encode("gbk"), "not JSON in UTF-8"),
        (b'{"id": "x", "text": 3}\n', "id and text are wanted"),
        (b'{"doc_id": 1, "resps": [[1.5]]}\n', "not likelihoods"),
    ],
)
def test_a_file_that_is_not_understood_is_named_with_its_line(
    content: bytes, words: str, make_items: Any, tmp_path: Path
) -> None:
    make_run(tmp_path / "r", make_items(1))
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words):
        offline.import_answers(tmp_path / "r", [path])


def drive(name: str, folder: Path, selection: Any, **options: Any) -> runs.RunInfo:
    job = Job(open_model(name), Settings(), folder)
    info = runs.RunInfo(job.model.name, job.settings)
    return asyncio.run(offline.run_batch(job, selection, info, every=0.01, **options))


def test_the_batch_endpoint_is_driven_to_its_end(server: Any, make_items: Any, tmp_path: Path) -> None:
    server.server.batch_hiccups = 3
    said: list[str] = []
    info = drive(server.name("ok"), tmp_path / "r", make_items(25), most=10, tell=said.append)
    assert info.state == "done" and info.counts.answered == 25 and len(server.server.batches) == 3
    assert texts(tmp_path / "r")["demo/one/i00007#0"] == "答：第7题" and any(
        "completed" in line for line in said
    )


def test_what_a_batch_did_not_answer_is_sent_again(server: Any, make_items: Any, tmp_path: Path) -> None:
    info = drive(server.name("first-1-e500"), tmp_path / "r", make_items(8))
    assert info.state == "done" and info.counts.answered == 8 and len(server.server.batches) == 2
    assert set(server.server.seen.values()) == {2}


def test_a_stopped_batch_run_goes_on_and_pays_nothing_twice(
    server: Any, make_items: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    for moment in ("upload", "start", "look", "fetch"):
        plain = getattr(offline.Batches, moment)

        async def dies(self: Any, *given: Any, plain: Any = plain) -> Any:
            await plain(self, *given)  # the endpoint did it, but nobody wrote it down
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(offline.Batches, moment, dies)
            with pytest.raises(Killed):
                drive(server.name("ok"), tmp_path / "r", make_items(6))
    info = drive(server.name("ok"), tmp_path / "r", make_items(6))
    assert info.state == "done" and len(server.server.batches) == 1
    assert set(server.server.seen.values()) == {1}


def test_the_commands_write_and_take_in(server: Any, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from zhprobe.cli import main

    folder = tmp_path / "mine" / "demo"
    folder.mkdir(parents=True)
    (folder / "line.toml").write_text(
        'id = "demo/line"\nversion = 1\nasks = "?"\nsource = "s"\nlicence = "CC-BY-4.0"\ncanary = "c"\n'
        'prompt = "写一句话。"\n[[criterion]]\nid = "said"\ntext = "写了"\n[[item]]\nid = "one"\n',
        encoding="utf-8",
    )
    common = ["--probes", str(tmp_path / "mine"), "--out", str(tmp_path / "o")]
    wrote = CliRunner().invoke(main, ["requests", "demo", "-m", server.name("ok"), *common, "--name", "r"])
    assert wrote.exit_code == 0 and wrote.stdout.strip().endswith("requests-001.jsonl"), wrote.output
    answers = write(tmp_path / "a.jsonl", {"id": "demo/line/one", "text": "一句话"})
    took = CliRunner().invoke(main, ["import", str(answers), "--into", str(tmp_path / "o" / "r")])
    assert took.exit_code == 0 and "1 answers taken" in took.stdout, took.output
    made = CliRunner().invoke(
        main, ["import", str(answers), "-m", "their-model", "--select", "demo", *common]
    )
    assert made.exit_code == 0 and "1 of 1 answered" in made.stdout, made.output
    batched = CliRunner(env={"ZHPROBE_BATCH_POLL": "0.01"}).invoke(
        main, ["run", "demo", "--batch", "-m", server.name("ok"), *common, "--name", "b"]
    )
    assert batched.exit_code == 0 and "1 of 1 answered" in batched.stdout, batched.output
