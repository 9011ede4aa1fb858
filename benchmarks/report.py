"""How long a large comparison takes to make and to open: python benchmarks/report.py

4 models, 1,000 items, 3 samples each, two graders. Making it: processor time and peak memory of a process of its own
(goals: 10 s, 400 MB). Opening it, where a Chromium with its driver is: seconds until each page is loaded, and
milliseconds until the list is filtered (goals: 2 s, 100 ms).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import from_tests, machine

MAKE = """
import resource, sys, time
from pathlib import Path
from zhprobe.report.render import write_report
begun = time.perf_counter()
write_report(sorted(Path(sys.argv[1]).iterdir()), Path(sys.argv[2]))
clock = time.perf_counter() - begun
print(time.process_time(), clock, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
FILTER = """
const s = document.getElementById('f-pair'), t = performance.now();
s.value = '0>1'; s.dispatchEvent(new Event('change')); document.body.offsetHeight;
return performance.now() - t;
"""


def open_pages(folder: Path) -> None:
    """Time the pages in a browser, where there is one."""
    import shutil

    driver = shutil.which("chromedriver")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not driver or not program:
        print("no Chromium with its driver here: opening not measured")
        return
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        browser.get("about:blank")
        for page in ("report.items/poetry.html", "report.html"):
            begun = time.perf_counter()
            browser.get((folder / page).as_uri())
            print(f"opening {page}: {time.perf_counter() - begun:.2f} s")
        print(f"filtering 1,000 items: {browser.execute_script(FILTER):.0f} ms")
    finally:
        browser.quit()


def main() -> None:
    """Make the runs, the report, and open it."""
    print(machine())
    made = from_tests("report/conftest")
    names = ["poetry", "legal", "shanghainese", "structured", "instructions"]
    probes = made.make_probes(dict.fromkeys(names, 200))
    with tempfile.TemporaryDirectory(prefix="zhprobe-report-") as place:
        folder = Path(place)
        for i, model in enumerate("abcd"):
            made.make_run(
                folder / "runs" / model,
                probes,
                0.8 - 0.1 * i,
                model=model,
                samples=3,
                seed=i,
                people=0.6,
                strict=0.1,
            )
        done = subprocess.run(
            [sys.executable, "-c", MAKE, folder / "runs", folder / "report.html"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
        )
        used, clock, peak = map(float, done.stdout.split())
        print(f"making the report: {used:.2f} s of one core, {clock:.2f} s by the clock, peak {peak:.0f} MB")
        size = sum(p.stat().st_size for p in folder.rglob("*.html")) / 2**20
        print(f"pages together: {size:.1f} MB")
        open_pages(folder)


if __name__ == "__main__":
    main()
