"""Sheets through a real spreadsheet program: opened, filled in, saved, taken back in."""

import shutil
import subprocess
from pathlib import Path

import pytest

from zhprobe.grading.batch import Answer
from zhprobe.grading.sheet import write_sheets
from zhprobe.grading.sheet_read import take_in
from zhprobe.records import Criterion

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice on this machine (soffice is not on the path)"),
]

ANSWERS = ["007", "1-2", "3/4", "1E5", "=1+1", "12345678901234567890", "12:30", "-5度\r\n“走吧。”\n@所有人", "𠮷、㐂、①😀", "TRUE", "'引号", "长" * 2000, " 两头空格 "]  # fmt: skip
VERDICTS = ["1", "0", "NA", "U"]


@pytest.fixture
def sheets(tmp_path, make_batch):
    criterion = Criterion("c1", "照抄一字不差", kind="human", na_allowed=True)
    answers = [Answer(f"x{n}", "请照抄。", text, (criterion,)) for n, text in enumerate(ANSWERS)]
    batch = make_batch(tmp_path / "b", answers)
    return batch, write_sheets(tmp_path / "out", batch.rows_of("a01"), batch.info, "a01")


def office(tmp_path, *arguments):
    done = subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation=file://{tmp_path / 'profile'}", *map(str, arguments)],
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def fill(path, target):
    """Put verdicts as a person does, leaving everything else alone."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book.worksheets[0]
    wanted = {}
    for number, row in enumerate(sheet.iter_rows(min_row=2)):
        verdict = VERDICTS[number % 4]
        row[1].value = int(verdict) if verdict in "01" else verdict
        wanted[row[0].value] = verdict
    book.save(target)
    return wanted


def test_the_workbook_comes_back_through_libreoffice_with_every_text_as_it_was(sheets, tmp_path):
    batch, (xlsx, *_) = sheets
    filled = tmp_path / "in" / "filled.xlsx"
    filled.parent.mkdir()
    wanted = fill(xlsx, filled)
    office(tmp_path, "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "back", filled)
    got = take_in(batch, tmp_path / "back" / "filled.xlsx")
    assert got.grades == wanted
    assert not set(got.counts) - {"W07"}, got.counts


def test_the_workbook_comes_back_by_way_of_an_ods_file(sheets, tmp_path):
    batch, (xlsx, *_) = sheets
    filled = tmp_path / "in" / "filled.xlsx"
    filled.parent.mkdir()
    wanted = fill(xlsx, filled)
    office(tmp_path, "--convert-to", "ods", "--outdir", tmp_path / "ods", filled)
    office(tmp_path, "--convert-to", "xlsx", "--outdir", tmp_path / "back", tmp_path / "ods" / "filled.ods")
    got = take_in(batch, tmp_path / "back" / "filled.xlsx")
    assert got.grades == wanted and not set(got.counts) - {"W07"}, got.counts


@pytest.mark.parametrize(
    ("reading", "writing"),
    [
        ("44,34,76,1,,0,false,true,false", "44,34,76,1,,0,false,true,false"),  # UTF-8, as texts and numbers
        (
            "44,34,76,1,,2052,false,true,false",
            "44,34,GBK,1,,2052,false,true,false",
        ),  # saved as Chinese Excel does
        ("44,34,1,1", "44,34,76,1"),  # opened with the wrong code page
    ],
    ids=["utf8", "saved-as-gbk", "opened-as-1252"],
)
def test_the_csv_keeps_its_grades_whatever_the_program_makes_of_the_texts(sheets, tmp_path, reading, writing):
    batch, (_, table, *_) = sheets
    rows = table.read_text(encoding="utf-8-sig").split("\r\n")
    wanted = {}
    for number, line in enumerate(rows[1:-1], start=1):
        verdict = VERDICTS[number % 4]
        row_id = line[1:11]
        assert line.startswith(f'"{row_id}","",')
        rows[number] = line.replace('"","', f'"{verdict}","', 1)
        wanted[row_id] = verdict
    (tmp_path / "in").mkdir()
    filled = tmp_path / "in" / "filled.csv"
    mark = "" if reading == "44,34,1,1" else "\ufeff"
    filled.write_bytes((mark + "\r\n".join(rows)).encode("utf-8"))
    office(
        tmp_path,
        f"--infilter=Text - txt - csv (StarCalc):{reading}",
        "--convert-to",
        f"csv:Text - txt - csv (StarCalc):{writing}",
        "--outdir",
        tmp_path / "back",
        filled,
    )
    got = take_in(batch, tmp_path / "back" / "filled.csv")
    assert got.grades == wanted, [(r.row_id, r.codes, r.cells) for r in got.rows if r.mark is None]
    assert not [code for code in got.counts if code[0] == "E"]


def test_the_sheet_opens_without_repair_and_prints(sheets, tmp_path):
    _, (xlsx, *_) = sheets
    office(tmp_path, "--convert-to", "pdf", "--outdir", tmp_path, xlsx)
    pdf = Path(tmp_path / xlsx.with_suffix(".pdf").name)
    assert pdf.read_bytes().startswith(b"%PDF") and pdf.stat().st_size > 10_000
