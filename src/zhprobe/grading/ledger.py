"""The ledger of a batch: who was given which row, and what they said; appended to, never edited.

`grades.jsonl` holds one event a line. The state is the fold over its lines, in order. Several processes
may write: each append takes the folder's lock for a moment, reads what others added, then adds its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import Journal, Lock, decode, explain_os_error, whole_lines
from zhprobe.records import Verdict

LEDGER = "grades.jsonl"
LOCK_PATIENCE = 10.0  # seconds to wait for another writer of the same folder

Sample = Literal["random", "targeted", "gold", "repeat", "adjudication"]


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person put in one row. `verdict` is 1, 0, NA, U, a level, or A, B, T, U for a pair."""

    verdict: str
    evidence: str = ""
    note: str = ""
    sec: int | None = None
    flags: tuple[str, ...] = ()


class Issue(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag="issue"):
    """One row given to one annotator. `order` is ba where the second answer of a pair is shown as A."""

    batch: str
    annotator: str
    row_id: str
    answer: str
    criterion: str
    version: int
    position: int
    chk: str
    sample: Sample = "random"
    probability: float = 1.0
    block: str = ""
    order: str = ""
    gold: str = ""  # the agreed verdict of a gold row
    repeat_of: str = ""
    changes: tuple[str, ...] = ()  # what was done to the texts so that cells can hold them
    salt: int = 0
    considered: tuple[str, ...] = ()  # rows whose verdicts an adjudicator was shown, in that order


class Import(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag="import"):
    """One file taken in."""

    id: str
    file: str
    sha256: str
    size: int
    encoding: str
    tool: str
    counts: dict[str, int]
    time: str
    annotator: str = ""


class GradeEvent(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag="grade"):
    """A row graded for the first time."""

    row_id: str
    mark: Mark
    source: str  # import id, or 'page'
    time: str
    row: int | None = None


class Supersede(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag="supersede"):
    """The same annotator says otherwise."""

    row_id: str
    old: Mark
    new: Mark
    source: str
    time: str
    row: int | None = None


class Adjudicated(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag="adjudicate"):
    """What a third person decided where annotators differed."""

    answer: str
    criterion: str
    version: int
    verdict: str
    adjudicator: str
    reason: str
    time: str
    evidence: str = ""
    note: str = ""
    considered: tuple[str, ...] = ()
    row_id: str = ""


class Void(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag="void"):
    """Grades that no longer count: of one row, or all that an annotator has given so far."""

    reason: str
    who: str
    time: str
    row_id: str = ""
    annotator: str = ""


Event = Issue | Import | GradeEvent | Supersede | Adjudicated | Void


def now() -> str:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class State:
    """What the ledger says at its end."""

    def __init__(self) -> None:
        self.issued: dict[str, Issue] = {}
        self.marks: dict[str, Mark] = {}
        self.times: dict[str, str] = {}
        self.imports: dict[str, Import] = {}  # by SHA-256 of the file
        self.adjudicated: dict[tuple[str, str], Adjudicated] = {}
        self.history: list[Event] = []  # grades, supersessions and voids, for undo

    def take(self, event: Event) -> None:
        """Fold one more event in."""
        match event:
            case Issue():
                self.issued[event.row_id] = event
            case Import():
                self.imports[event.sha256] = event
            case GradeEvent():
                self.marks[event.row_id] = event.mark
                self.times[event.row_id] = event.time
                self.history.append(event)
            case Supersede():
                self.marks[event.row_id] = event.new
                self.times[event.row_id] = event.time
                self.history.append(event)
            case Adjudicated():
                self.adjudicated[event.answer, event.criterion] = event
            case Void():
                self._void(event)
                self.history.append(event)

    def _void(self, event: Void) -> None:
        if event.row_id:
            self.marks.pop(event.row_id, None)
            issue = self.issued.get(event.row_id)
            if issue and issue.sample == "adjudication":
                self.adjudicated.pop((issue.answer, issue.criterion), None)
        if event.annotator:
            for row_id in [r for r in self.marks if self.annotator(r) == event.annotator]:
                del self.marks[row_id]

    def annotator(self, row_id: str) -> str:
        """Whom a row was given to, '' when it never was."""
        issue = self.issued.get(row_id)
        return issue.annotator if issue else ""

    def rows_of(self, annotator: str) -> list[Issue]:
        """An annotator's rows in the order of the sheet."""
        return sorted((i for i in self.issued.values() if i.annotator == annotator), key=lambda i: i.position)

    def annotators(self) -> list[str]:
        """All who were given rows to grade, adjudicators left out."""
        return sorted({i.annotator for i in self.issued.values() if i.sample != "adjudication"})


class Ledger:
    """`grades.jsonl` of one batch folder, with its state kept up to date."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / LEDGER
        self.state = State()
        self.torn = 0  # bytes of a torn last line found while reading or writing
        self._offset = 0
        self._line = 0
        self._decoder = msgspec.json.Decoder(Event)
        self.refresh()

    def refresh(self) -> None:
        """Read what has been added since the last look; a torn last line is left out and counted."""
        if not self.path.exists():
            return
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError as error:
            raise explain_os_error(error, self.path) from error
        end = data.rfind(b"\n") + 1
        self.torn = len(data) - end
        for line in data[:end].splitlines():
            self._line += 1
            if not line.strip():
                continue
            try:
                self.state.take(decode(line, self._decoder))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise UserError(
                    f"{self.path}, line {self._line}",
                    f"this line cannot be read: {error}",
                    "Restore the file from a copy, or move the line to another file by hand.",
                ) from error
        self._offset += end

    @contextmanager
    def writing(self) -> Iterator[Callable[[Sequence[Event]], None]]:
        """The right to write for a moment; yields a function that appends events, on disk when it returns."""
        deadline = time.monotonic() + LOCK_PATIENCE
        lock = Lock(self.folder)
        while True:
            try:
                lock.__enter__()
                break
            except UserError as error:
                held = "another process" in error.what
                if not held or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        try:
            self.refresh()
            with Journal(self.path) as journal:
                torn = journal.torn

                def append(events: Sequence[Event]) -> None:
                    if events:
                        journal.append(*events)
                        journal.sync()
                        self.refresh()

                yield append
            self.torn = torn
        finally:
            lock.__exit__(None, None, None)

    def append(self, *events: Event) -> None:
        """Add events under the lock."""
        with self.writing() as write:
            write(events)


def set_mark(
    state: State, row_id: str, mark: Mark, source: str, *, row: int | None = None, at: str = ""
) -> Event | None:
    """The event that makes `mark` the current grade of a row; None when it already is.

    >>> set_mark(State(), "R1", Mark("1"), "page", at="t").mark.verdict
    '1'
    """
    old = state.marks.get(row_id)
    when = at or now()
    if old is None:
        return GradeEvent(row_id, mark, source, when, row)
    if old == mark:
        return None
    return Supersede(row_id, old, mark, source, when, row)


def tool_version() -> str:
    """Name and version of this program, as records carry it."""
    try:
        return f"zhprobe {metadata.version('zhprobe')}"
    except metadata.PackageNotFoundError:
        return "zhprobe, not installed"


def torn_bytes(folder: Path) -> int:
    """How many bytes a torn last line of the ledger has; 0 when it is whole."""
    path = folder / LEDGER
    return whole_lines(path)[1] if path.exists() else 0


def verdict_of(mark: Mark, levels: int = 0, reason: str = "") -> Verdict:
    """A person's mark as a verdict.

    >>> verdict_of(Mark("2"), levels=4).level
    2
    >>> [verdict_of(Mark(v)).outcome for v in ("1", "0", "NA", "U")]
    ['met', 'not_met', 'na', 'unsure']
    """
    if mark.verdict == "NA":
        return Verdict("na", reason or mark.note, evidence=mark.evidence)
    if mark.verdict == "U":
        return Verdict("unsure", reason or mark.note, evidence=mark.evidence)
    if levels:
        level = int(mark.verdict)
        outcome: Literal["met", "not_met"] = "met" if level == levels - 1 else "not_met"
        return Verdict(outcome, reason or mark.note, evidence=mark.evidence, level=level)
    return Verdict("met" if mark.verdict == "1" else "not_met", reason or mark.note, evidence=mark.evidence)
