"""The whole line on what comes embedded: specimens as two models, checks, a report. No network, no key.

The two models are no models: `specimen/met` answers with specimens that meet every check, and
`specimen/near-miss` with specimens that fail one. They are the ceiling and the floor of the checks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from zhprobe import runs
from zhprobe.errors import UserError
from zhprobe.files import digest
from zhprobe.grading.automatic import grade_run
from zhprobe.models.specimen import Specimens, specimens_of
from zhprobe.probes import load_probes
from zhprobe.records import Probe, Settings
from zhprobe.runner import Job, run
from zhprobe.specimens import counted

NAMES = {"met": "specimen/met", "near-miss": "specimen/near-miss"}


class Demo(msgspec.Struct, frozen=True):
    """What the demo made and where it lies."""

    folder: Path
    runs: tuple[Path, ...]
    report: Path
    items: int
    replies: int
    table: str


def demo(out: Path, *, lang: str = "zh", tell: Callable[[str], None] = lambda line: None) -> Demo:
    """Run the embedded specimens through the whole line and write a report.

    The folder's name holds a digest of the probes: the same probes are not run twice.
    """
    from zhprobe.report.compare import compare_sides
    from zhprobe.report.render import write_pages
    from zhprobe.report.sides import read_sides
    from zhprobe.report.table import to_text

    probes = load_probes().sound()
    chosen = [_with_both(probe) for probe in probes]
    chosen = [probe for probe in chosen if probe.items]
    folder = out / f"demo-{digest([probe.digest for probe in chosen])[:8]}"
    items = sum(1 for _ in counted(chosen))
    tell(f"{items} items of {len(chosen)} probes, answered twice from the specimens in the probe files")
    jobs = [Job(Specimens(name, kind), Settings(), folder / kind) for kind, name in NAMES.items()]
    infos = run(jobs, lambda: runs.select(chosen))
    for info in infos:
        if info.counts.failed or info.counts.missing:
            raise UserError(
                str(folder), f"{info.counts.failed + info.counts.missing} items got no answer", ""
            )
    tell("checks")
    places = [job.folder for job in jobs]
    verdicts = [grade_run(place) for place in places]
    tell("report")
    report = folder / "report.html"
    sides = read_sides(places)
    compared = compare_sides(sides)
    write_pages(compared, sides, report, lang=lang)
    return Demo(
        folder, tuple(places), report, items, sum(v.replies for v in verdicts), to_text(compared, lang)
    )


def _with_both(probe: Probe) -> Probe:
    """The probe with the items that have a good specimen and a near miss."""
    kept = tuple(
        item
        for item in probe.items
        if item.role == "item" and specimens_of(item, met=True) and specimens_of(item, met=False)
    )
    return msgspec.structs.replace(probe, items=kept)
