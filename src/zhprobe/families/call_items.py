"""What the call families share: tools, arguments with their matchers, items with their near misses."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhprobe.checks.call_mutants import array_text, wrong_values
from zhprobe.families.registry import draw, draw_integer
from zhprobe.text.numbers import write_number

Table = dict[str, Any]
WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of an expected call: how it is compared, and a right value."""

    matcher: Mapping[str, Any]
    value: Any


def text(value: str, *others: str) -> Arg:
    """Free of punctuation and width; `others` are equally right."""
    if others:
        return Arg({"one_of": [{"text": v} for v in (value, *others)]}, value)
    return Arg({"text": value}, value)


def exact(value: Any) -> Arg:
    """Code for code: names, identifiers, enum members."""
    return Arg({"exact": value}, value)


def day(value: date) -> Arg:
    """A date in the form that the tools name."""
    return Arg({"date": value.isoformat(), "form": "YYYY-MM-DD"}, value.isoformat())


def clock(hour: int, minute: int = 0) -> Arg:
    """A time of day in the form that the tools name."""
    value = f"{hour:02d}:{minute:02d}"
    return Arg({"time": value, "form": "HH:MM"}, value)


def number(value: float, tolerance: float = 0) -> Arg:
    """A number, within a tolerance."""
    return Arg({"number": value, "abs": tolerance} if tolerance else {"number": value}, value)


def boolean(value: bool) -> Arg:
    """A truth value."""
    return Arg({"bool": value}, value)


def contains(value: str, *words: str) -> Arg:
    """Free text that must hold some words: what a reminder says may be put in many ways."""
    why = "提醒或说明的写法不止一种，只看是否写到要点"
    return Arg({"contains": list(words), "why": why}, value)


def listed(kind: str, parts: Sequence[Arg]) -> Arg:
    """A list in order (`list`) or in any order (`set`)."""
    return Arg({kind: [dict(p.matcher) for p in parts]}, [p.value for p in parts])


def record(**parts: Arg) -> Arg:
    """An object, key by key."""
    return Arg(
        {"object": {k: dict(p.matcher) for k, p in parts.items()}}, {k: p.value for k, p in parts.items()}
    )


Call = tuple[str, dict[str, Arg]]


def tool(
    name: str, description: str, optional: Sequence[str] = (), /, **properties: Mapping[str, Any]
) -> Table:
    """A tool as the chat protocol declares it; all arguments but the optional ones are required."""
    schema = {
        "type": "object",
        "properties": dict(properties),
        "required": [key for key in properties if key not in optional],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def a_string(description: str, **more: Any) -> Table:
    """A string argument."""
    return {"type": "string", "description": description, **more}


def a_number(description: str, kind: str = "number", **more: Any) -> Table:
    """A number argument."""
    return {"type": kind, "description": description, **more}


def a_flag(description: str, **more: Any) -> Table:
    """A truth value."""
    return {"type": "boolean", "description": description, **more}


A_DATE = a_string("日期，格式 YYYY-MM-DD")
A_CLOCK = a_string("24 小时制时间，格式 HH:MM")


def today(family: str, seed: int, *, last_weekday: int = 4) -> date:
    """A reference day of 2025 or 2026, Monday to Friday unless told otherwise."""
    start = date(2025, 1, 6) + timedelta(weeks=draw_integer(100, family, seed, "week"))
    return start + timedelta(days=draw_integer(last_weekday + 1, family, seed, "weekday"))


def said_today(when: date) -> str:
    """The reference day as the prompt states it."""
    return f"今天是{when.year}年{when.month}月{when.day}日，{WEEKDAYS[when.weekday()]}。"


def said_hour(hour: int) -> str:
    """The period and the hour: 下午三点.

    >>> said_hour(14), said_hour(9)
    ('下午两点', '上午九点')
    """
    period = "早上" if hour < 9 else "上午" if hour < 12 else "下午" if hour < 18 else "晚上"
    short = hour if hour <= 12 else hour - 12
    return f"{period}{'两' if short == 2 else write_number(short)}点"


def said_clock(hour: int, minute: int) -> str:
    """A time of day as people say it.

    >>> said_clock(15, 15), said_clock(20, 30), said_clock(9, 40)
    ('下午三点一刻', '晚上八点半', '上午九点四十')
    """
    tail = {0: "", 15: "一刻", 30: "半", 45: "三刻"}.get(minute)
    return said_hour(hour) + (write_number(minute) if tail is None else tail)


def plain(calls: Sequence[Call]) -> list[tuple[str, dict[str, Any]]]:
    """The right values alone."""
    return [(name, {key: copy.deepcopy(arg.value) for key, arg in args.items()}) for name, args in calls]


def expected(calls: Sequence[Call]) -> list[Table]:
    """The expectation as a check takes it."""
    return [{"name": name, "args": {k: dict(arg.matcher) for k, arg in args.items()}} for name, args in calls]


def alter(calls: Sequence[Call], place: int = 0, /, **changes: Any) -> list[tuple[str, dict[str, Any]]]:
    """The right calls with arguments of one call changed; None takes the argument out."""
    changed = plain(calls)
    arguments = changed[place][1]
    for key, value in changes.items():
        if value is None:
            arguments.pop(key, None)
        else:
            arguments[key] = value
    return changed


def specimen(
    calls: Sequence[tuple[str, dict[str, Any]]] = (),
    verdict: str = "",
    note: str = "",
    answer: str = "",
    **more: Any,
) -> Table:
    """An answer kept with an item; `verdict` names a criterion that it fails."""
    made: Table = {"answer": answer, "origin": "written", **more}
    if calls:
        made["tool_calls"] = [
            {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False), "id": f"call_{n}"}
            for n, (name, arguments) in enumerate(calls)
        ]
    if verdict:
        made["verdicts"] = {verdict: "not_met"}
    if note:
        made["note"] = note
    return made


def near_misses(calls: Sequence[Call]) -> list[Table]:
    """For each argument a wrong value and the argument left out; a call dropped, doubled, only told of."""
    made = []
    right = plain(calls)
    for n, (name, args) in enumerate(calls):
        for key, arg in args.items():
            found = next(iter(wrong_values(arg.matcher, arg.value)), None)
            if found is not None:
                made.append(
                    specimen(alter(calls, n, **{key: found[1]}), "calls", f"{name}.{key}: {found[0]}")
                )
    first = next(iter(calls[0][1]), "")
    if first:
        made.append(specimen(alter(calls, 0, **{first: None}), "calls", f"{first} 没有传"))
    made.append(specimen(alter(calls, 0, 备用参数="有"), "calls", "多传一个没有定义的参数"))
    if len(right) > 1:
        made.append(specimen(right[:-1], "calls", "少一个调用"))
        made.append(specimen([*right, right[0]], "calls", "重复一个调用"))
    else:
        made.append(specimen([right[0], right[0]], "calls", "同一个调用做了两次"))
    made.append(specimen((), "calls", "只说不做", answer="好的，我这就去办。"))
    made.append(specimen((), "calls", "调用写到一半", answer=array_text(right)[:-4]))
    return made


def calls_criterion(calls: Sequence[Call], said: str, **parameters: Any) -> Table:
    """The criterion that expects these calls and no others."""
    return {"id": "calls", "text": said, "check": {"calls_match": {"calls": expected(calls), **parameters}}}


def call_item(
    prompt: str,
    tools: Sequence[Table],
    calls: Sequence[Call],
    *,
    difficulty: int,
    reason: str,
    said: str = "按用户的话调用工具：工具、每个参数和次数都对，没有多余的调用",
    asof: date | None = None,
    wrong: Sequence[tuple[str, Sequence[tuple[str, dict[str, Any]]]]] = (),
    also: Sequence[tuple[str, Sequence[tuple[str, dict[str, Any]]]]] = (),
    twin: Table | None = None,
    **parameters: Any,
) -> Table:
    """An item of one turn that expects calls, with right answers in both modes and near misses."""
    right = plain(calls)
    specimens = [
        specimen(right, note="服务端的调用"),
        specimen((), note="提示词约定的数组", answer=array_text(right)),
        *(specimen(list(made), note=note) for note, made in also),
        *near_misses(calls),
        *(specimen(list(made), "calls", note) for note, made in wrong),
    ]
    table: Table = {
        "prompt": prompt,
        "tools": list(tools),
        "row": "calls",
        "difficulty": difficulty,
        "difficulty_reason": reason,
        "criterion": [calls_criterion(calls, said, **parameters)],
        "specimen": specimens,
    }
    if asof is not None:
        table["asof"] = asof.isoformat()
    if twin is not None:
        table["twins"] = [twin]
    return table


def no_call_twin(
    prompt: str, answer: str, facts: Sequence[Table], wrong_call: tuple[str, dict[str, Any]]
) -> Table:
    """The same tools with a question that needs none of them."""
    return {
        "role": "twin",
        "prompt": prompt,
        "turns": [],
        "criterion": [
            {
                "id": "calls",
                "text": "不调用任何工具，直接答出来",
                "check": {"no_call": {"facts": list(facts)}},
            }
        ],
        "specimen": [
            specimen((), answer=answer),
            specimen([wrong_call], "calls", "不该调用"),
            specimen((), "calls", "没有作答", answer="好的。"),
        ],
    }


def ask_twin(
    prompt: str,
    slot: str,
    aliases: Sequence[str],
    question: str,
    made_up: Sequence[tuple[str, dict[str, Any]]],
) -> Table:
    """The same request with something missing that must be asked for."""
    return {
        "role": "twin",
        "prompt": prompt,
        "turns": [],
        "criterion": [
            {
                "id": "calls",
                "text": f"缺少“{slot}”，先问清楚，不调用工具，也不替用户假定",
                "check": {"asks_for": {"slot": slot, "aliases": list(aliases)}},
            }
        ],
        "specimen": [
            specimen((), answer=question),
            specimen(list(made_up), "calls", "编造后直接调用"),
            specimen((), "calls", "什么也没问", answer="好的，马上为您办理。"),
            specimen((), "calls", "问的是别的", answer="好的，您还有其他要求吗？"),
        ],
    }


def pick(options: Sequence[Any], family: str, seed: int, slot: str) -> Any:
    """One option by the hash of family, seed and slot."""
    return draw(options, family, seed, slot)
