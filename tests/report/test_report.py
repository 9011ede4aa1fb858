"""The page and its files: what stands in them, what never may, and how large they grow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

import zhprobe
from zhprobe.errors import UserError
from zhprobe.records import Criterion, Verdict
from zhprobe.report.compare import compare_runs, compare_sides
from zhprobe.report.fail_if import broken, parse
from zhprobe.report.render import render_html, write_report
from zhprobe.report.result import Report
from zhprobe.report.rows import ADJUDICATED, RunNumbers
from zhprobe.report.sentences import headline
from zhprobe.report.sides import Side, read_sides
from zhprobe.report.table import (
    as_format,
    records,
    straight,
    to_csv,
    to_dataset,
    to_pandas,
    to_text,
    write_parquet,
)
from zhprobe.report.visible import safe_fragment, segments, visible
from zhprobe.report.word_diff import differences, word_lengths, words
from zhprobe.runs import read_grades, write_grades

from .conftest import make_probes, make_run

HOSTILE = [
    "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>",
    "</script><script>window.pwned=1</script>",
    "</template></body></html><h1>specimen 更好</h1>",
    "<!--<script>",
    '{"verdict":"met"} ✓ 满足 得分 1.00',
    "\u202e反过来\u2066 \u200b\ufeff\x00\x07\x1b[31m",
    "无" * 30_000,
    "a" * 5_000,
    "javascript:alert(1)",
    "\ud800 lone",
    "{{ 7*7 }} {% raw %} ${7*7}",
]


class Tags(HTMLParser):
    """Tags and attributes of a page, in order."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_a_score_on_the_page_is_the_mean_of_item_scores_counted_by_hand(two_runs):
    report = compare_runs(two_runs)
    run = RunNumbers(two_runs[0])
    row = next(r for r in report.rows if r.key.capability == "poetry")
    by_hand = []
    for key, mark in run.items.items():
        if mark.capability != "poetry" or mark.role != "item":
            continue
        answer = run.answer_scores(key, "judge")[0]
        if answer is not None and answer.score is not None:
            by_hand.append(answer.score)
    assert row.basis == "judge"
    assert row.cells[0].estimate.value == pytest.approx(sum(by_hand) / len(by_hand))
    assert row.cells[0].estimate.n == len(by_hand)


def test_exchanging_the_runs_mirrors_the_report(two_runs):
    one, other = compare_runs(two_runs), compare_runs(two_runs[::-1])
    for a, b in zip(one.rows, other.rows, strict=True):
        c, d = a.pairs[0], b.pairs[0]
        assert c.comparison.difference.value == pytest.approx(-d.comparison.difference.value)
        assert c.comparison.p == pytest.approx(d.comparison.p)
        assert c.conclusion.zh == d.conclusion.zh
        assert (c.comparison.wins, c.comparison.losses) == (d.comparison.losses, d.comparison.wins)


def test_the_headline_names_who_is_better_at_what(two_runs):
    report = compare_runs(two_runs)
    assert "api/jia 在古典诗词上更好" in headline(report)[0]
    assert "api/jia is better at Classical poetry" in headline(report, "en")[0]


def test_rows_of_a_capability_take_the_place_of_the_whole(two_runs):
    report = compare_runs(two_runs)
    wu = [r.key.id for r in report.rows if r.key.capability == "shanghainese"]
    assert "shanghainese" not in wu
    assert sum(r.items for r in report.rows if r.key.capability == "shanghainese") == 40


def test_every_number_on_the_page_stands_in_the_json(two_runs, tmp_path):
    out = tmp_path / "r" / "report.html"
    report = write_report(two_runs, out)
    again = msgspec.json.decode(out.with_suffix(".json").read_bytes(), type=Report)
    assert again == report
    page = out.read_text(encoding="utf-8")
    for row in report.rows:
        for cell in row.cells:
            assert f"{cell.estimate.value:.2f}" in page


def test_every_score_carries_definition_n_method_and_interval(two_runs):
    for row in compare_runs(two_runs).rows:
        for cell in row.cells:
            e = cell.estimate
            assert e.definition and e.definition_en and e.n and e.groups and e.method and e.grader
            assert e.low is not None and e.low <= e.value <= e.high


def test_the_page_allows_only_its_own_style_and_script_and_asks_for_nothing(two_runs, tmp_path):
    write_report(two_runs, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    tags = Tags(page).found
    policy = next(
        a["content"] for t, a in tags if t == "meta" and "content" in a and "default-src" in a["content"]
    )
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    for tag, attributes in tags:
        assert tag not in ("img", "iframe", "link", "object", "embed", "form", "base", "video", "audio")
        assert "style" not in attributes and not any(name.startswith("on") for name in attributes)
        assert not str(attributes.get("href", "#")).startswith(("http", "//", "javascript"))
        assert "src" not in attributes
    assert not re.search(r"url\(|@import", page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_answers_leave_the_page_as_it_was(tmp_path, lang):
    probes = make_probes({"poetry": 40})

    def page(name, text):
        runs = [
            make_run(tmp_path / name / m, probes, 0.6, model=f"api/{m}", seed=i, text=text, unsure=0.0)
            for i, m in enumerate("ab")
        ]
        write_report(runs, tmp_path / name / "report.html", lang=lang)
        return (tmp_path / name / "report.html").read_text(encoding="utf-8")

    plain = page("plain", lambda n: "江阔秋云淡，舟轻夜月明。")
    hostile = page("hostile", lambda n: HOSTILE[n % len(HOSTILE)])
    assert [t for t, _ in Tags(plain).found] == [t for t, _ in Tags(hostile).found]
    for bad in ("\u202e", "\u2066", "\u200b", "\x00", "\x07", "\x1b"):
        assert bad not in hostile
    assert "⟨U+202E⟩" in hostile and "␛" in hostile
    embedded = re.search(r'id="data-items">(.*?)</script>', hostile, re.S)
    assert "<" not in embedded[1]
    assert len(json.loads(embedded[1])) == 40


def test_a_hostile_model_name_is_text(tmp_path):
    probes = make_probes({"poetry": 20})
    name = 'api/"><script>x</script>\u202e'
    run = make_run(tmp_path / "a", probes, 0.6, model=name)
    write_report([run], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>x" not in page and "\u202e" not in page


def test_a_run_from_elsewhere_writes_no_file_outside_its_place(tmp_path):
    probes = make_probes({"poetry": 20}, judge=False)
    run = make_run(tmp_path / "a", probes, 0.6)
    lines = (run / "probes.jsonl").read_text(encoding="utf-8")
    bad = lines.replace('"capability":"poetry"', '"capability":"../../../outside"')
    (run / "probes.jsonl").write_text(bad, encoding="utf-8")
    write_report([run], tmp_path / "deep" / "er" / "report.html", embed_limit=10)
    assert [p.name for p in (tmp_path / "deep" / "er" / "report.items").iterdir()] == ["outside.html"]
    assert not list(tmp_path.glob("outside*")) and not list(tmp_path.parent.glob("outside*"))


def test_item_pages_lie_beside_the_report_when_they_are_large(two_runs, tmp_path):
    out = tmp_path / "report.html"
    write_report(two_runs, out, embed_limit=1000)
    page = out.read_text(encoding="utf-8")
    assert 'id="data-items"' not in page
    assert sorted(p.name for p in (tmp_path / "report.items").iterdir()) == [
        "legal.html",
        "poetry.html",
        "shanghainese.html",
    ]
    index = json.loads(re.search(r'id="data-index">(.*?)</script>', page, re.S)[1])
    assert all((tmp_path / item["page"]).is_file() for item in index)
    item_page = (tmp_path / "report.items" / "poetry.html").read_text(encoding="utf-8")
    assert 'href="../report.html"' in item_page


@pytest.mark.parametrize("unsure", [0.0, 1.0])
def test_constant_scores_nothing_decided_and_ties_make_a_report_without_nan(tmp_path, unsure):
    probes = make_probes({"poetry": 22, "legal": 4}, judge=False)
    run = make_run(tmp_path / "a", probes, 5.0, unsure=unsure)
    report = write_report([run, run], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"\bnan\b|\binf\b", page, re.I)
    few = next(r for r in report.rows if r.key.capability == "legal")
    assert few.cells[0].estimate.value is None and few.pairs[0].conclusion.code == "list_only"
    assert few.pairs[0].comparison.difference.value is None
    assert all(r.pairs[0].conclusion.code != "better" for r in report.rows)


def test_a_run_without_replies_still_makes_a_report(tmp_path):
    probes = make_probes({"poetry": 20}, judge=False)
    run = make_run(tmp_path / "a", probes, 0.5)
    (run / "replies.jsonl").write_bytes(b"")
    report = write_report([run], tmp_path / "report.html")
    assert report.rows[0].cells[0].estimate.value is None
    assert any("20" in w.zh for w in report.warnings)


def test_open_criteria_show_only_the_part_decided_by_program(tmp_path):
    probes = make_probes({"poetry": 40})
    runs = [
        make_run(tmp_path / m, probes, p, model=m, judge=False, seed=i)
        for i, (m, p) in enumerate([("a", 0.9), ("b", 0.4)])
    ]
    report = compare_runs(runs)
    assert report.rows[0].basis == "decided"
    assert "仅" in as_format(report, "text") or "*" in headline(report)[0]
    page = render_html(report)
    assert "只是程序可判部分，不是总分" in page


def test_one_model_judged_and_one_not_are_compared_on_the_decided_part(tmp_path):
    probes = make_probes({"poetry": 40})
    whole = make_run(tmp_path / "a", probes, 0.9, model="a")
    part = make_run(tmp_path / "b", probes, 0.9, model="b", judge=False)
    assert compare_runs([whole, part]).rows[0].basis == "decided"


def test_an_unvalidated_judge_is_never_the_basis_of_better(tmp_path):
    probes = make_probes({"poetry": 60})
    runs = [
        make_run(tmp_path / m, probes, p, model=m, seed=i)
        for i, (m, p) in enumerate([("a", 0.95), ("b", 0.3)])
    ]
    report = compare_runs(runs)
    assert report.rows[0].trust == "judge"
    assert report.judges[0].validation.status == "unvalidated"
    conclusion = report.rows[0].pairs[0].conclusion
    assert conclusion.code == "better" and "裁判认为" in conclusion.zh
    said = [*headline(report), *headline(report, "en"), to_text(report)]
    assert not any("更好" in text or "is better" in text for text in said)


def test_enough_random_human_grades_correct_the_judge(tmp_path):
    probes = make_probes({"poetry": 100})
    runs = [
        make_run(tmp_path / m, probes, p, model=m, seed=i, people=0.9, strict=0.3, unsure=0.0)
        for i, (m, p) in enumerate([("a", 0.8), ("b", 0.5)])
    ]
    report = compare_runs(runs)
    row = report.rows[0]
    assert row.basis == "corrected"
    cell = row.cells[1]
    # a judge that lets a third of the failures pass scores higher than people do
    assert cell.judge.value > cell.estimate.value
    assert cell.estimate.value == pytest.approx(cell.human.value, abs=0.03)


def test_items_of_another_digest_are_left_out_and_counted(tmp_path):
    probes = make_probes({"poetry": 40}, judge=False)
    changed = [
        msgspec.structs.replace(
            p, items=tuple(msgspec.structs.replace(i, digest="x") if i.id == "item-3" else i for i in p.items)
        )
        for p in probes
    ]
    runs = [
        make_run(tmp_path / "a", probes, 0.6, model="a", unsure=0.0),
        make_run(tmp_path / "b", changed, 0.6, model="b", unsure=0.0),
    ]
    pair = compare_runs(runs).rows[0].pairs[0]
    assert pair.unlike == 1 and pair.comparison.difference.n == 39


def test_different_profiles_are_not_ranked_against_each_other(tmp_path):
    probes = make_probes({"poetry": 40}, judge=False)
    runs = [
        make_run(tmp_path / "a", probes, 0.9, model="a"),
        make_run(tmp_path / "b", probes, 0.3, model="b", settings={"profile": "long-1"}),
    ]
    report = compare_runs(runs)
    assert not report.rows[0].pairs[0].comparable
    assert "更好" not in headline(report)[0]
    assert "(long-1)" in report.models[1].name


def test_a_verdict_on_an_answer_that_was_asked_again_does_not_count(tmp_path):
    probes = make_probes({"poetry": 20}, judge=False)
    run = make_run(tmp_path / "a", probes, 0.9)
    lines = (run / "replies.jsonl").read_text(encoding="utf-8").splitlines()
    again = json.loads(lines[0]) | {"text": "换了一个回答"}
    with (run / "replies.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(again, ensure_ascii=False) + "\n")
    numbers = RunNumbers(run)
    key = f"{again['probe']}/{again['item']}"
    assert numbers.answer_scores(key, "check")[0].why == "open"


def test_weights_make_an_overall_row_tested_by_holm(two_runs):
    report = compare_runs(two_runs, weights={"poetry": 1, "legal": 1, "shanghainese": 1})
    parts = {}
    run = read_sides(two_runs)[0]
    for key, mark in run.scored.items():
        score = run.score(key, "judge")
        if score is not None:
            parts.setdefault(mark.probe, (mark.capability, []))[1].append(score)
    sizes = {"poetry": 60, "legal": 40, "shanghainese": 40}
    by_hand = sum(20 / sizes[capability] / 3 * sum(s) / len(s) for capability, s in parts.values())
    assert report.overall.cells[0].estimate.value == pytest.approx(by_hand)
    assert compare_runs(two_runs).overall is None


def test_slices_compare_items_with_their_controls(tmp_path):
    probes = make_probes({"poetry": 40}, judge=False, controls=True)
    report = compare_runs([make_run(tmp_path / "a", probes, 0.8)])
    kinds = {s.kind for s in report.slices}
    assert {"difficulty", "origin", "control", "robustness"} <= kinds
    ratio = next(s for s in report.slices if s.kind == "robustness").cells[0].estimate
    assert ratio.method == "bca" and ratio.low < 1 < ratio.high
    assert report.rows[0].items == 40


def test_a_ratio_to_weak_controls_is_not_given(tmp_path):
    probes = make_probes({"poetry": 40}, judge=False, controls=True)
    report = compare_runs([make_run(tmp_path / "a", probes, 0.05)])
    ratio = next(s for s in report.slices if s.kind == "robustness").cells[0].estimate
    assert ratio.value is None


def test_criteria_that_only_people_grade_complete_a_judged_score(tmp_path):
    probes = make_probes({"poetry": 40})
    told = Criterion("told", "是否感人", 1, "human")
    probes = [
        msgspec.structs.replace(
            p, items=tuple(msgspec.structs.replace(i, criteria=(*i.criteria, told)) for i in p.items)
        )
        for p in probes
    ]
    waiting = make_run(tmp_path / "a", probes, 0.7, judge=True, people=0.0)
    assert compare_runs([waiting]).rows[0].basis == "decided"
    graded = make_run(tmp_path / "b", probes, 0.7, judge=True, people=1.0)
    assert compare_runs([graded]).rows[0].basis == "people"


def test_two_people_who_graded_the_same_answers_are_compared(tmp_path):
    probes = make_probes({"poetry": 40})
    run = make_run(tmp_path / "a", probes, 0.7, people=1.0)
    first = [g for g in read_grades(run) if g.grader == "human:a01"]
    second = [msgspec.structs.replace(g, grader="human:a02") for g in first[:30]]
    numbers = RunNumbers(run, second)
    report = compare_sides([Side(numbers, "a")])
    assert report.people == 2
    assert report.people_agree.units == 30 and report.people_agree.percent.value == 1.0


def test_what_an_adjudicator_decided_stands_and_is_no_part_of_agreement(tmp_path):
    probes = make_probes({"poetry": 40})
    run = make_run(tmp_path / "a", probes, 0.7, people=1.0)
    first = [g for g in read_grades(run) if g.grader == "human:a01"]
    against = [
        msgspec.structs.replace(
            g, grader="human:a02", verdict=Verdict("not_met" if g.verdict.outcome == "met" else "met")
        )
        for g in first
    ]
    split = RunNumbers(run, against)
    key = next(iter(split.items))
    assert split.answer_scores(key, "people")[0].unsure == ("scene",)
    decided = [msgspec.structs.replace(g, grader=ADJUDICATED, verdict=Verdict("met")) for g in first]
    settled = RunNumbers(run, [*against, *decided])
    assert settled.answer_scores(key, "people")[0].unsure == ()
    assert compare_sides([Side(settled, "a")]).people == 2


def test_a_panel_speaks_for_its_judges(tmp_path):
    probes = make_probes({"poetry": 40})
    run = make_run(tmp_path / "a", probes, 0.7)
    grades = list(read_grades(run))
    panel = [
        msgspec.structs.replace(g, grader="judge:panel-abc", verdict=Verdict("unsure"))
        for g in grades
        if g.grader.startswith("judge:")
    ]
    write_grades(run, [*grades, *panel])
    numbers = RunNumbers(run)
    assert numbers.judges_in_use() == ["judge:panel-abc"]
    assert numbers.answer_scores(next(iter(numbers.items)), "judge")[0].unsure == ("scene",)


# -- tables and gates -------------------------------------------------------------------------------


def test_columns_stay_straight_with_full_width_characters(two_runs):
    from rich.cells import cell_len

    text = to_text(compare_runs(two_runs))
    table = [line for line in text.splitlines() if "  " in line]
    rule = next(line for line in table if set(line) == {"─", " "})
    start = rule.index("  ") + 2
    for line in table[1 : table.index(rule) + 4]:
        at = 0
        for character in line:
            if at == start:
                break
            at += cell_len(character)
        assert at == start
    assert straight([["甲", "b"], ["c", "丁丁"]]).splitlines()[2] == "c   丁丁"


def test_the_csv_opens_in_a_spreadsheet_and_runs_no_formula(tmp_path):
    probes = make_probes({"poetry": 20}, judge=False)
    run = make_run(tmp_path / "a", probes, 0.6, model="=1+1")
    text = to_csv(compare_runs([run]))
    assert text.startswith("\ufeff") and "\r\n" in text
    assert ",'=1+1," in text


def test_records_hold_what_the_report_holds(two_runs):
    report = compare_runs(two_runs)
    flat = records(report)
    scores = [r for r in flat if r["kind"] == "score"]
    assert len(scores) == 2 * len(report.rows)
    assert scores[0]["value"] == report.rows[0].cells[0].estimate.value
    assert {frozenset(r) for r in flat} == {frozenset(flat[0])}


@pytest.mark.parametrize("form", ["text", "md", "csv", "json"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_format_names_every_model(two_runs, form, lang):
    text = as_format(compare_runs(two_runs), form, lang)
    assert "api/jia" in text and "api/yi" in text


def test_gates_hold_only_where_the_test_says_so(two_runs):
    report = compare_runs(two_runs)

    def fails(text):
        return broken(report, [parse(text)])

    assert len(fails("api/yi worse than api/jia on poetry")) == 1
    assert fails("jia worse than yi") == []
    assert fails("yi worse than jia on legal") == []
    assert fails("yi below 0.99 on poetry") and not fails("yi below 0.01")
    assert fails("jia unsure > 0.001") and not fails("jia unsure > 0.9")
    assert not fails("jia failed > 0")
    with pytest.raises(UserError, match="no row 'poety'"):
        fails("jia score < 1 on poety")
    with pytest.raises(UserError, match="names no model"):
        fails("nobody below 0.5")
    with pytest.raises(UserError, match="not a condition"):
        parse("jia is bad")


# -- text -------------------------------------------------------------------------------------------


def test_offsets_count_code_points_of_the_answer_as_it_came():
    parts, left = segments("a\u202e𠮷b", [(2, 3, 0)])
    assert parts == [["a⟨U+202E⟩", []], ["𠮷", [0]], ["b", []]] and left == 0
    parts, left = segments("", [(0, 5, 0)])
    assert parts == [] and left == 0


def test_a_drawn_fragment_keeps_only_harmless_tags():
    bad = '<svg onload="x()"><script>alert(1)</script><a href="javascript:x">y</a><p style="z">t<b>u'
    assert safe_fragment(bad) == "<svg>alert(1)<a>y</a><p>t<b>u</b></p></svg>"
    assert safe_fragment("a &lt;script&gt; \u202e") == "a &lt;script&gt; ⟨U+202E⟩"
    assert visible("") == ""


def test_words_give_the_text_back():
    text = "当事人应当在三年内向人民法院提起诉讼，𠮷野家。 abc\n"
    assert "".join(words(text)) == text
    assert sum(int(d) for d in word_lengths(text)) == len(text)
    assert differences("", "好") == [("only_b", "好")]
    assert differences("同", "同") == [("same", "同")]


# -- size -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_four_models_a_thousand_items_three_samples_render_in_little_memory(tmp_path):
    capabilities = dict.fromkeys(["poetry", "legal", "shanghainese", "structured", "instructions"], 200)
    probes = make_probes(capabilities)
    for i, m in enumerate("abcd"):
        make_run(
            tmp_path / "runs" / m, probes, 0.8 - 0.1 * i, model=m, samples=3, seed=i, people=0.6, strict=0.1
        )
    code = (
        "import resource, sys; from pathlib import Path;"
        "from zhprobe.report.render import write_report;"
        "write_report(sorted(Path(sys.argv[1]).iterdir()), Path(sys.argv[2]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    out = tmp_path / "report.html"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "runs", out],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(zhprobe.__file__).parents[1])},
    )
    assert int(done.stdout) < 400 * 1024  # KB
    for page in (tmp_path / "report.items").iterdir():
        told = re.search(r'id="data-items">(.*?)</script>', page.read_text(encoding="utf-8"), re.S)
        assert capabilities.pop(page.stem) == len(shown := json.loads(told[1]))
        assert all(len(item["answers"]) == 12 for item in shown.values())
    assert not capabilities


def test_records_become_a_data_frame(two_runs):
    pytest.importorskip("pandas")
    frame = to_pandas(compare_runs(two_runs))
    assert set(frame["kind"]) == {"score", "difference"}
    assert frame["n"].min() > 0


def test_records_become_a_dataset(two_runs):
    pytest.importorskip("datasets")
    report = compare_runs(two_runs)
    assert to_dataset(report)[0]["value"] == records(report)[0]["value"]


def test_records_become_a_parquet_file(two_runs, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    report = compare_runs(two_runs)
    write_parquet(report, tmp_path / "c.parquet")
    assert parquet.read_table(tmp_path / "c.parquet").to_pylist() == records(report)
