"""对联: two sides of equal length whose tones answer each other, the first ending oblique, the second level."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from zhprobe.text.readings import COMMON, NONE, TONE_TIERS, is_unknown, readings, tone_code
from zhprobe.text.rhyme import numeral
from zhprobe.text.stanza import Line, read_lines
from zhprobe.text.verse import RANK
from zhprobe.text.verse_account import Dependence, Fault, Outcome, free_level
from zhprobe.text.verse_search import (
    A2,
    EVEN,
    NOT_RESCUED,
    ODD,
    PRICE,
    STEPS,
    TYPES,
    VARIANTS,
    line_prices,
    pattern,
    pattern_words,
    rescue_prices,
)

_SIDE = re.compile(
    r"^\s*[*＊]*\s*(上联|上聯|出句|下联|下聯|对句|對句|横批|橫批|横额|橫額)[*＊]*\s*[:：]?[*＊]*\s*"
)
_UPPER = ("上联", "上聯", "出句")
_LOWER = ("下联", "下聯", "对句", "對句")
LONGEST = 300  # characters a side; the long couplet of 大观楼 has ninety
SOFT = frozenset(("平仄不对",))  # one in a segment of six or more is let go by a lenient reader


class Sides(NamedTuple):
    """The two sides as segments, the words above them if any, and what does not belong."""

    upper: tuple[str, ...]
    lower: tuple[str, ...]
    banner: str
    strange: tuple[tuple[int, str, int], ...]

    @property
    def texts(self) -> tuple[str, str]:
        """Both sides without punctuation."""
        return "".join(self.upper), "".join(self.lower)


class CoupletScan(NamedTuple):
    """What holds and what does not of a couplet."""

    sides: Sides
    book: str
    faults: tuple[Fault, ...]
    marks: tuple[Fault, ...]
    depends_on: tuple[Dependence, ...]
    strict: Outcome
    lenient: Outcome


def read_sides(answer: str, first: str = "") -> Sides:
    """The two sides of an answer; `first` is the first side where the prompt gave it.

    >>> read_sides("上联：海阔凭鱼跃\\n下联：天高任鸟飞\\n横批：前程万里")[:3]
    (('海阔凭鱼跃',), ('天高任鸟飞',), '前程万里')
    >>> read_sides("天高任鸟飞。", "海阔凭鱼跃").texts
    ('海阔凭鱼跃', '天高任鸟飞')
    >>> read_sides("海阔凭鱼跃，天高任鸟飞。").lower
    ('天高任鸟飞',)
    """
    upper: list[str] = []
    lower: list[str] = []
    loose: list[list[Line]] = []
    banner, strange = "", []
    for row in answer.splitlines():
        label = _SIDE.match(row)
        stanza = read_lines(row[label.end() :] if label else row)
        if not stanza.lines:
            continue
        strange += list(stanza.strange)
        if label and label[1] in _UPPER:
            upper += stanza.texts
        elif label and label[1] in _LOWER:
            lower += stanza.texts
        elif label:
            banner = "".join(stanza.texts)
        else:
            loose.append(list(stanza.lines))
    if not lower and loose:
        given_too = "".join(line.text for row in loose for line in row).startswith(
            "".join(read_lines(first).texts)
        )
        sides = _halves(loose, bool(upper) or (bool(first) and not given_too))
        upper, lower = upper or sides[0], sides[1]
    given = list(read_lines(first).texts)
    if given and not upper:
        upper = given
    return Sides(tuple(upper), tuple(lower), banner, tuple(strange))


def _halves(rows: list[list[Line]], has_upper: bool) -> tuple[list[str], list[str]]:
    """Two sides out of unlabelled rows."""
    if len(rows) == 2:
        return [line.text for line in rows[0]], [line.text for line in rows[1]]
    flat = [line for row in rows for line in row]
    texts = [line.text for line in flat]
    if len(rows) == 1:
        strong = [n for n, line in enumerate(flat[:-1]) if line.mark in "；;。" and line.mark]
        if len(strong) == 1:
            return texts[: strong[0] + 1], texts[strong[0] + 1 :]
        if has_upper:
            return [], texts
    half = len(texts) // 2
    if len(texts) % 2 == 0:
        return texts[:half], texts[half:]
    return ([], texts) if has_upper else (texts[: half + 1], texts[half + 1 :])


def scan_couplet(answer: str, first: str = "", book: str = "", characters: int = 0) -> CoupletScan:
    """Scan a couplet. An empty `book` takes 平水韵 or 中华新韵, one for the whole.

    >>> scan_couplet("海阔凭鱼跃，天高任鸟飞。").strict
    'pass'
    >>> [fault.name for fault in scan_couplet("天高任鸟飞，海阔凭鱼跃。").faults]
    ['上下颠倒']
    """
    sides = read_sides(answer, first)
    if book:
        return _scan(sides, book, characters)
    old = _scan(sides, "平水韵", characters)
    if old.strict == "pass":
        return old
    new = _scan(sides, "中华新韵", characters)
    return new if RANK[new.strict] > RANK[old.strict] else old


@cache
def _tiers(character: str, book: str, end: bool) -> tuple[int, int]:
    """Best tier of a level and of an oblique reading; both common when unknown."""
    if not end:
        return TONE_TIERS[tone_code(character, book)]
    if is_unknown(character, book):
        return COMMON, COMMON
    found = readings(character, book)
    level = min((r.end for r in found if r.level), default=NONE)
    return level, min((r.end for r in found if not r.level and not r.undecided), default=NONE)


def _scan(sides: Sides, book: str, characters: int) -> CoupletScan:
    if max(map(len, sides.texts)) > LONGEST:
        count = max(map(len, sides.texts))
        fault = Fault("字数", 0, 0, f"一边{count}字，过长", f"a side of {count} characters is too long")
        return CoupletScan(sides, book, (fault,), (), (), "fail", "fail")
    faults, marks = _shape(sides, characters), _same_place(sides)
    depends: list[Dependence] = []
    faults += _elsewhere(sides)
    if not any(fault.name in ("字数", "断句", "杂字", "缺联") for fault in faults):
        ends = [_tiers(side[-1], book, True) for side in sides.texts]
        if ends[0][1] == NONE and ends[1][0] == NONE:
            faults.append(
                Fault(
                    "上下颠倒",
                    0,
                    0,
                    f"上联末字“{sides.texts[0][-1]}”平，下联末字“{sides.texts[1][-1]}”仄，上下颠倒",
                    f"side 1 ends level (“{sides.texts[0][-1]}”) and side 2 oblique (“{sides.texts[1][-1]}”): reversed",
                )
            )
        else:
            _tones(sides, book, faults, marks, depends)
        marks += _alternation(sides, book)
    soft = [fault for fault in faults if fault.name in SOFT]
    segments: dict[int, list[Fault]] = {}
    for fault in soft:
        segments.setdefault(_segment_of(sides, fault), []).append(fault)
    let_go = all(len(found) == 1 and len(sides.upper[n]) >= 6 for n, found in segments.items())
    clean: Outcome = "unsure" if depends else "pass"
    hard = [fault for fault in faults if fault.name not in SOFT]
    return CoupletScan(
        sides,
        book,
        tuple(faults),
        tuple(marks),
        tuple(depends),
        "fail" if faults else clean,
        "fail" if hard or not let_go else clean,
    )


def _segment_of(sides: Sides, fault: Fault) -> int:
    at = 0
    for number, segment in enumerate(sides.upper):
        at += len(segment)
        if fault.character <= at:
            return number
    return len(sides.upper) - 1


def _shape(sides: Sides, characters: int) -> list[Fault]:
    faults = [
        Fault(
            "杂字",
            0,
            0,
            f"夹有“{character}”（U+{ord(character):04X}），不是汉字",
            f"{character!r} (U+{ord(character):04X}) is not a Han character",
        )
        for _, character, _ in sides.strange
    ]
    upper, lower = sides.texts
    if not upper or not lower:
        missing = "上联" if not upper else "下联"
        return [*faults, Fault("缺联", 0, 0, f"没有{missing}", f"side {1 if not upper else 2} is missing")]
    if len(upper) != len(lower):
        faults.append(
            Fault(
                "字数",
                0,
                0,
                f"上联{len(upper)}字，下联{len(lower)}字，不等长",
                f"side 1 has {len(upper)} characters, side 2 {len(lower)}",
            )
        )
    elif tuple(map(len, sides.upper)) != tuple(map(len, sides.lower)):
        shown = ["、".join(str(len(segment)) for segment in side) for side in (sides.upper, sides.lower)]
        faults.append(
            Fault(
                "断句",
                0,
                0,
                f"上联断为{shown[0]}字，下联断为{shown[1]}字，不相当",
                f"side 1 is cut into {shown[0]} characters, side 2 into {shown[1]}",
            )
        )
    if characters and len(upper) == len(lower) != characters:
        faults.append(
            Fault(
                "字数",
                0,
                0,
                f"每边{len(upper)}字，应{characters}字",
                f"{len(upper)} characters a side, asked for {characters}",
            )
        )
    return faults


def _elsewhere(sides: Sides) -> list[Fault]:
    upper, lower = sides.texts
    faults = []
    here: dict[str, set[int]] = {}
    there: dict[str, set[int]] = {}
    for table, side in ((here, upper), (there, lower)):
        for place, character in enumerate(side):
            table.setdefault(character, set()).add(place)
    for character, places in here.items():
        others = there.get(character, set())
        if others - places or (others and places - others):
            one, two = min(places), min(others - places or others)
            faults.append(
                Fault(
                    "同字异位",
                    2,
                    two + 1,
                    f"“{character}”在上联第{one + 1}字，又在下联第{two + 1}字，同字异位",
                    f"“{character}” is character {one + 1} of side 1 and character {two + 1} of side 2",
                )
            )
    return faults


def _same_place(sides: Sides) -> list[Fault]:
    upper, lower = sides.texts
    return [
        Fault(
            "同位重字",
            2,
            place + 1,
            f"上下联第{place + 1}字同为“{one}”",
            f"character {place + 1} is “{one}” on both sides",
        )
        for place, (one, other) in enumerate(zip(upper, lower, strict=False))
        if one == other
    ]


def _tones(
    sides: Sides, book: str, faults: list[Fault], marks: list[Fault], depends: list[Dependence]
) -> None:
    at = 0
    last = len(sides.upper) - 1
    for number, (one, two) in enumerate(zip(sides.upper, sides.lower, strict=True)):
        if number == last and len(one) in (5, 7):
            _regular(one, two, at, book, faults, marks, depends)
        else:
            _answering(one, two, at, number == last, book, faults, depends)
        at += len(one)


def _answering(
    one: str, two: str, at: int, last: bool, book: str, faults: list[Fault], depends: list[Dependence]
) -> None:
    """A free segment: the sides differ at its end and at every second place."""
    size = len(one)
    for place in [*range(1, size - 1, 2), size - 1]:
        end = place == size - 1
        a, b = _tiers(one[place], book, end), _tiers(two[place], book, end)
        ways = [max(a[1], b[0])] if last and end else [max(a[0], b[1]), max(a[1], b[0])]
        where = at + place + 1
        if min(ways) == NONE:
            if last and end:
                side, character, should = (1, one[place], "仄") if a[1] == NONE else (2, two[place], "平")
                faults.append(
                    Fault(
                        "联脚",
                        side,
                        where,
                        f"{'上' if side == 1 else '下'}联末字“{character}”应{should}",
                        f"side {side} should end {'oblique' if side == 1 else 'level'}; “{character}” does not",
                    )
                )
            else:
                tone = "平" if a[1] == NONE else "仄"
                faults.append(
                    Fault(
                        "平仄不对",
                        2,
                        where,
                        f"上下联第{where}字“{one[place]}”“{two[place]}”同为{tone}，应相反",
                        f"character {where}: “{one[place]}” and “{two[place]}” have the same tone ({tone})",
                    )
                )
        elif min(ways) != COMMON:
            depends.append(_rare(where, one[place] + two[place]))


def _rare(where: int, text: str) -> Dependence:
    return Dependence(
        0,
        where,
        text,
        "rare reading",
        f"第{where}字“{text[0]}”“{text[1]}”须用少见之音才相反",
        f"character {where}: “{text[0]}” and “{text[1]}” differ only in a rare reading",
    )


def _regular(
    one: str, two: str, at: int, book: str, faults: list[Fault], marks: list[Fault], depends: list[Dependence]
) -> None:
    """A last segment of five or seven characters: lines of regulated verse."""
    size = len(one)
    codes = [[tone_code(character, book) for character in line] for line in (one, two)]
    prices = [line_prices("".join(row[:-1])) for row in codes]
    rescue = rescue_prices(codes[1][size - 3])
    _, v, w = min(
        (prices[0][v] + prices[1][w] + STEPS[v][w] + (rescue[w] if v == A2 else 0), v, w)
        for v in ODD
        for w in EVEN
    )
    for side, (line, variant) in enumerate(((one, v), (two, w)), start=1):
        wanted = pattern(variant, size)
        shown = f"句式{TYPES[variant]}，{pattern_words(variant, size)}"
        for place, letter in enumerate(wanted):
            end = place == size - 1
            if letter == "x":
                continue
            tiers = _tiers(line[place], book, end)
            tier = tiers[0] if letter == "P" else tiers[1]
            where = at + place + 1
            if tier == NONE:
                should = "应平而仄" if letter == "P" else "应仄而平"
                faults.append(
                    Fault(
                        "联脚" if end else "平仄",
                        side,
                        where,
                        f"{'上' if side == 1 else '下'}联第{where}字“{line[place]}”{should}（{shown}）",
                        f"side {side}, character {where} “{line[place]}” has the wrong tone ({shown})",
                    )
                )
            elif tier != COMMON:
                depends.append(
                    Dependence(
                        side,
                        where,
                        line[place],
                        "rare reading",
                        f"{'上' if side == 1 else '下'}联第{where}字“{line[place]}”须用少见之音",
                        f"side {side}, character {where} “{line[place]}” needs a rare reading",
                    )
                )
        kind = VARIANTS[variant]
        if kind.fault or kind.mark:
            target = faults if kind.fault else marks
            name = kind.fault or kind.mark
            target.append(
                Fault(
                    name,
                    side,
                    at + size - 2,
                    f"{'上' if side == 1 else '下'}联末段“{line}”{name}（{shown}）",
                    f"side {side}, last segment “{line}”: {name} ({shown})",
                )
            )
    if STEPS[v][w]:
        faults.append(
            Fault(
                "失对",
                2,
                at + 2,
                f"上下联第{at + 2}字“{one[1]}”“{two[1]}”平仄相同，失对",
                f"character {at + 2}: “{one[1]}” and “{two[1]}” have the same tone: 失对",
            )
        )
    if v == A2:
        if rescue[w] >= NOT_RESCUED:
            faults.append(
                Fault(
                    "拗未救",
                    1,
                    at + size - 1,
                    f"上联第{at + size - 1}字“{one[size - 2]}”拗，下联第{at + size - 2}字“{two[size - 3]}”非平，拗未救",
                    f"side 1, character {at + size - 1} “{one[size - 2]}” departs and side 2 does not rescue it",
                )
            )
        elif rescue[w] >= PRICE:
            depends.append(_rare(at + size - 2, one[size - 2] + two[size - 3]))


def _alternation(sides: Sides, book: str) -> list[Fault]:
    """马蹄韵: the ends of the segments of a side go by twos; told only where they do not change at all."""
    if len(sides.upper) < 3:
        return []
    for side, segments in enumerate((sides.upper, sides.lower), start=1):
        ends = [_tiers(segment[-1], book, True) for segment in segments]
        for letter, index in (("平", 1), ("仄", 0)):
            if all(tiers[index] == NONE for tiers in ends):
                return [
                    Fault(
                        "句脚不变",
                        side,
                        0,
                        f"{'上' if side == 1 else '下'}联{numeral(len(ends))}段末字皆{letter}，不合马蹄韵",
                        f"all {len(ends)} segments of side {side} end {'level' if letter == '平' else 'oblique'}",
                    )
                ]
    return []


def tone_rows(sides: Sides, book: str = "平水韵") -> tuple[str, str]:
    """平 or 仄 under each character: as the sides answer each other where they must, else as mostly read.

    >>> tone_rows(read_sides("海阔凭鱼跃，天高任鸟飞。"))
    ('仄仄中平仄', '平平中仄平')
    """
    rows: list[list[str]] = [[], []]
    for one, two in zip(sides.upper, sides.lower, strict=False):
        for place in range(max(len(one), len(two))):
            pair = [line[place] if place < len(line) else "" for line in (one, two)]
            end = place == len(one) - 1
            levels = [
                free_level(line, place, book) if text else True
                for line, text in zip((one, two), pair, strict=True)
            ]
            if all(pair) and (place % 2 or end):
                a, b = (_tiers(text, book, end) for text in pair)
                rising, falling = max(a[0], b[1]), max(a[1], b[0])
                if min(rising, falling) != NONE and rising != falling:
                    levels = [rising < falling, rising > falling]
            for row, text, level in zip(rows, pair, levels, strict=True):
                if text:
                    row.append(
                        "？" if is_unknown(text, book) else "中" if level is None else "平" if level else "仄"
                    )
    return "".join(rows[0]), "".join(rows[1])
