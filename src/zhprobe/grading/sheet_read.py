"""Grading sheets in: whatever a spreadsheet program made of the file, no grade lost, none invented.

Human-grading contract, sections 4 to 6. Reading gives rows with codes; `take_in` turns them into events
of the ledger. Good rows of a file with bad rows are imported.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import explain_os_error, write_whole
from zhprobe.grading.batch import Batch, Row
from zhprobe.grading.ledger import Event, Import, Mark, Void, now, set_mark, tool_version
from zhprobe.grading.sheet import (
    PAIRWISE,
    POINTWISE,
    SheetRow,
    csv_bytes,
    header,
    is_row_id,
    safe_text,
    shown_cells,
    unguard,
)
from zhprobe.text.quoting import find_quote

KEYS = frozenset((*POINTWISE, *PAIRWISE, "reason", "given"))
SHOWN = ("criterion", "prompt", "answer", "answer_a", "answer_b")
REPORT = "import-report.csv"
HELD = frozenset({"E07", "E08"})
BIGGEST = 1 << 29  # bytes that a zipped sheet may unpack to

# code: (what it is, what to do), Chinese and English
CODES: dict[str, tuple[str, str, str, str]] = {
    "E01": (
        "缺少必需的列",
        "请保留 row_id 与判定两列的表头，重新保存后再导入。",
        "a required column is missing",
        "Keep the header cells row_id and verdict, save again, import again.",
    ),
    "E02": (
        "这个行号从未发出",
        "请核对是否来自别的表；不要自己编行号。",
        "row id was never issued",
        "See whether the row came from another sheet; do not make up row ids.",
    ),
    "E03": (
        "行号写坏了",
        "请从原表把这一行的 row_id 抄回来。",
        "row id is malformed",
        "Copy the row_id back from the sheet as it was issued.",
    ),
    "E04": (
        "这一行发给了别人或别的批次",
        "请把这一行交给它的评分人，在他的表里填。",
        "row was issued to somebody else or in another batch",
        "Give the row to its own annotator.",
    ),
    "E05": (
        "同一行号出现多次且内容不同",
        "请只留一行，再导入。",
        "the row stands more than once, with different content",
        "Keep one of them and import again.",
    ),
    "E06": (
        "判定不认识，或这条评分项不能这样填",
        "请改成允许的代码，或留空以后再评。",
        "verdict not recognised, or not allowed here",
        "Put one of the codes, or leave it blank to come back later.",
    ),
    "E07": (
        "题目、回答或评分项的文字被改过",
        "若只是误改，请恢复原文；确认判定无误可用 --accept-edited 导入。",
        "the text shown was edited",
        "Restore it, or import with --accept-edited if the verdict stands.",
    ),
    "E08": (
        "缺少依据，或依据不在回答里",
        "请从回答里照抄六个字以上；确认无误可用 --accept-no-evidence 导入。",
        "evidence is missing, or is not in the answer",
        "Copy six characters or more from the answer, or import with --accept-no-evidence.",
    ),
    "E09": (
        "文件无法读出",
        "请另存为 xlsx，或 UTF-8 的 csv，再导入。",
        "the file cannot be decoded",
        "Save it as xlsx, or as csv in UTF-8.",
    ),
    "E10": (
        "同一列出现两次",
        "请删去多余的一列，再导入。",
        "a column appears twice",
        "Delete one of the two columns and import again.",
    ),
    "W01": (
        "文件编码不是 UTF-8",
        "已识别，无需处理。",
        "the encoding is not UTF-8",
        "Recognised; nothing to do.",
    ),
    "W02": ("文字成了乱码，但能复原", "判定已导入。", "text garbled but recoverable", "Imported."),
    "W03": ("文字丢了字（变成问号）", "判定已导入。", "text lost characters", "Imported."),
    "W04": (
        "格子的值被表格软件改了",
        "判定已导入。",
        "a value was changed by the spreadsheet program",
        "Imported.",
    ),
    "W05": ("完全重复的行", "只取一行。", "exact duplicate row", "One is kept."),
    "W06": ("还没有判定", "可以以后再填。", "no verdict yet", "The row is still open."),
    "W07": ("判定写法不同，已统一", "无需处理。", "verdict spelled otherwise", "Normalised."),
    "W08": (
        "发出的行不在这个文件里",
        "可以以后再交。",
        "issued row absent from the file",
        "The row is still open.",
    ),
    "W09": ("文字被软件截断", "判定已导入。", "text was cut by the program", "Imported."),
    "W10": ("多出的列", "已忽略。", "extra column", "Ignored."),
    "W11": (
        "chk 变了或没有了，但文字相符",
        "判定已导入。",
        "chk changed or gone while the text agrees",
        "Imported.",
    ),
    "W12": (
        "备注或依据丢了字",
        "判定已导入并标记。",
        "note or evidence lost characters",
        "Imported and flagged.",
    ),
}

_SPELLINGS = {
    "1": "1 1.0 是 对 √ ✓ ✔ Y YES T TRUE 满足",
    "0": "0 0.0 否 错 × ✗ ✘ X N NO F FALSE 不满足",
    "NA": "NA N/A 不适用",
    "U": "U 不确定 拿不准",
}
_PAIR_SPELLINGS = {"A": "A", "B": "B", "T": "T TIE 平 平局 一样", "U": "U 不确定 拿不准"}


def _spelled(table: dict[str, str]) -> dict[str, str]:
    return {
        unicodedata.normalize("NFKC", spelling).upper(): code
        for code, words in table.items()
        for spelling in words.split()
    }


_POINTWISE_WORDS, _PAIR_WORDS = _spelled(_SPELLINGS), _spelled(_PAIR_SPELLINGS)


def read_verdict(text: str, codes: Sequence[str]) -> str | None:
    """The code that a spelling stands for, '' when blank, None when not recognised or not allowed.

    >>> read_verdict(" √ ", ("1", "0", "U")), read_verdict("不适用", ("1", "0", "U")), read_verdict("?", ("1", "0"))
    ('1', None, None)
    >>> read_verdict("2.0", ("0", "1", "2", "U")), read_verdict("是", ("0", "1", "2", "U"))
    ('2', None)
    """
    word = unicodedata.normalize("NFKC", text).strip().upper()
    if not word:
        return ""
    if "A" in codes:
        found = _PAIR_WORDS.get(word)
    elif "2" in codes:
        number = re.fullmatch(r"(\d)(?:\.0)?", word)
        found = number[1] if number else {"1": None, "0": None}.get(w := _POINTWISE_WORDS.get(word) or "", w)
    else:
        found = _POINTWISE_WORDS.get(word)
    return found if found in codes else None


# --- from bytes to a table of texts -------------------------------------------------------------


class Table(msgspec.Struct, frozen=True):
    """A file as rows of texts, each with its row number as a spreadsheet shows it."""

    rows: list[tuple[int, list[str]]]
    encoding: str  # utf-8-sig, utf-8, utf-16, gb18030, xlsx


class Unreadable(Exception):
    """A file that is rejected whole."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def decode_text(raw: bytes) -> tuple[str, str]:
    """Text and encoding: byte-order mark first, then strict UTF-8, then strict GB18030.

    >>> decode_text("判定".encode("gbk")), decode_text("判定".encode())
    (('判定', 'gb18030'), ('判定', 'utf-8'))
    """
    attempts: list[tuple[str, str]]
    if raw.startswith(b"\xef\xbb\xbf"):
        attempts = [("utf-8-sig", "utf-8-sig")]
    elif raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts = [("utf-16", "utf-16")]
    else:
        attempts = [("utf-8", "utf-8"), ("gb18030", "gb18030")]
    for codec, name in attempts:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break  # UTF-16 without its mark, or not a text at all
        return text, name
    raise Unreadable("E09")


def _word(key: str, cell: str) -> bool:
    return bool(_word_pattern(key).search(cell))


@cache
def _word_pattern(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_]){key}(?![A-Za-z0-9_])", re.IGNORECASE)


def read_csv(raw: bytes) -> Table:
    """A text file as a table, whatever its encoding, newline and delimiter."""
    text, encoding = decode_text(raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n", 6)[:6]
    head = next((line for line in lines if _word("row_id", line)), lines[0])
    delimiter = max(",\t;", key=head.count)
    limit = csv.field_size_limit(1 << 30)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable("E09", str(error)) from error
    finally:
        csv.field_size_limit(limit)
    return Table(list(enumerate(rows, start=1)), encoding)


def _cell_text(value: Any) -> str:
    """A cell's value as its text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        shown = value.isoformat(sep=" ")
        return shown.removesuffix(" 00:00:00")
    return str(value)


def read_xlsx(raw: bytes) -> Table:
    """The first sheet of a workbook that has a row_id header in its first five rows.

    Where the library stumbles over the workbook (programs write attributes and styles that it does not
    know), the cells are read without styles: then dates come as numbers, and nothing else differs.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(part.file_size for part in archive.infolist()) > BIGGEST:
                raise Unreadable("E09", "too large when unpacked")
        return _wanted_sheet(_openpyxl_sheets(raw))
    except Unreadable:
        raise
    except Exception:  # hostile or odd files make the library raise nearly anything
        pass
    try:
        return _wanted_sheet(_plain_sheets(raw))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("E09", str(error)) from error


def _wanted_sheet(sheets: Iterable[Iterable[list[str]]]) -> Table:
    for sheet in sheets:
        rows = []
        found = False
        for number, texts in enumerate(sheet, start=1):
            rows.append((number, texts))
            found = found or (number <= 5 and any(_word("row_id", text) for text in texts))
            if number == 5 and not found:
                break
        if found:
            return Table(rows, "xlsx")
    raise Unreadable("E01", "row_id")


def _openpyxl_sheets(raw: bytes) -> Iterator[Iterator[list[str]]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # a wrong size in the file must not hide rows
            yield ([_cell_text(value) for value in values] for values in sheet.iter_rows(values_only=True))
    finally:
        book.close()


_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _plain_sheets(raw: bytes) -> Iterator[Iterator[list[str]]]:
    """Cells straight from the XML of each sheet, in the order of their names."""
    from xml.etree import ElementTree

    def texts(node: ElementTree.Element) -> str:
        skip = {t for phonetic in node.iter(f"{_MAIN}rPh") for t in phonetic.iter(f"{_MAIN}t")}
        return "".join(t.text or "" for t in node.iter(f"{_MAIN}t") if t not in skip)

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = archive.namelist()
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            tree = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = [texts(one) for one in tree.iter(f"{_MAIN}si")]
        parts = [name for name in names if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
        for name in sorted(parts, key=lambda n: (len(n), n)):
            yield _plain_rows(ElementTree.fromstring(archive.read(name)), shared, texts)


def _plain_rows(tree: Any, shared: Sequence[str], texts: Callable[[Any], str]) -> Iterator[list[str]]:
    number = 0
    for row in tree.iter(f"{_MAIN}row"):
        at = int(row.get("r") or number + 1)
        while number + 1 < at and at < 1 << 21:
            number += 1
            yield []
        number = at
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            letters = "".join(c for c in cell.get("r") or "" if c.isalpha())
            column = len(cells)
            if letters:
                column = sum(26**n * (ord(c) - 64) for n, c in enumerate(reversed(letters.upper()))) - 1
            if not len(cells) <= column < 1 << 14:
                continue
            cells += [""] * (column - len(cells))
            kind, value = cell.get("t") or "n", cell.findtext(f"{_MAIN}v") or ""
            if kind == "inlineStr":
                cells.append(texts(cell))
            elif kind == "s":
                cells.append(shared[int(value)])
            elif kind == "b":
                cells.append("TRUE" if value == "1" else "FALSE")
            elif (
                kind == "n"
                and (found := _number(value)) is not None
                and found.is_integer()
                and abs(found) < 1e15
            ):
                cells.append(str(int(found)))
            else:
                cells.append(value)
        yield cells


def read_table(raw: bytes) -> Table:
    """A file as a table, by its content and not by its name."""
    if raw.startswith(b"PK"):
        return read_xlsx(raw)
    if raw.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Unreadable("E09", "旧式 xls：请另存为 xlsx 或 csv")
    return read_csv(raw)


class Line(msgspec.Struct, frozen=True):
    """One data row: number in the file, texts by key (a column that is not there has no key)."""

    number: int
    cells: dict[str, str]


def find_columns(table: Table) -> tuple[list[Line], list[str]]:
    """Data rows by column key, and the header cells that are none of ours."""
    place = next(
        (
            index
            for index, (_, cells) in enumerate(table.rows[:6])
            if any(_word("row_id", cell) for cell in cells)
        ),
        None,
    )
    if place is None:
        raise Unreadable("E01", "row_id")
    columns: dict[str, int] = {}
    extra = []
    for number, cell in enumerate(table.rows[place][1]):
        keys = [key for key in KEYS if _word(key, cell)]
        if len(keys) != 1:
            if cell.strip():
                extra.append(cell)
            continue
        if keys[0] in columns:
            raise Unreadable("E10", keys[0])
        columns[keys[0]] = number
    if "verdict" not in columns and "choice" not in columns:
        raise Unreadable("E01", "verdict")
    lines = [
        Line(number, {key: cells[at] if at < len(cells) else "" for key, at in columns.items()})
        for number, cells in table.rows[place + 1 :]
        if any(cell.strip() for cell in cells)
    ]
    return lines, extra


# --- comparing what is shown --------------------------------------------------------------------


def _plain(text: str) -> str:
    """What may differ without meaning: newlines, Unicode composition, blanks at line ends."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _unescaped(text: str) -> str:
    """`_x000D_` as spreadsheet files write a character."""
    if "_x" not in text:
        return text
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def undo_decoding(text: str) -> str | None:
    """UTF-8 that was read as Windows-1252 or Latin-1, read rightly; None where that was not the fault.

    >>> undo_decoding("åˆ¤å®š")
    '判定'
    """
    raw = bytearray()
    for character in text:
        try:
            raw += character.encode("cp1252")
        except UnicodeEncodeError:
            code = ord(character)
            if 0xF180 <= code <= 0xF1FF:  # where LibreOffice keeps bytes that the code page leaves undefined
                code -= 0xF100
            if code > 0xFF:
                return None
            raw.append(code)
    try:
        found = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return found if found != text else None


def is_lossy(shown: str, original: str) -> bool:
    """Whether `shown` is `original` with some non-ASCII characters turned into one or two `?` each.

    >>> is_lossy("??3/4?", "读3/4。"), is_lossy("??3/5?", "读3/4。"), is_lossy("𠮷?", "𠮷、")
    (True, False, True)
    """
    if "?" not in shown or not len(original) <= len(shown) <= 2 * len(original):
        return False
    places: dict[str, int] = {}
    for at, character in enumerate(shown):
        places[character] = places.get(character, 0) | 1 << at
    marks = places["?"]
    pairs = marks & marks >> 1
    reach = 1  # bit i: the first i characters of `shown` can stand for what was read so far
    for character in original:
        step = (reach & places.get(character, 0)) << 1
        if character > "\x7f":
            step |= (reach & marks) << 1 | (reach & pairs) << 2
        reach = step
        if not reach:
            return False
    return bool(reach >> len(shown) & 1)


_DATE_LIKE = re.compile(
    r"\s*(\d{1,4}\s*[-/.:年月日时分秒]\s*\d{1,4}(\s*[-/.:年月日时分秒]\s*\d{0,4})*"
    r"([ T]\d{1,2}:\d{2}(:\d{2})?)?|\d+(\.\d+)?%|\d{1,2}[- ]?[A-Za-z]{3}([- ]?\d{2,4})?|[A-Za-z]{3}[- ]\d{2,4})\s*(AM|PM)?\s*"
)


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", ""))
    except ValueError:
        return None


def is_coerced(shown: str, original: str) -> bool:
    """Whether a spreadsheet took a text for a number, a date or a truth value.

    >>> [is_coerced(*pair) for pair in [("7", "007"), ("1.23457E+19", "12345678901234567890"), ("3月4日", "3/4")]]
    [True, True, True]
    >>> [is_coerced(*pair) for pair in [("8", "007"), ("5月6日", "3/4"), ("7 天", "007")]]
    [False, False, False]
    """
    one, other = _number(shown), _number(original)
    if one is not None and other is not None:
        return one == other or abs(one - other) <= 1e-5 * max(abs(one), abs(other))
    if shown.strip().upper() in ("TRUE", "FALSE"):
        return shown.strip().upper() == original.strip().upper()
    if _DATE_LIKE.fullmatch(original) and _DATE_LIKE.fullmatch(shown):
        return bool(
            {int(n) for n in re.findall(r"\d+", shown)} & {int(n) for n in re.findall(r"\d+", original)}
        )
    return False


def compare_shown(shown: str, original: str) -> str:
    """The code for one shown text: '' when it agrees, else W02, W03, W04, W09 or E07.

    >>> compare_shown("'=3/4", "=3/4"), compare_shown("3月4日", "3/4"), compare_shown("三", "四")
    ('', 'W04', 'E07')
    """
    if shown == original:
        return ""
    wanted = _plain(original)
    candidates = list(dict.fromkeys((shown, unguard(shown), _unescaped(shown), unguard(_unescaped(shown)))))
    plain = [_plain(text) for text in candidates]
    if wanted in plain:
        return ""
    for text in candidates:
        undone = undo_decoding(text)
        if undone is not None and wanted in (_plain(undone), _plain(unguard(undone))):
            return "W02"
    if any(is_lossy(text, wanted) for text in plain):
        return "W03"
    if any(is_coerced(text, wanted) for text in plain):
        return "W04"
    if any(len(text) >= 200 and wanted.startswith(text) for text in plain):
        return "W09"
    return "E07"


# --- rows to codes ------------------------------------------------------------------------------


class ReadRow(msgspec.Struct):
    """One row of a file: what it says and what is to be said of it. `mark` is None unless it is imported."""

    number: int  # in the file; 0 for an issued row that the file lacks
    row_id: str
    codes: list[str]
    mark: Mark | None = None
    cleared: bool = False
    detail: str = ""
    cells: dict[str, str] = {}

    @property
    def rejected(self) -> bool:
        """Whether the row was rejected or held."""
        return self.mark is None and any(code[0] == "E" for code in self.codes)


class Outcome(msgspec.Struct):
    """What importing one file came to. `counts` counts row ids by code (E02, E03: rows)."""

    file: str
    encoding: str = ""
    annotator: str = ""
    rows: list[ReadRow] = []
    counts: dict[str, int] = {}
    fault: str = ""  # code of a rejected file
    detail: str = ""
    known: bool = False  # this very file was imported before
    appended: int = 0  # grades added or replaced
    torn: int = 0

    @property
    def grades(self) -> dict[str, str]:
        """Verdict by row id of the rows that count."""
        return {row.row_id: row.mark.verdict for row in self.rows if row.mark is not None}

    @property
    def exit_code(self) -> int:
        """0 when nothing was rejected or held, 1 if rows were, 2 if the file was."""
        if self.fault:
            return 2
        return 1 if any(row.rejected for row in self.rows) else 0


class _Content(msgspec.Struct, frozen=True):
    verdict: str
    evidence: str
    note: str
    sec: str


def _content(line: Line) -> _Content:
    cells = line.cells
    return _Content(
        unicodedata.normalize("NFKC", cells.get("verdict", cells.get("choice", ""))).strip().upper(),
        *(unguard(cells.get(key, "").replace("\r\n", "\n").strip()) for key in ("evidence", "note", "sec")),
    )


def _damaged(text: str, row_code: str, known: str) -> bool:
    """Whether a note or an evidence lost characters on its way."""
    if not text:
        return False
    if "\ufffd" in text and "\ufffd" not in known:
        return True
    if "?" not in text or text == known:
        return False
    return row_code == "W03" or not text.strip("? \n") or (bool(known) and is_lossy(text, known))


def _seconds(text: str) -> int | None:
    number = _number(unicodedata.normalize("NFKC", text))
    return int(number) if number is not None and 0 <= number < 1e6 else None


def _grade_line(line: Line, row: Row, known: Mark | None, accept: frozenset[str]) -> ReadRow:
    """Codes and mark of one row that was issued to this annotator."""
    out = ReadRow(line.number, row.row_id, [], cells=line.cells)
    content = _content(line)
    shown = shown_cells(row)
    worst = ""
    for key in SHOWN:
        if key in line.cells and key in shown:
            code = compare_shown(line.cells[key], shown[key])
            if code:
                worst = max(worst, code, key=lambda c: (c[:1] == "E", c))
                if code == "E07":
                    out.detail = key
    flags: list[str] = []
    if worst == "E07" and "E07" in accept:
        flags.append("edited")
        out.codes.append("E07")
    elif worst:
        out.codes.append(worst)
    if not worst and line.cells.get("chk", "") != row.issue.chk:
        out.codes.append("W11")
    verdict = read_verdict(content.verdict, row.codes)
    evidence, note = content.evidence, content.note
    if worst == "W02":
        evidence, note = (undo_decoding(text) or text for text in (evidence, note))
        evidence, note = unguard(evidence), unguard(note)
    if verdict == "":
        out.codes.append("W06")
        out.cleared = known is not None
        return out
    if verdict is None:
        out.codes.append("E06")
        out.detail = content.verdict
        return out
    if content.verdict != verdict:
        out.codes.append("W07")
    if _damaged(note, worst, known.note if known else "") or _damaged(
        evidence, worst, known.evidence if known else ""
    ):
        out.codes.append("W12")
        if known is not None:  # a damaged text never replaces an undamaged one
            evidence = known.evidence if _damaged(evidence, worst, known.evidence) else evidence
            note = known.note if _damaged(note, worst, known.note) else note
        if known is None or (evidence, note) != (known.evidence, known.note):
            flags.append("damaged_text")
    if row.evidence == "required" and verdict not in ("0", "NA", "U"):
        quote = find_quote(evidence, row.answer)
        if not quote.found:
            out.codes.append("E08")
            out.detail = out.detail or quote.fault
            if "E08" in accept:
                flags.append("no_evidence")
    if any(code[0] == "E" and code not in accept for code in out.codes):
        return out
    if (
        known is not None
        and (known.verdict, known.evidence, known.note) == (verdict, evidence, note)
        and not flags
    ):
        flags = list(known.flags)  # nothing new to say: the same grade
    sec = _seconds(content.sec) if content.sec else (known.sec if known is not None else None)
    out.mark = Mark(verdict, evidence, note, sec, tuple(flags))
    return out


def judge_lines(
    lines: Sequence[Line],
    rows: dict[str, Row],
    marks: dict[str, Mark],
    *,
    accept: frozenset[str] = frozenset(),
    elsewhere: Callable[[str], bool] = lambda row_id: False,
) -> list[ReadRow]:
    """Every line with its codes; `rows` are those issued to the annotator of the file."""
    found: list[ReadRow] = []
    by_id: dict[str, list[Line]] = {}
    for line in lines:
        name = line.cells.get("row_id", "").strip()
        name = undo_decoding(name) or name
        name = unguard(unicodedata.normalize("NFKC", name).strip().upper())
        if not is_row_id(name):
            found.append(ReadRow(line.number, name, ["E03"], cells=line.cells))
        elif name not in rows:
            code = "E04" if elsewhere(name) else "E02"
            found.append(ReadRow(line.number, name, [code], cells=line.cells))
        else:
            by_id.setdefault(name, []).append(line)
    for name, same in by_id.items():
        contents = {_content(line) for line in same}
        if len(contents) > 1:
            found += [ReadRow(line.number, name, ["E05"], cells=line.cells) for line in same]
            continue
        graded = _grade_line(same[0], rows[name], marks.get(name), accept)
        if len(same) > 1:
            graded.codes.append("W05")
        found.append(graded)
    found += [ReadRow(0, name, ["W08"]) for name in rows if name not in by_id]
    return sorted(found, key=lambda row: (row.number == 0, row.number))


def count_codes(rows: Iterable[ReadRow]) -> dict[str, int]:
    """Codes with how many row ids have them; of E02 and E03, how many rows."""
    counts: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for code in row.codes:
            mark = (code, row.row_id)
            if code in ("E02", "E03") or mark not in seen:
                seen.add(mark)
                counts[code] += 1
    return dict(sorted(counts.items()))


# --- taking a file in ---------------------------------------------------------------------------


def read_file(path: Path) -> bytes:
    """The bytes of a file that a person hands in."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise explain_os_error(error, path) from error


def _other_batches(batch: Batch) -> Callable[[str], bool]:
    """Whether a row id was issued in another batch beside this one."""

    @cache
    def known() -> frozenset[str]:
        from zhprobe.grading.ledger import LEDGER, Ledger

        ids: set[str] = set()
        for place in batch.folder.parent.glob(f"*/{LEDGER}"):
            if place.parent.resolve() == batch.folder.resolve():
                continue
            try:
                ids.update(Ledger(place.parent).state.issued)
            except UserError:
                continue  # a broken neighbour is no reason to turn this file away
        return frozenset(ids)

    return lambda row_id: row_id in batch.ledger.state.issued or row_id in known()


def owner_of(lines: Sequence[Line], batch: Batch) -> str:
    """Whose sheet a file is: the annotator to whom most of its rows were issued."""
    owners = Counter(batch.ledger.state.annotator(line.cells.get("row_id", "").strip()) for line in lines)
    owners.pop("", None)
    if owners:
        return owners.most_common(1)[0][0]
    known = batch.ledger.state.annotators()
    return known[0] if len(known) == 1 else ""


def take_in(
    batch: Batch,
    path: Path,
    *,
    annotator: str = "",
    accept_edited: bool = False,
    accept_no_evidence: bool = False,
    clear: bool = False,
) -> Outcome:
    """Import one sheet into the ledger; the same file, or the same content, changes nothing twice."""
    raw = read_file(path)
    digest = hashlib.sha256(raw).hexdigest()
    outcome = Outcome(path.name)
    accept = frozenset((["E07"] if accept_edited else []) + (["E08"] if accept_no_evidence else []))
    batch.ledger.refresh()
    outcome.torn = batch.ledger.torn
    try:
        table = read_table(raw)
        lines, extra = find_columns(table)
    except Unreadable as fault:
        outcome.fault, outcome.detail = fault.code, fault.detail
        outcome.counts = {fault.code: 1}
        return outcome
    outcome.encoding = table.encoding
    outcome.annotator = annotator or owner_of(lines, batch)
    state = batch.ledger.state
    if outcome.annotator and outcome.annotator not in state.annotators():
        raise UserError(
            path.name,
            "this is a sheet for adjudication" if state.rows_of(outcome.annotator) else "nobody's sheet",
            "Import it with `zhprobe adjudicate BATCH FILE`.",
        )
    seen = state.imports.get(digest)
    outcome.known = seen is not None and not (accept or clear)
    rows = {row.row_id: row for row in batch.rows_of(outcome.annotator)} if outcome.annotator else {}
    outcome.rows = judge_lines(lines, rows, state.marks, accept=accept, elsewhere=_other_batches(batch))
    outcome.counts = count_codes(outcome.rows)
    if table.encoding in ("utf-16", "gb18030"):
        outcome.counts["W01"] = 1
    if extra:
        outcome.counts["W10"] = len(extra)
        outcome.detail = ", ".join(extra)
    outcome.counts = dict(sorted(outcome.counts.items()))
    if outcome.known:
        return outcome
    with batch.ledger.writing() as write:
        outcome.torn = outcome.torn or batch.ledger.torn
        events = _events(batch, outcome, path, raw, digest, clear)
        write(events)
    outcome.appended = len(events) - 1
    return outcome


def _events(batch: Batch, outcome: Outcome, path: Path, raw: bytes, digest: str, clear: bool) -> list[Event]:
    state = batch.ledger.state
    at = now()
    source = digest[:12]
    note = Import(
        id=source,
        file=path.name,
        sha256=digest,
        size=len(raw),
        encoding=outcome.encoding,
        tool=tool_version(),
        counts=outcome.counts,
        time=at,
        annotator=outcome.annotator,
    )
    events: list[Event] = [note]
    for row in outcome.rows:
        if row.mark is not None:
            event = set_mark(state, row.row_id, row.mark, source, row=row.number, at=at)
            if event is not None:
                events.append(event)
        elif row.cleared and clear:
            events.append(Void("cleared", outcome.annotator, at, row_id=row.row_id))
    return events


def summary(outcome: Outcome, lang: str = "zh") -> str:
    """What a person is told: one line a code with its count, then the rows that need something."""
    zh = lang == "zh"
    lines = []
    if outcome.torn:
        lines.append(
            f"账本最后一行不完整（{outcome.torn} 字节），已移到 grades.jsonl.torn，其余无损。"
            if zh
            else f"The ledger's last line was torn ({outcome.torn} bytes); it was moved to grades.jsonl.torn."
        )
    if outcome.fault:
        what = CODES[outcome.fault]
        told = (what[0], what[1]) if zh else (what[2], what[3])
        detail = f"（{outcome.detail}）" if outcome.detail else ""
        return "\n".join([*lines, f"{outcome.file}: {outcome.fault} {told[0]}{detail}", f"  {told[1]}"])
    done = sum(row.mark is not None for row in outcome.rows)
    head = (
        f"{outcome.file}：评分人 {outcome.annotator or '？'}，{done} 行有判定，本次写入 {outcome.appended} 行"
        if zh
        else f"{outcome.file}: annotator {outcome.annotator or '?'}, {done} rows graded, {outcome.appended} written"
    )
    if outcome.known:
        head += (
            "（这个文件以前导入过，未作改动）" if zh else " (this file was imported before; nothing changed)"
        )
    lines.append(head)
    for code, count in outcome.counts.items():
        what = CODES[code]
        lines.append(
            f"  {code} × {count}  {what[0]}。{what[1]}" if zh else f"  {code} × {count}  {what[2]}. {what[3]}"
        )
    bad = [row for row in outcome.rows if row.rejected]
    for row in bad[:20]:
        where = f"第 {row.number} 行" if zh else f"row {row.number}"
        detail = f" ‘{row.detail}’" if row.detail else ""
        lines.append(f"    {where} ({row.row_id}): {' '.join(row.codes)}{detail}")
    if len(bad) > 20:
        lines.append(
            f"    … {len(bad) - 20} 行见 {REPORT}" if zh else f"    … {len(bad) - 20} more in {REPORT}"
        )
    return "\n".join(lines)


def report_bytes(batch: Batch, outcome: Outcome) -> bytes:
    """Rows with something to say, in the form of a sheet with a first column 问题: it can be mended and imported."""
    keys = PAIRWISE if batch.info.kind == "pairwise" else POINTWISE
    own = {row.row_id: row for row in batch.rows_of(outcome.annotator)} if outcome.annotator else {}
    rows = []
    for row in outcome.rows:
        told = [code for code in row.codes if code not in ("W06", "W07", "W08", "W11")]
        if not told:
            continue
        cells = {key: row.cells.get(key, "") for key in keys}
        if row.row_id in own:  # the texts as they were issued, so that the mended file compares equal
            cells |= shown_cells(own[row.row_id])
        for key in ("evidence", "note", "sec"):
            cells[key] = unguard(cells.get(key, ""))
        detail = f"（{row.detail}）" if row.detail else ""
        problem = "；".join(f"{code} {CODES[code][0]}{detail}。{CODES[code][1]}" for code in told)
        cells["problem"] = f"第 {row.number} 行：{problem}"
        rows.append(SheetRow({key: safe_text(text)[0] for key, text in cells.items()}))
    return csv_bytes(("problem", *keys), rows, ["问题", *header(keys)])


def write_report(
    batch: Batch, outcome: Outcome, folder: Path | None = None, *, own_name: bool = False
) -> Path | None:
    """Write import-report.csv where rows have something to say; None where none has.

    `own_name`: the file is called after the annotator, since several are taken in at once and a report can
    be imported only when it is one annotator's.
    """
    if outcome.fault or not any(
        code not in ("W06", "W07", "W08", "W11") for row in outcome.rows for code in row.codes
    ):
        return None
    name = f"import-report-{outcome.annotator or 'unknown'}.csv" if own_name else REPORT
    place = (folder or batch.folder) / name
    write_whole(place, report_bytes(batch, outcome))
    return place
