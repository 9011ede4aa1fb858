"""Before a run: which differences its items can show, and how many it would take to show a smaller one."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from zhprobe.stats.conclusions import DELTA, ENOUGH_GROUPS, ENOUGH_ITEMS, smallest_visible
from zhprobe.stats.special import design_effect, normal_quantile

# Spread of item differences seen in practice: two models alike, two models apart, all-or-nothing scores.
SPREADS = (0.25, 0.35, 0.50)


def smallest_difference(sd: float, n: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Smallest paired difference that `n` items show with the given power, sd being that of differences.

    >>> round(smallest_difference(0.45, 100), 4)
    0.1261
    """
    return smallest_visible(sd / math.sqrt(n), alpha=alpha, power=power)


def items_needed(
    *,
    omega2: float,
    sigma2_a: float = 0.0,
    sigma2_b: float = 0.0,
    replies_a: int = 1,
    replies_b: int = 1,
    delta: float = DELTA,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float:
    """Items needed to see δ: (z+z)²(ω² + σ_A²/K_A + σ_B²/K_B)/δ², ω² being that of the differences.

    Miller (2024), arXiv 2411.00640, equation 9; round up.

    >>> round(items_needed(omega2=1 / 9, delta=0.03), 1)
    969.0
    """
    z = normal_quantile(1 - alpha / 2) + normal_quantile(power)
    return z * z * (omega2 + sigma2_a / replies_a + sigma2_b / replies_b) / delta**2


def items_needed_binary(
    discordant: float, delta: float = DELTA, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Items needed to see δ where scores are 0 or 1 and the models differ on a share of the items.

    Connor (1987), Biometrics 43:207-211.

    >>> math.ceil(items_needed_binary(0.25, 0.10)), math.ceil(items_needed_binary(0.25, 0.05))
    (194, 783)
    """
    if discordant < delta:
        raise ValueError(f"the models differ on {discordant} of the items, so not by {delta}")
    first = normal_quantile(1 - alpha / 2) * math.sqrt(discordant)
    second = normal_quantile(power) * math.sqrt(discordant - delta**2)
    return (first + second) ** 2 / delta**2


class Plan(msgspec.Struct, frozen=True):
    """What `items` items can show. `visible` and `needed` follow `SPREADS`, from alike to all-or-nothing."""

    name: str
    items: int
    groups: int
    samples: int
    delta: float
    visible: tuple[float, ...]
    needed: tuple[int, ...]
    enough: bool


def plan(
    name: str,
    items: int,
    *,
    groups: int | None = None,
    samples: int = 1,
    delta: float = DELTA,
    rho: float = 0.2,
    within: float = 0.0,
) -> Plan:
    """What this many items can show, before any reply is paid for.

    `within` is the share of the variance of differences that comes from replies to one item varying (0 for
    greedy decoding); `samples` divides only that. Items in groups count less: 1+(m−1)ρ.

    >>> [round(v, 2) for v in plan("legal", 100).visible]
    [0.07, 0.1, 0.14]
    """
    count = items if groups is None else groups
    effect = design_effect(items / count, rho) if count else 1.0
    shrink = (1 - within) + within / samples
    spreads = [sd * math.sqrt(shrink) for sd in SPREADS]
    visible = tuple(smallest_difference(sd, items / effect) for sd in spreads) if items else ()
    needed = tuple(math.ceil(items_needed(omega2=sd * sd, delta=delta) * effect - 1e-9) for sd in spreads)
    enough = items >= ENOUGH_ITEMS and count >= ENOUGH_GROUPS
    return Plan(name, items, count, samples, delta, visible, needed, enough)


def plan_text(
    items: Mapping[str, int] | int,
    *,
    groups: Mapping[str, int] | None = None,
    samples: int = 1,
    delta: float = DELTA,
    within: float = 0.0,
    lang: str = "zh",
) -> str:
    """The same in words, one line a row (capability), for `zhprobe plan` and the head of `zhprobe run`.

    >>> print(plan_text({"legal": 100, "poetry": 12}))
    legal：100 题 × 1 次回答。80% 把握看得出的差：0.07（两模型相近）至 0.14（全对全错计分）；要看出 0.05 的差约需 197 至 785 题。
    poetry：12 题 × 1 次回答。样本太少（不足 20 题或 6 组），只能列出分数，不能比较；要看出 0.05 的差约需 197 至 785 题。
    """
    named = {"": items} if isinstance(items, int) else items
    lines = []
    for name, count in named.items():
        row = plan(name, count, groups=(groups or {}).get(name), samples=samples, delta=delta, within=within)
        lines.append(_plan_line(row, lang))
    return "\n".join(lines)


def _plan_line(row: Plan, lang: str) -> str:
    first, last = row.needed[0], row.needed[-1]
    grouped = row.groups != row.items
    if lang == "en":
        head = f"{row.name}: " if row.name else ""
        size = f"{row.items} items" + (f" in {row.groups} groups" if grouped else "")
        size += f" × {row.samples} " + ("reply" if row.samples == 1 else "replies")
        more = f"to see {row.delta:.2f} takes about {first:,} to {last:,} items."
        if not row.enough:
            return f"{head}{size}. Too few (under 20 items or 6 groups): scores only, no comparison; {more}"
        seen = f"{row.visible[0]:.2f} (models alike) to {row.visible[-1]:.2f} (all-or-nothing scores)"
        return f"{head}{size}. Differences seen with 80% power: {seen}; {more}"
    head = f"{row.name}：" if row.name else ""
    size = f"{row.items} 题" + (f"（{row.groups} 组）" if grouped else "") + f" × {row.samples} 次回答"
    more = f"要看出 {row.delta:.2f} 的差约需 {first:,} 至 {last:,} 题。"
    if not row.enough:
        return f"{head}{size}。样本太少（不足 20 题或 6 组），只能列出分数，不能比较；{more}"
    seen = f"{row.visible[0]:.2f}（两模型相近）至 {row.visible[-1]:.2f}（全对全错计分）"
    return f"{head}{size}。80% 把握看得出的差：{seen}；{more}"
