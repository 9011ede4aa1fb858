"""The packaged call probes: every item tests its own grader, and world tools are those of the world."""

import json

import pytest

from zhprobe.checks.call_selftest import trials
from zhprobe.checks.world_selftest import world_trials
from zhprobe.conversation import protocol_text
from zhprobe.probes import load_probes
from zhprobe.text.call_syntax import schemas_of
from zhprobe.world_tools import WORLDS
from zhprobe.worlds import schema_faults

ITEMS = [
    item
    for probe in load_probes().sound()
    if probe.id.startswith("structured/calls-")
    for item in probe.items
]
EXPECTS = [item for item in ITEMS if any(c.check_name == "calls_match" for c in item.criteria)]


def test_there_are_enough_items_of_every_kind():
    counted = [item for item in ITEMS if item.role == "item"]
    assert len(counted) >= 120 and len({item.probe for item in counted}) >= 10
    assert sum(item.frame == "" for item in counted) / len(counted) >= 0.4
    assert all(item.row == "calls" for item in counted)


def test_every_mutant_of_every_right_reply_comes_out_as_the_table_wants():
    assert [str(t) for item in ITEMS for t in trials(item) if not t.ok] == []


def test_every_spoiled_script_of_a_world_item_fails():
    done = [t for item in ITEMS for t in world_trials(item)]
    assert [str(t) for t in done if not t.ok] == [] and len(done) > 100


def test_every_item_has_right_answers_in_two_forms_and_four_refused_ones():
    for item in ITEMS:
        if item.role != "item":
            continue
        good = [s for s in item.specimens if not s.verdicts]
        refused = [s for s in item.specimens if s.verdicts]
        assert len(good) >= 2 and len(refused) >= 4, item.key


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_gold_calls_fit_the_schemas_that_the_model_is_shown(item):
    schemas = schemas_of(item.tools)
    for specimen in item.specimens:
        if specimen.verdicts or not specimen.tool_calls:
            continue
        for call in specimen.tool_calls:
            assert schema_faults(schemas[call.name], json.loads(call.arguments)) == []


def test_world_items_show_only_tools_that_the_world_has():
    for item in ITEMS:
        if world := item.extra.get("world"):
            assert set(schemas_of(item.tools)) <= set(WORLDS[world["name"]])


def test_no_tool_description_gives_a_gold_date_or_amount_away():
    for item in EXPECTS:
        shown = protocol_text(item.tools)
        for criterion in item.criteria:
            for call in criterion.check_parameters.get("calls") or ():
                for matcher in call.get("args", {}).values():
                    if isinstance(matcher, dict) and "date" in matcher:
                        assert matcher["date"] not in shown, item.key
