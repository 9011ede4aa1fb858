"""What the constraint checks share: bounds, the strict and the loose reading, lint of what is asked.

Bounds are written the same way everywhere: `min`, `max` (both inclusive), `exactly`, or `about`
(左右, 大约: ten per cent either way, rounded outward). Upper bounds alone are won by one word: pair them.

Loose reading (`Verdict.lenient`): the reply passes if it does so without an introducing first line, without
a closing last line, without Markdown emphasis and headings, or without all three.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from zhprobe.records import Verdict
from zhprobe.text.normal import fold_width, tidied
from zhprobe.text.numbers import write_number
from zhprobe.text.segments import loose_variants

Judge = Callable[[str], Verdict]
VARIANT_NAMES = {
    "without_opening": ("去掉开场白后", "without its opening line"),
    "without_closing": ("去掉结束语后", "without its closing line"),
    "without_markup": ("去掉 Markdown 标记后", "without Markdown marks"),
    "all": ("去掉开场白、结束语和标记后", "without opening, closing and marks"),
}


class Bounds(NamedTuple):
    """A range with both ends inclusive; None is open."""

    low: int | None
    high: int | None

    def hold(self, number: int) -> bool:
        """Tell whether a number lies within.

        >>> Bounds(2, 3).hold(3), Bounds(None, 3).hold(4)
        (True, False)
        """
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    @property
    def chinese(self) -> str:
        """As a Chinese reader says it."""
        if self.low == self.high:
            return f"恰好{self.low}"
        if self.low is None:
            return f"至多{self.high}"
        return f"至少{self.low}" if self.high is None else f"{self.low}到{self.high}"

    @property
    def english(self) -> str:
        """The same in English."""
        if self.low == self.high:
            return f"exactly {self.low}"
        if self.low is None:
            return f"at most {self.high}"
        return f"at least {self.low}" if self.high is None else f"{self.low} to {self.high}"

    def code(self, number: int) -> str:
        """Which side a number lies on: too_few, too_many or ''."""
        if self.low is not None and number < self.low:
            return "too_few"
        return "too_many" if self.high is not None and number > self.high else ""


def bounds(min: int | None, max: int | None, exactly: int | None, about: int | None = None) -> Bounds | None:
    """The range the parameters name, or None when they name none.

    >>> bounds(None, None, None, about=45)
    Bounds(low=40, high=50)
    >>> bounds(3, None, None), bounds(None, None, 4), bounds(None, None, None)
    (Bounds(low=3, high=None), Bounds(low=4, high=4), None)
    """
    if exactly is not None:
        return Bounds(exactly, exactly)
    if about is not None:
        return Bounds(about * 9 // 10, -(-about * 11 // 10))
    return None if min is None and max is None else Bounds(min, max)


def fails(reason: str, reason_en: str, *codes: str, **more: Any) -> Verdict:
    """A verdict `not_met`."""
    return Verdict("not_met", reason, reason_en, codes=codes, **more)


def holds(reason: str, reason_en: str, **more: Any) -> Verdict:
    """A verdict `met`."""
    return Verdict("met", reason, reason_en, **more)


def undecided(reason: str, reason_en: str, *codes: str, **more: Any) -> Verdict:
    """A verdict `unsure`."""
    return Verdict("unsure", reason, reason_en, codes=codes, **more)


EMPTY = Verdict("not_met", "回答是空的", "the answer is empty", lenient="not_met", codes=("empty",))


def read_both(answer: str, judge: Judge) -> Verdict:
    """The strict verdict of a rule, with the loose reading beside it; an empty reply fails every rule."""
    if not tidied(answer):
        return EMPTY
    strict = judge(answer)
    if strict.outcome != "not_met":
        return msgspec.structs.replace(strict, lenient=strict.outcome)
    tried = {answer}
    for name, variant in loose_variants(answer).items():
        if variant in tried or not tidied(variant):
            continue
        tried.add(variant)
        if judge(variant).outcome == "met":
            words, words_en = VARIANT_NAMES[name]
            return msgspec.structs.replace(
                strict,
                reason=f"{strict.reason}（{words}符合）",
                reason_en=f"{strict.reason_en} (met {words_en})",
                lenient="met",
                detail={"kind": "constraint", **(strict.detail or {}), "passed_by": name},
            )
    return msgspec.structs.replace(strict, lenient="not_met")


def judge_count(number: int, wanted: Bounds | None, of: tuple[str, str], **more: Any) -> Verdict:
    """Whether a count lies within bounds, said as 共3句，要求恰好4句."""
    chinese, english = of
    if wanted is None:
        return undecided("检查没有给出数目", "the check names no bound", "no_bound")
    reason = f"共{number}{chinese}，要求{wanted.chinese}{chinese}"
    reason_en = f"{number} {english}, asked for {wanted.english}"
    if wanted.hold(number):
        return holds(reason, reason_en, **more)
    return fails(reason, reason_en, wanted.code(number), **more)


def places_of(text: str, needle: str) -> tuple[tuple[int, int], ...]:
    """Where a string stands in a text, not overlapping.

    >>> places_of("好好好", "好好")
    ((0, 2),)
    """
    if not needle:
        return ()
    return tuple(match.span() for match in re.finditer(re.escape(needle), text))


# -- lint: does the prompt ask for it? ------------------------------------------------------------


def spellings_of(number: int) -> set[str]:
    """How a prompt may write a number: 4, 四; 2, 二, 两, 双."""
    written = {str(number), write_number(number)} if number >= 0 else {str(number)}
    if number >= 1000:
        written.add(f"{number:,}")
    if number == 2:
        written |= {"两", "双"}
    if number == 200:
        written.add("两百")
    return written


def names_number(prompt: str, number: int) -> bool:
    """Tell whether a prompt names a number, in Arabic or Chinese.

    >>> names_number("写四句", 4), names_number("写14句", 4), names_number("写十四句", 4)
    (True, False, False)
    """
    text = fold_width(prompt)
    numerals = "零〇一二三四五六七八九十百千万两"
    for spelling in spellings_of(number):
        edge = "[0-9]" if spelling[0].isascii() else f"[{numerals}]"
        if re.search(f"(?<!{edge}){re.escape(spelling)}(?!{edge})", text):
            return True
    return False


def asked_bounds(prompt: str, parameters: dict[str, Any]) -> str:
    """A complaint when a bound is not in the prompt; a least count of 1 need not be said."""
    given = {key: parameters.get(key) for key in ("min", "max", "exactly", "about")}
    if all(value is None for value in given.values()):
        return "names no bound: give min, max, exactly or about"
    for key, value in given.items():
        if isinstance(value, int) and not (key == "min" and value <= 1) and not names_number(prompt, value):
            return f"{key} = {value} does not occur in the prompt"
    return ""


# what a prompt may call a mark instead of writing it
_MARK_NAMES = {
    "!": "叹号|感嘆號|歎號",
    "?": "问号|問號",
    ",": "逗号|逗號",
    "。": "句号|句號",
    "、": "顿号|頓號",
    ";": "分号|分號",
    ":": "冒号|冒號",
    "%": "百分号|百分號",
    "…": "省略号",
    "—": "破折号",
}


def asked_strings(prompt: str, strings: Iterable[str]) -> str:
    """A complaint when a string that the answer is held to is not in the prompt, nor a mark by its name."""
    folded = fold_width(prompt)
    for string in strings:
        named = _MARK_NAMES.get(fold_width(string))
        if fold_width(string) not in folded and not (named and re.search(named, prompt)):
            return f"「{string}」 does not occur in the prompt"
    return ""


def asked_words(words: str, what: str) -> Callable[[str, dict[str, Any]], str]:
    """A lint hook: the prompt must say one of the words (a pattern) for `what` to be held against an answer.

    >>> asked_words("简体|简化字", "Simplified script")("写一句话", {})
    'the prompt does not ask for Simplified script'
    """

    def asked(prompt: str, parameters: dict[str, Any]) -> str:
        return "" if re.search(words, prompt, re.IGNORECASE) else f"the prompt does not ask for {what}"

    return asked


# -- mutation: one step looser --------------------------------------------------------------------


def loosen_bounds(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each bound moved by one; an exact number opened by one on either side.

    >>> [label for label, _ in loosen_bounds({"min": 2, "max": 4, "unit": "han"})]
    ['min 1', 'max 5']
    """
    rest = {key: value for key, value in parameters.items() if key not in ("exactly", "about")}
    wanted = bounds(None, None, parameters.get("exactly"), parameters.get("about"))
    if wanted is not None and wanted.low is not None and wanted.high is not None:
        yield f"min {wanted.low - 1}", {**rest, "min": wanted.low - 1, "max": wanted.high}
        yield f"max {wanted.high + 1}", {**rest, "min": wanted.low, "max": wanted.high + 1}
        return
    if (low := parameters.get("min")) is not None and low > 0:
        yield f"min {low - 1}", {**parameters, "min": low - 1}
    if (high := parameters.get("max")) is not None:
        yield f"max {high + 1}", {**parameters, "max": high + 1}


def loosen_list(key: str) -> Callable[[dict[str, Any]], Iterator[tuple[str, dict[str, Any]]]]:
    """A hook that leaves out one string of a list parameter at a time."""

    def loosen(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        values = list(parameters.get(key, ()))
        for place, value in enumerate(values):
            kept = values[:place] + values[place + 1 :]
            yield f"without {value}", {**parameters, key: kept}
        if set(parameters) & {"min", "max", "exactly"}:
            yield from loosen_bounds(parameters)

    return loosen


def nothing_looser(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The hook of a check that has no looser step: its parameters only exempt or pick."""
    yield from ()
