"""Batches to grade, made by hand."""

import json
from pathlib import Path

import pytest

from zhprobe.files import write_jsonl
from zhprobe.grading.batch import Answer, Batch, BatchInfo, write_batch
from zhprobe.grading.ledger import Issue
from zhprobe.grading.sheet import row_check, row_id
from zhprobe.records import Criterion, Item, Reply, Settings, Specimen
from zhprobe.runs import ProbeNote, RunInfo, Selected, create_run

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


def make_run(folder, model, items, answer, *, samples=1):
    """A run of a model: `answer(item, sample)` gives the text, or a Reply's fields."""
    probe = ProbeNote("law/limits", "law", 1, "d")
    create_run(folder, RunInfo(model, Settings()), [Selected(probe, item) for item in items])
    replies = []
    for item in items:
        for sample in range(samples):
            given = answer(item, sample)
            fields = given if isinstance(given, dict) else {"text": given, "finish_reason": "stop"}
            replies.append(Reply(item.probe, item.id, model, sample, **fields))
    write_jsonl(folder / "replies.jsonl", replies)
    return folder


@pytest.fixture(name="make_run")
def run_maker():
    """The function that makes a run."""
    return make_run


def law_items(count):
    """Items with two criteria for people and one check."""
    criteria = (
        Criterion("form", "有两句话", kind="check", check={"x": {}}),
        Criterion("limit", "指出时效为三年", points=3, evidence="optional"),
        Criterion("invented", "编造了法条", points=-2, kind="human"),
    )
    return [
        Item(
            "law/limits",
            f"i{n:03d}",
            ({"role": "user", "content": f"第{n}问：诉讼时效多久？"},),
            criteria,
            reference="民法典第188条",
            specimens=(Specimen("诉讼时效期间为三年。", {"limit": "met", "invented": "not_met"}),),
            digest=f"d{n}",
        )
        for n in range(count)
    ]


@pytest.fixture(name="law_items")
def law_item_maker():
    """The function that makes items."""
    return law_items
