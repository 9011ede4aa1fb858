"""`floor/…`: policies that know nothing. A probe on which one of them scores well measures nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from zhprobe.errors import UserError, did_you_mean
from zhprobe.models.base import Plain, Request, Told, look_over
from zhprobe.models.specimen import specimens_of
from zhprobe.records import Item, Json, Reply, ToolCall
from zhprobe.text.wu import exchange_words
from zhprobe.text.wu_fidelity import score_fidelity

CONSTANT = "好的，我明白了。这个问题需要结合具体情况来看，以下内容仅供参考。"
POLICIES = {
    "empty": "says nothing",
    "echo": "gives the prompt back",
    "constant": "says one fixed sentence",
    "foreign": "gives another item's good answer",
    "control": "gives the prompt of the paired control item",
    "exchanged": "gives the source or the control with Mandarin and Shanghainese words exchanged",
    "always-call": "calls the first tool, with values made from its schema alone",
    "never-call": "declines in one fixed sentence and calls nothing",
}
DECLINES = "抱歉，这件事我帮不上忙，请您自己处理。"


class Floor(Plain):
    """One policy."""

    whole = False

    def __init__(self, name: str, policy: str) -> None:
        if policy not in POLICIES:
            raise UserError(
                f"model {name}",
                f"there is no floor/{policy}",
                did_you_mean(policy, POLICIES) or f"Known: {', '.join(POLICIES)}.",
            )
        self.name = name
        self.policy = policy
        self._prompts: dict[str, str] = {}  # by key: what controls ask
        self._answers: dict[str, list[tuple[str, Reply]]] = {}  # by capability: item key, its good answer

    def prepare(self, items: Callable[[], Iterable[Item]]) -> None:
        """`foreign` reads the good answers of all items, `control` and `exchanged` the prompts of controls."""
        if self.policy in ("control", "exchanged"):
            self._prompts = {item.key: item.prompt for item in items() if item.role == "control"}
        if self.policy != "foreign":
            return
        for item in items():
            if good := specimens_of(item, met=True):
                capability = item.probe.partition("/")[0]
                reply = Reply("", "", self.name, text=good[0].answer, tool_calls=good[0].tool_calls)
                self._answers.setdefault(capability, []).append((item.key, reply))

    async def answer(self, request: Request, told: Told | None = None) -> Reply:
        """What the policy says."""
        text, calls = "", tuple[ToolCall, ...]()
        match self.policy:
            case "echo":
                text = next(
                    (str(m.get("content") or "") for m in reversed(request.messages) if m["role"] == "user"),
                    "",
                )
            case "constant":
                text = CONSTANT
            case "never-call":
                text = DECLINES
            case "always-call":
                text, calls = always_call(request)
            case "foreign":
                text, calls = self._foreign(request)
            case "control":
                text = self._control(request.item)
            case "exchanged":
                text = self._exchanged(request.item)
        finish = "tool_calls" if calls else "stop"
        return Reply(
            "",
            "",
            self.name,
            text=text,
            tool_calls=calls,
            finish_reason=finish,
            flags=look_over(request, text, calls, finish),
        )

    def _foreign(self, request: Request) -> tuple[str, tuple[ToolCall, ...]]:
        """The answer of an item of the same capability, of another probe where there is one."""
        if request.item is None:
            return "", ()
        item = request.item
        known = self._answers.get(item.probe.partition("/")[0], [])
        others = [r for key, r in known if not key.startswith(f"{item.probe}/")] or [
            r for key, r in known if key != item.key
        ]
        if not others:
            return "", ()
        drawn = f"{item.key}#{request.sample}".encode()  # each sample draws anew: neighbours are alike
        number = int.from_bytes(hashlib.blake2b(drawn, digest_size=8).digest())
        chosen = others[number % len(others)]
        return chosen.text, chosen.tool_calls

    def _control(self, item: Item | None) -> str:
        """What the paired control asks; the item's own prompt where it has none."""
        if item is None:
            return ""
        return self._prompts.get(f"{item.probe}/{item.control}", item.prompt)

    def _exchanged(self, item: Item | None) -> str:
        """The source to translate, or the control, with words exchanged: Mandarin to Shanghainese or back."""
        if item is None:
            return ""
        source = str(item.slots.get("source", "")) or self._control(item)
        return exchange_words(source, back=score_fidelity(source).p > 0)

    def facts(self) -> dict[str, Any]:
        """That this is no model."""
        return {"kind": "floor", "note": f"{POLICIES[self.policy]}; not a model"}


def always_call(request: Request) -> tuple[str, tuple[ToolCall, ...]]:
    """A call of the first tool, in the form that the mode asks for; without tools nothing."""
    tools = request.tools or (request.item.tools if request.item else ())
    if not tools:
        return "", ()
    function = tools[0].get("function", tools[0])
    arguments = json.dumps(made_up(function.get("parameters") or {}), ensure_ascii=False)
    if request.tools:
        return "", (ToolCall(str(function.get("name", "")), arguments, "call_0"),)
    return f'[{{"name": {json.dumps(function.get("name", ""))}, "arguments": {arguments}}}]', ()


def made_up(schema: Json) -> Json:
    """A value that the schema accepts, made without knowing what is asked.

    >>> made_up({"type": "object", "properties": {"城市": {"type": "string"}, "天": {"type": "integer"}}, "required": ["城市"]})
    {'城市': '示例'}
    """
    if not isinstance(schema, dict):
        return None
    for field in ("const", "default"):
        if field in schema:
            return schema[field]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        return {name: made_up(properties.get(name, {})) for name in schema.get("required", [])}
    if kind == "array":
        return [made_up(schema.get("items", {}))] if schema.get("minItems") else []
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"boolean": True, "null": None}.get(str(kind), "示例")
