"""Probes tried on the answers kept with them: do the checks say what the specimens say?

`check_specimens` runs every check on every specimen. A check criterion that a specimen's `verdicts`
does not name is expected to be `met`: so a near miss names what it fails and nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from zhprobe.checks import registry
from zhprobe.errors import UserError
from zhprobe.records import Criterion, Item, Probe, Reply, Specimen, Verdict

FRAME_LIMIT = 12  # items to one prompt frame
FAMILY_LIMIT = 8  # items to one family, over the whole suite
OWN_PROMPT_SHARE = 0.40  # share of a capability's items with a prompt of their own
LEVEL_SHARE = 0.35  # no level of difficulty holds more of a capability's items


class Mismatch(msgspec.Struct, frozen=True):
    """A specimen that got another verdict than it must get."""

    item: Item
    specimen: int  # number in the item, from 1
    criterion: str
    expected: str
    found: Verdict

    def __str__(self) -> str:
        found = self.found
        got = found.outcome if found.level is None else f"level {found.level}"
        return (
            f"{self.item.key}, specimen {self.specimen}, {self.criterion}: "
            f"expected {self.expected}, the check says {got}: {found.reason_en or found.reason}"
        )


def specimen_reply(item: Item, specimen: Specimen, model: str = "specimen", sample: int = 0) -> Reply:
    """The specimen as a reply, so that checks and reports treat it like any other."""
    return Reply(
        probe=item.probe,
        item=item.id,
        model=model,
        sample=sample,
        text=specimen.answer,
        reasoning=specimen.reasoning,
        tool_calls=specimen.tool_calls,
        transcript=specimen.transcript,
        finish_reason=specimen.finish_reason,
        item_digest=item.digest,
    )


def program_criteria(item: Item) -> Iterator[Criterion]:
    """The item's criteria that a program decides."""
    return (criterion for criterion in item.criteria if criterion.check)


def expected_verdict(criterion: Criterion, specimen: Specimen) -> str:
    """What the specimen says the check must say: an outcome, or a level as text."""
    default = "met" if criterion.points > 0 else "not_met"
    return str(specimen.verdicts.get(criterion.id, default))


def agrees(expected: str, found: Verdict) -> bool:
    """Tell whether a verdict is the expected one."""
    return str(found.level) == expected if expected.isdigit() else found.outcome == expected


def is_good(item: Item, specimen: Specimen) -> bool:
    """Tell whether the specimen is said to meet every check (faults absent; na where that is allowed)."""
    return all(
        _is_full(criterion, expected_verdict(criterion, specimen)) for criterion in program_criteria(item)
    )


def check_specimens(probe: Probe, skip: Callable[[Item], bool] | None = None) -> Iterator[Mismatch]:
    """Every specimen of a probe whose verdicts the checks do not reproduce."""
    for item in probe.items:
        if skip is not None and skip(item):
            continue
        bound = [
            (c, registry.bind(c.check_name, c.check_parameters, item.key)) for c in program_criteria(item)
        ]
        for number, specimen in enumerate(item.specimens, start=1):
            reply = specimen_reply(item, specimen)
            for criterion, run in bound:
                found = run(reply, item)
                expected = expected_verdict(criterion, specimen)
                if not agrees(expected, found):
                    yield Mismatch(item, number, criterion.id, expected, found)


def lint(probe: Probe) -> Iterator[UserError]:
    """What an author should put right in a probe that loads: prompts, specimens, near misses, marks."""
    missed: dict[str, str] = {}
    alone: set[str] = set()
    for item in probe.items:
        where = f"{probe.path}, item {item.id}"
        programs = list(program_criteria(item))
        for criterion in programs:
            asked = registry.look_up(criterion.check_name).asked
            complaint = (
                asked(
                    _asked_text(item),
                    registry.checked_parameters(criterion.check_name, criterion.check_parameters),
                )
                if asked
                else ""
            )
            if complaint:
                yield UserError(
                    f"{where}, criterion {criterion.id}",
                    complaint,
                    "Ask for it in the prompt, or do not check it.",
                )
            missed.setdefault(criterion.id, where)
        if item.role == "item":
            if item.difficulty is None or not item.difficulty_reason:
                yield UserError(
                    where,
                    "difficulty or its reason is missing",
                    "Add difficulty = 1…5 and difficulty_reason.",
                )
            if not any(is_good(item, specimen) for specimen in item.specimens):
                yield UserError(where, "no specimen meets every check", "Write an answer that does.")
        if not any(criterion.points > 0 for criterion in item.criteria):
            yield UserError(where, "no criterion has positive points", "Add one.")
        for specimen in item.specimens:
            failed = [c.id for c in programs if not _is_full(c, expected_verdict(c, specimen))]
            if len(failed) == 1:
                alone.add(failed[0])
    for criterion_id, where in missed.items():
        if criterion_id not in alone:
            yield UserError(
                where,
                f"no near miss of this probe fails '{criterion_id}' alone",
                "Write a specimen that is wrong in this one way.",
            )


def _is_full(criterion: Criterion, expected: str) -> bool:
    if expected.isdigit():
        top = str(len(criterion.levels) - 1)
        return expected == (top if criterion.points > 0 else "0")
    return expected in (("met", "na") if criterion.points > 0 else ("not_met", "na"))


def _asked_text(item: Item) -> str:
    parts = [str(m.get("content") or "") for m in item.messages]
    parts += [str(turn.get("user", "")) for turn in item.turns]
    return "\n".join(parts)


class Coverage(msgspec.Struct, frozen=True):
    """How a capability's items are spread."""

    items: int
    probes: int
    own_prompts: int
    frames: dict[str, int]  # frames over the limit
    families: dict[str, int]  # families over the limit
    levels: dict[int, int]
    unaided: int  # items with an answer given in earnest
    native_checked: int
    reviewed: int

    def faults(self) -> Iterator[str]:
        """What breaks the suite's own limits."""
        yield from (
            f"{name}: {count} items on one prompt frame (at most {FRAME_LIMIT})"
            for name, count in self.frames.items()
        )
        yield from (
            f"family {name}: {count} items (at most {FAMILY_LIMIT})" for name, count in self.families.items()
        )
        if self.items and self.own_prompts / self.items < OWN_PROMPT_SHARE:
            yield f"{self.own_prompts} of {self.items} items have a prompt of their own (at least {OWN_PROMPT_SHARE:.0%})"
        for level, count in self.levels.items():
            if self.items and count / self.items > LEVEL_SHARE:
                yield f"difficulty {level} holds {count} of {self.items} items (at most {LEVEL_SHARE:.0%})"


def coverage(probes: Sequence[Probe]) -> dict[str, Coverage]:
    """Coverage by capability; controls, respellings and twins are not counted as items."""
    by_capability: dict[str, list[Probe]] = defaultdict(list)
    for probe in probes:
        by_capability[probe.capability].append(probe)
    return {name: _coverage(found) for name, found in sorted(by_capability.items())}


def counted(probes: Iterable[Probe]) -> Iterator[Item]:
    """The items that count: no controls, respellings or twins."""
    return (item for probe in probes for item in probe.items if item.role == "item")


def _coverage(probes: Sequence[Probe]) -> Coverage:
    items = list(counted(probes))
    frames = Counter(item.probe for item in items if item.frame == "probe")
    families = Counter(item.family for item in items if item.family)
    return Coverage(
        items=len(items),
        probes=len(probes),
        own_prompts=sum(item.frame == "" for item in items),
        frames={k: n for k, n in frames.items() if n > FRAME_LIMIT},
        families={k: n for k, n in families.items() if n > FAMILY_LIMIT},
        levels=dict(sorted(Counter(item.difficulty or 0 for item in items).items())),
        unaided=sum(any(s.origin == "unaided answer" for s in item.specimens) for item in items),
        native_checked=sum(item.native_checked for item in items),
        reviewed=sum(item.reviewed for item in items),
    )
