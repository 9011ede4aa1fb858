"""Texts of a run by item: items, replies and verdicts are read by their place in the files, one item at a time.

Memory stays flat however large a run is: eight bytes a line.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zhprobe.files import decode
from zhprobe.grading.automatic import ItemStore
from zhprobe.records import Grade, Reply
from zhprobe.report.rows import RunNumbers, split_reply
from zhprobe.runs import REPLIES, VERDICTS


class _ReplyPlace(msgspec.Struct):
    probe: str
    item: str


class _GradePlace(msgspec.Struct):
    reply: str


class Places:
    """Where the lines of each item stand in a journal."""

    def __init__(self, path: Path, known: Collection[str], kind: str) -> None:
        self._file = path.open("rb") if path.exists() else None
        self._lines: dict[str, array[int]] = {}
        if self._file is None:
            return
        of_reply = msgspec.json.Decoder(_ReplyPlace)
        of_grade = msgspec.json.Decoder(_GradePlace)
        place = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            if not line.isspace():
                if kind == "reply":
                    found = decode(line, of_reply)
                    key = f"{found.probe}/{found.item}"
                else:
                    key = split_reply(decode(line, of_grade).reply)[0]
                if key in known:
                    self._lines.setdefault(key, array("Q")).append(place)
            place += len(line)

    def read(self, key: str) -> Iterator[bytes]:
        """The lines of an item, in the order they were written."""
        for place in self._lines.get(key, ()):
            assert self._file is not None
            self._file.seek(place)
            yield self._file.readline()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


class RunTexts:
    """The texts of one run, by item; `keys` are the items wanted, all of them where none are named."""

    def __init__(
        self, run: RunNumbers, people: Sequence[Grade] = (), *, keys: Collection[str] | None = None
    ) -> None:
        self.run = run
        known = frozenset(run.items if keys is None else keys)
        self._items = ItemStore(run.folder)
        self._replies = Places(run.folder / REPLIES, known, "reply")
        self._grades = Places(run.folder / VERDICTS, known, "grade")
        self._people: dict[str, list[Grade]] = {}
        for grade in people:
            self._people.setdefault(split_reply(grade.reply)[0], []).append(grade)
        self._reply = msgspec.json.Decoder(Reply)
        self._grade = msgspec.json.Decoder(Grade)

    def item(self, key: str) -> Any:
        """The item as used."""
        mark = self.run.items[key]
        return self._items.get(mark.probe, mark.item)

    def replies(self, key: str) -> list[Reply]:
        """Replies to an item by sample; where one stands twice the later holds."""
        read = (decode(line, self._reply) for line in self._replies.read(key))
        found = {reply.sample: reply for reply in read}
        return [found[sample] for sample in sorted(found)]

    def grades(self, key: str) -> list[Grade]:
        """The last verdict of each grader on each criterion of each reply to an item."""
        last: dict[tuple[str, str, str], Grade] = {}
        for grade in [*self._spoken(key), *self._people.get(key, [])]:
            last[grade.reply, grade.criterion, grade.grader] = grade
        return list(last.values())

    def _spoken(self, key: str) -> Iterator[Grade]:
        for line in self._grades.read(key):
            yield decode(line, self._grade)

    def close(self) -> None:
        """Let go of the files."""
        self._items.close()
        self._replies.close()
        self._grades.close()
