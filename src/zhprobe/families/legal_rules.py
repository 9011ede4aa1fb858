"""Arithmetic of the computed legal probes: one function a rule, Decimal money, the article named.

Sources are the statutes named in each docstring, as in force in mid-2026. Money is yuan, rounded half up to
the fen at the end only. No lawyer has reviewed these functions; items made with them say `reviewed = false`.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")
MONTHLY_PAY_DAYS = Decimal("21.75")


def money(value: Decimal | int) -> Decimal:
    """To the fen, half up.

    >>> money(Decimal("2769.135"))
    Decimal('2769.14')
    """
    return Decimal(value).quantize(FEN, ROUND_HALF_UP)


def _cumulative(
    amount: Decimal, base: Decimal, bands: Sequence[tuple[int | None, str]], start: int
) -> Decimal:
    total, low = base, Decimal(start)
    for top, rate in bands:
        if amount <= low:
            break
        high = amount if top is None else min(amount, Decimal(top))
        total += (high - low) * Decimal(rate)
        low = high
    return total


PROPERTY_BANDS = (
    (100_000, "0.025"),
    (200_000, "0.02"),
    (500_000, "0.015"),
    (1_000_000, "0.01"),
    (2_000_000, "0.009"),
    (5_000_000, "0.008"),
    (10_000_000, "0.007"),
    (20_000_000, "0.006"),
    (None, "0.005"),
)


def court_fee(amount: Decimal) -> Decimal:
    """Acceptance fee of a property case, 诉讼费用交纳办法 art. 13(1): cumulative bands above 50 yuan.

    >>> [str(court_fee(Decimal(x))) for x in ("8000", "100000", "123456.78", "350000", "25000000")]
    ['50.00', '2300.00', '2769.14', '6550.00', '166800.00']
    """
    return money(_cumulative(amount, Decimal(50), PROPERTY_BANDS, 10_000))


def half(amount: Decimal) -> Decimal:
    """Half a fee (arts 15, 16, 18: mediation or withdrawal, summary procedure, counterclaim joined)."""
    return money(amount / 2)


def preservation_fee(amount: Decimal) -> Decimal:
    """Application fee for preservation, art. 14(2): 30 yuan, 1 % and 0.5 % above, at most 5,000.

    >>> [int(preservation_fee(Decimal(x))) for x in (1000, 50_000, 200_000, 1_000_000)]
    [30, 520, 1520, 5000]
    """
    return money(
        min(Decimal(5000), _cumulative(amount, Decimal(30), ((100_000, "0.01"), (None, "0.005")), 1000))
    )


def enforcement_fee(amount: Decimal) -> Decimal:
    """Application fee for enforcement, art. 14(1)2.

    >>> [int(enforcement_fee(Decimal(x))) for x in (9000, 300_000, 800_000, 12_000_000)]
    [50, 4400, 10400, 79400]
    """
    bands = ((500_000, "0.015"), (5_000_000, "0.01"), (10_000_000, "0.005"), (None, "0.001"))
    return money(_cumulative(amount, Decimal(50), bands, 10_000))


def divorce_fee(base: Decimal, property_total: Decimal) -> Decimal:
    """Divorce case, art. 13(2)1: a base fee, and 0.5 % of the property above 200,000.

    >>> int(divorce_fee(Decimal(200), Decimal(1_200_000)))
    5200
    """
    return money(base + max(Decimal(0), property_total - 200_000) * Decimal("0.005"))


def personality_fee(base: Decimal, damages: Decimal) -> Decimal:
    """Infringement of a personality right, art. 13(2)2: 1 % from 50,000 to 100,000, 0.5 % above.

    >>> [int(personality_fee(Decimal(300), Decimal(x))) for x in (40_000, 80_000, 160_000)]
    [300, 600, 1100]
    """
    return money(_cumulative(damages, base, ((100_000, "0.01"), (None, "0.005")), 50_000))


def payment_order_fee(amount: Decimal) -> Decimal:
    """Payment order, art. 14(3): a third of the property-case fee.

    >>> str(payment_order_fee(Decimal(350_000)))
    '2183.33'
    """
    return money(_cumulative(amount, Decimal(50), PROPERTY_BANDS, 10_000) / 3)


def add_months(day: date, months: int) -> date:
    """The corresponding day of a later month, else its last day (民法典 art. 202).

    >>> add_months(date(2024, 2, 29), 36), add_months(date(2026, 1, 31), 1)
    (datetime.date(2027, 2, 28), datetime.date(2026, 2, 28))
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def service_units(start: date, last: date) -> Decimal:
    """Units of economic compensation for service from `start` to the last day (劳动合同法 art. 47).

    A full year counts 1, a rest of six months or more 1, a shorter rest 0.5.

    >>> str(service_units(date(2018, 3, 15), date(2026, 7, 20))), str(service_units(date(2024, 1, 1), date(2026, 6, 30)))
    ('8.5', '3')
    """
    end = last + timedelta(days=1)
    years = 0
    while add_months(start, 12 * (years + 1)) <= end:
        years += 1
    rest_start = add_months(start, 12 * years)
    if rest_start >= end:
        return Decimal(years)
    return Decimal(years + 1) if add_months(start, 12 * years + 6) <= end else Decimal(years) + Decimal("0.5")


def compensation(
    start: date, last: date, wage: Decimal, local_mean: Decimal
) -> tuple[Decimal, Decimal, Decimal]:
    """Units, monthly base and amount of economic compensation (劳动合同法 art. 47(1)–(2)).

    Above three times the local mean the base is three times the mean and units end at 12.

    >>> [str(x) for x in compensation(date(2010, 1, 4), date(2026, 7, 20), Decimal(40_000), Decimal(9_000))]
    ['12', '27000', '324000.00']
    """
    units = service_units(start, last)
    base = wage
    if wage > 3 * local_mean:
        base, units = 3 * local_mean, min(units, Decimal(12))
    return units, base, money(units * base)


def double_wage(months: int, days: int, wage: Decimal) -> Decimal:
    """Additional wage for want of a written contract: full months, a part month by working days over 21.75.

    劳动合同法 art. 82(1); at most eleven months (实施条例 arts 6–7).

    >>> str(double_wage(5, 11, Decimal(8_000))), str(double_wage(11, 0, Decimal(8_000)))
    ('44045.98', '88000.00')
    """
    return money(wage * (months * MONTHLY_PAY_DAYS + days) / MONTHLY_PAY_DAYS)


def overtime_pay(wage: Decimal, weekday: int, rest_day: int, holiday: int) -> Decimal:
    """Overtime pay by hours: 150, 200 and 300 % of the hourly wage (劳动法 art. 44).

    >>> str(overtime_pay(Decimal(8_700), 10, 8, 8))
    '2750.00'
    """
    weighted = weekday * Decimal("1.5") + rest_day * 2 + holiday * 3
    return money(wage * weighted / (MONTHLY_PAY_DAYS * 8))


def leave_days(total_years: int) -> int:
    """Days of paid annual leave by years of work in all (职工带薪年休假条例 art. 3).

    >>> [leave_days(y) for y in (1, 9, 10, 19, 20)]
    [5, 5, 10, 10, 15]
    """
    return 15 if total_years >= 20 else 10 if total_years >= 10 else 5


def unused_leave_pay(total_years: int, leaving: date, taken: int, wage: Decimal) -> tuple[int, Decimal]:
    """Days not taken and the additional pay (200 %) on leaving (企业职工带薪年休假实施办法 arts 10–12).

    >>> unused_leave_pay(12, date(2026, 7, 20), 2, Decimal(8_700))
    (3, Decimal('2400.00'))
    """
    passed = leaving.timetuple().tm_yday
    days = max(0, passed * leave_days(total_years) // 365 - taken)
    return days, money(wage * days * 2 / MONTHLY_PAY_DAYS)


INJURY_MONTHS = (27, 25, 23, 21, 18, 16, 13, 11, 9, 7)


def injury_lump_sum(grade: int, wage: Decimal, local_mean: Decimal) -> Decimal:
    """One-time disability benefit by grade 1–10 (工伤保险条例 arts 35–37, wage between 60 and 300 % of the mean, art. 64).

    >>> [int(injury_lump_sum(g, Decimal(w), Decimal(9_500))) for g, w in ((9, 7_000), (8, 4_000), (10, 40_000))]
    [63000, 62700, 199500]
    """
    base = min(max(wage, local_mean * Decimal("0.6")), local_mean * 3)
    return money(base * INJURY_MONTHS[grade - 1])


def retirement(born: date, kind: str) -> tuple[int, date]:
    """Months of delay and month of retirement (NPC Standing Committee, decision of 2024-09-13, from 2025-01).

    `kind` is man (60 to 63), woman55 (to 58; one month per 4) or woman50 (to 55; one month per 2).

    >>> [(n, d.strftime("%Y-%m")) for n, d in (retirement(date(1965, 7, 1), "man"), retirement(date(1984, 11, 1), "woman50"))]
    [(2, '2025-09'), (60, '2039-11')]
    """
    age, step, most = {"man": (60, 4, 36), "woman55": (55, 4, 36), "woman50": (50, 2, 60)}[kind]
    old = add_months(born.replace(day=1), age * 12)
    since = (old.year - 2025) * 12 + old.month - 1
    delay = 0 if since < 0 else min(most, since // step + 1)
    return delay, add_months(old, delay)


def capped_interest(principal: Decimal, agreed: Decimal, lpr: Decimal, days: int) -> tuple[Decimal, Decimal]:
    """Rate and interest under the cap of four times the one-year LPR (民间借贷规定 art. 25), by days over 365.

    >>> capped_interest(Decimal(200_000), Decimal("0.24"), Decimal("0.03"), 365)
    (Decimal('0.12'), Decimal('24000.00'))
    """
    rate = min(agreed, 4 * lpr)
    return rate, money(principal * rate * days / 365)


def delay_interest(debt: Decimal, term: date, paid: date) -> tuple[int, Decimal]:
    """Days and the additional part of interest for delayed performance (法释〔2014〕8号 art. 1: 0.0175 % a day).

    >>> delay_interest(Decimal(500_000), date(2026, 3, 31), date(2026, 8, 28))
    (150, Decimal('13125.00'))
    """
    days = (paid - term).days
    return days, money(debt * Decimal("0.000175") * days)


def deposit_back(price: Decimal, deposit: Decimal) -> Decimal:
    """What a receiver in breach must give back: twice the part up to 20 % of the price, the rest once (民法典 arts 586–587).

    >>> int(deposit_back(Decimal(500_000), Decimal(150_000)))
    250000
    """
    effective = min(deposit, price * Decimal("0.2"))
    return money(2 * effective + (deposit - effective))


def consumer_total(price: Decimal, food: bool) -> Decimal:
    """Refund and punitive damages: three times, at least 500 (消费者权益保护法 art. 55); food ten times, at least 1,000 (食品安全法 art. 148).

    >>> [int(consumer_total(Decimal(p), f)) for p, f in ((120, False), (60, True), (180, True))]
    [620, 1060, 1980]
    """
    extra = max(price * 10, Decimal(1000)) if food else max(price * 3, Decimal(500))
    return money(price + extra)


def working_day(day: date, holidays: Collection[date]) -> date:
    """The day itself, or the first later day that is neither Saturday, Sunday nor a holiday (民法典 art. 203)."""
    while day.weekday() >= 5 or day in holidays:
        day += timedelta(days=1)
    return day


def limitation_end(knew: date, years: int, holidays: Collection[date] = ()) -> date:
    """Last day of a limitation period of whole years (民法典 arts 188, 200–203).

    >>> limitation_end(date(2023, 5, 10), 3), limitation_end(date(2024, 2, 29), 3)
    (datetime.date(2026, 5, 11), datetime.date(2027, 3, 1))
    """
    return working_day(add_months(knew, 12 * years), holidays)


def days_end(served: date, days: int, holidays: Collection[date] = ()) -> date:
    """Last day of a period of days; the day of the event is not counted (民事诉讼法 art. 85).

    >>> days_end(date(2026, 9, 18), 15, [date(2026, 10, d) for d in range(1, 8)])
    datetime.date(2026, 10, 8)
    """
    return working_day(served + timedelta(days=days), holidays)


def compensation_years(age: int) -> int:
    """Years of disability or death compensation: 20, from 60 one less a year, from 75 five (人身损害解释 arts 12, 15).

    >>> [compensation_years(a) for a in (40, 60, 64, 74, 75, 80)]
    [20, 20, 16, 6, 5, 5]
    """
    return 5 if age >= 75 else 20 - max(0, age - 60)


TRAFFIC_LIMITS = (
    Decimal(180_000),
    Decimal(18_000),
    Decimal(2_000),
)  # death and disability, medical, property


def traffic_shares(losses: Sequence[Decimal], fault: Decimal) -> tuple[Decimal, Decimal]:
    """What the compulsory insurance pays, and the share of the rest by fault (民法典 art. 1213; limits since 2020-09-19).

    >>> [int(x) for x in traffic_shares([Decimal(260_000), Decimal(40_000), Decimal(6_000)], Decimal("0.7"))]
    [200000, 74200]
    """
    covered = sum((min(loss, limit) for loss, limit in zip(losses, TRAFFIC_LIMITS, strict=True)), Decimal(0))
    return money(covered), money((sum(losses, Decimal(0)) - covered) * fault)


def estate_share(joint: Decimal, own: Decimal, heirs: int) -> tuple[Decimal, Decimal]:
    """Estate after the couple's property is split, and one equal share (民法典 arts 1130, 1153).

    >>> [int(x) for x in estate_share(Decimal(3_000_000), Decimal(0), 4)]
    [1500000, 375000]
    """
    estate = joint / 2 + own
    return money(estate), money(estate / heirs)
