"""Whatever endpoints, disks and people do, a run's record is whole."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from zhprobe import runs
from zhprobe.errors import UserError
from zhprobe.models import open_model
from zhprobe.models.limits import Patience
from zhprobe.records import Settings
from zhprobe.runner import Job, run

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE)}


@contextlib.contextmanager
def own_server(*options: str) -> Iterator[str]:
    """A server in a process of its own, that outlives the clients that are killed."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def seen(url: str) -> dict[str, int]:
    with urllib.request.urlopen(f"{url}/stats") as response:
        counts: dict[str, int] = json.load(response)["seen"]
    return counts


def start(folder: Path, count: int, url: str, *models: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / "driver.py"), str(folder), str(count), f"{url}/v1", *models],
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def finish(process: subprocess.Popen[str], timeout: float = 120) -> tuple[str, str]:
    out, err = process.communicate(timeout=timeout)
    return out, err


def until(claim: Callable[[], bool]) -> None:
    """Wait for what another process is to do; a busy machine is given a minute."""
    deadline = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.05)


def whole(path: Path) -> list[bytes]:
    """Lines of a journal that were written to their end."""
    if not path.exists():
        return []
    return [line for line in path.read_bytes().split(b"\n")[:-1] if line]


def test_one_call_in_five_misbehaving_ends_with_every_item_answered_once(
    start_server: Any, make_items: Any, tmp_path: Path
) -> None:
    server = start_server(delay=0.02, slow=0.2)
    # what stalls here is silent for good; the rest is given far longer than it needs on a busy machine
    settings = Settings(timeout=60.0, stall_timeout=1.5)
    patience = Patience(shortest=0.05, longest=0.4)
    for model in ("ok", "faulty-20-7"):
        job = Job(open_model(server.name(model), concurrency=16), settings, tmp_path / model)
        [info] = run([job], make_items(600), patience=patience)
        assert info.state == "done" and info.counts.answered == 600
    ids = Counter(r.id for r in runs.read_replies(tmp_path / "faulty-20-7"))
    assert set(ids.values()) == {1} and len(whole(tmp_path / "faulty-20-7" / "replies.jsonl")) == 600
    named = {"rate_limit", "server_error", "dropped", "cut_body", "malformed_body", "stalled", "cut_character", "wrong_content_type"}  # fmt: skip
    assert set(info.counts.faults) == named
    assert sum(info.counts.faults.values()) == len(whole(tmp_path / "faulty-20-7" / "faults.jsonl"))
    assert info.counts.attempts == 600 + sum(info.counts.faults.values())


def test_a_server_that_always_fails_is_given_up_after_few_calls(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    [info] = run([Job(open_model(server.name("e500")), Settings(), tmp_path / "r")], make_items(10000))
    assert info.state == "given up" and info.counts.missing == 10000
    assert len(server.server.bodies) < 100


def test_items_whose_answers_are_never_readable_neither_stop_a_run_nor_its_resumption(
    start_server: Any, make_items: Any, tmp_path: Path
) -> None:
    server = start_server()
    server.server.way = lambda model, prompt, attempt: "wrong_json" if prompt.endswith("1题") else "ok"
    patience = Patience(shortest=0.01, longest=0.05, hopeless=0.5, outage=3.0)
    for _ in range(2):  # the second time nothing but the unreadable ones is left
        started = time.monotonic()
        [info] = run(
            [Job(open_model(server.name("ok"), concurrency=8), Settings(), tmp_path / "r")],
            make_items(200),
            patience=patience,
        )
        assert time.monotonic() - started < 20
        assert info.state == "short" and info.counts.answered == 180 and info.counts.failed == 20
        assert info.counts.failures == {"malformed_body": 20}


def test_a_server_that_comes_back_is_waited_for(start_server: Any, make_items: Any, tmp_path: Path) -> None:
    server = start_server()
    original = server.server.way
    calls = itertools.count()

    def way(model: str, prompt: str, attempt: int) -> str:
        return "e503" if 40 <= next(calls) < 80 else str(original(model, prompt, attempt))

    server.server.way = way
    server.server.delay = 0.02
    patience = Patience(attempts=3, shortest=0.02, longest=0.05)
    [info] = run(
        [Job(open_model(server.name("ok"), concurrency=8), Settings(), tmp_path / "r")],
        make_items(400),
        patience=patience,
    )
    assert info.state == "done" and info.counts.faults == {"server_error": 40}


def test_refusals_for_speed_shrink_the_flow_and_it_recovers(
    start_server: Any, make_items: Any, tmp_path: Path
) -> None:
    server = start_server(delay=0.03)
    original = server.server.way

    def way(model: str, prompt: str, attempt: int) -> str:
        return "rate" if server.server.flying > 4 else str(original(model, prompt, attempt))

    server.server.way = way
    patience = Patience(shortest=0.05, longest=0.3, attempts=30)
    [info] = run(
        [Job(open_model(server.name("ok"), concurrency=32), Settings(), tmp_path / "r")],
        make_items(400),
        patience=patience,
    )
    assert info.state == "done" and info.model_facts["gate"]["lowest_concurrency"] <= 16
    assert info.counts.faults["rate_limit"] < 400


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fifty_kills_lose_no_written_reply_and_repeat_no_finished_one(tmp_path: Path) -> None:
    chance = random.Random(11)
    kills = 0
    with own_server("--delay", "0.01") as url:
        round_number = 0
        while kills < 50:
            round_number += 1
            models = [f"faulty-5-{round_number}{n}" for n in range(1 + round_number % 4)]
            folder = tmp_path / f"round{round_number}"
            kept: dict[int, list[bytes]] = {n: [] for n in range(len(models))}
            asked: dict[str, int] = {}
            while True:
                process = start(folder, 700, url, *models)
                try:
                    out, err = finish(process, timeout=chance.uniform(0.3, 1.6))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
                    kills += 1
                    out = ""
                counts = seen(url)
                for number, model in enumerate(models):
                    lines = whole(folder / str(number) / "replies.jsonl")
                    assert lines[: len(kept[number])] == kept[number], "a written reply is gone"
                    for line in kept[number]:
                        name = f"{model} 第{int(json.loads(line)['item'][1:])}题"
                        assert counts[name] == asked.get(name, counts[name]), (
                            "a finished reply was asked again"
                        )
                    kept[number] = lines
                asked = counts
                if out:
                    assert out.split() == ["done"] * len(models), err
                    break
            for number in range(len(models)):
                ids = Counter(
                    json.loads(line)["item"] for line in whole(folder / str(number) / "replies.jsonl")
                )
                assert len(ids) == 700 and set(ids.values()) == {1}
                info = runs.read_info(folder / str(number))
                assert info.state == "done" and info.counts.answered == 700


@pytest.mark.slow
def test_ctrl_c_stops_softly_says_how_to_go_on_and_goes_on(tmp_path: Path) -> None:
    with own_server("--delay", "0.05") as url:
        process = start(tmp_path, 2000, url, "ok")
        until(lambda: len(seen(url)) > 50)
        process.send_signal(signal.SIGINT)
        out, err = finish(process)
        assert out.strip() == "stopped", err
        info = runs.read_info(tmp_path / "0")
        assert 0 < info.counts.answered < 2000 and info.counts.answered + info.counts.missing == 2000
        assert info.stints[-1].note == "stopped by hand"
        out, err = finish(start(tmp_path, 2000, url, "ok"))
        assert out.strip() == "done", err
        assert max(seen(url).values()) == 1


@pytest.mark.slow
def test_a_second_ctrl_c_leaves_at_once_without_a_traceback(tmp_path: Path) -> None:
    with own_server("--delay", "60") as url:
        process = start(tmp_path, 50, url, "ok")
        until(lambda: bool(seen(url)))
        process.send_signal(signal.SIGINT)
        time.sleep(1.0)
        assert process.poll() is None, "the first one waits for what is on its way"
        process.send_signal(signal.SIGINT)
        out, err = finish(process)
        assert out.strip() == "stopped" and "Traceback" not in err, err
        assert runs.read_info(tmp_path / "0").counts.missing == 50


@pytest.mark.slow
def test_the_second_of_two_processes_on_one_folder_says_so_and_leaves(tmp_path: Path) -> None:
    with own_server("--delay", "0.05") as url:
        first = start(tmp_path, 600, url, "ok")
        until((tmp_path / "0" / "run.json").exists)
        _, err = finish(start(tmp_path, 600, url, "ok"))
        assert "another process is writing here" in err
        out, err = finish(first)
        assert out.strip() == "done", err
        assert max(seen(url).values()) == 1


@pytest.mark.slow
def test_a_full_disk_ends_with_clear_words_and_nothing_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file size limit of the process stands for the disk's end."""
    import resource

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    monkeypatch.setitem(ENVIRONMENT, "SAMPLES", "5")
    with own_server() as url:
        process = start(tmp_path, 400, url, "ok", preexec_fn=limit)
        _, err = finish(process)
        assert process.returncode != 0 and "UserError" in err and "replies.jsonl" in err
        lines = whole(tmp_path / "0" / "replies.jsonl")
        assert 0 < len(lines) < 2000
        out, err = finish(start(tmp_path, 400, url, "ok"))
        assert out.strip() == "done", err
        after = whole(tmp_path / "0" / "replies.jsonl")
        assert after[: len(lines)] == lines and len(after) == 2000


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="needs the right to mount")
@pytest.mark.slow
def test_a_file_system_without_space_is_said_to_be_full(make_items: Any, server: Any, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        with pytest.raises(UserError, match="the disk is full"):
            run([Job(open_model(server.name("ok")), Settings(), small / "r")], make_items(2000))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_folder_without_the_right_to_write_is_said_to_be_so(
    server: Any, make_items: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    target.write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="a file stands where a folder was expected"):
        run([Job(open_model(server.name("ok")), Settings(), target / "r")], make_items(2))


def test_planted_keys_appear_in_no_file_log_or_traceback(
    server: Any,
    make_items: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    import logging

    from click.testing import CliRunner

    from zhprobe.cli import main

    caplog.set_level(logging.DEBUG)
    secrets = {
        "env": "sk-planted-environment-1111",
        "file": "sk-planted-file-2222",
        "url": "planted-password-3333",
        "query": "planted-query-4444",
    }
    (tmp_path / "key.txt").write_text(secrets["file"], encoding="utf-8")
    table = tmp_path / "models.toml"
    table.write_text(
        f'[model.filed]\nmodel = "api/key@{server.url}"\nkey_file = "{tmp_path / "key.txt"}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("ZHPROBE_MODELS", str(table))
    monkeypatch.setenv("ZHPROBE_API_KEY", secrets["env"])
    probes = tmp_path / "mine" / "demo"
    probes.mkdir(parents=True)
    (probes / "line.toml").write_text(
        'id = "demo/line"\nversion = 1\nasks = "?"\nsource = "s"\nlicence = "CC-BY-4.0"\ncanary = "c"\n'
        'prompt = "写一句话。"\n[[criterion]]\nid = "said"\ntext = "写了"\n[[item]]\nid = "one"\n',
        encoding="utf-8",
    )
    with_password = server.url.replace("://", f"://me:{secrets['url']}@") + f"?key={secrets['query']}"
    ways = [
        server.name("key"), server.name("echo-key"), server.name("ok"), "filed",
        f"api/key@{with_password}", f"api/elsewhere@{with_password}", f"api/html@{with_password}",
        f"api/ok@http://me:{secrets['url']}@127.0.0.1:9/v1?key={secrets['query']}",
        f"api/ok@htp://me:{secrets['url']}@x/v1",
    ]  # fmt: skip
    shown = ""
    out = tmp_path / "results"
    for number, way in enumerate(ways):
        argv = [
            "run",
            "demo",
            "--probes",
            str(tmp_path / "mine"),
            "-m",
            way,
            "--out",
            str(out / str(number)),
            "--outage",
            "1",
        ]
        monkeypatch.setattr(sys, "argv", ["zhprobe", *argv])
        done = CliRunner().invoke(main, argv)
        shown += done.output + repr(done.exception)
    shown += caplog.text
    files = "".join(p.read_text(encoding="utf-8", errors="replace") for p in out.rglob("*") if p.is_file())
    assert len(files) > 5000 and "the key was not accepted" in shown
    for secret in secrets.values():
        assert secret not in files and secret not in shown
