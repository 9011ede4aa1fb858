"""Lint, hash and versions of rubrics (rubric contract, section 2)."""

import hashlib
import json

import pytest

from zhprobe.checks import registry
from zhprobe.grading.rubric import lint_rubric, rubric_hash, version_findings
from zhprobe.records import Criterion, Verdict

CLEAN = [
    Criterion("limit", "指出诉讼时效为三年", points=3),
    Criterion("start", "指出时效自知道权利受损之日起算", points=2),
    Criterion("invented", "编造了法律条文", points=-2),
]

# One rubric a rule, each wrong in one way only.
WRONG = [
    ("E", "no_points", [Criterion("fault", "编造了法律条文", points=-1)]),
    ("E", "duplicate", [Criterion("limit", "指出时效为三年"), Criterion("limit", "说明从何时起算")]),
    ("E", "empty_anchor", [Criterion("depth", "引用了案例", levels=("没有引用", "", "引用两个"))]),
    ("E", "gate_na", [Criterion("limit", "指出时效为三年", gate=0.0, na_allowed=True)]),
    ("E", "no_check", [Criterion("form", "共四句", kind="check")]),
    ("E", "unknown_check", [Criterion("form", "共四句", kind="check", check={"no_such_check": {}})]),
    ("W", "not_atomic", [Criterion("limit", "指出时效为三年并且说明起算点")]),
    ("W", "not_atomic", [Criterion("limit", "既指出时效又说明起算点")]),
    ("W", "not_atomic", [Criterion("limit", "指出时效为三年。说明起算点")]),
    ("W", "two_numbers", [Criterion("limit", "写出3个理由、2个例子")]),
    ("W", "vague", [Criterion("style", "语言流畅自然")]),
    ("W", "outside_knowledge", [Criterion("limit", "诉讼时效的期间正确")]),
    (
        "W",
        "negation",
        [Criterion("sources", "没有给出来源", points=-1), Criterion("limit", "指出时效为三年")],
    ),
    ("W", "heavy", [Criterion("limit", "指出时效为三年", points=9), Criterion("start", "说明从何时起算")]),
    ("W", "many", [Criterion(f"c{i}", f"提到第{i}位证人") for i in range(13)]),
]


@pytest.mark.parametrize(("level", "code", "rubric"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)])
def test_each_rule_is_told_by_its_own_rubric_and_nothing_else(level, code, rubric):
    assert [(f.level, f.code) for f in lint_rubric(rubric)] == [(level, code)]


def test_a_clean_rubric_has_no_message():
    assert lint_rubric(CLEAN) == []


def test_a_reference_answers_the_need_for_outside_knowledge():
    assert lint_rubric([Criterion("limit", "诉讼时效的期间正确")], reference=True) == []


def test_a_range_is_one_requirement_with_two_numbers():
    assert lint_rubric([Criterion("size", "举出3到5个例子")]) == []


def test_words_inside_quotation_marks_are_not_the_criterions_own():
    assert lint_rubric([Criterion("quote", "原样引用“不但要好，同时要快”")]) == []


def test_a_known_check_is_accepted(monkeypatch):
    def any_text(answer: str) -> Verdict:
        """Met always."""
        return Verdict("met")

    monkeypatch.setattr(registry, "_CHECKS", dict(registry._CHECKS))
    registry.check(any_text)
    assert lint_rubric([Criterion("form", "共四句", kind="check", check={"any_text": {}})]) == []


def test_the_hash_is_sha256_of_the_canonical_json():
    canonical = '[{"id":"aa","text":"甲"}]'
    assert json.loads(canonical)[0]["text"] == "甲"
    assert rubric_hash([Criterion("aa", "甲")]) == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        Criterion("aa", "乙"),
        Criterion("aa", "甲", levels=("无", "有", "好")),
        Criterion("aa", "甲", na_allowed=True),
        Criterion("aa", "甲", evidence="none"),
        Criterion("aa", "甲", check={"x": {}}),
    ],
)
def test_a_change_of_meaning_needs_a_new_version(changed):
    assert [f.code for f in version_findings([Criterion("aa", "甲")], [changed])] == ["version"]


def test_points_and_tags_may_change_within_a_version():
    assert version_findings([Criterion("aa", "甲")], [Criterion("aa", "甲", points=4, tags=("文风",))]) == []


def test_a_change_signed_as_wording_only_keeps_the_version_but_not_for_more_than_the_text():
    old = [Criterion("aa", "甲")]
    assert version_findings(old, [Criterion("aa", "乙")], wording={"aa"}) == []
    assert version_findings(old, [Criterion("aa", "乙", na_allowed=True)], wording={"aa"})


def test_a_version_never_goes_down():
    assert version_findings([Criterion("aa", "甲", version=2)], [Criterion("aa", "甲")])[0].code == "version"
