"""Whether quoted words are those of an article, decided from the shipped hashes alone."""

from __future__ import annotations

import lzma
import re
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from zhprobe.text.law_hashes import gram_hashes, normalised, place_of
from zhprobe.text.law_versions import Article, all_articles, held_on, held_texts

LEAST = 10  # normalised characters from which words count as a quotation
ELSEWHERE = 16  # characters from which exact words of another article decide
Scope = Literal["whole", "paragraph", "part"]


@cache
def hash_bytes() -> bytes:
    """All hashes of all articles, 4 bytes each, native order."""
    hashes = array("I", lzma.decompress((files("zhprobe.text") / "tables" / "legal_hashes.xz").read_bytes()))
    if sys.byteorder != "little":
        hashes.byteswap()
    return hashes.tobytes()


def article_hashes(article: Article) -> bytes:
    """The hashes of one article, in order, 4 bytes each."""
    return hash_bytes()[4 * article.start : 4 * (article.start + article.hashes)]


@cache
def _beginnings() -> dict[str, dict[bytes, tuple[str, ...]]]:
    """For each article number, the hashes of the first 8 characters and the laws that begin so."""
    found: dict[str, dict[bytes, tuple[str, ...]]] = {}
    for text in held_texts().values():
        for article in text.articles.values():
            if article.hashes >= 4:
                start = article_hashes(article)[:16]
                laws = found.setdefault(article.key, {}).get(start, ())
                if text.law not in laws:
                    found[article.key][start] = (*laws, text.law)
    return found


def laws_starting_so(key: str, plain: str) -> tuple[str, ...]:
    """Laws whose article `key` begins with these 8 normalised characters."""
    if len(plain) < 8 or key not in _beginnings():
        return ()
    return _beginnings()[key].get(gram_hashes(plain[:8]).tobytes(), ())


@cache
def _postings() -> array[int]:
    """Hash and article number packed into one sorted list."""
    hashes = array("I", hash_bytes())
    packed: list[int] = []
    for number, article in enumerate(all_articles()):
        packed.extend((h << 13) | number for h in hashes[article.start : article.start + article.hashes])
    return array("Q", sorted(set(packed)))


def articles_with(gram: int) -> list[int]:
    """Numbers (in `all_articles`) of the articles that hold a 5-gram."""
    postings = _postings()
    place, found = bisect_left(postings, gram << 13), []
    while place < len(postings) and postings[place] >> 13 == gram:
        found.append(postings[place] & 0x1FFF)
        place += 1
    return found


@dataclass(frozen=True)
class Nearest:
    """Articles that share most 5-grams with some words: (article, share of the words' grams), best first."""

    shares: tuple[tuple[Article, float], ...]


def nearest_articles(plain: str, most: int = 8) -> Nearest:
    """The held articles that share most 5-grams with normalised words."""
    grams = set(gram_hashes(plain))
    hits: Counter[int] = Counter()
    for gram in grams:
        hits.update(articles_with(gram))
    listed = all_articles()
    return Nearest(tuple((listed[number], count / len(grams)) for number, count in hits.most_common(most)))


def holders(plain: str) -> list[Article]:
    """Every held article that contains the normalised words (5 characters or more) exactly."""
    grams = gram_hashes(plain)
    if not grams:
        return []
    rarest = min((articles_with(g) for g in {grams[0], grams[len(grams) // 2], grams[-1]}), key=len)
    return [a for n in rarest if place_of(grams, article_hashes(a := all_articles()[n])) >= 0]


def scope_of(article: Article, plain: str) -> Scope | None:
    """Whether normalised words are the whole article, whole 款, or a part of it; None when not contained."""
    place = place_of(gram_hashes(plain), article_hashes(article))
    if place < 0:
        return None
    if len(plain) == article.length:
        return "whole"
    ends, total = {0}, 0
    for length, _ in article.paragraphs:
        total += length
        ends.add(total)
    return "paragraph" if place in ends and place + len(plain) in ends else "part"


_ELLIPSIS = re.compile(r"…+|\.{3,}|。{3,}|[（(\[【]\s*(?:中)?[略省](?:略)?\s*[)）\]】]|[（(]…+[)）]")


def segments(quote: str) -> list[str]:
    """Normalised pieces (six characters or more) of a quotation between its ellipses; none if it has no ellipsis.

    >>> segments("当事人一方不履行合同义务……应当承担赔偿损失等违约责任")
    ['当事人一方不履行合同义务', '应当承担赔偿损失等违约责任']
    """
    pieces = [plain for piece in _ELLIPSIS.split(quote) if (plain := normalised(piece))]
    kept = [piece for piece in pieces if len(piece) >= 6]
    return kept if len(pieces) > 1 and max(map(len, kept), default=0) >= LEAST else []


def in_order(article: Article, pieces: list[str]) -> bool:
    """Whether all pieces (six characters or more) stand in the article, one after the other."""
    hay, place = article_hashes(article), 0
    for piece in pieces:
        found = place_of(gram_hashes(piece), hay[4 * place :])
        if found < 0:
            return False
        place += found + len(piece) - 4
    return bool(pieces)


@dataclass(frozen=True)
class Quoted:
    """What is found of a quotation: a code of specification 9, and where the words really stand."""

    code: str
    scope: Scope | None = None
    article: Article | None = None  # where the words stand, when not in the cited one
    coverage: float | None = None
    differences: tuple[tuple[str, str], ...] = ()  # (quoted, in the article)
    missing: tuple[int, ...] = ()  # 款 a whole recitation lacks


def elsewhere(law: str, key: str, asof: str, plain: str) -> Quoted | None:
    """Exact words of another article, another version or another law: what they show; None when nowhere."""
    found = holders(plain)
    if len(plain) < ELSEWHERE:  # short words decide only as a whole article
        found = [a for a in found if a.length == len(plain)]
    if not found:
        return None
    current = held_on(law, asof)

    def rank(article: Article) -> tuple[int, int]:
        text = held_texts()[article.text]
        same_law, now = text.law == law, current is not None and article.text == current.id
        return (0 if now else 1 if same_law else 2, 0 if article.key == key else 1)

    best = min(found, key=rank)
    order = rank(best)[0]
    if order == 0 and best.key == key:
        return None
    return Quoted(("WRONG_ARTICLE_NUMBER", "STALE_TEXT", "WRONG_LAW")[order], article=best)


def compare_by_hash(law: str, key: str, asof: str, quote: str) -> Quoted:
    """Specification 7.3 as far as hashes decide it; QUOTE_NOT_COMPARED where they do not.

    >>> compare_by_hash("中华人民共和国注册会计师法", "1", "2026-09-30", "一二三四五六七八九十一二三四").code
    'QUOTE_NOT_COMPARED'
    """
    plain = normalised(quote)
    text = held_on(law, asof)
    article = text.articles.get(key) if text else None
    if article is None or article.deleted:
        return Quoted("QUOTE_NOT_COMPARED")
    scope = scope_of(article, plain)
    if scope:
        return Quoted("VERBATIM", scope)
    if in_order(article, segments(quote)):
        return Quoted("VERBATIM_ELLIPSIS", "part")
    other = elsewhere(law, key, asof, plain)
    if other:
        return other
    near = nearest_articles(plain, 1).shares
    if not near or near[0][1] < 0.1:
        return Quoted("NOT_THE_TEXT", coverage=None)
    return Quoted("QUOTE_NOT_COMPARED")
