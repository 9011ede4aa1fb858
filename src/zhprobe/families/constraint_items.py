"""Constraint families: lists, lines of equal length, words in and out; numbers, topics and styles by seed.

The right answers are put together from short lines written for each topic, so that any number and style a
seed draws has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zhprobe.families.registry import draw, draw_integer, draw_several, family
from zhprobe.text.han import count_han
from zhprobe.text.numbers import write_number

Table = dict[str, Any]

# topic: words that show an answer speaks of it, and tips of equal length
TIPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "坐地铁": (
        ("地铁", "车门", "站台", "座", "扶", "下车", "上车"),
        (
            "先下车再上车",
            "书包背到胸前",
            "车门边不久站",
            "急刹扶稳把手",
            "说话压低声音",
            "座位让给老人",
            "站台别追逐跑",
            "换乘提前看牌",
        ),
    ),
    "照看阳台盆花": (
        ("花", "水", "盆", "土", "叶", "肥", "枝"),
        (
            "土干了再浇水",
            "盆底留个水孔",
            "黄叶随手摘掉",
            "夏天正午遮阴",
            "冬夜搬进屋里",
            "施肥宁少勿多",
            "开春换一次土",
            "长枝剪去三寸",
        ),
    ),
    "带孩子去图书馆": (
        ("书", "馆", "孩子", "座", "走路"),
        (
            "进馆先静手机",
            "看完放回书车",
            "走路轻一点点",
            "喝水去休息区",
            "借书卡要带好",
            "绘本别折书角",
            "座位不占两个",
            "说话凑近耳边",
        ),
    ),
    "雨天骑车回家": (
        ("雨", "车", "骑", "路", "灯", "刹"),
        (
            "雨衣穿亮颜色",
            "刹车提前两秒",
            "积水绕开慢骑",
            "路口下车推行",
            "车灯一直开着",
            "头盔系紧带子",
            "别撑伞单手骑",
            "到家擦干链条",
        ),
    ),
    "第一次自己做饭": (
        ("锅", "菜", "油", "火", "盐", "刀", "米"),
        (
            "先把米饭煮上",
            "菜洗净再改刀",
            "油热了才下锅",
            "盐分两次来放",
            "起锅前尝一口",
            "关火再去盛菜",
            "刀口朝外放好",
            "锅铲随用随洗",
        ),
    ),
}
STYLES: dict[str, str] = {
    "1.": "“1.”“2.”这样的编号",
    "①": "①②③这样的带圈数字",
    "（一）": "“（一）（二）”这样的编号",
    "-": "减号“-”",
}
_CIRCLED = "①②③④⑤⑥⑦⑧"


def _marker(style: str, number: int) -> str:
    if style == "1.":
        return f"{number}. "
    if style == "①":
        return _CIRCLED[number - 1]
    return f"（{write_number(number)}）" if style == "（一）" else "- "


def _marked(style: str, lines: Sequence[str]) -> str:
    return "\n".join(_marker(style, number) + line for number, line in enumerate(lines, start=1))


def _criterion(
    key: str, text: str, points: int, check: Mapping[str, Any], gate: float | None = None
) -> Table:
    made: Table = {"id": key, "text": text, "points": points, "check": dict(check)}
    return made if gate is None else made | {"gate": gate}


def _topic(words: Sequence[str]) -> Table:
    check = {"on_topic": {"strings": list(words)}}
    return _criterion("topic", "说的是题目要的内容，不是照抄题目", 1, check, 0.0)


def _item(
    prompt: str,
    criteria: Sequence[Table],
    good: Sequence[str],
    misses: Sequence[tuple[str, Sequence[str], str]],
    difficulty: int,
    reason: str,
) -> Table:
    return {
        "prompt": prompt,
        "row": "constraints",
        "difficulty": difficulty,
        "difficulty_reason": reason,
        "criterion": list(criteria),
        "specimen": [
            *({"answer": text} for text in good),
            *(
                {"answer": text, "verdicts": dict.fromkeys(failed, "not_met"), "note": note}
                for text, failed, note in misses
            ),
        ],
    }


def _other_topic(topic: str) -> tuple[str, ...]:
    """Tips of a topic that shares no word with this one."""
    words = TIPS[topic][0]
    for name, (_, tips) in TIPS.items():
        if name != topic:
            clean = [tip for tip in tips if not any(word in tip for word in words)]
            if len(clean) >= 6:
                return tuple(clean)
    raise ValueError(f"every topic shares words with {topic}")


@family
def constraint_list(seed: int) -> Table:
    """So many tips in a drawn numbering, nothing else."""
    name = "constraint_list"
    topic = draw(list(TIPS), name, seed, "topic")
    words, tips = TIPS[topic]
    style = draw(list(STYLES), name, seed, "style")
    count = 3 + draw_integer(4, name, seed, "count")
    chosen = draw_several(tips, count + 1, name, seed, "tips")
    frame = draw(
        [
            "写{n}条{t}的提醒，用{s}，一条一行，恰好{n}条，前后不要别的话。",
            "关于{t}，请列出恰好{n}条建议。每条一行，行首用{s}。只输出这{n}行。",
            "贴在门上的小纸条：{t}，{n}条，不多不少，用{s}标在行首，每条占一行，不写标题和结尾。",
            "用{s}列出{t}要记住的{n}件事，一行一件，只要这{n}行。",
        ],
        name,
        seed,
        "frame",
    )
    shown = draw([str(count), write_number(count)], name, seed, "numeral")
    other = next(s for s in STYLES if s != style)
    good = _marked(style, chosen[:count])
    misses = [
        (_marked(style, chosen[: count - 1]), ["list"], "少一条"),
        (_marked(style, chosen), ["list"], "多一条"),
        (_marked(other, chosen[:count]), ["list"], "编号样式不对"),
        ("要点如下：\n" + good, ["list"], "多了一行"),
        (_marked(style, _other_topic(topic)[:count]), ["topic"], "说的是别的事")
        if len(_other_topic(topic)) >= count
        else ("", ["topic", "list"], "空的回答"),
    ]
    if style != "-":
        skipped = good.replace(_marker(style, count), _marker(style, count + 1))
        misses.append((skipped, ["list"], "编号跳了一个"))
    return _item(
        frame.format(n=shown, t=topic, s=STYLES[style]),
        [
            _topic(words),
            _criterion(
                "list",
                f"用{STYLES[style]}列出恰好{count}条，没有别的话",
                2,
                {"list_items": {"style": style, "exactly": count, "only": True}},
            ),
        ],
        [good, _marked(style, list(reversed(chosen[:count])))],
        misses,
        difficulty=1 if style == "1." else 2,
        reason="条数与编号样式都要对，前后不能有话",
    )


@family
def constraint_lines(seed: int) -> Table:
    """So many lines of exactly six Han characters, without marks."""
    name = "constraint_lines"
    topic = draw(list(TIPS), name, seed, "topic")
    words, tips = TIPS[topic]
    count = 3 + draw_integer(4, name, seed, "count")
    chosen = draw_several(tips, count + 1, name, seed, "tips")
    size = count_han(chosen[0])
    frame = draw(
        [
            "就“{t}”写{n}行顺口溜，每行恰好{k}个汉字，行末不加标点，也不编号。",
            "{t}：请写{n}句口诀，一句一行，每句{k}个字，不用任何标点。",
            "把{t}写成{n}行的小提示，每行正好{k}个汉字，不许有标点符号，只写这{n}行。",
            "写{n}行、每行{k}个汉字的口号，内容是{t}，不带标点，不要标题。",
        ],
        name,
        seed,
        "frame",
    )
    shown = draw([str(count), write_number(count)], name, seed, "numeral")
    good = "\n".join(chosen[:count])
    first = chosen[0]
    misses = [
        ("\n".join(chosen[: count - 1]), ["shape"], "少一行"),
        ("\n".join(chosen), ["shape"], "多一行"),
        (good.replace(first, first[:-1], 1), ["shape"], f"第一行只有{size - 1}个字"),
        ("\n".join(line[:-1] for line in chosen[:count]), ["shape"], "每行都少一个字"),
        ("\n".join(f"要{line}" for line in chosen[:count]), ["shape"], "每行都多一个字"),
        (good + "。", ["marks"], "末尾有句号"),
        (good.replace("\n", "，\n"), ["marks"], "行末有逗号"),
    ]
    if len(away := _other_topic(topic)) >= count:
        misses.append(("\n".join(away[:count]), ["topic"], "说的是别的事"))
    return _item(
        frame.format(n=shown, t=topic, k=draw([str(size), write_number(size)], name, seed, "size")),
        [
            _topic(words),
            _criterion(
                "shape",
                f"恰好{count}行，每行{size}个汉字",
                2,
                {"line_lengths": {"lines": count, "characters": size}},
            ),
            _criterion("marks", "没有标点", 1, {"punctuation_none": {}}),
        ],
        [good, "\n".join(reversed(chosen[:count]))],
        misses,
        difficulty=2,
        reason=f"{count}行，每行{size}字，还不能有标点",
    )


# a word that must occur, and a sentence that holds it without 的, 了 or 很
SCENES: dict[str, tuple[tuple[str, str], ...]] = {
    "海边小镇": (
        ("灯塔", "灯塔在雾里一明一灭。"),
        ("渔网", "老人坐在门口补渔网。"),
        ("贝壳", "孩子把贝壳排成一行。"),
        ("码头", "码头上堆着空木箱。"),
        ("海鸥", "海鸥停在船头打盹。"),
        ("咸鱼", "竹竿上晒着咸鱼。"),
    ),
    "山村清晨": (
        ("炊烟", "炊烟从瓦缝里钻出来。"),
        ("石阶", "石阶上还留着露水。"),
        ("公鸡", "公鸡叫过三遍，天才亮。"),
        ("水车", "水车吱呀吱呀转着。"),
        ("竹篮", "奶奶提着竹篮去摘豆角。"),
        ("薄雾", "薄雾贴着山腰走。"),
    ),
    "冬夜车站": (
        ("围巾", "她把围巾又绕一圈。"),
        ("站牌", "站牌下只剩两个人。"),
        ("热茶", "小贩递来一杯热茶。"),
        ("雪花", "雪花落在车窗上不化。"),
        ("末班车", "末班车晚点十分钟。"),
        ("行李箱", "行李箱立在脚边，像一条老狗。"),
    ),
}
FORBIDDEN = ("的", "了", "很")


@family
def constraint_words(seed: int) -> Table:
    """A scene in so many sentences that must hold some words and may not hold one common character."""
    name = "constraint_words"
    scene = draw(list(SCENES), name, seed, "scene")
    count = 3 + draw_integer(2, name, seed, "count")
    order = draw_several([word for word, _ in SCENES[scene]], count, name, seed, "words")
    sentence = dict(SCENES[scene])
    wanted = order[:2]
    banned = draw(FORBIDDEN, name, seed, "banned")
    frame = draw(
        [
            "写{s}，恰好{n}句话，要出现“{a}”和“{b}”，全文不许用“{x}”字。",
            "用{n}句话描写{s}：必须写到“{a}”“{b}”，一个“{x}”字也不能有。",
            "请以{s}为题写一小段，共{n}句，句末用句号；“{a}”和“{b}”都要出现，避开“{x}”字。",
            "描写{s}。要求：恰好{n}句；包含“{a}”“{b}”；通篇没有“{x}”字。",
        ],
        name,
        seed,
        "frame",
    )
    good = "".join(sentence[word] for word in order)
    spare = next(word for word, _ in SCENES[scene] if word not in order)
    added = {"的": "远处的灯亮着。", "了": "天亮了，人醒了。", "很": "四下里很静。"}[banned]
    replaced = [sentence[word] for word in order[2:]]
    return _item(
        frame.format(s=scene, n=write_number(count), a=wanted[0], b=wanted[1], x=banned),
        [
            _topic([word for word, _ in SCENES[scene]]),
            _criterion(
                "words", f"出现“{wanted[0]}”和“{wanted[1]}”", 2, {"must_include": {"strings": wanted}}
            ),
            _criterion("avoid", f"没有“{banned}”字", 2, {"must_exclude": {"strings": [banned]}}),
            _criterion("count", f"恰好{count}句", 1, {"count_sentences": {"exactly": count}}),
        ],
        [good, "".join(sentence[word] for word in reversed(order))],
        [
            ("".join([sentence[spare], sentence[wanted[1]], *replaced]), ["words"], f"没有“{wanted[0]}”"),
            ("".join([sentence[wanted[0]], sentence[spare], *replaced]), ["words"], f"没有“{wanted[1]}”"),
            (
                "".join([sentence[wanted[0]], sentence[wanted[1]], *replaced[:-1], added]),
                ["avoid"],
                f"有“{banned}”字",
            ),
            (good + sentence[spare], ["count"], f"{count + 1}句"),
            (
                "".join([sentence[wanted[0]], sentence[wanted[1]], *replaced[:-1]]),
                ["count"],
                f"{count - 1}句",
            ),
        ],
        difficulty=2 if banned != "的" else 3,
        reason="要有的词、不许有的字和句数同时守",
    )
