"""Replies to verdicts by program: every check of every reply, written to verdicts.jsonl.

The file is append-only. A check's verdict on an answer that has not changed is written once; a new
opinion (the check was mended, a failed reply was asked again) is a new line, and the last line holds.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import msgspec

from zhprobe.checks import registry
from zhprobe.files import Journal, Lock, digest, encode
from zhprobe.records import Criterion, Grade, Item, Reply, Verdict
from zhprobe.runs import ITEMS, VERDICTS, Selected, now, read_grades, read_marks, read_replies

CHUNK = 64
PARALLEL_FROM = 2000  # replies; below this starting workers costs more than it saves


class Scored(msgspec.Struct, frozen=True):
    """What scoring a run did."""

    replies: int = 0
    verdicts: int = 0
    written: int = 0  # verdicts that were new
    changed: int = 0  # of these, verdicts that differ from an older one on the same answer
    failed: int = 0  # replies that are an error and have nothing to check


def answer_hash(reply: Reply) -> str:
    """Digest of what was graded: text, tool calls, conversation.

    >>> answer_hash(Reply("p", "i", "m", text="好")) == answer_hash(Reply("p", "i", "other", text="好"))
    True
    """
    data = encode([reply.text, reply.tool_calls, reply.transcript, reply.finish_reason])
    return hashlib.sha256(data).hexdigest()[:16]


def is_empty(reply: Reply) -> bool:
    """Tell whether there is nothing to grade: no visible text, no call, no turns."""
    return not reply.text.strip() and not reply.tool_calls and not reply.transcript


def grade_reply(item: Item, reply: Reply) -> Iterator[tuple[Criterion, str, Verdict]]:
    """Criterion, grader and verdict for all that programs decide of one reply.

    An empty answer meets nothing: every criterion with positive points is not met and every fault is
    absent by rule `check:empty`, also those of judges and people (rubric contract, section 5).
    """
    if reply.error is not None:
        return
    empty = is_empty(reply)
    for criterion in item.criteria:
        if empty:
            yield (
                criterion,
                "check:empty",
                Verdict("not_met", "回答为空", "the answer is empty", codes=("empty",)),
            )
        elif criterion.check:
            run = _bound(criterion, item.key)
            yield criterion, f"check:{criterion.check_name}", run(reply, item)


_BOUND: OrderedDict[str, Callable[[Reply, Item], Verdict]] = OrderedDict()


def _bound(criterion: Criterion, where: str) -> Callable[[Reply, Item], Verdict]:
    key = f"{criterion.check_name}\x1f{digest(criterion.check_parameters)}"
    found = _BOUND.get(key)
    if found is None:
        found = registry.bind(criterion.check_name, criterion.check_parameters, where)
        _BOUND[key] = found
        if len(_BOUND) > 4096:
            _BOUND.popitem(last=False)
    return found


class ItemStore:
    """Items of a run by key, read from probes.jsonl when asked for, a few kept in memory."""

    def __init__(self, folder: Path, keep: int = 512) -> None:
        self._file = (folder / ITEMS).open("rb")
        self._keep = keep
        self._kept: OrderedDict[tuple[str, str], Item] = OrderedDict()
        self._places: dict[tuple[str, str], int] = {}
        decoder = msgspec.json.Decoder(_Place)
        place = 0
        for line in self._file:
            found = decoder.decode(line)
            self._places[(found.item.probe, found.item.id)] = place
            place += len(line)

    def get(self, probe: str, item: str) -> Item | None:
        """The item, or None when the run has no such item."""
        key = (probe, item)
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        if (place := self._places.get(key)) is None:
            return None
        self._file.seek(place)
        found = msgspec.json.decode(self._file.readline(), type=Selected).item
        self._kept[key] = found
        if len(self._kept) > self._keep:
            self._kept.popitem(last=False)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class _PlaceItem(msgspec.Struct):
    probe: str
    id: str


class _Place(msgspec.Struct):
    item: _PlaceItem


def _grade_chunk(folder: str, replies: list[Reply]) -> list[Grade]:
    store = _STORES.get(folder)
    if store is None:
        store = _STORES[folder] = ItemStore(Path(folder))
    made = []
    for reply in replies:
        item = store.get(reply.probe, reply.item)
        if item is None:
            continue
        graded = answer_hash(reply)
        made += [
            Grade(reply.id, criterion.id, criterion.version, grader, verdict, answer=graded)
            for criterion, grader, verdict in grade_reply(item, reply)
        ]
    return made


_STORES: dict[str, ItemStore] = {}


def _chunks(replies: Iterable[Reply]) -> Iterator[list[Reply]]:
    source = iter(replies)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def current_grades(grades: Iterable[Grade]) -> dict[tuple[str, str, str], Grade]:
    """The last grade of each grader on each criterion of each reply."""
    return {(grade.reply, grade.criterion, grade.grader): grade for grade in grades}


def grade_run(
    folder: Path,
    *,
    jobs: int | None = None,
    tell: Callable[[int], None] | None = None,
    only_new: bool = False,
) -> Scored:
    """Run every check on every reply of a run and append what is new to verdicts.jsonl.

    With `only_new` an answer that has verdicts of checks already is not checked again.

    `jobs` is the number of worker processes (default: all cores for large runs, none for small).
    `tell` is called with the number of replies done so far.
    """
    path = folder / VERDICTS
    with Lock(folder), Journal(path) as journal:
        known = {
            (g.reply, g.criterion, g.grader): (g.answer, digest(g.verdict), g.version)
            for g in read_grades(folder)
            if g.grader.startswith("check:")
        }
        checked = {(name, answer) for (name, _, _), (answer, _, _) in known.items()} if only_new else set()
        counts = {"replies": 0, "verdicts": 0, "written": 0, "changed": 0, "failed": 0}

        def sound() -> Iterator[Reply]:
            for reply in read_replies(folder):
                counts["replies"] += 1
                if reply.error is not None:
                    counts["failed"] += 1
                elif not only_new or (reply.id, answer_hash(reply)) not in checked:
                    yield reply

        stamp = now()
        for done in _graded(folder, _chunks(sound()), jobs):
            fresh = []
            for grade in done:
                counts["verdicts"] += 1
                key = (grade.reply, grade.criterion, grade.grader)
                mark = (grade.answer, digest(grade.verdict), grade.version)
                old = known.get(key)
                if old == mark:
                    continue
                if old is not None and old[0] == mark[0]:
                    counts["changed"] += 1
                known[key] = mark
                fresh.append(msgspec.structs.replace(grade, time=stamp))
            if fresh:
                journal.append(*fresh)
                counts["written"] += len(fresh)
            if tell is not None:
                tell(counts["replies"])
    while _STORES:
        _STORES.popitem()[1].close()
    return Scored(**counts)


def _graded(folder: Path, chunks: Iterator[list[Reply]], jobs: int | None) -> Iterator[list[Grade]]:
    if jobs is None:
        many = sum(1 for _ in islice(read_marks(folder), PARALLEL_FROM)) >= PARALLEL_FROM
        jobs = (os.cpu_count() or 1) if many else 1
    if jobs <= 1:
        for chunk in chunks:
            yield _grade_chunk(str(folder), chunk)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(_grade_chunk, str(folder), chunk) for chunk in islice(chunks, jobs * 4)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(_grade_chunk, str(folder), chunk) for chunk in islice(chunks, 1)]
