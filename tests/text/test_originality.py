"""Known lines by hash, and an index of one's own."""

import pytest

from zhprobe.text.originality import LineIndex, borrowed, find_line, line_digest, near_keys

OWN = ["灯前儿女笑", "窗下稻花香", "野渡舟初泊", "前村雨乍凉"]


def test_a_known_line_is_found_in_both_scripts_with_its_poem():
    assert find_line("床前明月光") is not None or find_line("床前看月光") is not None
    assert find_line("黃河入海流，").words == find_line("黄河入海流").words == "王之涣《登鹳雀楼》"


def test_own_lines_are_not_known():
    assert borrowed(OWN).lines == {}


@pytest.mark.parametrize(
    ("known", "verdict"),
    [((), ""), (("黄河入海流",), "引句"), (("黄河入海流", "白日依山尽"), "袭用"), (("黄河入海流", "白日依山尽", "国破山河在", "城春草木深"), "抄录")],
)  # fmt: skip
def test_one_line_is_a_quotation_two_are_borrowed_half_is_copied(known, verdict):
    assert borrowed([*known, *OWN, *OWN[: max(0, 8 - len(known) - 4)]][:8]).verdict == verdict


def test_lines_the_prompt_gave_do_not_count():
    assert borrowed(["黄河入海流", "白日依山尽", *OWN], given=["白日依山尽", "黄河入海流"]).verdict == ""


def test_short_lines_are_never_known():
    assert find_line("江南") is None


def test_a_digest_is_of_simplified_characters_only():
    assert line_digest("黃河入海流。") == line_digest("黄河入海流")


def test_an_index_holds_what_it_was_given_and_little_else(tmp_path):
    lines = [f"{a}{b}{c}山水" for a in "春夏秋冬" for b in "东南西北" for c in "日月星云"]
    index = LineIndex.of(lines)
    index.save(tmp_path / "lines.idx")
    again = LineIndex.load(tmp_path / "lines.idx")
    assert all(line in again for line in lines)
    others = [f"{a}{b}{c}花鸟" for a in "天地玄黄" for b in "宇宙洪荒" for c in "风雨雷电"]
    assert sum(line in again for line in others) <= 2
    (tmp_path / "bad").write_bytes(b"x" * 40)
    with pytest.raises(ValueError, match="not an index"):
        LineIndex.load(tmp_path / "bad")


def test_single_short_matches_in_a_large_index_do_not_count():
    index = LineIndex.of(["何处难忘酒", "自君之出矣"])
    assert index.known(["何处难忘酒", *OWN]) == []
    assert index.known(["何处难忘酒", "自君之出矣", *OWN]) == [0, 1]


def test_near_keys_blank_one_place_of_five_and_up_to_two_of_seven():
    assert len(list(near_keys("床前明月光"))) == 5
    assert len(list(near_keys("朝辞白帝彩云间"))) == 7 + 21
    assert set(near_keys("床前明月光")) & set(near_keys("床前看月光"))
