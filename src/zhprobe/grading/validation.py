"""How far a judge can be trusted: its verdicts beside those of people on the same answers.

Rubric contract, section 12. Only rows that were drawn at random count. The status stands on every score
made with the judge; a comparison by a judge that is not validated never says "better".
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import msgspec

from zhprobe.grading.automatic import current_grades
from zhprobe.grading.batch import Batch, Settled, settled_verdicts
from zhprobe.grading.calibration import shown
from zhprobe.grading.judge_run import read_summaries
from zhprobe.records import Grade, Verdict
from zhprobe.runs import read_grades, read_info, read_items, read_replies
from zhprobe.stats.agreement import STATUS_TEXT, Agreement, Status, Validation, agree, validate_judge
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import t_interval

FEW_FOR_LENGTH = 20
K = TypeVar("K")


class Both(msgspec.Struct, frozen=True):
    """One answer and criterion that a judge and people decided. Values are 1 for met, level over top for levels."""

    run: str
    reply: str
    criterion: str
    judge: float
    human: float
    judge_met: bool
    human_met: bool
    probe: str = ""
    capability: str = ""
    model: str = ""
    group: str = ""
    length: int = 0
    levels: int = 0


class Compared(msgspec.Struct, frozen=True):
    """A judge against people on one criterion of a probe, one capability, or all (empty names)."""

    probe: str
    criterion: str
    capability: str
    validation: Validation
    ac2: Estimate | None = None  # graded criteria
    ac2_units: int = 0

    @property
    def status(self) -> Status:
        """validated, provisional, rejected or unvalidated."""
        return self.validation.status


class JudgeValidation(msgspec.Struct, frozen=True):
    """All that is known of a judge's agreement with people."""

    judge: str  # hash
    name: str
    overall: Compared
    criteria: tuple[Compared, ...]
    capabilities: tuple[Compared, ...]
    gaps: dict[str, Estimate]  # mean(judge) − mean(human) by model
    gaps_apart: Estimate | None  # largest minus smallest gap, with its interval
    length_correlation: Estimate | None  # Spearman of judge − human with the answer's length
    people: tuple[Agreement, ...]  # people among themselves on the same answers, pooled
    each: dict[str, Validation]  # the judge against every person alone
    left_out: int  # pairs where either said unsure or na

    def status(self, probe: str = "", criterion: str = "", *, capability: str = "") -> Status:
        """Status for a criterion of a probe or for a capability, overall without a name.

        What people never graded is unvalidated.
        """
        if criterion:
            found = [c.status for c in self.criteria if (c.probe, c.criterion) == (probe, criterion)]
        elif capability:
            found = [c.status for c in self.capabilities if c.capability == capability]
        else:
            found = [self.overall.status]
        return found[0] if found else "unvalidated"


def _value(verdict: Verdict, levels: int) -> float:
    if levels and verdict.level is not None:
        return verdict.level / (levels - 1)
    return 1.0 if verdict.outcome == "met" else 0.0


def _validation(pairs: Sequence[Both]) -> Validation:
    counts = {(j, h): 0 for j in (True, False) for h in (True, False)}
    for pair in pairs:
        counts[pair.judge_met, pair.human_met] += 1
    return validate_judge(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def _compare(pairs: Sequence[Both], probe: str = "", criterion: str = "", capability: str = "") -> Compared:
    levels = {p.levels for p in pairs}
    if criterion and len(levels) == 1 and (top := levels.pop()):
        units = [[round(p.judge * (top - 1)), round(p.human * (top - 1))] for p in pairs]
        found = agree(units, list(range(top)), levels=True, groups=[p.group for p in pairs])
        return Compared(probe, criterion, capability, _validation(pairs), found.ac, found.units)
    return Compared(probe, criterion, capability, _validation(pairs))


def _by(pairs: Iterable[Both], key: Callable[[Both], K]) -> dict[K, list[Both]]:
    found: dict[K, list[Both]] = {}
    for pair in sorted(pairs, key=lambda p: (p.capability, p.probe, p.criterion, p.model)):
        found.setdefault(key(pair), []).append(pair)
    return found


def gap_of(pairs: Sequence[Both]) -> Estimate:
    """Mean of judge minus human, t interval over groups."""
    if len({p.group for p in pairs}) < 2:
        return Estimate(None, None, None, len(pairs), len(pairs), "none")
    value, se, (low, high) = t_interval([p.judge - p.human for p in pairs], [p.group for p in pairs])
    return Estimate(
        value, max(low, -1.0), min(high, 1.0), len(pairs), len({p.group for p in pairs}), "t", se=se
    )


def gaps_apart(by_model: dict[str, list[Both]]) -> Estimate | None:
    """Largest minus smallest gap between models, on the answers of both, with its interval by group.

    The two models are chosen by looking, so the interval is widened for the number of pairs (Bonferroni).
    """
    gaps = {model: gap_of(pairs) for model, pairs in by_model.items()}
    known = {model: gap.value for model, gap in gaps.items() if gap.value is not None}
    if len(known) < 2:
        return None
    top, bottom = max(known, key=lambda m: known[m] or 0.0), min(known, key=lambda m: known[m] or 0.0)
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for model in (top, bottom):
        for pair in by_model[model]:
            sums[pair.group][model].append(pair.judge - pair.human)
    both = [
        sum(parts[top]) / len(parts[top]) - sum(parts[bottom]) / len(parts[bottom])
        for parts in sums.values()
        if top in parts and bottom in parts
    ]
    if len(both) < 2:
        return None
    pairs_of_models = len(list(combinations(known, 2)))
    value, se, (low, high) = t_interval(both, conf=1 - 0.05 / pairs_of_models)
    return Estimate(value, max(low, -2.0), min(high, 2.0), len(both), len(both), "t", se=se)


def _length_correlation(pairs: Sequence[Both]) -> Estimate | None:
    if len(pairs) < FEW_FOR_LENGTH:
        return None
    from scipy.stats import spearmanr

    differences = [p.judge - p.human for p in pairs]
    lengths = [p.length for p in pairs]
    if len(set(differences)) < 2 or len(set(lengths)) < 2:
        return None
    value = float(spearmanr(differences, lengths).statistic)
    # Bonett and Wright (2000), Psychometrika 65:23-28: Fisher's z with variance (1 + r²/2)/(n − 3)
    z, half = (
        math.atanh(min(max(value, -0.999999), 0.999999)),
        1.959964 * math.sqrt((1 + value**2 / 2) / (len(pairs) - 3)),
    )
    low, high = math.tanh(z - half), math.tanh(z + half)
    return Estimate(value, low, high, len(pairs), len({p.group for p in pairs}), "fisher_z")


class _Facts(msgspec.Struct, frozen=True):
    model: str
    probe: str
    capability: str
    group: str
    length: int
    levels: dict[str, int]


def _facts(run: Path) -> dict[str, _Facts]:
    info = read_info(run)
    items = {s.item.key: s for s in read_items(run)}
    found = {}
    for reply in read_replies(run):
        one = items.get(f"{reply.probe}/{reply.item}")
        if one is not None:
            levels = {c.id: len(c.levels) for c in one.item.criteria}
            group = one.item.group or one.item.key
            found[reply.id] = _Facts(
                info.name, one.probe.id, one.probe.capability, group, len(reply.text), levels
            )
    return found


def _met(verdict: Verdict) -> bool | None:
    return {"met": True, "not_met": False}.get(verdict.outcome)


def pair_verdicts(
    run: str, facts: dict[str, _Facts], judged: Iterable[Grade], people: Iterable[Settled]
) -> tuple[list[Both], int]:
    """Answers and criteria on which a judge and people both decided; and how many pairs were left out.

    Only rows drawn at random, and only grades of the same version of a criterion.
    """
    by_place = {(g.reply, g.criterion, g.version): g.verdict for g in judged}
    found = []
    left_out = 0
    for one in people:
        verdict = by_place.get((one.reply, one.criterion, one.version))
        known = facts.get(one.reply)
        if verdict is None or known is None or one.sample != "random":
            continue
        judge_met, human_met = _met(verdict), _met(one.verdict)
        if judge_met is None or human_met is None:
            left_out += 1
            continue
        levels = known.levels.get(one.criterion, 0)
        found.append(
            Both(
                run,
                one.reply,
                one.criterion,
                _value(verdict, levels),
                _value(one.verdict, levels),
                judge_met,
                human_met,
                known.probe,
                known.capability,
                known.model,
                known.group,
                known.length,
                levels,
            )
        )
    return found, left_out


def validate_judges(runs: Sequence[Path], batches: Sequence[Path]) -> list[JudgeValidation]:
    """Every judge that judged one of the runs, against the people of the batches."""
    pairs: dict[str, list[Both]] = defaultdict(list)
    each: dict[str, dict[str, list[Both]]] = defaultdict(lambda: defaultdict(list))
    left: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    for run in runs:
        facts = _facts(run)
        grades = current_grades(g for g in read_grades(run) if g.grader.startswith("judge:")).values()
        for summary in read_summaries(run):
            names[summary.hash] = summary.judge.model
        by_judge: dict[str, list[Grade]] = defaultdict(list)
        for grade in grades:
            by_judge[grade.grader.removeprefix("judge:")].append(grade)
        for folder in batches:
            name = _run_name(Batch(folder), run)
            people = settled_verdicts(folder, name)
            singles = Batch(folder).grades(name)
            for judge, judged in by_judge.items():
                both, missing = pair_verdicts(name, facts, judged, people)
                pairs[judge] += both
                left[judge] += missing
                for who in sorted({g.grader for g in singles}):
                    own = [_as_settled(g) for g in singles if g.grader == who]
                    each[judge][who.removeprefix("human:")] += pair_verdicts(name, facts, judged, own)[0]
    agreements = tuple(a for folder in batches if (a := _people_pooled(folder)) is not None)
    return [
        _report(judge, names.get(judge, judge), found, each[judge], left[judge], agreements)
        for judge, found in sorted(pairs.items())
        if found
    ]


def _run_name(batch: Batch, run: Path) -> str:
    """The name under which a batch knows a run."""
    plain = run.resolve().name
    return next(
        (n for n in batch.info.runs if n == plain or n == f"{run.resolve().parent.name}/{plain}"), plain
    )


def _as_settled(grade: Grade) -> Settled:
    return Settled(
        grade.extra["run"],
        grade.reply,
        grade.criterion,
        grade.version,
        grade.verdict,
        "single",
        (grade.grader,),
        grade.extra["sample"],
        grade.extra["probability"],
    )


def _people_pooled(folder: Path) -> Agreement | None:
    from zhprobe.grading.calibration import people_agreement

    found = people_agreement(Batch(folder))
    return found[-1].agreement if found and not found[-1].levels else None


def _report(
    judge: str,
    name: str,
    pairs: Sequence[Both],
    each: dict[str, list[Both]],
    left_out: int,
    people: tuple[Agreement, ...],
) -> JudgeValidation:
    by_model = _by(pairs, lambda p: p.model)
    return JudgeValidation(
        judge,
        name,
        _compare(pairs),
        tuple(_compare(found, *key) for key, found in _by(pairs, lambda p: (p.probe, p.criterion)).items()),
        tuple(_compare(found, capability=key) for key, found in _by(pairs, lambda p: p.capability).items()),
        {model: gap_of(found) for model, found in by_model.items()},
        gaps_apart(by_model),
        _length_correlation(pairs),
        people,
        {who: _validation(found) for who, found in sorted(each.items()) if found},
        left_out,
    )


def comparative(status: Status, lang: str = "zh") -> str:
    """How a comparison by this judge may be worded: only a validated judge may say that a model is better.

    >>> comparative("provisional"), comparative("validated")
    ('裁判认为', '')
    """
    if status == "validated":
        return ""
    return "裁判认为" if lang == "zh" else "the judge finds"


UNEVEN = ("裁判对各模型偏差不同", "the judge's gap to people differs between models")


def describe(found: JudgeValidation, lang: str = "zh") -> str:
    """The validation of a judge as text."""
    zh = lang == "zh"
    lines = [f"{'裁判' if zh else 'judge'} {found.name} ({found.judge})"]

    def one(label: str, c: Compared) -> None:
        v = c.validation
        status = STATUS_TEXT[v.status][0 if zh else 1]
        both, judge_only, human_only, neither = v.table
        lines.append(
            f"  {label}：{status}，n={v.n}（{both}/{judge_only}/{human_only}/{neither}）"
            if zh
            else f"  {label}: {status}, n={v.n} ({both}/{judge_only}/{human_only}/{neither})"
        )
        figures = [
            ("一致率" if zh else "agreement", v.percent),
            ("敏感度" if zh else "sensitivity", v.sensitivity),
            ("特异度" if zh else "specificity", v.specificity),
            ("kappa", v.kappa),
            ("AC1", v.ac1),
            ("裁判−人" if zh else "judge − people", v.gap),
        ]
        if c.ac2 is not None:
            figures.append(("AC2", c.ac2))
        lines.append("    " + "；".join(f"{label} {shown(e)}" for label, e in figures))

    one("全部" if zh else "all", found.overall)
    for c in found.criteria:
        one(f"{c.probe} {c.criterion}".strip(), c)
    if len(found.capabilities) > 1:
        for c in found.capabilities:
            one(c.capability, c)
    for model, gap in found.gaps.items():
        lines.append(f"  {model}：{'裁判−人' if zh else 'judge − people'} {shown(gap)}")
    if found.gaps_apart is not None:
        apart = found.gaps_apart
        sure = apart.low is not None and apart.low > 0
        lines.append(
            f"  {'各模型偏差之差' if zh else 'gaps differ by'} {shown(apart)}"
            + (f"：{UNEVEN[0 if zh else 1]}" if sure else "")
        )
    for who, validation in found.each.items():
        lines.append(
            f"  {who}：{'裁判对此人一致率' if zh else 'judge against this person'} {shown(validation.percent)}"
        )
    lines += [
        f"  {'评分人之间一致率' if zh else 'people among themselves'} {shown(pooled.percent)}"
        for pooled in found.people
    ]
    if found.length_correlation is not None:
        lines.append(
            f"  {'（裁判−人）与篇幅的秩相关' if zh else 'rank correlation of judge − people with length'} "
            f"{shown(found.length_correlation)}"
        )
    if found.left_out:
        lines.append(
            f"  未计入（任一方拿不准或不适用）：{found.left_out}"
            if zh
            else f"  left out (either side unsure or na): {found.left_out}"
        )
    return "\n".join(lines)
