"""Checks while replies still come in: worker processes check, this process only hands over and writes.

Short runs are checked at their end instead; so is whatever an interrupted run left unchecked.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import msgspec

from zhprobe.files import Journal
from zhprobe.grading.automatic import CHUNK, _grade_chunk, grade_run
from zhprobe.records import Grade, Reply
from zhprobe.runs import VERDICTS, now

BEGIN_AT = 512  # replies; before that starting workers costs more than it saves


def _quiet() -> None:
    """Ctrl-C is for the process that runs, not for its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Along:
    """Verdicts of runs under way. `feed` and `close` are called by one thread at a time."""

    def __init__(self, workers: int | None = None, begin_at: int = BEGIN_AT) -> None:
        self.workers = workers or max(1, (os.cpu_count() or 2) - 1)
        self.begin_at = begin_at
        self._pool: ProcessPoolExecutor | None = None
        self._held: dict[Path, list[Reply]] = {}
        self._seen = 0
        self._waiting: list[tuple[Path, Future[list[Grade]]]] = []
        self._journals: dict[Path, Journal] = {}
        self.written = 0

    def feed(self, folder: Path, replies: list[Reply]) -> None:
        """Replies that have just been written; what is ready of earlier ones is put down."""
        sound = [reply for reply in replies if reply.error is None]
        self._held.setdefault(folder, []).extend(sound)
        self._seen += len(sound)
        if self._pool is None:
            if self._seen < self.begin_at:
                return
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=multiprocessing.get_context("spawn"), initializer=_quiet
            )
        for place, held in self._held.items():
            while len(held) >= CHUNK:
                chunk, held[:] = held[:CHUNK], held[CHUNK:]
                self._waiting.append((place, self._pool.submit(_grade_chunk, str(place), chunk)))
        self._put_down(wait=False)

    def _put_down(self, *, wait: bool) -> None:
        left = []
        for folder, future in self._waiting:
            if not wait and not future.done():
                left.append((folder, future))
                continue
            stamp = now()
            grades = [msgspec.structs.replace(grade, time=stamp) for grade in future.result()]
            if grades:
                if folder not in self._journals:
                    self._journals[folder] = Journal(folder / VERDICTS)
                self._journals[folder].append(*grades)
                self.written += len(grades)
        self._waiting = left

    def close(self) -> None:
        """Wait for the workers; the caller still holds the folders' locks."""
        try:
            self._put_down(wait=True)
        finally:
            for journal in self._journals.values():
                journal.close()
            self._journals.clear()
            self._held.clear()
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None


def finish(folder: Path) -> None:
    """Check what was not checked along the way."""
    grade_run(folder, only_new=True)
