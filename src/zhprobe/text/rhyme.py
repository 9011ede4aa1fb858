"""Rhyme groups: the 106 of 平水韵 with their neighbours, the parts of 词林正韵, and the modern books."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Literal, NamedTuple

from zhprobe.text.numbers import write_number
from zhprobe.text.tables import rows

Book = Literal["平水韵", "词林正韵", "中华新韵", "中华通韵"]
BOOKS: tuple[Book, ...] = ("平水韵", "词林正韵", "中华新韵", "中华通韵")
MODERN_BOOKS = ("中华新韵", "中华通韵")

_TRADITIONAL = str.maketrans(
    "東鍾鐘魚虞齊灰真刪寒蕭陽庚蒸鹽鹹豪覃微支開齋塵談戈麻聲",
    "东钟钟鱼虞齐灰真删寒萧阳庚蒸盐咸豪覃微支开斋尘谈戈麻声",
)


def numeral(number: int) -> str:
    """A number from 1 to 99 in Chinese, a larger one in digits.

    >>> [numeral(n) for n in (4, 10, 11, 20, 29, 100)]
    ['四', '十', '十一', '二十', '二十九', '100']
    """
    return str(number) if number > 99 else write_number(number)


class Group(NamedTuple):
    """One group of the 106: its tone (平上去入), name and number in the tone."""

    tone: str
    name: str
    number: int

    @property
    def label(self) -> str:
        """Name with its number; the level groups are counted in two halves of fifteen.

        >>> all_groups()["平", "庚"].label, all_groups()["去", "寘"].label
        ('八庚', '四寘')
        """
        number = self.number - 15 if self.tone == "平" and self.number > 15 else self.number
        return numeral(number) + self.name


@cache
def all_groups() -> dict[tuple[str, str], Group]:
    """The 106 groups by tone and name, in order."""
    return {
        (tone, name): Group(tone, name, number)
        for table, tone, members in rows("rhyme_groups.tsv")
        if table == "106"
        for number, name in enumerate(members.split(" "), start=1)
    }


@cache
def neighbours() -> frozenset[tuple[str, str]]:
    """Pairs of level groups that stand together in one set of neighbours, both ways.

    >>> ("文", "元") in neighbours(), ("庚", "真") in neighbours()
    (True, False)
    """
    pairs = {
        pair
        for table, _, members in rows("rhyme_groups.tsv")
        if table == "neighbours"
        for pair in combinations(members.split(" "), 2)
    }
    return frozenset(pairs | {(b, a) for a, b in pairs})


@cache
def merged_part(part: int) -> int:
    """The lowest of the parts of 词林正韵 that a lenient reader joins with this one.

    >>> [merged_part(p) for p in (6, 11, 13, 7, 14, 3)]
    [6, 6, 6, 7, 7, 3]
    """
    for table, _, members in rows("rhyme_groups.tsv"):
        if table == "merge" and str(part) in (parts := members.split(" ")):
            return min(map(int, parts))
    return part


@cache
def modern_groups(book: str) -> dict[str, str]:
    """Group of each pinyin final in 中华新韵 or 中华通韵.

    >>> modern_groups("中华新韵")["ong"], modern_groups("中华通韵")["ong"]
    ('庚', '雍')
    """
    return {
        final: name
        for table, name, finals in rows("rhyme_groups.tsv")
        if table == book
        for final in finals.split(" ")
    }


@cache
def group_label(name: str, book: str = "平水韵") -> str:
    """A level rhyme group as a reader knows it.

    >>> group_label("庚"), group_label("11", "词林正韵"), group_label("庚", "中华新韵")
    ('八庚', '第十一部', '庚韵')
    """
    if book == "平水韵":
        found = next((group for group in all_groups().values() if group.name == name), None)
        return found.label if found else name
    if book == "词林正韵":
        return f"第{numeral(int(name))}部"
    return f"{name}韵"


def find_group(text: str, book: str = "平水韵") -> str:
    """The level group a prompt means by 庚, 八庚, 下平八庚 or 八庚韵; '' when the book has none such.

    >>> [find_group(name) for name in ("庚", "八庚", "下平声八庚韵", "上平一東", "无")]
    ['庚', '庚', '庚', '东', '']
    >>> find_group("第十一部", "词林正韵"), find_group("十一", "词林正韵"), find_group("十四寒", "中华新韵")
    ('11', '11', '寒')
    """
    bare = text.strip().translate(_TRADITIONAL).removesuffix("韵").removesuffix("韻")
    if book == "词林正韵":
        bare = bare.removeprefix("第").removesuffix("平声").removesuffix("部")
        return next((str(n) for n in range(1, 20) if bare in (str(n), numeral(n))), "")
    if book in MODERN_BOOKS:
        names = set(modern_groups(book).values())
    else:
        names = {group.name for group in all_groups().values() if group.tone == "平"}
    return bare[-1] if bare and bare[-1] in names else ""
