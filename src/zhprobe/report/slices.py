"""Parts of a row: by difficulty and origin, twins, controls, other spellings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from zhprobe.report.result import (
    Row,
    Slice,
    SliceCell,
)
from zhprobe.report.rows import (
    Source,
    Title,
    in_row,
)
from zhprobe.report.sides import SOURCES, Side
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import bca_ratio, mean
from zhprobe.stats.paired import compare_scores

CONTROL_FLOOR = 0.2  # below this lower bound of the control's score a robustness ratio means nothing


def make_slices(rows: Sequence[Row], sides: Sequence[Side], seed: int) -> Iterable[Slice]:
    for row in rows:
        source, decided = SOURCES[row.basis], row.basis == "decided"
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
