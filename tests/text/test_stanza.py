"""Taking the verse out of an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.stanza import form_of, read_lines, read_stanza

QUATRAIN = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
TEXT = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "《登鹳雀楼》\n" + TEXT,
        "《登鹳雀楼》 王之涣\n" + TEXT,
        "《登鹳雀楼》\n王之涣\n" + TEXT,
        "题目：登楼远望\n\n" + TEXT,
        "登鹳雀楼\n[唐] 王之涣\n\n" + TEXT,
        "登鹳雀楼\n王之涣\n正文：\n" + TEXT,
        "好的，这是一首五言绝句：\n\n" + TEXT,
        "Here is the poem:\n\n" + TEXT,
        "登鹳雀楼\n白日依山尽黄河入海流欲穷千里目更上一层楼",
        "登鹳雀楼\n" + TEXT,
        "**登鹳雀楼**\n\n" + TEXT,
        "## 登楼\n" + TEXT,
        "```\n" + TEXT + "\n```",
        "1. 白日依山尽，\n2. 黄河入海流。\n3. 欲穷千里目，\n4. 更上一层楼。",
        "> 白日依山尽，黄河入海流。\n> 欲穷千里目，更上一层楼。",
        "“白日依山尽，黄河入海流。”\r\n「欲穷千里目——更上一层楼……」".replace("——", "，"),
        "白日依山尽,黄河入海流.欲穷千里目,更上一层楼.",
        "白日依山尽（尽：落），黄河入海流。欲穷千里目[目：望]，更上一层楼。",
        "白 日 依 山 尽\n黄 河 入 海 流\n欲 穷 千 里 目\n更 上 一 层 楼\n",
        "白日依山尽黄河入海流欲穷千里目更上一层楼",
        "白日依山尽黄河入海流\n欲穷千里目更上一层楼",
    ],
)
def test_the_verse_is_found_under_title_notes_numbers_and_any_punctuation(text):
    assert read_stanza(text).texts == QUATRAIN
    assert read_stanza(text).strange == () and read_stanza(text).doubt == ""


def test_what_was_dropped_is_recorded():
    stanza = read_stanza("《登楼》\n白日依山尽（一作近），黄河入海流。\n欲穷千里目，更上一层楼。")
    assert stanza.dropped == ("《登楼》", "（一作近）")
    assert stanza.title == "《登楼》"


def test_a_first_line_of_verse_length_is_never_dropped():
    stanza = read_stanza("登鹳雀楼诗\n" + "\n".join(QUATRAIN))
    assert len(stanza.lines) == 5 and "题目" in stanza.doubt


def test_a_line_too_short_is_not_taken_for_a_title():
    assert read_stanza("白日依山，\n黄河入海流。\n欲穷千里目，\n更上一层楼。").counts == (4, 5, 5, 5)


def test_two_lines_gone_wrong_at_the_head_are_not_taken_for_title_and_author():
    assert read_stanza("白日依山，\n黄河东入海流。\n" + TEXT + "\n" + TEXT).counts[:2] == (4, 6)


def test_a_book_title_that_opens_a_line_of_verse_is_no_title_line():
    text = "《离骚》读罢泪沾衣，\n湘水无声月照扉。\n千古孤臣同此恨，\n秋风吹雁向南飞。"
    assert read_stanza(text).texts[0] == "离骚读罢泪沾衣"


def test_a_length_that_two_forms_share_needs_the_form():
    text = "春" * 70
    assert "皆可断" in read_stanza(text).doubt
    assert read_stanza(text, "五言排律").counts == (5,) * 14
    assert read_stanza(text, "七言排律").counts == (7,) * 10


@pytest.mark.parametrize(("text", "code"), [("白日依山A尽", "A"), ("白日1依山尽", "1"), ("白日依山尽😀", "😀"), ("白日の依山尽", "の"), ("白日□依山", "□")])  # fmt: skip
def test_what_is_not_han_inside_a_line_is_told(text, code):
    assert [character for _, character, _ in read_stanza(text).strange] == [code]


def test_rare_characters_zero_and_the_repetition_mark_count_as_characters():
    assert read_stanza("𠮷人〇字𰻝").counts == (5,)
    assert read_stanza("行行重々行").texts == ("行行重重行",)


def test_offsets_point_into_the_answer():
    stanza = read_stanza("《题》\n" + TEXT)
    answer = "《题》\n" + TEXT
    assert all(
        answer[place] == c for line in stanza.lines for place, c in zip(line.offsets, line.text, strict=True)
    )


def test_forms_are_told_by_lines_and_characters():
    assert form_of((7,) * 4) == "七绝" and form_of((5,) * 8) == "五律" and form_of((7,) * 10) == "七言排律"
    assert form_of((5,) * 9) is None and form_of((5, 5, 7, 5)) is None and form_of(()) is None


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    for stanza in (read_stanza(text), read_lines(text)):
        for line in stanza.lines:
            assert len(line.text) == len(line.offsets)
            assert all(0 <= place < len(text) for place in line.offsets)
