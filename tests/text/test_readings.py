"""Readings of characters against the rhyme books, in both scripts."""

import pytest

from zhprobe.text.readings import (
    TONE_TIERS,
    is_unknown,
    readings,
    same_character,
    simplified,
    tone_code,
    tone_in_word,
)
from zhprobe.text.rhyme import all_groups, find_group, group_label, modern_groups, neighbours


def named(character, book="平水韵"):
    return {(r.tone, r.group) for r in readings(character, book)}


# As in 佩文诗韵.
@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("东", {("平", "东")}),
        ("東", {("平", "东")}),
        ("庚", {("平", "庚")}),
        ("国", {("入", "职")}),
        ("國", {("入", "职")}),
        ("看", {("平", "寒"), ("去", "翰")}),
        ("忘", {("平", "阳"), ("去", "漾")}),
        ("重", {("平", "冬"), ("上", "肿"), ("去", "宋")}),
        ("为", {("平", "支"), ("去", "寘")}),
        ("斜", {("平", "麻")}),
    ],
)
def test_readings_are_those_of_the_rhyme_book(character, expected):
    assert expected <= named(character)
    assert {tone == "平" for tone, _ in named(character)} == {tone == "平" for tone, _ in expected}


def test_a_simplified_character_has_the_readings_of_all_it_stands_for():
    assert {("平", "寒"), ("去", "翰")} <= named("干")  # 乾 干 幹
    assert named("乾") >= {("平", "寒")}
    assert ("平", "庚") in named("徵")  # what converters write for 征


def test_unusual_readings_are_told_from_usual_ones():
    inside = {r.level: r.inside for r in readings("不")}
    assert inside[True] > inside[False] == 0  # level only as 否
    end = {r.level: r.end for r in readings("不")}
    assert end[True] == 0


def test_licensed_readings_are_rare_and_say_why():
    (reading,) = [r for r in readings("衰") if r.group == "灰"]
    assert reading.inside == reading.end == 1 and "鬓毛衰" in reading.licence
    assert {r.tone for r in readings("十")} == {"入", "平"}


def test_a_word_settles_the_tone_of_its_character_in_both_scripts():
    assert tone_in_word("丞相") == (1, "仄") == tone_in_word("丞相")
    assert tone_in_word("九重") == (1, "平")
    assert tone_in_word("相思")[1] == "平"


def test_the_song_book_splits_groups_that_rhyme_apart():
    assert ("平", "10") in named("佳", "词林正韵") and ("平", "5") in named("佳", "词林正韵")
    assert named("魂", "词林正韵") == {("平", "6")} and ("平", "7") in named("元", "词林正韵")


def test_modern_readings_come_with_their_group_and_ghosts_are_not_common():
    assert named("国", "中华新韵") == {("阳", "波")}
    assert named("日", "中华新韵") == {("去", "支")}
    assert named("用", "中华通韵") == {("去", "雍")}
    usual = [(r.label, r.inside) for r in readings("达", "中华新韵")]
    assert ("da2", 0) in usual and all(tier > 0 for label, tier in usual if label != "da2")
    assert tone_code("一", "中华新韵") == "3" and tone_code("不", "中华新韵") == "c"


def test_unknown_and_toneless_characters_are_unknown():
    assert is_unknown("A") and is_unknown("\U00030000") and not is_unknown("春")
    assert tone_code("\U00030000", "平水韵") == "u" and TONE_TIERS["u"] == (0, 0)


def test_every_reading_has_a_group_of_the_book():
    groups = {(g.tone, g.name) for g in all_groups().values()}
    assert len(groups) == 106
    for character in "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往":
        assert named(character) <= groups


def test_groups_are_called_as_the_books_call_them():
    assert [group_label(name) for name in ("东", "真", "删", "先", "庚", "咸")] == [
        "一东", "十一真", "十五删", "一先", "八庚", "十五咸",
    ]  # fmt: skip
    assert find_group("下平八庚") == "庚" and find_group("虞韵") == "虞" and find_group("董") == ""
    assert find_group("庚", "中华新韵") == "庚" and find_group("第七部", "词林正韵") == "7"


def test_neighbours_go_both_ways_and_stay_within_the_sets():
    assert all((b, a) in neighbours() for a, b in neighbours())
    assert ("东", "冬") in neighbours() and ("寒", "先") in neighbours() and ("东", "江") not in neighbours()


def test_each_final_of_pinyin_is_in_one_modern_group():
    assert len(set(modern_groups("中华新韵").values())) == 14
    assert len(set(modern_groups("中华通韵").values())) == 16


def test_two_characters_are_the_same_in_either_script():
    assert same_character("樓", "楼") and not same_character("楼", "搂")
    assert simplified("更上一層樓") == "更上一层楼"
