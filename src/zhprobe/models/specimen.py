"""`specimen/met` and `specimen/near-miss`: the answers kept in the probe files. Ceiling and floor of the
checks, not models."""

from __future__ import annotations

from typing import Any

from zhprobe.errors import UserError, did_you_mean
from zhprobe.models.base import Plain, Request, Told, failure
from zhprobe.records import Item, Reply, Specimen
from zhprobe.specimens import is_good, specimen_reply

KINDS = ("met", "near-miss")


class Specimens(Plain):
    """Answers each item with a specimen of its own: sample k gets the k-th of the wanted kind, in a ring."""

    def __init__(self, name: str, kind: str) -> None:
        if kind not in KINDS:
            raise UserError(
                f"model {name}",
                f"there is no specimen/{kind}",
                did_you_mean(kind, KINDS) or "met or near-miss",
            )
        self.name = name
        self.kind = kind

    async def answer(self, request: Request, told: Told | None = None) -> Reply:
        """The specimen as a reply."""
        item = request.item
        if item is None:
            return failure("no_specimen", "specimens answer items only")
        found = specimens_of(item, met=self.kind == "met")
        if not found:
            return failure("no_specimen", f"{item.key} has no specimen of the kind {self.kind}")
        return specimen_reply(item, found[request.sample % len(found)], self.name, request.sample)

    def facts(self) -> dict[str, Any]:
        """That this is no model."""
        return {"kind": "specimen", "note": "answers kept in the probe files; not a model"}


def specimens_of(item: Item, *, met: bool) -> list[Specimen]:
    """The item's specimens that are said to meet every check, or those said to fail one."""
    return [specimen for specimen in item.specimens if bool(is_good(item, specimen)) == met]
