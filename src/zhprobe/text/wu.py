"""Written Shanghainese: one spelling for comparison, the word table, numbers as they are said.

Shanghainese has no enforced spelling. The project writes one form and accepts all: `fold_variants` brings
the common spellings of one word together, `accepted_forms` gives every spelling of a word in the table.
Nothing here is a traditional-to-simplified converter: only the characters that the patterns need are folded,
because a converter would turn 睏 into 困.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from zhprobe.text.tables import rows

END_MARKS = "。！？!?，,、；;：:…~～）)」”\"'"


class Word(NamedTuple):
    """One row of the word table. `distinctive` is wu, weak, shared, yue or false_friend."""

    form: str
    sense: str
    variants: tuple[str, ...]
    sound_spellings: tuple[str, ...]
    gloss: str
    kind: str
    distinctive: str
    register: str
    source: tuple[str, ...]
    confidence: str


@cache
def lexicon() -> tuple[Word, ...]:
    """Every word of the table, sorted by form."""
    return tuple(
        Word(
            form,
            sense,
            tuple(variants.split()),
            tuple(spoken.split()),
            gloss,
            kind,
            distinctive,
            register,
            tuple(source.split()),
            confidence,
        )
        for form, sense, variants, spoken, gloss, kind, distinctive, register, source, confidence in rows(
            "wu_lexicon.tsv"
        )
    )


@cache
def _by_form() -> dict[str, tuple[Word, ...]]:
    found: dict[str, list[Word]] = {}
    for word in lexicon():
        for form in (word.form, *word.variants):
            found.setdefault(form, []).append(word)
    return {form: tuple(words) for form, words in found.items()}


def look_up(form: str) -> tuple[Word, ...]:
    """The words written so, as the main form or as a variant.

    >>> [(word.form, word.gloss) for word in look_up("夜道")]
    [('夜到', '晚上')]
    >>> look_up("地铁")
    ()
    """
    return _by_form().get(normalise(form), ())


@cache
def accepted_forms(form: str) -> tuple[str, ...]:
    """Every spelling of a word that a scorer must accept, the project's own first.

    >>> accepted_forms("屋里")
    ('屋里', '屋里厢', '屋里向')
    """
    forms = {spelling for word in look_up(form) for spelling in (word.form, *word.variants)} - {form}
    return (form, *sorted(forms))


@cache
def _folds() -> dict[int, str]:
    return {ord(old): new for old, new in rows("wu_folds.tsv")}


@cache
def _variants() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), form) for pattern, form, _ in rows("wu_variants.tsv"))


def fold_characters(text: str) -> str:
    """Traditional characters that the patterns need become simplified; one for one, so places do not move.

    >>> fold_characters("辰光勿夠，講閒話，睏覺")
    '辰光勿夠，讲闲话，睏觉'
    """
    return text.translate(_folds())


def normalise(text: str) -> str:
    """NFC, then `fold_characters`."""
    return fold_characters(unicodedata.normalize("NFC", text))


def fold_variants(text: str) -> str:
    """Bring the spellings of one word together, so that two ways of writing one sentence compare equal.

    迭 (older speakers), 伲 and the choice among 帮 跟 告 搭 脱 are words of their own and stay.

    >>> fold_variants("侬困觉了伐？")
    '侬睏觉了𠲎？'
    >>> fold_variants("覅讨伐，伊垃垃海屋里。")
    '勿要讨伐，伊拉辣海屋里。'
    """
    text = normalise(text)
    for pattern, form in _variants():
        text = pattern.sub(form, text)
    return text


# One other common way of writing each class, for respellings of a prompt: the inverse of folding, and 垃 for
# bare 辣 and 吾 for 我, which are not folded since both have other readings.
_RESPELLINGS = (
    ("𠲎", "伐", f"(?=[{re.escape(END_MARKS)}\\s]|$)"),
    ("勿要", "覅", "(?!紧)"),
    ("辣海", "垃海", ""),
    ("辣辣", "垃拉", ""),
    ("睏觉", "困觉", ""),
    ("葛末", "葛么", ""),
    ("闲话", "言话", ""),
    ("夜到", "夜道", ""),
    ("白相", "孛相", ""),
    ("推扳", "推板", ""),
    ("来三", "来事", "(?![体情故务项件刻])"),
    ("汏", "汰", "(?=手|浴|头|衣裳|碗)"),
    ("伊拉", "伊垃", "(?!圾)"),
    ("埃", "哀", "(?=[个面搭歇眼点能抢枪腔种部本条只边趟桩爿])"),
    ("(?<![麻酸泼毒辛火香微热])辣", "垃", "(?![海辣椒手末酱味子个额，。；])"),
    ("(?<!自)我", "吾", "(?!伲)"),
)
# 个 is a particle (and not a classifier) after a pronoun, an adjective in -爽 and the like, or before a mark.
_PARTICLE = re.compile(
    "(?<=[我侬伊拉㑚])个(?!人|月|多月|礼拜|钟头|半|把)"
    f"|(?<![一二两三四五六七八九十几每各半多整百千廿搿埃\\d])个(?=[{re.escape(END_MARKS)}\\s]|$)"
    "|(?<=[\\u4e00-\\u9fff])(?<![一二两三四五六七八九十几每各半多整某百千万廿上前首搿埃哀伊迭是有做来吃买找打开写"
    "给说讲换留当像了过想要再问去弄养生送点拿用叫到唱看听阿里])个(?![人体性别月位数把半礼钟星])(?=[\\u4e00-\\u9fff])"
)


def respell(text: str) -> str:
    """The same text in another common spelling, by rule: 伐 for 𠲎, 垃海 for 辣海, 额 for the particle 个.

    What stands between ASCII quotes (keys and values of JSON) is left as it is.

    >>> respell("侬今朝夜到来𠲎？搿是我个书，红个摆辣台子浪。")
    '侬今朝夜道来伐？搿是吾额书，红额摆垃台子浪。'
    >>> respell("伊勿吃辣个，勿要烧辣子鸡。")
    '伊勿吃辣额，覅烧辣子鸡。'
    >>> respell('键是 "夜到"。')
    '键是 "夜到"。'
    """
    pieces = re.split('("[^"\\n]*")', text)
    return "".join(piece if piece.startswith('"') else _respell(piece) for piece in pieces)


def _respell(text: str) -> str:
    text = _PARTICLE.sub("额", text)
    for ours, other, condition in _RESPELLINGS:
        text = re.sub(ours + condition, other, text)
    return text


# Mandarin with words exchanged, as a writer with a short list and no grammar does it. A floor, not a translation.
_EXCHANGED = (
    ("我们", "阿拉"),
    ("你们", "㑚"),
    ("他们", "伊拉"),
    ("什么", "啥"),
    ("怎么", "哪能"),
    ("没有", "呒没"),
    ("知道", "晓得"),
    ("喜欢", "欢喜"),
    ("东西", "物事"),
    ("时候", "辰光"),
    ("事情", "事体"),
    ("今天", "今朝"),
    ("明天", "明朝"),
    ("昨天", "昨日"),
    ("晚上", "夜到"),
    ("早上", "早浪"),
    ("一起", "一道"),
    ("谁", "啥人"),
    ("你", "侬"),
    ("他", "伊"),
    ("她", "伊"),
    ("这", "搿"),
    ("那", "埃"),
    ("的", "个"),
    ("不", "勿"),
    ("吗", "𠲎"),
    ("都", "侪"),
    ("很", "老"),
    ("在", "辣"),
    ("给", "拨"),
    ("说", "讲"),
    ("找", "寻"),
)


def exchange_words(text: str, *, back: bool = False) -> str:
    """Mandarin words replaced by Shanghainese ones, or with `back` the other way; everything else stays.

    >>> exchange_words("他不知道你在找什么东西。")
    '伊勿晓得侬辣寻啥物事。'
    >>> exchange_words("伊勿晓得。", back=True)
    '他不知道。'
    """
    table: dict[str, str] = {}
    for mandarin, wu in _EXCHANGED:
        old, new = (wu, mandarin) if back else (mandarin, wu)
        table.setdefault(old, new)
    pattern = "|".join(sorted(map(re.escape, table), key=len, reverse=True))
    return re.sub(pattern, lambda match: table[match[0]], text)


# Numbers: 廿 is twenty, 两 and 二 are two, 卅 is thirty; full-width digits count as digits.
DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
}
UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "零〇一二两三四五六七八九十廿卅百千万"
# 一 that counts nothing: 一共, 一道, 一定, 一样, 一眼 (a little), 一歇 (a moment).
_IDLE_ONE = re.compile("[共道定样眼歇起直般总径切些塌家]")
_NUMBER = re.compile(
    r"(?P<arabic>[0-9][0-9,]*(?:\.[0-9]+)?)|(?P<chinese>["
    + NUMERAL
    + r"]+(?:点[零〇一二三四五六七八九]+(?![点分刻]))?)"
)
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def half_width_numbers(text: str) -> str:
    """Full-width digits become ASCII, and so do the colon and the point between digits; places stay.

    >>> half_width_numbers("１７：３０，３．５块")
    '17:30，3.5块'
    """
    text = re.sub(r"(?<=\d)：(?=\d)", ":", text.translate(_DIGITS))
    return re.sub(r"(?<=\d)．(?=\d)", ".", text)


def read_numeral(text: str) -> Fraction | None:
    """The value of a numeral written in Chinese characters, or None.

    >>> [str(read_numeral(t)) for t in ("廿二", "二十二", "一百零五", "两千三百", "二〇二六", "两百五", "三点五")]
    ['22', '22', '105', '2300', '2026', '250', '7/2']
    >>> read_numeral("十十") is None
    True
    """
    whole, _, decimals = text.partition("点")
    if (
        not whole
        or len(text) > 30
        or any(c not in NUMERAL for c in whole)
        or any(c not in DIGITS for c in decimals)
    ):
        return None
    if decimals:
        value = read_numeral(whole)
        digits = "".join(str(DIGITS[c]) for c in decimals)
        return None if value is None else value + Fraction(int(digits), 10 ** len(digits))
    if len(whole) > 1 and all(c in DIGITS for c in whole):
        return Fraction(int("".join(str(DIGITS[c]) for c in whole)))
    if "万" in whole:
        upper, _, lower = whole.partition("万")
        high = read_numeral(upper)
        low = _below_ten_thousand(lower, 1000) if lower else 0
        return None if high is None or low is None else high * 10000 + low
    value_ = _below_ten_thousand(whole, 0)
    return None if value_ is None else Fraction(value_)


def _below_ten_thousand(text: str, trailing_unit: int) -> int | None:
    """`trailing_unit` is what a bare last digit counts: 两百五 is 250, 两万三 is 23000."""
    text = re.sub("廿", "二十", text).replace("卅", "三十")
    total, digit, last, zero = 0, None, 10000, False
    for character in text:
        if character in DIGITS:
            if digit is not None:
                return None
            if DIGITS[character] == 0 and len(text) > 1:
                zero = True
                continue
            digit = DIGITS[character]
        else:
            unit = UNITS.get(character, 0)
            if unit == 0 or unit >= last or (digit is None and unit != 10):
                return None
            total += (1 if digit is None else digit) * unit
            digit, last, zero = None, unit, False
    if digit is not None:
        step = 1 if zero or last == 10 else last // 10
        if last == 10000:
            step = trailing_unit or 1
        total += digit * step
    return total


def _show(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0")


class Number(NamedTuple):
    """A number found in a text, with its [start, end) place."""

    value: Fraction
    start: int
    end: int


def find_numbers(text: str) -> list[Number]:
    """Numbers in Arabic or Chinese numerals, 两块半 and 三块五角 as money; 一共, 礼拜三 and the like left out.

    >>> [str(n.value) for n in find_numbers("一共廿二块半，再加３只")]
    ['45/2', '3']
    >>> [str(n.value) for n in find_numbers("一样个物事，1,250块")]
    ['1250']
    """
    plain = half_width_numbers(text)
    found: list[Number] = []
    value: Fraction | None
    for match in _NUMBER.finditer(plain):
        if match["arabic"]:
            digits = match["arabic"].replace(",", "")
            value = Fraction(digits) if len(digits) <= 30 else None  # longer is noise, not a number
        else:
            if match[0] == "一" and _IDLE_ONE.match(plain, match.end()):
                continue
            if plain[: match.start()].endswith(("礼拜", "星期", "周")):
                continue
            value = read_numeral(match["chinese"])
        if value is None:
            continue
        end = match.end()
        tail = re.match(
            r"(?:块洋钿|块钱|块|元)(?:(?P<half>半)|(?P<jiao>[一二两三四五六七八九\d])(?:角|毛)?(?![块元十百\d]))?",
            plain[end:],
        )
        if tail and tail["half"]:
            value, end = value + Fraction(1, 2), end + tail.end()
        elif tail and tail["jiao"]:
            tenth = DIGITS.get(tail["jiao"], None)
            value += Fraction(int(tail["jiao"]) if tenth is None else tenth, 10)
            end += tail.end()
        if found and match.start() < found[-1].end:
            continue  # the 五 of 三块五角
        found.append(Number(value, match.start(), end))
    return found


_WEEK = re.compile(r"(?:星期|礼拜|周)(?=[一二两三四五六日天1-7])")
_WEEKDAYS = {
    "天": "日",
    "7": "日",
    "两": "2",
    "二": "2",
    "一": "1",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
}


def fold_numbers(text: str) -> str:
    """One way of writing numbers and weekdays: Arabic digits, 礼拜 for 星期 and 周, 礼拜日 for 礼拜天.

    >>> fold_numbers("五号，星期四") == fold_numbers("５号，礼拜四") == "5号，礼拜4"
    True
    >>> fold_numbers("周日廿二只"), fold_numbers("礼拜两")
    ('礼拜日22只', '礼拜2')
    """
    plain = half_width_numbers(text)
    plain = re.sub(
        _WEEK.pattern + "(.)", lambda m: "礼拜" + _WEEKDAYS.get(m[1], m[1]) + "\N{WORD JOINER}", plain
    )

    def arabic(match: re.Match[str]) -> str:
        if match["arabic"]:
            return (
                match["arabic"].replace(",", "")
                if re.fullmatch(r"\d{1,3}(,\d{3})+", match["arabic"])
                else match[0]
            )
        if match[0] == "一" and _IDLE_ONE.match(plain, match.end()):
            return match[0]
        value = read_numeral(match["chinese"])
        return match[0] if value is None else _show(value)

    return _NUMBER.sub(arabic, plain).replace("\N{WORD JOINER}", "")


def fold(text: str) -> str:
    """`fold_variants`, then `fold_numbers`: what two answers are compared by."""
    return fold_numbers(fold_variants(text))
