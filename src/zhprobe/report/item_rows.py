"""Items as the browser of a page lists them, and what all models together say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zhprobe.report.item_analysis import FLOOR, ItemFigures, ProbeFigures, analyse_items, analyse_probes
from zhprobe.report.result import (
    ItemRow,
    Row,
)
from zhprobe.report.rows import (
    ADJUDICATED,
    Source,
    in_row,
    source_of,
)
from zhprobe.report.sides import SOURCES, Side


def item_rows(rows: Sequence[Row], sides: Sequence[Side]) -> Iterable[ItemRow]:
    clashes = [_clashes(side) for side in sides]
    for row in rows:
        source, decided = SOURCES[row.basis], row.basis == "decided"
        keys = dict.fromkeys(k for side in sides for k, m in side.scored.items() if in_row(m, row.key))
        for key in keys:
            scores = tuple(
                side.score(key, source, decided) if key in side.run.items else None for side in sides
            )
            known = [s for s in scores if s is not None]
            flags = sorted({flag for found in clashes for flag in found.get(key, ())})
            for side in sides:
                if key in side.run.items:
                    flags += [flag for flag in _reply_flags(side, key, source) if flag not in flags]
            yield ItemRow(
                key,
                row.key.id,
                tuple(None if s is None else round(s, 4) for s in scores),
                round(max(known) - min(known), 4) if known else 0.0,
                tuple(flags),
            )


def _reply_flags(side: Side, key: str, source: Source) -> list[str]:
    found = []
    if any(r.error for r in side.run.replies[key]):
        found.append("failed")
    found += [flag for r in side.run.replies[key] for flag in r.flags if flag in ("cut", "filtered", "empty")]
    answers = [a for a in side.run.answer_scores(key, source) if a is not None]
    if any(a.unsure for a in answers):
        found.append("unsure")
    if any(a.open for a in answers):
        found.append("open")
    return list(dict.fromkeys(found))


def _clashes(side: Side) -> dict[str, set[str]]:
    """Items on which graders of one run disagree: judge_human, human_human, judge_judge."""
    run = side.run
    said: dict[tuple[str, int, int], list[tuple[Source, str]]] = {}
    for name, codes in run.graders.items():
        if name == ADJUDICATED:
            continue
        for place, code in codes.items():
            verdict = run.verdicts[code]
            if verdict is not None and verdict.outcome in ("met", "not_met"):
                mark = verdict.outcome if verdict.level is None else str(verdict.level)
                said.setdefault(place, []).append((source_of(name), mark))
    found: dict[str, set[str]] = {}
    for place, rulings in said.items():
        people = {mark for source, mark in rulings if source == "people"}
        judges = {mark for source, mark in rulings if source == "judge"}
        flags = found.setdefault(place[0], set())
        if len(people) > 1:
            flags.add("human_human")
        if len(judges) > 1:
            flags.add("judge_judge")
        if people and judges and (people | judges) != people & judges:
            flags.add("judge_human")
    return found


def score_tables(rows: Sequence[Row], sides: Sequence[Side]) -> dict[str, dict[str, float]]:
    basis = {probe: row.basis for row in rows for probe in row.probes}
    found: dict[str, dict[str, float]] = {}
    for side in sides:
        found[side.name] = {}
        for key, mark in side.scored.items():
            by = basis.get(mark.probe, "checks")
            score = side.score(key, SOURCES[by], by == "decided")
            if score is not None:
                found[side.name][key] = score
    return found


def probe_figures(rows: Sequence[Row], sides: Sequence[Side]) -> list[ProbeFigures]:
    models = [side.name for side in sides if not side.run.info.model.startswith(FLOOR)]
    floors = [side.name for side in sides if side.run.info.model.startswith(FLOOR)]
    if not models:
        return []
    probe_of = {k: m.probe for side in sides for k, m in side.scored.items()}
    chance = {name: note.chance for side in sides for name, note in side.run.probes.items()}
    return analyse_probes(score_tables(rows, sides), models, probe_of, chance, floors)


def item_figures(rows: Sequence[Row], sides: Sequence[Side]) -> list[ItemFigures]:
    models = [side.name for side in sides if not side.run.info.model.startswith(FLOOR)]
    return analyse_items(score_tables(rows, sides), models)
