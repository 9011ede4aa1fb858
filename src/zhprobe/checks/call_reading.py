"""What a reply emitted: its calls in order, its class, its visible text; from one turn or from several."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zhprobe.conversation import is_scripted
from zhprobe.records import Item, Reply, ToolCall
from zhprobe.text.call_syntax import decode_whole
from zhprobe.text.dialects import Parse, has_words, parse_calls

Class = Literal["called", "abstained", "attempt_unparsed", "empty", "truncated"]

# Form faults with which a call cannot be taken as meant, not even leniently.
FATAL = frozenset(["duplicate_key", "unencodable", "nonfinite"])


@dataclass(frozen=True, slots=True)
class EmittedCall:
    """One call as the model made it. `index` counts calls over the part of the conversation that counts."""

    index: int
    name: str
    arguments: dict[str, Any]
    problems: tuple[str, ...] = ()
    span: tuple[int, int] | None = None  # in the reply's text, where it stands there
    message: int = 0

    @property
    def fatal(self) -> bool:
        """Whether its form is too broken to be read as meant."""
        return not FATAL.isdisjoint(self.problems)


@dataclass(slots=True)
class Emission:
    """All that a reply (or one turn of it) emitted."""

    calls: list[EmittedCall] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)  # code of each call that cannot be read
    spans: list[tuple[int, int]] = field(default_factory=list)  # of attempts, in the reply's text
    dialect: str = ""
    others: tuple[str, ...] = ()
    in_reasoning: int = 0
    visible: str = ""  # text of the last message
    said: str = ""  # visible text of all messages
    finish_reason: str = ""
    messages: int = 0
    codes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Class:
        """The class of the reply: only a reply that says something and tries no call abstains."""
        if self.calls:
            return "called"
        if self.finish_reason == "length":
            return "truncated"
        if self.attempts:
            return "attempt_unparsed"
        return "abstained" if has_words(self.visible) else "empty"

    @property
    def class_code(self) -> str:
        """The code of a reply that neither calls nor abstains."""
        return "" if self.kind in ("called", "abstained") else self.kind


def read_emission(reply: Reply, item: Item, *, turn: int | None = None, first: bool = False) -> Emission:
    """What a reply emitted: in all, or in one user turn (0: before the first scripted one).

    `first` keeps only the first message of the turn, for items that want all calls at once.
    """
    emission = Emission()
    messages = list(_messages(reply, turn))
    if first:
        messages = messages[:1]
    for number, (message, is_last) in enumerate(messages):
        raw = reply.raw if is_last else ""
        reasoning = reply.reasoning if is_last else ""
        _read_message(emission, message, item, number, raw=raw, reasoning=reasoning, own=is_last)
        emission.messages += 1
    ends = bool(messages) and messages[-1][1]
    emission.finish_reason = (
        "length" if ends and "cut" in reply.flags else reply.finish_reason if ends else ""
    )
    if "server_rejected_output" in reply.flags:
        emission.codes.append("server_rejected_output")
    if reply.error is not None:
        emission.codes.append(
            "server_rejected_output" if reply.error.kind == "server_rejected_output" else "infra_error"
        )
    return emission


def _messages(reply: Reply, turn: int | None) -> list[tuple[Mapping[str, Any], bool]]:
    """The assistant messages of the turn, each with whether it is the reply's last."""
    whole: list[Mapping[str, Any]] = list(reply.transcript)
    if not whole or whole[-1].get("role") != "assistant":
        whole.append({"role": "assistant", "content": reply.text, "tool_calls": list(reply.tool_calls)})
    chosen, current = [], 0
    for number, message in enumerate(whole):
        current += is_scripted(message)
        if message.get("role") == "assistant" and turn in (None, current):
            chosen.append((message, number == len(whole) - 1))
    return chosen


def _read_message(
    emission: Emission,
    message: Mapping[str, Any],
    item: Item,
    number: int,
    *,
    raw: str,
    reasoning: str,
    own: bool,
) -> None:
    text = str(message.get("content") or "")
    # calls that no endpoint or template gave come from the prompt protocol, which asks for an array
    protocol = not message.get("tool_calls")
    parse = parse_calls(raw or text, item.tools, array_first=protocol, reasoning=reasoning)
    given = [_tool_call(call) for call in message.get("tool_calls") or ()]
    placed = own and not raw
    if given and not (raw and parse.calls):
        for call in given:
            _add_given(emission, call, number)
        emission.dialect = emission.dialect or "api"
        known = {(call.name, repr(call.arguments)) for call in emission.calls}
        # a server may leave a call in the content
        rest = [c for c in parse.calls if (c.name, repr(c.arguments)) not in known]
        added = rest
    else:
        added = list(parse.calls)
        emission.dialect = emission.dialect or parse.dialect
    for found in added:
        span = found.span if placed else None
        emission.calls.append(
            EmittedCall(len(emission.calls), found.name, found.arguments, found.problems, span, number)
        )
    if not (given and raw):
        emission.attempts += ["attempt_unparsed"] * len(parse.attempts)
        emission.spans += list(parse.attempts) if placed else []
    _note(emission, parse)


def _note(emission: Emission, parse: Parse) -> None:
    emission.others = parse.others or emission.others
    emission.in_reasoning += len(parse.in_reasoning)
    if parse.in_reasoning:
        emission.codes.append("call_in_reasoning")
    if parse.reasoning_removed:
        emission.codes.append("reasoning_removed")
    emission.visible = parse.visible
    emission.said = f"{emission.said}\n{parse.visible}".strip()


def _tool_call(call: Any) -> ToolCall:
    if isinstance(call, ToolCall):
        return call
    function = call.get("function", call)
    arguments = function.get("arguments", "{}")
    if isinstance(arguments, dict):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(str(function.get("name", "")), str(arguments), str(call.get("id", "")))


def _add_given(emission: Emission, call: ToolCall, number: int) -> None:
    """A call of the endpoint: its arguments are a JSON string by design and read strictly."""
    if not call.arguments.strip():
        emission.calls.append(EmittedCall(len(emission.calls), call.name, {}, (), None, number))
        return
    decoded = decode_whole(call.arguments)
    problems: tuple[str, ...] = ()
    if decoded is not None and isinstance(decoded[0], str):
        inner = decode_whole(decoded[0])
        problems = ("args_double_encoded",)
        decoded = inner
    if decoded is None or not isinstance(decoded[0], dict):
        emission.attempts.append("no_json")
        return
    found = EmittedCall(len(emission.calls), call.name, decoded[0], problems + decoded[1], None, number)
    emission.calls.append(found)
