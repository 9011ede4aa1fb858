"""The probes that come with the package: they load, their specimens hold, their limits are kept."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from zhprobe.mutation import mutants
from zhprobe.probes import load_probes, packaged_folder
from zhprobe.records import Probe
from zhprobe.specimens import check_specimens, coverage, lint

REASONS = Path(__file__).with_name("mutation_survivors.toml")


@cache
def loaded() -> tuple[Probe, ...]:
    return load_probes().sound()


NAMES = sorted(
    p.relative_to(packaged_folder()).with_suffix("").as_posix()
    for p in packaged_folder().rglob("*.toml")
    if p.name not in ("capability.toml", "reviews.toml")
)


def probe(name: str) -> Probe:
    return next(found for found in loaded() if found.path == f"probes/{name}.toml")


@pytest.mark.parametrize("name", NAMES)
def test_specimens_get_the_verdicts_written_for_them(name: str) -> None:
    assert [str(mismatch) for mismatch in check_specimens(probe(name))] == []


@pytest.mark.parametrize("name", NAMES)
def test_lint_finds_nothing(name: str) -> None:
    assert [str(fault) for fault in lint(probe(name))] == []


def test_the_suite_keeps_its_own_limits() -> None:
    assert {
        name: list(found.faults()) for name, found in coverage(loaded()).items() if list(found.faults())
    } == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_looser_check_is_noticed_by_a_specimen(name: str) -> None:
    """Survivors stand in mutation_survivors.toml, each with its reason."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8")) if REASONS.exists() else {}
    left = [
        mutant.name for mutant in mutants(probe(name)) if not mutant.killed and mutant.name not in reasons
    ]
    assert left == []


def test_reasons_for_survivors_are_not_out_of_date() -> None:
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8")) if REASONS.exists() else {}
    alive = {mutant.name for found in loaded() for mutant in mutants(found) if not mutant.killed}
    assert sorted(set(reasons) - alive) == []
    assert all(reason.strip() for reason in reasons.values())


def test_every_probe_names_its_source_licence_and_canary() -> None:
    for found in loaded():
        assert found.source and found.licence and found.canary.startswith("zhprobe-canary-"), found.id


def test_nothing_claims_a_review_that_no_review_record_backs() -> None:
    for found in loaded():
        for item in found.items:
            assert not item.native_checked and not item.reviewed, item.key
