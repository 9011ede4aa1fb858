"""Native speakers read the probes: a sheet out, their opinions back in, kept beside the probe files.

This is about items, not about answers: is the prompt natural, is it understood as meant, what should be changed.
A record names the item, the digest of the wording that was read, and who read it. It holds for that wording only:
once the item changes it is unchecked again. `probes.apply_reviews` reads the records when probes are loaded.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import explain_os_error, toml_value, write_whole
from zhprobe.grading.sheet import SheetRow, csv_bytes, is_row_id, row_id, safe_text, unguard
from zhprobe.grading.sheet_read import Unreadable, read_table, read_verdict
from zhprobe.probes import REVIEW_FILE
from zhprobe.records import Item, Probe

COLUMNS = {
    "row_id": "",
    "natural": "说法自然吗（1 是 / 0 否 / U 拿不准）",
    "understood": "意思和“原意”一致吗（1 / 0 / U）",
    "correction": "应该怎样说（照抄改好的句子）",
    "reviewer": "审阅人代号",
    "note": "备注",
    "prompt": "题目",
    "control": "普通话对照",
    "intended": "原意",
    "reference": "参考答案",
    "item": "",
    "chk": "",
}
WIDTHS = {"row_id": 13, "natural": 12, "understood": 12, "correction": 40, "reviewer": 12, "note": 24}
GUIDE = (
    "一行是一道题。请先只看“题目”，再看“普通话对照”和“原意”。",
    "natural：这句话平时有人这样说吗？1 是，0 否，U 拿不准。",
    "understood：您看懂的意思和“原意”一致吗？1 是，0 否，U 拿不准。",
    "correction：不自然或有错的地方，请写出应该怎样说；写法（用字）不同不算错。",
    "reviewer：您的代号，不要写真名。note：年龄段、区县、哪里拿不准，都可以写在这里。",
    "只填白底的几列。空着的行表示还没有看，可以分几次交。灰底各列（尤其 row_id、chk）请不要改。",
)
FILLED = ("natural", "understood", "correction", "reviewer", "note")
CODES = ("1", "0", "U")
Kind = Literal["native", "expert"]


class Review(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one reader says of one item in the wording of `digest`."""

    item: str
    digest: str
    reviewer: str
    natural: str = ""
    understood: str = ""
    kind: Kind = "native"
    correction: str = ""
    note: str = ""


class ReviewsRead(msgspec.Struct, frozen=True):
    """What reading a sheet gave: records, rows left blank, and rows that cannot be used, each with why."""

    reviews: tuple[Review, ...]
    blank: int
    faults: tuple[UserError, ...]


def readable(item: Item) -> str:
    """The prompt as a reader sees it: every turn, with who speaks where there are several."""
    turns = [str(m.get("content") or "") for m in item.messages]
    if len(turns) == 1 and not item.turns:
        return turns[0]
    speakers = {"user": "甲", "assistant": "乙", "system": "（说明）"}
    lines = [f"{speakers.get(str(m.get('role')), '')}：{m.get('content') or ''}" for m in item.messages]
    return "\n".join(lines + [f"甲：{turn['user']}" for turn in item.turns if "user" in turn])


def review_rows(probes: Iterable[Probe], capability: str) -> list[SheetRow]:
    """A row for each item of a capability; controls stand beside their items, respellings are left out."""
    rows = []
    for probe in probes:
        if probe.capability != capability:
            continue
        by_id = {item.id: item for item in probe.items}
        for item in probe.items:
            if item.role != "item":
                continue
            control = by_id.get(item.control)
            cells = {
                "row_id": _row_id(capability, item.key),
                "prompt": readable(item),
                "control": readable(control) if control else "",
                "intended": str(item.extra.get("intended", "")),
                "reference": item.reference,
                "item": item.key,
                "chk": item.digest,
            }
            rows.append(SheetRow({key: safe_text(text)[0] for key, text in cells.items()}, CODES, probe.id))
    return rows


def _row_id(capability: str, key: str) -> str:
    return row_id(f"review-{capability}", "", key, "")


def write_review_sheet(probes: Sequence[Probe], capability: str, folder: Path) -> tuple[Path, Path]:
    """Write `review-<capability>.xlsx` and `.csv`; returns the two paths."""
    rows = review_rows(probes, capability)
    if not rows:
        known = sorted({probe.capability for probe in probes})
        raise UserError(capability, "no items of that capability", f"There are: {', '.join(known)}.")
    head = [f"{key} {label}".strip() for key, label in COLUMNS.items()]
    sheet, table = folder / f"review-{capability}.xlsx", folder / f"review-{capability}.csv"
    write_whole(sheet, _xlsx(rows, head))
    write_whole(table, csv_bytes(tuple(COLUMNS), rows, head))
    return sheet, table


def _xlsx(rows: Sequence[SheetRow], head: Sequence[str]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "审阅"
    grey = PatternFill("solid", fgColor="F4F1EA")
    for number, (key, label) in enumerate(zip(COLUMNS, head, strict=True), start=1):
        cell = sheet.cell(row=1, column=number, value=label)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(number)].width = WIDTHS.get(key, 44 if label != key else 16)
    for place, row in enumerate(rows, start=2):
        for number, key in enumerate(COLUMNS, start=1):
            cell = sheet.cell(row=place, column=number)
            text = row.cells.get(key, "")
            cell.value, cell.data_type, cell.number_format = (
                re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text),
                "s",
                "@",
            )
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.protection = Protection(locked=key not in FILLED)
            if key not in FILLED:
                cell.fill = grey
    choice = DataValidation(type="list", formula1='"1,0,U"', allow_blank=True)
    choice.add(f"B2:C{len(rows) + 1}")
    sheet.add_data_validation(choice)
    sheet.freeze_panes = "B2"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = sheet.protection.sort = False
    guide = book.create_sheet("说明")
    guide.column_dimensions["A"].width = 100
    for line in GUIDE:
        guide.append([line])
        guide.cell(row=guide.max_row, column=1).alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_review_sheet(path: Path, probes: Iterable[Probe], kind: Kind = "native") -> ReviewsRead:
    """Read a filled sheet, XLSX or CSV in any encoding a spreadsheet program writes.

    A row counts when `natural` and `understood` are filled and somebody is named. The digest is the one that
    the sheet shows: opinions on an older wording are kept as such.
    """
    try:
        table = read_table(path.read_bytes())
    except OSError as error:
        raise explain_os_error(error, path) from error
    except Unreadable as error:
        what = (
            "no row_id column" if error.code == "E01" else f"this file cannot be read {error.detail}".strip()
        )
        raise UserError(str(path), what, "Save the sheet as xlsx, or as csv in UTF-8.") from error
    items = {item.key: item for probe in probes for item in probe.items}
    keys = {_row_id(key.split("/")[0], key): key for key in items}
    place, columns = _columns(table.rows, path)
    reviews, faults, blank = [], [], 0
    for number, cells in table.rows[place + 1 :]:
        row = {key: unguard(cells[at]).strip() if at < len(cells) else "" for key, at in columns.items()}
        if not any(row.values()):
            continue
        if not (row.get("natural") or row.get("understood") or row.get("correction")):
            blank += 1
            continue
        try:
            reviews.append(_review(row, keys, items, kind, f"{path}, row {number}"))
        except UserError as fault:
            faults.append(fault)
    return ReviewsRead(tuple(reviews), blank, tuple(faults))


def _columns(rows: Sequence[tuple[int, list[str]]], path: Path) -> tuple[int, dict[str, int]]:
    for place, (_, cells) in enumerate(rows[:6]):
        found = {cell.split()[0].lstrip("\ufeff"): at for at, cell in enumerate(cells) if cell.split()}
        if "row_id" in found:
            missing = [key for key in ("natural", "understood", "reviewer", "chk") if key not in found]
            if missing:
                raise UserError(str(path), f"the column '{missing[0]}' is missing", "Keep the header cells.")
            return place, {key: at for key, at in found.items() if key in COLUMNS}
    raise UserError(str(path), "no row_id column", "Keep the header cells as they were.")


def _review(
    row: dict[str, str], keys: dict[str, str], items: dict[str, Item], kind: Kind, where: str
) -> Review:
    name = row["row_id"]
    if not is_row_id(name) or name not in keys:
        raise UserError(
            f"{where} ({name})", "this row was never given out", "Copy row_id back from the sheet."
        )
    read = {}
    for key in ("natural", "understood"):
        code = read_verdict(row.get(key, ""), CODES)
        if not code:
            raise UserError(
                f"{where} ({name})",
                f"{key} '{row.get(key, '')}' is not one of 1, 0, U",
                "Fill both columns, or leave both blank to come back later.",
            )
        read[key] = code
    if not row.get("reviewer"):
        raise UserError(f"{where} ({name})", "no reviewer is named", "Put your code in the column reviewer.")
    digest = row.get("chk", "")
    if not re.fullmatch("[0-9a-f]{16}", digest):
        raise UserError(f"{where} ({name})", "chk was changed", "Copy chk back from the sheet.")
    return Review(
        keys[name],
        digest,
        row["reviewer"],
        read["natural"],
        read["understood"],
        kind,
        row.get("correction", ""),
        row.get("note", ""),
    )


def read_reviews(path: Path) -> list[Review]:
    """The records of one `reviews.toml`; none when there is no such file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(data.get("review", []), list[Review])
    except FileNotFoundError:
        return []
    except OSError as error:
        raise explain_os_error(error, path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise UserError(str(path), f"this file cannot be read: {error}", "Restore it from a copy.") from error


def record_reviews(folder: Path, reviews: Iterable[Review]) -> Path:
    """Add records to the `reviews.toml` of a folder of probes; a reader's later opinion replaces the earlier."""
    path = folder / REVIEW_FILE
    held = {(r.item, r.reviewer, r.digest): r for r in read_reviews(path)}
    held |= {(r.item, r.reviewer, r.digest): r for r in reviews}
    lines = ["# What readers signed, by item and by the digest of the wording they read."]
    for key in sorted(held):
        fields: dict[str, Any] = msgspec.to_builtins(held[key])
        lines += ["", "[[review]]"] + [f"{name} = {toml_value(value)}" for name, value in fields.items()]
    write_whole(path, "\n".join(lines) + "\n")
    return path
