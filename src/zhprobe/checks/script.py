"""Which script and which signs an answer is written in: 简体, 繁体, Latin, digits, punctuation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex

from zhprobe.checks.constraint import asked_words, fails, holds, nothing_looser, read_both, undecided
from zhprobe.checks.registry import check
from zhprobe.records import Verdict
from zhprobe.text import punctuation, segments
from zhprobe.text.han import count_han
from zhprobe.text.numbers import read_number
from zhprobe.text.script import Script, find_possible, find_script

ENOUGH_HAN = 20  # from here on a text in one script shows at least one character of that script alone
_LATIN = regex.compile(r"\p{Latin}+")
_ASCII_LATIN = regex.compile(r"[A-Za-z]+")
_DIGITS = regex.compile(r"[0-9０-９]+")
_ASCII_DIGITS = regex.compile(r"[0-9]+")
_NUMERALS = "零〇一二两三四五六七八九十百千万亿"
# possessive and from the start of a run only: a reply of numerals alone stays linear
_COUNTED = regex.compile(
    f"(?<![{_NUMERALS}])[{_NUMERALS}]++(?:点[{_NUMERALS}]++)?(?=[个只头条张把位名人年月日天周号時时点分秒岁元块角次遍项款章节页本册件套台辆座层间米里斤两克吨亩倍种类等级步段句行成])"
)
_BARE_NUMERALS = regex.compile(f"[{_NUMERALS}]{{2,}}+")
_NO_NUMBER = frozenset(["一", "万", "千万", "万万", "十分", "百", "千", "两", "十"])


def blanked(text: str, ignore: Iterable[str]) -> str:
    """The text with exempt strings blanked out, so that places stay true.

    >>> blanked("他说 OK 了", ["OK"])
    '他说    了'
    """
    for string in sorted(ignore, key=len, reverse=True):
        if string:
            text = text.replace(string, " " * len(string))
    return text


def _spans(places: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple((place, place + 1) for place in places[:50])


def _quoted(text: str, places: Sequence[int]) -> str:
    return "".join(dict.fromkeys(text[place] for place in places))[:40]


def _judge_script(answer: str, wanted: Script, ignore: Iterable[str]) -> Verdict:
    other: Script = "traditional" if wanted == "simplified" else "simplified"
    name, other_name = ("简体", "繁体") if wanted == "simplified" else ("繁体", "简体")

    def judge(text: str) -> Verdict:
        prose = blanked(text, ignore)
        wrong = find_script(prose, other)
        if wrong:
            signs = _quoted(text, wrong)
            reason, reason_en = f"有只属{other_name}的字：{signs}", f"characters of {other} alone: {signs}"
            return fails(reason, reason_en, f"{other}_character", evidence=signs, spans=_spans(wrong))
        if not (han := count_han(prose)):
            return fails("没有汉字", "no Han characters", "no_han")
        if not find_script(prose, wanted) and han >= ENOUGH_HAN:
            reason = f"{han}个汉字里没有一个只属{name}的字，无法判定"
            reason_en = f"none of {han} Han characters belongs to {wanted} alone"
            return undecided(reason, reason_en, "script_undecided")
        possible = find_possible(prose, other)
        note = f"；{_quoted(text, possible)}多见于{other_name}，不计" if possible else ""
        return holds(
            f"没有只属{other_name}的字{note}", f"no character of {other} alone", spans=_spans(possible)
        )

    return read_both(answer, judge)


@check(asked=asked_words("简体|简化字|简體", "Simplified script"), loosen=nothing_looser)
def script_simplified(answer: str, *, ignore: tuple[str, ...] = ()) -> Verdict:
    """Met when no character belongs to Traditional script alone.

    Characters legal in both (后 里 面 干 范 松 云 系 著 乾) never count against it. Twenty Han characters or
    more without one of Simplified alone are `unsure`. `ignore` exempts quoted strings.

    >>> script_simplified("范先生在后面。").outcome, script_simplified("漢字").outcome
    ('met', 'not_met')
    """
    return _judge_script(answer, "simplified", ignore)


@check(asked=asked_words("繁体|繁體|正體|正体", "Traditional script"), loosen=nothing_looser)
def script_traditional(answer: str, *, ignore: tuple[str, ...] = ()) -> Verdict:
    """Met when no character belongs to Simplified script alone.

    Nothing is converted and compared: 范先生 is good Traditional. Regional forms (裏/裡) are not told apart.

    >>> script_traditional("范先生說：後天見。").outcome, script_traditional("范先生说").outcome
    ('met', 'not_met')
    """
    return _judge_script(answer, "traditional", ignore)


def _judge_pattern(
    answer: str, pattern: regex.Pattern[str], name: tuple[str, str], code: str, ignore: Iterable[str]
) -> Verdict:
    def judge(text: str) -> Verdict:
        found = list(pattern.finditer(blanked(text, ignore)))
        if not found:
            return holds(f"没有{name[0]}", f"no {name[1]}")
        signs = "、".join(dict.fromkeys(match[0] for match in found[:10]))
        return fails(
            f"有{name[0]}：{signs}",
            f"{name[1]}: {signs}",
            code,
            evidence=signs,
            spans=tuple(match.span() for match in found[:50]),
        )

    return read_both(answer, judge)


@check(asked=asked_words("字母|英文|英语|拉丁|拼音|外文|汉字", "no Latin letters"), loosen=nothing_looser)
def no_latin(answer: str, *, fullwidth: bool = True, ignore: tuple[str, ...] = ()) -> Verdict:
    """Met when there is no Latin letter, full-width ones and letters with accents included.

    With `fullwidth = false` only A–Z and a–z count.

    >>> no_latin("第三季度").outcome, no_latin("用Ａ计划").outcome, no_latin("用Ａ计划", fullwidth=False).outcome
    ('met', 'not_met', 'met')
    """
    return _judge_pattern(
        answer, _LATIN if fullwidth else _ASCII_LATIN, ("拉丁字母", "Latin letters"), "latin", ignore
    )


@check(asked=asked_words("数字|數字|阿拉伯|数码", "no Arabic digits"), loosen=nothing_looser)
def no_digits(answer: str, *, fullwidth: bool = True, ignore: tuple[str, ...] = ()) -> Verdict:
    """Met when there is no digit 0–9, full-width ones included; 一, 壹, ① and ½ are not digits.

    >>> no_digits("一共三十五①").outcome, no_digits("共３个").outcome
    ('met', 'not_met')
    """
    return _judge_pattern(
        answer, _DIGITS if fullwidth else _ASCII_DIGITS, ("阿拉伯数字", "Arabic digits"), "digit", ignore
    )


@check(asked=asked_words("阿拉伯|数字|數字", "Arabic digits alone"), loosen=nothing_looser)
def no_chinese_numerals(answer: str, *, ignore: tuple[str, ...] = ()) -> Verdict:
    """Met when no Chinese numeral is used as a number (只用阿拉伯数字).

    A numeral before a counter (三个, 五十元) or a run that reads as a number (三百零五) is one. 一 alone before
    a counter is `unsure`: 一个 is often no number. 万一, 十分, 千万, 一些 are words.

    >>> [no_chinese_numerals(t).outcome for t in ("共3个", "共三个", "一个人来了", "十分好")]
    ['met', 'not_met', 'unsure', 'met']
    """

    def judge(text: str) -> Verdict:
        prose = blanked(text, [*ignore, "十分", "千万", "万万", "一点", "两样", "一分为二", "三三两两"])
        hits = [match for match in _COUNTED.finditer(prose) if match[0] not in _NO_NUMBER]
        hits += [match for match in _BARE_NUMERALS.finditer(prose) if read_number(match[0]) is not None]
        if hits:
            signs = "、".join(dict.fromkeys(match[0] for match in hits[:10]))
            spans = tuple(match.span() for match in hits[:50])
            return fails(
                f"有汉字数字：{signs}",
                f"Chinese numerals: {signs}",
                "chinese_numeral",
                evidence=signs,
                spans=spans,
            )
        maybe = [match for match in _COUNTED.finditer(prose) if match[0] in ("一", "两", "十")]
        if any(match[0] in ("两", "十") for match in maybe):
            return fails(
                "有汉字数字", "Chinese numerals", "chinese_numeral", spans=tuple(m.span() for m in maybe[:50])
            )
        if maybe:
            return undecided(
                "只有“一”加量词，是否算数字要由人判定", "only 一 with a counter", "numeral_undecided"
            )
        return holds("没有当数字用的汉字数字", "no Chinese numeral used as a number")

    return read_both(answer, judge)


@check(asked=asked_words("标点|標點", "Chinese punctuation"), loosen=nothing_looser)
def punctuation_chinese(answer: str, *, ignore: tuple[str, ...] = ()) -> Verdict:
    """Met when no ASCII mark (, . ! ? ; : ( )) stands next to a Han character.

    Marks inside Latin or number runs, in links, addresses, code and list numbers are at home. The answer
    must have Han characters.

    >>> punctuation_chinese("你好，3.14版。").outcome, punctuation_chinese("你好,世界。").outcome
    ('met', 'not_met')
    """

    def judge(text: str) -> Verdict:
        prose = blanked(text, ignore)
        places = punctuation.find_ascii_marks(prose)
        if places:
            signs = _quoted(text, places)
            return fails(
                f"汉字旁有英文标点：{signs}",
                f"ASCII marks next to Han: {signs}",
                "ascii_mark",
                evidence=signs,
                spans=_spans(places),
            )
        if not count_han(prose):
            return fails("没有汉字", "no Han characters", "no_han")
        return holds("没有用英文标点", "no ASCII mark next to a Han character")

    return read_both(answer, judge)


@check(asked=asked_words("标点|標點", "no punctuation"))
def punctuation_none(answer: str, *, keep: str = "") -> Verdict:
    """Met when there is no punctuation (Unicode category P) but the marks in `keep`.

    >>> punctuation_none("春眠不觉晓").outcome, punctuation_none("春眠，").outcome, punctuation_none("甲、乙", keep="、").outcome
    ('met', 'not_met', 'met')
    """

    def judge(text: str) -> Verdict:
        places = [place for place, sign in enumerate(text) if punctuation.is_mark(sign) and sign not in keep]
        if places:
            signs = _quoted(text, places)
            return fails(
                f"有标点：{signs}", f"punctuation: {signs}", "mark", evidence=signs, spans=_spans(places)
            )
        return holds("没有标点", "no punctuation")

    return read_both(answer, judge)


@check(asked=asked_words("标点|標點|逗号|句号", "some marks alone"))
def punctuation_only(answer: str, *, marks: str, required: bool = True) -> Verdict:
    """Met when all punctuation is among `marks`; with `required` at least one of them must occur.

    >>> punctuation_only("天亮了，起床。", marks="，。").outcome, punctuation_only("天亮了！", marks="，。").outcome
    ('met', 'not_met')
    """

    def judge(text: str) -> Verdict:
        found = [place for place, sign in enumerate(text) if punctuation.is_mark(sign)]
        places = [place for place in found if text[place] not in marks]
        if places:
            signs = _quoted(text, places)
            return fails(
                f"有别的标点：{signs}",
                f"other marks: {signs}",
                "other_mark",
                evidence=signs,
                spans=_spans(places),
            )
        if required and not found:
            return fails(f"没有用到标点{marks}", f"none of {marks} occurs", "no_mark")
        return holds(f"标点只用了{marks}", f"only {marks}")

    return read_both(answer, judge)


@check
def sentences_end_with(answer: str, *, marks: str) -> Verdict:
    """Met when every sentence ends with one of `marks`; closing quotes and brackets after it are passed over.

    >>> sentences_end_with("来了！走了！", marks="！").outcome, sentences_end_with("来了！走了。", marks="！").outcome
    ('met', 'not_met')
    """

    def judge(text: str) -> Verdict:
        found = segments.sentences(text)
        if not found:
            return fails("没有句子", "there is no sentence", "no_piece")
        for number, sentence in enumerate(found, start=1):
            core = sentence.rstrip("".join(set(punctuation.CLOSING) - set(marks)))
            if not core or core[-1] not in marks:
                reason = f"第{number}句不以“{marks}”收尾"
                return fails(
                    reason,
                    f"sentence {number} does not end with {marks}",
                    "wrong_end",
                    evidence=sentence[-60:],
                )
        return holds(f"{len(found)}句都以“{marks}”收尾", f"all {len(found)} sentences end with {marks}")

    return read_both(answer, judge)
