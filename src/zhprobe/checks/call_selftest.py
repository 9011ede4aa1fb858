"""The self-test of call items run: every mutant's verdict beside the one that is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from zhprobe.checks.call_mutants import Calls, Mutant, mutants
from zhprobe.checks.call_reading import read_emission
from zhprobe.checks.registry import bind
from zhprobe.records import Item, Specimen, Verdict


@dataclass(frozen=True, slots=True)
class Trial:
    """One mutant of one item, and whether it came out as wanted."""

    item: str
    mutant: Mutant
    verdict: Verdict
    ok: bool

    def __str__(self) -> str:
        found = self.verdict
        return (
            f"{self.item}: {self.mutant.row}, {self.mutant.label}: wanted {self.mutant.wanted}, "
            f"strict {found.outcome}, lenient {found.lenient}: {found.reason_en}"
        )


def gold_calls(specimen: Specimen) -> Calls:
    """The calls of a specimen, decoded."""
    return [(call.name, json.loads(call.arguments)) for call in specimen.tool_calls]


def trials(item: Item) -> Iterator[Trial]:
    """Every mutant of an item of one turn that expects calls; nothing for other items."""
    for criterion in item.criteria:
        parameters = criterion.check_parameters
        if (
            criterion.check_name != "calls_match"
            or not parameters.get("calls")
            or any(entry.keys() - {"results"} for entry in item.turns)
            or "world" in item.extra
        ):
            continue
        gold = next(
            (
                gold_calls(s)
                for s in item.specimens
                if s.tool_calls and not s.transcript and not s.verdicts.get(criterion.id)
            ),
            None,
        )
        if gold is None:
            continue
        run = bind(criterion.check_name, parameters, item.key)
        expected = aligned(parameters["calls"], gold)
        for mutant in mutants(item, expected, gold, order=parameters.get("order", "any")):
            verdict = run(mutant.reply, item)
            yield Trial(item.key, mutant, verdict, _as_wanted(mutant, verdict, item))


def aligned(calls: list[dict[str, Any]], gold: Calls) -> list[dict[str, Any]]:
    """The expected calls laid out one for each gold call, copies of a counted call repeated."""
    spread = []
    for call in calls:
        count = call.get("count", 1)
        spread += [call] * (count if isinstance(count, int) else count["min"])
    return spread[: len(gold)]


def _as_wanted(mutant: Mutant, verdict: Verdict, item: Item) -> bool:
    strict, lenient = verdict.outcome == "met", verdict.lenient == "met"
    if mutant.wanted == "strict":
        return strict and lenient
    if mutant.wanted == "lenient":
        return lenient and not strict
    if strict or lenient:
        return False
    return mutant.wanted == "reject" or read_emission(mutant.reply, item).kind == mutant.wanted


def table(items: Iterable[Item]) -> dict[str, tuple[int, int]]:
    """For each row and label: how many mutants came out as wanted, of how many."""
    counts: dict[str, tuple[int, int]] = {}
    for item in items:
        for trial in trials(item):
            key = f"{trial.mutant.row}: {trial.mutant.label.partition(': ')[2] or trial.mutant.label}"
            right, total = counts.get(key, (0, 0))
            counts[key] = (right + trial.ok, total + 1)
    return dict(sorted(counts.items()))
