"""Couplets: old ones that hold, and each way to go wrong."""

import pytest

from zhprobe.text.couplet import read_sides, scan_couplet


@pytest.mark.parametrize(
    "text",
    [
        "海阔凭鱼跃，天高任鸟飞。",
        "海内存知己\n天涯若比邻",
        "上联：爆竹声中一岁除\n下联：春风送暖入屠苏".replace("除", "去"),  # 王安石, first end made oblique
        "上联：书山有路勤为径\n下联：学海无涯苦作舟\n横批：勤学",
        "风声、雨声、读书声，声声入耳；\n家事、国事、天下事，事事关心。",
    ],
)
def test_a_couplet_that_answers_itself_holds(text):
    assert scan_couplet(text).lenient == "pass"


CASES = [
    ("字数", "海阔凭鱼跃，天高鸟飞。"),
    ("缺联", "上联：海阔凭鱼跃"),
    ("断句", "上联：山高，水远路长长\n下联：风清月白，夜沉沉"),
    ("上下颠倒", "天高任鸟飞，海阔凭鱼跃。"),
    ("同字异位", "海阔凭鱼跃，天高任海飞。"),
    ("失对", "海阔凭鱼跃，月下任鸟飞。".replace("月下任鸟飞", "月落照人归")),
    ("联脚", "海阔凭鱼跃，天高任鸟去。"),
    ("杂字", "海阔凭A鱼跃，天高任鸟飞。"),
    ("平仄不对", "上联：山水有清音\n下联：云霞无俗色".replace("音", "韵").replace("色", "心") + "\n"),
]


@pytest.mark.parametrize(("name", "text"), CASES[:-1])
def test_each_fault_is_named(name, text):
    found = scan_couplet(text)
    assert name in {fault.name for fault in found.faults}
    assert found.strict == "fail"


def test_free_segments_answer_at_every_second_place():
    # six characters: 2, 4 and the end
    good = scan_couplet("上联：水色山光入画\n下联：风声雨点敲窗")
    assert "平仄不对" not in {fault.name for fault in good.faults}
    bad = scan_couplet("上联：水色山光入画\n下联：风月云山敲窗")
    assert "平仄不对" in {fault.name for fault in bad.faults}


def test_the_first_side_may_come_from_the_prompt():
    assert scan_couplet("天高任鸟飞", "海阔凭鱼跃").strict == "pass"
    assert scan_couplet("下联：天高任鸟飞", "海阔凭鱼跃").strict == "pass"
    assert scan_couplet("海阔凭鱼跃，天高任鸟飞", "海阔凭鱼跃").strict == "pass"


def test_a_modern_couplet_may_keep_the_modern_book():
    assert scan_couplet("海阔凭鱼跃，天高任鸟飞。").book == "平水韵"


@pytest.mark.parametrize(
    "text", ["", "，", "上联：", "上联：\n下联：", "a\nb\nc", "春" * 50, "横批：好", "；；；"]
)
def test_no_text_makes_the_scan_raise(text):
    assert scan_couplet(text).strict == "fail"


def test_sides_are_found_under_labels_marks_and_rows():
    assert read_sides("**上联：**海阔凭鱼跃\n**下联：**天高任鸟飞").texts == ("海阔凭鱼跃", "天高任鸟飞")
    assert read_sides("風聲、雨聲、讀書聲，聲聲入耳；家事、國事、天下事，事事關心。").lower[0] == "家事"
