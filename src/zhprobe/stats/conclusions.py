"""What may be said of a difference, in words: one of six things, decided by a table.

The words are fixed here so that no page can say more than its data allow. 「更好」 is written in one place
only, and never for grades of a judge that people have not checked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from zhprobe.stats.special import normal_quantile

if TYPE_CHECKING:
    from zhprobe.stats.paired import Comparison

Basis = Literal["trusted", "judge", "none"]
Code = Literal["list_only", "too_few", "better", "equivalent", "open"]

DELTA = 0.05  # smallest difference that matters, unless the user says otherwise before the run
LIST_ONLY = 5  # fewer items: answers are listed, no score
ENOUGH_ITEMS = 20
ENOUGH_GROUPS = 6
ALPHA = 0.05


class Conclusion(msgspec.Struct, frozen=True):
    """The verdict on one difference. `winner` is 'a', 'b' or ''; `items_needed` to see δ where open."""

    code: Code
    zh: str
    en: str
    winner: Literal["a", "b", ""] = ""
    small: bool = False
    judged: bool = False
    items_needed: int | None = None

    def text(self, lang: str = "zh") -> str:
        """The words in the reader's language."""
        return self.en if lang == "en" else self.zh


def shows_score(n: int) -> bool:
    """Whether a score is shown at all: from five items.

    >>> shows_score(4), shows_score(5)
    (False, True)
    """
    return n >= LIST_ONLY


def smallest_visible(se: float, *, alpha: float = ALPHA, power: float = 0.8) -> float:
    """The difference seen with the given power at this standard error: (z_{1−α/2} + z_power)·se.

    Bloom (1995), Evaluation Review 19:547-556.

    >>> round(smallest_visible(0.45 / 50**0.5), 4)
    0.1783
    """
    return (normal_quantile(1 - alpha / 2) + normal_quantile(power)) * se


def items_to_see(comparison: Comparison, delta: float) -> int | None:
    """How many items like these it would take to see a difference of δ, or None without a spread.

    >>> from zhprobe.stats.paired import compare_scores
    >>> c = compare_scores([0.2, 0.9, 0.5, 0.7] * 10, [0.3, 0.7, 0.5, 0.8] * 10)
    >>> items_to_see(c, 0.05)
    49
    """
    d = comparison.difference
    se = d.se or 0.0
    if se <= 1e-12 and d.half is not None:  # no spread seen: what the conservative interval stands for
        se = d.half / normal_quantile(0.975)
    if se <= 1e-12 or d.n == 0:
        return None
    return math.ceil(d.n * (smallest_visible(se) / delta) ** 2 - 1e-9)


def conclude(
    comparison: Comparison,
    *,
    adjusted_p: float | None = None,
    delta: float = DELTA,
    basis: Basis = "trusted",
    a: str = "A",
    b: str = "B",
) -> Conclusion:
    """Apply the table, first row that holds.

    `basis` says who graded: `trusted` for checks, people, a validated judge or a corrected estimate;
    `judge` for a judge that is not validated; `none` where no verdict decides anything. `adjusted_p` is
    the p-value after Holm or Benjamini–Hochberg; without it the comparison's own.

    >>> from zhprobe.stats.paired import compare_scores
    >>> few = compare_scores([1, 0, 1, 1, 0, 1], [0, 0, 1, 0, 0, 1])
    >>> conclude(few).zh
    '样本太少，仅供参考'
    >>> clear = compare_scores([1] * 40 + [0] * 10, [0] * 30 + [1] * 10 + [0] * 10)
    >>> conclude(clear, a="甲", b="乙").zh
    '甲 更好'
    >>> conclude(clear, a="甲", b="乙", basis="judge").zh
    '裁判认为 甲 得分较高（裁判未经人工校验）'
    """
    d = comparison.difference
    if d.n < LIST_ONLY or basis == "none" or d.value is None or d.low is None or d.high is None:
        return Conclusion("list_only", "只列回答，不作比较", "Answers listed only, no comparison")
    if d.n < ENOUGH_ITEMS or d.groups < ENOUGH_GROUPS:
        return Conclusion(
            "too_few",
            "样本太少，仅供参考",
            "Too few items to compare; for information only",
            judged=basis == "judge",
        )
    judged = basis == "judge"
    p = comparison.p if adjusted_p is None else adjusted_p
    if p is not None and p < ALPHA and (d.low > 0 or d.high < 0):
        return _better(d.value > 0, -delta < d.low and d.high < delta, judged, a, b)
    low, high = comparison.low90, comparison.high90
    if low is not None and high is not None and -delta < low and high < delta:
        return _equivalent(delta, judged)
    return _open(items_to_see(comparison, delta), delta, judged)


def _better(a_wins: bool, small: bool, judged: bool, a: str, b: str) -> Conclusion:
    name = a if a_wins else b
    if judged:
        zh, en = (
            f"裁判认为 {name} 得分较高（裁判未经人工校验）",
            f"The judge (not checked by people) scores {name} higher",
        )
    else:
        zh, en = f"{name} 更好", f"{name} is better"
    if small:
        zh, en = f"{zh}，差别小于有意义的程度", f"{en}, by less than what matters"
    return Conclusion("better", zh, en, "a" if a_wins else "b", small, judged)


def _equivalent(delta: float, judged: bool) -> Conclusion:
    zh = f"相当（差别在 ±{delta:.2f} 内）"
    en = f"equivalent (difference within ±{delta:.2f})"
    if judged:
        return Conclusion("equivalent", f"裁判认为{zh}", f"The judge finds them {en}", judged=True)
    return Conclusion("equivalent", zh, en[0].upper() + en[1:])


def _open(needed: int | None, delta: float, judged: bool) -> Conclusion:
    zh, en = "不能下结论", "No conclusion"
    if judged:
        zh, en = "裁判认为的差别不能下结论", "No conclusion from the judge's grades"
    if needed is not None:
        zh = f"{zh}，约需 {needed:,} 题才看得出 {delta:.2f} 的差"
        en = f"{en}; about {needed:,} items would be needed to see a difference of {delta:.2f}"
    return Conclusion("open", zh, en, judged=judged, items_needed=needed)


def not_separated(
    means: Mapping[str, float], separated: Iterable[tuple[str, str]]
) -> tuple[tuple[str, ...], ...]:
    """Models in groups inside which no pair is separated, the group with the best mean first.

    A model may stand in two groups: A and B alike, B and C alike, A and C apart. The groups are the
    maximal cliques of "not separated" (a compact letter display, Piepho 2004, JCGS 13:456-466).

    >>> not_separated({"甲": 0.8, "乙": 0.7, "丙": 0.5}, [("甲", "丙")])
    (('甲', '乙'), ('乙', '丙'))
    """
    apart = {frozenset(pair) for pair in separated}
    order = sorted(means, key=lambda name: (-means[name], name))
    alike = {
        name: {other for other in order if other != name and frozenset((name, other)) not in apart}
        for name in order
    }
    found: list[set[str]] = []

    def grow(chosen: set[str], open_: set[str], done: set[str]) -> None:  # Bron and Kerbosch (1973)
        if not open_ and not done:
            found.append(chosen)
            return
        for name in sorted(open_):
            grow(chosen | {name}, open_ & alike[name], done & alike[name])
            open_ = open_ - {name}
            done = done | {name}

    grow(set(), set(order), set())
    groups = [tuple(name for name in order if name in clique) for clique in found]
    return tuple(sorted(groups, key=lambda group: [order.index(name) for name in group]))


def describe_zero_failures(failures: int, n: int, upper: float, lang: str = "zh") -> str:
    """What no failure in `n` says of the true rate; empty when there was one.

    >>> describe_zero_failures(0, 30, 0.095)
    '30 题无一失败：真实失败率 95% 把握低于 0.10'
    """
    if failures or not n:
        return ""
    if lang == "en":
        return f"No failure in {n} items: with 95% confidence the true failure rate is below {upper:.2f}"
    return f"{n} 题无一失败：真实失败率 95% 把握低于 {upper:.2f}"


def pairs(models: Sequence[str]) -> list[tuple[str, str]]:
    """All unordered pairs, in the order given.

    >>> pairs(["a", "b", "c"])
    [('a', 'b'), ('a', 'c'), ('b', 'c')]
    """
    return [(one, other) for index, one in enumerate(models) for other in models[index + 1 :]]
