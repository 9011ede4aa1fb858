"""Checks for what is said instead of a call or after one: an answer, a question, a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from zhprobe.checks.call_codes import CLASS_ZH
from zhprobe.checks.call_reading import Emission, read_emission
from zhprobe.checks.registry import check
from zhprobe.records import Item, Reply, Verdict
from zhprobe.text.asking import read_question
from zhprobe.text.facts import find_fact


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing a text must report; give exactly one of the kinds."""

    number: float | int | None = None
    name: str = ""
    one_of: list[str] = []
    date: str = ""
    time: str = ""


def _kinds(fact: Fact) -> tuple[str, Any]:
    if fact.number is not None:
        return "number", fact.number
    if fact.name:
        return "one_of", [fact.name]
    if fact.one_of:
        return "one_of", fact.one_of
    return ("date", fact.date) if fact.date else ("time", fact.time)


def _missing(text: str, facts: list[Fact]) -> list[str]:
    """The facts that a text does not hold, as a reader says them."""
    return [str(value) for kind, value in map(_kinds, facts) if not find_fact(text, kind, value)]


def _fewer_facts(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One fact, or one forbidden word, less."""
    for key in ("facts", "lacks"):
        given = msgspec.to_builtins(parameters.get(key) or [])
        for number in range(len(given)):
            yield f"{key} without no. {number + 1}", parameters | {key: given[:number] + given[number + 1 :]}


@check(loosen=_fewer_facts)
def no_call(
    answer: str,
    *,
    facts: list[Fact] | None = None,
    text: Literal["required", "ignore"] = "required",
    turn: int | None = None,
    reply: Reply,
    item: Item,
) -> Verdict:
    """Met when the reply calls no tool and says something, with the facts asked for.

    A call that cannot be read, an empty or a cut reply is no abstention.
    """
    emission = read_emission(reply, item, turn=turn)
    kind = emission.kind
    missing = _missing(emission.visible, facts or [])
    met = (kind == "abstained" or (kind == "empty" and text == "ignore")) and not missing
    codes = [code for code in (emission.class_code, "extra_call" if kind == "called" else "") if code]
    reason, english = CLASS_ZH[kind], f"class: {kind}"
    if kind == "abstained" and missing:
        reason, english = (
            f"没有调用工具，但没有答出 {'、'.join(missing)}",
            "no call, but the answer lacks a fact",
        )
    return Verdict(
        "met" if met else "not_met",
        reason,
        english,
        evidence=_calls_shown(emission) or emission.visible[:80],
        spans=tuple(call.span for call in emission.calls if call.span) or tuple(emission.spans[:5]),
        codes=(*codes, *emission.codes),
        detail=_plain_detail(emission),
    )


def _calls_shown(emission: Emission) -> str:
    return "；".join(f"{call.name}({call.arguments})" for call in emission.calls)[:200]


def _plain_detail(emission: Emission) -> dict[str, Any]:
    """The calls that should not have been, in the shape that a page draws."""
    calls = [
        {"name": c.name, "args": c.arguments, "problems": list(c.problems), "reply": c.message}
        for c in emission.calls
    ]
    extra = list(range(len(calls)))
    base = {
        "kind": "calls",
        "class": emission.kind,
        "dialect": emission.dialect,
        "n_expected": 0,
        "n_matched": 0,
    }
    return base | {"expected": [], "emitted": calls, "pairs": [], "missing": [], "extra": extra}


def _any_question(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Any question will do, whatever it asks."""
    yield "any question", parameters | {"aliases": [*parameters["aliases"], "?", "？"]}


@check(loosen=_any_question)
def asks_for(
    answer: str,
    *,
    slot: str,
    aliases: list[str],
    turn: int | None = None,
    reply: Reply,
    item: Item,
) -> Verdict:
    """Met when the reply calls nothing, asks, names what is missing, and takes no value for granted.

    `aliases` are the ways in which the missing thing may be named. A value given as an example is no
    assumption. Further questions are allowed and counted (asks_extra in the detail).
    """
    emission = read_emission(reply, item, turn=turn)
    asked = read_question(emission.visible, aliases)
    detail = {
        "kind": "ask",
        "class": emission.kind,
        "slot": slot,
        "asks": asked.asks,
        "named": asked.named,
        "taken": asked.taken,
        "asks_extra": max(0, asked.questions - 1),
    }
    if emission.kind != "abstained":
        code = "hallucinated_value" if emission.kind == "called" else emission.kind
        return Verdict(
            "not_met",
            f"{CLASS_ZH[emission.kind]}，没有先问“{slot}”",
            f"class {emission.kind}, asked for '{slot}' to be asked",
            evidence=_calls_shown(emission),
            codes=(code,),
            detail=detail,
        )
    if asked.taken:
        return Verdict(
            "not_met",
            f"没有问清“{slot}”就当它已定",
            f"takes a value of '{slot}' for granted",
            evidence=asked.taken[:120],
            codes=("hallucinated_value",),
            detail=detail,
        )
    if not asked.asks or not asked.named:
        return Verdict(
            "not_met",
            f"没有问“{slot}”" if asked.asks else "没有提问",
            f"does not ask for '{slot}'" if asked.asks else "asks nothing",
            evidence=emission.visible[:80],
            detail=detail,
        )
    spans = (asked.span,) if asked.span and emission.visible == answer else ()
    return Verdict(
        "met", f"问到了“{slot}”", f"asks for '{slot}'", evidence=asked.named, spans=spans, detail=detail
    )


@check(loosen=_fewer_facts)
def text_reports(
    answer: str,
    *,
    facts: list[Fact],
    lacks: list[str] | None = None,
    turn: int | None = None,
    reply: Reply,
    item: Item,
) -> Verdict:
    """Met when the visible text holds each fact: numbers, dates and times by value, names as written.

    A name of letters and digits must stand alone (E1 is not in E12). `lacks` names what must not be said.
    """
    emission = read_emission(reply, item, turn=turn)
    text = emission.said if turn is not None else emission.visible
    missing = _missing(text, facts)
    said = [word for word in lacks or () if find_fact(text, "one_of", [word])]
    met = not missing and not said
    told = [f"没有提到 {value}" for value in missing] + [f"不该说“{word}”" for word in said]
    return Verdict(
        "met" if met else "not_met",
        "要点都报告了" if met else "；".join(told),
        "all facts reported" if met else f"{len(missing)} facts missing, {len(said)} forbidden words",
        evidence=text[:120],
        share=(len(facts) - len(missing), len(facts)),
    )
