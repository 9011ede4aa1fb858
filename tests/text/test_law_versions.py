"""Law in time: every repealed law, every version window, the changes that probes rest on."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from zhprobe.text.citation_review import review
from zhprobe.text.law_names import instruments
from zhprobe.text.law_versions import data_is_old, held_texts, status_on, version_on, versions
from zhprobe.text.tables import rows

REPEALED_BY_CIVIL_CODE = [
    "合同法",
    "民法总则",
    "民法通则",
    "物权法",
    "侵权责任法",
    "婚姻法",
    "继承法",
    "收养法",
    "担保法",
]


@pytest.mark.parametrize("law", REPEALED_BY_CIVIL_CODE)
def test_the_nine_laws_were_in_force_in_2020_and_are_repealed_in_2021_with_their_successor(law):
    before = [f.code for f in review(f"《{law}》第十条", asof="2020-06-30").findings]
    (after,) = review(f"《{law}》第十条", asof="2021-06-30").findings
    assert before == ["OK"]
    assert (after.code, after.evidence["successor"]) == ("REPEALED", "中华人民共和国民法典")


def test_every_repealed_law_is_in_force_the_day_before_and_repealed_on_the_day():
    for law in instruments().values():
        if law.sure and law.repealed and law.begins:
            eve = (date.fromisoformat(law.repealed) - timedelta(days=1)).isoformat()
            assert (status_on(law.name, eve), status_on(law.name, law.repealed)) == (
                "in_force",
                "repealed",
            ), law.name


def test_versions_of_a_law_neither_overlap_nor_leave_a_gap():
    for law in {row[0] for row in rows("legal_versions.tsv")}:
        listed = versions(law)
        for one, following in pairwise(listed):
            assert date.fromisoformat(one.ends) + timedelta(days=1) == date.fromisoformat(following.begins), (
                law
            )


def test_article_counts_of_texts_and_versions_agree():
    for law in {row[0] for row in rows("legal_versions.tsv")}:
        for version in versions(law):
            if version.text:
                held = held_texts()[version.text]
                assert max(int(key.split("-")[0]) for key in held.articles) == version.articles, version.text


# Dates and counts as the laws themselves state them.
@pytest.mark.parametrize(
    ("law", "day", "articles"),
    [
        ("中华人民共和国民事诉讼法", "2021-12-31", 284),
        ("中华人民共和国民事诉讼法", "2022-01-01", 291),
        ("中华人民共和国民事诉讼法", "2024-01-01", 306),
        ("中华人民共和国公司法", "2024-06-30", 218),
        ("中华人民共和国公司法", "2024-07-01", 266),
        ("中华人民共和国治安管理处罚法", "2025-12-31", 119),
        ("中华人民共和国治安管理处罚法", "2026-01-01", 144),
        ("中华人民共和国仲裁法", "2026-03-01", 96),
        ("中华人民共和国网络安全法", "2026-01-01", 81),
        ("中华人民共和国反不正当竞争法", "2025-10-15", 41),
        ("中华人民共和国商标法", "2026-11-22", 73),
        ("中华人民共和国商标法", "2027-01-01", 87),
        ("中华人民共和国生态环境法典", "2026-09-01", 1242),
    ],
)
def test_the_version_of_a_day_has_its_number_of_articles(law, day, articles):
    assert version_on(law, day).articles == articles


def test_a_revision_that_is_not_yet_in_force_is_an_error_unless_the_text_says_so():
    cited = "《商标法》（2026年修订）第八十条"
    assert "NOT_YET_IN_FORCE" in [f.code for f in review(cited, asof="2026-09-30").findings]
    said = f"{cited}尚未施行，自2027年1月1日起施行。"
    assert "NOT_YET_IN_FORCE" not in [f.code for f in review(said, asof="2026-09-30").findings]


def test_facts_before_the_repeal_make_the_old_law_history_not_an_error():
    (found,) = review("《合同法》第107条", asof="2026-09-30", fact_date="2019-05-01").findings
    assert (found.code, found.severity) == ("HISTORICAL_LAW", "info")


def test_procedure_never_follows_the_day_of_the_facts():
    (found,) = review(
        "《合同法》第107条", asof="2026-09-30", fact_date="2019-05-01", procedural=True
    ).findings
    assert found.code == "REPEALED"


@pytest.mark.parametrize(
    "text",
    ["原《合同法》第107条", "《合同法》第107条（该法已废止）", "《合同法》已于2021年1月1日废止，其第107条"],
)
def test_a_text_that_says_the_law_is_repealed_makes_no_error(text):
    assert not review(text, asof="2026-09-30").errors


def test_the_data_is_called_old_after_200_days():
    assert not data_is_old(date(2027, 4, 18))
    assert data_is_old(date(2027, 4, 19))
    assert "DATA_TOO_OLD" in [f.code for f in review("", today=date(2027, 5, 1)).findings]


def test_an_amount_of_citations_that_lists_the_law_is_a_dump():
    listed = "、".join(f"第{n}条" for n in range(100, 115))
    assert "CITATION_DUMP" in [f.code for f in review(f"《民法典》{listed}").findings]
    assert "CITATION_DUMP" not in [f.code for f in review("《民法典》第100条、第205条、第310条").findings]
