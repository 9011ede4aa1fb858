"""Checks in worker processes while replies come in give the verdicts of a scoring afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zhprobe import runs
from zhprobe.grading.along import Along, finish
from zhprobe.grading.automatic import current_grades, grade_run
from zhprobe.models import open_model
from zhprobe.records import Criterion, Settings
from zhprobe.runner import Job, run

SHORT = Criterion("short", "不超过四个汉字", check={"length_total": {"unit": "han", "max": 4}})


@pytest.mark.slow
def test_verdicts_along_the_way_are_those_of_a_scoring_afterwards(
    server: Any, make_items: Any, tmp_path: Path
) -> None:
    selection = make_items(300)
    checked = [
        runs.Selected(
            s.probe, type(s.item)(s.item.probe, s.item.id, s.item.messages, (SHORT,), digest=s.item.digest)
        )
        for s in selection()
    ]
    along = Along(workers=1, begin_at=64)
    job = Job(open_model(server.name("ok")), Settings(), tmp_path / "r")
    [info] = run([job], lambda: checked, along=along)
    assert info.state == "done" and 192 <= along.written <= 300
    finish(tmp_path / "r")
    grades = current_grades(runs.read_grades(tmp_path / "r"))
    assert len(grades) == 300 and len(list(runs.read_grades(tmp_path / "r"))) == 300
    again = grade_run(tmp_path / "r")
    assert again.written == 0 and again.verdicts == 300
    outcomes = {g.verdict.outcome for g in grades.values()}
    assert outcomes <= {"met", "not_met"} and outcomes
