"""The legal section of a comparison: what the citations in each model's answers are worth, side by side.

One citation detail an answer: the one a check gave, else the text is reviewed here. Only items that count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from zhprobe.grading.automatic import answer_hash
from zhprobe.records import Grade, Item, Reply
from zhprobe.report.citation import (
    Detail,
    Lang,
    Rate,
    RunFigures,
    SectionLine,
    cite_detail,
    data_notes,
    run_figures,
    run_section,
)
from zhprobe.report.rows import RunNumbers
from zhprobe.report.run_texts import RunTexts
from zhprobe.report.visible import visible
from zhprobe.text.law_recitation import says_cannot_vouch
from zhprobe.text.law_versions import CHANGES_KNOWN, TEXTS_READ, data_is_old

LEGAL = "legal"
WANTS_WORDS = frozenset({"quotes_exact", "recites_article", "abstains"})  # checks of the words of an article


class LegalCell(msgspec.Struct, frozen=True):
    """One model's citations. Of its answers, `read_here` had no citation detail of a check."""

    model: str
    figures: RunFigures
    read_here: int


class LegalSection(msgspec.Struct, frozen=True):
    """Every model's citations, and the days of the data they were checked with."""

    cells: tuple[LegalCell, ...]
    texts_read: str
    changes_known: str
    too_old: bool


def legal_section(
    runs: Sequence[tuple[str, RunNumbers]], *, today: date | None = None
) -> LegalSection | None:
    """The section of runs by their names; None where none of them has an answer to a legal item."""
    cells = tuple(_cell(name, run) for name, run in runs)
    if not any(cell.figures.answers for cell in cells):
        return None
    return LegalSection(cells, TEXTS_READ, CHANGES_KNOWN, data_is_old(today or date.today()))


def _cell(name: str, run: RunNumbers) -> LegalCell:
    keys = [key for key, mark in run.items.items() if mark.capability == LEGAL and mark.role == "item"]
    texts = RunTexts(run, keys=keys)
    count = {"read_here": 0, "asked": 0, "abstained": 0}
    try:
        figures = run_figures(_details(texts, keys, count))
    finally:
        texts.close()
    figures = msgspec.structs.replace(figures, abstained=count["abstained"], asked=count["asked"])
    return LegalCell(name, figures, count["read_here"])


def _details(texts: RunTexts, keys: Collection[str], count: dict[str, int]) -> Iterator[Detail]:
    """One detail an answer, as the files are read; what else is counted goes into `count`."""
    for key in keys:
        replies = [reply for reply in texts.replies(key) if reply.error is None]
        if not replies:
            continue
        item: Item = texts.item(key)
        grades = texts.grades(key)
        for reply in replies:
            own = _current(grades, item, reply)
            detail = _from_checks(own)
            if detail is None:
                count["read_here"] += 1
                detail = cite_detail(reply.text, asof=item.asof or CHANGES_KNOWN)
            if any(criterion.check_name in WANTS_WORDS for criterion in item.criteria):
                count["asked"] += 1
                count["abstained"] += _abstains(reply.text, detail, own)
            yield detail


def _current(grades: Sequence[Grade], item: Item, reply: Reply) -> list[Grade]:
    """What checks say of this answer under the present criteria, in their order."""
    order = {criterion.id: (place, criterion.version) for place, criterion in enumerate(item.criteria)}
    digest = answer_hash(reply)
    own = [
        grade
        for grade in grades
        if grade.reply == reply.id
        and grade.grader.startswith("check:")
        and grade.answer in ("", digest)
        and order.get(grade.criterion, (0, -1))[1] == grade.version
    ]
    return sorted(own, key=lambda grade: order[grade.criterion])


def _from_checks(grades: Sequence[Grade]) -> Detail | None:
    for grade in grades:
        detail: dict[str, Any] | None = grade.verdict.detail
        if detail and detail.get("kind") == "citations":
            return detail
    return None


def _abstains(answer: str, detail: Detail, grades: Sequence[Grade]) -> bool:
    """Whether an answer says that it cannot vouch for the words, and gives none."""
    if says_cannot_vouch(answer) is None:
        return False
    recited = any("COMPLETE" in grade.verdict.codes for grade in grades)
    return not (
        recited or detail["rates"]["quote_exact"][1] or detail["not_checked"].get("QUOTE_NOT_COMPARED")
    )


# -- words ------------------------------------------------------------------------------------------


def legal_table(section: LegalSection, lang: Lang = "zh") -> list[tuple[str, list[SectionLine]]]:
    """Label and one cell a model: answers, every rate, abstentions, what was not checked."""
    zh = lang == "zh"
    answers = "回答" if zh else "Answers"
    here = "其中由报告核对" if zh else "of them read for this report:"
    columns = [
        [
            SectionLine(
                answers,
                f"{cell.figures.answers:,}",
                (f"{here} {cell.read_here:,}",) if cell.read_here else (),
            ),
            *(
                SectionLine(line.label, line.figure, tuple(map(visible, line.notes)))
                for line in run_section(cell.figures, lang)
            ),
        ]
        for cell in section.cells
    ]
    labels = dict.fromkeys(line.label for column in columns for line in column)
    by_label = [{line.label: line for line in column} for column in columns]
    return [
        (label[:1].upper() + label[1:], [column.get(label, SectionLine(label, "—")) for column in by_label])
        for label in labels
    ]


def legal_notes(section: LegalSection, lang: Lang = "zh") -> list[str]:
    """The days of the data, its age, and that no lawyer has checked it."""
    days = [day for cell in section.cells for day in cell.figures.days]
    return [visible(note) for note in data_notes(days, lang, too_old=section.too_old)]


def legal_line(section: LegalSection, lang: Lang = "zh") -> str:
    """The section in one line, for a terminal."""
    zh = lang == "zh"
    chosen = {
        "cites": ("有引用", "cite"),
        "clean_answers": ("无误", "without error"),
        "in_force": ("现行有效", "in force"),
        "exists": ("条款存在", "article exists"),
        "quote_ok": ("引文相符", "quotations agree"),
    }

    def told(rates: Sequence[Rate]) -> str:
        by_name = {rate.name: rate for rate in rates}
        parts = [
            f"{label[0 if zh else 1]} {by_name[name].k}/{by_name[name].n}"
            for name, label in chosen.items()
            if name in by_name
        ]
        return ("，" if zh else ", ").join(parts) or "—"

    models = [f"{visible(cell.model)} {told(cell.figures.rates)}" for cell in section.cells]
    line = ("法条引用：" if zh else "Citations of law: ") + ("；" if zh else "; ").join(models)
    day = f"（数据截至 {section.changes_known}）" if zh else f" (data to {section.changes_known})"
    old = legal_notes(section, lang)[1] if section.too_old else ""
    return f"{line}{day}" + (f" {old}" if old else "")
