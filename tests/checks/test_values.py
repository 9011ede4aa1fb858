"""Matchers: what each accepts, what it refuses, and why it says so."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.checks.values import DIAGNOSTICS, assign, loosen_spec, match, same_json, spec_faults
from zhprobe.errors import UserError

# matcher, value, strict, lenient, code: public rules of the specification and the mutants it must refuse
RULES = [
    ({"exact": "欧阳承宇"}, "欧阳承宇 ", True, True, ""),
    ({"exact": "A-017"}, "A017", False, False, "value_mismatch"),
    ({"exact": "H12345"}, "H12345X", False, False, "value_mismatch"),
    ({"exact": "H12345"}, "H1234", False, False, "truncated_value"),
    ({"exact": "SF"}, "sf", False, False, "value_mismatch"),
    ({"exact": "他说“尽快”", "level": "N0"}, '他说"尽快"', False, False, "value_mismatch"),
    ({"exact": 1}, True, False, False, "value_mismatch"),
    ({"exact": [1, {"a": None}]}, [1.0, {"a": None}], True, True, ""),
    ({"text": "三号会议室"}, " 三号会议室。", True, True, ""),
    ({"text": "ABC公司"}, "ＡＢＣ公司", True, True, ""),
    ({"text": "北京"}, "不北京", False, False, "negation_lost"),
    ({"text": "不要辣"}, "要辣", False, False, "negation_lost"),
    ({"text": "没有过敏史"}, "过敏史", False, False, "negation_lost"),
    ({"text": "北京"}, "北京市", False, False, "value_mismatch"),
    ({"text": "1.5"}, "15", False, False, "value_mismatch"),
    ({"text": "-3"}, "3", False, False, "value_mismatch"),
    ({"text": "①"}, "1", False, False, "value_mismatch"),
    ({"text": "臺北"}, "台北", False, False, "value_mismatch"),
    ({"text": "臺北", "level": "N4"}, "台北", True, True, ""),
    ({"text": "5"}, 5, False, True, "type_only"),
    ({"text": "兰州"}, ["兰州"], False, True, "type_only"),
    ({"one_of": ["兰州", "兰州市"]}, "兰州市", True, True, ""),
    ({"one_of": [{"date": "2026-03-05"}, {"null": True}]}, "2026-03-06", False, False, "off_by_one_day"),
    ({"number": 5}, 5.0, True, True, ""),
    ({"number": 5}, "5", False, True, "type_only"),
    ({"number": 32}, "三十二", False, True, "type_only"),
    ({"number": 32}, "32岁", False, False, "value_mismatch"),
    ({"number": 1}, True, False, False, "value_mismatch"),
    ({"number": 10}, 100, False, False, "scale_10"),
    ({"number": 37000}, 3.7, False, False, "scale_10000"),
    ({"number": -3}, 3, False, False, "value_mismatch"),
    ({"number": 10007994762}, 10007994763, False, False, "value_mismatch"),
    ({"number": 244.8, "abs": 0.005}, 244.804, True, True, ""),
    ({"number": 244.8, "abs": 0.005}, 244.81, False, False, "value_mismatch"),
    ({"number": 0.68}, 0.6800000000000001, True, True, ""),
    ({"digits": "10007994762"}, "100-0799-4762", True, True, ""),
    ({"digits": "0571"}, "571", False, False, "value_mismatch"),
    ({"digits": "10007994762"}, 10007994762, False, True, "type_only"),
    ({"digits": "10007994762"}, "1000799476", False, False, "truncated_value"),
    ({"bool": False}, False, True, True, ""),
    ({"bool": False}, True, False, False, "value_mismatch"),
    ({"bool": False}, "false", False, True, "type_only"),
    ({"bool": True}, "是", False, True, "type_only"),
    ({"bool": True}, "否", False, False, "value_mismatch"),
    ({"bool": True}, 1, False, False, "value_mismatch"),
    ({"date": "2026-03-05"}, "2026年3月5日", True, True, ""),
    ({"date": "2026-03-05", "form": "YYYY-MM-DD"}, "2026/3/5", False, True, "format_only"),
    ({"date": "2026-03-05"}, "2026-03-06", False, False, "off_by_one_day"),
    ({"date": "2026-03-05"}, "2026-03-12", False, False, "off_by_one_week"),
    ({"date": "2026-03-05"}, "3月5日", False, False, "value_mismatch"),
    ({"date": "2026-03-05"}, 20260305, False, True, "type_only"),
    ({"date": "2026-03-05"}, "2026-03-05T00:00:00", False, True, "format_only"),
    ({"time": "15:15"}, "03:15", False, False, "am_pm_swapped"),
    ({"time": "14:00", "form": "HH:MM"}, "14:00:00", False, True, "format_only"),
    ({"time": "15:30"}, "下午3点半", True, True, ""),
    ({"datetime": "2026-03-05T15:30"}, "2026-03-05T07:30:00Z", True, True, ""),
    ({"datetime": "2026-03-05T15:30"}, "2026-03-05 03:30", False, False, "am_pm_swapped"),
    ({"duration": "PT90M"}, "PT1H30M", True, True, ""),
    ({"duration": "PT90M"}, "PT9M", False, False, "scale_10"),
    ({"rmb_cn": "423528.19"}, "肆拾贰万叁仟伍佰贰拾捌元壹角玖分", True, True, ""),
    ({"rmb_cn": "423528.19"}, "四十二万三千五百二十八元一角九分", False, True, "form_lower"),
    ({"rmb_cn": "423528.19"}, 423528.19, False, True, "form_arabic"),
    ({"rmb_cn": "423528.19"}, "肆拾贰万叁仟伍佰贰拾捌元壹角捌分", False, False, "value_mismatch"),
    ({"contains": ["材料", "寄"], "why": "短信正文"}, "材料已寄出", True, True, ""),
    (
        {"contains": ["材料"], "lacks": ["没寄"], "why": "短信正文"},
        "材料没寄",
        False,
        False,
        "value_mismatch",
    ),
    ({"regex": "[A-Z]{2}[0-9]{4}"}, "AB1234", True, True, ""),
    ({"regex": "[A-Z]{2}[0-9]{4}"}, "AB12345", False, False, "value_mismatch"),
    ({"list": ["米", "面"]}, ["面", "米"], False, False, "value_mismatch"),
    ({"set": ["米", "面"]}, ["面", "米"], True, True, ""),
    ({"set": ["米", "面"]}, ["米", "米"], False, False, "value_mismatch"),
    ({"set": [{"one_of": ["北京", "上海"]}, "北京"]}, ["北京", "上海"], True, True, ""),
    ({"list": ["米"]}, "米", False, True, "type_only"),
    ({"list": ["米", "面"]}, ["米"], False, False, "value_mismatch"),
    ({"object": {"a": 1}}, {"a": 1, "b": 2}, False, False, "extra_arg"),
    ({"object": {"a": 1}, "extra": "allow"}, {"a": 1, "b": 2}, True, True, ""),
    ({"object": {"a": 1, "b": "x"}}, {"a": "1", "b": "x"}, False, True, "type_only"),
    ({"object": {"a": 1}}, {}, False, False, "missing_arg"),
    ({"object": {"a": {"any": True, "optional": True}}}, {}, True, True, ""),
    ({"any": True}, "", False, False, "value_mismatch"),
    ({"any": True}, False, True, True, ""),
    ({"absent": True}, "", False, False, "empty_sent"),
    ({"absent": True}, "明天", False, False, "hallucinated_value"),
    ({"null": True}, None, True, True, ""),
    ({"null": True}, "无", False, False, "hallucinated_value"),
    (None, None, True, True, ""),
]


@pytest.mark.parametrize(("spec", "value", "strict", "lenient", "code"), RULES)
def test_a_matcher_follows_the_public_rules(spec, value, strict, lenient, code):
    found = match(spec, value)
    assert (found.strict, found.lenient, found.code) == (strict, lenient, code)
    assert bool(found.reason) is not strict


def test_an_absent_key_passes_only_where_it_may():
    assert match({"absent": True}, present=False).strict
    assert match({"text": "x", "optional": True}, present=False).strict
    assert match({"one_of": [{"null": True}, {"absent": True}]}, present=False).strict
    assert match({"null": True}, present=False).code == "missing_arg"


def test_an_empty_value_passes_leniently_only_where_the_schema_admits_it():
    assert match({"absent": True}, "", schema={"type": "string"}).lenient
    assert not match({"absent": True}, "", schema={"type": "string", "minLength": 1}).lenient
    assert not match({"absent": True}, None, schema={"type": "string"}).lenient
    assert match({"absent": True}, None, schema={"type": ["string", "null"]}).lenient


def test_a_synonym_of_an_enum_member_is_told_as_such():
    schema = {"type": "string", "enum": ["normal", "urgent"]}
    assert match("urgent", "加急", schema=schema).code == "enum_unmapped"
    assert match("urgent", "normal", schema=schema).code == "value_mismatch"


def test_the_form_a_schema_states_binds_the_spelling():
    schema = {"type": "string", "description": "日期，格式 YYYY-MM-DD"}
    assert match({"date": "2025-12-23"}, "2025-12-23", schema=schema).strict
    assert match({"date": "2025-12-23"}, "2025/12/23", schema=schema).code == "format_only"
    assert (
        match({"time": "15:15"}, "15点15分", schema={"pattern": "^[0-9]{2}:[0-9]{2}$"}).code == "format_only"
    )


def test_faults_name_the_innermost_places():
    found = match(
        {"object": {"明细": {"list": [{"object": {"数量": 5, "名": "米"}}]}}},
        {"明细": [{"数量": 6, "名": "面"}]},
    )
    assert [fault.path for fault in found.faults()] == ["/明细/0/数量", "/明细/0/名"]


def test_a_question_for_a_judge_is_pending_and_holds_nothing_against_the_value():
    found = match({"object": {"摘要": {"judge": "说清了原因吗"}}}, {"摘要": "……"})
    assert found.strict and found.left_to_judge


def test_every_code_has_a_chinese_name():
    assert {code for *_, code in RULES if code} <= DIAGNOSTICS.keys()


@pytest.mark.parametrize(
    "spec",
    [
        {"nunber": 5},
        {"number": "5"},
        {"date": "2026-13-01"},
        {"regex": "("},
        {"contains": ["a"]},
        {"list": [{"x": 1}]},
        {},
    ],
)
def test_a_matcher_that_is_none_is_found_before_use(spec):
    assert list(spec_faults(spec))


def test_an_unknown_matcher_is_the_authors_error():
    with pytest.raises(UserError):
        match({"nunber": 5}, 5)


def test_good_matchers_have_no_faults_and_every_loosening_still_accepts():
    for spec, value, strict, *_ in RULES:
        assert not list(spec_faults(spec))
        if strict:
            for label, looser in loosen_spec(spec):
                assert match(looser, value).strict, label


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_every_value_is_the_same_as_itself_and_matches_exactly(value):
    assert same_json(value, value)
    assert match({"exact": value}, value).strict


@given(JSON)
def test_no_value_makes_a_matcher_raise(value):
    for spec, *_ in RULES:
        found = match(spec, value)
        assert found.lenient or not found.strict


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=4))
def test_the_assignment_is_as_large_as_any(grid):
    found = assign(grid)
    assert len(set(found.values())) == len(found) and all(grid[row][column] for row, column in found.items())
    best = max(
        sum(grid[row][column] for row, column in enumerate(order))
        for order in itertools.permutations(range(4), len(grid))
    )
    assert len(found) == best
