"""What one explanation of a poem says of each line: faults, marks, readings, in words that can be disputed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from zhprobe.text.readings import (
    COMMON,
    NONE,
    RARE,
    TONE_TIERS,
    Reading,
    is_unknown,
    readings,
    tone_code,
    tone_in_word,
)
from zhprobe.text.rhyme import group_label
from zhprobe.text.verse_search import (
    A1,
    A2,
    B1,
    B2,
    B3,
    C1,
    C3,
    C4,
    D1,
    D2,
    EVEN,
    FAULT,
    NOT_RESCUED,
    PRICE,
    STEPS,
    TYPES,
    VARIANTS,
    Ending,
    Explanation,
    first_end,
    line_prices,
    oblique_end,
    pattern,
    pattern_words,
    rescue_prices,
    rhymed_end,
)

State = Literal["right", "free", "rescued", "wrong", "unknown"]
Outcome = Literal["pass", "unsure", "fail"]


class Place(NamedTuple):
    """One character of a scan: the reading chosen, the others, the tone wanted (平 仄 中) and how it stands."""

    character: str
    tone: str  # 平 or 仄, 中 read either way, '' unknown
    reading: str
    others: tuple[str, ...]
    wanted: str
    state: State
    rhyme: bool = False


class Fault(NamedTuple):
    """One fault or mark: line and character from 1, 0 for the whole; the message can be disputed on its own."""

    name: str
    line: int
    character: int
    message: str
    message_en: str


class Dependence(NamedTuple):
    """A reading or unknown character that the outcome rests on."""

    line: int
    character: int
    text: str
    why: str
    message: str
    message_en: str


def strange_faults(strange: Sequence[tuple[int, str, int]]) -> list[Fault]:
    """A fault for each character (line, character, offset) that does not belong in verse."""
    return [
        Fault(
            "杂字",
            line + 1,
            0,
            f"第{line + 1}句夹有“{character}”（U+{ord(character):04X}），不是汉字",
            f"line {line + 1} holds {character!r} (U+{ord(character):04X}), which is not a Han character",
        )
        for line, character, _ in strange
    ]


def _tone_name(reading: Reading) -> str:
    """A reading as a message names it: 去声（四寘）, or pinyin in the modern books."""
    return reading.label if reading.label[-1].isdigit() else f"{reading.tone}声（{reading.label}）"


def _tone_names(found: tuple[Reading, ...]) -> str:
    return "、".join(dict.fromkeys(_tone_name(reading) for reading in found))


@cache
def choose(character: str, level: bool, book: str) -> Reading | None:
    """The most usual reading of a tone inside a line."""
    found = [r for r in readings(character, book) if r.level == level and not r.undecided]
    return min(found, key=lambda reading: reading.inside) if found else None


def free_level(line: str, place: int, book: str) -> bool | None:
    """Whether a character is read level where no pattern decides; None where either will do.

    Usual readings go before rare ones, then the word it stands in decides.

    >>> free_level("更上一层楼", 0, "平水韵"), free_level("珍重待春风", 1, "平水韵")
    (None, False)
    """
    level, oblique = TONE_TIERS[tone_code(line[place], book)]
    if level != oblique:
        return level < oblique
    if book in ("平水韵", "词林正韵"):
        for start in (place - 1, place):
            word = tone_in_word(line[start : start + 2]) if start >= 0 else None
            if word and start + word[0] == place:
                return word[1] == "平"
    return None


class Account:
    """What one explanation says of each line: faults, marks, readings."""

    def __init__(self, lines: tuple[str, ...], book: str, explanation: Explanation) -> None:
        self.lines, self.book, self.group = lines, book, explanation.group
        self.variants = explanation.variants
        self.size = len(lines[0])
        self.first_rhymes = self.variants[0] in EVEN
        self.patterns = [pattern(variant, self.size) for variant in self.variants]
        self.fixed = sum(self.size - wanted.count("x") for wanted in self.patterns)

    def rhyme_line_numbers(self) -> list[int]:
        """Lines that carry a rhyme, from 0."""
        return ([0] if self.first_rhymes else []) + list(range(1, len(self.lines), 2))

    def ending(self, line: int) -> Ending:
        """How the end of a line is read."""
        character = self.lines[line][-1]
        if line % 2:
            return rhymed_end(character, self.group, self.book)
        if line == 0 and self.first_rhymes:
            return first_end(character, self.group, self.book)
        return oblique_end(character, self.book)

    def rescued(self, line: int) -> bool:
        """Whether the line after an A2 rescues it."""
        code = tone_code(self.lines[line + 1][self.size - 3], self.book)
        return rescue_prices(code)[self.variants[line + 1]] < NOT_RESCUED

    def words(self, line: int) -> tuple[str, str]:
        """Type and pattern of a line, in Chinese and in English."""
        kind, shown = TYPES[self.variants[line]], pattern_words(self.variants[line], self.size)
        base = {"A": A1, "B": B1, "C": C1, "D": D1}[kind]
        shown = pattern_words(base, self.size)
        return f"句式{kind}，{shown}", f"type {kind}, {shown}"

    def faults(self) -> tuple[list[Fault], list[Dependence]]:
        """Faults of tone, sequence and rhyme, and the readings that the rest depends on."""
        faults: list[Fault] = []
        depends: list[Dependence] = []
        for line in range(len(self.lines)):
            if line:
                self._step(line, faults)
            self._inside(line, faults, depends)
            self._type(line, faults, depends)
            self._end(line, faults, depends)
        return faults, depends

    def _inside(self, line: int, faults: list[Fault], depends: list[Dependence]) -> None:
        text, wanted = self.lines[line], self.patterns[line]
        codes = "".join([tone_code(character, self.book) for character in text[:-1]])
        variant = VARIANTS[self.variants[line]]
        own = variant.price * PRICE + (FAULT if variant.fault else 0)
        if line_prices(codes)[self.variants[line]] == own and "u" not in codes:
            return  # every place has its tone in a common reading
        for place in range(self.size - 1):
            letter = wanted[place]
            if letter == "x":
                continue
            level, oblique = TONE_TIERS[codes[place]]
            tier = level if letter == "P" else oblique
            if tier == NONE:
                name = "失替" if place in (1, 3, 5) else "平仄"
                faults.append(self._wrong(name, line, place, letter))
            elif tier != COMMON:
                depends.append(self._rare(line, place, choose(text[place], letter == "P", self.book), tier))
            elif codes[place] == "u":
                depends.append(self._unknown(line, place))

    def _wrong(self, name: str, line: int, place: int, letter: str) -> Fault:
        character = self.lines[line][place]
        shown, shown_en = self.words(line)
        should = "应平而仄" if letter == "P" else "应仄而平"
        should_en = "should be level and is oblique" if letter == "P" else "should be oblique and is level"
        tones = _tone_names(readings(character, self.book))
        return Fault(
            name,
            line + 1,
            place + 1,
            f"第{line + 1}句第{place + 1}字“{character}”{should}（{shown}）；“{character}”只读{tones}",
            f"line {line + 1}, character {place + 1} “{character}” {should_en} ({shown_en}); it reads only {tones}",
        )

    def _rare(self, line: int, place: int, reading: Reading | None, tier: int) -> Dependence:
        character = self.lines[line][place]
        named = _tone_name(reading) if reading else ""
        why = (reading.licence if reading else "") or ("少见" if tier == RARE else "未见用例")
        for start in (place - 1, place):
            word = self.lines[line][max(start, 0) : start + 2]
            settled = tone_in_word(word) if start >= 0 else None
            if reading and settled and start + settled[0] == place and (settled[1] == "平") != reading.level:
                why += f"（“{word}”之“{character}”通读{settled[1]}）"
        return Dependence(
            line + 1,
            place + 1,
            character,
            "rare reading",
            f"第{line + 1}句第{place + 1}字须读“{character}”为{named}，{why}",
            f"line {line + 1}, character {place + 1}: “{character}” must be read {named}, which is rare",
        )

    def _unknown(self, line: int, place: int) -> Dependence:
        character = self.lines[line][place]
        return Dependence(
            line + 1,
            place + 1,
            character,
            "unknown character",
            f"第{line + 1}句第{place + 1}字“{character}”无从知其读音",
            f"line {line + 1}, character {place + 1}: no reading of “{character}” is known",
        )

    def _step(self, line: int, faults: list[Fault]) -> None:
        if not STEPS[self.variants[line - 1]][self.variants[line]]:
            return
        one, two = self.lines[line - 1][1], self.lines[line][1]
        tone, tone_before = (
            ("仄" if TYPES[self.variants[n]] in ("AD" if self.size == 5 else "BC") else "平")
            for n in (line, line - 1)
        )
        if line % 2:
            faults.append(
                Fault(
                    "失对",
                    line + 1,
                    2,
                    f"第{line + 1}句第2字“{two}”与第{line}句第2字“{one}”同为{tone}，失对",
                    f"line {line + 1}, character 2 “{two}” has the same tone ({tone}) as “{one}” above it: 失对",
                )
            )
        else:
            faults.append(
                Fault(
                    "失粘",
                    line + 1,
                    2,
                    f"第{line + 1}句第2字“{two}”（{tone}）与第{line}句第2字“{one}”（{tone_before}）平仄不同，失粘",
                    f"line {line + 1}, character 2 “{two}” ({tone}) should have the tone of “{one}” ({tone_before})"
                    f" in line {line}: 失粘",
                )
            )

    def _type(self, line: int, faults: list[Fault], depends: list[Dependence]) -> None:
        variant, text, size = self.variants[line], self.lines[line], self.size
        shown, shown_en = self.words(line)
        if variant == B3:
            one, three = text[size - 5], text[size - 3]
            faults.append(
                Fault(
                    "孤平",
                    line + 1,
                    size - 4,
                    f"第{line + 1}句第{size - 4}字“{one}”、第{size - 2}字“{three}”皆仄，孤平（{shown}）",
                    f"line {line + 1}: “{one}” and “{three}” are both oblique around one level character: 孤平 ({shown_en})",
                )
            )
        elif variant == D2:
            faults.append(
                Fault(
                    "三平尾",
                    line + 1,
                    size - 2,
                    f"第{line + 1}句末三字“{text[-3:]}”皆平，三平尾（{shown}）",
                    f"line {line + 1} ends in three level characters “{text[-3:]}”: 三平尾 ({shown_en})",
                )
            )
        elif variant == A2 and line + 1 < len(self.lines):
            rescuer = self.lines[line + 1][size - 3]
            if not self.rescued(line):
                faults.append(
                    Fault(
                        "拗未救",
                        line + 1,
                        size - 1,
                        f"第{line + 1}句第{size - 1}字“{text[size - 2]}”拗（{shown}），下句第{size - 2}字“{rescuer}”非平，拗未救",
                        f"line {line + 1}, character {size - 1} “{text[size - 2]}” is oblique ({shown_en}) and “{rescuer}”"
                        f" in the next line, character {size - 2}, is not level: 拗未救",
                    )
                )
            elif self.patterns[line + 1][size - 3] == "x":
                tier = TONE_TIERS[tone_code(rescuer, self.book)][0]
                if is_unknown(rescuer, self.book):
                    depends.append(self._unknown(line + 1, size - 3))
                elif tier != COMMON:
                    depends.append(self._rare(line + 1, size - 3, choose(rescuer, True, self.book), tier))

    def _end(self, line: int, faults: list[Fault], depends: list[Dependence]) -> None:
        ending, character, last = self.ending(line), self.lines[line][-1], self.size - 1
        if ending.relation == "in" and ending.reading and ending.reading.end == COMMON:
            return
        own = "、".join([r.label for r in readings(character, self.book) if r.level])
        poem = group_label(self.group, self.book)
        where, where_en = f"第{line + 1}句第{self.size}字“{character}”", f"line {line + 1}, “{character}”"
        if ending.relation == "unknown":
            depends.append(self._unknown(line, last))
            return
        if ending.relation == "tone":
            rhymed = line % 2 == 1 or (line == 0 and self.first_rhymes)
            faults.append(self._wrong("句脚" if line else "平仄", line, last, "P" if rhymed else "Z"))
            return
        if ending.relation == "off":
            name = "出韵" if line else "首句不韵"
            faults.append(
                Fault(
                    name,
                    line + 1,
                    self.size,
                    f"{where}（{own}）{'出韵' if line else '平收而不入韵'}，全诗押{poem}",
                    f"{where_en} ({own}) does not rhyme; the poem rhymes on {poem}: {name}",
                )
            )
        elif ending.relation == "neighbour" and line:
            faults.append(
                Fault(
                    "邻韵",
                    line + 1,
                    self.size,
                    f"{where}（{own}）用邻韵，全诗押{poem}",
                    f"{where_en} ({own}) is in a neighbour group of {poem}: 邻韵",
                )
            )
        if ending.reading and ending.reading.end != COMMON:
            depends.append(self._rare(line, last, ending.reading, ending.reading.end))

    def marks(self, rhymed: list[int]) -> list[Fault]:
        """What a reader may like to know and that never fails."""
        found: list[Fault] = []
        size = self.size
        for line, variant in enumerate(self.variants):
            number, text = line + 1, self.lines[line]
            name = VARIANTS[variant].mark
            if variant == A1 and TONE_TIERS[tone_code(text[size - 3], self.book)][0] != COMMON:
                found.append(
                    Fault(
                        "小拗",
                        number,
                        size - 2,
                        f"第{number}句第{size - 2}字“{text[size - 3]}”仄，小拗",
                        f"line {number}, character {size - 2} “{text[size - 3]}” is oblique: a small departure (小拗)",
                    )
                )
            elif variant == A2 and line + 1 < len(self.lines) and self.rescued(line):
                rescuer = self.lines[number][size - 3]
                found.append(
                    Fault(
                        "大拗对句救",
                        number,
                        size - 1,
                        f"第{number}句第{size - 1}字“{text[size - 2]}”拗，由下句第{size - 2}字“{rescuer}”救",
                        f"line {number}, character {size - 1} “{text[size - 2]}” departs and is rescued by “{rescuer}”,"
                        f" character {size - 2} of the next line (大拗对句救)",
                    )
                )
            elif name == "孤平自救":
                found.append(
                    Fault(
                        name,
                        number,
                        size - 4,
                        f"第{number}句第{size - 4}字“{text[size - 5]}”拗，由本句第{size - 2}字“{text[size - 3]}”救",
                        f"line {number}, character {size - 4} “{text[size - 5]}” departs and is rescued by"
                        f" “{text[size - 3]}” in the same line (孤平自救)",
                    )
                )
            elif name:
                found.append(
                    Fault(
                        name,
                        number,
                        size - 2,
                        f"第{number}句末“{text[-3:]}”，{name}（{pattern_words(variant, size)}）",
                        f"line {number} ends “{text[-3:]}”: {name} ({pattern_words(variant, size)})",
                    )
                )
                if variant == C3:
                    found.append(
                        Fault(
                            "特拗首仄",
                            number,
                            size - 4,
                            f"第{number}句特拗而第{size - 4}字“{text[size - 5]}”仄",
                            f"line {number}: 特拗 with an oblique character {size - 4} “{text[size - 5]}” (特拗首仄)",
                        )
                    )
        found += self._first_neighbour() + self._same_endings() + self._repeated() + self._crowded(rhymed)
        return found

    def _first_neighbour(self) -> list[Fault]:
        ending = self.ending(0)
        if not self.first_rhymes or ending.relation != "neighbour" or not ending.reading:
            return []
        own, poem, character = ending.reading.label, group_label(self.group, self.book), self.lines[0][-1]
        return [
            Fault(
                "首句邻韵",
                1,
                self.size,
                f"第1句“{character}”（{own}）用邻韵，全诗押{poem}",
                f"line 1 “{character}” ({own}) rhymes in a neighbour group of {poem} (首句邻韵)",
            )
        ]

    def _same_endings(self) -> list[Fault]:
        if self.book not in ("平水韵", "词林正韵"):
            return []
        start = 2 if self.first_rhymes else 0
        tones = [
            {r.tone for r in readings(self.lines[line][-1], self.book) if not r.level and r.end == COMMON}
            for line in range(start, len(self.lines), 2)
        ]
        for at in range(len(tones) - 2):
            shared = tones[at] & tones[at + 1] & tones[at + 2]
            if shared:
                first, tone = start + 2 * at + 1, min(shared, key="上去入".index)
                return [
                    Fault(
                        "上尾",
                        first,
                        self.size,
                        f"第{first}、{first + 2}、{first + 4}句末字同为{tone}声，上尾",
                        f"lines {first}, {first + 2} and {first + 4} all end in the same oblique tone {tone} (上尾)",
                    )
                ]
        return []

    def _repeated(self) -> list[Fault]:
        counts = Counter([character for line in self.lines for character in set(line)])
        if sum([n > 1 for n in counts.values()]) < 3:
            return []
        again = [character for character in dict.fromkeys("".join(self.lines)) if counts[character] > 1]
        shown = "、".join(again[:20]) + ("…" if len(again) > 20 else "")
        return [
            Fault(
                "重字",
                0,
                0,
                f"{len(again)}字重出：{shown}",
                f"{len(again)} characters stand in two lines: {shown} (重字)",
            )
        ]

    def _crowded(self, rhymed: list[int]) -> list[Fault]:
        for line in rhymed:
            text = self.lines[line]
            for place in range(self.size - 1):
                code = tone_code(text[place], self.book)
                if code == "3" and any(r.group == self.group for r in readings(text[place], self.book)):
                    return [
                        Fault(
                            "挤韵",
                            line + 1,
                            place + 1,
                            f"第{line + 1}句第{place + 1}字“{text[place]}”与韵脚同韵，挤韵",
                            f"line {line + 1}, character {place + 1} “{text[place]}” is in the rhyme group too (挤韵)",
                        )
                    ]
        return []

    def places(self, rhymed: list[int]) -> tuple[tuple[Place, ...], ...]:
        """One row a character."""
        return tuple(self._row(line, line in rhymed) for line in range(len(self.lines)))

    def _row(self, line: int, rhymed: bool) -> tuple[Place, ...]:
        text, variant = self.lines[line], self.variants[line]
        wanted = self.patterns[line]
        base = pattern({"A": A1, "B": B1, "C": C1, "D": D1}[TYPES[variant]], self.size)
        rescued = variant == A2 and line + 1 < len(self.lines) and self.rescued(line)
        rescuer = self.size - 3 if line and self.variants[line - 1] == A2 and self.rescued(line - 1) else -1
        row = []
        for place, character in enumerate(text[:-1]):
            letter = wanted[place]
            level: bool | None = letter != "Z"
            if letter == "x" and place != rescuer:
                level = free_level(text, place, self.book)
            row.append(_inside_place(character, level, self.book, letter, base[place], variant, rescued))
        ending = self.ending(line)
        state: State = "right"
        if ending.reading is None:
            state = "unknown"
        elif ending.relation in ("tone", "off") or (ending.relation == "neighbour" and line):
            state = "wrong"
        row.append(_end_place(text[-1], self.book, ending.reading, wanted[-1], state, rhymed))
        return tuple(row)


_TONE_WORDS = {"P": "平", "Z": "仄", "x": "中"}


@cache
def _inside_place(
    character: str, level: bool | None, book: str, letter: str, usual: str, variant: int, rescued: bool
) -> Place:
    """A character before the end: `letter` is what the variant wants there, `usual` what its type does."""
    found = readings(character, book)
    if is_unknown(character, book):
        return Place(character, "", "", (), _TONE_WORDS[usual], "unknown")
    if level is None:
        return either_tone(character, found)
    chosen = choose(character, level, book) or found[0]
    state: State
    if letter == "x":
        state = "free"
    elif (letter == "P") != chosen.level:
        state = "wrong"
    elif usual in ("x", letter):
        state = "wrong" if variant == B3 and usual == "x" else "right"
    elif variant in (B3, D2) or (variant == A2 and not rescued):
        state = "wrong"
    else:
        state = "free" if variant == C4 else "rescued"
    shown = letter if usual == "x" and variant == B2 else usual
    others = tuple([reading.label for reading in found if reading is not chosen])
    return Place(character, "平" if chosen.level else "仄", chosen.label, others, _TONE_WORDS[shown], state)


@cache
def _end_place(
    character: str, book: str, chosen: Reading | None, letter: str, state: State, rhyme: bool
) -> Place:
    if chosen is None:
        return Place(character, "", "", (), _TONE_WORDS[letter], "unknown", rhyme)
    others = tuple([reading.label for reading in readings(character, book) if reading != chosen])
    return Place(
        character, "平" if chosen.level else "仄", chosen.label, others, _TONE_WORDS[letter], state, rhyme
    )


def either_tone(character: str, found: tuple[Reading, ...]) -> Place:
    """A character at a free place that may be read either way."""
    return Place(character, "中", "、".join(reading.label for reading in found), (), "中", "free")
