"""Reasoning that stands inside a reply: where it is, and the reply without it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# (opening, closing) marks as models write them: <think> of DeepSeek, Qwen, GLM and others, the marks of
# Seed, Kimi, Magistral and Command, the analysis channel of gpt-oss, the thought channel of Gemma.
MARKS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel|>analysis<|message|>", "<|end|>"),
    ("<|channel>thought", "<channel|>"),
)
_OPENING = re.compile(r"(?:\A|(?<=\n)|(?<=>))[ \t]*(" + "|".join(re.escape(o) for o, _ in MARKS) + ")")
_CLOSING = dict(MARKS)


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A reply parted in two. `visible` keeps every offset: reasoning is blanked, not cut out."""

    visible: str
    reasoning: str
    spans: tuple[tuple[int, int], ...]
    unclosed: bool

    @property
    def removed(self) -> bool:
        """Whether there was any reasoning."""
        return bool(self.spans)


def part_reasoning(raw: str) -> Reasoned:
    r"""Find reasoning blocks; an opened and never closed one takes the rest of the reply.

    A block opens at the start of the reply, of a line or after a special token, so that a mark quoted
    inside a JSON string opens nothing. A closing mark with no opening closes what stands before it:
    some chat templates write the opening mark into the prompt.

    >>> part_reasoning("<think>想想</think>好").visible.strip()
    '好'
    >>> part_reasoning("想想\n</think>\n好").reasoning
    '想想\n'
    >>> part_reasoning("<think>没完").unclosed
    True
    """
    spans: list[tuple[int, int]] = []
    pieces: list[str] = []
    unclosed = False
    position = 0
    for closing in ("</think>", "[/THINK]", "◁/think▷"):
        end = raw.find(closing)
        opening = next(o for o, c in MARKS if c == closing)
        if end >= 0 and opening not in raw[:end] and not _is_quoted(raw, end):
            spans.append((0, end + len(closing)))
            pieces.append(raw[:end])
            position = end + len(closing)
            break
    while match := _OPENING.search(raw, position):
        closing = _CLOSING[match[1]]
        end = raw.find(closing, match.end())
        if end < 0:
            unclosed = True
            spans.append((match.start(), len(raw)))
            pieces.append(raw[match.end() :])
            break
        spans.append((match.start(), end + len(closing)))
        pieces.append(raw[match.end() : end])
        position = end + len(closing)
    return Reasoned(blank(raw, spans), "\n".join(pieces), tuple(spans), unclosed)


def blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with places blanked out and every offset kept; places may overlap.

    >>> blank("甲乙丙丁", [(1, 3)])
    '甲  丁'
    """
    kept, place = [], 0
    for start, end in sorted(spans):
        if end > place:
            kept += [text[place : max(start, place)], " " * (end - max(start, place))]
            place = end
    return "".join([*kept, text[place:]])


def _is_quoted(raw: str, place: int) -> bool:
    """Whether a mark stands inside a quoted string of its line: then it is text, not a mark."""
    start = raw.rfind("\n", 0, place) + 1
    end = raw.find("\n", place)
    before, after = raw[start:place], raw[place : end if end >= 0 else len(raw)]
    return before.count('"') % 2 == 1 and '"' in after
