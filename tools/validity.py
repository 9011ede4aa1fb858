"""What policies that know nothing earn on each probe: writes docs/validity.md.

python tools/validity.py            every floor policy on every probe, checks only; exit code 1 when one scores too well
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from zhprobe import runs
from zhprobe.checks.registry import bind
from zhprobe.grading.automatic import current_grades, grade_run
from zhprobe.grading.score import score_reply
from zhprobe.models.floor import POLICIES, Floor
from zhprobe.probes import load_probes
from zhprobe.records import Probe, Settings, Verdict
from zhprobe.runner import Job, run
from zhprobe.specimens import coverage, expected_verdict, program_criteria, specimen_reply

ALLOWANCE = 0.10
ONLY = {"control": "shanghainese", "exchanged": "shanghainese"}  # policies that make sense for one capability
FOREIGN_DRAWS = 16  # answers of other items tried on each item, so that one lucky draw does not decide
DOC = Path(__file__).parents[1] / "docs" / "validity.md"
START, END = "<!-- floors: written by tools/validity.py -->", "<!-- end of floors -->"


def floor_scores(probes: tuple[Probe, ...], folder: Path) -> dict[str, dict[str, float]]:
    """Mean score of the part decided by program, by probe and policy."""
    jobs = [
        Job(
            Floor(f"floor/{name}", name),
            Settings(samples=FOREIGN_DRAWS if name == "foreign" else 1),
            folder / name,
        )
        for name in POLICIES
    ]
    run(jobs, lambda: runs.select(probes, lambda item: item.role == "item"))
    means: dict[str, dict[str, float]] = defaultdict(dict)
    for job in jobs:
        grade_run(job.folder)
        verdicts: dict[str, dict[str, Verdict]] = defaultdict(dict)
        for grade in current_grades(runs.read_grades(job.folder)).values():
            verdicts[grade.reply][grade.criterion] = grade.verdict
        scores: dict[str, list[float]] = defaultdict(list)
        for selected in runs.read_items(job.folder):
            item = selected.item
            if not any(c.check and c.points > 0 for c in item.criteria):
                continue
            for sample in range(job.settings.samples):
                found = score_reply(item.criteria, verdicts[f"{item.key}#{sample}"])
                part = found.decided.score if found.decided else None
                scores[item.probe].append(part or 0.0)
        for probe, values in scores.items():
            means[probe][Path(job.folder).name] = sum(values) / len(values)
    return means


def table(probes: tuple[Probe, ...], means: dict[str, dict[str, float]]) -> tuple[str, list[str]]:
    lines = [
        "| probe | items | chance | " + " | ".join(POLICIES) + " |",
        "| --- | --- | --- | " + " | ".join("---" for _ in POLICIES) + " |",
    ]
    over = []
    for probe in probes:
        if probe.id not in means:
            continue
        items = sum(item.role == "item" for item in probe.items)
        cells = []
        for name in POLICIES:
            if ONLY.get(name, probe.capability) != probe.capability:
                cells.append("—")
                continue
            value = means[probe.id][name]
            high = value > probe.chance + ALLOWANCE + 1e-9
            cells.append(f"**{value:.2f}**" if high else f"{value:.2f}")
            if high:
                over.append(f"{probe.id} {name} {value:.2f} (chance {probe.chance:.2f})")
        lines.append(f"| {probe.id} | {items} | {probe.chance:.2f} | " + " | ".join(cells) + " |")
    return "\n".join(lines), over


def unaided_table(probes: tuple[Probe, ...]) -> str:
    """By probe: answers given in earnest, and where the checks of today differ from the reader."""
    lines = [
        "| probe | answers | criteria read | right refused | wrong accepted | left unsure |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for probe in probes:
        answers = criteria = refused = accepted = unsure = 0
        for item in probe.items:
            for specimen in item.specimens:
                if specimen.origin != "unaided answer":
                    continue
                answers += 1
                for criterion in program_criteria(item):
                    criteria += 1
                    wanted = expected_verdict(criterion, specimen)
                    found = bind(criterion.check_name, criterion.check_parameters)(
                        specimen_reply(item, specimen), item
                    )
                    unsure += found.outcome == "unsure"
                    good, bad = ("met", "not_met") if criterion.points > 0 else ("not_met", "met")
                    refused += wanted == good and found.outcome == bad
                    accepted += wanted == bad and found.outcome == good
        lines.append(f"| {probe.id} | {answers} | {criteria} | {refused} | {accepted} | {unsure} |")
    return "\n".join(lines)


def main() -> int:
    probes = load_probes().sound()
    with tempfile.TemporaryDirectory() as folder:
        means = floor_scores(probes, Path(folder))
    text, over = table(probes, means)
    spread = "\n".join(
        f"- {name}: {found.items} items in {found.probes} probes; own prompts {found.own_prompts}; difficulty "
        + ", ".join(f"{level}: {count}" for level, count in found.levels.items())
        + f"; answered unaided {found.unaided}; native-checked {found.native_checked}; reviewed {found.reviewed}"
        for name, found in coverage(probes).items()
    )
    said = (
        f"{START}\n\nMean score of the part decided by program, one answer an item (for `foreign` sixteen,\ngood answers of other probes), controls and twins left out. A policy may\n"
        f"earn chance + {ALLOWANCE:.2f}; what is above stands in bold.\n\n{text}\n\nCoverage:\n\n{spread}\n\n"
        f"Answers given in earnest (below says how), read before the checks were run, against the checks as they are now:\n\n"
        f"{unaided_table(probes)}\n\n{END}"
    )
    old = DOC.read_text(encoding="utf-8") if DOC.exists() else f"# Validity\n\n{START}\n{END}\n"
    before, _, rest = old.partition(START)
    DOC.write_text(before + said + rest.partition(END)[2], encoding="utf-8")
    print("\n".join(over) or "no policy scores above chance + 0.10")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
