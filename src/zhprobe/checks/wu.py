"""Checks for Shanghainese: answers compared over spellings and numerals, replies scored for being Shanghainese.

Spelling is never scored. Both sides of a comparison go through `zhprobe.text.wu.fold`: 伐 and 𠲎, 廿 and 二十,
星期 and 礼拜, full-width digits and ASCII are the same. Patterns come from probe files, never from an answer.
In a pattern `<词>` stands for every accepted spelling of a word in the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from zhprobe.checks.registry import check
from zhprobe.errors import UserError
from zhprobe.records import Item, Verdict
from zhprobe.text.han import count_han
from zhprobe.text.wu import accepted_forms, find_numbers, fold, fold_variants, look_up, normalise
from zhprobe.text.wu_fidelity import JSON_TRIES, Fidelity, score_fidelity

Step = tuple[str, dict[str, Any]]

_MARKS = " \t\r\n。．.！!？?，,；;：:、…~～"
_WRAPPERS = "“”\"'‘’「」『』（）()[]【】《》*`"
_LEAD_IN = re.compile(r"(?:答案|答|选择|选|我选|应该选|结果|译文|翻译)(?:是|为)?\s*[:：]?\s*")


def bare(answer: str) -> str:
    """The answer without spaces, marks and wrapping quotes around it.

    >>> bare(" **“小李”**。\\n")
    '小李'
    """
    return answer.strip(_MARKS + _WRAPPERS)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    def spellings(match: re.Match[str]) -> str:
        if not look_up(match[1]):
            raise UserError("", f"'<{match[1]}>' is not in the word table", "Write the alternatives by hand.")
        return "(?:" + "|".join(map(re.escape, accepted_forms(match[1]))) + ")"

    try:
        return re.compile(re.sub("<([^<>]+)>", spellings, pattern))
    except re.error as error:
        raise UserError(
            "", f"the pattern '{pattern}' cannot be read: {error}", "Mend the pattern."
        ) from error


def found_in(pattern: str, text: str) -> re.Match[str] | None:
    """Where a pattern occurs in the text as written, with spellings folded, or with numerals folded too."""
    compiled = _compiled(pattern)
    return next((hit for form in _forms(text) if (hit := compiled.search(form))), None)


def _matches_whole(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return any(compiled.fullmatch(form) for form in _forms(text))


def _forms(text: str) -> tuple[str, str, str]:
    return normalise(text), fold_variants(text), fold(text)


def _without_each(parameters: dict[str, Any], key: str) -> Iterator[Step]:
    value = parameters.get(key) or ()
    entries = list(value.items()) if isinstance(value, dict) else list(value)
    for number in range(len(entries)):
        rest = entries[:number] + entries[number + 1 :]
        yield (
            f"{key} {number + 1} dropped",
            parameters | {key: dict(rest) if isinstance(value, dict) else rest},
        )


def _off(parameters: dict[str, Any], key: str) -> Iterator[Step]:
    if parameters.get(key, True):
        yield f"{key} off", parameters | {key: False}


def _show(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


@check(loosen=lambda p: _off(p, "only"))
def wu_number(answer: str, *, expected: float, only: bool = True) -> Verdict:
    """Met when the answer holds exactly one number and it is the expected one.

    Arabic and Chinese numerals count, 廿 and 两 as said, 两块半 as 2.5; 一共 and 一样 hold no number.
    With `only` off the last number decides.

    >>> wu_number("廿二块半", expected=22.5).outcome
    'met'
    >>> wu_number("3×25+1=76", expected=76).outcome
    'not_met'
    """
    numbers = find_numbers(answer)
    wanted = Fraction(str(expected))
    if not numbers:
        return Verdict("not_met", "没有数", "no number", codes=("NO_NUMBER",))
    spans = tuple((n.start, n.end) for n in numbers)
    last = numbers[-1].value == wanted
    if only and len({n.value for n in numbers}) > 1:
        shown = "、".join(_show(n.value) for n in numbers)
        return Verdict(
            "not_met",
            f"要求只写一个数，写了{len(numbers)}个：{shown}",
            f"{len(numbers)} numbers, asked for one: {shown}",
            spans=spans,
            lenient="met" if last else "not_met",
            codes=("SEVERAL_NUMBERS",),
        )
    found = _show(numbers[-1].value)
    if not last:
        return Verdict(
            "not_met",
            f"写的是{found}，应为{_show(wanted)}",
            f"{found}, should be {_show(wanted)}",
            spans=spans,
            codes=("WRONG_NUMBER",),
        )
    return Verdict("met", f"答{found}", found, spans=spans)


@check(loosen=lambda p: _off(p, "whole"))
def wu_exact(answer: str, *, accept: list[str], whole: bool = True) -> Verdict:
    """Met when the answer, without marks and quotes around it, is one of those accepted, in any spelling.

    With `whole` off it is enough that the answer contains one.

    >>> wu_exact("“小囡”。", accept=["小囡"]).outcome
    'met'
    >>> wu_exact("5号，星期四", accept=["五号，礼拜四"]).outcome
    'met'
    >>> wu_exact("是小李，不是小张", accept=["小李"]).outcome
    'not_met'
    """
    found = _plain(answer)
    accepted = [_plain(word) for word in accept]
    if found in accepted or (not whole and any(word in found for word in accepted)):
        return Verdict("met", f"答“{bare(answer)}”", f"'{bare(answer)}'", evidence=bare(answer)[:80])
    inside = [word for word in accepted if word and word in found]
    return Verdict(
        "not_met",
        f"答“{bare(answer)[:40]}”，应为“{accept[0]}”",
        f"'{bare(answer)[:40]}', should be '{accept[0]}'",
        evidence=answer.strip()[:80],
        codes=("MORE_THAN_ASKED" if inside else "WRONG_ANSWER",),
    )


def _plain(text: str) -> str:
    """Folded; a lead-in, spaces and commas left out, one kind of colon."""
    stripped = bare(_LEAD_IN.sub("", bare(text), count=1) if _LEAD_IN.match(bare(text)) else bare(text))
    return re.sub(r"[\s,，]+", "", fold(stripped)).replace(":", "：").casefold()


_CHOICE = re.compile(r"(?<![A-Za-z])([A-Za-z])(?![A-Za-z])")


@check(loosen=lambda p: ())
def wu_choice(answer: str, *, expected: str, options: str = "ABCD") -> Verdict:
    """Met when the answer names the expected letter and no other option.

    Case, full width, brackets and words around the letter do not count against it.

    >>> [wu_choice(a, expected="B").outcome for a in ("b。", "（Ｂ）", "选B", "B. 明天见", "A或B", "明天见")]
    ['met', 'met', 'met', 'met', 'not_met', 'not_met']
    """
    plain = answer.translate({ord("Ａ") + k: chr(ord("A") + k) for k in range(26)})
    letters = [m[1].upper() for m in _CHOICE.finditer(plain) if m[1].upper() in options]
    named = sorted(set(letters))
    if not named:
        return Verdict("not_met", "没有选项字母", "no letter of an option", codes=("NO_CHOICE",))
    if len(named) > 1:
        shown = "、".join(named)
        return Verdict("not_met", f"写了几个选项：{shown}", f"several options: {shown}", codes=("SEVERAL",))
    if named[0] != expected.upper():
        return Verdict(
            "not_met",
            f"选{named[0]}，应为{expected}",
            f"{named[0]}, should be {expected}",
            codes=("WRONG_CHOICE",),
        )
    return Verdict("met", f"选{named[0]}", named[0])


def _entries(answer: str) -> list[str]:
    text = bare(answer)
    if _LEAD_IN.match(text):
        text = _LEAD_IN.sub("", text, count=1)
    if text.startswith("[") or '"' in text:
        text = text.replace('"', "").strip("[]")
    parts = re.split(r"[、,，;；\n\s→>]+", text)
    parts = [re.sub(r"^(?:\d+[.)、．]|[-*•])\s*", "", part) for part in parts]
    return [folded for part in parts if (folded := _plain(part))]


def _list_verdict(found: list[str], expected: Sequence[str], ordered: bool) -> Verdict:
    names = {_plain(way): _plain(entry.split("|")[0]) for entry in expected for way in entry.split("|")}
    found = [names.get(entry, entry) for entry in found]
    wanted = [_plain(entry.split("|")[0]) for entry in expected]
    shown = "、".join(found) or "空"
    want = "、".join(entry.split("|")[0] for entry in expected)
    if found == wanted or (not ordered and sorted(found) == sorted(wanted)):
        return Verdict("met", f"答{shown}", shown)
    if sorted(found) == sorted(wanted):
        code, zh, en = "WRONG_ORDER", "次序不对", "wrong order"
    elif set(found) > set(wanted):
        code, zh, en = "TOO_MANY", "多了", "more than asked"
    elif set(found) < set(wanted):
        code, zh, en = "TOO_FEW", "少了", "less than asked"
    else:
        code, zh, en = "WRONG_LIST", "不对", "not the list asked for"
    return Verdict(
        "not_met",
        f"{zh}：答{shown[:60]}，应为{want}",
        f"{en}: {shown[:60]}, should be {want}",
        evidence=shown[:80],
        codes=(code,),
        lenient="met" if code == "WRONG_ORDER" else None,
    )


@check(loosen=lambda p: _off(p, "ordered"))
def wu_list(answer: str, *, expected: list[str], ordered: bool = True) -> Verdict:
    """Met when the answer lists the expected entries in the expected order, split at 、 , and spaces.

    An entry may give several ways of saying it, `被头|被子`.

    >>> wu_list("阿六、阿四，阿二", expected=["阿六", "阿四", "阿二"]).outcome
    'met'
    >>> wu_list("阿二、阿四、阿六", expected=["阿六", "阿四", "阿二"]).codes
    ('WRONG_ORDER',)
    """
    return _list_verdict(_entries(answer), expected, ordered)


@check(loosen=lambda p: ())
def wu_set(answer: str, *, expected: list[str]) -> Verdict:
    """Met when the answer lists the expected entries and no other, in any order; ways of saying as in `wu_list`.

    >>> wu_set("地板、被子", expected=["被头|被子", "地板"]).outcome
    'met'
    """
    return _list_verdict(_entries(answer), expected, ordered=False)


@check(loosen=lambda p: [*_without_each(p, "need"), *_without_each(p, "forbid")])
def wu_contains(answer: str, *, need: list[str], forbid: tuple[str, ...] = ()) -> Verdict:
    """Met when every pattern of `need` occurs in the answer and none of `forbid`.

    >>> wu_contains("抽屉里", need=["抽头|抽屉"], forbid=["高头|上面"]).outcome
    'met'
    """
    for pattern in forbid:
        if hit := found_in(pattern, answer):
            return Verdict(
                "not_met",
                f"写了不该有的“{hit[0]}”",
                f"holds '{hit[0]}', which it must not",
                evidence=hit[0],
                codes=("FORBIDDEN",),
            )
    for pattern in need:
        if not found_in(pattern, answer):
            return Verdict(
                "not_met", f"没有写到“{pattern}”", f"does not hold '{pattern}'", codes=("MISSING",)
            )
    return Verdict("met", "该有的都有，不该有的没有", "holds what it must and nothing it must not")


def first_object(answer: str) -> dict[str, Any] | None:
    """The first JSON object in an answer, in a code fence or in running text.

    >>> first_object('好个：```json\\n{"a": 1}\\n```')
    {'a': 1}
    """
    decoder = json.JSONDecoder()
    at = -1
    for _ in range(JSON_TRIES):
        if (at := answer.find("{", at + 1)) < 0:
            break
        try:
            value, _ = decoder.raw_decode(answer, at)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return None


def _as_text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return "、".join(_as_text(inner) for inner in value)
    return str(value) if not isinstance(value, dict) else json.dumps(value, ensure_ascii=False)


def _loosen_fields(parameters: dict[str, Any]) -> Iterable[Step]:
    return [*_without_each(parameters, "fields"), *_off(parameters, "exactly")]


@check(loosen=_loosen_fields)
def wu_json_fields(answer: str, *, fields: dict[str, str], exactly: bool = True) -> Verdict:
    """Met when the first JSON object of the answer has these keys and each value matches its pattern.

    The pattern must match the whole value; where the key is written with `~` at its end, a part. `exactly`
    allows no other key. 8 and "8" are the same.

    >>> wu_json_fields('{"time":"17:30","place":"人民广场地铁站"}',
    ...                fields={"time": "17:30", "place~": "人民广场"}).outcome
    'met'
    """
    found = first_object(answer)
    if found is None:
        return Verdict("not_met", "没有 JSON 对象", "no JSON object", codes=("NO_JSON",))
    wanted = {key.removesuffix("~"): (pattern, key.endswith("~")) for key, pattern in fields.items()}
    for key, (pattern, part) in wanted.items():
        if key not in found:
            return Verdict("not_met", f"缺“{key}”", f"'{key}' is missing", codes=("MISSING_KEY",))
        value = bare(_as_text(found[key]))
        if not (found_in(pattern, value) if part else _matches_whole(pattern, value)):
            return Verdict(
                "not_met",
                f"“{key}”写的是“{value[:40]}”",
                f"'{key}' is '{value[:40]}'",
                evidence=value[:80],
                codes=("WRONG_VALUE",),
                detail={"kind": "json_value", "key": key, "found": value[:80], "wanted": pattern},
            )
    if exactly and (more := sorted(set(map(str, found)) - set(wanted))):
        return Verdict(
            "not_met",
            f"多了“{more[0][:20]}”",
            f"'{more[0][:20]}' was not asked for",
            codes=("EXTRA_KEY",),
        )
    return Verdict("met", "各项都对", "every field is right")


def _equal(found: Any, wanted: Any, ordered: bool) -> bool:
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and found.keys() == wanted.keys()
            and all(_equal(found[key], value, ordered) for key, value in wanted.items())
        )
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return False
        if ordered or any(isinstance(value, dict | list) for value in wanted):
            return all(_equal(a, b, ordered) for a, b in zip(found, wanted, strict=True))
        return sorted(_plain(_as_text(a)) for a in found) == sorted(_plain(_as_text(b)) for b in wanted)
    if isinstance(wanted, bool) and isinstance(found, str):
        return found.strip().lower() == str(wanted).lower()
    if isinstance(wanted, bool) or wanted is None or isinstance(found, bool | dict | list) or found is None:
        return type(found) is type(wanted) and bool(found == wanted)
    if isinstance(wanted, int | float):
        numbers = find_numbers(_as_text(found))
        return len(numbers) == 1 and numbers[0].value == Fraction(str(wanted))
    return _plain(_as_text(found)) == _plain(_as_text(wanted))


def _loosen_equal(parameters: dict[str, Any]) -> Iterable[Step]:
    return (
        _off(parameters, "ordered")
        if any(isinstance(v, list) for v in parameters["expected"].values())
        else ()
    )


@check(loosen=_loosen_equal)
def wu_json_equal(answer: str, *, expected: dict[str, Any], ordered: bool = True) -> Verdict:
    """Met when the first JSON object of the answer equals the expected one, over spellings and numerals.

    "8", 8 and 八 are equal; with `ordered` off the order inside a list does not count.

    >>> wu_json_equal('{"阿强":"8","小明":两}', expected={"阿强": 8}).codes
    ('NO_JSON',)
    >>> wu_json_equal('{"阿强":"8","小明":2}', expected={"小明": 2, "阿强": 8}).outcome
    'met'
    """
    found = first_object(answer)
    if found is None:
        return Verdict("not_met", "没有 JSON 对象", "no JSON object", codes=("NO_JSON",))
    if _equal(found, expected, ordered):
        return Verdict("met", "各项都对", "every value is right")
    for key, value in expected.items():
        if key not in found:
            return Verdict("not_met", f"缺“{key}”", f"'{key}' is missing", codes=("MISSING_KEY",))
        if not _equal(found[key], value, ordered):
            order = isinstance(value, list) and _equal(found[key], value, ordered=False)
            shown = _as_text(found[key])[:40]
            return Verdict(
                "not_met",
                f"“{key}”写的是“{shown}”，应为“{_as_text(value)}”",
                f"'{key}' is '{shown}', should be '{_as_text(value)}'",
                evidence=shown,
                codes=("WRONG_ORDER" if order else "WRONG_VALUE",),
            )
    return Verdict("not_met", "多了没要求的键", "holds keys nobody asked for", codes=("EXTRA_KEY",))


@check(loosen=lambda p: [step for key in ("slots", "forbid", "keep") for step in _without_each(p, key)])
def wu_slots(answer: str, *, slots: list[str], forbid: list[str], keep: tuple[str, ...] = ()) -> Verdict:
    """Met when every contrast slot is filled and nothing of the source language is left over.

    A slot is a word that must change between Shanghainese and Mandarin, with all accepted ways of saying it.
    The share counts the slots; a leftover that `forbid` names makes it none, so that copying earns nothing.
    `keep` are words that any translation of this sentence holds: without them it is another text.

    >>> wu_slots("他时间不够", slots=["他|她", "时间", "不够"], forbid=["伊", "辰光"]).share
    (3, 3)
    >>> wu_slots("伊时间不够", slots=["他|她", "时间", "不够"], forbid=["伊", "辰光"]).share
    (0, 3)
    """
    n = len(slots)
    for pattern in forbid:
        if hit := found_in(pattern, answer):
            return Verdict(
                "not_met",
                f"留着没有翻的“{hit[0]}”",
                f"'{hit[0]}' of the source is left",
                evidence=hit[0],
                share=(0, n),
                codes=("LEFTOVER",),
            )
    for pattern in keep:
        if not found_in(pattern, answer):
            return Verdict(
                "not_met",
                f"没有“{pattern}”，不是这句的译文",
                f"no '{pattern}': not a translation of this sentence",
                share=(0, n),
                codes=("OTHER_TEXT",),
            )
    missed = [pattern for pattern in slots if not found_in(pattern, answer)]
    if missed:
        return Verdict(
            "not_met",
            f"{n}处对照词中{n - len(missed)}处合格，缺“{missed[0]}”",
            f"{n - len(missed)} of {n} contrast words, missing '{missed[0]}'",
            share=(n - len(missed), n),
            codes=("MISSING_SLOT",),
            detail={"kind": "slots", "missed": missed},
        )
    return Verdict("met", f"{n}处对照词都合格", f"all {n} contrast words", share=(n, n))


def _visible(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _constraint_fault(
    answer: str,
    han: Sequence[int],
    need: dict[str, str] | None,
    forbid: dict[str, str] | None,
    count: dict[str, int] | None,
) -> Verdict | None:
    if han:
        low, high = han[0], han[1]
        characters, everything = count_han(answer), _visible(answer)
        # People count with or without marks: either count inside the bounds will do.
        if everything < low:
            return Verdict(
                "not_met",
                f"只有{characters}个字，要求{low}到{high}个",
                f"{characters} characters, asked for {low} to {high}",
                codes=("TOO_SHORT",),
            )
        if characters > high:
            return Verdict(
                "not_met",
                f"有{characters}个字，要求{low}到{high}个",
                f"{characters} characters, asked for {low} to {high}",
                codes=("TOO_LONG",),
            )
    for label, pattern in (forbid or {}).items():
        # Comparing folds 一 to 1: a digit that only the folding made was not written.
        written = any(c in "0123456789０１２３４５６７８９" for c in answer)
        if (hit := found_in(pattern, answer)) and (written or not hit[0].isdigit()):
            return Verdict(
                "not_met",
                f"不该有{label}，却写了“{hit[0]}”",
                f"holds '{hit[0]}', which was ruled out ({label})",
                evidence=hit[0],
                codes=("FORBIDDEN",),
            )
    for label, pattern in (need or {}).items():
        if not found_in(pattern, answer):
            return Verdict("not_met", f"没有写到{label}", f"does not mention: {label}", codes=("MISSING",))
    for mark, wanted in (count or {}).items():
        if (found := answer.count(mark)) != wanted:
            return Verdict(
                "not_met",
                f"有{found}个“{mark}”，要求{wanted}个",
                f"{found} of '{mark}', asked for {wanted}",
                codes=("WRONG_COUNT",),
            )
    return None


def _loosen_constraints(parameters: dict[str, Any]) -> Iterable[Step]:
    if han := parameters.get("han"):
        yield "han without a lower bound", parameters | {"han": [0, han[1]]}
        yield "han without an upper bound", parameters | {"han": [han[0], 10**6]}
    for key in ("need", "forbid", "count"):
        yield from _without_each(parameters, key)


@check(loosen=_loosen_constraints)
def wu_constraints(
    answer: str,
    *,
    han: tuple[int, ...] = (),
    need: dict[str, str] | None = None,
    forbid: dict[str, str] | None = None,
    count: dict[str, int] | None = None,
) -> Verdict:
    """Met when length, required and forbidden contents and counts of marks are as asked.

    `han` is [least, most]: a text whose Han characters, or whose characters with marks, lie inside is right.
    `need` and `forbid` map what is meant, in words, to a pattern.

    >>> wu_constraints("外滩老好看个。", count={"。": 1}, forbid={"“的”字": "的"}).outcome
    'met'
    """
    if not answer.strip():
        return Verdict("not_met", "没有回答", "no answer", codes=("EMPTY",))
    return _constraint_fault(answer, han, need, forbid, count) or Verdict("met", "都照做了", "all as asked")


def fidelity_detail(score: Fidelity) -> dict[str, Any]:
    """The score as plain JSON for a page."""
    return {
        "kind": "wu_fidelity",
        "han": score.n,
        "F": round(score.f, 3),
        "P": round(score.p, 3),
        "W": round(score.w, 2),
        "M": round(score.m, 2),
        "Y": round(score.y, 2),
        "categories": list(score.categories),
        "windows": round(score.windows, 3),
        "over": score.over,
        "band": score.band,
        "indicative": score.indicative,
        "romanised": score.romanised,
        "marks": [[mark.list, mark.category, mark.start, mark.end] for mark in score.marks],
    }


_BANDS = {
    "pass": ("是上海话", "Shanghainese"),
    "partial": ("一部分是上海话", "partly Shanghainese"),
    "fail": ("不是上海话", "not Shanghainese"),
    "no_evidence": ("看不出是不是上海话", "no evidence either way"),
}


def _fidelity_verdict(score: Fidelity) -> Verdict:
    zh, en = _BANDS[score.band]
    leaks = [mark for mark in score.marks if mark.list in ("M", "Y")]
    shown = "、".join(dict.fromkeys(mark.text for mark in leaks[:8]))
    reason = f"{zh}：F={score.f:.2f}，{score.n}个汉字" + (f"，夹着{shown}" if shown else "")
    reason_en = f"{en}: F={score.f:.2f}, {score.n} Han characters" + (f", with {shown}" if shown else "")
    if score.over:
        reason, reason_en = f"堆砌方言字眼：{reason}", f"markers piled up: {reason_en}"
    rest: dict[str, Any] = {
        "evidence": shown,
        "spans": tuple((mark.start, mark.end) for mark in leaks),
        "detail": fidelity_detail(score),
    }
    if score.romanised:
        return Verdict(
            "unsure",
            "用拉丁字母写的，要由人看",
            "romanised: for a person to read",
            codes=("ROMANISED",),
            **rest,
        )
    if score.n == 0:
        return Verdict("not_met", "没有汉字可看", "no Han characters", level=0, codes=("EMPTY",), **rest)
    if score.band == "no_evidence":
        return Verdict("na", reason, reason_en, codes=("NO_EVIDENCE",), **rest)
    if score.indicative and score.band != "fail":
        return Verdict(
            "unsure",
            f"{reason}；不足60字，只作参考",
            f"{reason_en}; under 60, indicative only",
            codes=("SHORT",),
            **rest,
        )
    level = {"pass": 2, "partial": 1}.get(score.band, 0)
    codes = ("OVER",) if score.over else () if level == 2 else ("PARTIAL",) if level else ("NOT_WU",)
    return Verdict("met" if level == 2 else "not_met", reason, reason_en, level=level, codes=codes, **rest)


def _asks_for_sixty(prompt: str, parameters: dict[str, Any]) -> str:
    if "上海" not in prompt and "本地" not in prompt:
        return "the prompt does not ask for Shanghainese"
    if (han := parameters.get("han")) is not None and (not han or han[0] < 60):
        return "fidelity cannot be judged under 60 characters, and the prompt does not ask for 60"
    return ""


@check(asked=_asks_for_sixty, loosen=lambda p: ())
def wu_fidelity(answer: str, *, given: tuple[str, ...] = (), item: Item) -> Verdict:
    """Met when the text is in Shanghainese by the fidelity score; level 1 where it is so in part.

    Words of the prompt that the answer repeats, and `given` words it was told to use, do not count. Under
    60 Han characters the score is indicative and decides nothing but a clear failure. A pass still needs a
    reader who says that the text makes sense.
    """
    return _fidelity_verdict(score_fidelity(answer, prompt=item.prompt, given=given))


@check(asked=_asks_for_sixty, loosen=_loosen_constraints)
def wu_reply(
    answer: str,
    *,
    han: tuple[int, int],
    need: dict[str, str] | None = None,
    forbid: dict[str, str] | None = None,
    count: dict[str, int] | None = None,
    given: tuple[str, ...] = (),
    item: Item,
) -> Verdict:
    """Met when a free reply keeps the conditions asked for and is in Shanghainese; level 1 where partly so.

    Conditions as in `wu_constraints`, the language as in `wu_fidelity`. A reply that breaks a condition has
    level 0: another answer's Shanghainese is no answer to this prompt.
    """
    if not answer.strip():
        return Verdict("not_met", "没有回答", "no answer", level=0, codes=("EMPTY",))
    language = _fidelity_verdict(score_fidelity(answer, prompt=item.prompt, given=given))
    if language.outcome == "unsure" and "ROMANISED" in language.codes:
        return language
    fault = _constraint_fault(answer, han, need, forbid, count)
    if fault is not None:
        return Verdict(
            "not_met",
            fault.reason,
            fault.reason_en,
            evidence=fault.evidence,
            level=0,
            codes=fault.codes,
            detail=language.detail,
        )
    if language.outcome in ("na", "unsure"):
        return Verdict(
            "not_met",
            f"自己写的汉字太少，不能判断：{language.reason}",
            f"too little prose of its own to judge: {language.reason_en}",
            level=0,
            codes=("TOO_LITTLE",),
            detail=language.detail,
        )
    return language
