"""Checks of verse as probes use them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.checks.registry import all_checks, checked_parameters, look_up
from zhprobe.checks.verse import (
    ci_length,
    ci_rhyme,
    ci_tones,
    couplet_form,
    verse_acrostic,
    verse_facing,
    verse_forbids,
    verse_original,
    verse_rhyme,
    verse_scan,
    verse_sequence,
    verse_shape,
    verse_tones,
    verse_uses,
)

# Written for this test: a quatrain on a river in autumn, 八庚.
RIVER = "江阔秋云淡，舟轻夜月明。\n芦花随岸白，归雁一声声。"
FLOWERS = "云淡风轻近午天，傍花随柳过前川。时人不识余心乐，将谓偷闲学少年。"
SOUTH = "江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南？"
FORMAL = [verse_shape, verse_tones, verse_sequence, verse_rhyme]


def outcomes(text):
    return [check(text).outcome for check in FORMAL]


def test_a_good_quatrain_meets_every_check_of_form():
    assert outcomes(RIVER) == ["met"] * 4
    assert verse_scan(RIVER, form="五绝", rhyme="八庚").outcome == "met"
    assert verse_original(RIVER).outcome == "met"


@pytest.mark.parametrize(
    ("text", "failing"),
    [
        (FLOWERS.replace("傍花", "傍水"), 1),  # tone
        (FLOWERS.replace("少年", "少时"), 3),  # rhyme
        ("偶来松树下，高枕石头眠。山中无历日，寒尽不知年。", 2),  # sequence
    ],
)
def test_a_poem_wrong_in_one_way_fails_that_check_alone(text, failing):
    found = outcomes(text)
    assert found[failing] == "not_met"
    assert [outcome for n, outcome in enumerate(found) if n != failing] == ["met"] * 3


def test_another_regular_shape_than_the_one_asked_for_fails_the_shape_alone():
    assert verse_shape(FLOWERS, form="五绝").outcome == "not_met"
    assert verse_tones(FLOWERS, form="五绝").outcome == verse_rhyme(FLOWERS, form="五绝").outcome == "met"


def test_what_has_no_shape_is_not_scanned_and_not_met():
    for check in FORMAL:
        assert check("江阔秋云淡，舟轻夜月。").outcome == "not_met"
        assert check("").outcome == "not_met"


def test_prose_and_old_style_fail_the_sequence_too():
    old = "人遠賢臣此後漢，所以傾頹也先帝。在時每與臣論此，事未嘗不嘆息吁。"
    assert [check(old).outcome for check in FORMAL[1:]] == ["not_met"] * 3
    assert [check("千山鸟飞绝，万径人踪灭。孤舟蓑笠翁，独钓寒江雪。").outcome for check in FORMAL[1:]] == [
        "not_met"
    ] * 3


def test_tones_may_hold_where_no_line_rhymes():
    text = RIVER.replace("月明", "月东").replace("声声", "声山")
    assert outcomes(text) == ["met", "met", "met", "not_met"]


def test_a_group_that_the_book_used_has_not_is_not_kept():
    modern = "白日依山尽，黄河入海国。欲穷千里目，更上万重波。"
    assert verse_rhyme(modern, book="").outcome == "met"
    assert verse_rhyme(modern, book="", rhyme="一东").outcome == "not_met"


def test_the_strict_reading_is_the_outcome_and_the_lenient_stands_beside_it():
    found = verse_rhyme(FLOWERS.replace("少年", "少言"))
    assert (found.outcome, found.lenient, found.codes) == ("not_met", "met", ("邻韵",))
    assert verse_rhyme(FLOWERS.replace("少年", "少言"), lenient=True).outcome == "met"
    broken = "偶来松树下，高枕石头眠。山中无历日，寒尽不知年。"
    assert verse_sequence(broken).lenient == "met" == verse_sequence(broken, lenient=True).outcome


def test_a_rare_reading_leaves_only_the_check_it_bears_on_unsure():
    text = RIVER.replace("舟轻", "舟不")
    assert outcomes(text) == ["met", "unsure", "met", "met"]
    assert "须读“不”" in verse_tones(text).reason


def test_spans_point_at_the_character():
    text = "《题》\n" + RIVER.replace("舟轻夜", "舟水夜")
    found = verse_tones(text)
    ((start, end),) = found.spans
    assert text[start:end] == "水"


def test_rhyme_words_given_must_be_used_and_in_order_where_asked():
    assert verse_rhyme(RIVER, rhyme_words=("明", "声"), in_order=True).outcome == "met"
    assert verse_rhyme(RIVER, rhyme_words=("声", "明")).outcome == "met"
    assert verse_rhyme(RIVER, rhyme_words=("声", "明"), in_order=True).outcome == "not_met"
    assert verse_rhyme(RIVER, rhyme_words=("情",)).codes == ("未用指定韵",)


def test_the_group_asked_for_may_be_named_as_prompts_name_it():
    for name in ("庚", "八庚", "下平八庚", "八庚韵"):
        assert verse_rhyme(RIVER, rhyme=name).outcome == "met"
    assert verse_rhyme(RIVER, rhyme="一东").outcome == "not_met"
    assert verse_rhyme(RIVER, rhyme="不存").outcome == "unsure"
    assert verse_rhyme(RIVER, book="中华新韵", rhyme="庚").outcome == "met"


def test_long_verse_has_ten_lines_or_as_many_as_asked():
    long = "\n".join(["江阔秋云淡，舟轻夜月明。", "芦花随岸白，归雁一声声。"] * 3)
    assert verse_shape(long, form="排律").outcome == "met"
    assert verse_shape(long, form="五言排律", lines=10).outcome == "not_met"
    assert verse_shape(RIVER, form="排律").outcome == "not_met"
    assert verse_rhyme(long).codes == ("重韵",)


def test_a_title_that_could_be_a_line_leaves_the_shape_unsure():
    assert verse_shape("秋江夜泊时\n" + RIVER, form="五绝").outcome == "unsure"


EIGHT = (
    "单车欲问边，属国过居延。\n征蓬出汉塞，归雁入胡天。\n大漠孤烟直，长河落日圆。\n萧关逢候骑，都护在燕然。"
)


def test_facing_lines_are_asked_for_in_the_middle_couplets():
    assert verse_facing(EIGHT).outcome == "met"
    assert verse_facing(EIGHT, couplets=(2, 3, 4)).outcome in ("not_met", "unsure")
    loose = EIGHT.replace("大漠孤烟直，长河落日圆。", "使者今何在，谁知落日圆。")
    assert verse_facing(loose).outcome != "met"
    assert verse_facing(loose, lenient=True).outcome == "met" == verse_facing(loose).lenient
    assert verse_facing(RIVER).outcome == "not_met"


def test_one_known_line_is_told_and_two_are_too_many():
    one = RIVER.replace("江阔秋云淡", "国破山河在")
    assert verse_original(one).outcome == "met" and "杜甫《春望》" in verse_original(one).reason
    two = one.replace("舟轻夜月明", "城春草木深")
    assert verse_original(two).outcome == "not_met"
    assert verse_original(two, given=("国破山河在", "城春草木深")).outcome == "met"


def test_characters_may_be_forbidden_asked_for_or_put_at_the_head():
    assert verse_forbids(RIVER, characters="雨雪").outcome == "met"
    assert verse_forbids("《雨》\n" + RIVER, characters="雨").outcome == "met"
    assert verse_forbids(RIVER.replace("云", "雲"), characters="云").outcome == "not_met"
    assert verse_forbids("", characters="云").outcome == "not_met"
    assert verse_uses(RIVER, words=("芦花", "雁")).outcome == "met"
    assert verse_uses(RIVER, words=("芦花", "梅"), any_of=True).outcome == "met"
    assert verse_uses(RIVER, words=("芦花", "梅")).outcome == "not_met"
    assert verse_acrostic(RIVER, heads="江舟芦归").outcome == "met"
    assert verse_acrostic(RIVER, heads="江舟芦雁").reason == "第4句应藏“雁”，实为“归”"
    assert verse_acrostic("秋江\n" + RIVER, heads="江舟芦归").outcome == "met"
    assert verse_acrostic(RIVER, heads="淡明白声", place=-1).outcome == "met"


def test_a_song_is_checked_for_length_tones_and_rhyme_apart():
    assert [check(SOUTH, tune="忆江南").outcome for check in (ci_length, ci_tones, ci_rhyme)] == ["met"] * 3
    short = SOUTH.replace("红胜火", "如火")
    assert [check(short, tune="忆江南").outcome for check in (ci_length, ci_tones, ci_rhyme)] == [
        "not_met",
        "met",
        "met",
    ]
    tone = SOUTH.replace("绿如蓝", "绿似蓝")
    assert [check(tone, tune="忆江南").outcome for check in (ci_length, ci_tones, ci_rhyme)] == [
        "met",
        "not_met",
        "met",
    ]
    assert ci_tones(tone, tune="忆江南", lenient=True).outcome == "met"
    rhyme = SOUTH.replace("忆江南", "忆江东")
    assert [check(rhyme, tune="忆江南").outcome for check in (ci_length, ci_tones, ci_rhyme)] == [
        "met",
        "met",
        "not_met",
    ]
    assert [check("", tune="忆江南").outcome for check in (ci_length, ci_tones, ci_rhyme)] == ["not_met"] * 3
    assert ci_length(SOUTH, tune="自度曲").outcome == "unsure"


def test_a_couplet_given_its_first_side_may_not_change_it():
    assert couplet_form("天高任鸟飞", first="海阔凭鱼跃", characters=5).outcome == "met"
    assert couplet_form("天空随鸟跃，天高任鸟飞", first="海阔凭鱼跃").outcome == "not_met"
    assert couplet_form("海阔凭鱼跃，天高任鸟飞", characters=7).codes == ("字数",)
    assert couplet_form("").outcome == "not_met"


VERSE = [name for name, check in all_checks().items() if check.function.__module__ == "zhprobe.checks.verse"]
NEEDED = {"tune": "忆江南", "characters": "云", "words": ("云",), "heads": "江舟芦归", "options": ("春江",)}


@pytest.mark.parametrize("name", VERSE)
@given(text=st.text("春江花月夜，。！？；：、\n《》（）〇々𠮷Aa1 　“”上下联：", max_size=80))
def test_no_answer_makes_a_check_raise_and_every_verdict_has_a_reason(name, text):
    check = look_up(name)
    parameters = {key: NEEDED[key] for key in check.required}
    found = check.function(text, **parameters)
    assert found.outcome in ("met", "not_met", "unsure") and found.reason


ASKED = [
    ("verse_shape", {"form": "五绝"}, "以“秋江”为题写一首五言绝句。", "写一首七绝。"),
    ("verse_rhyme", {"rhyme": "八庚"}, "用平水韵庚韵写一首五绝。", "用平水韵写一首五绝。"),
    ("verse_rhyme", {"book": "中华新韵"}, "用中华新韵写。", "用平水韵写。"),
    ("verse_rhyme", {"rhyme_words": ("明", "声")}, "依平水韵，以“明”“声”为韵脚。", "依平水韵写。"),
    ("ci_tones", {"tune": "念奴娇"}, "填一首《酹江月》。", "填一首《如梦令》。"),
    ("verse_acrostic", {"heads": "春水"}, "每句首字依次为“春水”。", "写一首藏头诗。"),
    ("verse_uses", {"words": ("芦花",)}, "诗中须有“芦花”。", "写秋江。"),
    ("verse_forbids", {"characters": "雪"}, "不得出现“雪”字。", "写冬天。"),
    ("couplet_form", {"first": "海阔凭鱼跃"}, "请对下联：海阔凭鱼跃。", "写一副对联。"),
    ("verse_facing", {}, "写一首律诗，颔联颈联对仗。", "写一首绝句。"),
]


@pytest.mark.parametrize(("name", "parameters", "good", "bad"), ASKED)
def test_a_prompt_that_does_not_ask_is_noticed(name, parameters, good, bad):
    check = look_up(name)
    assert check.asked(good, parameters) == ""
    assert check.asked(bad, parameters)


LOOSE = [
    ("verse_rhyme", {"rhyme": "八庚", "rhyme_words": ["明", "声"], "in_order": True}, 4),
    ("verse_shape", {"form": "排律", "lines": 12}, 2),
    ("verse_tones", {}, 1),
    ("verse_facing", {}, 3),
    ("verse_forbids", {"characters": "雨雪"}, 2),
    ("verse_uses", {"words": ["芦花", "雁"]}, 2),
    ("ci_tones", {"tune": "忆江南"}, 1),
    ("couplet_form", {"first": "海阔凭鱼跃", "characters": 5}, 3),
]


@pytest.mark.parametrize(("name", "parameters", "steps"), LOOSE)
def test_each_step_looser_is_a_valid_set_of_parameters(name, parameters, steps):
    check = look_up(name)
    found = list(check.loosen(checked_parameters(name, parameters)))
    assert len(found) == steps and len({label for label, _ in found}) == steps
    for _, looser in found:
        checked_parameters(name, {key: list(v) if isinstance(v, tuple) else v for key, v in looser.items()})
        check.function(RIVER, **looser)


ENDLESS = ["白日依山尽，" * 20_000, "白日依山尽，黄河入海流。\n" * 150, "春" * 100_000, "春，" * 30_000, "\n".join("人之初性本善"[n % 6] * 5 for n in range(6000)), "上联：" + "春花" * 20_000 + "\n下联：" + "花春" * 20_000]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", VERSE)
@pytest.mark.parametrize("number", range(len(ENDLESS)))
def test_an_endless_answer_is_judged(name, number):
    check = look_up(name)
    assert check.function(ENDLESS[number], **{key: NEEDED[key] for key in check.required}).reason


@pytest.mark.parametrize("name", VERSE)
@pytest.mark.parametrize("unit", ["白日依山尽，", "白日依山尽，黄河入海流。\n", "春", "春，", "性性性性性\n"])
def test_twice_the_endless_answer_is_no_more_than_twice_the_work(name, unit, lines_run):
    """From 2,400 characters on: shorter ones may still be verse and are searched for the best reading."""
    check = look_up(name)
    needed = {key: NEEDED[key] for key in check.required}
    once, twice = unit * (2400 // len(unit)), unit * (4800 // len(unit))
    check.function(once, **needed)  # loads the tables
    work = lines_run(lambda: check.function(once, **needed))
    assert lines_run(lambda: check.function(twice, **needed)) < 2.2 * work


def test_a_line_said_twice_over_is_no_repeated_rhyme():
    """辛弃疾《丑奴儿·书博山道中壁》 says two of its lines twice."""
    said = "少年不识愁滋味，爱上层楼。爱上层楼，为赋新词强说愁。\n而今识尽愁滋味，欲说还休。欲说还休，却道天凉好个秋。"
    assert ci_rhyme(said, tune="采桑子").outcome == "met"
    assert ci_rhyme(said.replace("爱上层楼，为", "独上层楼，为"), tune="采桑子").outcome == "not_met"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("却道，此心安处是吾乡。", "met"),
        ("**“卻道：此心安處是吾鄉”**", "met"),
        ("却道此心安处是吾乡，万里归来", "not_met"),
        ("下一句是却道此心安处是吾乡", "not_met"),
        ("", "not_met"),
    ],
)
def test_a_line_is_known_by_its_characters_whatever_stands_around_them(answer, expected):
    found = look_up("verse_line").function(answer, options=("却道此心安处是吾乡",))
    assert found.outcome == expected
