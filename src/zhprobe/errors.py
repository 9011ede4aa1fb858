"""What a person can put right, said as where, what, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something the user must put right; caught once, in `cli`, and shown without a traceback.

    `where` names the place (file, item, row), `what` the fault, `fix` what to do about it.

    >>> print(UserError("probes/x.toml", "unknown field 'promt'", "Did you mean 'prompt'?"))
    probes/x.toml: unknown field 'promt'
      Did you mean 'prompt'?
    """

    def __init__(self, where: str, what: str, fix: str = "") -> None:
        super().__init__(where, what, fix)
        self.where = where
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.fix}" if self.fix else head


class UserErrors(UserError):
    """Several faults found in one pass, shown together."""

    def __init__(self, faults: Iterable[UserError]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(first.where, first.what, first.fix)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the closest known word, or say nothing.

    >>> did_you_mean("line_length", ["line_lengths", "script"])
    "Did you mean 'line_lengths'?"
    >>> did_you_mean("zzz", ["line_lengths"])
    ''
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else ""
