"""Throughput, CPU and memory of the runner beside the bare loop. Run by hand on a quiet machine:

    python benchmarks/runner.py [--quick]

Client and server each have a core of their own. The median of 5 alternating runs is printed, and how fast the
server can answer at all (a raw-socket client), which must be at least twice the bare loop.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE.parent / "src"), "BENCH_CORE": str(CLIENT_CORE)}


@contextlib.contextmanager
def server(delay: float) -> Iterator[str]:
    """The fast server on its core."""
    command = [
        sys.executable,
        str(HERE / "fast_server.py"),
        "--delay",
        str(delay),
        "--core",
        str(SERVER_CORE),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.kill()
        process.wait()


def client(script: str, url: str, calls: int, concurrency: int) -> dict[str, Any]:
    """One client process on its core."""
    command = [sys.executable, str(HERE / script), url, str(calls), str(concurrency)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def raw_rate(url: str, seconds: float = 2.0) -> float:
    """Answers a second of the server, asked by raw sockets with many requests in each packet."""
    port = int(url.split(":")[2].split("/")[0])
    body = b"{" + b" " * 300 + b"}"
    one = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    os.sched_setaffinity(0, {CLIENT_CORE})
    with socket.create_connection(("127.0.0.1", port)) as plug:
        plug.sendall(one)
        size = len(plug.recv(1 << 20))
        begun, answers = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            plug.sendall(one * 64)
            wanted = 64 * size
            while wanted:
                wanted -= len(plug.recv(min(wanted, 1 << 20)))
            answers += 64
        rate = answers / (time.perf_counter() - begun)
    os.sched_setaffinity(0, set(CORES))
    return rate


def compare(delay: float, concurrency: int, calls: int, times: int) -> str:
    """One line of the table."""
    found: dict[str, list[dict[str, Any]]] = {"bare.py": [], "one_run.py": []}
    with server(delay) as url:
        for _ in range(times):
            for script, rows in found.items():
                rows.append(client(script, url, calls, concurrency))

    def median(script: str, field: str) -> float:
        return statistics.median(row[field] for row in found[script])

    rates = {script: calls / median(script, "seconds") for script in found}
    cpus = {script: 1000 * median(script, "cpu") / calls for script in found}
    bare, ours = "bare.py", "one_run.py"
    return (
        f"| {concurrency} | {1000 * delay:.0f} ms | {calls:,} | {rates[bare]:,.0f} | {rates[ours]:,.0f} "
        f"| {100 * rates[ours] / rates[bare]:.0f} % | {cpus[bare]:.3f} | {cpus[ours]:.3f} | {cpus[ours] / cpus[bare]:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one point, three times")
    parser.add_argument("--memory", action="store_true", help="only memory")
    given = parser.parse_args()
    if not given.memory:
        with server(0.0) as url:
            print(
                f"server alone: {raw_rate(url):,.0f} answers/s (raw socket, 64 requests a packet)", flush=True
            )
        print(
            "| concurrency | delay | calls | bare calls/s | zhprobe calls/s | share | bare CPU ms | zhprobe CPU ms | ratio |"
        )
        print("|---|---|---|---|---|---|---|---|---|", flush=True)
        points = [(0.0, 64, 2000)] if given.quick else [
            (0.0, 1, 1000), (0.0, 64, 2000), (0.0, 512, 4000), (0.05, 1, 60), (0.05, 64, 4000), (0.05, 512, 6000),
        ]  # fmt: skip
        for delay, concurrency, calls in points:
            print(compare(delay, concurrency, calls, 3 if given.quick else 5), flush=True)
    if not given.quick:
        with server(0.0) as url:
            for count in (2000, 10_000, 100_000):
                row = client("one_run.py", url, count, 64)
                print(f"memory at {count:,} items: {row['peak_mb']:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
