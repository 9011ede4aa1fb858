"""Songs everybody knows laid on their tunes."""

import pytest

from zhprobe.text.ci import find_tune, scan_song, tunes

SOUTH = "江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南？"  # 白居易
DREAM = "常记溪亭日暮，沉醉不知归路。兴尽晚回舟，误入藕花深处。争渡，争渡，惊起一滩鸥鹭。"  # 李清照
MOON = (
    "明月几时有？把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。起舞弄清影，何似在人间。"
    "转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆？人有悲欢离合，月有阴晴圆缺，此事古难全。但愿人长久，千里共婵娟。"
)  # 苏轼
BODHI = "平林漠漠烟如织，寒山一带伤心碧。暝色入高楼，有人楼上愁。玉阶空伫立，宿鸟归飞急。何处是归程？长亭更短亭。"  # 李白
WEST = "明月别枝惊鹊，清风半夜鸣蝉。稻花香里说丰年，听取蛙声一片。七八个星天外，两三点雨山前。旧时茅店社林边，路转溪桥忽见。"  # 辛弃疾


@pytest.mark.parametrize(
    ("tune", "song"),
    [
        ("忆江南", SOUTH),
        ("望江南", SOUTH),
        ("如梦令", DREAM),
        ("水调歌头", MOON),
        ("菩萨蛮", BODHI),
        ("西江月", WEST),
    ],
)
def test_a_known_song_fits_its_tune(tune, song):
    found = scan_song(song, tune)
    assert not found.faults and found.strict in ("pass", "unsure") and found.lenient == found.strict


def test_a_title_with_the_tune_does_not_count():
    assert scan_song("忆江南·春\n" + SOUTH, "忆江南").strict == "pass"
    assert scan_song("《憶江南》\n" + SOUTH, "忆江南").strict == "pass"


def test_a_missing_character_is_told_with_the_line_it_is_missing_from():
    found = scan_song(SOUTH.replace("风景旧曾谙", "风景曾谙"), "忆江南")
    assert [fault.name for fault in found.faults] == ["字数"]
    assert "第2句“风景曾谙”4字，应5字，少了" in found.faults[0].message


def test_a_wrong_tone_is_told_at_its_place_and_one_is_let_go():
    found = scan_song(SOUTH.replace("日出江花", "日出水花"), "忆江南")
    assert not found.faults  # character 3 there is free
    found = scan_song(SOUTH.replace("绿如蓝", "绿似蓝"), "忆江南")
    assert [(f.name, f.line, f.character) for f in found.faults] == [("平仄", 4, 6)]
    assert (found.strict, found.lenient) == ("fail", "pass")


def test_an_off_rhyme_is_told_with_the_part_it_should_have():
    found = scan_song(SOUTH.replace("忆江南", "忆江东"), "忆江南")
    assert [f.message for f in found.faults] == ["第5句“东”（第一部平）出韵，应押第十四部平"]


def test_a_tune_with_a_level_and_an_oblique_form_keeps_to_one_of_them():
    # 李清照《声声慢》 rhymes on entering tones throughout
    slow = (
        "寻寻觅觅，冷冷清清，凄凄惨惨戚戚。乍暖还寒时候，最难将息。三杯两盏淡酒，怎敌他、晚来风急！雁过也，正伤心，却是旧时相识。"
        "满地黄花堆积，憔悴损，如今有谁堪摘？守着窗儿，独自怎生得黑！梧桐更兼细雨，到黄昏、点点滴滴。这次第，怎一个愁字了得！"
    )
    found = scan_song(slow, "声声慢")
    assert found.rhymes == ("第十七部仄",) and found.lenient in ("pass", "unsure")


def test_songs_that_change_rhyme_keep_each_list_apart():
    assert scan_song(BODHI, "菩萨蛮").rhymes == ("第十七部仄", "第十二部平", "第十七部仄", "第十一部平")


def test_a_rhyme_place_without_a_break_is_a_fault_and_other_breaks_are_not():
    assert [f.name for f in scan_song(SOUTH.replace("谙。", "谙"), "忆江南").faults] == ["断句"]
    joined = scan_song(SOUTH.replace("江南好，风", "江南好风"), "忆江南")
    assert joined.strict == "pass" and [mark.name for mark in joined.marks] == ["断句有异"]


def test_a_word_may_stand_twice_as_rhyme_only_where_the_tune_repeats():
    assert "重韵" not in {f.name for f in scan_song(DREAM, "如梦令").faults}
    again = scan_song(DREAM.replace("深处", "深路"), "如梦令")
    assert "重韵" in {f.name for f in again.faults} and again.lenient != "fail"


def test_tunes_are_found_by_other_names_in_both_scripts_and_with_subtitles():
    assert find_tune("酹江月").name == "念奴娇" and find_tune("念奴嬌 赤壁懷古").name == "念奴娇"
    assert find_tune("浪淘沙令").name == "浪淘沙" and find_tune("一剪梅") is not None
    assert len({tune.name for tune in tunes().values()}) == 72


def test_a_tune_that_is_not_held_leaves_everything_unsure():
    found = scan_song(SOUTH, "自度曲")
    assert found.strict == found.lenient == "unsure" and [f.name for f in found.faults] == ["无谱"]


def test_a_song_of_another_tune_does_not_fit():
    assert scan_song(DREAM, "忆江南").lenient == "fail"
    assert scan_song(WEST, "菩萨蛮").lenient == "fail"


@pytest.mark.parametrize("text", ["", "。", "春", "春" * 27, "🙂", "\n\n", "A" * 30])
def test_no_text_makes_the_scan_raise(text):
    assert scan_song(text, "忆江南").strict in ("fail", "unsure")


def test_every_pattern_has_its_rhymes_inside_and_in_tone():
    for tune in tunes().values():
        for variant in tune.variants:
            for group in variant.rhymes:
                for place, tone in group:
                    assert place < len(variant.letters), tune.name
                    assert tone == "中" or variant.letters[place] in ("中", tone), (
                        tune.name,
                        variant.label,
                        place,
                    )
