"""Two implementations of the legal rules on many random draws.

python tools/verify_families.py [DRAWS]    (default 20,000 a rule; the log of the last long run is kept beside this file)
"""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from zhprobe.families import legal_rules as rules

SECOND = Path(__file__).parents[1] / "tests" / "families" / "legal_second_opinion.py"
HOLIDAYS = {date(2026, 10, day) for day in range(1, 8)}


def load_second() -> ModuleType:
    spec = importlib.util.spec_from_file_location("legal_second_opinion", SECOND)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draws(second: Any, chance: random.Random) -> dict[str, Callable[[], tuple[str, str, tuple[Any, ...]]]]:
    """A function a rule: draws parameters, gives both answers as text, and the parameters."""

    def sum_(low: int, high: int) -> Decimal:
        return Decimal(chance.randint(low * 100, high * 100)) / 100

    def day(first: date, days: int) -> date:
        return first + timedelta(days=chance.randint(0, days))

    def f(value: Decimal) -> Fraction:
        return Fraction(value)

    def one(name: str, low: int, high: int) -> Callable[[], tuple[str, str, tuple[Any, ...]]]:
        def draw() -> tuple[str, str, tuple[Any, ...]]:
            x = sum_(low, high)
            return str(getattr(rules, name)(x)), second.fen(getattr(second, name)(f(x))), (x,)

        return draw

    def divorce() -> tuple[str, str, tuple[Any, ...]]:
        base, total = sum_(50, 300), sum_(0, 5_000_000)
        return (
            str(rules.divorce_fee(base, total)),
            second.fen(second.divorce_fee(f(base), f(total))),
            (base, total),
        )

    def compensation() -> tuple[str, str, tuple[Any, ...]]:
        start = day(date(2008, 1, 1), 6000)
        last = day(start, 6500)
        wage, mean = sum_(3000, 60_000), sum_(5000, 12_000)
        return (
            str(rules.compensation(start, last, wage, mean)[2]),
            second.fen(second.compensation(start, last, f(wage), f(mean))),
            (start, last, wage, mean),
        )

    def double_wage() -> tuple[str, str, tuple[Any, ...]]:
        months, days, wage = chance.randint(0, 11), chance.randint(0, 22), sum_(2000, 30_000)
        return (
            str(rules.double_wage(months, days, wage)),
            second.fen(second.double_wage(months, days, f(wage))),
            (months, days, wage),
        )

    def overtime() -> tuple[str, str, tuple[Any, ...]]:
        wage, hours = sum_(2000, 40_000), [chance.randint(0, 40) for _ in range(3)]
        return (
            str(rules.overtime_pay(wage, *hours)),
            second.fen(second.overtime_pay(f(wage), *hours)),
            (wage, *hours),
        )

    def leave() -> tuple[str, str, tuple[Any, ...]]:
        years, leaving, taken, wage = (
            chance.randint(1, 35),
            day(date(2025, 1, 1), 729),
            chance.randint(0, 8),
            sum_(3000, 40_000),
        )
        return (
            str(rules.unused_leave_pay(years, leaving, taken, wage)[1]),
            second.fen(second.unused_leave_pay(years, leaving, taken, f(wage))),
            (years, leaving, taken, wage),
        )

    def injury() -> tuple[str, str, tuple[Any, ...]]:
        grade, wage, mean = chance.randint(1, 10), sum_(1000, 60_000), sum_(5000, 14_000)
        return (
            str(rules.injury_lump_sum(grade, wage, mean)),
            second.fen(second.injury_lump_sum(grade, f(wage), f(mean))),
            (grade, wage, mean),
        )

    def retirement() -> tuple[str, str, tuple[Any, ...]]:
        kind = chance.choice(["man", "woman55", "woman50"])
        born = date(
            {"man": 1960, "woman55": 1965, "woman50": 1970}[kind] + chance.randint(0, 25),
            chance.randint(1, 12),
            1,
        )
        return str(rules.retirement(born, kind)[1]), str(second.retirement(born, kind)), (born, kind)

    def interest() -> tuple[str, str, tuple[Any, ...]]:
        principal, agreed, lpr, days = (
            sum_(1000, 900_000),
            Decimal(chance.randint(1, 36)) / 100,
            Decimal(chance.randint(290, 430)) / 10_000,
            chance.randint(1, 900),
        )
        return (
            str(rules.capped_interest(principal, agreed, lpr, days)[1]),
            second.fen(second.capped_interest(f(principal), f(agreed), f(lpr), days)),
            (principal, agreed, lpr, days),
        )

    def delay() -> tuple[str, str, tuple[Any, ...]]:
        debt, term = sum_(1000, 3_000_000), day(date(2024, 1, 1), 900)
        paid = day(term, 500)
        return (
            str(rules.delay_interest(debt, term, paid)[1]),
            second.fen(second.delay_interest(f(debt), term, paid)),
            (debt, term, paid),
        )

    def deposit() -> tuple[str, str, tuple[Any, ...]]:
        price = sum_(1000, 2_000_000)
        paid = price * chance.randint(1, 60) / 100
        return (
            str(rules.deposit_back(price, paid)),
            second.fen(second.deposit_back(f(price), f(paid))),
            (price, paid),
        )

    def consumer() -> tuple[str, str, tuple[Any, ...]]:
        price, food = sum_(1, 5000), chance.random() < 0.5
        return (
            str(rules.consumer_total(price, food)),
            second.fen(second.consumer_total(f(price), food)),
            (price, food),
        )

    def limitation() -> tuple[str, str, tuple[Any, ...]]:
        knew, years = day(date(2015, 1, 1), 5000), chance.choice([2, 3])
        return str(rules.limitation_end(knew, years)), str(second.limitation_end(knew, years)), (knew, years)

    def appeal() -> tuple[str, str, tuple[Any, ...]]:
        served, days = day(date(2026, 8, 1), 90), chance.choice([5, 10, 15, 30, 60])
        return (
            str(rules.days_end(served, days, HOLIDAYS)),
            str(second.days_end(served, days, HOLIDAYS)),
            (served, days),
        )

    def years() -> tuple[str, str, tuple[Any, ...]]:
        age = chance.randint(18, 100)
        return str(rules.compensation_years(age)), str(second.compensation_years(age)), (age,)

    def traffic() -> tuple[str, str, tuple[Any, ...]]:
        losses, fault = (
            [sum_(0, 600_000), sum_(0, 200_000), sum_(0, 20_000)],
            Decimal(chance.randint(0, 100)) / 100,
        )
        ours, theirs = (
            rules.traffic_shares(losses, fault),
            second.traffic_shares([f(x) for x in losses], f(fault)),
        )
        return str([str(x) for x in ours]), str([second.fen(x) for x in theirs]), (*losses, fault)

    def estate() -> tuple[str, str, tuple[Any, ...]]:
        joint, heirs = sum_(1000, 9_000_000), chance.randint(1, 9)
        return (
            str(rules.estate_share(joint, Decimal(0), heirs)[1]),
            second.fen(second.estate_share(f(joint), heirs)),
            (joint, heirs),
        )

    return {
        "court_fee": one("court_fee", 1, 40_000_000),
        "preservation_fee": one("preservation_fee", 1, 3_000_000),
        "enforcement_fee": one("enforcement_fee", 1, 20_000_000),
        "divorce_fee": divorce,
        "compensation": compensation,
        "double_wage": double_wage,
        "overtime_pay": overtime,
        "unused_leave_pay": leave,
        "injury_lump_sum": injury,
        "retirement": retirement,
        "capped_interest": interest,
        "delay_interest": delay,
        "deposit_back": deposit,
        "consumer_total": consumer,
        "limitation_end": limitation,
        "days_end": appeal,
        "compensation_years": years,
        "traffic_shares": traffic,
        "estate_share": estate,
    }


def differences(count: int, seed: int = 20_261_125) -> dict[str, list[tuple[str, str, tuple[Any, ...]]]]:
    """Draws on which the two do not agree, by rule."""
    second = load_second()
    chance = random.Random(seed)
    found: dict[str, list[tuple[str, str, tuple[Any, ...]]]] = {}
    for name, draw in draws(second, chance).items():
        found[name] = [drawn for _ in range(count) if (drawn := draw())[0] != drawn[1]]
    return found


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    found = differences(count)
    for name, bad in found.items():
        print(f"{name}: {count} draws, {len(bad)} differences" + (f", first: {bad[0]}" if bad else ""))
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
