"""Regular poems of our own with one character put out of tone or out of rhyme; the place is the answer.

A draw is kept only if the scan finds exactly one fault, at the planted place, with no other explanation:
so the answer does not hang on a school or a rare reading.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from zhprobe.families.registry import draw, draw_integer, family
from zhprobe.text.verse import Scan, scan

# Written for this suite; all are regular by 平水韵 with common readings.
POEMS = (
    ("五绝", "钟声云外度，古寺翠微中。\n扫叶僧归晚，松门落照红。"),
    ("五绝", "细雨催春早，新晴绿满畴。\n谁家双燕子，带絮上帘钩。"),
    ("五绝", "独立寒溪畔，清香不待春。\n枝头千点雪，原是月前身。"),
    ("五绝", "野渡横残照，疏钟破暮烟。\n儿童归去晚，争上采莲船。"),
    ("五绝", "清明寻故里，小径入山家。\n雨过炊烟起，墙头见杏花。"),
    ("七绝", "柳浪闻莺晓色中，平湖十里碧玲珑。\n画船载得笙歌去，一路桃花映水红。"),
    ("七绝", "一叶轻帆任去留，芦花深处数沙鸥。\n得鱼换酒归来晚，醉卧寒江月满舟。"),
    ("七绝", "春山烟雨润新芽，陌上歌声出万家。\n十指纤纤筐欲满，归来满袖是云霞。"),
    ("七绝", "巨流东下浪连天，两岸青山送客船。\n白帝猿声犹在耳，一帆已到夕阳边。"),
    ("七绝", "一夜春风送暖来，满园桃李一齐开。\n游人莫负清明酒，醉看斜阳下古台。"),
)
# Plain words of one tone only; level, then oblique.
LEVEL = "天山云花江春秋人家门城楼桥船声香晴烟溪村"
OBLIQUE = "月水雨雪日夜柳竹树鸟石路巷酒梦影色草岸浪"
DIGITS = "一二三四五六七八"
SAID = ("第{}句的第{}个字", "第{}句的第{}字", "第{}句第{}个字", "第{}句第{}字")  # how a place is named


@cache
def _planted(seed: int) -> tuple[str, str, Scan]:
    for attempt in range(400):
        path = ("verse_fault", seed, attempt)
        form, poem = draw(POEMS, *path, "poem")
        lines = poem.replace("，", "\n").replace("。", "").split("\n")
        lines = [line for line in lines if line]
        row = draw_integer(len(lines), *path, "line")
        column = draw_integer(len(lines[row]), *path, "character")
        level = draw((True, False), *path, "level")
        new = draw(LEVEL if level else OBLIQUE, *path, "new")
        if new in poem:
            continue
        changed = [*lines]
        changed[row] = lines[row][:column] + new + lines[row][column + 1 :]
        text = f"{changed[0]}，{changed[1]}。\n{changed[2]}，{changed[3]}。"
        found = scan(text, form)
        places = {(fault.line, fault.character) for fault in found.faults}
        if (
            found.strict == "fail"
            and len(found.faults) == 1
            and places == {(row + 1, column + 1)}
            and not found.alternatives
        ):
            return form, text, found
    raise ValueError(f"no clear fault for seed {seed}")


@family
def verse_fault(seed: int) -> dict[str, Any]:
    """Find the one character that breaks the rules of 近体诗."""
    form, text, found = _planted(seed)
    fault = found.faults[0]
    rhyme = fault.name in ("出韵", "邻韵", "首句不韵")
    line, place = DIGITS[fault.line - 1], DIGITS[fault.character - 1]
    name = {"五绝": "五言绝句", "七绝": "七言绝句"}[form]
    prompt = (
        f"下面这首{name}本来合律（平水韵），抄写时错了一个字，结果不合格律了（平仄不对，或者韵脚出了韵）。\n\n{text}\n\n"
        "是哪一个字？请先说明理由，最后单独一行写“结论：第×句第×字”，句从首句数起，逗号前后各算一句。"
    )
    other = DIGITS[(fault.line) % 4]
    answer = f"{fault.message}。\n结论：第{line}句第{place}字"
    accept = [said.format(line, place) for said in SAID]
    places = len(found.lines[0])
    reject = [
        said.format(DIGITS[a], DIGITS[b])
        for said in SAID
        for a in range(4)
        for b in range(places)
        if (a + 1, b + 1) != (fault.line, fault.character)
    ]
    near = DIGITS[fault.character % places]
    return {
        "prompt": prompt,
        "expect": {"accept": accept, "reject": reject},
        "reference": fault.message,
        "group": text.split("，")[0],
        "specimen": [
            {"answer": answer},
            {"answer": f"{fault.message}。\n结论：第{fault.line}句第{fault.character}字"},
            {"answer": f"结论：第{other}句第{place}字", "verdicts": {"place": "not_met"}, "note": "句数错"},
            {"answer": f"结论：第{line}句第{near}字", "verdicts": {"place": "not_met"}, "note": "字数错"},
            {
                "answer": f"结论：第{line}句第{place}字或者第{4}句第{places}字"
                if (fault.line, fault.character) != (4, places)
                else f"结论：第{line}句第{place}字或者第4句第{places - 1}字",
                "verdicts": {"place": "not_met"},
                "note": "两头都写",
            },
        ],
        "difficulty": 3 if rhyme else 4,
        "difficulty_reason": "韵脚出韵" if rhyme else "逐字核对平仄",
    }
