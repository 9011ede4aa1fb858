"""Numbers in Chinese: the vectors of the specification, and a round trip of writer and reader."""

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.numbers import (
    read_integer,
    read_number,
    rmb_fault,
    well_formed_rmb,
    write_number,
    write_rmb,
)

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/numbers.jsonl").read_text(encoding="utf-8").splitlines()
]


def of(kind):
    return [(row["text"], row["value"]) for row in VECTORS if row["kind"] == kind]


@pytest.mark.parametrize(("text", "value"), of("capitals"))
def test_an_amount_in_capitals_is_written_and_read_as_the_rule_has_it(text, value):
    assert write_rmb(value) == text
    assert read_number(text) == Decimal(value)
    assert rmb_fault(text, value) == ""


@pytest.mark.parametrize(("text", "value"), of("everyday"))
def test_a_whole_number_is_written_and_read_as_people_write_it(text, value):
    assert write_number(int(value)) == text
    assert read_integer(text) == int(value)


@pytest.mark.parametrize(("text", "value"), of("read"))
def test_the_reader_reads_what_has_one_value_and_nothing_else(text, value):
    assert read_number(text) == (None if value is None else Decimal(value))


# each line: what a person may write, and its one value or None
MORE = [
    ("两千两百", "2200"),
    ("三万七", "37000"),
    ("一亿二", "120000000"),
    ("一百十五", "115"),
    ("贰拾万零叁", "200003"),
    ("十萬", "100000"),
    ("５万", "50000"),
    ("-5", "-5"),
    ("三块钱", "3"),
    ("五毛", "0.5"),
    ("3元5角", "3.5"),
    ("一点二亿", "120000000"),
    ("二十两", None),
    ("两十", None),
    ("三百零", None),
    ("零三百", None),
    ("十十", None),
    ("三万三三", None),
    ("三千五元", None),
    ("叁仟伍元", None),
    ("1,2", None),
    ("1.2.3", None),
    ("1e5", None),
    ("+5", None),
    ("百", None),
    ("点五", None),
    ("几十", None),
    ("五来个", None),
    ("", None),
    ("　", None),
]


@pytest.mark.parametrize(("text", "value"), MORE)
def test_what_has_no_single_value_is_not_guessed(text, value):
    assert read_number(text) == (None if value is None else Decimal(value))


def amounts(count, seed):
    """Amounts of all sizes, half of them full of zeros, where writers and readers go wrong."""
    draw = random.Random(seed)
    for _ in range(count):
        digits = [str(draw.randrange(10)) for _ in range(draw.randint(1, 15))]
        if draw.random() < 0.5:
            digits = [digit if draw.random() < 0.5 else "0" for digit in digits]
        yield Decimal(int("".join(digits))) / 100


def assert_round_trip(count, seed):
    for amount in amounts(count, seed):
        for text in well_formed_rmb(amount):
            assert read_number(text) == amount, (amount, text)
            assert rmb_fault(text, amount) == ""
            assert rmb_fault(text, amount + Decimal("0.01")) == "value_mismatch"


def test_five_thousand_amounts_survive_writing_and_reading():
    assert_round_trip(5_000, seed=11)


@pytest.mark.slow
def test_two_hundred_thousand_amounts_survive_writing_and_reading():
    assert_round_trip(200_000, seed=12)


@given(st.integers(0, 10**16 - 1))
def test_every_whole_number_survives_writing_and_reading(number):
    assert read_number(write_number(number)) == number


# 《正确填写票据和结算凭证的基本规定》: its own examples, then forms it does not allow
FORMS = [
    ("人民币壹仟肆佰零玖元伍角", "1409.50", ""),
    ("人民币陆仟零柒元壹角肆分", "6007.14", ""),
    ("人民币壹仟陆佰捌拾元零叁角贰分", "1680.32", ""),
    ("人民币壹仟陆佰捌拾元叁角贰分", "1680.32", ""),
    ("人民币壹拾万柒仟元零伍角叁分", "107000.53", ""),
    ("人民币壹拾万零柒仟元伍角叁分", "107000.53", ""),
    ("人民币壹万陆仟肆佰零玖元零贰分", "16409.02", ""),
    ("人民币叁佰贰拾伍元零肆分", "325.04", ""),
    ("叁佰圆正", "300", ""),
    ("叁佰元", "300", "format_only"),
    ("叁仟元伍分", "3000.05", "format_only"),
    ("拾伍元整", "15", "format_only"),
    ("零元伍分", "0.05", "format_only"),
    ("壹佰元伍分整", "100.05", "format_only"),
    ("壹仟伍佰元零叁角整", "1500.3", ""),
    ("壹仟伍佰零壹元零叁角整", "1501.3", "format_only"),
    ("一百元整", "100", "form_lower"),
    ("壹佰二拾元整", "120", "form_lower"),
    ("100元", "100", "form_arabic"),
    ("壹佰元整", "101", "value_mismatch"),
    ("壹佰伍元整", "105", "value_mismatch"),  # 105 or 150: not read at all
    ("大约壹佰元整", "100", "value_mismatch"),
]


@pytest.mark.parametrize(("text", "amount", "fault"), FORMS)
def test_the_form_of_an_amount_follows_the_regulation(text, amount, fault):
    assert rmb_fault(text, amount) == fault


def test_a_part_of_a_cent_and_a_negative_amount_cannot_be_written():
    for amount in ("0.001", "-1"):
        with pytest.raises(ValueError, match="yuan"):
            write_rmb(amount)


@given(
    st.text(st.characters(exclude_categories=[]))
    | st.text("零一二三十百千万亿两点元角分块毛0123.,", max_size=12)
)
def test_no_text_makes_the_reader_raise(text):
    read_number(text)
    rmb_fault(text, 5)
