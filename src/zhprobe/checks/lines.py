"""Lines of a fixed length: 五言, 七言, and shapes given line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex

from zhprobe.checks.constraint import fails, holds, names_number, read_both
from zhprobe.checks.registry import check
from zhprobe.records import Verdict
from zhprobe.text import segments
from zhprobe.text.han import count_han

_VERSE_END = regex.compile(r"[，。！？；,.!?;\n]+")


def _verses(text: str) -> list[str]:
    """Verses by their marks, where two stand on a line."""
    return [part for part in _VERSE_END.split(text) if count_han(part)]


def _judge(found: list[str], lengths: list[int]) -> Verdict:
    if len(found) != len(lengths):
        reason = f"共{len(found)}行，要求{len(lengths)}行"
        return fails(reason, f"{len(found)} lines, asked for {len(lengths)}", "wrong_count")
    for number, (line, wanted) in enumerate(zip(found, lengths, strict=True), start=1):
        if (size := count_han(line)) != wanted:
            reason = f"第{number}行有{size}个汉字，要求{wanted}个"
            reason_en = f"line {number} has {size} Han characters, asked for {wanted}"
            return fails(reason, reason_en, "wrong_length", evidence=line[:200])
    shape = "、".join(map(str, dict.fromkeys(lengths)))
    return holds(f"共{len(lengths)}行，字数为{shape}", f"{len(lengths)} lines of {shape} Han characters")


def _read(answer: str, lengths: list[int]) -> Verdict:
    strict = read_both(answer, lambda text: _judge(segments.lines(text), lengths))
    if strict.lenient != "not_met" or "empty" in strict.codes:
        return strict
    loose = read_both(answer, lambda text: _judge(_verses(text), lengths))
    if loose.lenient != "met":
        return strict
    return Verdict(
        strict.outcome,
        f"{strict.reason}（按标点断句则符合）",
        f"{strict.reason_en} (met when cut at punctuation)",
        evidence=strict.evidence,
        lenient="met",
        codes=strict.codes,
        detail={"kind": "constraint", "passed_by": "cut_at_marks"},
    )


def _asked(prompt: str, parameters: dict[str, Any]) -> str:
    for key in ("lines", "characters"):
        value = parameters.get(key)
        if not isinstance(value, int) or names_number(prompt, value):
            continue
        if key == "lines" and any(
            form in prompt for form in ("绝句", "律诗", "五绝", "七绝", "五律", "七律", "对联", "上联")
        ):
            continue
        if key == "characters" and any(form in prompt for form in ("五绝", "七绝", "五律", "七律")):
            continue
        return f"{key} = {value} does not occur in the prompt"
    return ""


def _loosen(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("lines", "characters"):
        for step in (-1, 1):
            yield f"{key} {parameters[key] + step}", {**parameters, key: parameters[key] + step}


@check(asked=_asked, loosen=_loosen)
def line_lengths(answer: str, *, lines: int, characters: int) -> Verdict:
    r"""Met when there are `lines` lines of exactly `characters` Han characters.

    Blank lines and punctuation do not count. A title line does: the prompts that use this check ask for
    none. Loosely, verses that share a line are cut at their marks.

    >>> line_lengths("千山鸟飞绝，\n万径人踪灭。", lines=2, characters=5).outcome
    'met'
    >>> found = line_lengths("千山鸟飞绝，万径人踪灭。", lines=2, characters=5)
    >>> found.outcome, found.lenient
    ('not_met', 'met')
    """
    return _read(answer, [characters] * max(0, min(lines, 10_000)))


@check
def line_shape(answer: str, *, lengths: list[int]) -> Verdict:
    r"""Met when the lines have these numbers of Han characters, in order (宝塔诗, 三行诗, 词).

    >>> line_shape("山\n看山\n我看山", lengths=[1, 2, 3]).outcome
    'met'
    """
    return _read(answer, lengths)
