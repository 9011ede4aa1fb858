"""Final states: what must have changed has, nothing else has, by whatever way."""

import json

import pytest

from zhprobe.checks.registry import bind
from zhprobe.conversation import assistant_message, follow_up
from zhprobe.errors import UserError
from zhprobe.records import Item, Reply, ToolCall
from zhprobe.world_tools import WORLDS
from zhprobe.worlds import act, schema_faults

TEXT = {"type": "string"}


def tool(name, *names, **more):
    properties = dict.fromkeys(names, TEXT) | more
    return {
        "type": "function",
        "function": {"name": name, "parameters": {"type": "object", "properties": properties}},
    }


CALENDAR = (
    tool("add_event", "title", "date", "start"),
    tool("update_event", "id", "title", "date", "start"),
    tool("cancel_event", "id"),
    tool("list_events", "date"),
)
EVENTS = {
    "E1": {"title": "看房", "date": "2025-07-04", "start": "10:00"},
    "E2": {"title": "面谈", "date": "2025-07-05", "start": "10:00"},
}
ITEM = Item(
    "structured/x",
    "a",
    (),
    (),
    tools=CALENDAR,
    extra={"world": {"name": "calendar", "state": {"events": EVENTS}}},
)
GOAL = {"/events/E1/date": "2025-07-08"}


def test_the_schema_of_a_tool_fetches_nothing():
    for address in ("http://127.0.0.1:9/x.json", "file:///etc/passwd"):
        with pytest.raises(UserError, match="fetches nothing"):
            schema_faults({"properties": {"日期": {"$ref": address}}}, {"日期": 1})


def played(*steps, item=ITEM):
    transcript = []
    for calls in [*steps, ()]:
        made = [ToolCall(n, json.dumps(a, ensure_ascii=False), f"c{k}") for k, (n, a) in enumerate(calls)]
        transcript.append(assistant_message("" if made else "好了。", made, native=True))
        transcript += follow_up(item, transcript, made) or []
    return Reply("structured/x", "a", "m", text="好了。", transcript=tuple(transcript), finish_reason="stop")


def judge(reply, goal=GOAL, item=ITEM, **more):
    return bind("final_state", {"goal_states": [goal], **more})(reply, item)


MOVE = ("update_event", {"id": "E1", "date": "2025-07-08"})


def test_the_wanted_change_is_met_and_reads_are_free():
    assert judge(played([("list_events", {})], [MOVE])).outcome == "met"


def test_doing_nothing_is_not_met():
    found = judge(played())
    assert found.outcome == "not_met" and "2025-07-08" in found.evidence


def test_a_change_elsewhere_is_not_met_though_the_goal_is_reached():
    found = judge(played([MOVE, ("cancel_event", {"id": "E2"})]))
    assert found.outcome == "not_met" and "/events/E2" in found.evidence


def test_a_second_event_beside_the_old_one_is_not_met():
    added = ("add_event", {"title": "看房", "date": "2025-07-08", "start": "10:00"})
    assert judge(played([added])).outcome == "not_met"


def test_a_goal_may_be_reached_in_more_than_one_way():
    added = ("add_event", {"title": "看房", "date": "2025-07-08", "start": "10:00"})
    other = {"/events/E1": None, "/events/E3": {"title": "看房", "date": "2025-07-08", "start": "10:00"}}
    reply = played([("cancel_event", {"id": "E1"}), added])
    assert judge(reply).outcome == "not_met"
    assert bind("final_state", {"goal_states": [GOAL, other]})(reply, ITEM).outcome == "met"


def test_a_forbidden_call_is_not_met_even_when_its_change_is_undone():
    steps = (
        [MOVE],
        [("add_event", {"title": "甲", "date": "2025-08-01", "start": "09:00"})],
        [("cancel_event", {"id": "E3"})],
    )
    assert judge(played(*steps)).outcome == "met"
    assert judge(played(*steps), forbid=[{"name": "cancel_event"}]).codes == ("forbidden_call",)


def test_writes_beyond_the_needed_are_counted_and_no_fault():
    back = ("update_event", {"id": "E1", "date": "2025-07-04"})
    found = judge(played([MOVE], [back], [MOVE]), writes=1)
    assert found.outcome == "met" and found.detail["redundant_writes"] == 2


def test_the_replay_of_a_prompt_mode_conversation_gives_the_same_state():
    text = json.dumps([{"name": MOVE[0], "arguments": MOVE[1]}])
    transcript = [assistant_message(text, [], native=False)]
    transcript += follow_up(ITEM, transcript, [ToolCall(MOVE[0], json.dumps(MOVE[1]))])
    transcript.append(assistant_message("改好了。", [], native=False))
    reply = Reply(
        "structured/x", "a", "m", text="改好了。", transcript=tuple(transcript), finish_reason="stop"
    )
    assert judge(reply).outcome == "met"


START = {
    "calendar": {"events": EVENTS},
    "shop": {"goods": {"笔": {"price": 2, "stock": 5}}, "orders": {}},
    "bank": {"accounts": {"活期": 500, "房租": 0}, "transfers": []},
    "rooms": {"rooms": {"蓝厅": 10, "小间": 4}, "bookings": []},
}
# (world, calls, a place of the state, what must stand there): reckoned by hand
STORIES = [
    ("calendar", [("add_event", {"title": "甲", "date": "2025-07-04", "start": "10:00"})], "events", EVENTS),  # clash
    ("calendar", [("cancel_event", {"id": "E9"})], "events", EVENTS),
    ("shop", [("place_order", {"item": "笔", "qty": 3})], "goods", {"笔": {"price": 2, "stock": 2}}),
    ("shop", [("place_order", {"item": "笔", "qty": 6})], "orders", {}),
    ("shop", [("place_order", {"item": "笔", "qty": 3}), ("cancel_order", {"id": "D1"})], "goods", {"笔": {"price": 2, "stock": 5}}),
    ("bank", [("transfer", {"from": "活期", "to": "房租", "amount": 200})], "accounts", {"活期": 300, "房租": 200}),
    ("bank", [("transfer", {"from": "活期", "to": "房租", "amount": 900})], "accounts", {"活期": 500, "房租": 0}),
    ("bank", [("transfer", {"from": "活期", "to": "房租", "amount": -5})], "transfers", []),
    ("rooms", [("book_room", {"room": "蓝厅", "date": "d", "start": "s"})] * 2, "bookings", [{"room": "蓝厅", "date": "d", "start": "s"}]),
    ("rooms", [("book_room", {"room": "蓝厅", "date": "d", "start": "s"}), ("release_room", {"room": "蓝厅", "date": "d", "start": "s"})], "bookings", []),
]  # fmt: skip


@pytest.mark.parametrize(("world", "calls", "key", "wanted"), STORIES)
def test_worlds_change_as_their_rules_say(world, calls, key, wanted):
    state = json.loads(json.dumps(START[world]))
    before = json.loads(json.dumps(state))
    for name, arguments in calls:
        outcome = act(world, state, name, arguments, {name: {}})
        state = outcome.state
    assert state[key] == wanted
    assert before == START[world]


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_reading_tools_write_nothing_and_writing_tools_only_what_they_declare(world):
    given = {"title": "甲", "date": "2025-09-01", "start": "09:00", "id": "E1", "keyword": "笔", "item": "笔", "qty": 1, "account": "活期", "from": "活期", "to": "房租", "amount": 1, "room": "蓝厅"}  # fmt: skip
    for name, tool_ in WORLDS[world].items():
        before = json.loads(json.dumps(START[world]))
        after = act(world, START[world], name, given, {name: {}}).state
        changed = {key for key in after if after[key] != before[key]}
        assert changed <= set(tool_.writes)
        assert before == START[world]


def test_a_full_room_list_leaves_out_taken_and_small_rooms():
    state = {"rooms": {"蓝厅": 10, "小间": 4}, "bookings": [{"room": "蓝厅", "date": "d", "start": "s"}]}
    find = {"date": "d", "start": "s", "min_seats": 3}
    assert act("rooms", state, "find_rooms", find, {"find_rooms": {}}).result == {
        "rooms": [{"room": "小间", "seats": 4}]
    }
