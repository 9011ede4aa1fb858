"""Whether lines are known ones: hashed lines of three anthologies, and an index a user builds from a corpus.

Lines are compared in simplified characters without punctuation. No text is shipped, only hashes. One known
line may be a quotation; two lines or a whole couplet are borrowed; half of a poem is copied.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple

from zhprobe.text.han import is_han
from zhprobe.text.readings import simplified
from zhprobe.text.tables import rows

SHORTEST = 4  # shorter lines recur by themselves
BLANK = "＿"


class Source(NamedTuple):
    """Where a known line stands."""

    author: str
    title: str
    anthology: str

    @property
    def words(self) -> str:
        """杜甫《春望》."""
        return f"{self.author}《{self.title}》"


def normal_line(line: str) -> str:
    """Simplified Han characters of a line.

    >>> normal_line("床前明月光，")
    '床前明月光'
    """
    return simplified("".join(filter(is_han, line)))


def line_digest(line: str) -> str:
    """First twelve hexadecimal digits of the hash of a normal line."""
    return hashlib.sha256(normal_line(line).encode()).hexdigest()[:12]


@cache
def _famous() -> dict[str, Source]:
    return {
        digest: Source(author, title, anthology)
        for author, title, anthology, digests in rows("famous_lines.tsv")
        for digest in digests.split(" ")
    }


def find_line(line: str) -> Source | None:
    """The known poem that has this line, word for word.

    >>> find_line("國破山河在").words
    '杜甫《春望》'
    >>> find_line("窗前看月光") is None
    True
    """
    return _famous().get(line_digest(line)) if len(normal_line(line)) >= SHORTEST else None


class Borrowed(NamedTuple):
    """Lines of a text that are known, by their number from 0, and what that amounts to."""

    lines: dict[int, Source]
    verdict: Literal["", "引句", "袭用", "抄录"]


def borrowed(lines: Sequence[str], given: Sequence[str] = ()) -> Borrowed:
    """Which lines are known ones; lines the prompt itself gave are left out.

    >>> borrowed(["国破山河在", "城春草木深", "灯前儿女笑", "雨后麦苗新"]).verdict
    '抄录'
    >>> borrowed(["国破山河在", "灯前儿女笑", "窗下稻花香", "雨后麦苗新"]).verdict
    '引句'
    """
    allowed = {normal_line(line) for line in given}
    own = [number for number, line in enumerate(lines) if normal_line(line) not in allowed]
    found = {number: source for number in own if (source := find_line(lines[number]))}
    if len(found) < 2:
        return Borrowed(found, "引句" if found else "")
    return Borrowed(found, "抄录" if 2 * len(found) >= len(own) else "袭用")


def near_keys(line: str) -> Iterator[str]:
    """The line with one place blanked (up to six characters), or one and two places (seven and more).

    >>> list(near_keys("山中人"))
    ['＿中人', '山＿人', '山中＿']
    """
    text = normal_line(line)
    for count in (1,) if len(text) < 7 else (1, 2):
        for places in combinations(range(len(text)), count):
            yield "".join(BLANK if place in places else character for place, character in enumerate(text))


_CUT = re.compile(r"[，。！？；：、,.!?;:\s]+")


def corpus_lines(path: Path) -> Iterator[str]:
    """Lines of verse in a corpus: a text file, a JSON file of poems with `paragraphs` or `content`, or a folder of them."""
    if path.is_dir():
        for each in sorted(path.rglob("*")):
            if each.suffix in (".json", ".txt"):
                yield from corpus_lines(each)
        return
    text = path.read_text(encoding="utf-8-sig")
    for passage in _passages(json.loads(text)) if path.suffix == ".json" else text.splitlines():
        yield from filter(None, _CUT.split(passage))


def _passages(value: Any) -> Iterator[str]:
    """Paragraphs of poems anywhere in a decoded JSON value."""
    if isinstance(value, list):
        for each in value:
            yield from _passages(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in ("paragraphs", "content"):
                yield from (
                    part for part in (each if isinstance(each, list) else [each]) if isinstance(part, str)
                )
            if key != "paragraphs":
                yield from _passages(each if isinstance(each, (list, dict)) else [])


class LineIndex:
    """A Bloom filter of lines: small, never misses a line it holds, is wrong once in a thousand.

    >>> index = LineIndex.of(["白日依山尽", "黄河入海流"])
    >>> "白日依山盡" in index, "白日依山近" in index
    (True, False)
    """

    MAGIC = b"zhprobe lines 1\n"

    def __init__(self, bits: bytearray, hashes: int) -> None:
        self.bits, self.hashes = bits, hashes

    @classmethod
    def of(cls, lines: Iterable[str], wrong: float = 0.001) -> LineIndex:
        """An index of these lines; `wrong` is the share of unknown lines that are taken for known."""
        texts = {text for line in lines if len(text := normal_line(line)) >= SHORTEST}
        size = max(64, math.ceil(-max(1, len(texts)) * math.log(wrong) / math.log(2) ** 2))
        index = cls(bytearray(math.ceil(size / 8)), max(1, round(-math.log2(wrong))))
        for text in texts:
            for place in index._places(text):
                index.bits[place >> 3] |= 1 << (place & 7)
        return index

    def _places(self, text: str) -> Iterator[int]:
        digest = hashlib.sha256(text.encode()).digest()
        one, two = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big") | 1
        size = 8 * len(self.bits)
        return ((one + step * two) % size for step in range(self.hashes))

    def __contains__(self, line: str) -> bool:
        text = normal_line(line)
        return len(text) >= SHORTEST and all(self.bits[p >> 3] >> (p & 7) & 1 for p in self._places(text))

    def known(self, lines: Sequence[str]) -> list[int]:
        """Numbers of known lines; single lines of five characters or fewer recur naturally and do not count."""
        found = [number for number, line in enumerate(lines) if line in self]
        short = [number for number in found if len(normal_line(lines[number])) <= 5]
        return [number for number in found if number not in short or len(short) > 1]

    def save(self, path: Path) -> None:
        """Write the index as one file."""
        path.write_bytes(self.MAGIC + bytes([self.hashes]) + bytes(self.bits))

    @classmethod
    def load(cls, path: Path) -> LineIndex:
        """Read an index that `save` wrote."""
        whole = path.read_bytes()
        if not whole.startswith(cls.MAGIC) or len(whole) < len(cls.MAGIC) + 9:
            raise ValueError(f"{path} is not an index of lines")
        return cls(bytearray(whole[len(cls.MAGIC) + 1 :]), whole[len(cls.MAGIC)])
