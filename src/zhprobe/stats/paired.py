"""Two models on the same items: the difference, its interval, and how surprising it is.

Always from the differences item by item, never from two separate intervals: overlap is not a test.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import (
    FEW_GROUPS,
    Interval,
    is_binary,
    split_strata,
    standard_error,
    stratified_parts,
    t_quantile,
    wilson,
)
from zhprobe.stats.special import bdtr, chdtrc, normal_quantile

TIE = 1e-9  # scores closer than this are equal
EXACT_LIMIT = 16  # up to this many unequal groups all sign patterns are counted
DRAWS = 100_000
FEW_DISCORDANT = 6  # fewer discordant items cannot reach 0.05 in the exact test


class SignFlip(msgspec.Struct, frozen=True):
    """p-value of the sign-flip test, and from what: `hits` of `total` patterns, all of them or drawn."""

    p: float
    hits: int
    total: int
    exact: bool


def sign_flip(sums: ArrayLike, *, seed: int = 0, draws: int = DRAWS) -> SignFlip:
    """How often random signs make a sum at least as large as the one seen; zeros are dropped.

    Fisher (1935), The Design of Experiments, III; up to 16 unequal groups every pattern is counted, above
    that `draws` are drawn and p = (1+hits)/(1+draws) (Phipson and Smyth 2010, SAGMB 9:39).

    >>> sign_flip([0, 0, 1, 1, 1, -1, 2]).p
    0.3125
    """
    values = np.asarray(sums, dtype=float)
    values = values[np.abs(values) > TIE * max(1.0, float(np.abs(values).max(initial=0.0)))]
    if len(values) == 0:
        return SignFlip(1.0, 1, 1, True)
    bound = abs(float(values.sum()))
    bound -= TIE * max(bound, float(np.abs(values).sum()) * 1e-3)
    if len(values) <= EXACT_LIMIT:
        reached = np.zeros(1)
        for value in values:
            reached = np.concatenate([reached + value, reached - value])
        hits = int((np.abs(reached) >= bound).sum())
        return SignFlip(hits / len(reached), hits, len(reached), True)
    hits = int((np.abs(_random_sums(values, seed, draws)) >= bound).sum())
    return SignFlip((1 + hits) / (1 + draws), hits, draws, False)


def _random_sums(values: NDArray[np.float64], seed: int, draws: int) -> NDArray[np.float64]:
    """Sums under random signs: each random byte stands for the signs of eight values, by table."""
    random = np.random.default_rng(seed)
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(float) * 2 - 1
    padded = np.concatenate([values, np.zeros(-len(values) % 8)])
    total = np.zeros(draws)
    for start in range(0, len(padded), 8):
        table = bits @ padded[start : start + 8]
        total += table[random.integers(0, 256, draws, dtype=np.uint8)]
    return total


def mcnemar_midp(b: int, c: int) -> float:
    """McNemar's mid-p for `b` and `c` discordant items; 1 when there is none.

    Fagerland, Lydersen and Laake (2013), BMC Med. Res. Methodol. 13:91.

    >>> mcnemar_midp(1, 7), mcnemar_midp(0, 0)
    (0.0390625, 1.0)
    """
    n, least = b + c, min(b, c)
    if n == 0:
        return 1.0
    point: float = math.comb(n, least) / 2**n
    if b == c:
        return float(1 - point / 2)
    return float(min(1.0, 2 * float(bdtr(least, n, 0.5)) - point))


def mcnemar_exact(b: int, c: int) -> float:
    """McNemar's exact conditional p-value, at most 1.

    >>> mcnemar_exact(6, 0)
    0.03125
    """
    return 1.0 if b + c == 0 else min(1.0, 2 * float(bdtr(min(b, c), b + c, 0.5)))


def mcnemar_chi2(b: int, c: int, *, corrected: bool = False) -> tuple[float, float]:
    """McNemar's χ² and its p-value, as books print them; conclusions here rest on the mid-p.

    >>> [round(v, 4) for v in mcnemar_chi2(12, 2)]
    [7.1429, 0.0075]
    """
    if b + c == 0:
        return 0.0, 1.0
    # the correction as printed by McNemar (1947): |b−c|−1, squared, also at b = c
    gap = abs(b - c) - (1 if corrected else 0)
    value = gap * gap / (b + c)
    return value, float(chdtrc(1, value))


def newcombe_independent(x1: int, n1: int, x2: int, n2: int, conf: float = 0.95) -> Interval:
    """Difference of two independent rates: method 10 of Newcombe (1998), Stat. Med. 17:873-890.

    >>> [round(end, 4) for end in newcombe_independent(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    (l1, u1), (l2, u2) = wilson(x1, n1, conf), wilson(x2, n2, conf)
    p1, p2 = x1 / n1, x2 / n2
    return (
        p1 - p2 - math.hypot(p1 - l1, u2 - p2),
        p1 - p2 + math.hypot(u1 - p1, p2 - l2),
    )


def newcombe_paired(both: int, only_a: int, only_b: int, neither: int, conf: float = 0.95) -> Interval:
    """Difference of two rates on the same items: method 10 of Newcombe (1998), Stat. Med. 17:2635-2650.

    >>> [round(end, 4) for end in newcombe_paired(36, 12, 2, 0)]
    [0.0569, 0.3404]
    """
    e, f, g, h = both, only_a, only_b, neither
    n = e + f + g + h
    p1, p2 = (e + f) / n, (e + g) / n
    (l1, u1), (l2, u2) = wilson(e + f, n, conf), wilson(e + g, n, conf)
    under = (e + f) * (g + h) * (e + g) * (f + h)
    cross = e * h - f * g
    corrected = cross - n / 2 if cross > n / 2 else min(float(cross), 0.0)
    phi = corrected / math.sqrt(under) if under else 0.0

    def reach(x: float, y: float) -> float:
        return math.sqrt(max(x * x - 2 * phi * x * y + y * y, 0.0))

    return p1 - p2 - reach(p1 - l1, u2 - p2), p1 - p2 + reach(u1 - p1, p2 - l2)


def tango(both: int, only_a: int, only_b: int, neither: int, conf: float = 0.95) -> Interval:
    """Score interval for the paired difference: Tango (1998), Stat. Med. 17:891-908. A second opinion.

    >>> [round(end, 4) for end in tango(36, 12, 2, 0)]
    [0.0611, 0.3447]
    """
    n, b, c = both + only_a + only_b + neither, only_a, only_b
    z = normal_quantile((1 + conf) / 2)
    seen = (b - c) / n

    def excess(delta: float) -> float:
        first = 2 * n
        second = -b - c + (2 * n - b + c) * delta
        third = -c * delta * (1 - delta)
        q = (math.sqrt(max(second**2 - 4 * first * third, 0.0)) - second) / (2 * first)
        square = n * (2 * q + delta * (1 - delta))
        if square <= 0:
            return math.copysign(math.inf, b - c - n * delta)
        return (b - c - n * delta) / math.sqrt(square)

    edge = 1e-9

    def solve(target: float, start: float, stop: float) -> float:
        def miss(delta: float) -> float:
            return max(min(excess(delta), 1e6), -1e6) - target

        if miss(start) * miss(stop) > 0:
            return start if abs(miss(start)) < abs(miss(stop)) else stop
        from scipy.optimize import brentq  # a third of the time that loading scipy takes

        return float(brentq(miss, start, stop, xtol=1e-13))

    low = -1.0 if seen <= -1 else solve(z, -1 + edge, seen + edge)
    high = 1.0 if seen >= 1 else solve(-z, seen - edge, 1 - edge)
    return low, high


class Comparison(msgspec.Struct, frozen=True):
    """Model A less model B on the items both have scores for.

    `difference` carries the 95 % interval, `low90` and `high90` the one that equivalence is read from.
    `table` is (both, only A, only B, neither) where scores are 0 or 1. `dropped_a` and `dropped_b` count
    items that only B, or only A, has a score for.
    """

    difference: Estimate
    low90: float | None
    high90: float | None
    p: float | None
    test: str  # sign_flip_exact, sign_flip_drawn, mcnemar_midp, or none
    wins: int = 0
    ties: int = 0
    losses: int = 0
    correlation: float | None = None
    dropped_a: int = 0
    dropped_b: int = 0
    table: tuple[int, int, int, int] | None = None
    notes: tuple[str, ...] = ()

    def mirrored(self) -> Comparison:
        """The same seen from B: A and B exchanged."""
        d = self.difference
        turned = msgspec.structs.replace(d, value=_minus(d.value), low=_minus(d.high), high=_minus(d.low))
        table = self.table and (self.table[0], self.table[2], self.table[1], self.table[3])
        return msgspec.structs.replace(
            self,
            difference=turned,
            low90=_minus(self.high90),
            high90=_minus(self.low90),
            wins=self.losses,
            losses=self.wins,
            dropped_a=self.dropped_b,
            dropped_b=self.dropped_a,
            table=table,
        )


def _minus(value: float | None) -> float | None:
    return None if value is None else -value + 0.0


def difference_interval(
    d: ArrayLike,
    groups: Sequence[Hashable] | None = None,
    strata: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    conf: float = 0.95,
) -> tuple[float, Interval, str, float, float | None, int]:
    """Mean difference, interval, method, standard error, degrees of freedom and G.

    The formulas of a mean on the differences. Differences lie in [−1, 1], so the conservative interval
    (no spread, or under six groups) is Wilson on (d+1)/2; where no item differs at all, the share of items
    that would is bounded by zero failures of G, and the mean difference by that share.

    >>> centre, ends, method, *_ = difference_interval([0.2, -0.1, 0.3, 0.0, 0.1, 0.2, 0.1, 0.0])
    >>> round(centre, 3), [round(end, 3) for end in ends], method
    (0.1, [-0.009, 0.209], 't')
    """
    values = np.asarray(d, dtype=float)
    several = strata is not None and len(set(strata)) > 1
    df: float | None
    if several:
        assert strata is not None
        split = split_strata(values, strata, groups)
        centre, se, df, _ = stratified_parts(split, weights, signed=True)
        count, method = sum(s.groups for s in split.values()), "stratified_t"
    else:
        centre = float(values.mean())
        se, count = standard_error(values, groups)
        df, method = float(count - 1), "t" if count == len(values) else "cluster_t"
    if bool(np.all(np.abs(values) <= TIE)):
        bound = 1 - ((1 - conf) / 2) ** (1 / count)
        return 0.0, (-bound, bound), "none_differ", 0.0, None, count
    if count < FEW_GROUPS or se <= 1e-12:
        low, high = wilson((centre + 1) / 2 * count, count, conf)
        return centre, (2 * low - 1, 2 * high - 1), "wilson_difference", se, None, count
    half = t_quantile((1 + conf) / 2, df or 1.0) * se
    return centre, (max(-1.0, centre - half), min(1.0, centre + half)), method, se, df, count


def compare_scores(
    a: Sequence[float],
    b: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    strata: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
    dropped_a: int = 0,
    dropped_b: int = 0,
) -> Comparison:
    """Compare two models on items that both answered, given in the same order.

    Scores of 0 and 1 on single-item groups: Newcombe's paired interval and McNemar's mid-p. All others:
    the interval of a mean over the differences and the sign-flip test on group sums. `strata` are probes
    with fixed `weights` (items by default).

    >>> c = compare_scores([1, 1, 1, 1, 0, 1, 1, 1], [1, 0, 0, 0, 0, 0, 1, 0])
    >>> c.wins, c.ties, c.losses, round(c.p, 4), c.test
    (5, 3, 0, 0.0312, 'mcnemar_midp')
    """
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if x.shape != y.shape:
        raise ValueError(f"{len(x)} scores of one model and {len(y)} of the other")
    if len(x) == 0:
        empty = Estimate(None, None, None, 0, 0, "none")
        return Comparison(empty, None, None, None, "none", dropped_a=dropped_a, dropped_b=dropped_b)
    d = x - y
    centre, ends, method, se, df, count = difference_interval(d, groups, strata, weights)
    _, inner, *_ = difference_interval(d, groups, strata, weights, conf=0.90)
    wins, losses = int((d > TIE).sum()), int((d < -TIE).sum())
    notes: list[str] = []
    table: tuple[int, int, int, int] | None = None
    if is_binary(x) and is_binary(y) and count == len(d) and _even_weights(strata, weights):
        both = int(((x == 1) & (y == 1)).sum())
        table = (both, wins, losses, len(d) - both - wins - losses)
        ends, inner = newcombe_paired(*table), newcombe_paired(*table, conf=0.90)
        p, test, method, df = mcnemar_midp(wins, losses), "mcnemar_midp", "newcombe_paired", None
        if wins + losses < FEW_DISCORDANT:
            notes.append("few_discordant")
    else:
        flipped = sign_flip(_group_sums(d, groups, strata, weights), seed=seed)
        p, test = flipped.p, "sign_flip_exact" if flipped.exact else "sign_flip_drawn"
    estimate = Estimate(centre + 0.0, ends[0] + 0.0, ends[1] + 0.0, len(d), count, method, se=se, df=df)
    return Comparison(
        estimate,
        inner[0],
        inner[1],
        p,
        test,
        wins,
        len(d) - wins - losses,
        losses,
        _correlation(x, y),
        table=table,
        notes=tuple(notes),
        dropped_a=dropped_a,
        dropped_b=dropped_b,
    )


def _even_weights(strata: Sequence[str] | None, weights: Mapping[str, float] | None) -> bool:
    """Whether every item weighs the same, so that a table of counts holds everything."""
    return strata is None or weights is None or len(set(strata)) <= 1


def _group_sums(
    d: NDArray[np.float64],
    groups: Sequence[Hashable] | None,
    strata: Sequence[str] | None,
    weights: Mapping[str, float] | None,
) -> NDArray[np.float64]:
    """Sum of the differences of each group; with declared weights each item counts W_h/n_h."""
    parts = d
    if strata is not None and weights is not None:
        sizes: dict[str, int] = {}
        for name in strata:
            sizes[name] = sizes.get(name, 0) + 1
        parts = d * np.array([weights[name] / sizes[name] for name in strata])
    if groups is None:
        return parts
    sums: dict[Hashable, float] = {}
    for key, value in zip(groups, parts.tolist(), strict=True):
        sums[key] = sums.get(key, 0.0) + value
    return np.array(list(sums.values()))


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Pearson's r of the two score lists; None when one of them does not vary."""
    if len(x) < 3 or np.ptp(x) <= TIE or np.ptp(y) <= TIE:
        return None
    return float(np.corrcoef(x, y)[0, 1])
