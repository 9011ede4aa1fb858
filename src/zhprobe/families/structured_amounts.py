"""Call families about money: capitals, spoken amounts, discounts, currencies."""

from __future__ import annotations

from decimal import Decimal

from zhprobe.families.call_items import (
    Arg,
    Table,
    a_number,
    a_string,
    alter,
    ask_twin,
    call_item,
    exact,
    no_call_twin,
    number,
    pick,
    text,
    tool,
)
from zhprobe.families.registry import draw_integer, family
from zhprobe.families.structured_values import PEOPLE
from zhprobe.text.numbers import write_number, write_rmb

YI = "人民币，单位：元"


def _cents(name: str, seed: int, below: int) -> Decimal:
    return Decimal(100_000 + draw_integer(below, name, seed, "amount") * 7 + 3) / 100


@family
def call_daxie_to_number(seed: int) -> Table:
    """An amount in capitals, to be entered as a number."""
    name = "call_daxie_to_number"
    amount = _cents(name, seed, 9_000_000)
    written = write_rmb(amount)
    topic = pick(["差旅费", "房租", "办公用品", "咨询费"], name, seed, "topic")
    ask = pick(
        [
            "发票上写的是人民币{w}，帮我登记这笔支出，用途是{t}。",
            "登记一笔{t}支出，票面大写金额：{w}。",
            "{t}，大写{w}，记成支出。",
            "把这张票记下来：{t}，金额（大写）{w}。",
        ],
        name,
        seed,
        "phrase",
    ).format(w=written, t=topic)
    record_expense = tool(
        "record_expense", "登记一笔支出", purpose=a_string("用途"), amount=a_number("金额，" + YI)
    )
    calls = [
        ("record_expense", {"purpose": text(topic, topic + "支出"), "amount": number(float(amount), 0.005)})
    ]
    return call_item(
        ask,
        [record_expense],
        calls,
        difficulty=3,
        reason="要把大写金额读成带角分的数",
        wrong=[
            ("小数点错一位", alter(calls, amount=round(float(amount) * 10, 2))),
            ("写成字符串", alter(calls, amount=str(amount))),
        ],
    )


@family
def call_number_to_daxie(seed: int) -> Table:
    """A receipt needs the amount as a number and in capitals."""
    name = "call_number_to_daxie"
    amount = _cents(name, seed, 900_000)
    payee = pick(PEOPLE, name, seed, "payee")
    issue = tool(
        "issue_receipt",
        "开具收据",
        payee=a_string("收款人姓名"),
        amount=a_number("金额，" + YI),
        amount_cn=a_string("大写金额，如：壹佰元整"),
    )
    ask = pick(
        [
            "收款人写{p}，开一张{a}元的收据，大写金额也要填。",
            "开收据：收款人{p}，{a}元，大写一并填上。",
            "{p}收了{a}元，请开收据，注意写大写金额。",
            "收据一张，收款人{p}，金额{a}元（大小写都要）。",
        ],
        name,
        seed,
        "phrase",
    ).format(p=payee, a=amount)
    lower = write_number(int(amount)) + "元"
    calls = [
        (
            "issue_receipt",
            {
                "payee": exact(payee),
                "amount": number(float(amount), 0.005),
                "amount_cn": Arg({"rmb_cn": str(amount)}, write_rmb(amount)),
            },
        )
    ]
    return call_item(
        ask,
        [issue],
        calls,
        difficulty=4,
        reason="大写金额要写得合规范，零和整的用法容易错",
        also=[("前面加人民币", alter(calls, amount_cn="人民币" + write_rmb(amount)))],
        wrong=[
            ("用了小写数字", alter(calls, amount_cn=lower)),
            ("大写多了一万", alter(calls, amount_cn=write_rmb(amount + 10000))),
        ],
    )


# spoken amount, value: the last digit is one place below the unit before it
SPOKEN = (
    ("三万七", 37000),
    ("两千五", 2500),
    ("一万二", 12000),
    ("八百六", 860),
    ("五万零三百", 50300),
    ("九千零五十", 9050),
    ("四百三", 430),
    ("两万六", 26000),
)


@family
def call_spoken_amount(seed: int) -> Table:
    """三万七: spoken amounts with the last unit left out."""
    name = "call_spoken_amount"
    said, value = pick(SPOKEN, name, seed, "amount")
    to = pick(["房东", "装修队", "车行", "月嫂"], name, seed, "to")
    transfer = tool("transfer", "转账", to=a_string("收款人"), amount=a_number("金额，" + YI))
    ask = pick(
        ["转账{s}给{t}。", "给{t}转{s}。", "{t}那边该付了，转{s}过去。", "把{s}转给{t}。"],
        name,
        seed,
        "phrase",
    ).format(s=said, t=to)
    calls = [("transfer", {"to": text(to), "amount": number(value)})]
    last = value % 10 ** (len(str(value)) - 1)
    wrong_value = value - last + int(str(last)[0]) if last else value + 7
    return call_item(
        ask,
        [transfer],
        calls,
        difficulty=2,
        reason="口语里省掉了末尾的单位",
        wrong=[("末位当成了个位", alter(calls, amount=wrong_value))],
        twin=ask_twin(
            f"给{to}转一笔钱。",
            "金额",
            ["多少", "金额", "数额", "几块", "几元"],
            f"请问要转多少钱给{to}？",
            [("transfer", {"to": to, "amount": 1000})],
        ),
    )


DISCOUNTS = (
    ("六八折", "0.68"),
    ("八五折", "0.85"),
    ("七折", "0.7"),
    ("九二折", "0.92"),
    ("对折", "0.5"),
    ("三五折", "0.35"),
)


@family
def call_discount(seed: int) -> Table:
    """八五折 is 0.85 of the price."""
    name = "call_discount"
    price = 40 * (3 + draw_integer(40, name, seed, "price"))
    said, rate = pick(DISCOUNTS, name, seed, "rate")
    pay = Decimal(price) * Decimal(rate)
    place = tool(
        "place_order",
        "下单",
        list_price=a_number("原价，" + YI),
        rate=a_number("实付与原价之比，0 到 1 之间"),
        pay=a_number("实付金额，" + YI),
    )
    ask = (
        pick(
            [
                "原价{p}元，打{s}，帮我下单并填实付金额。",
                "这件{p}块，店里打{s}，下单吧，实付多少也填上。",
                "{p}元的东西现在{s}，直接下单，写明实付。",
                "下单：标价{p}元，{s}。",
            ],
            name,
            seed,
            "phrase",
        )
        .format(p=price, s=said)
        .replace("打对折", "对折")
    )
    off = 1 - Decimal(rate)
    calls = [
        (
            "place_order",
            {"list_price": number(price), "rate": number(float(rate)), "pay": number(float(pay), 0.005)},
        )
    ]
    wrong = [("折扣写成了几折", alter(calls, rate=float(Decimal(rate) * 10)))]
    if off != Decimal(rate):
        wrong.append(("把折扣当成减去的部分", alter(calls, pay=float(Decimal(price) * off))))
    return call_item(ask, [place], calls, difficulty=3, reason="折数要换成比例，再算实付金额", wrong=wrong)


# currencies and the codes of ISO 4217
CURRENCIES = (
    ("美元", "USD"),
    ("欧元", "EUR"),
    ("日元", "JPY"),
    ("港币", "HKD"),
    ("英镑", "GBP"),
    ("新加坡元", "SGD"),
)


@family
def call_currency(seed: int) -> Table:
    """Which currency from, which to; the amount with 万."""
    name = "call_currency"
    first = draw_integer(len(CURRENCIES), name, seed, "from")
    second = (first + 1 + draw_integer(len(CURRENCIES) - 1, name, seed, "to")) % len(CURRENCIES)
    (said_from, code_from), (said_to, code_to) = CURRENCIES[first], CURRENCIES[second]
    said, value = pick(
        [("一万五千", 15000), ("三千六", 3600), ("两万", 20000), ("八百", 800), ("1.2万", 12000)],
        name,
        seed,
        "amount",
    )
    exchange = tool(
        "exchange",
        "按实时汇率换汇",
        source={"type": "string", "description": "卖出的货币，ISO 4217 代码"},
        target={"type": "string", "description": "买入的货币，ISO 4217 代码"},
        amount=a_number("卖出的金额"),
    )
    ask = pick(
        ["拿{a}{f}换成{t}。", "我有{a}{f}，全部换{t}。", "把{a}{f}兑成{t}。", "想要{t}，用{a}{f}去换。"],
        name,
        seed,
        "phrase",
    ).format(a=said, f=said_from, t=said_to)
    calls = [("exchange", {"source": exact(code_from), "target": exact(code_to), "amount": number(value)})]
    return call_item(
        ask,
        [exchange],
        calls,
        difficulty=2,
        reason="卖出与买入的方向不能反，货币要写代码",
        wrong=[
            ("方向反了", alter(calls, source=code_to, target=code_from)),
            ("货币写成中文", alter(calls, source=said_from)),
        ],
        twin=no_call_twin(
            f"{said_to}的 ISO 4217 代码是什么？",
            f"{said_to}的代码是 {code_to}。",
            [{"name": code_to}],
            ("exchange", {"source": code_from, "target": code_to, "amount": 1}),
        ),
    )
