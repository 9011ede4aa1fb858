"""A quatrain to a topic and a rhyme group, both drawn by seed: fresh variants that nobody has published.

Seeds below 1,000, the public set, draw from poems written for this suite, so that each item has a specimen. Any
other seed draws topic, group and form freely from the lists, without a specimen: no poem is made by program.
"""

from __future__ import annotations

from typing import Any

from zhprobe.families.registry import draw, family

# Written for this suite; each is regular by 平水韵 in the group named.
POEMS = (
    ("七绝", "雪后访梅", "十灰", "踏雪寻香入谷来，寒枝一半向阳开。\n山翁不问人名姓，自扫苔矶待客杯。"),
    ("五绝", "乡村校车", "六麻", "铃声摇晓露，小径接田家。\n稚子争前座，窗边数菜花。"),
    ("七绝", "夜行列车", "八庚", "一灯飞过万山轻，窗外星河共月明。\n客枕不知身几许，晓来已到石头城。"),
    ("五绝", "邻家豆腐", "十一真", "石磨鸣残月，柴门透晓春。\n一方凝雪白，先饷隔墙人。"),
)
FORMS = {"五绝": ("五言绝句", "五"), "七绝": ("七言绝句", "七")}
TOPICS = (
    "雨后小巷", "山中访友", "湖上采菱", "雪夜归人", "旧书店", "晨跑", "深秋银杏", "夜航", "茶园", "村校放学", "老渡口",
    "江南梅雨", "塞外秋晴", "除夕守岁", "春耕", "海边日出", "竹林听雨", "古桥", "登高望远", "灯下缝衣", "候车", "修表匠",
    "庭前桂花", "冬日暖阳",
)  # fmt: skip
# Level groups wide enough for a quatrain on any of the topics.
GROUPS = (
    "一东", "二冬", "四支", "五微", "六鱼", "七虞", "八齐", "十灰", "十一真", "十二文", "十三元", "十四寒", "十五删",
    "一先", "二萧", "四豪", "五歌", "六麻", "七阳", "八庚", "九青", "十蒸", "十一尤", "十二侵",
)  # fmt: skip
NARROW = ("三江", "九青", "十蒸", "十五咸", "十三元", "四豪", "八齐", "十五删")


@family
def verse_to_order(seed: int) -> dict[str, Any]:
    """A regulated quatrain to a drawn topic and rhyme group."""
    public = seed < 1000
    if public:
        form, topic, rhyme, poem = POEMS[(seed - 1) % len(POEMS)]
    else:
        form = draw(tuple(FORMS), "verse_to_order", seed, "form")
        topic = draw(TOPICS, "verse_to_order", seed, "topic")
        rhyme = draw(GROUPS, "verse_to_order", seed, "rhyme")
        poem = ""
    name, characters = FORMS[form]
    prompt = draw(
        (
            f"写一首{name}，题目是“{topic}”，用平水韵“{rhyme}”韵。四句，每句{characters}个汉字；平仄、粘对合律，韵脚不出韵、"
            "不借邻韵、不重字；不用前人成句。只写诗。",
            f"请以“{topic}”为题作{name}一首，押平水韵“{rhyme}”部。要合近体格律（平仄、对、粘），不犯孤平和三平尾，偶句都押在这一部里，"
            f"不借邻部，韵字不重复。四句、每句{characters}个汉字，自己写，不抄古人。不要题目和说明。",
            f"题目“{topic}”，限平水韵“{rhyme}”，{name}一首：四句，每句{characters}个汉字，平仄粘对无误，韵脚不许出部、借邻韵或者重复，"
            "句子不能是现成的。直接给出诗的正文。",
        ),
        "verse_to_order",
        seed,
        "wording",
    )
    narrow = rhyme in NARROW
    table: dict[str, Any] = {
        "prompt": prompt,
        "slots": {"form": form, "topic": topic, "rhyme": rhyme},
        "difficulty": 4 if narrow else 2,
        "difficulty_reason": f"{form}，{'窄韵' if narrow else '宽韵'}，题目临时抽取",
    }
    if poem:
        first, rest = poem.split("\n")
        table["specimen"] = [
            {"answer": poem},
            {
                "answer": f"{first}\n{rest[:-2]}{'湖' if rhyme != '七虞' else '山'}。",
                "verdicts": {"rhyme": "not_met"},
                "note": "末句出韵",
            },
        ]
    return table
