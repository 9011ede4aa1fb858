"""Citations of laws in a text: which law, article, 款 and 项, found by rules and without guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from zhprobe.text.law_hashes import normalised
from zhprobe.text.law_mentions import CONTRACT_WORDS, Mention, find_mentions, reach_of
from zhprobe.text.law_names import Match
from zhprobe.text.law_quotes import laws_starting_so
from zhprobe.text.legal_normal import Normal, normal
from zhprobe.text.legal_numerals import candidates, read_numeral

Attribution = Literal["direct", "list", "content", "heading", "sentence", "inferred", "none"]
CitationKind = Literal["statute", "contract_clause", "nested", "case_no", "document_no", "name"]

CONFIDENCE: dict[Attribution, float] = {
    "direct": 1.0, "list": 1.0, "content": 0.95, "heading": 0.95, "sentence": 0.8, "inferred": 0.6, "none": 0.0
}  # fmt: skip


@dataclass(frozen=True)
class Citation:
    """One article cited, at `span` of the raw text. `article` is "577" or "133-1", "" where malformed or none."""

    span: tuple[int, int]
    text: str
    law_raw: str = ""
    law_ids: tuple[str, ...] = ()
    name_match: Match = "unknown"
    suggestion: str = ""
    article: str = ""
    kuan: tuple[int, ...] = ()
    xiang: tuple[int, ...] = ()
    range_to: int | None = None
    attribution: Attribution = "none"
    confidence: float = 0.0
    kind: CitationKind = "statute"
    malformed: str = ""
    guesses: tuple[int, ...] = ()
    place: tuple[int, int] = (0, 0)  # in the searched text
    law_span: tuple[int, int] | None = None

    @property
    def law(self) -> str:
        """The instrument most likely meant, or ''."""
        return self.law_ids[0] if self.law_ids else ""


_N = r"(?:\d{1,4}|[零〇○一二两三四五六七八九十百千O]{1,9})"
_SEP = r"(?:、|,|;|和|及|与|或|以及|并)"
_ARTICLE = re.compile(
    rf"(?P<di>第{{1,2}})?(?P<nums>{_N}(?:(?:{_SEP}|至|到|-|~)(?:第)?{_N}(?![年月日天元倍款项万%.])){{0,40}})(?P<tiao>条)"
    rf"(?:之(?P<zhi>[一二三四五六七八九十]{{1,2}}|\d{{1,2}})(?![年个日月天倍种次名人分类审级成元\d]|情形))?"
    rf"(?P<zhis>(?:[、和及]之(?:[一二三四五六七八九十]{{1,2}}))*)"
)
_MORE_N = rf"{_N}(?:(?:、|,|和|及|与|至|到|-|~|或)(?:第)?{_N}){{0,20}}"
_KUAN = re.compile(rf"(?:(?:的|之|中|,|、)?第|(?<=条))(?P<nums>{_MORE_N})款(?!项)")
_KUAN_NEXT = re.compile(rf"(?:(?:{_SEP}|至|到|-)?第|(?:{_SEP}))(?P<nums>{_MORE_N})款(?!项)")
_BR = rf"(?:\({_N}\)|{_N})"
_XIANG = re.compile(
    rf"(?:(?:的|之|中|、|,)?第|(?<=[条款])(?=[一二三四五六七八九\d]))(?P<nums>{_BR}(?:(?:、|,|和|及|与|至|到|-|~|或)(?:第)?{_BR}){{0,20}})项|(?P<bare>\({_N}\)(?:(?:、|,|和|及|与|至|-)\({_N}\)){{0,20}})(?P<xiang>项)?"
)
_XIANG_NEXT = re.compile(
    rf"(?:{_SEP}|(?P<to>至|到|-|~))(?:第)(?P<nums>{_BR}(?:(?:、|,|和|及|与|至|到|-|~|或)(?:第)?{_BR}){{0,20}})项"
)
_GAP = re.compile(
    r"(?:中|的|之|里|所|内|关于|规定的?|明确|现行|[《》“”\"'「」『』()\[\]:,、.|#>•·_=-]|\n|第[一二三四五六七八九十\d]{1,3}[编章节](?:[^第,。\n]{0,10}(?=第))?"
    r"|总则|分则|总则编|物权编|合同编|人格权编|婚姻家庭编|继承编|侵权责任编|通则|附则|正文|根据|依据|依照|按照|\d\.)*"
)
_LIST_GAP = re.compile(
    r"(?:之|的)?(?:规定|的规定)?(?:\([^()\n]{0,30}\))?(?:、|,|;|和|及|与|或|以及|并|暨|还有|同时|并且|或者|/|\||\n|-|至|到|~|总则编|物权编|合同编|人格权编|婚姻家庭编|继承编|侵权责任编|第[一二三四五六七八九十\d]{1,3}[编章节])*(?:的|之)?"
)
_QUANTITY = re.compile(
    r"意见|辩护|理由|证据|请求|信息|微博|短信|记录|线|龙|街|路|船|建议|消息|评论|道路|裤|鱼|河|生产线|新闻|弄|巷|腿|狗|蛇|诉讼请求|质证|答辩|代理"
)
_CONTRACT_BEFORE = re.compile(
    rf"(?:{CONTRACT_WORDS})(?:书|文本)?[》”\"」』)]*(?:\([^()\n]{{0,16}}\))?(?:的|中|之|里|内|所|约定的?|规定|载明|正文|补充|明确|项下|附件[一二三四五六七八九十\d]*|关于[^,。;\n]{{0,10}}的|第[一二三四五六七八九十\d]{{1,3}}[章节部分编]+|,|、|:|\"|“)*$"
)
_AGREED = re.compile(r"(?:之|的|所|中|里)*约定")
_PARTIES = re.compile(r"甲方|乙方|本合同|本协议|本章程|本公约|合同书|协议书|出租人|借款人|本制度|丙方")
_QUOTED = re.compile(rf"第{_N}条[^。\n“”「」]{{0,24}}(?P<words>[“「][^”」]{{10,1500}}[”」])")
_CASE = re.compile(r"\((?:19|20)\d\d\)[一-鿿]{1,2}\d{0,5}[一-鿿]{1,6}\d+号(?:之[一二三四五六七八九十]+)?")
_DOCUMENT = re.compile(
    r"(?:法释|法发|法办|法|国发|国办发|人社部发|人社厅发|劳社部发|劳部发|高检发[一-鿿]{0,4}字?|公通字|财税|银发|建市)\((?:19|20)\d\d\)\d+号|(?:国务院|主席|[一-鿿]{2,12}部|总局)令(?:\((?:19|20)\d\d\))?第?\d+号"
)
_SENTENCE_END = re.compile(r"[。!?\n]")


_SAME_ARTICLE = re.compile(r"(?:该|同)条(?:的|之|中)?(?=第[一二三四五六七八九十\d]{1,3}款)")


def _numbers(listed: str) -> list[tuple[str, str]]:
    """(separator before, numeral) for each numeral of a list."""
    return [
        (m[1] or "", m[2])
        for m in re.finditer(rf"(、|,|;|和|及|与|或|以及|并|至|到|-|~)?(?:第)?\(?({_N})\)?", listed)
    ]


def _values(listed: str) -> tuple[int, ...]:
    """Numbers of a list of 款 or 项, ranges spelled out; an unreadable one is left out."""
    found: list[int] = []
    for separator, numeral in _numbers(listed):
        value = read_numeral(numeral)
        if value is None or value > 99:
            continue
        if separator in ("至", "到", "-", "~") and found and found[-1] < value <= found[-1] + 30:
            found.extend(range(found[-1] + 1, value + 1))
        elif value not in found:
            found.append(value)
    return tuple(found)


@dataclass(frozen=True)
class _Part:
    """An article as written, before it is known of which law: for each 款 group the 款 and 项 named."""

    start: int
    end: int
    numerals: tuple[tuple[str, str], ...]
    zhis: tuple[str, ...]
    groups: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    ordinal: bool
    nums_at: int


def _parts(source: Normal) -> list[_Part]:
    text, found = source.text, []
    place = 0
    while hit := _ARTICLE.search(text, place):
        end = hit.end()
        zhis = [hit["zhi"]] if hit["zhi"] else []
        zhis += re.findall(r"之([一二三四五六七八九十]{1,2})", hit["zhis"] or "")
        groups, end = _paragraphs(source, end)
        numbers = _numbers(hit["nums"])
        found.append(
            _Part(hit.start(), end, tuple(numbers), tuple(zhis), groups, bool(hit["di"]), hit.start("nums"))
        )
        place = end
    return found


def _paragraphs(source: Normal, end: int) -> tuple[tuple[tuple[tuple[int, ...], tuple[int, ...]], ...], int]:
    """款 and 项 that follow an article, and where they end."""
    text = source.text
    groups: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    pattern = _KUAN
    while kuan := pattern.match(text, end):
        xiang, stop = _items(source, kuan.end())
        groups.append((_values(kuan["nums"]), xiang))
        end, pattern = stop, _KUAN_NEXT
    if not groups:
        xiang, end = _items(source, end)
        if xiang:
            groups.append(((), xiang))
    return tuple(groups), end


def _items(source: Normal, end: int) -> tuple[tuple[int, ...], int]:
    text = source.text
    found: tuple[int, ...] = ()
    hit = _XIANG.match(text, end)
    if hit and hit["bare"] and not hit["xiang"]:
        close = source.places[hit.start()] - source.places[hit.start() - 1] if hit.start() else 1
        after = text[hit.end() : hit.end() + 1]
        if close > 1 or (after and after not in '、,。;:)”"》的之和及与规\n'):
            hit = None  # the items of a recited article, not of a citation
    while hit:
        more = _values(hit["nums"] or hit["bare"])
        if more and found and hit.re is _XIANG_NEXT and hit["to"] and found[-1] < more[0] <= found[-1] + 30:
            more = tuple(range(found[-1] + 1, more[0] + 1))
        found += tuple(v for v in more if v not in found)
        end = hit.end()
        hit = _XIANG_NEXT.match(text, end)
    return found, end


def _line_start(text: str, place: int) -> bool:
    """Whether only list marks stand between the line's start and the place."""
    start = text.rfind("\n", 0, place) + 1
    return place - start <= 60 and bool(
        re.fullmatch(
            r"[\s>#•·\-_|(\"“「]*(?:\(?[一二三四五六七八九十\d]{1,3}[、.)])?[\s>#•·\-_|(\"“「]*",
            text[start:place],
        )
    )


def _heading_like(text: str, mention: Mention) -> bool:
    """A law named at the start of a line that holds little else, or in a # heading."""
    start = text.rfind("\n", 0, mention.start) + 1
    stop = text.find("\n", mention.end)
    line = text[start : stop if stop >= 0 else len(text)]
    rest = text[mention.end : stop if stop >= 0 else len(text)]
    if line.lstrip().startswith("#"):
        return True
    if len(rest) <= 20 and rest.rstrip(")").endswith(":"):
        return True
    return _line_start(text, mention.start) and (len(rest) <= 20 or rest[:1] in ":(")


class _Reader:
    """The laws and articles of one text, read from left to right."""

    def __init__(self, raw: str) -> None:
        self.source = normal(raw)
        self.text = self.source.text
        self.mentions = find_mentions(self.source)
        self.found: list[Citation] = []
        self.previous: Citation | None = None
        self.own_clauses: set[int] = set()
        self.quoted = reach_of(hit.span("words") for hit in _QUOTED.finditer(self.text))

    def _own_clauses(self, parts: list[_Part]) -> set[int]:
        """Places of the articles of a contract or rules that the text itself sets out: 第一条, 第二条 … down the page."""
        if not _PARTIES.search(self.text):
            return set()
        found: list[int] = []
        for part in parts:
            single = (
                part.ordinal
                and len(part.numerals) == 1
                and not part.groups
                and _line_start(self.text, part.start)
            )
            if single and read_numeral(part.numerals[0][1]) == len(found) + 1:
                found.append(part.start)
        return set(found) if len(found) > 1 else set()

    def read(self) -> list[Citation]:
        titles = reach_of((m.start, m.end) for m in self.mentions if m.titled)
        numbers = reach_of(m.span() for m in _CASE.finditer(self.text))
        place = 0
        parts = _parts(self.source)
        self.own_clauses = self._own_clauses(parts)
        for part in parts:
            if titles(part.start) > part.start or numbers(part.start + 1) > part.start:
                continue
            while place < len(self.mentions) and self.mentions[place].end <= part.start:
                place += 1
            self._take(part, self.mentions[:place] if place < 40 else self.mentions[place - 40 : place])
        found = self.found + self._same_article() + self._numbers()
        return sorted(found, key=lambda c: (c.place, c.article))

    def _take(self, part: _Part, before: list[Mention]) -> None:
        mention = before[-1] if before else None
        made = self._attribute(part, mention, before)
        if made is None:
            return
        for citation in self._expand(part, made):
            self.found.append(citation)
        self.previous = self.found[-1]

    def _attribute(self, part: _Part, mention: Mention | None, before: list[Mention]) -> Citation | None:
        """The citation without its number, or None when this is none (a quantity, an unmarked number)."""
        text = self.text
        blank = Citation((0, 0), "")
        after = text[part.end : part.end + 4]
        gap = text[mention.end : part.start] if mention else None
        if mention is not None and gap is not None and len(gap) <= 60 and _GAP.fullmatch(gap):
            if not part.ordinal and ("\n" in gap or _QUANTITY.match(after)):
                return None
            made = self._of(mention, blank, "heading" if "\n" in gap else "direct", part)
            if made is not None and "编" in gap and made.name_match == "exact":
                made = replace(made, name_match="book")
            return made
        earlier = self.previous
        if earlier is not None and earlier.place[1] <= part.start:
            between = text[earlier.place[1] : part.start]
            none_between = mention is None or mention.start < earlier.place[1]
            joined = part.ordinal or between.endswith(
                ("、", "和", "及", "与", ",", "或", "至", "到", "-", "~")
            )
            new_line = "\n" in between and _line_start(text, part.start)
            new_line = new_line and not re.match(r"[、,和及与]\n", between)
            if (
                none_between
                and joined
                and not new_line
                and len(between) <= 40
                and _LIST_GAP.fullmatch(between)
            ):
                if not part.ordinal and (
                    _QUANTITY.match(after) or after[:2] in ("以上", "以下", "以内", "以外")
                ):
                    return None
                return self._like(earlier, "list")
        if not part.ordinal:
            return None
        agreed = _AGREED.match(text, part.end)
        if agreed or _CONTRACT_BEFORE.search(text[max(0, part.start - 30) : part.start]):
            return replace(blank, kind="contract_clause", attribution="direct", confidence=1.0)
        if _QUANTITY.match(after):
            return None
        by_content = self._by_content(part)
        if by_content:
            return replace(
                blank,
                law_ids=by_content,
                name_match="exact",
                attribution="content",
                confidence=CONFIDENCE["content"],
            )
        starts_line = _line_start(text, part.start)
        if part.start in self.own_clauses:
            return replace(blank, kind="contract_clause", attribution="none")
        if starts_line or text[part.start - 1 : part.start] in "。;":
            head = self._heading(part, before)
            if head is not None:
                return self._of(head, blank, "heading", part)
        ends = [m.end() for m in _SENTENCE_END.finditer(text, max(0, part.start - 400), part.start)]
        sentence = max(ends, default=0)
        if mention is not None and mention.end > sentence:
            return self._of(mention, blank, "sentence", part)
        if (
            earlier is not None
            and earlier.place[0] >= sentence
            and (mention is None or mention.start < earlier.place[0])
        ):
            return self._like(earlier, "sentence")
        again = self._cited_before(part)
        if again is not None:
            return replace(self._like(again, "inferred"), confidence=CONFIDENCE["sentence"])
        if mention is not None and part.start - mention.end <= 300:
            return self._of(mention, blank, "inferred", part)
        chained = earlier is not None and (mention is None or mention.start < earlier.place[0])
        if (
            chained
            and earlier is not None
            and earlier.kind == "statute"
            and part.start - earlier.place[1] <= 300
        ):
            return self._like(earlier, "inferred")
        return blank

    def _cited_before(self, part: _Part) -> Citation | None:
        """The citation of the same number above, where all of them are of one law: a reference back to it."""
        value = read_numeral(part.numerals[0][1])
        key = f"{value}-{read_numeral(part.zhis[0])}" if part.zhis else str(value)
        same = [
            c
            for c in self.found
            if c.article == key and c.law and c.confidence >= 0.9 and c.kind == "statute"
        ]
        return same[-1] if len({c.law for c in same}) == 1 else None

    def _heading(self, part: _Part, before: list[Mention]) -> Mention | None:
        """The law above that is a heading or opens a list, with nothing but articles of it since."""
        for mention in reversed(before):
            if mention.kind == "other" or mention.anaphor:
                continue
            if _heading_like(self.text, mention):
                return mention
            if _line_start(self.text, part.start) and self._inside_article(mention):
                continue  # a law named inside a recited article
            return None
        return None

    def _inside_article(self, mention: Mention) -> bool:
        """Whether the mention stands in a line that opens with an article."""
        start = self.text.rfind("\n", 0, mention.start) + 1
        return bool(re.match(rf"[\s>#•·\-_|]*第{_N}条", self.text[start : min(mention.start, start + 40)]))

    def _by_content(self, part: _Part) -> tuple[str, ...]:
        """The one law whose article of this number begins with the words that follow."""
        if len(part.numerals) != 1 or part.groups:
            return ()
        value = read_numeral(part.numerals[0][1])
        if value is None:
            return ()
        after = re.sub(
            r"^(?:的|之)?(?:明确)?(?:规定)?[:,.]?\s*(?:\([^()\n]{1,24}\)|“|\")?[:]?",
            "",
            self.text[part.end : part.end + 60],
        )
        key = f"{value}-{read_numeral(part.zhis[0])}" if part.zhis else str(value)
        laws = laws_starting_so(key, normalised(after)[:8])
        return laws if len(laws) == 1 else ()

    def _of(self, mention: Mention, blank: Citation, how: Attribution, part: _Part) -> Citation | None:
        if mention.kind == "contract":
            return replace(
                blank,
                kind="contract_clause",
                law_raw=mention.name,
                attribution=how,
                confidence=CONFIDENCE[how],
            )
        if mention.kind == "other":
            if how == "direct":
                return replace(
                    blank, kind="contract_clause", law_raw=mention.name, attribution=how, confidence=1.0
                )
            return blank
        nested = self._nested(mention if how == "direct" else None, part)
        return replace(
            blank,
            law_raw=self._raw_name(mention),
            law_ids=mention.laws,
            name_match=mention.match,
            suggestion=mention.suggestion,
            attribution=how,
            confidence=CONFIDENCE[how],
            kind="nested" if nested else "statute",
            law_span=self.source.span(mention.start, mention.end),
        )

    def _raw_name(self, mention: Mention) -> str:
        """The name as the text writes it, without its 《》 and note."""
        start, end = self.source.span(mention.start, mention.end - len(mention.note))
        return self.source.raw[start:end].strip("《》").replace("**", "")

    def _nested(self, mention: Mention | None, part: _Part) -> bool:
        """Whether the citation stands inside the words of another article."""
        if self.quoted(part.start) > part.start:
            return True
        if (
            mention is None
            or not (mention.anaphor and mention.name.startswith("本"))
            or self.previous is None
        ):
            return False
        line = self.text.rfind("\n", 0, part.start) + 1
        since = self.text[self.previous.place[1] : part.start]
        opens = next(
            (c for c in self.found if c.place[0] >= line and _line_start(self.text, c.place[0])), None
        )
        return opens is not None or (
            "\n" not in since and bool(re.match(r"(?:之|的)?(?:规定|明确)?[:,]", since))
        )

    def _like(self, other: Citation, how: Attribution) -> Citation:
        inherited = (
            CONFIDENCE[how]
            if other.attribution in ("direct", "list", "heading", "content")
            else other.confidence
        )
        kept: Attribution = (
            how if other.attribution in ("direct", "list", "heading", "content") else other.attribution
        )
        return replace(
            other,
            article="",
            kuan=(),
            xiang=(),
            range_to=None,
            malformed="",
            guesses=(),
            attribution=kept,
            confidence=inherited,
        )

    def _expand(self, part: _Part, made: Citation) -> list[Citation]:
        """One citation for each article, 款 and 项 group that the part names."""
        span = self.source.span(part.start, part.end)
        base = replace(made, span=span, text=self.source.raw[span[0] : span[1]], place=(part.start, part.end))
        if self._nested(None, part) and base.kind == "statute":
            base = replace(base, kind="nested")
        found: list[Citation] = []
        for position, (separator, numeral) in enumerate(part.numerals):
            last = position == len(part.numerals) - 1
            value = read_numeral(numeral)
            ranged = separator in ("至", "到", "-", "~") and found and found[-1].article
            if ranged and value is not None and int(found[-1].article.split("-")[0]) < value:
                found[-1] = replace(found[-1], range_to=value)
                continue
            if value is None:
                found.append(replace(base, malformed=numeral, guesses=tuple(candidates(numeral))))
                continue
            keys = [str(value)]
            if last and part.zhis:
                keys = [f"{value}-{read_numeral(z)}" for z in part.zhis]
            for key in keys:
                if not last or not part.groups:
                    found.append(replace(base, article=key))
                else:
                    found.extend(
                        replace(base, article=key, kuan=kuan, xiang=xiang) for kuan, xiang in part.groups
                    )
        # 第十条至第十四条: the second number closes a range that the first opened
        before = self.previous
        if before is not None and self.found and self.found[-1] is before and found and found[0].article:
            between = self.text[before.place[1] : part.start]
            if between in ("至", "到", "-", "~") and before.article and before.law_ids == found[0].law_ids:
                first, end = int(before.article.split("-")[0]), int(found[0].article.split("-")[0])
                if first < end <= first + 400:
                    span = (before.span[0], span[1])
                    whole = self.source.raw[span[0] : span[1]]
                    place = (before.place[0], part.end)
                    self.found[-1] = replace(before, range_to=end, span=span, text=whole, place=place)
                    return found[1:]
        return found

    def _same_article(self) -> list[Citation]:
        """该条第五款: a 款 of the article cited last."""
        found: list[Citation] = []
        passed, last = 0, None
        for hit in _SAME_ARTICLE.finditer(self.text):
            while passed < len(self.found) and self.found[passed].place[1] <= hit.start():
                last = self.found[passed] if self.found[passed].article else last
                passed += 1
            if last is None or last.kind != "statute" or hit.start() - last.place[1] > 300:
                continue
            groups, end = _paragraphs(self.source, hit.end())
            span = self.source.span(hit.start(), end)
            base = replace(self._like(last, "list"), span=span, text=self.source.raw[span[0] : span[1]])
            base = replace(base, article=last.article, place=(hit.start(), end))
            found += [replace(base, kuan=kuan, xiang=xiang) for kuan, xiang in groups]
        return found

    def _numbers(self) -> list[Citation]:
        found = []
        for pattern, kind in ((_CASE, "case_no"), (_DOCUMENT, "document_no")):
            for hit in pattern.finditer(self.text):
                span = self.source.span(*hit.span())
                found.append(Citation(span, self.source.raw[span[0] : span[1]], kind=kind, place=hit.span()))  # type: ignore[arg-type]
        return found


def extract(text: str) -> list[Citation]:
    """Every citation of a text, in order (specification 3).

    >>> [(c.law_raw, c.article, c.kuan) for c in extract("根据《民法典》第五百七十七条、第五百八十四条第一款之规定")]
    [('民法典', '577', ()), ('民法典', '584', (1,))]
    """
    return _Reader(text).read()


def named_laws(text: str) -> list[Mention]:
    """Laws that a text names, with or without an article."""
    return [m for m in find_mentions(normal(text)) if m.kind == "law" and not m.anaphor]
