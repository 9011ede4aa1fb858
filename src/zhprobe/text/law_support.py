"""Whether a paraphrase is about the cited article at all (specification 8); only where the user's texts are there."""

from __future__ import annotations

import re
from functools import lru_cache

from zhprobe.text.law_hashes import normalised
from zhprobe.text.law_library import library, own_text, statutes_folder

FAR, NEAR = 0.05, 0.25  # share of the claim's pairs in the cited article, in the better one
LEAST = 14  # characters of a claim worth comparing

# Words that every article and every answer is full of.
_STOP = re.compile(
    r"根据|依据|依照|按照|规定|应当|可以|或者|以及|下列|情形|有关|相关|当事人|法律|因此|所以|同时|此外|本案|明确|中华人民共和国|[的了是在有和与及或之其该为由于对将被从]"
)


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    found: set[str] = set()
    for piece in _STOP.split(text):
        found |= {piece[i : i + 2] for i in range(len(piece) - 1)}
    return frozenset(found)


@lru_cache(maxsize=64)
def _articles(law: str, day: str, held: tuple[str, int]) -> dict[str, frozenset[str]]:
    statute = own_text(law, day)
    return {key: _pairs(normalised(statute.text(key))) for key in statute.articles} if statute else {}


def better_article(law: str, key: str, day: str, claim: str) -> str:
    """The number of an article that a claim fits far better than the cited one; '' where none does, or no text is held.

    >>> better_article("中华人民共和国民法典", "577", "2026-09-30", "甲")
    ''
    """
    plain = normalised(claim)
    if len(plain) < LEAST:
        return ""
    articles, wanted = _articles(law, day, (str(statutes_folder()), len(library()))), _pairs(plain)
    if key not in articles or len(wanted) < 6 or len(wanted & articles[key]) / len(wanted) >= FAR:
        return ""
    best = max(articles, key=lambda other: len(wanted & articles[other]))
    return best if len(wanted & articles[best]) / len(wanted) > NEAR else ""
