"""Taking the verse out of an answer: lines of Han characters, what was dropped, what does not belong.

The answer itself is never changed. Lines are cut at ，。！？；：、 and line breaks; quotation marks, dashes,
dots and spaces vanish.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from zhprobe.text.han import is_han

Form = Literal["五绝", "七绝", "五律", "七律", "五言排律", "七言排律"]
FORMS: tuple[Form, ...] = ("五绝", "七绝", "五律", "七律", "五言排律", "七言排律")

BREAKS = frozenset("，。！？；：、,.!?;:｡､．")
VANISH = frozenset(
    "“”‘’「」『』﹁﹂﹃﹄\"'＂＇《》〈〉—―–─-…⋯　 \t\r\u200b\u200c\u200d\u2060\ufeff\u00a0*_`~"
)
_NOTE = re.compile(r"（[^（）\n]*）|\([^()\n]*\)|［[^［］\n]*］|\[[^\[\]\n]*\]|〔[^〔〕\n]*〕|【[^【】\n]*】")
_NUMBER = re.compile(r"^\s*(?:\d{1,3}\s*[.、．)）:：]|[①-⑳])\s*")
_TITLE = re.compile(
    r"^\s*(?:《[^《》]*》[^，。！？；：、,.!?;:]{0,4}|(?:诗题|題目|题目|标题|標題|诗名|词牌|詞牌|作者|上联题)\s*[:：].*|#+\s.*)$"
)


class Line(NamedTuple):
    """One line of verse and where each character stands in the answer."""

    text: str
    offsets: tuple[int, ...]
    row: int  # which line of the answer
    mark: str = ""  # the punctuation that ends it


class Stanza(NamedTuple):
    """The verse of an answer.

    `strange` are characters that do not belong (line, character, offset), `doubt` says which other layout
    is as good, `title` is the title line where one was dropped.
    """

    lines: tuple[Line, ...]
    dropped: tuple[str, ...] = ()
    strange: tuple[tuple[int, str, int], ...] = ()
    doubt: str = ""
    title: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Lines as bare strings."""
        return tuple(line.text for line in self.lines)

    @property
    def counts(self) -> tuple[int, ...]:
        """Characters of each line."""
        return tuple(len(line.text) for line in self.lines)


def form_of(counts: tuple[int, ...]) -> Form | None:
    """The form that lines of these lengths have; None when they have none.

    >>> form_of((5, 5, 5, 5)), form_of((7,) * 8), form_of((5,) * 12), form_of((5,) * 6)
    ('五绝', '七律', '五言排律', None)
    """
    if not counts or set(counts) not in ({5}, {7}):
        return None
    five = counts[0] == 5
    if len(counts) == 4:
        return "五绝" if five else "七绝"
    if len(counts) == 8:
        return "五律" if five else "七律"
    if len(counts) >= 10 and len(counts) % 2 == 0:
        return "五言排律" if five else "七言排律"
    return None


def width(form: str) -> int:
    """Characters to a line of a form; 0 when the form does not say.

    >>> width("五律"), width("七言排律"), width("排律")
    (5, 7, 0)
    """
    return {"五": 5, "七": 7}.get(form[:1], 0)


def _cut(row: int, start: int, text: str) -> tuple[list[Line], list[tuple[int, str, int]]]:
    """Lines of one row of the answer; strange characters carry the number of their line in the row."""
    lines: list[Line] = []
    strange: list[tuple[int, str, int]] = []
    characters: list[str] = []
    offsets: list[int] = []
    for place, character in enumerate(text):
        if "\u4e00" <= character <= "\u9fff":  # nearly all of them
            characters.append(character)
            offsets.append(start + place)
        elif character in BREAKS:
            if characters:
                lines.append(Line("".join(characters), tuple(offsets), row, character))
            elif lines and not lines[-1].mark:
                lines[-1] = lines[-1]._replace(mark=character)
            characters, offsets = [], []
        elif is_han(character) or (character == "々" and characters):
            characters.append(
                characters[-1] if character == "々" else unicodedata.normalize("NFC", character)
            )
            offsets.append(start + place)
        elif character not in VANISH and unicodedata.category(character) not in ("Mn", "Cf"):
            strange.append((len(lines), character, start + place))
    if characters:
        lines.append(Line("".join(characters), tuple(offsets), row))
    return lines, strange


def read_stanza(answer: str, form: str = "") -> Stanza:
    r"""The verse of an answer.

    >>> stanza = read_stanza("《登鹳雀楼》\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。")
    >>> stanza.texts, stanza.title
    (('白日依山尽', '黄河入海流', '欲穷千里目', '更上一层楼'), '《登鹳雀楼》')
    >>> read_stanza("白日依山尽黄河入海流欲穷千里目更上一层楼").counts
    (5, 5, 5, 5)
    >>> read_stanza("白日依山A尽").strange
    ((0, 'A', 4),)
    """
    rows, dropped, title = _rows(answer)
    lines: list[Line] = []
    strange: list[tuple[int, str, int]] = []
    for row, start, text in rows:
        cut, odd = _cut(row, start, text)
        if not lines and not cut:  # a first row without a Han character: Here is the poem:
            dropped.append(text.strip())
            continue
        strange += [(len(lines) + number, character, place) for number, character, place in odd]
        lines += cut
    lines, strange, heading = _without_heading(_split_unbroken(lines, form), strange, form)
    dropped += heading
    title = title or "".join(heading[:1])
    return Stanza(tuple(lines), tuple(dropped), tuple(strange), _doubt(lines, form, bool(title)), title)


def read_lines(answer: str, titles: tuple[str, ...] = ()) -> Stanza:
    r"""Lines of any length; a first row is a title when it is in 《》 or starts with one of `titles`.

    >>> read_lines("忆江南·春\n江南好，\n风景旧曾谙。", ("忆江南",)).texts
    ('江南好', '风景旧曾谙')
    """
    rows, dropped, title = _rows(answer)
    if rows and not title and len(rows) > 1:
        first = rows[0][2].strip(" \t*《》")
        if any(first.startswith(name) for name in titles) and not re.search(r"[，。！？；,!?;]", first):
            title = rows.pop(0)[2].strip()
            dropped.append(title)
    lines: list[Line] = []
    strange: list[tuple[int, str, int]] = []
    for row, start, text in rows:
        cut, odd = _cut(row, start, text)
        strange += [(len(lines) + number, character, place) for number, character, place in odd]
        lines += cut
    return Stanza(tuple(lines), tuple(dropped), tuple(strange), "", title)


def _rows(answer: str) -> tuple[list[tuple[int, int, str]], list[str], str]:
    """Rows of the answer with notes blanked out, without fences, numbers and title lines."""
    kept: list[tuple[int, int, str]] = []
    dropped: list[str] = []
    title = ""
    start = 0
    for number, whole in enumerate(answer.splitlines(keepends=True)):
        text = whole.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
        bare = text.strip()
        if bare.startswith(("```", "~~~")):
            dropped.append(bare)
        elif not kept and _TITLE.match(bare.strip("*＊ ")):
            dropped.append(bare)
            title = title or bare.strip("*# ")
        elif bare:
            dropped += _NOTE.findall(text)
            text = _NOTE.sub(lambda found: " " * len(found.group()), text)
            numbered = _NUMBER.match(text) or re.match(r"^\s*(?:[-*+>]\s+|>)", text)
            if numbered:
                dropped.append(numbered.group().strip())
                text = " " * numbered.end() + text[numbered.end() :]
            if text.strip():
                kept.append((number, start, text))
        start += len(whole)
    return kept, dropped, title


def _without_heading(
    lines: list[Line], strange: list[tuple[int, str, int]], form: str
) -> tuple[list[Line], list[tuple[int, str, int]], list[str]]:
    """Drop a first row without a line of verse length before lines that all have it, and with it up to two more.

    These (author, 正文：) must be bare: a second row with a comma may be a line of verse gone wrong.
    """
    if form_of(tuple(len(line.text) for line in lines)):
        return lines, strange, []
    rows = list(dict.fromkeys(line.row for line in lines))
    for count in range(1, min(4, len(rows))):
        head = [line for line in lines if line.row in rows[:count]]
        rest = _split_unbroken(lines[len(head) :], form)
        counts = tuple(len(line.text) for line in rest)
        bare = all(line.mark in ("", "：", ":") for line in head if line.row != rows[0])
        if form_of(counts) and bare and all(len(line.text) != counts[0] for line in head):
            moved = [(n - len(head), c, place) for n, c, place in strange if n >= len(head)]
            return (
                rest,
                moved,
                ["".join(line.text for line in head if line.row == row) for row in rows[:count]],
            )
    return lines, strange, []


def _split_unbroken(lines: list[Line], form: str) -> list[Line]:
    """Cut whole poems or couplets that were written without breaks, where only one cut is possible."""
    lengths = {len(line.text) for line in lines}
    if len(lengths) != 1:
        return lines
    length = lengths.pop()
    total = length * len(lines)
    sizes = [
        size
        for size in (5, 7)
        if length > 7
        and length % size == 0
        and form_of((size,) * (total // size))
        and (length // size) % 2 == 0
    ]
    if len(sizes) == 2 and width(form):
        sizes = [width(form)]
    if len(sizes) != 1:
        return lines
    size = sizes[0]
    return [
        Line(
            line.text[at : at + size],
            line.offsets[at : at + size],
            line.row,
            line.mark if at + size == length else "",
        )
        for line in lines
        for at in range(0, length, size)
    ]


def _doubt(lines: list[Line], form: str, titled: bool) -> str:
    """Why two layouts are equally good, or ''."""
    counts = [len(line.text) for line in lines]
    if len(counts) == 1 and counts[0] in (70, 140) and not width(form):
        return f"全文{counts[0]}字无断句，五言七言皆可断"
    alone = len(lines) > 1 and lines[0].row != lines[1].row and not lines[0].mark
    if alone and not titled and len(set(counts)) == 1 and form_of(tuple(counts[1:])):
        return f"首行“{lines[0].text}”可作题目，也可作第一句"
    return ""
