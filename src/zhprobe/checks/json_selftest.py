"""JSON items test their own grader: mutants of the right value, and what must become of each.

Three rows, as for calls: written otherwise (accepted strictly), in another form (refused strictly, accepted
leniently), and wrong (refused). Constraint items are tried on replies that do nothing.
"""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from zhprobe.checks.call_mutants import Mutant, Wanted
from zhprobe.checks.call_selftest import Trial
from zhprobe.checks.registry import bind
from zhprobe.checks.values import is_number
from zhprobe.records import Criterion, Item, Reply, Specimen
from zhprobe.text.strict_json import read_json

Json = Any
Path = tuple[str | int, ...]
WRAPPED = ("fence taken off", "fenced", "words before and after")
FORM = ("json_form", "json_no_extra")
REFUSAL = "抱歉，我无法完成这个请求。"


def json_trials(item: Item) -> Iterator[Trial]:
    """Every mutant of an item whose JSON is checked; nothing for other items.

    Where form and values are criteria of their own, the verdict on a mutant is that of both together.
    """
    criteria = [c for c in item.criteria if c.check_name in ("json_strict", "json_values", *FORM)]
    main = next((c for c in criteria if c.check_name in ("json_strict", "json_values")), None)
    gold = next((s for s in item.specimens if not s.verdicts), None)
    if main is None or gold is None:
        return
    value = read_json(gold.answer).value
    form = any(c.check_name in ("json_strict", *FORM) for c in criteria)
    fenced = any(c.check_parameters.get("wrapper") == "fence" for c in criteria)
    for mutant in json_mutants(item, value, main.check_parameters["values"], fenced):
        verdicts = [bind(c.check_name, c.check_parameters, item.key)(mutant.reply, item) for c in criteria]
        strict = all(v.outcome == "met" for v in verdicts)
        lenient = all(v.lenient == "met" for v in verdicts)
        if not form and mutant.row == "form" and mutant.label in WRAPPED:
            mutant = dataclasses.replace(mutant, wanted="strict")  # the item does not ask about form
        wanted = {"strict": (True, True), "lenient": (False, True), "reject": (False, False)}[mutant.wanted]
        worst = next((v for v in verdicts if v.outcome != "met"), verdicts[0])
        yield Trial(item.key, mutant, worst, (strict, lenient) == wanted)


def json_mutants(
    item: Item, value: Json, values: Mapping[str, Json], fenced: bool = False
) -> Iterator[Mutant]:
    """Mutants of the gold value, each with what is wanted of it."""
    text = json.dumps(value, ensure_ascii=False)
    fence = f"```json\n{text}\n```"

    def made(row: str, label: str, words: str, wanted: Wanted, *, bare: bool = False) -> Mutant:
        written = f"```json\n{words}\n```" if fenced and not bare else words
        return Mutant(
            row, label, wanted, Reply(item.probe, item.id, "mutant", text=written, finish_reason="stop")
        )

    def changed(label: str, new: Json, wanted: Wanted = "reject", row: str = "wrong") -> Mutant:
        return made(row, label, json.dumps(new, ensure_ascii=False), wanted)

    yield made("accept", "keys reversed", json.dumps(_reversed(value), ensure_ascii=False), "strict")
    yield made("accept", "indented", json.dumps(value, ensure_ascii=False, indent=2), "strict")
    yield made("accept", "escaped", json.dumps(value), "strict")
    yield made(
        "form", "fence taken off" if fenced else "fenced", text if fenced else fence, "lenient", bare=True
    )
    yield made(
        "form", "words before and after", f"好的：\n{fence if fenced else text}\n以上。", "lenient", bare=True
    )
    yield made("wrong", "empty", "", "reject", bare=True)
    yield made("wrong", "refusal", REFUSAL, "reject", bare=True)
    yield made("wrong", "the prompt again", item.prompt, "reject", bare=True)
    yield made("wrong", "cut at half", text[: len(text) // 2], "reject", bare=True)
    yield made("wrong", "last bracket missing", text[:-1], "reject", bare=True)
    yield made("wrong", "twice", f"{text}\n{text}", "reject", bare=True)
    for path, holder in _holders(value):
        if isinstance(holder, dict):
            yield changed("key added", replaced(value, path, {**holder, "另附": "无"}))
            for key in holder:
                yield changed(
                    "key dropped", replaced(value, path, {k: v for k, v in holder.items() if k != key})
                )
        elif holder:
            yield changed("entry dropped", replaced(value, path, holder[:-1]))
            yield changed("entry twice", replaced(value, path, [*holder, holder[-1]]))
    for path, leaf, matcher in _leaves(value, values):
        for label, new, wanted in leaf_mutants(leaf, matcher):
            if wanted == "strict" and isinstance(leaf, str) and item.schema:
                continue  # an enum or a pattern of the schema admits no stop and no space
            row = {"strict": "accept", "lenient": "form", "reject": "wrong"}[wanted]
            yield changed(label, replaced(value, path, new), wanted, row)


def leaf_mutants(leaf: Json, matcher: Json) -> Iterator[tuple[str, Json, Wanted]]:
    """Mutants of one value: label, new value, what is wanted.

    >>> [(label, new) for label, new, wanted in leaf_mutants(5, 5) if wanted == "reject"]
    [('number + 1', 6), ('number x 10', 50), ('sign turned', -5), ('number as true', True)]
    """
    name = next(iter(matcher)) if isinstance(matcher, Mapping) else "bare"
    if name in ("one_of", "contains", "any", "judge", "regex", "absent"):
        return  # several values are right: the specimens say which
    if isinstance(leaf, bool):
        yield "boolean flipped", not leaf, "reject"
        yield "boolean as word", "是" if leaf else "否", "lenient" if name in ("bare", "bool") else "reject"
    elif is_number(leaf):
        if isinstance(leaf, int):
            yield "integer as float", float(leaf), "strict"
        yield "number + 1", leaf + 1, "reject"
        if leaf:
            yield "number x 10", leaf * 10, "reject"
            yield "sign turned", -leaf, "reject"
        yield "number as string", _plain(leaf), "lenient" if name in ("bare", "number") else "reject"
        yield "number as true", True, "reject"
    elif leaf is None:
        for made_up in ("未知", 0, False):
            yield "made up", made_up, "reject"
    elif isinstance(leaf, str) and leaf:
        if name in ("bare", "text"):
            yield "stop and space added", f" {leaf}。", "strict"
        yield "suffix added", f"{leaf}等", "reject"
        yield "prefix added", f"不{leaf}", "reject"
        yield "null for it", None, "reject"
        if len(leaf) > 1 and name != "rmb_cn":  # 整 may be left out after 角
            yield "last character lost", leaf[:-1], "reject"
        digits = [place for place, sign in enumerate(leaf) if sign in "0123456789"]
        if digits and name != "rmb_cn":
            place = digits[-1]
            yield (
                "one digit changed",
                f"{leaf[:place]}{(int(leaf[place]) + 1) % 10}{leaf[place + 1 :]}",
                "reject",
            )


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(number)


def _reversed(value: Json) -> Json:
    """All objects with their keys the other way round."""
    if isinstance(value, dict):
        return {key: _reversed(inner) for key, inner in reversed(value.items())}
    return [_reversed(inner) for inner in value] if isinstance(value, list) else value


def _holders(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every object and array, outermost first."""
    if isinstance(value, dict | list):
        yield path, value
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _holders(inner, (*path, key))


def replaced(value: Json, path: Path, new: Json) -> Json:
    """A copy with one place replaced.

    >>> replaced({"a": [1, 2]}, ("a", 1), 5)
    {'a': [1, 5]}
    """
    if not path:
        return new
    whole = copy.deepcopy(value)
    holder = whole
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = new
    return whole


def _leaves(value: Json, values: Mapping[str, Json]) -> Iterator[tuple[Path, Json, Json]]:
    """Scalars of the gold value beside their matchers."""
    for pointer, spec in values.items():
        path: Path = ()
        inner = value
        for step in pointer.split("/")[1:]:
            key: str | int = step.replace("~1", "/").replace("~0", "~")
            key = int(key) if isinstance(inner, list) else key
            inner, path = inner[key], (*path, key)
        yield from _walk(inner, spec, path)


def _walk(value: Json, spec: Json, path: Path) -> Iterator[tuple[Path, Json, Json]]:
    if isinstance(spec, list):
        spec = {"list": spec}
    if isinstance(spec, Mapping) and "object" in spec:
        for key, inner in spec["object"].items():
            if isinstance(value, dict) and key in value:
                yield from _walk(value[key], inner, (*path, key))
    elif isinstance(spec, Mapping) and ("list" in spec or "set" in spec):
        for place, inner in enumerate(spec.get("list") or spec.get("set") or ()):
            yield from _walk(value[place], inner, (*path, place))
    elif not isinstance(value, dict | list):
        yield path, value, spec


def idle_trials(item: Item) -> Iterator[Trial]:
    """Replies that do nothing, on an item of constraints: none may meet all its criteria."""
    programs = [c for c in item.criteria if c.check]
    for label, words in (
        ("empty", ""),
        ("refusal", REFUSAL),
        ("the prompt again", item.prompt),
        ("one word", "好"),
    ):
        reply = Reply(item.probe, item.id, "mutant", text=words, finish_reason="stop")
        verdicts = [bind(c.check_name, c.check_parameters, item.key)(reply, item) for c in programs]
        worst = next((v for v in verdicts if v.outcome != "met"), verdicts[0])
        yield Trial(item.key, Mutant("wrong", label, "reject", reply), worst, worst.outcome != "met")


def good_and_refused(item: Item) -> tuple[list[Specimen], list[Specimen]]:
    """The specimens that meet every criterion, and the others."""
    by_id: dict[str, Criterion] = {c.id: c for c in item.criteria if c.check}
    good = [s for s in item.specimens if not any(key in by_id for key in s.verdicts)]
    return good, [s for s in item.specimens if s not in good]
