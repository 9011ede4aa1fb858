"""Short answers: a letter, a yes or no, a number, a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import regex

from zhprobe.checks.constraint import fails, holds, read_both, undecided
from zhprobe.checks.registry import check
from zhprobe.records import Verdict
from zhprobe.text import segments
from zhprobe.text.normal import end_trimmed, fold_width, tidied
from zhprobe.text.numbers import read_number

PATTERN_SECONDS = 0.1

_CUE = r"(?<![不没别])(?:最终答案|正确答案|参考答案|答案|应选|应该选|故选|所以选|因此选|我选|选择|选项|选|answer)(?:应当|应该|应|就)?(?:是|为)?(?:选)?[】\])]?\s*[:\-]?\s*"
_WRAP = r"[\s(\[<\"'*【（“]*"
# 答案是A吗？ and 选A不对 choose nothing
_TAKEN_BACK = r"(?!\s*(?:项|选项)?\s*(?:吗|\?|？|不对|不正确|不行|不是|是?错|有误|就错|或|还是))"


def _cued_letters(text: str, letters: str) -> list[str]:
    """The letters named after 答案是, 选 and the like, one entry a cue."""
    one = f"[{regex.escape(letters)}]"
    # A、B and A和B项 name two; in B，A项错误 the second letter begins the next remark
    more = f"(?:\\s*[、和与及/]\\s*{one}|[\\s,;.]*{one}(?=[\\s,/、和与及;.。)\\]】*]|$|{one}))*+"
    pattern = f"(?i:{_CUE}){_WRAP}({one}{more})(?![A-Za-z]){_TAKEN_BACK}"
    return ["".join(sorted(set(regex.findall(one, found)))) for found in regex.findall(pattern, text)]


def read_choice(answer: str, letters: str = "ABCD") -> tuple[str, bool] | None:
    """The letters an answer chooses, sorted, and whether the answer is nothing but them; None when unclear.

    >>> read_choice("B"), read_choice("答案：（C）。因为……"), read_choice("A、D"), read_choice("A 还是 B？")
    (('B', True), ('C', False), ('AD', True), None)
    """
    text = fold_width(tidied(segments.without_markup(answer)))
    upper = text.upper() if len(text.upper()) == len(text) else text
    bare = regex.sub(r"[\s()\[\]<>【】《》“”\"'.,。，、;；和与*]", "", upper)
    if bare and all(sign in letters for sign in bare):
        return "".join(sorted(set(bare))), True
    cued = _cued_letters(text, letters)
    if cued:
        final = _cued_letters(text[text.rfind("最终") :], letters) if "最终" in text else []
        found = set(final or cued)
        return (found.pop(), False) if len(found) == 1 else None
    alone = set(regex.findall(f"(?<![A-Za-z0-9])[{regex.escape(letters)}](?![A-Za-z0-9])", text))
    if len(alone) == 1:
        letter = alone.pop()
        taken = regex.search(f"(?:[不非没别]|排除|除了)\\s*(?:选择|选|是)?\\s*{letter}", text)
        stands = regex.search(f"{letter}{_TAKEN_BACK}", text)
        return None if taken or not stands else (letter, False)
    first = regex.match(f"{_WRAP}([{regex.escape(letters)}])(?:[.、。,:：)）\\s]|$)", text)
    last = regex.search(f"(?m)^{_WRAP}([{regex.escape(letters)}])[.。)）\\s]*\\Z", text)
    ends = {found[1] for found in (first, last) if found}
    return (ends.pop(), False) if len(ends) == 1 and not (first and len(alone) > 1 and not last) else None


def _lenient_of_more(verdict: Verdict) -> Verdict:
    """Right, but with more said than was asked: not met for a strict reader, met for a lenient one."""
    if "extra_text" not in verdict.codes:
        return verdict
    return Verdict(
        "not_met",
        verdict.reason,
        verdict.reason_en,
        evidence=verdict.evidence,
        lenient="met",
        codes=verdict.codes,
    )


@check
def choice_letter(answer: str, *, correct: str, letters: str = "ABCD", only: bool = False) -> Verdict:
    """Met when the answer chooses exactly the letters in `correct` (more than one: all of them, any order).

    The choice is the whole answer, what follows 答案是 or 选, or the only letter that stands alone. Answers
    that name several without choosing are `unsure`. With `only`, anything besides the letters fails
    strictly and passes loosely.

    >>> choice_letter("答案是B。", correct="B").outcome, choice_letter("C", correct="B").outcome
    ('met', 'not_met')
    >>> found = choice_letter("答案是B。", correct="B", only=True)
    >>> found.outcome, found.lenient
    ('not_met', 'met')
    >>> choice_letter("A和B都有道理", correct="B").outcome
    'unsure'
    """
    wanted = "".join(sorted(set(correct)))

    def judge(text: str) -> Verdict:
        found = read_choice(text, letters)
        if found is None:
            if not any(sign in fold_width(text).upper() for sign in letters):
                return fails("没有选项字母", "no letter is chosen", "no_choice")
            return undecided(
                "看不出选了哪一项", "the choice is unclear", "choice_undecided", evidence=tidied(text)[:80]
            )
        chosen, bare = found
        if chosen != wanted:
            return fails(
                f"选了{chosen}，应选{wanted}",
                f"chose {chosen}, right is {wanted}",
                "wrong_choice",
                evidence=chosen,
            )
        if only and not bare:
            return fails(
                f"选对了{wanted}，但不只有字母",
                f"chose {wanted}, but said more",
                "extra_text",
                evidence=chosen,
            )
        return holds(f"选了{chosen}", f"chose {chosen}", evidence=chosen)

    return _lenient_of_more(read_both(answer, judge))


_YES = ("是", "对", "正确", "是的", "对的", "能", "可以", "会", "有", "成立", "属于", "true", "yes", "√", "✓")
_NO = (
    "否",
    "不",
    "错",
    "错误",
    "不是",
    "不对",
    "不正确",
    "不能",
    "不可以",
    "不会",
    "没有",
    "不成立",
    "不属于",
    "false",
    "no",
    "×",
    "✗",
)


_SAID_OF_IT = regex.compile(
    r"(?:该|这个|这种|这句|此|上述|题中)?(?:说法|表述|观点|判断|话|结论|题)?(?:是)?(不?正确|错误|不?对|错)(?:的)?"
)


@check
def yes_or_no(answer: str, *, value: bool, only: bool = False) -> Verdict:
    """Met when the answer, or its first words, say yes (`value = true`) or no.

    是, 对, 正确, 能 … against 否, 不, 错, 不能 …; a negated word is read whole, so 不对 is never 对; 该说法错误
    is read too. An answer that begins with neither is `unsure`. With `only`, more than the word fails strictly.

    >>> yes_or_no("不对。", value=False).outcome, yes_or_no("对", value=False).outcome
    ('met', 'not_met')
    >>> yes_or_no("这要看情况。", value=True).outcome
    'unsure'
    """

    def judge(text: str) -> Verdict:
        plain = end_trimmed(segments.without_markup(text))
        bare = regex.sub(r"^(?:答案|判断|回答|结论|答)(?:是|为)?[: ]+|^答案(?:是|为)", "", plain) or plain
        head = regex.split(r"[,.;:!?\n ]", bare)[0]
        of_it = _SAID_OF_IT.fullmatch(head)
        word = of_it[1] if of_it and head not in _YES and head not in _NO else head
        said = True if word in _YES else False if word in _NO else None
        if said is None:
            return undecided(
                "开头没有明说是或否", "does not begin with yes or no", "choice_undecided", evidence=plain[:40]
            )
        if said is not value:
            return fails(
                f"答“{head}”，应为{'是' if value else '否'}",
                f"said {head}, right is {value}",
                "wrong_choice",
                evidence=head,
            )
        if only and plain != head:
            return fails(f"答“{head}”，但不只这一个词", f"said {head}, and more", "extra_text", evidence=head)
        return holds(f"答“{head}”", f"said {head}", evidence=head)

    return _lenient_of_more(read_both(answer, judge))


_NUMBER = regex.compile(
    r"(?<![0-9.A-Za-z])[-−]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?:[百千]?[万亿]|万亿)?"
    r"|(?<![0-9.A-Za-z])[-−]?[0-9]+\s*/\s*[0-9]+(?![0-9/])"
    r"|(?<![0-9.A-Za-z])[-−]?[0-9]+(?:\.[0-9]+)?(?:[百千]?[万亿]|万亿)?"
    r"|负?[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+(?:点[零〇一二三四五六七八九]+)?"
)
_NUMBER_CUE = regex.compile(
    r"(?:最终答案|答案|结果|一共|总共|合计|共计|等于|剩下|还剩|应为|应是|=|≈|共)\s*(?:应该|应当)?(?:是|为)?\s*[:约\"“(*]*\s*$"
)


def read_numbers(text: str) -> list[tuple[Decimal, bool, tuple[int, int]]]:
    """Each number in a text: its value, whether words such as 答案是 or = stand before it, its place.

    Chinese numerals of one character count only after such words: 一 is seldom a number.

    >>> [(str(value), cued) for value, cued, _ in read_numbers("3加5，答案是8。")]
    [('3', False), ('5', False), ('8', True)]
    """
    folded = fold_width(text)
    found = []
    for match in _NUMBER.finditer(folded):
        value = _value(match[0])
        if value is None:
            continue
        cued = _NUMBER_CUE.search(folded[max(0, match.start() - 12) : match.start()]) is not None
        if len(match[0]) > 1 or match[0].isascii() or cued:
            found.append((value, cued, match.span()))
    return found


def _value(text: str) -> Decimal | None:
    if "/" in text:
        above, _, below = text.partition("/")
        try:
            return Decimal(above.strip().replace("−", "-")) / Decimal(below.strip())
        except (InvalidOperation, ZeroDivisionError):
            return None
    return read_number(text)


def _near(one: Decimal, value: float, abs_tolerance: float, rel: float) -> bool:
    exact = Decimal(repr(value))
    return abs(one - exact) <= max(Decimal(repr(abs_tolerance)), Decimal(repr(rel)) * abs(exact))


def _loosen_number(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    step = parameters.get("abs", 0) or 1
    yield f"abs {step * 2}", {**parameters, "abs": step * 2}


@check(loosen=_loosen_number)
def number_equals(
    answer: str,
    *,
    value: float,
    abs: float = 0,
    rel: float = 1e-9,
    units: tuple[str, ...] = (),
    only: bool = False,
) -> Verdict:
    """Met when the number the answer gives is `value`, within `abs` or `rel`.

    Arabic or Chinese, with 万 and 亿 and one of `units` after it. The number is the whole answer, the last
    one after 答案是, 等于, = and the like, or the only one; several without a sign which are `unsure` when the
    right one is among them. A sign such as % after a number is not read: name it in `units`. With `only`, more than the number and unit fails strictly, passes loosely.

    >>> number_equals("答案是1,200元。", value=1200).outcome, number_equals("一千二", value=1200).outcome
    ('met', 'met')
    >>> number_equals("100", value=10).outcome, number_equals("可能是10，也可能是20", value=10).outcome
    ('not_met', 'unsure')
    """

    def judge(text: str) -> Verdict:
        plain = tidied(segments.without_markup(text)).rstrip("。.！!")
        bare = plain
        for unit in sorted(units, key=len, reverse=True):
            bare = bare.removesuffix(unit)
        whole = read_number(bare)
        numbers = [] if whole is not None else read_numbers(plain)
        if whole is not None:
            chosen = [whole]
        else:
            cued = [number for number, is_cued, _ in numbers if is_cued]
            chosen = cued[-1:] or list(dict.fromkeys(number for number, _, _ in numbers))
        if not chosen:
            return fails("没有数", "there is no number", "no_number")
        right = any(_near(number, value, abs, rel) for number in chosen)
        said = "、".join(f"{number:f}" for number in chosen[:5])
        if len(chosen) > 1 and right:
            return undecided(
                f"有几个数，看不出答案是哪个：{said}",
                f"several numbers: {said}",
                "number_undecided",
                evidence=said,
            )
        if not right:
            return fails(
                f"答{said}，应为{value:g}",
                f"gave {said}, right is {value:g}",
                "value_mismatch",
                evidence=said,
            )
        if only and whole is None:
            return fails(f"答{said}，但不只有数", f"gave {said}, and more", "extra_text", evidence=said)
        return holds(f"答{said}", f"gave {said}", evidence=said)

    return _lenient_of_more(read_both(answer, judge))


def pattern_fault(pattern: str) -> str:
    """What is wrong with a pattern, or ''.

    >>> pattern_fault("[0-9]+"), bool(pattern_fault("(")), bool(pattern_fault(r"\\d"))
    ('', True, True)
    """
    try:
        regex.compile(pattern)
    except regex.error as error:
        return f"not a pattern: {error}"
    if regex.search(r"(?<!\\)\\[dw]", pattern):
        return r"write [0-9] or \p{Han} instead of \d and \w: engines read them differently for full-width and Chinese text"
    return ""


@check(asked=lambda prompt, parameters: pattern_fault(str(parameters.get("pattern", ""))))
def pattern(
    answer: str,
    *,
    pattern: str,
    where: Literal["anywhere", "whole", "start", "end"] = "anywhere",
    count: int | None = None,
) -> Verdict:
    """Met when the pattern (of the probe's author, `regex` syntax) is found in the answer (level N1).

    Spaces at the ends of lines (a line break of Markdown) are taken off first. `where` ties it to the whole answer or an end; `count` asks for exactly that many matches. A search that
    takes longer than a tenth of a second is `unsure`, never a verdict.

    >>> pattern("电话：100-0799-4762", pattern="[0-9]{3}-[0-9]{4}-[0-9]{4}").outcome
    'met'
    >>> pattern("2026年", pattern="[0-9]{4}", where="whole").outcome
    'not_met'
    """
    if fault := regex_error(pattern):
        return undecided(f"表达式有误：{fault}", f"not a pattern: {fault}", "bad_pattern")
    compiled = regex.compile({"whole": f"(?:{pattern})\\Z", "end": f"(?:{pattern})\\Z"}.get(where, pattern))

    def judge(text: str) -> Verdict:
        tidy = regex.sub(r"[ \t]++(?=\n)", "", tidied(text))
        try:
            if where in ("whole", "start"):
                one = compiled.match(tidy, timeout=PATTERN_SECONDS)
                found = [one] if one else []
            else:
                found = list(compiled.finditer(tidy, timeout=PATTERN_SECONDS))
        except TimeoutError:
            return undecided("匹配超时", "the pattern took too long", "pattern_timeout")
        if count is not None and len(found) != count:
            return fails(
                f"匹配{len(found)}处，要求{count}处",
                f"{len(found)} matches, asked for {count}",
                "too_few" if len(found) < count else "too_many",
            )
        if not found:
            return fails("没有匹配", "the pattern does not match", "no_match")
        return holds("匹配", "the pattern matches", evidence=found[0][0][:120])

    return read_both(answer, judge)


def regex_error(pattern: str) -> str:
    """Why a pattern cannot be compiled, or ''."""
    try:
        regex.compile(pattern)
    except regex.error as error:
        return str(error)
    return ""
