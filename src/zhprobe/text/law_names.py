"""Names of laws: the index of instruments, and which of them a written name means."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Literal

from zhprobe.text.tables import rows

Match = Literal["exact", "alias", "book", "inexact", "vague", "truncated", "local", "unknown"]


@dataclass(frozen=True)
class Instrument:
    """A law, regulation or interpretation. Dates are ISO days or empty; `sure` is False where only the name is known."""

    name: str
    short: str
    aliases: tuple[str, ...]
    level: str
    sure: bool
    begins: str
    repealed: str
    successor: str
    articles: int
    count_since: str


@dataclass(frozen=True)
class Resolved:
    """What a written name means: instruments (best first), how it matched, and the right name to suggest."""

    match: Match
    laws: tuple[str, ...] = ()
    suggestion: str = ""


_BODIES = (
    "全国人民代表大会常务委员会|全国人大常委会|全国人民代表大会|最高人民法院|最高人民检察院|最高法院|最高检察院|最高法|最高检|两高|"
    "中华人民共和国国务院|国务院办公厅|国务院|公安部|司法部|财政部|民政部|劳动和社会保障部|人力资源和社会保障部|人力资源社会保障部|"
    "国家安全部|住房和城乡建设部|国家税务总局|海关总署|中国人民银行|国家互联网信息办公室|国家市场监督管理总局"
)
_START = re.compile(rf"^(?:(?:{_BODIES})[、和与及,]?)+")
_NOTE = re.compile(
    r"[(（\[〔【](?:[^()（）〔〕]*(?:修[正订]|版|年|以下简称|下称|简称|法释|试行|国务院令|主席令|施行|生效|现行|已废止|失效|草案|节选)[^()（）]*|\d+)[)）\]〕】]"
)
_HAN_NUMBER = re.compile(r"[(（]([一二三四五六七八九十]{1,3})[)）]")


@lru_cache(maxsize=16384)
def name_key(name: str) -> str:
    """The name reduced to what tells it apart (specification 4): no 中华人民共和国, marks, notes, issuing bodies.

    >>> name_key("《最高人民法院关于适用〈中华人民共和国民法典〉婚姻家庭编的解释（一）》")
    '适用民法典婚姻家庭编的解释一'
    >>> name_key("中华人民共和国公司法（2023年修订）")
    '公司法'
    """
    key = re.sub(r"\s", "", name)
    key = _HAN_NUMBER.sub(r"\1", key)
    key = _NOTE.sub("", key)
    key = re.sub(r"[《》〈〉<>“”\"'‘’「」『』·*#`_]", "", key)
    trial = key.replace("(试行)", "").replace("（试行）", "")
    key = trial.replace("中华人民共和国", "") or trial
    key = _START.sub("", key) or key
    key = re.sub(r"^关于", "", key)
    key = re.sub(r"^(?:审理|办理)", "", key)
    return re.sub(r"[、,，()（）\-—－]", "", key)


@lru_cache(maxsize=16384)
def loose_key(name: str) -> str:
    """A shorter reduction for the names people use: 司法解释 is 解释, no 适用, 案件, 若干问题, 民法典 before 编.

    >>> loose_key("民法典婚姻家庭编司法解释（一）") == loose_key("最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）")
    True
    """
    key = re.sub(r"^(?:适用|新)", "", name_key(name))
    key = re.sub(r"司法解释", "解释", key)
    key = re.sub(
        r"(?:具体)?(?:适用|应用)法律|若干问题|若干规定|问题|案件|有关|纠纷|的",
        lambda m: "规定" if m[0] == "若干规定" else "",
        key,
    )
    return re.sub(r"^民法典(?=.*(?:编|解释|规定))", "", key)


@cache
def instruments() -> dict[str, Instrument]:
    """Every instrument of the index by its official name."""
    found = {}
    for name, short, aliases, level, sure, begins, repealed, successor, articles, since in rows(
        "legal_instruments.tsv"
    ):
        parts = tuple(a for a in aliases.split(";") if a)
        found[name] = Instrument(
            name,
            short or name,
            parts,
            level,
            sure == "1",
            begins,
            repealed,
            successor,
            int(articles or 0),
            since,
        )
    return found


@cache
def _keys() -> dict[str, tuple[str, Match]]:
    found: dict[str, tuple[str, Match]] = {}
    for law in instruments().values():
        found.setdefault(name_key(law.name), (law.name, "exact"))
    for law in instruments().values():
        found.setdefault(name_key(law.short), (law.name, "exact"))
    for law in sorted(instruments().values(), key=lambda law: (bool(law.repealed), law.name)):
        for alias in law.aliases:
            found.setdefault(name_key(alias), (law.name, "alias"))
    return found


@cache
def _loose_keys() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for law in sorted(instruments().values(), key=lambda law: (not law.sure, bool(law.repealed), law.name)):
        if law.level != "司法解释":
            continue
        for name in {law.name, *law.aliases}:
            key = loose_key(name)
            if law.name not in found.get(key, ()):
                found[key] = (*found.get(key, ()), law.name)
    return found


@cache
def bare_names() -> tuple[str, ...]:
    """Short and official names and aliases that can stand in running text without 《》, longest first."""
    names: set[str] = set()
    for law in instruments().values():
        names |= {law.name, law.short} if law.sure else ({law.name} if len(law.name) <= 30 else set())
        names |= set(law.aliases)
    # names too short or too common to stand without marks
    return tuple(sorted((n for n in names if len(n) >= 2 and n not in {"反法"}), key=lambda n: (-len(n), n)))


_BOOK = re.compile(
    r"^(?:民法典|新民法典)(?:第[一二三四五六七]编)?(?:总则|物权|合同|人格权|婚姻家庭|继承|侵权责任|侵权)(?:编|篇)(?:通则|第[一二]分编|典型合同)?$|^(?:物权|合同|人格权|婚姻家庭|继承|侵权责任)编$"
)
_LOCAL = re.compile(
    r"^(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|深圳|广州|成都|武汉|南京|杭州|西安|沈阳|大连|青岛|济南|厦门|宁波|苏州|哈尔滨|长春|郑州|合肥|昆明|珠海|[一-鿿]{2,6}(?:省|市|自治区|自治州|县|特区))"
)
_ORGAN_END = re.compile(
    r"(?:法|法典|条例|规定|办法|解释|决定|批复|细则|规则|意见|纪要|通知|规程|标准|准则|暂行条例|总则|通则|安排|公约|答复|函|修正案)(?:[一二三四五六七八九十]{1,2})?$"
)
_VAGUE = {
    "民法",
    "解释",
    "司法解释",
    "条例",
    "规定",
    "办法",
    "法律",
    "行政法",
    "经济法",
    "商法",
    "诉讼法",
    "社会法",
    "国际法",
    "婚姻家庭法",
    "知识产权法",
    "劳动法律",
}
_TRUNCATED = re.compile(r"^适用(?:的|若干|有关|问题)")


@lru_cache(maxsize=16384)
def resolve(name: str) -> Resolved:
    """Which instrument a written name means.

    >>> resolve("职工带薪休假条例").suggestion
    '职工带薪年休假条例'
    >>> resolve("民法典合同编").match, resolve("哈尔滨市物业管理条例").match, resolve("民法").match
    ('book', 'local', 'vague')
    """
    key = name_key(name)
    if not key:
        return Resolved("unknown")
    if key in _keys():
        law, match = _keys()[key]
        formal_name = re.match(r"[《“\s]*中华人民共和国", name) and instruments()[law].level == "法律"
        if match == "alias" and formal_name:
            return Resolved("inexact", (law,), law)  # 中华人民共和国消费者权益法
        return Resolved(match, (law,))
    fresh = re.sub(r"^(?:我国|新|原|旧|现行|修订后的|修正后的|新修订的)", "", key)
    fresh = re.sub(r"(?:19|20)\d\d年?(?:修[正订]|版)?$|(?:修订版|新法)$", "", fresh) or fresh
    fresh = re.sub(r"^(?:19|20)\d\d年?(?:修[正订])?", "", fresh) or fresh
    if fresh != key and fresh in _keys():
        return Resolved("alias", (_keys()[fresh][0],))
    if _BOOK.match(key):
        return Resolved("book", ("中华人民共和国民法典",))
    if key in _VAGUE:
        return Resolved("vague")
    if _TRUNCATED.match(key):
        return Resolved("truncated")
    if _LOCAL.match(key):
        return Resolved("local")
    loose = _loose_keys().get(loose_key(name), ())
    if loose:
        formal = re.search(r"最高人民(?:法院|检察院)|若干问题|适用法律|应用法律", name)
        if not formal or len(key) < 16:
            return Resolved("alias", loose)
        return Resolved("inexact", loose[:1], loose[0])
    if len(key) >= 4 and f"{key}法" in _keys():  # 治安管理处罚
        law = _keys()[f"{key}法"][0]
        return Resolved("inexact", (law,), law)
    near = _nearest(key)
    return Resolved("inexact", (near,), near) if near else Resolved("unknown")


@cache
def _by_length() -> dict[int, list[tuple[str, frozenset[str], str]]]:
    found: dict[int, list[tuple[str, frozenset[str], str]]] = {}
    for law in instruments().values():
        for key in {name_key(law.name), name_key(law.short)}:
            found.setdefault(len(key), []).append((key, frozenset(key), law.name))
    return found


def _nearest(key: str) -> str:
    """The one official name that the key is a slip of: length ±20 %, 70 % of characters, ratio 0.86."""
    if len(key) < 5 or not _ORGAN_END.search(key):
        return ""
    characters, best, law = frozenset(key), 0.0, ""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(key)
    for length in range(math.ceil(len(key) * 0.8), int(len(key) * 1.2) + 1):
        for other, others, name in _by_length().get(length, ()):
            if len(characters & others) < 0.7 * max(len(characters), len(others)):
                continue
            matcher.set_seq1(other)
            if matcher.quick_ratio() > max(best, 0.859):
                ratio = matcher.ratio()
                if ratio > best and ratio >= 0.86:
                    best, law = ratio, name
    return law


def looks_like_instrument(name: str) -> bool:
    """Whether a title in 《》 can be that of a legal instrument at all (and not of a book, a film, a contract).

    >>> looks_like_instrument("中华人民共和国融资租赁条例"), looks_like_instrument("红楼梦")
    (True, False)
    """
    key = name_key(name)
    return key in _keys() or bool(_ORGAN_END.search(key)) or bool(_BOOK.match(key))
