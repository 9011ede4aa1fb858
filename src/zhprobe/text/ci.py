"""词 by tune: length, tones and rhymes against the patterns of 72 tunes, from songs and from the manual.

Song practice is freer than the manuals, so patterns derived from 全宋词 stand beside those of 钦定词谱; the
one with the fewest faults is taken and named. Rhyme is by 词林正韵.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Literal, NamedTuple

from zhprobe.text.readings import COMMON, Reading, is_unknown, readings, simplified
from zhprobe.text.rhyme import merged_part, numeral
from zhprobe.text.stanza import Stanza, read_lines
from zhprobe.text.tables import rows
from zhprobe.text.verse_account import Dependence, Fault, Outcome, Place, State, strange_faults

BOOK = "词林正韵"
WRONG_SHARE = 0.05  # a lenient reader lets so many fixed places go, one at least
SKIPPED_LINES = (
    1  # with a wrong length, tones and rhymes are still looked at when all lines but this many fit
)


class SongVariant(NamedTuple):
    """One pattern of a tune: lines of 平 仄 中, lists of rhyme places with their tones, lines that may repeat."""

    kind: Literal["song", "manual"]
    songs: int
    lines: tuple[str, ...]
    rhymes: tuple[tuple[tuple[int, str], ...], ...]
    repeats: frozenset[int]  # rhyme places whose word may stand twice (叠)
    number: int = 1

    @property
    def letters(self) -> str:
        """The pattern without line breaks."""
        return "".join(self.lines)

    @property
    def label(self) -> str:
        """How a message names it."""
        source = "宋词常格" if self.kind == "song" else "钦定词谱"
        return f"{source}{numeral(self.number)}，{len(self.letters)}字"


class Tune(NamedTuple):
    """A tune, its other names and its patterns."""

    name: str
    aliases: tuple[str, ...]
    variants: tuple[SongVariant, ...]


@cache
def tunes() -> dict[str, Tune]:
    """Tunes by every name they have.

    >>> len({tune.name for tune in tunes().values()}), tunes()["酹江月"].name
    (72, '念奴娇')
    """
    found: dict[str, tuple[str, list[SongVariant]]] = {}
    for name, aliases, kind, songs, pattern, rhymes in rows("tunes.tsv"):
        lists = tuple(
            tuple((int(cell[:-1]), cell[-1]) for cell in group.split(" "))
            for group in rhymes.split(";")
            if group
        )
        lines = pattern.split(" ")
        ends, total = [], 0
        for line in lines:
            total += len(line.removesuffix("叠"))
            ends.append(total - 1)
        repeats = frozenset(end for end, line in zip(ends, lines, strict=True) if line.endswith("叠"))
        variants = found.setdefault(name, (aliases, []))[1]
        number = 1 + sum(variant.kind == kind for variant in variants)
        bare = tuple(line.removesuffix("叠") for line in lines)
        variants.append(
            SongVariant("song" if kind == "song" else "manual", int(songs), bare, lists, repeats, number)
        )
    table: dict[str, Tune] = {}
    for name, (aliases, variants) in found.items():
        tune = Tune(name, tuple(filter(None, aliases.split(" "))), tuple(variants))
        table.update({alias: tune for alias in tune.aliases if alias not in table})
    for name, (aliases, variants) in found.items():
        table[name] = Tune(name, tuple(filter(None, aliases.split(" "))), tuple(variants))
    return table


def find_tune(name: str) -> Tune | None:
    """The tune of that name; a subtitle after ·, ・ or a space and the marks 《》 do not count.

    >>> find_tune("《念奴嬌·赤壁懷古》").name, find_tune("一剪梅").name, find_tune("无此调")
    ('念奴娇', '一翦梅', None)
    """
    bare = re.split(r"[·・•\s]", simplified(name.strip("《》 \t\n")))[0].replace("剪", "翦")
    return tunes().get(bare)


class SongScan(NamedTuple):
    """A song laid on the pattern of its tune."""

    tune: str
    variant: str
    lines: tuple[str, ...]
    places: tuple[tuple[Place, ...], ...]
    faults: tuple[Fault, ...]
    marks: tuple[Fault, ...]
    depends_on: tuple[Dependence, ...]
    strict: Outcome
    lenient: Outcome
    fixed: int
    pattern: tuple[str, ...] = ()
    rhymes: tuple[str, ...] = ()  # 第三部平 … of each list
    scanned: bool = True
    title: str = ""
    dropped: tuple[str, ...] = ()
    rhymes_merged: int = 0  # rhymes off even when parts are merged

    def named(self, names: frozenset[str]) -> tuple[Fault, ...]:
        """Faults with one of these names."""
        return tuple(fault for fault in self.faults if fault.name in names)


LENGTH_FAULTS = frozenset(("字数", "断句", "杂字"))
TONE_FAULTS = frozenset(("平仄",))
RHYME_FAULTS = frozenset(("出韵", "重韵"))


class _Fit(NamedTuple):
    variant: SongVariant
    wrong: tuple[int, ...]  # places of the pattern whose tone no reading fits
    off: tuple[tuple[int, str], ...]  # rhyme places that are off, with the part of their list
    parts: tuple[str, ...]  # part of each list of rhymes
    tones: tuple[str, ...]  # its tone where the pattern leaves it open, else ''
    merged_off: int

    @property
    def cost(self) -> float:
        return len(self.wrong) + 1.5 * len(self.off)


def _has_tone(found: tuple[Reading, ...], letter: str) -> bool:
    return any(reading.level == (letter == "平") or reading.undecided for reading in found)


def _tone_misses(text: dict[int, str], variant: SongVariant) -> list[int]:
    rhymed = {place for group in variant.rhymes for place, _ in group}
    misses = []
    for place, letter in enumerate(variant.letters):
        if letter == "中" or place not in text:
            continue
        found = readings(text[place], BOOK)
        if not found or _has_tone(found, letter):
            continue
        if letter == "平" and place not in rhymed and any(reading.tone == "入" for reading in found):
            continue  # 以入代平
        misses.append(place)
    return misses


def _rhyme_misses(
    text: dict[int, str], group: tuple[tuple[int, str], ...], merge: bool
) -> tuple[list[int], str, str]:
    """Places of one list that are off under the part that suits most, that part, and its tone where the list has none.

    A place marked 中 takes either tone; a list of nothing else (柳梢青 has a level and an oblique form) keeps
    to one.
    """
    open_list = all(tone == "中" for _, tone in group)
    held: dict[tuple[str, str], set[int]] = {}
    unknown = set()
    for place, tone in group:
        character = text.get(place)
        if character is None or is_unknown(character, BOOK):
            unknown.add(place)
            continue
        for reading in readings(character, BOOK):
            own = "平" if reading.level else "仄"
            if tone in ("中", own):
                part = str(merged_part(int(reading.group))) if merge else reading.group
                held.setdefault((part, own if open_list else ""), set()).add(place)
    best = max(held, key=lambda key: (len(held[key]), -int(key[0]), key[1]), default=("", ""))
    ok = held.get(best, set()) | unknown
    return [place for place, _ in group if place not in ok], *best


def _fit(text: dict[int, str], variant: SongVariant) -> _Fit:
    off: list[tuple[int, str]] = []
    parts: list[str] = []
    tones: list[str] = []
    merged = 0
    for group in variant.rhymes:
        misses, part, tone = _rhyme_misses(text, group, merge=False)
        off += [(place, part) for place in misses]
        parts.append(part)
        tones.append(tone)
        merged += len(_rhyme_misses(text, group, merge=True)[0]) if misses else 0
    return _Fit(
        variant, tuple(_tone_misses(text, variant)), tuple(sorted(off)), tuple(parts), tuple(tones), merged
    )


def _edit(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, list[tuple[int, int]]]:
    """Edit distance of two lists of line lengths, and which lines are the same in a cheapest alignment."""
    table = [[i + j if not i or not j else 0 for j in range(len(two) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(two) + 1):
            change = table[i - 1][j - 1] + (one[i - 1] != two[j - 1])
            table[i][j] = min(change, table[i - 1][j] + 1, table[i][j - 1] + 1)
    i, j, same = len(one), len(two), []
    while i and j:
        if table[i][j] == table[i - 1][j - 1] + (one[i - 1] != two[j - 1]):
            i, j = i - 1, j - 1
            same.append((i, j))
        elif table[i][j] == table[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return table[len(one)][len(two)], same[::-1]


def scan_song(text: str, tune: str) -> SongScan:
    """Lay a song on its tune.

    >>> found = scan_song("江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南？", "忆江南")
    >>> found.strict, found.variant, found.rhymes
    ('pass', '宋词常格二，27字', ('第十四部平',))
    """
    known = find_tune(tune)
    names = (simplified(tune), tune, *((known.name, *known.aliases) if known else ()))
    stanza = read_lines(text, names)
    if known is None:
        return _unknown_tune(stanza, tune)
    strange = strange_faults(stanza.strange)
    whole = "".join(stanza.texts)
    equal = [variant for variant in known.variants if len(variant.letters) == len(whole)]
    if equal and whole:
        mapped = dict(enumerate(whole))
        fits = [_fit(mapped, variant) for variant in equal]
        best = min(fits, key=lambda fit: (fit.cost, fit.variant.kind != "song", -fit.variant.songs))
        where = {place: place for place in range(len(whole))}
        return _report(known, stanza, best, where, [*strange, *_break_faults(stanza, best.variant)])
    return _wrong_length(known, stanza, strange)


def _positions(stanza: Stanza) -> list[tuple[int, int]]:
    """Line and character (from 0) of each character of the whole song."""
    return [(line, place) for line, text in enumerate(stanza.texts) for place in range(len(text))]


def _break_faults(stanza: Stanza, variant: SongVariant) -> list[Fault]:
    """Rhyme places that no line break follows."""
    ends, total = set(), 0
    for count in stanza.counts:
        total += count
        ends.add(total - 1)
    places = _positions(stanza)
    whole = "".join(stanza.texts)
    missing = sorted(place for group in variant.rhymes for place, _ in group if place not in ends)
    return [
        Fault(
            "断句",
            places[place][0] + 1,
            places[place][1] + 1,
            f"“{whole[max(0, place - 2) : place + 1]}”是韵，其后应断句",
            f"a line should end after “{whole[max(0, place - 2) : place + 1]}”, a rhyme",
        )
        for place in missing
    ]


def _other_breaks(stanza: Stanza, variant: SongVariant) -> list[Fault]:
    """Breaks that the pattern does not have or has elsewhere; editions differ, so it is only told."""
    places = []
    for lengths in (stanza.counts, tuple(map(len, variant.lines))):
        ends, total = set(), 0
        for length in lengths:
            total += length
            ends.add(total)
        places.append(ends)
    differing = sorted(places[0] ^ places[1])
    if not differing:
        return []
    whole = "".join(stanza.texts)
    at = "、".join(f"“{whole[max(0, end - 2) : end]}”后" for end in differing[:4])
    return [
        Fault(
            "断句有异",
            0,
            0,
            f"断句与{variant.label}不同：{at}",
            f"breaks differ from the pattern in {len(differing)} places",
        )
    ]


def _wrong_length(tune: Tune, stanza: Stanza, strange: list[Fault]) -> SongScan:
    """No pattern has this length: name the first line that is off, and look at the lines that fit."""
    counts = stanza.counts
    total = sum(counts)
    # far longer texts are compared by their beginning: only the first line that is off is told
    near = counts[: 2 * max(len(variant.lines) for variant in tune.variants)]
    aligned = [(_edit(near, tuple(map(len, variant.lines))), variant) for variant in tune.variants]
    (_, pairs), variant = min(
        aligned,
        key=lambda row: (row[0][0], abs(len(row[1].letters) - total), row[1].kind != "song", -row[1].songs),
    )
    wanted = tuple(map(len, variant.lines))
    lengths = sorted({len(v.letters) for v in tune.variants})
    message = f"共{total}字，《{tune.name}》有{'、'.join(map(str, lengths))}字各体"
    message_en = f"{total} characters; {tune.name} has forms of {', '.join(map(str, lengths))}"
    line, character = 0, 0
    bad = next(((i, j) for i, j in pairs if counts[i] != wanted[j]), None)
    if bad:
        line = bad[0] + 1
        way = "多" if counts[bad[0]] > wanted[bad[1]] else "少"
        message += f"；第{line}句“{stanza.texts[bad[0]]}”{counts[bad[0]]}字，应{wanted[bad[1]]}字，{way}了"
        message_en += f"; line {line} has {counts[bad[0]]} characters, wanted {wanted[bad[1]]}"
    elif len(counts) != len(wanted):
        message += f"；共{len(counts)}句，应{len(wanted)}句"
        message_en += f"; {len(counts)} lines, wanted {len(wanted)}"
    faults = [*strange, Fault("字数", line, character, message, message_en)]
    same = [(i, j) for i, j in pairs if counts[i] == wanted[j]]
    if max(len(counts), len(wanted)) - len(same) > SKIPPED_LINES or not counts:
        return SongScan(
            tune.name, variant.label, stanza.texts, (), tuple(faults), (), (), "fail", "fail", 0, variant.lines,
            scanned=False, title=stanza.title, dropped=stanza.dropped,
        )  # fmt: skip
    starts = [sum(counts[:i]) for i in range(len(counts))]
    targets = [sum(wanted[:j]) for j in range(len(wanted))]
    whole = "".join(stanza.texts)
    where = {targets[j] + k: starts[i] + k for i, j in same for k in range(counts[i])}
    text = {place: whole[own] for place, own in where.items()}
    for i, j in pairs:  # the end of a line of wrong length still rhymes
        if counts[i] != wanted[j]:
            end = targets[j] + wanted[j] - 1
            where[end] = starts[i] + counts[i] - 1
            text[end] = whole[where[end]]
    return _report(tune, stanza, _fit(text, variant), where, faults)


def _report(tune: Tune, stanza: Stanza, fit: _Fit, where: dict[int, int], shape: list[Fault]) -> SongScan:
    variant = fit.variant
    letters = variant.letters
    whole = "".join(stanza.texts)
    own = _positions(stanza)
    faults = list(shape)
    tones = {
        place: (tone if tone != "中" else kept)
        for group, kept in zip(variant.rhymes, fit.tones, strict=True)
        for place, tone in group
    }
    lists = {place: number for number, group in enumerate(variant.rhymes) for place, _ in group}
    off = dict(fit.off)
    for place in fit.wrong:
        line, character = own[where[place]]
        text = whole[where[place]]
        names = "、".join(dict.fromkeys(f"{r.tone}声" for r in readings(text, BOOK)))
        should = "应平而仄" if letters[place] == "平" else "应仄而平"
        should_en = "should be level" if letters[place] == "平" else "should be oblique"
        faults.append(
            Fault(
                "平仄",
                line + 1,
                character + 1,
                f"第{line + 1}句第{character + 1}字“{text}”{should}（{variant.label}）；“{text}”只读{names}",
                f"line {line + 1}, character {character + 1} “{text}” {should_en} ({variant.label}); it reads only {names}",
            )
        )
    for place, part in fit.off:
        if place in where and where[place] < len(whole):
            line, character = own[where[place]]
            text = whole[where[place]]
            names = "、".join(dict.fromkeys(r.label for r in readings(text, BOOK)))
            wanted = f"第{numeral(int(part))}部{tones[place]}" if part else f"{tones[place] or '同部'}声韵"
            faults.append(
                Fault(
                    "出韵",
                    line + 1,
                    character + 1,
                    f"第{line + 1}句“{text}”（{names}）出韵，应押{wanted}",
                    f"line {line + 1} “{text}” ({names}) does not rhyme, wanted {wanted}",
                )
            )
    marks, depends = _song_marks(variant, whole, where, own, tones, fit)
    if not any(fault.name in LENGTH_FAULTS for fault in shape):
        marks += _other_breaks(stanza, variant)
    faults += _repeated(tune, variant, whole, where, own)
    hard = [fault for fault in faults if fault.name in LENGTH_FAULTS]
    fixed = len(letters) - letters.count("中")
    lenient_ok = not hard and len(fit.wrong) <= max(1, WRONG_SHARE * fixed) and fit.merged_off <= 1
    clean: Outcome = "unsure" if depends else "pass"
    return SongScan(
        tune.name,
        variant.label,
        stanza.texts,
        _song_places(stanza, variant, where, fit, off, tones, lists),
        tuple(faults),
        tuple(marks),
        tuple(depends),
        "fail" if faults else clean,
        clean if lenient_ok else "fail",
        fixed,
        variant.lines,
        tuple(
            f"第{numeral(int(part))}部{''.join(dict.fromkeys(tones[place] for place, _ in group))}"
            for part, group in zip(fit.parts, variant.rhymes, strict=True)
            if part
        ),
        title=stanza.title,
        dropped=stanza.dropped,
        rhymes_merged=fit.merged_off,
    )


def _song_marks(
    variant: SongVariant,
    whole: str,
    where: dict[int, int],
    own: list[tuple[int, int]],
    tones: dict[int, str],
    fit: _Fit,
) -> tuple[list[Fault], list[Dependence]]:
    marks: list[Fault] = []
    depends: list[Dependence] = []
    for place, letter in enumerate(variant.letters):
        if place not in where or letter == "中" or place in fit.wrong:
            continue
        text = whole[where[place]]
        line, character = own[where[place]]
        found = readings(text, BOOK)
        head, head_en = (
            f"第{line + 1}句第{character + 1}字“{text}”",
            f"line {line + 1}, character {character + 1} “{text}”",
        )
        if is_unknown(text, BOOK):
            depends.append(
                Dependence(
                    line + 1,
                    character + 1,
                    text,
                    "unknown character",
                    f"{head}无从知其读音",
                    f"{head_en}: no reading known",
                )
            )
            continue
        fitting = [reading for reading in found if reading.level == (letter == "平")]
        if not fitting:
            marks.append(
                Fault(
                    "以入代平",
                    line + 1,
                    character + 1,
                    f"{head}入声，以入代平",
                    f"{head_en}: an entering tone for a level one",
                )
            )
        elif all((r.end if place in tones else r.inside) != COMMON for r in fitting):
            depends.append(
                Dependence(
                    line + 1,
                    character + 1,
                    text,
                    "rare reading",
                    f"{head}须读{letter}声，少见",
                    f"{head_en} must be read {letter}, which is rare",
                )
            )
    return marks, depends


def _said_again(whole: str, first: int, second: int) -> bool:
    """Whether the line that ends at `second` is the line that ends at `first`, said once more.

    >>> _said_again("爱上层楼爱上层楼", 3, 7), _said_again("清影横斜月影横斜", 3, 7)
    (True, False)
    """
    length = second - first
    return first + 1 >= length and whole[first + 1 - length : first + 1] == whole[first + 1 : second + 1]


def _repeated(
    tune: Tune, variant: SongVariant, whole: str, where: dict[int, int], own: list[tuple[int, int]]
) -> list[Fault]:
    """Rhyme words that stand twice where no pattern of this length repeats them and no whole line is said again (叠句)."""
    allowed = {
        place
        for other in tune.variants
        if len(other.letters) == len(variant.letters)
        for place in other.repeats
    }
    faults = []
    for group in variant.rhymes:
        seen: dict[str, int] = {}
        for place, _ in group:
            if place not in where:
                continue
            word = whole[where[place]]
            before = seen.get(word)
            again = before is not None and _said_again(whole, where[before], where[place])
            if before is not None and place not in allowed and before not in allowed and not again:
                line = own[where[place]][0]
                faults.append(
                    Fault(
                        "重韵",
                        line + 1,
                        own[where[place]][1] + 1,
                        f"第{own[where[before]][0] + 1}、{line + 1}句同押“{word}”，重韵",
                        f"lines {own[where[before]][0] + 1} and {line + 1} both rhyme on “{word}”: 重韵",
                    )
                )
            seen[word] = place
    return faults


def _song_places(
    stanza: Stanza,
    variant: SongVariant,
    where: dict[int, int],
    fit: _Fit,
    off: dict[int, str],
    tones: dict[int, str],
    lists: dict[int, int],
) -> tuple[tuple[Place, ...], ...]:
    back = {own: place for place, own in where.items()}
    result: list[tuple[Place, ...]] = []
    at = 0
    for text in stanza.texts:
        row = []
        for character in text:
            place = back.get(at, -1)
            letter = variant.letters[place] if place >= 0 else "中"
            found = readings(character, BOOK)
            fitting = [reading for reading in found if letter == "中" or reading.level == (letter == "平")]
            if place in tones:
                part = fit.parts[lists[place]]
                fitting = [
                    r for r in found if r.group == part and r.level == (tones[place] == "平")
                ] or fitting
            chosen = min(fitting or list(found), key=lambda reading: reading.inside, default=None)
            state: State = "free" if letter == "中" else "right"
            if chosen is None:
                state = "unknown"
            elif place in fit.wrong or place in off:
                state = "wrong"
            elif letter == "平" and not chosen.level:
                state = "rescued"
            row.append(
                Place(
                    character,
                    "" if chosen is None else ("平" if chosen.level else "仄"),
                    chosen.label if chosen else "",
                    tuple(reading.label for reading in found if reading is not chosen),
                    letter,
                    state,
                    place in tones,
                )
            )
            at += 1
        result.append(tuple(row))
    return tuple(result)


def _unknown_tune(stanza: Stanza, name: str) -> SongScan:
    total = sum(stanza.counts)
    parts = Counter(
        r.group for line in stanza.texts for r in {r.group: r for r in readings(line[-1], BOOK)}.values()
    )
    part, lines = parts.most_common(1)[0] if parts else ("", 0)
    message, message_en = (
        f"词谱中无《{name}》，平仄无从检；共{total}字",
        f"no pattern of {name} is held; {total} characters",
    )
    if lines > 1:
        message += f"，{lines}句末字同在第{numeral(int(part))}部"
        message_en += f", {lines} lines end in part {part} of 词林正韵"
    fault = Fault("无谱", 0, 0, message, message_en)
    return SongScan(
        name, "", stanza.texts, (), (fault,), (), (), "unsure", "unsure", 0,
        scanned=False, title=stanza.title, dropped=stanza.dropped,
    )  # fmt: skip
