"""What differs between two answers, word by word. Words are jieba's, so that 诉讼 is not cut in two."""

from __future__ import annotations

import logging
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Literal

Change = Literal["same", "only_a", "only_b"]


@cache
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba


def words(text: str) -> list[str]:
    """The words of a text; joined they give it back.

    >>> words("诉讼时效为三年。")
    ['诉讼时效', '为', '三年', '。']
    """
    return [str(word) for word in _jieba().cut(text, HMM=False)]


def word_lengths(text: str) -> str:
    """Lengths of the words as one digit each (longer words in pieces of nine), for a page to cut by.

    >>> word_lengths("诉讼时效为三年。")
    '4121'
    """
    made = []
    for word in words(text):
        full, rest = divmod(len(word), 9)
        made.append("9" * full + (str(rest) if rest else ""))
    return "".join(made)


def differences(a: str, b: str) -> list[tuple[Change, str]]:
    """Pieces of both answers in reading order, told apart by where they stand.

    >>> differences("诉讼时效为三年", "诉讼时效为两年")
    [('same', '诉讼时效为'), ('only_a', '三年'), ('only_b', '两年')]
    """
    first, second = words(a), words(b)
    made: list[tuple[Change, str]] = []
    for kind, i, j, k, m in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            made.append(("same", "".join(first[i:j])))
            continue
        if i < j:
            made.append(("only_a", "".join(first[i:j])))
        if k < m:
            made.append(("only_b", "".join(second[k:m])))
    return made
