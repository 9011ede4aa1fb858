"""The commands `compare` and `report` as a person types them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from zhprobe.cli import main

from .conftest import make_probes, make_run


def zhprobe(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_compare_prints_the_headline_and_straight_tables(two_runs):
    done = zhprobe("compare", *two_runs, "--lang", "zh")
    assert done.exit_code == 0
    assert done.stdout.startswith("api/jia 在古典诗词上更好")


def test_a_folder_of_runs_stands_for_the_runs_in_it(two_runs):
    done = zhprobe("compare", two_runs[0].parent, "--lang", "en")
    assert done.exit_code == 0 and "api/yi" in done.stdout


def test_a_gate_that_holds_ends_with_1_and_says_why(two_runs):
    done = zhprobe("compare", *two_runs, "--fail-if", "yi worse than jia on poetry", "--lang", "en")
    assert done.exit_code == 1
    assert "FAIL yi worse than jia on poetry" in done.stderr
    assert zhprobe("compare", *two_runs, "--fail-if", "jia worse than yi").exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--fail-if", "who knows"], "not a condition"),
        (["--weight", "legal"], "not capability=number"),
        (["--weight", "legal=-1"], "negative"),
        (["--format", "parquet"], "needs a name"),
    ],
)
def test_what_a_person_gets_wrong_is_said_with_exit_code_2(two_runs, words, told):
    done = zhprobe("compare", *two_runs, *words)
    assert done.exit_code == 2
    assert told in done.stderr and "Traceback" not in done.output


def test_a_folder_without_a_run_is_said(tmp_path):
    done = zhprobe("compare", tmp_path)
    assert done.exit_code == 2 and "holds no run" in done.stderr


def test_formats_go_to_a_file(two_runs, tmp_path):
    out = tmp_path / "c.csv"
    assert zhprobe("compare", *two_runs, "--format", "csv", "--out", out).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert {row["kind"] for row in rows} == {"score", "difference"}
    printed = zhprobe("compare", *two_runs, "--format", "json")
    assert json.loads(printed.stdout)["models"][0]["name"] == "api/jia"


def test_report_writes_a_page_in_the_run_or_where_it_is_told(two_runs, tmp_path):
    assert zhprobe("report", two_runs[0]).exit_code == 0
    assert (two_runs[0] / "report.html").is_file() and (two_runs[0] / "report.json").is_file()
    done = zhprobe("report", *two_runs, "--out", tmp_path / "page.html", "--no-items", "--lang", "en")
    assert done.exit_code == 0 and str(tmp_path / "page.html") in done.stdout
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "This page holds no items" in page and 'id="data-items"' not in page


def test_compare_writes_the_page_as_well(two_runs, tmp_path):
    assert zhprobe("compare", *two_runs, "--html", tmp_path / "p.html").exit_code == 0
    assert (tmp_path / "p.html").is_file() and (tmp_path / "p.json").is_file()


def test_weights_are_shown_as_an_overall_row(two_runs):
    done = zhprobe("compare", *two_runs, "--weight", "poetry=1", "--weight", "legal=1", "--lang", "zh")
    assert "总分" in done.stdout


def test_titles_of_a_users_own_capability_are_taken(tmp_path):
    probes = make_probes({"cooking": 20}, judge=False)
    run = make_run(tmp_path / "run", probes, 0.6)
    folder = tmp_path / "probes" / "cooking"
    folder.mkdir(parents=True)
    (folder / "capability.toml").write_text('title_zh = "烹饪"\ntitle_en = "Cooking"\n', encoding="utf-8")
    done = zhprobe("compare", run, "--probes", tmp_path / "probes", "--lang", "zh")
    assert "烹饪" in done.stdout
