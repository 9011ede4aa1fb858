"""Tokens, time, money and memory of a run."""

from __future__ import annotations

import pytest

from zhprobe.report.compare import compare_runs
from zhprobe.report.efficiency import Spread, spread

from .conftest import make_probes, make_run


def test_percentiles_lie_between_neighbours():
    # by hand: the 95th percentile of 0 … 20 is 19
    assert spread(range(21)) == Spread(10.0, 19.0, 21)
    assert spread([None, None]) is None


def test_money_is_told_by_item_and_by_point(tmp_path):
    run = make_run(tmp_path / "a", make_probes({"poetry": 20}, judge=False), 0.5, samples=2, unsure=0.0)
    report = compare_runs([run])
    found = report.efficiency[0]
    points = sum(item.scores[0] for item in report.items)
    assert found.cost == pytest.approx(40 * 0.002)
    assert found.cost_per_item == pytest.approx(0.08 / 20)
    assert found.cost_per_point == pytest.approx(0.08 / points, rel=1e-3)
    assert found.concurrency == 8


def test_a_local_model_is_told_with_its_machine_and_an_endpoint_with_its_address(tmp_path):
    probes = make_probes({"poetry": 20}, judge=False)
    local = {
        "device": "cuda",
        "device_name": "Card 80GB",
        "dtype": "bfloat16",
        "peak_memory_gb": 3.2,
        "peak_device_memory_gb": 61.5,
        "tokens_per_second": 812.4,
        "revision": "abc",
    }
    remote = {"addresses": ["https://host.example/v1"], "served_as": ["model-2026-01"]}
    runs = [
        make_run(tmp_path / name, probes, 0.5, model=name, info={"model_facts": facts})
        for name, facts in (("hf/x", local), ("api/x", remote))
    ]
    report = compare_runs(runs)
    one, other = report.efficiency
    assert one.hardware == "cuda, Card 80GB, bfloat16"
    assert (one.peak_memory_gb, one.peak_device_gb, one.throughput) == (3.2, 61.5, 812.4)
    assert other.hardware == "https://host.example/v1" and other.peak_memory_gb is None
    assert [m.revision for m in report.models] == ["abc", "model-2026-01"]
