"""Spellings of one word compare equal; words that differ do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.wu import (
    accepted_forms,
    find_numbers,
    fold,
    fold_numbers,
    fold_variants,
    lexicon,
    look_up,
    normalise,
    read_numeral,
    respell,
)

# Each pair is one sentence written in two common ways (variant classes of the orthography policy).
SAME = [
    ("侬去伐？", "侬去𠲎？"),
    ("弗晓得", "勿晓得"),
    ("覅急", "勿要急"),
    ("𧟰急", "勿要急"),
    ("门开垃海", "门开辣海"),
    ("坐勒海", "坐辣海"),
    ("伊垃拉看书", "伊辣辣看书"),
    ("伊勒勒看书", "伊辣辣看书"),
    ("伊垃侪来了", "伊拉侪来了"),
    ("依拉侪来了", "伊拉侪来了"),
    ("哀个人", "埃个人"),
    ("箇搭", "搿搭"),
    ("我额书", "我个书"),
    ("老好呃", "老好个"),
    ("汰手", "汏手"),
    ("困觉", "睏觉"),
    ("葛么走", "葛末走"),
    ("上海言话", "上海闲话"),
    ("明朝夜道", "明朝夜到"),
    ("孛相", "白相"),
    ("推板", "推扳"),
    ("来事𠲎", "来三𠲎"),
    ("勿來塞", "勿来三"),
    ("儂講閒話", "儂讲闲话"),
]

# Characters that stand in both columns somewhere but mean something else here.
DIFFERENT = [
    "讨伐敌人",
    "悲哀",
    "额角头",
    "余额",
    "拉海鲜车",
    "后首来事体蛮多",
    "淘汰",
    "垃圾",
    "伊拉垃圾倒脱了",
]


@pytest.mark.parametrize(("other", "ours"), SAME)
def test_a_variant_spelling_folds_into_ours(other, ours):
    assert fold_variants(other) == ours


@pytest.mark.parametrize("text", DIFFERENT)
def test_a_look_alike_is_left_alone(text):
    assert fold_variants(text) == text


@pytest.mark.parametrize("words", ["迭个", "我伲", "伲", "帮伊", "跟伊", "告伊", "搭伊", "脱伊"])
def test_words_that_differ_by_generation_or_choice_are_kept_apart(words):
    assert fold_variants(words) == words


def test_a_traditional_text_keeps_the_distinctions_that_a_converter_would_lose():
    assert normalise("睏覺，儂嘸沒，係箇") == "睏觉，儂嘸没，係箇"


@given(st.text(alphabet="侬去伐弗覅垃海拉勒伊依哀个箇额呃汰手困觉葛么言话夜道孛相推板来事塞。，？ "))
def test_folding_twice_is_folding_once(text):
    once = fold_variants(text)
    assert fold_variants(once) == fold_variants(fold_variants(once))


@pytest.mark.parametrize(
    "text",
    [
        "侬今朝夜到来𠲎？搿是我个书，勿要忘记脱。",
        "伊拉坐辣海讲闲话，辣辣等侬睏觉。葛末阿拉先去白相。",
        "衣裳汏好了𠲎？埃只颜色推扳，搿只来三个。",
        "五个人，三个钟头，每个礼拜。",
    ],
)
def test_a_respelling_folds_back_to_what_it_respells(text):
    folded = fold_variants(respell(text)).replace("吾", "我")
    assert folded.replace("垃", "辣") == fold_variants(text)


def test_a_respelling_leaves_classifiers_alone():
    assert respell("三个人，搿个礼拜，几个？辣椒酱") == "三个人，搿个礼拜，几个？辣椒酱"


def test_the_word_table_is_sorted_and_has_no_doubles():
    keys = [(word.form, word.sense, word.gloss) for word in lexicon()]
    assert len(keys) == 704
    assert len(set(keys)) == len(keys)
    assert [word.form for word in lexicon()] == sorted(word.form for word in lexicon())


def test_every_spelling_of_a_word_is_accepted_for_it():
    assert set(accepted_forms("睏觉")) == {"睏觉", "困觉"}
    assert set(accepted_forms("夜到")) >= {"夜到", "夜道"}
    assert accepted_forms("地铁") == ("地铁",)


def test_a_word_is_found_by_a_variant_and_by_a_traditional_spelling():
    assert [word.gloss for word in look_up("閒話")] == [word.gloss for word in look_up("闲话")]
    assert {word.form for word in look_up("困觉")} == {"睏觉"}


# Hand-written: numeral, value.
NUMERALS = [
    ("零", 0),
    ("两", 2),
    ("十", 10),
    ("十二", 12),
    ("廿", 20),
    ("廿五", 25),
    ("卅", 30),
    ("卅六", 36),
    ("二十五", 25),
    ("九十九", 99),
    ("一百", 100),
    ("一百廿", 120),
    ("一百二", 120),
    ("一百零二", 102),
    ("两百五", 250),
    ("三千八", 3800),
    ("三千零八", 3008),
    ("一万两千", 12000),
    ("两万三", 23000),
    ("二〇二六", 2026),
]


@pytest.mark.parametrize(("text", "value"), NUMERALS)
def test_numerals_are_read_as_they_are_said(text, value):
    assert read_numeral(text) == value


@pytest.mark.parametrize("text", ["", "十十", "一二三百", "百", "廿廿", "两半"])
def test_what_is_no_numeral_has_no_value(text):
    assert read_numeral(text) is None


@given(st.integers(min_value=1, max_value=9999))
def test_every_number_below_ten_thousand_is_read_back(value):
    digits = "零一二三四五六七八九"
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            text += ("零" if zero and text else "") + digits[digit] + name
            zero = False
        else:
            zero = bool(text)
    assert read_numeral(text) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("76", [76]),
        ("７６块", [76]),
        ("七十六块洋钿", [76]),
        ("廿二块半", [22.5]),
        ("三块五角", [3.5]),
        ("三块五", [3.5]),
        ("两块半一斤，买四斤", [2.5, 1, 4]),
        ("一共76块", [76]),
        ("1,250", [1250]),
        ("一眼也呒没", []),
        ("礼拜三", []),
        ("周五来3个人", [3]),
        ("3+4=7", [3, 4, 7]),
        ("", []),
    ],
)
def test_numbers_are_found_in_running_text(text, values):
    assert [float(number.value) for number in find_numbers(text)] == values


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("五号，礼拜四", "5号，星期四"),
        ("周日", "礼拜天"),
        ("礼拜两", "星期二"),
        ("廿五只", "二十五只"),
        ("两只", "2只"),
        ("１７：３０", "17:30"),
    ],
)
def test_equivalent_numbers_fold_to_one_writing(one, other):
    assert fold_numbers(one) == fold_numbers(other)


def test_different_days_stay_different():
    assert len({fold(f"礼拜{day}") for day in "一两三四五六日"}) == 7


@given(st.text())
def test_no_text_makes_folding_fail(text):
    assert isinstance(fold(text), str)
    assert isinstance(respell(text), str)
    assert isinstance(find_numbers(text), list)
