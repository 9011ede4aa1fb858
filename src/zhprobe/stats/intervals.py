"""Rates and means with their intervals.

Items are the unit and groups (one seed, passage or scenario) the clusters; probes are fixed strata.
`proportion`, `mean` and `stratified` choose the formula by the rules of the project; the functions above
them are the formulas alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhprobe.stats.estimate import Estimate
from zhprobe.stats.special import betaincinv, ndtr, normal_quantile, stdtrit

Interval = tuple[float, float]
Floats = NDArray[np.float64]
FEW_GROUPS = 6  # below this many groups a t interval on clusters is not trusted
FEW_BINARY = 10  # below this many trials Wilson's coverage falls to 0.85 near 0 and 1


def t_quantile(q: float, df: float) -> float:
    """t with P(T < t) = q at `df` degrees of freedom, which need not be whole.

    >>> round(t_quantile(0.975, 9), 4)
    2.2622
    """
    return float(stdtrit(df, q))


# -- one rate ---------------------------------------------------------------------------------------


def wilson(x: float, n: int, conf: float = 0.95) -> Interval:
    """Wilson's score interval for `x` of `n`; `x` may be a sum of scores in [0, 1].

    Wilson (1927), JASA 22:209-212; method 3 of Newcombe (1998), Stat. Med. 17:857-872.

    >>> [round(end, 4) for end in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    z = normal_quantile((1 + conf) / 2)
    p, spread = x / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / spread
    half = z * math.sqrt(max(p * (1 - p) / n + z * z / (4 * n * n), 0.0)) / spread
    low = 0.0 if x == 0 else max(0.0, centre - half)
    high = 1.0 if x == n else min(1.0, centre + half)
    return low, high


def wilson_continuity(x: int, n: int, conf: float = 0.95) -> Interval:
    """Wilson's interval with continuity correction: method 4 of Newcombe (1998), Stat. Med. 17:857-872.

    >>> [round(end, 4) for end in wilson_continuity(81, 263)]
    [0.2535, 0.3682]
    """
    z = normal_quantile((1 + conf) / 2)
    p, q = x / n, 1 - x / n
    under = 2 * (n + z * z)
    low = (2 * n * p + z * z - 1 - z * math.sqrt(z * z - 2 - 1 / n + 4 * p * (n * q + 1))) / under
    high = (2 * n * p + z * z + 1 + z * math.sqrt(z * z + 2 - 1 / n + 4 * p * (n * q - 1))) / under
    return (0.0 if x == 0 else max(0.0, low)), (1.0 if x == n else min(1.0, high))


def clopper_pearson(x: int, n: int, conf: float = 0.95) -> Interval:
    """The exact interval from the tails of the binomial: Clopper and Pearson (1934), Biometrika 26:404-413.

    >>> [round(end, 4) for end in clopper_pearson(0, 20)]
    [0.0, 0.1684]
    """
    tail = (1 - conf) / 2
    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - tail))
    return low, high


def jeffreys(x: int, n: int, conf: float = 0.95) -> Interval:
    """Equal tails of Beta(x+½, n−x+½), the ends set to 0 or 1 at x = 0 or n.

    Brown, Cai and DasGupta (2001), Statistical Science 16:101-133.

    >>> [round(end, 4) for end in jeffreys(0, 20)]
    [0.0, 0.1166]
    """
    tail = (1 - conf) / 2
    low = 0.0 if x == 0 else float(betaincinv(x + 0.5, n - x + 0.5, tail))
    high = 1.0 if x == n else float(betaincinv(x + 0.5, n - x + 0.5, 1 - tail))
    return low, high


def uniform_prior(x: int, n: int, conf: float = 0.95) -> Interval:
    """Equal tails of Beta(x+1, n−x+1): what a reader believes who thought all rates equally likely.

    >>> [round(end, 4) for end in uniform_prior(81, 263)]
    [0.2553, 0.3663]
    """
    tail = (1 - conf) / 2
    return float(betaincinv(x + 1, n - x + 1, tail)), float(betaincinv(x + 1, n - x + 1, 1 - tail))


def zero_failures_upper(n: int, conf: float = 0.95) -> float:
    """Upper bound of the failure rate after no failure in `n`: 1 − (1−conf)^(1/n).

    Hanley and Lippman-Hand (1983), JAMA 249:1743-1745; 3/n is its well-known approximation.

    >>> round(zero_failures_upper(30), 4)
    0.095
    """
    return float(1 - (1 - conf) ** (1 / n))


def proportion(x: int, n: int, *, conf: float = 0.95) -> Estimate:
    """The rate `x / n` of single items: Wilson from 10 items, Clopper–Pearson below. Wald is never used.

    >>> proportion(46, 50).method, proportion(4, 5).method, proportion(0, 0).value
    ('wilson', 'clopper_pearson', None)
    """
    if n == 0:
        return Estimate(None, None, None, 0, 0, "none", level=conf)
    method, formula = ("wilson", wilson) if n >= FEW_BINARY else ("clopper_pearson", clopper_pearson)
    low, high = formula(x, n, conf)
    return Estimate(x / n, low, high, n, n, method, level=conf)


# -- one mean ---------------------------------------------------------------------------------------


def _number_groups(n: int, groups: Sequence[Hashable] | None) -> tuple[NDArray[np.intp], int]:
    """Groups as numbers 0…G−1, in order of appearance; without groups every item is its own."""
    if groups is None:
        return np.arange(n), n
    if len(groups) != n:
        raise ValueError(f"{len(groups)} groups for {n} scores")
    seen: dict[Hashable, int] = {}
    numbers = np.fromiter((seen.setdefault(g, len(seen)) for g in groups), dtype=np.intp, count=n)
    return numbers, len(seen)


def standard_error(scores: ArrayLike, groups: Sequence[Hashable] | None = None) -> tuple[float, int]:
    """Standard error of the mean, and the number of groups G.

    Without real groups s/√n; else the cluster-robust error of a mean, G/(G−1)·ΣS_g²/n²
    (Liang and Zeger 1986, Biometrika 73:13-22; the factor is CR1).

    >>> x = [1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1]
    >>> round(standard_error(x, [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])[0], 4), round(standard_error(x)[0], 4)
    (0.1361, 0.1421)
    """
    values = np.asarray(scores, dtype=float)
    numbers, count = _number_groups(len(values), groups)
    if count < 2:
        return 0.0, count
    sums = np.bincount(numbers, weights=values - values.mean(), minlength=count)
    square = count / (count - 1) * float(sums @ sums) / len(values) ** 2
    return math.sqrt(square), count


def t_interval(
    scores: ArrayLike, groups: Sequence[Hashable] | None = None, conf: float = 0.95
) -> tuple[float, float, Interval]:
    """Mean, standard error and t interval at G−1 degrees of freedom, not clipped.

    >>> mean_, se, ends = t_interval([0.8, 0.55, 0.9, 0.3, 0.65, 0.7, 0.4, 0.95, 0.6, 0.75])
    >>> round(mean_, 2), [round(end, 4) for end in ends]
    (0.66, [0.5122, 0.8078])
    """
    values = np.asarray(scores, dtype=float)
    se, count = standard_error(values, groups)
    if count < 2:
        raise ValueError("a t interval needs two groups")
    centre, half = float(values.mean()), t_quantile((1 + conf) / 2, count - 1) * se
    return centre, se, (centre - half, centre + half)


def _constant(values: Floats) -> bool:
    return bool(np.ptp(values) <= 1e-12)


def is_binary(values: Floats) -> bool:
    """Whether every score is 0 or 1."""
    return bool(np.all((values == 0) | (values == 1)))


def _mean_interval(
    values: Floats, groups: Sequence[Hashable] | None, conf: float
) -> tuple[float, Interval, str, float, int]:
    """Value, interval, method, standard error and G of scores in [0, 1], by the rules of section 2 and 3."""
    centre = float(values.mean())
    se, count = standard_error(values, groups)
    if count == len(values) and is_binary(values):
        estimate = proportion(round(float(values.sum())), len(values), conf=conf)
        assert estimate.low is not None and estimate.high is not None
        return centre, (estimate.low, estimate.high), estimate.method, se, count
    if count < FEW_GROUPS or _constant(values):
        return centre, wilson(centre * count, count, conf), "wilson_mean", se, count
    half = t_quantile((1 + conf) / 2, count - 1) * se
    method = "t" if count == len(values) else "cluster_t"
    return centre, (max(0.0, centre - half), min(1.0, centre + half)), method, se, count


def mean(
    scores: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    conf: float = 0.95,
) -> Estimate:
    """Mean score in [0, 1] of one probe, with the interval its data allow.

    Scores that are all 0 or 1 on single-item groups are a rate (`proportion`). Otherwise the t interval,
    over groups where there are any. Without spread, or under six groups, Wilson on the number of groups:
    scores in [0, 1] vary at most like a coin of the same mean, so this is conservative.
    `low` and `high` are the scores with unsure verdicts counted against and for the model; the interval
    then runs from the lower end for the one to the upper end for the other.

    >>> estimate = mean([1, 1, 0.5, 1, 0.8])
    >>> estimate.method, round(estimate.low, 4), round(estimate.high, 4)
    ('wilson_mean', 0.4265, 0.9807)
    """
    values = np.asarray(scores, dtype=float)
    if len(values) == 0:
        return Estimate(None, None, None, 0, 0, "none", level=conf)
    centre, ends, method, se, count = _mean_interval(values, groups, conf)
    if_unmet = if_met = None
    if _bounded(scores, low, high):
        if_unmet, bottom, *_ = _mean_interval(np.asarray(low, dtype=float), groups, conf)
        if_met, top, *_ = _mean_interval(np.asarray(high, dtype=float), groups, conf)
        ends = bottom[0], top[1]
    df = float(count - 1) if method in {"t", "cluster_t"} else None
    return Estimate(
        centre,
        *ends,
        len(values),
        count,
        method,
        se=se,
        df=df,
        level=conf,
        if_unmet=if_unmet,
        if_met=if_met,
    )


def _bounded(scores: Sequence[float], low: Sequence[float] | None, high: Sequence[float] | None) -> bool:
    """Whether unsure verdicts leave room between the bounds."""
    return low is not None and high is not None and (list(low) != list(scores) or list(high) != list(scores))


# -- strata -----------------------------------------------------------------------------------------


class Stratum:
    """Scores of one probe with their groups."""

    def __init__(self, scores: ArrayLike, groups: Sequence[Hashable] | None = None) -> None:
        self.scores = np.asarray(scores, dtype=float)
        self.se, self.groups = standard_error(self.scores, groups)
        self.mean = float(self.scores.mean())


LONE_STRATUM_VARIANCE = 0.05  # least variance of a stratum whose spread cannot be seen


def stratified_parts(
    strata: Mapping[str, Stratum], weights: Mapping[str, float] | None = None, *, signed: bool = False
) -> tuple[float, float, float, tuple[str, ...]]:
    """Weighted mean, standard error, Satterthwaite's degrees of freedom, and strata of a single group.

    Cochran (1977), Sampling Techniques, 5.3-5.4. Weights default to the number of items. A stratum of one
    group shows no spread: it counts with x̄(1−x̄), at least 0.05, and one degree of freedom. `signed` is
    for differences, whose variance is at most 1 − d².

    >>> a = Stratum([0.8, 0.6, 0.9, 0.5]); b = Stratum([0.4, 0.3, 0.6]); c = Stratum([0.9, 1, 0.7, 0.8, 0.95])
    >>> centre, se, df, lone = stratified_parts({"a": a, "b": b, "c": c})
    >>> round(centre, 4), round(se, 4)
    (0.7042, 0.0438)
    """
    total = sum(len(s.scores) for s in strata.values())
    share = dict(weights) if weights else {name: len(s.scores) / total for name, s in strata.items()}
    scale = sum(share[name] for name in strata)
    centre = variance = below = 0.0
    lone = []
    for name, stratum in strata.items():
        weight = share[name] / scale
        square = stratum.se**2
        if stratum.groups < 2:
            m = stratum.mean
            square = max(1 - m * m if signed else m * (1 - m), LONE_STRATUM_VARIANCE)
            lone.append(name)
        centre += weight * stratum.mean
        part = weight**2 * square
        variance += part
        below += part**2 / max(stratum.groups - 1, 1)
    df = variance**2 / below if below > 0 else 0.0
    return centre, math.sqrt(variance), df, tuple(lone)


def stratified(
    scores: Sequence[float],
    strata: Sequence[str],
    groups: Sequence[Hashable] | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    conf: float = 0.95,
) -> Estimate:
    """Mean score of a capability: its probes are fixed strata, weighted by their items or as declared.

    One stratum alone is `mean`. Without any spread, or under six groups in all, the conservative interval.

    >>> estimate = stratified([0.8, 0.6, 0.9, 0.5, 0.4, 0.3, 0.6], list("aaaabbb"))
    >>> estimate.method, estimate.groups
    ('stratified_t', 7)
    """
    if len(set(strata)) <= 1:
        return mean(scores, groups, low=low, high=high, conf=conf)

    def interval(values: Sequence[float]) -> tuple[float, Interval, str, float, float, int, tuple[str, ...]]:
        split = split_strata(values, strata, groups)
        centre, se, df, lone = stratified_parts(split, weights)
        centre = min(max(centre, 0.0), 1.0)
        count = sum(s.groups for s in split.values())
        if count < FEW_GROUPS or se == 0:
            return centre, wilson(centre * count, count, conf), "wilson_mean", se, df, count, lone
        half = t_quantile((1 + conf) / 2, df) * se
        ends = max(0.0, centre - half), min(1.0, centre + half)
        return centre, ends, "stratified_t", se, df, count, lone

    centre, ends, method, se, df, count, lone = interval(scores)
    if_unmet = if_met = None
    if low is not None and high is not None and _bounded(scores, low, high):
        if_unmet, bottom, *_ = interval(low)
        if_met, top, *_ = interval(high)
        ends = bottom[0], top[1]
    return Estimate(
        centre,
        *ends,
        len(scores),
        count,
        method,
        if_unmet=if_unmet,
        if_met=if_met,
        se=se,
        df=df if method == "stratified_t" else None,
        level=conf,
        notes=tuple(f"lone_stratum:{name}" for name in lone),
    )


def split_strata(
    scores: Sequence[float] | Floats, strata: Sequence[str], groups: Sequence[Hashable] | None = None
) -> dict[str, Stratum]:
    """Scores and groups taken apart by stratum, in order of appearance.

    >>> {name: s.mean for name, s in split_strata([1.0, 0.0, 0.5], ["a", "b", "a"]).items()}
    {'a': 0.75, 'b': 0.0}
    """
    places: dict[str, list[int]] = {}
    for index, name in enumerate(strata):
        places.setdefault(name, []).append(index)
    return {
        name: Stratum([scores[i] for i in where], None if groups is None else [groups[i] for i in where])
        for name, where in places.items()
    }


# -- bootstrap --------------------------------------------------------------------------------------


def bca_levels(bias: float, acceleration: float, conf: float) -> Interval:
    """Levels at which the bootstrap distribution is read: Φ(z0 + (z0+z)/(1−a(z0+z))).

    Efron (1987), JASA 82:171-185.

    >>> [round(level, 4) for level in bca_levels(0.0, 0.0, 0.95)]
    [0.025, 0.975]
    """
    levels = []
    for q in ((1 - conf) / 2, (1 + conf) / 2):
        moved = bias + normal_quantile(q)
        levels.append(float(ndtr(bias + moved / (1 - acceleration * moved))))
    return levels[0], levels[1]


def bca_bias(resampled: Floats, estimate: float) -> float:
    """z0: the share of resampled values below the estimate, ties counted half, as a normal quantile."""
    near = np.isclose(resampled, estimate, rtol=1e-12, atol=1e-14)
    share = float(np.mean(np.where(near, 0.5, resampled < estimate)))
    edge = 0.5 / len(resampled)  # a distribution wholly on one side would send z0 to infinity
    return normal_quantile(min(max(share, edge), 1 - edge))


def bca_acceleration(without: Floats) -> float:
    """a, from the values without each group in turn: Σ(θ̄−θ₍₋g₎)³ / 6(Σ(θ̄−θ₍₋g₎)²)^{3/2}."""
    deviations = without.mean() - without
    below = 6 * float((deviations**2).sum()) ** 1.5
    return float((deviations**3).sum()) / below if below > 0 else 0.0


def bca(
    groups: int,
    statistic: Callable[[NDArray[np.intp]], float | None],
    *,
    seed: int,
    strata: Sequence[str] | None = None,
    resamples: int = 9_999,
    conf: float = 0.95,
) -> tuple[float, float, float] | None:
    """Value and BCa interval of a statistic of groups that has no closed form.

    `statistic` gets the numbers of the groups drawn (with repeats) and gives the value, or None where it
    is not defined. Groups are drawn inside their strata. None when there are fewer than 15 groups, when
    the statistic is undefined on the data or on more than 1 % of the draws.

    >>> x = np.array([48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41,
    ...               24, 26, 30, 41])
    >>> value, low, high = bca(26, lambda i: float(np.var(x[i])), seed=1, conf=0.9)
    >>> round(value, 1), 113 < low < 119, 254 < high < 265
    (171.5, True, True)
    """
    if groups < 15:
        return None
    everything = np.arange(groups)
    value = statistic(everything)
    if value is None:
        return None
    labels = np.zeros(groups, dtype=int) if strata is None else np.unique(strata, return_inverse=True)[1]
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        pick = np.concatenate([random.choice(inside, len(inside)) for inside in members])
        drawn.append(statistic(pick))
    kept = np.array([v for v in drawn if v is not None], dtype=float)
    without = [statistic(np.delete(everything, g)) for g in range(groups)]
    if len(kept) < 0.99 * resamples or any(v is None for v in without):
        return None
    acceleration = bca_acceleration(np.array(without, dtype=float))
    levels = bca_levels(bca_bias(kept, value), acceleration, conf)
    low, high = (float(q) for q in np.quantile(kept, levels))
    return value, low, high


def bca_ratio(
    above: ArrayLike, below: ArrayLike, *, seed: int, resamples: int = 9_999, conf: float = 0.95
) -> tuple[float, float, float] | None:
    """Ratio of two sums over groups with its BCa interval: `above` and `below` hold each group's sums.

    As `bca`, but all draws at once. None under 15 groups, or where a draw's sum below is not positive.

    >>> random = np.random.default_rng(1)
    >>> below = random.uniform(0.6, 0.9, 40); above = 0.8 * below + random.normal(0, 0.05, 40)
    >>> value, low, high = bca_ratio(above, below, seed=1)
    >>> 0.77 < low < value < high < 0.83
    True
    """
    top, bottom = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    groups = len(top)
    if groups < 15 or float(bottom.sum()) <= 0:
        return None
    random = np.random.default_rng(seed)
    drawn = np.empty(resamples)
    step = max(1, 4_000_000 // groups)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        times = random.multinomial(groups, np.full(groups, 1 / groups), size=size).astype(float)
        under = times @ bottom
        if float(under.min()) <= 0:
            return None
        drawn[start : start + size] = times @ top / under
    without_bottom = bottom.sum() - bottom
    if float(without_bottom.min()) <= 0:
        return None
    value = float(top.sum() / bottom.sum())
    acceleration = bca_acceleration((top.sum() - top) / without_bottom)
    low, high = np.quantile(drawn, bca_levels(bca_bias(drawn, value), acceleration, conf))
    return value, float(low), float(high)


# -- replies and clusters ---------------------------------------------------------------------------


def reply_variance(replies: Sequence[Sequence[float]]) -> tuple[float, float]:
    """ω² (items differ) and σ² (replies to one item differ), from scores of several replies per item.

    Var(x̄) = (ω² + σ²/K)/n: more items help when ω² is large, more replies when σ² is (Miller 2024,
    arXiv 2411.00640). With one reply an item σ² is 0 and ω² holds both.

    >>> [round(v, 4) for v in reply_variance([[1, 0], [1, 1], [0, 0], [1, 0]])]
    [0.0417, 0.25]
    """
    if len(replies) < 2:
        return 0.0, 0.0
    means = np.array([np.mean(r) for r in replies])
    within = [float(np.var(r, ddof=1)) for r in replies if len(r) > 1]
    inside = float(np.mean(within)) if within else 0.0
    share = float(np.mean([1 / len(r) for r in replies]))
    return max(float(np.var(means, ddof=1)) - inside * share, 0.0), inside
