"""Quotation against the article's own words (specification 7.3), where the user's texts are there."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache

from zhprobe.text.law_hashes import gram_hashes, normalised, place_of
from zhprobe.text.law_library import library, own_text
from zhprobe.text.law_quotes import (
    Quoted,
    article_hashes,
    compare_by_hash,
    elsewhere,
    nearest_articles,
    segments,
)
from zhprobe.text.law_versions import Article, held_on, held_texts

_CRITICAL = re.compile(
    r"[零一二三四五六七八九十百千万两\d]{1,12}(?:年|个月|月|日|天|倍|元|岁|%)|百分之[零一二三四五六七八九十百点]{1,8}|以上|以下|以内|超过|不满|应当|可以|不得|必须"
    r"|双倍|或者|并|且|不|无|非|未"
)


def critical_tokens(text: str) -> Counter[str]:
    """Numbers with a unit, limits, 应当 可以 不得 必须, negations, 或者 并 且, counted.

    >>> sorted(critical_tokens("应当在三十日内支付二倍工资，不得超过一年"))
    ['一年', '三十日', '不得', '二倍', '应当', '超过']
    """
    return Counter(_CRITICAL.findall(text))


@lru_cache(maxsize=2048)
def coverage(quote: str, article: str) -> tuple[float, int, int]:
    """Share of the quote in matching blocks of two characters or more, and the stretch of the article they span."""
    blocks = [
        b for b in SequenceMatcher(None, quote, article, autojunk=False).get_matching_blocks() if b.size >= 2
    ]
    if not blocks or not quote:
        return 0.0, 0, 0
    return sum(b.size for b in blocks) / len(quote), blocks[0].b, blocks[-1].b + blocks[-1].size


def differences(quote: str, article: str, most: int = 20) -> tuple[tuple[str, str], ...]:
    """(words of the quote, words of the article) where they differ."""
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, quote, article, autojunk=False).get_opcodes():
        if tag != "equal":
            found.append((quote[a:b], article[c:d]))
    return tuple(found[:most])


def _aligned(quote: str, article: str) -> str:
    """The stretch of the article that the quote stands for, with what lies at its ends."""
    _, start, end = coverage(quote, article)
    first = SequenceMatcher(None, quote, article, autojunk=False).get_matching_blocks()[0]
    return article[max(0, start - (first.a if first.size >= 2 else 0)) : end + _tail(quote, article)]


def _tail(quote: str, article: str) -> int:
    blocks = [
        b for b in SequenceMatcher(None, quote, article, autojunk=False).get_matching_blocks() if b.size >= 2
    ]
    return len(quote) - blocks[-1].a - blocks[-1].size if blocks else 0


def compare_quote(law: str, key: str, asof: str, quote: str) -> Quoted:
    """What a quotation of an article is (codes of specification 9); by hashes alone where no text is there.

    For words that are no quotation by form the caller reads MISQUOTE as CLOSE_PARAPHRASE and FABRICATED_QUOTE as
    NOT_THE_TEXT; here both bear the names CLOSE_PARAPHRASE and NOT_THE_TEXT.
    """
    by_hash = compare_by_hash(law, key, asof, quote)
    if by_hash.code not in ("QUOTE_NOT_COMPARED", "NOT_THE_TEXT"):
        return by_hash
    statute = own_text(law, asof)
    if statute is None or key not in statute.articles:
        return by_hash
    plain, article = normalised(quote), normalised(statute.text(key))
    if plain in article:
        return Quoted("VERBATIM", "whole" if plain == article else "part")
    if _in_order(article, segments(quote)):
        return Quoted("VERBATIM_ELLIPSIS", "part")
    if held_on(law, asof) is None and (found := elsewhere(law, key, asof, plain)):
        return found
    share, _, _ = coverage(plain, article)
    if share >= 0.97:
        part = _aligned(plain, article)
        code = "ALTERED" if critical_tokens(plain) != critical_tokens(part) else "NEAR_VERBATIM"
        return Quoted(code, coverage=round(share, 2), differences=differences(plain, part))
    other = _better(law, key, asof, plain, share)
    if other:
        return other
    part = _aligned(plain, article)
    code = "CLOSE_PARAPHRASE" if share >= 0.6 else "NOT_THE_TEXT"
    return Quoted(
        code, coverage=round(share, 2), differences=differences(plain, part) if share >= 0.6 else ()
    )


def _in_order(article: str, pieces: list[str]) -> bool:
    place = 0
    for piece in pieces:
        found = article.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return bool(pieces)


def _better(law: str, key: str, asof: str, plain: str, share: float) -> Quoted | None:
    """Another article that fits much better (step 4), among those whose words are there."""
    current = held_on(law, asof)
    best: tuple[float, int, Quoted] | None = None
    for article, _ in nearest_articles(plain).shares:
        text = held_texts()[article.text]
        own = library().get(article.text)
        if own is None or (text.law == law and article.key == key and current and article.text == current.id):
            continue
        theirs, _, _ = coverage(plain, normalised(own.text(article.key)))
        if theirs < 0.85 or theirs <= share + 0.15:
            continue
        closeness = 2 if current is not None and article.text == current.id else int(text.law == law)
        if best is None or (theirs, closeness) > best[:2]:
            code = ("WRONG_LAW", "STALE_TEXT", "WRONG_ARTICLE_NUMBER")[closeness]
            best = (theirs, closeness, Quoted(code, article=article, coverage=round(theirs, 2)))
    return best[2] if best else None


def missing_paragraphs(law: str, key: str, asof: str, quote: str) -> list[int]:
    """款 of the article that a recitation lacks, by number (specification 7.4); by hash where no text is there."""
    from_hash = held_on(law, asof)
    statute = own_text(law, asof)
    plain = normalised(quote)
    if statute is not None and key in statute.articles:
        found = []
        for number, paragraph in enumerate(statute.articles[key], start=1):
            words = normalised(paragraph)
            if words not in plain and coverage(words, plain)[0] < 0.97:
                found.append(number)
        return found
    article = from_hash.articles.get(key) if from_hash else None
    return [] if article is None else _missing_by_hash(article, plain)


def _missing_by_hash(article: Article, plain: str) -> list[int]:
    own = array("I", article_hashes(article))
    hay, found, start = gram_hashes(plain).tobytes(), [], 0
    for number, (length, _) in enumerate(article.paragraphs, start=1):
        part = own[start : start + max(0, length - 4)]
        if part and place_of(part, hay) < 0:
            found.append(number)
        start += length
    return found
