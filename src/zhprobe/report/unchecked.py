"""How many items of a row no native speaker, or no lawyer, has checked: said beside its score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from zhprobe.report.rows import TITLES, RowKey, RunNumbers, in_row

Checker = Literal["native_speaker", "lawyer"]
CHECKERS: dict[str, Checker] = {"shanghainese": "native_speaker", "legal": "lawyer"}


class Unchecked(msgspec.Struct, frozen=True):
    """Of the items of a row, how many `by` (whoever would have to) has not checked."""

    row: str
    by: Checker
    unchecked: int
    items: int

    def text(self, lang: str = "zh") -> str:
        """In words.

        >>> Unchecked("legal/citation", "lawyer", 20, 20).text(), Unchecked("", "native_speaker", 30, 40).text("en")
        ('20 题全部未经律师审阅', '75% of items (30/40) not checked by a native speaker')
        """
        if lang == "en":
            who = "reviewed by a lawyer" if self.by == "lawyer" else "checked by a native speaker"
            if not self.unchecked:
                return f"all {self.items} items {who}"
            if self.unchecked == self.items:
                return f"none of {self.items} items {who}"
            return (
                f"{_percent(self.unchecked, self.items)} of items ({self.unchecked}/{self.items}) not {who}"
            )
        who = "律师审阅" if self.by == "lawyer" else "上海话母语者审阅"
        if not self.unchecked:
            return f"{self.items} 题全部经{who}"
        if self.unchecked == self.items:
            return f"{self.items} 题全部未经{who}"
        return f"{_percent(self.unchecked, self.items)} 的题（{self.unchecked}/{self.items}）未经{who}"


def _percent(k: int, n: int) -> str:
    """A share in whole per cent that is 0% or 100% only when it is.

    >>> _percent(1, 300), _percent(299, 300), _percent(300, 300)
    ('<1%', '>99%', '100%')
    """
    if 0 < k < n and round(100 * k / n) in (0, 100):
        return "<1%" if 2 * k < n else ">99%"
    return f"{k / n:.0%}"


def unchecked_rows(keys: Sequence[RowKey], runs: Sequence[RunNumbers]) -> tuple[Unchecked, ...]:
    """For each row of Shanghainese and legal items; an item is checked where every run has it so."""
    found = []
    for key in keys:
        by = CHECKERS.get(key.capability)
        if by is None:
            continue
        checked: dict[str, bool] = {}
        for run in runs:
            for name, mark in run.items.items():
                if mark.role == "item" and in_row(mark, key):
                    signed = mark.native_checked if by == "native_speaker" else mark.reviewed
                    checked[name] = checked.get(name, True) and signed
        if checked:
            found.append(Unchecked(key.id, by, sum(not c for c in checked.values()), len(checked)))
    return tuple(found)


def unchecked_lines(found: Sequence[Unchecked], lang: str = "zh") -> list[str]:
    """One line a capability, for a terminal: its rows together."""
    lines = []
    for capability, by in CHECKERS.items():
        rows = [u for u in found if u.row.partition("/")[0] == capability]
        if rows:
            whole = Unchecked(capability, by, sum(u.unchecked for u in rows), sum(u.items for u in rows))
            mark = "：" if lang != "en" else ": "
            lines.append(TITLES[capability].text(lang) + mark + whole.text(lang))
    return lines
