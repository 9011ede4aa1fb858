"""Every call and JSON item tests its own grader: mutants of its right answer and what became of them.

    python tools/check_items.py            the packaged probes
    python tools/check_items.py FOLDER     a folder of your own

Prints, for each row of the table, how many mutants came out as wanted. Exit code 1 when one did not.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from zhprobe.checks.call_selftest import Trial, trials
from zhprobe.checks.json_selftest import json_trials
from zhprobe.checks.world_selftest import world_trials
from zhprobe.probes import load_probes


def main(folders: list[str]) -> int:
    """Run all trials and print the table."""
    loaded = load_probes([Path(folder) for folder in folders], packaged=not folders)
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    wrong: list[Trial] = []
    items = 0
    for probe in loaded.sound():
        for item in probe.items:
            made = [*trials(item), *world_trials(item), *json_trials(item)]
            items += bool(made)
            for trial in made:
                label = re.sub(
                    r"^\S+ (dropped|swapped)", r"argument \1", trial.mutant.label.rpartition(": ")[2]
                )
                key = (trial.mutant.row, label if trial.mutant.row != "world" else "script")
                total[key] += 1
                right[key] += trial.ok
                if not trial.ok:
                    wrong.append(trial)
    for key in sorted(total):
        print(f"{key[0]:<7} {key[1]:<40} {right[key]:>5} of {total[key]:>5}")
    print(f"{sum(right.values())} of {sum(total.values())} mutants of {items} items came out as wanted")
    for trial in wrong[:20]:
        print(trial, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
