"""The call diff: every expected and emitted value is there, and hostile text is escaped."""

import json

from zhprobe.checks.registry import bind
from zhprobe.records import Item, Reply, ToolCall
from zhprobe.report.calls import call_diff_html, call_diff_text

TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {}}}},
}
ITEM = Item("structured/x", "a", (), (), tools=(TOOL,))


def verdict(**arguments):
    reply = Reply("structured/x", "a", "m", tool_calls=(ToolCall("f", json.dumps(arguments)),))
    return bind("calls_match", {"calls": [{"name": "f", "args": {"a": {"date": "2025-05-23"}}}]})(reply, ITEM)


def test_the_text_shows_both_sides_and_why():
    shown = call_diff_text(verdict(a="2025-05-24").detail)
    assert "2025-05-23" in shown and "2025-05-24" in shown and "✗" in shown and "差一天" in shown


def test_the_html_escapes_what_a_model_wrote():
    shown = call_diff_html(verdict(a="<script>alert(1)</script>").detail)
    assert "<script>" not in shown and "&lt;script&gt;" in shown


def test_a_missing_and_an_extra_argument_are_shown():
    shown = call_diff_text(verdict(b=1).detail)
    assert "（无）" in shown and "不应传" in shown


def test_steps_of_a_world_are_listed():
    detail = {"kind": "state", "steps": [{"tool": "t", "arguments": {"x": 1}, "result": {"错误": "忙"}, "error": True, "wrote": False}], "wrong": ["/a 应为 1"], "stray": ["/b"]}  # fmt: skip
    assert 't({"x": 1})' in call_diff_text(detail) and "/b 不该改动" in call_diff_text(detail)
    assert "忙" in call_diff_html(detail)


def test_a_question_is_drawn_with_what_it_asks():
    reply = Reply("structured/x", "a", "m", text="请问从哪里出发？")
    found = bind("asks_for", {"slot": "出发地", "aliases": ["出发"]})(reply, ITEM)
    assert "出发地" in call_diff_text(found.detail) and "named as" in call_diff_text(found.detail, "en")
    assert "<dt>" in call_diff_html(found.detail)
