"""One argument of a call against its matcher, with what a report says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zhprobe.checks.values import ABSENT, loosen_spec, match, spec_faults


@dataclass(frozen=True, slots=True)
class ArgumentVerdict:
    """What was found of one argument. `codes` is empty when it passes strictly."""

    path: str
    strict: bool
    lenient: bool
    codes: tuple[str, ...] = ()
    found: Any = None


def compare(path: str, matcher: Any, value: Any, schema: Any) -> ArgumentVerdict:
    """The verdict of one matcher on one argument; ABSENT stands for one that was not sent.

    >>> compare("/amount", {"number": 300}, "300", None).codes
    ('type_only',)
    >>> compare("/amount", {"number": 300}, ABSENT, None).codes
    ('missing_arg',)
    """
    found = match(
        matcher,
        value,
        present=value is not ABSENT,
        path=path,
        schema=schema if isinstance(schema, dict) else None,
    )
    return ArgumentVerdict(path, found.strict, found.lenient, found.codes, value)


def faults_of(args: Mapping[str, Any]) -> list[str]:
    """What is wrong with the matchers of a call, found while a probe loads."""
    return [fault for key, matcher in args.items() for fault in spec_faults(matcher, f"/{key}")]


def looser(args: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The matchers with one of them a step looser."""
    for key, matcher in args.items():
        for label, changed in loosen_spec(matcher, key):
            yield label, {**args, key: changed}
