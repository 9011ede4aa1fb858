"""The whole line on what comes embedded."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from zhprobe.cli import main
from zhprobe.demo import demo
from zhprobe.records import Grade
from zhprobe.runs import read_grades, read_items, read_replies


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo")
    done = CliRunner().invoke(main, ["demo", "--out", str(out), "--lang", "en"])
    assert done.exit_code == 0, done.output
    return out, done.output


def test_the_demo_says_where_the_report_lies_and_that_these_are_no_models(made: tuple[Path, str]) -> None:
    out, said = made
    (report,) = out.glob("demo-*/report.html")
    assert f"Report: {report}" in said
    assert "These are not models" in said


def points(folder: Path) -> dict[tuple[str, str], int]:
    return {
        (selected.item.key, criterion.id): criterion.points
        for selected in read_items(folder)
        for criterion in selected.item.criteria
    }


def falls_short(grade: Grade, worth: dict[tuple[str, str], int]) -> bool:
    wanted = worth[grade.reply.partition("#")[0], grade.criterion] > 0
    return grade.verdict.outcome not in (("met", "na") if wanted else ("not_met", "na"))


def test_the_ceiling_meets_every_check(made: tuple[Path, str]) -> None:
    (folder,) = made[0].glob("demo-*/met")
    worth = points(folder)
    assert [(g.reply, g.criterion) for g in read_grades(folder) if falls_short(g, worth)] == []


def test_every_near_miss_fails_something(made: tuple[Path, str]) -> None:
    (folder,) = made[0].glob("demo-*/near-miss")
    worth = points(folder)
    failed = {g.reply for g in read_grades(folder) if falls_short(g, worth)}
    assert {reply.id for reply in read_replies(folder)} == failed


def test_a_second_demo_asks_nothing_again(made: tuple[Path, str]) -> None:
    (folder,) = made[0].glob("demo-*")
    before = (folder / "met" / "replies.jsonl").read_bytes()
    again = demo(made[0])
    assert again.folder == folder
    assert (folder / "met" / "replies.jsonl").read_bytes() == before
