"""Are the calls of a reply the expected ones? Names, every argument, number, order, nothing extra."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from zhprobe.checks.call_arguments import compare, looser
from zhprobe.checks.call_codes import CLASS_ZH, NOTES
from zhprobe.checks.call_matching import (
    ExpectedCall,
    ExtraArgs,
    ExtraCalls,
    Match,
    Pairing,
    match_calls,
    pair,
    pair_leftovers,
    slots_of,
)
from zhprobe.checks.call_reading import Emission, EmittedCall, read_emission
from zhprobe.checks.registry import check
from zhprobe.checks.values import DIAGNOSTICS
from zhprobe.records import Item, Reply, Verdict
from zhprobe.text.call_syntax import schemas_of
from zhprobe.text.dialects import has_words
from zhprobe.world_tools import WORLDS

Order = str | dict[str, list[list[str]]]  # "any", "listed", or {before = [["a", "b"]]}


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One whole expectation among several, so that values are not mixed between them."""

    calls: list[ExpectedCall]
    order: Order = "any"


class Forbidden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call that must never be made, whatever else is allowed; no args: any call of that name."""

    name: str
    args: dict[str, Any] = {}


@dataclass(slots=True)
class Judged:
    """One expectation laid against what was emitted."""

    expected: Sequence[ExpectedCall]
    table: list[list[Pairing]]
    strict: bool = False
    lenient: bool = False
    match: Match = field(default_factory=Match)
    codes: list[str] = field(default_factory=list)
    shown: list[tuple[int, int]] = field(default_factory=list)  # (expected, emitted) for the diff
    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)


def _looser(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One step looser each: a call less to match exactly, an argument left open, order and extras free."""
    parameters = _builtin(parameters)
    if parameters.get("order", "any") != "any":
        yield "order any", parameters | {"order": "any"}
    if parameters.get("extra_calls", "forbid") == "forbid":
        yield "extra calls allowed", parameters | {"extra_calls": "allow"}
    if parameters.get("extra_args", "declared_defaults") != "allow":
        yield "extra arguments allowed", parameters | {"extra_args": "allow"}
    if parameters.get("text") == "required":
        yield "no text needed", parameters | {"text": "ignore"}
    for number, rule in enumerate(parameters.get("forbid") or []):
        left = [r for n, r in enumerate(parameters["forbid"]) if n != number]
        yield f"{rule['name']} not forbidden", parameters | {"forbid": left}
    calls = parameters.get("calls") or []
    for number, call in enumerate(calls):
        for label, args in looser(call.get("args", {})):
            changed = [*calls[:number], {**call, "args": args}, *calls[number + 1 :]]
            yield f"{call['name']} {label}", parameters | {"calls": changed}
    if len(calls) > 1:
        yield "one call fewer", parameters | {"calls": calls[:-1], "extra_calls": "allow"}


def _builtin(parameters: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(parameters)
    return made


@check(loosen=_looser)
def calls_match(
    answer: str,
    *,
    calls: list[ExpectedCall] | None = None,
    expect_any: list[Alternative] | None = None,
    order: Order = "any",
    extra_calls: ExtraCalls = "forbid",
    extra_args: ExtraArgs = "declared_defaults",
    forbid: list[Forbidden] | None = None,
    read_only: list[str] | None = None,
    text: Literal["ignore", "required"] = "ignore",
    turn: int | None = None,
    parallel_required: bool = False,
    reply: Reply,
    item: Item,
) -> Verdict:
    """Met when the calls made are the expected ones: names, every argument, number, order, nothing extra.

    Strict asks for form and values; lenient forgives form (a fence, a number as a string, the right day
    in another form). Each emitted call serves one expected call. `turn` looks at one user turn only.
    """
    emission = read_emission(reply, item, turn=turn, first=parallel_required)
    alternatives = expect_any or [Alternative(calls or [], order)]
    schemas = schemas_of(item.tools)
    reads = set(read_only or ()) | _world_reads(item)
    judged = [
        _judge(emission, alternative, schemas, extra_calls, extra_args, forbid or [], reads)
        for alternative in alternatives
    ]
    best = min(judged, key=lambda j: (not j.strict, not j.lenient, len(j.codes)))
    codes = list(dict.fromkeys([*best.codes, *emission.codes]))
    strict, lenient = best.strict, best.lenient
    if text == "required" and not has_words(emission.said):
        strict = lenient = False
        codes.append("empty")
    if emission.attempts:
        strict = lenient = False
        codes += [code for code in dict.fromkeys(emission.attempts) if code not in codes]
    if not emission.calls and emission.kind != "called":
        strict = lenient = False
        codes = list(dict.fromkeys([emission.class_code, *codes])) if emission.class_code else codes
    return _verdict(strict, lenient, codes, best, emission)


def _world_reads(item: Item) -> set[str]:
    world = item.extra.get("world")
    tools = WORLDS.get(str(world.get("name")), {}) if isinstance(world, Mapping) else {}
    return {name for name, tool in tools.items() if not tool.writes}


def _judge(
    emission: Emission,
    alternative: Alternative,
    schemas: Mapping[str, dict[str, Any]],
    extra_calls: ExtraCalls,
    extra_args: ExtraArgs,
    forbid: Sequence[Forbidden],
    reads: set[str],
) -> Judged:
    expected, emitted = alternative.calls, emission.calls
    table = [[pair(one, call, schemas.get(one.name, {}), extra_args) for call in emitted] for one in expected]
    judged = Judged(expected, table)
    forbidden = {call.index for call in emitted if _is_forbidden(call, forbid, schemas)}
    if forbidden:
        judged.codes.append("forbidden_call")
    for strictness in ("strict", "lenient"):
        fits = [[getattr(cell, strictness) for cell in row] for row in table]
        match = match_calls(expected, fits, alternative.order)
        free = set(range(len(emitted))) - set(match.pairs.values())
        extras = [j for j in sorted(free) if not _allowed(emitted[j], extra_calls, reads, emitted)]
        passed = match.complete and match.ordered and not extras and not forbidden
        setattr(judged, strictness, passed)
        if strictness == "strict":
            judged.match = match
            _explain(judged, match, extras, emitted, schemas)
    return judged


def _allowed(call: EmittedCall, mode: ExtraCalls, reads: set[str], emitted: Sequence[EmittedCall]) -> bool:
    return mode == "allow" or (mode == "reads" and call.name in reads)


def _is_forbidden(call: EmittedCall, forbid: Sequence[Forbidden], schemas: Mapping[str, Any]) -> bool:
    return any(
        rule.name == call.name
        and all(
            key in call.arguments and compare(f"/{key}", matcher, call.arguments[key], None).lenient
            for key, matcher in rule.args.items()
        )
        for rule in forbid
    )


def _explain(
    judged: Judged,
    match: Match,
    extras: Sequence[int],
    emitted: Sequence[EmittedCall],
    schemas: Mapping[str, Any],
) -> None:
    """Codes and the pairs to draw: matched ones, then leftovers by fewest wrong arguments."""
    slots = slots_of(judged.expected)
    judged.shown = [(slots[s].expected, j) for s, j in sorted(match.pairs.items())]
    empty = [slot.expected for n, slot in enumerate(slots) if slot.required and n not in match.pairs]
    left = list(extras)
    for number, call in pair_leftovers(empty, left, judged.table):
        empty.remove(number)
        left.remove(call)
        judged.shown.append((number, call))
        cell = judged.table[number][call]
        if not cell.same_name:
            judged.codes.append("wrong_name" if emitted[call].name in schemas else "unknown_name")
        else:
            judged.codes += [code for a in cell.arguments for code in a.codes]
        judged.codes += cell.problems
    judged.missing, judged.extra = empty, left
    if empty:
        judged.codes.append("missing_call")
    for j in left:
        same = any(
            k != j and c.name == emitted[j].name and c.arguments == emitted[j].arguments
            for k, c in enumerate(emitted)
        )
        unknown = emitted[j].name not in schemas
        judged.codes.append("duplicate_call" if same else "unknown_name" if unknown else "extra_call")
    if not match.ordered:
        judged.codes.append("order_violation")


def _verdict(strict: bool, lenient: bool, codes: list[str], judged: Judged, emission: Emission) -> Verdict:
    matched = len(judged.match.pairs)
    wanted = sum(call.bounds[0] for call in judged.expected)
    faults = [code for code in codes if code not in NOTES]
    if strict:
        reason = f"{matched} 个调用都对" if matched != 1 else "调用正确"
        english = f"{matched} calls, all as expected"
    else:
        named = "；".join(DIAGNOSTICS.get(code, code) for code in faults) or CLASS_ZH[emission.kind]
        reason = f"期望 {wanted} 个调用，对上 {matched} 个：{named}"
        english = f"{matched} of {wanted} expected calls matched: {', '.join(faults) or emission.kind}"
    return Verdict(
        "met" if strict else "not_met",
        reason,
        english,
        evidence=_evidence(judged, emission, strict),
        spans=tuple(call.span for call in emission.calls if call.span) or tuple(emission.spans[:5]),
        lenient="met" if lenient or strict else "not_met",
        codes=tuple(codes),
        detail=_detail(judged, emission),
    )


def _evidence(judged: Judged, emission: Emission, strict: bool) -> str:
    if not strict:
        for number, call in judged.shown:
            for argument in judged.table[number][call].arguments:
                if argument.codes:
                    return f"{argument.path.lstrip('/')} = {_shown(argument.found)}"
    if emission.calls:
        call_ = emission.calls[0]
        return f"{call_.name}({_shown(call_.arguments)})"[:200]
    return emission.visible[:80]


def _shown(value: Any) -> str:
    return repr(value) if not _is_json(value) else json.dumps(value, ensure_ascii=False)


def _is_json(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool | list | dict)


def _detail(judged: Judged, emission: Emission) -> dict[str, Any]:
    """What a page draws: expected and emitted calls side by side, argument by argument."""
    return {
        "kind": "calls",
        "class": emission.kind,
        "dialect": emission.dialect,
        "n_expected": sum(call.bounds[0] for call in judged.expected),
        "n_matched": len(judged.match.pairs),
        "n_extra": len(judged.extra),
        "name_ok": not {"wrong_name", "unknown_name", "missing_call"} & set(judged.codes),
        "replies": emission.messages,
        "expected": [{"name": call.name, "args": _matchers(call.args)} for call in judged.expected],
        "emitted": [
            {
                "name": call.name,
                "args": call.arguments,
                "problems": list(call.problems),
                "reply": call.message,
            }
            for call in emission.calls
        ],
        "pairs": [
            {
                "expected": number,
                "emitted": call,
                "args": [
                    {
                        "path": a.path,
                        "verdict": "ok" if a.strict else "form" if a.lenient else "wrong",
                        "codes": list(a.codes),
                        "found": a.found if _is_json(a.found) else None,
                        "absent": not _is_json(a.found),
                    }
                    for a in judged.table[number][call].arguments
                ],
            }
            for number, call in judged.shown
        ],
        "missing": list(judged.missing),
        "extra": list(judged.extra),
    }


def _matchers(args: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(dict(args))
    return made
