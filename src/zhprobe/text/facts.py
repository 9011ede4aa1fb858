"""Is a fact in a text? Numbers, dates and times by value; names as written, never as part of a longer word."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from zhprobe.text.dates import read_time
from zhprobe.text.normal import fold_width, width_folded
from zhprobe.text.numbers import read_integer, read_number

_ARABIC = re.compile(
    r"(?<![\w.])(?<!\d,)[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[百千]?[万亿]|[百千])?", re.ASCII
)
_CHINESE = re.compile(r"负?[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?")
_DAY = re.compile(
    r"(?:(?P<year>\d{4}|[零〇一二三四五六七八九]{4})\s*[-/.年]\s*)?"
    r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})\s*[-/.月]\s*(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})(?!\d)\s*[日号]?"
)
_MOMENT = re.compile(
    r"(?:凌晨|清晨|早晨|早上|上午|中午|下午|午后|傍晚|晚上|夜里)?"
    r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})(?:[点时](?:整|半|一刻|三刻|(?:\d{1,2}|[零〇一二三四五六七八九十]{1,3})分?)?|:\d{2}(?::\d{2})?)"
)
_SPACES = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")  # 上午 9 点 30 分


def find_fact(text: str, kind: str, value: Any) -> bool:
    """Whether a text holds a fact of a kind: number, date (YYYY-MM-DD), time (HH:MM), one_of (names).

    >>> find_fact("一共一千二百五十元", "number", 1250), find_fact("编号 11250", "number", 1250)
    (True, False)
    >>> find_fact("改到7月8日（周二）上午10点", "date", "2025-07-08"), find_fact("上午10点", "time", "10:00")
    (True, True)
    >>> find_fact("上午 9 点 30 分见", "time", "09:30")
    True
    >>> find_fact("日程 E12 已取消", "one_of", ["E1"])
    False
    """
    folded = _SPACES.sub("", fold_width(text))
    if kind == "number":
        return any(abs(number - float(value)) < 1e-6 for number in numbers_in(folded))
    if kind == "date":
        return any(_is_day(found, date.fromisoformat(value)) for found in _DAY.finditer(folded))
    if kind == "time":
        wanted = time.fromisoformat(value)
        return any(_is_moment(found[0], wanted) for found in _MOMENT.finditer(folded))
    return any(_stands(width_folded(text), width_folded(name)) for name in value)


def numbers_in(text: str) -> list[float]:
    """Every number a text writes, in Arabic or Chinese, by value.

    >>> numbers_in("共3,500元，另付二百")
    [3500.0, 200.0]
    >>> numbers_in("保证金6500元，15天退")  # the comma of the sentence is no thousands mark
    [6500.0, 15.0]
    """
    found = [*_ARABIC.finditer(text), *_CHINESE.finditer(text)]
    read = [(m.start(), value) for m in found if (value := read_number(m[0])) is not None]
    return [float(value) for _, value in sorted(read)]


def _part(text: str) -> int:
    return int(text) if text.isascii() else read_integer(text) or 0


def _is_day(found: re.Match[str], wanted: date) -> bool:
    year = found["year"]
    same_year = year is None or _part(year) == wanted.year
    return same_year and (_part(found["month"]), _part(found["day"])) == (wanted.month, wanted.day)


def _is_moment(text: str, wanted: time) -> bool:
    """By value; a clock time without 上午 or 下午 may mean either half of the day."""
    found = read_time(text)
    if found is None:
        return False
    if found == wanted:
        return True
    bare = text[0].isdigit() or text[0] in "零〇一二两三四五六七八九十"
    return bare and found.hour < 12 and wanted.hour == found.hour + 12 and found.minute == wanted.minute


def _stands(text: str, name: str) -> bool:
    """The name, not inside a longer run of letters and digits where it is one itself."""
    edge = r"[0-9a-z]"
    before = rf"(?<!{edge})" if name[:1].isascii() and name[:1].isalnum() else ""
    after = rf"(?!{edge})" if name[-1:].isascii() and name[-1:].isalnum() else ""
    return bool(name) and re.search(before + re.escape(name) + after, text) is not None
