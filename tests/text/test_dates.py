"""Dates and times as models write them; phrases that people resolve are not read."""

import json
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.dates import is_in_form, read_date, read_datetime, read_duration, read_time
from zhprobe.text.numbers import write_number

PHRASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/time_phrases.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


@pytest.mark.parametrize("case", PHRASES, ids=lambda case: case["text"])
def test_a_phrase_is_read_as_intended_or_not_at_all(case):
    """The reader never resolves 明天 or 下周三; what it does read must be what is meant."""
    text, value = case["text"], case["value"]
    if (day := read_date(text)) is not None:
        assert day.isoformat() == value
    if (span := read_duration(text)) is not None:
        assert value.startswith("PT") and span == read_duration(value)
    if (moment := read_time(text)) is not None:
        assert value.endswith(moment.strftime("T%H:%M"))
    assert read_datetime(text) is None


def test_full_dates_and_durations_among_the_phrases_are_read():
    assert read_date("二〇二六年三月四日") == date(2026, 3, 4)
    assert read_duration("一个半小时") == timedelta(minutes=90)
    assert read_duration("三刻钟") == timedelta(minutes=45)


@given(st.dates(date(1000, 1, 1)))
def test_every_way_of_writing_a_date_gives_the_date(day):
    digits = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
    year = "".join(digits[sign] for sign in f"{day.year:04}")
    ways = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y.%m.%d}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{day.month}月{day.day}号",
        f"{year}年{write_number(day.month)}月{write_number(day.day)}日",
    ]
    assert [read_date(way) for way in ways] == [day] * len(ways)


TIMES = [
    ("15:30", time(15, 30)),
    ("15：30", time(15, 30)),
    ("下午三点", time(15)),
    ("下午3:15", time(15, 15)),
    ("上午十点一刻", time(10, 15)),
    ("十五时三十分", time(15, 30)),
    ("中午十二点", time(12)),
    ("中午一点", time(13)),
    ("凌晨两点", time(2)),
    ("晚上八点三刻", time(20, 45)),
    ("9点整", time(9)),
    ("15:30:20", time(15, 30, 20)),
    ("24:00", None),
    ("晚上12点", None),
    ("三点多", None),
    ("3", None),
]


@pytest.mark.parametrize(("text", "value"), TIMES)
def test_a_time_of_day_is_read_or_refused(text, value):
    assert read_time(text) == value


def test_instants_are_compared_whatever_their_offset():
    assert read_datetime("2026-03-05T23:30:00+08:00") == read_datetime("2026-03-05 15:30:00Z")
    assert read_datetime("2026-03-05T15:30", "UTC") != read_datetime("2026-03-05T15:30")
    assert read_datetime("2026-03-05TT15:30") is None
    assert read_datetime("2026-03-05") is None


def test_a_form_binds_the_spelling():
    assert is_in_form("2026-03-05T15:30", "YYYY-MM-DDTHH:MM")
    assert not is_in_form("２０２６-03-05", "YYYY-MM-DD")
    assert not is_in_form("2026-3-5", "YYYY-MM-DD")


@given(
    st.text(st.characters(exclude_categories=[])) | st.text("0123456789年月日点分半时小:-/PTHM", max_size=20)
)
def test_no_text_makes_a_reader_raise(text):
    read_date(text), read_time(text), read_datetime(text), read_duration(text)
