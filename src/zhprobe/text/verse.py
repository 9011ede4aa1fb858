"""Scanning 近体诗: the cheapest explanation of a poem's tones and rhymes, with every fault it cannot explain.

A line is one of four types; each type has variants with a price (rules of the common handbooks, 王力). The
search adds up variants, readings and rhyme group and keeps the cheapest explanation; all faults come from
it. 平 is level, 仄 oblique (上 去 入); the core of a line is its last five characters.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Literal, NamedTuple

from zhprobe.text.readings import (
    COMMON,
    NONE,
    RARE,
    Reading,
    is_unknown,
    readings,
    same_character,
    tone_code,
    tone_in_word,
    uses,
)
from zhprobe.text.rhyme import find_group, group_label, merged_part, neighbours
from zhprobe.text.stanza import Stanza, form_of, read_stanza, width

State = Literal["right", "free", "rescued", "wrong", "unknown"]
Outcome = Literal["pass", "unsure", "fail"]

# Where schools differ (specification of this suite, section 15): one flag a question, printed with the report.
SETTINGS = {
    "孤平": "句式B第一、三字皆仄（五言）",
    "三仄尾": "不论病，只注明",
    "仄平仄平仄": "许用，注明",
    "拗而不救": "病",
    "邻韵": "首句许用；余句为病，从宽则可",
}


class Variant(NamedTuple):
    """One way to write a line: P level, Z oblique, x either, over the core of five characters."""

    name: str
    core: str
    price: int  # hundredths
    mark: str = ""
    fault: str = ""

    @property
    def type(self) -> str:
        """A B C or D."""
        return self.name[0]


VARIANTS = (
    Variant("A1", "xZxPZ", 0),
    Variant("A2", "xZxZZ", 5),
    Variant("B1", "PPxZP", 0),
    Variant("B2", "ZPPZP", 2, "孤平自救"),
    Variant("B3", "ZPZZP", 190, "", "孤平"),
    Variant("C1", "xPPZZ", 0),
    Variant("C2", "PPZPZ", 2, "特拗"),
    Variant("C3", "ZPZPZ", 30, "特拗"),
    Variant("C4", "xPZZZ", 20, "三仄尾"),
    Variant("D1", "xZZPP", 0),
    Variant("D2", "xZPPP", 190, "", "三平尾"),
)
A1, A2, B1, B2, B3, C1, C2, C3, C4, D1, D2 = range(11)
ODD = (A1, A2, C1, C2, C3, C4)
EVEN = (B1, B2, B3, D1, D2)
TYPES = "".join(variant.type for variant in VARIANTS)

# One integer orders explanations: price in hundredths, then faults, then rare readings, then line 1 unrhymed,
# then a rhyme group that was not asked for.
PRICE, FAULT, ODDITY, PLAIN_FIRST, OTHER_GROUP = 1 << 24, 1 << 16, 1 << 8, 1 << 1, 1
TIER_PRICE = (0, 80 * PRICE + ODDITY, 220 * PRICE + ODDITY)
NOT_FACING = 300 * PRICE + FAULT  # 失对
NOT_STUCK = 250 * PRICE + FAULT  # 失粘
NOT_RESCUED = 200 * PRICE + FAULT  # 拗未救
END_MISS = 400 * PRICE + FAULT
OFF_RHYME = 300 * PRICE + FAULT
NEIGHBOUR_RHYME = 100 * PRICE + FAULT
NEAR = 50 * PRICE  # explanations this close to the best are told too
HOPELESS = 800 * PRICE
PATHS = 24  # explanations looked at, cheapest types first; more are never worth telling

RANK: dict[str, int] = {"fail": 0, "unsure": 1, "pass": 2}
LENIENT_FAULTS = frozenset(("拗未救", "邻韵", "重韵"))
TONE_FAULTS = frozenset(("失替", "句脚", "平仄", "孤平", "三平尾", "拗未救"))
SEQUENCE_FAULTS = frozenset(("失对", "失粘"))
RHYME_FAULTS = frozenset(("出韵", "邻韵", "首句不韵", "重韵", "仄韵", "未用指定韵"))
SHAPE_FAULTS = frozenset(("字数", "句数", "杂字"))


@cache
def pattern(variant: int, size: int) -> str:
    """The whole line of a variant.

    >>> pattern(A1, 7), pattern(B2, 5)
    ('xPxZxPZ', 'ZPPZP')
    """
    core = VARIANTS[variant].core
    if size == 5:
        return core
    return ("xP" if TYPES[variant] in "AD" else "xZ") + core


@cache
def pattern_words(variant: int, size: int) -> str:
    """The whole line as a reader knows it.

    >>> pattern_words(B1, 5)
    '平平中仄平'
    """
    return pattern(variant, size).translate(str.maketrans("PZx", "平仄中"))


def _place_miss(place: int) -> int:
    return (300 if place in (1, 3, 5) else 200) * PRICE + FAULT


@cache
def _line_prices(codes: str) -> tuple[int, ...]:
    """Price of each variant for the tone codes of a line without its end."""
    size = len(codes) + 1
    prices = []
    for number, variant in enumerate(VARIANTS):
        total = variant.price * PRICE + (FAULT if variant.fault else 0)
        for place, (code, wanted) in enumerate(zip(codes, pattern(number, size), strict=False)):
            if wanted != "x":
                level, oblique = divmod(int(code, 16), 4)
                tier = level if wanted == "P" else oblique
                total += _place_miss(place) if tier == NONE else TIER_PRICE[tier]
        prices.append(total)
    return tuple(prices)


def _steps() -> tuple[tuple[int, ...], ...]:
    """Price of going from one variant to the next line's, without rescue."""
    table = []
    for before in TYPES:
        row = []
        for after in TYPES:
            if before in "AC" or after in "BD":  # inside a couplet
                facing = after == {"A": "B", "C": "D", "B": "D", "D": "B"}[before]
                row.append(0 if facing else NOT_FACING)
            else:
                row.append(0 if (before, after) in (("B", "C"), ("D", "A")) else NOT_STUCK)
        table.append(tuple(row))
    return tuple(table)


STEPS = _steps()


@cache
def _rescue(code: str) -> tuple[int, ...]:
    """Price of rescuing a line A2 by core 3 of the next line, for each variant of the next line."""
    level = int(code, 16) // 4
    prices = []
    for variant in VARIANTS:
        wanted = variant.core[2]
        if wanted == "Z" or level == NONE:
            prices.append(NOT_RESCUED)
        elif wanted == "P":
            prices.append(0)  # a rare reading is already paid for
        else:
            prices.append(min(TIER_PRICE[level], NOT_RESCUED))
    return tuple(prices)


class Ending(NamedTuple):
    """What a line end costs and which reading it takes."""

    price: int
    reading: Reading | None
    relation: Literal["in", "neighbour", "off", "tone", "unknown"]


def _is_neighbour(one: str, other: str, book: str) -> bool:
    if book == "平水韵":
        return (one, other) in neighbours()
    return book == "词林正韵" and merged_part(int(one)) == merged_part(int(other))


@cache
def _rhymed_end(character: str, group: str, book: str) -> Ending:
    """The best reading of an even line's end for a poem in this group."""
    found = readings(character, book)
    if is_unknown(character, book):
        return Ending(5 * PRICE, None, "unknown")
    best: Ending | None = None
    for reading in found:
        if not reading.level:
            continue
        if reading.group == group:
            ending = Ending(TIER_PRICE[reading.end], reading, "in")
        elif group and _is_neighbour(reading.group, group, book):
            ending = Ending(NEIGHBOUR_RHYME + TIER_PRICE[reading.end], reading, "neighbour")
        else:
            ending = Ending(OFF_RHYME + TIER_PRICE[reading.end], reading, "off")
        if best is None or ending.price < best.price:
            best = ending
    if best is None:
        return Ending(END_MISS, found[0], "tone")
    return best


@cache
def _first_end(character: str, group: str, book: str) -> Ending:
    """The best reading of the end of a first line that rhymes."""
    ending = _rhymed_end(character, group, book)
    if ending.relation == "neighbour" and ending.reading:
        return Ending(10 * PRICE + TIER_PRICE[ending.reading.end], ending.reading, "neighbour")
    if ending.relation == "in":
        return ending._replace(price=ending.price - PRICE)
    return ending


@cache
def _oblique_end(character: str, book: str) -> Ending:
    """The best reading of the end of an odd line."""
    found = readings(character, book)
    if is_unknown(character, book):
        return Ending(0, None, "unknown")
    oblique = [reading for reading in found if not reading.level and not reading.undecided]
    if not oblique:
        return Ending(END_MISS, found[0], "tone")
    best = min(oblique, key=lambda reading: reading.end)
    return Ending(TIER_PRICE[best.end], best, "in")


class Explanation(NamedTuple):
    """One way to read the whole poem."""

    price: int
    variants: tuple[int, ...]
    group: str

    @property
    def faults(self) -> int:
        """How many faults it leaves."""
        return (self.price % PRICE) // FAULT


class Place(NamedTuple):
    """One character of a scan: the reading chosen, the others, the tone wanted (平 仄 中) and how it stands."""

    character: str
    tone: str  # 平 or 仄, '' unknown
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


class Scan(NamedTuple):
    """The explanation of a poem and all that follows from it."""

    form: str
    book: str
    group: str
    types: str
    lines: tuple[str, ...]
    variants: tuple[str, ...]
    places: tuple[tuple[Place, ...], ...]
    faults: tuple[Fault, ...]
    marks: tuple[Fault, ...]
    depends_on: tuple[Dependence, ...]
    strict: Outcome
    lenient: Outcome
    rhyme_words: tuple[str, ...]
    fixed: int  # fixed places, for faults per 100
    cost: float
    alternatives: tuple[str, ...] = ()
    hopeless: bool = False
    scanned: bool = True  # tones and rhymes were looked at
    doubt: str = ""
    dropped: tuple[str, ...] = ()
    title: str = ""

    def named(self, names: frozenset[str]) -> tuple[Fault, ...]:
        """Faults with one of these names."""
        return tuple(fault for fault in self.faults if fault.name in names)


TYPE_NAMES = {"A": "仄起仄收", "B": "平起平收", "C": "平起仄收", "D": "仄起平收"}


def scan(
    text: str,
    form: str = "",
    book: str = "平水韵",
    rhyme: str = "",
    rhyme_words: tuple[str, ...] = (),
    in_order: bool = False,
) -> Scan:
    """Scan a poem. An empty `book` tries 平水韵, then 中华新韵, and keeps the one it passes in.

    >>> found = scan("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。")
    >>> found.form, found.types, found.group, found.strict, found.rhyme_words
    ('五绝', 'ABCD', '尤', 'pass', ('流', '楼'))
    >>> [fault.message for fault in scan("白日依山尽，黄河入海流。欲穷万丈目，更上一层山。").faults]
    ['第4句第5字“山”（十五删）出韵，全诗押十一尤']
    """
    return scan_stanza(read_stanza(text, form), form, book, rhyme, rhyme_words, in_order)


def scan_lines(
    lines: list[str] | tuple[str, ...], form: str = "", book: str = "平水韵", rhyme: str = ""
) -> Scan:
    """Scan lines that are already apart."""
    return scan("\n".join(lines), form, book, rhyme)


def scan_stanza(
    stanza: Stanza,
    form: str = "",
    book: str = "平水韵",
    rhyme: str = "",
    rhyme_words: tuple[str, ...] = (),
    in_order: bool = False,
) -> Scan:
    """Scan verse that was taken out of an answer."""
    if not book:
        rest = (form, rhyme, rhyme_words, in_order)
        first = scan_stanza(stanza, rest[0], "平水韵", *rest[1:])
        if first.strict == "pass" or not first.scanned:
            return first
        second = scan_stanza(stanza, rest[0], "中华新韵", *rest[1:])
        return second if RANK[second.strict] > RANK[first.strict] else first
    lines = stanza.texts
    shape = shape_faults(stanza, form)
    found = form_of(stanza.counts)
    if not found or stanza.strange or stanza.doubt:
        outcome: Outcome = "unsure" if stanza.doubt and not stanza.strange else "fail"
        return Scan(
            found or "", book, "", "", lines, (), (), tuple(shape), (), (), outcome, outcome, (), 0, 0.0,
            scanned=False, doubt=stanza.doubt, dropped=stanza.dropped, title=stanza.title,
        )  # fmt: skip
    asked = find_group(rhyme, book) if rhyme else ""
    result = _scan_regular(lines, found, book, asked, rhyme, rhyme_words, in_order)
    faults = (*shape, *result.faults)
    return result._replace(
        faults=faults,
        strict="fail" if shape else result.strict,
        lenient="fail" if shape else result.lenient,
        dropped=stanza.dropped,
        title=stanza.title,
    )


def shape_faults(stanza: Stanza, form: str = "") -> list[Fault]:
    """What is wrong with the number of lines and characters, and characters that do not belong.

    >>> [fault.message for fault in shape_faults(read_stanza("白日依山尽，黄河入海。"), "五绝")]
    ['第2句4字，应5字（黄河入海）', '共2句，五绝应4句']
    """
    faults = [
        Fault(
            "杂字",
            line + 1,
            0,
            f"第{line + 1}句夹有“{character}”（U+{ord(character):04X}），不是汉字",
            f"line {line + 1} holds {character!r} (U+{ord(character):04X}), which is not a Han character",
        )
        for line, character, _ in stanza.strange
    ]
    counts = stanza.counts
    if not counts:
        return [*faults, Fault("句数", 0, 0, "没有诗句", "no verse was found")]
    common = Counter(counts).most_common(1)[0][0]
    size = width(form) or (common if common in (5, 7) else 0)
    for number, (text, count) in enumerate(zip(stanza.texts, counts, strict=True), start=1):
        if count != size:
            wanted = f"应{size}字" if size else "应5字或7字"
            faults.append(
                Fault(
                    "字数",
                    number,
                    0,
                    f"第{number}句{count}字，{wanted}（{text}）",
                    f"line {number} has {count} characters, wanted {size or '5 or 7'}: {text}",
                )
            )
    total = len(counts)
    needed = 0 if "排律" in form else {"绝": 4, "律": 8}.get(form[1:], 0)
    if needed and total != needed:
        faults.append(
            Fault("句数", 0, 0, f"共{total}句，{form}应{needed}句", f"{total} lines, {form} has {needed}")
        )
    elif "排律" in form and (total < 10 or total % 2):
        faults.append(
            Fault(
                "句数",
                0,
                0,
                f"共{total}句，排律应十句以上的偶数",
                f"{total} lines, 排律 has an even number from 10 on",
            )
        )
    elif not form and total not in (4, 8) and (total < 10 or total % 2):
        faults.append(
            Fault(
                "句数",
                0,
                0,
                f"共{total}句，应4句、8句或十句以上的偶数",
                f"{total} lines, wanted 4, 8 or an even number from 10",
            )
        )
    return faults


class _Search:
    """The prices of one poem and its cheapest explanations."""

    def __init__(self, lines: tuple[str, ...], book: str, asked: str) -> None:
        self.lines, self.book = lines, book
        size = len(lines[0])
        codes = ["".join([tone_code(character, book) for character in line[:-1]]) for line in lines]
        self.prices = [_line_prices(code) for code in codes]
        self.rescues = [_rescue(code[size - 3]) for code in codes]
        self.suffix: list[list[int]] = [[]] * len(lines)
        self._fill()
        ends = [line[-1] for line in lines]
        self.odd = sum(_oblique_end(end, book).price for end in ends[2::2])
        groups = {r.group: 0 for end in ends[1::2] for r in readings(end, book) if r.level}
        self.totals: list[tuple[int, bool, str, int]] = []  # with line 1's kind, group and what the ends cost
        plain = self.odd + _oblique_end(ends[0], book).price + PLAIN_FIRST
        best_plain = min(self.suffix[0][variant] for variant in ODD)
        best_rhymed = min(self.suffix[0][variant] for variant in EVEN)
        for group in groups or {"": 0}:
            even = sum([_rhymed_end(end, group, book).price for end in ends[1::2]])
            even += OTHER_GROUP if asked and group != asked else 0
            self.totals.append((best_plain + plain + even, False, group, plain + even))
            rhymed = self.odd + _first_end(ends[0], group, book).price + even
            self.totals.append((best_rhymed + rhymed, True, group, rhymed))

    def _fill(self) -> None:
        """Cheapest price from each line and variant to the end of the poem, line ends apart."""
        last = len(self.lines) - 1
        after = list(self.prices[last])
        self.suffix[last] = after
        for line in range(last - 1, -1, -1):
            prices = self.prices[line]
            here = [0] * 11
            following = ODD if line % 2 else EVEN
            # the best next line of each type is enough, but for a rescue
            for variant in range(11) if line == 0 else (EVEN if line % 2 else ODD):
                step = STEPS[variant]
                if variant == A2:
                    rescue = self.rescues[line + 1]
                    here[variant] = prices[variant] + min([step[w] + rescue[w] + after[w] for w in following])
                else:
                    here[variant] = prices[variant] + min([step[w] + after[w] for w in following])
            after = here
            self.suffix[line] = here

    def explanations(self) -> list[Explanation]:
        """The cheapest explanation, then the others within reach when it has faults."""
        best = min(total for total, *_ in self.totals)
        faulty = (best % PRICE) // FAULT > 0
        bound = best + NEAR if faulty else best
        found: list[Explanation] = []
        for total, rhymed, group, ends in sorted(self.totals, key=lambda row: (row[0], not row[1])):
            if total > bound:
                break
            for variant in EVEN if rhymed else ODD:
                self._walk(0, (variant,), ends, bound, group, found)
            if not faulty:
                break
        found.sort(key=lambda explanation: explanation.price)
        return found

    def _walk(
        self, line: int, path: tuple[int, ...], spent: int, bound: int, group: str, found: list[Explanation]
    ) -> None:
        variant = path[-1]
        if spent + self.suffix[line][variant] > bound or len(found) >= PATHS:
            return
        spent += self.prices[line][variant]
        if line + 1 == len(self.lines):
            found.append(Explanation(spent, path, group))
            return
        for after in EVEN if line % 2 == 0 else ODD:
            step = STEPS[variant][after]
            if variant == A2:
                step += self.rescues[line + 1][after]
            self._walk(line + 1, (*path, after), spent + step, bound, group, found)


def _only_oblique(character: str, book: str) -> bool:
    found = readings(character, book)
    return bool(found) and not any(reading.level or reading.undecided for reading in found)


def _scan_regular(
    lines: tuple[str, ...],
    form: str,
    book: str,
    asked: str,
    rhyme: str,
    rhyme_words: tuple[str, ...],
    in_order: bool,
) -> Scan:
    if all(_only_oblique(line[-1], book) for line in lines[1::2]):
        return _oblique_rhyme(lines, form, book)
    search = _Search(lines, book, asked)
    found = search.explanations()
    best = found[0]
    reader = _Reader(lines, book, best)
    faults, depends = reader.faults()
    count = len(faults)
    alternatives: list[str] = []
    hopeless = best.price >= HOPELESS or count >= 4
    if faults and not hopeless:
        seen = {(fault.name, fault.line, fault.character) for fault in faults}
        told = {frozenset(seen)}
        for other in found[1:]:
            others, _ = _Reader(lines, book, other).faults()
            key = frozenset((fault.name, fault.line, fault.character) for fault in others)
            if key not in told and len(alternatives) < 3:
                told.add(key)
                alternatives.append("；".join(fault.message for fault in others) or "无病，须用少见之音")
    rhymed = reader.rhyme_line_numbers()
    words = tuple(lines[number][-1] for number in rhymed)
    faults += _repeated_rhymes(rhymed, words)
    faults += _asked_rhyme(best.group, book, asked, rhyme, words, lines, rhyme_words, in_order)
    strict, lenient = _outcomes(faults, depends)
    return Scan(
        form,
        book,
        best.group,
        "".join(TYPES[variant] for variant in best.variants),
        lines,
        tuple(VARIANTS[variant].name for variant in best.variants),
        reader.places(rhymed),
        tuple(faults),
        tuple(reader.marks(rhymed)),
        tuple(depends),
        strict,
        lenient,
        words,
        reader.fixed,
        best.price // PRICE / 100,
        tuple(alternatives),
        hopeless,
    )


def _outcomes(faults: list[Fault], depends: list[Dependence]) -> tuple[Outcome, Outcome]:
    clean: Outcome = "unsure" if depends else "pass"
    broken = [fault for fault in faults if fault.name not in LENIENT_FAULTS]
    once = [fault for fault in broken if fault.name == "失粘"]
    if len(once) == 1:
        broken = [fault for fault in broken if fault.name != "失粘"]
    return ("fail" if faults else clean), ("fail" if broken else clean)


def _tone_name(reading: Reading) -> str:
    """A reading as a message names it: 去声（四寘）, or pinyin in the modern books."""
    return reading.label if reading.label[-1].isdigit() else f"{reading.tone}声（{reading.label}）"


def _tone_names(found: tuple[Reading, ...]) -> str:
    return "、".join(dict.fromkeys(_tone_name(reading) for reading in found))


@cache
def _choose(character: str, level: bool, book: str) -> Reading | None:
    """The most usual reading of a tone inside a line."""
    found = [r for r in readings(character, book) if r.level == level and not r.undecided]
    return min(found, key=lambda reading: reading.inside) if found else None


@cache
def _usual_level(character: str, book: str) -> bool:
    """Whether a character is read level where nothing decides: as poets mostly do, else as the table has it first."""
    counts = uses(character)
    found = [r for r in readings(character, book) if min(r.inside, r.end) == COMMON] or list(
        readings(character, book)
    )
    if counts and book in ("平水韵", "词林正韵"):
        return counts[0] >= counts[1]
    return found[0].level


def _free_level(line: str, place: int, book: str) -> bool:
    """Whether a character at a free place is read level, by the word it stands in."""
    code = int(tone_code(line[place], book), 16)
    level, oblique = divmod(code, 4)
    if code and NONE in (level, oblique):
        return level != NONE
    if book in ("平水韵", "词林正韵"):
        for start in (place - 1, place):
            word = tone_in_word(line[start : start + 2]) if start >= 0 else None
            if word and start + word[0] == place:
                return word[1] == "平"
    return _usual_level(line[place], book)


class _Reader:
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
            return _rhymed_end(character, self.group, self.book)
        if line == 0 and self.first_rhymes:
            return _first_end(character, self.group, self.book)
        return _oblique_end(character, self.book)

    def rescued(self, line: int) -> bool:
        """Whether the line after an A2 rescues it."""
        code = tone_code(self.lines[line + 1][self.size - 3], self.book)
        return _rescue(code)[self.variants[line + 1]] < NOT_RESCUED

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
        for place in range(self.size - 1):
            letter = wanted[place]
            if letter == "x":
                continue
            code = tone_code(text[place], self.book)
            level, oblique = divmod(int(code, 16), 4)
            tier = level if letter == "P" else oblique
            if tier == NONE:
                name = "失替" if place in (1, 3, 5) else "平仄"
                faults.append(self._wrong(name, line, place, letter))
            elif tier != COMMON:
                depends.append(self._rare(line, place, _choose(text[place], letter == "P", self.book), tier))
            elif code == "0" and is_unknown(text[place], self.book):
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
                tier = int(tone_code(rescuer, self.book), 16) // 4
                if is_unknown(rescuer, self.book):
                    depends.append(self._unknown(line + 1, size - 3))
                elif tier != COMMON:
                    depends.append(self._rare(line + 1, size - 3, _choose(rescuer, True, self.book), tier))

    def _end(self, line: int, faults: list[Fault], depends: list[Dependence]) -> None:
        ending, character, last = self.ending(line), self.lines[line][-1], self.size - 1
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
            if variant == A1 and int(tone_code(text[size - 3], self.book), 16) // 4 != COMMON:
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
        again = [character for character, n in counts.items() if n > 1]
        if len(again) < 3:
            return []
        shown = "、".join(sorted(again, key="".join(self.lines).index))
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
        for place, character in enumerate(text):
            found = readings(character, self.book)
            letter, usual = wanted[place], base[place]
            chosen: Reading | None
            if place == self.size - 1:
                chosen = self.ending(line).reading
            else:
                if place == rescuer or letter != "x":
                    level = letter != "Z" if place != rescuer else True
                else:
                    level = _free_level(text, place, self.book) if found else True
                chosen = _choose(character, level, self.book) or (found[0] if found else None)
            if chosen and chosen.undecided:
                chosen = None
            row.append(
                self._place(
                    character,
                    found,
                    chosen,
                    letter,
                    usual,
                    variant,
                    rescued,
                    rhymed and place == self.size - 1,
                )
            )
        return tuple(row)

    def _place(
        self,
        character: str,
        found: tuple[Reading, ...],
        chosen: Reading | None,
        letter: str,
        usual: str,
        variant: int,
        rescued: bool,
        rhyme: bool,
    ) -> Place:
        state: State
        if chosen is None:
            state = "unknown"
        elif letter == "x":
            state = "free"
        elif (letter == "P") != chosen.level:
            state = "wrong"
        elif usual in ("x", letter):
            state = "wrong" if variant == B3 and usual == "x" and letter == "Z" else "right"
        elif variant in (B3, D2) or (variant == A2 and not rescued):
            state = "wrong"
        else:
            state = "free" if variant == C4 else "rescued"
        shown = usual if usual != "x" else letter
        return Place(
            character,
            "" if chosen is None else ("平" if chosen.level else "仄"),
            chosen.label if chosen else "",
            tuple([reading.label for reading in found if reading is not chosen]) if len(found) > 1 else (),
            {"P": "平", "Z": "仄", "x": "中"}[shown],
            state,
            rhyme,
        )


def _repeated_rhymes(rhymed: list[int], words: tuple[str, ...]) -> list[Fault]:
    faults = []
    seen: dict[str, int] = {}
    for number, word in zip(rhymed, words, strict=True):
        if word in seen:
            faults.append(
                Fault(
                    "重韵",
                    number + 1,
                    0,
                    f"第{seen[word] + 1}、{number + 1}句同押“{word}”，重韵",
                    f"lines {seen[word] + 1} and {number + 1} both rhyme on “{word}”: 重韵",
                )
            )
        seen[word] = number
    return faults


def _asked_rhyme(
    group: str,
    book: str,
    asked: str,
    rhyme: str,
    words: tuple[str, ...],
    lines: tuple[str, ...],
    rhyme_words: tuple[str, ...],
    in_order: bool,
) -> list[Fault]:
    faults = []
    if asked and group != asked:
        faults.append(
            Fault(
                "未用指定韵",
                0,
                0,
                f"应押{group_label(asked, book)}，实押{group_label(group, book) if group else '不明'}",
                f"asked to rhyme on {group_label(asked, book)}, rhymes on {group_label(group, book) if group else 'none'}",
            )
        )
    if not rhyme_words:
        return faults
    shown = "、".join(rhyme_words)
    ends = tuple(line[-1] for line in lines[1::2])
    if in_order:
        used = words if len(rhyme_words) == len(words) else ends
        if len(used) != len(rhyme_words) or not all(map(same_character, used, rhyme_words)):
            faults.append(
                Fault(
                    "未用指定韵",
                    0,
                    0,
                    f"韵脚应依次为{shown}，实为{'、'.join(used)}",
                    f"rhyme words should be {shown} in this order, are {'、'.join(used)}",
                )
            )
        return faults
    missing = [word for word in rhyme_words if not any(same_character(word, used) for used in words)]
    if missing:
        faults.append(
            Fault(
                "未用指定韵",
                0,
                0,
                f"未以{'、'.join(missing)}为韵脚（应用{shown}）",
                f"{'、'.join(missing)} not used as rhyme word (asked for {shown})",
            )
        )
    return faults


def _oblique_rhyme(lines: tuple[str, ...], form: str, book: str) -> Scan:
    """A poem whose even lines can only end oblique: its rhyme is tested, its tones are not."""
    ends = [line[-1] for line in lines[1::2]]
    keys = [[(r.tone, r.group) for r in readings(end, book)] for end in ends]
    counts = Counter(key for found in keys for key in dict.fromkeys(found))
    (tone, group), shared = counts.most_common(1)[0]
    label = next(r.label for r in readings(ends[0 if (tone, group) in keys[0] else -1], book) if True)
    label = next(
        (r.label for end in ends for r in readings(end, book) if (r.tone, r.group) == (tone, group)), label
    )
    faults = [
        Fault(
            "仄韵",
            0,
            0,
            f"偶句皆收仄声（{'、'.join(ends)}），仄韵，不合近体",
            f"all even lines end oblique ({'、'.join(ends)}): an oblique rhyme, not regulated verse (仄韵)",
        )
    ]
    if shared < len(ends):
        for number, (end, found) in enumerate(zip(ends, keys, strict=True), start=1):
            if (tone, group) not in found:
                own = readings(end, book)[0].label
                faults.append(
                    Fault(
                        "出韵",
                        2 * number,
                        len(lines[0]),
                        f"第{2 * number}句“{end}”（{own}）出韵，全诗押{label}",
                        f"line {2 * number} “{end}” ({own}) does not rhyme; the poem rhymes on {label}",
                    )
                )
    rows = tuple(
        tuple(
            _bare_place(line, place, book, place == len(line) - 1 and number % 2 == 1)
            for place in range(len(line))
        )
        for number, line in enumerate(lines)
    )
    return Scan(
        form, book, group, "", lines, (), rows, tuple(faults), (), (), "fail", "fail", tuple(ends), 0, 0.0
    )  # fmt: skip


def _bare_place(line: str, place: int, book: str, rhyme: bool) -> Place:
    """A character's reading where no pattern wants one."""
    found = readings(line[place], book)
    if is_unknown(line[place], book):
        return Place(line[place], "", "", (), "中", "unknown", rhyme)
    chosen = _choose(line[place], _free_level(line, place, book), book) or found[0]
    others = tuple(reading.label for reading in found if reading is not chosen)
    return Place(line[place], "平" if chosen.level else "仄", chosen.label, others, "中", "free", rhyme)
