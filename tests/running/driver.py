"""Run models against a server, for tests that kill the process: driver.py FOLDER ITEMS URL MODEL…"""

import os
import sys
from pathlib import Path

from zhprobe.models import open_model
from zhprobe.models.limits import Patience
from zhprobe.records import Criterion, Item, Settings
from zhprobe.runner import Job, run
from zhprobe.runs import ProbeNote, Selected


def main() -> None:
    folder, count, url, *models = sys.argv[1:]
    note = ProbeNote("demo/one", "demo", 1, "x")
    items = [
        Selected(
            note,
            Item(
                "demo/one",
                f"i{n:05}",
                ({"role": "user", "content": f"第{n}题"},),
                (Criterion("said", "说了话"),),
                digest=f"d{n}",
            ),
        )
        for n in range(int(count))
    ]
    jobs = [
        Job(
            open_model(f"api/{model}@{url}", concurrency=16),
            Settings(timeout=60.0, stall_timeout=1.0, samples=int(os.environ.get("SAMPLES", "1"))),
            Path(folder) / f"{number}",
        )
        for number, model in enumerate(models)
    ]
    infos = run(jobs, lambda: items, patience=Patience(shortest=0.05, longest=0.5))
    print(" ".join(info.state for info in infos))


if __name__ == "__main__":
    main()
