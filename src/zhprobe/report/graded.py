"""Graders against each other: judges against people, people against people, criterion by criterion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from zhprobe.grading.judge import lineage_of
from zhprobe.grading.judge_run import describe_controls, panel_label, read_summaries
from zhprobe.report.result import (
    CriterionCell,
    CriterionRow,
    JudgeRow,
)
from zhprobe.report.rows import (
    ADJUDICATED,
    Source,
    Title,
)
from zhprobe.report.sides import Side
from zhprobe.stats.agreement import Agreement, Validation, agree, validate_judge
from zhprobe.stats.intervals import mean


def judge_rows(sides: Sequence[Side]) -> Iterable[JudgeRow]:
    """Each judge against people, pooled (capability '') and by capability, over all models."""
    counts: dict[tuple[str, str], dict[str, Counter[tuple[bool, bool]]]] = {}
    for side in sides:
        run = side.run
        truth = run.agreed("people") if run.has_people else {}
        for judge in run.graders_of("judge"):
            for place, code in run.graders[judge].items():
                human = run.verdicts[truth[place]] if place in truth else None
                said = run.verdicts[code]
                if human is None or said is None or {human.outcome, said.outcome} - {"met", "not_met"}:
                    continue
                if run.random_marked and place not in run.random:
                    continue
                for capability in ("", run.items[place[0]].capability):
                    tally = counts.setdefault((judge, capability), {}).setdefault(side.name, Counter())
                    tally[said.outcome == "met", human.outcome == "met"] += 1
        for judge in run.graders_of("judge"):
            counts.setdefault((judge, ""), {})
    told = {f"judge:{s.hash}": s for side in sides for s in read_summaries(side.run.folder)}
    used = {name for side in sides for name in side.run.judges_in_use()}
    families = {side.name: lineage_of(side.run.info.model) for side in sides}
    for (judge, capability), by_model in sorted(counts.items()):
        total: Counter[tuple[bool, bool]] = sum(by_model.values(), Counter())
        summary = told.get(judge)
        own = set(summary.lineages or (summary.judge.family,)) - {""} if summary else set()
        controls = summary.controls if summary else None
        unsure: Counter[str] = Counter()
        stable = repeated = 0
        for side in sides:
            for s in read_summaries(side.run.folder):
                if f"judge:{s.hash}" == judge:
                    unsure.update(s.unsure)
                    stable, repeated = stable + s.stable, repeated + s.repeated
        yield JudgeRow(
            judge,
            capability,
            _validated(total),
            tuple((model, _validated(tally).gap) for model, tally in by_model.items()),
            Title(panel_label(summary), panel_label(summary, "en")) if summary else Title(judge, judge),
            Title(describe_controls(controls), describe_controls(controls, "en"))
            if controls
            else Title("", ""),
            tuple(sorted(unsure.items())),
            (stable, repeated),
            tuple(name for name, family in families.items() if family and family in own),
            judge in used,
        )


def _validated(tally: Counter[tuple[bool, bool]]) -> Validation:
    return validate_judge(tally[True, True], tally[True, False], tally[False, True], tally[False, False])


def criterion_rows(sides: Sequence[Side]) -> Iterable[CriterionRow]:
    """Share met by criterion and model (mean over items), with agreement where two kinds of graders spoke."""
    order: dict[tuple[str, str], Any] = {}
    for side in sides:
        for mark in side.scored.values():
            for criterion in side.run.rubrics[mark.rubric]:
                order.setdefault((mark.probe, criterion.id), criterion)
    met = {side.name: _met_by_item(side) for side in sides}
    tallies, ratings = _human_tallies(sides)
    for (probe, name), criterion in order.items():
        cells = []
        for side in sides:
            values, groups, unsure = met[side.name].get((probe, name), ([], [], 0))
            estimate = mean(values, groups).named(
                "满足的比例：先按题平均", "share met, averaged within items first", grader=criterion.kind
            )
            cells.append(CriterionCell(side.name, estimate, unsure))
        tally = tallies.get((probe, name))
        units = ratings.get((probe, name), [])
        yield CriterionRow(
            probe,
            name,
            criterion.text,
            criterion.kind,
            criterion.points,
            tuple(cells),
            _validated(tally) if tally else None,
            agree(units, ["met", "not_met", "na", "unsure"]) if len(units) >= 20 else None,
        )


Values = tuple[list[float], list[str], int]


def _met_by_item(side: Side) -> dict[tuple[str, str], Values]:
    """By (probe, criterion): item means, their groups, and how many verdicts were unsure."""
    run = side.run
    source: Source = "people" if run.has_people and not run.has_judge else "judge"
    found: dict[tuple[str, str], Values] = {}
    for key, mark in side.scored.items():
        codes = run.codes(key, source)
        for place, criterion in enumerate(run.rubrics[mark.rubric]):
            said = [run.value(key, place, int(code)) for code in codes[:, place]]
            known = [v for v in said if v is not None]
            unsure = sum(
                (v := run.verdicts[int(code)]) is not None and v.outcome == "unsure"
                for code in codes[:, place]
            )
            values, groups, before = found.get((mark.probe, criterion.id), ([], [], 0))
            if known:
                values.append(sum(known) / len(known))
                groups.append(mark.group)
            found[mark.probe, criterion.id] = (values, groups, before + unsure)
    return found


def people_agreement(sides: Sequence[Side], seed: int) -> Agreement | None:
    """People against people over all answers that two or more graded; None where nobody did."""
    units: list[list[str]] = []
    groups: list[str] = []
    for side in sides:
        run = side.run
        said: dict[tuple[str, int, int], list[str]] = {}
        for name in run.graders_of("people"):
            if name == ADJUDICATED:
                continue
            for place, code in run.graders[name].items():
                if (verdict := run.verdicts[code]) is not None:
                    said.setdefault(place, []).append(verdict.outcome)
        for place, outcomes in said.items():
            if len(outcomes) > 1:
                units.append(outcomes)
                groups.append(run.items[place[0]].group)
    if not units:
        return None
    return agree(units, ["met", "not_met", "na", "unsure"], groups=groups, seed=seed)


def _human_tallies(
    sides: Sequence[Side],
) -> tuple[dict[tuple[str, str], Counter[tuple[bool, bool]]], dict[tuple[str, str], list[list[str]]]]:
    """By (probe, criterion): judge against people, and the verdicts of people who graded the same answers."""
    tallies: dict[tuple[str, str], Counter[tuple[bool, bool]]] = {}
    ratings: dict[tuple[str, str], list[list[str]]] = {}
    for side in sides:
        run = side.run
        if not run.has_people:
            continue
        truth = run.agreed("people")
        judged = run.agreed("judge") if run.has_judge else {}
        said: dict[tuple[str, int, int], list[str]] = {}
        for name in run.graders_of("people"):
            if name == ADJUDICATED:
                continue  # decided after the fact: never part of agreement
            for place, code in run.graders[name].items():
                if (verdict := run.verdicts[code]) is not None:
                    said.setdefault(place, []).append(verdict.outcome)
        for place, outcomes in said.items():
            mark = run.items[place[0]]
            key = (mark.probe, run.rubrics[mark.rubric][place[2]].id)
            if len(outcomes) > 1:
                ratings.setdefault(key, []).append(outcomes)
            judge = run.verdicts[judged[place]] if place in judged else None
            human = run.verdicts[truth[place]]
            if judge and human and not {judge.outcome, human.outcome} - {"met", "not_met"}:
                tally = tallies.setdefault(key, Counter())
                tally[judge.outcome == "met", human.outcome == "met"] += 1
    return tallies, ratings
