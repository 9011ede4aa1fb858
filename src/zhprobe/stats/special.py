"""Functions of scipy.special, loaded when the first of them is called: a plan needs none, and loading takes longer
than all else that a short run does."""

from __future__ import annotations

from collections.abc import Callable
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
