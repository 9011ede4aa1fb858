"""A quatrain to a topic and a rhyme group, both drawn by seed: fresh variants that nobody has published.

Seeds below 1,000, the public set, draw from poems written for this suite, so that each item has a specimen. Any
other seed draws topic, group and form freely from the lists, without a specimen: no poem is made by program.
"""

from __future__ import annotations

from typing import Any

from zhprobe.families.registry import draw, family

# Written for this suite; each is regular by 平水韵 in the group named.
POEMS = (
    ("七绝", "春日游园", "十灰", "一夜春风送暖来，满园桃李一齐开。\n游人莫负清明酒，醉看斜阳下古台。"),
    ("五绝", "清明回乡", "六麻", "清明寻故里，小径入山家。\n雨过炊烟起，墙头见杏花。"),
    ("七绝", "秋江夜泊", "十一尤", "日暮江头一叶舟，寒波不尽向东流。\n谁家玉笛吹明月，散入芦花两岸秋。"),
    ("五绝", "渡口傍晚", "一先", "野渡横残照，疏钟破暮烟。\n儿童归去晚，争上采莲船。"),
    ("七绝", "雨中登楼", "十一尤", "西风吹雨过南楼，落叶无声满地愁。\n欲寄相思何处是，一江寒水绕沙头。"),
    ("五绝", "旅夜行船", "三江", "孤灯摇旅梦，夜雨打船窗。\n晓起开帘看，千帆下大江。"),
    ("七绝", "江湖送别", "十五咸", "秋风万里送归帆，酒渍离亭旧布衫。\n莫道江湖知己少，一轮明月上苍岩。"),
    ("五绝", "早高峰的地铁", "十灰", "地铁穿城过，人潮逐晓来。\n抬头灯影里，各自笑颜开。"),
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
