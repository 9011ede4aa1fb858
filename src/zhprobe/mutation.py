"""Would the specimens notice a looser check? Each check parameter is loosened by one step and tried.

A mutant is *killed* when a specimen of the probe gets another verdict than it must get, and *survives*
otherwise. A survivor means that the near misses do not reach that edge of the check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from zhprobe.checks import registry
from zhprobe.records import Item, Probe
from zhprobe.specimens import agrees, expected_verdict, program_criteria, specimen_reply


class Mutant(msgspec.Struct, frozen=True):
    """One loosening of one criterion of a probe, over all items that carry it."""

    probe: str
    criterion: str
    check: str
    label: str
    items: int
    killed: bool

    @property
    def name(self) -> str:
        """The key under which a survivor's reason is kept."""
        return f"{self.probe} {self.criterion} {self.label}"


def loosened(check: str, parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Looser parameters, one step each, with a label: the check's own rule, else the generic one.

    >>> [label for label, _ in generic_loosening({"min": 2, "words": ["甲", "乙"], "strict": True})]
    ['min by one', 'words without one', 'strict off']
    """
    own = registry.look_up(check).loosen
    fault = {key: value for key, value in parameters.items() if key == registry.FAULT}
    bare = {key: value for key, value in parameters.items() if key != registry.FAULT}
    steps = own(registry.checked_parameters(check, bare)) if own is not None else generic_loosening(bare)
    for label, looser in steps:
        yield label, dict(looser) | fault


def generic_loosening(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Bounds give way by one, a list loses its last entry, a flag is turned off."""
    for key, value in parameters.items():
        if isinstance(value, bool):
            if value:
                yield f"{key} off", parameters | {key: False}
        elif isinstance(value, int):
            step = 1 if key.startswith(("max", "at_most")) else -1
            yield f"{key} by one", parameters | {key: value + step}
        elif isinstance(value, float):
            yield f"{key} by a hundredth", parameters | {key: value + 0.01}
        elif isinstance(value, list) and len(value) > 1:
            yield f"{key} without one", parameters | {key: value[:-1]}
        elif isinstance(value, dict) and len(value) > 1:
            yield f"{key} without one", parameters | {key: dict(list(value.items())[:-1])}


def mutants(probe: Probe) -> Iterator[Mutant]:
    """Every mutant of a probe, tried on all its specimens."""
    outcome: dict[tuple[str, str, str], list[bool]] = {}
    for item in probe.items:
        for criterion in program_criteria(item):
            for label, parameters in loosened(criterion.check_name, criterion.check_parameters):
                key = (criterion.id, criterion.check_name, label)
                seen = outcome.setdefault(key, [])
                if not any(seen):
                    seen.append(noticed(item, criterion.id, parameters))
                else:
                    seen.append(True)
    for (criterion_id, check, label), seen in outcome.items():
        yield Mutant(probe.id, criterion_id, check, label, len(seen), any(seen))


def noticed(item: Item, criterion_id: str, parameters: dict[str, Any]) -> bool:
    """Tell whether a specimen of the item gets a wrong verdict from the looser check."""
    criterion = next(c for c in item.criteria if c.id == criterion_id)
    run = registry.bind(criterion.check_name, parameters, item.key)
    return any(
        not agrees(expected_verdict(criterion, specimen), run(specimen_reply(item, specimen), item))
        for specimen in item.specimens
    )


def survivors(probes: Iterable[Probe]) -> list[Mutant]:
    """The mutants that no specimen notices."""
    return [mutant for probe in probes for mutant in mutants(probe) if not mutant.killed]
