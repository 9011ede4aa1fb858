"""A review sheet goes out and comes back; what was signed holds for the wording that was read."""

import csv
import io
import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from zhprobe.cli import main
from zhprobe.errors import UserError
from zhprobe.grading.review import (
    Review,
    read_review_sheet,
    read_reviews,
    record_reviews,
    review_rows,
    write_review_sheet,
)
from zhprobe.probes import load_probes

PROBE = """
id = "speech/two"
version = 1
asks = "Two items."
source = "Written for this test."
licence = "CC-BY-4.0"
canary = "zhprobe-canary-test"
row = "understand"
difficulty = 1
difficulty_reason = "容易"

[[criterion]]
id = "answer"
text = "答对"
check = { wu_number = { expected = { slot = "n" } } }

[[item]]
id = "one"
prompt = "=两只加三只，几只？只写一个数字。"
slots = { n = 5 }
intended = "两个加三个，几个？只写一个数字。"
reference = "5"
specimen = [{ answer = "5" }, { answer = "6", verdicts = { answer = "not_met" } }]
twins = [
    { role = "control", prompt = "两个加三个，几个？只写一个数字。" },
    { role = "respelling", prompt = "两只加三只，几只伐？只写一个数字。" },
]

[[item]]
id = "two"
messages = [
    { role = "user", content = "侬好" },
    { role = "assistant", content = "侬好呀" },
    { role = "user", content = "四只减一只，几只？只写一个数字。" },
]
slots = { n = 3 }
specimen = [{ answer = "3" }]
"""


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "probes" / "speech"
    home.mkdir(parents=True)
    (home / "two.toml").write_text(PROBE, encoding="utf-8")
    return tmp_path / "probes"


def probes(folder):
    return load_probes([folder], packaged=False).sound()


def fill(path: Path, answers: dict[str, tuple[str, str, str, str]]) -> bytes:
    """The CSV with answers put in, written as a spreadsheet program writes it: GB18030, no byte-order mark."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    head = [cell.split()[0] for cell in rows[0]]
    for row in rows[1:]:
        natural, understood, correction, reviewer = answers.get(row[head.index("item")], ("",) * 4)
        row[head.index("natural")], row[head.index("understood")] = natural, understood
        row[head.index("correction")], row[head.index("reviewer")] = correction, reviewer
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("gb18030")


def test_a_row_stands_for_each_item_with_its_control_beside_it(folder):
    rows = review_rows(probes(folder), "speech")
    assert [row.cells["item"] for row in rows] == ["speech/two/one", "speech/two/two"]
    assert rows[0].cells["control"] == "两个加三个，几个？只写一个数字。"
    assert rows[1].cells["prompt"] == "甲：侬好\n乙：侬好呀\n甲：四只减一只，几只？只写一个数字。"


def test_the_workbook_keeps_a_prompt_that_looks_like_a_formula_as_text(folder, tmp_path):
    sheet, _ = write_review_sheet(probes(folder), "speech", tmp_path)
    cells = openpyxl.load_workbook(sheet).active
    shown = [
        cell for row in cells.iter_rows(min_row=2) for cell in row if str(cell.value).startswith("=两只")
    ]
    assert [cell.data_type for cell in shown] == ["s"]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_readers_fill_in_comes_back(folder, tmp_path, form):
    sheet, table = write_review_sheet(probes(folder), "speech", tmp_path)
    filled = tmp_path / f"filled.{form}"
    if form == "csv":
        filled.write_bytes(fill(table, {"speech/two/one": ("是", "1", "", "r01")}))
    else:
        book = openpyxl.load_workbook(sheet)
        book.active["B2"], book.active["C2"], book.active["E2"] = 1, "√", "r01"
        book.save(filled)
    found = read_review_sheet(filled, probes(folder))
    assert (found.blank, found.faults) == (1, ())
    (review,) = found.reviews
    assert (review.item, review.natural, review.understood, review.reviewer) == (
        "speech/two/one",
        "1",
        "1",
        "r01",
    )


def test_a_signed_item_counts_as_checked_until_its_wording_changes(folder, tmp_path):
    _, table = write_review_sheet(probes(folder), "speech", tmp_path)
    filled = tmp_path / "filled.csv"
    filled.write_bytes(
        fill(table, {"speech/two/one": ("1", "1", "", "r01"), "speech/two/two": ("0", "1", "好", "r01")})
    )
    record_reviews(folder / "speech", read_review_sheet(filled, probes(folder)).reviews)
    checked = {item.id: item.native_checked for item in probes(folder)[0].items}
    assert checked == {"one": True, "one.control": False, "one.respelling": False, "two": False}
    file = folder / "speech" / "two.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("=两只加三只", "两只搭三只"), encoding="utf-8")
    assert not probes(folder)[0].items[0].native_checked


def test_one_reader_who_objects_keeps_an_item_unchecked(folder):
    item = probes(folder)[0].items[0]
    good = Review(item.key, item.digest, "r01", "1", "1")
    record_reviews(
        folder / "speech", [good, Review(item.key, item.digest, "r02", "0", "1", correction="五只")]
    )
    assert not probes(folder)[0].items[0].native_checked
    record_reviews(folder / "speech", [Review(item.key, item.digest, "r02", "1", "1")])
    assert probes(folder)[0].items[0].native_checked


def test_an_opinion_that_is_unsure_signs_nothing(folder):
    item = probes(folder)[0].items[0]
    record_reviews(folder / "speech", [Review(item.key, item.digest, "r01", "1", "U")])
    assert not probes(folder)[0].items[0].native_checked


def test_records_survive_any_text_and_stay_sorted(tmp_path):
    hostile = Review(
        "b/c/d", "0" * 16, 'r"1', "1", "0", correction='他说"""好"""\n\\u 𠲎\x7f', note="[[review]]"
    )
    other = Review("a/b/c", "1" * 16, "r01", "1", "1")
    record_reviews(tmp_path, [hostile])
    record_reviews(tmp_path, [other])
    assert read_reviews(tmp_path / "reviews.toml") == [other, hostile]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (("1", "", "", "r01"), "understood"),
        (("好", "1", "", "r01"), "natural '好'"),
        (("1", "1", "", ""), "no reviewer"),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_spares_the_others(folder, tmp_path, answer, what):
    _, table = write_review_sheet(probes(folder), "speech", tmp_path)
    filled = tmp_path / "filled.csv"
    filled.write_bytes(fill(table, {"speech/two/one": answer, "speech/two/two": ("1", "1", "", "r01")}))
    found = read_review_sheet(filled, probes(folder))
    assert len(found.reviews) == 1
    assert what in str(found.faults[0])


def test_a_file_without_our_columns_is_refused(folder, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UserError, match="row_id"):
        read_review_sheet(path, probes(folder))


def test_the_command_writes_sheets_and_reads_them_back(folder, tmp_path):
    run = CliRunner().invoke(
        main, ["probes", "review", "--capability", "speech", "--probes", str(folder), "--out", str(tmp_path)]
    )
    assert run.exit_code == 0, run.output
    filled = tmp_path / "filled.csv"
    filled.write_bytes(fill(tmp_path / "review-speech.csv", {"speech/two/one": ("1", "1", "", "r01")}))
    again = CliRunner().invoke(
        main,
        [
            "probes",
            "review",
            "--capability",
            "speech",
            "--probes",
            str(folder),
            "--read",
            str(filled),
            "--in",
            str(folder / "speech"),
        ],
    )
    assert again.exit_code == 0, again.output
    assert "1 read, 1 blank, 0 not usable" in again.output
    assert len(read_reviews(folder / "speech" / "reviews.toml")) == 1
    shutil.rmtree(folder)
