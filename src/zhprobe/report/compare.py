"""Runs side by side: scores with intervals, differences on the same items, and what may be said of them.

`compare_runs` gives plain objects; pages, tables and exports only print them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from zhprobe.grading.judge import lineage_of
from zhprobe.probes import capability_table
from zhprobe.report.efficiency import Efficiency, measure
from zhprobe.report.graded import criterion_rows, judge_rows, people_agreement
from zhprobe.report.item_analysis import FLOOR
from zhprobe.report.item_rows import item_figures, item_rows, probe_figures, score_tables
from zhprobe.report.legal_section import legal_section
from zhprobe.report.result import (
    Cell,
    JudgeRow,
    ModelHead,
    Pair,
    Report,
    Row,
)
from zhprobe.report.rows import (
    ADJUDICATED,
    TITLES,
    Basis,
    RowKey,
    RunNumbers,
    Title,
    estimate_of,
    in_row,
    row_keys,
    title_of,
)
from zhprobe.report.sides import SOURCES, Side, pairs_of, read_sides
from zhprobe.report.slices import make_slices
from zhprobe.report.translation_section import translation_section
from zhprobe.report.unchecked import unchecked_rows
from zhprobe.stats.agreement import gaps_differ
from zhprobe.stats.conclusions import DELTA, LIST_ONLY, Conclusion, conclude, not_separated
from zhprobe.stats.conclusions import Basis as Trust
from zhprobe.stats.correction import Corrected, correct
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import reply_variance
from zhprobe.stats.multiple import benjamini_hochberg, holm
from zhprobe.stats.paired import Comparison, compare_scores

CORRECTION_FROM = 30  # items with random human grades, for a corrected estimate


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
    judges = tuple(judge_rows(sides))
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
        criteria=tuple(criterion_rows(sides)),
        slices=tuple(make_slices(rows, sides, seed)),
        judges=judges,
        people=len({n for run in runs for n in run.graders_of("people") if n != ADJUDICATED}),
        people_agree=people_agreement(sides, seed),
        efficiency=tuple(_efficiency(side, rows) for side in sides),
        items=tuple(item_rows(rows, sides)),
        probes=tuple(probe_figures(rows, sides)),
        figures=tuple(item_figures(rows, sides)),
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


def _cell(side: Side, keys: Sequence[str], basis: Basis, weights: Mapping[str, float]) -> Cell:
    run, source = side.run, SOURCES[basis]
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
    source, decided = SOURCES[basis], basis == "decided"
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


def _efficiency(side: Side, rows: Sequence[Row]) -> Efficiency:
    points = math.fsum(score_tables(rows, [side])[side.name].values())
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
