"""How long checks take on long hostile texts: python benchmarks/hostile.py [CHARACTERS]

One unit, repeated: every constraint check, citation check, verse check, the reader of calls and the measure of
Shanghainese, on every unit their tests hold against them. Of each group the slowest are printed, and how much longer twice the text takes.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

from machine import from_tests, machine

from zhprobe.checks.registry import look_up
from zhprobe.text.dialects import parse_calls
from zhprobe.text.wu_fidelity import score_fidelity

Case = tuple[str, str, Callable[[str], object]]
VERSE_UNITS = ("白日依山尽，", "白日依山尽，黄河入海流。\n", "春", "春，", "性性性性性\n")
WU_UNITS = ("{", '{"a":', "“", '"', "侬", "`")


def seconds(call: Callable[[str], object], text: str) -> float:
    """Processor time of one call, without what collecting the garbage of others takes."""
    gc.collect()
    gc.disable()
    begun = time.process_time()
    call(text)
    took = time.process_time() - begun
    gc.enable()
    return took


def groups() -> dict[str, list[Case]]:
    """What is tried: (name, unit, what to call with the text)."""
    constraints = from_tests("checks/test_constraints")
    citations = from_tests("checks/test_citation_checks")
    verse = from_tests("checks/test_verse_checks")
    dialects = from_tests("text/test_dialects")

    def constraint(name: str) -> Callable[[str], object]:
        return lambda text: constraints.run(name, text, **constraints.PARAMETERS[name])

    def citation(name: str) -> Callable[[str], object]:
        return lambda text: citations.outcome(name, text, **citations.NEEDED.get(name, {}))

    def scan(name: str) -> Callable[[str], object]:
        check = look_up(name)
        return lambda text: check.function(text, **{key: verse.NEEDED[key] for key in check.required})

    return {
        "constraints": [(n, u, constraint(n)) for n in constraints.PARAMETERS for u in constraints.HOSTILE],
        "citations": [(n, u, citation(n)) for n in citations.NAMES for u in citations.HOSTILE],
        "verse": [(n, u, scan(n)) for n in verse.VERSE for u in VERSE_UNITS],
        "calls": [("reader", u, lambda text: parse_calls(text, dialects.TOOLS)) for u in dialects.HOSTILE],
        "Shanghainese": [("fidelity", u, score_fidelity) for u in WU_UNITS],
    }


def main() -> None:
    """Measure and print."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    print(machine())
    for group, cases in groups().items():
        took = []
        for name, unit, call in cases:
            call(unit * 3)  # loads the tables
            count = size // 2 // len(unit)
            # each with an end of its own: what was found in a text is kept for the next check of it
            once, twice = seconds(call, unit * count + name), seconds(call, unit * 2 * count + name)
            took.append((twice, once, name, unit))
        took.sort(reverse=True)
        print(f"{group}: {len(took)} pairs of check and unit, {size} characters, slowest:")
        for twice, once, name, unit in took[:3]:
            print(f"  {name} on {unit!r}: {twice:.3f} s, {twice / max(once, 1e-9):.1f} times half the text")


if __name__ == "__main__":
    main()
