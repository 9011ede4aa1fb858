"""Normalised statute text and the hashes of its 5-grams: exact containment without the text itself."""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import lru_cache
from zlib import crc32

from zhprobe.text.normal import NARROW

GRAM = 5  # characters in one hashed piece


@lru_cache(maxsize=4096)
def _dropped(character: str) -> bool:
    """Blanks, punctuation and symbols; letters, digits and Han stay."""
    return character.isspace() or unicodedata.category(character)[0] in "PSCZ"


def normalised_with_places(text: str) -> tuple[str, list[int]]:
    """`normalised(text)`, and for each of its characters its place in the text."""
    kept, places = [], []
    for place, character in enumerate(text):
        narrow = character.translate(NARROW)
        if not _dropped(narrow):
            kept.append({"〇": "零", "帐": "账"}.get(narrow, narrow))
            places.append(place)
    for place in range(len(kept) - 1):  # 其它 is written 其他 in current texts
        if kept[place] == "其" and kept[place + 1] == "它":
            kept[place + 1] = "他"
    return "".join(kept), places


_PLAIN = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def normalised(text: str) -> str:
    """Text without blanks and marks, digits narrow, 〇 as 零, 帐 as 账, 其它 as 其他 (specification 7.2).

    >>> normalised("（一）帐户　１２〇元，其它。")
    '一账户12零元其他'
    """
    return normalised_with_places(text)[0]


def gram_hashes(plain: str) -> array[int]:
    """CRC-32 of every 5-gram of a normalised text, in order. Near strings never share one: CRC-32 tells apart all
    5-grams that differ in one character.

    >>> len(gram_hashes("当事人一方不履行")), len(gram_hashes("当事人"))
    (4, 0)
    """
    return array(
        "I",
        (crc32(plain[i : i + GRAM].encode("utf-8", "surrogatepass")) for i in range(len(plain) - GRAM + 1)),
    )


def place_of(needle: array[int], hay: bytes) -> int:
    """Index of the run of hashes in the hashes of a text, or -1."""
    if not needle:
        return -1
    wanted = needle.tobytes()
    start = hay.find(wanted)
    while start >= 0 and start % 4:
        start = hay.find(wanted, start + 1)
    return start // 4 if start >= 0 else -1
