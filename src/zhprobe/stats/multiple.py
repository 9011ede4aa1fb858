"""p-values of many comparisons."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values: any false claim among all is held at the level.

    Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    >>> [round(v, 3) for v in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, reached = [0.0] * len(p), 0.0
    for rank, index in enumerate(order):
        reached = max(reached, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = reached
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Benjamini–Hochberg's adjusted p-values: the share of false claims among those made is held.

    Benjamini and Hochberg (1995), JRSS B 57:289-300.

    >>> [round(v, 3) for v in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    order = sorted(range(len(p)), key=lambda i: p[i], reverse=True)
    adjusted, reached = [0.0] * len(p), 1.0
    for back, index in enumerate(order):
        reached = min(reached, p[index] * len(p) / (len(p) - back))
        adjusted[index] = reached
    return adjusted
