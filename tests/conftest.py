"""What every test shares: a tidy environment without keys, and where the reference data may lie."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# How long an example takes says how busy the machine is: speed is measured under benchmarks/.
settings.register_profile("zhprobe", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zhprobe")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may send a real key anywhere."""
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)


@pytest.fixture
def shared_data() -> Path:
    """The folder of reference data; the test is skipped where there is none."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the reference data is not here")
    return folder


@pytest.fixture
def lines_run() -> Callable[[Callable[[], object]], int]:
    """Count the lines of Python that a call runs: work counted, so that a busy machine changes nothing.

    What the interpreter does inside one line (a regular expression, a slice) is not seen; `benchmarks/hostile.py`
    times that.
    """

    def count(call: Callable[[], object]) -> int:
        lines = 0

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal lines
            lines += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            call()
        finally:
            sys.settrace(before)
        return lines

    return count
