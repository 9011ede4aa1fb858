"""Special functions. Those of scipy load when the first of them is called: a plan needs none, and loading takes
longer than all else that a short run does; for the same reason this module needs no numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any


def _later(name: str) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        from scipy import special

        return getattr(special, name)(*values)

    return call


bdtr = _later("bdtr")
betaincinv = _later("betaincinv")
chdtrc = _later("chdtrc")
ndtr = _later("ndtr")
stdtrit = _later("stdtrit")


def normal_quantile(q: float) -> float:
    """z with P(Z < z) = q.

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    return NormalDist().inv_cdf(q) if 0 < q < 1 else math.copysign(math.inf, q - 0.5)


def design_effect(m: float, rho: float) -> float:
    """1 + (m−1)ρ: by how much groups of `m` items with correlation ρ cut the number of items.

    Kish (1965), Survey Sampling, 5.4.

    >>> round(design_effect(50, 0.04), 2)
    2.96
    """
    return 1 + (m - 1) * rho
