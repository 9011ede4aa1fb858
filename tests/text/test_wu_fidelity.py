"""The fidelity score agrees with its vectors, and nothing that looks like Shanghainese counts as it."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.wu import lexicon
from zhprobe.text.wu_fidelity import markers, score_fidelity

VECTORS = [
    line.split("\t")
    for line in (Path(__file__).parent / "wu_vectors.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
BY_NAME = {vector[0]: vector[1] for vector in VECTORS}


def test_there_are_seventeen_vectors():
    assert len(VECTORS) == 17


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector[0])
def test_a_vector_agrees_to_three_decimals(vector):
    _, text, n, w, m, y, categories, windows, f, p, over, band = vector
    score = score_fidelity(text)
    assert (score.n, len(score.categories), score.over, score.band) == (
        int(n),
        int(categories),
        over == "1",
        band,
    )
    numbers = (score.w, score.m, score.y, score.windows, score.f, score.p)
    assert [f"{number:.3f}" for number in numbers] == [w, m, y, windows, f, p]


@pytest.mark.parametrize("name", ["M", "Y"])
def test_no_leak_pattern_matches_a_word_of_the_table(name):
    patterns = [marker.pattern for marker in markers() if marker.list == name]
    hits = [word.form for word in lexicon() if any(pattern.search(word.form) for pattern in patterns)]
    assert hits == []


def test_no_strong_marker_matches_a_word_that_mandarin_shares():
    patterns = [marker.pattern for marker in markers() if marker.list == "W" and marker.weight >= 0.7]
    shared = [word.form for word in lexicon() if word.distinctive == "shared"]
    assert len(shared) > 100
    assert [form for form in shared if any(pattern.search(form) for pattern in patterns)] == []


# Mandarin strings that hold the characters of a marker.
TRAPS = [
    "阿拉伯数字",
    "伊拉克的首都",
    "阿里巴巴集团",
    "请勿触摸",
    "明朝皇帝",
    "我们的目的",
    "垃圾分类",
    "麻辣豆腐",
    "我个人认为",
    "拨打电话",
    "不管怎样",
]


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_earns_nothing(text):
    assert score_fidelity(text).w == 0


@pytest.mark.parametrize(("text", "leak"), [("一只猫咪", "Y"), ("其他人", "M"), ("廿四小时制", "M")])
def test_a_look_alike_of_a_leak_costs_nothing(text, leak):
    score = score_fidelity(text)
    assert (score.m if leak == "M" else score.y) == 0


def test_spelling_moves_the_score_by_at_most_two_hundredths():
    ours, other = (score_fidelity(BY_NAME[name]).f for name in ("wu_everyday", "wu_variant_spelling"))
    assert abs(ours - other) <= 0.02


def test_traditional_and_decomposed_text_score_alike():
    text = BY_NAME["wu_everyday"]
    assert score_fidelity(unicodedata.normalize("NFD", text)).f == score_fidelity(text).f
    assert score_fidelity("儂為啥勿來？").w == score_fidelity("侬为啥勿来？").w


@pytest.mark.parametrize("text", ["", "\n", "三点钟开会。", "abc", "。。。"])
def test_a_short_text_without_a_match_gives_no_evidence(text):
    assert score_fidelity(text).band == "no_evidence"


def test_thirty_han_without_a_match_fail():
    assert score_fidelity("春眠觉晓处处闻啼鸟夜来风雨声花落知多少" * 2).band == "fail"


ALPHABET = '侬阿拉伊搿呒没勿辰光白相睏汏个𠲎拨辣海的不你他们这那什么很吗嘅喺佢人来去好大小看书，。？\n a{}"`'


@given(st.text(alphabet=ALPHABET, max_size=200))
def test_the_score_is_a_share_and_two_runs_agree(text):
    score = score_fidelity(text)
    assert 0 <= score.f <= 1
    assert score == score_fidelity(text)
    assert all(text[mark.start : mark.end] for mark in score.marks)


@given(st.text())
def test_any_text_has_a_score(text):
    score = score_fidelity(text, prompt=text[::-1])
    assert 0 <= score.f <= 1
    if score.w == 0 and (score.m or score.y):
        assert score.f == 0


def test_words_repeated_from_the_prompt_do_not_count_for_the_answer():
    prompt = "请侬用上海闲话讲讲侬屋里向个事体，六十个字以上。"
    assert score_fidelity(prompt, prompt=prompt).n == 0
    answer = "讲讲侬屋里向个事体，我今朝讲拨侬听。"
    assert score_fidelity(answer, prompt=prompt).n < score_fidelity(answer).n


def test_what_is_not_prose_is_left_out():
    prose = "搿桩事体我勿晓得。"
    n = score_fidelity(prose).n
    assert score_fidelity(prose + '\n```\n搿桩事体\n```\n{"事体": "勿晓得"} https://example.org/搿').n == n
    assert score_fidelity(prose, given=["事体"]).n == n - 2


def test_marks_point_at_their_words_in_the_text_as_given():
    text = unicodedata.normalize("NFD", "é é é 搿桩事體我勿曉得个。")
    marks = score_fidelity(text).marks
    assert next(text[mark.start : mark.end] for mark in marks if mark.list == "W") == "搿"


def test_a_romanised_answer_is_flagged_for_a_person():
    text = "nong ho, ngu min tsau zaon pen nyiq iau chi iq thaon nyin ghaon, ngu ia li ciaq nong"
    score = score_fidelity(text)
    assert score.romanised and score.band == "no_evidence"
    assert not score_fidelity("请看 README.md 里的说明").romanised


@pytest.mark.parametrize(
    "text", ["{" * 50_000, '{"a":' * 20_000, "“" * 50_000, '"' * 50_001, "侬" * 20_000, "`" * 50_000]
)
def test_hostile_repetition_is_scored_to_its_end(text):
    assert score_fidelity(text, prompt="侬" * 500 + "“").n <= len(text)


@pytest.mark.parametrize("unit", ["{", '{"a":', "“", '"', "侬", "`"])
def test_twice_the_hostile_repetition_is_no_more_than_twice_the_work(unit, lines_run):
    def once():
        return score_fidelity(unit * (500 // len(unit)), prompt="侬" * 50 + "“")

    def twice():
        return score_fidelity(unit * (1000 // len(unit)), prompt="侬" * 50 + "“")

    once()  # loads the tables
    assert lines_run(twice) < 2.2 * lines_run(once)
