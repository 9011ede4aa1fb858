"""The drawing of a JSON verdict: three answers apart, every fault with its place, nothing left raw."""

from zhprobe.checks import registry
from zhprobe.records import Item, Reply
from zhprobe.report.drawing import draw
from zhprobe.report.json_diff import json_text

ITEM = Item("p/x", "i", (), (), schema={"properties": {"年龄": {"type": "integer"}}})
RUN = registry.bind("json_strict", {"values": {"/年龄": 32, "/城市": "泉州"}})


def detail(answer):
    return RUN(Reply("p/x", "i", "m", text=answer), ITEM).detail


def test_form_schema_and_values_are_told_apart():
    text = json_text(detail('```json\n{"年龄": 33, "城市": "泉州"}\n```'))
    assert "✗ 形式" in text and "✓ 结构" in text and "✗ 值" in text and "/年龄" in text


def test_a_schema_fault_is_told_with_its_keyword():
    assert "type" in json_text(detail('{"年龄": "x", "城市": "泉州"}'), "en")


def test_hostile_values_are_escaped():
    drawn = draw(detail('{"年龄": "<script>alert(1)</script>", "城市": "<img src=x onerror=y>"}'), "", "zh")
    assert drawn and "<script" not in drawn and "<img" not in drawn


def test_a_reply_without_json_is_drawn_too():
    assert "J0" in draw(detail("不知道"), "", "en")


def test_what_was_not_asked_is_not_drawn():
    form = registry.bind("json_form", {})(Reply("p/x", "i", "m", text="{}"), Item("p/x", "i", (), ()))
    assert "值" not in json_text(form.detail).splitlines()[1] and "结构" not in json_text(form.detail)
