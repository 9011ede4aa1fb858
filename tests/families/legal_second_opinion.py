"""The same rules worked out another way, to compare with `zhprobe.families.legal_rules`.

Nothing is imported from there. Money is exact fractions, fees are the closed forms of each band, dates are
found by stepping from day to day.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction as F

ONE = timedelta(days=1)


def fen(value: F) -> str:
    """To the fen, half up, as text."""
    hundredths = (value * 100 + F(1, 2)).__floor__()
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def court_fee(x: F) -> F:
    """Closed forms of the bands of art. 13(1)."""
    forms = [
        (10_000, F(0), 50),
        (100_000, F(25, 1000), -200),
        (200_000, F(2, 100), 300),
        (500_000, F(15, 1000), 1_300),
        (1_000_000, F(1, 100), 3_800),
        (2_000_000, F(9, 1000), 4_800),
        (5_000_000, F(8, 1000), 6_800),
        (10_000_000, F(7, 1000), 11_800),
        (20_000_000, F(6, 1000), 21_800),
    ]
    for top, rate, constant in forms:
        if x <= top:
            return rate * x + constant
    return F(5, 1000) * x + 41_800


def preservation_fee(x: F) -> F:
    if x <= 1000:
        return F(30)
    fee = x / 100 + 20 if x <= 100_000 else x / 200 + 520
    return fee if fee < 5000 else F(5000)


def enforcement_fee(x: F) -> F:
    if x <= 10_000:
        return F(50)
    if x <= 500_000:
        return x * 15 / 1000 - 100
    if x <= 5_000_000:
        return x / 100 + 2_400
    if x <= 10_000_000:
        return x * 5 / 1000 + 27_400
    return x / 1000 + 67_400


def divorce_fee(base: F, total: F) -> F:
    return base + (total - 200_000) / 200 if total > 200_000 else base


def corresponding(day: date, months: int) -> date:
    """The same day so many months on, found by walking month by month."""
    year, month = day.year, day.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


def service_units(start: date, last: date) -> F:
    """Half-years passed: two halves are a year; a rest above a full half counts as two halves."""
    end = last + ONE
    halves = 0
    while corresponding(start, 6 * (halves + 1)) <= end:
        halves += 1
    years, odd = divmod(halves, 2)
    if odd:
        return F(years + 1)
    return F(years) if corresponding(start, 12 * years) == end else years + F(1, 2)


def compensation(start: date, last: date, wage: F, mean: F) -> F:
    units = service_units(start, last)
    if wage <= mean * 3:
        return units * wage
    return (units if units < 12 else F(12)) * mean * 3


def double_wage(months: int, days: int, wage: F) -> F:
    return wage * (months + F(days * 100, 2175))


def overtime_pay(wage: F, weekday: int, rest: int, holiday: int) -> F:
    return wage * 100 / 2175 / 8 * (3 * weekday + 4 * rest + 6 * holiday) / 2


def unused_leave_pay(years: int, leaving: date, taken: int, wage: F) -> F:
    entitled = 5 + 5 * (years >= 10) + 5 * (years >= 20)
    passed = (leaving - date(leaving.year - 1, 12, 31)).days
    days = 0
    while (days + 1) * 365 <= passed * entitled:
        days += 1
    return wage * 100 / 2175 * 2 * max(0, days - taken)


def injury_lump_sum(grade: int, wage: F, mean: F) -> F:
    months = {1: 27, 2: 25, 3: 23, 4: 21, 5: 18, 6: 16, 7: 13, 8: 11, 9: 9, 10: 7}[grade]
    return months * sorted((mean * 6 / 10, wage, mean * 3))[1]


def retirement(born: date, kind: str) -> date:
    """Walk through the birth months of the decision's table: one month more every 4 (or 2) months."""
    age, step, most, year = {
        "man": (60, 4, 36, 1965),
        "woman55": (55, 4, 36, 1970),
        "woman50": (50, 2, 60, 1975),
    }[kind]
    month, delay, counted = date(year, 1, 1), 0, 0
    if born < month:
        return date(born.year + age, born.month, 1)
    while True:
        if counted % step == 0 and delay < most:
            delay += 1
        if (month.year, month.month) == (born.year, born.month):
            return corresponding(date(born.year + age, born.month, 1), delay)
        month = corresponding(month, 1)
        counted += 1


def capped_interest(principal: F, agreed: F, lpr: F, days: int) -> F:
    return sum((principal * min(agreed, lpr * 4) / 365 for _ in range(days)), F(0))


def delay_interest(debt: F, term: date, paid: date) -> F:
    days = 0
    while term + (days + 1) * ONE <= paid:
        days += 1
    return debt * days * 175 / 1_000_000


def deposit_back(price: F, deposit: F) -> F:
    limit = price / 5
    return deposit * 2 if deposit <= limit else deposit + limit


def consumer_total(price: F, food: bool) -> F:
    times, least = (10, 1000) if food else (3, 500)
    return price + (price * times if price * times > least else F(least))


def next_working_day(day: date, holidays: set[date]) -> date:
    while day.isoweekday() in (6, 7) or day in holidays:
        day += ONE
    return day


def limitation_end(knew: date, years: int) -> date:
    return next_working_day(corresponding(knew, 12 * years), set())


def days_end(served: date, days: int, holidays: set[date]) -> date:
    day = served
    for _ in range(days):
        day += ONE
    return next_working_day(day, holidays)


def compensation_years(age: int) -> int:
    return 20 if age < 60 else 5 if age >= 75 else 80 - age


def traffic_shares(losses: list[F], fault: F) -> tuple[F, F]:
    limits = [180_000, 18_000, 2_000]
    paid = [limit if loss > limit else loss for loss, limit in zip(losses, limits, strict=True)]
    rest = [loss - part for loss, part in zip(losses, paid, strict=True)]
    return sum(paid, F(0)), sum(rest, F(0)) * fault


def estate_share(joint: F, heirs: int) -> F:
    return joint / 2 / heirs
