"""Numbers as Chinese writes them: a reader, a writer, and amounts in capitals (大写金额).

The reader never guesses: what has no single value (三四, 一百多, 半, 八五折) is None.
Rules of capital amounts: 《正确填写票据和结算凭证的基本规定》, annex to the 支付结算办法 (1997).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Literal

import regex

from zhprobe.text.normal import fold_width, tidied

DIGITS = "零一二三四五六七八九"
CAPITALS = "零壹贰叁肆伍陆柒捌玖"
LOWER_NUMERALS = frozenset("〇一二两三四五六七八九十百千")
CAPITAL_NUMERALS = frozenset("壹贰叁肆伍陆柒捌玖拾佰仟貳參叄陸")

_VALUE = (
    {sign: value for value, sign in enumerate(DIGITS)}
    | {sign: value for value, sign in enumerate(CAPITALS)}
    | {"〇": 0, "两": 2, "兩": 2, "貳": 2, "參": 3, "叄": 3, "陸": 6}
)
_PLACE = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = str.maketrans("萬億點負圓", "万亿点负圆")
_PLAIN_DIGITS = "".join(sign for sign in _VALUE if sign not in "两兩")

_ARABIC = regex.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")
_MULTIPLIER = regex.compile(r"[百千]?[万亿]|万亿|[百千]|")
_AMOUNT = regex.compile(
    r"(?:(?P<yuan>[^元圆块]+)(?P<big>[元圆块]))?(?:[零〇]?(?P<jiao>[^零〇])(?P<tenth>[角毛]))?"
    r"(?:(?P<zero>[零〇])?(?P<fen>[^零〇])(?P<cent>分)?)?"
)
_MULTIPLIERS = {
    "": 1,
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "百亿": 10**10,
    "千亿": 10**11,
    "万亿": 10**12,
}
LONGEST = 80  # no number a person writes is longer; a reply may be


def read_number(text: str) -> Decimal | None:
    """The value of a whole text that is one number, in Arabic or Chinese, or None.

    A single digit right after 百, 千, 万 or 亿 at the end is one place lower, as people speak.

    >>> [str(read_number(t)) for t in ("三千五", "三千零五", "1.2万元", "二〇二六", "负三", "两块五")]
    ['3500', '3005', '12000.0', '2026', '-3', '2.5']
    >>> [read_number(t) for t in ("三四", "廿五", "八五折", "一百多", "")]
    [None, None, None, None, None]
    """
    if len(text) > LONGEST:
        return None
    text = fold_width(tidied(text)).translate(_GROUPS).strip()
    text = text.removeprefix("人民币")
    sign = 1
    if text[:1] in ("负", "-", "\N{MINUS SIGN}"):
        sign, text = -1, text[1:]
    if text[:1] in ("¥", "￥"):
        text = text[1:]
    if not text:
        return None
    value = _read_plain(text)
    if value is None:
        value = _read_amount(text)
    return None if value is None else sign * value


def _read_plain(text: str) -> Decimal | None:
    """A number without a unit of money."""
    arabic = _ARABIC.match(text)
    if arabic:
        rest = text[arabic.end() :]
        if rest not in _MULTIPLIERS:
            return None
        try:
            return Decimal(arabic[0].replace(",", "")) * _MULTIPLIERS[rest]
        except InvalidOperation:  # pragma: no cover - the pattern admits only decimals
            return None
    if "点" in text:
        return _read_decimal(text)
    whole = read_integer(text)
    return None if whole is None else Decimal(whole)


def _read_decimal(text: str) -> Decimal | None:
    """三点一四, 一点二万."""
    whole, _, rest = text.partition("点")
    multiplier = next((m for m in sorted(_MULTIPLIERS, key=len, reverse=True) if m and rest.endswith(m)), "")
    digits = rest.removesuffix(multiplier)
    head = read_integer(whole)
    if head is None or not digits or any(sign not in _PLAIN_DIGITS for sign in digits):
        return None
    tail = "".join(str(_VALUE[sign]) for sign in digits)
    return Decimal(f"{head}.{tail}") * _MULTIPLIERS[multiplier]


def _read_amount(text: str) -> Decimal | None:
    """元角分 and 块毛分, in Chinese or Arabic."""
    if text[-1:] in ("整", "正") or text[-2:] in ("块钱", "毛钱", "分钱"):
        text = text[:-1]
    found = _AMOUNT.fullmatch(text)
    if not found or not (found["big"] or found["tenth"] or found["cent"]):
        return None
    total = Decimal(0)
    if found["big"]:
        yuan = _read_plain(found["yuan"])
        if yuan is None or _is_colloquial(found["yuan"]):
            return None
        total += yuan
    if found["jiao"]:
        tenth = _one_digit(found["jiao"])
        if tenth is None:
            return None
        total += Decimal(tenth) / 10
    if found["fen"]:
        last = _one_digit(found["fen"])
        if last is None:
            return None
        if found["cent"]:
            total += Decimal(last) / 100
        elif found["zero"]:
            return None
        elif found["tenth"] == "毛":  # 四毛五
            total += Decimal(last) / 100
        elif found["big"] == "块" and not found["tenth"]:  # 两块五
            total += Decimal(last) / 10
        else:
            return None
    return total


def _one_digit(text: str) -> int | None:
    """A digit 0 to 9 in either script."""
    if len(text) != 1:
        return None
    return int(text) if text in "0123456789" else _VALUE.get(text)


def _is_colloquial(text: str) -> bool:
    """三千五: ends in a digit right after a larger unit than 十."""
    return len(text) >= 2 and text[-1] in _VALUE and text[-2] in "百佰千仟万亿"


def read_integer(text: str) -> int | None:
    """A whole number in Chinese numerals, or None.

    >>> [read_integer(t) for t in ("一万零五百", "十亿零一万", "一千二百三十四亿", "十二万五", "二三")]
    [10500, 1000010000, 123400000000, 125000, None]
    """
    if not text or len(text) > LONGEST:
        return None
    if all(sign in _PLAIN_DIGITS for sign in text):
        if len(text) >= 3 or len(text) == 1 or "零" in text or "〇" in text:
            return int("".join(str(_VALUE[sign]) for sign in text))
        return None
    if text in ("两", "兩"):
        return 2
    return _read_grouped(text.replace("兩", "两"), (("亿", 10**8), ("万", 10**4)))


def _read_grouped(text: str, groups: tuple[tuple[str, int], ...]) -> int | None:
    """Split at the last 亿, then at 万; each part is below the unit it stands under."""
    if not groups:
        return _read_section(text)
    (sign, unit), smaller = groups[0], groups[1:]
    if sign not in text:
        return _read_grouped(text, smaller)
    head, _, tail = text.rpartition(sign)
    high = _read_grouped(head, smaller) if head else None
    if not high or head[0] in "零〇" or _is_colloquial(head):
        return None
    if not tail:
        return high * unit
    if len(tail) == 1:  # 十二万五
        digit = _VALUE.get(tail)
        return None if not digit or tail == "两" else high * unit + digit * unit // 10
    low = _read_grouped(tail[1:] if tail[0] in "零〇" else tail, smaller)
    if not low or (tail[0] not in "零〇" and all(character in _VALUE for character in tail)):
        return None  # 三万三三
    return high * unit + low if low < unit else None


def _read_section(text: str) -> int | None:
    """A number below ten thousand: descending places, 零 only where a place is empty."""
    total, last, zero, place = 0, 10_000, False, 0
    while place < len(text):
        sign = text[place]
        if sign in "零〇":
            if zero or place == 0 or place == len(text) - 1:
                return None
            zero, place = True, place + 1
            continue
        if sign in _PLACE:  # 十 without 一: 十五, 一百十五
            digit, unit, size = 1, _PLACE[sign], 1
            if unit != 10 or zero:
                return None
        elif sign in _VALUE and place + 1 < len(text) and text[place + 1] in _PLACE:
            digit, unit, size = _VALUE[sign], _PLACE[text[place + 1]], 2
            if sign == "两" and unit == 10:
                return None
        elif sign in _VALUE and place == len(text) - 1:
            if sign == "两" and total:
                return None
            digit, unit, size = _VALUE[sign], 1, 1
            if last >= 100 and last < 10_000 and not zero:  # 三千五: one place lower
                unit = last // 10
        else:
            return None
        if unit >= last or (zero and unit * 10 >= last and total):
            return None
        total += digit * unit
        last, zero, place = unit, False, place + size
    return total


def write_number(number: int) -> str:
    """A whole number in everyday numerals: 二百 not 两百, 十 not 一十 at the start.

    >>> [write_number(n) for n in (0, 12, 1010, 110000, 1000010000, -3)]
    ['零', '十二', '一千零一十', '十一万', '十亿零一万', '负三']
    """
    if number < 0:
        return "负" + write_number(-number)
    if number == 0:
        return "零"
    written = _write_positive(number, DIGITS, "十百千")
    return written.removeprefix("一") if written.startswith("一十") else written


def _write_positive(number: int, digits: str, places: str) -> str:
    """Groups of four, with one 零 for a run of empty places."""
    if number >= 10**16:
        raise ValueError("numbers from ten thousand 万亿 on have no settled reading")
    if number >= 10**8:
        head, tail = divmod(number, 10**8)
        written = _write_positive(head, digits, places) + "亿"
        gap = 0 < tail < 10**7
    elif number >= 10**4:
        head, tail = divmod(number, 10**4)
        written = _write_section(head, digits, places) + "万"
        gap = 0 < tail < 1000
    else:
        return _write_section(number, digits, places)
    if not tail:
        return written
    return written + ("零" if gap else "") + _write_positive(tail, digits, places)


def _write_section(number: int, digits: str, places: str) -> str:
    written, zero = "", False
    for exponent in (3, 2, 1, 0):
        digit = number // 10**exponent % 10
        if digit == 0:
            zero = bool(written)
            continue
        written += ("零" if zero else "") + digits[digit] + (places[exponent - 1] if exponent else "")
        zero = False
    return written


def write_rmb(amount: Decimal | int | str) -> str:
    """An amount of yuan in capitals, in the canonical form.

    >>> [write_rmb(a) for a in ("1680.32", "3000.05", "0.5", 10500, 0)]
    ['壹仟陆佰捌拾元叁角贰分', '叁仟元零伍分', '伍角整', '壹万零伍佰元整', '零元整']
    """
    yuan, jiao, fen = _split_amount(amount)
    if not (yuan or jiao or fen):
        return "零元整"
    head = _write_positive(yuan, CAPITALS, "拾佰仟") + "元" if yuan else ""
    return head + _write_small(jiao, fen, bool(yuan)) + ("" if fen else "整")


def _write_small(jiao: int, fen: int, after_yuan: bool) -> str:
    tenth = CAPITALS[jiao] + "角" if jiao else ("零" if fen and after_yuan else "")
    return tenth + (CAPITALS[fen] + "分" if fen else "")


def _split_amount(amount: Decimal | int | str) -> tuple[int, int, int]:
    exact = Decimal(amount)
    cents = exact * 100
    if cents != cents.to_integral_value() or exact < 0:
        raise ValueError(f"{amount} is not an amount in yuan, jiao and fen")
    whole = int(cents)
    return whole // 100, whole // 10 % 10, whole % 10


RmbFault = Literal["", "value_mismatch", "form_lower", "form_arabic", "format_only"]


def rmb_fault(text: str, amount: Decimal | int | str) -> RmbFault:
    """What is wrong with an amount in capitals: '' when it reads to `amount` and is well formed.

    Besides the canonical form: 人民币 before it, 圆 for 元, 正 for 整, no 整 after 角, and the optional 零
    of the rule (before 角 when the yuan end in zero, after 万 or 亿 when its last place is zero).

    >>> rmb_fault("人民币壹仟陆佰捌拾圆零叁角贰分", "1680.32"), rmb_fault("一千六百八十元三角二分", "1680.32")
    ('', 'form_lower')
    >>> rmb_fault("1680.32", "1680.32"), rmb_fault("壹佰元", 100), rmb_fault("拾元整", 10)
    ('form_arabic', 'format_only', 'format_only')
    """
    plain = tidied(text).replace(" ", "")
    value = read_number(plain)
    if value is None or value != Decimal(amount):
        return "value_mismatch"
    bare = plain.removeprefix("人民币").replace("圆", "元").replace("正", "整")
    if any(sign.isdigit() and sign.isdecimal() for sign in bare):
        return "form_arabic"
    if any(sign in LOWER_NUMERALS for sign in bare):
        return "form_lower"
    return "" if bare in well_formed_rmb(amount) else "format_only"


def well_formed_rmb(amount: Decimal | int | str) -> frozenset[str]:
    """Every accepted form of an amount, without 人民币, with 元 and 整.

    >>> sorted(well_formed_rmb("107000.53"))[:2]
    ['壹拾万柒仟元伍角叁分', '壹拾万柒仟元零伍角叁分']
    """
    yuan, jiao, fen = _split_amount(amount)
    if not yuan:
        canonical = write_rmb(amount)
        return frozenset({canonical, canonical.removesuffix("整") if jiao else canonical})
    heads = {_write_positive(yuan, CAPITALS, "拾佰仟")}
    for sign, unit in (("万", 10**4), ("亿", 10**8)):
        # the unit's last place is empty and the next place is not: 壹拾万(零)柒仟
        if yuan >= unit and yuan // unit % 10 == 0 and yuan // (unit // 10) % 10:
            heads |= {_with_zero_after(head, sign) for head in heads}
    small = {_write_small(jiao, fen, True)}
    if jiao and yuan % 10 == 0:
        small |= {"零" + part for part in tuple(small)}
    ends = {""} if fen else ({"", "整"} if jiao else {"整"})
    return frozenset(f"{head}元{part}{end}" for head in heads for part in small for end in ends)


def _with_zero_after(head: str, sign: str) -> str:
    """壹拾万柒仟 as 壹拾万零柒仟; a 万 above 亿 stays as it is."""
    place = head.rfind(sign)
    after = head[place + 1 :]
    if place < 0 or (sign == "万" and place < head.rfind("亿")) or not after or after[0] == "零":
        return head
    return f"{head[: place + 1]}零{after}"
