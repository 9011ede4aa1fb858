"""Call families in a world: corrections, relative changes, a free room, a busy bank."""

from __future__ import annotations

from datetime import timedelta

from zhprobe.families.call_dialogues import (
    DONE,
    Said,
    dialogue_item,
    played,
    report_criterion,
    state_criterion,
)
from zhprobe.families.call_items import (
    A_CLOCK,
    A_DATE,
    Table,
    a_number,
    a_string,
    pick,
    said_clock,
    said_today,
    today,
    tool,
)
from zhprobe.families.registry import draw_integer, family
from zhprobe.families.structured_time import NAMES, WEEK

CALENDAR = [
    tool("add_event", "新建日程", title=a_string("标题"), date=A_DATE, start=A_CLOCK),
    tool(
        "update_event",
        "修改已有日程，只传要改的字段",
        ("title", "date", "start"),
        id=a_string("日程编号，如 E1"),
        title=a_string("标题"),
        date=A_DATE,
        start=A_CLOCK,
    ),
    tool("cancel_event", "取消日程", id=a_string("日程编号")),
    tool("list_events", "列出日程，可按日期筛选", ("date",), date=A_DATE),
]
ROOMS = [
    tool(
        "find_rooms",
        "查某一天某个时间空着的会议室",
        date=A_DATE,
        start=A_CLOCK,
        min_seats=a_number("至少几个座位", "integer"),
    ),
    tool("book_room", "预订会议室", room=a_string("会议室名称"), date=A_DATE, start=A_CLOCK),
    tool("release_room", "取消会议室预订", room=a_string("会议室名称"), date=A_DATE, start=A_CLOCK),
]
BANK = [
    tool("query_balance", "查询账户余额，单位：元", account=a_string("账户名")),
    tool(
        "transfer",
        "在账户之间转账",
        **{"from": a_string("转出账户"), "to": a_string("转入账户"), "amount": a_number("金额，单位：元")},
    ),
]


@family
def call_override(seed: int) -> Table:
    """An appointment is made, then moved: the old one must not stay."""
    name = "call_override"
    when = today(name, seed)
    person = pick(NAMES, name, seed, "person")
    topic = pick(["看房", "试车", "面谈", "验收"], name, seed, "topic")
    first, second = 4, pick([0, 1, 2], name, seed, "second")
    hour = pick([9, 10, 14, 15], name, seed, "hour")
    monday = when - timedelta(days=when.weekday()) + timedelta(weeks=1)
    old, new = monday + timedelta(days=first), monday + timedelta(days=second)
    said = said_clock(hour, 0)
    ask = pick(
        [
            "下周五{t}约{p}{x}，记进日历。",
            "帮我在日历里约{p}{x}：下周五{t}。",
            "下周五{t}跟{p}{x}，加个日程。",
            "日历加一条，{p}，{x}，下周五{t}。",
        ],
        name,
        seed,
        "phrase",
    ).format(t=said, p=person, x=topic)
    title = f"{person}{topic}"
    goal = {"/events/E1/date": new.isoformat(), "/events/E1/start": f"{hour:02d}:00"}
    table = dialogue_item(
        said_today(when) + "（一周从星期一算起）" + ask,
        CALENDAR,
        [
            state_criterion(
                "日历里只有改过的那一条，日期改对，时间不变", goal, may_change=["/events/E1"], writes=2
            )
        ],
        asof=when,
        difficulty=4,
        reason="后一句只说了改什么，要记得前一句，还不能留下旧的",
        turns=[{"user": f"改到下周{WEEK[second]}同一时间吧。"}],
        world={"name": "calendar", "state": {"events": {}}},
    )
    add = [("add_event", {"title": title, "date": old.isoformat(), "start": f"{hour:02d}:00"})]
    moved = [("update_event", {"id": "E1", "date": new.isoformat()})]
    again = [("add_event", {"title": title, "date": new.isoformat(), "start": f"{hour:02d}:00"})]
    spare = [("add_event", {"title": title, "date": new.isoformat(), "start": "20:00"})]
    late = [("update_event", {"id": "E1", "date": (new + timedelta(weeks=1)).isoformat()})]
    shifted = [("update_event", {"id": "E1", "date": new.isoformat(), "start": f"{(hour + 1):02d}:00"})]
    opening = [("", add), ("已加进日历。", [])]
    table["specimen"] = [
        played(table, [*opening, ("", moved), DONE]),
        played(table, [*opening, ("", [("list_events", {})]), ("", moved), DONE], note="先看一眼日历"),
        played(table, [*opening, ("", again), DONE], "state", "新增一条，旧的没删"),
        played(table, [*opening, ("", late), DONE], "state", "改错了周"),
        played(table, [*opening, ("", [*moved, *spare]), DONE], "state", "改了，又多加一条"),
        played(table, [*opening, ("", shifted), DONE], "state", "时间也改了"),
        played(table, [*opening, DONE], "state", "只说改好了，没有改"),
    ]
    return table


@family
def call_shift(seed: int) -> Table:
    """提前半小时: a change relative to what the calendar holds."""
    name = "call_shift"
    when = today(name, seed)
    start = draw_integer(len(NAMES), name, seed, "people")
    one, two = NAMES[start], NAMES[(start + 2) % len(NAMES)]
    hour = pick([10, 14, 15, 16], name, seed, "hour")
    word, minutes = pick(
        [("提前半小时", -30), ("推迟一刻钟", 15), ("往后挪一个半小时", 90), ("提前三刻钟", -45)],
        name,
        seed,
        "shift",
    )
    tomorrow = when + timedelta(days=1)
    moved = hour * 60 + minutes
    goal = {"/events/E2/start": f"{moved // 60:02d}:{moved % 60:02d}"}
    ask = pick(
        [
            "把明天跟{p}的会{w}。",
            "明天和{p}那个会，{w}吧。",
            "{p}明天的会{w}，帮我改一下。",
            "我跟{p}约的明天那场，{w}。",
        ],
        name,
        seed,
        "phrase",
    ).format(p=two, w=word)
    events = {
        "E1": {"title": f"与{one}开会", "date": tomorrow.isoformat(), "start": f"{hour - 1:02d}:00"},
        "E2": {"title": f"与{two}开会", "date": tomorrow.isoformat(), "start": f"{hour:02d}:00"},
        "E3": {
            "title": f"与{two}复盘",
            "date": (when + timedelta(days=6)).isoformat(),
            "start": f"{hour:02d}:00",
        },
    }
    table = dialogue_item(
        said_today(when) + ask,
        CALENDAR,
        [state_criterion("只改了该改的那一条，新的开始时间算对", goal, writes=1)],
        asof=when,
        difficulty=4,
        reason="要先查原来的时间，再算出新的时间",
        world={"name": "calendar", "state": {"events": events}},
    )
    look: Said = ("", [("list_events", {"date": tomorrow.isoformat()})])
    right = [("update_event", {"id": "E2", "start": goal["/events/E2/start"]})]
    other = hour * 60 - minutes
    table["specimen"] = [
        played(table, [look, ("", right), DONE]),
        played(table, [("", [("list_events", {})]), ("", right), DONE]),
        played(
            table,
            [
                look,
                ("", [("update_event", {"id": "E2", "start": f"{other // 60:02d}:{other % 60:02d}"})]),
                DONE,
            ],
            "state",
            "方向反了",
        ),
        played(
            table,
            [look, ("", [("update_event", {"id": "E1", "start": goal["/events/E2/start"]})]), DONE],
            "state",
            "改错了人",
        ),
        played(table, [look, ("", [*right, ("cancel_event", {"id": "E3"})]), DONE], "state", "另外删了一条"),
        played(table, [look, DONE], "state", "看了没改"),
    ]
    return table


@family
def call_free_room(seed: int) -> Table:
    """Find a free room that is large enough, then book it; say which."""
    name = "call_free_room"
    when = today(name, seed)
    target = when + timedelta(days=pick([1, 2], name, seed, "day"))
    hour = pick([9, 10, 14, 15], name, seed, "hour")
    need = pick([12, 16, 20], name, seed, "need")
    start = f"{hour:02d}:00"
    names = [pick(("听雨轩", "松风厅", "揽月阁"), name, seed, "room"), "大会堂", "小茶室"]
    rooms = {names[0]: need + 2, names[1]: 80, names[2]: 6}
    taken = {"room": names[1], "date": target.isoformat(), "start": start}
    word = "明天" if (target - when).days == 1 else "后天"
    ask = pick(
        [
            "{d}{t}找一间坐得下{n}个人、空着的会议室，订上，告诉我是哪间。",
            "{n}个人开会，{d}{t}，有空的会议室帮我订一间，订好说一声是哪间。",
            "{d}{t}要开会，{n}人，挑间坐得下又没人用的会议室订了，告诉我名字。",
            "帮忙订会议室：{d}{t}，{n}人。订的是哪间要告诉我。",
        ],
        name,
        seed,
        "phrase",
    ).format(d=word, t=said_clock(hour, 0), n=need)
    booking = {"room": names[0], "date": target.isoformat(), "start": start}
    table = dialogue_item(
        said_today(when) + ask,
        ROOMS,
        [
            state_criterion(
                "订到唯一合适的那一间，别的预订没有动", {"/bookings": [taken, booking]}, writes=1
            ),
            report_criterion("说出订的是哪一间", {"name": names[0]}),
        ],
        asof=when,
        difficulty=3,
        reason="要先查空房，再从结果里挑出坐得下的一间",
        world={"name": "rooms", "state": {"rooms": rooms, "bookings": [taken]}},
    )
    look: Said = ("", [("find_rooms", {"date": target.isoformat(), "start": start, "min_seats": need})])
    book = ("", [("book_room", booking)])
    told: Said = (f"已订好{names[0]}。", [])
    wrong_time = ("", [("book_room", booking | {"start": f"{hour + 1:02d}:00"})])
    table["specimen"] = [
        played(table, [look, book, told]),
        played(table, [look, book, (f"订好了，{word}用的是“{names[0]}”。", [])]),
        played(
            table, [look, ("", [("book_room", booking | {"room": names[2]})]), told], "state", "订了坐不下的"
        ),
        played(table, [look, wrong_time, told], "state", "时间不对"),
        played(table, [look, ("", [*book[1], ("release_room", taken)]), told], "state", "把别人的退了"),
        played(table, [look, told], "state", "没订就说订好"),
        played(table, [look, book, ("订好了。", [])], "report", "没说是哪间"),
    ]
    return table


@family
def call_busy_retry(seed: int) -> Table:
    """The balance query fails once; the transfer must wait for its result, and be made once."""
    name = "call_busy_retry"
    balance = 4000 + 10 * draw_integer(300, name, seed, "balance")
    amount = 500 + 10 * draw_integer(100, name, seed, "amount")
    target = pick(["房租账户", "学费账户", "旅行账户", "车贷账户"], name, seed, "to")
    ask = pick(
        [
            "看看活期账户还有多少钱，够的话转{a}元到{t}，最后告诉我活期剩多少。",
            "从活期往{t}转{a}元，先查余额够不够，转完说一下活期还剩多少。",
            "活期的钱够不够先查查，够就往{t}转{a}元，转好之后报一下活期余额。",
            "先查活期余额；够就转{a}元到{t}；再告诉我活期剩下多少。",
        ],
        name,
        seed,
        "phrase",
    ).format(a=amount, t=target)
    accounts = {"活期": balance, target: 0}
    goal = {"/transfers": [{"from": "活期", "to": target, "amount": amount}]}
    table = dialogue_item(
        ask + "（账户名：活期、" + target + "）",
        BANK,
        [
            state_criterion(
                "只转了一次，金额和方向都对", goal, may_change=["/accounts", "/transfers"], writes=1
            ),
            report_criterion("报出转账后的活期余额", {"number": balance - amount}),
        ],
        difficulty=4,
        reason="查询第一次会失败，要再试；转账不能重复",
        world={
            "name": "bank",
            "state": {"accounts": accounts, "transfers": []},
            "busy": {"query_balance": 1},
        },
    )
    look: Said = ("", [("query_balance", {"account": "活期"})])
    pay = ("", [("transfer", {"from": "活期", "to": target, "amount": amount})])
    back = ("", [("transfer", {"from": target, "to": "活期", "amount": amount})])
    told: Said = (f"已转{amount}元，活期还剩{balance - amount}元。", [])
    table["specimen"] = [
        played(table, [look, look, pay, told]),
        played(table, [look, look, pay, look, told], note="转完再查一次"),
        played(table, [look, look, pay, pay, told], "state", "转了两次"),
        played(
            table,
            [look, look, ("", [("transfer", {"from": "活期", "to": target, "amount": amount * 10})]), told],
            "state",
            "多了一个零",
        ),
        played(table, [look, ("系统忙，没有办成。", [])], ["state", "report"], "失败一次就放弃"),
        played(table, [look, look, told], "state", "没转就说转了"),
        played(table, [look, look, pay, back, told], "state", "又转了回来"),
        played(table, [look, look, pay, (f"已转{amount}元。", [])], "report", "没有报余额"),
    ]
    return table
