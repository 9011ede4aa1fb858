"""Calls against expectations: values, names, numbers, order, extras, classes; every case written by hand."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhprobe.checks.registry import bind
from zhprobe.errors import UserError
from zhprobe.records import Item, Reply, ToolCall


def tool(name, required=(), **properties):
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": "说明", "parameters": schema}}


TEXT = {"type": "string"}
TOOLS = (
    tool("get_weather", ["city", "date"], city=TEXT, date={"type": "string", "description": "格式 YYYY-MM-DD"}, unit={"type": "string", "default": "c"}, lang=TEXT),
    tool("transfer", ["amount"], amount={"type": "number"}, to=TEXT),
    tool("查余额"),
)  # fmt: skip
ITEM = Item("structured/x", "a", ({"role": "user", "content": "问"},), (), tools=TOOLS)
BEIJING = {"name": "get_weather", "args": {"city": {"text": "北京"}, "date": {"date": "2025-03-05"}}}
EITHER = {"name": "get_weather", "args": {"city": {"one_of": [{"text": "北京"}, {"text": "上海"}]}}}


def reply(*calls, text="", **more):
    made = tuple(
        ToolCall(n, a if isinstance(a, str) else json.dumps(a, ensure_ascii=False)) for n, a in calls
    )
    return Reply("structured/x", "a", "m", text=text, tool_calls=made, **more)


def judge(found, item=ITEM, check="calls_match", **parameters):
    return bind(check, parameters)(found, item)


def weather(city="北京", date="2025-03-05", **more):
    return ("get_weather", {"city": city, "date": date} | more)


def test_the_expected_call_is_met_and_says_what_was_matched():
    found = judge(reply(weather()), calls=[BEIJING])
    assert (found.outcome, found.lenient, found.codes) == ("met", "met", ())
    assert found.detail["kind"] == "calls" and found.detail["n_matched"] == 1


@pytest.mark.parametrize(("call", "code"), [
    (weather(city="不北京"), "negation_lost"),
    (weather(city="上海"), "value_mismatch"),
    (weather(date="2025-03-06"), "off_by_one_day"),
    (weather(date="2025-03-12"), "off_by_one_week"),
    (weather(备注="x"), "unknown_arg"),
    (weather(lang="zh"), "extra_arg"),
    (("get_weather", {"city": "北京"}), "missing_arg"),
    (("transfer", {"city": "北京", "date": "2025-03-05"}), "wrong_name"),
    (("weather", {"city": "北京", "date": "2025-03-05"}), "unknown_name"),
])  # fmt: skip
def test_one_wrong_thing_is_refused_in_both_readings_with_its_code(call, code):
    found = judge(reply(call), calls=[BEIJING])
    assert (found.outcome, found.lenient) == ("not_met", "not_met")
    assert code in found.codes


@pytest.mark.parametrize(("call", "code"), [
    (weather(date="2025年3月5日"), "format_only"),
    (("get_weather", json.dumps(json.dumps({"city": "北京", "date": "2025-03-05"}))), "args_double_encoded"),
    (weather(lang=""), "empty_sent"),
])  # fmt: skip
def test_a_fault_of_form_fails_strictly_and_passes_leniently(call, code):
    found = judge(reply(call), calls=[BEIJING])
    assert (found.outcome, found.lenient) == ("not_met", "met")
    assert code in found.codes


def test_an_empty_value_of_a_type_the_schema_refuses_fails_leniently_too():
    found = judge(reply(weather(lang=None)), calls=[BEIJING])
    assert found.lenient == "not_met" and "empty_sent" in found.codes


@pytest.mark.parametrize(("value", "met"), [({"unit": "c"}, True), ({"unit": "f"}, False)])
def test_a_declared_default_may_be_said(value, met):
    assert (judge(reply(weather(**value)), calls=[BEIJING]).outcome == "met") is met


@pytest.mark.parametrize(("mode", "extra", "met"), [
    ("forbid", {"unit": "c"}, False), ("declared", {"lang": "zh"}, True), ("declared", {"x": 1}, False), ("allow", {"x": 1}, True),
])  # fmt: skip
def test_extra_arguments_follow_the_mode(mode, extra, met):
    assert (judge(reply(weather(**extra)), calls=[BEIJING], extra_args=mode).outcome == "met") is met


def test_matching_is_optimal_where_first_fit_would_fail():
    expected = [EITHER, {"name": "get_weather", "args": {"city": {"text": "北京"}}}]
    calls = [("get_weather", {"city": "北京"}), ("get_weather", {"city": "上海"})]
    for made in (calls, calls[::-1]):
        assert judge(reply(*made), calls=expected).outcome == "met"


def test_one_call_serves_one_expectation_only():
    found = judge(reply(weather()), calls=[BEIJING, BEIJING])
    assert found.outcome == "not_met" and "missing_call" in found.codes


def test_the_same_call_twice_is_a_duplicate():
    found = judge(reply(weather(), weather()), calls=[BEIJING])
    assert (found.outcome, found.lenient) == ("not_met", "not_met") and "duplicate_call" in found.codes


def test_extra_reads_are_allowed_where_the_item_says_so():
    made = reply(weather(), ("查余额", {}))
    assert judge(made, calls=[BEIJING]).codes == ("extra_call",)
    assert judge(made, calls=[BEIJING], extra_calls="reads", read_only=["查余额"]).outcome == "met"
    assert judge(made, calls=[BEIJING], extra_calls="reads", read_only=["transfer"]).outcome == "not_met"
    assert judge(made, calls=[BEIJING], extra_calls="allow").outcome == "met"


def test_a_forbidden_call_fails_whatever_else_is_allowed():
    made = reply(weather(), ("transfer", {"amount": 1}))
    found = judge(made, calls=[BEIJING], extra_calls="allow", forbid=[{"name": "transfer"}])
    assert found.outcome == "not_met" and "forbidden_call" in found.codes
    rule = [{"name": "transfer", "args": {"amount": {"number": 2}}}]
    assert judge(made, calls=[BEIJING], extra_calls="allow", forbid=rule).outcome == "met"


PAY = {"name": "transfer", "args": {"amount": 300}, "id": "pay"}


@pytest.mark.parametrize(
    ("order", "met"), [("any", True), ("listed", False), ({"before": [["pay", "get_weather"]]}, True)]
)
def test_order_is_held_only_where_asked(order, met):
    made = reply(("transfer", {"amount": 300}), weather())
    found = judge(made, calls=[BEIJING, PAY], order=order)
    assert (found.outcome == "met") is met
    assert ("order_violation" in found.codes) is not met


def test_listed_order_looks_for_some_matching_that_keeps_it():
    expected = [{"name": "get_weather", "args": {"city": {"text": "北京"}}}, EITHER]
    calls = [("get_weather", {"city": "北京"})] * 2
    assert judge(reply(*calls), calls=expected, order="listed").outcome == "met"


@pytest.mark.parametrize(("times", "met"), [(1, False), (2, True), (3, True), (4, False)])
def test_count_bounds_are_respected(times, met):
    expected = [PAY | {"count": {"min": 2, "max": 3}}]
    assert (judge(reply(*[("transfer", {"amount": 300})] * times), calls=expected).outcome == "met") is met


def test_alternatives_do_not_mix_their_values():
    ways = [
        {"calls": [{"name": "transfer", "args": {"amount": 1, "to": "甲"}}]},
        {"calls": [{"name": "transfer", "args": {"amount": 2, "to": "乙"}}]},
    ]
    assert judge(reply(("transfer", {"amount": 2, "to": "乙"})), expect_any=ways).outcome == "met"
    assert judge(reply(("transfer", {"amount": 1, "to": "乙"})), expect_any=ways).outcome == "not_met"


@pytest.mark.parametrize(("found", "kind"), [
    (reply(text="好的。"), "abstained"),
    (reply(text=" \n"), "empty"),
    (reply(text="[]"), "empty"),
    (reply(text="<think>想</think>"), "empty"),
    (reply(text="没有写完", finish_reason="length"), "truncated"),
    (reply(text='<tool_call>{"name": "get_weather", "arguments": {'), "attempt_unparsed"),
    (reply(text="我来 get_weather(city=北京)"), "attempt_unparsed"),
    (reply(("get_weather", '{"city": "北')), "attempt_unparsed"),
    (reply(("get_weather", '{"a": NaN}')), "attempt_unparsed"),
    (reply(weather()), "called"),
])  # fmt: skip
def test_only_a_reply_that_says_something_and_tries_nothing_has_abstained(found, kind):
    verdict = judge(found, check="no_call")
    assert verdict.detail["class"] == kind
    assert (verdict.outcome == "met") is (kind == "abstained")


def test_a_broken_call_beside_the_right_one_is_not_overlooked():
    text = '<tool_call>{"name": "transfer", "arguments": {"amount": 3</tool_call>'
    found = judge(reply(weather(), text=text), calls=[BEIJING])
    assert found.outcome == "not_met" and "attempt_unparsed" in found.codes


def test_a_call_left_in_the_content_by_a_server_counts():
    left = json.dumps([{"name": "transfer", "arguments": {"amount": 300}}])
    assert judge(reply(weather(), text=left), calls=[BEIJING]).outcome == "not_met"
    assert judge(reply(weather(), text=left), calls=[BEIJING, PAY]).outcome == "met"


def test_the_raw_text_is_the_evidence_where_both_exist():
    raw = '<tool_call>{"name": "transfer", "arguments": {"amount": "300"}}</tool_call>'
    served = Reply("structured/x", "a", "m", tool_calls=(ToolCall("transfer", '{"amount": 300}'),), raw=raw)
    assert judge(served, calls=[PAY]).codes == ("type_only",)


def test_calls_in_reasoning_are_told_and_do_not_count():
    thought = '<think><tool_call>{"name": "transfer", "arguments": {"amount": 300}}</tool_call></think>'
    found = judge(reply(text=thought + "不用转。"), check="no_call")
    assert found.outcome == "met" and "call_in_reasoning" in found.codes


def test_facts_are_asked_of_an_answer_without_calls():
    facts = [{"number": 15}]
    assert judge(reply(text="一刻钟是十五分钟。"), check="no_call", facts=facts).outcome == "met"
    assert judge(reply(text="一刻钟是150分钟。"), check="no_call", facts=facts).outcome == "not_met"


NAMES = ["出发", "从哪", "起点"]


@pytest.mark.parametrize(("text", "met"), [
    ("请问您从哪个城市出发？", True),
    ("好的，订票还需要出发地，请告诉我。", True),
    ("请提供以下信息：\n1. 出发城市\n2. 席别", True),
    ("请问出发城市是哪里？例如：上海、杭州。", True),
    ("好的。", False),
    ("请问到达地是哪里？", False),
    ("好的，默认从北京出发，请问几点的车？", False),
    ("出发地：北京，到达地：成都。请确认车次好吗？", False),
    ("我会从北京出发为您订票，请问要一等座吗？", False),
    ("默认从北京出发，可以吗？", True),  # the value is offered, not taken
    ('[{"name": "transfer", "arguments": {"amount": 1}}]', False),
])  # fmt: skip
def test_asking_names_what_is_missing_and_assumes_nothing(text, met):
    found = judge(reply(text=text), check="asks_for", slot="出发地", aliases=NAMES)
    assert (found.outcome == "met") is met, found.reason


@pytest.mark.parametrize(("facts", "text", "met"), [
    ([{"number": 1250}], "共1,250元", True), ([{"number": 10}], "一共100元", False),
    ([{"name": "E1"}], "日程E12", False), ([{"one_of": ["小王", "王工"]}], "王工来", True),
    ([{"date": "2025-07-08"}], "7月8日", True), ([{"date": "2025-07-08"}], "7月18日", False),
    ([{"date": "2025-07-08"}], "2024年7月8日", False), ([{"time": "15:30"}], "下午三点半", True), ([{"time": "15:30"}], "上午3:30", False),
])  # fmt: skip
def test_reported_facts_are_compared_by_value(facts, text, met):
    assert (judge(reply(text=text), check="text_reports", facts=facts).outcome == "met") is met


def test_a_matcher_that_is_none_is_refused_while_loading():
    with pytest.raises(UserError, match="nunber"):
        bind("calls_match", {"calls": [{"name": "f", "args": {"a": {"nunber": 1}}}]})


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=8), st.text(max_size=20)), max_size=3))
def test_no_reply_makes_a_check_raise(text, calls):
    found = reply(*calls, text=text)
    for check, parameters in (
        ("calls_match", {"calls": [BEIJING]}),
        ("no_call", {}),
        ("asks_for", {"slot": "出发地", "aliases": NAMES}),
        ("text_reports", {"facts": [{"number": 1}, {"date": "2025-01-01"}, {"time": "10:00"}]}),
    ):
        assert judge(found, check=check, **parameters).outcome in ("met", "not_met")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["北京", "上海", "三亚"]), max_size=5), st.randoms())
def test_the_order_of_independent_calls_never_matters(cities, random):
    expected = [{"name": "get_weather", "args": {"city": {"text": c}}} for c in cities] or [BEIJING]
    made = [("get_weather", {"city": c}) for c in cities]
    shuffled = made[:]
    random.shuffle(shuffled)
    assert judge(reply(*made), calls=expected).outcome == judge(reply(*shuffled), calls=expected).outcome


def test_the_default_of_an_argument_that_may_be_left_out_may_be_said():
    expected = [{"name": "get_weather", "args": BEIJING["args"] | {"unit": {"exact": "f", "optional": True}}}]
    assert judge(reply(weather()), calls=expected).outcome == "met"
    assert judge(reply(weather(unit="c")), calls=expected).outcome == "met"
    assert judge(reply(weather(unit="k")), calls=expected).outcome == "not_met"
