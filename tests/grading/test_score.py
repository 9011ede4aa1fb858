"""The score of one answer (rubric contract, section 4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.grading.score import score_reply
from zhprobe.records import Criterion, Verdict

MET, NOT_MET, NA, UNSURE = (Verdict(o) for o in ("met", "not_met", "na", "unsure"))


def rubric(*points, **more):
    return [Criterion(f"c{i}", f"第{i}条", points=p, **more) for i, p in enumerate(points)]


def graded(criteria, *verdicts):
    return score_reply(criteria, {c.id: v for c, v in zip(criteria, verdicts, strict=True) if v is not None})


# Worked examples of the contract and the three rubric_score vectors: (5 - 4 + 2) / (5 + 3 + 2) and so on.
@pytest.mark.parametrize(
    ("verdicts", "raw", "score", "clipped"),
    [((MET, NOT_MET, MET, MET), 0.3, 0.3, False), ((NOT_MET, NOT_MET, MET, NOT_MET), -0.4, 0.0, True)],
)
def test_the_worked_examples_of_the_contract_come_out(verdicts, raw, score, clipped):
    got = graded(rubric(5, 3, -4, 2), *verdicts)
    assert (got.raw, got.score, got.clipped) == (pytest.approx(raw), pytest.approx(score), clipped)


def test_unsure_criteria_give_the_bounds_of_the_contract_and_no_score():
    got = graded(rubric(5, 3, -4, 2), MET, UNSURE, UNSURE, MET)
    assert (got.low, got.high) == (pytest.approx(0.3), pytest.approx(1.0))
    assert (got.score, got.why, got.unsure_share) == (None, "unsure", 0.5)


def test_up_to_a_fifth_of_the_points_may_be_unsure():
    assert graded(rubric(4, 1), MET, UNSURE).score == 1.0
    assert graded(rubric(3, 1), MET, UNSURE).score is None


def test_what_does_not_apply_leaves_the_sum():
    assert graded(rubric(1, 1, 2), MET, NOT_MET, NA).score == 0.5


def test_an_answer_without_positive_points_left_is_not_scored():
    got = graded(rubric(2, -1), NA, NOT_MET)
    assert (got.score, got.raw, got.why) == (None, None, "no_points")


def test_an_open_criterion_is_not_unsure_and_leaves_no_score():
    got = graded(rubric(1, 1), MET, None)
    assert (got.score, got.why, got.open, got.unsure_share) == (None, "open", ("c1",), 0.0)
    assert (got.low, got.high) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("points", "verdict", "fires"),
    [(2, NOT_MET, True), (2, MET, False), (-2, MET, True), (-2, NOT_MET, False)],
)
def test_a_gate_fires_when_a_wanted_thing_fails_or_a_fault_is_there(points, verdict, fires):
    criteria = [*rubric(8), Criterion("g", "门", points=points, gate=0.25)]
    got = graded(criteria, MET, verdict)
    assert (got.gate, got.score == 0.25) == (("g", True) if fires else ("", False))
    assert got.ungated > 0.25


def test_a_level_below_the_top_fires_the_gate_of_a_graded_criterion():
    criteria = [*rubric(8), Criterion("g", "门", points=2, levels=("无", "有", "好"), gate=0.0)]
    got = graded(criteria, MET, Verdict("met", level=1))
    assert (got.score, got.ungated, got.gate) == (0.0, 0.9, "g")


def test_of_several_gates_the_one_that_allows_least_holds():
    criteria = [*rubric(6), Criterion("g", "甲", gate=0.5), Criterion("h", "乙", gate=0.2)]
    got = graded(criteria, MET, NOT_MET, NOT_MET)
    assert (got.score, got.gate, got.gates) == (0.2, "h", ("h", "g"))


def test_an_unsure_gate_shows_in_the_bounds():
    criteria = [*rubric(9), Criterion("g", "门", gate=0.1)]
    got = graded(criteria, MET, UNSURE)
    assert (got.score, got.low, got.high) == (1.0, 0.1, 1.0)


def test_a_share_counts_as_k_of_n():
    assert graded(rubric(2, 2), Verdict("not_met", share=(3, 4)), MET).score == 0.875


def test_the_part_decided_by_program_has_its_own_points():
    criteria = [*rubric(2, 1, kind="check", check={"x": {}}), Criterion("j", "裁判", points=7)]
    part = graded(criteria, MET, NOT_MET, None).decided
    assert (part.score, part.earned, part.possible, part.criteria) == (pytest.approx(2 / 3), 2, 3, 2)


def test_an_open_gate_shows_in_the_bounds_of_the_part_decided_by_program():
    criteria = [*rubric(2, kind="check", check={"x": {}}), Criterion("j", "裁判", gate=0.3)]
    part = graded(criteria, MET, None).decided
    assert (part.score, part.low, part.high) == (1.0, 0.3, 1.0)
    assert graded(criteria, MET, NOT_MET).decided.gate == "j"


def test_without_a_program_there_is_no_decided_part():
    assert graded(rubric(1), MET).decided is None


criterion_cases = st.lists(
    st.tuples(
        st.integers(-10, 10).filter(bool),
        st.sampled_from([MET, NOT_MET, NA, UNSURE, None]),
        st.sampled_from([None, None, 0.0, 0.4]),
    ),
    min_size=1,
    max_size=8,
)


@given(criterion_cases)
def test_every_way_the_unknown_can_turn_out_lies_inside_the_bounds(cases):
    criteria = [Criterion(f"c{i}", "条", points=p, gate=g) for i, (p, _, g) in enumerate(cases)]
    got = graded(criteria, *(v for _, v, _ in cases))
    for one in (MET, NOT_MET):
        settled = graded(criteria, *(one if v in (UNSURE, None) else v for _, v, _ in cases))
        if settled.score is not None:
            assert got.low - 1e-9 <= settled.score <= got.high + 1e-9
    if got.score is not None:
        assert 0 <= got.score <= 1 and got.score <= got.ungated + 1e-9
        assert got.low is not None and got.low <= got.high + 1e-9


@pytest.mark.parametrize(("share", "score"), [((0, 0), 1.0), ((5, 4), 1.0), ((0, 4), 0.0)])
def test_a_share_of_nothing_leaves_the_outcome_and_none_counts_over_one(share, score):
    assert graded(rubric(2), Verdict("met", share=share)).score == score


def test_a_level_counts_only_where_the_criterion_has_levels_and_never_over_one():
    assert graded(rubric(2), Verdict("met", level=0)).score == 1.0
    assert graded(rubric(2, levels=("无", "有", "好")), Verdict("met", level=7)).score == 1.0


def test_points_earned_and_possible_are_those_of_the_known_criteria():
    got = graded(rubric(5, 3, -4, 2), MET, UNSURE, MET, NA)
    assert (got.earned, got.possible) == (1.0, 5)
    none = graded(rubric(2, -1), NA, NOT_MET)
    assert (none.earned, none.possible, none.unsure_share) == (0.0, 0, 0.0)
    assert graded(rubric(2), NA).unsure_share == 0.0
