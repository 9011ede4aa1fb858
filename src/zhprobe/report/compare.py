"""Runs side by side: scores with intervals, differences on the same items, and what may be said of them.

`compare_runs` gives plain objects; pages, tables and exports only print them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from zhprobe.errors import UserError
from zhprobe.grading.judge import lineage_of
from zhprobe.grading.judge_run import describe_controls, panel_label, read_summaries
from zhprobe.probes import capability_table
from zhprobe.records import Grade
from zhprobe.report.efficiency import Efficiency, measure
from zhprobe.report.item_analysis import FLOOR, ItemFigures, ProbeFigures, analyse_items, analyse_probes
from zhprobe.report.legal_section import LegalSection, legal_section
from zhprobe.report.rows import (
    ADJUDICATED,
    TITLES,
    Basis,
    RowKey,
    RunNumbers,
    Source,
    Title,
    estimate_of,
    in_row,
    row_keys,
    scored_items,
    source_of,
    title_of,
)
from zhprobe.report.translation_section import TranslationProbe, translation_section
from zhprobe.report.unchecked import Unchecked, unchecked_rows
from zhprobe.stats.agreement import Agreement, Validation, agree, gaps_differ, validate_judge
from zhprobe.stats.conclusions import DELTA, LIST_ONLY, Conclusion, conclude, not_separated, pairs
from zhprobe.stats.conclusions import Basis as Trust
from zhprobe.stats.correction import Corrected, correct
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import bca_ratio, mean, reply_variance
from zhprobe.stats.multiple import benjamini_hochberg, holm
from zhprobe.stats.paired import TIE, Comparison, compare_scores

CORRECTION_FROM = 30  # items with random human grades, for a corrected estimate
CONTROL_FLOOR = 0.2  # below this lower bound of the control's score a robustness ratio means nothing


class ModelHead(msgspec.Struct, frozen=True):
    """A model as the page's head shows it."""

    name: str
    model: str
    revision: str
    profile: str
    settings: dict[str, Any]
    settings_digest: str
    folder: str
    created: str
    planned: int
    answered: int
    failed: int
    missing: int
    state: str
    floor: bool
    probes_digest: str
    versions: dict[str, str]
    lineage: str


class Cell(msgspec.Struct, frozen=True):
    """One model in one row. `human`, `judge` and `corrected` stand beside the main figure where there are."""

    model: str
    estimate: Estimate
    human: Estimate | None = None
    judge: Estimate | None = None
    corrected: Estimate | None = None
    weight: float | None = None
    worth: float | None = None
    clipped: int = 0
    gated: int = 0
    within: float = 0.0  # variance of replies to one item
    between: float = 0.0  # variance of items


class Pair(msgspec.Struct, frozen=True):
    """Two models in one row. `comparable` is False under different profiles: no verdict then.

    `adjusted_p` is None where nothing is tested: too few items, nothing to compare.
    """

    a: str
    b: str
    comparison: Comparison
    adjusted_p: float | None
    conclusion: Conclusion
    unlike: int = 0  # items left out because their digests differ
    comparable: bool = True
    gaps_differ: bool = False


class Row(msgspec.Struct, frozen=True):
    """A line of the report: every model's score, every pair's difference."""

    key: RowKey
    basis: Basis
    trust: Trust
    items: int
    probes: tuple[str, ...]
    chance: float
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    groups: tuple[tuple[str, ...], ...]


class CriterionCell(msgspec.Struct, frozen=True):
    """Share met of one criterion by one model."""

    model: str
    met: Estimate
    unsure: int


class CriterionRow(msgspec.Struct, frozen=True):
    """One criterion of one probe over all models."""

    probe: str
    criterion: str
    text: str
    kind: str
    points: int
    cells: tuple[CriterionCell, ...]
    validation: Validation | None = None
    agreement: Agreement | None = None


class SliceCell(msgspec.Struct, frozen=True):
    """One model in one slice."""

    model: str
    estimate: Estimate


class Slice(msgspec.Struct, frozen=True):
    """Part of a row, or a pairing inside it: by difficulty, generated or fixed, against control, respelling."""

    row: str
    kind: str
    label: Title
    cells: tuple[SliceCell, ...]


class JudgeRow(msgspec.Struct, frozen=True):
    """A judge against people: pooled over a capability, and its gap for every model."""

    judge: str
    capability: str
    validation: Validation
    gaps: tuple[tuple[str, Estimate], ...]
    label: Title
    controls: Title  # what it said on answers whose verdict is known
    unsure: tuple[tuple[str, int], ...]  # verdicts it left open, by reason
    stable: tuple[int, int]  # of its repeated calls, how many said the same
    shares_lineage: tuple[str, ...]  # models of its own family
    in_use: bool


class ItemRow(msgspec.Struct, frozen=True):
    """One item in the browser: scores by model and which kinds of disagreement it shows."""

    key: str
    row: str
    scores: tuple[float | None, ...]
    spread: float
    flags: tuple[str, ...]


class Report(msgspec.Struct, frozen=True):
    """All a page, a table or a program prints. `report.json` is this object."""

    version: str
    made: str
    delta: float
    seed: int
    method: str  # holm or benjamini_hochberg
    models: tuple[ModelHead, ...]
    rows: tuple[Row, ...]
    overall: Row | None
    criteria: tuple[CriterionRow, ...]
    slices: tuple[Slice, ...]
    judges: tuple[JudgeRow, ...]
    people: int
    people_agree: Agreement | None
    efficiency: tuple[Efficiency, ...]
    items: tuple[ItemRow, ...]
    probes: tuple[ProbeFigures, ...]
    figures: tuple[ItemFigures, ...]
    without: tuple[Title, ...]  # capabilities that the suite has and these runs do not
    warnings: tuple[Title, ...] = ()
    notes: tuple[tuple[Title, Title], ...] = ()  # capability, what a reader of its scores must know
    legal: LegalSection | None = None  # where legal replies are compared
    translation: tuple[TranslationProbe, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    format: int = 1

    def model_names(self) -> tuple[str, ...]:
        """Names in the order of the columns."""
        return tuple(model.name for model in self.models)


class Side:
    """One run with its scores under the basis of each row, computed once."""

    def __init__(self, run: RunNumbers, name: str) -> None:
        self.run = run
        self.name = name
        self.scored = scored_items(run)
        self._known: dict[tuple[str, Source, bool], float | None] = {}

    @property
    def profile(self) -> tuple[str, str]:
        """What must be the same for two runs to be ranked: named settings, and how tools are offered."""
        return self.run.info.settings.profile, self.run.info.settings.mode

    @cached_property
    def labelled(self) -> frozenset[str]:
        """Items that people graded whole; where rows are marked, only randomly sampled ones."""
        run = self.run
        places = run.random if run.random_marked else run.agreed("people")
        return frozenset(
            key
            for key in {place[0] for place in places}
            if run.is_complete([key], "people") and self.score(key, "people") is not None
        )

    def gate_open(self, key: str) -> bool:
        """Whether a gate that nobody has judged yet could still change the part decided by program."""
        found = self.run.item_score(key, "check", decided=True)
        return found is not None and found.high - found.low > TIE

    def score(self, key: str, source: Source, decided: bool = False) -> float | None:
        """An item's score, remembered."""
        mark = (key, source, decided)
        if mark not in self._known:
            found = self.run.item_score(key, source, decided=decided)
            self._known[mark] = None if found is None else found.score
        return self._known[mark]


def read_sides(folders: Sequence[Path], batches: Sequence[Path] = ()) -> list[Side]:
    """Runs as numbers, with the grades that people gave them in these batches."""
    if not folders:
        raise UserError("compare", "no run was named", "`zhprobe runs` lists the runs it finds.")
    runs = [RunNumbers(folder, grades_of_people(folder, batches)) for folder in folders]
    names = [
        r.name if r.info.settings.mode == "native" else f"{r.name} [{r.info.settings.mode}]" for r in runs
    ]
    return [Side(run, name) for run, name in zip(runs, unique_names(names), strict=True)]


def grades_of_people(folder: Path, batches: Sequence[Path]) -> list[Grade]:
    """What people said of a run's replies: every annotator's verdicts, and what an adjudicator decided."""
    from zhprobe.grading.batch import human_grades, settled_verdicts

    names = {folder.resolve().name, f"{folder.resolve().parent.name}/{folder.resolve().name}"}
    found = []
    for batch in batches:
        found += [grade for grade in human_grades(batch) if grade.extra.get("run") in names]
        found += [
            Grade(s.reply, s.criterion, s.version, ADJUDICATED, s.verdict, extra={"sample": s.sample})
            for s in settled_verdicts(batch)
            if s.how == "adjudicated" and s.run in names
        ]
    return found


def compare_runs(
    folders: Sequence[Path],
    *,
    batches: Sequence[Path] = (),
    delta: float = DELTA,
    seed: int = 0,
    weights: Mapping[str, float] | None = None,
    probe_folders: Iterable[Path] = (),
) -> Report:
    """Lay runs side by side: folders in, plain objects out.

    `batches` are folders of people's grades. `weights` of capabilities make an overall score; without them
    there is none.
    """
    return compare_sides(
        read_sides(folders, batches), delta=delta, seed=seed, weights=weights, probe_folders=probe_folders
    )


def compare_sides(
    sides: Sequence[Side],
    *,
    delta: float = DELTA,
    seed: int = 0,
    weights: Mapping[str, float] | None = None,
    probe_folders: Iterable[Path] = (),
) -> Report:
    """The same from runs that are already read."""
    runs = [side.run for side in sides]
    folders_given = tuple(probe_folders)
    tables = {
        name: _table(name, runs, folders_given)
        for name in dict.fromkeys(n.capability for run in runs for n in run.probes.values())
    }
    judges = tuple(_judge_rows(sides))
    status: dict[str, str] = {row.judge: row.validation.status for row in judges if not row.capability}
    rows = [
        row
        for capability, table in tables.items()
        for row in _capability_rows(capability, table, sides, status, delta, seed)
    ]
    overall = _overall(sides, weights, status, delta, seed) if weights else None
    rows, overall, method = _adjust(rows, overall, delta)
    rows = [_with_gaps(row, judges) for row in rows]
    return Report(
        version=_package_version(),
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        delta=delta,
        seed=seed,
        method=method,
        models=tuple(_head(side) for side in sides),
        rows=tuple(rows),
        overall=overall,
        criteria=tuple(_criterion_rows(sides)),
        slices=tuple(_slices(rows, sides, seed)),
        judges=judges,
        people=len({n for run in runs for n in run.graders_of("people") if n != ADJUDICATED}),
        people_agree=_people_agree(sides, seed),
        efficiency=tuple(_efficiency(side, rows) for side in sides),
        items=tuple(_item_rows(rows, sides)),
        probes=tuple(_probe_figures(rows, sides)),
        figures=tuple(_item_figures(rows, sides)),
        without=tuple(
            title_of(name, capability_table(name, folders_given)) for name in TITLES if name not in tables
        ),
        warnings=tuple(_warnings(sides, judges)),
        notes=tuple(
            (title_of(name, table), Title(str(table["note_zh"]), str(table.get("note_en", table["note_zh"]))))
            for name, table in tables.items()
            if "note_zh" in table
        ),
        legal=legal_section([(side.name, side.run) for side in sides]),
        translation=translation_section([(side.name, side.run) for side in sides]),
        unchecked=unchecked_rows([row.key for row in rows], [side.run for side in sides]),
    )


def unique_names(names: Sequence[str]) -> list[str]:
    """Names told apart by a number where two runs have the same.

    >>> unique_names(["a", "b", "a"])
    ['a', 'b', 'a #2']
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return found


def _package_version() -> str:
    from importlib import metadata

    try:
        return metadata.version("zhprobe")
    except metadata.PackageNotFoundError:
        return "0"


def _table(name: str, runs: Sequence[RunNumbers], folders: tuple[Path, ...]) -> dict[str, Any]:
    """capability.toml as the runs kept it, else as the package or the user's folder has it."""
    for run in runs:
        kept = run.info.capabilities.get(name)
        if kept:
            return dict(kept)
    return capability_table(name, folders)


def _head(side: Side) -> ModelHead:
    info = side.run.info
    plain = {key: value for key, value in msgspec.to_builtins(info.settings).items() if key != "profile"}
    plain.setdefault("temperature", info.settings.temperature)
    plain.setdefault("max_tokens", info.settings.max_tokens)
    plain.setdefault("samples", info.settings.samples)
    counts = info.counts
    answered = sum(not r.error for rows in side.run.replies.values() for r in rows)
    failed = sum(bool(r.error) for rows in side.run.replies.values() for r in rows)
    planned = max(counts.planned, len(side.run.items) * info.settings.samples, answered + failed)
    facts = info.model_facts
    return ModelHead(
        name=side.name,
        model=info.model,
        revision=str(facts.get("revision") or ", ".join(map(str, facts.get("served_as", ())))),
        profile=info.settings.profile,
        settings=plain,
        settings_digest=info.settings_digest,
        folder=side.run.folder.name,
        created=info.created,
        planned=planned,
        answered=answered,
        failed=failed,
        missing=planned - answered - failed,
        state=info.state,
        floor=info.model.startswith(FLOOR),
        probes_digest=info.selection,
        versions=info.versions,
        lineage=lineage_of(info.model),
    )


# -- rows -------------------------------------------------------------------------------------------


def _capability_rows(
    capability: str,
    table: Mapping[str, Any],
    sides: Sequence[Side],
    status: Mapping[str, str],
    delta: float,
    seed: int,
) -> list[Row]:
    marks = {k: m for side in sides for k, m in side.scored.items() if m.capability == capability}
    keys = row_keys(capability, table, [m.row for m in marks.values()])
    weights = {f"{capability}/{name}": float(w) for name, w in table.get("weights", {}).items()}
    rows = []
    for key in keys:
        chosen = [k for k, m in marks.items() if in_row(m, key)]
        if chosen:
            rows.append(_row(key, chosen, sides, status, delta, seed, weights))
    return rows


def _basis(keys: Sequence[str], sides: Sequence[Side]) -> Basis:
    """Who graded, one basis for all models of a row: a part decided by program never stands beside a whole."""
    held = [(side, [k for k in keys if k in side.run.items]) for side in sides]
    if all(side.run.is_complete(mine, "check") for side, mine in held):
        return "checks"
    if all(side.run.has_people and side.run.is_complete(mine, "people") for side, mine in held):
        return "people"
    if all(side.run.has_judge and side.run.is_complete(mine, "judge") for side, mine in held):
        shared = set(keys).intersection(*(side.labelled for side in sides))  # blocks are graded whole
        enough = len(shared) >= CORRECTION_FROM
        return "corrected" if enough else "judge"
    return "decided"


def _labelled(side: Side, keys: Sequence[str]) -> list[str]:
    """Those of the items that people graded whole, in a random sample."""
    return [k for k in keys if k in side.labelled]


def _trust(basis: Basis, sides: Sequence[Side], status: Mapping[str, str]) -> Trust:
    if basis in ("checks", "decided", "people", "corrected"):
        return "trusted"
    names = {name for side in sides for name in side.run.judges_in_use()}
    return "trusted" if names and all(status.get(name) == "validated" for name in names) else "judge"


def _row(
    key: RowKey,
    chosen: Sequence[str],
    sides: Sequence[Side],
    status: Mapping[str, str],
    delta: float,
    seed: int,
    weights: Mapping[str, float],
) -> Row:
    basis = _basis(chosen, sides)
    if weights and basis == "corrected":
        basis = "judge"  # a correction over all items at once knows no declared weights
    trust = _trust(basis, sides, status)
    cells = tuple(_cell(side, [k for k in chosen if k in side.run.items], basis, weights) for side in sides)
    made = tuple(
        _pair(one, other, chosen, basis, trust, delta, seed, weights) for one, other in pairs_of(sides)
    )
    probes = tuple(sorted({side.run.items[k].probe for side in sides for k in chosen if k in side.run.items}))
    chances = [
        side.run.probes[side.run.items[k].probe].chance
        for side in sides[:1]
        for k in chosen
        if k in side.run.items
    ]
    return Row(
        key,
        basis,
        trust,
        len(chosen),
        probes,
        float(np.mean(chances)) if chances else 0.0,
        cells,
        made,
        (),
    )


def pairs_of(sides: Sequence[Side]) -> list[tuple[Side, Side]]:
    """Every two sides, in order."""
    by_name = {side.name: side for side in sides}
    return [(by_name[a], by_name[b]) for a, b in pairs([side.name for side in sides])]


_SOURCE: dict[str, Source] = {
    "decided": "check",
    "checks": "check",
    "judge": "judge",
    "people": "people",
    "corrected": "judge",
}


def _cell(side: Side, keys: Sequence[str], basis: Basis, weights: Mapping[str, float]) -> Cell:
    run, source = side.run, _SOURCE[basis]
    main = estimate_of(run, keys, basis, weights=weights)
    clipped = gated = 0
    replies = []
    for key in keys:
        answers = [a for a in run.answer_scores(key, source) if a is not None]
        clipped += sum(a.clipped for a in answers)
        gated += sum(bool(a.gate) for a in answers)
        scores = [a.score for a in answers if a.score is not None]
        if scores:
            replies.append(scores)
    between, within = reply_variance(replies)
    cell = Cell(side.name, main, clipped=clipped, gated=gated, within=within, between=between)
    if basis in ("judge", "corrected"):
        corrected = _corrected(side, keys)
        if corrected is not None:
            human, judge = _beside(corrected)
            first = corrected.main if basis == "corrected" else main
            named = first.named(
                main.definition,
                main.definition_en,
                grader=basis,
                unsure=main.unsure,
                not_scored=main.not_scored,
            )
            return msgspec.structs.replace(
                cell,
                estimate=named,
                human=human,
                judge=judge,
                corrected=corrected.corrected,
                weight=corrected.weight,
                worth=corrected.worth,
            )
    return cell


def _beside(corrected: Corrected) -> tuple[Estimate, Estimate]:
    return (
        corrected.human.named("只用人工评分的题目", "items graded by people only", grader="people"),
        corrected.judge.named(
            "只用裁判评分，未计裁判偏差", "judge only, its bias not counted", grader="judge"
        ),
    )


def _corrected(side: Side, keys: Sequence[str]) -> Corrected | None:
    labelled = _labelled(side, keys)
    if not labelled:
        return None
    rest = [k for k in keys if k not in side.labelled and side.score(k, "judge") is not None]
    groups, others = _whole_groups(side, labelled, rest)
    return correct(
        [side.score(k, "people") or 0.0 for k in labelled],
        [side.score(k, "judge") or 0.0 for k in labelled],
        [side.score(k, "judge") or 0.0 for k in rest],
        groups=groups,
        groups_unlabelled=others,
    )


def _whole_groups(
    side: Side, labelled: Sequence[str], rest: Sequence[str]
) -> tuple[list[str] | None, list[str] | None]:
    """The groups of both parts where whole groups were sampled; None where single items were."""
    ours, theirs = ([side.run.items[k].group for k in part] for part in (labelled, rest))
    if set(ours) & set(theirs) or len(set(ours)) + len(set(theirs)) == len(ours) + len(theirs):
        return None, None
    return ours, theirs


def _pair(
    one: Side,
    other: Side,
    chosen: Sequence[str],
    basis: Basis,
    trust: Trust,
    delta: float,
    seed: int,
    weights: Mapping[str, float],
) -> Pair:
    source, decided = _SOURCE[basis], basis == "decided"
    both = [k for k in chosen if k in one.run.items and k in other.run.items]
    alike = [k for k in both if one.run.items[k].digest == other.run.items[k].digest]
    a = {k: one.score(k, source, decided) for k in alike}
    b = {k: other.score(k, source, decided) for k in alike}
    kept = [k for k in alike if a[k] is not None and b[k] is not None]
    marks = [one.run.items[k] for k in kept]
    declared = weights if weights and {m.probe for m in marks} <= set(weights) else None
    comparison = compare_scores(
        [a[k] or 0.0 for k in kept],
        [b[k] or 0.0 for k in kept],
        [m.group for m in marks],
        strata=[m.probe for m in marks],
        weights=declared,
        seed=seed,
        dropped_a=sum(a[k] is None and b[k] is not None for k in alike),
        dropped_b=sum(b[k] is None and a[k] is not None for k in alike),
    )
    if basis == "corrected":
        comparison = _corrected_difference(one, other, kept, comparison)
    if len(kept) < LIST_ONLY:  # answers are listed; no score, no interval
        nothing = Estimate(None, None, None, len(kept), len({m.group for m in marks}), "none")
        comparison = msgspec.structs.replace(comparison, difference=nothing, low90=None, high90=None, p=None)
    comparable = one.profile == other.profile
    if comparable and decided and any(side.gate_open(k) for side in (one, other) for k in kept):
        conclusion = Conclusion(
            "list_only",
            "作为底线的评分项还没有人评，暂不下结论",
            "Criteria that act as gates are still open: no conclusion yet",
        )
    elif comparable:
        conclusion = conclude(comparison, delta=delta, basis=trust, a=one.name, b=other.name)
    else:
        conclusion = Conclusion(
            "list_only", "设置方案不同，不作比较", "Different profiles of settings: not compared"
        )
    return Pair(one.name, other.name, comparison, None, conclusion, len(both) - len(alike), comparable)


def _corrected_difference(one: Side, other: Side, kept: Sequence[str], comparison: Comparison) -> Comparison:
    """The judge's difference corrected on items where people graded both models."""
    labelled = [k for k in kept if k in one.labelled and k in other.labelled]
    inside = set(labelled)
    rest = [k for k in kept if k not in inside]
    groups, others = _whole_groups(one, labelled, rest)
    d_people = [(one.score(k, "people") or 0.0) - (other.score(k, "people") or 0.0) for k in labelled]
    d_judge = {k: (one.score(k, "judge") or 0.0) - (other.score(k, "judge") or 0.0) for k in kept}
    made = correct(
        d_people,
        [d_judge[k] for k in labelled],
        [d_judge[k] for k in rest],
        groups=groups,
        groups_unlabelled=others,
        signed=True,
    )
    main = made.main
    if main.value is None or main.se is None or not main.se or main.df is None:
        return comparison
    from scipy.special import stdtr

    from zhprobe.stats.intervals import t_quantile

    half = t_quantile(0.95, main.df) * main.se
    return msgspec.structs.replace(
        comparison,
        difference=main,
        low90=main.value - half,
        high90=main.value + half,
        p=float(2 * stdtr(main.df, -abs(main.value) / main.se)),
        test="corrected_t",
        table=None,
    )


def _overall(
    sides: Sequence[Side],
    weights: Mapping[str, float],
    status: Mapping[str, str],
    delta: float,
    seed: int,
) -> Row | None:
    """The overall row under declared weights of capabilities: every probe's weight is its share of its own."""
    marks = {k: m for side in sides for k, m in side.scored.items() if weights.get(m.capability, 0) > 0}
    if not marks:
        return None
    sizes = Counter(m.probe for m in marks.values())
    totals = Counter(m.capability for m in marks.values())
    of_probe = {m.probe: m.capability for m in marks.values()}
    inner = {
        probe: weights[capability] * sizes[probe] / totals[capability]
        for probe, capability in of_probe.items()
    }
    key = RowKey(
        "", "", Title("总分（按声明的权重）", "Overall (declared weights)"), Title("总分", "Overall")
    )
    return _row(key, list(marks), sides, status, delta, seed, inner)


def _adjust(rows: list[Row], overall: Row | None, delta: float) -> tuple[list[Row], Row | None, str]:
    """Adjusted p-values, the conclusions that follow, and groups of models not separated.

    Holm over the pairs of the overall row, or of the only row; Benjamini–Hochberg, exploratory, over all
    rows and pairs otherwise.
    """
    if overall is not None:
        overall = _readjusted([overall], holm, delta)[0]
    if len(rows) == 1 and overall is None:
        return _readjusted(rows, holm, delta), None, "holm"
    return _readjusted(rows, benjamini_hochberg, delta), overall, "benjamini_hochberg"


def _readjusted(
    rows: Sequence[Row], method: Callable[[Sequence[float]], list[float]], delta: float
) -> list[Row]:
    tested = [
        (i, j)
        for i, row in enumerate(rows)
        for j, pair in enumerate(row.pairs)
        if pair.comparable
        and pair.comparison.p is not None
        and pair.conclusion.code not in ("list_only", "too_few")
    ]
    raw = [rows[i].pairs[j].comparison.p or 0.0 for i, j in tested]
    adjusted = dict(zip(tested, method(raw), strict=True))
    made = []
    for i, row in enumerate(rows):
        turned = []
        for j, pair in enumerate(row.pairs):
            p = adjusted.get((i, j))
            if p is not None:
                conclusion = conclude(
                    pair.comparison, adjusted_p=p, delta=delta, basis=row.trust, a=pair.a, b=pair.b
                )
                pair = msgspec.structs.replace(pair, adjusted_p=p, conclusion=conclusion)
            turned.append(pair)
        made.append(msgspec.structs.replace(row, pairs=tuple(turned), groups=_groups(row, turned)))
    return made


def _groups(row: Row, made: Sequence[Pair]) -> tuple[tuple[str, ...], ...]:
    """Groups of models not separated; none where a judge is not to be trusted or too little is known."""
    if row.trust != "trusted" or any(p.conclusion.code in ("list_only", "too_few") for p in made):
        return ()
    means = {c.model: c.estimate.value for c in row.cells if c.estimate.value is not None}
    if len(means) < 3:
        return ()
    apart = [(p.a, p.b) for p in made if p.conclusion.code == "better"]
    return not_separated(means, apart)


def _with_gaps(row: Row, judges: Sequence[JudgeRow]) -> Row:
    if row.basis != "judge":
        return row
    gaps = {
        model: gap.value
        for judged in judges
        if judged.capability == row.key.capability
        for model, gap in judged.gaps
        if gap.value is not None
    }
    turned = tuple(
        msgspec.structs.replace(
            pair,
            gaps_differ=pair.a in gaps
            and pair.b in gaps
            and gaps_differ(
                [gaps[pair.a] or 0.0, gaps[pair.b] or 0.0], pair.comparison.difference.value or 0.0
            ),
        )
        for pair in row.pairs
    )
    return msgspec.structs.replace(row, pairs=turned)


# -- judges and criteria ----------------------------------------------------------------------------


def _judge_rows(sides: Sequence[Side]) -> Iterable[JudgeRow]:
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


def _criterion_rows(sides: Sequence[Side]) -> Iterable[CriterionRow]:
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


def _people_agree(sides: Sequence[Side], seed: int) -> Agreement | None:
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


# -- slices -----------------------------------------------------------------------------------------


def _slices(rows: Sequence[Row], sides: Sequence[Side], seed: int) -> Iterable[Slice]:
    for row in rows:
        source, decided = _SOURCE[row.basis], row.basis == "decided"
        marks = {k: m for side in sides for k, m in side.scored.items() if in_row(m, row.key)}
        parts: list[tuple[str, Title, list[str]]] = []
        levels = sorted({m.difficulty for m in marks.values() if m.difficulty is not None})
        if len(levels) > 1:
            parts += [
                (
                    "difficulty",
                    Title(f"难度 {level}", f"Difficulty {level}"),
                    [k for k, m in marks.items() if m.difficulty == level],
                )
                for level in levels
            ]
        if len({m.generated for m in marks.values()}) > 1:
            parts += [
                ("origin", Title(zh, en), [k for k, m in marks.items() if m.generated is made])
                for made, zh, en in (
                    (False, "固定题", "Fixed items"),
                    (True, "程序生成的题", "Generated items"),
                )
            ]
        for kind, label, keys in parts:
            cells = tuple(
                SliceCell(side.name, _slice_estimate(side, keys, source, decided)) for side in sides
            )
            yield Slice(row.key.id, kind, label, cells)
        twins = {
            k for side in sides for k, m in side.run.items.items() if m.role == "twin" and in_row(m, row.key)
        }
        if twins:
            cells = tuple(
                SliceCell(side.name, _slice_estimate(side, sorted(twins), source, decided)) for side in sides
            )
            yield Slice(
                row.key.id, "twin", Title("改了条件的孪生题", "Twins with a changed condition"), cells
            )
        yield from _robustness(row, marks, sides, source, decided, seed)
        yield from _spelling(row, sides, source, decided)


def _slice_estimate(side: Side, keys: Iterable[str], source: Source, decided: bool) -> Estimate:
    have = [(k, s) for k in keys if k in side.run.items and (s := side.score(k, source, decided)) is not None]
    estimate = mean([s for _, s in have], [side.run.items[k].group for k, _ in have])
    return estimate.named("题目得分的平均", "mean item score", grader=source)


def _robustness(
    row: Row,
    marks: Mapping[str, Any],
    sides: Sequence[Side],
    source: Source,
    decided: bool,
    seed: int,
) -> Iterable[Slice]:
    """Score on the items over score on their controls, groups drawn again; with both sides shown."""
    paired = {k: m.control for k, m in marks.items() if m.control}
    if not paired:
        return
    ratios, controls = [], []
    for side in sides:
        have = [
            (k, x, y)
            for k, c in paired.items()
            if k in side.run.items
            and c in side.run.items
            and (x := side.score(k, source, decided)) is not None
            and (y := side.score(c, source, decided)) is not None
        ]
        groups = [side.run.items[k].group for k, _, _ in have]
        control = mean([y for _, _, y in have], groups).named("对照题得分", "score on the controls")
        controls.append(SliceCell(side.name, control))
        ratios.append(SliceCell(side.name, _ratio(have, groups, control, seed)))
    yield Slice(
        row.key.id,
        "control",
        Title("对照题（同一任务，普通话）", "Controls (same task, standard Chinese)"),
        tuple(controls),
    )
    yield Slice(
        row.key.id, "robustness", Title("稳健比：本题 ÷ 对照", "Robustness: items ÷ controls"), tuple(ratios)
    )


def _ratio(
    have: Sequence[tuple[str, float, float]], groups: Sequence[str], control: Estimate, seed: int
) -> Estimate:
    sums: dict[str, list[float]] = {}
    for (_, x, y), group in zip(have, groups, strict=True):
        pair = sums.setdefault(group, [0.0, 0.0])
        pair[0] += x
        pair[1] += y
    table = np.array(list(sums.values())).reshape(-1, 2)
    empty = Estimate(None, None, None, len(have), len(sums), "none").named(
        "本题得分除以对照题得分", "score on the items over score on their controls"
    )
    if control.low is None or control.low < CONTROL_FLOOR or len(table) == 0:
        return empty

    found = bca_ratio(table[:, 0], table[:, 1], seed=seed)
    if found is None:
        below = float(table[:, 1].sum())
        value = float(table[:, 0].sum()) / below if below > 0 else None
        return msgspec.structs.replace(empty, value=value)
    return msgspec.structs.replace(empty, value=found[0], low=found[1], high=found[2], method="bca")


def _spelling(row: Row, sides: Sequence[Side], source: Source, decided: bool) -> Iterable[Slice]:
    """The same items under another spelling: score on the respellings, and the difference they make."""
    cells, differences = [], []
    any_found = False
    for side in sides:
        run = side.run
        have = [
            (k, x, y)
            for k, m in run.items.items()
            if m.role == "respelling"
            and m.respelling in run.items
            and in_row(run.items[m.respelling], row.key)
            and (x := side.score(k, source, decided)) is not None
            and (y := side.score(m.respelling, source, decided)) is not None
        ]
        any_found = any_found or bool(have)
        groups = [run.items[k].group for k, _, _ in have]
        cells.append(SliceCell(side.name, mean([x for _, x, _ in have], groups)))
        compared = compare_scores([x for _, x, _ in have], [y for _, _, y in have], groups)
        differences.append(SliceCell(side.name, compared.difference))
    if any_found:
        yield Slice(row.key.id, "respelling", Title("换一种写法", "Another spelling"), tuple(cells))
        yield Slice(
            row.key.id,
            "respelling_difference",
            Title("换写法后的变化", "Change by spelling"),
            tuple(differences),
        )


# -- items ------------------------------------------------------------------------------------------


def _item_rows(rows: Sequence[Row], sides: Sequence[Side]) -> Iterable[ItemRow]:
    clashes = [_clashes(side) for side in sides]
    for row in rows:
        source, decided = _SOURCE[row.basis], row.basis == "decided"
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


def _tables(rows: Sequence[Row], sides: Sequence[Side]) -> dict[str, dict[str, float]]:
    basis = {probe: row.basis for row in rows for probe in row.probes}
    found: dict[str, dict[str, float]] = {}
    for side in sides:
        found[side.name] = {}
        for key, mark in side.scored.items():
            by = basis.get(mark.probe, "checks")
            score = side.score(key, _SOURCE[by], by == "decided")
            if score is not None:
                found[side.name][key] = score
    return found


def _probe_figures(rows: Sequence[Row], sides: Sequence[Side]) -> list[ProbeFigures]:
    models = [side.name for side in sides if not side.run.info.model.startswith(FLOOR)]
    floors = [side.name for side in sides if side.run.info.model.startswith(FLOOR)]
    if not models:
        return []
    probe_of = {k: m.probe for side in sides for k, m in side.scored.items()}
    chance = {name: note.chance for side in sides for name, note in side.run.probes.items()}
    return analyse_probes(_tables(rows, sides), models, probe_of, chance, floors)


def _item_figures(rows: Sequence[Row], sides: Sequence[Side]) -> list[ItemFigures]:
    models = [side.name for side in sides if not side.run.info.model.startswith(FLOOR)]
    return analyse_items(_tables(rows, sides), models)


def _efficiency(side: Side, rows: Sequence[Row]) -> Efficiency:
    points = math.fsum(_tables(rows, [side])[side.name].values())
    return msgspec.structs.replace(measure(side.run, points or None), model=side.name)


def _warnings(sides: Sequence[Side], judges: Sequence[JudgeRow]) -> Iterable[Title]:
    """What a reader must know before any number."""
    for side in sides:
        info = side.run.info
        if side.run.versions_skipped:
            n = side.run.versions_skipped
            yield Title(
                f"{side.name}：{n} 条判定属于评分项的旧版本，未使用",
                f"{side.name}: {n} verdicts belong to older versions of criteria and were left out",
            )
        got = sum(map(len, side.run.replies.values()))
        missing = len(side.run.items) * info.settings.samples - got
        if missing > 0:
            yield Title(
                f"{side.name}：还有 {missing} 个回答没有取得",
                f"{side.name}: {missing} replies are still missing",
            )
    for judged in judges:
        if judged.in_use and judged.shares_lineage and not judged.capability:
            names = "、".join(judged.shares_lineage)
            yield Title(
                f"裁判（{judged.label.zh}）与 {names} 同源，可能偏向自己",
                f"The judge ({judged.label.en}) is of the same family as {names} and may favour it",
            )
    if len({side.profile for side in sides}) > 1:
        yield Title(
            "各模型的设置方案或工具提供方式不同：不同的之间不排名",
            "Profiles of settings, or ways of offering tools, differ: models are not ranked across them",
        )
    else:
        yield from _unlike_settings(sides)


def _unlike_settings(sides: Sequence[Side]) -> Iterable[Title]:
    """Settings that differ under one profile name."""
    plain = [msgspec.structs.asdict(side.run.info.settings) for side in sides]
    harmless = {"samples", "stream", "timeout", "stall_timeout", "seed"}
    fields = [f for f in plain[0] if f not in harmless and any(p[f] != plain[0][f] for p in plain)]
    if fields:
        told = "；".join(f"{f}：" + "、".join(str(p[f]) for p in plain) for f in fields)
        told_en = "; ".join(f"{f}: " + ", ".join(str(p[f]) for p in plain) for f in fields)
        yield Title(f"各模型的设置不同（{told}）", f"Settings differ between models ({told_en})")
