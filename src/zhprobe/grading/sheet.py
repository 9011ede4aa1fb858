"""Grading sheets out: row ids, check values, XLSX, CSV and reading pages (human-grading contract, 2 and 3).

A grade hangs on its row id. Whatever must survive a spreadsheet program is ASCII; the Chinese beside it is
for people and is compared on the way back, never read as data.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import write_whole
from zhprobe.grading.batch import BatchInfo, Row

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U
POINTWISE = ("row_id", "verdict", "criterion", "prompt", "answer", "evidence", "note", "sec", "chk")
PAIRWISE = ("row_id", "choice", "prompt", "answer_a", "answer_b", "evidence", "note", "sec", "chk")
ADJUDICATION = (
    "row_id",
    "verdict",
    "reason",
    "criterion",
    "prompt",
    "answer",
    "given",
    "evidence",
    "note",
    "sec",
    "chk",
)
LABELS = {
    "verdict": "判定",
    "choice": "选择",
    "reason": "原因",
    "criterion": "评分项",
    "prompt": "题目",
    "answer": "回答",
    "answer_a": "回答A",
    "answer_b": "回答B",
    "given": "已有判定",
    "evidence": "依据",
    "note": "备注",
    "sec": "用时秒",
}
FILLED_BY_PEOPLE = frozenset({"verdict", "choice", "reason", "evidence", "note", "sec"})
REASONS = ("评分项含糊", "题目或参考有误", "看漏", "知识分歧", "其他")

CELL_LIMIT, CUT_AT = 32_000, 30_000  # UTF-16 units; a cell holds 32,767
READ_FROM = 1_500  # characters: longer answers also get a reading page
GUARDED = "=+-@\t\r'"


def _base32(digest: bytes, characters: int) -> str:
    bits = int.from_bytes(digest, "big") >> (len(digest) * 8 - characters * 5)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(characters)))


def check_character(body: str) -> str:
    """The last character of a row id, from the eight before it.

    >>> check_character("0ZRK9ZBT")
    'P'
    """
    return ALPHABET[sum(i * ALPHABET.index(c) for i, c in enumerate(body, start=1)) % 32]


def row_id(batch: str, annotator: str, reply: str, criterion: str) -> str:
    """The id of a row.

    >>> row_id("demo-b1", "a01", "ans01", "c1")
    'R0ZRK9ZBTP'
    """
    joined = "\n".join(("zhprobe-row-1", batch, annotator, reply, criterion))
    body = _base32(hashlib.sha256(joined.encode("utf-8", "surrogatepass")).digest(), 8)
    return f"R{body}{check_character(body)}"


def free_row_id(
    taken: Iterable[str], batch: str, annotator: str, reply: str, criterion: str
) -> tuple[str, int]:
    """A row id that nobody has yet, and the salt it took (0: none).

    >>> free_row_id({"R0ZRK9ZBTP"}, "demo-b1", "a01", "ans01", "c1")[1]
    2
    """
    found, salt = row_id(batch, annotator, reply, criterion), 0
    held = taken if isinstance(taken, (set, frozenset, dict)) else set(taken)
    while found in held:
        salt = max(2, salt + 1)
        found = row_id(f"{batch}#{salt}", annotator, reply, criterion)
    return found, salt


def is_row_id(text: str) -> bool:
    """Whether a text has the shape and check character of a row id.

    >>> is_row_id("R0ZRK9ZBTP"), is_row_id("R0ZRK9ZBTA"), is_row_id("r0zrk9zbtp")
    (True, False, False)
    """
    return bool(re.fullmatch(rf"R[{ALPHABET}]{{9}}", text)) and check_character(text[1:9]) == text[9]


def check_value(prompt: str, answer: str, criterion: str) -> str:
    """The chk of a row: 35 bits over what is shown.

    >>> check_value("请写出订单号。", "007", "订单号为 007")
    'kGGJ54EF'
    """
    joined = "\x1f".join(text.replace("\r\n", "\n") for text in (prompt, answer, criterion))
    return "k" + _base32(hashlib.sha256(joined.encode("utf-8", "surrogatepass")).digest(), 7)


def row_check(row: Row) -> str:
    """The check value of a row; of a pair, both answers stand for answer and criterion."""
    return check_value(row.prompt, row.answer, row.answer_b if row.paired else row.criterion_text)


_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def utf16_units(text: str) -> int:
    """Length in UTF-16 units, as spreadsheet programs count."""
    return len(text) + sum(character > "\uffff" for character in text)


def legal_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Line feeds only, and no character that XML 1.0 forbids; with what was done."""
    changes: list[str] = []
    out = text.replace("\r\n", "\n").replace("\r", "\n")
    if out != text:
        changes.append("newlines")
    legal = _ILLEGAL.sub(lambda m: chr(0x2400 + ord(m[0])) if m[0] < "\x20" else "\ufffd", out)
    if legal != out:
        changes.append("characters")
    return legal, tuple(changes)


def safe_text(text: str, row: str = "") -> tuple[str, tuple[str, ...]]:
    r"""A text that any cell can hold, and what was done to it.

    >>> safe_text("a\r\nb\x07")
    ('a\nb␇', ('newlines', 'characters'))
    """
    out, changes = legal_text(text)
    if utf16_units(out) <= CELL_LIMIT:
        return out, changes
    kept, units = 0, 0
    for character in out:
        units += 2 if character > "\uffff" else 1
        if units > CUT_AT:
            break
        kept += 1
    return f"{out[:kept]}……（全文见阅读页 {row}）", (*changes, "cut")


def guard(text: str) -> str:
    """A leading sign that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> guard("=1+1"), guard("一")
    ("'=1+1", '一')
    """
    return f"'{text}" if text[:1] and text[0] in GUARDED else text


def unguard(text: str) -> str:
    """What a guarded text was."""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in GUARDED else text


def header(keys: Sequence[str]) -> list[str]:
    """Header cells: the key, a space, the Chinese label."""
    return [f"{key} {LABELS[key]}" if key in LABELS else key for key in keys]


class SheetRow(msgspec.Struct, frozen=True):
    """One row as it is written: texts by column key, codes that may be put, and where to read it in full."""

    cells: dict[str, str]
    codes: tuple[str, ...] = ()
    group: str = ""  # rows of one answer share a fill
    link: str = ""


def shown_cells(row: Row) -> dict[str, str]:
    """What a row shows, made safe for cells."""
    name = row.row_id
    cells = {"row_id": name, "prompt": safe_text(row.prompt, name)[0], "chk": row.issue.chk}
    if row.paired:
        cells |= {"answer_a": safe_text(row.answer, name)[0], "answer_b": safe_text(row.answer_b, name)[0]}
    else:
        cells |= {
            "criterion": safe_text(row.criterion_text, name)[0],
            "answer": safe_text(row.answer, name)[0],
        }
    return cells


def row_changes(row: Row) -> tuple[str, ...]:
    """What has to be done to a row's texts, recorded when it is issued."""
    changes: dict[str, None] = {}
    for text in (row.prompt, row.answer, row.answer_b, row.criterion_text):
        changes.update(dict.fromkeys(safe_text(text)[1]))
    if needs_reading_page(row):
        changes["reading_page"] = None
    return tuple(changes)


def needs_reading_page(row: Row) -> bool:
    """Whether a text of the row is too long to be read in a cell."""
    return max(len(row.answer), len(row.answer_b)) > READ_FROM or any(
        utf16_units(text) > CELL_LIMIT for text in (row.prompt, row.criterion_text)
    )


def reading_page_name(batch: str, annotator: str) -> str:
    """File name of an annotator's reading page."""
    return f"read-{batch}-{annotator}.html"


def sheet_rows(rows: Sequence[Row], marks: dict[str, Any] | None = None, page: str = "") -> list[SheetRow]:
    """Rows ready to be written; what has been graded already is filled in."""
    found = []
    for row in rows:
        cells = shown_cells(row)
        mark = (marks or {}).get(row.row_id)
        if mark is not None:
            cells |= {"choice" if row.paired else "verdict": mark.verdict}
            cells |= {"evidence": mark.evidence, "note": mark.note}
            cells |= {"sec": "" if mark.sec is None else str(mark.sec)}
        link = f"{page}#{row.row_id}" if page and needs_reading_page(row) else ""
        # a repeated answer shares nothing with its first showing
        found.append(SheetRow(cells, row.codes, f"{row.issue.answer} {row.issue.sample}", link))
    return found


def csv_bytes(keys: Sequence[str], rows: Iterable[SheetRow], first: Sequence[str] | None = None) -> bytes:
    """A CSV for people: byte-order mark, comma, CRLF between records, every field quoted, LF inside."""

    def record(fields: Iterable[str]) -> str:
        return ",".join('"' + guard(field).replace('"', '""') + '"' for field in fields)

    lines = [record(first or header(keys))]
    lines += [record(safe_text(row.cells.get(key, ""))[0] for key in keys) for row in rows]
    return "\ufeff".encode() + ("\r\n".join(lines) + "\r\n").encode("utf-8", "replace")


_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
WIDTHS = {
    "row_id": 13,
    "verdict": 10,
    "choice": 10,
    "reason": 16,
    "criterion": 30,
    "prompt": 36,
    "answer": 64,
    "answer_a": 52,
    "answer_b": 52,
    "given": 34,
    "evidence": 28,
    "note": 22,
    "sec": 9,
    "chk": 11,
    "problem": 36,
}
LINE_HEIGHT, TALLEST = 17.0, 409.0  # points


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a cell of that width; a Han character is two wide."""
    total = 0
    for line in text.split("\n"):
        wide = len(line) + sum(unicodedata.east_asian_width(c) in "WF" for c in line)
        total += max(1, -(-wide // max(1, width - 2)))
    return total


def instructions(info: BatchInfo, annotator: str, rows: int, lang: str) -> list[tuple[str, str]]:
    """The sheet 说明: pairs of heading and text."""
    pair = info.kind == "pairwise"
    if lang == "zh":
        codes = (
            [("A / B", "A 更好 / B 更好"), ("T", "一样好，或一样差"), ("U", "拿不准")]
            if pair
            else [
                ("1", "满足（评分项写的是缺点时：有这个缺点）"),
                ("0", "不满足（评分项写的是缺点时：没有这个缺点）"),
                ("0、1、2…", "分级的评分项：填级数，各级含义写在评分项里"),
                ("NA", "不适用（只有允许时可填）"),
                ("U", "拿不准"),
            ]
        )
        return [
            ("评分说明", ""),
            ("批次", f"{info.id}　评分人 {annotator}　共 {rows} 行"),
            (
                "怎样填",
                "只填白底的几列：判定（或选择）、依据、备注、用时秒。其余各列是锁住的，请不要改动，也不要删 row_id 一列。"
                "筛选、改列宽都可以，能排序的软件里排序也无妨；分几次填也可以，空着的行表示还没评。",
            ),
            *codes,
            (
                "依据",
                "从“回答”里照抄你所依据的几个字（六个字以上），不必整段。判 0 时一般不需要；"
                "有的评分项判 1 时必须有依据。",
            ),
            (
                "怎样判",
                "每行只看这一条评分项，不评整体好坏。篇幅、语气、排版，除非评分项提到，都不影响判定。",
            ),
            (
                "独立评分",
                "请不要与别人商量，也不要把回答交给别的模型来判。拿不准就填 U，并在备注里写一句原因。",
            ),
            (
                "长回答",
                f"格子里装不下的回答，点格子里的链接看阅读页（{reading_page_name(info.id, annotator)}，"
                "与本表放在同一文件夹）。",
            ),
            ("保存", "存成 xlsx 或 csv 都可以，文件名随意。填完交回整个文件即可。"),
            *((("联系人", info.contact),) if info.contact else ()),
        ]
    codes = (
        [("A / B", "A is better / B is better"), ("T", "equally good, or equally bad"), ("U", "cannot tell")]
        if pair
        else [
            ("1", "met (where the criterion names a fault: the fault is there)"),
            ("0", "not met (where the criterion names a fault: it is not there)"),
            ("0, 1, 2…", "graded criteria: the level; the criterion says what each means"),
            ("NA", "not applicable (only where it is offered)"),
            ("U", "cannot tell"),
        ]
    )
    return [
        ("How to grade", ""),
        ("Batch", f"{info.id}, annotator {annotator}, {rows} rows"),
        (
            "What to fill in",
            "Only the white columns: verdict (or choice), evidence, note, sec. The others are locked; leave them "
            "as they are and keep the row_id column. Filtering, resizing and sorting do no harm, and you may work "
            "in several sittings; an empty row is one you have not graded yet.",
        ),
        *codes,
        (
            "evidence",
            "Copy the words of the answer that you rely on, six characters or more. Not needed for 0; some criteria "
            "need it for 1.",
        ),
        (
            "How to judge",
            "One criterion a row, not the answer as a whole. Length, tone and layout do not matter unless it says so.",
        ),
        (
            "On your own",
            "Do not confer, and do not ask a model. If you cannot tell, put U and say why in the note.",
        ),
        (
            "Long answers",
            "Where a cell cannot hold an answer, follow its link to the reading page beside this file.",
        ),
        ("Saving", "As xlsx or csv, under any name. Hand back the whole file."),
        *((("Contact", info.contact),) if info.contact else ()),
    ]


def xlsx_bytes(
    keys: Sequence[str],
    rows: Sequence[SheetRow],
    *,
    info: BatchInfo,
    annotator: str,
    protect: bool = True,
    notes: Sequence[tuple[str, str]] | None = None,
    first: Sequence[str] | None = None,
) -> bytes:
    """An XLSX with every cell a text cell, lists on the verdicts and the tool's columns locked."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=True)
    book.properties.keywords = f"zhprobe-grading-1 {info.id}"
    book.properties.creator = "zhprobe"
    zh = info.lang == "zh"
    sheet = book.create_sheet("评分" if zh else "Grading")
    sheet.sheet_view.zoomScale = 110
    # a write-only sheet writes its head with the first row: what belongs there is set now
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.page_margins.left = sheet.page_margins.right = 0.3
    sheet.page_margins.top = sheet.page_margins.bottom = 0.4
    top = Alignment(wrap_text=True, vertical="top")
    middle = Alignment(wrap_text=True, vertical="top", horizontal="center")
    edge = Side(style="thin", color="D4CFC4")
    grid = Border(left=edge, right=edge, top=edge, bottom=edge)
    fills = [PatternFill("solid", fgColor="F4F1EA"), PatternFill("solid", fgColor="E8EEF0")]
    white = PatternFill("solid", fgColor="FFFFFF")
    dark = PatternFill("solid", fgColor="2F4858")

    def style(cell: Any, key: str, fill: Any) -> None:
        cell.number_format = "@"
        cell.border = grid
        cell.alignment = middle if key in ("verdict", "choice", "sec") else top
        cell.fill = white if key in FILLED_BY_PEOPLE else fill
        cell.protection = Protection(locked=key not in FILLED_BY_PEOPLE)
        if key in ("verdict", "choice"):
            cell.font = Font(name="Arial", size=14, bold=True)
        elif key in ("row_id", "chk"):
            cell.font = Font(name="Arial", size=9, color="8A8578")
        else:
            cell.font = Font(name="Microsoft YaHei", size=11)

    styles: dict[tuple[str, int, bool], Any] = {}
    for key in keys:
        for shade in (0, 1):
            for linked in (False, True):
                model = WriteOnlyCell(sheet, value="")
                style(model, key, fills[shade])
                if linked:
                    model.font = Font(name="Microsoft YaHei", size=11, color="1F4E79")
                styles[key, shade, linked] = model._style

    for number, key in enumerate(keys, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTHS.get(key, 14)
    sheet.freeze_panes = "C2"
    letters = {key: get_column_letter(number) for number, key in enumerate(keys, start=1)}
    heads = []
    for label in first or header(keys):
        cell = WriteOnlyCell(sheet, value=label)
        cell.number_format = "@"
        cell.font = Font(name="Microsoft YaHei", size=11, bold=True, color="FFFFFF")
        cell.fill, cell.alignment = dark, Alignment(vertical="center", wrap_text=True)
        heads.append(cell)
    sheet.row_dimensions[1].height = 38
    sheet.append(heads)

    shade, group = 1, None
    by_codes: dict[tuple[str, ...], list[int]] = {}
    for number, row in enumerate(rows, start=2):
        if row.group != group:
            shade, group = 1 - shade, row.group
        if row.codes:
            by_codes.setdefault(row.codes, []).append(number)
        cells = []
        tallest = 1
        for key in keys:
            text = safe_text(row.cells.get(key, ""))[0]
            tallest = max(tallest, _lines(text[:3000], WIDTHS.get(key, 14)))
            cell = WriteOnlyCell(sheet, value=_ESCAPE.sub("_x005F_", text))
            cell.data_type = "s"  # a text that begins with = stays a text
            linked = bool(row.link) and key in ("answer", "answer_a", "answer_b")
            cell._style = styles[key, shade, linked]
            if linked:
                # the row is known before it is written: append() gives this cell its place
                cell.row, cell.column = number, list(keys).index(key) + 1
                page, _, anchor = row.link.partition("#")
                cell.hyperlink = page
                cell.hyperlink.location = anchor
                cell._style = styles[key, shade, True]
            cells.append(cell)
        sheet.row_dimensions[number].height = min(TALLEST, LINE_HEIGHT * tallest + 6)
        sheet.append(cells)
    last = len(rows) + 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(keys))}{max(2, last)}"
    graded = "choice" if "choice" in letters else "verdict"
    for codes, numbers in by_codes.items():
        sheet.data_validations.append(_validation(codes, _ranges(letters[graded], numbers), zh, graded))
    if "reason" in letters and rows:
        reasons = DataValidation(type="list", formula1='"' + ",".join(REASONS) + '"', allow_blank=True)
        reasons.add(f"{letters['reason']}2:{letters['reason']}{last}")
        sheet.data_validations.append(reasons)
    if protect:
        sheet.protection.sheet = True
        sheet.protection.autoFilter = False  # False: allowed
        sheet.protection.formatColumns = False
        sheet.protection.formatRows = False
        sheet.protection.sort = False

    guide = book.create_sheet("说明" if zh else "Instructions")
    guide.page_setup.paperSize = 9
    guide.page_setup.fitToHeight = 0
    guide.sheet_properties.pageSetUpPr.fitToPage = True
    guide.column_dimensions["A"].width = 14
    guide.column_dimensions["B"].width = 90
    for place, (head, text) in enumerate(
        notes or instructions(info, annotator, len(rows), info.lang), start=1
    ):
        left, right = WriteOnlyCell(guide, value=head), WriteOnlyCell(guide, value=text)
        left.font = Font(name="Microsoft YaHei", size=16 if place == 1 else 11, bold=True)
        right.font = Font(name="Microsoft YaHei", size=11)
        left.alignment = right.alignment = top
        left.number_format = right.number_format = "@"
        guide.row_dimensions[place].height = (
            30 if place == 1 else max(20.0, LINE_HEIGHT * _lines(text, 88) + 6)
        )
        guide.append([left, right])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ranges(letter: str, numbers: Sequence[int]) -> str:
    """Row numbers as cell ranges, neighbours joined.

    >>> _ranges("B", [2, 3, 4, 7])
    'B2:B4 B7'
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return " ".join(f"{letter}{a}" if a == b else f"{letter}{a}:{letter}{b}" for a, b in spans)


_MEANINGS = {
    "zh": {
        "1": "1 满足",
        "0": "0 不满足",
        "NA": "NA 不适用",
        "U": "U 拿不准",
        "A": "A 更好",
        "B": "B 更好",
        "T": "T 一样",
    },
    "en": {
        "1": "1 met",
        "0": "0 not met",
        "NA": "NA does not apply",
        "U": "U cannot tell",
        "A": "A is better",
        "B": "B is better",
        "T": "T equal",
    },
}


def _validation(codes: Sequence[str], ranges: str, zh: bool, key: str) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    literal = '"' + ",".join(codes) + '"'
    if len(literal) >= 256:
        raise UserError("sheet", "the list of codes is too long for a spreadsheet", "Use fewer levels.")
    rule = DataValidation(type="list", formula1=literal, allow_blank=True, showErrorMessage=True)
    meanings = _MEANINGS["zh" if zh else "en"]
    graded = "2" in codes
    shown = [("级数" if zh else "level") if graded and c == "0" else meanings.get(c, "") for c in codes]
    rule.error = ("只能填 " if zh else "Only ") + "、".join(codes)
    rule.errorTitle = "判定" if zh else key
    rule.promptTitle = ("选择" if key == "choice" else "判定") if zh else key
    prefix = f"0–{sum(c.isdigit() for c in codes) - 1} " if graded else ""
    rule.prompt = prefix + ("；" if zh else "; ").join(
        s for s in shown if s and not (graded and s[:1] == "1")
    )
    rule.showInputMessage = True
    rule.sqref = type(rule.sqref)(ranges)
    return rule


def reading_page(rows: Sequence[Row], info: BatchInfo, annotator: str) -> str:
    """One static page with the long answers in full, one anchor a row id; no script, no request.

    Rows of one answer stand together: their criteria are the anchors, the answer follows once.
    """
    zh = info.lang == "zh"
    together: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if needs_reading_page(row):
            together.setdefault((row.issue.answer, row.issue.sample), []).append(row)

    def shown(text: str) -> str:
        return html.escape(legal_text(text)[0])

    names = ("题目", "回答") if zh else ("Prompt", "Answer ")
    parts = []
    for same in together.values():
        first = same[0]
        anchors = "".join(
            f'<p class=c id="{row.row_id}"><code>{row.row_id}</code> {shown(row.criterion_text)}</p>'
            for row in same
        )
        answers = [("A", first.answer), ("B", first.answer_b)] if first.paired else [("", first.answer)]
        body = "".join(f"<h3>{names[1]}{side}</h3><div class=a>{shown(text)}</div>" for side, text in answers)
        parts.append(
            f"<section>{anchors}<details><summary>{names[0]}</summary><div class=p>{shown(first.prompt)}</div></details>"
            f"{body}</section>"
        )
    return _READING.format(
        lang="zh-CN" if zh else "en",
        title=html.escape(f"{'阅读页' if zh else 'Reading page'} {info.id} {annotator}"),
        body="".join(parts),
    )


_READING = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>
body{{margin:0 auto;max-width:46rem;padding:1.5rem;font:18px/1.8 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:#23201b;background:#fbfaf6}}
h1,h2,h3{{font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;line-height:1.4}}
h1{{font-size:1.3rem}}h2{{font-size:1rem;color:#8a8578;letter-spacing:.05em}}h3{{font-size:1rem}}
section{{border-top:1px solid #ddd6c6;padding:1rem 0 2.5rem}}
.a,.p,.c{{white-space:pre-wrap;overflow-wrap:anywhere}}.c{{background:#e8eef0;padding:.5rem .9rem;border-radius:.4rem;margin:.4rem 0;scroll-margin-top:1rem}}
.c:target{{background:#ffe9a8}}.c code{{font:600 .8rem/1 monospace;color:#8a8578;margin-right:.6em}}
summary{{cursor:pointer}}
</style></head><body><h1>{title}</h1>{body}</body></html>
"""


def write_sheets(
    folder: Path,
    rows: Sequence[Row],
    info: BatchInfo,
    annotator: str,
    *,
    marks: dict[str, Any] | None = None,
    formats: Sequence[str] = ("xlsx", "csv"),
    protect: bool = True,
) -> list[Path]:
    """Write an annotator's sheets and, where answers are long, the reading page; gives the paths."""
    written = []
    page = reading_page_name(info.id, annotator) if any(map(needs_reading_page, rows)) else ""
    keys = PAIRWISE if info.kind == "pairwise" else POINTWISE
    ready = sheet_rows(rows, marks, page)
    name = f"{info.id}-{annotator}"
    if "xlsx" in formats:
        written.append(folder / f"{name}.xlsx")
        write_whole(written[-1], xlsx_bytes(keys, ready, info=info, annotator=annotator, protect=protect))
    if "csv" in formats:
        written.append(folder / f"{name}.csv")
        write_whole(written[-1], csv_bytes(keys, ready))
        notes = instructions(info, annotator, len(rows), info.lang)
        written.append(folder / f"{name}.txt")
        write_whole(
            written[-1],
            "\ufeff" + "\r\n".join(f"{head}：{text}" if text else head for head, text in notes) + "\r\n",
        )
    if page:
        written.append(folder / page)
        write_whole(written[-1], reading_page(rows, info, annotator))
    return written
