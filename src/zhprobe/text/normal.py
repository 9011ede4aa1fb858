"""Five levels of sameness: each one a named change to a text, so that nothing is folded unseen.

    N0 as_written      code points as they are
    N1 tidied          NFC, line ends, no invisible characters, trimmed
    N2 width_folded    N1 with full-width forms and Chinese marks as ASCII, spaces and case folded
    N3 end_trimmed     N2 without marks at the end
    N4 script_folded   N3 with Traditional characters as Simplified

Not NFKC: it turns ① into 1, ㎡ into m2 and … into three dots. Punctuation is never deleted: 1.5 would
equal 15, and 2024-01-02 would equal 20240102.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import regex

from zhprobe.text.script import fold_to_simplified

Level = Literal["N0", "N1", "N2", "N3", "N4"]

BLANKS = " \t\n\N{IDEOGRAPHIC SPACE}"

# zero width, direction marks, soft hyphen, variation selectors; the joiner is treated apart
_INVISIBLE = regex.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+"
)
# a zero-width joiner between two pictographs makes one sign of them; anywhere else it is invisible
_JOINER = regex.compile(
    "(?<!\\p{Extended_Pictographic}|\\p{Emoji_Modifier})\u200d|\u200d(?!\\p{Extended_Pictographic})"
)

NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width ASCII to ASCII, one for one
_WIDTH = NARROW | {0x3000: 0x20}
_MARKS = str.maketrans("。“”‘’、—【】《》", ".\"\"'',-[]<>")
_FOLD = _WIDTH | _MARKS
_SPACES = regex.compile(r"\s+")
_SPACE_BY_NON_ASCII = regex.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


def as_written(text: str) -> str:
    """Level N0: the text itself."""
    return text


def tidied(text: str) -> str:
    r"""Level N1: what no reader can see is gone; every visible character stays.

    >>> tidied("\ufeff 你\u200b好\r\n再见　")
    '你好\n再见'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _JOINER.sub("", _INVISIBLE.sub("", text))
        text = unicodedata.normalize("NFC", text)
    return text.strip(BLANKS)


def fold_width(text: str) -> str:
    """Full-width ASCII and the ideographic space as ASCII; nothing else is touched.

    >>> fold_width("Ａ１，①。")
    'A1,①。'
    """
    return text if text.isascii() else text.translate(_WIDTH)


def width_folded(text: str) -> str:
    """Level N2: width, the ASCII partners of Chinese marks, spaces and case no longer count.

    >>> width_folded("ＡＢＣ　公司（“甲”）。")
    'abc公司("甲").'
    >>> width_folded("1.5") == width_folded("15"), width_folded("①") == width_folded("1")
    (False, False)
    """
    for _ in range(4):  # case folding can undo NFC for a handful of Greek and Latin letters
        before = text
        text = tidied(text).translate(_FOLD)
        text = _SPACES.sub(" ", text)
        text = _SPACE_BY_NON_ASCII.sub("", text).casefold()
        if text == before:
            break
    return text.strip()


def end_trimmed(text: str) -> str:
    """Level N3: as N2, and marks at the end do not count.

    >>> end_trimmed("好的。") == end_trimmed("好的！")
    True
    """
    return width_folded(text).rstrip(".!?;,~ ")


def script_folded(text: str) -> str:
    """Level N4: as N3, and Traditional characters count as their Simplified forms.

    Both sides of a comparison are folded, so characters legal in both scripts (乾, 著) do no harm.

    >>> script_folded("臺灣") == script_folded("台湾")
    True
    """
    return fold_to_simplified(end_trimmed(text))


LEVELS: dict[str, Callable[[str], str]] = {
    "N0": as_written,
    "N1": tidied,
    "N2": width_folded,
    "N3": end_trimmed,
    "N4": script_folded,
}


def normal(text: str, level: Level) -> str:
    """The text at a level of sameness.

    >>> normal("你好。", "N3")
    '你好'
    """
    return _normal(text, level) if len(text) <= 200 else LEVELS[level](text)


@lru_cache(maxsize=8192)
def _normal(text: str, level: Level) -> str:
    return LEVELS[level](text)  # a wanted value is compared with many replies


def same(one: str, other: str, level: Level) -> bool:
    """Tell whether two texts are equal at a level.

    >>> same("北京", "北京。", "N1"), same("北京", "北京。", "N3")
    (False, True)
    """
    return normal(one, level) == normal(other, level)
