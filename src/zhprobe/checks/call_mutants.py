"""Every item tests its own grader: mutants of the right reply, and what must become of each.

The table is that of the specification, section 11. `mutants` makes the replies of one item; who runs them
is the test suite and `tools/check_items.py`.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from zhprobe.records import Item, Reply, ToolCall
from zhprobe.text.call_syntax import function_of, properties_of, schemas_of
from zhprobe.text.normal import normal

Wanted = Literal["strict", "lenient", "reject", "attempt_unparsed", "empty", "abstained"]
OPTIONS = frozenset(["optional", "why", "level", "form", "abs", "rel", "extra", "zone"])


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed reply. `row` names the line of the table, `wanted` what must become of it."""

    row: str
    label: str
    wanted: Wanted
    reply: Reply


Calls = list[tuple[str, dict[str, Any]]]


def kind_of(matcher: Any) -> tuple[str, Any]:
    """The kind of a matcher and what it compares with; a bare value compares with itself.

    >>> kind_of({"date": "2025-01-02", "form": "YYYY-MM-DD"}), kind_of(5)
    (('date', '2025-01-02'), ('number', 5))
    """
    if isinstance(matcher, Mapping):
        found = next((key for key in matcher if key not in OPTIONS), "any")
        return found, matcher.get(found)
    if isinstance(matcher, bool):
        return "bool", matcher
    if isinstance(matcher, int | float):
        return "number", matcher
    return ("text", matcher) if isinstance(matcher, str) else ("exact", matcher)


def wrong_values(matcher: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """Values that are near the right one and must be refused, each with its name.

    >>> dict(wrong_values({"bool": True}, True)), dict(wrong_values({"date": "2026-02-10"}, "2026-02-10"))["day +1"]
    ({'boolean flipped': False}, '2026-02-11')
    """
    kind, inner = kind_of(matcher)
    if kind == "bool":
        yield "boolean flipped", not value
    elif kind == "number" and isinstance(value, int | float):
        yield from _wrong_numbers(value, matcher)
    elif kind == "date" and isinstance(value, str):
        yield from _wrong_dates(value)
    elif kind in ("time", "datetime") and isinstance(value, str):
        yield from _wrong_times(value)
    elif kind in ("exact", "text", "digits") and isinstance(value, str):
        yield from _wrong_texts(kind, value)
    elif kind == "one_of" and isinstance(value, str):
        fits = {normal(str(kind_of(m)[1]), "N3") for m in inner}
        yield from ((label, v) for label, v in _wrong_texts("text", value) if normal(v, "N3") not in fits)
    elif kind == "rmb_cn" and isinstance(value, str):
        yield (
            "capital amount changed",
            re.sub("[壹贰叁肆伍陆柒捌玖]", lambda m: "贰" if m[0] == "壹" else "壹", value, count=1),
        )
    elif kind in ("list", "set") and isinstance(value, list):
        yield from _wrong_lists(kind, inner, value)
    elif kind == "object" and isinstance(value, Mapping):
        for key, part in inner.items():
            if key in value:
                for label, changed in wrong_values(part, value[key]):
                    yield f"{key}: {label}", {**value, key: changed}
    elif kind in ("contains", "all") and isinstance(value, str):
        for word in [inner] if isinstance(inner, str) else inner:
            if isinstance(word, str) and word in value:
                yield "word left out", value.replace(word, "") or "另有安排"


def _wrong_numbers(value: float, matcher: Any) -> Iterator[tuple[str, Any]]:
    for label, changed in (("+1", value + 1), ("×10", value * 10), ("÷10", value / 10)):
        if abs(changed - value) > float(matcher.get("abs", 0) if isinstance(matcher, Mapping) else 0):
            yield f"number {label}", round(changed, 6)
    if value:
        yield "sign turned", -value
    if isinstance(value, float) and not value.is_integer() and "e" not in str(value):
        yield "decimal point removed", int(str(value).replace(".", ""))


def _wrong_dates(value: str) -> Iterator[tuple[str, Any]]:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return
    for label, days in (("day +1", 1), ("day -1", -1), ("week +1", 7), ("week -1", -7)):
        yield label, (day + timedelta(days=days)).isoformat()


def _wrong_times(value: str) -> Iterator[tuple[str, Any]]:
    match = re.search(r"(\d{2}):(\d{2})", value)
    if match:
        hour = (int(match[1]) + 12) % 24
        yield (
            "half of the day swapped",
            f"{value[: match.start()]}{hour:02d}:{match[2]}{value[match.end() :]}",
        )


_NEGATION = re.compile("[不未没]")


def _wrong_texts(kind: str, value: str) -> Iterator[tuple[str, Any]]:
    digits = re.search(r"\d", value)
    if digits:
        changed = str((int(digits[0]) + 1) % 10)
        yield "one digit changed", value[: digits.start()] + changed + value[digits.end() :]
    if kind == "digits":
        yield "last digit dropped", value[:-1]
        return
    if _NEGATION.search(value):
        yield "negation removed", _NEGATION.sub("", value, count=1)
    else:
        yield "negation added", "不" + value
    yield "suffix added", value + ("X" if value.isascii() else "等")
    yield "prefix added", ("X" if value.isascii() else "新") + value
    if len(value) > 1 and value[-1].isalnum():
        yield "cut short", value[:-1]


def _wrong_lists(kind: str, inner: Sequence[Any], value: list[Any]) -> Iterator[tuple[str, Any]]:
    if value:
        yield "one entry dropped", value[:-1]
        yield "one entry doubled", [*value, value[-1]]
    if kind == "list" and len(value) > 1 and value[0] != value[1]:
        yield "order turned", [value[1], value[0], *value[2:]]
    if kind == "list" or len(value) == 1:
        for number, (part, held) in enumerate(zip(inner, value, strict=False)):
            for label, changed in wrong_values(part, held):
                yield f"entry {number + 1}: {label}", [*value[:number], changed, *value[number + 1 :]]


def form_values(matcher: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """The right value in a wrong form: strict refuses, lenient accepts."""
    kind, _ = kind_of(matcher)
    plain = isinstance(value, int | float) and not isinstance(value, bool) and "e" not in str(value)
    if kind == "number" and plain:
        yield "number as text", str(int(value)) if float(value).is_integer() else str(value)
    elif kind == "date" and isinstance(value, str) and isinstance(matcher, Mapping) and "form" in matcher:
        day = date.fromisoformat(value)
        yield "date in another form", f"{day.year}年{day.month}月{day.day}日"


def same_values(matcher: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """The right value written a little differently: strict accepts."""
    kind, _ = kind_of(matcher)
    if kind == "text" and isinstance(value, str):
        yield "space and 。 added", f" {value}。"
        if re.search(r"[A-Za-z0-9]", value):
            yield "full-width ASCII", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    elif kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        yield "integer as float", float(value)
    elif kind == "set" and isinstance(value, list) and len(value) > 1:
        yield "set turned", value[::-1]


def array_text(calls: Calls) -> str:
    """Calls in the prompt protocol."""
    return json.dumps([{"name": n, "arguments": a} for n, a in calls], ensure_ascii=False)


def native(item: Item, calls: Calls, text: str = "") -> Reply:
    """A reply with the endpoint's own calls."""
    made = tuple(
        ToolCall(name, json.dumps(arguments, ensure_ascii=False), f"call_{number}")
        for number, (name, arguments) in enumerate(calls)
    )
    return Reply(item.probe, item.id, "mutant", text=text, tool_calls=made, finish_reason="tool_calls")


def prompted(item: Item, text: str) -> Reply:
    """A reply in prompt mode."""
    return Reply(item.probe, item.id, "mutant", text=text, finish_reason="stop")


def mutants(
    item: Item, expected: Sequence[Mapping[str, Any]], gold: Calls, *, order: Any = "any"
) -> Iterator[Mutant]:
    """The table of section 11 for one item that expects calls.

    `expected` are the expected calls as the probe file gives them, `gold` a right reply, call by call in
    the same order.
    """
    yield from _accepted(item, expected, gold, order)
    yield from _form_only(item, expected, gold)
    yield from _refused(item, expected, gold)
    yield from _broken(item, gold)


def _changed(gold: Calls, number: int, key: str, value: Any) -> Calls:
    calls = copy.deepcopy(gold)
    calls[number][1][key] = value
    return calls


def _each(expected: Sequence[Mapping[str, Any]], gold: Calls) -> Iterator[tuple[int, str, Any, Any]]:
    for number, (call, (_, arguments)) in enumerate(zip(expected, gold, strict=False)):
        for key, matcher in call.get("args", {}).items():
            if key in arguments:
                yield number, key, matcher, arguments[key]


def _accepted(item: Item, expected: Sequence[Mapping[str, Any]], gold: Calls, order: Any) -> Iterator[Mutant]:
    row = "same"
    yield Mutant("gold", "as it is", "strict", native(item, gold))
    yield Mutant("gold", "in prompt mode", "strict", prompted(item, array_text(gold)))
    if len(gold) > 1 and order == "any":
        yield Mutant(row, "calls reversed", "strict", native(item, gold[::-1]))
    turned = [(name, dict(reversed(list(arguments.items())))) for name, arguments in gold]
    yield Mutant(row, "keys reversed", "strict", native(item, turned))
    for number, key, matcher, value in _each(expected, gold):
        for label, changed in same_values(matcher, value):
            yield Mutant(row, f"{key}: {label}", "strict", native(item, _changed(gold, number, key, changed)))
    schemas = schemas_of(item.tools)
    for number, (name, arguments) in enumerate(gold):
        for key, schema in properties_of(schemas.get(name, {})).items():
            mentioned = number < len(expected) and key in expected[number].get("args", {})
            if key not in arguments and "default" in schema and not mentioned:
                calls = _changed(gold, number, key, schema["default"])
                yield Mutant(row, f"{key}: default said", "strict", native(item, calls))


def _form_only(item: Item, expected: Sequence[Mapping[str, Any]], gold: Calls) -> Iterator[Mutant]:
    row = "form"
    text = array_text(gold)
    yield Mutant(row, "fenced", "lenient", prompted(item, f"```json\n{text}\n```"))
    yield Mutant(row, "sentence around", "lenient", prompted(item, f"好的，我来处理。\n{text}\n请稍候。"))
    twice = native(item, gold)
    encoded = tuple(
        ToolCall(c.name, json.dumps(c.arguments, ensure_ascii=False), c.id) for c in twice.tool_calls
    )
    if any(arguments for _, arguments in gold):
        reply = Reply(item.probe, item.id, "mutant", tool_calls=encoded, finish_reason="tool_calls")
        yield Mutant(row, "arguments encoded twice", "lenient", reply)
    for number, key, matcher, value in _each(expected, gold):
        for label, changed in form_values(matcher, value):
            yield Mutant(
                row, f"{key}: {label}", "lenient", native(item, _changed(gold, number, key, changed))
            )


def _refused(item: Item, expected: Sequence[Mapping[str, Any]], gold: Calls) -> Iterator[Mutant]:
    row = "value"
    for number, key, matcher, value in _each(expected, gold):
        for label, changed in wrong_values(matcher, value):
            yield Mutant(row, f"{key}: {label}", "reject", native(item, _changed(gold, number, key, changed)))
        if not (isinstance(matcher, Mapping) and matcher.get("optional")):
            calls = copy.deepcopy(gold)
            del calls[number][1][key]
            yield Mutant(row, f"{key} dropped", "reject", native(item, calls))
    if gold:
        added = _changed(gold, 0, "备用参数", "有")
        yield Mutant(row, "undeclared argument added", "reject", native(item, added))
        yield Mutant(row, "one call dropped", "reject", native(item, gold[:-1], "好的。"))
        yield Mutant(
            row, "unknown function", "reject", native(item, [(gold[0][0] + "_v9", gold[0][1]), *gold[1:]])
        )
        yield Mutant(row, "one call doubled", "reject", native(item, [*gold, gold[-1]]))
    yield from _swapped(item, gold, row)


def _swapped(item: Item, gold: Calls, row: str) -> Iterator[Mutant]:
    """Arguments of two parallel calls swapped: one argument at a time, where it makes other calls."""
    for first in range(len(gold)):
        for second in range(first + 1, len(gold)):
            (name, one), (other, two) = gold[first], gold[second]
            if name != other:
                continue
            for key in one.keys() & two.keys():
                calls = copy.deepcopy(gold)
                calls[first][1][key], calls[second][1][key] = two[key], one[key]
                if _bag(calls) != _bag(gold):
                    yield Mutant(row, f"{key} swapped between calls", "reject", native(item, calls))
                    return


def _bag(calls: Calls) -> list[str]:
    return sorted(json.dumps(call, ensure_ascii=False, sort_keys=True) for call in calls)


REFUSAL = "抱歉，我无法完成这个请求。"


def _broken(item: Item, gold: Calls) -> Iterator[Mutant]:
    row = "class"
    text = array_text(gold)
    yield Mutant(row, "empty", "empty", prompted(item, ""))
    yield Mutant(row, "cut at half", "attempt_unparsed", prompted(item, text[: len(text) * 2 // 3]))
    place = text.rindex("}")
    yield Mutant(row, "bracket missing", "attempt_unparsed", prompted(item, text[:place] + text[place + 1 :]))
    yield Mutant(row, "refusal", "abstained", prompted(item, REFUSAL))
    listed = json.dumps([dict(function_of(tool)) for tool in item.tools], ensure_ascii=False)
    yield Mutant(row, "tool list echoed", "attempt_unparsed", prompted(item, listed))
