"""A run of 1,000,000 replies summarised: python benchmarks/million.py [ITEMS SAMPLES]

Made up: one capability, one criterion, 10,000 items with 100 samples each, answers of 120 characters. Printed: the
estimate, seconds, peak memory of the process that summarises (no texts are kept), and the size of the run folder.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine

from zhprobe import runs
from zhprobe.files import encode
from zhprobe.records import Criterion, Grade, Item, Probe, Reply, Settings, Verdict


def make(folder: Path, items: int, samples: int) -> None:
    """The run folder, streamed out."""
    check = {"must_include": {"strings": ["好"]}}
    criteria = (Criterion("said", "写出“好”字", points=2, kind="check", check=check),)
    made = tuple(
        Item("demo/big", f"i{n}", ({"role": "user", "content": f"第{n}题"},), criteria, difficulty=1)
        for n in range(items)
    )
    probe = Probe("demo/big", "demo", "?", 1, made)
    info = runs.create_run(folder, runs.RunInfo("api/m", Settings(samples=samples)), runs.select([probe]))
    with (folder / runs.REPLIES).open("wb") as replies, (folder / runs.VERDICTS).open("wb") as verdicts:
        for n in range(items):
            for sample in range(samples):
                reply = Reply(
                    "demo/big", f"i{n}", "api/m", sample=sample, text="好" * 120, finish_reason="stop"
                )
                replies.write(encode(reply) + b"\n")
                verdict = Verdict("met" if (n * 7 + sample) % 3 else "not_met")
                verdicts.write(encode(Grade(reply.id, "said", 1, "check:must_include", verdict)) + b"\n")
    info.counts.planned = info.counts.answered = items * samples
    runs.write_info(folder, info)


def summarise(folder: Path) -> None:
    """In a process of its own, so that its peak memory is its own."""
    from zhprobe.report.compare import compare_runs

    begun = time.perf_counter()
    estimate = compare_runs([folder]).rows[0].cells[0].estimate
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{estimate.value:.4f} ({estimate.low:.4f}–{estimate.high:.4f}), n {estimate.n}: {seconds:.1f} s, peak {peak:.0f} MB"
    )


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "summarise":
        summarise(Path(sys.argv[2]))
        return
    items, samples = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) == 3 else (10_000, 100)
    print(machine())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        make(folder, items, samples)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        print(f"{items * samples:,} replies, {size:.0f} MB on disk")
        subprocess.run([sys.executable, __file__, "summarise", str(folder)], check=True)


if __name__ == "__main__":
    main()
