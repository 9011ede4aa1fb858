"""How far graders agree: percent, Krippendorff's alpha, kappas, Gwet's AC, ICC, and a judge against people.

Everything starts from a table of counts, units × categories; the categories are listed by the caller, never
taken from the data. Where nothing varies, alpha and kappa are undefined and given as None, never as 1.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import proportion, t_interval
from zhprobe.stats.paired import newcombe_independent
from zhprobe.stats.special import normal_quantile

Floats = NDArray[np.float64]
Weighting = Literal["identity", "linear", "quadratic", "ordinal"]
Metric = Literal["nominal", "ordinal", "interval", "ratio"]
NO_INTERVAL_BELOW = 30  # units, for a bootstrap interval
NOTHING_BELOW = 20  # units, for any coefficient on a page
RESAMPLES = 2_000


def count_ratings(units: Sequence[Sequence[Any]], categories: Sequence[Any]) -> Floats:
    """Counts r_ik: how many raters put unit i into category k; None is a missing rating.

    >>> count_ratings([["a", "b"], ["a", None]], ["a", "b"]).tolist()
    [[1.0, 1.0], [1.0, 0.0]]
    """
    place = {category: k for k, category in enumerate(categories)}
    counts = np.zeros((len(units), len(categories)))
    for i, ratings in enumerate(units):
        for rating in ratings:
            if rating is not None:
                counts[i, place[rating]] += 1
    return counts


def agreement_weights(values: Sequence[float] | int, kind: Weighting = "identity") -> Floats:
    """How much two categories agree, 1 on the diagonal. `values` are category values, or how many there are.

    Gwet (2014), Handbook of Inter-Rater Reliability, 3.5.

    >>> agreement_weights([1, 2, 3], "linear").tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    points = np.arange(values, dtype=float) if isinstance(values, int) else np.asarray(values, dtype=float)
    q = len(points)
    if kind == "identity" or q < 2:
        return np.eye(q)
    gap = np.abs(points[:, None] - points[None, :])
    reach = float(np.ptp(points))
    if kind == "linear":
        return np.asarray(1 - gap / reach)
    if kind == "quadratic":
        return np.asarray(1 - gap**2 / reach**2)
    steps = np.abs(np.arange(q)[:, None] - np.arange(q)[None, :]) + 1
    return np.asarray(1 - steps * (steps - 1) / (q * (q - 1)))


def _unit_agreement(counts: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Share of agreeing pairs of each unit (0 where it has no pair), and its number of ratings."""
    rated = counts.sum(axis=1)
    close = counts @ weights.T
    pairs = np.maximum(rated * (rated - 1), 1)
    return (counts * (close - 1)).sum(axis=1) / pairs * (rated >= 2), rated


def percent_agreement(counts: Floats, weights: Floats | None = None) -> float | None:
    """Mean over units of agreeing pairs / pairs; None when no unit was rated twice.

    >>> percent_agreement(np.array([[2, 0], [1, 1], [1, 0]]))
    0.5
    """
    w = np.eye(counts.shape[1]) if weights is None else weights
    share, rated = _unit_agreement(counts, w)
    return float(share[rated >= 2].mean()) if (rated >= 2).any() else None


def _distances(values: ArrayLike, totals: Floats, metric: Metric) -> Floats:
    """δ² between categories, as Krippendorff defines them."""
    q = len(totals)
    if metric == "nominal":
        return 1 - np.eye(q)
    if metric == "ordinal":
        before = np.concatenate([[0.0], np.cumsum(totals)])
        distance = np.zeros((q, q))
        for c in range(q):
            for k in range(c, q):
                inside = before[k + 1] - before[c] - (totals[c] + totals[k]) / 2
                distance[c, k] = distance[k, c] = inside**2
        return distance
    points = np.asarray(values, dtype=float)
    gap = points[:, None] - points[None, :]
    if metric == "interval":
        return np.asarray(gap**2)
    total = points[:, None] + points[None, :]
    ratio = np.divide(gap, total, out=np.zeros_like(gap), where=total != 0)
    return np.asarray(ratio**2)


def _coincidences(counts: Floats) -> Floats:
    """Each unit's part of the coincidence matrix, units × q × q."""
    rated = counts.sum(axis=1)
    used = counts * (rated >= 2)[:, None]
    outer = used[:, :, None] * used[:, None, :]
    q = counts.shape[1]
    outer[:, np.arange(q), np.arange(q)] -= used
    return np.asarray(outer / np.maximum(rated - 1, 1)[:, None, None])


def _alpha_from(coincidence: Floats, values: ArrayLike, metric: Metric) -> float | None:
    totals = coincidence.sum(axis=1)
    n = float(totals.sum())
    distance = _distances(values, totals, metric)
    expected = float(totals @ distance @ totals)
    if n <= 1 or expected <= 0:
        return None
    return 1 - (n - 1) * float((coincidence * distance).sum()) / expected


def krippendorff_alpha(
    counts: Floats, metric: Metric = "nominal", values: Sequence[float] | None = None
) -> float | None:
    """Krippendorff's alpha; any number of raters, gaps allowed; None when all ratings are equal.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.

    >>> units = list(zip([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]))
    >>> round(krippendorff_alpha(count_ratings(units, [0, 1])), 3)
    0.095
    """
    points = list(range(counts.shape[1])) if values is None else values
    return _alpha_from(_coincidences(counts).sum(axis=0), points, metric)


def cohen_kappa(table: ArrayLike, weights: Floats | None = None) -> tuple[float | None, float | None]:
    """Weighted kappa of two raters from their table, with its large-sample standard error.

    Cohen (1960), Educ. Psychol. Meas. 20:37-46; error of Fleiss, Cohen and Everitt (1969), Psychol. Bull.
    72:323-327.

    >>> kappa, se = cohen_kappa([[24, 8, 13], [8, 13, 11], [10, 9, 64]])
    >>> round(kappa, 3), round(se, 3)
    (0.389, 0.06)
    """
    counts = np.asarray(table, dtype=float)
    n = float(counts.sum())
    if n == 0:
        return None, None
    w = np.eye(len(counts)) if weights is None else weights
    p = counts / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    seen, chance = float((w * p).sum()), float(rows @ w @ columns)
    if 1 - chance <= 1e-12:
        return None, None
    kappa = (seen - chance) / (1 - chance)
    by_row, by_column = w @ columns, w.T @ rows
    inner = w - (by_row[:, None] + by_column[None, :]) * (1 - kappa)
    square = float((p * inner**2).sum()) - (kappa - chance * (1 - kappa)) ** 2
    return kappa, math.sqrt(max(square, 0.0) / (n * (1 - chance) ** 2))


def fleiss_kappa(counts: Floats, weights: Floats | None = None) -> tuple[float | None, float, float]:
    """Fleiss' kappa for many raters, gaps allowed, with observed and chance agreement.

    Fleiss (1971), Psychol. Bull. 76:378-382; with gaps and weights as in Gwet (2014), 3.

    >>> kappa, seen, chance = fleiss_kappa(np.array([[3, 0], [2, 1], [0, 3]]))
    >>> round(kappa, 3), round(seen, 3), round(chance, 3)
    (0.55, 0.778, 0.506)
    """
    w = np.eye(counts.shape[1]) if weights is None else weights
    share, rated = _unit_agreement(counts, w)
    seen = float(share[rated >= 2].mean()) if (rated >= 2).any() else 0.0
    use = rated >= 1
    pi = (counts[use] / rated[use, None]).mean(axis=0) if use.any() else np.zeros(counts.shape[1])
    chance = float(pi @ w @ pi)
    if 1 - chance <= 1e-12 or not (rated >= 2).any():
        return None, seen, chance
    return (seen - chance) / (1 - chance), seen, chance


def gwet_ac(counts: Floats, weights: Floats | None = None) -> tuple[float | None, float | None]:
    """Gwet's AC1 (identity weights) or AC2, with its standard error over units.

    Gwet (2008), Brit. J. Math. Stat. Psychol. 61:29-48; Gwet (2014), 4-5.

    >>> coefficient, se = gwet_ac(np.array([[2, 0]] * 118 + [[1, 1]] * 7))
    >>> round(coefficient, 4), round(se, 4)
    (0.9408, 0.0231)
    """
    q = counts.shape[1]
    w = np.eye(q) if weights is None else weights
    share, rated = _unit_agreement(counts, w)
    keep = rated >= 1
    share, rated, used = share[keep], rated[keep], counts[keep]
    n, paired = len(rated), rated >= 2
    if n < 2 or not paired.any() or q < 2:
        return None, None
    parts = used / rated[:, None]
    pi = parts.mean(axis=0)
    scale = float(w.sum()) / (q * (q - 1))
    chance = scale * float((pi * (1 - pi)).sum())
    if 1 - chance <= 1e-12:
        return None, None
    ac = (float(share[paired].mean()) - chance) / (1 - chance)
    single = n / int(paired.sum()) * (share - chance * paired) / (1 - chance)
    drift = scale * (parts @ (1 - pi))
    centred = single - 2 * (1 - ac) * (drift - chance) / (1 - chance)
    return ac, math.sqrt(float(((centred - ac) ** 2).sum()) / (n * (n - 1)))


def icc(ratings: ArrayLike) -> dict[str, float]:
    """Intraclass correlations of a complete table units × raters, with their mean squares.

    Shrout and Fleiss (1979), Psychol. Bull. 86:420-428. ICC2 and ICC2k (two-way random, absolute
    agreement) are the ones reported; the others are there to compare with the literature.

    >>> x = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> {name: round(v, 2) for name, v in icc(x).items() if name.startswith("ICC2")}
    {'ICC2': 0.29, 'ICC2k': 0.62}
    """
    x = np.asarray(ratings, dtype=float)
    n, k = x.shape
    grand, rows, columns = x.mean(), x.mean(axis=1), x.mean(axis=0)
    msr = k * float(((rows - grand) ** 2).sum()) / (n - 1)
    msc = n * float(((columns - grand) ** 2).sum()) / (k - 1)
    mse = float(((x - rows[:, None] - columns[None, :] + grand) ** 2).sum()) / ((n - 1) * (k - 1))
    msw = float(((x - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    return {
        "ICC1": (msr - msw) / (msr + (k - 1) * msw),
        "ICC2": (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n),
        "ICC3": (msr - mse) / (msr + (k - 1) * mse),
        "ICC1k": (msr - msw) / msr,
        "ICC2k": (msr - mse) / (msr + (msc - mse) / n),
        "ICC3k": (msr - mse) / msr,
        "MSR": msr,
        "MSC": msc,
        "MSE": mse,
        "MSW": msw,
    }


# -- together ---------------------------------------------------------------------------------------


class Agreement(msgspec.Struct, frozen=True):
    """Percent, alpha and AC of the same units, with what a reader needs to weigh them.

    `units` counts those rated twice or more. `note` is '' or the name of a remark: too_few, constant,
    skewed (nearly all ratings in one category, so that chance-corrected figures say little).
    """

    units: int
    percent: Estimate
    alpha: Estimate
    ac: Estimate
    shares: tuple[tuple[str, float], ...]
    note: str = ""


AGREEMENT_NOTES = {
    "too_few": ("样本太少，不报一致性", "Too few units to report agreement"),
    "constant": (
        "判定全部相同，无法计算机遇校正后的一致性",
        "All verdicts are equal: chance-corrected agreement is undefined",
    ),
    "skewed": (
        "几乎都判同一类，机遇校正后的一致性不可靠",
        "Nearly all verdicts fall into one class: chance-corrected agreement is unreliable",
    ),
}


def agree(
    units: Sequence[Sequence[Any]],
    categories: Sequence[Any],
    *,
    levels: bool = False,
    groups: Sequence[Hashable] | None = None,
    seed: int = 0,
) -> Agreement:
    """Percent, alpha and AC together. `levels`: categories are numbers in order (alpha ordinal, AC2 quadratic).

    Intervals are percentile bootstraps over units by group, 2,000 draws, from 30 units; under 20 units
    rated twice no figure is given.

    >>> result = agree([["met", "met"]] * 35 + [["met", "not_met"]] * 3, ["met", "not_met"])
    >>> round(result.percent.value, 2), result.note
    (0.92, 'skewed')
    """
    values = [float(c) for c in categories] if levels else None
    metric: Metric = "ordinal" if levels else "nominal"
    weights = agreement_weights(values, "quadratic") if values else np.eye(len(categories))
    counts = count_ratings(units, categories)
    rated = counts.sum(axis=1)
    paired = int((rated >= 2).sum())
    total = max(float(counts.sum()), 1.0)
    shares = tuple((str(c), float(s)) for c, s in zip(categories, counts.sum(axis=0) / total, strict=True))
    labels = list(range(len(units))) if groups is None else list(groups)
    clusters = len({g for g, r in zip(labels, rated, strict=True) if r >= 2})
    empty = Estimate(None, None, None, paired, clusters, "none")
    if paired < NOTHING_BELOW:
        return Agreement(paired, empty, empty, empty, shares, "too_few")
    points = values or list(range(len(categories)))
    figures = (
        percent_agreement(counts),
        krippendorff_alpha(counts, metric, points),
        gwet_ac(counts, weights)[0],
    )
    drawn = _bootstrap(counts, labels, weights, points, metric, seed) if paired >= NO_INTERVAL_BELOW else None
    made = [
        _with_interval(v, None if drawn is None else drawn[i], paired, clusters)
        for i, v in enumerate(figures)
    ]
    note = ""
    if figures[1] is None:
        note = "constant"
    elif figures[1] < 0.2 and (figures[2] or 0.0) > 0.6:
        note = "skewed"
    return Agreement(paired, made[0], made[1], made[2], shares, note)


def _with_interval(value: float | None, drawn: Floats | None, n: int, groups: int) -> Estimate:
    kept = np.array([]) if drawn is None else drawn[np.isfinite(drawn)]
    if value is None or drawn is None or len(kept) < 0.9 * len(drawn):
        return Estimate(value, None, None, n, groups, "none")
    low, high = (float(q) for q in np.quantile(kept, [0.025, 0.975]))
    return Estimate(value, low, high, n, groups, "percentile")


def _bootstrap(
    counts: Floats,
    groups: Sequence[Hashable],
    weights: Floats,
    values: Sequence[float],
    metric: Metric,
    seed: int,
) -> list[Floats]:
    """Percent, alpha and AC on 2,000 draws of whole groups; all three are made of sums over units."""
    numbers: dict[Hashable, int] = {}
    member = np.array([numbers.setdefault(g, len(numbers)) for g in groups])
    random = np.random.default_rng(seed)
    times = random.multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), size=RESAMPLES)[
        :, member
    ]
    q = counts.shape[1]
    plain, rated = _unit_agreement(counts, np.eye(q))
    close, _ = _unit_agreement(counts, weights)
    paired = times @ (rated >= 2)
    percent = times @ plain / np.maximum(paired, 1)
    coincidence = (times @ _coincidences(counts).reshape(len(counts), q * q)).reshape(-1, q, q)
    alpha = np.array([_nan(_alpha_from(one, values, metric)) for one in coincidence])
    parts = np.divide(counts, rated[:, None], out=np.zeros_like(counts), where=rated[:, None] > 0)
    pi = times @ parts / np.maximum(times @ (rated >= 1), 1)[:, None]
    chance = float(weights.sum()) / (q * (q - 1)) * (pi * (1 - pi)).sum(axis=1)
    ac = (times @ close / np.maximum(paired, 1) - chance) / (1 - chance)
    return [percent, alpha, ac]


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


# -- a judge against people -------------------------------------------------------------------------

Status = Literal["validated", "provisional", "rejected", "unvalidated"]
STATUS_TEXT: dict[str, tuple[str, str]] = {
    "validated": ("已校验", "validated"),
    "provisional": ("初步校验", "provisionally validated"),
    "rejected": ("不可信，改由人工", "rejected; graded by people instead"),
    "unvalidated": ("未经人工校验", "not validated by people"),
}
LEAST_AGREEMENT = 0.75
LEAST_SENSITIVITY = 0.60


class Validation(msgspec.Struct, frozen=True):
    """A judge's met / not met against people's, on answers with both.

    `table` is (both met, judge only, human only, neither). `gap` is mean(judge) − mean(human).
    """

    n: int
    table: tuple[int, int, int, int]
    percent: Estimate
    kappa: Estimate
    ac1: Estimate
    sensitivity: Estimate
    specificity: Estimate
    gap: Estimate
    status: Status


def validate_judge(both: int, judge_only: int, human_only: int, neither: int) -> Validation:
    """Judge against people from the four counts, and the status that follows (rubric contract, section 12).

    >>> result = validate_judge(118, 5, 2, 0)
    >>> round(result.kappa.value, 4), round(result.ac1.value, 4), result.status
    (-0.0234, 0.9408, 'rejected')
    >>> validate_judge(60, 4, 5, 50).status
    'validated'
    """
    table = (both, judge_only, human_only, neither)
    n = sum(table)
    percent = proportion(both + neither, n)
    sensitivity = proportion(both, both + human_only)
    specificity = proportion(neither, judge_only + neither)
    kappa, kappa_se = cohen_kappa([[both, judge_only], [human_only, neither]])
    counts = np.array(
        [[2, 0]] * both + [[1, 1]] * (judge_only + human_only) + [[0, 2]] * neither, dtype=float
    )
    ac1, ac1_se = gwet_ac(counts.reshape(-1, 2)) if n else (None, None)
    d = [1.0] * judge_only + [-1.0] * human_only + [0.0] * (both + neither)
    gap = Estimate(None, None, None, n, n, "none")
    if n >= 2:
        value, se, (low, high) = t_interval(d)
        gap = Estimate(value, max(low, -1.0), min(high, 1.0), n, n, "t", se=se)
    return Validation(
        n,
        table,
        percent,
        _large_sample(kappa, kappa_se, n),
        _large_sample(ac1, ac1_se, n),
        sensitivity,
        specificity,
        gap,
        _status(table, percent, sensitivity, specificity),
    )


def _large_sample(value: float | None, se: float | None, n: int) -> Estimate:
    if value is None or se is None or se <= 1e-12:  # full agreement shows no spread to build an interval on
        return Estimate(value, None, None, n, n, "none")
    half = normal_quantile(0.975) * se
    return Estimate(value, max(-1.0, value - half), min(1.0, value + half), n, n, "large_sample", se=se)


def _status(table: tuple[int, int, int, int], percent: Estimate, sens: Estimate, spec: Estimate) -> Status:
    both, judge_only, human_only, neither = table
    n, positives, negatives = sum(table), both + human_only, judge_only + neither
    marks = ((percent, LEAST_AGREEMENT), (sens, LEAST_SENSITIVITY), (spec, LEAST_SENSITIVITY))
    known = [(e, mark) for e, mark in marks if e.low is not None and e.high is not None]
    if any((e.high or 0.0) < mark for e, mark in known):
        return "rejected"
    if n >= 50 and positives and negatives:
        # sensitivity + specificity − 1 is a difference of two independent rates
        if newcombe_independent(both, positives, judge_only, negatives)[0] <= 0:
            return "rejected"
        enough = min(positives, negatives) >= 10
        if enough and all((e.low or 0.0) >= mark for e, mark in known):
            return "validated"
    return "provisional" if n >= 20 else "unvalidated"


def gaps_differ(gaps: Sequence[float], difference: float) -> bool:
    """Whether a judge's gap to people differs between models by over half the reported difference.

    >>> gaps_differ([0.02, 0.10], 0.12), gaps_differ([0.02, 0.04], 0.12)
    (True, False)
    """
    return len(gaps) > 1 and max(gaps) - min(gaps) > abs(difference) / 2
