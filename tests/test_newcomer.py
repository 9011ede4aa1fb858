"""What a newcomer types wrongly is answered with where, what and what to do."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from zhprobe.cli import main
from zhprobe.errors import UserError
from zhprobe.models.providers import load_table, parse_name


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize("command", ["scan", "cite", "wu"])
def test_a_text_that_is_not_utf8_is_said_with_the_way_out(command: str, tmp_path: Path) -> None:
    text = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"
    (gbk := tmp_path / "gbk.txt").write_bytes(text.encode("gbk"))
    code, said = run(command, str(gbk))
    assert code == 2 and f"{gbk}: not UTF-8 (byte 0)" in said and f"iconv -f GB18030 -t UTF-8 {gbk}" in said
    (binary := tmp_path / "x.bin").write_bytes(b"\0\xff\xfe")
    code, said = run(command, str(binary))
    assert code == 2 and "Give a text file." in said and "iconv" not in said
    (marked := tmp_path / "bom.txt").write_bytes(text.encode("utf-8-sig"))
    code, said = run(command, str(marked))
    assert code == 0 and "\ufeff" not in said


def test_nothing_to_check_is_no_success() -> None:
    code, said = run("probes", "check", "--only")
    assert code == 2 and "--only: no folder is given" in said


def test_a_misspelt_probe_is_answered_with_the_nearest() -> None:
    code, said = run("probes", "check", "poetrry")
    assert code == 2 and "Did you mean 'poetry'?" in said


def test_a_probe_name_that_would_not_load_is_refused_at_once(tmp_path: Path) -> None:
    code, said = run("probes", "new", "Cooking/Recipes", "--in", str(tmp_path))
    assert code == 2 and "lower-case" in said and not list(tmp_path.iterdir())


def test_an_address_without_its_scheme_is_given_back_mended() -> None:
    with pytest.raises(UserError) as error:
        parse_name("api/m1@127.0.0.1:8000", load_table())
    assert error.value.fix == "Write api/m1@http://127.0.0.1:8000/v1."


def test_a_long_text_with_many_marks_is_shown_soon(tmp_path: Path) -> None:
    (letter := tmp_path / "letter.txt").write_text("侬今朝到啥地方去？我勿晓得。\n" * 3000, encoding="utf-8")
    started = time.monotonic()
    code, said = run("wu", "--lang", "en", str(letter))
    assert code == 0 and said.count("[勿晓得]") == 3000
    assert time.monotonic() - started < 20


def test_a_server_that_is_not_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    words = ["run", "-m", "api/x@http://127.0.0.1:9/v1", "poetry/quatrain-five", "--limit", "1"]
    code, said = run(*words, "--out", str(tmp_path))
    assert code == 2 and "Start the server, or check the address after @" in said
    assert "given up: given up" not in said


def test_after_a_run_the_next_command_is_named(tmp_path: Path) -> None:
    code, said = run(
        "run", "-m", "specimen/met", "poetry/quatrain-five", "--limit", "1", "--out", str(tmp_path)
    )
    assert code == 0 and f"zhprobe report {tmp_path / 'specimen_met'}" in said


def test_the_plan_counts_items_as_reports_do() -> None:
    _, said = run("plan", "-m", "specimen/met", "--lang", "en", "shanghainese")
    first, *_ = said.splitlines()
    counted = sum(
        int(line.split("shanghainese: ")[1].split()[0])
        for line in said.splitlines()
        if "shanghainese: " in line
    )
    assert first.startswith(f"{counted} items of ") and "respellings" in first


def test_requests_given_as_answers_are_refused_and_a_lone_surrogate_is_taken(tmp_path: Path) -> None:
    model = ["-m", "api/x@http://127.0.0.1:9/v1", "--out", str(tmp_path), "--name", "r", "--limit", "1"]
    code, _ = run("requests", *model, "poetry/quatrain-five")
    assert code == 0
    sent = tmp_path / "r" / "requests-001.jsonl"
    code, said = run("import", "--into", str(tmp_path / "r"), str(sent))
    assert code == 2 and "this is a request (requests-….jsonl), not an answer" in said
    names = [json.loads(line)["custom_id"] for line in sent.read_text(encoding="utf-8").splitlines()]
    body = {"choices": [{"message": {"content": "好\ud83d"}, "finish_reason": "stop"}]}
    answers = tmp_path / "answers.jsonl"
    rows = [{"custom_id": name, "response": {"status_code": 200, "body": body}} for name in names]
    answers.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    code, said = run("import", "--into", str(tmp_path / "r"), str(answers))
    assert code == 0 and f"{len(names)} answers taken, 0 failures" in said


def test_the_list_of_commands_is_not_cut_short() -> None:
    for words in ((), ("probes",), ("rubric",)):
        code, said = run(*words, "--help")
        assert code == 0 and "..." not in said.split("Commands:")[1]
