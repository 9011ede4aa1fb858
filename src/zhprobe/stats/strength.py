"""Strength of models from pairwise choices, ties allowed: Bradley–Terry and Davidson.

No Elo with step updates: its result depends on the order of the games.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from zhprobe.stats.estimate import Estimate
from zhprobe.stats.special import normal_quantile

Floats = NDArray[np.float64]
PENALTY = 0.1  # on ½Σθ², only where the maximum does not exist
STOP = 1e-10
MOST_STEPS = 200


class Games(msgspec.Struct, frozen=True):
    """Choices between two models shown in this order: first won, second won, ties."""

    first: str
    second: str
    won: float
    lost: float
    tied: float = 0.0


class Strength(msgspec.Struct, frozen=True):
    """Fitted strengths. `theta` has mean 0, `share` is the expected share against the average model.

    `tie` is ν, `order` γ (what being shown first is worth). `penalised` marks a fit whose maximum does not
    exist without the penalty, because `blocks` of models never beat or tied each other.
    """

    models: tuple[str, ...]
    theta: tuple[float, ...]
    share: tuple[Estimate, ...]
    covariance: tuple[tuple[float, ...], ...]
    tie: float
    log_tie_se: float | None
    order: Estimate | None
    games: float
    penalised: bool = False
    blocks: tuple[tuple[str, ...], ...] = ()

    def against(self, reference: str) -> dict[str, tuple[float, float]]:
        """θ and its standard error with one model fixed at 0.

        >>> fit = davidson([Games("a", "b", 30, 10)])
        >>> {name: round(theta, 4) for name, (theta, _) in fit.against("a").items()}
        {'a': 0.0, 'b': -1.0986}
        """
        base = self.models.index(reference)
        c = np.array(self.covariance)
        return {
            name: (
                self.theta[i] - self.theta[base],
                math.sqrt(max(float(c[i, i] + c[base, base] - 2 * c[i, base]), 0.0)),
            )
            for i, name in enumerate(self.models)
        }


def strongly_connected(models: Sequence[str], games: Sequence[Games]) -> tuple[tuple[str, ...], ...]:
    """Blocks of models inside which each beat or tied each, by a chain; one block: the maximum exists.

    Ford (1957), Amer. Math. Monthly 64:28-33.

    >>> strongly_connected(["a", "b", "c"], [Games("a", "b", 1, 1), Games("a", "c", 3, 0)])
    (('a', 'b'), ('c',))
    """
    from scipy.sparse.csgraph import connected_components

    place = {name: i for i, name in enumerate(models)}
    beat = np.zeros((len(models), len(models)))
    for game in games:
        beat[place[game.first], place[game.second]] += game.won + game.tied
        beat[place[game.second], place[game.first]] += game.lost + game.tied
    count, labels = connected_components(beat > 0, directed=True, connection="strong")
    blocks = [tuple(m for m, label in zip(models, labels, strict=True) if label == k) for k in range(count)]
    return tuple(sorted(blocks, key=lambda block: place[block[0]]))


def davidson(games: Sequence[Games], *, models: Sequence[str] | None = None, order: bool = False) -> Strength:
    """Maximum likelihood by Newton's method; ties enter as ν√(π_i π_j), `order` adds γ to the first shown.

    Davidson (1970), JASA 65:317-328; Davidson and Beaver (1977), Biometrics 33:693-702. The model is a
    multinomial logit in (θ, γ, log ν), so its likelihood is concave and Newton finds the maximum.

    >>> fit = davidson([Games("a", "b", 30, 10)])  # three to one: log 3 apart
    >>> [round(t, 3) for t in fit.theta]
    [0.549, -0.549]
    """
    names = tuple(models) if models else tuple(dict.fromkeys(m for g in games for m in (g.first, g.second)))
    blocks = strongly_connected(names, games)
    penalty = PENALTY if len(blocks) > 1 else 0.0
    ties = any(g.tied for g in games)
    features, counts = _design(names, games, order, ties)
    k = len(names)
    beta, information = _newton(features, counts, k, penalty)
    covariance = _covariance(information, k, penalty)
    theta = beta[:k] - beta[:k].mean()
    centre = np.eye(k) - 1 / k
    of_theta = centre @ covariance[:k, :k] @ centre.T
    tie = math.exp(beta[-1]) if ties else 0.0
    gamma = None
    total = float(counts.sum())
    if order:
        se = math.sqrt(max(float(covariance[k, k]), 0.0))
        half = normal_quantile(0.975) * se
        g = float(beta[k])
        gamma = Estimate(g, g - half, g + half, int(total), int(total), "profile", se=se)
    return Strength(
        names,
        tuple(float(t) for t in theta),
        tuple(
            _share(float(t), math.sqrt(max(float(v), 0.0)), tie, total)
            for t, v in zip(theta, np.diag(of_theta), strict=True)
        ),
        tuple(tuple(float(v) for v in row) for row in of_theta),
        tie,
        math.sqrt(float(covariance[-1, -1])) if ties else None,
        gamma,
        total,
        bool(penalty),
        blocks if penalty else (),
    )


def _design(names: Sequence[str], games: Sequence[Games], order: bool, ties: bool) -> tuple[Floats, Floats]:
    """For every pairing the features of its outcomes (first wins, second wins, tie), and their counts."""
    place = {name: i for i, name in enumerate(names)}
    k, width = len(names), len(names) + order + ties
    features = np.zeros((len(games), 3 if ties else 2, width))
    counts = np.zeros((len(games), 3 if ties else 2))
    for row, game in enumerate(games):
        first = np.zeros(width)
        second = np.zeros(width)
        first[place[game.first]] = 1
        second[place[game.second]] = 1
        if order:
            first[k] = 1
        features[row, 0], features[row, 1] = first, second
        counts[row, :2] = game.won, game.lost
        if ties:
            features[row, 2] = (first + second) / 2
            features[row, 2, -1] = 1
            counts[row, 2] = game.tied
    return features, counts


def _newton(features: Floats, counts: Floats, k: int, penalty: float) -> tuple[Floats, Floats]:
    """Parameters at the maximum (first θ at 0 without a penalty) and the information matrix there."""
    width = features.shape[2]
    beta = np.zeros(width)
    shrink = np.zeros(width)
    shrink[:k] = penalty
    free = np.arange(width) if penalty else np.arange(1, width)
    totals = counts.sum(axis=1)

    def value(at: Floats) -> float:
        utility = features @ at
        top = utility.max(axis=1)
        log_sum = np.log(np.exp(utility - top[:, None]).sum(axis=1)) + top
        return float((counts * utility).sum() - totals @ log_sum - 0.5 * shrink @ at**2)

    information = np.zeros((width, width))
    for _ in range(MOST_STEPS):
        utility = features @ beta
        share = np.exp(utility - utility.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        gradient = np.einsum("go,gow->w", counts - totals[:, None] * share, features) - shrink * beta
        average = np.einsum("go,gow->gw", share, features)
        information = np.einsum("g,go,gov,gow->vw", totals, share, features, features)
        information -= np.einsum("g,gv,gw->vw", totals, average, average)
        information += np.diag(shrink)
        step = np.zeros(width)
        step[free] = np.linalg.lstsq(information[np.ix_(free, free)], gradient[free], rcond=None)[0]
        before, size = value(beta), 1.0
        while value(beta + size * step) < before - 1e-9 and size > 1e-4:
            size /= 2
        beta = beta + size * step
        if float(np.abs(step).max()) < STOP:
            break
    return beta, information


def _covariance(information: Floats, k: int, penalty: float) -> Floats:
    width = len(information)
    free = np.arange(width) if penalty else np.arange(1, width)
    covariance = np.zeros((width, width))
    covariance[np.ix_(free, free)] = np.linalg.pinv(information[np.ix_(free, free)])
    return covariance


def expected_share(theta: float, tie: float) -> float:
    """Wins plus half the ties expected against a model of θ = 0.

    >>> expected_share(0.0, 0.7)
    0.5
    """
    strong, drawn = math.exp(theta), tie * math.exp(theta / 2)
    return (strong + drawn / 2) / (strong + drawn + 1)


def _share(theta: float, se: float, tie: float, games: float) -> Estimate:
    half = normal_quantile(0.975) * se
    ends = (expected_share(theta - half, tie), expected_share(theta + half, tie))
    return Estimate(expected_share(theta, tie), *ends, int(games), int(games), "profile")


def bootstrap_strength(
    by_item: Mapping[Hashable, Sequence[Games]], *, seed: int, resamples: int = 1_000
) -> dict[str, Estimate]:
    """Expected shares with intervals over items, for comparisons that share items (the usual case).

    >>> shares = bootstrap_strength({i: [Games("a", "b", 1, 0)] if i % 3 else [Games("a", "b", 0, 1)]
    ...                              for i in range(30)}, seed=3, resamples=200)
    >>> round(shares["a"].value, 2), shares["a"].low < 0.59 < shares["a"].high
    (0.59, True)
    """
    items = list(by_item.values())
    models = tuple(dict.fromkeys(m for games in items for g in games for m in (g.first, g.second)))
    keys = list(dict.fromkeys((g.first, g.second) for games in items for g in games))
    place = {key: i for i, key in enumerate(keys)}
    counts = np.zeros((len(items), len(keys), 3))
    for row, games in enumerate(items):
        for game in games:
            counts[row, place[game.first, game.second]] += (game.won, game.lost, game.tied)

    def fit(summed: Floats) -> list[float]:
        made = [Games(*key, *(float(v) for v in summed[i])) for i, key in enumerate(keys)]
        return [share.value or 0.0 for share in davidson(made, models=models).share]

    random = np.random.default_rng(seed)
    times = random.multinomial(len(items), np.full(len(items), 1 / len(items)), size=resamples)
    drawn = np.array([fit(np.tensordot(t.astype(float), counts, axes=1)) for t in times])
    lows, highs = np.quantile(drawn, [0.025, 0.975], axis=0)
    centre = fit(counts.sum(axis=0))
    return {
        name: Estimate(centre[i], float(lows[i]), float(highs[i]), len(items), len(items), "percentile")
        for i, name in enumerate(models)
    }
