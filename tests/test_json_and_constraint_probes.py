"""The packaged JSON and constraint probes: every item tests its own grader."""

import pytest

from zhprobe.checks.json_selftest import good_and_refused, idle_trials, json_trials
from zhprobe.checks.registry import bind
from zhprobe.models.floor import CONSTANT
from zhprobe.probes import load_probes
from zhprobe.records import Reply

ITEMS = [
    item
    for probe in load_probes().sound()
    if probe.id.startswith(("structured/json-", "structured/constraints-"))
    for item in probe.items
]
JSON_ITEMS = [item for item in ITEMS if item.row == "json"]
CONSTRAINT_ITEMS = [item for item in ITEMS if item.row == "constraints"]


def test_there_are_enough_items_each_with_a_prompt_of_its_own():
    assert len(JSON_ITEMS) >= 50 and len(CONSTRAINT_ITEMS) >= 40
    assert len({item.probe for item in ITEMS}) >= 8
    assert len({item.prompt for item in ITEMS}) == len(ITEMS)


def test_every_mutant_of_every_right_value_comes_out_as_the_table_wants():
    assert [str(trial) for item in JSON_ITEMS for trial in json_trials(item) if not trial.ok] == []


def test_replies_that_do_nothing_meet_no_constraint_item():
    assert [str(trial) for item in CONSTRAINT_ITEMS for trial in idle_trials(item) if not trial.ok] == []


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_every_item_has_two_right_answers_and_four_refused_ones(item):
    good, refused = good_and_refused(item)
    assert len({s.answer for s in good}) >= 2 and len(refused) >= 4


def test_no_specimen_is_the_sentence_of_the_constant_floor():
    assert all(specimen.answer != CONSTANT for item in ITEMS for specimen in item.specimens)


def dressed(answer):
    """The same answer as servers and people hand it on."""
    yield "a line break at the end", answer + "\n"
    yield "two before it", "\n\n" + answer
    yield "line ends of another system", answer.replace("\n", "\r\n")
    yield "a byte that nobody sees", answer + "\u200b"
    yield "spaces at the ends of lines", answer.replace("\n", "  \n") if "```" not in answer else answer


@pytest.mark.parametrize("item", CONSTRAINT_ITEMS, ids=lambda item: item.key)
def test_a_right_answer_is_right_in_any_dress(item):
    good, _ = good_and_refused(item)
    for specimen in good:
        for label, answer in dressed(specimen.answer):
            reply = Reply(item.probe, item.id, "m", text=answer, finish_reason="stop")
            for criterion in item.criteria:
                if criterion.check:
                    verdict = bind(criterion.check_name, criterion.check_parameters, item.key)(reply, item)
                    assert verdict.outcome == "met", (label, criterion.id, verdict.reason)


@pytest.mark.parametrize("item", CONSTRAINT_ITEMS, ids=lambda item: item.key)
def test_a_right_answer_with_an_opening_line_passes_loosely(item):
    """Loose reading forgives 好的，如下： wherever the rule allows a line to be taken off."""
    good, _ = good_and_refused(item)
    reply = Reply(item.probe, item.id, "m", text=f"好的，如下：\n{good[0].answer}", finish_reason="stop")
    for criterion in item.criteria:
        if criterion.check:
            verdict = bind(criterion.check_name, criterion.check_parameters, item.key)(reply, item)
            assert "met" in (verdict.outcome, verdict.lenient), (criterion.id, verdict.reason)
