"""From a finished run to adjudicated scores with the commands alone."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from zhprobe.cli import main
from zhprobe.grading.batch import human_grades, settled_verdicts


def zhprobe(*words, code=0, **more):
    result = CliRunner().invoke(main, [*map(str, words)], **more)
    assert result.exit_code == code, (words, result.output, result.exception)
    return result.stdout


@pytest.fixture
def two_runs(tmp_path, make_run, law_items, monkeypatch):
    monkeypatch.chdir(tmp_path)
    items = law_items(12)
    return [
        make_run(tmp_path / "results" / n, f"maker/{n}", items, lambda item, _, n=n: f"{n}：三年。")
        for n in ("m1", "m2")
    ]


def fill(path, target, verdict):
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    for row in rows:
        row["verdict 判定"] = verdict(row)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return target


def test_a_person_can_walk_from_runs_to_adjudicated_verdicts(two_runs, tmp_path):
    plan = zhprobe(
        "assign", *two_runs, "--batch", "b1", "--annotators", "李明,王芳", "--dry-run", "--lang", "zh"
    )
    assert "李明" in plan and not (tmp_path / "results/b1").exists()
    zhprobe(
        "assign", *two_runs, "--batch", "b1", "--annotators", "李明,王芳", "--double", "0.5", "--lang", "zh"
    )
    sheets = zhprobe("sheet", "b1").split()
    assert {p.rsplit("/", 1)[1] for p in sheets} == {
        f"b1-a0{n}.{x}" for n in (1, 2) for x in ("xlsx", "csv", "txt")
    }
    for number, verdict in ((1, "1"), (2, "0")):
        done = fill(
            tmp_path / f"results/b1/sheets/b1-a0{number}.csv",
            tmp_path / f"{number}.csv",
            lambda _, v=verdict: v,
        )
        assert f"a0{number}" in zhprobe("grade", "b1", done, "--lang", "zh")
    assert "before" in zhprobe("grade", "b1", tmp_path / "1.csv", "--lang", "en")
    standing = json.loads(zhprobe("grade", "b1", "--json"))
    assert standing["differing"] == 24 and all(a["done"] == a["issued"] for a in standing["annotators"])
    zhprobe("adjudicate", "b1")
    fill(tmp_path / "results/b1/sheets/b1-adjudicator.csv", tmp_path / "adj.csv", lambda _: "1")
    zhprobe("adjudicate", "b1", tmp_path / "adj.csv")
    settled = settled_verdicts(tmp_path / "results/b1")
    assert sum(s.how == "adjudicated" for s in settled) == 24 and not any(s.how == "split" for s in settled)
    grades = human_grades(tmp_path / "results/b1", "m1")
    assert {g.grader for g in grades} == {"human:a01", "human:a02"}
    text = zhprobe("agree", "b1", "--lang", "zh")
    assert "一致率 0.00" in text or "样本太少" in text
    assert json.loads(zhprobe("agree", "b1", "--json"))["judges"] == []
    zhprobe("grade", "b1", "--void", "王芳", "--reason", "误交")
    assert {g.grader for g in human_grades(tmp_path / "results/b1")} == {"human:a01"}


def test_what_a_person_gets_wrong_is_told_with_what_to_do(two_runs, tmp_path):
    run = CliRunner()
    for words, told in [
        (["grade", "b9"], "there is no such batch"),
        (["sheet", "b9"], "zhprobe assign"),
        (["assign", str(two_runs[0]), "--batch", "b1", "--annotators", ","], "no annotators"),
        (["assign", "results/nowhere", "--batch", "b1", "--annotators", "a"], "there is no such folder"),
        (["grade", "--page"], "no batch was named"),
        (["rubric", "show", "nothing/here"], "no capability, probe or item"),
    ]:
        result = run.invoke(main, words)
        assert result.exit_code == 2 and told in result.stderr, (words, result.stderr)
    zhprobe("assign", *two_runs, "--batch", "b1", "--annotators", "李明")
    result = run.invoke(main, ["sheet", "b1", "--annotator", "李名"])
    assert result.exit_code == 2 and "李明" in result.stderr
    result = run.invoke(main, ["grade", "b1", "--page"])
    assert result.exit_code == 2 and "a01 (李明)" in result.stderr


def test_a_file_with_bad_rows_ends_with_1_and_writes_the_report(two_runs, tmp_path):
    zhprobe("assign", *two_runs, "--batch", "b1", "--annotators", "李明")
    zhprobe("sheet", "b1", "--format", "csv")
    done = fill(
        tmp_path / "results/b1/sheets/b1-a01.csv",
        tmp_path / "x.csv",
        lambda row: "很好" if row["row_id"][-1] < "B" else "1",
    )
    zhprobe("grade", "b1", done, code=1)
    report = (tmp_path / "results/b1/import-report.csv").read_text(encoding="utf-8-sig")
    assert report.startswith('"问题","row_id"') and "E06" in report
    zhprobe("grade", "b1", done, tmp_path / "x.csv", code=1)
    assert (tmp_path / "results/b1/import-report-a01.csv").exists()
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    zhprobe("grade", "b1", tmp_path / "bad.csv", code=2)


def test_the_rubrics_of_the_package_have_no_errors():
    lint = CliRunner().invoke(main, ["rubric", "lint", "--lang", "en"])
    assert lint.exit_code == 0, lint.output
    assert "0 errors" in lint.output.splitlines()[-1]


def test_rubric_help_and_show_speak_to_authors():
    assert "一条评分项只写一个事实" in zhprobe("rubric", "help")
    shown = zhprobe("rubric", "show", "poetry/quatrain-five", "--lang", "zh")
    assert "意境" in shown and "裁判" in shown and "人" in shown
