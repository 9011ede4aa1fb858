"""What the commands `compare` and `report` do with the values they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from zhprobe.errors import UserError
from zhprobe.files import read_json, write_whole
from zhprobe.runs import find_runs


def find_folders(named: Sequence[Path]) -> list[Path]:
    """The run folders meant: those named, and those inside a folder of runs."""
    found: list[Path] = []
    for folder in named:
        inside = find_runs(folder)
        if not inside:
            raise UserError(
                str(folder), "this folder holds no run", "`zhprobe runs` lists the runs it finds."
            )
        if len(inside) > 1:
            click.echo(f"{folder}: {len(inside)} runs", err=True)
        found += [run for run in inside if run not in found]
    return found


def find_batches(runs: Sequence[Path], named: Sequence[Path]) -> list[Path]:
    """Batches of people's grades: those named, else those beside the runs that graded one of them."""
    if named:
        return list(named)
    from zhprobe.grading.batch import BATCH, BatchInfo

    names = {run.resolve().name for run in runs}
    beside = sorted({path for run in runs for path in run.resolve().parent.glob(f"*/{BATCH}")})
    return [
        path.parent
        for path in beside
        if names & {name.rpartition("/")[2] for name in read_json(path, BatchInfo).runs}
    ]


def given_weights(words: Sequence[str]) -> dict[str, float] | None:
    """Weights of capabilities from `capability=number`.

    >>> given_weights(["legal=2", "poetry=1"]), given_weights([])
    ({'legal': 2.0, 'poetry': 1.0}, None)
    """
    weights: dict[str, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            weights[name] = float(value)
        except ValueError:
            raise UserError(
                "--weight", f"'{word}' is not capability=number", "For instance: legal=2"
            ) from None
        if weights[name] < 0:
            raise UserError("--weight", f"'{word}' is negative", "Weights are 0 or more.")
    return weights or None


def compare_command(runs: Sequence[Path], given: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The comparison in the wanted format, and the conditions of --fail-if that hold."""
    from zhprobe.report.compare import compare_sides
    from zhprobe.report.fail_if import broken, parse
    from zhprobe.report.render import write_pages
    from zhprobe.report.sides import read_sides
    from zhprobe.report.table import as_format, write_parquet

    conditions = [parse(text) for text in given["fail_if"]]
    folders = find_folders(runs)
    batches = find_batches(folders, given["batches"])
    sides = read_sides(folders, batches)
    report = compare_sides(
        sides,
        delta=given["delta"],
        seed=given["seed"],
        weights=given_weights(given["weights"]),
        probe_folders=given["folders"],
    )
    failed = broken(report, conditions)
    if given["html"]:
        write_pages(report, sides, given["html"], lang=given["lang"], batches=batches, items=given["items"])
    if given["form"] == "parquet":
        if not given["out"]:
            raise UserError("--format parquet", "a Parquet file needs a name", "Add --out FILE.parquet.")
        write_parquet(report, given["out"])
        return "", failed
    text = as_format(report, given["form"], given["lang"])
    if given["out"]:
        write_whole(given["out"], text if text.endswith("\n") else text + "\n")
        return "", failed
    return text, failed


def report_command(runs: Sequence[Path], given: Mapping[str, Any]) -> tuple[Path, str]:
    """Write the page; where it lies, and its headline."""
    from zhprobe.report.render import write_report
    from zhprobe.report.sentences import headline
    from zhprobe.report.visible import visible

    folders = find_folders(runs)
    out = given["out"] or (folders[0] / "report.html" if len(folders) == 1 else Path("report.html"))
    report = write_report(
        folders,
        out,
        lang=given["lang"],
        batches=find_batches(folders, given["batches"]),
        delta=given["delta"],
        seed=given["seed"],
        weights=given_weights(given["weights"]),
        probe_folders=given["folders"],
        items=given["items"],
    )
    return out, visible(headline(report, given["lang"])[0])
