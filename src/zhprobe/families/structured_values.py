"""Call families about fields: addresses, names, numbers read out, units, enums, flags, lists."""

from __future__ import annotations

from zhprobe.families.call_items import (
    Arg,
    Table,
    a_flag,
    a_number,
    a_string,
    alter,
    boolean,
    call_item,
    contains,
    exact,
    listed,
    number,
    pick,
    record,
    text,
    tool,
)
from zhprobe.families.registry import draw_integer, family
from zhprobe.text.numbers import write_number

PEOPLE = ("陈一鸣", "欧阳承宇", "何静姝", "上官若溪", "赵启航", "诸葛明远", "林晚舟", "司马嘉懿")
COMPOUND = (
    ("司马", "嘉懿"),
    ("欧阳", "承宇"),
    ("上官", "若溪"),
    ("诸葛", "明远"),
    ("尉迟", "思源"),
    ("令狐", "清和"),
)


# made-up streets under real districts
PLACES = (
    ("江苏省", "苏州市", "姑苏区", "砚池路"),
    ("四川省", "成都市", "青羊区", "竹篱街"),
    ("浙江省", "杭州市", "上城区", "霜叶路"),
    ("福建省", "泉州市", "鲤城区", "帆影街"),
    ("陕西省", "西安市", "雁塔区", "青简路"),
    ("湖北省", "武汉市", "江汉区", "渡云街"),
)


@family
def call_address_split(seed: int) -> Table:
    """An address to be split into province, city, district, street, number, unit."""
    name = "call_address_split"
    province, city, district, street = pick(PLACES, name, seed, "place")
    gate = f"{11 + draw_integer(180, name, seed, 'gate')}号"
    unit = (
        f"{1 + draw_integer(12, name, seed, 'block')}栋{101 + draw_integer(18, name, seed, 'flat') * 100}室"
    )
    person = pick(PEOPLE, name, seed, "name")
    ship = tool(
        "ship",
        "创建寄件单",
        name=a_string("收件人姓名"),
        address={
            "type": "object",
            "description": "收件地址",
            "properties": {
                "province": a_string("省，带“省”字"),
                "city": a_string("市，带“市”字"),
                "district": a_string("区，带“区”字"),
                "street": a_string("路或街的名字"),
                "number": a_string("门牌号"),
                "unit": a_string("楼栋和房号"),
            },
            "required": ["province", "city", "district", "street", "number", "unit"],
            "additionalProperties": False,
        },
    )
    whole = f"{province}{city}{district}{street}{gate}{unit}"
    ask = pick(
        [
            "收件人{n}，地址{a}，帮我建个寄件单。",
            "寄给{n}：{a}。请下寄件单。",
            "帮我寄件，{a}，{n}收。",
            "建单，收件人是{n}，住{a}。",
        ],
        name,
        seed,
        "phrase",
    ).format(n=person, a=whole)
    address = record(
        province=text(province),
        city=text(city),
        district=text(district),
        street=text(street),
        number=text(gate, gate[:-1]),
        unit=text(unit),
    )
    calls = [("ship", {"name": exact(person), "address": address})]
    merged = {**address.value, "city": city + district, "district": ""}
    parts = [
        (f"{key} 写错", alter(calls, address={**address.value, key: value + "北"}))
        for key, value in address.value.items()
    ]
    return call_item(
        ask,
        [ship],
        calls,
        difficulty=3,
        reason="地址要一段一段放进嵌套的参数",
        wrong=[
            ("区并进了市", alter(calls, address=merged)),
            ("门牌少一位", alter(calls, address={**address.value, "number": gate[1:]})),
            ("多写邮编", alter(calls, address={**address.value, "zip": "000000"})),
            *parts,
        ],
    )


@family
def call_compound_surname(seed: int) -> Table:
    """Compound surnames are split from given names; titles belong to neither."""
    name = "call_compound_surname"
    surname, given = pick(COMPOUND, name, seed, "name")
    title = pick(["先生", "老师", "女士", "经理"], name, seed, "title")
    send = tool(
        "send_sms",
        "发短信",
        surname=a_string("姓"),
        given_name=a_string("名，不含称呼"),
        body=a_string("短信内容"),
    )
    body, words = pick(
        [
            ("材料已寄出", ["材料", "寄"]),
            ("合同已盖章", ["合同", "章"]),
            ("会议改期了", ["会议", "改期"]),
            ("样品已到货", ["样品", "到"]),
        ],
        name,
        seed,
        "body",
    )
    ask = pick(
        [
            "给{n}发一条短信，说{b}。",
            "发短信告诉{n}：{b}。",
            "短信通知{n}，{b}。",
            "麻烦短信跟{n}说一声，{b}。",
        ],
        name,
        seed,
        "phrase",
    ).format(n=surname + given + title, b=body)
    calls = [
        ("send_sms", {"surname": exact(surname), "given_name": exact(given), "body": contains(body, *words)})
    ]
    return call_item(
        ask,
        [send],
        calls,
        difficulty=1,
        reason="复姓不能拆开，称呼不是名字",
        wrong=[
            ("姓只取一个字", alter(calls, surname=surname[0], given_name=surname[1] + given)),
            ("名里带了称呼", alter(calls, given_name=given + title)),
        ],
    )


READ_DIGITS = "零幺二三四五六七八九"


@family
def call_spoken_phone(seed: int) -> Table:
    """A telephone number read out digit by digit; 100 is no assigned mobile prefix."""
    name = "call_spoken_phone"
    tail = "".join(str(draw_integer(10, name, seed, f"digit{n}")) for n in range(8))
    phone = "100" + tail
    said = "".join(READ_DIGITS[int(d)] for d in phone)
    if pick([True, False], name, seed, "pairs"):
        said = f"{said[:3]}，{said[3:7]}，{said[7:]}"
    save = tool(
        "save_phone", "把号码存进通讯录", name=a_string("姓名"), number=a_string("电话号码，11 位数字")
    )
    person = pick(PEOPLE, name, seed, "person")
    ask = pick(
        [
            "记一下{p}的新号码：{n}。",
            "{p}换号了，{n}，存一下。",
            "把{p}的电话存成{n}。",
            "存通讯录：{p}，{n}。",
        ],
        name,
        seed,
        "phrase",
    ).format(p=person, n=said)
    calls = [("save_phone", {"name": exact(person), "number": Arg({"digits": phone}, phone)})]
    return call_item(
        ask,
        [save],
        calls,
        difficulty=3,
        reason="逐位读出的号码要写成数字，幺是 1",
        also=[("中间加连字符", alter(calls, number=f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"))],
        wrong=[("少一位", alter(calls, number=phone[:-1])), ("写成整数", alter(calls, number=int(phone)))],
    )


# spoken measure, grams
WEIGHTS = (
    ("两斤半", 1250),
    ("三斤", 1500),
    ("八两", 400),
    ("一斤二两", 600),
    ("一公斤半", 1500),
    ("六两", 300),
    ("四斤半", 2250),
)


@family
def call_unit_weight(seed: int) -> Table:
    """斤 and 两 in grams."""
    name = "call_unit_weight"
    said, grams = pick(WEIGHTS, name, seed, "weight")
    food = pick(["排骨", "带鱼", "里脊", "虾仁", "牛腩"], name, seed, "food")
    order = tool(
        "order_food", "订购食材", item=a_string("食材"), weight_g=a_number("重量，单位：克", "integer")
    )
    ask = pick(
        ["{f}来{w}。", "要{w}{f}。", "帮我订{w}{f}，今天做菜用。", "{w}{f}，谢谢。"], name, seed, "phrase"
    )
    calls = [("order_food", {"item": text(food), "weight_g": number(grams)})]
    return call_item(
        ask.format(f=food, w=said),
        [order],
        calls,
        difficulty=2,
        reason="斤两要换算成克",
        wrong=[
            ("当成了公斤", alter(calls, weight_g=grams * 2)),
            ("没有换算", alter(calls, weight_g=max(1, grams // 500))),
        ],
    )


@family
def call_enum_map(seed: int) -> Table:
    """Words of the user to members of English enums."""
    name = "call_enum_map"
    speed = pick([("要加急", "urgent"), ("不急，普通就行", "normal")], name, seed, "speed")
    carrier = pick([("顺丰", "SF"), ("圆通", "YTO"), ("京东", "JD")], name, seed, "carrier")
    pay = pick(
        [("到付", "receiver"), ("寄付", "sender"), ("对方付邮费", "receiver"), ("我来付邮费", "sender")],
        name,
        seed,
        "pay",
    )
    waybill = tool(
        "create_waybill",
        "创建快递单",
        speed={"type": "string", "enum": ["normal", "urgent"], "description": "普通或加急"},
        carrier={"type": "string", "enum": ["SF", "YTO", "JD"], "description": "快递公司"},
        pay_by={"type": "string", "enum": ["sender", "receiver"], "description": "由谁付费：寄件人或收件人"},
    )
    ask = pick(
        [
            "这单{s}，{c}寄，{p}。",
            "寄个快递，走{c}，{p}，{s}。",
            "{p}，发{c}，{s}，下单吧。",
            "{c}，{s}，{p}，帮我下快递单。",
        ],
        name,
        seed,
        "phrase",
    ).format(s=speed[0], c=carrier[0], p=pay[0])
    calls = [
        ("create_waybill", {"speed": exact(speed[1]), "carrier": exact(carrier[1]), "pay_by": exact(pay[1])})
    ]
    other = "sender" if pay[1] == "receiver" else "receiver"
    return call_item(
        ask,
        [waybill],
        calls,
        difficulty=1,
        reason="三个枚举各有对应的说法",
        wrong=[
            ("没有换成枚举值", alter(calls, carrier=carrier[0])),
            ("付费方反了", alter(calls, pay_by=other)),
        ],
    )


@family
def call_enum_chinese(seed: int) -> Table:
    """Enums whose members are Chinese: a near word is not a member."""
    name = "call_enum_chinese"
    level = pick(
        [("急得很，今天就得修", "特急"), ("尽快就好", "加急"), ("什么时候有空什么时候修", "普通")],
        name,
        seed,
        "level",
    )
    kind = pick(
        [("水龙头漏水", "给排水"), ("灯不亮", "电气"), ("空调不制冷", "暖通"), ("门锁打不开", "门窗五金")],
        name,
        seed,
        "kind",
    )
    floor = 2 + draw_integer(20, name, seed, "floor")
    repair = tool(
        "报修",
        "提交物业报修单",
        类别={
            "type": "string",
            "enum": ["给排水", "电气", "暖通", "门窗五金", "其他"],
            "description": "故障类别",
        },
        紧急程度={
            "type": "string",
            "enum": ["普通", "加急", "特急"],
            "description": "特急：当天；加急：尽快；普通：不限时",
        },
        楼层=a_number("楼层", "integer"),
    )
    ask = pick(
        [
            "{f}楼{k}，{v}。",
            "报修：{f}楼的{k}，{v}。",
            "我们{f}楼{k}了，{v}，麻烦报一下。",
            "{k}，在{f}楼，{v}。",
        ],
        name,
        seed,
        "phrase",
    ).format(f=write_number(floor), k=kind[0], v=level[0])
    calls = [("报修", {"类别": exact(kind[1]), "紧急程度": exact(level[1]), "楼层": number(floor)})]
    return call_item(
        ask,
        [repair],
        calls,
        difficulty=2,
        reason="工具名、参数名和枚举都是中文，要由描述归类",
        wrong=[("照抄原话", alter(calls, 类别=kind[0])), ("用了近义词", alter(calls, 紧急程度="紧急"))],
    )


@family
def call_bool_negation(seed: int) -> Table:
    """不要, 不用, 但是要: flags that follow negation."""
    name = "call_bool_negation"
    seats = 2 + draw_integer(4, name, seed, "seats")
    window, invoice, insurance = (
        pick([True, False], name, seed, key) for key in ("window", "invoice", "insurance")
    )
    if window == invoice == insurance:
        insurance = not insurance
    book = tool(
        "book_tickets",
        "订票",
        seats=a_number("张数", "integer"),
        window=a_flag("是否要靠窗"),
        invoice=a_flag("是否要发票"),
        insurance=a_flag("是否买保险"),
    )
    said = {
        "w": "要靠窗的" if window else "不要靠窗",
        "i": "发票要开" if invoice else "发票不用开",
        "s": "保险要买" if insurance else "保险就免了",
        "n": "两" if seats == 2 else write_number(seats),
    }
    ask = pick(
        [
            "订{n}张票，{w}，{i}，{s}。",
            "{n}张票，{s}，{i}，{w}。",
            "帮我订{n}张票。{i}；{s}；{w}。",
            "{w}，{n}张，{i}，{s}，订吧。",
        ],
        name,
        seed,
        "phrase",
    ).format(**said)
    calls = [
        (
            "book_tickets",
            {
                "seats": number(seats),
                "window": boolean(window),
                "invoice": boolean(invoice),
                "insurance": boolean(insurance),
            },
        )
    ]
    return call_item(
        ask,
        [book],
        calls,
        difficulty=2,
        reason="几个要与不要混在一句里",
        wrong=[("布尔写成字符串", alter(calls, window="true" if window else "false"))],
    )


GOODS = ("文件夹", "白板笔", "打印纸", "订书机", "回形针", "便签", "胶带", "计算器")


@family
def call_each_or_total(seed: int) -> Table:
    """各要两份 against 一共要六份: each, or in all."""
    name = "call_each_or_total"
    start = draw_integer(len(GOODS), name, seed, "goods")
    goods = [GOODS[(start + n * 3) % len(GOODS)] for n in range(3)]
    each = 2 + draw_integer(4, name, seed, "each")
    said = "两" if each == 2 else write_number(each)
    purchase = tool(
        "purchase",
        "提交采购单",
        items={
            "type": "array",
            "description": "采购明细",
            "items": {
                "type": "object",
                "properties": {"name": a_string("品名"), "qty": a_number("数量", "integer")},
                "required": ["name", "qty"],
                "additionalProperties": False,
            },
        },
    )
    ask = pick(
        [
            "采购{a}、{b}和{c}，各要{n}份。",
            "{a}、{b}、{c}每样{n}份，提采购单。",
            "要买{a}、{b}跟{c}，都是{n}份。",
            "采购单：{a}、{b}、{c}，各{n}份。",
        ],
        name,
        seed,
        "phrase",
    ).format(a=goods[0], b=goods[1], c=goods[2], n=said)
    items = listed("set", [record(name=text(g), qty=number(each)) for g in goods])
    calls = [("purchase", {"items": items})]
    one_short = [dict(entry) for entry in items.value]
    one_short[0]["qty"] = each - 1
    renamed = [dict(entry) for entry in items.value]
    wrong = []
    for n in range(3):
        changed = [dict(entry) for entry in renamed]
        changed[n]["name"] = "签字笔"
        counted = [dict(entry) for entry in renamed]
        counted[n]["qty"] = each * 3
        extra = [dict(entry) for entry in renamed]
        extra[n]["note"] = "尽快"
        wrong += [
            ("品名不对", alter(calls, items=changed)),
            ("数量当成总数", alter(calls, items=counted)),
            ("多写一项", alter(calls, items=extra)),
        ]
    return call_item(
        ask,
        [purchase],
        calls,
        difficulty=2,
        reason="“各”是每样的数量，要写进列表的每一项",
        wrong=[("少一份", alter(calls, items=one_short)), *wrong],
    )
