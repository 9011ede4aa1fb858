"""Whether a quote stands in a text, forgiving what typing and typesetting change (rubric contract, section 7).

Two readings: `norm1` folds width, case, quotation marks, stops and Markdown; `norm2` keeps only letters,
digits and Han. A match shows that somebody read the words; it proves nothing about what they said of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SHORTEST = 6  # characters of a quote after norm2, unless the whole answer is shorter

_MARKDOWN = frozenset("*_`#>~|")
_FOLD = {
    **dict.fromkeys("“”‘’「」『』'＂＇«»", '"'),
    **dict.fromkeys("。．", "."),
    **dict.fromkeys("，、", ","),
    **dict.fromkeys("；", ";"),
    **dict.fromkeys("：", ":"),
    **dict.fromkeys("（【〔", "("),
    **dict.fromkeys("）】〕", ")"),
    **dict.fromkeys("—–―‒－", "-"),
    "…": ".",
}


@lru_cache(maxsize=64)
def _fold(text: str) -> tuple[str, list[int]]:
    """norm1 and, for each of its characters, the place in the text it came from."""
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for piece in unicodedata.normalize("NFKC", character).casefold():
            if (
                piece.isspace()
                or piece in _MARKDOWN
                or unicodedata.category(piece) in ("Cf", "Cc", "Zl", "Zp")
            ):
                continue
            folded = _FOLD.get(piece, piece)
            # a dash or an ellipsis is one mark however long it is drawn
            if folded in "-." and out and out[-1] == folded:
                continue
            out.append(folded)
            places.append(place)
    return "".join(out), places


def norm1(text: str) -> str:
    """Width, case, quotation marks, stops and dashes folded; blanks and Markdown marks dropped.

    >>> norm1("**“Ａ”，好。**")
    '"a",好.'
    """
    return _fold(text)[0]


def norm2(text: str) -> str:
    """Letters, digits and Han only, of norm1.

    >>> norm2("**“Ａ”，好。**")
    'a好'
    """
    return "".join(c for c in norm1(text) if c.isalnum())


@dataclass(frozen=True)
class Quote:
    """Where the parts of a quote stand; `fault` says why it does not count ('' when it does)."""

    found: bool
    spans: tuple[tuple[int, int], ...] = ()
    fault: str = ""  # '', 'empty', 'too_short', 'not_found'


def _place(part: str, answer: str) -> tuple[int, int] | None:
    folded, places = _fold(answer)
    start = folded.find(norm1(part)) if norm1(part) else -1
    if start >= 0:
        return places[start], places[start + len(norm1(part)) - 1] + 1
    bare = [(c, p) for c, p in zip(folded, places, strict=True) if c.isalnum()]
    wanted = norm2(part)
    start = "".join(c for c, _ in bare).find(wanted) if wanted else -1
    if start >= 0:
        return bare[start][1], bare[start + len(wanted) - 1][1] + 1
    return None


def find_quote(quote: str, answer: str) -> Quote:
    """Look a quote up in an answer; several excerpts may be joined by … or ；.

    >>> find_quote("诉讼时效为３年", "答：**诉讼时效**为3年。").spans
    ((4, 13),)
    >>> find_quote("诉讼时效为两年", "答：诉讼时效为3年。").fault
    'not_found'
    """
    wanted = norm2(quote)
    if len(wanted) >= SHORTEST and (at := answer.find(words := quote.strip())) >= 0:
        return Quote(True, ((at, at + len(words)),))  # word for word, the usual case
    whole = norm2(answer)
    if not wanted:
        # an answer without a letter (only marks) can be quoted only as it stands
        same = bool(norm1(quote)) and norm1(quote) == norm1(answer)
        if same:
            return Quote(True, ((0, len(answer)),))
        return Quote(False, fault="empty" if not quote.strip() else "too_short")
    if len(wanted) < SHORTEST and wanted != whole:
        return Quote(False, fault="too_short" if len(whole) >= SHORTEST or wanted in whole else "not_found")
    if (span := _place(quote, answer)) is not None:
        return Quote(True, (span,))
    parts = [part for part in re.split(r"…+|\.{3,}|；|;", quote) if norm2(part)]
    long = [part for part in parts if len(norm2(part)) >= SHORTEST]
    if len(parts) < 2 or not long:
        return Quote(False, fault="not_found")
    spans = []
    for part in long:
        if (span := _place(part, answer)) is None:
            return Quote(False, fault="not_found")
        spans.append(span)
    return Quote(True, tuple(spans))
