"""From the verdicts on one answer to its score (rubric contract, section 4).

An answer has a score only when every criterion has been spoken of; what nobody has judged yet is *open*,
which is not a verdict and never `unsure`. Until then there are bounds, and the part decided by program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from zhprobe.records import Criterion, Verdict

UNSURE_LIMIT = 0.2  # more than this share of the points unsure: the answer is not scored

WhyNot = Literal["", "open", "unsure", "no_points"]


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of a score that programs decided: its own points, its own n, never a complete score.

    `low` and `high` differ from `score` while a gate outside this part is open or unsure.
    """

    score: float | None
    earned: float  # points, faults taken off
    possible: int  # positive points at stake
    criteria: int  # how many criteria this part rests on
    low: float | None = None
    high: float | None = None
    gate: str = ""


class AnswerScore(msgspec.Struct, frozen=True, omit_defaults=True):
    """The score of one answer and all that a reader needs to follow it.

    `score` is None when the answer is not scored; `why` then says whether criteria are still open, too
    many points are unsure, or no positive points are left. `raw` and `ungated` rest on the criteria that
    are known. `low` and `high` hold for every way the unsure and open criteria can still turn out.
    """

    score: float | None
    raw: float | None
    low: float | None
    high: float | None
    ungated: float | None = None
    gate: str = ""  # the criterion whose gate fired; of several, the one that allows least
    gates: tuple[str, ...] = ()
    clipped: bool = False
    unsure_share: float = 0.0
    why: WhyNot = ""
    open: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    earned: float = 0.0
    possible: int = 0
    decided: Part | None = None  # None where no program decided anything


def value_of(criterion: Criterion, verdict: Verdict | None) -> float | None:
    """How far a criterion is met, 0 to 1; None where that is not known (na, unsure, open).

    A level counts as level over top level, a share as k of n.

    >>> value_of(Criterion("a", "甲", levels=("无", "有", "好")), Verdict("met", level=1))
    0.5
    >>> value_of(Criterion("a", "甲"), Verdict("unsure")) is None
    True
    """
    if verdict is None or verdict.outcome in ("na", "unsure"):
        return None
    if criterion.levels and verdict.level is not None:
        return min(1.0, max(0.0, verdict.level / (len(criterion.levels) - 1)))
    if verdict.share is not None and verdict.share[1] > 0:
        return min(1.0, max(0.0, verdict.share[0] / verdict.share[1]))
    return 1.0 if verdict.outcome == "met" else 0.0


class _Sum(msgspec.Struct, frozen=True):
    """A score over criteria whose values are all known."""

    raw: float | None
    ungated: float | None
    score: float | None
    gates: tuple[Criterion, ...]
    earned: float
    possible: int


def _fails(criterion: Criterion, value: float) -> bool:
    return value < 1 if criterion.points > 0 else value > 0


def _sum(values: Sequence[tuple[Criterion, float]], outside: Sequence[Criterion] = ()) -> _Sum:
    """The formula of section 4. `outside` are gates that fail without having points in this sum."""
    possible = sum(c.points for c, _ in values if c.points > 0)
    earned = sum(c.points * value for c, value in values)
    failed = [c for c, value in values if c.gate is not None and _fails(c, value)]
    gates = tuple(sorted([*failed, *outside], key=lambda c: c.gate or 0.0))
    if not possible:
        return _Sum(None, None, None, gates, earned, 0)
    raw = earned / possible
    ungated = min(1.0, max(0.0, raw))
    score = min([ungated, *(c.gate for c in gates if c.gate is not None)])
    return _Sum(raw, ungated, score, gates, earned, possible)


def _decided(criteria: Sequence[Criterion], verdicts: Mapping[str, Verdict]) -> Part | None:
    values = [
        (c, value)
        for c in criteria
        if c.kind == "check" and (value := value_of(c, verdicts.get(c.id))) is not None
    ]
    if not values:
        return None
    inside = {c.id for c, _ in values}
    failed: list[Criterion] = []  # gates of other graders: known to fail, or may still fail
    pending: list[Criterion] = []
    for c in criteria:
        verdict = verdicts.get(c.id)
        if c.id in inside or c.gate is None or (verdict is not None and verdict.outcome == "na"):
            continue
        value = value_of(c, verdict)
        if value is None:
            pending.append(c)
        elif _fails(c, value):
            failed.append(c)
    high = _sum(values, failed)
    low = _sum(values, [*failed, *pending])
    gate = high.gates[0].id if high.gates else ""
    return Part(high.score, high.earned, high.possible, len(values), low.score, high.score, gate)


def score_reply(
    criteria: Sequence[Criterion],
    verdicts: Mapping[str, Verdict],
    *,
    unsure_limit: float = UNSURE_LIMIT,
) -> AnswerScore:
    """The score of one answer from one verdict a criterion; a criterion without a verdict is open.

    >>> rubric = [Criterion(i, i, points=p) for i, p in [("a", 5), ("b", 3), ("c", -4), ("d", 2)]]
    >>> met, not_met, unsure = Verdict("met"), Verdict("not_met"), Verdict("unsure")
    >>> score_reply(rubric, {"a": met, "b": not_met, "c": met, "d": met}).score
    0.3
    >>> half = score_reply(rubric, {"a": met, "b": unsure, "c": unsure, "d": met})
    >>> half.score, half.why, half.low, half.high
    (None, 'unsure', 0.3, 1.0)
    """
    known: list[tuple[Criterion, float]] = []
    worst: list[tuple[Criterion, float]] = []
    best: list[tuple[Criterion, float]] = []
    unsure: list[Criterion] = []
    waiting: list[Criterion] = []
    for criterion in criteria:
        verdict = verdicts.get(criterion.id)
        if verdict is not None and verdict.outcome == "na":
            continue
        value = value_of(criterion, verdict)
        if value is not None:
            known.append((criterion, value))
            worst.append((criterion, value))
            best.append((criterion, value))
            continue
        (waiting if verdict is None else unsure).append(criterion)
        wanted = criterion.points > 0
        worst.append((criterion, 0.0 if wanted else 1.0))
        best.append((criterion, 1.0 if wanted else 0.0))
    stake = sum(abs(c.points) for c, _ in worst)
    unsure_share = sum(abs(c.points) for c in unsure) / stake if stake else 0.0
    now, low, high = _sum(known), _sum(worst), _sum(best)
    why: WhyNot = ""
    if waiting:
        why = "open"
    elif unsure_share > unsure_limit:
        why = "unsure"
    elif now.score is None:
        why = "no_points"
    return AnswerScore(
        score=None if why else now.score,
        raw=now.raw,
        low=low.score,
        high=high.score,
        ungated=now.ungated,
        gate=now.gates[0].id if now.gates else "",
        gates=tuple(c.id for c in now.gates),
        clipped=now.raw is not None and now.raw != now.ungated,
        unsure_share=unsure_share,
        why=why,
        open=tuple(c.id for c in waiting),
        unsure=tuple(c.id for c in unsure),
        earned=now.earned,
        possible=now.possible,
        decided=_decided(criteria, verdicts),
    )
