"""Every case of vectors.json: printed values of the literature, and rules of the project."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from zhprobe.stats import agreement, correction, intervals, multiple, paired, planning, special, strength

CASES = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))["cases"]


def units(raters):
    return list(zip(*raters, strict=True))


def categories(raters):
    return sorted({r for rater in raters for r in rater if r is not None})


def proportion_interval(x, n, conf):
    return {
        "wilson": intervals.wilson(x, n, conf),
        "wilson_cc": intervals.wilson_continuity(x, n, conf),
        "clopper_pearson": intervals.clopper_pearson(x, n, conf),
        "jeffreys": intervals.jeffreys(x, n, conf),
        "beta_uniform": intervals.uniform_prior(x, n, conf),
    }


def newcombe_independent(x1, n1, x2, n2):
    return {"diff": x1 / n1 - x2 / n2, "ci": paired.newcombe_independent(x1, n1, x2, n2)}


def paired_binary_difference(both, only_a, only_b, neither):
    table = (both, only_a, only_b, neither)
    a = [1] * (both + only_a) + [0] * (only_b + neither)
    b = [1] * both + [0] * only_a + [1] * only_b + [0] * neither
    c = paired.compare_scores(a, b)
    assert c.table == table
    assert (c.difference.low, c.difference.high) == pytest.approx(paired.newcombe_paired(*table))
    return {
        "diff": c.difference.value,
        "newcombe": paired.newcombe_paired(*table),
        "tango": paired.tango(*table),
    }


def mcnemar(b, c):
    plain, corrected = paired.mcnemar_chi2(b, c), paired.mcnemar_chi2(b, c, corrected=True)
    return {
        "exact": paired.mcnemar_exact(b, c),
        "midp": paired.mcnemar_midp(b, c),
        "chi2": plain[0],
        "chi2_p": plain[1],
        "chi2_cc": corrected[0],
        "chi2_cc_p": corrected[1],
    }


def paired_sign_flip_exact(d):
    result = paired.sign_flip(d)
    assert result.exact
    return {"two_sided_p": result.p, "count": result.hits, "total": result.total}


def multiple_testing(p, alpha):
    holm, bh = multiple.holm(p), multiple.benjamini_hochberg(p)
    return {
        "holm": holm,
        "bh": bh,
        "n_reject_bonferroni": sum(min(1, v * len(p)) <= alpha for v in p),
        "n_reject_holm": sum(v <= alpha for v in holm),
        "n_reject_bh": sum(v <= alpha for v in bh),
    }


def cluster_mean(x, cluster, conf):
    mean, se, ends = intervals.t_interval(x, cluster, conf)
    groups = len(set(cluster))
    return {
        "mean": mean,
        "se_cr1": se,
        "se_cr0": se * math.sqrt((groups - 1) / groups),
        "df": groups - 1,
        "ci_t": ends,
        "naive_se": intervals.standard_error(x)[0],
    }


def stratified_mean(x, stratum):
    split = intervals.split_strata(x, stratum)
    by_size = intervals.stratified_parts(split)
    even = intervals.stratified_parts(split, dict.fromkeys(split, 1.0))
    return {
        "size_weighted": {"mean": by_size[0], "se": by_size[1]},
        "equal_weighted": {"mean": even[0], "se": even[1]},
    }


def mean_t_interval(x, conf):
    mean, se, ends = intervals.t_interval(x, None, conf)
    return {"mean": mean, "se": se, "ci": ends}


def mean_interval_no_variance(x, conf):
    # the case stands for fractional scores that happen to be equal, so the groups are given
    value, ends = float(np.mean(x)), intervals.wilson(sum(x), len(x), conf)
    constant = intervals.mean([0.7] * len(x), conf=conf)
    assert constant.method == "wilson_mean"
    return {"mean": value, "fallback": "wilson_fractional", "ci": ends}


def wilson_fractional(x, conf):
    estimate = intervals.mean(x, conf=conf)
    return {"mean": estimate.value, "ci": (estimate.low, estimate.high)}


def bca_interval(x, statistic, conf, resamples=None):
    values = np.array(x, dtype=float)
    if resamples is None:

        def variance(pick):
            return float(np.var(values[pick]))

        value, low, high = intervals.bca(len(values), variance, seed=20, conf=conf)
        without = np.array([variance(np.delete(np.arange(len(values)), i)) for i in range(len(values))])
        return {
            "estimate": value,
            "acceleration": intervals.bca_acceleration(without),
            "ci_published": (low, high),
        }
    grid = np.array(np.meshgrid(*[values] * len(values))).reshape(len(values), -1)
    bias = intervals.bca_bias(grid.mean(axis=0), float(values.mean()))
    without = np.array([float(np.delete(values, i).mean()) for i in range(len(values))])
    acceleration = intervals.bca_acceleration(without)
    return {
        "estimate": float(values.mean()),
        "z0": bias,
        "acceleration": acceleration,
        "adjusted_levels": intervals.bca_levels(bias, acceleration, conf),
    }


def krippendorff_alpha(raters):
    listed = categories(raters)
    counts = agreement.count_ratings(units(raters), listed)
    found = {"nominal": agreement.krippendorff_alpha(counts)}
    if all(isinstance(c, int) for c in listed):
        for metric in ("ordinal", "interval", "ratio"):
            found[metric] = agreement.krippendorff_alpha(counts, metric, listed)
    return found


def cohen_kappa(table):
    found = {}
    for kind in ("identity", "linear", "quadratic"):
        kappa, se = agreement.cohen_kappa(table, agreement.agreement_weights(len(table), kind))
        found[kind] = {"kappa": kappa, "se": se}
    return found


def agreement_paradox(table):
    (a, b), (c, d) = table
    counts = agreement.count_ratings(
        [(0, 0)] * a + [(0, 1)] * b + [(1, 0)] * c + [(1, 1)] * d, categories=[0, 1]
    )
    ac1, se = agreement.gwet_ac(counts)
    return {
        "percent": agreement.percent_agreement(counts),
        "kappa": agreement.cohen_kappa(table)[0],
        "ac1": ac1,
        "ac1_se": se,
    }


def gwet_ac(raters, categories):
    counts = agreement.count_ratings(units(raters), categories)
    found = {}
    for kind in ("identity", "linear", "quadratic", "ordinal"):
        coefficient, se = agreement.gwet_ac(counts, agreement.agreement_weights(categories, kind))
        found[kind] = {"coef": coefficient, "se": se}
    return found


def fleiss_kappa_missing(raters, categories):
    counts = agreement.count_ratings(units(raters), categories)
    return {
        kind: agreement.fleiss_kappa(counts, agreement.agreement_weights(categories, kind))[0]
        for kind in ("identity", "quadratic")
    }


def fleiss_kappa_counts(counts):
    kappa, seen, chance = agreement.fleiss_kappa(np.array(counts, dtype=float))
    return {"kappa": kappa, "p_o": seen, "p_e": chance}


def bradley_terry(wins, items, reference):
    games = [
        strength.Games(items[i], items[j], wins[i][j], wins[j][i])
        for i in range(len(items))
        for j in range(i + 1, len(items))
    ]
    fit = strength.davidson(games, models=items).against(items[reference])
    return {
        "theta": [fit[name][0] for name in items],
        "se": [fit[name][1] for name in items if name != items[reference]],
    }


def bradley_terry_davidson(rows):
    games = [strength.Games(str(r["i"]), str(r["j"]), r["win_i"], r["win_j"], r["tie"]) for r in rows]
    fit = strength.davidson(games)
    against = fit.against("1")
    theta = [against[name][0] for name in sorted(against)]
    worth = np.exp(theta) / np.exp(theta).sum()
    return {
        "worth": worth.tolist(),
        "nu": fit.tie,
        "theta_vs_item1": theta,
        "se_theta": [against[name][1] for name in sorted(against)][1:],
        "se_log_nu": fit.log_tie_se,
    }


def ppi_mean(y, f_labelled, f_unlabelled, lam, conf):
    rest = f_unlabelled
    if isinstance(rest, dict):
        rest = [1] * rest["ones"] + [0] * rest["zeros"]
    value, se, weight = correction.ppi(y, f_labelled, rest, weight=lam)
    z = special.normal_quantile((1 + conf) / 2) * se
    t = intervals.t_quantile((1 + conf) / 2, len(y) - 1) * se
    return {
        "estimate": value,
        "se": se,
        "lam": weight,
        "ci_z": (value - z, value + z),
        "ci_t": (value - t, value + t),
    }


def rogan_gladen(**given):
    point, raw, ends = correction.rogan_gladen(**given)
    return {"point": point, "raw_point": raw, "ci": ends}


def sample_size_paired(omega2, sigma2_a, sigma2_b, k_a, k_b, delta, alpha, power):
    n = planning.items_needed(
        omega2=omega2,
        sigma2_a=sigma2_a,
        sigma2_b=sigma2_b,
        replies_a=k_a,
        replies_b=k_b,
        delta=delta,
        alpha=alpha,
        power=power,
    )
    return {"n": n, "n_ceiling": math.ceil(n)}


def mde_paired(sd_diff, n, alpha, power):
    return {"mde": planning.smallest_difference(sd_diff, n, alpha=alpha, power=power)}


def zero_failures(x, n):
    return {
        "one_sided_95_upper": intervals.zero_failures_upper(n),
        "rule_of_three": 3 / n,
        "clopper_pearson_upper": intervals.clopper_pearson(x, n)[1],
    }


def design_effect(m, icc, n):
    effect = special.design_effect(m, icc)
    return {"deff": effect, "n_eff": n / effect}


def icc(ratings):
    return agreement.icc(ratings)


def rubric_score(points, met):
    answer = score(points, met)
    return {"raw": answer.raw, "score": answer.score, "clipped": answer.clipped}


def rubric_score_bounds(points, met):
    answer = score(points, met)
    return {"low": answer.low, "high": answer.high}


def score(points, met):
    from zhprobe.grading.score import score_reply
    from zhprobe.records import Criterion, Verdict

    words = {True: "met", False: "not_met", None: "unsure"}
    criteria = [Criterion(f"c{i}", "文", p) for i, p in enumerate(points)]
    return score_reply(criteria, {f"c{i}": Verdict(words[m]) for i, m in enumerate(met)})


def agrees(found, expected, tolerance, path=""):
    if isinstance(expected, dict):
        for key, value in expected.items():
            agrees(found[key], value, tolerance, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for index, value in enumerate(expected):
            agrees(found[index], value, tolerance, f"{path}[{index}]")
    elif expected is None or isinstance(expected, (str, bool)):
        assert found == expected, path
    else:
        # values are printed to ten digits, so none can be closer than half a unit of the tenth
        printed = 0.5 * 10.0 ** (math.floor(math.log10(abs(expected))) - 9) if expected else 0.0
        assert found == pytest.approx(expected, rel=0, abs=max(tolerance, printed)), path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_formula_gives_the_published_or_agreed_value(case):
    expected = dict(case["expected"])
    wide = expected.pop("ci_tolerance", None)
    published = expected.pop("ci_published", None)
    found = globals()[case["method"]](**case["input"])
    agrees(found, expected, case["tol"])
    if published:
        for end, printed, slack in zip(found["ci_published"], published, wide, strict=True):
            assert end == pytest.approx(printed, abs=slack)


def test_all_sixty_four_cases_are_here_and_each_is_tried():
    assert len(CASES) == 64
    assert {case["method"] for case in CASES} <= set(globals())
