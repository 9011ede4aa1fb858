"""Is a text written in Shanghainese, in Mandarin, in Cantonese, or in Mandarin with words exchanged?

The score F in [0, 1] multiplies four shares: how pure the markers are, how dense, how varied, and in how
many windows of the text they win. It says whether a text is Shanghainese, not whether it is good Shanghainese,
and it can be gamed by sprinkling markers: a pass still needs a reader who says that the text makes sense.
Formal prose (laws, declarations) looks like Mandarin to it, and so do short notices full of names.

Constants were set on a textbook and on transcripts, and checked on sentences outside both (docs/validity.md).
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from zhprobe.text.tables import rows
from zhprobe.text.wu import fold_characters

Band = Literal["pass", "partial", "fail", "no_evidence"]

LEAK_WEIGHT, YUE_WEIGHT = 1.5, 2.0
FULL_DENSITY = 8.0  # marker weight per 100 Han at which density is 1
WINDOW_HAN, REST_HAN = 25, 15
OVER_DENSITY, OVER_RUN = 36.0, 12  # real text at 60 Han and more: density at most 29.1, run at most 10
PASS, PARTIAL = 0.65, 0.35
ECHO_HAN = 8
JSON_TRIES = 50  # braces that open no object: after so many the text is no JSON
HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{HAN}]")
_SENTENCE_END = re.compile("[。！？!?…；;\n]")


class Marker(NamedTuple):
    """One weighted pattern."""

    list: str
    category: str
    weight: float
    pattern: re.Pattern[str]
    note: str


class Mark(NamedTuple):
    """A place in the text that a marker claims: [start, end) in code points of the text as given."""

    list: str
    category: str
    weight: float
    text: str
    start: int
    end: int


class Fidelity(NamedTuple):
    """The score of one text, with everything it was made from."""

    n: int
    w: float
    m: float
    y: float
    categories: tuple[str, ...]
    windows: float
    f: float
    p: float
    over: bool
    band: Band
    indicative: bool  # 30 to 59 Han: never to gate a score on
    romanised: bool  # Latin letters and almost no Han: for a person to read
    marks: tuple[Mark, ...]


@cache
def markers() -> tuple[Marker, ...]:
    """The patterns of the four lists: W Shanghainese, M Mandarin, Y Cantonese, O other Wu."""
    return tuple(
        Marker(name, category, float(weight), re.compile(pattern), note)
        for name, category, weight, pattern, note in rows("wu_markers.tsv")
    )


def count_cjk(text: str) -> int:
    """Han characters as this score counts them: extension A, the unified block, planes 2 and 3.

    >>> count_cjk("搿桩事体，𠲎？")
    5
    """
    return len(_HAN.findall(text))


def _composed(text: str) -> tuple[str, list[int]]:
    """NFC and character folds, with the place in the original of each character."""
    if unicodedata.is_normalized("NFC", text):
        return fold_characters(text), list(range(len(text)))
    out: list[str] = []
    places: list[int] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not unicodedata.combining(text[index]):
            cluster = unicodedata.normalize("NFC", text[start:index])
            out.append(cluster)
            places += [start] * len(cluster)
            start = index
    return fold_characters("".join(out)), places


_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_URL = re.compile(r"https?://[^\s，。；！？、）]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'’]+(?:[ ,.;:!?-]+[A-Za-zÀ-ɏ'’]+){2,}")
_QUOTED = re.compile('“[^“”]*”|「[^「」]*」|『[^『』]*』|"[^"\n]*"')


def _json_blocks(text: str) -> list[tuple[int, int]]:
    decoder = json.JSONDecoder()
    blocks: list[tuple[int, int]] = []
    at = failed = 0
    while (at := text.find("{", at)) >= 0 and failed < JSON_TRIES:
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            failed += 1
        else:
            blocks.append((at, end))
            at = end
    return blocks


def _echoes(text: str, prompt: str) -> list[tuple[int, int]]:
    """Stretches of at least eight Han that stand in the prompt word for word."""
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end, han, best = start, 0, 0
        while end < len(text) and text[start : end + 1] in prompt:
            han += _HAN.match(text[end]) is not None
            end += 1
            best = han
        if best >= ECHO_HAN:
            found.append((start, end))
            start = end
        else:
            start += 1
    return found


def _masked(text: str, prompt: str, given: Sequence[str]) -> str:
    """What is not the writer's own prose becomes blanks of the same length."""
    places = [m.span() for pattern in (_CODE, _URL, _LATIN) for m in pattern.finditer(text)]
    places += _json_blocks(text)
    if prompt:
        places += [m.span() for m in _QUOTED.finditer(text) if len(m[0]) > 5 and m[0][1:-1] in prompt]
        places += _echoes(text, prompt)
    for words in given:
        places += [m.span() for m in re.finditer(re.escape(words), text)] if words else []
    characters = list(text)
    for start, end in places:
        for index in range(start, end):
            if characters[index] != "\n":
                characters[index] = " "
    return "".join(characters)


def _select(text: str, name: str) -> list[Mark]:
    """Non-overlapping matches of one list: longest first, then heavier, then leftmost."""
    found = [
        Mark(name, marker.category, marker.weight, match[0], match.start(), match.end())
        for marker in markers()
        if marker.list == name
        for match in marker.pattern.finditer(text)
    ]
    found.sort(key=lambda mark: (mark.start - mark.end, -mark.weight, mark.start))
    taken = [False] * len(text)
    chosen: list[Mark] = []
    for mark in found:
        if mark.end > mark.start and not any(taken[mark.start : mark.end]):
            taken[mark.start : mark.end] = [True] * (mark.end - mark.start)
            chosen.append(mark)
    return sorted(chosen, key=lambda mark: mark.start)


def _damped(marks: Sequence[Mark], han: int) -> float:
    """Weights added up; the k-th time of the same words counts less once k passes one in 25 Han."""
    allowed = max(1.0, han / 25)
    seen: dict[str, int] = {}
    total = 0.0
    for mark in marks:
        k = seen[mark.text] = seen.get(mark.text, 0) + 1
        total += mark.weight if k <= allowed else mark.weight / (1 + k - allowed)
    return total


def _windows(text: str) -> list[tuple[int, int]]:
    """[start, end) of windows of whole sentences with at least 25 Han; a short rest joins the last."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in [m.end() for m in _SENTENCE_END.finditer(text)] + [len(text)]:
        if count_cjk(text[start:end]) >= WINDOW_HAN:
            found.append((start, end))
            start = end
    if start < len(text):
        if found and count_cjk(text[start:]) < REST_HAN:
            found[-1] = (found[-1][0], len(text))
        else:
            found.append((start, len(text)))
    return found


def _weight(marks: Sequence[Mark]) -> float:
    return math.fsum(mark.weight for mark in marks)


def _odds(w: float, m: float, y: float) -> float:
    return (w + 0.5) / (LEAK_WEIGHT * m + YUE_WEIGHT * y + 0.5)


def _longest_run(marks: Sequence[Mark]) -> int:
    longest = run = 0
    end = -1
    for mark in marks:
        run = run + mark.end - mark.start if mark.start == end else mark.end - mark.start
        longest, end = max(longest, run), mark.end
    return longest


def _band(n: int, w: float, m: float, y: float, f: float, p: float, over: bool) -> Band:
    if n < 30:
        if w == m == y == 0:
            return "no_evidence"
        if w > 0 and m == 0 and y == 0:
            return "pass"
        return "partial" if p > 0 else "fail"
    if over or f < PARTIAL:
        return "fail"
    return "pass" if f >= PASS and 100 * y / n <= 1 else "partial"


# English, so not a romanised answer.
_ENGLISH = frozenset(
    "the a of and to is are in it that you for with this was on my your we be have not".split()
)


def _is_romanised(text: str) -> bool:
    words = re.findall("[A-Za-zÀ-ɏ]+", text)
    latin = sum(map(len, words))
    english = sum(word.lower() in _ENGLISH for word in words)
    return latin >= 40 and latin > 3 * count_cjk(text) and english < len(words) / 12


def score_fidelity(text: str, *, prompt: str = "", given: Sequence[str] = ()) -> Fidelity:
    """Score one text. `prompt` is what was asked: stretches repeated from it do not count for the text.
    `given` are words the prompt told the writer to use.

    >>> good = score_fidelity("侬好，我明朝上半日要去一趟银行，中浪向搭老同学一道吃饭，下半日再去学堂接小囡。")
    >>> good.band, round(good.f, 3), good.indicative
    ('pass', 0.873, True)
    >>> score_fidelity("三点钟开会。").band
    'no_evidence'
    """
    composed, places = _composed(text)
    own = _masked(composed, fold_characters(unicodedata.normalize("NFC", prompt)), given)
    n = count_cjk(own)
    lists = {name: _select(own, name) for name in "WMYO"}
    w, m, y = _damped(lists["W"], n), _weight(lists["M"]), _weight(lists["Y"])
    categories = tuple(sorted({mark.category for mark in lists["W"]}))
    won = held = 0
    starts = {name: [mark.start for mark in found] for name, found in lists.items()}
    for start, end in _windows(own):
        if not (han := count_cjk(own[start:end])):
            continue
        inside = {
            name: found[bisect_left(starts[name], start) : bisect_left(starts[name], end)]
            for name, found in lists.items()
        }
        held += 1
        won += _odds(_damped(inside["W"], han), _weight(inside["M"]), _weight(inside["Y"])) > 1
    windows = won / held if held else 0.0
    purity = w / (w + LEAK_WEIGHT * m + YUE_WEIGHT * y + 1)
    density = min(1.0, 100 * w / n / FULL_DENSITY) if n else 0.0
    breadth = min(1.0, len(categories) / (2 if n < 60 else 4 if n < 120 else 6))
    f = purity * density * breadth * windows
    p = math.log(_odds(w, m, y))
    over = n >= 30 and (100 * w / n > OVER_DENSITY or _longest_run(lists["W"]) > OVER_RUN)
    marks = [
        mark._replace(start=places[mark.start], end=places[mark.end - 1] + 1)
        for found in lists.values()
        for mark in found
    ]
    return Fidelity(
        n,
        w,
        m,
        y,
        categories,
        windows,
        f,
        p,
        over,
        _band(n, w, m, y, f, p, over),
        30 <= n < 60,
        _is_romanised(composed),
        tuple(sorted(marks, key=lambda mark: (mark.start, mark.list))),
    )
