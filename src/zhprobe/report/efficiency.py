"""What the answers took: tokens, time, money, memory, always with the hardware and concurrency they hold for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from zhprobe.report.rows import ReplyNumbers, RunNumbers


class Spread(msgspec.Struct, frozen=True):
    """Median and 95th percentile of `n` values."""

    median: float
    p95: float
    n: int


class Efficiency(msgspec.Struct, frozen=True):
    """One model's figures. A field is None where the endpoint did not say."""

    model: str
    replies: int
    failed: int
    cut: int
    refused: int
    empty: int
    latency: Spread | None
    first_token: Spread | None
    tokens_per_answer: Spread | None
    tokens_per_second: Spread | None
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cost: float | None
    cost_per_item: float | None
    cost_per_point: float | None
    peak_memory_gb: float | None  # of the process
    peak_device_gb: float | None  # of the accelerator
    throughput: float | None  # tokens per second over the whole run, answers made side by side
    hardware: str
    concurrency: int


def spread(values: Iterable[float | None]) -> Spread | None:
    """Median and 95th percentile (linear between neighbours) of the values that are there.

    >>> spread([1.0, None, 2.0, 3.0, 4.0, 5.0])
    Spread(median=3.0, p95=4.8, n=5)
    """
    kept = sorted(v for v in values if v is not None)
    if not kept:
        return None

    def at(share: float) -> float:
        place = share * (len(kept) - 1)
        below = int(place)
        above = min(below + 1, len(kept) - 1)
        return kept[below] + (kept[above] - kept[below]) * (place - below)

    return Spread(at(0.5), round(at(0.95), 6), len(kept))


def describe_hardware(run: RunNumbers) -> str:
    """The machine a local model ran on; for an endpoint who serves it, its hardware being unknown."""
    facts, machine = run.info.model_facts, run.info.hardware
    if facts.get("device"):
        named = str(facts.get("device_name") or machine.get("system", ""))
        parts = [str(facts["device"]), named, str(facts.get("dtype", ""))]
        if facts["device"] == "cpu" and facts.get("threads"):
            parts.append(f"{facts['threads']} threads")
        return ", ".join(part for part in parts if part)
    return ", ".join(str(a) for a in facts.get("addresses", ()))


def measure(run: RunNumbers, points: float | None = None) -> Efficiency:
    """Figures of a run. `points` is the sum of item scores, for the price of a point."""
    replies: Sequence[ReplyNumbers] = [r for rows in run.replies.values() for r in rows]
    good = [r for r in replies if not r.error]
    flags = Counter(flag.partition(":")[0] for r in good for flag in r.flags)
    costs = [r.cost for r in replies if r.cost is not None]
    cost = sum(costs) if costs else None
    asked = sum(1 for rows in run.replies.values() if rows)
    speeds = []
    for r in good:
        seconds = None if r.latency is None else r.latency - (r.first_token or 0.0)
        if r.completion_tokens and seconds and seconds > 0:
            speeds.append(r.completion_tokens / seconds)
    facts = run.info.model_facts
    return Efficiency(
        model=run.name,
        replies=len(replies),
        failed=len(replies) - len(good),
        cut=flags["cut"],
        refused=flags["filtered"] + flags["refused"],
        empty=flags["empty"],
        latency=spread(r.latency for r in good),
        first_token=spread(r.first_token for r in good),
        tokens_per_answer=spread(r.completion_tokens for r in good),
        tokens_per_second=spread(speeds),
        prompt_tokens=sum(r.prompt_tokens or 0 for r in replies),
        completion_tokens=sum(r.completion_tokens or 0 for r in replies),
        reasoning_tokens=sum(r.reasoning_tokens or 0 for r in replies),
        cost=cost,
        cost_per_item=cost / asked if cost is not None and asked else None,
        cost_per_point=cost / points if cost is not None and points else None,
        peak_memory_gb=_figure(facts.get("peak_memory_gb")),
        peak_device_gb=_figure(facts.get("peak_device_memory_gb")),
        throughput=_figure(facts.get("tokens_per_second")),
        hardware=describe_hardware(run),
        concurrency=run.info.concurrency,
    )


def _figure(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
