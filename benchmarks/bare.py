"""The bare loop that the runner is measured against: aiohttp, N workers, every body read and decoded.

bare.py URL CALLS CONCURRENCY prints seconds, CPU seconds and peak memory as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time

import aiohttp

PROMPT = "以“秋江”为题写一首五言绝句，押平水韵“八庚”韵。只写四句诗，一句一行。"


async def main(url: str, calls: int, concurrency: int) -> None:
    numbers = iter(range(calls))
    texts = 0

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def worker() -> None:
            nonlocal texts
            for number in numbers:
                body = {
                    "model": "bench",
                    "messages": [{"role": "user", "content": f"{PROMPT}（{number}）"}],
                    "temperature": 0.0,
                    "max_tokens": 2048,
                    "seed": 0,
                }
                async with session.post(f"{url}/chat/completions", json=body) as response:
                    data = await response.json()
                    texts += len(data["choices"][0]["message"]["content"]) > 0

        started, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(worker() for _ in range(concurrency)))
        passed, used = time.perf_counter() - started, time.process_time() - cpu
    assert texts == calls
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"calls": calls, "seconds": passed, "cpu": used, "peak_mb": peak}))


if __name__ == "__main__":
    if core := os.environ.get("BENCH_CORE"):
        os.sched_setaffinity(0, {int(core)})
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
