"""Recitation of whole articles, abstaining from it, and the words of an article that an explanation must keep."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from zhprobe.text.law_compare import coverage, missing_paragraphs
from zhprobe.text.law_hashes import gram_hashes, normalised, place_of
from zhprobe.text.law_library import own_text
from zhprobe.text.law_quotes import article_hashes
from zhprobe.text.law_versions import held_on
from zhprobe.text.legal_amounts import chinese_number, half_width


@dataclass(frozen=True)
class Recitation:
    """`whole`, `near` (hashes cannot tell), `other`, or `unknown` (the article is not held)."""

    outcome: Literal["whole", "near", "other", "unknown"]
    share: float = 0.0  # of the article's words that the answer holds
    missing: tuple[int, ...] = ()  # 款 it lacks
    paragraphs: int = 0


def recitation(law: str, key: str, day: str, answer: str) -> Recitation:
    """Whether an answer holds the whole text of an article (specification 7.4).

    >>> recitation("中华人民共和国民法典", "3", "2026-09-30", "不知道").outcome
    'other'
    """
    plain = normalised(answer)
    statute = own_text(law, day)
    held = held_on(law, day)
    article = held.articles.get(key) if held else None
    if article is not None and not article.deleted:
        own = array("I", article_hashes(article))
        grams = gram_hashes(plain)
        if place_of(own, grams.tobytes()) >= 0:
            return Recitation("whole", 1.0)
        seen = set(grams)
        share = sum(gram in seen for gram in own) / len(own) if own else 0.0
        missing = tuple(missing_paragraphs(law, key, day, answer))
        count = len(article.paragraphs)
    elif statute is not None and key in statute.articles:
        share, missing, count = (
            0.0,
            tuple(missing_paragraphs(law, key, day, answer)),
            len(statute.articles[key]),
        )
    else:
        return Recitation("unknown")
    if statute is not None and key in statute.articles:
        text = normalised(statute.text(key))
        recalled, start, end = coverage(text, plain)
        near = recalled >= 0.97 and coverage(plain[start:end], text)[0] >= 0.97
        return Recitation("whole" if near else "other", round(recalled, 2), missing, count)
    return Recitation("near" if share >= 0.8 else "other", round(share, 2), missing, count)


_ABSTAINS = re.compile(
    r"(?:无法|不能|不敢|难以|没有办法|没办法|不便)(?:完全|准确|百分之百|逐字|一字不差|保证)*(?:地)?[^。；\n]{0,14}(?:确认|保证|核实|提供|逐字|背诵|复述|引用|原文|确定|给出|记得|查证|判断)"
    r"|(?:请|建议|务必|应当?)(?:您|你)?[^。；\n]{0,10}(?:以|查阅|核对|参阅|查询|对照)[^。；\n]{0,24}(?:官方|正式文本|公布的文本|国家法律法规数据库|权威|原文为准)"
    r"|我(?:并)?不(?:知道|清楚|确定|记得)|记不(?:清|准)|没有(?:把握|记住)|不(?:确定|清楚)(?:该条|这一条|原文|条文)"
)


def says_cannot_vouch(answer: str) -> tuple[int, int] | None:
    """Place of the words by which an answer says that it cannot give or vouch for a text.

    >>> says_cannot_vouch("我不能确认条文原文，请以官方文本为准。")
    (1, 9)
    """
    match = _ABSTAINS.search(answer)
    return match.span() if match else None


_CRITICAL = re.compile(
    r"[零一二三四五六七八九十百千万两\d.]{1,12}(?:年|个月|月|日|天|倍|元|周岁|岁|小时|人)|百分之[零一二三四五六七八九十百点]{1,8}|\d{1,6}(?:\.\d{1,4})?%"
    r"|以上|以下|以内|超过|不满|应当|可以|不得|必须|但是|除外"
)
# What may stand for a word in plain speech.
_SAYS = {
    "应当": "应当|应该|应|必须|须|要|得(?!到)", "必须": "必须|应当|应该|须|要", "可以": "可以|可|能|有权", "不得": "不得|不能|不可|不许|禁止|不应|不允许|不准|不可以",
    "但是": "但|除外|除非|例外|不过", "除外": "除外|但|除非|例外|除了", "以上": "以上|至少|不低于|不少于|起", "以下": "以下|至多|最多|不超过|不高于|以内",
    "以内": "以内|内|之内|不超过", "超过": "超过|超出|多于|大于|高于|上限|最多|不超过|以内|最长|至多|满", "不满": "不满|不到|未满|不足|少于|低于",
}  # fmt: skip


@lru_cache(maxsize=256)
def critical_words(text: str) -> tuple[str, ...]:
    """Numbers with a unit, limits, 应当 可以 不得, exceptions of a text, each once, in order.

    >>> critical_words("当事人应当在三十日内答复，但是不得超过二倍。")
    ('应当', '三十日', '但是', '不得', '超过', '二倍')
    """
    return tuple(dict.fromkeys(_CRITICAL.findall(half_width(text))))


def _value(token: str) -> tuple[str, str] | None:
    """(number, unit) of a numeric token, the same for 三年 and 3年."""
    match = re.fullmatch(r"百分之(.+)|([零一二三四五六七八九十百千万两\d.]+)(\D+)", token)
    if not match:
        return None
    number, unit = (match[1], "%") if match[1] else (match[2], match[3])
    value = number if re.fullmatch(r"\d+(?:\.\d+)?", number) else chinese_number(number)
    unit = {"个月": "月", "周岁": "岁", "天": "日"}.get(unit, unit)
    return (f"{float(value):g}", unit) if value is not None else None


def keeps_word(answer: str, token: str) -> bool:
    """Whether an answer keeps a critical word, numbers by value, others by what may stand for them.

    >>> keeps_word("最多20%", "百分之二十"), keeps_word("3年", "三年"), keeps_word("可以", "不得")
    (True, True, False)
    """
    wanted = _value(token)
    plain = half_width(answer)
    if wanted is None:
        return re.search(_SAYS.get(token, re.escape(token)), plain) is not None
    return any(_value(other) == wanted for other in _CRITICAL.findall(plain))
