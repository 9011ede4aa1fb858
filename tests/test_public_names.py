"""The names of the package: all there, none loaded before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import zhprobe


@pytest.mark.parametrize("name", zhprobe.__all__)
def test_every_public_name_loads_and_is_documented(name: str) -> None:
    assert getattr(zhprobe, name).__doc__


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, zhprobe; print(sorted(m for m in sys.modules if m.startswith('zhprobe')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['zhprobe']"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = zhprobe.nothing
