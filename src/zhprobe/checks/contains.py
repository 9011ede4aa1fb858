"""What an answer must and must not say, how it begins and ends, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

from zhprobe.checks.constraint import (
    Bounds,
    asked_bounds,
    asked_strings,
    asked_words,
    fails,
    holds,
    loosen_list,
    places_of,
    read_both,
    undecided,
)
from zhprobe.checks.registry import check
from zhprobe.checks.script import blanked
from zhprobe.records import Item, Verdict
from zhprobe.text import punctuation, segments
from zhprobe.text.han import is_han
from zhprobe.text.normal import Level, normal, tidied, width_folded

Piece = Literal["sentence", "line", "paragraph"]
PIECES: dict[str, tuple[Callable[[str], list[str]], str, str]] = {
    "sentence": (segments.sentences, "句", "sentence"),
    "line": (segments.lines, "行", "line"),
    "paragraph": (segments.paragraphs, "段", "paragraph"),
}


def count_string(text: str, string: str) -> int:
    """How often a string occurs, not overlapping: single characters at N1, longer strings at N2.

    >>> count_string("ＡＢＣ公司abc", "abc"), count_string("A a", "a")
    (2, 1)
    """
    if len(string) == 1:
        return tidied(text).count(string)
    folded = width_folded(string)
    return width_folded(text).count(folded) if folded else 0


def _spans(text: str, strings: list[str]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(span for string in strings for span in places_of(text, string)))[:50]


def _asked(prompt: str, parameters: dict[str, Any]) -> str:
    complaint = asked_strings(prompt, parameters.get("strings", ()))
    if not complaint and (parameters.get("max") is not None or (parameters.get("min") or 1) > 1):
        complaint = asked_bounds(prompt, parameters)
    return complaint


@check(asked=_asked, loosen=loosen_list("strings"))
def must_include(answer: str, *, strings: list[str], min: int = 1, max: int | None = None) -> Verdict:
    """Met when each string occurs at least `min` and at most `max` times.

    Occurrences do not overlap. Longer strings are compared without width, case and spaces (N2), single
    characters as they are.

    >>> must_include("春天来了，春风吹。", strings=["春"], min=2).outcome
    'met'
    >>> must_include("春天来了。", strings=["春天", "秋天"]).reason
    '缺少：秋天'
    """

    def judge(text: str) -> Verdict:
        if not strings:
            return undecided("检查没有给出字符串", "the check names no string", "no_bound")
        wanted = Bounds(min, max)
        counts = {string: count_string(text, string) for string in strings}
        missing = [string for string, count in counts.items() if count == 0 and not wanted.hold(0)]
        if missing:
            return fails(
                f"缺少：{'、'.join(missing)}",
                f"missing: {', '.join(missing)}",
                "missing_string",
                spans=_spans(text, strings),
            )
        for string, count in counts.items():
            if not wanted.hold(count):
                reason = f"“{string}”出现{count}次，要求{wanted.chinese}次"
                return fails(
                    reason,
                    f"{string!r} occurs {count} times, asked for {wanted.english}",
                    wanted.code(count),
                    spans=_spans(text, [string]),
                )
        return holds(
            f"都出现了：{'、'.join(strings)}", f"all occur: {', '.join(strings)}", spans=_spans(text, strings)
        )

    return read_both(answer, judge)


def _loosen_any(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    number = parameters.get("at_least", 1)
    if number > 1:
        yield f"at_least {number - 1}", {**parameters, "at_least": number - 1}


@check(loosen=_loosen_any)
def include_any(answer: str, *, strings: list[str], at_least: int = 1) -> Verdict:
    """Met when at least `at_least` different strings of the list occur (N2).

    >>> include_any("我坐高铁去。", strings=["高铁", "动车"]).outcome
    'met'
    """

    def judge(text: str) -> Verdict:
        present = [string for string in strings if count_string(text, string)]
        if len(present) >= at_least:
            return holds(
                f"有：{'、'.join(present)}", f"present: {', '.join(present)}", spans=_spans(text, present)
            )
        reason = f"{len(strings)}个里只有{len(present)}个，要求至少{at_least}个：{'、'.join(strings)}"
        return fails(
            reason,
            f"{len(present)} of {len(strings)}, asked for {at_least}",
            "missing_string",
        )

    return read_both(answer, judge)


@check(loosen=_loosen_any)
def on_topic(answer: str, *, item: Item, strings: list[str], at_least: int = 1) -> Verdict:
    """Met when the answer speaks of what was asked (at least `at_least` of the words, N2) and is not the prompt again.

    A guard for constraints that any text can keep. The answer is the prompt again when most of its runs of
    eight Han characters stand in the prompt, unless the prompt is a text to work on and something is changed:
    half the answer of its own is enough.

    >>> from zhprobe.records import Item
    >>> item = Item("p", "i", ({"role": "user", "content": "请用三句话介绍苏州园林，不要出现数字。"},), ())
    >>> on_topic("拙政园是苏州园林的代表。", item=item, strings=["园林"]).outcome
    'met'
    >>> on_topic("请用三句话介绍苏州园林，不要出现数字。", item=item, strings=["园林"]).codes
    ('echo',)
    """

    def judge(text: str) -> Verdict:
        present = [string for string in strings if count_string(text, string)]
        if len(present) < at_least:
            return fails(f"没有说到：{'、'.join(strings)}", f"none of {', '.join(strings)}", "off_topic")
        if _echoed_share(text, item.prompt) > ECHOED:
            return fails("照抄了题目", "the prompt again", "echo")
        return holds(
            f"说到了：{'、'.join(present)}", f"speaks of {', '.join(present)}", spans=_spans(text, present)
        )

    return read_both(answer, judge)


ECHOED = 0.5  # share of an answer's runs that stand in the prompt, from which on it is a copy
RUN = 8


def _echoed_share(answer: str, prompt: str) -> float:
    """Share of the runs of eight Han characters of an answer that stand in the prompt."""
    said = "".join(filter(is_han, tidied(answer)))
    given = "".join(filter(is_han, tidied(prompt)))
    runs = [said[place : place + RUN] for place in range(len(said) - RUN + 1)]
    return sum(run in given for run in runs) / len(runs) if runs else 0.0


def _asked_absent(prompt: str, parameters: dict[str, Any]) -> str:
    return asked_strings(prompt, parameters.get("strings", ()))


@check(asked=_asked_absent, loosen=loosen_list("strings"))
def must_exclude(answer: str, *, strings: list[str], ignore: tuple[str, ...] = ()) -> Verdict:
    """Met when none of the strings occurs (N2; single characters as they are). `ignore` exempts strings.

    >>> must_exclude("天很蓝。", strings=["的", "了"]).outcome, must_exclude("天亮了。", strings=["了"]).reason
    ('met', '不该出现：了')
    """

    def judge(text: str) -> Verdict:
        prose = blanked(text, ignore)
        present = [string for string in strings if count_string(prose, string)]
        if present:
            signs = "、".join(present)
            return fails(
                f"不该出现：{signs}",
                f"must not occur: {signs}",
                "forbidden_string",
                evidence=signs,
                spans=_spans(prose, present),
            )
        return holds("没有出现不该有的词", "none of the strings occurs")

    return read_both(answer, judge)


@check
def include_all_chars(answer: str, *, characters: str) -> Verdict:
    """Met when each character of the string occurs at least once (as it is).

    >>> include_all_chars("梅花、兰草、翠竹、秋菊", characters="梅兰竹菊").outcome
    'met'
    """

    def judge(text: str) -> Verdict:
        missing = "".join(sign for sign in dict.fromkeys(characters) if sign not in text)
        if missing:
            return fails(f"缺字：{missing}", f"missing: {missing}", "missing_character")
        return holds(f"“{characters}”各字都出现了", f"all of {characters} occur")

    return read_both(answer, judge)


@check(asked=asked_words("重复|重覆|重複", "no character twice"))
def char_no_repeat(answer: str, *, ignore: str = "") -> Verdict:
    """Met when no Han character occurs twice, but those in `ignore`; there must be at least two.

    >>> char_no_repeat("春夏秋冬").outcome, char_no_repeat("天上天下").reason
    ('met', '重复的字：天')
    """

    def judge(text: str) -> Verdict:
        counts = Counter(sign for sign in text if is_han(sign) and sign not in ignore)
        if len(counts) < 2:
            return fails("汉字不足两个", "fewer than two Han characters", "no_han")
        repeated = "".join(sign for sign, count in counts.items() if count > 1)
        if repeated:
            spans = tuple((place, place + 1) for place, sign in enumerate(text) if sign in repeated)[:50]
            return fails(
                f"重复的字：{repeated}", f"repeated: {repeated}", "repeated", evidence=repeated, spans=spans
            )
        return holds("没有重复的字", "no Han character occurs twice")

    return read_both(answer, judge)


@check
def equals(answer: str, *, value: str, level: Level = "N3") -> Verdict:
    """Met when the whole answer equals the value at a level of sameness (N0 to N4).

    >>> equals("北京。", value="北京").outcome, equals("是北京。", value="北京").outcome
    ('met', 'not_met')
    """
    return one_of(answer, options=[value], level=level)


@check
def one_of(answer: str, *, options: list[str], level: Level = "N3") -> Verdict:
    """Met when the whole answer equals one of the options at a level of sameness.

    >>> one_of("正面", options=["正面", "积极"]).outcome, one_of("不正面", options=["正面"]).outcome
    ('met', 'not_met')
    """

    def judge(text: str) -> Verdict:
        found = normal(text, level)
        for option in options:
            if found == normal(option, level):
                return holds(f"回答是“{option}”", f"the answer is {option!r}")
        wanted = "”或“".join(options)
        return fails(
            f"回答不是“{wanted}”",
            f"the answer is none of {', '.join(options)}",
            "not_equal",
            evidence=tidied(text)[:80],
        )

    return read_both(answer, judge)


def _asked_text(prompt: str, parameters: dict[str, Any]) -> str:
    return asked_strings(prompt, [str(parameters.get("text", ""))])


@check(asked=_asked_text)
def starts_with(answer: str, *, text: str) -> Verdict:
    """Met when the answer begins with the text, exactly (N1).

    >>> starts_with("综上，可行。", text="综上").outcome, starts_with("“综上”", text="综上").outcome
    ('met', 'not_met')
    """

    def judge(given: str) -> Verdict:
        if text and tidied(given).startswith(tidied(text)):
            return holds(f"以“{text}”开头", f"begins with {text!r}")
        return fails(
            f"不以“{text}”开头",
            f"does not begin with {text!r}",
            "wrong_start",
            evidence=tidied(given)[: len(text) + 10],
        )

    return read_both(answer, judge)


@check(asked=_asked_text)
def ends_with(answer: str, *, text: str) -> Verdict:
    """Met when the answer ends with the text, exactly (N1).

    >>> ends_with("就这样。完毕", text="完毕").outcome, ends_with("完毕。", text="完毕").outcome
    ('met', 'not_met')
    """

    def judge(given: str) -> Verdict:
        if text and tidied(given).endswith(tidied(text)):
            return holds(f"以“{text}”结尾", f"ends with {text!r}")
        return fails(
            f"不以“{text}”结尾",
            f"does not end with {text!r}",
            "wrong_end",
            evidence=tidied(given)[-len(text) - 10 :],
        )

    return read_both(answer, judge)


@check(asked=_asked_text)
def each_starts_with(answer: str, *, text: str, piece: Piece) -> Verdict:
    """Met when every sentence, line or paragraph begins with the text.

    Opening quotes and brackets and list markers before it are passed over.

    >>> each_starts_with("我来。我看。", text="我", piece="sentence").outcome
    'met'
    """
    cut, word, word_en = PIECES[piece]

    def judge(given: str) -> Verdict:
        found = cut(given)
        if not found:
            return fails(f"没有一{word}可数", f"there is no {word_en}", "no_piece")
        for number, part in enumerate(found, start=1):
            if not (part.startswith(text) or punctuation.without_opening_marks(part).startswith(text)):
                reason = f"第{number}{word}不以“{text}”开头"
                return fails(
                    reason,
                    f"{word_en} {number} does not begin with {text!r}",
                    "wrong_start",
                    evidence=part[:60],
                )
        return holds(f"{len(found)}{word}都以“{text}”开头", f"all {len(found)} begin with {text!r}")

    return read_both(answer, judge)


@check(
    asked=lambda prompt, parameters: asked_strings(
        prompt, [str(parameters.get("first", "")), str(parameters.get("second", ""))]
    )
)
def order_before(answer: str, *, first: str, second: str) -> Verdict:
    """Met when both occur and the first `first` stands before the first `second` (N2).

    >>> order_before("先说优点，再说缺点。", first="优点", second="缺点").outcome
    'met'
    """

    def judge(text: str) -> Verdict:
        folded = width_folded(text)
        one, two = folded.find(width_folded(first)), folded.find(width_folded(second))
        if one < 0 or two < 0:
            missing = first if one < 0 else second
            return fails(f"没有“{missing}”", f"{missing!r} does not occur", "missing_string")
        if one < two:
            return holds(
                f"“{first}”在“{second}”之前",
                f"{first!r} before {second!r}",
                spans=_spans(text, [first, second]),
            )
        return fails(
            f"“{second}”在“{first}”之前",
            f"{second!r} before {first!r}",
            "order_violation",
            spans=_spans(text, [first, second]),
        )

    return read_both(answer, judge)


@check(asked=_asked_text)
def repeat_prompt(answer: str, *, text: str, more: bool = True) -> Verdict:
    """Met when the answer begins with the given text, word for word (N1); with `more` something must follow.

    >>> repeat_prompt("天为什么蓝？\\n因为散射。", text="天为什么蓝？").outcome, repeat_prompt("天为什么蓝？", text="天为什么蓝？").outcome
    ('met', 'not_met')
    """

    def judge(given: str) -> Verdict:
        tidy, wanted = tidied(given), tidied(text)
        if not tidy.startswith(wanted):
            return fails(
                "没有先照抄原话", "does not begin with the given text", "wrong_start", evidence=tidy[:60]
            )
        if more and not segments.words(tidy[len(wanted) :]):
            return fails("照抄之后没有回答", "nothing follows the repeated text", "nothing_more")
        return holds("先照抄了原话", "begins with the given text")

    return read_both(answer, judge)
