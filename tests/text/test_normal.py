"""Levels of sameness: what each folds, and what none may fold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.normal import LEVELS, normal, same, tidied

ANY_TEXT = st.text(st.characters(exclude_categories=[]))  # lone surrogates too

# one, other, lowest level at which they are the same ("" for none)
SAME = [
    ("北京", "北京\n", "N1"),
    ("北京", "\u200b北\ufe0f京\ufeff", "N1"),
    ("cafe\u0301", "café", "N1"),
    ("a\r\nb", "a\nb", "N1"),
    ("　段首", "段首", "N1"),
    ("ＡＢＣ１２", "abc12", "N2"),
    ("你好，世界！", "你好,世界!", "N2"),
    ("“甲”、《乙》", '"甲",<乙>', "N2"),
    ("GPT 4 模型", "gpt 4模型", "N2"),
    ("a  b", "a b", "N2"),
    ("北京。", "北京", "N3"),
    ("好的！～", "好的", "N3"),
    ("臺灣", "台湾", "N4"),
    ("後來", "后来", "N4"),
    ("①", "1", ""),
    ("㎡", "m2", ""),
    ("…", "...", ""),
    ("1.5", "15", ""),
    ("-3", "3", ""),
    ("2024-01-02", "20240102", ""),
    ("a b", "ab", ""),
    ("范先生", "範先生", "N4"),
]


@pytest.mark.parametrize(("one", "other", "level"), SAME)
def test_two_texts_are_the_same_from_the_stated_level_on(one, other, level):
    found = [name for name in LEVELS if same(one, other, name)]
    assert found == ([name for name in LEVELS if name >= level] if level else [])


@given(ANY_TEXT)
def test_folding_twice_changes_nothing_more_and_nothing_raises(text):
    for level in ("N0", "N1", "N2", "N3"):
        once = normal(text, level)
        assert normal(once, level) == once
    normal(text, "N4")


def test_a_joiner_between_pictographs_stays_because_it_makes_one_sign_of_them():
    family = "👩\u200d👧"
    assert tidied(family) == family
    assert tidied("中\u200d文") == "中文"
