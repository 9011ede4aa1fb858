"""Grading sheets out and in (human-grading contract, sections 2 to 6 and 12)."""

import csv
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhprobe.grading.batch import Answer, Batch
from zhprobe.grading.ledger import LEDGER, GradeEvent, Mark
from zhprobe.grading.sheet import POINTWISE, safe_text, utf16_units, write_sheets
from zhprobe.grading.sheet_read import (
    CODES,
    Unreadable,
    _plain_sheets,
    _wanted_sheet,
    compare_shown,
    find_columns,
    is_lossy,
    read_table,
    summary,
    take_in,
    undo_decoding,
    write_report,
)
from zhprobe.records import Criterion

SHEETS = Path(__file__).parent / "sheets"
EXPECTED = {k: v for k, v in json.loads((SHEETS / "expected.json").read_text()).items() if k[0] != "_"}
OPTIONAL = {"W07", "W10", "W11"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_damaged_sheet_gives_its_grades_and_codes(issued, name):
    wanted = EXPECTED[name]
    got = take_in(issued, SHEETS / name)
    assert got.grades == wanted["grades"]
    assert {r: m.verdict for r, m in issued.ledger.state.marks.items()} == wanted["grades"]
    assert got.encoding == wanted.get("encoding", "xlsx")
    if "codes" in wanted:
        # W12 is listed where a note is damaged; on a damaged evidence it is right as well
        notes = [r for r in got.rows if "W12" in r.codes and "?" in r.cells.get("note", "")]
        counts = {c: n for c, n in got.counts.items() if c not in OPTIONAL | {"W12"}}
        assert counts | ({"W12": len(notes)} if notes else {}) == wanted["codes"]
    for code in wanted.get("codes_at_least", []):
        assert code in got.counts
    for code, ids in wanted.get("rows", {}).items():
        assert sorted({r.row_id for r in got.rows if code in r.codes}) == sorted(ids)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_importing_a_file_twice_changes_nothing(issued, name):
    take_in(issued, SHEETS / name)
    before = (issued.folder / LEDGER).read_bytes()
    again = take_in(Batch(issued.folder), SHEETS / name)
    assert (again.known, again.appended) == (True, 0)
    assert (issued.folder / LEDGER).read_bytes() == before


def test_the_same_grades_from_a_damaged_copy_append_no_grade(issued):
    assert take_in(issued, SHEETS / "02-graded-utf8bom.csv").appended == 12
    marks = dict(issued.ledger.state.marks)
    assert take_in(issued, SHEETS / "04-excel-zhcn-gbk-coerced.csv").appended == 0
    assert take_in(issued, SHEETS / "09-lossy-question-marks.csv").appended == 0
    assert issued.ledger.state.marks == marks


def test_an_undamaged_note_replaces_a_damaged_one(issued):
    take_in(issued, SHEETS / "09-lossy-question-marks.csv")
    assert issued.ledger.state.marks["R0ZRK9ZBTP"].note == "?????"
    assert issued.ledger.state.marks["R0ZRK9ZBTP"].flags == ("damaged_text",)
    take_in(issued, SHEETS / "02-graded-utf8bom.csv")
    mended = issued.ledger.state.marks["R0ZRK9ZBTP"]
    assert (mended.note, mended.flags) == ("备注：可以", ())


def rewrite(path, change):
    rows = list(
        csv.DictReader(io.StringIO((SHEETS / "02-graded-utf8bom.csv").read_text(encoding="utf-8-sig")))
    )
    rows = change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_shuffled_rows_dropped_columns_and_renamed_labels_give_the_same_grades(issued, tmp_path):
    def change(rows):
        kept = [
            {k.replace("判定", "结果").replace("回答", "文本"): v for k, v in row.items()}
            for row in rows[::-1]
        ]
        return [{k: v for k, v in row.items() if k.split()[0] not in ("note", "sec", "chk")} for row in kept]

    got = take_in(issued, rewrite(tmp_path / "x.csv", change))
    assert got.grades == EXPECTED["02-graded-utf8bom.csv"]["grades"]
    assert got.exit_code == 0


def test_a_cleared_verdict_erases_nothing_unless_asked(issued, tmp_path):
    take_in(issued, SHEETS / "02-graded-utf8bom.csv")
    empty = SHEETS / "01-issued-empty-utf8bom.csv"
    take_in(issued, empty)
    assert len(issued.ledger.state.marks) == 12
    take_in(issued, empty, clear=True)
    assert len(issued.ledger.state.marks) == 0


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "E09"),
        (b"\xff\xfe\x00\xd8", "E09"),
        (b"\x81\x00\xff", "E09"),
        (b"PK\x03\x04not a workbook", "E09"),
        (b"a,b\n1,2\n", "E01"),
        (b"row_id,answer\nR0ZRK9ZBTP,x\n", "E01"),
        ("row_id,verdict,verdict 判定\n,,\n".encode(), "E10"),
        (b"", "E01"),
    ],
)
def test_a_file_that_cannot_be_used_is_rejected_whole(issued, tmp_path, raw, code):
    (tmp_path / "x.csv").write_bytes(raw)
    got = take_in(issued, tmp_path / "x.csv")
    assert (got.fault, got.exit_code) == (code, 2)
    assert not issued.ledger.state.marks and not issued.ledger.state.imports


def test_an_edited_row_is_held_until_it_is_accepted_and_then_flagged(issued):
    path = SHEETS / "10-sorted-partial-dups-edits.csv"
    assert "RX883201BT" not in take_in(issued, path).grades
    assert take_in(issued, path, accept_edited=True).grades["RX883201BT"] == "1"
    assert issued.ledger.state.marks["RX883201BT"].flags == ("edited",)


def test_the_import_report_can_be_mended_and_imported_itself(issued, tmp_path):
    first = take_in(issued, SHEETS / "10-sorted-partial-dups-edits.csv")
    assert first.exit_code == 1
    report = write_report(issued, first)
    rows = list(csv.DictReader(io.StringIO(report.read_text(encoding="utf-8-sig"), newline="")))
    assert next(iter(rows[0])) == "问题" and all(row["问题"] for row in rows)
    kept = {}
    for row in rows:
        if row["row_id"] in issued.ledger.state.issued:
            kept[row["row_id"]] = row | {
                "verdict 判定": "0" if row["verdict 判定"] == "2" else row["verdict 判定"]
            }
    with (tmp_path / "mended.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(kept.values())
    second = take_in(issued, tmp_path / "mended.csv")
    assert second.exit_code == 0, second.rows
    assert {r: second.grades[r] for r in ("R9Q94B38ZV", "RX883201BT", "RV1C6P0QSG")} == {
        "R9Q94B38ZV": "0",
        "RX883201BT": "1",
        "RV1C6P0QSG": "0",
    }


def test_a_row_of_another_annotator_or_batch_is_rejected(tmp_path, make_batch):
    answers = [Answer("x", "题", "回答在此", (Criterion("c1", "条", kind="human"),))]
    one = make_batch(tmp_path / "b1", answers, annotators=("a01", "a02"))
    other = make_batch(tmp_path / "b2", answers, batch="b2")
    (mine, theirs), (foreign,) = (list(b.ledger.state.issued) for b in (one, other))
    (tmp_path / "x.csv").write_text(f"row_id,verdict\n{mine},1\n{theirs},1\n{foreign},1\n", encoding="utf-8")
    got = take_in(one, tmp_path / "x.csv", annotator="a01")
    assert [(r.row_id, r.codes[0]) for r in got.rows if r.number] == [
        (mine, "W11"),
        (theirs, "E04"),
        (foreign, "E04"),
    ]
    assert got.grades == {mine: "1"}


def test_evidence_that_is_required_must_stand_in_the_answer(tmp_path, make_batch):
    criteria = (Criterion("c1", "指出三年", evidence="required"),)
    batch = make_batch(tmp_path / "b", [Answer("x", "题", "诉讼时效期间为三年。", criteria)])
    (name,) = batch.ledger.state.issued
    for number, (evidence, verdict, codes) in enumerate(
        [("", "1", ["E08"]), ("时效为二年左右", "1", ["E08"]), ("", "0", []), ("诉讼时效期间", "1", [])]
    ):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"row_id,verdict,evidence\n{name},{verdict},{evidence}\n", encoding="utf-8")
        got = take_in(batch, path)
        assert [c for c in got.rows[0].codes if c[0] == "E"] == codes
    held = tmp_path / "0.csv"
    assert take_in(batch, held, accept_no_evidence=True).grades == {name: "1"}
    assert batch.ledger.state.marks[name].flags == ("no_evidence",)


@pytest.mark.parametrize(
    ("spelling", "code"), [("3", "E06"), ("是", "E06"), ("NA", "E06"), ("2.0", ""), ("０", ""), ("u", "")]
)
def test_a_graded_criterion_takes_its_levels_only(tmp_path, spelling, code, make_batch):
    criteria = (Criterion("c1", "条", kind="human", levels=("无", "有", "好")),)
    batch = make_batch(tmp_path / "b", [Answer("x", "题", "答", criteria)])
    (name,) = batch.ledger.state.issued
    (tmp_path / "x.csv").write_text(f"row_id,verdict\n{name},{spelling}\n", encoding="utf-8")
    codes = take_in(batch, tmp_path / "x.csv").rows[0].codes
    assert ("E06" in codes) == (code == "E06")


@pytest.mark.parametrize("mark", ["?", "/", "-", "？", "很好", "11"])
def test_what_is_no_code_is_never_guessed(issued, tmp_path, mark):
    (tmp_path / "x.csv").write_text(f"row_id,verdict\nR0ZRK9ZBTP,{mark}\n", encoding="utf-8")
    assert "E06" in take_in(issued, tmp_path / "x.csv").rows[0].codes


@pytest.mark.parametrize(
    ("shown", "original", "code"),
    [
        ("'=1+1", "=1+1", ""),
        ("a\r\nb  ", "a\nb", ""),
        ("e\u0301te", "\u00e9te", ""),
        ("判定".encode().decode("latin-1"), "判定", "W02"),
        ("?🙂?好", "你🙂，好", "W03"),
        ("45.0", "45", "W04"),
        ("TRUE", "true", "W04"),
        ("0.75", "3/4", "E07"),
        ("字" * 250, "字" * 300, "W09"),
        ("字" * 150, "字" * 300, "E07"),
        ("", "字", "E07"),
        ("a_x000D_b", "a\rb", ""),
        ("?" * 30000, "字" * 30000, "W03"),
    ],
)
def test_damage_of_each_kind_has_its_code(shown, original, code):
    assert compare_shown(shown, original) == code


def independent_xlsx(path):
    """Cells of the first sheet, read from the XML by hand."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in tree.iterfind(".//m:row", space):
        cells = []
        for cell in row.iterfind("m:c", space):
            assert cell.get("t") == "inlineStr" and cell.find("m:f", space) is None
            cells.append("".join(t.text or "" for t in cell.iterfind(".//m:t", space)))
        rows.append(cells)
    return rows


texts = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(categories=("Cs", "Cc", "Lo", "So")), max_size=20),
    st.sampled_from(
        [
            "=1+1",
            "-5",
            "+86",
            "@x",
            "'a",
            "''",
            '"',
            '","',
            "a\r\nb\rc\n",
            "\t",
            "_x000D_",
            "x_x0041_y",
            "007",
        ]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=4))
def test_any_text_comes_back_from_both_formats_without_a_fault(tmp_path_factory, make_batch, cases):
    folder = tmp_path_factory.mktemp("round")
    answers = [
        Answer(f"x{n}", prompt, answer, (Criterion("c1", text or "条", kind="human"),))
        for n, (prompt, answer, text) in enumerate(cases)
    ]
    batch = make_batch(folder / "b", answers)
    rows = batch.rows_of("a01")
    xlsx, table, *_ = write_sheets(folder, rows, batch.info, "a01")
    with table.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.reader(file))
    assert len(records) == len(rows) + 1 and {len(r) for r in records} == {len(POINTWISE)}
    assert len(independent_xlsx(xlsx)) == len(rows) + 1
    for path in (xlsx, table):
        got = take_in(batch, path)
        assert not [c for c in got.counts if c != "W06"], (path.name, got.counts, cases)


def test_a_hundred_thousand_characters_are_cut_for_the_cell_and_kept_on_the_reading_page(
    tmp_path, make_batch
):
    long = "𠮷字" * 50_000
    batch = make_batch(tmp_path / "b", [Answer("x", "题", long, (Criterion("c1", "条", kind="human"),))])
    (row,) = batch.rows_of("a01")
    written = write_sheets(tmp_path, [row], batch.info, "a01")
    page = next(p for p in written if p.name == "read-demo-b1-a01.html")
    assert long in page.read_text(encoding="utf-8") and f'id="{row.row_id}"' in page.read_text(
        encoding="utf-8"
    )
    from openpyxl import load_workbook

    link = load_workbook(written[0]).worksheets[0]["E2"].hyperlink
    assert (link.target, link.location) == ("read-demo-b1-a01.html", row.row_id)
    shown, changes = safe_text(long, row.row_id)
    assert (
        utf16_units(shown) < 32_000
        and shown.endswith(f"……（全文见阅读页 {row.row_id}）")
        and changes == ("cut",)
    )
    for path in written[:2]:
        assert set(take_in(batch, path).counts) == {"W06"}


def test_the_workbook_locks_what_is_not_to_be_filled_in_and_offers_the_codes(issued, tmp_path):
    from openpyxl import load_workbook

    path = write_sheets(tmp_path, issued.rows_of("a01"), issued.info, "a01")[0]
    book = load_workbook(path)
    assert book.sheetnames == ["评分", "说明"]
    assert book.properties.keywords == "zhprobe-grading-1 demo-b1"
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "C2" and sheet.auto_filter.ref == "A1:I13" and sheet.protection.sheet
    assert not sheet.protection.password
    open_keys = {
        c.value.split()[0] for c, below in zip(sheet[1], sheet[2], strict=True) if not below.protection.locked
    }
    assert open_keys == {"verdict", "evidence", "note", "sec"}
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, rule.error, str(rule.sqref)) == ('"1,0,NA,U"', "只能填 1、0、NA、U", "B2:B13")
    assert {c.number_format for row in sheet.iter_rows() for c in row} == {"@"}
    assert (
        not load_workbook(write_sheets(tmp_path, [], issued.info, "a01", protect=False)[0])
        .worksheets[0]
        .protection.sheet
    )


def many_answers(count):
    criteria = tuple(Criterion(f"c{n}", f"第{n}条：指出时效为三年", kind="human") for n in range(5))
    return [Answer(f"x{n}", "请说明诉讼时效。" * 5, f"第{n}个回答。" * 60, criteria) for n in range(count)]


def test_five_thousand_rows_go_out_and_in(tmp_path, make_batch):
    batch = make_batch(tmp_path / "b", many_answers(1000))
    rows = batch.rows_of("a01")
    paths = write_sheets(tmp_path, rows, batch.info, "a01")
    assert len(rows) == 5000
    for path in paths[:2]:
        assert take_in(batch, path).counts == {"W06": 5000}


@pytest.mark.parametrize("kind", [0, 1])
def test_twice_the_rows_are_no_more_than_twice_the_work(tmp_path, make_batch, lines_run, kind):
    def work(count):
        batch = make_batch(tmp_path / f"b{count}", many_answers(count))
        paths = []

        def out():
            paths.extend(write_sheets(tmp_path / f"{count}", batch.rows_of("a01"), batch.info, "a01"))

        return lines_run(out), lines_run(lambda: take_in(batch, paths[kind]))

    work(20)  # loads what it needs
    once, twice = work(40), work(80)
    assert twice[0] < 2.2 * once[0] and twice[1] < 2.2 * once[1]


def test_a_kill_between_two_lines_leaves_a_ledger_that_loads(issued):
    take_in(issued, SHEETS / "02-graded-utf8bom.csv")
    path = issued.folder / LEDGER
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    torn = Batch(issued.folder)
    assert torn.ledger.torn > 0 and len(torn.ledger.state.marks) == 11
    again = take_in(torn, SHEETS / "21-graded.xlsx")
    assert again.torn > 0 and len(Batch(issued.folder).ledger.state.marks) == 12
    assert (issued.folder / f"{LEDGER}.torn").exists()


def test_wherever_a_kill_cuts_the_ledger_it_loads_with_the_grades_before_the_cut(issued):
    take_in(issued, SHEETS / "02-graded-utf8bom.csv")
    path = issued.folder / LEDGER
    whole = path.read_bytes()
    start = whole.index(b'{"event":"grade"')
    for cut in range(start, len(whole) + 1, 97):
        path.write_bytes(whole[:cut])
        ledger = Batch(issued.folder).ledger
        assert len(ledger.state.marks) == whole[:cut].count(b"\n", start)
        assert ledger.torn == len(whole[:cut]) - (whole[:cut].rfind(b"\n") + 1)


@given(st.text())
def test_undoing_a_wrong_decoding_gives_the_text_back(text):
    try:
        wrong = text.encode().decode("latin-1")
    except UnicodeEncodeError:
        return
    assert undo_decoding(wrong) in (text, None)


def test_the_order_in_which_annotators_files_come_does_not_matter(tmp_path, make_batch):
    answers = [Answer(f"x{n}", "题", f"回答{n}", (Criterion("c1", "条", kind="human"),)) for n in range(4)]
    states = []
    for name, order in (("one", ("a01", "a02")), ("two", ("a02", "a01"))):
        batch = make_batch(tmp_path / name, answers, annotators=("a01", "a02"))
        for who in order:
            rows = "".join(
                f"{i.row_id},{'1' if who == 'a01' else '0'}\n" for i in batch.ledger.state.rows_of(who)
            )
            (tmp_path / f"{who}.csv").write_text(f"row_id,verdict\n{rows}", encoding="utf-8")
            take_in(batch, tmp_path / f"{who}.csv")
        states.append(Batch(batch.folder).ledger.state.marks)
    assert states[0] == states[1] and len(states[0]) == 8


def test_two_writers_at_once_lose_nothing(tmp_path, make_batch):
    from concurrent.futures import ThreadPoolExecutor

    answers = [Answer(f"x{n}", "题", "答", (Criterion("c1", "条", kind="human"),)) for n in range(40)]
    batch = make_batch(tmp_path / "b", answers)
    rows = [i.row_id for i in batch.ledger.state.rows_of("a01")]

    def write(half):
        ledger = Batch(batch.folder).ledger
        for row in half:
            ledger.append(GradeEvent(row, Mark("1"), "page", "t"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (rows[::2], rows[1::2])))
    assert len(Batch(batch.folder).ledger.state.marks) == 40


def test_choices_between_two_answers_come_back_as_the_models_they_stand_for(tmp_path, make_run, law_items):
    from zhprobe.grading.assignment import start_batch
    from zhprobe.grading.batch import Annotator
    from zhprobe.grading.pairwise import human_choices

    items = law_items(6)
    runs = [
        make_run(tmp_path / n, n, items, lambda item, _, n=n: f"{n}的回答{item.id}") for n in ("m1", "m2")
    ]
    start_batch(runs, tmp_path / "b", [Annotator("a01")], kind="pairwise")
    batch = Batch(tmp_path / "b")
    xlsx, table, *_ = write_sheets(tmp_path / "out", batch.rows_of("a01"), batch.info, "a01")
    assert set(take_in(batch, xlsx).counts) == {"W06"}
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline="")))
    choices = ["m1 wins", "m1 wins", "m2 wins", "tie", "unsure", "m1 wins"]
    for row, wanted in zip(rows, choices, strict=True):
        better = "A" if row["answer_a 回答A"].startswith(wanted[:2]) else "B"
        row["choice 选择"] = {"tie": "平局", "unsure": "拿不准"}.get(wanted, better.lower())
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert take_in(batch, tmp_path / "x.csv").exit_code == 0
    found = human_choices(tmp_path / "b")
    (pair,) = found.pairs
    share = dict(zip(found.strength.models, found.strength.share, strict=True))
    assert share["m1"].value > 0.5 > share["m2"].value
    assert (pair.run_a, pair.wins_a, pair.wins_b, pair.ties, pair.unsure) == ("m1", 3, 1, 1, 1)
    assert batch.grades() == []


@pytest.mark.parametrize("name", sorted(n for n in EXPECTED if n.endswith(".xlsx") and n[:2] != "25"))
def test_a_workbook_that_the_library_cannot_read_is_read_cell_by_cell(issued, tmp_path, name):
    # an attribute that openpyxl does not know, as some programs write them
    with zipfile.ZipFile(SHEETS / name) as old, zipfile.ZipFile(tmp_path / name, "w") as new:
        for part in old.namelist():
            data = old.read(part)
            if part.startswith("xl/worksheets/sheet"):
                data = data.replace(b"<sheetView ", b'<sheetView oddity="1" ')
            new.writestr(part, data)
    got = take_in(issued, tmp_path / name)
    assert got.grades == EXPECTED[name]["grades"]
    assert {c: n for c, n in got.counts.items() if c not in OPTIONAL} == EXPECTED[name]["codes"]


def fault_of(raw):
    """Code of a file that is rejected, '' of one that is read; anything else is raised."""
    try:
        find_columns(read_table(raw))
    except Unreadable as fault:
        return fault.code
    return ""


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_rejected_or_read_and_never_breaks_the_program(data):
    raw = bytearray((SHEETS / "22-graded-resaved-by-libreoffice.xlsx").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert fault_of(bytes(raw)) in {"", *CODES}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sheet_or_told_what_is_wrong(raw):
    assert fault_of(raw) in {"", *CODES}


def test_an_edit_in_one_column_outweighs_damage_in_another(issued, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("row_id,verdict,criterion,answer\nRV1C6P0QSG,1,???? 007,改成别的\n", encoding="utf-8")
    got = take_in(issued, path)
    assert got.rows[0].codes[0] == "E07" and not got.grades


def test_a_question_mark_in_a_note_is_no_damage_and_odd_seconds_are_left_out(issued, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        "row_id,verdict,note,sec\nRV1C6P0QSG,1,这样对吗?,很久\nRRQ49GP8C2,0,,-5\nR0ZRK9ZBTP,1,,12.0\n",
        encoding="utf-8",
    )
    got = take_in(issued, path)
    assert "W12" not in got.counts
    marks = issued.ledger.state.marks
    assert (marks["RV1C6P0QSG"].note, marks["RV1C6P0QSG"].flags, marks["RV1C6P0QSG"].sec) == (
        "这样对吗?",
        (),
        None,
    )
    assert (marks["RRQ49GP8C2"].sec, marks["R0ZRK9ZBTP"].sec) == (None, 12)


@pytest.mark.parametrize(
    ("shown", "original", "lossy"),
    [
        ("?b", "ab", False),
        ("a?", "a", False),
        ("???", "甲", False),
        ("??", "甲", True),
        ("?甲", "乙甲", True),
    ],
)
def test_only_what_is_not_ascii_may_have_become_a_question_mark(shown, original, lossy):
    assert is_lossy(shown, original) is lossy


@pytest.mark.parametrize(("line", "found"), [(5, True), (6, False)])
def test_the_header_of_a_workbook_stands_in_its_first_five_rows(tmp_path, line, found):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "封面"
    sheet = book.create_sheet("表")
    for number in range(1, line):
        sheet.cell(number, 1, f"说明{number}")
    for column, value in enumerate(("row_id", "verdict"), start=1):
        sheet.cell(line, column, value)
        sheet.cell(line + 2, column, ("R0ZRK9ZBTP", True)[column - 1])
    book.save(tmp_path / "x.xlsx")
    raw = (tmp_path / "x.xlsx").read_bytes()
    if not found:
        assert fault_of(raw) == "E01"
        return
    for table in (read_table(raw), _wanted_sheet(_plain_sheets(raw))):
        lines, _ = find_columns(table)
        assert [(one.number, one.cells) for one in lines] == [
            (7, {"row_id": "R0ZRK9ZBTP", "verdict": "TRUE"})
        ]


def test_a_rejected_file_is_told_with_what_to_do(issued, tmp_path):
    (tmp_path / "x.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    told = summary(take_in(issued, tmp_path / "x.xls"))
    assert (
        "E09 文件无法读出（旧式 xls：请另存为 xlsx 或 csv）" in told
        and "请另存为 xlsx，或 UTF-8 的 csv" in told
    )
