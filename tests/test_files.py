"""What is written stays written."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.errors import UserError
from zhprobe.files import Journal, Lock, digest, encode, read_jsonl, write_whole


class Line(msgspec.Struct):
    text: str


def test_what_is_appended_is_read_back_in_order(tmp_path: Path) -> None:
    with Journal(tmp_path / "a.jsonl") as journal:
        journal.append(Line("一"), Line("二\n三"))
        journal.append(Line("𠮷"))
    assert [line.text for line in read_jsonl(tmp_path / "a.jsonl", Line)] == ["一", "二\n三", "𠮷"]


@pytest.mark.parametrize("torn", ['{"text":"四', "{", "x" * 200_000])
def test_a_torn_last_line_is_left_out_by_readers_and_set_aside_by_the_next_writer(
    tmp_path: Path, torn: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text":"一"}\n' + torn, encoding="utf-8")
    assert [line.text for line in read_jsonl(path, Line)] == ["一"]
    with Journal(path) as journal:
        assert journal.torn == len(torn.encode())
        journal.append(Line("二"))
    assert [line.text for line in read_jsonl(path, Line)] == ["一", "二"]
    assert (tmp_path / "a.jsonl.torn").read_text(encoding="utf-8") == torn + "\n"


def test_a_bad_line_in_the_middle_is_an_error_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text":"一"}\nrubbish\n{"text":"二"}\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"a\.jsonl, line 2"):
        list(read_jsonl(path, Line))


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from zhprobe.files import Lock; import sys\n"
        "with Lock(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.readline()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline() == "held\n"
    with (
        pytest.raises(UserError, match=f"another process is writing here \\(pid {holder.pid}\\)"),
        Lock(tmp_path),
    ):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with Lock(tmp_path):
        pass


def test_a_full_disk_is_said_in_words_and_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Journal(path) as journal:
            journal.append(Line("一"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (40, before[1]))
            with pytest.raises(UserError, match=r"a\.jsonl"):
                journal.append(Line("二" * 100))
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            journal.append(Line("三"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert [line.text for line in read_jsonl(path, Line)] == ["一", "三"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(UserError, match="no permission"):
        write_whole(tmp_path / "closed" / "x.json", "{}")


def test_a_whole_file_replaces_the_old_one(tmp_path: Path) -> None:
    write_whole(tmp_path / "x" / "a.txt", "旧")
    write_whole(tmp_path / "x" / "a.txt", "新")
    assert (tmp_path / "x" / "a.txt").read_text(encoding="utf-8") == "新"
    assert [p.name for p in (tmp_path / "x").iterdir()] == ["a.txt"]


@given(st.text())
def test_any_text_survives_encoding(text: str) -> None:
    assert json.loads(encode({"t": text}))["t"] == text


def test_a_lone_surrogate_is_kept_as_an_escape() -> None:
    assert json.loads(encode({"t": "\ud83d"}))["t"] == "\ud83d"


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=5))
def test_a_digest_does_not_depend_on_key_order(table: dict[str, int]) -> None:
    assert digest(table) == digest(dict(reversed(list(table.items()))))
