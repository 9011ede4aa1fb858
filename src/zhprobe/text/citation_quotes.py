"""Which words of a text are presented as those of a cited article (specification 7.1)."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from zhprobe.text.citations import Citation
from zhprobe.text.law_hashes import normalised
from zhprobe.text.law_quotes import LEAST, laws_starting_so


@dataclass(frozen=True)
class Quotation:
    """Words given as those of an article; `explicit` when in quotation marks or a block of their own."""

    citation: Citation
    span: tuple[int, int]
    text: str
    explicit: bool


_VERB = r"(?:的|之)?(?:相关)?(?:明确|也|亦|还|则)?(?:规定|指出|载明|写明|内容|原文|全文|条文|表述|写道)?(?:内容|原文|全文)?(?:如下|了|为|是)?"
_LEAD = re.compile(
    rf"[ \t　*_`]*(?:[（(【\[][^（）()【】\[\]\n]{{0,40}}[)）】\]])?[ \t　*_`]*{_VERB}[ \t　*_`]*(?:[^“”「」《》第。；，,\n]{{0,14}}?(?<=[一-鿿])(?=[：:]))?[ \t　*_`]*[：:，,]?[ \t　*_`]*(?:\n[\s>*_]*)*"
)
_OPEN = {"“": "”", "「": "」", "『": "』", '"': '"', "＂": "＂"}
_HEADING = re.compile(r"[\s#>*\-_]*(?:《[^》\n]{2,40}》)?\s*第[零〇○一二两三四五六七八九十百千\d]{1,9}条")
_LABEL = re.compile(
    r"^[\s*_>#]*(?:第[零〇○一二两三四五六七八九十百千\d]{1,9}条(?:之[一二三四五六七八九十]{1,2})?)?[\s*_：:，,]*(?:第[一二三四五六七八九十\d]{1,3}款[\s：:，,]*)?(?:[【\[][^】\]\n]{1,40}[】\]])?\s*"
)


def _explicit(text: str, end: int) -> tuple[int, int] | None:
    """The stretch inside quotation marks that directly follows, or a > block."""
    lead = _LEAD.match(text, end)
    place = lead.end() if lead else end
    mark = text[place : place + 1]
    if mark in _OPEN:
        close, depth = _OPEN[mark], 1
        for i in range(place + 1, min(len(text), place + 4000)):
            if text[i] == close and (close == mark or depth == 1):
                return place + 1, i
            if text[i] == mark:
                depth += 1
            elif text[i] == close:
                depth -= 1
            elif text[i] == "\n" and mark == '"':
                return None
        return None
    if (
        lead
        and ">" in text[end:place]
        and (block := re.compile(r"(?:[^\n]+(?:\n\s*>[^\n]*)*)").match(text, place))
    ):
        return block.span()
    return None


def _implicit(text: str, citation: Citation, following: int) -> tuple[int, int] | None:
    """After a colon, or where the words begin as an article does, to 。or the end of the line; for an article that
    opens a line, to the next article."""
    end = citation.span[1]
    line = text.rfind("\n", 0, citation.span[0]) + 1
    opens = citation.span[0] - line <= 120 and re.fullmatch(
        r"[\s#>*\-_\d.、•·（(]*(?:《[^》\n]{2,60}》)?[\s*_]*(?:[^\s第]{2,30})?[\s*_]*",
        text[line : citation.span[0]],
    )
    if opens and citation.attribution in ("heading", "content"):
        stop = min(following, len(text))
        nxt = re.compile(
            r"\n(?=[ \t　#>*\-_]{0,12}(?:第[零〇○一二两三四五六七八九十百千\d]{1,9}[条章节编]|#|《|\n[ \t　]{0,8}\S{0,12}[：:]))"
        ).search(text, end)
        stop = min(stop, nxt.start()) if nxt else stop
        rest = text[end:stop]
        if re.match(r"[\s*_]*(?:[：:]|[【（(]|\s|$)", rest) or rest[:1] in "　 ":
            return end, end + len(rest.rstrip())
        return None
    colon = re.compile(
        rf"[\s*_`]*(?:[（(【\[][^（）()【】\[\]\n]{{0,40}}[)）】\]])?[\s*_`]*{_VERB}[\s*_`]*[：:]"
    ).match(text, end)
    start = colon.end() if colon else end
    if not colon and not laws_starting_so(citation.article, normalised(text[end : end + 40])[:8]):
        return None  # nothing says that the words are the article's
    ends = re.compile(r"[。\n]|$").search(text, start)
    return (start, ends.start()) if ends else None


def quotations(text: str, citations: list[Citation]) -> list[Quotation]:
    """Every quotation of a cited article: of direct, heading and content citations without a range.

    >>> from zhprobe.text.citations import extract
    >>> said = "《民法典》第三条规定：“民事主体的人身权利受法律保护。”"
    >>> [(q.text, q.explicit) for q in quotations(said, extract(said))]
    [('民事主体的人身权利受法律保护。', True)]
    """
    found, used = [], -1
    starts = sorted({c.span[0] for c in citations if c.kind == "statute"})
    lines = ((p, _HEADING.match(text, text.rfind("\n", 0, p) + 1)) for p in starts)
    heads = [p for p, line in lines if line and p < line.end()]
    for citation in citations:
        if citation.kind != "statute" or citation.range_to or not citation.article:
            continue
        if citation.attribution not in ("direct", "heading", "content") or citation.span[1] <= used:
            continue
        explicit = _explicit(text, citation.span[1])
        place = bisect_left(starts, citation.span[1])
        if explicit and place < len(starts) and explicit[0] > starts[place]:
            explicit = None  # the words belong to the next citation
        place = bisect_left(heads, citation.span[1])
        span = explicit or _implicit(text, citation, heads[place] if place < len(heads) else len(text))
        if span is None:
            continue
        label = _LABEL.match(text[span[0] : span[1]])
        start = span[0] + (label.end() if label else 0)
        words = text[start : span[1]]
        if len(normalised(words)) < LEAST:
            continue
        found.append(Quotation(citation, (start, span[1]), words, explicit is not None))
        used = span[1] if explicit else used
    return found
