"""Conditions under which a comparison fails, for regression gates in CI.

    new worse than old                    on any row, by the adjusted test
    new worse than old on legal           on one row (capability, or capability/row)
    new below 0.7 on poetry               the whole interval lies below
    new score < 0.7                       the score itself
    new unsure > 0.1                      too many verdicts undecided
    new failed > 0                        replies that never came

A model is named in full or by any part of its name that fits only one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from zhprobe.errors import UserError, did_you_mean
from zhprobe.report.result import Report, Row
from zhprobe.report.sentences import interval, number, probability, signed

_WORSE = re.compile(r"(?P<a>.+?)\s+worse\s+than\s+(?P<b>.+?)(?:\s+on\s+(?P<row>\S+))?")
_BELOW = re.compile(r"(?P<a>.+?)\s+below\s+(?P<x>[\d.]+)(?:\s+on\s+(?P<row>\S+))?")
_FIGURE = re.compile(
    r"(?P<a>.+?)\s+(?P<what>score|unsure|failed)\s*(?P<sign><|>)\s*(?P<x>[\d.]+)(?:\s+on\s+(?P<row>\S+))?"
)


class Condition(msgspec.Struct, frozen=True):
    """One condition, parsed."""

    text: str
    kind: Literal["worse", "below", "score", "unsure", "failed"]
    model: str
    other: str = ""
    sign: str = ""
    bound: float = 0.0
    row: str = ""


def parse(text: str) -> Condition:
    """A condition from its words.

    >>> parse("new worse than old on legal").row
    'legal'
    >>> parse("qwen below 0.7").bound
    0.7
    """
    plain = text.strip()
    if found := _WORSE.fullmatch(plain):
        return Condition(plain, "worse", found["a"], found["b"], row=found["row"] or "")
    try:
        if found := _BELOW.fullmatch(plain):
            return Condition(plain, "below", found["a"], bound=float(found["x"]), row=found["row"] or "")
        if found := _FIGURE.fullmatch(plain):
            kind: Literal["score", "unsure", "failed"] = found["what"]  # type: ignore[assignment]
            return Condition(
                plain, kind, found["a"], sign=found["sign"], bound=float(found["x"]), row=found["row"] or ""
            )
    except ValueError:
        pass
    raise UserError(
        "--fail-if",
        f"'{plain}' is not a condition",
        "For instance: 'NEW worse than OLD on legal', 'NEW below 0.7 on poetry', 'NEW unsure > 0.1'.",
    )


def _model(report: Report, word: str) -> str:
    names = report.model_names()
    if word in names:
        return word
    near = [name for name in names if word in name]
    if len(near) == 1:
        return near[0]
    what = f"'{word}' names no model of this comparison" if not near else f"'{word}' fits {', '.join(near)}"
    raise UserError("--fail-if", what, did_you_mean(word, names) or f"Models: {', '.join(names)}.")


def _rows(report: Report, word: str) -> Sequence[Row]:
    rows = [report.overall, *report.rows] if report.overall else list(report.rows)
    if not word:
        return rows
    found = [r for r in rows if word in (r.key.id, r.key.capability)]
    if not found:
        known = [r.key.id for r in rows]
        raise UserError(
            "--fail-if",
            f"there is no row '{word}'",
            did_you_mean(word, known) or f"Rows: {', '.join(known)}.",
        )
    return found


def broken(report: Report, conditions: Sequence[Condition]) -> list[str]:
    """The conditions that hold, each with the numbers that make it so; empty when all is well."""
    return [f"{condition.text}: {told}" for condition in conditions for told in _holds(report, condition)]


def _holds(report: Report, condition: Condition) -> list[str]:
    model = _model(report, condition.model)
    if condition.kind == "failed":
        head = next(m for m in report.models if m.name == model)
        lost = head.failed + head.missing
        return [f"{lost} replies are missing"] if _over(lost, condition) else []
    rows = _rows(report, condition.row)
    if condition.kind == "worse":
        other = _model(report, condition.other)
        return [told for row in rows if (told := _worse(row, model, other))]
    found = []
    for row in rows:
        e = next(c.estimate for c in row.cells if c.model == model)
        if condition.kind == "unsure":
            if _over(e.unsure, condition):
                found.append(f"{row.key.id}: {e.unsure:.3f} (n={e.n})")
        elif condition.kind == "score":
            if e.value is not None and _over(e.value, condition):
                found.append(f"{row.key.id}: {number(e.value)} ({interval(e)}, n={e.n})")
        elif e.high is not None and e.high < condition.bound:
            found.append(f"{row.key.id}: {number(e.value)} ({interval(e)}, n={e.n})")
    return found


def _over(value: float, condition: Condition) -> bool:
    return value > condition.bound if condition.sign == ">" else value < condition.bound


def _worse(row: Row, model: str, other: str) -> str:
    for pair in row.pairs:
        if {pair.a, pair.b} != {model, other} or pair.conclusion.code != "better" or pair.conclusion.judged:
            continue
        winner = pair.a if pair.conclusion.winner == "a" else pair.b
        if winner == other:
            d = pair.comparison.difference
            shown = f"{signed(d.value)} ({interval(d, difference=True)}), p={probability(pair.adjusted_p)}"
            return f"{row.key.id}: {pair.a} − {pair.b} = {shown}, n={d.n}"
    return ""
