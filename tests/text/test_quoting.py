"""Quotes looked up in answers (rubric contract, section 7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.quoting import find_quote, norm1, norm2

ANSWER = "根据《民法典》，向人民法院请求保护民事权利的**诉讼时效期间**为三年。\n他说：“时效届满，义务人可以抗辩……”（第192条）"


@pytest.mark.parametrize(
    "quote",
    [
        "诉讼时效期间为三年",  # exact but for Markdown bold
        "诉讼时效期间**为三年",
        "义务人可以抗辩……”（第１９２条）",  # full width against half width
        "他说：时效届满，义务人可以抗辩",  # missing quotation marks
        "他说:「时效届满,义务人可以抗辩",  # other quotation marks, half-width stops
        "根据《民法典》…诉讼时效期间为三年",  # two excerpts
        "请求保护民事权利；义务人可以抗辩",
        " 请求保护\n民事权利 ",
    ],
)
def test_a_quote_is_found_however_it_was_typeset(quote):
    assert find_quote(quote, ANSWER).found


@pytest.mark.parametrize(
    ("quote", "fault"),
    [
        ("诉讼时效期间为二年", "not_found"),  # wrong number
        ("三年", "too_short"),
        ("请回答诉讼时效是多久", "not_found"),  # from the prompt
        ("", "empty"),
        ("……", "too_short"),
        ("请求保护民事权利；义务人不可抗辩", "not_found"),  # one of two excerpts is not there
    ],
)
def test_a_quote_that_is_not_there_is_not_found(quote, fault):
    assert (find_quote(quote, ANSWER).found, find_quote(quote, ANSWER).fault) == (False, fault)


def test_a_whole_answer_shorter_than_six_characters_may_be_quoted():
    assert find_quote("三年", "三年。").found
    assert find_quote("。", "。").found


def test_spans_point_at_the_words_in_the_untouched_answer():
    ((start, end),) = find_quote("诉讼时效期间为三年", ANSWER).spans
    assert ANSWER[start:end] == "诉讼时效期间**为三年"


@given(st.text())
def test_every_text_is_its_own_quote_or_too_short_to_be_one(text):
    found = find_quote(text, text)
    assert found.found or not norm1(text)


@given(st.text(), st.text())
def test_looking_up_never_fails_and_spans_stay_inside(quote, answer):
    for start, end in find_quote(quote, answer).spans:
        assert 0 <= start < end <= len(answer)


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert norm2(norm2(text)) == norm2(text)


@pytest.mark.parametrize(
    ("quote", "answer", "spans"),
    [
        ("（甲）乙丙丁戊己", "(甲)乙丙丁戊己庚", ((0, 8),)),  # other brackets, at the very beginning
        ("甲乙丙丁戊己", "甲·乙·丙·丁·戊·己。庚", ((0, 11),)),  # marks between the characters
        (
            "甲乙丙丁戊己…辛壬癸子丑寅",
            "甲乙丙丁戊己庚辛壬癸子丑寅",
            ((0, 6), (7, 13)),
        ),  # six characters a part
        ("甲乙丙丁戊己…庚庚", "甲乙丙丁戊己", ((0, 6),)),  # a part under six is no evidence either way
        ("。", "。", ((0, 1),)),
        ("甲、乙", "甲，乙。", ((0, 3),)),  # the whole of a short answer
    ],
)
def test_spans_are_exact(quote, answer, spans):
    assert find_quote(quote, answer).spans == spans


@pytest.mark.parametrize(
    ("quote", "answer", "fault"),
    [
        ("ＡＢＣＤＥ", "abcdefgh", "too_short"),  # five
        ("ＡＢＣＤＥＦ", "abcdefgh", ""),  # six
        ("丙丁", "甲乙", "not_found"),
        ("甲", "甲乙", "too_short"),
        ("甲", "甲乙丙丁戊己庚", "too_short"),
    ],
)
def test_six_characters_are_enough_and_five_are_not(quote, answer, fault):
    assert find_quote(quote, answer).fault == fault
