"""What a comparison says about its own items: how hard they are, and which of them tell models apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

FLOOR = "floor/"  # models that know nothing: empty, echo, constant …
ENOUGH_MODELS = 6  # fewer models: an item's correlation with the rest is chance
FLOOR_WELL = 0.5  # above chance by this much, a floor policy scores well


class ItemFigures(msgspec.Struct, frozen=True):
    """One item over all models: its mean score, and how it goes with the rest of its row.

    `rest` is the correlation, over models, of the item with the mean of the others; None under six models
    or without variation. `kind` is all_pass, none_pass, or ''.
    """

    key: str
    mean: float
    rest: float | None
    kind: Literal["all_pass", "none_pass", ""]


class ProbeFigures(msgspec.Struct, frozen=True):
    """One probe over all models: its spread, and whether it tells them apart."""

    probe: str
    items: int
    mean: float
    least: float
    most: float
    all_pass: int
    none_pass: int
    separates: bool
    floor: float | None
    floor_scores_well: bool


def analyse_items(scores: Mapping[str, Mapping[str, float]], models: Sequence[str]) -> list[ItemFigures]:
    """Figures of items from `scores[model][item]`, on the items every model has.

    >>> found = analyse_items({"a": {"x": 1.0, "y": 0.0}, "b": {"x": 1.0, "y": 0.5}}, ["a", "b"])
    >>> [(f.key, f.mean, f.kind) for f in found]
    [('x', 1.0, 'all_pass'), ('y', 0.25, '')]
    """
    if not models:
        return []
    shared = [key for key in scores[models[0]] if all(key in scores[m] for m in models)]
    table = np.array([[scores[m][key] for key in shared] for m in models]).reshape(len(models), len(shared))
    total = table.sum(axis=1)
    found = []
    for place, key in enumerate(shared):
        column = table[:, place]
        kind: Literal["all_pass", "none_pass", ""] = ""
        if column.min() >= 1 - 1e-9:
            kind = "all_pass"
        elif column.max() <= 1e-9:
            kind = "none_pass"
        found.append(ItemFigures(key, float(column.mean()), _correlation(column, total - column), kind))
    return found


def _correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    if len(x) < ENOUGH_MODELS or float(np.ptp(x)) < 1e-9 or float(np.ptp(y)) < 1e-9:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def analyse_probes(
    scores: Mapping[str, Mapping[str, float]],
    models: Sequence[str],
    probe_of: Mapping[str, str],
    chance: Mapping[str, float],
    floors: Sequence[str] = (),
) -> list[ProbeFigures]:
    """Figures of probes. A probe separates when the best and the worst model lie 0.05 apart or more.

    `floors` are the models that know nothing; where one of them scores well above chance, the probe
    measures nothing.

    >>> scores = {"a": {"x": 1.0}, "b": {"x": 0.2}, "floor/echo": {"x": 0.9}}
    >>> found = analyse_probes(scores, ["a", "b"], {"x": "p"}, {"p": 0.0}, ["floor/echo"])[0]
    >>> found.separates, found.floor_scores_well
    (True, True)
    """
    items = analyse_items(scores, models)
    grouped: dict[str, list[ItemFigures]] = {}
    for item in items:
        grouped.setdefault(probe_of[item.key], []).append(item)
    found = []
    for probe, inside in grouped.items():
        keys = [item.key for item in inside]
        means = [float(np.mean([scores[m][k] for k in keys])) for m in models]
        worst = [
            float(np.mean([scores[f][k] for k in keys if k in scores[f]]))
            for f in floors
            if any(k in scores[f] for k in keys)
        ]
        floor = max(worst) if worst else None
        found.append(
            ProbeFigures(
                probe,
                len(keys),
                float(np.mean(means)),
                min(means),
                max(means),
                sum(item.kind == "all_pass" for item in inside),
                sum(item.kind == "none_pass" for item in inside),
                max(means) - min(means) >= 0.05,
                floor,
                floor is not None
                and floor > chance.get(probe, 0.0) + FLOOR_WELL * (1 - chance.get(probe, 0.0)),
            )
        )
    return found
