"""One run of the runner, measured: one_run.py URL ITEMS CONCURRENCY prints seconds, CPU and memory as JSON.

Journal on, checks off. The items are written to probes.jsonl before the clock starts, as a resumed run finds them.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bare import PROMPT

from zhprobe import runs
from zhprobe.models import open_model
from zhprobe.records import Criterion, Item, Settings
from zhprobe.runner import Job, Progress, run


class Clock(Progress):
    """Starts when the first request can go and stops when the last reply has come."""

    def start(self, jobs: object) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        self.seconds, self.used = time.perf_counter() - self.wall, time.process_time() - self.cpu


def main(url: str, count: int, concurrency: int) -> None:
    note = runs.ProbeNote("bench/one", "bench", 1, "x")
    criteria = (Criterion("form", "共四句，每句五个汉字"), Criterion("scene", "写出具体景物", points=2))

    def selection() -> object:
        for n in range(count):
            message = {"role": "user", "content": f"{PROMPT}（{n}）"}
            yield runs.Selected(note, Item("bench/one", f"i{n}", (message,), criteria, digest=f"{n:016x}"))

    folder = Path(tempfile.mkdtemp(prefix="zhprobe-bench-"))
    clock = Clock()
    try:
        job = Job(open_model(f"api/bench@{url}", concurrency=concurrency), Settings(), folder / "r")
        begun = time.perf_counter()
        [info] = run([job], selection, progress=clock)
        whole = time.perf_counter() - begun
        assert info.state == "done" and info.counts.answered == count
    finally:
        shutil.rmtree(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"calls": count, "seconds": clock.seconds, "cpu": clock.used, "peak_mb": peak, "whole": whole}
        )
    )


if __name__ == "__main__":
    if core := os.environ.get("BENCH_CORE"):
        os.sched_setaffinity(0, {int(core)})
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
