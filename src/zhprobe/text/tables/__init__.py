"""Tables of facts. First lines of each: source, licence, columns; rows sorted, cells apart by tabs."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def rows(name: str) -> Iterator[list[str]]:
    """Rows of one table, without its comment lines.

    >>> next(iter(rows("licensed_readings.tsv")))[:3]
    ['佳', '平', '麻']
    """
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")
