"""How a batch stands and how its annotators grade: progress, agreement, gold, repeats, strictness, drift, speed.

Flags are for the organiser; nothing is ever dropped because of one (human-grading contract, section 9).
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from zhprobe.grading.adjudicate import differences
from zhprobe.grading.batch import Batch
from zhprobe.grading.ledger import Issue, Mark, State
from zhprobe.records import Criterion
from zhprobe.stats.agreement import Agreement, agree
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import mean, proportion

SLOW_TEXT = 200  # characters from which a quick verdict is worth a look
QUICK = 0.25  # of the batch's median seconds
FEW_DOUBLED = 20

NONE = Estimate(None, None, None, 0, 0, "none")


class Annotated(msgspec.Struct, frozen=True):
    """One annotator's figures. Rates are None-valued estimates where there is nothing to count."""

    annotator: str
    issued: int
    done: int
    median_seconds: float | None
    unsure: Estimate
    gold: Estimate  # agreement with the agreed verdicts
    others: Estimate  # agreement with others on the same answer and criterion
    itself: Estimate  # agreement with the own earlier verdict on repeated rows
    met: Estimate  # share met, on answers that others graded too
    met_others: Estimate  # share the others gave there
    flags: tuple[str, ...] = ()
    quick_rows: tuple[str, ...] = ()
    last: str = ""  # time of the latest grade


class CriterionAgreement(msgspec.Struct, frozen=True):
    """Agreement between people on one criterion of a probe, or pooled (both names empty)."""

    probe: str
    criterion: str
    text: str
    agreement: Agreement
    levels: int = 0


class Progress(msgspec.Struct, frozen=True):
    """A batch at a glance."""

    batch: str
    annotators: tuple[Annotated, ...]
    differing: int
    adjudicated: int
    files: tuple[tuple[str, str, str], ...]  # annotator, file, time


def _rate(x: int, n: int) -> Estimate:
    return proportion(x, n) if n else NONE


def _value(mark: Mark, criterion: Criterion | None) -> float | None:
    """How far a person says a criterion is met; None for NA and U."""
    if mark.verdict in ("NA", "U") or criterion is None:
        return None
    return int(mark.verdict) / (len(criterion.levels) - 1) if criterion.levels else float(mark.verdict)


def _criterion(batch: Batch, issue: Issue) -> Criterion | None:
    return None if issue.criterion == "pair" else batch.answers[issue.answer].criterion(issue.criterion)


def _others(state: State) -> dict[tuple[str, str], list[tuple[str, Mark]]]:
    """Annotator and mark of every ordinary row, by answer and criterion."""
    places: dict[tuple[str, str], list[tuple[str, Mark]]] = defaultdict(list)
    for row_id, mark in state.marks.items():
        issue = state.issued.get(row_id)
        if issue is not None and issue.sample in ("random", "targeted"):
            places[issue.answer, issue.criterion].append((issue.annotator, mark))
    return places


def median_seconds(batch: Batch) -> float | None:
    """Median seconds a row over the whole batch."""
    seconds = [m.sec for m in batch.ledger.state.marks.values() if m.sec]
    return statistics.median(seconds) if seconds else None


def annotator_figures(batch: Batch, annotator: str) -> Annotated:
    """Rows done, time, unsure, and agreement with gold, others and oneself; with flags."""
    state = batch.ledger.state
    rows = state.rows_of(annotator)
    done = [(issue, state.marks[issue.row_id]) for issue in rows if issue.row_id in state.marks]
    seconds = [mark.sec for _, mark in done if mark.sec]
    places = _others(state)
    gold = [(mark.verdict == issue.gold) for issue, mark in done if issue.gold]
    repeats = [
        mark.verdict == state.marks[issue.repeat_of].verdict
        for issue, mark in done
        if issue.sample == "repeat" and issue.repeat_of in state.marks
    ]
    same: list[bool] = []
    own_values: list[float] = []
    other_values: list[float] = []
    strict: list[tuple[float, float]] = []
    for issue, mark in done:
        if issue.sample not in ("random", "targeted"):
            continue
        others = [m for who, m in places[issue.answer, issue.criterion] if who != annotator]
        same += [m.verdict == mark.verdict for m in others]
        criterion = _criterion(batch, issue)
        mine = _value(mark, criterion)
        theirs = [v for m in others if (v := _value(m, criterion)) is not None]
        if mine is not None and theirs:
            own_values.append(mine)
            other_values.append(sum(theirs) / len(theirs))
            strict.append((mine, sum(theirs) / len(theirs)))
    quick = _quick_rows(batch, done)
    flags = [*_drift(done, strict_only=[m - t for m, t in strict])]
    if quick:
        flags.append("speed")
    return Annotated(
        annotator,
        len(rows),
        len(done),
        statistics.median(seconds) if seconds else None,
        _rate(sum(m.verdict == "U" for _, m in done), len(done)),
        _rate(sum(gold), len(gold)),
        _rate(sum(same), len(same)),
        _rate(sum(repeats), len(repeats)),
        mean(own_values) if own_values else NONE,
        mean(other_values) if other_values else NONE,
        tuple(flags),
        tuple(quick),
        max((state.times.get(issue.row_id, "") for issue, _ in done), default=""),
    )


def _quick_rows(batch: Batch, done: Sequence[tuple[Issue, Mark]]) -> list[str]:
    """Rows with a long answer decided in under a quarter of the batch's median time."""
    median = median_seconds(batch)
    if not median:
        return []
    found = []
    for issue, mark in done:
        if mark.sec is None or mark.sec >= QUICK * median:
            continue
        row = batch.row(issue)
        if max(len(row.answer), len(row.answer_b)) > SLOW_TEXT:
            found.append(issue.row_id)
    return found


def thirds(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """First and last third of a sequence.

    >>> thirds([1, 2, 3, 4, 5, 6, 7])
    ([1, 2], [6, 7])
    """
    size = len(values) // 3
    return values[:size], values[len(values) - size :]


def apart(one: Estimate, other: Estimate) -> bool:
    """Whether two intervals do not touch."""
    if None in (one.low, one.high, other.low, other.high):
        return False
    assert one.low is not None and one.high is not None and other.low is not None and other.high is not None
    return one.high < other.low or other.high < one.low


def _drift(done: Sequence[tuple[Issue, Mark]], strict_only: Sequence[float]) -> list[str]:
    """drift_strictness, drift_gold: first and last third with intervals that do not touch."""
    flags = []
    early, late = thirds(strict_only)
    # differences lie in [-1, 1]; as shares in [0, 1] they have the interval of a mean score
    shares = [mean([(d + 1) / 2 for d in part]) for part in (early, late) if len(part) >= 5]
    if len(shares) == 2 and apart(*shares):
        flags.append("drift_strictness")
    gold = [float(mark.verdict == issue.gold) for issue, mark in done if issue.gold]
    early, late = thirds(gold)
    if len(early) >= 3 and apart(
        proportion(int(sum(early)), len(early)), proportion(int(sum(late)), len(late))
    ):
        flags.append("drift_gold")
    return flags


def progress(batch: Batch) -> Progress:
    """Who has returned what, and how they grade."""
    state = batch.ledger.state
    figures = tuple(annotator_figures(batch, name) for name in state.annotators())
    differing = differences(batch)
    files = tuple((i.annotator, i.file, i.time) for i in state.imports.values())
    return Progress(batch.info.id, figures, len(differing), len(state.adjudicated), files)


def people_agreement(batch: Batch) -> list[CriterionAgreement]:
    """Agreement per criterion of each probe, then pooled over binary criteria.

    Units are answers graded by two or more. Where a criterion's text differs from item to item (slots), the
    text shown is that of one of them.
    """
    by_criterion: dict[tuple[str, str], list[tuple[tuple[str, str], list[str]]]] = defaultdict(list)
    criteria: dict[tuple[str, str], Criterion] = {}
    for place, given in _others(batch.ledger.state).items():
        answer_id, name = place
        verdicts = [mark.verdict for _, mark in given]
        if name == "pair":
            by_criterion["", name].append((place, verdicts))
            continue
        answer = batch.answers[answer_id]
        key = (answer.probe, name)
        criteria.setdefault(key, answer.criterion(name))
        by_criterion[key].append((place, verdicts))
    found = []
    pooled: list[tuple[tuple[str, str], list[str]]] = []
    for (probe, name), units in sorted(by_criterion.items()):
        one = criteria.get((probe, name))
        if one is not None and one.levels:
            top = [str(n) for n in range(len(one.levels))]
            kept = [(p, [v for v in verdicts if v in top]) for p, verdicts in units]
            agreement = _agree(batch, kept, [int(t) for t in top], levels=True)
            found.append(CriterionAgreement(probe, name, one.text, agreement, len(top)))
            continue
        codes = ["A", "B", "T", "U"] if one is None else ["1", "0", "NA", "U"]
        text = "成对比较" if one is None else one.text
        found.append(CriterionAgreement(probe, name, text, _agree(batch, units, codes)))
        if one is not None:
            pooled += units
    if len(criteria) > 1 and pooled:
        found.append(CriterionAgreement("", "", "合计", _agree(batch, pooled, ["1", "0", "NA", "U"])))
    return found


def _agree(
    batch: Batch,
    units: Iterable[tuple[tuple[str, str], list[str]]],
    categories: Sequence[str] | Sequence[int],
    *,
    levels: bool = False,
) -> Agreement:
    kept = [(place, verdicts) for place, verdicts in units if len(verdicts) > 1]
    groups = []
    for place, _ in kept:
        first = place[0].split("~")[0]
        answer = batch.answers.get(first)
        groups.append(answer.group or answer.item or first if answer else first)
    width = max((len(v) for _, v in kept), default=0)
    ratings = [
        [int(v) if levels else v for v in verdicts] + [None] * (width - len(verdicts)) for _, verdicts in kept
    ]
    return agree(ratings, list(categories), levels=levels, groups=groups, seed=batch.info.seed)


FLAG_TEXT = {
    "drift_strictness": ("前后宽严不同", "strictness differs between first and last third"),
    "drift_gold": ("前后金标一致率不同", "gold agreement differs between first and last third"),
    "speed": ("有的长回答判得很快", "some long answers were decided very quickly"),
}


def shown(estimate: Estimate, digits: int = 2) -> str:
    """An estimate as text: value, interval, n.

    >>> shown(proportion(9, 10))
    '0.90 [0.60, 0.98] n=10'
    """
    if estimate.value is None:
        return "—"
    interval = (
        f" [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"
        if estimate.low is not None and estimate.high is not None
        else ""
    )
    return f"{estimate.value:.{digits}f}{interval} n={estimate.n}"
