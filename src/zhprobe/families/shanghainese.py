"""Everyday tasks in Shanghainese made from seeds: times, prices, weekdays, lists, addresses, shopping.

Each family writes one situation three times from the same numbers: in Shanghainese, in standard Chinese (the
control: same task, same answer) and in another common spelling (the respelling). The answer is computed, and so
is the wrong answer that a reader gets who does not know the dialect word on which the item turns.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from zhprobe.families.registry import draw, draw_integer, family
from zhprobe.text.numbers import write_number
from zhprobe.text.wu import respell

_DAYS_WU = ("礼拜一", "礼拜两", "礼拜三", "礼拜四", "礼拜五", "礼拜六", "礼拜日")
_DAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


def numeral(n: int, *, wu: bool, counting: bool = True) -> str:
    """A number up to 99 as it is said; with `counting` a bare two is 两.

    >>> [numeral(n, wu=True) for n in (2, 12, 20, 22, 35)]
    ['两', '十二', '廿', '廿二', '三十五']
    >>> numeral(22, wu=False), numeral(2, wu=False, counting=False)
    ('二十二', '二')
    """
    if n == 2 and counting:
        return "两"
    said = write_number(n)
    return said.replace("二十", "廿") if wu else said


def clock(minutes: int, *, wu: bool) -> str:
    """A time of day on the twelve-hour clock as it is said.

    >>> clock(17 * 60 + 45, wu=True), clock(14 * 60 + 25, wu=True), clock(9 * 60, wu=False)
    ('五点三刻', '两点廿五分', '九点钟')
    """
    hour, minute = divmod(minutes, 60)
    head = numeral((hour - 1) % 12 + 1, wu=wu) + "点"
    named = {0: "钟", 15: "一刻", 30: "半", 45: "三刻"}
    if minute in named:
        return head + named[minute]
    return head + ("零" if minute < 10 else "") + numeral(minute, wu=wu, counting=False) + "分"


class _Price(NamedTuple):
    """Tenths of a yuan."""

    jiao: int

    def said(self, *, wu: bool) -> str:
        yuan, jiao = divmod(self.jiao, 10)
        head = numeral(yuan, wu=wu) + "块"
        if jiao == 5:
            return head + ("半" if wu else "五")
        return head + ("洋钿" if wu else "钱")


def _hhmm(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _table(
    wu: str,
    control: str,
    *,
    text: str,
    check: dict[str, Any],
    answer: str,
    wrong: list[tuple[str, str]],
    domain: str,
    difficulty: int,
    reason: str,
) -> dict[str, Any]:
    """The item with its twins; `wrong` pairs a near miss with what was misread or left undone."""
    return {
        "prompt": wu,
        "row": "understand",
        "control_kind": "same_task",
        "domain": domain,
        "intended": control,
        "reference": answer,
        "wrong_answers": [f"{near}（{note}）" for near, note in wrong],
        "difficulty": difficulty,
        "difficulty_reason": reason,
        "criterion": [{"id": "answer", "text": text, "check": check}],
        "specimen": [{"answer": answer}]
        + [{"answer": near, "verdicts": {"answer": "not_met"}, "note": note} for near, note in wrong],
        "twins": [
            {"role": "control", "prompt": control, "specimen": [{"answer": _in_mandarin(answer)}]},
            {"role": "respelling", "prompt": respell(wu), "specimen": [{"answer": answer}]},
        ],
    }


def _in_mandarin(answer: str) -> str:
    """The same answer as somebody asked in Mandarin would give it."""
    for day_wu, day in zip(_DAYS_WU, _DAYS, strict=True):
        answer = answer.replace(day_wu, day)
    return answer


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _two_names(family_name: str, seed: int, names: tuple[str, ...]) -> tuple[str, str]:
    first = draw_integer(len(names), family_name, seed, "first")
    step = 1 + draw_integer(len(names) - 1, family_name, seed, "second")
    return names[first], names[(first + step) % len(names)]


@family
def wu_meeting_time(seed: int) -> dict[str, Any]:
    """When and where two people meet; a second time in the text is for something else."""
    own = "wu_meeting_time"
    parts = (
        ("早浪向", "早上", 7, 9),
        ("下半日", "下午", 13, 16),
        ("夜快头", "傍晚", 17, 18),
        ("夜到", "晚上", 19, 20),
    )
    part_wu, part, first, last = draw(parts, own, seed, "part")
    hour = first + draw_integer(last - first + 1, own, seed, "hour")
    start = hour * 60 + draw((0, 15, 25, 30, 45, 20), own, seed, "minute")
    later = start + draw((30, 45, 60, 75), own, seed, "gap")
    day_wu, day = draw((("明朝", "明天"), ("后日", "后天"), ("礼拜日", "星期天")), own, seed, "day")
    name = draw(("小周", "小沈", "阿芳", "老许", "小顾", "阿林"), own, seed, "name")
    place = draw(
        ("静安寺地铁站", "曹家渡车站", "虹口公园门口", "中山公园地铁站", "五角场车站"), own, seed, "place"
    )
    plans = (
        ("去看电影，电影票买个是{}个", "去看电影，电影票买的是{}的"),
        ("去望老师，搭老师讲好{}到", "去看望老师，和老师说好{}到"),
        ("去吃喜酒，酒水{}开始", "去吃喜酒，酒席{}开始"),
    )
    todo_wu, todo = draw(
        plans if hour >= 17 else plans[:2],  # a wedding dinner is in the evening
        own,
        seed,
        "todo",
    )
    wu = (
        f"{day_wu}{part_wu}{clock(start, wu=True)}，我搭{name}辣{place}碰头，碰好头一道{todo_wu.format(clock(later, wu=True))}。"
        '请侬拿碰头个辰光搭地方写成 JSON：{"time":"HH:MM","place":"…"}，用廿四小时制，别样物事勿要写。'
    )
    control = (
        f"{day}{part}{clock(start, wu=False)}，我和{name}在{place}见面，见完面一起{todo.format(clock(later, wu=False))}。"
        '请你把见面的时间和地点写成 JSON：{"time":"HH:MM","place":"…"}，用二十四小时制，别的东西不要写。'
    )
    other_half = start - 720 if start >= 780 else start + 720
    core = place.removesuffix("地铁站").removesuffix("车站").removesuffix("门口")
    return _table(
        wu,
        control,
        text=f"碰头时间写{_hhmm(start)}，地点写{place}",
        check={"wu_json_fields": {"fields": {"time": _clock_pattern(start), "place~": core}}},
        answer=_json({"time": _hhmm(start), "place": place}),
        wrong=[
            (_json({"time": _hhmm(later), "place": place}), "写成了后一桩事体的辰光"),
            (_json({"time": _hhmm(other_half), "place": place}), f"没有看懂“{part_wu}”"),
            (_json({"time": _hhmm(start), "place": "屋里"}), "地方不对"),
            (_json({"time": _hhmm(start), "place": place, "name": name}), "多写了一项"),
        ],
        domain="公交地铁",
        difficulty=1,
        reason="时段词和一个干扰时间，一步换算成二十四小时制",
    )


def _clock_pattern(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{'0?' if hour < 10 else ''}{hour}:{minute:02d}"


@family
def wu_market_sum(seed: int) -> dict[str, Any]:
    """What two things cost together, or what comes back from a note."""
    own = "wu_market_sum"
    goods = (
        ("番茄", "番茄"),
        ("落苏", "茄子"),
        ("洋山芋", "土豆"),
        ("卷心菜", "卷心菜"),
        ("鸡毛菜", "鸡毛菜"),
        ("长豇豆", "豇豆"),
    )
    first = draw_integer(len(goods), own, seed, "goods")
    second = (first + 1 + draw_integer(len(goods) - 1, own, seed, "other")) % len(goods)
    (one_wu, one), (two_wu, two) = goods[first], goods[second]
    price_one = _Price(10 * (3 + draw_integer(4, own, seed, "price one")))
    price_two = _Price(10 * (2 + draw_integer(4, own, seed, "price two")) + 5)
    many = 21 + draw_integer(5, own, seed, "many")
    few = 2 * (1 + draw_integer(3, own, seed, "few"))
    total = (price_one.jiao * many + price_two.jiao * few) // 10
    change = draw_integer(2, own, seed, "change") == 1
    paid = 200
    ask_wu = (
        "我拨摊主两百块钞票，找头应该有几钿？" if change else "共总要几钿？"
    ) + "只写一个阿拉伯数字，单位是块。"
    ask = (
        "我给摊主两百块钱，应该找回多少钱？" if change else "总共要多少钱？"
    ) + "只写一个阿拉伯数字，单位是元。"
    wu = (
        f"食堂叫我去小菜场买小菜。{one_wu}{price_one.said(wu=True)}一斤，我买了{numeral(many, wu=True)}斤；"
        f"{two_wu}{price_two.said(wu=True)}一斤，我买了{numeral(few, wu=True)}斤。{ask_wu}"
    )
    control = (
        f"食堂叫我去菜市场买菜。{one}{price_one.said(wu=False)}一斤，我买了{numeral(many, wu=False)}斤；"
        f"{two}{price_two.said(wu=False)}一斤，我买了{numeral(few, wu=False)}斤。{ask}"
    )
    right = paid - total if change else total
    lost = (price_one.jiao * (many - 20) + price_two.jiao * few) // 10
    flat = (price_one.jiao * many + (price_two.jiao - 5) * few) // 10
    return _table(
        wu,
        control,
        text=f"答案是{right}",
        check={"wu_number": {"expected": right}},
        answer=str(right),
        wrong=[
            (str(paid - lost if change else lost), "没有看懂“廿”"),
            (str(paid - flat if change else flat), "没有看懂“块半”"),
            (f"先算出来是{lost}，再改成{right}", "写了不止一个数"),
        ],
        domain="菜场",
        difficulty=3 if change else 2,
        reason="廿、块半两处方言数法" + ("，再算找头，三步" if change else "，两步"),
    )


@family
def wu_weekday(seed: int) -> dict[str, Any]:
    """On which date and weekday somebody comes, counted from 大后日 and the like."""
    own = "wu_weekday"
    today = 2 + draw_integer(20, own, seed, "date")
    weekday = draw_integer(7, own, seed, "weekday")
    word_wu, word, ahead, misread = draw(
        (("大后日", "大后天", 3, 2), ("后日", "后天", 2, 1), ("大后日", "大后天", 3, 1)), own, seed, "word"
    )
    shift = draw((-1, 2, 1), own, seed, "shift")
    one, two = _two_names(own, seed, ("老张", "老李", "阿王", "小孙", "老钱"))
    job = draw(("来修水管", "来装空调", "来抄煤气表"), own, seed, "job")
    amount = numeral(abs(shift), wu=True)
    side_wu, side = ("早", "早") if shift < 0 else ("晏", "晚")
    date, day = today + ahead + shift, (weekday + ahead + shift) % 7
    bad_date, bad_day = today + misread + shift, (weekday + misread + shift) % 7
    wu = (
        f"今朝是{numeral(today, wu=True)}号，{_DAYS_WU[weekday]}。{one}讲伊{word_wu}{job}，"
        f"{two}讲伊比{one}{side_wu}{amount}日来。请问{two}几号来、礼拜几来？"
        "照“几号，礼拜几”个样子写，别样勿要写。"
    )
    control = (
        f"今天是{numeral(today, wu=False, counting=False)}号，{_DAYS[weekday]}。{one}说他{word}{job}，"
        f"{two}说他比{one}{side}{amount}天来。请问{two}几号来、星期几来？"
        "照“几号，星期几”的样子写，别的不要写。"
    )
    right = f"{date}号，{_DAYS_WU[day]}"
    return _table(
        wu,
        control,
        text=f"答案是{right}",
        check={"wu_exact": {"accept": [right]}},
        answer=right,
        wrong=[
            (f"{bad_date}号，{_DAYS_WU[bad_day]}", f"“{word_wu}”少算了日脚"),
            (f"{two}{right}来", "要求之外还写了别的"),
        ],
        domain="修理",
        difficulty=3,
        reason=f"“{word_wu}”和“{side_wu}{amount}日”要连算两步，日期和星期都要对",
    )


@family
def wu_delay(seed: int) -> dict[str, Any]:
    """How many minutes are left to wait when a train or a doctor is late."""
    own = "wu_delay"
    hour = 7 + draw_integer(4, own, seed, "hour")
    start = hour * 60 + draw((20, 25, 10, 5), own, seed, "minute")
    late, late_wu, late_cmn = draw(
        (
            (45, "三刻钟", "三刻钟"),
            (30, "半个钟头", "半个小时"),
            (25, "廿五分钟", "二十五分钟"),
            (22, "廿二分钟", "二十二分钟"),
        ),
        own,
        seed,
        "late",
    )
    here = start + draw((3, 5, 8, -5), own, seed, "here")
    scene = draw(
        (
            (
                "去苏州个火车本来{a}开，今朝晏了{d}。我{b}到车站，",
                "去苏州的火车本来{a}开，今天晚了{d}。我{b}到车站，",
                "公交地铁",
            ),
            (
                "张医生本来{a}开始看毛病，今朝晏{d}来。阿奶{b}就到医院了，坐辣海等，",
                "张医生本来{a}开始看病，今天晚来{d}。奶奶{b}就到医院了，坐着等，",
                "看病",
            ),
            (
                "长途车本来{a}开，落大雨咾晏{d}开。我{b}到站头，",
                "长途车本来{a}开，因为下大雨晚开{d}。我{b}到车站，",
                "天气",
            ),
        ),
        own,
        seed,
        "scene",
    )
    body_wu = scene[0].format(a=clock(start, wu=True), d=late_wu, b=clock(here, wu=True))
    body = scene[1].format(a=clock(start, wu=False), d=late_cmn, b=clock(here, wu=False))
    right = start + late - here
    ignored = abs(start - here)
    wrong = [
        (str(ignored), "没有看懂“晏”，当作准点"),
        (f"{_hhmm(start + late)}，还要等{right}分钟", "写了不止一个数"),
    ]
    return _table(
        f"{body_wu}还要等几化分钟？只写一个数字。",
        f"{body}还要等多少分钟？只写一个数字。",
        text=f"答案是{right}",
        check={"wu_number": {"expected": right}},
        answer=str(right),
        wrong=wrong,
        domain=scene[2],
        difficulty=3,
        reason="“晏”决定往哪边算，钟点和一刻、廿几分混用",
    )


@family
def wu_gifts(seed: int) -> dict[str, Any]:
    """Who ends up with how many, when things are given, given back and lent."""
    own = "wu_gifts"
    thing_wu, thing, unit_wu, unit = draw(
        (
            ("橘子", "橘子", "只", "个"),
            ("练习簿", "练习本", "本", "本"),
            ("月饼", "月饼", "只", "个"),
            ("铅笔", "铅笔", "支", "支"),
        ),
        own,
        seed,
        "thing",
    )
    names = draw(
        (("阿强", "阿珍", "小明"), ("大毛", "二毛", "妹妹"), ("阿娟", "阿琴", "小方")), own, seed, "names"
    )
    a0 = 8 + draw_integer(5, own, seed, "a")
    c0 = 2 + draw_integer(3, own, seed, "c")
    x = 4 + draw_integer(2, own, seed, "x")
    y = 2 + draw_integer(2, own, seed, "y")
    z = 1 + draw_integer(2, own, seed, "z")
    a, b, c = names
    wu = (
        f"{a}有{numeral(a0, wu=True)}{unit_wu}{thing_wu}，{b}一{unit_wu}也呒没，{c}有{numeral(c0, wu=True)}{unit_wu}。"
        f"{a}拨了{b}{numeral(x, wu=True)}{unit_wu}，{b}自家留一眼，分{numeral(y, wu=True)}{unit_wu}拨{c}，"
        f"{c}又还拨{a}{numeral(z, wu=True)}{unit_wu}。乃末三家头每人有几{unit_wu}？"
        f'用 JSON 写：{{"{a}":n,"{b}":n,"{c}":n}}，别样勿要写。'
    )
    control = (
        f"{a}有{numeral(a0, wu=False)}{unit}{thing}，{b}一{unit}也没有，{c}有{numeral(c0, wu=False)}{unit}。"
        f"{a}给了{b}{numeral(x, wu=False)}{unit}，{b}自己留下一点，分{numeral(y, wu=False)}{unit}给{c}，"
        f"{c}又还给{a}{numeral(z, wu=False)}{unit}。现在三个人每人有几{unit}？"
        f'用 JSON 写：{{"{a}":n,"{b}":n,"{c}":n}}，别的不要写。'
    )
    right = {a: a0 - x + z, b: x - y, c: c0 + y - z}
    reversed_ = {a: a0 + x - z, b: x + y, c: c0 - y + z}
    return _table(
        wu,
        control,
        text="三个人各有多少写对：" + "、".join(f"{k}{v}" for k, v in right.items()),
        check={"wu_json_equal": {"expected": right}},
        answer=_json(right),
        wrong=[
            (_json(reversed_), "“拨”的方向看反了"),
            (_json({a: right[a], b: right[b]}), "少写一个人"),
            (_json(right | {"共总": a0 + c0}), "多写一项"),
            ("、".join(f"{k}有{v}{unit_wu}" for k, v in right.items()), "不是 JSON"),
        ],
        domain="家里",
        difficulty=3,
        reason="“拨”给、“还拨”还给，三次转手，方向看反就全错",
    )


@family
def wu_roster(seed: int) -> dict[str, Any]:
    """Who stays on a list, in which order."""
    own = "wu_roster"
    group, (event_wu, event, domain) = draw(
        (
            (
                ("王阿姨", "李阿姨", "赵阿姨", "钱阿姨", "周阿姨", "吴阿姨"),
                ("居委会叫大家礼拜六去种花", "居委会叫大家星期六去种花", "居委会"),
            ),
            (
                ("小陆", "小马", "小曹", "小金", "小乔", "小石"),
                ("老师排值日", "老师排值日", "学校"),
            ),
            (
                ("阿大", "阿二", "阿三", "阿四", "阿五", "阿六"),
                ("弄堂里轮着揩楼梯", "弄堂里轮流擦楼梯", "邻里"),
            ),
            (
                ("老张", "老严", "老顾", "老杨", "老朱", "老沈"),
                ("公司里轮着夜到值班", "公司里轮流晚上值班", "上班"),
            ),
        ),
        own,
        seed,
        "people",
    )
    turn = draw_integer(6, own, seed, "turn")
    people: tuple[str, ...] = (*group[turn:], *group[:turn])
    first = draw_integer(3, own, seed, "first")
    second = 3 + draw_integer(3, own, seed, "second")
    out = (people[first], people[second])
    backwards = draw_integer(2, own, seed, "order") == 0
    kept = [p for p in people if p not in out]
    right = kept[::-1] if backwards else [*kept[1:], kept[0]]
    rule_wu = (
        "请侬拿名单倒过来，只写要来个人"
        if backwards
        else f"请侬照名单个次序拿要来个人写出来，必过{kept[0]}要排辣末脚"
    )
    rule = (
        "请你把名单倒过来，只写要来的人"
        if backwards
        else f"请你按名单的次序把要来的人写出来，不过{kept[0]}要排在最后"
    )
    names = "、".join(people)
    wu = (
        f"{event_wu}，名单是：{names}。除脱{out[0]}搭{out[1]}，其他人侪要来。"
        f"{rule_wu}，用顿号隔开，别样勿要写。"
    )
    control = (
        f"{event}，名单是：{names}。除了{out[0]}和{out[1]}，其他人都要来。{rule}，用顿号隔开，别的不要写。"
    )
    return _table(
        wu,
        control,
        text="写成" + "、".join(right),
        check={"wu_list": {"expected": right}},
        answer="、".join(right),
        wrong=[
            ("、".join(out), "没有看懂“除脱”，写成不来的人"),
            ("、".join(kept), "次序没有照要求排"),
            ("、".join(right[:-1]), "漏脱一个人"),
            ("、".join(reversed(people)), "一个也没有除脱"),
        ],
        domain=domain,
        difficulty=2 if backwards else 3,
        reason="“除脱”“侪”定人，" + ("再倒排" if backwards else "“必过”“末脚”再改次序"),
    )


@family
def wu_address(seed: int) -> dict[str, Any]:
    """An address out of a chatty explanation, one part of it corrected."""
    own = "wu_address"
    road = draw(("长乐路", "武定路", "山阴路", "平凉路", "天山路", "江苏路"), own, seed, "road")
    lane = 20 + draw_integer(60, own, seed, "lane")
    number = 2 + draw_integer(18, own, seed, "number")
    wrong_number = number + 1 + draw_integer(5, own, seed, "wrong")
    floor = 2 + draw_integer(4, own, seed, "floor")
    room = f"{floor}0{1 + draw_integer(6, own, seed, 'room')}"
    landmark_wu, landmark, domain = draw(
        (
            ("一只修鞋子个摊头", "一个修鞋的摊子", "修理"),
            ("一爿粮油店", "一家粮油店", "邻里"),
            ("一爿药房", "一家药店", "看病"),
        ),
        own,
        seed,
        "landmark",
    )

    def say(n: int, *, wu: bool) -> str:
        return numeral(n, wu=wu, counting=wu)

    wu = (
        f"师傅，侬送到{road}{say(lane, wu=True)}弄，弄堂口有{landmark_wu}，对过埃{landmark_wu[1]}勿是个，勿要寻错脱。"
        f"进来是{say(wrong_number, wu=True)}号，哦，讲错脱了，是{say(number, wu=True)}号，{say(wrong_number, wu=True)}号是阿拉爷叔屋里。"
        f"上{say(floor, wu=True)}楼，{room}室。请侬拿要送到个地址写成 JSON："
        '{"路":"…","弄":n,"号":n,"室":"…"}，别样勿要写。'
    )
    control = (
        f"师傅，你送到{road}{say(lane, wu=False)}弄，弄堂口有{landmark}，对面那家不是的，别找错了。"
        f"进来是{say(wrong_number, wu=False)}号，哦，说错了，是{say(number, wu=False)}号，{say(wrong_number, wu=False)}号是我叔叔家。"
        f"上{say(floor, wu=False)}楼，{room}室。请你把要送到的地址写成 JSON："
        '{"路":"…","弄":n,"号":n,"室":"…"}，别的不要写。'
    )
    right = {"路": road, "弄": lane, "号": number, "室": room}
    return _table(
        wu,
        control,
        text=f"地址是{road}{lane}弄{number}号{room}室",
        check={
            "wu_json_fields": {
                "fields": {
                    "路": road,
                    "弄~": f"(?<!\\d){lane}(?!\\d)",
                    "号~": f"(?<!\\d){number}(?!\\d)",
                    "室~": room,
                }
            }
        },
        answer=_json(right),
        wrong=[
            (_json(right | {"号": wrong_number}), "写成讲错的门牌，那是爷叔屋里"),
            (_json(right | {"弄": lane + 1}), "弄号不对"),
            (_json(right | {"路": "南京路"}), "路名不对"),
            (_json(right | {"室": "101"}), "室号不对"),
            (_json(right | {"楼": floor}), "多写一项"),
        ],
        domain=domain,
        difficulty=2,
        reason="口头更正（讲错脱了）和亲属称呼里的干扰门牌",
    )


@family
def wu_shopping_list(seed: int) -> dict[str, Any]:
    """What to buy and how much of it, when one thing is struck off and one is changed."""
    own = "wu_shopping_list"
    egg = 20 + 2 * draw_integer(3, own, seed, "egg")
    bun = 2 + draw_integer(4, own, seed, "bun")
    tofu = 1 + draw_integer(3, own, seed, "tofu")
    more = 1 + draw_integer(2, own, seed, "more")
    speaker_wu, speaker = draw(
        (("外婆", "外婆"), ("姆妈", "妈妈"), ("阿奶", "奶奶"), ("隔壁嬢嬢", "隔壁阿姨")), own, seed, "speaker"
    )
    dropped = draw(("酱油", "米醋", "料酒", "麻油"), own, seed, "dropped")
    wu = (
        f"{speaker_wu}讲：“侬去买小菜，拨我带{numeral(egg, wu=True)}只鸡蛋，{numeral(tofu, wu=True)}块豆腐，"
        f"再买{numeral(bun, wu=True)}只淡馒头。{dropped}也买一瓶……哦，{dropped}勿要了，屋里还有辣海。"
        f"豆腐多买{numeral(more, wu=True)}块，夜到人客要来。”请侬照伊个意思写 JSON，键是 "
        f'"鸡蛋"、"豆腐"、"馒头"、"{dropped}"，值是要买个数目，勿买个写 0，别样勿要写。'
    )
    control = (
        f"{speaker}说：“你去买菜，给我带{numeral(egg, wu=False)}个鸡蛋，{numeral(tofu, wu=False)}块豆腐，"
        f"再买{numeral(bun, wu=False)}个没馅的馒头。{dropped}也买一瓶……哦，{dropped}不要了，家里还有。"
        f"豆腐多买{numeral(more, wu=False)}块，晚上客人要来。”请你照她的意思写 JSON，键是 "
        f'"鸡蛋"、"豆腐"、"馒头"、"{dropped}"，值是要买的数目，不买的写 0，别的不要写。'
    )
    right: dict[str, Any] = {"鸡蛋": egg, "豆腐": tofu + more, "馒头": bun, dropped: 0}
    return _table(
        wu,
        control,
        text="数目写对：" + "、".join(f"{k}{v}" for k, v in right.items()),
        check={"wu_json_equal": {"expected": right}},
        answer=_json(right),
        wrong=[
            (_json(right | {dropped: 1}), "没有看懂“勿要了，屋里还有辣海”"),
            (_json(right | {"鸡蛋": egg - 20 or 2}), "没有看懂“廿”"),
            (_json(right | {"豆腐": tofu}), "没有加上后来多买的"),
            (_json({k: v for k, v in right.items() if k != dropped}), "不买的一项没有写"),
        ],
        domain="菜场",
        difficulty=2,
        reason="廿、勿要了、多买三处改动，要照最后的意思写",
    )
