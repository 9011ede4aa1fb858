"""JSON families: records with absent facts, edits, tables, orders, long arrays, logs; answers by arithmetic.

Each draws its values, writes the Chinese around them and keeps the gold as the values it drew: no answer is
read back from a sentence. Near misses are one change each, at every leaf.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhprobe.checks.json_selftest import replaced
from zhprobe.families.registry import draw, draw_integer, draw_several, family
from zhprobe.text.numbers import write_number

Table = dict[str, Any]
Path = tuple[str | int, ...]

NAMES = (
    "司马书瑶",
    "欧阳承宇",
    "何静姝",
    "上官若溪",
    "赵启航",
    "诸葛明远",
    "林晚舟",
    "令狐清和",
    "尉迟思源",
    "方知行",
)
CITIES = ("泉州", "兰州", "绍兴", "大理", "烟台", "遵义", "洛阳", "北海")
JOBS = ("木匠", "药剂师", "摄影师", "会计", "小学老师", "船员", "园艺师", "修表匠")


@dataclass(frozen=True, slots=True)
class Field:
    """A right value, its matcher, and a plausible wrong value."""

    value: Any
    matcher: Any
    wrong: Any


def exactly(value: str, wrong: str) -> Field:
    """A name or code: sign for sign."""
    return Field(value, {"exact": value}, wrong)


def plain(value: Any, wrong: Any) -> Field:
    """A bare value: text, number or boolean."""
    return Field(value, value, wrong)


def nothing(made_up: Any) -> Field:
    """A fact the text does not give."""
    return Field(None, {"null": True}, made_up)


def place(value: str, wrong: str) -> Field:
    """A city, with 市 or without."""
    return Field(value, {"one_of": [value, f"{value}市"]}, wrong)


def gold_of(tree: Any) -> Any:
    """The right JSON of a tree of fields."""
    if isinstance(tree, Field):
        return tree.value
    if isinstance(tree, Mapping):
        return {key: gold_of(inner) for key, inner in tree.items()}
    return [gold_of(inner) for inner in tree]


def matcher_of(tree: Any) -> Any:
    """The matcher of a tree of fields."""
    if isinstance(tree, Field):
        return tree.matcher
    if isinstance(tree, Mapping):
        return {"object": {key: matcher_of(inner) for key, inner in tree.items()}}
    return [matcher_of(inner) for inner in tree]


def one_change(tree: Any) -> Iterator[tuple[str, Any]]:
    """The right JSON with one thing wrong: each leaf, a key more, two entries exchanged."""
    gold = gold_of(tree)
    for path, node in _nodes(tree):
        where = "".join(f"/{step}" for step in path)
        if isinstance(node, Field):
            yield f"{where} 不对", replaced(gold, path, node.wrong)
        elif isinstance(node, Mapping):
            yield f"{where or '最外层'} 多一个键", replaced(gold, path, {**gold_of(node), "备注": "无"})
        elif len(node) > 1:
            turned = gold_of(node)
            turned[0], turned[-1] = turned[-1], turned[0]
            yield f"{where or '最外层'} 次序不对", replaced(gold, path, turned)


def _nodes(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, tree
    if isinstance(tree, Mapping):
        for key, inner in tree.items():
            yield from _nodes(inner, (*path, key))
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for number, inner in enumerate(tree):
            yield from _nodes(inner, (*path, number))


def written(value: Any) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def json_item(
    prompt: str, tree: Any, *, difficulty: int, reason: str, wrong: Sequence[tuple[str, Any]] = ()
) -> Table:
    """The table of one item: prompt, what is expected, two right answers, near misses."""
    gold = gold_of(tree)
    if isinstance(tree, Mapping):
        values = {f"/{key}": matcher_of(inner) for key, inner in tree.items()}
        second = dict(reversed(gold.items()))
    else:
        values, second = {"": matcher_of(tree)}, gold
    misses = [("加了围栏", f"```json\n{written(gold)}\n```"), ("多了一句话", f"整理如下：\n{written(gold)}")]
    misses += [(note, written(value)) for note, value in [*one_change(tree), *wrong]]
    return {
        "prompt": prompt,
        "row": "json",
        "difficulty": difficulty,
        "difficulty_reason": reason,
        "reference": written(gold),
        "expect": {"values": values},
        "criterion": [
            {
                "id": "strict",
                "text": "只输出一个 JSON，键与值都与原文相符，没有多余的键",
                "points": 3,
                "check": {"json_strict": {"values": {"expect": "values"}}},
            }
        ],
        "specimen": [
            {"answer": written(gold)},
            {"answer": json.dumps(second, ensure_ascii=False, indent=2), "note": "键序与空白不同"},
            *({"answer": text, "verdicts": {"strict": "not_met"}, "note": note} for note, text in misses),
        ],
    }


@family
def json_absent_facts(seed: int) -> Table:
    """A sentence about a person; what it does not say is null (worked example 21)."""
    name = "json_absent_facts"
    person, other = draw_several(NAMES, 2, name, seed, "names")
    city, elsewhere = draw_several(CITIES, 2, name, seed, "cities")
    job, other_job = draw_several(JOBS, 2, name, seed, "jobs")
    age = 21 + draw_integer(45, name, seed, "age")
    phone = f"100-{draw_integer(10_000, name, seed, 'a'):04d}-{draw_integer(10_000, name, seed, 'b'):04d}"
    said = {
        "姓名": (f"我叫{person}", exactly(person, other)),
        "年龄": (f"今年{write_number(age)}岁", plain(age, age + 10)),
        "城市": (f"最近搬到了{city}", place(city, elsewhere)),
        "职业": (f"做{job}这一行", plain(job, other_job)),
        "电话": (f"号码是{phone}", Field(phone, {"digits": phone.replace("-", "")}, phone[:-1])),
    }
    left_out = set(draw_several(["年龄", "城市", "职业", "电话"], 2, name, seed, "absent"))
    made_up = {"年龄": 30, "城市": elsewhere, "职业": other_job, "电话": "100-0000-0000"}
    tree = {key: nothing(made_up[key]) if key in left_out else field for key, (_, field) in said.items()}
    sentence = "，".join(words for key, (words, _) in said.items() if key not in left_out) + "。"
    frame = draw(
        [
            "把下面这句话抽成 JSON，只输出 JSON：键为 姓名、年龄、城市、职业、电话，没有提到的填 null。年龄用整数。“{s}”",
            "“{s}”请输出一个 JSON 对象，键依次是姓名、年龄（整数）、城市、职业、电话；原话没说的值写 null，别的什么都不要输出。",
            "从自我介绍里取信息，给我 JSON，不要解释。要五个键：姓名、年龄、城市、职业、电话。年龄是数字。不知道的一律 null。\n{s}",
            "登记表只收 JSON。请按“姓名、年龄、城市、职业、电话”五个键填好，年龄填整数，缺的填 null，除 JSON 外不要写字：{s}",
        ],
        name,
        seed,
        "frame",
    )
    missing = sorted(left_out)[0]
    gold = gold_of(tree)
    return json_item(
        frame.format(s=sentence),
        tree,
        difficulty=2,
        reason="汉字年龄换成数，缺的两项填 null，不能编",
        wrong=[
            (f"缺“{missing}”这个键", {key: value for key, value in gold.items() if key != missing}),
            (f"“{missing}”填了空字符串", {**gold, missing: ""}),
        ],
    )


GOODS = ("白板笔", "文件夹", "打印纸", "订书机", "便笺", "墨盒", "印泥", "回形针")


@family
def json_edit(seed: int) -> Table:
    """An order as JSON and one change: everything else stays, sign for sign (worked example 22)."""
    name = "json_edit"
    goods = draw_several(GOODS, 3, name, seed, "goods")
    counts = [2 + draw_integer(7, name, seed, "count", number) for number in range(3)]
    code = f"{draw('ABCD', name, seed, 'letter')}-{draw_integer(900, name, seed, 'code') + 100:04d}"
    order: dict[str, Any] = {
        "单号": code,
        "明细": [{"名称": g, "数量": n} for g, n in zip(goods, counts, strict=True)],
        "备注": draw(["他说“尽快”", "送到 3 楼，找“小周”", "先付一半——余款货到付"], name, seed, "note"),
    }
    at = draw_integer(3, name, seed, "at")
    fresh = counts[at] + 3 + draw_integer(5, name, seed, "fresh")
    ordinal = write_number(at + 1)
    kind = draw_integer(3, name, seed, "kind")
    new = copy.deepcopy(order)
    if kind == 0:
        new["明细"][at]["数量"] = fresh
        ask = draw(
            [
                f"把第{ordinal}项的数量改成 {fresh}",
                f"{goods[at]}改要 {fresh} 个",
                f"第{ordinal}项再加 {fresh - counts[at]} 个",
            ],
            name,
            seed,
            "ask",
        )
    elif kind == 1:
        del new["明细"][at]
        ask = draw([f"{goods[at]}不要了，去掉这一项", f"删掉第{ordinal}项"], name, seed, "ask")
    else:
        extra = next(g for g in GOODS if g not in goods)
        new["明细"].append({"名称": extra, "数量": fresh})
        ask = draw(
            [f"末尾加一项{extra}，数量 {fresh}", f"再添 {fresh} 个{extra}，排在最后"], name, seed, "ask"
        )
    frame = draw(
        [
            "{a}，别的都不要动，只输出改好的 JSON：\n{j}",
            "下面是一张订单：\n{j}\n请改一处：{a}。其余原样，只给 JSON。",
            "{j}\n{a}。输出修改后的完整 JSON，不要解释，也不要改动其他内容。",
            "按要求修改 JSON，只输出结果，未提到的部分逐字保留。要求：{a}。\n{j}",
        ],
        name,
        seed,
        "frame",
    )
    text = json.dumps(order, ensure_ascii=False, separators=(",", ":"))
    tree = Field(new, {"exact": new, "level": "N0"}, order)
    turned = replaced(new, ("备注",), new["备注"].translate(str.maketrans("“”—", '""-')))
    return json_item(
        frame.format(a=ask, j=text),
        tree,
        difficulty=2 if kind else 1,
        reason="只有一处改动，弯引号、破折号和单号都要留着",
        wrong=[
            ("备注里的标点变了", turned),
            ("单号变了", {**new, "单号": code.replace("-", "")}),
            ("丢了备注", {key: value for key, value in new.items() if key != "备注"}),
            ("第一项的数量也动了", replaced(new, ("明细", 0, "数量"), new["明细"][0]["数量"] + 1)),
        ],
    )


@family
def json_long_array(seed: int) -> Table:
    """An arithmetic series as a long array: the right length and every entry."""
    name = "json_long_array"
    first = 3 + draw_integer(40, name, seed, "first")
    step = 3 + draw_integer(9, name, seed, "step")
    count = 30 + draw_integer(21, name, seed, "count")
    value = [first + step * number for number in range(count)]
    frame = draw(
        [
            "输出一个 JSON 数组，共 {n} 个整数：第一个是 {f}，以后每个比前一个大 {s}。只输出数组。",
            "从 {f} 开始，每次加 {s}，写出前 {n} 个数（含 {f}），用 JSON 数组表示，不要别的文字。",
            "柜号从 {f} 编起，每个都比前一个大 {s}，一共 {n} 个柜子。请把柜号按次序写成 JSON 数组，只给数组。",
            "等差数列，首项 {f}，公差 {s}，项数 {n}。请只输出由各项组成的 JSON 数组。",
        ],
        name,
        seed,
        "frame",
    )
    middle = count // 2
    return json_item(
        frame.format(n=count, f=first, s=step),
        Field(value, {"exact": value}, value[:-1]),
        difficulty=2,
        reason=f"{count} 个数，一个不能多，一个不能少",
        wrong=[
            ("多一个", [*value, value[-1] + step]),
            ("漏了中间一个", value[:middle] + value[middle + 1 :]),
            ("中间一个不对", replaced(value, (middle,), value[middle] + 1)),
            ("从第二项起", [number + step for number in value]),
        ],
    )


DISHES = (
    ("牛肉面", 22),
    ("葱油饼", 6),
    ("酸梅汤", 5),
    ("卤蛋", 3),
    ("凉拌木耳", 12),
    ("小笼包", 16),
    ("鸭血粉丝", 18),
    ("豆腐脑", 4),
)


@family
def json_spoken_order(seed: int) -> Table:
    """A spoken order with one change of mind: lines, sums, total."""
    name = "json_spoken_order"
    chosen = draw_several(DISHES, 3, name, seed, "dishes")
    counts = [1 + draw_integer(4, name, seed, "count", number) for number in range(3)]
    at = draw_integer(3, name, seed, "at")
    final = list(counts)
    final[at] = counts[at] + 1 + draw_integer(2, name, seed, "more")
    word = "两" if final[at] == 2 else write_number(final[at])

    def spoken(number: int) -> str:
        return "两" if number == 2 else write_number(number)

    start = "、".join(f"{spoken(n)}份{dish}" for n, (dish, _) in zip(counts, chosen, strict=True))
    dish = chosen[at][0]
    change = draw(
        [
            f"哎，{dish}改成{word}份",
            f"{dish}还是要{word}份吧",
            f"等等，{dish}一共{word}份",
            f"{dish}再加{spoken(final[at] - counts[at])}份",
        ],
        name,
        seed,
        "change",
    )
    prices = "，".join(f"{d} {p} 元" for d, p in chosen)
    lines = [
        {
            "菜名": plain(d, next(o for o, _ in DISHES if o != d)),
            "份数": plain(n, counts[number] if number == at else n + 1),
            "小计": plain(n * p, p if n > 1 else n * p + 1),
        }
        for number, (n, (d, p)) in enumerate(zip(final, chosen, strict=True))
    ]
    total = sum(n * p for n, (_, p) in zip(final, chosen, strict=True))
    before = sum(n * p for n, (_, p) in zip(counts, chosen, strict=True))
    frame = draw(
        [
            '价目：{p}。客人说：“来{s}。{c}。”请输出 JSON：{{"明细":[{{"菜名","份数","小计"}}],"合计"}}，以最后说的为准，明细按点菜的次序，数字用整数。只输出 JSON。',
            "客人点菜：“{s}……{c}。”单价是{p}。把订单写成 JSON，键为明细、合计；明细是数组，元素的键为菜名、份数、小计，次序照客人先说的。只要 JSON，金额是整数，单位元。",
            "单价：{p}\n对话：“要{s}，{c}，就这些。”\n输出 JSON 对象，含“明细”（数组，键：菜名、份数、小计）和“合计”。按点的次序，最后改的算数，不要解释。",
            "请记单，只给 JSON。格式：明细（数组；每项有菜名、份数、小计）、合计。{p}。“先要{s}。”“好的。”“{c}。”（明细按客人说到的先后）",
        ],
        name,
        seed,
        "frame",
    )
    return json_item(
        frame.format(p=prices, s=start, c=change),
        {"明细": lines, "合计": plain(total, before)},
        difficulty=4,
        reason="中途改了一样，小计与合计都要跟着算",
    )


LEVELS = {"正常": "INFO", "警告": "WARN", "出错": "ERROR"}
EVENTS = (
    ("备份完成", "正常"),
    ("邮件已发送", "正常"),
    ("磁盘剩余不足", "警告"),
    ("证书将到期", "警告"),
    ("登录失败", "出错"),
    ("任务超时", "出错"),
)


@family
def json_log_lines(seed: int) -> Table:
    """Sentences of a log as JSON Lines, one object a line, in the order of time."""
    name = "json_log_lines"
    events = draw_several(EVENTS, 3, name, seed, "events")
    minute = 60 + draw_integer(600, name, seed, "start")
    rows = []
    for number, (event, state) in enumerate(events):
        minute += 7 + draw_integer(95, name, seed, "gap", number)
        rows.append((f"{minute // 60:02d}:{minute % 60:02d}", state, LEVELS[state], event))
    told = draw_several(rows, 3, name, seed, "told")
    if told == rows:
        told = [rows[1], rows[0], rows[2]]
    say = "；".join(f"{int(t[:2])}点{int(t[3:])}分，{event}（{state}）" for t, state, _, event in told)
    frame = draw(
        [
            "把下面的值班口述写成 JSON Lines：一行一个 JSON 对象，键为 time（HH:MM）、level、msg，按时间先后排。level 用 INFO（正常）、WARN（警告）、ERROR（出错）。只输出这几行。\n{s}。",
            "{s}。\n请按时间从早到晚输出，每行一个 JSON 对象，不要放进数组，不要围栏；time 写成 HH:MM，level 为 INFO、WARN 或 ERROR（对应正常、警告、出错），msg 照抄。",
            "日志系统只收每行一个 JSON 对象（JSON Lines）。字段 time、level、msg；时间 HH:MM；正常=INFO，警告=WARN，出错=ERROR。请把“{s}”按时间顺序转好，别的不要输出。",
            "口述记录：{s}。转成逐行的 JSON（每行一个对象，键 time、level、msg，时间升序，time 形如 08:05；正常、警告、出错分别写 INFO、WARN、ERROR），只给结果。",
        ],
        name,
        seed,
        "frame",
    )
    good = [{"time": t, "level": level, "msg": event} for t, _, level, event in rows]
    lines = [
        {
            "object": {
                "time": {"time": row["time"], "form": "HH:MM"},
                "level": {"exact": row["level"]},
                "msg": row["msg"],
            }
        }
        for row in good
    ]

    def as_lines(values: Sequence[Any]) -> str:
        return "\n".join(written(value) for value in values)

    misses = [
        ("写成了数组", written(good)),
        ("加了围栏", f"```\n{as_lines(good)}\n```"),
        ("没有按时间排", as_lines([good[1], good[0], good[2]])),
        ("少一行", as_lines(good[:-1])),
    ]
    for number, row in enumerate(good):
        other = next(level for level in LEVELS.values() if level != row["level"])
        misses += [
            (f"第{number + 1}行 time 不对", as_lines(replaced(good, (number, "time"), "00:01"))),
            (f"第{number + 1}行 level 不对", as_lines(replaced(good, (number, "level"), other))),
            (f"第{number + 1}行 msg 不对", as_lines(replaced(good, (number, "msg"), row["msg"][:-1]))),
            (f"第{number + 1}行多一个键", as_lines(replaced(good, (number,), {**row, "id": 1}))),
        ]
    return {
        "prompt": frame.format(s=say),
        "row": "json",
        "difficulty": 4,
        "difficulty_reason": "逐行的 JSON，要重新排序，口语时间与状态都要换",
        "reference": as_lines(good),
        "criterion": [
            {
                "id": "lines",
                "text": "每行一个 JSON 对象，按时间先后，时间、级别、内容都对",
                "points": 3,
                "check": {"json_lines": {"lines": lines}},
            }
        ],
        "specimen": [
            {"answer": as_lines(good)},
            {"answer": as_lines([dict(reversed(row.items())) for row in good]) + "\n", "note": "键序不同"},
            *({"answer": text, "verdicts": {"lines": "not_met"}, "note": note} for note, text in misses),
        ],
    }


@family
def json_course_table(seed: int) -> Table:
    """A timetable told day by day, as nested JSON with empty days and counts; dates from a stated Monday."""
    name = "json_course_table"
    monday = date(2026, 3, 2) + timedelta(weeks=draw_integer(14, name, seed, "week"))
    days = sorted(draw_several(range(5), 3, name, seed, "days"))
    subjects = draw_several(
        ("语文", "数学", "英语", "书法", "物理", "历史", "体育"), 4, name, seed, "subjects"
    )
    order = [subjects[:2], subjects[2:]]
    order.insert(draw_integer(3, name, seed, "free"), [])
    weekday = "一二三四五"
    say = "；".join(
        f"周{weekday[d]}"
        + (f"上{'、'.join(lessons)}" if lessons else draw(["没课", "停课一天"], name, seed, "off"))
        for d, lessons in zip(days, order, strict=True)
    )
    tree = [
        {
            "日期": Field(
                (day := monday + timedelta(days=d)).isoformat(),
                {"date": day.isoformat(), "form": "YYYY-MM-DD"},
                (day + timedelta(days=7)).isoformat(),
            ),
            "课程": [plain(lesson, "自习") for lesson in lessons]
            if lessons
            else Field([], {"exact": []}, ["自习"]),
            "节数": plain(len(lessons), len(lessons) + 1),
        }
        for d, lessons in zip(days, order, strict=True)
    ]
    stated = f"本周一是{monday.year}年{monday.month}月{monday.day}日"
    frame = draw(
        [
            "{t}。课表：{s}。请输出 JSON 数组，每天一个对象，键为日期（YYYY-MM-DD）、课程（数组，没课给空数组）、节数（整数）。只写提到的三天，只输出 JSON。",
            "把“{s}”写成 JSON 数组（{t}）。元素的键：日期，形如 2026-01-31；课程，字符串数组；节数，整数。没课的那天课程为 []、节数为 0。不要别的文字。",
            "{t}，这周的安排是：{s}。转成 JSON：数组里三个对象，按日期先后，键 日期、课程、节数；日期写 YYYY-MM-DD，课程按次序，没有课用空数组。只要 JSON。",
            "请只输出 JSON 数组。内容：{s}。{t}。每个对象含 日期（YYYY-MM-DD）、课程（数组）、节数（数字），没课也要有一个对象。",
        ],
        name,
        seed,
        "frame",
    )
    return json_item(
        frame.format(t=stated, s=say),
        tree,
        difficulty=3,
        reason="周几换成日期，没课的那天用空数组和 0",
    )
