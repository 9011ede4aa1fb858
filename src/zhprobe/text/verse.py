"""Scanning 近体诗: a poem's tones and rhymes explained, with every fault that no explanation removes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from zhprobe.text.readings import is_unknown, readings, same_character
from zhprobe.text.rhyme import find_group, group_label
from zhprobe.text.stanza import Stanza, form_of, read_stanza, width
from zhprobe.text.verse_account import (
    Account,
    Dependence,
    Fault,
    Outcome,
    Place,
    choose,
    either_tone,
    free_level,
    strange_faults,
)
from zhprobe.text.verse_search import HOPELESS, LONGEST, PRICE, TYPES, VARIANTS, Search

RANK: dict[str, int] = {"fail": 0, "unsure": 1, "pass": 2}
TOO_MANY = 4  # so many faults and the poem is not called regulated at all
LENIENT_FAULTS = frozenset(("拗未救", "邻韵", "重韵"))
TONE_FAULTS = frozenset(("失替", "句脚", "平仄", "孤平", "三平尾", "拗未救"))
SEQUENCE_FAULTS = frozenset(("失对", "失粘"))
RHYME_FAULTS = frozenset(("出韵", "邻韵", "首句不韵", "重韵", "仄韵", "未用指定韵"))
SHAPE_FAULTS = frozenset(("字数", "句数", "杂字"))


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
    alternatives: tuple[str, ...] = ()  # other explanations as good
    alternatives_en: tuple[str, ...] = ()
    hopeless: bool = False
    scanned: bool = True  # tones and rhymes were looked at
    doubt: str = ""
    dropped: tuple[str, ...] = ()
    title: str = ""

    def named(self, names: frozenset[str]) -> tuple[Fault, ...]:
        """Faults with one of these names."""
        return tuple(fault for fault in self.faults if fault.name in names)


def scan(
    text: str,
    form: str | None = "",
    book: str | None = "平水韵",
    rhyme: str | None = "",
    rhyme_words: Sequence[str] | None = (),
    in_order: bool = False,
) -> Scan:
    """Scan a poem. An empty `book` tries 平水韵, then 中华新韵, and keeps the one it passes in.

    >>> found = scan("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。")
    >>> found.form, found.types, found.group, found.strict, found.rhyme_words
    ('五绝', 'ABCD', '尤', 'pass', ('流', '楼'))
    >>> [fault.message for fault in scan("白日依山尽，黄河入海流。欲穷万丈目，更上一层山。").faults]
    ['第4句第5字“山”（十五删）出韵，全诗押十一尤']
    """
    form = form or ""
    return scan_stanza(
        read_stanza(text, form), form, book or "", rhyme or "", tuple(rhyme_words or ()), in_order
    )


def scan_lines(lines: Sequence[str], form: str = "", book: str = "平水韵", rhyme: str = "") -> Scan:
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
    if not found or stanza.strange or stanza.doubt or len(lines) > LONGEST:
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
    faults = strange_faults(stanza.strange)
    counts = stanza.counts
    if not counts:
        return [*faults, Fault("句数", 0, 0, "没有诗句", "no verse was found")]
    if len(counts) > LONGEST:
        return [Fault("句数", 0, 0, f"共{len(counts)}句，过长", f"{len(counts)} lines are too many")]
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
    search = Search(lines, book, asked)
    found = search.explanations()
    best = found[0]
    reader = Account(lines, book, best)
    faults, depends = reader.faults()
    count = len(faults)
    alternatives: list[tuple[str, str]] = []
    hopeless = best.price >= HOPELESS or count >= TOO_MANY
    if faults and not hopeless:
        told = {_fault_key(faults)}
        for other in found[1:]:
            others, _ = Account(lines, book, other).faults()
            key = _fault_key(others)
            if key not in told and len(alternatives) < 3:
                told.add(key)
                alternatives.append(
                    (
                        "；".join(fault.message for fault in others) or "无病，须用少见之音",
                        "; ".join(fault.message_en for fault in others) or "no fault, with a rare reading",
                    )
                )
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
        tuple(chinese for chinese, _ in alternatives),
        tuple(english for _, english in alternatives),
        hopeless,
    )


def _fault_key(faults: list[Fault]) -> frozenset[tuple[str, int, int]]:
    """What tells explanations apart; 孤平 and 三平尾 are the same as the wrong tones they are made of."""
    return frozenset(
        ("平仄", fault.line, 0)
        if fault.name in ("孤平", "三平尾", "平仄")
        else (fault.name, fault.line, fault.character)
        for fault in faults
    )


def _outcomes(faults: list[Fault], depends: list[Dependence]) -> tuple[Outcome, Outcome]:
    clean: Outcome = "unsure" if depends else "pass"
    broken = [fault for fault in faults if fault.name not in LENIENT_FAULTS]
    once = [fault for fault in broken if fault.name == "失粘"]
    if len(once) == 1:
        broken = [fault for fault in broken if fault.name != "失粘"]
    return ("fail" if faults else clean), ("fail" if broken else clean)


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
    if rhyme and not asked:
        message, message_en = (
            f"{book}无“{rhyme}”韵，实押{group_label(group, book)}",
            f"{book} has no group {rhyme}",
        )
        faults.append(Fault("未用指定韵", 0, 0, message, message_en))
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
    label = next(r.label for end in ends for r in readings(end, book) if (r.tone, r.group) == (tone, group))
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
                own = "、".join(reading.label for reading in readings(end, book))
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
    level = free_level(line, place, book)
    if level is None and not rhyme:
        return either_tone(line[place], found)
    chosen = choose(line[place], bool(level), book) or found[0]
    others = tuple(reading.label for reading in found if reading is not chosen)
    return Place(line[place], "平" if chosen.level else "仄", chosen.label, others, "中", "free", rhyme)
