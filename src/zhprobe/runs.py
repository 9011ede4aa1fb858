"""A run folder: what was asked, of whom, how, and what came back.

    run.json        model, settings, probes with versions and digests, seeds, versions, times, counts
    probes.jsonl    the items as used, one a line, each with its probe's name, version and digest
    replies.jsonl   one reply a line; where an id stands twice the later line holds (a failure asked again)
    verdicts.jsonl  verdicts of checks and judges
    faults.jsonl    every attempt that failed, also those that a later attempt made good
    turns.jsonl     conversations under way: where an interrupted one goes on

Plain text, one writer at a time, append only but for run.json, which is replaced whole. A folder is a run
as soon as it has a run.json; that file is written last when a run is made.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from heapq import merge
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import digest, encode, explain_os_error, read_json, read_jsonl, write_whole
from zhprobe.probes import capability_table
from zhprobe.records import Grade, Item, Probe, Reply, Settings

RUN, ITEMS, REPLIES, VERDICTS = "run.json", "probes.jsonl", "replies.jsonl", "verdicts.jsonl"
FAULTS, TURNS = "faults.jsonl", "turns.jsonl"
FORMAT = 1
T = TypeVar("T")


class ProbeNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a run keeps of a probe beside its items."""

    id: str
    capability: str
    version: int
    digest: str
    asks: str = ""
    source: str = ""
    licence: str = ""
    chance: float = 0.0
    tags: tuple[str, ...] = ()


class Selected(msgspec.Struct, frozen=True):
    """One line of probes.jsonl: an item and the probe it came from."""

    probe: ProbeNote
    item: Item


class Counts(msgspec.Struct, omit_defaults=True):
    """How a run stands. `answered` + `failed` + `missing` = `planned`."""

    planned: int = 0
    answered: int = 0
    failed: int = 0  # no answer after all attempts
    missing: int = 0  # never asked, or stopped before an answer came
    flags: dict[str, int] = {}  # empty, cut, filtered, …: answered, but to be seen apart
    failures: dict[str, int] = {}  # kind of the final error
    faults: dict[str, int] = {}  # kind of every attempt that failed, good in the end or not
    attempts: int = 0
    reused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cost: float | None = None


class Stint(msgspec.Struct, omit_defaults=True):
    """One sitting at a run: from a start to its end, or to the kill that ended it."""

    started: str
    ended: str = ""
    state: Literal["running", "done", "short", "stopped", "given up"] = "running"
    note: str = ""


class RunInfo(msgspec.Struct, omit_defaults=True):
    """run.json: all that could move a result.

    `probes` maps a probe id to its version, digest and number of items. `selection` is the digest of the
    items' digests, in order. `model_facts` is what the model says of itself (address, dtype, device,
    chat template digest, adapter); `probed` what was found out about the endpoint.
    """

    model: str
    settings: Settings
    probes: dict[str, ProbeMark] = {}
    selection: str = ""
    items: int = 0
    fresh: int | None = None  # seed of the fresh variants
    command: str = ""
    label: str = ""
    concurrency: int = 0
    prices: dict[str, float] = {}
    model_facts: dict[str, Any] = {}
    hardware: dict[str, Any] = {}
    capabilities: dict[str, Any] = {}  # capability.toml of each: titles, rows, notes
    versions: dict[str, str] = {}
    created: str = ""
    stints: list[Stint] = []
    counts: Counts = msgspec.field(default_factory=Counts)
    settings_digest: str = ""
    format: int = FORMAT

    @property
    def state(self) -> str:
        """How the last stint ended; 'running' also when it was killed."""
        return self.stints[-1].state if self.stints else "new"

    @property
    def name(self) -> str:
        """What pages call this run: its label, else the model, with the profile where it is not the usual one."""
        shown = self.label or self.model
        return shown if self.settings.profile == "standard-1" else f"{shown} ({self.settings.profile})"


class ProbeMark(msgspec.Struct, frozen=True):
    """Version and digest of a probe in a run, and how many of its items were selected."""

    version: int
    digest: str
    items: int


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attempt that failed."""

    reply: str
    kind: str
    message: str = ""
    status: int | None = None
    attempt: int = 1
    waited: float = 0.0  # seconds until the next attempt
    time: str = ""


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """The messages of an unfinished conversation, so far."""

    reply: str
    transcript: tuple[dict[str, Any], ...]
    digest: str = ""  # of the first request; another one makes this record void


def now() -> str:
    """The time in UTC, to the second, as files carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def note_probe(probe: Probe) -> ProbeNote:
    """The part of a probe that goes into a run."""
    return ProbeNote(
        probe.id,
        probe.capability,
        probe.version,
        probe.digest,
        probe.asks,
        probe.source,
        probe.licence,
        probe.chance,
        probe.tags,
    )


def select(probes: Iterable[Probe], keep: Callable[[Item], bool] = lambda item: True) -> Iterator[Selected]:
    """Every item of the probes that `keep` says yes to, with its probe."""
    for probe in probes:
        note = note_probe(probe)
        for item in probe.items:
            if keep(item):
                yield Selected(note, item)


def item_digest(item: Item) -> str:
    """The item's digest as the loader set it, or one over its content."""
    return item.digest or digest(item)


def settings_digest(settings: Settings) -> str:
    """Digest of everything that makes a profile: not samples, streaming and time limits."""
    plain = msgspec.to_builtins(settings)
    for field in ("samples", "stream", "timeout", "stall_timeout"):
        plain.pop(field, None)
    return digest(plain)


def slug(text: str) -> str:
    """A name that every file system takes.

    >>> slug("deepseek/deepseek-chat@http://127.0.0.1:8000/v1")
    'deepseek_deepseek-chat_127.0.0.1_8000_v1'
    """
    return re.sub(r"[^\w.+-]+", "_", re.sub(r"@[a-z]+://", "_", text)).strip("_.")[:120] or "run"


def package_versions() -> dict[str, str]:
    """Versions of zhprobe, Python and the packages that could move a result."""
    found = {"python": platform.python_version()}
    for name in (
        "zhprobe",
        "aiohttp",
        "msgspec",
        "torch",
        "transformers",
        "accelerate",
        "tokenizers",
        "peft",
    ):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    found.setdefault("zhprobe", "source")  # run from a source tree that is not installed
    return found


def machine() -> dict[str, Any]:
    """The hardware of this machine, as far as it can be told without loading anything."""
    facts: dict[str, Any] = {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }
    if hasattr(os, "sysconf") and sys.platform != "win32":
        facts["memory_gb"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    return facts


def is_run(folder: Path) -> bool:
    """Tell whether a folder holds a run."""
    return (folder / RUN).is_file()


def read_info(folder: Path) -> RunInfo:
    """run.json of a folder."""
    if not is_run(folder):
        what = "this folder holds no run (no run.json)" if folder.is_dir() else "there is no such folder"
        raise UserError(str(folder), what, "`zhprobe runs` lists the runs it finds.")
    info = read_json(folder / RUN, RunInfo)
    if info.format > FORMAT:
        raise UserError(
            str(folder / RUN), f"written by a newer zhprobe (form {info.format})", "Update zhprobe."
        )
    return info


def write_info(folder: Path, info: RunInfo) -> None:
    """Replace run.json whole; indented, since people read it."""
    plain: dict[str, Any] = msgspec.to_builtins(info)
    plain["settings"] = {name: getattr(info.settings, name) for name in Settings.__struct_fields__}
    write_whole(folder / RUN, msgspec.json.format(encode(plain), indent=1) + b"\n")


def create_run(folder: Path, info: RunInfo, selection: Iterable[Selected]) -> RunInfo:
    """Make a run folder: probes.jsonl streamed out first, run.json last. The caller holds the lock."""
    if is_run(folder):
        raise UserError(str(folder), "this folder already holds a run", "Choose another name.")
    if (folder / REPLIES).exists():
        raise UserError(str(folder), "this folder has replies but no run.json", "Choose another folder.")
    marks: dict[str, ProbeMark] = {}
    digests = hashlib.sha256()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{ITEMS}.new"
        with temporary.open("wb") as out:
            for selected in selection:
                probe, item = selected.probe, selected.item
                known = marks.get(probe.id)
                marks[probe.id] = ProbeMark(probe.version, probe.digest, (known.items if known else 0) + 1)
                digests.update(item_digest(item).encode() + b"\n")
                out.write(encode(selected) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, folder / ITEMS)
    except OSError as error:
        raise explain_os_error(error, folder) from error
    info = msgspec.structs.replace(
        info,
        probes=marks,
        items=sum(mark.items for mark in marks.values()),
        selection=digests.hexdigest()[:16],
        created=info.created or now(),
        capabilities=info.capabilities
        or {name: table for name in _capabilities(marks) if (table := capability_table(name))},
        settings_digest=settings_digest(info.settings),
        versions=info.versions or package_versions(),
        hardware=info.hardware or machine(),
    )
    write_info(folder, info)
    return info


def add_items(folder: Path, info: RunInfo, added: Iterable[Selected]) -> None:
    """Put more items at the end of a run: a later call selected more than the first."""
    old = list(read_items(folder))
    both = [*old, *added]
    write_whole(folder / ITEMS, b"".join(encode(selected) + b"\n" for selected in both))
    marks: dict[str, ProbeMark] = {}
    for selected in both:
        probe = selected.probe
        known = marks.get(probe.id)
        marks[probe.id] = ProbeMark(probe.version, probe.digest, (known.items if known else 0) + 1)
    info.probes, info.items = marks, len(both)
    lines = "".join(item_digest(s.item) + "\n" for s in both)
    info.selection = hashlib.sha256(lines.encode()).hexdigest()[:16]
    write_info(folder, info)


def _capabilities(probes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(probe.partition("/")[0] for probe in probes))


def read_items(folder: Path) -> Iterator[Selected]:
    """Items of a run with their probes, in the order they were selected."""
    return read_jsonl(folder / ITEMS, Selected)


def read_probes(folder: Path) -> list[Probe]:
    """The probes of a run put together again from probes.jsonl (only the selected items)."""
    notes: dict[str, ProbeNote] = {}
    items: dict[str, list[Item]] = {}
    for selected in read_items(folder):
        notes.setdefault(selected.probe.id, selected.probe)
        items.setdefault(selected.probe.id, []).append(selected.item)
    return [
        Probe(
            id=note.id,
            capability=note.capability,
            asks=note.asks,
            version=note.version,
            items=tuple(items[name]),
            source=note.source,
            licence=note.licence,
            chance=note.chance,
            tags=note.tags,
            digest=note.digest,
        )
        for name, note in notes.items()
    ]


class Mark(msgspec.Struct, frozen=True):
    """The few fields of a reply that say whether it is final."""

    probe: str
    item: str
    sample: int = 0
    error: MarkError | None = None
    item_digest: str = ""
    digest: str = ""


class MarkError(msgspec.Struct, frozen=True):
    """Kind of a reply's error."""

    kind: str


def read_marks(folder: Path) -> Iterator[Mark]:
    """Names and errors of the replies, a tenth of the work of reading them."""
    path = folder / REPLIES
    return read_jsonl(path, Mark) if path.exists() else iter(())


class Names:
    """A set of replies' names in eight bytes each, for runs of any size.

    >>> names = Names([("p", "a", 0), ("p", "b", 1), ("p", "a", 0)])
    >>> ("p", "b", 1) in names, ("p", "b", 0) in names, len(names), len(names.doubled)
    (True, False, 2, 1)
    """

    def __init__(self, names: Iterable[tuple[str, str, int]]) -> None:
        plain = array("q", map(hash, names))  # sorted in pieces: a list of all would weigh five times as much
        pieces = [array("q", sorted(plain[n : n + 8192])) for n in range(0, len(plain), 8192)]
        hashes = array("q", merge(*pieces))
        self.doubled = {one for one, other in pairwise(hashes) if one == other}
        if self.doubled:
            hashes = array("q", sorted(set(hashes)))
        self._hashes = hashes

    def __contains__(self, name: tuple[str, str, int]) -> bool:
        wanted = hash(name)
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted

    def __len__(self) -> int:
        return len(self._hashes)


def read_replies(folder: Path) -> Iterator[Reply]:
    """Replies of a run, each id once: where it stands twice the last line holds."""
    path = folder / REPLIES
    if not path.exists():
        return
    doubled = Names((m.probe, m.item, m.sample) for m in read_marks(folder)).doubled
    last: dict[int, int] = {}
    if doubled:
        for number, mark in enumerate(read_marks(folder)):
            if (name := hash((mark.probe, mark.item, mark.sample))) in doubled:
                last[name] = number
    for number, reply in enumerate(read_jsonl(path, Reply)):
        if not doubled or last.get(hash((reply.probe, reply.item, reply.sample)), number) == number:
            yield reply


def read_grades(folder: Path) -> Iterator[Grade]:
    """Verdicts of checks and judges, in the order they were given."""
    path = folder / VERDICTS
    return read_jsonl(path, Grade) if path.exists() else iter(())


def write_grades(folder: Path, grades: Iterable[Grade]) -> None:
    """Replace verdicts.jsonl whole (scoring again)."""
    write_whole(folder / VERDICTS, b"".join(encode(grade) + b"\n" for grade in grades))


def find_runs(folder: Path) -> list[Path]:
    """Run folders at or below a folder, two levels deep, sorted by name."""
    if is_run(folder):
        return [folder]
    places = [*folder.glob(f"*/{RUN}"), *folder.glob(f"*/*/{RUN}")]
    return sorted(place.parent for place in places)


def difference(one: RunInfo, other: RunInfo) -> list[tuple[str, str, str]]:
    """What was not the same in two runs: (field, here, there), only fields that could move a result.

    >>> a = RunInfo("m", Settings(temperature=0.0)); b = RunInfo("m", Settings(temperature=0.7))
    >>> difference(a, b)
    [('settings.temperature', '0.0', '0.7')]
    """
    found: list[tuple[str, str, str]] = []

    def compare(name: str, here: Any, there: Any) -> None:
        if isinstance(here, dict) and isinstance(there, dict):
            for key in dict.fromkeys([*here, *there]):
                compare(f"{name}.{key}" if name else str(key), here.get(key), there.get(key))
        elif here != there:
            found.append((name, "—" if here is None else str(here), "—" if there is None else str(there)))

    skipped = {
        "created",
        "stints",
        "counts",
        "command",
        "label",
        "settings_digest",
        "concurrency",
        "capabilities",
    }
    full = [{f: v for f, v in _all_fields(info).items() if f not in skipped} for info in (one, other)]
    compare("", full[0], full[1])
    return found


def _all_fields(info: RunInfo) -> dict[str, Any]:
    """Fields of a run with the defaults written out."""
    plain: dict[str, Any] = msgspec.to_builtins(
        {name: getattr(info, name) for name in info.__struct_fields__ if name != "settings"}
    )
    plain["settings"] = {name: getattr(info.settings, name) for name in Settings.__struct_fields__}
    plain["probes"] = {name: f"{mark.version} ({mark.digest})" for name, mark in info.probes.items()}
    return plain
