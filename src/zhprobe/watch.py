"""What a person sees while models answer, and the account at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import IO, Any

from zhprobe.models.base import FAILURES
from zhprobe.runner import Progress, Work
from zhprobe.runs import RunInfo

CALM_EVERY = 30.0  # seconds between two lines where no terminal listens


def describe(work: Work, now: float) -> str:
    """How one job stands, in one line."""
    answered = work.done + work.failed
    share = 100 * answered / work.planned if work.planned else 100.0
    passed = max(now - work.started, 1e-9)
    fresh = work.done + work.failed - work.before
    rate = fresh / passed
    parts = [
        f"{answered:,}/{work.planned:,} ({share:.0f} %)",
        f"{rate:.1f}/s" if rate < 100 else f"{rate:.0f}/s",
    ]
    if work.failed:
        parts.append(f"{work.failed} without an answer")
    if retries := sum(work.faults.values()):
        parts.append(f"{retries} failed attempts")
    waiting = max(0, len(work.tasks) - work.awake)
    if waiting and not work.stop_note:
        parts.append(f"{waiting} waiting to be asked again")
    if work.stop_note:
        parts.append(work.state)
    elif rate > 0 and answered + waiting < work.planned:
        parts.append(f"about {span((work.planned - answered) / rate)} left")
    return ", ".join(parts)


def span(seconds: float) -> str:
    """A time for people.

    >>> span(42), span(150), span(7320)
    ('42 s', '2 min 30 s', '2 h 2 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class CalmLines(Progress):
    """A line a model every half minute: for pipes and log files."""

    def __init__(self, stream: IO[str], every: float = CALM_EVERY) -> None:
        self.stream = stream
        self.every = every
        self.next = 0.0

    def start(self, jobs: Sequence[Work]) -> None:
        """Say where it starts."""
        self.next = time.monotonic() + self.every
        for work in jobs:
            there = f", {work.done:,} there already" if work.done else ""
            self.say(f"{work.model.name}: {work.planned:,} replies to get{there}")

    def tick(self, jobs: Sequence[Work]) -> None:
        """A line a model, seldom."""
        now = time.monotonic()
        if now >= self.next:
            self.next = now + self.every
            for work in jobs:
                if not work.stop_note and work.tasks:
                    self.say(f"{work.model.name}: {describe(work, now)}")

    def say(self, line: str) -> None:
        """Write at once."""
        print(line, file=self.stream, flush=True)


class LiveTable(Progress):
    """A bar a model on a terminal."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        self.console = Console(file=stream)
        self.bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(24),
            TextColumn("{task.fields[how]}", markup=False),
            console=self.console,
            auto_refresh=False,
        )
        self.ids: dict[int, Any] = {}

    def start(self, jobs: Sequence[Work]) -> None:
        """Draw."""
        self.bars.start()
        for work in jobs:
            self.ids[id(work)] = self.bars.add_task(work.model.name, total=work.planned, how="")
        self.tick(jobs)

    def tick(self, jobs: Sequence[Work]) -> None:
        """Draw anew."""
        now = time.monotonic()
        for work in jobs:
            self.bars.update(self.ids[id(work)], completed=work.done + work.failed, how=describe(work, now))
        self.bars.refresh()

    def say(self, line: str) -> None:
        """Above the bars."""
        self.console.print(line, markup=False, highlight=False)

    def stop(self) -> None:
        """Leave the last state standing."""
        self.bars.refresh()
        self.bars.stop()


def progress_for(stream: IO[str] = sys.stderr) -> Progress:
    """Bars on a terminal, calm lines elsewhere."""
    return LiveTable(stream) if stream.isatty() else CalmLines(stream)


# What a person can do about the failure a model was given up for.
REMEDIES = {
    "wrong_key": "Check the key in the environment; `zhprobe models` names the variable of each provider.",
    "no_credit": "Top up the account, or take another provider.",
    "wrong_address": "Check the address after @; of most servers it ends in /v1.",
    "unreachable": "Start the server, or check the address after @; `zhprobe models` shows what answers on this machine.",
    "wrong_model": "Check the model's name; `zhprobe models --of PROVIDER` lists what the key may use.",
    "server_error": "The server itself fails: look at its log.",
}


def account(infos: Sequence[RunInfo], folders: Sequence[Any]) -> str:
    """What was answered, what not and why; agrees with the data and the exit code."""
    lines: list[str] = []
    for info, folder in zip(infos, folders, strict=True):
        counts = info.counts
        lines.append(
            f"{info.name}: {info.state}; {counts.answered:,} of {counts.planned:,} answered → {folder}"
        )
        if counts.failed:
            lines.append(f"  without an answer {counts.failed:,}: {_table(counts.failures)}")
        if counts.missing:
            note = info.stints[-1].note if info.stints else ""
            lines.append(f"  missing {counts.missing:,}{': ' + note if note else ''}")
        if counts.flags:
            shown = ", ".join(f"{flag} {number}" for flag, number in sorted(counts.flags.items()))
            lines.append(f"  to be seen apart: {shown}")
        if counts.faults:
            lines.append(f"  failed attempts {sum(counts.faults.values()):,}: {_table(counts.faults)}")
        if info.state == "given up" and counts.faults:
            most = max(counts.faults, key=lambda kind: counts.faults[kind])
            if most in REMEDIES:
                lines.append(f"  {REMEDIES[most]}")
        if counts.reused:
            lines.append(f"  taken from older runs: {counts.reused:,}")
        if counts.prompt_tokens or counts.completion_tokens:
            money = f", cost {counts.cost:g}" if counts.cost is not None else ""
            thought = f" ({counts.reasoning_tokens:,} of them thinking)" if counts.reasoning_tokens else ""
            lines.append(
                f"  tokens: {counts.prompt_tokens:,} in, {counts.completion_tokens:,} out{thought}{money}"
            )
    if any(info.state != "done" for info in infos):
        lines.append("The same command goes on where this one stopped.")
    return "\n".join(lines)


def _table(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{FAILURES.get(kind, ('', kind))[1]} {number}" for kind, number in ordered)
