"""Batches to grade, made by hand."""

import json
from pathlib import Path

import pytest

from zhprobe.grading.batch import Answer, Batch, BatchInfo, write_batch
from zhprobe.grading.ledger import Issue
from zhprobe.grading.sheet import row_check, row_id
from zhprobe.records import Criterion

SHEETS = Path(__file__).parent / "sheets"


def make_batch(folder, answers, *, annotators=("a01",), batch="demo-b1", **info):
    """A batch in which every annotator has every criterion of every answer."""
    write_batch(folder, BatchInfo(id=batch, annotators=tuple(annotators), **info), answers, ())
    made = Batch(folder)
    for who in annotators:
        issues = []
        for answer in answers:
            for criterion in answer.criteria:
                name = row_id(batch, who, answer.id, criterion.id)
                place = len(issues) + 1
                issue = Issue(batch, who, name, answer.id, criterion.id, criterion.version, place, "")
                row = made.row(issue)
                issues.append(
                    Issue(batch, who, name, answer.id, criterion.id, criterion.version, place, row_check(row))
                )
        made.ledger.append(*issues)
    return made


@pytest.fixture(name="make_batch")
def batch_maker():
    """The function that makes a batch."""
    return make_batch


@pytest.fixture
def issued(tmp_path):
    """The batch that the damaged sheets were issued from."""
    rows = json.loads((SHEETS / "issued.json").read_text(encoding="utf-8"))["rows"]
    answers = {}
    for row in rows:
        known = answers.get(row["reply_id"])
        criterion = Criterion(row["criterion_id"], row["criterion"], na_allowed=True, kind="human")
        criteria = (*(known.criteria if known else ()), criterion)
        answers[row["reply_id"]] = Answer(row["reply_id"], row["prompt"], row["answer"], criteria)
    batch = make_batch(tmp_path / "demo-b1", list(answers.values()))
    assert {r["row_id"]: r["chk"] for r in rows} == {
        i.row_id: i.chk for i in batch.ledger.state.issued.values()
    }
    return batch
