"""A scripted server in a thread, and items to ask it."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from zhprobe.records import Criterion, Item, Settings
from zhprobe.runs import ProbeNote, Selected

HERE = Path(__file__).parent


def load_server() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scripted_server", HERE / "server.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Running:
    """The server and where it listens."""

    def __init__(self, server: Any, port: int) -> None:
        self.server = server
        self.port = port
        self.url = f"http://127.0.0.1:{port}/v1"

    def name(self, model: str) -> str:
        return f"api/{model}@{self.url}"


@pytest.fixture
def start_server() -> Iterator[Callable[..., Running]]:
    """Start servers, each in a thread with a loop of its own; all are stopped after the test."""
    module = load_server()
    stops: list[Callable[[], None]] = []

    def start(**options: Any) -> Running:
        loop = asyncio.new_event_loop()
        ready = threading.Event()
        box: dict[str, Any] = {}

        async def main() -> None:
            box["server"] = module.Server(**options)
            box["runner"], box["port"] = await module.serve(box["server"])
            box["end"] = asyncio.Event()
            ready.set()
            await box["end"].wait()
            await box["runner"].cleanup()

        thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
        thread.start()
        assert ready.wait(10)

        def stop() -> None:
            loop.call_soon_threadsafe(box["end"].set)
            thread.join(10)
            loop.close()

        stops.append(stop)
        return Running(box["server"], box["port"])

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def server(start_server: Callable[..., Running]) -> Running:
    """A server that answers at once."""
    return start_server()


def item(number: int = 0, **fields: Any) -> Item:
    return Item(
        "demo/one",
        f"i{number:05}",
        ({"role": "user", "content": f"第{number}题"},),
        (Criterion("said", "说了话"),),
        digest=f"d{number}",
        **fields,
    )


@pytest.fixture
def make_items() -> Callable[..., Callable[[], list[Selected]]]:
    """A selection of so many items, as the runner wants it."""

    def make(count: int, **fields: Any) -> Callable[[], list[Selected]]:
        note = ProbeNote("demo/one", "demo", 1, "x")
        return lambda: [Selected(note, item(n, **fields)) for n in range(count)]

    return make


@pytest.fixture
def quick() -> Settings:
    """Settings whose time limits a test can wait for."""
    return Settings(timeout=60.0, stall_timeout=1.5)
