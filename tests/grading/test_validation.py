"""A judge beside people (rubric contract, section 12)."""

import asyncio

import pytest

from zhprobe.grading.assignment import start_batch
from zhprobe.grading.batch import Annotator, Batch
from zhprobe.grading.judge import Judge
from zhprobe.grading.judge_run import judge_run
from zhprobe.grading.ledger import GradeEvent, Mark
from zhprobe.grading.validation import comparative, describe, validate_judges
from zhprobe.records import Criterion, Item, Reply
from zhprobe.stats.agreement import validate_judge

CRITERIA = (
    Criterion("limit", "指出时效为三年", evidence="optional"),
    Criterion("depth", "说得具体", evidence="optional", levels=("空", "半", "全")),
)


def items(count):
    return [
        Item("law/limits", f"i{n:03d}", ({"role": "user", "content": f"第{n}问"},), CRITERIA, digest=f"d{n}")
        for n in range(count)
    ]


def study(tmp_path, make_run, count=60, *, human=None, people=1, names=("one",)):
    """Runs judged by a judge that goes by the answer's last word, and graded by people."""
    human = human or {name: lambda n: n % 2 == 0 for name in names}
    runs = [
        make_run(
            tmp_path / name,
            f"maker/{name}",
            items(count),
            lambda item, _: f"回答 {'对' if int(item.id[1:]) % 2 == 0 else '错'}",
        )
        for name in names
    ]

    async def put(messages, settings):
        met = "回答 对" in messages[1]["content"]
        level = "说得具体" in messages[1]["content"]
        verdict = ("2" if met else "0") if level else ('"met"' if met else '"not_met"')
        return Reply("", "", "x", text=f'{{"quote": "", "reason": "", "verdict": {verdict}}}')

    for run in runs:
        asyncio.run(judge_run(run, [(Judge("judge-x"), put)], controls=False))
    team = [Annotator(f"a{n:02d}") for n in range(1, people + 1)]
    start_batch(runs, tmp_path / "b", team, double=1.0, gold=0, repeat=0)
    batch = Batch(tmp_path / "b")
    events = []
    for issue in batch.ledger.state.issued.values():
        answer = batch.answers[issue.answer]
        met = human[answer.run](int(answer.item[-3:]))
        verdict = ("2" if met else "0") if issue.criterion == "depth" else ("1" if met else "0")
        events.append(GradeEvent(issue.row_id, Mark(verdict), "page", "t"))
    batch.ledger.append(*events)
    return runs, batch


def test_the_table_of_the_contract_is_not_validated():
    result = validate_judge(118, 5, 2, 0)
    assert (round(result.kappa.value, 4), round(result.ac1.value, 4)) == (-0.0234, 0.9408)
    assert result.status != "validated"


def test_a_judge_that_agrees_is_validated_per_criterion_and_overall(tmp_path, make_run):
    runs, batch = study(tmp_path, make_run, 60)
    (found,) = validate_judges(runs, [batch.folder])
    assert found.status() == found.status("law/limits", "limit") == "validated"
    assert found.status("law/limits", "never_graded") == "unvalidated"
    assert found.overall.validation.n == 120 and found.gaps["maker/one"].value == 0
    depth = next(c for c in found.criteria if c.criterion == "depth")
    assert depth.ac2.value == 1.0 and depth.ac2_units == 60
    assert list(found.each) == ["a01"] and "已校验" in describe(found)


@pytest.mark.parametrize(("count", "status"), [(19, "unvalidated"), (30, "provisional")])
def test_a_small_sample_does_not_validate(tmp_path, make_run, count, status):
    runs, batch = study(tmp_path, make_run, count)
    (found,) = validate_judges(runs, [batch.folder])
    assert found.status("law/limits", "limit") == status


def test_a_judge_that_says_otherwise_is_rejected(tmp_path, make_run):
    runs, batch = study(tmp_path, make_run, 60, human={"one": lambda n: n % 2 == 1})
    (found,) = validate_judges(runs, [batch.folder])
    assert found.status() == "rejected" and "不可信，改由人工" in describe(found)


def test_a_judge_that_favours_one_model_is_told_apart(tmp_path, make_run):
    human = {"one": lambda n: n % 2 == 0, "two": lambda n: n % 4 == 0}
    runs, batch = study(tmp_path, make_run, 80, human=human, names=("one", "two"))
    (found,) = validate_judges(runs, [batch.folder])
    assert found.gaps["maker/one"].value == 0 and found.gaps["maker/two"].value == pytest.approx(0.25)
    assert found.gaps_apart.value == pytest.approx(0.25) and found.gaps_apart.low > 0
    assert "裁判对各模型偏差不同" in describe(found)


def test_two_people_are_shown_beside_the_judge(tmp_path, make_run):
    runs, batch = study(tmp_path, make_run, 40, people=2)
    (found,) = validate_judges(runs, [batch.folder])
    assert set(found.each) == {"a01", "a02"} and found.overall.validation.n == 80
    assert "people among themselves" in describe(found, "en") or found.people == ()


@pytest.mark.parametrize("status", ["provisional", "rejected", "unvalidated"])
def test_only_a_validated_judge_may_call_a_model_better(status):
    assert comparative(status) == "裁判认为" and comparative("validated") == ""
