"""Where a text names a law: titles in 《》, short names in running words, names the text itself defines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from typing import Literal

from zhprobe.text.law_names import Match, bare_names, instruments, looks_like_instrument, resolve
from zhprobe.text.legal_normal import Normal

Kind = Literal["law", "contract", "other"]

CONTRACT_WORDS = "合同|协议书|协议|章程|保单|保险单|条款|规约|公约|约定|承诺书|备忘录|说明书|手册|规章制度|意向书|借条|借据|欠条|招标文件|通知书|判决书|起诉状|答辩状"
_CONTRACT_TITLE = re.compile(
    rf"(?:{CONTRACT_WORDS})(?:书|本|文本|范本|样本|附件)?(?:\([^()]*\))?[一二三四五六七八九十\d]*$"
)


@dataclass(frozen=True)
class Mention:
    """A law (or contract) named at [start, end) of the searched text; `end` is past a bracketed version note."""

    start: int
    end: int
    name: str
    kind: Kind
    match: Match = "unknown"
    laws: tuple[str, ...] = ()
    suggestion: str = ""
    titled: bool = False
    note: str = ""
    anaphor: bool = False


# What follows a short name and makes another word or another instrument of it.
_NOT_AFTER = re.compile(
    r"[典律学院庭官人制令医务盲界师益警班系司]|规(?!定)|定(?:代表|义|性|量|期|人|程序)|理(?:学|论|由)|治(?!安)|治安|案|草案|学"
)
_MORE = re.compile(
    r"(?:若干问题的?)?(?:司法)?解释(?:\([一二三四五六七]\)|[一二三四五六七](?![十百千条]))?|实施(?:条例|细则|办法)|修正案(?:\([一二三四五六七八九十]+\))?"
    r"|(?:适用)?时间效力的?(?:若干)?规定|司法解释"
)
_NOTE = re.compile(
    r"\((?:[^()\n]*(?:修[正订]|\d{4}年?版|以下|下称|简称|法释|施行|现行|废止|失效|试行|国务院令|主席令|自\d|20\d\d|19\d\d)[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)"
)
_CALLED = re.compile(
    r"(?:以下|下)?(?:统一|均|合)?简?称(?:为|作)?[:]?[“\"「『《'‘]?(?P<name>[^“”\"「」『』《》'’,。;()\n]{2,20})[”\"」』》'’]?"
)
_ANAPHOR = re.compile(
    r"(?:本|该|同|此|上述|前述|上列|这部|该部)(?:法(?!院|律关|官|定|庭|人)(?:律|典)?|条例|办法|规定(?=第|中第|的第|之第)|解释|决定(?=第))(?=[^律学院庭官人])?"
)
_OLD = re.compile(r"(?:原|旧|已废止的|已失效的|之前的|当时的)[《]?$")


@cache
def _by_start() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in bare_names():
        plain = (
            re.sub(r"[〈〉]", lambda m: "《" if m[0] == "〈" else "》", name)
            .replace("（", "(")
            .replace("）", ")")
        )
        found.setdefault(plain[:2], []).append(plain)
    return {start: tuple(sorted(names, key=lambda n: -len(n))) for start, names in found.items()}


@cache
def _starts() -> re.Pattern[str]:
    heads: dict[str, str] = {}
    for start in _by_start():
        heads[start[0]] = heads.get(start[0], "") + start[1]
    return re.compile("|".join(f"{re.escape(a)}[{re.escape(b)}]" for a, b in sorted(heads.items())))


def _titles(text: str) -> list[tuple[int, int]]:
    """Stretches 《…》, the outermost ones; one that is never closed ends at its line."""
    found, depth, start = [], 0, -1
    for mark in re.finditer(r"[《》\n]", text):
        if mark[0] == "《":
            if depth == 0:
                start = mark.start()
            depth += 1
        elif mark[0] == "》" and depth:
            depth -= 1
            if depth == 0:
                found.append((start, mark.end()))
        elif mark[0] == "\n" and depth:
            inner = text.find("》", start, mark.start())
            if inner > 0:
                found.append((start, inner + 1))
            depth = 0
    if depth and (inner := text.find("》", start)) > 0:
        found.append((start, inner + 1))
    return [(a, b) for a, b in found if b - a <= 160]


def _title(normal: Normal, start: int, end: int) -> Mention:
    name = normal.text[start + 1 : end - 1]
    resolved = resolve(name)
    kind: Kind = "law"
    if resolved.match in ("unknown", "inexact") and _CONTRACT_TITLE.search(name):
        kind = "contract"
    elif resolved.match == "unknown" and not looks_like_instrument(name):
        kind = "other"
    if kind != "law":
        return Mention(start, end, name, kind, titled=True)
    return Mention(start, end, name, kind, resolved.match, resolved.laws, resolved.suggestion, titled=True)


def _bare(text: str, taken: list[tuple[int, int]], defined: dict[str, Mention]) -> list[Mention]:
    found: list[Mention] = []
    spans = iter([*taken, (len(text) + 1, len(text) + 1)])
    block = next(spans)
    own = sorted(defined, key=len, reverse=True)
    pattern = re.compile("|".join([*(re.escape(n) for n in own), _starts().pattern])) if own else _starts()
    place = 0
    while hit := pattern.search(text, place):
        start = hit.start()
        while start >= block[1]:
            block = next(spans)
        if block[0] <= start < block[1]:
            place = block[1]
            continue
        place = start + 1
        names = [n for n in own if text.startswith(n, start)] + [
            n for n in _by_start().get(text[start : start + 2], ()) if text.startswith(n, start)
        ]
        for name in sorted(names, key=len, reverse=True):
            mention = _named(text, start, name, defined)
            if mention is not None:
                found.append(mention)
                place = mention.end
                break
    return found


def _named(text: str, start: int, name: str, defined: dict[str, Mention]) -> Mention | None:
    end = start + len(name)
    if name in defined:
        known = defined[name]
        return replace(known, start=start, end=end, name=name, match="alias", titled=False, note="")
    if name.isascii() and (text[start - 1 : start].isalnum() or text[end : end + 1].isalpha()):
        return None
    more = _MORE.match(text, end)
    if more and name.endswith(("法", "典", "编", "条例")):
        longer = resolve(name + more[0])
        if longer.match in ("exact", "alias"):
            return Mention(start, more.end(), name + more[0], "law", longer.match, longer.laws)
        if more[0] != "解释":
            return Mention(start, more.end(), name + more[0], "law", "unknown")
    if name.endswith(("法", "典")) and _NOT_AFTER.match(text, end):
        return None
    if name[:2] in ("合同", "公司", "仲裁", "保险") and text[max(0, start - 2) : start] in ("劳动", "集体"):
        return None
    resolved = resolve(name)
    if resolved.match == "unknown":
        return None
    return Mention(start, end, name, "law", resolved.match, resolved.laws)


_COURT = re.compile(
    r"(?:(?:最高人民法院|最高人民检察院|公安部|司法部|国家安全部|海关总署|最高法|最高检)[、和]?)+(?:《)?关于[^《》,。;:\n]{0,44}(?:《[^》\n]{2,44}》)?"
    r"[^《》,。;:\n]{0,44}?(?:解释|规定|意见|批复|纪要|安排|办法|答复)(?:\([一二三四五六七]\)|[一二三四五六七](?=第|的|中|、|,|。|$))?(?:\(试行\))?"
    r"(?=》|第|的?第|中第|之|,|。|、|;|\(|$|\n|规定|明确)"
    r"|关于(?:适用|审理)[^《》,。;:\n]{0,40}(?:《[^》\n]{2,40}》)[^《》,。;:\n]{0,40}?(?:解释|规定)(?:\([一二三四五六七]\)|[一二三四五六七](?=第|的|中|、|,|。|$))?"
)
_ITS = re.compile(r"其(?:实施条例|实施细则|实施办法|司法解释)")


# A name without 《》 that no index knows, right before an article: better unknown than taken for the law named before.
_STRANGER = re.compile(
    r"(?P<name>[一-鿿]{1,24}?(?:条例|办法|细则|规则|暂行规定|管理规定|若干规定|实施意见|司法解释|(?<![方做看想合非违执司立语说无文宪枪书手用算])法))"
    r"(?:的|中|之)?(?=第[零〇一二两三四五六七八九十百千\d]{1,9}条)"
)
_LEADS = re.compile(
    r".*(?:根据|依据|依照|按照|参照|违反|适用|符合|参见|以及|我国|关于|属于|援引|引用|触犯|[和与及或对依])"
)


def _strangers(text: str, mentions: list[Mention]) -> list[Mention]:
    found = []
    reach = _reach(mentions)
    for hit in _STRANGER.finditer(text):
        end = hit.end("name")
        if reach(end) >= end:
            continue
        if "第" in hit["name"] or re.search(r"[本该同此]法$", hit["name"]):
            continue
        lead = _LEADS.match(hit["name"])
        start = hit.start("name") + (len(lead[0]) if lead else 0)
        name = text[start:end]
        if len(name) < 2 or name in ("条例", "办法", "规则", "细则") or name[0] in "本该此同前上其":
            continue
        if re.search(r"(?:解决|计算|操作|处理|使用|具体|应对)办法$", name):
            continue
        resolved = resolve(name)
        match = resolved.match if resolved.match != "truncated" else "unknown"
        if match == "unknown" and re.fullmatch(
            r"(?:相关|有关|最高人民法院|最高法|上述|前述|其|对应)*的?(?:司法解释|法律法规)", name
        ):
            match = "vague"
        found.append(Mention(start, end, name, "law", match, resolved.laws, resolved.suggestion))
    return found


def _court_names(text: str, titled: list[Mention]) -> list[Mention]:
    """Interpretations named without 《》 around them, inner 《》 or not."""
    found = []
    reach = _reach(titled)
    for hit in _COURT.finditer(text):
        inside = reach(hit.start()) > hit.start() or reach(hit.start() + 1) >= hit.end()
        if inside or ("》" in hit[0] and "《" not in hit[0]):
            continue
        resolved = resolve(
            hit[0].replace("《关于", "关于", 1) if hit[0].count("《") > hit[0].count("》") else hit[0]
        )
        found.append(
            Mention(hit.start(), hit.end(), hit[0], "law", resolved.match, resolved.laws, resolved.suggestion)
        )
    return found


def reach_of(spans: Iterable[tuple[int, int]]) -> Callable[[int], int]:
    """How far into the text the spans go that begin before a place; 0 where none does.

    >>> reach = reach_of([(2, 9), (4, 6)])
    >>> reach(2), reach(3), reach(20)
    (0, 9, 9)
    """
    ordered = sorted(spans)
    starts = [start for start, _ in ordered]
    ends = [0, *accumulate((end for _, end in ordered), max)]
    return lambda place: ends[bisect_left(starts, place)]


def _reach(mentions: list[Mention]) -> Callable[[int], int]:
    return reach_of((m.start, m.end) for m in mentions)


def find_mentions(normal: Normal) -> list[Mention]:
    """Every law or contract the text names, in order, anaphors (本法, 该条例) included and resolved.

    >>> from zhprobe.text.legal_normal import normal
    >>> [m.laws for m in find_mentions(normal("《公司法》（以下简称“新公司法”）第47条；新公司法第54条；该法第57条"))]
    [('中华人民共和国公司法',), ('中华人民共和国公司法',), ('中华人民共和国公司法',)]
    """
    text = normal.text
    titled: list[Mention] = []
    defined: dict[str, Mention] = {}
    spans = _titles(text)
    for start, end in spans:
        mention = _title(normal, start, end)
        note = _NOTE.match(text, end)
        if note:
            mention = replace(mention, end=note.end(), note=note[0])
        titled.append(mention)
        for called in _CALLED.finditer(text, end, note.end() if note else min(len(text), end + 14)):
            said = called["name"].strip()
            if mention.kind == "law" and re.search(r"[法典例定释则]$|[）)]$", said) and len(said) >= 2:
                defined.setdefault(said, mention)
    reach = _reach(titled)
    titled = [m for m in titled if reach(m.start) < m.end]  # not those inside another
    courts = _court_names(text, titled) if "关于" in text else []
    reach = _reach(courts)
    titled = [m for m in titled if reach(m.start) < m.end] + courts
    covered = sorted((m.start, m.end) for m in titled)
    mentions = titled + _bare(text, covered, defined)
    for anaphors in (_ITS, _ANAPHOR):
        reach = _reach(mentions)
        mentions += [
            Mention(hit.start(), hit.end(), hit[0], "law", anaphor=True)
            for hit in anaphors.finditer(text)
            if reach(hit.end()) <= hit.start()
        ]
    mentions += _strangers(text, mentions)
    return _anaphors(sorted(mentions, key=lambda m: m.start))


_SORTS = ("解释", "条例", "办法", "规定", "决定")


def _anaphors(mentions: list[Mention]) -> list[Mention]:
    """Give each 该法, 本条例 … the last law named before it; 解释 and 条例 the last one so called, if any."""
    done: list[Mention] = []
    last: Mention | None = None
    last_of: dict[str, Mention] = {}  # the last law of each sort
    for mention in mentions:
        if mention.anaphor:
            if last is None:
                continue
            if mention.name.startswith("其"):
                mention = _its(mention, last)
            else:
                sort = next((sort for sort in _SORTS if sort in mention.name), mention.name[-1:])
                source = last_of.get(sort, last)
                mention = replace(
                    mention,
                    laws=source.laws,
                    match=source.match,
                    suggestion=source.suggestion,
                    note=mention.note if source.laws else source.name,
                )
        done.append(mention)
        if mention.kind == "law" and not mention.anaphor:
            last = mention
            name = (mention.laws or (mention.name,))[0]
            last_of.update((sort, mention) for sort in _SORTS if sort in name)
            if re.search(r"法$|典$|法\)?$", name):
                last_of["法"] = mention
    return done


def _its(mention: Mention, law: Mention) -> Mention:
    """The 实施条例 or 司法解释 of the law named before."""
    short = instruments()[law.laws[0]].short if law.laws else law.name
    name = short + mention.name[1:]
    resolved = resolve(name)
    good = resolved.match in ("exact", "alias")
    return replace(
        mention,
        name=name,
        laws=resolved.laws if good else (),
        match=resolved.match if good else "unknown",
        anaphor=False,
    )


def instrument_level(mention: Mention) -> str:
    """法律, 行政法规, 司法解释 … of the first law meant."""
    return instruments()[mention.laws[0]].level if mention.laws else ""
