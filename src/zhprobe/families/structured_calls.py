"""Call families about how many calls and which: parallel, all but one, two users, none, one of many, ask first."""

from __future__ import annotations

from datetime import timedelta

from zhprobe.families.call_dialogues import Said, dialogue_item, played, stepwise
from zhprobe.families.call_items import (
    A_DATE,
    Call,
    Table,
    a_number,
    a_string,
    alter,
    ask_twin,
    call_item,
    calls_criterion,
    contains,
    day,
    exact,
    near_misses,
    number,
    pick,
    plain,
    said_today,
    specimen,
    text,
    today,
    tool,
)
from zhprobe.families.registry import draw_integer, family
from zhprobe.families.structured_time import BOOK_ROOM, CITIES, GET_WEATHER, NAMES


@family
def call_parallel(seed: int) -> Table:
    """Two cities on two days: four calls."""
    name = "call_parallel"
    when = today(name, seed)
    start = draw_integer(len(CITIES), name, seed, "city")
    one, two = CITIES[start], CITIES[(start + 3) % len(CITIES)]
    ask = pick(
        [
            "{a}和{b}明后两天的天气都查一下。",
            "明天、后天，{a}跟{b}天气分别怎么样？",
            "我明后天在{a}、{b}两地跑，天气都查出来。",
            "查{a}、{b}，明天和后天，各查一次。",
        ],
        name,
        seed,
        "phrase",
    ).format(a=one, b=two)
    days = [when + timedelta(days=n) for n in (1, 2)]
    calls: list[Call] = [
        ("get_weather", {"city": text(c, c + "市"), "date": day(d)}) for c in (one, two) for d in days
    ]
    table = call_item(
        said_today(when) + ask + "（每次只能查一个城市的一天。）",
        [GET_WEATHER],
        calls,
        asof=when,
        difficulty=3,
        reason="两个城市乘两天，要四个不同的调用",
        also=[("换个次序", plain(calls)[::-1])],
        wrong=[("同一个查了四遍", [plain(calls)[0]] * 4), ("城市与日期只配成两对", plain(calls)[::3])],
    )
    return stepwise(table, calls, {"get_weather": {"天气": "多云", "气温": "12～19℃"}})


NOTIFY = tool("notify", "给一位同事发通知", person=a_string("姓名"), text=a_string("通知内容"))


@family
def call_all_but_one(seed: int) -> Table:
    """除了某人都通知: everyone but one."""
    name = "call_all_but_one"
    start = draw_integer(len(NAMES), name, seed, "people")
    people = [NAMES[(start + n) % len(NAMES)] for n in range(4)]
    left_out = pick(people, name, seed, "out")
    body, words = pick(
        [
            ("周会改到三楼", ["三楼"]),
            ("今晚系统停机维护", ["停机"]),
            ("报销单月底前交", ["报销"]),
            ("体检名单要补材料", ["材料"]),
        ],
        name,
        seed,
        "body",
    )
    ask = pick(
        [
            "项目组有{p}四个人。除了{x}，其余的人都发通知：{b}。",
            "组里四个人：{p}。{x}已经知道了，另外几位逐个通知一下：{b}。",
            "通知{p}这四位里{x}以外的每个人：{b}。",
            "{p}四个人里，{x}不用通知，其余的逐个通知：{b}。",
        ],
        name,
        seed,
        "phrase",
    ).format(p="、".join(people), x=left_out, b=body)
    calls: list[Call] = [
        ("notify", {"person": exact(p), "text": contains(body, *words)}) for p in people if p != left_out
    ]
    extra = ("notify", {"person": left_out, "text": body})
    table = call_item(
        ask,
        [NOTIFY],
        calls,
        difficulty=2,
        reason="要从名单里去掉一个人，再逐个调用",
        wrong=[("把不该通知的人也通知了", [*plain(calls), extra])],
    )
    return stepwise(table, calls, {"notify": {"状态": "已发送"}})


@family
def call_two_users(seed: int) -> Table:
    """Two people, two amounts: arguments must not be crossed."""
    name = "call_two_users"
    start = draw_integer(len(NAMES), name, seed, "people")
    one, two = NAMES[start], NAMES[(start + 5) % len(NAMES)]
    first = 1000 + 100 * draw_integer(40, name, seed, "first")
    second = first + 100 * (1 + draw_integer(9, name, seed, "second"))
    pay = tool(
        "pay_bonus",
        "给员工发奖金",
        person=a_string("姓名"),
        amount=a_number("金额，单位：元"),
        note=a_string("事由"),
    )
    ask = pick(
        [
            "{a}的奖金是{x}元，事由是全勤；{b}的是{y}元，事由是带教。都发了吧。",
            "发奖金：{a}全勤，{x}元；{b}带教，{y}元。",
            "全勤奖{x}元给{a}，带教奖{y}元给{b}，一起发。",
            "给{b}发带教奖{y}元，另外{a}全勤，发{x}元。",
        ],
        name,
        seed,
        "phrase",
    ).format(a=one, b=two, x=first, y=second)
    calls: list[Call] = [
        ("pay_bonus", {"person": exact(one), "amount": number(first), "note": contains("全勤", "全勤")}),
        ("pay_bonus", {"person": exact(two), "amount": number(second), "note": contains("带教", "带教")}),
    ]
    crossed = plain(calls)
    crossed[0][1]["amount"], crossed[1][1]["amount"] = second, first
    table = call_item(
        ask,
        [pay],
        calls,
        difficulty=2,
        reason="两个人的金额和事由不能张冠李戴",
        wrong=[("金额互换", crossed)],
    )
    return stepwise(table, calls, {"pay_bonus": {"状态": "已发放"}})


# (question, answer, a fact the answer must hold): written for this suite
QUESTIONS = (
    ("唐朝和宋朝中间隔着哪一段时期？简单说说。", "中间隔着五代十国，中原先后有五个短命的朝代。", "五代"),
    ("“画龙点睛”里点的是龙的什么部位？", "点的是眼睛，点上之后龙就飞走了。", "眼"),
    ("水在标准大气压下烧到多少摄氏度会开？", "标准大气压下，水到100摄氏度沸腾。", "100"),
    ("《红楼梦》里林黛玉住在大观园的哪一处？", "林黛玉住在潇湘馆。", "潇湘馆"),
    ("一刻钟等于多少分钟？", "一刻钟是15分钟。", "15"),
    ("我国最长的河流是哪一条？", "是长江，全长六千三百多公里。", "长江"),
    ("农历八月十五过的是什么节？", "农历八月十五是中秋节。", "中秋"),
    ("“刻舟求剑”里的人把记号刻在了哪里？", "刻在船边，剑掉下去的地方。", "船"),
)


@family
def call_none(seed: int) -> Table:
    """A question that none of the tools is for; the twin is a request that one of them is for."""
    name = "call_none"
    question, answer, fact = (
        QUESTIONS[(seed - 1) % len(QUESTIONS)] if seed <= 8 else pick(QUESTIONS, name, seed, "q")
    )
    when = today(name, seed)
    city = pick(CITIES, name, seed, "city")
    facts = [{"number": int(fact)}] if fact.isdigit() else [{"name": fact}]
    calls: list[Call] = [("get_weather", {"city": text(city, city + "市"), "date": day(when)})]
    stray = ("get_weather", {"city": city, "date": when.isoformat()})
    twin: Table = {
        "role": "twin",
        "prompt": said_today(when) + f"{city}今天天气怎么样？简单说说。",
        "criterion": [calls_criterion(calls, "查当天的天气，参数都对")],
        "specimen": [specimen(plain(calls)), *near_misses(calls)],
    }
    return {
        "prompt": said_today(when) + question,
        "tools": [GET_WEATHER, BOOK_ROOM],
        "row": "calls",
        "difficulty": 1,
        "difficulty_reason": "工具都用不上，直接回答就行",
        "asof": when.isoformat(),
        "criterion": [
            {"id": "none", "text": "不调用工具，直接答对问题", "check": {"no_call": {"facts": facts}}}
        ],
        "specimen": [
            specimen((), answer=answer),
            specimen((), answer="简单说，" + answer),
            specimen((), "none", "只给一个空数组", answer="[]"),
            specimen([stray], "none", "不该查天气", answer=answer),
            specimen((), "none", "没有答", answer="这个问题我来帮您看看。"),
            specimen((), "none", "调用没写完", answer='[{"name": "get_weather", "arguments": {"city": "'),
        ],
        "twins": [twin],
    }


BOOK_TRAIN = tool(
    "book_train", "订火车票", origin=a_string("出发城市"), destination=a_string("到达城市"), date=A_DATE
)


@family
def call_ask_missing(seed: int) -> Table:
    """The place of departure is missing: ask, then book with the answer."""
    name = "call_ask_missing"
    when = today(name, seed)
    start = draw_integer(len(CITIES), name, seed, "city")
    to, origin = CITIES[start], CITIES[(start + 4) % len(CITIES)]
    word, days = pick([("明天", 1), ("后天", 2), ("大后天", 3)], name, seed, "day")
    ask = pick(
        [
            "帮我订一张{d}去{c}的火车票。",
            "{d}去{c}，坐火车，订一张票。",
            "我{d}要坐火车到{c}，买张票。",
            "订票：{d}，火车，到{c}。",
        ],
        name,
        seed,
        "phrase",
    ).format(d=word, c=to)
    calls: list[Call] = [
        (
            "book_train",
            {
                "origin": text(origin, origin + "市"),
                "destination": text(to, to + "市"),
                "date": day(when + timedelta(days=days)),
            },
        )
    ]
    names = ["出发", "从哪", "从何处", "从什么地方", "始发", "起点", "哪里上车", "哪个站上车", "城市上车"]
    criteria = [
        {
            "id": "asks",
            "text": "先问出发地，不替用户假定，也不调用工具",
            "check": {"asks_for": {"slot": "出发城市", "aliases": names, "turn": 0}},
        },
        calls_criterion(calls, "得知出发地后，按对话里的信息订票", turn=1),
    ]
    table = dialogue_item(
        said_today(when) + ask,
        [BOOK_TRAIN],
        criteria,
        asof=when,
        difficulty=3,
        reason="缺了必填的出发地，要先问再订，并把前后两句合起来",
        turns=[
            {"results": {"book_train": {"状态": "已出票"}}},
            {"when": "asks", "user": f"从{origin}走。"},
        ],
    )
    right = plain(calls)
    question: Said = ("请问您从哪个城市出发？", [])
    done: Said = ("票订好了。", [])
    table["specimen"] = [
        played(table, [question, ("", right), done]),
        played(table, [("好的，还需要知道您的出发城市，例如西安。请告诉我。", []), ("", right), done]),
        played(table, [("请问要几点的车？", []), ("", right), done], "asks", "问的是别的"),
        played(
            table, [("好的，默认从北京出发。请问要几点的车？", []), ("", right), done], "asks", "替用户假定"
        ),
        played(table, [("", alter(calls, origin="北京"))], ["asks", "calls"], "编造出发地直接订"),
        *(
            played(table, [question, ("", list(wrong)), done], "calls", note)
            for wrong, note in (
                (alter(calls, origin=to, destination=origin), "出发到达颠倒"),
                (alter(calls, destination="新" + to), "到达地不对"),
                (alter(calls, origin="新" + origin), "出发地不对"),
                (alter(calls, date=when.isoformat()), "日期不对"),
                (alter(calls, 备用参数="有"), "多了参数"),
                ([*right, *right], "订了两次"),
            )
        ),
    ]
    return table


# Look-alike tools: name, what it does, and a request that wants just this one.
ORDER_TOOLS = (
    ("query_order_status", "查询订单走到哪一步（待付款、已发货、已签收等）", "订单{i}现在到哪一步了？"),
    ("query_order_items", "查询订单里有哪些商品、各几件", "订单{i}里都买了些什么？"),
    ("query_order_amount", "查询订单的应付、优惠和实付金额", "订单{i}最后实付多少？"),
    ("query_refund_progress", "查询退款办到哪一步，不能发起退款", "订单{i}的退款办得怎么样了？"),
    ("apply_refund", "发起退款申请", "订单{i}我不要了，钱退给我。"),
    ("query_invoice", "查询订单的发票开没开、票号", "订单{i}的发票开出来了吗？"),
    ("apply_invoice", "为订单申请开发票", "给订单{i}开张发票。"),
    ("query_delivery_address", "查询订单的收货地址，不能修改", "订单{i}是寄到哪个地址的？"),
    ("urge_delivery", "催促商家或快递尽快送货", "订单{i}怎么还没到，催一催。"),
)


@family
def call_look_alikes(seed: int) -> Table:
    """Nine tools that differ in one capability."""
    name = "call_look_alikes"
    wanted = (
        ORDER_TOOLS[(seed * 2) % len(ORDER_TOOLS)] if seed < 1000 else pick(ORDER_TOOLS, name, seed, "tool")
    )
    order = f"D{pick('ABCDEFGH', name, seed, 'letter')}{10000 + draw_integer(89999, name, seed, 'order')}"
    tools = [tool(n, d, order_id=a_string("订单号")) for n, d, _ in ORDER_TOOLS]
    opening = pick(["你好，", "麻烦看下，", "", "请问一下，"], name, seed, "phrase")
    calls: list[Call] = [(wanted[0], {"order_id": exact(order)})]
    others = [(n, [(n, {"order_id": order})]) for n, _, _ in ORDER_TOOLS if n != wanted[0]]
    return call_item(
        opening + wanted[2].format(i=order),
        tools,
        calls,
        difficulty=2,
        reason="九个工具名字相近，只差能做的事",
        wrong=[(f"误用 {n}", made) for n, made in others[:4]],
        twin=ask_twin(
            opening + wanted[2].format(i="").replace("订单的", "我那个订单的").replace("订单", "我的订单", 1)
            if "订单的" not in wanted[2].format(i="")
            else opening + wanted[2].format(i="").replace("订单的", "我那个订单的"),
            "订单号",
            ["订单号", "订单编号", "订单ID", "哪个订单", "哪一个订单", "哪笔", "哪一笔", "单号", "哪一单"],
            "请提供一下订单号。",
            [(wanted[0], {"order_id": "D00001"})],
        ),
    )
