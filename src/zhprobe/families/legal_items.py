"""What the computed legal families share: people, sums in words, and the table of one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from zhprobe.families.registry import draw, draw_integer
from zhprobe.text.legal_numerals import to_numeral

# Invented people and firms; any likeness is chance.
PEOPLE = ("陈立言", "赵敏芝", "林晓川", "周以宁", "何书敏", "郑怀安", "沈若溪", "罗启明", "许静姝", "方致远")
MEN = ("陈立言", "林晓川", "郑怀安", "罗启明", "方致远")
FIRMS = (
    "云岭机械有限公司",
    "澄湖食品有限公司",
    "北辰软件有限公司",
    "青禾物流有限公司",
    "远帆建材有限公司",
    "松果文化有限公司",
)
LAST_LINE_SUM = (
    "先写计算过程和所依据的法律文件及条文号，最后单独一行写“结论：××元”。",
    "请列明计算步骤，指出依据的是哪部法律文件第几条，最后一行写“结论：××元”，不要再写别的金额。",
    "要求写出算式，并注明法律依据（文件名称和条文号）；末行只写“结论：××元”。",
)
LAST_LINE_DATE = (
    "请说明推算过程和所依据的法律文件及条文号，最后单独一行写“结论：×年×月×日”。",
    "写清起算和顺延的理由，注明依据的法律名称和条文号，末行只写“结论：×年×月×日”。",
)


def person(family: str, seed: int, slot: str = "person") -> str:
    """An invented name, stable for family, seed and slot."""
    return draw(PEOPLE, family, seed, slot)


def firm(family: str, seed: int, slot: str = "firm") -> str:
    """An invented firm."""
    return draw(FIRMS, family, seed, slot)


def between(low: int, high: int, step: int, *path: str | int) -> int:
    """A multiple of `step` from `low` to `high`, chosen by hash.

    >>> between(10, 10, 5, "x", 1)
    10
    """
    return low + step * draw_integer((high - low) // step + 1, *path)


def plain(value: Decimal | int) -> str:
    """A sum as it is written in prompts and compared: no grouping, no needless zeros.

    >>> plain(Decimal("50.00")), plain(Decimal("2769.10")), plain(12000)
    ('50', '2769.10', '12000')
    """
    text = f"{Decimal(value):.2f}"
    return text.removesuffix(".00")


def day(value: date) -> str:
    """A date as prompts write it.

    >>> day(date(2026, 5, 11))
    '2026年5月11日'
    """
    return f"{value.year}年{value.month}月{value.day}日"


def sum_item(
    prompt: str,
    value: Decimal,
    steps: str,
    basis: tuple[str, str],
    wrong: Mapping[str, Decimal],
    difficulty: tuple[int, str],
    also: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The table of an item whose answer is a sum.

    `basis` is (law, the articles that may be named, the main one first), `wrong` maps what was done wrong to the sum it gives; a wrong way that gives
    the right sum for these numbers, or less than nothing, is left out. `also` names articles of other laws that are as
    good a ground ("民事诉讼法:264").
    """
    labels = {
        plain(other): label for label, other in wrong.items() if other >= 0 and plain(other) != plain(value)
    }
    cite = _cited(basis)
    good = f"{cite}\n{steps}\n结论：{plain(value)}元"
    specimens: list[dict[str, Any]] = [{"answer": good}]
    specimens += [
        {"answer": f"{cite}\n结论：{other}元", "verdicts": {"value": "not_met"}, "note": label}
        for other, label in labels.items()
    ]
    twice = f"{cite}\n{steps}\n结论：{plain(value)}元\n结论：{plain(value + 100)}元"
    specimens.append({"answer": twice, "verdicts": {"value": "not_met"}, "note": "两个不同的结论"})
    off = f"{cite}\n{steps}\n结论：{plain(value + 1)}元"
    specimens.append({"answer": off, "verdicts": {"value": "not_met"}, "note": "差一元"})
    bare = f"{steps}\n结论：{plain(value)}元"
    specimens.append({"answer": bare, "verdicts": {"basis": "not_met"}, "note": "没有写依据"})
    if also:
        other_law, _, number = also[0].partition(":")
        ground = f"依据《{other_law}》第{to_numeral(int(number))}条。"
        specimens.append({"answer": f"{ground}\n{steps}\n结论：{plain(value)}元", "note": "别的依据也算"})
    expect = {"value": plain(value), "wrong": labels, "also": list(also)}
    return _item(prompt, expect, steps, basis, specimens, difficulty)


def date_item(
    prompt: str,
    value: date,
    steps: str,
    basis: tuple[str, str],
    wrong: Mapping[str, date],
    difficulty: tuple[int, str],
    *,
    month_only: bool = False,
) -> dict[str, Any]:
    """The table of an item whose answer is a date (or a month)."""

    def iso(found: date) -> str:
        return found.isoformat()[:7] if month_only else found.isoformat()

    def said(found: date) -> str:
        return f"{found.year}年{found.month}月" if month_only else day(found)

    others = {label: found for label, found in wrong.items() if iso(found) != iso(value)}
    cite = _cited(basis)
    specimens: list[dict[str, Any]] = [{"answer": f"{cite}\n{steps}\n结论：{said(value)}"}]
    specimens += [
        {"answer": f"{cite}\n结论：{said(found)}", "verdicts": {"value": "not_met"}, "note": label}
        for label, found in others.items()
    ]
    if not month_only:
        month = f"{cite}\n{steps}\n结论：{value.year}年{value.month}月{1 if value.day != 1 else 2}日"
        specimens.append({"answer": month, "verdicts": {"value": "not_met"}, "note": "月份对，日子不对"})
    specimens.append(
        {"answer": f"{steps}\n结论：{said(value)}", "verdicts": {"basis": "not_met"}, "note": "没有写依据"}
    )
    expect = {
        "value": iso(value),
        "wrong": {iso(found): label for label, found in others.items()},
        "also": [],
    }
    return _item(prompt, expect, steps, basis, specimens, difficulty)


def _cited(basis: tuple[str, str]) -> str:
    law, articles = basis
    return f"依据《{law}》" + (f"第{to_numeral(int(articles.split()[0]))}条。" if articles else "。")


def _item(
    prompt: str,
    expect: dict[str, Any],
    steps: str,
    basis: tuple[str, str],
    specimens: Sequence[dict[str, Any]],
    difficulty: tuple[int, str],
) -> dict[str, Any]:
    law, articles = basis
    return {
        "prompt": prompt,
        "expect": expect | {"law": law, "articles": articles.split()},
        "reference": f"{steps}\n{_cited(basis)}",
        "specimen": list(specimens),
        "difficulty": difficulty[0],
        "difficulty_reason": difficulty[1],
    }


def with_twin(make: Any, seed: int) -> dict[str, Any]:
    """The item of a seed with a twin: the same words drawn once more with other numbers.

    `make(seed, numbers)` builds the table; people and wording follow `seed`, numbers follow `numbers`.
    """
    table: dict[str, Any] = make(seed, seed)
    for shift in range(1, 20):
        twin = make(seed, seed + 7000 * shift)
        if twin["expect"]["value"] != table["expect"]["value"]:
            break
    twin["role"] = "twin"
    table["twins"] = [twin]
    return table
