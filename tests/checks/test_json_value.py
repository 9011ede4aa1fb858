"""JSON checks: form, schema, values and extras apart, and together."""

import json

import pytest

from zhprobe.checks import registry
from zhprobe.checks.json_value import match_values, schema_faults
from zhprobe.errors import UserError
from zhprobe.records import Item, Reply

SCHEMA = {
    "type": "object",
    "properties": {
        "姓名": {"type": "string"},
        "年龄": {"type": "integer"},
        "城市": {"type": "string"},
        "电话": {"type": ["string", "null"]},
    },
    "required": ["姓名", "年龄", "城市", "电话"],
    "additionalProperties": False,
}
# worked example 21 of the specification
VALUES = {
    "/姓名": {"exact": "司马书瑶"},
    "/年龄": {"number": 32},
    "/城市": {"one_of": ["泉州", "泉州市"]},
    "/电话": {"null": True},
}
GOLD = {"姓名": "司马书瑶", "年龄": 32, "城市": "泉州", "电话": None}


def run(name, answer, schema=None, finish="stop", **parameters):
    item = Item("p/x", "i", (), (), schema=schema)
    return registry.bind(name, parameters)(Reply("p/x", "i", "m", text=answer, finish_reason=finish), item)


def written(**changes):
    value = {key: found for key, found in (GOLD | changes).items() if found is not ...}
    return json.dumps(value, ensure_ascii=False)


# answer, strict, lenient, a code that must be told
EXAMPLE = [
    (written(), "met", "met", None),
    (json.dumps(dict(reversed(GOLD.items())), ensure_ascii=False, indent=2), "met", "met", None),
    (written(年龄=32.0, 城市="泉州市"), "met", "met", None),
    (written(年龄="32"), "not_met", "met", "type_only"),
    (f"```json\n{written()}\n```", "not_met", "met", "fence"),
    (f"好的：{written()}", "not_met", "met", "extra_text"),
    (written(电话=...), "not_met", "not_met", "missing_arg"),
    (written(电话="100-0799-4762"), "not_met", "not_met", "hallucinated_value"),
    (written(年龄=33), "not_met", "not_met", "value_mismatch"),
    (written(年龄=320), "not_met", "not_met", "scale_10"),
    (written(姓名="司马书"), "not_met", "not_met", "truncated_value"),
    (written(备注=""), "not_met", "not_met", "extra_arg"),
    (written().replace('"', "'"), "not_met", "not_met", "repaired"),
    (written()[:-1], "not_met", "not_met", "unbalanced"),
    (written().replace("32", "三十二"), "not_met", "not_met", "repaired"),
    (f"{written()}\n{written()}", "not_met", "not_met", "multiple_values"),
    (f"[{written()}]", "not_met", "not_met", "missing_arg"),
    ("抱歉，我不能回答。", "not_met", "not_met", "no_json"),
    ("", "not_met", "not_met", "empty"),
]


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["no schema", "schema"])
@pytest.mark.parametrize(("answer", "strict", "lenient", "code"), EXAMPLE)
def test_a_reply_is_judged_as_the_worked_example_says(answer, strict, lenient, code, schema):
    verdict = run("json_strict", answer, schema, values=VALUES)
    assert (verdict.outcome, verdict.lenient) == (strict, lenient), verdict.reason
    assert code is None or code in verdict.codes, verdict.codes


def test_what_a_repair_without_loss_yields_is_recoverable_and_never_scores():
    verdict = run("json_strict", written().replace('"', "'"), values=VALUES)
    assert verdict.detail["recoverable"] and verdict.detail["tier"] == "J1a"
    assert not run("json_strict", written()[:-1], values=VALUES).detail["recoverable"]


@pytest.mark.parametrize(
    ("wrapper", "bare", "fenced"),
    [("none", "met", "not_met"), ("fence", "not_met", "met"), ("either", "met", "met")],
)
def test_the_form_is_the_one_the_item_asks_for(wrapper, bare, fenced):
    assert run("json_form", "{}", wrapper=wrapper).outcome == bare
    assert run("json_form", "```\n{}\n```", wrapper=wrapper).outcome == fenced


def test_schema_and_values_do_not_ask_about_form():
    text = f"如下：\n```json\n{written()}\n```"
    assert run("json_schema", text, SCHEMA).outcome == "met"
    assert run("json_values", text, values=VALUES).outcome == "met"
    assert run("json_no_extra", text, SCHEMA).outcome == "not_met"


def test_schema_errors_are_told_by_path():
    verdict = run("json_schema", written(年龄="x"), SCHEMA)
    assert verdict.evidence == "/年龄" and verdict.codes == ("type",)
    assert run("json_schema", "{}").outcome == "unsure"


def test_no_key_is_extra_at_any_depth():
    schema = {"properties": {"明细": {"items": {"properties": {"名": {}}}}}}
    assert run("json_no_extra", '{"明细": [{"名": "米"}]}', schema).outcome == "met"
    assert run("json_no_extra", '{"明细": [{"名": "米", "价": 3}]}', schema).evidence == "/明细/0/价"


def test_an_edit_may_change_the_named_place_and_nothing_else():
    """Worked example 22: everything else is equal, strings at N0."""
    gold = {
        "单号": "A-017",
        "明细": [{"名称": "白板笔", "数量": 2}, {"名称": "文件夹", "数量": 5}],
        "备注": "他说“尽快”",
    }
    values = {"": {"exact": gold, "level": "N0"}}
    good = json.dumps(gold, ensure_ascii=False)
    assert run("json_strict", good, values=values).outcome == "met"
    for old, new in (
        ('"数量": 2', '"数量": 5'),
        ("“尽快”", "'尽快'"),
        ("A-017", "A017"),
        (', "备注": "他说“尽快”"', ""),
    ):
        assert old in good
        assert run("json_strict", good.replace(old, new), values=values).lenient == "not_met"


def test_ref_never_fetches_and_a_bad_schema_is_the_authors_error():
    for schema in ({"$ref": "http://127.0.0.1:9/x.json"}, {"$ref": "file:///etc/passwd"}, {"type": "integr"}):
        with pytest.raises(UserError):
            schema_faults({}, schema)
    assert schema_faults({"minLength": -1}, {"$ref": "https://json-schema.org/draft/2020-12/schema"})
    assert schema_faults("\ud83d", True)[0].keyword == "unencodable"
    assert schema_faults(5, {"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"})[0].keyword == "type"


# public facts of draft 2020-12 that the specification names
AGREED = [
    ({"type": "integer"}, 5.0, True),
    ({"type": "integer"}, True, False),
    ({"enum": [1]}, 1.0, True),
    ({"enum": [1]}, True, False),
    ({"maxLength": 1}, "𠮷", True),
    ({"format": "date"}, "2026-13-99", True),
]


@pytest.mark.parametrize(("schema", "value", "valid"), AGREED)
def test_the_validator_agrees_with_the_specification(schema, value, valid):
    assert (not schema_faults(value, schema)) is valid
    assert schema_faults("2026-13-99", {"format": "date"}, formats=True)


def test_pointers_reach_into_lists_and_escaped_keys():
    value = {"a/b": [{"c~d": 1}]}
    assert all(found.strict for found in match_values(value, {"/a~1b/0/c~0d": 1}))
    assert match_values(value, {"/a~1b/1": 1}, "allow")[0].code == "missing_arg"
    assert match_values(value, {"/a~1b/x": 1}, "allow")[0].code == "missing_arg"


def test_json_lines_are_read_line_by_line():
    lines = [{"object": {"a": 1}}, {"object": {"a": 2}}]
    assert run("json_lines", '{"a":1}\n\n{"a":2}\n', lines=lines).outcome == "met"
    assert run("json_lines", '{"a":2}\n{"a":1}', lines=lines).outcome == "not_met"
    assert run("json_lines", '{"a":2}\n{"a":1}', lines=lines, ordered=False).outcome == "met"
    fenced = run("json_lines", '```\n{"a":1}\n{"a":2}\n```', lines=lines)
    assert (fenced.outcome, fenced.lenient) == ("not_met", "met")
    assert run("json_lines", '[{"a":1},{"a":2}]', lines=lines).outcome == "not_met"


def test_an_array_has_the_length_asked():
    assert run("json_length", '{"a": [1, 2]}', pointer="/a", exactly=2).outcome == "met"
    assert run("json_length", '{"a": [1, 2]}', pointer="/a", exactly=3).outcome == "not_met"


def test_every_loosened_value_check_still_accepts_the_gold():
    check = registry.look_up("json_strict")
    labels = []
    for label, looser in check.loosen({"values": VALUES, "wrapper": "none"}):
        labels.append(label)
        assert run("json_strict", written(), **looser).outcome == "met"
    assert {"wrapper either", "extra allowed", "/年龄 freed"} <= set(labels)
