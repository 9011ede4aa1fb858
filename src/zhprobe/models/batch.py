"""The batch endpoint of OpenAI-compatible providers: upload, start, poll, fetch.

Each call is tried again within bounds when the failure can pass. A batch carries the run's mark in its
metadata, so that one that was started and not written down is found again instead of being paid twice.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any, TypeVar

import aiohttp
import msgspec

from zhprobe.errors import UserError
from zhprobe.models.base import FAILURES
from zhprobe.models.http import Http, classify, error_text, without_type
from zhprobe.models.limits import Patience, back_off
from zhprobe.models.providers import redact

T = TypeVar("T")
MARK = "zhprobe_part"
ENDED = ("completed", "failed", "expired", "cancelled")
PATIENT = Patience(attempts=8, shortest=1.0, longest=60.0)


class Batch(msgspec.Struct, frozen=True):
    """What the endpoint says of a batch."""

    id: str
    status: str
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: Any = None
    request_counts: dict[str, int] | None = None
    metadata: dict[str, str] | None = None


class _Id(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[Batch]


class Batches:
    """The batch endpoint of a model."""

    def __init__(self, model: Http, patience: Patience = PATIENT) -> None:
        self.model = model
        self.patience = patience
        self.base = str(model.addresses[0].url).removesuffix("/chat/completions")
        self._chance = random.Random(model.name)
        self._headers = without_type(model.addresses[0])

    async def upload(self, name: str, data: bytes) -> str:
        """Put a file of requests there; gives its id."""

        def form() -> aiohttp.FormData:
            parts = aiohttp.FormData()
            parts.add_field("purpose", "batch")
            parts.add_field("file", data, filename=name, content_type="application/jsonl")
            return parts

        raw = await self._call("POST", "/files", form=form)
        return _read(raw, _Id).id

    async def start(self, file_id: str, mark: str, window: str = "24h") -> Batch:
        """Start a batch over an uploaded file."""
        body = {
            "input_file_id": file_id,
            "endpoint": "/v1/chat/completions",
            "completion_window": window,
            "metadata": {MARK: mark},
        }
        return _read(await self._call("POST", "/batches", json=body), Batch)

    async def find(self, mark: str) -> Batch | None:
        """A batch with this mark, among the latest hundred; None also where they cannot be listed."""
        try:
            listed = _read(await self._call("GET", "/batches?limit=100"), _List).data
        except UserError:
            return None
        return next((batch for batch in listed if (batch.metadata or {}).get(MARK) == mark), None)

    async def look(self, batch_id: str) -> Batch:
        """How a batch stands."""
        return _read(await self._call("GET", f"/batches/{batch_id}"), Batch)

    async def fetch(self, file_id: str) -> bytes:
        """A file of results."""
        return await self._call("GET", f"/files/{file_id}/content")

    async def _call(self, method: str, path: str, *, json: Any = None, form: Any = None) -> bytes:
        attempt = 0
        while True:
            attempt += 1
            kind, message, raw = await self._once(method, path, json, form)
            if not kind:
                return raw
            if FAILURES[kind][0] != "again" or attempt >= self.patience.attempts:
                raise UserError(
                    f"model {self.model.name}",
                    f"batch endpoint, {method} {path.partition('?')[0]}: {FAILURES[kind][1]}: {message}",
                    "Does the provider offer batches at this address? Without --batch it goes one by one.",
                )
            await asyncio.sleep(back_off(attempt, self.patience, self._chance))

    async def _once(self, method: str, path: str, json: Any, form: Any) -> tuple[str, str, bytes]:
        address = self.model.addresses[0]
        try:
            async with self.model._open().request(
                method,
                f"{self.base}{path}",
                json=json,
                data=form() if form else None,
                headers=self._headers,
                allow_redirects=False,
                proxy=address.proxy,
                timeout=aiohttp.ClientTimeout(total=600, sock_connect=15),
            ) as response:
                raw = await response.read()
                if response.status in (200, 201):
                    return "", "", raw
                text = redact(error_text(raw))
                return classify(response.status, text), f"{response.status} {text}"[:300], raw
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reply = self.model._broken(error, address)
            assert reply.error is not None
            return reply.error.kind, reply.error.message, b""


def _read(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        shown = redact(raw[:200].decode("utf-8", "replace"))
        raise UserError("batch endpoint", f"an answer that is not understood ({error}): {shown}") from None
