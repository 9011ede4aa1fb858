"""Tiers of JSON in a reply: the vectors of the specification, what strict means, what repair may not do."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.strict_json import fold_structure, is_sound, parse_strict, read_json, repair_json

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/json_tiers.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_a_reply_reaches_the_tier_judged_by_eye(case):
    found = read_json(case["text"])
    assert found.tier == case["tier"]
    if case["tier"] not in ("J0", "J0d"):
        assert found.value == case["value"]
    expected = set(case["codes"]) | ({"empty"} if not case["text"] else set())
    assert set(found.diagnostics) == expected
    if case["tier"] == "J2":
        assert found.extra_text == case["extra_text"]


MORE = [
    ("a broken object hides its sound parts", '{"a": {"b": 1},}', "J1a"),
    ("a broken list hides its sound parts", '[{"a": 1}, {"b": 2}', "J1b"),
    ("brackets of prose are no JSON", '见{附件}与[注]：{"a": 1}', "J2"),
    ("a key twice deep inside", '{"a": {"b": 1, "b": 2}}', "J0d"),
    ("a key twice in a fence", '```json\n{"a": 1, "a": 2}\n```', "J0d"),
    ("a lone surrogate", '{"a": "\\ud83d"}', "J0"),
    ("a pair of surrogates", '{"a": "\\ud83d\\ude00"}', "J4"),
    ("text after the value", '{"a": 1} 完', "J2"),
    ("an ideographic space is no JSON white space", '\u3000{"a": 1}', "J2"),
    ("a negative infinity", '{"a": -Infinity}', "J0"),
    ("reasoning never closed", '<think>{"a": 1}', "J0"),
    ("a mark of reasoning inside a string", '{"a": "<think>"}', "J4"),
    ("two fences", '```json\n{"a": 1}\n```\n```json\n{"a": 2}\n```', "J2m"),
    ("a string at the top", '"北京"', "J4"),
    ("deeper than two hundred", "[" * 201 + "]" * 201, "J0"),
    ("two hundred deep", "[" * 200 + "]" * 200, "J4"),
    ("a lost minus", '{"a": −5}', "J1b"),
    ("a unit without quotes", '{"重量": 5公斤}', "J1b"),
]


@pytest.mark.parametrize(("text", "tier"), [row[1:] for row in MORE], ids=[row[0] for row in MORE])
def test_the_tier_is_the_one_a_reader_would_give(text, tier):
    if tier == "J1b" and "公斤" in text:
        assert read_json(text).tier in ("J1a", "J1b")  # the whole string kept, or the unit lost
    else:
        assert read_json(text).tier == tier


def test_a_cut_reply_says_so():
    assert "truncated" in read_json("", "length").diagnostics
    assert "unbalanced" in read_json('{"a": "明天有').diagnostics


def test_nothing_inside_a_quoted_string_is_folded():
    source = '{"地址"：“A座，５层：左”，"备注"："他说：“好，走！”、再见"}'
    folded = fold_structure(source)
    assert json.loads(folded) == {"地址": "A座，５层：左", "备注": "他说：“好，走！”、再见"}


def test_a_repair_that_loses_anything_is_lossy():
    for text in ('{"a": 25%}', '{"a": +5}', '{"a": 1 // 注\n}', '{"a": "b"', '{"a": }'):
        assert repair_json(text).tier in ("J1b", "J0"), text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_what_is_written_as_json_is_read_back_strictly(value):
    for text in (json.dumps(value, ensure_ascii=False), json.dumps(value, indent=1)):
        assert parse_strict(text) == (value, "")
        assert read_json(text).tier == "J4" or "<" in text
        assert read_json(f"```json\n{text}\n```").value == value


@given(st.text(st.characters(exclude_categories=[])) | st.text('{}[]"“”：:,，、\\12aNT\n`~', max_size=30))
def test_no_reply_makes_the_reader_raise_and_every_value_found_is_sound(text):
    found = read_json(text)
    assert is_sound(found.value)


def test_deep_and_long_brackets_end_in_good_time():
    for text in ("[" * 100_000, '{"a":' * 20_000, "[{'" * 30_000, "{[" * 50_000 + "1"):
        assert read_json(text).tier in ("J0", "J1b")
