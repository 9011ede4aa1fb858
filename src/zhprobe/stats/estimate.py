"""The one form in which a number leaves `stats`: a value with its interval, its n and how it was made."""

from __future__ import annotations

import math

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A number that can be printed.

    `value` is None when there is nothing to estimate from; `low` and `high` are None when no interval is
    honest. `n` counts items, `groups` the sampling units, `method` names the formula (a key of `METHODS`).
    `unsure` is the share of verdicts nobody could decide, `not_scored` the number of items without a score.
    `if_unmet` and `if_met` are the values with every unsure verdict counted against and for the model;
    when there are any, `low` and `high` already reach from the interval of the one to that of the other.

    >>> Estimate(0.92, 0.75, 0.98, n=25, groups=25, method="wilson").half
    0.115
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    groups: int
    method: str
    definition: str = ""
    definition_en: str = ""
    grader: str = ""
    unsure: float = 0.0
    not_scored: int = 0
    if_unmet: float | None = None
    if_met: float | None = None
    se: float | None = None
    df: float | None = None
    level: float = 0.95
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("value", "low", "high", "se", "if_unmet", "if_met"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{name} of an estimate is {number}; use None where there is no number")

    @property
    def half(self) -> float | None:
        """Half the width of the interval, or None without one."""
        if self.low is None or self.high is None:
            return None
        return round((self.high - self.low) / 2, 12)

    def named(
        self,
        definition: str = "",
        definition_en: str = "",
        *,
        grader: str = "",
        unsure: float = 0.0,
        not_scored: int = 0,
    ) -> Estimate:
        """The same number with what it is, who graded, and how much is missing.

        >>> Estimate(0.5, 0.2, 0.8, 10, 10, "wilson").named("满足率", "share met").definition
        '满足率'
        """
        return msgspec.structs.replace(
            self,
            definition=definition or self.definition,
            definition_en=definition_en or self.definition_en,
            grader=grader or self.grader,
            unsure=unsure,
            not_scored=not_scored,
        )

    @property
    def conservative(self) -> bool:
        """Whether the interval is a bound that is wider than it would have to be."""
        return self.method in CONSERVATIVE


# Name of a method as the page prints it: Chinese, English.
METHODS: dict[str, tuple[str, str]] = {
    "wilson": ("Wilson 区间", "Wilson interval"),
    "clopper_pearson": ("Clopper–Pearson 区间", "Clopper–Pearson interval"),
    "jeffreys": ("Jeffreys 区间", "Jeffreys interval"),
    "t": ("t 区间", "t interval"),
    "cluster_t": ("按题组的 t 区间", "t interval over groups"),
    "wilson_mean": (
        "保守区间（Wilson，以题组数为 n）",
        "conservative interval (Wilson on the number of groups)",
    ),
    "wilson_difference": (
        "保守区间（差值的 Wilson 区间）",
        "conservative interval (Wilson on the difference)",
    ),
    "none_differ": ("保守区间（无一题不同）", "conservative interval (no item differs)"),
    "stratified_t": ("分层 t 区间", "stratified t interval"),
    "newcombe_paired": ("Newcombe 配对区间", "Newcombe paired interval"),
    "newcombe": ("Newcombe 区间", "Newcombe interval"),
    "bca": ("BCa 自助法区间（按题组重抽）", "BCa bootstrap over groups"),
    "percentile": ("自助法百分位区间", "percentile bootstrap"),
    "large_sample": ("大样本区间", "large-sample interval"),
    "profile": ("由信息矩阵得的区间", "interval from the information matrix"),
    "ppi": ("以人工评分校正（PPI）", "corrected by human grades (PPI)"),
    "rogan_gladen": ("以外部校准集校正（Rogan–Gladen）", "corrected by a calibration set (Rogan–Gladen)"),
    "exact": ("固定题单，逐题全评", "fixed list, every item graded"),
    "none": ("不给区间", "no interval"),
}
CONSERVATIVE = frozenset({"wilson_mean", "wilson_difference", "none_differ"})


def method_name(method: str, lang: str = "zh") -> str:
    """The method in the reader's language.

    >>> method_name("t"), method_name("t", "en")
    ('t 区间', 't interval')
    """
    chinese, english = METHODS.get(method, (method, method))
    return english if lang == "en" else chinese
