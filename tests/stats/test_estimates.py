"""Laws and edge cases of means, differences and conclusions; coverage by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhprobe.stats.conclusions import conclude, items_to_see, not_separated
from zhprobe.stats.correction import correct, correct_strata
from zhprobe.stats.estimate import Estimate, method_name
from zhprobe.stats.intervals import (
    bca,
    bca_ratio,
    mean,
    proportion,
    reply_variance,
    standard_error,
    stratified,
    t_interval,
)
from zhprobe.stats.paired import compare_scores, difference_interval, sign_flip
from zhprobe.stats.planning import plan, plan_text
from zhprobe.stats.strength import Games, bootstrap_strength, davidson

scores = st.lists(st.sampled_from([0.0, 0.25, 0.3, 0.5, 2 / 3, 1.0]), min_size=1, max_size=40)


def test_the_interval_of_a_rate_follows_the_number_of_items_behind_it():
    # the same 92 %, printed to two digits in the statistics contract
    expected = {25: (0.75, 0.98), 50: (0.81, 0.97), 100: (0.85, 0.96), 500: (0.89, 0.94)}
    for n, (low, high) in expected.items():
        estimate = proportion(round(0.92 * n), n)
        assert (round(estimate.low, 2), round(estimate.high, 2)) == (low, high)


@given(scores)
def test_a_mean_lies_inside_its_interval_and_the_interval_inside_0_and_1(values):
    estimate = mean(values)
    assert 0 <= estimate.low <= estimate.value + 1e-12
    assert estimate.value - 1e-12 <= estimate.high <= 1


@given(scores, st.integers(1, 8))
def test_groups_change_the_interval_but_never_the_mean(values, size):
    groups = [i // size for i in range(len(values))]
    assert mean(values, groups).value == pytest.approx(mean(values).value)
    assert mean(values, groups).groups == len(set(groups))


@given(st.data())
@settings(max_examples=60)
def test_exchanging_the_models_mirrors_difference_interval_verdict_and_counts(data):
    n = data.draw(st.integers(1, 45))
    one = st.lists(st.sampled_from([0.0, 0.5, 0.7, 1.0]), min_size=n, max_size=n)
    a, b = data.draw(one), data.draw(one)
    size = data.draw(st.sampled_from([1, 3]))
    groups = [i // size for i in range(n)]
    strata = ["p" if i < n / 2 else "q" for i in range(n)] if data.draw(st.booleans()) else None
    ab = compare_scores(a, b, groups, strata=strata, seed=5)
    ba = compare_scores(b, a, groups, strata=strata, seed=5)
    turned = ba.mirrored()
    for name in ("value", "low", "high"):
        assert getattr(ab.difference, name) == pytest.approx(getattr(turned.difference, name), abs=1e-12)
    assert ab.p == pytest.approx(ba.p)
    assert (ab.wins, ab.ties, ab.losses) == (ba.losses, ba.ties, ba.wins)
    one_way, other_way = conclude(ab, a="甲", b="乙"), conclude(ba, a="乙", b="甲")
    assert one_way.zh == other_way.zh and one_way.en == other_way.en


@pytest.mark.parametrize("binary", [True, False])
def test_an_item_that_both_pass_never_turns_an_open_question_into_a_claim(binary):
    random = np.random.default_rng(11)
    for _ in range(150):
        n = int(random.integers(20, 40))
        step = 1 if binary else 4
        a, b = (random.integers(0, step + 1, n) / step for _ in range(2))
        before, after = compare_scores(a, b), compare_scores([*a, 1.0], [*b, 1.0])
        assert sum(a - b) == pytest.approx(after.difference.value * (n + 1))
        assert after.difference.n == n + 1
        assert after.p == pytest.approx(before.p)
        if before.p >= 0.05:
            assert conclude(after).code != "better"


def pair(wins, losses, ties, size=1.0):
    """Scores of two models with so many wins of `size`, so many losses, so many ties."""
    a = [0.5 + size / 2] * wins + [0.5 - size / 2] * losses + [0.5] * ties
    b = [0.5 - size / 2] * wins + [0.5 + size / 2] * losses + [0.5] * ties
    return compare_scores(a, b)


def test_every_row_of_the_table_of_conclusions_is_reached():
    assert conclude(pair(3, 0, 1)).code == "list_only"
    assert conclude(pair(30, 0, 0), basis="none").code == "list_only"
    assert conclude(pair(10, 5, 0)).zh == "样本太少，仅供参考"
    grouped = compare_scores([1.0] * 20 + [0.5] * 10, [0.0] * 30, [i // 6 for i in range(30)])
    assert conclude(grouped).zh == "样本太少，仅供参考"
    assert conclude(pair(30, 5, 5), a="甲", b="乙").zh == "甲 更好"
    assert conclude(pair(5, 30, 5), a="甲", b="乙").zh == "乙 更好"
    slight = pair(200, 20, 100, size=0.04)
    assert conclude(slight, a="甲").zh == "甲 更好，差别小于有意义的程度"
    assert conclude(pair(30, 30, 300, size=0.1)).zh == "相当（差别在 ±0.05 内）"
    assert conclude(pair(12, 10, 8)).zh.startswith("不能下结论，约需 ")


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.02, 0.1, 1.0]))
@settings(max_examples=80)
def test_an_unvalidated_judge_never_makes_a_model_better(wins, losses, ties, size):
    if wins + losses + ties == 0:
        return
    conclusion = conclude(pair(wins, losses, ties, size), basis="judge")
    assert "更好" not in conclusion.zh and "is better" not in conclusion.en
    if conclusion.code in ("better", "equivalent", "open"):
        assert "裁判认为" in conclusion.zh and "judge" in conclusion.en.lower()


def test_an_adjusted_p_decides_and_not_the_raw_one():
    comparison = pair(20, 7, 13)
    assert comparison.p < 0.05
    assert conclude(comparison).code == "better"
    assert conclude(comparison, adjusted_p=0.2).code == "open"


@pytest.mark.parametrize("values", [[], [1.0], [0.0] * 9, [1.0] * 40, [0.4] * 12])
def test_constant_scores_and_no_scores_make_an_estimate_without_nan(values):
    estimate = mean(values)
    compared = compare_scores(values, values)
    for found in (estimate, compared.difference):
        for number in (found.value, found.low, found.high):
            assert number is None or math.isfinite(number)
    assert compared.wins == compared.losses == 0
    assert conclude(compared).code in ("list_only", "too_few", "equivalent", "open")


def test_an_estimate_refuses_to_hold_nan():
    with pytest.raises(ValueError, match="use None"):
        Estimate(math.nan, None, None, 3, 3, "t")


def test_many_equal_items_count_as_equivalent_and_few_do_not():
    assert conclude(compare_scores([0.7] * 100, [0.7] * 100)).code == "equivalent"
    assert conclude(compare_scores([0.7] * 30, [0.7] * 30)).code == "open"


def test_unsure_verdicts_widen_the_interval_from_the_worst_to_the_best_reading():
    known = [0.4, 0.9, 0.6, 0.7, 0.2, 0.8, 0.5, 0.6]
    worst, best = [*known[:-1], 0.0], [*known[:-1], 1.0]
    estimate = mean(known, low=worst, high=best)
    assert estimate.low == mean(worst).low and estimate.high == mean(best).high
    assert estimate.if_unmet == pytest.approx(np.mean(worst))
    assert estimate.if_met == pytest.approx(np.mean(best))
    plain = mean(known, low=known, high=known)
    assert plain.if_unmet is None and plain.low == mean(known).low


def test_a_probe_weighs_by_its_items_unless_weights_are_declared():
    values, strata = [1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"]
    assert stratified(values, strata).value == pytest.approx(0.75)
    even = stratified(values, strata, weights={"a": 0.5, "b": 0.5})
    assert even.value == pytest.approx(0.5)
    assert "lone_stratum:b" in even.notes


def test_dropped_items_are_counted_by_model():
    compared = compare_scores([1, 0, 1], [1, 1, 0], dropped_a=2, dropped_b=5)
    assert (compared.dropped_a, compared.dropped_b) == (2, 5)


def test_few_discordant_items_are_said_to_be_too_few_for_the_exact_test():
    assert "few_discordant" in compare_scores([1] * 30, [1] * 26 + [0] * 4).notes
    assert "few_discordant" not in compare_scores([1] * 30, [1] * 20 + [0] * 10).notes


def test_drawn_sign_patterns_come_close_to_all_of_them():
    d = np.random.default_rng(9).normal(0.3, 1, 17)
    signs = 1 - 2 * ((np.arange(2**17)[:, None] >> np.arange(17)) & 1)
    every = float(np.mean(np.abs(signs @ d) >= abs(d.sum()) - 1e-9))
    drawn = sign_flip(d, seed=2)
    assert not drawn.exact
    assert drawn.p == pytest.approx(every, abs=0.004)


def test_sign_flips_take_groups_as_one():
    a, b = [1.0, 0.75, 1.0, 1.0] * 6, [0.5, 0.5, 0.75, 0.5] * 6
    alone, grouped = compare_scores(a, b), compare_scores(a, b, [i // 4 for i in range(24)])
    assert grouped.p == pytest.approx(2 / 2**6)
    assert alone.p < grouped.p


def test_models_not_separated_stand_in_one_group():
    means = {"a": 0.9, "b": 0.85, "c": 0.8, "d": 0.3}
    apart = [("a", "d"), ("b", "d"), ("c", "d"), ("a", "c")]
    assert not_separated(means, apart) == (("a", "b"), ("b", "c"), ("d",))
    assert not_separated(means, []) == (("a", "b", "c", "d"),)
    assert not_separated({}, []) == ((),)


def test_variance_of_replies_says_whether_more_replies_help():
    random = np.random.default_rng(4)
    ability = random.uniform(0.2, 0.8, 3000)
    replies = [list(random.binomial(1, p, 5).astype(float)) for p in ability]
    between, within = reply_variance(replies)
    assert between == pytest.approx(0.6**2 / 12, abs=0.004)
    assert within == pytest.approx(float(np.mean(ability * (1 - ability))), abs=0.006)


def test_the_table_of_smallest_visible_differences_is_the_printed_one():
    printed = {0.25: (0.16, 0.10, 0.07, 0.05, 0.04), 0.35: (0.22, 0.14, 0.10, 0.07, 0.05)}
    printed[0.50] = (0.31, 0.20, 0.14, 0.10, 0.07)
    for place, row in enumerate(printed.values()):
        found = [plan("x", n).visible[place] for n in (20, 50, 100, 200, 400)]
        # 0.22 of the printed table is 0.219 and 0.035 is 0.0350: two digits, rounded half up
        assert found == pytest.approx(row, abs=0.0051)


def test_a_plan_says_what_is_too_few_and_counts_groups():
    assert "不能比较" in plan_text(12)
    assert "30 组" in plan_text({"legal": 120}, groups={"legal": 30})
    assert "30 groups" in plan_text({"legal": 120}, groups={"legal": 30}, lang="en")
    more = plan("x", 100, samples=4, within=0.5)
    assert more.visible[0] == pytest.approx(plan("x", 100).visible[0] * math.sqrt(0.5 + 0.125))


def test_items_to_see_a_difference_grow_with_the_square():
    comparison = pair(12, 10, 8)
    once, twice = items_to_see(comparison, 0.10), items_to_see(comparison, 0.05)
    assert twice / once == pytest.approx(4, rel=0.02)


def test_every_method_has_a_name_in_both_languages():
    assert method_name("cluster_t", "zh") != method_name("cluster_t", "en")


def test_bca_is_refused_on_few_groups_and_undefined_statistics():
    assert bca(14, lambda pick: 0.5, seed=1) is None
    assert bca(20, lambda pick: None, seed=1) is None


def test_all_draws_at_once_give_the_interval_of_one_draw_at_a_time():
    random = np.random.default_rng(12)
    below = random.uniform(0.4, 0.9, 30)
    above = 0.7 * below + random.normal(0, 0.1, 30)

    def ratio(pick):
        return float(above[pick].sum() / below[pick].sum())

    slow, fast = bca(30, ratio, seed=3), bca_ratio(above, below, seed=4)
    assert fast == pytest.approx(slow, abs=0.004)
    assert bca_ratio(above[:14], below[:14], seed=1) is None
    assert bca_ratio(above, np.zeros(30), seed=1) is None


# -- coverage ---------------------------------------------------------------------------------------


def test_the_t_interval_of_skewed_scores_covers_as_often_as_it_says():
    random = np.random.default_rng(2026)
    hit = 0
    for _ in range(2000):
        values = random.beta(8, 2, 20)
        _, _, (low, high) = t_interval(values)
        hit += low <= 0.8 <= high
    assert 0.93 <= hit / 2000 <= 0.965


def test_clusters_need_the_cluster_interval():
    random = np.random.default_rng(2027)
    groups = [g for g in range(12) for _ in range(8)]
    hit = naive = 0
    for _ in range(2000):
        shared = np.repeat(random.normal(0, math.sqrt(0.2), 12), 8)
        values = shared + random.normal(0, math.sqrt(0.8), 96)
        _, _, (low, high) = t_interval(values, groups)
        hit += low <= 0 <= high
        _, _, (low, high) = t_interval(values)
        naive += low <= 0 <= high
    assert 0.92 <= hit / 2000 <= 0.97
    assert naive / 2000 < 0.85


def test_the_corrected_judge_covers_and_is_narrower_than_people_alone():
    random = np.random.default_rng(2028)
    hit = narrower = 0
    runs = 2000
    for _ in range(runs):
        truth = random.normal(size=300)
        judge = 0.7 * truth + math.sqrt(1 - 0.49) * random.normal(size=300)
        y, f = 0.6 + 0.1 * truth, 0.7 + 0.1 * judge
        result = correct(y[:50], f[:50], f[50:])
        assert result.corrected is not None
        hit += result.corrected.low <= 0.6 <= result.corrected.high
        narrower += result.corrected.half < result.human.half
    assert 0.93 <= hit / runs <= 0.97
    assert narrower / runs > 0.90


def test_a_correction_of_few_grades_leaves_the_human_mean():
    result = correct([1.0, 0.5] * 10, [1.0, 1.0] * 10, [0.5] * 50)
    assert result.corrected is None and result.main is result.human
    assert correct_strata({"a": result}, {"a": 1.0}) is None


def test_whole_groups_correct_as_groups():
    random = np.random.default_rng(3)
    y = random.uniform(0, 1, 200)
    f = np.clip(y + 0.1, 0, 1)
    labelled, rest = [i // 2 for i in range(80)], [100 + i // 2 for i in range(120)]
    result = correct(y[:80], f[:80], f[80:], groups=labelled, groups_unlabelled=rest)
    assert result.corrected.groups == 40
    assert result.corrected.value == pytest.approx(float(y.mean()), abs=0.05)
    assert result.worth > 40


def test_strata_of_corrections_add_up_by_their_weights():
    random = np.random.default_rng(5)
    parts = {}
    for name in "ab":
        y = random.uniform(0, 1, 200)
        parts[name] = correct(y[:60], y[:60], y[60:])
    both = correct_strata(parts, {"a": 1.0, "b": 3.0})
    by_hand = 0.25 * parts["a"].corrected.value + 0.75 * parts["b"].corrected.value
    assert both.value == pytest.approx(by_hand)
    assert standard_error([0.0, 1.0])[0] > 0


# -- strengths --------------------------------------------------------------------------------------


def test_a_model_that_never_lost_is_fitted_with_a_penalty_and_named():
    fit = davidson([Games("甲", "乙", 5, 0), Games("乙", "丙", 3, 3)])
    assert fit.penalised
    assert fit.blocks == (("甲",), ("乙", "丙"))
    assert all(math.isfinite(t) for t in fit.theta)


def test_what_being_shown_first_is_worth_is_estimated():
    random = np.random.default_rng(8)
    strong, first = {"a": 0.5, "b": 0.0, "c": -0.5}, 0.4
    games = []
    for one in strong:
        for other in strong:
            if one == other:
                continue
            p = 1 / (1 + math.exp(strong[other] - strong[one] - first))
            won = int(random.binomial(4000, p))
            games.append(Games(one, other, won, 4000 - won))
    fit = davidson(games, order=True)
    assert fit.order.value == pytest.approx(0.4, abs=0.08)
    assert fit.theta == pytest.approx([0.5, 0.0, -0.5], abs=0.08)


def test_strengths_over_items_have_intervals_around_one_half():
    by_item = {i: [Games("a", "b", i % 2, 1 - i % 2)] for i in range(40)}
    shares = bootstrap_strength(by_item, seed=1, resamples=200)
    assert shares["a"].value == pytest.approx(0.5)
    assert shares["a"].low < 0.5 < shares["a"].high


def test_a_difference_of_two_probes_is_stratified():
    d = [0.1, 0.2, 0.0, 0.1, 0.3, -0.1, 0.2, 0.1]
    *_, method, _, _, _ = difference_interval(d, None, ["p"] * 4 + ["q"] * 4)
    assert method == "stratified_t"
