"""Units a person counts: characters, words, sentences, lines, paragraphs, blocks.

Every function works on level N1 (`normal.tidied`); Markdown is kept unless a caller takes it off first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import regex

from zhprobe.text.han import count_han
from zhprobe.text.normal import BLANKS, tidied

Unit = Literal["han", "visible", "word_style", "tokens", "han_or_visible"]

UNIT_NAMES = {
    "han": ("汉字", "Han characters"),
    "visible": ("字符（不计空白）", "visible characters"),
    "word_style": ("字（文档字数）", "characters as a word processor counts"),
    "tokens": ("字词", "characters and words"),
    "han_or_visible": ("字（汉字或字符）", "Han or visible characters"),
}

_HAN = "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003ffff〇]"
# marks of CJK text: the CJK block without 々〆〇 and numerals, full-width and vertical forms, quotes, dash, dots
_CJK_MARK = "[\u3001-\u3003\u3008-\u3020\u3030\u303d\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’…—·‥‧]"
_WORD_STYLE = regex.compile(f"{_HAN}|{_CJK_MARK}|(?:(?!{_HAN}|{_CJK_MARK})\\S)+")
_TOKEN = regex.compile(
    f"{_HAN}|\\p{{Latin}}[\\p{{Latin}}\\p{{M}}]*(?:['’-]\\p{{Latin}}[\\p{{Latin}}\\p{{M}}]*)*|[0-9０-９]+(?:[.,:．][0-9０-９]+)*[%％]?"
)
_GRAPHEME = regex.compile(r"\X")
_URL = regex.compile(r"(?:https?|ftp)://[!-~]*[!-~--[.,;:!?'\"()]]", regex.VERSION1)

TERMINATORS = "。！？!?｡"
TRAIL = "…～~"
PAIRS = {
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "《": "》",
    "【": "】",
    "〔": "〕",
    "[": "]",
    "{": "}",
    "﹁": "﹂",
}
CLOSERS = frozenset(PAIRS.values()) | {'"'}


def graphemes(text: str) -> list[str]:
    """What a reader sees as single signs.

    >>> graphemes("好👍🏻！")
    ['好', '👍🏻', '！']
    """
    return list(_GRAPHEME.findall(text))


def count_visible(text: str) -> int:
    """Signs other than white space; punctuation counts.

    >>> count_visible("你 好，\\n世界。")
    6
    """
    return sum(not sign.isspace() for sign in graphemes(tidied(text)))


def count_word_style(text: str) -> int:
    """字数 as a word processor shows it: a Han character 1, a CJK mark 1, any other run 1.

    >>> count_word_style("价格是3.14元。")
    6
    """
    return len(_WORD_STYLE.findall(tidied(text)))


def words(text: str) -> list[str]:
    """Han characters, Latin words and numbers; no punctuation.

    >>> words("iPhone 15很贵")
    ['iPhone', '15', '很', '贵']
    """
    return list(_TOKEN.findall(tidied(text)))


def count_tokens(text: str) -> int:
    """字词数: a Han character, a Latin word and a number count 1 each, punctuation 0.

    >>> count_tokens("共100%完成")
    4
    """
    return len(words(text))


_COUNTERS: dict[str, Callable[[str], int]] = {
    "han": lambda text: count_han(tidied(text)),
    "visible": count_visible,
    "word_style": count_word_style,
    "tokens": count_tokens,
}


def count_units(text: str, unit: Unit) -> int:
    """How many of a unit a text has; `han_or_visible` is counted by its callers, both ways.

    >>> [count_units("你好，Bob。", unit) for unit in ("han", "visible", "word_style", "tokens")]
    [2, 7, 5, 3]
    """
    return _COUNTERS[unit](text)


def lines(text: str) -> list[str]:
    """Lines with something on them, trimmed.

    >>> lines("　　一\\n\\n二 \\n　")
    ['一', '二']
    """
    return [kept for line in tidied(text).split("\n") if (kept := line.strip(BLANKS))]


def paragraphs(text: str) -> list[str]:
    """段: each line with something other than spaces, as Chinese typesetting has it."""
    return lines(text)


def blocks(text: str) -> list[str]:
    """Paragraphs set apart by at least one blank line.

    >>> blocks("第一行\\n第二行\\n\\n\\n第三行")
    ['第一行\\n第二行', '第三行']
    """
    found: list[list[str]] = [[]]
    for line in tidied(text).split("\n"):
        kept = line.strip(BLANKS)
        if kept:
            found[-1].append(kept)
        elif found[-1]:
            found.append([])
    return ["\n".join(block) for block in found if block]


def sentences(text: str) -> list[str]:
    """句, by marks at the outermost level; a line break ends a sentence, an ellipsis alone does not.

    >>> sentences("他说：“好。”然后走了。“你好。”“再见。”")
    ['他说：“好。”然后走了。', '“你好。”', '“再见。”']
    """
    found: list[str] = []
    waiting = ""  # a piece with nothing to count, before any sentence
    for line in lines(text):
        for number, piece in enumerate(_line_pieces(line)):
            if _TOKEN.search(piece):
                found.append(waiting + piece)
                waiting = ""
            elif found:
                found[-1] += piece if number else "\n" + piece
            else:
                waiting += piece
    return found


def _line_pieces(line: str) -> list[str]:
    """One line cut after each mark that ends a sentence."""
    depth, closes_outer = _depths(line)
    in_url = {place for match in _URL.finditer(line) for place in range(*match.span())}
    cuts: list[int] = []
    place = 0
    while place < len(line):
        ends = False
        if place in in_url:
            pass
        elif place in closes_outer:
            ends = _closed_sentence_ends(line, place)
        elif depth[place] == 0:
            ends = line[place] in TERMINATORS or (line[place] == "." and _full_stop_ends(line, place))
        place += 1
        if ends:
            while place < len(line) and (
                line[place] in TERMINATORS
                or line[place] in TRAIL
                or (line[place] in CLOSERS and depth[place] == 0)
            ):
                if line[place] == '"' and place in _quote_openers(line):
                    break
                place += 1
            cuts.append(place)
    starts = [0, *cuts]
    stops = [*cuts, len(line)]
    return [piece for a, b in zip(starts, stops, strict=True) if (piece := line[a:b].strip(BLANKS))]


def _matches(line: str) -> dict[int, int]:
    """Place of each opening mark that is closed on the same line, with the place of its partner."""
    stack: list[int] = []
    matched: dict[int, int] = {}
    for place, sign in enumerate(line):
        if sign == '"':
            opener = next((i for i in range(len(stack) - 1, -1, -1) if line[stack[i]] == '"'), None)
            if opener is None:
                stack.append(place)
            else:
                matched[stack[opener]] = place
                del stack[opener:]
        elif sign in PAIRS:
            stack.append(place)
        elif sign in CLOSERS:
            opener = next(
                (i for i in range(len(stack) - 1, -1, -1) if PAIRS.get(line[stack[i]]) == sign), None
            )
            if opener is not None:
                matched[stack[opener]] = place
                del stack[opener:]
    return matched


def _quote_openers(line: str) -> set[int]:
    return {place for place in _matches(line) if line[place] == '"'}


def _depths(line: str) -> tuple[list[int], set[int]]:
    """How many closed pairs each place lies in, and the places that close an outermost pair."""
    depth = [0] * len(line)
    outer: set[int] = set()
    end = -1
    for first, last in sorted(_matches(line).items()):
        if first > end:  # an outermost pair; all inside it is depth 1 or more
            depth[first : last + 1] = [1] * (last + 1 - first)
            outer.add(last)
            end = last
    return depth, outer


def _closed_sentence_ends(line: str, place: int) -> bool:
    """After “……。” the sentence ends at the line's end or when the next sign opens a new pair."""
    inner = line[:place].rstrip("".join(CLOSERS) + BLANKS)
    if not inner or inner[-1] not in TERMINATORS:
        return False
    rest = line[place + 1 :].lstrip(BLANKS)
    return not rest or rest[0] in PAIRS or rest[0] == '"'


def _full_stop_ends(line: str, place: int) -> bool:
    """An ASCII full stop ends a sentence before a space or the line's end, unless after a digit or capital."""
    before = line[place - 1] if place else ""
    after = line[place + 1] if place + 1 < len(line) else " "
    return after in BLANKS and not (before.isdigit() or before.isupper() or before in ("", ".", " "))


_OPENING = regex.compile(r"^(?:.*[：:]|(?:好的|当然|以下是).*)$")
_CLOSING = regex.compile(r"^(?:希望|如果你|如需).*$")
_HEADING_MARK = regex.compile(r"(?m)^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?)")
_EMPHASIS = regex.compile(r"(?<!\\)(\*{1,3}|_{2,3}|~~)(?=\S)(.+?)(?<=\S)\1")


def without_markup(text: str) -> str:
    """Without Markdown emphasis and heading marks; lists, tables and code stay.

    >>> without_markup("# 标题\\n**要点**：好")
    '标题\\n要点：好'
    """
    text = _HEADING_MARK.sub("", text)
    for _ in range(3):
        shorter = _EMPHASIS.sub(r"\2", text)
        if shorter == text:
            break
        text = shorter
    return text


def without_opening(text: str) -> str:
    """Without a first line that only introduces the rest.

    >>> without_opening("好的，诗如下：\\n床前明月光")
    '床前明月光'
    """
    first, found, rest = tidied(text).partition("\n")
    return rest.strip(BLANKS) if found and _OPENING.match(first.strip(BLANKS)) else text


def without_closing(text: str) -> str:
    """Without a last line that only offers more.

    >>> without_closing("床前明月光\\n希望你喜欢！")
    '床前明月光'
    """
    rest, found, last = tidied(text).rpartition("\n")
    return rest.strip(BLANKS) if found and _CLOSING.match(last.strip(BLANKS)) else text


def loose_variants(text: str) -> dict[str, str]:
    """The reply, then the reply without what a model adds around its work (loose reading).

    >>> list(loose_variants("好"))
    ['as_is', 'without_opening', 'without_closing', 'without_markup', 'all']
    """
    return {
        "as_is": text,
        "without_opening": without_opening(text),
        "without_closing": without_closing(text),
        "without_markup": without_markup(text),
        "all": without_markup(without_closing(without_opening(text))),
    }
