"""Checks a second for each capability: every specimen of the package through every check, one core. Run by hand."""

from __future__ import annotations

import statistics
import time

from zhprobe.grading.automatic import grade_reply
from zhprobe.probes import load_probes
from zhprobe.specimens import specimen_reply


def main() -> None:
    begun = time.process_time()
    probes = load_probes().probes
    print(f"loading {len(probes)} probes: {time.process_time() - begun:.2f} s of CPU")
    print("| capability | answers | checks | checks a second |")
    print("|---|---|---|---|")
    for capability in sorted({probe.capability for probe in probes}):
        pairs = [
            (item, specimen_reply(item, specimen))
            for probe in probes
            if probe.capability == capability
            for item in probe.items
            for specimen in item.specimens
        ]
        rates, made = [], 0
        for _ in range(3):
            begun = time.process_time()
            made = sum(1 for item, reply in pairs for _ in grade_reply(item, reply))
            rates.append(made / (time.process_time() - begun))
        print(f"| {capability} | {len(pairs):,} | {made:,} | {statistics.median(rates):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
