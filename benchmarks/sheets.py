"""How long grading sheets take: 5,000 rows out, and in again as CSV and as a workbook: python benchmarks/sheets.py

Goal: 10 s each. Processor time and the clock are both printed.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from machine import from_tests, machine

from zhprobe.grading.batch import Answer
from zhprobe.grading.sheet import write_sheets
from zhprobe.grading.sheet_read import take_in
from zhprobe.records import Criterion


def timed(label: str, call: Callable[[], object]) -> None:
    """Print what one call takes."""
    begun, used = time.perf_counter(), time.process_time()
    call()
    print(
        f"{label}: {time.process_time() - used:.2f} s of one core, {time.perf_counter() - begun:.2f} s by the clock"
    )


def main() -> None:
    """Make a batch, write it out and read it in."""
    print(machine())
    criteria = tuple(Criterion(f"c{n}", f"第{n}条：指出时效为三年", kind="human") for n in range(5))
    answers = [Answer(f"x{n}", "请说明诉讼时效。" * 5, f"第{n}个回答。" * 60, criteria) for n in range(1000)]
    with tempfile.TemporaryDirectory(prefix="zhprobe-sheets-") as place:
        batch = from_tests("grading/conftest").make_batch(Path(place) / "b", answers)
        rows = batch.rows_of("a01")
        paths: list[Path] = []
        timed(
            f"{len(rows)} rows out, CSV and workbook",
            lambda: paths.extend(write_sheets(Path(place), rows, batch.info, "a01")),
        )
        for path in paths[:2]:
            timed(f"{len(rows)} rows in, {path.suffix}", lambda path=path: take_in(batch, path))


if __name__ == "__main__":
    main()
