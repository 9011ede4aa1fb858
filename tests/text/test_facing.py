"""Facing lines against couplets that every primer gives, and lines that do not face."""

import pytest

from zhprobe.text.facing import facing, pair_count, pair_score


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("大漠孤烟直", "长河落日圆"),
        ("两个黄鹂鸣翠柳", "一行白鹭上青天"),
        ("无边落木萧萧下", "不尽长江滚滚来"),
        ("明月松间照", "清泉石上流"),
        ("風急天高猿嘯哀", "渚清沙白鳥飛迴"),
    ],
)
def test_couplets_of_the_primers_face_each_other(one, two):
    assert facing(one, two).band == "对仗有据"


@pytest.mark.parametrize(("one", "two"), [("今夜鄜州月", "闺中只独看"), ("此情可待成追忆", "只是当时已惘然")])
def test_lines_that_run_on_do_not_count_as_facing(one, two):
    assert facing(one, two).band != "对仗有据"


def test_a_pair_counts_the_same_both_ways_and_in_both_scripts():
    assert pair_count("风", "雨") == pair_count("雨", "風") == 2039
    assert pair_score("风", "雨") == pair_score("雨", "风")


def test_the_same_character_on_both_sides_is_the_lowest_score():
    assert pair_score("春", "春") == -2.0


def test_rare_characters_are_left_out_and_too_many_leave_it_open():
    assert pair_score("龘", "山") is None
    assert facing("龘龘龘山水", "龘龘龘日月").band == "难定"
    assert facing("", "").band == "难定" and facing("春", "秋风").band == "难定"
