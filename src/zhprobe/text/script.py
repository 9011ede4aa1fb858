"""Simplified or Traditional: characters that belong to one script alone."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

Script = Literal["simplified", "traditional"]


class ScriptChars(NamedTuple):
    """The table by use. Characters legal in both scripts (后 里 面 干 范 松 云 系 著) are in no set."""

    simplified: frozenset[str]
    simplified_possible: frozenset[str]
    traditional: frozenset[str]
    traditional_possible: frozenset[str]
    to_simplified: dict[int, str]


@cache
def script_chars() -> ScriptChars:
    """The table, read once."""
    text = files("zhprobe.text").joinpath("tables/script_chars.tsv").read_text(encoding="utf-8")
    sets: dict[str, set[str]] = {}
    to_simplified: dict[int, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        character, kind, other = line.split("\t")
        sets.setdefault(kind, set()).add(character)
        if other != "-":
            to_simplified[ord(character)] = other
    return ScriptChars(
        frozenset(sets["simplified"]),
        frozenset(sets["simplified_possible"]),
        frozenset(sets["traditional"]),
        frozenset(sets["traditional_possible"]),
        to_simplified,
    )


def find_script(text: str, script: Script) -> list[int]:
    """Places of the characters that belong to this script alone.

    >>> find_script("漢字汉字", "traditional"), find_script("范先生在后面", "traditional")
    ([0], [])
    """
    chars = script_chars()
    wanted = chars.simplified if script == "simplified" else chars.traditional
    return [place for place, character in enumerate(text) if character in wanted]


def find_possible(text: str, script: Script) -> list[int]:
    """Places of characters that are usual in this script and rare, but legal, in the other."""
    chars = script_chars()
    wanted = chars.simplified_possible if script == "simplified" else chars.traditional_possible
    return [place for place, character in enumerate(text) if character in wanted]


def fold_to_simplified(text: str) -> str:
    """Each Traditional character as its Simplified form; for comparing, not for reading.

    >>> fold_to_simplified("憂鬱的臺灣烏龜")
    '忧郁的台湾乌龟'
    """
    return text if text.isascii() else text.translate(script_chars().to_simplified)
