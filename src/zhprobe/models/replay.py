"""`replay/RUN`: the replies of a recorded run, word for word. No network, no weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import read_jsonl
from zhprobe.models.base import Plain, Request, Told, failure
from zhprobe.records import Item, Reply


class Replay(Plain):
    """Answers from a run folder, or from its replies.jsonl."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path / "replies.jsonl" if path.is_dir() else path
        if not self.path.is_file():
            raise UserError(
                f"model {name}", f"there are no replies at {path}", "`zhprobe runs` lists the runs."
            )
        self._replies: dict[tuple[str, str, int], Reply] = {}
        for reply in read_jsonl(self.path, Reply):
            self._replies[reply.probe, reply.item, reply.sample] = reply

    async def answer(self, request: Request, told: Told | None = None) -> Reply:
        """The recorded reply to this item; an item changed since then has none."""
        item = request.item
        if item is None:
            return failure("not_recorded", "a replay answers items only")
        reply = self._replies.get((item.probe, item.id, request.sample))
        if reply is None:
            return failure("not_recorded", f"{self.path} has no reply to {item.key}#{request.sample}")
        if item.digest and reply.item_digest and item.digest != reply.item_digest:
            return failure("not_recorded", f"{item.key} has changed since {self.path} was recorded")
        return msgspec.structs.replace(reply, model=self.name)

    def facts(self) -> dict[str, Any]:
        """Where the replies came from and their digest."""
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()[:16]
        models = sorted({reply.model for reply in self._replies.values()})
        return {"kind": "replay", "replies": len(self._replies), "digest": digest, "models": models}

    def prepare(self, items: Callable[[], Iterable[Item]]) -> None:
        """Nothing to prepare."""
