"""Lines of 近体诗 and the cheapest explanation of a whole poem.

A line is one of four types; each type has variants with a price (rules of the common handbooks, 王力). The
search adds up variants, readings and rhyme group and keeps the cheapest explanation; all faults come from
it. 平 is level, 仄 oblique (上 去 入); the core of a line is its last five characters.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from zhprobe.text.readings import NONE, TONE_TIERS, Reading, is_unknown, readings, tone_code
from zhprobe.text.rhyme import merged_part, neighbours

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
# then a rhyme group that was not asked for. Twelve bits each count faults and rare readings: enough for LONGEST lines.
PRICE, FAULT, ODDITY, PLAIN_FIRST, OTHER_GROUP = 1 << 26, 1 << 14, 1 << 2, 1 << 1, 1
TIER_PRICE = (0, 80 * PRICE + ODDITY, 220 * PRICE + ODDITY)
NOT_FACING = 300 * PRICE + FAULT  # 失对
NOT_STUCK = 250 * PRICE + FAULT  # 失粘
NOT_RESCUED = 200 * PRICE + FAULT  # 拗未救
END_MISS = 400 * PRICE + FAULT
OFF_RHYME = 300 * PRICE + FAULT
NEIGHBOUR_RHYME = 100 * PRICE + FAULT
NEAR = 50 * PRICE  # explanations this close to the best are told too
HOPELESS = 800 * PRICE
LONGEST = 400  # lines; the longest 排律 of old have two hundred
PATHS = 24  # explanations looked at, cheapest types first; more are never worth telling


def type_name(kind: str, size: int) -> str:
    """How handbooks call a line of this type: by the tones of its second and last characters.

    >>> type_name("A", 5), type_name("A", 7)
    ('仄起仄收', '平起仄收')
    """
    rising = (kind in "AD") == (size == 5)
    return f"{'仄' if rising else '平'}起{'仄' if kind in 'AC' else '平'}收"


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
def line_prices(codes: str) -> tuple[int, ...]:
    """Price of each variant for the tone codes of a line without its end."""
    size = len(codes) + 1
    prices = []
    for number, variant in enumerate(VARIANTS):
        total = variant.price * PRICE + (FAULT if variant.fault else 0)
        for place, (code, wanted) in enumerate(zip(codes, pattern(number, size), strict=False)):
            if wanted != "x":
                level, oblique = TONE_TIERS[code]
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
def rescue_prices(code: str) -> tuple[int, ...]:
    """Price of rescuing a line A2 by core 3 of the next line, for each variant of the next line."""
    level = TONE_TIERS[code][0]
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


def _best_level_end(character: str, group: str, book: str, inside: int, neighbour: int) -> Ending:
    """The cheapest level reading of a line end: `inside` and `neighbour` are the prices of its relation to the group."""
    found = readings(character, book)
    if is_unknown(character, book):
        return Ending(5 * PRICE, None, "unknown")
    best: Ending | None = None
    for reading in found:
        if not reading.level:
            continue
        if reading.group == group:
            ending = Ending(inside + TIER_PRICE[reading.end], reading, "in")
        elif group and _is_neighbour(reading.group, group, book):
            ending = Ending(neighbour + TIER_PRICE[reading.end], reading, "neighbour")
        else:
            ending = Ending(OFF_RHYME + TIER_PRICE[reading.end], reading, "off")
        if best is None or ending.price < best.price:
            best = ending
    return best or Ending(END_MISS, found[0], "tone")


@cache
def rhymed_end(character: str, group: str, book: str) -> Ending:
    """The best reading of an even line's end for a poem in this group.

    >>> rhymed_end("魂", "元", "平水韵").relation, rhymed_end("纷", "元", "平水韵").relation
    ('in', 'neighbour')
    """
    return _best_level_end(character, group, book, 0, NEIGHBOUR_RHYME)


@cache
def first_end(character: str, group: str, book: str) -> Ending:
    """The best reading of the end of a first line that rhymes: a neighbour group is nearly as good there.

    >>> first_end("勤", "真", "平水韵").relation
    'neighbour'
    """
    return _best_level_end(character, group, book, -PRICE, 10 * PRICE)


@cache
def oblique_end(character: str, book: str) -> Ending:
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


class Search:
    """The prices of one poem and its cheapest explanations."""

    def __init__(self, lines: tuple[str, ...], book: str, asked: str) -> None:
        self.lines, self.book = lines, book
        size = len(lines[0])
        codes = ["".join([tone_code(character, book) for character in line[:-1]]) for line in lines]
        self.prices = [line_prices(code) for code in codes]
        self.rescues = [rescue_prices(code[size - 3]) for code in codes]
        self.suffix: list[list[int]] = [[]] * len(lines)
        self._fill()
        ends = [line[-1] for line in lines]
        self.odd = sum(oblique_end(end, book).price for end in ends[2::2])
        groups = {r.group: 0 for end in ends[1::2] for r in readings(end, book) if r.level}
        self.totals: list[tuple[int, bool, str, int]] = []  # with line 1's kind, group and what the ends cost
        plain = self.odd + oblique_end(ends[0], book).price + PLAIN_FIRST
        best_plain = min(self.suffix[0][variant] for variant in ODD)
        best_rhymed = min(self.suffix[0][variant] for variant in EVEN)
        for group in groups or {"": 0}:
            even = sum([rhymed_end(end, group, book).price for end in ends[1::2]])
            even += OTHER_GROUP if asked and group != asked else 0
            self.totals.append((best_plain + plain + even, False, group, plain + even))
            rhymed = self.odd + first_end(ends[0], group, book).price + even
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
        totals = sorted(self.totals, key=lambda row: row[0])
        best, rhymed, group, ends = totals[0]
        found: list[Explanation] = []
        for variant in EVEN if rhymed else ODD:
            self._walk(0, (variant,), ends, best, group, found)
            if found:
                break
        if not found[0].faults:
            return found[:1]
        for total, rhymed, group, ends in totals:
            if total <= best + NEAR:
                for variant in EVEN if rhymed else ODD:
                    self._walk(0, (variant,), ends, best + NEAR, group, found)
        found.sort(key=lambda explanation: explanation.price)
        return found

    def _walk(
        self, line: int, path: tuple[int, ...], spent: int, bound: int, group: str, found: list[Explanation]
    ) -> None:
        """Add every way to go on from here within the bound, cheaper types first, until PATHS are found."""
        stack = [(line, path, spent)]
        while stack and len(found) < PATHS:
            line, path, spent = stack.pop()
            variant = path[-1]
            if spent + self.suffix[line][variant] > bound:
                continue
            spent += self.prices[line][variant]
            if line + 1 == len(self.lines):
                found.append(Explanation(spent, path, group))
                continue
            for after in reversed(EVEN if line % 2 == 0 else ODD):
                step = STEPS[variant][after]
                if variant == A2:
                    step += self.rescues[line + 1][after]
                stack.append((line + 1, (*path, after), spent + step))
