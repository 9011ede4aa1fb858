"""Quotations: what hashes decide, what texts decide, and that the two never contradict each other."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.citation_review import QUOTE_CODES, review
from zhprobe.text.law_compare import compare_quote, critical_tokens, missing_paragraphs
from zhprobe.text.law_hashes import gram_hashes, normalised, normalised_with_places, place_of
from zhprobe.text.law_library import add_statutes, forget_library
from zhprobe.text.law_quotes import compare_by_hash, hash_bytes
from zhprobe.text.law_versions import all_articles, held_texts

DATA = Path(__file__).parents[3] / "shared/data/legal"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data is not beside the repository")
CIVIL = "中华人民共和国民法典"
DAY = "2026-09-30"

# Article 577 of the Civil Code (public law); what a reader can compare by eye.
A577 = "当事人一方不履行合同义务或者履行合同义务不符合约定的，应当承担继续履行、采取补救措施或者赔偿损失等违约责任。"

# Texts written for the test.
WRITTEN = [
    "承租人应当按月支付租金，逾期超过十五日的，出租人可以请求支付违约金；但是双方另有约定的除外。",
    "本办法所称的样品，是指买卖双方封存并签字确认的货物。封存期限不得少于三十日。",
    "有下列情形之一的，当事人可以申请复核：（一）发现新的材料；（二）原记录有误；（三）其他正当理由。",
]


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """The reference texts as the user's own copies."""
    monkeypatch.setenv("ZHPROBE_DATA", str(tmp_path))
    forget_library()
    add_statutes(DATA / "statutes")
    yield
    forget_library()


@pytest.fixture
def no_texts(tmp_path, monkeypatch):
    """A fresh machine: no texts of the user's."""
    monkeypatch.setenv("ZHPROBE_DATA", str(tmp_path))
    forget_library()
    yield
    forget_library()


def quote_codes(text: str) -> list[str]:
    return [f.code for f in review(text).findings if f.code in QUOTE_CODES]


def test_the_shipped_hashes_are_those_that_were_made():
    blob = hash_bytes()
    assert len(blob) == 4 * sum(a.hashes for a in all_articles())
    for text in held_texts().values():
        shapes = list(text.articles.values())
        part = blob[4 * shapes[0].start : 4 * (shapes[-1].start + shapes[-1].hashes)]
        assert hashlib.sha256(part).hexdigest()[:16] == text.check, text.id


@given(st.sampled_from(WRITTEN), st.integers(0, 40), st.integers(5, 60))
def test_hashes_find_a_run_of_words_exactly_where_it_stands(text, start, length):
    plain = normalised(text)
    part = plain[start : start + length]
    if len(part) >= 5:
        assert place_of(gram_hashes(part), gram_hashes(plain).tobytes()) == plain.find(part)


@given(st.sampled_from(WRITTEN), st.integers(0, 100), st.sampled_from("可不应三十"))
def test_hashes_do_not_find_words_with_one_character_changed(text, place, character):
    plain = normalised(text)
    place %= len(plain)
    changed = plain[:place] + character + plain[place + 1 :]
    found = place_of(gram_hashes(changed), gram_hashes(plain).tobytes())
    assert (found == 0) == (changed == plain)


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_and_keeps_places(text):
    plain, places = normalised_with_places(text)
    assert normalised(plain) == plain
    assert len(plain) == len(places) and places == sorted(set(places))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (f"《民法典》第五百七十七条规定：“{A577}”", "VERBATIM"),
        (f"《民法典》第577条：{A577}", "VERBATIM"),
        (f"《民法典》第577条\n> {A577}\n", "VERBATIM"),
        (f"《民法典》第577条规定，“{A577[:26]}……赔偿损失等违约责任”", "VERBATIM_ELLIPSIS"),
        (f"《民法典》第五百七十八条规定：“{A577}”", "WRONG_ARTICLE_NUMBER"),
        (f"《劳动法》第三条规定：“{A577}”", "WRONG_LAW"),
        (f"《民法典》第五百七十七条规定：“{A577.replace('应当', '可以')}”", "QUOTE_NOT_COMPARED"),
        ("《民法典》第577条规定：“月亮升起的时候猫头鹰与狐狸在山谷里跳起古老的圆圈舞”", "FABRICATED_QUOTE"),
        (
            "《反洗钱法》第三条规定：“月亮升起的时候猫头鹰与狐狸在山谷里跳起古老的圆圈舞”",
            "QUOTE_NOT_COMPARED",
        ),
    ],
)
def test_what_hashes_alone_decide(no_texts, said, code):
    assert quote_codes(said) == [code]


def test_a_quotation_belongs_to_the_citation_just_before_it(no_texts):
    found = [
        f
        for f in review(f"《合同法》第107条，《民法典》第577条规定：“{A577}”").findings
        if f.code == "VERBATIM"
    ]
    assert [f.citation.article for f in found] == ["577"]


def test_critical_tokens_are_those_of_the_rule():
    assert critical_tokens("应当") != critical_tokens("可以")
    assert critical_tokens("三十日以内") != critical_tokens("六十日以内")
    assert critical_tokens("并且") != critical_tokens("或者")
    assert critical_tokens("租金") == critical_tokens("价款")


def articles():
    for path in sorted((DATA / "statutes").glob("*.json")):
        text = json.loads(path.read_text(encoding="utf-8"))
        day = text["effective_to"] or DAY
        keys = [k for k, a in text["articles"].items() if not a.get("deleted")]
        for place, key in enumerate(keys):
            words = "\n".join("\n".join([k["t"], *k.get("x", ())]) for k in text["articles"][key]["k"])
            yield text["law"], key, keys[place + 1] if place + 1 < len(keys) else "", day, words


@needs_data
def test_every_article_quoted_whole_is_verbatim_and_under_the_next_number_is_not(no_texts):
    whole = shifted = 0
    for law, key, following, day, words in articles():
        found = compare_by_hash(law, key, day, words)
        assert (found.code, found.scope) == ("VERBATIM", "whole"), (law, key)
        whole += 1
        if following:
            assert compare_by_hash(law, following, day, words).code == "WRONG_ARTICLE_NUMBER", (
                law,
                following,
            )
            shifted += 1
    assert whole > 7300 and shifted > 7200


SWAPS = [
    ("应当", "可以"),
    ("可以", "应当"),
    ("不得", "可以"),
    ("以上", "以下"),
    ("三年", "五年"),
    ("三十日", "六十日"),
]


@needs_data
@pytest.mark.slow
def test_a_critical_word_changed_is_never_taken_for_the_text(texts):
    changed = 0
    for law, key, _, day, words in random.Random(3).sample(list(articles()), 1200):
        for old, new in SWAPS:
            if old in words:
                found = compare_quote(law, key, day, words.replace(old, new, 1))
                assert found.code in ("ALTERED", "CLOSE_PARAPHRASE"), (law, key, found)
                changed += 1
                break
    assert changed > 800


@needs_data
def test_hashes_and_texts_never_contradict_each_other(texts):
    chance = random.Random(5)
    for law, key, following, day, words in chance.sample(list(articles()), 250):
        start = chance.randrange(max(1, len(words) - 20))
        part = words[start : start + chance.randint(12, 60)]
        for quote, cited in (
            (part, key),
            (part, following or key),
            (words[: len(words) // 2] + "等内容", key),
        ):
            by_hash, full = compare_by_hash(law, cited, day, quote), compare_quote(law, cited, day, quote)
            if by_hash.code == "NOT_THE_TEXT":
                assert full.code == "NOT_THE_TEXT"
            elif by_hash.code != "QUOTE_NOT_COMPARED":
                assert by_hash.code == full.code


@needs_data
def test_a_superseded_text_is_named_as_such(texts):
    said = (
        "《公司法》第二十条规定：“公司股东应当遵守法律、行政法规和公司章程，依法行使股东权利，不得滥用股东权利损害公司或者其他股东的利益；"
        "不得滥用公司法人独立地位和股东有限责任损害公司债权人的利益。”"
    )
    (found,) = [f for f in review(said).findings if f.code in QUOTE_CODES]
    assert found.code == "STALE_TEXT"
    assert found.evidence["found_version"].startswith("2018")


@needs_data
def test_a_recitation_that_lacks_a_paragraph_is_told_which(no_texts):
    text = json.loads((DATA / "statutes/laodonghetong-2012.json").read_text(encoding="utf-8"))
    paragraphs = text["articles"]["47"]["k"]
    said = paragraphs[0]["t"] + paragraphs[2]["t"]
    assert missing_paragraphs("中华人民共和国劳动合同法", "47", DAY, said) == [2]
