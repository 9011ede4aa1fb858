"""A text with its markers: every character kept, everything escaped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.checks.wu import wu_fidelity
from zhprobe.records import Item
from zhprobe.report.drawing import draw
from zhprobe.report.visible import safe_fragment
from zhprobe.report.wu import wu_html, wu_text


def test_markers_and_leaks_are_bracketed_apart():
    first = wu_text("侬为什么不来？佢喺度。").splitlines()[0]
    assert first == "[侬]{为什么}{不}来？<佢><喺>度。"


@pytest.mark.parametrize(("lang", "words"), [("zh", "判为：是上海话"), ("en", "Verdict: Shanghainese")])
def test_the_verdict_is_said_in_the_language_asked_for(lang, words):
    assert words in wu_text("搿桩事体我勿晓得。", lang)


def test_a_short_text_says_that_it_is_only_indicative():
    assert "indicative" in wu_text("搿桩事体我勿晓得。", "en")


def test_hostile_text_is_escaped_in_the_fragment():
    assert "<script>" not in wu_html("<script>搿&</script>")
    assert '<mark class="wu-w"' in wu_html("搿")


def test_a_page_shows_the_score_that_the_check_found():
    prompt = "请侬用上海闲话讲讲搿桩事体，勿要忘记脱讲啥辰光。写八十个字以上。"
    item = Item("shanghainese/x", "x", ({"role": "user", "content": prompt},), ())
    answer = (
        "讲讲搿桩事体，勿要忘记脱讲啥辰光。"
        + "今天的事情我不知道，也没有什么可说的，他们都没有告诉我时间。" * 2
    )
    detail = wu_fidelity(answer, item=item).detail
    assert detail is not None
    page = wu_html(answer, "en", detail)
    assert f"F = {detail['F']:.3f}" in page
    assert f"{detail['han']} Han characters" in page
    assert "wu-w" not in page and "wu-m" in page  # what the prompt said first is not marked
    assert draw(detail, answer, "en") == safe_fragment(page)
    assert '<mark class="wu-m"' in safe_fragment(page)


@given(st.text(alphabet="侬搿不你佢嘅勿来。\n<&>ab"))
def test_no_character_of_the_text_is_lost(text):
    shown = wu_text(text).rsplit("\n\n", 1)[0]
    for mark in "[]{}<>":
        shown, text = shown.replace(mark, ""), text.replace(mark, "")
    assert shown.rstrip("\n") == text.rstrip("\n")
