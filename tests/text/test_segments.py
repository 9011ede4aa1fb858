"""Units of text: the vectors of the specification, laws of counting, what a model adds around its work."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text import segments
from zhprobe.text.han import HAN_BLOCKS, count_han, is_han
from zhprobe.text.segments import count_units

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/units.jsonl").read_text(encoding="utf-8").splitlines()
]
ANY_TEXT = st.text(st.characters(exclude_categories=[]))
PROSE = st.text(st.sampled_from("天亮了。！？，“”（）\n a1.…—;；"), max_size=30)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["text"][:12])
def test_a_text_has_the_units_counted_by_hand(case):
    text = case["text"]
    for unit in ("han", "visible", "word_style", "tokens"):
        assert count_units(text, unit) == case[unit], unit
    assert segments.sentences(text) == case["sentences"]
    assert len(segments.paragraphs(text)) == case["paragraphs"]
    assert len(segments.blocks(text)) == case["blocks"]


SENTENCES = [
    ("他喊：“快跑！”大家都跑了。雨停了。", 2),
    ("“走吗？”“走。”他们走了。", 2),  # “走。” is followed by its own speaker
    ("见 https://example.com/a?b=1!c 一文。好。", 2),
    ("圆周率是3.14。对！", 2),
    ("他说：“别急。\n再等等。”", 2),  # a line break ends a sentence, open quotation or not
    ("没有关的引号“你好。再见。", 2),
    ("太好了！🎉", 1),
    ("（附注。）正文。", 1),
    ("第一；第二；第三。", 1),
    ("等一下……好吧。", 1),
    pytest.param(
        "I met Mr. Li. 他很好。",
        2,
        marks=pytest.mark.xfail(
            strict=True, reason="abbreviations are not known; the specification says not to generate them"
        ),
    ),
    ('他说"好。"然后走了。', 1),
    ("什么？！真的？！", 2),
    ("「甲。」「乙。」", 2),
    ("《为什么？》是一本书。", 1),
    ("---", 0),
    ("甲。\n---\n乙。", 2),
]


@pytest.mark.parametrize(("text", "count"), SENTENCES)
def test_sentences_end_where_a_reader_ends_them(text, count):
    assert len(segments.sentences(text)) == count, segments.sentences(text)


@given(ANY_TEXT)
def test_no_text_makes_a_count_raise_and_none_is_negative(text):
    for unit in ("han", "visible", "word_style", "tokens"):
        assert count_units(text, unit) >= 0
    segments.sentences(text), segments.blocks(text), segments.loose_variants(text)


@given(PROSE)
def test_sentences_keep_every_countable_sign_in_order(text):
    kept = [word for sentence in segments.sentences(text) for word in segments.words(sentence)]
    whole = [word for line in segments.lines(text) for word in segments.words(line)]
    assert "".join(kept) == "".join(whole)


@given(PROSE, PROSE)
def test_han_counts_add_up(one, other):
    assert count_units(one + other, "han") == count_units(one, "han") + count_units(other, "han")
    assert count_units(one + "\n" + other, "visible") == count_units(one, "visible") + count_units(
        other, "visible"
    )


@given(PROSE)
def test_blocks_hold_all_paragraphs(text):
    assert [line for block in segments.blocks(text) for line in block.split("\n")] == segments.paragraphs(
        text
    )


@given(ANY_TEXT)
def test_counting_han_agrees_with_asking_of_each_character(text):
    edges = "".join(chr(ord(end) + step) for block in HAN_BLOCKS for end in block for step in (-1, 0, 1))
    for sample in (text, edges):
        assert count_han(sample) == sum(map(is_han, sample))


def test_the_loose_reading_takes_off_one_thing_at_a_time_and_then_all():
    found = segments.loose_variants("好的，如下：\n**甲**\n希望有帮助！")
    assert found == {
        "as_is": "好的，如下：\n**甲**\n希望有帮助！",
        "without_opening": "**甲**\n希望有帮助！",
        "without_closing": "好的，如下：\n**甲**",
        "without_markup": "好的，如下：\n甲\n希望有帮助！",
        "all": "甲",
    }


def test_splitting_on_blank_lines_is_not_off_by_one():
    assert segments.blocks("甲\n\n\n\n乙\n\n") == ["甲", "乙"]
