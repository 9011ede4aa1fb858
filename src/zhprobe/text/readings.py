"""How a character is read: tone, rhyme group, how usual the reading is, in the book a poem is held to.

平水韵 and 词林正韵 come from our own tables, in both scripts; the modern books from pypinyin. Nothing here
decides which reading a poem uses: that is the search of `verse`.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

from zhprobe.text.rhyme import MODERN_BOOKS, all_groups, modern_groups, numeral
from zhprobe.text.tables import rows

COMMON, RARE, UNATTESTED, NONE = range(4)
_TIERS = {"c": COMMON, "r": RARE, "u": UNATTESTED}
LEVEL_TONES = frozenset("平阴阳")


class Reading(NamedTuple):
    """One reading of a character.

    `tone` is 平 上 去 入, or 阴 阳 上 去 轻 in the modern books. `group` is the rhyme group in the book:
    one of the 106, the number of a part of 词林正韵, or a modern group. `inside` and `end` say how usual
    the reading is inside a line and at its end. `label` is what a reader is shown.
    """

    tone: str
    group: str
    inside: int
    end: int
    label: str
    licence: str = ""  # why an unusual reading is admitted at all

    @property
    def level(self) -> bool:
        """Whether the tone counts as 平."""
        return self.tone in LEVEL_TONES

    @property
    def undecided(self) -> bool:
        """Whether the tone is neither 平 nor 仄 (the neutral tone)."""
        return self.tone == "轻"


@cache
def _pingshui() -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for tone, group, parts, characters in rows("pingshui.tsv"):
        row = (tone, group, parts)
        for character in characters:
            found.setdefault(character, []).append(row)
    return found


@cache
def _forms() -> tuple[dict[str, str], dict[str, str]]:
    """Other forms by simplified character, and the simplified character of each."""
    forms = {row[0]: row[1] for row in rows("written_forms.tsv")}
    return forms, {other: simple for simple, others in forms.items() for other in others}


@cache
def _usage() -> dict[str, tuple[tuple[int, ...], str]]:
    return {row[0]: (tuple(map(int, row[1:5])), row[5]) for row in rows("heteronyms.tsv")}


@cache
def _licensed() -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for character, tone, group, why in rows("licensed_readings.tsv"):
        found.setdefault(character, []).append((tone, group, why))
    return found


@cache
def _look_alikes() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("look_alikes.tsv")}


@cache
def _words() -> dict[str, tuple[int, str]]:
    return {
        word: (int(index), tone)
        for index, tone, words in rows("heteronym_words.tsv")
        for word in words.split(" ")
    }


def simplified(text: str) -> str:
    """Each character in its simplified form, one for one.

    >>> simplified("明月幾時有，把酒問青天")
    '明月几时有，把酒问青天'
    """
    _, simple = _forms()
    return "".join(simple.get(character, character) for character in text)


def same_character(one: str, other: str) -> bool:
    """Whether two characters are one in simplified script.

    >>> same_character("裏", "里"), same_character("風", "凤")
    (True, False)
    """
    return simplified(one) == simplified(other)


def _classical(character: str) -> list[tuple[str, str, str]]:
    """Rows of the character and of every form with the same simplified character, without doubles."""
    table = _pingshui()
    forms, simple = _forms()
    root = simple.get(character, character)
    found: dict[tuple[str, str, str], None] = {}
    for form in (character, root, *forms.get(root, "")):
        found.update(dict.fromkeys(table.get(form, ())))
    return list(found)


def _tiers(character: str, level: bool) -> tuple[int, int]:
    counts = _usage().get(character)
    if counts is None:
        return COMMON, COMMON
    letters = counts[1]
    return (_TIERS[letters[0]], _TIERS[letters[2]]) if level else (_TIERS[letters[1]], _TIERS[letters[3]])


@cache
def _pingshui_readings(character: str) -> tuple[Reading, ...]:
    found = _classical(character)
    if not found:
        other = _look_alikes().get(character, "")
        compatible = unicodedata.normalize("NFKC", character)
        other = other or (compatible if compatible != character and len(compatible) == 1 else "")
        return _pingshui_readings(other) if other else ()
    one_tone = len({tone == "平" for tone, _, _ in found}) == 1
    labels = all_groups()
    readings = []
    for tone, group, _ in found:
        inside, end = (COMMON, COMMON) if one_tone else _tiers(character, tone == "平")
        readings.append(Reading(tone, group, inside, end, labels[tone, group].label))
    readings = list({(r.tone, r.group): r for r in readings}.values())
    known = {(r.tone, r.group) for r in readings}
    for tone, group, why in _licensed().get(simplified(character), ()):
        if (tone, group) not in known:
            readings.append(Reading(tone, group, RARE, RARE, labels[tone, group].label, why))
    return tuple(readings)


@cache
def _cilin_readings(character: str) -> tuple[Reading, ...]:
    parts: dict[tuple[str, str], list[str]] = {}
    for tone, group, cell in _classical(character) or _classical(_look_alikes().get(character, "")):
        parts.setdefault((tone, group), []).extend(cell.split("+"))
    found: dict[tuple[str, str], Reading] = {}
    for reading in _pingshui_readings(character):
        for part in parts.get((reading.tone, reading.group), ()):
            key = (reading.tone, part)
            kept = found.get(key)
            if kept is None or (reading.inside, reading.end) < (kept.inside, kept.end):
                found[key] = Reading(
                    reading.tone,
                    part,
                    reading.inside,
                    reading.end,
                    f"第{numeral(int(part))}部{reading.tone}",
                    reading.licence,
                )
    return tuple(found.values())


_MARKS = {"1": "阴", "2": "阳", "3": "上", "4": "去"}


@cache
def _modern_tiers() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    return {
        row[0]: (frozenset(row[1].split(" ")), frozenset(row[2].split(" ")))
        for row in rows("modern_readings.tsv")
    }


def _modern_tier(character: str, syllable: str, first: bool) -> int:
    """How usual a reading is today. pypinyin lists old ones too (达 tì, 听 yǐn): those no phrase of it has are none."""
    found = _modern_tiers().get(character)
    if found is None:
        return COMMON if first else RARE
    return COMMON if syllable in found[0] else RARE if syllable in found[1] else NONE


@cache
def _modern_readings(character: str, book: str) -> tuple[Reading, ...]:
    from pypinyin import Style, pinyin  # a large table: loaded only for the modern books

    groups = modern_groups(book)
    spelled = pinyin(
        character, style=Style.TONE3, heteronym=True, errors="ignore", neutral_tone_with_five=True
    )
    found: dict[tuple[str, str], Reading] = {}
    for number, syllable in enumerate(spelled[0] if spelled else ()):
        final = _final(syllable[:-1])
        if final in groups and syllable[-1] in "12345":
            tone, tier = _MARKS.get(syllable[-1], "轻"), _modern_tier(character, syllable, not number)
            kept = found.get((tone, groups[final]))
            if tier < (NONE if kept is None else kept.inside):
                found[tone, groups[final]] = Reading(tone, groups[final], tier, tier, syllable)
    toned = tuple(reading for reading in found.values() if not reading.undecided)
    return toned or tuple(found.values())


def _final(syllable: str) -> str:
    """The final of a pinyin syllable without its tone; -i is the vowel of zhi and zi.

    >>> [_final(s) for s in ("zhi", "si", "li", "yu", "jun", "liu", "wen", "gui", "xiong", "lve", "er", "yi")]
    ['-i', '-i', 'i', 'ü', 'ün', 'iou', 'uen', 'uei', 'iong', 'üe', 'er', 'i']
    """
    from pypinyin.contrib.tone_convert import to_finals

    final = str(to_finals(syllable, strict=True, v_to_u=True))  # strict: in full, as 汉语拼音方案 has it
    if final == "i" and syllable[:-1] in ("zh", "ch", "sh", "r", "z", "c", "s"):
        return "-i"
    return final


def readings(character: str, book: str = "平水韵") -> tuple[Reading, ...]:
    """Every reading of a character in a rhyme book, the table's own first; empty when it is unknown.

    >>> [(r.tone, r.label) for r in readings("为")]
    [('平', '四支'), ('去', '四寘')]
    >>> [(r.tone, r.group) for r in readings("為", "词林正韵")]
    [('平', '3'), ('去', '3')]
    >>> [(r.label, r.group) for r in readings("东", "中华新韵")]
    [('dong1', '庚')]
    >>> readings("A")
    ()
    """
    if book == "词林正韵":
        return _cilin_readings(character)
    if book in MODERN_BOOKS:
        return _modern_readings(character, book)
    return _pingshui_readings(character)


def tone_in_word(word: str) -> tuple[int, str] | None:
    """Which character of a two-character string is settled by it, and to 平 or 仄.

    >>> tone_in_word("珍重"), tone_in_word("九重"), tone_in_word("山重")
    ((1, '仄'), (1, '平'), None)
    """
    return _words().get(simplified(word))


# Best tier of a level and of an oblique reading inside a line, by code; u fits either tone because it is unknown.
TONE_TIERS = {f"{4 * level + oblique:x}": (level, oblique) for level in range(4) for oblique in range(4)} | {
    "u": (COMMON, COMMON)
}


@cache
def tone_code(character: str, book: str) -> str:
    """One letter for how a character may be read inside a line, a key of TONE_TIERS.

    0 fits either tone, 3 is only level, c only oblique, u unknown.

    >>> [tone_code(c, "平水韵") for c in "东去为不A"]
    ['3', 'c', '0', '4', 'u']
    """
    level = oblique = NONE
    for reading in readings(character, book):
        if reading.undecided:
            return "u"
        if reading.level:
            level = min(level, reading.inside)
        else:
            oblique = min(oblique, reading.inside)
    return "u" if level == oblique == NONE else f"{4 * level + oblique:x}"


@cache
def is_unknown(character: str, book: str = "平水韵") -> bool:
    """Whether the book gives no reading that is 平 or 仄."""
    return all(reading.undecided for reading in readings(character, book))
