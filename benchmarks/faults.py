"""One call in five misbehaves: how much longer does the run take? Run by hand; about two and a half minutes.

A scripted server answers after half a second; 20 % of the attempts, drawn by seed, are 429 with and without
Retry-After, 500, 503, dropped, half bodies, wrong JSON, web pages, bodies cut inside a character, stalls, slow answers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from zhprobe import runs
from zhprobe.files import read_jsonl
from zhprobe.models import open_model
from zhprobe.models.limits import Patience
from zhprobe.records import Criterion, Item, Settings
from zhprobe.runner import Job, run

ITEMS, CONCURRENCY, DELAY, STALL = 7900, 64, 0.5, 2.0
SERVER = Path(__file__).parents[1] / "tests" / "running" / "server.py"


def main() -> None:
    process = subprocess.Popen(
        [sys.executable, str(SERVER), "--delay", str(DELAY), "--slow", "1.0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    folder = Path(tempfile.mkdtemp(prefix="zhprobe-faults-"))
    note = runs.ProbeNote("bench/one", "bench", 1, "x")
    items = [
        runs.Selected(
            note,
            Item(
                "bench/one",
                f"i{n}",
                ({"role": "user", "content": f"第{n}题"},),
                (Criterion("a", "b"),),
                digest=f"{n}",
            ),
        )
        for n in range(ITEMS)
    ]
    seconds = {}
    try:
        for model in ("ok", "faulty-20-7"):
            job = Job(
                open_model(f"api/{model}@{url}", concurrency=CONCURRENCY),
                Settings(timeout=30.0, stall_timeout=STALL),
                folder / model,
            )
            begun = time.perf_counter()
            [info] = run([job], lambda: items, patience=Patience())
            seconds[model] = time.perf_counter() - begun
            counts = info.counts
            print(
                f"{model}: {seconds[model]:.1f} s, {counts.answered} answered of {counts.planned}", flush=True
            )
            print(json.dumps(counts.faults), info.model_facts["gate"], flush=True)
        chains: dict[str, float] = {}
        for fault in read_jsonl(folder / "faulty-20-7" / runs.FAULTS, runs.Fault):
            spent = {"stalled": DELAY + STALL}.get(fault.kind, DELAY)
            chains[fault.reply] = chains.get(fault.reply, 0.0) + spent + fault.waited
        longest = max(chains.values())
        bound = 1.3 * seconds["ok"] + longest
        print(f"ratio {seconds['faulty-20-7'] / seconds['ok']:.2f}; longest chain {longest:.1f} s; "
              f"bound {bound:.1f} s: {'kept' if seconds['faulty-20-7'] <= bound else 'NOT KEPT'}")  # fmt: skip
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
