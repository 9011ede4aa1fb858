"""Does a text ask for something, and does it take something for granted instead?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zhprobe.text.normal import width_folded

ASKING = re.compile(
    r"[?？]|请问|请提供|请告诉|请告知|请说明|请补充|请确认|请给|请把|请先|麻烦|还需要|需要知道|需要您|需要你|需要先|方便说|方便告诉"
    r"|哪|几点|多少|什么时候|什么时间|告诉我|缺少|还差|还缺|以下信息|告知|请您|没有提供|没有说|没说|未提供|补充一下"
)
# 例如、比如、如：what follows is an example, not an assumption
EXAMPLE = re.compile(r"[（(]?(?:例如|比如|譬如|如[:：]|如“|像)")
CONFIRM = re.compile(r"(?:可以|行|对|好|是|合适|没问题)[吗么嘛]|可否|是否|行不行|对不对|对吧|好吧")
TAKEN = re.compile(
    r"默认|假设|假定|暂定|暂按|先按|就按|按照惯例|姑且|我先|我(?:将|会|来)(?:以|按|从)|已为您选|已经为您|已帮您|已经帮你|已帮你"
)
_PIECE = re.compile(r"[^。！!？?；;\n]*[。！!？?；;\n]?")
# 出发地：上海, 科室为内科: the name, at most a word that completes it, then a value. 出发时间为明天 is another matter.
_VALUE_AFTER = re.compile(
    r"^(?:地点?|城市|站点?|地址|号码?|编号|人|名称?|内容|金额|日期|时间|房间|科室)?\s*(?:[:：]|就?是|为|填|设为|定为|定在)\s*(?P<value>[^，,。；;\n]*)"
)
_OTHER_AFTER = re.compile(r"^(?:时间|日期|时刻|日|时)")  # 出发 may be a place; 出发时间 is none
_MARKER = re.compile(r"\s*(?:[-*•·]|\d+[.、)）]|[一二三四五六七八九]、|（[一二三四五六]）|[①-⑨])\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a text asks for a slot: `named` by one of its names, `taken` when a value is assumed."""

    asks: bool
    named: str
    taken: str
    questions: int
    span: tuple[int, int] | None = None


def pieces(text: str) -> list[tuple[int, str]]:
    """The text in sentences, each with its place.

    >>> [piece for _, piece in pieces("好。去哪？")]
    ['好。', '去哪？']
    """
    return [(m.start(), m[0]) for m in _PIECE.finditer(text) if m[0].strip()]


def read_question(text: str, names: Sequence[str]) -> Asked:
    """Look for a question that names a slot, and for words that take a value for granted.

    A value given as an example (例如…) is no assumption; nor is a value offered inside a question.

    >>> read_question("请问您从哪个城市出发？", ["出发", "起点"]).named
    '出发'
    >>> read_question("好的，默认从北京出发。", ["出发"]).taken
    '好的，默认从北京出发。'
    >>> read_question("出发地：上海。请问几点走？", ["出发地"]).taken
    '出发地：上海。'
    >>> read_question("请问出发城市是哪里？（例如：上海）", ["出发城市"]).taken
    ''
    """
    asks = bool(ASKING.search(text))
    found, taken, span = "", "", None
    for place, piece in pieces(text):
        name = next((n for n in names if width_folded(n) in width_folded(piece)), "")
        if not name:
            continue
        if EXAMPLE.match(piece.strip()):
            continue  # 比如默认从北京出发: an example of an answer
        asking = bool(ASKING.search(piece))
        if _takes(piece, name, asking):
            taken = taken or piece.strip()
            continue
        if asking or _is_entry(piece, name):
            found = found or name
            start = place + max(0, piece.find(name))
            span = span or (start, start + len(name))
    questions = len(re.findall(r"[?？]", text))
    return Asked(asks, found, taken, questions, span)


def _takes(piece: str, name: str, asking: bool) -> bool:
    """Whether the sentence fixes a value where it names the slot, and asks at most for something else.

    默认从北京出发，请问几点的车？takes it; 默认从北京出发，可以吗？offers it.
    """
    clause = next((part for part in re.split(r"[，,]", piece) if name in part), piece)
    if not asking:
        return bool(TAKEN.search(piece)) or _has_value(piece, name)
    if ASKING.search(clause) or CONFIRM.search(piece):
        return False
    return bool(TAKEN.search(clause)) or _has_value(clause, name)


def _has_value(piece: str, name: str) -> bool:
    """The name with a value after it: 出发地：上海."""
    after = piece[piece.find(name) + len(name) :]
    match = _VALUE_AFTER.match(after)
    if match is None or (_OTHER_AFTER.match(after) and name[-1] not in "期间时日"):
        return False
    return _says(match["value"])


def _says(value: str) -> bool:
    """Whether what stands after a colon is a value, not an example, a blank or a remark that it is wanted."""
    bare = value.strip(" *_（）()【】[]")
    return (
        bool(bare) and not EXAMPLE.match(bare) and not re.match(r"(?:待|未|必填|空|无|请|需|比如|如)", bare)
    )


def _is_entry(piece: str, name: str) -> bool:
    """An entry of a list of what is wanted: 1. 出发地, - 出发城市（例如上海）; with a value it is none."""
    marker = _MARKER.match(piece)
    body = re.sub(r"[（(][^）)]*[）)]?", "", piece[marker.end() :] if marker else piece).strip(
        " \n。；;，,*_"
    )
    _, colon, value = re.sub("：", ":", body).partition(":")
    if colon and _says(value):
        return False
    if marker:
        return not re.search(r"[是为已]", body)
    return len(body) <= len(name) + 4 and not re.search(r"[是为已了]", body)
