"""Marks of Chinese and Western text, and where an ASCII mark stands in Chinese prose."""

from __future__ import annotations

import unicodedata

import regex

from zhprobe.text.han import HAN_ZERO, is_han

ASCII_MARKS = ",.!?;:()"
OPENING = "“‘「『（(《〈【〔[{\"'"
CLOSING = "”’」』）)》〉】〕]}\"'"

# code, links and addresses are not prose
_NOT_PROSE = regex.compile(
    r"```.*?```|~~~.*?~~~|`[^`\n]+`|(?:https?|ftp)://[!-~]+|(?<![A-Za-z0-9._+-])[A-Za-z0-9._+-]++@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    regex.DOTALL,
)
_LIST_NUMBER = regex.compile(r"(?m)^[ \t]*(?:[0-9]{1,3}[.)]|\([0-9]{1,3}\)|[-*+])(?=\s|\p{Han})")


def is_mark(character: str) -> bool:
    """Tell whether one character is punctuation (Unicode category P); 〇 is a numeral.

    >>> [is_mark(c) for c in "，.…—%$〇"]
    [True, True, True, True, True, False, False]
    """
    return character != HAN_ZERO and unicodedata.category(character).startswith("P")


def find_ascii_marks(text: str) -> list[int]:
    """Places of ASCII marks that stand next to a Han character in prose.

    Numbers of list items, code and links are left out; inside a Latin or number run a mark is at home.

    >>> find_ascii_marks("你好,世界。版本3.5,见README.md")
    [2, 11]
    >>> find_ascii_marks("1. 第一条\\n2. 第二条")
    []
    """
    skipped = set()
    for pattern in (_NOT_PROSE, _LIST_NUMBER):
        skipped |= {place for found in pattern.finditer(text) for place in range(*found.span())}
    found = []
    for place, sign in enumerate(text):
        if sign in ASCII_MARKS and place not in skipped:
            around = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
            if any(map(is_han, around)):
                found.append(place)
    return found


def without_opening_marks(line: str) -> str:
    """A line without the opening marks, list marker and Markdown before its first word.

    >>> without_opening_marks("1. “春天来了。”"), without_opening_marks("- **春**天"), without_opening_marks("（一）春")
    ('春天来了。”', '春**天', '春')
    """
    line = line.lstrip(" \t\N{IDEOGRAPHIC SPACE}")
    line = regex.sub(
        r"^(?:#{1,6}\s+|>\s*)?(?:[-*+•·]\s+|[0-9]{1,3}[.、)）．]\s*|[（(][0-9一二三四五六七八九十]{1,3}[)）]\s*|[一二三四五六七八九十]{1,3}、\s*|[①-⑳]\s*)?",
        "",
        line,
    )
    return line.lstrip(OPENING + "*_ ")
