"""Sums of money and calendar dates as Chinese legal texts write them, with their places in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhprobe.text.normal import NARROW

# One character for one character, so that places in the text stay what they were.
_HALF = NARROW | {0x3000: 0x20, 0xFFE5: 0xA5, 0xA0: 0x20}

_DIGITS = dict(
    zip(
        "零〇○一二三四五六七八九两壹贰叁肆伍陆柒捌玖", (0, 0, 0, *range(1, 10), 2, *range(1, 10)), strict=True
    )
)
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}

_HAN = "零〇○一二三四五六七八九两壹贰叁肆伍陆柒捌玖十拾百佰千仟万萬亿億"
_PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_MONEY = re.compile(
    rf"(?P<before>人民币\s*[:：]?\s*[¥￥]?\s*|[¥￥]\s*|RMB\s*)?"
    rf"(?P<sign>-)?(?:(?P<number>{_PLAIN})\s*(?P<scale>[百千]?[万亿]|[百千])?|(?P<han>[{_HAN}]+(?:点[{_HAN}]+[万亿]?)?))"
    rf"\s*(?:(?P<yuan>元|圆|块钱|块)(?P<rest>(?:[{_HAN}\d]+角)?(?:[{_HAN}\d]+分)?)|(?P<none>))"
)
_SCALE = {"百": 100, "千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_DATE = re.compile(
    r"(?P<y>(?:19|20)\d\d|[一二][零〇○九一二三四五六七八]{3})\s*(?:年\s*(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})\s*月"
    r"(?:\s*(?P<d>\d{1,2}|[一二三四五六七八九十廿卅]{1,3})\s*[日号])?"
    r"|(?P<sep>[-/.])(?P<m2>\d{1,2})(?P=sep)(?P<d2>\d{1,2})(?!\d))"
)


@dataclass(frozen=True)
class Amount:
    """A sum in yuan and where it stands."""

    start: int
    end: int
    text: str
    value: Decimal
    in_words: bool  # written with Chinese numerals


@dataclass(frozen=True)
class Day:
    """A date: `value` is 2026-05-11, or 2026-05 where no day is given."""

    start: int
    end: int
    text: str
    value: str


def half_width(text: str) -> str:
    """Full-width letters, digits and marks made narrow, one for one.

    >>> half_width("１２，０００．５０元")
    '12,000.50元'
    """
    return text.translate(_HALF)


def chinese_number(text: str) -> Decimal | None:
    """The value of a number in Chinese numerals, everyday or banker's; None where it is none.

    >>> [str(chinese_number(n)) for n in ("捌仟", "三万五", "壹佰零捌万叁仟柒佰陆拾", "二〇二六", "三点五万", "十五")]
    ['8000', '35000', '1083760', '2026', '35000.0', '15']
    >>> chinese_number("五百七七") is None, chinese_number("") is None
    (True, True)
    """
    if "点" in text:
        whole, _, part = text.partition("点")
        factor = Decimal(1)
        if part and part[-1] in _BIG:
            factor, part = Decimal(_BIG[part[-1]]), part[:-1]
        ones = chinese_number(whole)
        if ones is None or not part or any(c not in _DIGITS for c in part):
            return None
        return (ones + Decimal("0." + "".join(str(_DIGITS[c]) for c in part))) * factor
    if not text or any(c not in _HAN for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return Decimal("".join(str(_DIGITS[c]) for c in text)) if len(text) != 2 else None
    hundred_millions, rest = _split(text, "亿億")
    ten_thousands, left = _split(rest, "万萬")
    if left in _DIGITS and ten_thousands is not None:
        left = f"{left}千"  # 三万五 is 35000
    total = 0
    for piece, weight in ((hundred_millions, 10**8), (ten_thousands, 10**4), (left, 1)):
        if piece is not None:
            section = _section(piece)
            if section is None or not piece:
                return None
            total += section * weight
    return Decimal(total)


def _split(text: str | None, marks: str) -> tuple[str | None, str | None]:
    """What stands before the first of the marks (None: there is no mark), and what is left (None: nothing)."""
    if text is not None:
        for place, character in enumerate(text):
            if character in marks:
                return text[:place], text[place + 1 :] or None
    return None, text


_D = "一二三四五六七八九两壹贰叁肆伍陆柒捌玖"
_SECTION = re.compile(
    rf"[零〇]?(?:(?P<k>[{_D}])[千仟])?(?P<z1>[零〇])?(?:(?P<h>[{_D}])[百佰])?(?P<z2>[零〇])?"
    rf"(?:(?P<t>[{_D}])?(?P<ten>[十拾]))?[零〇]?(?P<o>[{_D}])?"
)


def _section(text: str) -> int | None:
    """A number below ten thousand; 三千五 and 二百五 read as they are spoken."""
    match = _SECTION.fullmatch(text)
    if not match:
        return None
    thousands, hundreds, ones = (int(_DIGITS.get(match[n] or "", 0)) for n in ("k", "h", "o"))
    tens = _DIGITS[match["t"]] if match["t"] else int(bool(match["ten"]))
    if ones and not tens and text[-2:-1] in ("百", "佰", "千", "仟"):
        ones *= 10 if hundreds else 100
    return thousands * 1000 + hundreds * 100 + tens * 10 + ones


def _small(text: str) -> Decimal:
    """角 and 分 after 元."""
    total = Decimal(0)
    for number, unit in re.findall(rf"([{_HAN}\d]+)([角分])", text):
        value = Decimal(number) if number.isdigit() else chinese_number(number) or Decimal(0)
        total += value * (Decimal("0.1") if unit == "角" else Decimal("0.01"))
    return total


def amounts(text: str) -> list[Amount]:
    """Every sum of money: a number with 元, 万元, 亿元, ¥ or 人民币.

    >>> [str(a.value) for a in amounts("货款1,083,760.00元，违约金5.2万元，合计人民币捌仟元整，另付￥300")]
    ['1083760.00', '52000.0', '8000', '300']
    >>> amounts("第12条，共3天")
    []
    """
    plain = half_width(text)
    found = []
    for match in _MONEY.finditer(plain):
        if match["yuan"] is None and match["before"] is None:
            continue
        if match["number"]:
            value = Decimal(re.sub(r"[, ]", "", match["number"])) * _SCALE.get(match["scale"] or "", 1)
        else:
            worded = chinese_number(match["han"])
            if worded is None:
                continue
            value = worded
        value += _small(match["rest"] or "")
        start = match.start()
        end = match.end()
        while end > start and plain[end - 1].isspace():
            end -= 1
        found.append(
            Amount(start, end, text[start:end], -value if match["sign"] else value, bool(match["han"]))
        )
    return found


def _day(text: str) -> int:
    if text.isdigit():
        return int(text)
    value = chinese_number(text.replace("廿", "二十").replace("卅", "三十"))
    return int(value) if value is not None else 0


def dates(text: str) -> list[Day]:
    """Every calendar date with a year.

    >>> [d.value for d in dates("2026年5月11日起，至二〇二六年十二月三十一日；2025-09-01，2025年9月")]
    ['2026-05-11', '2026-12-31', '2025-09-01', '2025-09']
    >>> dates("2026年13月40日")
    []
    """
    found = []
    for match in _DATE.finditer(half_width(text)):
        written = match["y"]
        year = int(written) if written.isdigit() else int("".join(str(_DIGITS[c]) for c in written))
        month, day = _day(match["m"] or match["m2"]), match["d"] or match["d2"]
        try:
            moment = date(year, month, _day(day) if day else 1)
        except ValueError:
            continue
        value = moment.isoformat() if day else moment.isoformat()[:7]
        found.append(Day(match.start(), match.end(), text[match.start() : match.end()], value))
    return found


_FINAL = re.compile(
    r"^[ \t　>#*\-_`【\[]{0,12}(?:最终|最后)?结论[】\]]?[为是]?[ \t*_`]{0,8}[:：][ \t　*_`]{0,8}(?P<said>.*)$",
    re.MULTILINE,
)
_FINAL_HEADING = re.compile(
    r"^[ \t　>#*\-_`【\[]{0,12}(?:最终|最后)?结论[】\] \t*_`:：]{0,12}$", re.MULTILINE
)


def final_lines(answer: str) -> list[tuple[int, str]]:
    """What stands after each 「结论：」, with its place; the line below where the heading stands alone.

    >>> final_lines("算法略。\\n**结论：** 102000元\\n")
    [(13, '102000元')]
    >>> final_lines("# 结论\\n\\n8000元")
    [(6, '8000元')]
    """
    found = [
        (m.start("said"), m["said"].strip(" *_`")) for m in _FINAL.finditer(answer) if m["said"].strip(" *_`")
    ]
    for match in _FINAL_HEADING.finditer(answer):
        below = re.compile(r"\s*(?P<said>\S.*)").match(answer, match.end())
        if below:
            found.append((below.start("said"), below["said"].strip(" *_`")))
    return sorted(found)
