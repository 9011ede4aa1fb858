"""Checks of citations: what each is met by, what it says when it is not, and what a looser one lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.checks.registry import checked_parameters, look_up
from zhprobe.records import Item, Reply
from zhprobe.report.citation import (
    cite_html,
    cite_text,
    data_notes,
    draw_html,
    draw_text,
    run_figures,
    run_section,
)

ITEM = Item("legal/x", "i", ({"role": "user", "content": "请引用法律条文回答。"},), (), asof="2026-09-30")
NAMES = [
    "cites_in_force",
    "citations_valid",
    "cites_article",
    "cites_only",
    "names_law",
    "quotes_exact",
    "no_stale_numbers",
]


def outcome(name: str, answer: str, item: Item = ITEM, **parameters):
    check = look_up(name)
    given_ = {"item": item} if "item" in check.injected else {}
    return check.function(answer, **checked_parameters(name, parameters), **given_)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("依据《民法典》第577条", "met"),
        ("依据《合同法》第107条", "not_met"),
        ("依据《民法典》第二千条", "not_met"),
        ("依据《哈尔滨市物业管理条例》第三条", "not_met"),
        ("没有法条", "not_met"),
        ("", "not_met"),
    ],
)
def test_a_citation_in_force_is_one_that_is_known_living_and_existing(answer, expected):
    assert outcome("cites_in_force", answer).outcome == expected


def test_the_same_answer_is_judged_by_the_day_of_the_item():
    old = Item("legal/x", "i", (), (), asof="2020-06-30")
    assert outcome("cites_in_force", "依据《合同法》第107条", old).outcome == "met"


@pytest.mark.parametrize(
    ("wanted", "answer", "expected"),
    [
        (["577"], "民法典第五百七十七条", "met"),
        (["577"], "民法典第570条至第580条", "met"),
        (["584款1"], "《民法典》第584条第一款", "met"),
        (["584款1"], "《民法典》第584条", "not_met"),
        (["577|584"], "《民法典》第584条", "met"),
        (["577"], "《合同法》第577条", "not_met"),
        (["577"], "第577条", "not_met"),
    ],
)
def test_an_article_is_asked_for_by_number_paragraph_and_item(wanted, answer, expected):
    assert outcome("cites_article", answer, law="民法典", articles=wanted).outcome == expected


def test_all_of_several_articles_can_be_asked_for():
    parameters = {"law": "劳动合同法", "articles": ["46", "47", "87"], "how": "all"}
    found = outcome("cites_article", "《劳动合同法》第46条、第47条", **parameters)
    assert (found.outcome, found.share) == ("not_met", (2, 3))


def test_valid_means_no_error_of_any_kind_and_says_which_there_is():
    assert outcome("citations_valid", "《民法典》第577条和《民事诉讼法》第67条").outcome == "met"
    found = outcome("citations_valid", "《民法典》第577条和《刑法》第一百九十九条")
    assert (found.outcome, found.codes, found.evidence) == ("not_met", ("DELETED_ARTICLE",), "第一百九十九条")
    assert outcome("citations_valid", "没有").outcome == "not_met"
    assert outcome("citations_valid", "没有", required=False).outcome == "na"
    assert outcome("citations_valid", "《哈尔滨市物业管理条例》第三条").outcome == "unsure"


A3 = "民事主体的人身权利、财产权利以及其他合法权益受法律保护，任何组织或者个人不得侵犯。"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (f"《民法典》第三条规定：“{A3}”", "met"),
        (f"《民法典》第四条规定：“{A3}”", "not_met"),
        (f"《民法典》第三条规定：“{A3.replace('不得', '不可以')}”", "not_met"),
        (f"《民法典》第三条规定：“{A3[:22]}……任何组织或者个人不得侵犯。”", "met"),
        (f"《哈尔滨市物业管理条例》第三条规定：“{A3}”", "unsure"),
        ("《民法典》第三条", "na"),
    ],
)
def test_a_quotation_is_exact_or_wrong_or_not_compared(answer, expected, monkeypatch, tmp_path):
    monkeypatch.setenv("ZHPROBE_DATA", str(tmp_path))
    assert outcome("quotes_exact", answer).outcome == expected


def test_a_prompt_that_asks_for_no_law_is_told_so():
    asked = look_up("cites_in_force").asked
    assert asked is not None
    assert asked("今天天气如何？", {}) != ""
    assert asked("请说明法律依据。", {}) == ""


@pytest.mark.parametrize(
    ("name", "parameters", "answer"),
    [
        ("cites_in_force", {"at_least": 2}, "《民法典》第577条"),
        ("citations_valid", {}, "《民法典》第577条、《合同法》第107条"),
        ("cites_article", {"law": "民法典", "articles": ["577", "584"], "how": "all"}, "《民法典》第577条"),
        ("cites_article", {"law": "民法典", "articles": ["584款1"]}, "《民法典》第584条"),
    ],
)
def test_one_step_looser_lets_the_near_miss_through(name, parameters, answer):
    check = look_up(name)
    assert outcome(name, answer, **parameters).outcome == "not_met"
    assert check.loosen is not None
    assert any(outcome(name, answer, **looser).outcome == "met" for _, looser in check.loosen(parameters))


@given(st.text("《》民法典刑合同第一二三百条款项规定：“”。\n1", max_size=80))
def test_no_answer_makes_a_citation_check_fail(answer):
    for name in NAMES:
        extra = {"law": "民法典", "articles": ["577"]} if name in ("cites_article", "cites_only") else {}
        extra = {"laws": ["民法典"]} if name == "names_law" else extra
        assert outcome(name, answer, **extra).outcome in ("met", "not_met", "na", "unsure")


def test_a_report_shows_the_day_the_places_and_what_was_not_checked():
    answer = "《合同法》第107条，《哈尔滨市物业管理条例》第三条"
    page = cite_text(answer, lang="en")
    assert "2026-09-30" in page and "LOCAL_NOT_CHECKED 1" in page
    detail = outcome("citations_valid", answer).detail
    assert detail is not None and detail["kind"] == "citations"
    for finding in detail["findings"]:
        start, end = finding["span"]
        assert answer[start:end] == finding["words"] != ""
    assert "2026-09-30" in draw_text(detail, "zh") and "2026-09-30" in draw_html(detail, "en")


def test_a_page_escapes_what_an_answer_holds():
    page = cite_html("<script>alert(1)</script>《民法典》第577条<b onclick=x>")
    assert "<script" not in page and "onclick=x>" not in page.replace("&gt;", ">").replace(
        "&lt;b onclick=x>", ""
    )


def test_a_reply_is_graded_through_the_registry():
    from zhprobe.checks.registry import run_check

    reply = Reply("legal/x", "i", "m", text="依据《民法典》第577条")
    assert run_check("cites_article", {"law": "民法典", "articles": ["577"]}, reply, ITEM).outcome == "met"


@given(
    st.text("第三条。.年日一二百分之%0123应当", max_size=40), st.text("三年.%应当百分之二十但是", max_size=20)
)
def test_no_answer_makes_a_recitation_check_fail(answer, text):
    assert outcome("recites_article", answer, law="民法典", article="3").outcome in (
        "met",
        "not_met",
        "unsure",
    )
    assert outcome("critical_tokens_kept", answer, text=text).outcome in ("met", "not_met")


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (f"第三条　{A3}", "met", "COMPLETE"),
        (f"答：{A3}以上是条文。", "met", "COMPLETE"),
        ("我不能确认原文，请以官方文本为准。", "not_met", "ABSTAINED"),
        ("民事主体的权利都受保护。", "not_met", "INCOMPLETE"),
        (A3.replace("不得", "不可以"), "unsure", "NOT_COMPARED"),
    ],
)
def test_a_recitation_is_whole_or_abstained_or_incomplete(answer, expected, code, monkeypatch, tmp_path):
    monkeypatch.setenv("ZHPROBE_DATA", str(tmp_path))
    found = outcome("recites_article", answer, law="民法典", article="3")
    assert (found.outcome, found.codes) == (expected, (code,))


def test_a_run_section_shows_each_rate_with_both_numbers_and_its_interval():
    details = [
        outcome("citations_valid", a).detail
        for a in ("《民法典》第577条", "《合同法》第107条", "《民法典》第二千条")
    ]
    figures = run_figures(details)
    rows = {line.label: (line.figure, line.notes) for line in run_section(figures, "en")}
    assert rows["in force"] == ("2/3", ("67% [21%, 94%]",))  # (2 + z²/2 ± …) / (3 + z²)
    assert rows["article exists"] == ("2/3", ("67% [21%, 94%]",))
    notes = data_notes(figures.days, "en", too_old=True)
    assert "2026-09-30" in notes[0] and notes[1].startswith("DATA_TOO_OLD: ")
    assert not any("DATA_TOO_OLD" in note for note in data_notes(figures.days, "en"))


def test_a_lone_surrogate_makes_no_check_fail():
    answer = "《民法典》第三条规定：“民事主体的\ud800人身权利、财产权利受法律保护。”"
    assert outcome("quotes_exact", answer).outcome in ("unsure", "not_met")
    assert outcome("recites_article", answer, law="民法典", article="3").outcome in ("not_met", "unsure")


HOSTILE = ["第一条、", "《民法典》第577条，", "《合同法》第107条，", "第1、", "最高人民法院关于", "《", "\n", "第一条：“", "一", "> "]  # fmt: skip
NEEDED = {
    "cites_article": {"law": "民法典", "articles": ["577"]},
    "cites_only": {"law": "民法典", "articles": ["577"]},
    "names_law": {"laws": ["民法典"]},
}


@pytest.mark.slow
@pytest.mark.parametrize("unit", HOSTILE)
def test_long_hostile_text_is_judged(unit):
    for name in NAMES:
        assert outcome(name, unit * (8000 // len(unit)), **NEEDED.get(name, {})).reason


@pytest.mark.parametrize("unit", HOSTILE)
def test_twice_the_hostile_text_is_no_more_than_twice_the_work(unit, lines_run):
    once, twice = unit * (800 // len(unit)), unit * (1600 // len(unit))
    for name in NAMES:
        outcome(name, twice, **NEEDED.get(name, {}))  # loads the tables
        work = lines_run(lambda name=name: outcome(name, once, **NEEDED.get(name, {})))
        assert lines_run(lambda name=name: outcome(name, twice, **NEEDED.get(name, {}))) < 2.2 * work, name
