"""Article numbers in Chinese numerals: 第五百七十七条, 第一百三十三条之一."""

from __future__ import annotations

from functools import lru_cache

from zhprobe.text.numbers import write_number

_DIGITS = "零一二三四五六七八九"
_SAME = str.maketrans({"〇": "零", "○": "零", "Ｏ": "零", "O": "零", "两": "二", "壹": "一"})
NUMERAL = "零〇○一二两三四五六七八九十百千"


def to_numeral(number: int) -> str:
    """The numeral as statutes write it, 0–9999.

    >>> [to_numeral(n) for n in (10, 15, 103, 110, 577, 1000, 1079, 1204)]
    ['十', '十五', '一百零三', '一百一十', '五百七十七', '一千', '一千零七十九', '一千二百零四']
    """
    return write_number(number)


def _spellings(number: int) -> set[str]:
    """All ways to write the number that can be read in one way only."""
    full = to_numeral(number)
    forms = {full}
    tens, ones = number // 10 % 10, number % 10
    if "零" in full and not (tens == 0 and ones and number > 99):  # 一百五 could be 150
        forms.add(full.replace("零", ""))
    if number % 100 >= 10 and number % 100 < 20 and number > 99:
        forms |= {form.replace("一十", "十") for form in forms}
    if full.startswith("一千") and number > 1000:
        forms |= {form[1:] for form in forms}
    if full.startswith("十"):
        forms.add("一" + full)
    if number > 999 and number % 1000 and number % 1000 < 100:  # 一千零零五 is not, 一千零一十 is
        forms |= {form.replace("千零十", "千零一十") for form in forms}
    return forms


@lru_cache(maxsize=8192)
def read_numeral(text: str) -> int | None:
    """The value of an article number, Arabic or Chinese; None where it can be read in no way or in several.

    >>> [read_numeral(n) for n in ("577", "五百七十七", "一百十", "一百〇三", "千一百", "一二六〇", "五百七七", "一百五")]
    [577, 577, 110, 103, 1100, 1260, None, None]
    """
    plain = text.translate(_SAME)
    if plain.isdecimal() and plain.isascii():
        return int(plain) if len(plain) <= 4 else None
    if not plain or any(c not in _DIGITS + "十百千" for c in plain):
        return None
    if all(c in _DIGITS for c in plain):
        return int("".join(str(_DIGITS.index(c)) for c in plain)) if len(plain) <= 4 else None
    value, digit = 0, -1
    for c in plain:
        if c in _DIGITS:
            if _DIGITS.index(c):
                digit = _DIGITS.index(c)
        else:
            value += (1 if digit < 0 else digit) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = -1
    value += max(digit, 0)
    return value if 0 < value < 10_000 and plain in _spellings(value) else None


def candidates(text: str) -> list[int]:
    """What a numeral that cannot be read may have meant: a 十, 百 or 零 put in, or one digit in place of a 零.

    >>> candidates("五百七七")
    [577, 507]
    """
    plain = text.translate(_SAME)
    found: list[int] = []
    put_in = [plain[:i] + mark + plain[i:] for mark in "十零百" for i in range(1, len(plain) + 1)]
    replaced = [plain[:i] + "零" + plain[i + 1 :] for i in range(len(plain)) if plain[i] in _DIGITS]
    for guess in put_in + replaced:
        value = read_numeral(guess)
        if value is not None and value not in found:
            found.append(value)
    return found[:4]


def article_label(key: str) -> str:
    """第五百七十七条 for "577", 第一百三十三条之一 for "133-1".

    >>> article_label("577"), article_label("133-1")
    ('第五百七十七条', '第一百三十三条之一')
    """
    number, _, inserted = key.partition("-")
    return f"第{to_numeral(int(number))}条" + (f"之{to_numeral(int(inserted))}" if inserted else "")
