"""A comparison as text: a table for the terminal, Markdown, CSV, JSON, Parquet; flat records for notebooks.

Columns are measured in cells of the terminal, where a Chinese character takes two.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.cells import cell_len

from zhprobe.errors import UserError
from zhprobe.files import digest, encode
from zhprobe.grading.sheet import guard
from zhprobe.report.legal_section import legal_line
from zhprobe.report.result import Pair, Report, Row
from zhprobe.report.rows import BASIS_NAMES
from zhprobe.report.sentences import headline, interval, number, pair_text, probability, signed, standing
from zhprobe.report.unchecked import unchecked_lines
from zhprobe.report.visible import visible

FORMATS = ("text", "md", "csv", "json", "parquet")


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Text brought to a width in terminal cells.

    >>> pad("诗词", 6) + "|", pad("ab", 6, right=True) + "|"
    ('诗词  |', '    ab|')
    """
    gap = " " * max(0, width - cell_len(text))
    return gap + text if right else text + gap


def straight(rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> str:
    """Rows as columns that stay straight whatever is in them; the first row is the head.

    >>> print(straight([["能力", "n"], ["诗", "12"]], [False, True]))
    能力   n
    ────  ──
    诗    12
    """
    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    sides = [*right, *[False] * (len(widths) - len(right))]
    lines = [
        "  ".join(
            pad(cell, width, right=side) for cell, width, side in zip(row, widths, sides, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def _all_rows(report: Report) -> list[Row]:
    return [report.overall, *report.rows] if report.overall else list(report.rows)


def _score_rows(report: Report, lang: str) -> list[list[str]]:
    zh = lang != "en"
    names = [visible(name) for name in report.model_names()]
    rows = [["能力" if zh else "Ability", "题数" if zh else "Items", "评分" if zh else "Graded by", *names]]
    for row in _all_rows(report):
        cells = [
            f"{number(c.estimate.value)} ({interval(c.estimate)})"
            + (f" n={c.estimate.n}" if c.estimate.n != row.items else "")
            if c.estimate.value is not None
            else "—"
            for c in row.cells
        ]
        basis = BASIS_NAMES[row.basis][0 if zh else 1]
        rows.append([row.key.full(lang), str(row.items), basis, *cells])
    return rows


def _pair_rows(report: Report, lang: str) -> list[list[str]]:
    zh = lang != "en"
    head = ["能力", "比较", "差值（95% 区间）", "p", "胜/平/负", "结论"]
    rows = [head if zh else ["Ability", "Pair", "Difference (95%)", "p", "W/T/L", "Conclusion"]]
    for row in _all_rows(report):
        for pair in row.pairs:
            c = pair.comparison
            d = c.difference
            rows.append(
                [
                    row.key.full(lang),
                    f"{visible(pair.a)} − {visible(pair.b)}",
                    f"{signed(d.value)} ({interval(d, difference=True)})",
                    probability(pair.adjusted_p),
                    f"{c.wins}/{c.ties}/{c.losses}",
                    visible(pair_text(row, pair, lang)),
                ]
            )
    return rows


def _closing(report: Report, lang: str) -> list[str]:
    zh = lang != "en"
    lines = [legal_line(report.legal, "zh" if zh else "en")] if report.legal else []
    lines += unchecked_lines(report.unchecked, lang)
    lines += [visible(w.text(lang)) for w in report.warnings]
    if report.method == "holm":
        lines.append("p 按 Holm 法调整；区间未调整。" if zh else "p adjusted by Holm; intervals are not.")
    else:
        lines.append(
            "探索性：p 按 Benjamini–Hochberg 法调整；区间未调整；不给总分。"
            if zh
            else "Exploratory: p adjusted by Benjamini–Hochberg; intervals are not; no overall score."
        )
    return lines


def to_text(report: Report, lang: str = "zh") -> str:
    """What `zhprobe compare` prints: the headline, scores, differences with their conclusions."""
    parts = [*map(visible, headline(report, lang)), ""]
    scores = _score_rows(report, lang)
    parts.append(straight(scores, [False, True, False]))
    if len(report.models) > 1:
        parts += ["", straight(_pair_rows(report, lang), [False, False, False, True, True, False])]
    ranked = [(row, standing(row, lang)) for row in _all_rows(report) if row.groups]
    if ranked:
        head = (
            ["能力", "由好到差（≈ 分不出高下）"]
            if lang != "en"
            else ["Ability", "Best to worst (≈ cannot be told apart)"]
        )
        parts += ["", straight([head, *([row.key.full(lang), visible(text)] for row, text in ranked)])]
    return "\n".join([*parts, "", *_closing(report, lang)])


def to_markdown(report: Report, lang: str = "zh") -> str:
    """The same as Markdown tables, for papers and pull requests."""

    def table(rows: Sequence[Sequence[str]]) -> list[str]:
        escaped = [
            [cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") for cell in row]
            for row in rows
        ]
        lines = ["| " + " | ".join(row) + " |" for row in escaped]
        return [lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]

    parts = [
        f"**{visible(text)}**" if i == 0 else visible(text) for i, text in enumerate(headline(report, lang))
    ]
    lines = ["\n\n".join(parts), "", *table(_score_rows(report, lang))]
    if len(report.models) > 1:
        lines += ["", *table(_pair_rows(report, lang))]
    return "\n".join([*lines, "", *(f"{line}  " for line in _closing(report, lang))])


def records(report: Report) -> list[dict[str, Any]]:
    """One flat record a score and one a difference: the rows of a data frame."""
    made = []
    for row in _all_rows(report):
        for cell in row.cells:
            e = cell.estimate
            made.append(
                _record(row, "score", cell.model)
                | {
                    "value": e.value,
                    "low": e.low,
                    "high": e.high,
                    "n": e.n,
                    "groups": e.groups,
                    "method": e.method,
                    "unsure": e.unsure,
                    "not_scored": e.not_scored,
                    "if_unmet": e.if_unmet,
                    "if_met": e.if_met,
                    "definition": e.definition_en,
                }
            )
        made += [_difference(row, pair) for pair in row.pairs]
    return made


_COLUMNS: dict[str, Any] = dict.fromkeys(
    (
        "kind capability row title basis model other value low high n groups method unsure not_scored if_unmet "
        "if_met p adjusted_p wins ties losses dropped conclusion winner definition"
    ).split()
)


def _record(row: Row, kind: str, model: str) -> dict[str, Any]:
    return _COLUMNS | {
        "kind": kind,
        "capability": row.key.capability,
        "row": row.key.row,
        "title": row.key.title.zh,
        "basis": row.basis,
        "model": model,
    }


def _difference(row: Row, pair: Pair) -> dict[str, Any]:
    c = pair.comparison
    d = c.difference
    return _record(row, "difference", pair.a) | {
        "other": pair.b,
        "value": d.value,
        "low": d.low,
        "high": d.high,
        "n": d.n,
        "groups": d.groups,
        "method": d.method,
        "p": c.p,
        "adjusted_p": pair.adjusted_p,
        "wins": c.wins,
        "ties": c.ties,
        "losses": c.losses,
        "dropped": pair.unlike + c.dropped_a + c.dropped_b,
        "conclusion": pair.conclusion.code,
        "winner": {"a": pair.a, "b": pair.b}.get(pair.conclusion.winner, ""),
        "definition": "mean difference of item scores, first less second",
    }


def _guard(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return guard(value) if isinstance(value, str) else value


def to_csv(report: Report) -> str:
    """Records as CSV that Excel opens rightly: byte-order mark, CRLF, texts guarded."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(_COLUMNS), lineterminator="\r\n")
    writer.writeheader()
    for record in records(report):
        writer.writerow({key: _guard(value) for key, value in record.items()})
    return "\ufeff" + out.getvalue()


def to_json(report: Report) -> str:
    """Every number there is, as in report.json."""
    return msgspec.json.format(encode(report), indent=1).decode("utf-8")


def to_pandas(report: Report) -> Any:
    """Records as a data frame (needs the extra `datasets`)."""
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise UserError("", "pandas is not installed", "pip install 'zhprobe[datasets]'") from error
    return pandas.DataFrame.from_records(records(report), columns=list(_COLUMNS))


def _arrow(report: Report) -> Any:
    """Records as an Arrow table (needs the extra `datasets`)."""
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        raise UserError("", "pyarrow is not installed", "pip install 'zhprobe[datasets]'") from error
    return pyarrow.Table.from_pylist(records(report))


def to_dataset(report: Report) -> Any:
    """Records as a Hugging Face dataset (needs the extra `datasets`)."""
    try:
        from datasets import Dataset
        from datasets.table import InMemoryTable
    except ModuleNotFoundError as error:
        raise UserError("", "datasets is not installed", "pip install 'zhprobe[datasets]'") from error
    table = _arrow(report)
    # a fingerprint of our own: the one datasets makes pickles classes of pyarrow, which some versions cannot
    return Dataset(InMemoryTable(table), fingerprint=digest(records(report)))


def write_parquet(report: Report, path: Path) -> None:
    """Records as a Parquet file (needs the extra `datasets`)."""
    table = _arrow(report)
    from pyarrow import parquet

    parquet.write_table(table, path)


def as_format(report: Report, form: str, lang: str = "zh") -> str:
    """The comparison in one of the text formats."""
    makers = {
        "text": lambda: to_text(report, lang),
        "md": lambda: to_markdown(report, lang),
        "csv": lambda: to_csv(report),
        "json": lambda: to_json(report),
    }
    if form not in makers:
        raise UserError("--format", f"'{form}' is not a text format", "Parquet needs --out FILE.")
    return makers[form]()
