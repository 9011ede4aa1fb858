"""Computed legal items whose answer is a day: limitation, appeal, retirement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from zhprobe.families import legal_rules as rules
from zhprobe.families.legal_items import LAST_LINE_DATE, between, date_item, day, firm, person, with_twin
from zhprobe.families.registry import draw, family

HOLIDAYS = (*(date(2026, 9, d) for d in range(25, 28)), *(date(2026, 10, d) for d in range(1, 8)))
WEEK = "一二三四五六日"


def _last(name: str, seed: int) -> str:
    return draw(LAST_LINE_DATE, name, seed, "last")


@family
def limitation_end(seed: int) -> dict[str, Any]:
    """Last day of the ordinary limitation period, moved when it falls on a rest day."""

    def make(s: int, n: int) -> dict[str, Any]:
        weekend = draw((True, False, True), "limitation_end", s, "weekend")
        for step in range(60):  # away from the long holidays; a weekend end where wanted
            knew = date(2023, 5, 8) + timedelta(days=between(0, 110, 1, "limitation_end", n, "knew", step))
            bare = rules.add_months(knew, 36)
            if (
                (bare.weekday() >= 5) == weekend
                and bare.month in (5, 6, 7, 8)
                and bare.day > 5
                and bare.isoformat() not in ("2026-06-19", "2026-06-20", "2026-06-21")
            ):
                break
        value = rules.limitation_end(knew, 3)
        who, other = person("limitation_end", s), firm("limitation_end", s)
        prompt = (
            f"{other}的货车{day(knew)}撞坏了{who}的围墙，{who}当天就知道是谁撞的，此后没有催过，对方也没有承认过，没有中止或者中断的事由。"
            f"按普通诉讼时效，最后一天是哪一天（遇周末顺延；期间末尾没有法定节假日）？{_last('limitation_end', s)}"
        )
        wrong = {
            "没有顺延": bare,
            "按旧法两年": rules.limitation_end(knew, 2),
            "少算一天": bare - timedelta(days=1),
        }
        steps = f"三年届满为{day(bare)}（星期{WEEK[bare.weekday()]}）" + (
            "，顺延到下一个工作日。" if weekend else "，是工作日。"
        )
        level = (3, "要推出星期并顺延") if weekend else (2, "三年对应日")
        return date_item(prompt, value, steps, ("民法典", "188"), wrong, level)

    return with_twin(make, seed)


@family
def appeal_end(seed: int) -> dict[str, Any]:
    """Last day for an appeal against a civil judgment or order."""

    def make(s: int, n: int) -> dict[str, Any]:
        order = draw((False, False, True), "appeal_end", s, "order")
        days = 10 if order else 15
        served = date(2026, 9, 7) + timedelta(days=between(0, 17, 1, "appeal_end", n, "served"))
        bare = served + timedelta(days=days)
        value = rules.days_end(served, days, HOLIDAYS)
        who = person("appeal_end", s)
        paper = "不予受理的民事裁定书" if order else "一审民事判决书"
        prompt = (
            f"{who}于{day(served)}（星期{WEEK[served.weekday()]}）签收{paper}。2026年9月25日至27日、10月1日至7日放假，假期前后没有调休上班的周末。"
            f"{who}要上诉，最晚哪一天提出？{_last('appeal_end', s)}"
        )
        wrong = {
            "没有顺延": bare,
            "送达当天也算": rules.days_end(served, days - 1, HOLIDAYS),
            "判决与裁定的期限用反": rules.days_end(served, 25 - days, HOLIDAYS),
        }
        steps = f"自送达次日起{days}日，第{days}日为{day(bare)}" + (
            "，遇休息日顺延。" if bare != value else "。"
        )
        level = (3, "遇假期顺延") if bare != value else (2, "次日起算")
        return date_item(prompt, value, steps, ("民事诉讼法", "171"), wrong, level)

    return with_twin(make, seed)


@family
def retirement_month(seed: int) -> dict[str, Any]:
    """Month of retirement under the gradual raise from 2025."""

    def make(s: int, n: int) -> dict[str, Any]:
        kind = draw(("man", "woman55", "woman50"), "retirement_month", s, "kind")
        year = {"man": 1965, "woman55": 1970, "woman50": 1975}[kind] + between(
            0, 8, 1, "retirement_month", n, "year"
        )
        born = date(year, between(1, 12, 1, "retirement_month", n, "month"), 1)
        delay, value = rules.retirement(born, kind)
        old = rules.add_months(born, {"man": 60, "woman55": 55, "woman50": 50}[kind] * 12)
        told = {
            "man": "男职工",
            "woman55": "原法定退休年龄为五十五周岁的女职工",
            "woman50": "原法定退休年龄为五十周岁的女职工",
        }[kind]
        prompt = (
            f"一名{told}出生于{born.year}年{born.month}月，不选择弹性提前或者延迟退休。按照2025年1月起施行的渐进式延迟法定退休年龄的规定，"
            "应在哪年哪月退休？请写出延迟的月数和所依据的文件名称，最后单独一行写“结论：×年×月”。"
        )
        other_step = 2 if kind != "woman50" else 4
        since = (old.year - 2025) * 12 + old.month - 1
        wrong = {
            "没有延迟": old,
            "少算一个月": rules.add_months(value, -1),
            "步长用错": rules.add_months(old, min(60 if kind == "woman50" else 36, since // other_step + 1)),
        }
        steps = f"原应于{old.year}年{old.month}月退休，延迟{delay}个月。"
        law = "全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定"
        return date_item(
            prompt, value, steps, (law, ""), wrong, (4, "按出生年月推算延迟月数"), month_only=True
        )

    return with_twin(make, seed)
