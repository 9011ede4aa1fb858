"""Items times models to replies.jsonl, in one event loop; takes up where it stopped.

A job is one model with one set of settings and one run folder. All jobs of a call share the loop; jobs on
the same endpoint share its gate. A pool of workers a job takes items from probes.jsonl one by one, so that
memory does not grow with their number; a worker that waits before a new attempt lets another one work.
Replies go to the journals in batches, written by a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from zhprobe import runs
from zhprobe.errors import UserError
from zhprobe.files import Journal, Lock, read_jsonl
from zhprobe.models.base import FAILURES, Model, Request, Stopped, build_request, passes, request_digest
from zhprobe.models.limits import Gate, Patience, ask
from zhprobe.models.providers import Prices, redact
from zhprobe.records import Item, Reply, Settings, Usage
from zhprobe.runs import Fault, RunInfo, Selected, Turn

Selection = Callable[[], Iterable[Selected]]
FLUSH_EVERY = 0.05  # seconds a reply may wait for others before it is written
SYNC_EVERY = 1.0
QUEUE_LIMIT = 1000  # replies waiting for a slow disk before the workers wait too


class Budget(msgspec.Struct, frozen=True):
    """What one call of `run` may use up; 0 is no limit."""

    money: float = 0.0
    tokens: int = 0


class Job(msgspec.Struct):
    """One model, one set of settings, one folder."""

    model: Model
    settings: Settings
    folder: Path
    label: str = ""
    prices: Prices | None = None
    rpm: float | None = None
    tpm: float | None = None


class Along(Protocol):
    """Somebody who wants the replies as they are written (checks in worker processes)."""

    def feed(self, folder: Path, replies: list[Reply]) -> None:
        """Replies just written; called in the writing thread."""
        ...

    def close(self) -> None:
        """No more will come; the folders are still locked."""
        ...


class Progress:
    """What a watcher is told; this one is silent."""

    def start(self, jobs: Sequence[Work]) -> None:
        """Before the first request."""

    def tick(self, jobs: Sequence[Work]) -> None:
        """A few times a second."""

    def say(self, line: str) -> None:
        """One line that must be seen."""

    def stop(self) -> None:
        """After the last."""


# ------------------------------------------------------------------------------------------------------
# one job at work


class Work:
    """A job while it runs: its folder, its journals, what is done and how it goes."""

    def __init__(self, job: Job, gate: Gate, whole: Whole) -> None:
        self.job = job
        self.model = job.model
        self.settings = job.settings
        self.folder = job.folder
        self.gate = gate
        self.whole = whole
        self.chance = random.Random(f"{job.model.name} {job.folder}")
        self.stop_note = ""
        self.state = ""
        self.planned = self.done = self.before = self.failed = self.reused = 0
        self.faults: dict[str, int] = {}
        self.tokens = 0
        self.cost = 0.0
        self.refusals = 0
        self.started = time.monotonic()
        self.queue: list[Reply] = []
        self.fault_queue: list[Fault] = []
        self.turn_queue: list[Turn] = []
        self.finished = runs.Names(())
        self.turns: dict[str, Turn] = {}
        self.awake = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.trouble: BaseException | None = None
        self.pending: Iterator[tuple[Selected, int]] = iter(())

    # --- the folder

    def open(self, selection: Selection, info: RunInfo) -> None:
        """Make the folder, or take it up; find out what is left to do."""
        if runs.is_run(self.folder):
            self.info = take_up(self.folder, info, selection)
            self._look_back()
        else:
            self.info = runs.create_run(self.folder, info, selection())
        if not self.info.items:
            raise UserError(
                "run",
                "no item is selected",
                "Widen the selection; `zhprobe probes list` shows what there is.",
            )
        self.planned = self.info.items * max(1, self.settings.samples)
        self.done = self.before = len(self.finished)
        self.gate.answered_before |= self.before > 0
        self.model.prepare(lambda: (s.item for s in runs.read_items(self.folder)))
        self.info.stints.append(runs.Stint(started=runs.now()))
        runs.write_info(self.folder, self.info)
        self.replies = Journal(self.folder / runs.REPLIES)
        self.fault_journal = Journal(self.folder / runs.FAULTS)
        self.turn_journal: Journal | None = None
        self.pending = self._left()

    def _look_back(self) -> None:
        self.finished = finished_names(self.folder)
        path = self.folder / runs.TURNS
        if path.exists():
            for turn in read_jsonl(path, Turn):
                self.turns[turn.reply] = turn

    def _left(self) -> Iterator[tuple[Selected, int]]:
        finished = self.finished
        for selected in runs.read_items(self.folder):
            for sample in range(max(1, self.settings.samples)):
                if not finished or (selected.item.probe, selected.item.id, sample) not in finished:
                    yield selected, sample

    def close(self) -> None:
        """Write what is left, count, and put down how the stint ended."""
        try:
            self.write(*self.take())
            self.replies.close()
            self.fault_journal.close()
            if self.turn_journal:
                self.turn_journal.close()
        finally:
            counts = count(self.folder, self.info, self.settings)
            if not self.state:
                self.state = "done" if counts.answered == counts.planned else "short"
            self.info.counts = counts
            last = self.info.stints[-1]
            last.ended, last.state, last.note = runs.now(), self.state, redact(self.stop_note)  # type: ignore[assignment]
            self.info.model_facts = {**self.model.facts(), "gate": self.gate.facts()}
            if self.state == "done":
                (self.folder / runs.TURNS).unlink(missing_ok=True)
            runs.write_info(self.folder, self.info)

    model_closed = False

    # --- writing

    def take(self) -> tuple[list[Reply], list[Fault], list[Turn]]:
        """Everything that waits to be written; called in the loop, so that nothing is added meanwhile."""
        batch = self.queue, self.fault_queue, self.turn_queue
        self.queue, self.fault_queue, self.turn_queue = [], [], []
        return batch

    def write(self, replies: list[Reply], faults: list[Fault], turns: list[Turn]) -> None:
        """Append to the journals; called in the writing thread, or at the end."""
        if replies:
            self.replies.append(*replies)
            if self.whole.along is not None:
                self.whole.along.feed(self.folder, replies)
        if faults:
            self.fault_journal.append(*faults)
        if turns:
            if self.turn_journal is None:
                self.turn_journal = Journal(self.folder / runs.TURNS)
            self.turn_journal.append(*turns)

    # --- the pool

    def fill(self) -> None:
        """Start workers up to the number that may be in flight."""
        while (
            self.awake < self.gate.ceiling and len(self.tasks) < 8 * self.gate.ceiling and not self.stop_note
        ):
            try:
                first = next(self.pending)
            except StopIteration:
                return
            self.awake += 1
            task = asyncio.get_running_loop().create_task(self._worker(first))
            self.tasks.add(task)
            task.add_done_callback(self._worker_done)

    def _worker_done(self, task: asyncio.Task[None]) -> None:
        self.awake -= 1
        self.tasks.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None and self.trouble is None:
            self.trouble = error
            self.whole.stop("a fault of zhprobe itself")
        if not self.tasks:
            self.whole.changed.set()

    async def _worker(self, entry: tuple[Selected, int]) -> None:
        while True:
            try:
                await self._one(*entry)
            except Stopped:
                return
            if self.stop_note or self.awake > self.gate.ceiling:
                return
            if len(self.queue) > QUEUE_LIMIT:
                await self.whole.drained(self)
            try:
                entry = next(self.pending)
            except StopIteration:
                return

    async def _sleep(self, wait: float) -> None:
        """Wait before a new attempt; another worker may use the place meanwhile."""
        self.awake -= 1
        if not self.gate.in_trouble:
            self.fill()
        until = time.monotonic() + wait
        try:
            while not self.stop_note and (left := until - time.monotonic()) > 0:
                await self.whole.sleep(left)
        finally:
            self.awake += 1
        if self.stop_note:
            raise Stopped

    # --- one item

    async def _one(self, selected: Selected, sample: int) -> None:
        item = selected.item
        request = build_request(item, self.settings, sample)
        digest = request_digest(self.model.name, request)
        old = self.whole.reuse.get(digest)
        if old is not None and (not old.item_digest or old.item_digest == runs.item_digest(item)):
            self.reused += 1
            self._keep(msgspec.structs.replace(old, flags=(*old.flags, "reused")), item, sample, digest)
            return
        if self.model.whole or not (item.turns or item.extra.get("world")):
            reply = await self._ask(request, item, sample)
        else:
            reply = await self._converse(request, item, sample, digest)
        if reply is not None:
            self._keep(reply, item, sample, digest)

    async def _ask(self, request: Request, item: Item, sample: int) -> Reply | None:
        """An answer, or a failure that is this item's alone; None when the model is given up."""
        name = f"{item.probe}/{item.id}#{sample}"

        def on_fault(reply: Reply, attempt: int, wait: float) -> None:
            error = reply.error
            assert error is not None
            self.faults[error.kind] = self.faults.get(error.kind, 0) + 1
            self.fault_queue.append(
                Fault(name, error.kind, redact(error.message), error.status, attempt, round(wait, 3), clock())
            )

        reply = await ask(
            self.model,
            request,
            self.gate,
            chance=self.chance,
            on_fault=on_fault,
            sleep=self._sleep,
            stopped=self._is_stopped,
            tokens=rough_tokens(request) if self.gate.tpm else 0,
        )
        if reply.error is None:
            self.refusals = -1
            return reply
        kind, message = reply.error.kind, reply.error.message
        after = FAILURES[kind][0]
        if kind == "bad_request" and self.refusals >= 0:
            self.refusals += 1
            if self.refusals >= min(self.gate.patience.refusals, self.planned):
                after = "model"
        if after == "model":
            said = FAILURES[kind][1]
            self.give_up(message if message.startswith(said) else f"{said}: {message}", kind)
            return None
        return reply

    def _is_stopped(self) -> bool:
        return bool(self.stop_note)

    async def _converse(self, request: Request, item: Item, sample: int, digest: str) -> Reply | None:
        """Turn after turn until the conversation has nothing more to say to the model."""
        from zhprobe.conversation import assistant_message, follow_up, read_calls

        name = f"{item.probe}/{item.id}#{sample}"
        transcript: list[dict[str, Any]] = []
        if (known := self.turns.pop(name, None)) is not None and known.digest == digest:
            transcript = list(known.transcript)
        prompt_mode = self.settings.mode == "prompt"
        total = Usage()
        latency = 0.0
        attempts = 0
        flags: list[str] = []
        while True:
            request = build_request(item, self.settings, sample, transcript)
            reply = await self._ask(request, item, sample)
            if reply is None or reply.error is not None:
                return reply and msgspec.structs.replace(reply, transcript=tuple(transcript))
            attempts += reply.attempts
            latency += reply.latency_s or 0.0
            total = add_usage(total, reply.usage)
            flags += [flag for flag in reply.flags if flag not in flags]
            calls, _ = read_calls(
                item,
                reply.text,
                reply.tool_calls,
                raw=reply.raw,
                reasoning=reply.reasoning,
                prompt_mode=prompt_mode,
            )
            transcript.append(assistant_message(reply.text, calls, native=bool(reply.tool_calls)))
            more = follow_up(item, transcript, calls)
            if not more:
                return msgspec.structs.replace(
                    reply,
                    transcript=tuple(transcript),
                    usage=total if total != Usage() else None,
                    latency_s=round(latency, 4),
                    attempts=attempts,
                    flags=tuple(flags),
                )
            transcript += more
            self.turn_queue.append(Turn(name, tuple(transcript), digest))

    def _keep(self, reply: Reply, item: Item, sample: int, digest: str) -> None:
        """Put a reply into the journal's queue and into the counts."""
        cost = None
        if reply.usage is not None and "reused" not in reply.flags:
            self.tokens += reply.usage.prompt + reply.usage.completion
            if self.job.prices is not None:
                cost = cost_of(reply.usage, self.job.prices)
                self.cost += cost
        error = reply.error
        if error is not None:
            self.failed += 1
            error = msgspec.structs.replace(error, message=redact(error.message))
        else:
            self.done += 1
        self.queue.append(
            msgspec.structs.replace(
                reply,
                probe=item.probe,
                item=item.id,
                model=self.model.name,
                sample=sample,
                digest=digest,
                item_digest=runs.item_digest(item),
                error=error,
                cost=cost,
                time=clock(),
            )
        )
        self.whole.written.set()
        self.whole.spend()

    # --- the end

    def give_up(self, why: str, kind: str) -> None:
        """Stop this model, with one line; the others go on."""
        if not self.stop_note:
            self.stop_note = redact(why)
            self.state = "given up"
            self.whole.gave_up[self.model.name] = kind
            note = self.stop_note if self.stop_note.startswith("given up") else f"given up: {self.stop_note}"
            self.whole.progress.say(f"{self.model.name}: {note}")
            self.whole.wake()
            if all(work.stop_note for work in self.whole.works if work.gate is self.gate):
                self.gate.turn_away()

    def stop(self, why: str) -> None:
        """Ask nothing more."""
        if not self.stop_note:
            self.stop_note = why
            self.state = "stopped"


class Whole:
    """What all jobs of a call share."""

    def __init__(self, budget: Budget, progress: Progress, reuse: Reuse, along: Along | None = None) -> None:
        self.along = along
        self.budget = budget
        self.progress = progress
        self.reuse = reuse
        self.works: list[Work] = []
        self.changed = asyncio.Event()
        self.written = asyncio.Event()
        self.stopping = asyncio.Event()
        self.gave_up: dict[str, str] = {}
        self._drained = asyncio.Condition()
        self.failure: BaseException | None = None
        self.end = asyncio.Event()  # the writer has only to write what is left
        self.left = False  # the second Ctrl-C

    async def sleep(self, wait: float) -> None:
        """Sleep, but not through a stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), wait)

    def wake(self) -> None:
        """Wake those who sleep or wait at a gate, so that those of a stopped job go home."""
        self.stopping.set()
        if not all(work.stop_note for work in self.works):
            self.stopping = asyncio.Event()

    def stop(self, why: str) -> None:
        """Stop all jobs: what is in flight comes to its end, nothing more is asked."""
        for work in self.works:
            work.stop(why)
        self.stopping.set()
        for work in self.works:
            work.gate.turn_away()
            work.model.let_go()
        self.changed.set()

    def spend(self) -> None:
        """Stop when the budget is used up."""
        budget = self.budget
        if budget.tokens and sum(work.tokens for work in self.works) >= budget.tokens:
            self.stop(f"the budget of {budget.tokens:,} tokens is used up")
        elif budget.money and sum(work.cost for work in self.works) >= budget.money:
            self.stop(f"the budget of {budget.money:g} is used up")

    async def drained(self, work: Work) -> None:
        """Wait until the disk has caught up."""
        async with self._drained:
            await self._drained.wait_for(lambda: len(work.queue) <= QUEUE_LIMIT or self.failure is not None)

    async def write(self) -> None:
        """The writer: gather a little, write in a thread; another thread syncs now and then, since a slow disk
        may take a second for that."""
        loop = asyncio.get_running_loop()
        synced = time.monotonic()
        syncing: asyncio.Future[None] | None = None
        while True:
            await self.written.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.end.wait(), FLUSH_EVERY)
            self.written.clear()
            try:
                batches = [(work, work.take()) for work in self.works]
                await loop.run_in_executor(None, self._write_all, batches)
                if time.monotonic() - synced > SYNC_EVERY and (syncing is None or syncing.done()):
                    synced = time.monotonic()
                    syncing = loop.run_in_executor(None, self._sync_all)
            except UserError as error:
                self.failure = error
                self.stop(error.what)
            async with self._drained:
                self._drained.notify_all()
            if self.failure or self.end.is_set():
                if syncing is not None:
                    await syncing
                return

    def _sync_all(self) -> None:
        for work in self.works:
            with contextlib.suppress(OSError):  # the end of the run syncs again, and says what fails
                work.replies.sync()

    @staticmethod
    def _write_all(
        batches: list[tuple[Work, tuple[list[Reply], list[Fault], list[Turn]]]],
    ) -> None:
        trouble: UserError | None = None
        for work, batch in batches:  # one folder's trouble must not cost another's replies
            try:
                work.write(*batch)
            except UserError as error:
                trouble = trouble or error
        if trouble is not None:
            raise trouble


class Reuse:
    """Replies of other runs by the digest of their request; texts stay on disk until one is wanted."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._places: dict[str, tuple[Path, int]] = {}
        decoder = msgspec.json.Decoder(runs.Mark)
        for folder in folders:
            runs.read_info(folder)
            path = folder / runs.REPLIES
            if not path.exists():
                continue
            offset = 0
            with path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n") and not line.isspace():
                        mark = decoder.decode(line)
                        if mark.digest and mark.error is None:
                            self._places[mark.digest] = (path, offset)
                    offset += len(line)

    def get(self, digest: str) -> Reply | None:
        """The reply to this very request, if one was recorded."""
        place = self._places.get(digest)
        if place is None:
            return None
        with place[0].open("rb") as file:
            file.seek(place[1])
            return msgspec.json.decode(file.readline(), type=Reply)


# ------------------------------------------------------------------------------------------------------
# the call


def run(
    jobs: Sequence[Job],
    selection: Selection,
    *,
    budget: Budget = Budget(),  # noqa: B008  frozen
    patience: Patience = Patience(),  # noqa: B008  frozen
    reuse: Iterable[Path] = (),
    progress: Progress | None = None,
    command: str = "",
    fresh: int | None = None,
    along: Along | None = None,
) -> list[RunInfo]:
    """Run all jobs to their end and say how each stands. See `run_async`."""
    return asyncio.run(
        run_async(
            jobs,
            selection,
            budget=budget,
            patience=patience,
            reuse=reuse,
            progress=progress,
            command=command,
            fresh=fresh,
            along=along,
        )
    )


async def run_async(
    jobs: Sequence[Job],
    selection: Selection,
    *,
    budget: Budget = Budget(),  # noqa: B008  frozen
    patience: Patience = Patience(),  # noqa: B008  frozen
    reuse: Iterable[Path] = (),
    progress: Progress | None = None,
    command: str = "",
    fresh: int | None = None,
    along: Along | None = None,
) -> list[RunInfo]:
    """Ask every item of every job that has no final reply yet.

    `selection` gives the items, anew each time it is called. A folder that holds the run already goes on;
    Ctrl-C lets what is in flight finish, a second one leaves at once. What the disk or another process
    forbids is a UserError; what endpoints do is in the counts of the returned infos.
    """
    whole = Whole(budget, progress or Progress(), Reuse(reuse), along)
    gates: dict[str, Gate] = {}
    with contextlib.ExitStack() as stack:
        try:
            try:
                for job in jobs:
                    stack.enter_context(Lock(job.folder))
                    key = job.model.endpoint or job.model.name
                    if key not in gates:
                        gates[key] = Gate(job.model.concurrency, patience=patience, rpm=job.rpm, tpm=job.tpm)
                    work = Work(job, gates[key], whole)
                    info = RunInfo(
                        model=job.model.name,
                        settings=job.settings,
                        label=job.label,
                        fresh=fresh,
                        command=redact(command),
                        concurrency=job.model.concurrency,
                        prices=_plain_prices(job.prices),
                        model_facts=job.model.facts(),
                    )
                    work.open(selection, info)
                    whole.works.append(work)
            except BaseException:
                for opened in whole.works:
                    opened.stop("another run of the same call could not begin")
                    opened.close()
                raise
            await _drive(whole)
        finally:
            for job in jobs:
                await job.model.close()
    return [work.info for work in whole.works]


async def _drive(whole: Whole) -> None:
    progress = whole.progress
    progress.start(whole.works)
    writer = asyncio.create_task(whole.write())
    restore = _catch_signals(whole)
    thresholds = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)  # nothing here makes cycles by the hundred; looking for them costs 4 %
    try:
        for work in whole.works:
            work.fill()
        while any(work.tasks for work in whole.works):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(whole.changed.wait(), 0.25)
            whole.changed.clear()
            for work in whole.works:
                if not work.tasks and not work.model_closed:
                    work.model_closed = True  # a local model makes room for the next one
                    await work.model.close()
            progress.tick(whole.works)
    except asyncio.CancelledError:
        if not whole.left:
            raise
    finally:
        restore()
        gc.set_threshold(*thresholds)
        for task in [task for work in whole.works for task in work.tasks]:
            task.cancel()
        whole.end.set()  # never cancelled: its thread may be in the middle of a batch
        whole.written.set()
        await writer
        progress.stop()
        failure: BaseException | None = whole.failure
        for work in whole.works:
            try:
                work.close()
            except UserError as error:
                failure = failure or error
        if whole.along is not None:
            try:
                whole.along.close()
            except UserError as error:
                failure = failure or error
        for work in whole.works:
            failure = work.trouble or failure
        if failure is not None:
            raise failure


def _catch_signals(whole: Whole) -> Callable[[], None]:
    """Ctrl-C and a polite kill stop the jobs; the second time they end the call. Gives the way back."""
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        return lambda: None
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()

    def caught() -> None:
        if whole.stopping.is_set() and main is not None:
            whole.left = True
            main.cancel()
            return
        flying = sum(work.gate.active for work in whole.works)
        whole.stop("stopped by hand")
        whole.progress.say(
            f"Stopping: waiting for {flying} answers on their way; press Ctrl-C again to leave them. "
            "The same command goes on from here."
        )

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, caught)

    def restore() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    return restore


def take_up(folder: Path, info: RunInfo, selection: Selection) -> RunInfo:
    """Go on with a run: it must be the same model, settings and items; items may have been added."""
    old = runs.read_info(folder)
    for field, here, there in (
        ("model", old.model, info.model),
        ("settings", old.settings_digest, runs.settings_digest(info.settings)),
        ("fresh seed", old.fresh, info.fresh),
    ):
        if here != there:
            shown = f"{here} → {there}"
            if field == "settings":
                given = [
                    f"{n} {a} → {b}" for n, a, b in runs.difference(old, info) if n.startswith("settings.")
                ]
                shown = "; ".join(given)
            raise UserError(
                str(folder),
                f"this folder holds a run with another {field} ({shown})",
                "Choose another name for the new run, or give the same settings to go on.",
            )
    known = {s.item.key: runs.item_digest(s.item) for s in runs.read_items(folder)}
    added: list[Selected] = []
    changed: list[str] = []
    for selected in selection():
        digest = known.get(selected.item.key)
        if digest is None:
            added.append(selected)
        elif digest != runs.item_digest(selected.item):
            changed.append(selected.item.key)
    if changed:
        raise UserError(
            str(folder),
            f"{len(changed)} items have changed since this run began ({', '.join(changed[:3])}…)",
            "Choose another name for the new run; replies to unchanged items are taken over with --reuse.",
        )
    if added:
        runs.add_items(folder, old, added)
    for stint in old.stints:
        if stint.state == "running":
            stint.state, stint.note = "stopped", "ended without a word (killed, or the power was cut)"
    old.settings = info.settings
    old.label = info.label or old.label
    old.command = info.command or old.command
    return old


def finished_names(folder: Path) -> runs.Names:
    """Names of the replies that are final: an answer, or a failure that asking again would not mend."""
    return runs.Names(
        (mark.probe, mark.item, mark.sample)
        for mark in runs.read_marks(folder)
        if mark.error is None or not passes(mark.error.kind)
    )


def count(folder: Path, info: RunInfo, settings: Settings) -> runs.Counts:
    """How a run stands, read from its replies: nothing that is missing is called done."""
    counts = runs.Counts(planned=info.items * max(1, settings.samples))
    costs: list[float] = []
    for reply in runs.read_replies(folder):
        if reply.error is not None:
            counts.failed += 1
            counts.failures[reply.error.kind] = counts.failures.get(reply.error.kind, 0) + 1
            continue
        counts.answered += 1
        for flag in reply.flags:
            name = flag.partition(":")[0] if flag.startswith("model_echo") else flag
            if name == "reused":
                counts.reused += 1
            else:
                counts.flags[name] = counts.flags.get(name, 0) + 1
        if reply.usage:
            counts.prompt_tokens += reply.usage.prompt
            counts.completion_tokens += reply.usage.completion
            counts.reasoning_tokens += reply.usage.reasoning
        if reply.cost is not None:
            costs.append(reply.cost)
    if (folder / runs.FAULTS).exists():
        for fault in read_jsonl(folder / runs.FAULTS, Fault):
            counts.faults[fault.kind] = counts.faults.get(fault.kind, 0) + 1
    counts.attempts = counts.answered - counts.reused + sum(counts.faults.values())
    counts.missing = max(0, counts.planned - counts.answered - counts.failed)
    counts.cost = round(sum(costs), 6) if costs else None
    return counts


def exit_code(infos: Iterable[RunInfo]) -> int:
    """0 all answered; 1 something fell short; 2 every model was given up for what the user can put right."""
    infos = list(infos)
    if all(info.state == "done" for info in infos):
        return 0
    if infos and all(info.state == "given up" and not info.counts.answered for info in infos):
        return 2
    return 1


async def ask_all(
    model: Model,
    requests: Iterable[Request],
    *,
    patience: Patience = Patience(),  # noqa: B008  frozen
    on_reply: Callable[[int, Reply], None] | None = None,
) -> list[Reply]:
    """Answers to requests in their order, for judges: no folder, no items. A model-wide failure is a UserError."""
    gate = Gate(model.concurrency, patience=patience)
    chance = random.Random(model.name)
    numbered = enumerate(requests)
    found: dict[int, Reply] = {}

    async def worker() -> None:
        for number, request in numbered:
            reply = await ask(model, request, gate, chance=chance)
            if reply.error is not None and FAILURES[reply.error.kind][0] == "model":
                raise UserError(
                    f"model {model.name}", f"{FAILURES[reply.error.kind][1]}: {redact(reply.error.message)}"
                )
            found[number] = msgspec.structs.replace(reply, model=model.name)
            if on_reply:
                on_reply(number, found[number])

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(model.concurrency):
                group.create_task(worker())
    except* UserError as errors:
        raise errors.exceptions[0] from None
    finally:
        await model.close()
    return [found[number] for number in sorted(found)]


# ------------------------------------------------------------------------------------------------------
# small things

_clock: tuple[int, str] = (0, "")


def clock() -> str:
    """The time to the second; made once a second."""
    global _clock
    second = int(time.time())
    if _clock[0] != second:
        _clock = (second, runs.now())
    return _clock[1]


def cost_of(used: Usage, prices: Prices) -> float:
    """Money for one reply."""
    cached = used.cached if prices.cached is not None else 0
    paid = (used.prompt - cached) * prices.input + used.completion * prices.output
    return round((paid + cached * (prices.cached or 0.0)) / 1e6, 8)


def add_usage(one: Usage, other: Usage | None) -> Usage:
    """Tokens of two calls together."""
    if other is None:
        return one
    return Usage(
        one.prompt + other.prompt,
        one.completion + other.completion,
        one.reasoning + other.reasoning,
        one.cached + other.cached,
    )


def rough_tokens(request: Request) -> int:
    """Tokens a request may use, from above: a token a Han character, a quarter for others, and the limit."""
    text = "".join(str(message.get("content") or "") for message in request.messages)
    wide = sum(character > "\u2e7f" for character in text)
    return wide + (len(text) - wide) // 3 + request.settings.max_tokens


def _plain_prices(prices: Prices | None) -> dict[str, float]:
    if prices is None:
        return {}
    given = {"input": prices.input, "output": prices.output}
    return given if prices.cached is None else {**given, "cached": prices.cached}
