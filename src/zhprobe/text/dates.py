"""Dates, times and durations as a model may write them into an argument.

The reader reads; it never resolves 明天 or 下周三. Those have no value here: right answers to them come
from arithmetic where the item is made.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

import regex

from zhprobe.text.normal import fold_width, tidied
from zhprobe.text.numbers import read_integer, read_number

ZONE = "Asia/Shanghai"
LONGEST = 60

_ISO_DATE = regex.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})\.(\d{1,2})\.(\d{1,2})|(\d{4})(\d{2})(\d{2})",
    regex.ASCII,
)
_NUMERAL = "[0-9零〇一二两三四五六七八九十]"
_CHINESE_DATE = regex.compile(
    f"([0-9]{{4}}|[零〇一二三四五六七八九]{{4}})年({_NUMERAL}{{1,3}})月({_NUMERAL}{{1,3}})[日号號]"
)
_CLOCK = regex.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?", regex.ASCII)
_PERIOD = "(凌晨|清晨|早晨|早上|上午|中午|下午|午后|傍晚|晚上|夜里|夜晚|晚)?"
_CHINESE_TIME = regex.compile(
    f"{_PERIOD}({_NUMERAL}{{1,3}})(?:[点點时時](?:(整)|(半)|(一刻|三刻)|({_NUMERAL}{{1,3}})分?(?:({_NUMERAL}{{1,3}})秒)?)?|:([0-9]{{2}}))(?:钟)?"
)
_OFFSET = regex.compile(r"(?:\s*(Z|z|[+-]\d{2}:?\d{2}))?", regex.ASCII)
_ISO_DURATION = regex.compile(
    r"P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    regex.ASCII,
)
_AFTER_NOON = frozenset(["下午", "午后", "傍晚", "晚上", "夜里", "夜晚", "晚"])
_UNITS = (
    ("天", 86400),
    ("个钟头", 3600),
    ("个小时", 3600),
    ("小时", 3600),
    ("刻钟", 900),
    ("分钟", 60),
    ("分", 60),
    ("秒钟", 1),
    ("秒", 1),
)


def _plain(text: str) -> str:
    return fold_width(tidied(text)).strip() if len(text) <= LONGEST else ""


def read_date(text: str) -> date | None:
    """One full date, or None; relative words are never resolved.

    >>> [str(read_date(t)) for t in ("2026-03-05", "2026/3/5", "2026.03.05", "20260305", "二〇二六年三月五日", "2026年3月5号")]
    ['2026-03-05', '2026-03-05', '2026-03-05', '2026-03-05', '2026-03-05', '2026-03-05']
    >>> read_date("明天"), read_date("2026-13-01"), read_date("3月5日")
    (None, None, None)
    """
    plain = _plain(text)
    if found := _ISO_DATE.fullmatch(plain):
        year, month, day = (int(part) for part in found.groups() if part is not None)
    elif found := _CHINESE_DATE.fullmatch(plain):
        parts = [_small(part) for part in found.groups()]
        if None in parts:
            return None
        year, month, day = (part or 0 for part in parts)
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _small(text: str) -> int | None:
    return int(text) if text.isascii() else read_integer(text)


def read_time(text: str) -> time | None:
    """One time of day, or None.

    >>> [str(read_time(t)) for t in ("15:30", "15点30分", "下午3点半", "下午三点一刻", "15:30:00")]
    ['15:30:00', '15:30:00', '15:30:00', '15:15:00', '15:30:00']
    >>> read_time("三点半过一点"), read_time("25:00"), read_time("晚上十二点")
    (None, None, None)
    """
    plain = _plain(text)
    if found := _CLOCK.fullmatch(plain):
        return _time(int(found[1]), int(found[2]), int(found[3] or 0))
    if not (found := _CHINESE_TIME.fullmatch(plain)):
        return None
    period, hour_text, _, half, quarter, minute_text, second_text, colon = found.groups()
    hour = _small(hour_text)
    minute = 30 if half else {"一刻": 15, "三刻": 45}.get(quarter or "", 0)
    if minute_text or colon:
        minute = _small(minute_text or colon) or 0
    second = _small(second_text) or 0 if second_text else 0
    if hour is None:
        return None
    if period in _AFTER_NOON:
        if hour == 12 and period not in ("下午", "午后"):
            return None  # 晚上十二点: the end of the day or its beginning
        hour += 12 if hour < 12 else 0
    elif period == "中午" and hour <= 2:
        hour += 12
    return _time(hour, minute, second)


def _time(hour: int, minute: int, second: int) -> time | None:
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def read_datetime(text: str, zone: str = ZONE) -> datetime | None:
    """A date with a time, as an instant; without an offset it is local time of `zone`.

    >>> read_datetime("2026-03-05T15:30") == read_datetime("2026-03-05T07:30:00Z")
    True
    >>> str(read_datetime("2026年3月5日下午3点半"))
    '2026-03-05 15:30:00+08:00'
    """
    plain = _plain(text)
    offset = ""
    if found := regex.search(r"(?<=:\d\d(?:\.\d+)?)\s*(Z|z|[+-]\d{2}:?\d{2})$", plain):
        plain, offset = plain[: found.start()], found[1]
    for cut in range(8, len(plain)):
        if not (day := read_date(plain[:cut])):
            continue
        rest = plain[cut:].removeprefix("T") if plain[cut : cut + 1] == "T" else plain[cut:]
        if (moment := read_time(rest)) and rest == rest.lstrip("T"):
            local = datetime.combine(day, moment, ZoneInfo(zone))
            return (
                local.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{offset.upper()}").tzinfo)
                if offset
                else local
            )
    return None


def read_duration(text: str) -> timedelta | None:
    """An ISO duration or a Chinese one.

    >>> [str(read_duration(t)) for t in ("PT90M", "PT1H30M", "一个半小时", "90分钟", "三刻钟", "半小时")]
    ['1:30:00', '1:30:00', '1:30:00', '1:30:00', '0:45:00', '0:30:00']
    >>> read_duration("一会儿"), read_duration("P"), read_duration("90")
    (None, None, None)
    """
    plain = _plain(text)
    found = _ISO_DURATION.fullmatch(plain)
    try:
        if found and any(found.groups()):
            weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
            return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return _chinese_duration(plain)
    except OverflowError:
        return None


def _chinese_duration(plain: str) -> timedelta | None:
    seconds = Fraction(0)
    last = 10**9
    rest = plain
    while rest:
        piece = regex.match(
            r"(半个?|[^天个小刻分秒]+(?:个半)?)(天|个钟头|个小时|小时|刻钟|分钟|分|秒钟|秒)(半)?", rest
        )
        if not piece:
            return None
        amount, unit, half = piece[1], dict(_UNITS)[piece[2]], piece[3]
        if amount in ("半", "半个"):
            value = Fraction(1, 2)
        else:
            number = read_number(amount.removesuffix("个半"))
            if number is None:
                return None
            value = Fraction(number) + (Fraction(1, 2) if amount.endswith("个半") else 0)
        if unit >= last:
            return None
        seconds += (value + (Fraction(1, 2) if half else 0)) * unit
        last, rest = unit, rest[piece.end() :].removeprefix("零")
    return timedelta(seconds=float(seconds)) if plain else None


_FORM_PARTS = (
    ("YYYY", r"\d{4}"),
    ("yyyy", r"\d{4}"),
    ("MM", r"\d{2}"),
    ("DD", r"\d{2}"),
    ("dd", r"\d{2}"),
    ("HH", r"\d{2}"),
    ("hh", r"\d{2}"),
    ("mm", r"\d{2}"),
    ("SS", r"\d{2}"),
    ("ss", r"\d{2}"),
    ("M", r"\d{1,2}"),
    ("D", r"\d{1,2}"),
    ("H", r"\d{1,2}"),
)


def is_in_form(text: str, form: str) -> bool:
    """Tell whether a text is written in a form such as YYYY-MM-DD or HH:MM.

    >>> is_in_form("2026-03-05", "YYYY-MM-DD"), is_in_form("2026/3/5", "YYYY-MM-DD")
    (True, False)
    >>> is_in_form("3月5日", "M月D日"), is_in_form("14:00:00", "HH:MM")
    (True, False)
    """
    return regex.fullmatch(_form_pattern(form), text, regex.ASCII) is not None


@lru_cache(maxsize=256)
def _form_pattern(form: str) -> str:
    pattern, rest = "", form
    while rest:
        part = next(((name, digits) for name, digits in _FORM_PARTS if rest.startswith(name)), None)
        pattern += part[1] if part else regex.escape(rest[0])
        rest = rest[len(part[0]) if part else 1 :]
    return pattern
