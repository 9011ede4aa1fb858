"""对仗, as far as it can be counted: how often two characters face each other in couplets of old eight-line poems.

The counts come from couplets 2 and 3 of Tang and Song poems: 1,462,420 aligned pairs. Whether two lines say
the same thing, or a pair is fine or dull, is not decided here.
"""

from __future__ import annotations

import re
from functools import cache
from math import log
from typing import Literal, NamedTuple

from zhprobe.text.readings import simplified
from zhprobe.text.tables import rows

PAIRS = 1_462_420
SEEN_ENOUGH = 20  # a character with fewer uses is left out of the mean
FACES, FACES_NOT = 0.3, -0.3
_CELL = re.compile(r"(\D)(\d+)")

Band = Literal["对仗有据", "未见对仗", "难定"]


class FacingPlace(NamedTuple):
    """Two characters that stand at the same place of two lines; score None where they are too rare to say."""

    one: str
    other: str
    seen: int
    score: float | None

    @property
    def words(self) -> str:
        """风–雨：见2039次."""
        return f"{self.one}–{self.other}：{f'见{self.seen}次' if self.seen else '见不足3次'}"


class Facing(NamedTuple):
    """How two lines face each other: mean over the places that can be scored, and its band."""

    places: tuple[FacingPlace, ...]
    score: float | None
    band: Band


@cache
def _table() -> dict[str, tuple[int, str]]:
    return {row[0]: (int(row[1]), row[2]) for row in rows("facing.tsv")}


@cache
def _partners(character: str) -> dict[str, int]:
    found = _table().get(character)
    return {other: int(n) for other, n in _CELL.findall(found[1])} if found else {}


def pair_count(one: str, other: str) -> int:
    """How often two characters face each other; 0 for fewer than three times.

    >>> pair_count("雨", "风"), pair_count("愁", "马")
    (2039, 0)
    """
    first, second = sorted((simplified(one), simplified(other)))
    return _partners(first).get(second, 0)


def pair_score(one: str, other: str) -> float | None:
    """Log of seen over expected, between -2 and 4; None where either character is too rare to say.

    >>> round(pair_score("风", "雨"), 1), pair_score("山", "山"), pair_score("山", "龘")
    (3.3, -2.0, None)
    """
    one, other = simplified(one), simplified(other)
    counts = [_table().get(character, (0, ""))[0] for character in (one, other)]
    if min(counts) < SEEN_ENOUGH:
        return None
    if one == other:
        return -2.0
    shares = [(count + 1) / (2 * PAIRS) for count in counts]
    expected = 2 * PAIRS * shares[0] * shares[1]
    return max(-2.0, min(4.0, log((pair_count(one, other) + 0.5) / (expected + 0.5))))


def facing(one: str, other: str) -> Facing:
    """How two lines of equal length face each other.

    >>> facing("大漠孤烟直", "长河落日圆").band, facing("今夜鄜州月", "闺中只独看").band
    ('对仗有据', '未见对仗')
    """
    places = tuple(
        FacingPlace(a, b, pair_count(a, b) if a != b else 0, pair_score(a, b))
        for a, b in zip(one, other, strict=False)
    )
    scores = [place.score for place in places if place.score is not None]
    if not places or len(one) != len(other) or 2 * len(scores) < len(places):
        return Facing(places, None, "难定")
    mean = sum(scores) / len(scores)
    return Facing(places, mean, "对仗有据" if mean >= FACES else "未见对仗" if mean < FACES_NOT else "难定")
