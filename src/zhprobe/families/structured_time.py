"""Call families about dates and times: 明天, 下周五, 十二天后, 下午三点一刻, 两个半小时, 3到5号, 端午前一天."""

from __future__ import annotations

from datetime import date, timedelta

from zhprobe.families.call_dialogues import stepwise
from zhprobe.families.call_items import (
    A_CLOCK,
    A_DATE,
    Table,
    a_string,
    alter,
    ask_twin,
    call_item,
    clock,
    contains,
    day,
    no_call_twin,
    pick,
    said_clock,
    said_hour,
    said_today,
    text,
    today,
    tool,
)
from zhprobe.families.registry import draw_integer, family
from zhprobe.text.numbers import write_number

CITIES = ("兰州", "三亚", "哈尔滨", "泉州", "洛阳", "景德镇", "大理", "青岛", "赣州", "拉萨")
ROOMS = ("三号会议室", "蓝厅", "七楼小会议室", "梧桐厅", "二号洽谈室", "望江厅")
NAMES = ("李书瑶", "欧阳承宇", "司马嘉懿", "陈一鸣", "诸葛明远", "何静姝", "上官若溪", "赵启航")
GET_WEATHER = tool("get_weather", "查询某个城市某一天的天气", city=a_string("城市名"), date=A_DATE)
BOOK_ROOM = tool("book_room", "预订会议室", room=a_string("会议室名称"), date=A_DATE, start=A_CLOCK)
ADD_REMINDER = tool("add_reminder", "新建一条提醒", date=A_DATE, text=a_string("提醒内容"))
SET_ALARM = tool("set_alarm", "设一个闹钟", date=A_DATE, time=A_CLOCK)
WEEK = "一二三四五"


@family
def call_relative_day(seed: int) -> Table:
    """明天, 后天, 大后天 of a stated day."""
    name = "call_relative_day"
    when = today(name, seed)
    city = pick(CITIES, name, seed, "city")
    word, days = pick([("明天", 1), ("后天", 2), ("大后天", 3)], name, seed, "day")
    ask = pick(
        [
            "帮我查一下{c}{d}的天气。",
            "{d}我要去{c}，那边天气怎么样？",
            "看看{c}{d}会不会下雨。",
            "{c}{d}冷不冷，查查看。",
        ],
        name,
        seed,
        "phrase",
    ).format(c=city, d=word)
    target = when + timedelta(days=days)
    calls = [("get_weather", {"city": text(city, city + "市"), "date": day(target)})]
    slashed = f"{target.year}/{target.month}/{target.day}"
    return call_item(
        said_today(when) + ask,
        [GET_WEATHER],
        calls,
        asof=when,
        difficulty=1,
        reason="一个工具，日期差一到三天",
        also=[("城市带“市”字", alter(calls, city=city + "市"))],
        wrong=[("格式不对", alter(calls, date=slashed)), ("查成了当天", alter(calls, date=when.isoformat()))],
        twin=no_call_twin(
            said_today(when) + "一年里白天最长的是哪个节气？",
            "是夏至，北半球这一天白天最长。",
            [{"name": "夏至"}],
            ("get_weather", {"city": city, "date": target.isoformat()}),
        ),
    )


@family
def call_week_offset(seed: int) -> Table:
    """本周X, 下周X, 下下周X: weeks start on Monday."""
    name = "call_week_offset"
    when = today(name, seed)
    weeks, word = pick([(1, "下周"), (2, "下下周"), (1, "下周")], name, seed, "weeks")
    target_day = draw_integer(5, name, seed, "target")
    target = when + timedelta(days=weeks * 7 + target_day - when.weekday())
    room = pick(ROOMS, name, seed, "room")
    hour = pick([9, 10, 14, 15, 16], name, seed, "hour")
    said = f"{word}{WEEK[target_day]}{said_hour(hour)}"
    ask = pick(
        [
            "{s}在{r}开项目例会，帮我订上。",
            "帮忙订{r}，{s}，项目例会用。",
            "{r}，{s}，给我订一下，开例会。",
            "项目例会定在{s}，地点{r}，请预订会议室。",
        ],
        name,
        seed,
        "phrase",
    ).format(s=said, r=room)
    calls = [("book_room", {"room": text(room), "date": day(target), "start": clock(hour)})]
    return call_item(
        said_today(when) + "（一周从星期一算起）" + ask,
        [BOOK_ROOM],
        calls,
        asof=when,
        difficulty=3,
        reason="要按星期推算日期，并把口语的钟点写成 24 小时制",
        wrong=[
            ("早了一周", alter(calls, date=(target - timedelta(weeks=1)).isoformat())),
            ("时间带秒", alter(calls, start=f"{hour:02d}:00:00")),
        ],
        twin=ask_twin(
            said_today(when) + f"（一周从星期一算起）帮我订{room}，{word}{WEEK[target_day]}，开例会。",
            "开始时间",
            ["几点", "时间", "什么时候开始", "时段"],
            "请问例会几点开始？",
            [("book_room", {"room": room, "date": target.isoformat(), "start": "09:00"})],
        ),
    )


@family
def call_days_later(seed: int) -> Table:
    """N天后: tomorrow is one."""
    name = "call_days_later"
    when = today(name, seed)
    days = 8 + draw_integer(30, name, seed, "days")
    topic, words = pick(
        [
            ("交水费", ["水费"]),
            ("还图书馆的书", ["书"]),
            ("给车做保养", ["保养"]),
            ("换滤芯", ["滤芯"]),
            ("复查牙齿", ["牙"]),
        ],
        name,
        seed,
        "topic",
    )
    ask = pick(
        [
            "{n}天后提醒我{t}。",
            "过{n}天记得叫我{t}。",
            "我怕忘了{t}，{n}天以后提醒一下。",
            "设个提醒：{n}天后{t}。",
        ],
        name,
        seed,
        "phrase",
    ).format(n=write_number(days), t=topic)
    target = when + timedelta(days=days)
    calls = [("add_reminder", {"date": day(target), "text": contains(topic, *words)})]
    return call_item(
        said_today(when) + "（明天算一天后）" + ask,
        [ADD_REMINDER],
        calls,
        asof=when,
        difficulty=2,
        reason="跨月推算天数，容易把当天算进去",
        also=[("内容换个说法", alter(calls, text=f"记得{topic}"))],
        wrong=[("把当天算第一天", alter(calls, date=(target - timedelta(days=1)).isoformat()))],
    )


@family
def call_clock(seed: int) -> Table:
    """下午三点一刻, 晚上八点半."""
    name = "call_clock"
    when = today(name, seed)
    hour = pick([7, 8, 13, 14, 15, 17, 19, 20, 21], name, seed, "hour")
    minute = pick([15, 30, 45, 20], name, seed, "minute")
    said = said_clock(hour, minute)
    ask = pick(
        ["明天{s}叫我。", "帮我定个明天{s}的闹钟。", "明天{s}有事，到点响铃提醒。", "闹钟，明天，{s}。"],
        name,
        seed,
        "phrase",
    ).format(s=said)
    target = when + timedelta(days=1)
    calls = [("set_alarm", {"date": day(target), "time": clock(hour, minute)})]
    return call_item(
        said_today(when) + ask,
        [SET_ALARM],
        calls,
        asof=when,
        difficulty=1,
        reason="把一刻、半、三刻换成 24 小时制",
        wrong=[
            ("写成中文", alter(calls, time=said)),
            ("只写到整点", alter(calls, time=f"{hour:02d}:00")),
        ],
    )


CREATE_EVENT = tool(
    "create_event", "在日历上新建日程", title=a_string("标题"), date=A_DATE, start=A_CLOCK, end=A_CLOCK
)


@family
def call_duration_end(seed: int) -> Table:
    """A start and a length give the end: 两个半小时."""
    name = "call_duration_end"
    when = today(name, seed)
    hour = pick([9, 10, 13, 14, 15], name, seed, "hour")
    said, minutes = pick(
        [("两个半小时", 150), ("一个半小时", 90), ("三刻钟", 45), ("一小时二十分钟", 80), ("三个钟头", 180)],
        name,
        seed,
        "length",
    )
    topic = pick(["面试", "评审", "培训", "对账"], name, seed, "topic")
    start = said_clock(hour, pick([0, 15, 30], name, seed, "minute"))
    minute = pick([0, 15, 30], name, seed, "minute")
    finish = hour * 60 + minute + minutes
    ask = pick(
        [
            "今天{s}开始{t}，时长{l}，帮我占一下日历。",
            "{t}今天{s}开始，要{l}，记到日历里。",
            "日历上加一条：今天{s}{t}，一共{l}。",
            "今天{s}有{t}，持续{l}，替我排进日程。",
        ],
        name,
        seed,
        "phrase",
    ).format(s=start, t=topic, l=said)
    calls = [
        (
            "create_event",
            {
                "title": contains(topic, topic),
                "date": day(when),
                "start": clock(hour, minute),
                "end": clock(*divmod(finish, 60)),
            },
        )
    ]
    early = divmod(finish - 30, 60)
    return call_item(
        said_today(when) + ask,
        [CREATE_EVENT],
        calls,
        asof=when,
        difficulty=3,
        reason="结束时间没有说出来，要由时长算出",
        wrong=[("时长少算半小时", alter(calls, end=f"{early[0]:02d}:{early[1]:02d}"))],
    )


@family
def call_date_range(seed: int) -> Table:
    """3到5号: one call a day, both ends included."""
    name = "call_date_range"
    when = today(name, seed).replace(day=2)
    first = 4 + draw_integer(20, name, seed, "first")
    length = pick([3, 4], name, seed, "length")
    city = pick(CITIES, name, seed, "city")
    ask = pick(
        [
            "{c}这个月{a}到{b}号每天的天气都查一下。",
            "我{a}号到{b}号在{c}，把这几天的天气逐天查出来。",
            "查{c}本月{a}—{b}号的天气，一天一查。",
            "{a}到{b}号（这个月）{c}天气如何？每天都要。",
        ],
        name,
        seed,
        "phrase",
    ).format(c=city, a=first, b=first + length - 1)
    days = [when.replace(day=first + n) for n in range(length)]
    calls = [("get_weather", {"city": text(city, city + "市"), "date": day(d)}) for d in days]
    table = call_item(
        said_today(when) + ask + "（每次只能查一天，首尾两天都算。）",
        [GET_WEATHER],
        calls,
        asof=when,
        difficulty=3,
        reason="一句话要拆成好几个调用，首尾两天都不能漏",
    )
    return stepwise(table, calls, {"get_weather": {"天气": "多云", "气温": "12～19℃"}})


# Dates of festivals of the lunar calendar (GB/T 33661-2017), checked against lunar_python 1.4.8.
FESTIVALS = {
    "春节（正月初一）": (date(2026, 2, 17), date(2027, 2, 6)),
    "元宵节": (date(2026, 3, 3), date(2027, 2, 20)),
    "端午节": (date(2026, 6, 19), date(2027, 6, 9)),
    "七夕": (date(2026, 8, 19), date(2027, 8, 8)),
    "中秋节": (date(2026, 9, 25), date(2027, 9, 15)),
    "重阳节": (date(2026, 10, 18), date(2027, 10, 8)),
}


@family
def call_lunar_date(seed: int) -> Table:
    """The days around a festival of the lunar calendar."""
    name = "call_lunar_date"
    festival = pick(list(FESTIVALS), name, seed, "festival")
    solar = pick(FESTIVALS[festival], name, seed, "year")
    word, days = pick([("当天", 0), ("前一天", -1), ("后一天", 1), ("第二天", 1)], name, seed, "offset")
    topic = pick(["给爷爷打电话", "去取蛋糕", "寄贺卡", "给花浇水"], name, seed, "topic")
    target = solar + timedelta(days=days)
    ask = pick(
        [
            "{y}年{f}{w}提醒我{t}。",
            "设一条提醒：{y}年{f}{w}，{t}。",
            "{t}这件事，{y}年{f}{w}提醒我。",
            "请在{y}年{f}{w}提醒我{t}。",
        ],
        name,
        seed,
        "phrase",
    ).format(y=solar.year, f=festival, w=word, t=topic)
    calls = [
        (
            "add_reminder",
            {"date": day(target), "text": contains(topic, {"给花浇水": "浇"}.get(topic, topic[-2:]))},
        )
    ]
    when = date(2026, 1, 5)
    return call_item(
        said_today(when) + ask,
        [ADD_REMINDER],
        calls,
        asof=when,
        difficulty=5,
        reason="要记得农历节日在公历的哪一天，再前后推",
    )
