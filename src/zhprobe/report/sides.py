"""Runs as they enter a comparison: their scores, their names, and what people said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from zhprobe.errors import UserError
from zhprobe.records import Grade
from zhprobe.report.rows import (
    ADJUDICATED,
    RunNumbers,
    Source,
    scored_items,
)
from zhprobe.stats.conclusions import pairs
from zhprobe.stats.paired import TIE


class Side:
    """One run with its scores under the basis of each row, computed once."""

    def __init__(self, run: RunNumbers, name: str) -> None:
        self.run = run
        self.name = name
        self.scored = scored_items(run)
        self._known: dict[tuple[str, Source, bool], float | None] = {}

    @property
    def profile(self) -> tuple[str, str]:
        """What must be the same for two runs to be ranked: named settings, and how tools are offered."""
        return self.run.info.settings.profile, self.run.info.settings.mode

    @cached_property
    def labelled(self) -> frozenset[str]:
        """Items that people graded whole; where rows are marked, only randomly sampled ones."""
        run = self.run
        places = run.random if run.random_marked else run.agreed("people")
        return frozenset(
            key
            for key in {place[0] for place in places}
            if run.is_complete([key], "people") and self.score(key, "people") is not None
        )

    def gate_open(self, key: str) -> bool:
        """Whether a gate that nobody has judged yet could still change the part decided by program."""
        found = self.run.item_score(key, "check", decided=True)
        return found is not None and found.high - found.low > TIE

    def score(self, key: str, source: Source, decided: bool = False) -> float | None:
        """An item's score, remembered."""
        mark = (key, source, decided)
        if mark not in self._known:
            found = self.run.item_score(key, source, decided=decided)
            self._known[mark] = None if found is None else found.score
        return self._known[mark]


def read_sides(folders: Sequence[Path], batches: Sequence[Path] = ()) -> list[Side]:
    """Runs as numbers, with the grades that people gave them in these batches."""
    if not folders:
        raise UserError("compare", "no run was named", "`zhprobe runs` lists the runs it finds.")
    runs = [RunNumbers(folder, grades_of_people(folder, batches)) for folder in folders]
    names = [
        r.name if r.info.settings.mode == "native" else f"{r.name} [{r.info.settings.mode}]" for r in runs
    ]
    return [Side(run, name) for run, name in zip(runs, unique_names(names), strict=True)]


def grades_of_people(folder: Path, batches: Sequence[Path]) -> list[Grade]:
    """What people said of a run's replies: every annotator's verdicts, and what an adjudicator decided."""
    from zhprobe.grading.batch import human_grades, settled_verdicts

    names = {folder.resolve().name, f"{folder.resolve().parent.name}/{folder.resolve().name}"}
    found = []
    for batch in batches:
        found += [grade for grade in human_grades(batch) if grade.extra.get("run") in names]
        found += [
            Grade(s.reply, s.criterion, s.version, ADJUDICATED, s.verdict, extra={"sample": s.sample})
            for s in settled_verdicts(batch)
            if s.how == "adjudicated" and s.run in names
        ]
    return found


def unique_names(names: Sequence[str]) -> list[str]:
    """Names told apart by a number where two runs have the same.

    >>> unique_names(["a", "b", "a"])
    ['a', 'b', 'a #2']
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return found


def pairs_of(sides: Sequence[Side]) -> list[tuple[Side, Side]]:
    """Every two sides, in order."""
    by_name = {side.name: side for side in sides}
    return [(by_name[a], by_name[b]) for a, b in pairs([side.name for side in sides])]


SOURCES: dict[str, Source] = {
    "decided": "check",
    "checks": "check",
    "judge": "judge",
    "people": "people",
    "corrected": "judge",
}
