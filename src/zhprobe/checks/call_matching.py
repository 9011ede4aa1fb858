"""Expected calls against emitted ones: the table of what fits, a maximum matching, order, leftovers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from zhprobe.checks.call_arguments import ArgumentVerdict, compare, faults_of
from zhprobe.checks.call_reading import EmittedCall
from zhprobe.checks.values import ABSENT, assign
from zhprobe.text.call_syntax import declared_types, properties_of

ExtraCalls = Literal["forbid", "reads", "allow"]
ExtraArgs = Literal["forbid", "declared_defaults", "declared", "allow"]

SEARCH_LIMIT = 20_000  # steps of the search for an ordered matching


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often an expected call may come."""

    min: int = 1
    max: int = 1


class ExpectedCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call that should be made. `args` gives a matcher for each argument."""

    name: str
    args: dict[str, Any] = {}
    id: str = ""
    count: int | Count = 1

    def __post_init__(self) -> None:
        if faults := faults_of(self.args):
            raise ValueError("; ".join(faults))

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and most times."""
        return (self.count, self.count) if isinstance(self.count, int) else (self.count.min, self.count.max)


@dataclass(frozen=True, slots=True)
class Pairing:
    """One expected call laid against one emitted call, argument by argument."""

    arguments: tuple[ArgumentVerdict, ...]
    problems: tuple[str, ...]
    same_name: bool
    fatal: bool

    @property
    def strict(self) -> bool:
        """Whether it passes as it is."""
        return self.same_name and not self.problems and all(a.strict for a in self.arguments)

    @property
    def lenient(self) -> bool:
        """Whether it passes apart from form."""
        return self.same_name and not self.fatal and all(a.lenient for a in self.arguments)

    @property
    def wrong(self) -> int:
        """How many arguments are wrong; what leftovers are paired by."""
        return sum(not a.strict for a in self.arguments) + (0 if self.same_name else 100)


def pair(
    expected: ExpectedCall,
    emitted: EmittedCall,
    schema: Mapping[str, Any],
    extra_args: ExtraArgs,
) -> Pairing:
    """Lay one expected call against one emitted call. Every expected argument is compared."""
    properties = properties_of(schema)
    verdicts = [
        ArgumentVerdict(f"/{key}", True, True, found=emitted.arguments[key])
        if _is_default_of_optional(matcher, emitted.arguments.get(key, ABSENT), properties.get(key))
        else compare(f"/{key}", matcher, emitted.arguments.get(key, ABSENT), properties.get(key))
        for key, matcher in expected.args.items()
    ]
    verdicts += [
        _extra(key, value, properties, extra_args)
        for key, value in emitted.arguments.items()
        if key not in expected.args
    ]
    return Pairing(tuple(verdicts), emitted.problems, expected.name == emitted.name, emitted.fatal)


_EMPTY_TYPES = {str: "string", type(None): "null", list: "array", dict: "object"}


def _is_default(schema: Any, value: Any) -> bool:
    """Whether a value is the one that the schema declares for an argument left out."""
    if not isinstance(schema, dict) or "default" not in schema:
        return False
    default = schema["default"]
    return bool(default == value) and isinstance(default, bool) == isinstance(value, bool)


def _is_default_of_optional(matcher: Any, value: Any, schema: Any) -> bool:
    """Whether an argument that may be left out is said as its default: the same thing."""
    return isinstance(matcher, dict) and matcher.get("optional") is True and _is_default(schema, value)


def is_empty_value(value: Any) -> bool:
    """Whether a value is the sort that is sent for nothing: "", null, [], {}."""
    return isinstance(value, str | list | dict | type(None)) and not value


def _extra(key: str, value: Any, properties: Mapping[str, Any], mode: ExtraArgs) -> ArgumentVerdict:
    """An argument that the expectation does not mention."""
    path = f"/{key}"
    declared = key in properties
    if mode == "allow" or (mode == "declared" and declared):
        return ArgumentVerdict(path, True, True, found=value)
    if not declared:
        return ArgumentVerdict(path, False, False, ("unknown_arg",), value)
    schema = properties[key]
    if mode == "declared_defaults" and _is_default(schema, value):
        return ArgumentVerdict(path, True, True, found=value)
    if is_empty_value(value):
        lenient = _EMPTY_TYPES[type(value)] in declared_types(schema)
        return ArgumentVerdict(path, False, lenient, ("empty_sent",), value)
    return ArgumentVerdict(path, False, False, ("extra_arg",), value)


@dataclass(slots=True)
class Match:
    """The outcome of matching under one strictness."""

    pairs: dict[int, int] = field(default_factory=dict)  # slot -> emitted
    complete: bool = False  # every required slot has a call
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Slot:
    """One copy of an expected call; the copies over the least count may stay empty."""

    expected: int
    required: bool


def slots_of(expected: Sequence[ExpectedCall]) -> list[Slot]:
    """A slot for each copy, required ones first."""
    slots = [Slot(i, True) for i, call in enumerate(expected) for _ in range(call.bounds[0])]
    return slots + [
        Slot(i, False) for i, call in enumerate(expected) for _ in range(call.bounds[1] - call.bounds[0])
    ]


def ordered_matching(
    slots: Sequence[Slot],
    fits: Sequence[Sequence[bool]],
    before: Sequence[tuple[int, int]],
    size: int,
) -> dict[int, int] | None:
    """A matching of `size` slots, the required ones among them, that keeps each pair in order.

    `before` holds pairs of expected calls: every call matched to the first is emitted before every call
    matched to the second.
    """
    steps = 0

    def holds(chosen: Mapping[int, int]) -> bool:
        for first, second in before:
            ones = [e for s, e in chosen.items() if slots[s].expected == first]
            others = [e for s, e in chosen.items() if slots[s].expected == second]
            if ones and others and max(ones) > min(others):
                return False
        return True

    def search(slot: int, chosen: dict[int, int]) -> dict[int, int] | None:
        nonlocal steps
        steps += 1
        if steps > SEARCH_LIMIT or not holds(chosen):
            return None
        if slot == len(slots):
            return chosen if len(chosen) == size else None
        for emitted, fit in enumerate(fits[slots[slot].expected]):
            if fit and emitted not in chosen.values():
                found = search(slot + 1, chosen | {slot: emitted})
                if found is not None:
                    return found
        return None if slots[slot].required else search(slot + 1, chosen)

    return search(0, {})


def match_calls(
    expected: Sequence[ExpectedCall],
    table: Sequence[Sequence[bool]],
    order: str | Mapping[str, Any],
) -> Match:
    """Match under a table of what fits, order included."""
    slots = slots_of(expected)
    # required slots come first, and a row once served stays served
    pairs = assign([table[slot.expected] for slot in slots])
    complete = all(number in pairs for number, slot in enumerate(slots) if slot.required)
    match = Match(pairs, complete)
    before = _before(expected, order)
    if before and complete:
        kept = ordered_matching(slots, table, before, len(pairs))
        match.ordered = kept is not None
        match.pairs = kept if kept is not None else pairs
    return match


def _before(expected: Sequence[ExpectedCall], order: str | Mapping[str, Any]) -> list[tuple[int, int]]:
    if order == "listed":
        return [(i, i + 1) for i in range(len(expected) - 1)]
    if isinstance(order, Mapping):
        place = {call.id or call.name: number for number, call in enumerate(expected)}
        return [(place[first], place[second]) for first, second in order.get("before", ())]
    return []


def pair_leftovers(
    expected: Sequence[int], emitted: Sequence[int], table: Sequence[Sequence[Pairing]]
) -> Iterator[tuple[int, int]]:
    """For the report only: leftovers paired by fewest wrong arguments, ties by order of emission."""
    left, right = list(expected), list(emitted)
    while left and right:
        number, call = min(
            ((i, j) for i in left for j in right), key=lambda ij: (table[ij[0]][ij[1]].wrong, ij[1], ij[0])
        )
        yield number, call
        left.remove(number)
        right.remove(call)
