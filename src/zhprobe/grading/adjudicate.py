"""Where annotators differ: a sheet without names for a third person, and the discussion after a calibration.

Adjudicated verdicts settle what is used; they never enter figures of agreement.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import write_whole
from zhprobe.grading.batch import Batch, Row, codes_of
from zhprobe.grading.ledger import Adjudicated, Event, Import, Issue, Mark, Void, now, tool_version
from zhprobe.grading.sheet import (
    ADJUDICATION,
    REASONS,
    SheetRow,
    csv_bytes,
    free_row_id,
    row_check,
    safe_text,
    sheet_rows,
    unguard,
    xlsx_bytes,
)
from zhprobe.grading.sheet_read import (
    Outcome,
    Unreadable,
    count_codes,
    find_columns,
    judge_lines,
    read_file,
    read_table,
)

ADJUDICATOR = "adjudicator"
_REASONS_EN = {
    "unclear criterion": REASONS[0],
    "prompt or reference wrong": REASONS[1],
    "overlooked": REASONS[2],
    "knowledge": REASONS[3],
    "other": REASONS[4],
}


class Difference(msgspec.Struct, frozen=True):
    """A criterion of an answer on which annotators put different codes."""

    answer: str
    criterion: str
    version: int
    given: tuple[tuple[str, Mark], ...]  # row id and mark


def differences(batch: Batch) -> list[Difference]:
    """Every answer and criterion with differing verdicts, in the order they were issued."""
    state = batch.ledger.state
    places: dict[tuple[str, str], list[tuple[Issue, Mark]]] = {}
    for row_id, issue in state.issued.items():
        mark = state.marks.get(row_id)
        if mark is not None and issue.sample in ("random", "targeted") and issue.criterion != "pair":
            places.setdefault((issue.answer, issue.criterion), []).append((issue, mark))
    return [
        Difference(answer, criterion, given[0][0].version, tuple((i.row_id, m) for i, m in given))
        for (answer, criterion), given in places.items()
        if len({mark.verdict for _, mark in given}) > 1
    ]


def given_text(difference: Difference, lang: str, seed: int) -> tuple[str, tuple[str, ...]]:
    """Both verdicts with their evidence and notes, in random order and without names; and that order."""
    order = list(difference.given)
    random.Random(f"{seed} {difference.answer} {difference.criterion}").shuffle(order)
    zh = lang == "zh"
    lines = []
    for number, (_, mark) in enumerate(order, start=1):
        head = f"判定{number}：{mark.verdict}" if zh else f"verdict {number}: {mark.verdict}"
        if mark.evidence:
            head += f"　依据：{mark.evidence}" if zh else f"  evidence: {mark.evidence}"
        if mark.note:
            head += f"　备注：{mark.note}" if zh else f"  note: {mark.note}"
        lines.append(head)
    return "\n".join(lines), tuple(row_id for row_id, _ in order)


def issue_adjudication(batch: Batch, adjudicator: str = ADJUDICATOR) -> list[Issue]:
    """Give the adjudicator a row for every difference that has none yet; gives all their rows."""
    state = batch.ledger.state
    known = {
        (i.answer, i.criterion): i
        for i in state.issued.values()
        if i.sample == "adjudication" and i.annotator == adjudicator
    }
    taken = set(state.issued)
    fresh: list[Issue] = []
    for difference in differences(batch):
        if (difference.answer, difference.criterion) in known:
            continue
        row_id, salt = free_row_id(taken, batch.info.id, adjudicator, difference.answer, difference.criterion)
        taken.add(row_id)
        issue = Issue(
            batch=batch.info.id,
            annotator=adjudicator,
            row_id=row_id,
            answer=difference.answer,
            criterion=difference.criterion,
            version=difference.version,
            position=len(known) + len(fresh) + 1,
            chk="",
            sample="adjudication",
            salt=salt,
            considered=given_text(difference, batch.info.lang, batch.info.seed)[1],
        )
        fresh.append(msgspec.structs.replace(issue, chk=row_check(batch.row(issue))))
    batch.ledger.append(*fresh)
    return batch.ledger.state.rows_of(adjudicator)


def adjudication_rows(batch: Batch, adjudicator: str = ADJUDICATOR) -> list[SheetRow]:
    """The adjudicator's sheet: what was decided already is filled in."""
    by_place = {(d.answer, d.criterion): d for d in differences(batch)}
    rows = []
    for issue in issue_adjudication(batch, adjudicator):
        difference = by_place.get((issue.answer, issue.criterion))
        if difference is None:
            continue  # the annotators agree by now
        (row,) = sheet_rows([batch.row(issue)])
        decided = batch.ledger.state.adjudicated.get((issue.answer, issue.criterion))
        cells = dict(row.cells)
        cells["given"] = safe_text(given_text(difference, batch.info.lang, batch.info.seed)[0])[0]
        if decided is not None:
            cells |= {"verdict": decided.verdict, "reason": decided.reason}
            cells |= {"evidence": decided.evidence, "note": decided.note}
        rows.append(msgspec.structs.replace(row, cells=cells))
    return rows


def write_adjudication(
    batch: Batch, folder: Path, *, adjudicator: str = ADJUDICATOR, formats: Sequence[str] = ("xlsx", "csv")
) -> tuple[list[Path], int]:
    """Write the adjudication sheet; gives the paths and the number of rows (none: nothing differs)."""
    rows = adjudication_rows(batch, adjudicator)
    if not rows:
        return [], 0
    zh = batch.info.lang == "zh"
    notes = (
        [
            ("仲裁说明", ""),
            ("批次", f"{batch.info.id}　共 {len(rows)} 行：评分人判定不一的评分项"),
            (
                "怎样填",
                "看题目、评分项、回答和已有判定（不分先后，不记名），填你的判定，并选一个原因。"
                "不必从两个判定里选一个。",
            ),
            ("原因", "、".join(REASONS)),
            ("用途", "仲裁结果用于得分，不计入一致性。"),
        ]
        if zh
        else [
            ("Adjudication", ""),
            ("Batch", f"{batch.info.id}, {len(rows)} rows on which annotators differ"),
            (
                "What to do",
                "Read prompt, criterion, answer and the verdicts given (in random order, without names); put "
                "yours, and choose a reason. You need not side with either.",
            ),
            ("Reasons", ", ".join(f"{zh_name} = {en}" for en, zh_name in _REASONS_EN.items())),
            ("Use", "Adjudicated verdicts count for scores and never for agreement."),
        ]
    )
    written = []
    name = f"{batch.info.id}-{adjudicator}"
    if "xlsx" in formats:
        written.append(folder / f"{name}.xlsx")
        book = xlsx_bytes(ADJUDICATION, rows, info=batch.info, annotator=adjudicator, notes=notes)
        write_whole(written[-1], book)
    if "csv" in formats:
        written.append(folder / f"{name}.csv")
        write_whole(written[-1], csv_bytes(ADJUDICATION, rows))
    return written, len(rows)


def read_reason(text: str) -> str:
    """The category that a spelling stands for; what is none of them is 其他.

    >>> read_reason("看漏了"), read_reason("knowledge"), read_reason("")
    ('看漏', '知识分歧', '')
    """
    word = unguard(text).strip()
    if not word:
        return ""
    for reason in REASONS:
        if word.startswith(reason):
            return reason
    return _REASONS_EN.get(word.lower(), REASONS[4])


def take_adjudication(batch: Batch, path: Path, *, adjudicator: str = ADJUDICATOR) -> Outcome:
    """Import an adjudicator's sheet; the same file, or the same content, changes nothing twice."""
    raw = read_file(path)
    digest = hashlib.sha256(raw).hexdigest()
    outcome = Outcome(path.name, annotator=adjudicator)
    batch.ledger.refresh()
    try:
        table = read_table(raw)
        lines, _ = find_columns(table)
    except Unreadable as fault:
        outcome.fault, outcome.detail, outcome.counts = fault.code, fault.detail, {fault.code: 1}
        return outcome
    state = batch.ledger.state
    outcome.encoding = table.encoding
    outcome.known = digest in state.imports
    rows: dict[str, Row] = {}
    for issue in state.rows_of(adjudicator):
        if issue.sample == "adjudication":
            row = batch.row(issue)
            rows[issue.row_id] = msgspec.structs.replace(row, evidence="optional")
    if not rows:
        raise UserError(
            str(batch.folder), "no adjudication sheet was issued", "`zhprobe adjudicate BATCH` writes it."
        )
    outcome.rows = judge_lines(lines, rows, {}, elsewhere=lambda name: name in state.issued)
    outcome.counts = count_codes(outcome.rows)
    if outcome.known:
        return outcome
    reasons = {line.cells.get("row_id", "").strip(): line.cells.get("reason", "") for line in lines}
    at = now()
    note = Import(
        digest[:12],
        path.name,
        digest,
        len(raw),
        outcome.encoding,
        tool_version(),
        outcome.counts,
        at,
        adjudicator,
    )
    events: list[Event] = [note]
    for read in outcome.rows:
        if read.mark is None:
            continue
        event = _decision(state.issued[read.row_id], read.mark, read_reason(reasons.get(read.row_id, "")), at)
        old = state.adjudicated.get((event.answer, event.criterion))
        if old is None or msgspec.structs.replace(old, time=at) != event:
            events.append(event)
    batch.ledger.append(*events)
    outcome.appended = len(events) - 1
    return outcome


def _decision(issue: Issue, mark: Mark, reason: str, at: str) -> Adjudicated:
    return Adjudicated(
        answer=issue.answer,
        criterion=issue.criterion,
        version=issue.version,
        verdict=mark.verdict,
        adjudicator=issue.annotator,
        reason=reason or REASONS[4],
        time=at,
        evidence=mark.evidence,
        note=mark.note,
        considered=issue.considered,
        row_id=issue.row_id,
    )


def void(batch: Batch, *, reason: str, who: str, row_id: str = "", annotator: str = "") -> int:
    """Take grades out of the count, with the reason; they stay in the ledger. Gives how many."""
    state = batch.ledger.state
    if row_id and row_id not in state.issued:
        raise UserError(str(batch.folder), f"row {row_id} was never issued here", "Look it up in the sheet.")
    held = [r for r in state.marks if r == row_id or (annotator and state.annotator(r) == annotator)]
    batch.ledger.append(Void(reason, who, now(), row_id=row_id, annotator=annotator))
    return len(held)


def discussion(batch: Batch) -> str:
    """After a calibration round: every criterion with split verdicts and what was said, as a page of Markdown.

    Criteria are listed by how often they split, most often first: these are the ones to reword.
    """
    zh = batch.info.lang == "zh"
    found = differences(batch)
    counts = Counter(d.criterion for d in found)
    texts: dict[str, str] = {}
    for difference in found:
        texts.setdefault(
            difference.criterion, batch.answers[difference.answer].criterion(difference.criterion).text
        )
    lines = [f"# {'校准讨论' if zh else 'Calibration'} {batch.info.id}", ""]
    if not found:
        lines.append("没有判定不一的评分项。" if zh else "No criterion has differing verdicts.")
    for criterion, count in counts.most_common():
        lines += [f"## {texts[criterion]}（{criterion}，{count}）", ""]
        for difference in (d for d in found if d.criterion == criterion):
            answer = batch.answers[difference.answer]
            codes = Counter(mark.verdict for _, mark in difference.given)
            order = [*codes_of(answer.criterion(criterion)), "NA"]
            told = "，".join(
                f"{code} × {codes[code]}"
                for code in sorted(codes, key=lambda c: order.index(c) if c in order else 99)
            )
            lines += [f"- {told}", f"  - {'题目' if zh else 'prompt'}：{_short(answer.prompt)}"]
            lines.append(f"  - {'回答' if zh else 'answer'}：{_short(answer.text)}")
            for line in given_text(difference, batch.info.lang, batch.info.seed)[0].split("\n"):
                lines.append(f"  - {line}")
        lines.append("")
    if found:
        lines.append(
            "改写评分项后请把它的 version 加一，再开始正式一轮；校准轮的判定不计入结果。"
            if zh
            else "Raise a criterion's version when you reword it; calibration grades do not enter results."
        )
    return "\n".join(lines) + "\n"


def _short(text: str, most: int = 400) -> str:
    one = " ".join(text.split())
    return one if len(one) <= most else f"{one[:most]}……"
