"""The wheel, outside the repository: it carries the probes and takes a user's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel; its dependencies come from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def zhprobe(site: Path, where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, "-P", "-m", "zhprobe", *arguments],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_the_wheel_carries_every_probe_of_the_repository(installed: Path) -> None:
    ours = {p.relative_to(ROOT / "probes").as_posix() for p in (ROOT / "probes").rglob("*") if p.is_file()}
    theirs = {
        p.relative_to(installed / "zhprobe" / "_probes").as_posix()
        for p in (installed / "zhprobe" / "_probes").rglob("*")
        if p.is_file()
    }
    assert ours == theirs


def test_own_probes_work_with_the_wheel_outside_the_repository(installed: Path, tmp_path: Path) -> None:
    assert zhprobe(installed, tmp_path, "probes", "new", "cooking/recipes", "--in", "mine").returncode == 0
    checked = zhprobe(installed, tmp_path, "probes", "check", "--only", "--probes", "mine")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    done = zhprobe(
        installed, tmp_path, "run", "-m", "specimen/met", "--probes", "mine", "--name", "own", "cooking"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"cooking/recipes"' in (tmp_path / "results" / "own" / "probes.jsonl").read_text(encoding="utf-8")


def test_a_run_folder_is_reported_elsewhere_without_probes_or_network(
    installed: Path, tmp_path: Path
) -> None:
    assert (
        zhprobe(installed, tmp_path, "run", "-m", "specimen/met", "--limit", "6", "--name", "one").returncode
        == 0
    )
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "results" / "one", elsewhere / "copied")
    bare = tmp_path / "bare"
    shutil.copytree(installed, bare)
    shutil.rmtree(bare / "zhprobe" / "_probes")
    done = zhprobe(bare, elsewhere, "report", "copied")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (elsewhere / "copied" / "report.html").is_file() and (
        elsewhere / "copied" / "report.json"
    ).is_file()
