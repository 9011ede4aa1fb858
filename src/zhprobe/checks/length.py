"""How long an answer is, and how many sentences, paragraphs, blocks and lines it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from zhprobe.checks.constraint import (
    Bounds,
    asked_bounds,
    bounds,
    fails,
    holds,
    judge_count,
    loosen_bounds,
    read_both,
    undecided,
)
from zhprobe.checks.registry import check
from zhprobe.records import Verdict
from zhprobe.text import segments
from zhprobe.text.segments import UNIT_NAMES, Unit, count_units

_UNIT_IS_SAID = {
    "han": re.compile("[汉漢]字|标点[^，。；\n]{0,6}不[算计]|不[算计含包][^，。；\n]{0,6}标点|[五七]言|字"),
    "visible": re.compile("字符|标点[^，。；\n不]{0,8}[算计]|[含包连][^，。；\n]{0,4}标点"),
    "word_style": re.compile("Word|WPS|文档|字数统计", re.IGNORECASE),
    "tokens": re.compile("字词|单词|英文词"),
    "han_or_visible": re.compile("字"),
}


def _asked(prompt: str, parameters: dict[str, Any]) -> str:
    complaint = asked_bounds(prompt, parameters)
    unit = parameters.get("unit", "")
    if not complaint and unit in _UNIT_IS_SAID and not _UNIT_IS_SAID[unit].search(prompt):
        return f"the prompt does not say what is counted (unit = {unit})"
    return complaint


def _asked_total(prompt: str, parameters: dict[str, Any]) -> str:
    complaint = _asked(prompt, parameters)
    plainly = re.search("[汉漢]字|标点|標點", prompt)
    if not complaint and parameters.get("unit") == "han" and not plainly:
        return "the prompt does not say that only Han characters count (只数汉字，标点不算)"
    return complaint


def _loosen(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for label, looser in loosen_bounds(parameters):
        if looser.get("min") != 0:  # an empty reply fails anyway
            yield label, looser


def _measure(text: str, unit: Unit, wanted: Bounds) -> tuple[bool, int, str]:
    """Whether a piece lies within, its size, and a code of the side it fell on."""
    if unit == "han_or_visible":
        sizes = [count_units(text, "han"), count_units(text, "visible")]
        good = next((size for size in sizes if wanted.hold(size)), None)
        size = sizes[0] if good is None else good
        return good is not None, size, wanted.code(size)
    size = count_units(text, unit)
    return wanted.hold(size), size, wanted.code(size)


@check(asked=_asked_total, loosen=_loosen)
def length_total(
    answer: str,
    *,
    unit: Unit,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
    plain: bool = False,
) -> Verdict:
    """Met when the whole answer has as many units as asked.

    `unit`: han (汉字数: no punctuation, digits, Latin), visible (字符数: all but white space), word_style
    (字数 as a word processor counts), tokens (字词数), or han_or_visible where a prompt taken from people
    says only 字: it passes if either does (code unit_ambiguous). Bounds are inclusive; `about` is ten per
    cent either way. Markdown counts as written unless `plain`.

    >>> length_total("春眠不觉晓，处处闻啼鸟。", unit="han", exactly=10).outcome
    'met'
    >>> length_total("春眠不觉晓，处处闻啼鸟。", unit="visible", max=10).reason
    '共12个字符（不计空白），要求至多10个字符（不计空白）'
    """
    wanted = bounds(min, max, exactly, about)

    def judge(text: str) -> Verdict:
        if wanted is None:
            return undecided("检查没有给出数目", "the check names no bound", "no_bound")
        counted = segments.without_markup(text) if plain else text
        name, name_en = UNIT_NAMES[unit]
        good, size, code = _measure(counted, unit, wanted)
        reason = f"共{size}个{name}，要求{wanted.chinese}个{name}"
        reason_en = f"{size} {name_en}, asked for {wanted.english}"
        extra = ("unit_ambiguous",) if unit == "han_or_visible" else ()
        if good:
            return Verdict("met", reason, reason_en, codes=extra)
        return fails(reason, reason_en, code, *extra)

    return read_both(answer, judge)


def _judge_each(
    answer: str, pieces: Callable[[str], list[str]], name: tuple[str, str], unit: Unit, wanted: Bounds | None
) -> Verdict:
    def judge(text: str) -> Verdict:
        if wanted is None:
            return undecided("检查没有给出数目", "the check names no bound", "no_bound")
        found = pieces(text)
        word, word_en = name
        unit_name, unit_en = UNIT_NAMES[unit]
        if not found:
            return fails(f"没有一{word}可数", f"there is no {word_en} to count", "no_piece")
        for number, piece in enumerate(found, start=1):
            good, size, code = _measure(piece, unit, wanted)
            if not good:
                reason = f"第{number}{word}有{size}个{unit_name}，要求{wanted.chinese}个"
                reason_en = f"{word_en} {number} has {size} {unit_en}, asked for {wanted.english}"
                return fails(reason, reason_en, code, evidence=piece[:200])
        reason = f"共{len(found)}{word}，每{word}{wanted.chinese}个{unit_name}"
        return holds(reason, f"each of {len(found)} has {wanted.english} {unit_en}")

    return read_both(answer, judge)


@check(asked=_asked, loosen=_loosen)
def length_each_sentence(
    answer: str,
    *,
    unit: Unit,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
) -> Verdict:
    """Met when every sentence (。！？ at the outermost level, or a line break) has as many units as asked.

    >>> length_each_sentence("天亮了。鸟叫了。", unit="han", exactly=3).outcome
    'met'
    """
    wanted = bounds(min, max, exactly, about)
    return _judge_each(answer, segments.sentences, ("句", "sentence"), unit, wanted)


@check(asked=_asked, loosen=_loosen)
def length_each_line(
    answer: str,
    *,
    unit: Unit,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
) -> Verdict:
    """Met when every line that is not blank has as many units as asked.

    >>> length_each_line("天亮了，\\n鸟叫。", unit="han", exactly=3).reason
    '第2行有2个汉字，要求恰好3个'
    """
    wanted = bounds(min, max, exactly, about)
    return _judge_each(answer, segments.lines, ("行", "line"), unit, wanted)


@check(asked=_asked, loosen=_loosen)
def length_each_paragraph(
    answer: str,
    *,
    unit: Unit,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
) -> Verdict:
    """Met when every paragraph (a line with something on it) has as many units as asked.

    >>> length_each_paragraph("甲乙丙\\n\\n丁戊己", unit="han", min=3).outcome
    'met'
    """
    wanted = bounds(min, max, exactly, about)
    return _judge_each(answer, segments.paragraphs, ("段", "paragraph"), unit, wanted)


def _judge_number(
    answer: str, pieces: Callable[[str], list[str]], of: tuple[str, str], wanted: Bounds | None
) -> Verdict:
    return read_both(answer, lambda text: judge_count(len(pieces(text)), wanted, of))


@check(asked=asked_bounds, loosen=_loosen)
def count_sentences(
    answer: str,
    *,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
) -> Verdict:
    """Met when there are as many sentences as asked.

    Sentences end at 。！？ outside quotation marks and brackets, and at line breaks; …… and ； end none.

    >>> count_sentences("他说：“好。”然后走了。天黑了。", exactly=2).outcome
    'met'
    """
    return _judge_number(answer, segments.sentences, ("句", "sentences"), bounds(min, max, exactly, about))


@check(asked=asked_bounds, loosen=_loosen)
def count_paragraphs(
    answer: str,
    *,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
) -> Verdict:
    """Met when there are as many paragraphs (lines with something on them) as asked.

    >>> count_paragraphs("第一段\\n\\n第二段", exactly=2).outcome
    'met'
    """
    return _judge_number(answer, segments.paragraphs, ("段", "paragraphs"), bounds(min, max, exactly, about))


@check(asked=asked_bounds, loosen=_loosen)
def count_blocks(
    answer: str,
    *,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
) -> Verdict:
    """Met when there are as many blocks (parts set apart by a blank line) as asked.

    >>> count_blocks("一\\n二\\n\\n三", exactly=2).outcome
    'met'
    """
    return _judge_number(answer, segments.blocks, ("块", "blocks"), bounds(min, max, exactly, about))


@check(asked=asked_bounds, loosen=_loosen)
def count_lines(
    answer: str,
    *,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    about: int | None = None,
) -> Verdict:
    """Met when there are as many lines with something on them as asked.

    >>> count_lines("一\\n\\n二", exactly=3).reason
    '共2行，要求恰好3行'
    """
    return _judge_number(answer, segments.lines, ("行", "lines"), bounds(min, max, exactly, about))
