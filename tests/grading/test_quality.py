"""Adjudication, calibration and the figures of annotators (human-grading contract, section 9)."""

import pytest

from zhprobe.grading.adjudicate import differences, discussion, take_adjudication, void, write_adjudication
from zhprobe.grading.batch import Answer, Batch, settled_verdicts
from zhprobe.grading.calibration import annotator_figures, people_agreement, progress
from zhprobe.grading.ledger import GradeEvent, Issue, Mark
from zhprobe.grading.sheet_read import find_columns, read_table
from zhprobe.records import Criterion


def answers(count, long=False):
    criteria = (
        Criterion("limit", "指出时效为三年", kind="human"),
        Criterion("law", "写明法条", kind="human"),
    )
    return [
        Answer(
            f"m/x{n}",
            f"第{n}问",
            "答" * (300 if long else 3),
            criteria,
            run="m",
            reply=f"x{n}",
            item=f"i{n}",
            group=f"i{n}",
        )
        for n in range(count)
    ]


def put(batch, who, verdicts, **mark):
    """Marks for an annotator's rows, in order of the sheet; '' leaves one open."""
    rows = batch.ledger.state.rows_of(who)
    batch.ledger.append(
        *(
            GradeEvent(row.row_id, Mark(v, **mark), "page", f"2026-01-01T00:{n // 60:02d}:{n % 60:02d}")
            for n, (row, v) in enumerate(zip(rows, verdicts, strict=False))
            if v
        )
    )


def test_an_adjudicator_sees_both_verdicts_without_names_and_settles_them(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(3), annotators=("a01", "a02"))
    put(batch, "a01", "111111", note="甲说")
    put(batch, "a02", "110111", note="乙说")
    (_, table), rows = write_adjudication(batch, tmp_path / "out")
    assert rows == 1
    lines, _ = find_columns(read_table(table.read_bytes()))
    given = lines[0].cells["given"]
    assert "甲说" in given and "乙说" in given and "a01" not in given
    assert sorted(part[4] for part in given.split("\n")) == ["0", "1"]
    (split,) = [s for s in settled_verdicts(batch.folder) if s.how == "split"]
    assert split.verdict.outcome == "unsure"

    filled = table.read_text(encoding="utf-8-sig").replace('"","",', '"0","看漏",', 1)
    (tmp_path / "done.csv").write_text(filled, encoding="utf-8")
    done = take_adjudication(batch, tmp_path / "done.csv")
    assert (done.appended, done.exit_code) == (1, 0)
    (settled,) = [s for s in settled_verdicts(batch.folder) if s.how == "adjudicated"]
    assert (settled.verdict.outcome, settled.reason) == ("not_met", "看漏")
    before = (batch.folder / "grades.jsonl").read_bytes()
    assert take_adjudication(Batch(batch.folder), tmp_path / "done.csv").appended == 0
    assert take_adjudication(Batch(batch.folder), write_again(batch, tmp_path)).appended == 0
    lines = (batch.folder / "grades.jsonl").read_bytes()[len(before) :].splitlines()
    assert all(b'"event":"import"' in line for line in lines)


def write_again(batch, tmp_path):
    return write_adjudication(Batch(batch.folder), tmp_path / "again")[0][0]


def test_adjudicated_verdicts_do_not_enter_agreement(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(30), annotators=("a01", "a02"))
    put(batch, "a01", "10" * 30)
    put(batch, "a02", "11" * 30)
    before = people_agreement(batch)
    write_adjudication(batch, tmp_path)
    assert people_agreement(batch) == before
    assert [c.criterion for c in before] == ["law", "limit", ""]
    assert before[0].agreement.percent.value == 0.0 and before[1].agreement.percent.value == 1.0
    assert before[2].agreement.percent.value == 0.5


def test_under_twenty_doubled_answers_no_agreement_is_told(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(19), annotators=("a01", "a02"))
    put(batch, "a01", "11" * 19)
    put(batch, "a02", "11" * 19)
    assert [(c.agreement.units, c.agreement.note) for c in people_agreement(batch)][:2] == [
        (19, "too_few")
    ] * 2


def test_a_majority_settles_without_an_adjudicator(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(1), annotators=("a01", "a02", "a03"))
    for who, verdicts in (("a01", "11"), ("a02", "10"), ("a03", "10")):
        put(batch, who, verdicts)
    assert {s.criterion: (s.how, s.verdict.outcome) for s in settled_verdicts(batch.folder)} == {
        "limit": ("agreed", "met"),
        "law": ("majority", "not_met"),
    }


def test_the_discussion_lists_split_criteria_most_split_first(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(4), annotators=("a01", "a02"))
    put(batch, "a01", "11111111")
    put(batch, "a02", "10101101")
    text = discussion(batch)
    assert text.index("写明法条（law，2）") < text.index("指出时效为三年（limit，1）")
    assert "1 × 1，0 × 1" in text and "a01" not in text


def test_figures_count_what_they_say(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(10), annotators=("a01", "a02"))
    put(batch, "a01", "U" + "1" * 15, sec=10)
    put(batch, "a02", "1" * 20, sec=20)
    one = annotator_figures(batch, "a01")
    assert (one.issued, one.done, one.median_seconds, one.unsure.value) == (20, 16, 10, 1 / 16)
    assert (one.others.value, one.others.n) == (15 / 16, 16)
    assert (one.met.value, one.met_others.value, one.met.n) == (1.0, 1.0, 15)
    assert [a.done for a in progress(batch).annotators] == [16, 20]


def test_quick_verdicts_on_long_answers_are_flagged_and_still_count(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(10, long=True), annotators=("a01", "a02"))
    put(batch, "a01", "1" * 20, sec=2)
    put(batch, "a02", "1" * 20, sec=60)
    assert [annotator_figures(batch, a).flags for a in ("a01", "a02")] == [("speed",), ()]
    assert len(batch.grades()) == 40


@pytest.mark.parametrize(("late", "flags"), [("1", ()), ("0", ("drift_strictness",))])
def test_drift_is_flagged_only_when_the_intervals_are_apart(tmp_path, make_batch, late, flags):
    batch = make_batch(tmp_path / "b", answers(30), annotators=("a01", "a02"))
    put(batch, "a01", "1" * 40 + late * 20)
    put(batch, "a02", "1" * 60)
    assert annotator_figures(batch, "a01").flags == flags


def test_gold_and_repeats_measure_an_annotator_and_nothing_else(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(2), annotators=("a01",))
    first = batch.ledger.state.rows_of("a01")[0]
    extra = [
        Issue("demo-b1", "a01", "RGOLD", "m/x0", "limit", 1, 9, "k", sample="gold", gold="0"),
        Issue(
            "demo-b1", "a01", "RAGAIN", "m/x0", "limit", 1, 10, "k", sample="repeat", repeat_of=first.row_id
        ),
    ]
    batch.ledger.append(*extra)
    put(batch, "a01", "111100")
    figures = annotator_figures(batch, "a01")
    assert (figures.gold.value, figures.itself.value) == (1.0, 0.0)
    assert len(batch.grades()) == 4


def test_voided_grades_no_longer_count_and_stay_in_the_ledger(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", answers(2), annotators=("a01", "a02"))
    put(batch, "a01", "1111")
    put(batch, "a02", "1101")
    assert void(batch, reason="误交", who="organiser", annotator="a02") == 4
    assert len(batch.grades()) == 4 and not differences(batch)
    assert (batch.folder / "grades.jsonl").read_bytes().count(b'"event":"grade"') == 8


def test_people_see_the_whole_conversation_and_the_reference_below_it():
    from zhprobe.grading.batch import shown_prompt
    from zhprobe.records import Item

    plain = Item("p", "i", ({"role": "user", "content": "问"},), (), reference="据")
    assert shown_prompt(plain) == "问\n\n【参考资料】\n据" and shown_prompt(plain, references=False) == "问"
    assert shown_prompt(plain, lang="en").endswith("[Reference]\n据")
    several = Item("p", "i", ({"role": "system", "content": "规"}, {"role": "user", "content": "问"}), ())
    assert shown_prompt(several) == "【系统】规\n\n【用户】问"
