"""What a model is to the rest: a request goes in, a Reply comes out.

A model's `answer` makes one attempt and never raises for what an endpoint did: the failure is the
reply's `error`, by one of the names in `FAILURES`. Trying again, limits and counting are done by
`limits.ask`, the same for runs and for judges.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from zhprobe.conversation import protocol_text
from zhprobe.records import Item, Json, Reply, ReplyError, Settings, ToolCall, Usage
from zhprobe.text.reasoning import MARKS, part_reasoning

After = Literal["again", "item", "model"]

# What follows from a failure: ask again; this item has no answer, go on; give this model up.
FAILURES: dict[str, tuple[After, str]] = {
    "rate_limit": ("again", "too many requests (429)"),
    "server_error": ("again", "the server failed (5xx)"),
    "timeout": ("again", "no whole answer within the time limit"),
    "stalled": ("again", "no byte for longer than the stall limit"),
    "dropped": ("again", "the connection was dropped"),
    "cut_body": ("again", "the answer's body ended early"),
    "cut_character": ("again", "the answer's body ended inside a character"),
    "truncated_stream": ("again", "the stream ended without its end mark"),
    "malformed_body": ("again", "the body is not the JSON of a chat completion"),
    "not_utf8": ("again", "the body is not UTF-8"),
    "wrong_content_type": ("again", "the answer is not JSON (a web page?)"),
    "no_choice": ("again", "the answer holds no choice"),
    "unreachable": ("again", "nothing answers at this address"),
    "filtered": ("item", "refused by the provider's filter"),
    "too_long": ("item", "longer than the model's context"),
    "bad_request": ("item", "the endpoint refused the request (400)"),
    "no_specimen": ("item", "the item has no such specimen"),
    "not_recorded": ("item", "the recorded run has no reply to this item"),
    "tools_not_rendered": ("item", "the model's chat template has no place for tools"),
    "template_error": ("item", "the model's chat template refused these messages"),
    "out_of_memory": ("item", "not enough memory even for this item alone"),
    "wrong_key": ("model", "the key was not accepted"),
    "no_key": ("model", "no key is set"),
    "no_credit": ("model", "the account has no credit left"),
    "wrong_address": ("model", "there is no chat endpoint at this address"),
    "wrong_model": ("model", "the endpoint has no such model"),
    "redirected": ("model", "the address sends elsewhere; keys are not sent along"),
    "bad_certificate": ("model", "the server's certificate is not accepted"),
    "given_up": ("model", "given up after repeated failures"),
}


def passes(kind: str) -> bool:
    """Tell whether a failure of this kind may pass, so that the item is asked again on resume."""
    after = FAILURES.get(kind, ("again", ""))[0]
    return after != "item"


class Request(msgspec.Struct, frozen=True):
    """One call: messages as they go out. `item` is there for models that answer from the probe file."""

    messages: tuple[dict[str, Json], ...]
    settings: Settings = Settings()
    tools: tuple[dict[str, Json], ...] = ()
    schema: dict[str, Json] | None = None
    sample: int = 0
    item: Item | None = None


class Told:
    """What an endpoint said besides its answer, for the gate."""

    __slots__ = ("limit_requests", "limit_tokens", "reset", "retry_after")

    def __init__(self) -> None:
        self.retry_after: float | None = None  # seconds until this request may come again
        self.reset: float | None = None  # seconds during which nothing more is left for anybody
        self.limit_requests: float | None = None  # a minute
        self.limit_tokens: float | None = None


class Stopped(Exception):
    """Nothing more is to be asked; the request in hand was not sent."""


class Model(Protocol):
    """Anything that answers requests.

    Models with the same `endpoint` share its limits. `concurrency` is how many requests it takes at a
    time. `whole` says that one answer holds a conversation of several turns (specimens, replays).
    """

    name: str
    endpoint: str
    concurrency: int
    whole: bool

    async def answer(self, request: Request, told: Told | None = None) -> Reply:
        """One attempt; what the endpoint said of its limits goes into `told`."""
        ...

    def facts(self) -> dict[str, Any]:
        """What run.json keeps of the model; no key, no secret of a URL."""
        ...

    def prepare(self, items: Callable[[], Iterable[Item]]) -> None:
        """Called once before a run with a function that gives its items."""
        ...

    def let_go(self) -> None:
        """Requests that wait inside the model and were not begun end with `Stopped`."""
        ...

    async def close(self) -> None:
        """Let go of connections and memory."""
        ...


class Plain:
    """Defaults for models without an endpoint of their own."""

    endpoint = ""
    concurrency = 64
    whole = True

    def facts(self) -> dict[str, Any]:
        """Nothing to add."""
        return {}

    def prepare(self, items: Callable[[], Iterable[Item]]) -> None:
        """Nothing to prepare."""

    def let_go(self) -> None:
        """Nothing waits."""

    async def close(self) -> None:
        """Nothing to let go of."""


def failure(kind: str, message: str = "", status: int | None = None, **fields: Any) -> Reply:
    """A reply that is no answer."""
    if kind not in FAILURES:
        raise ValueError(f"no failure is called {kind!r}")
    return Reply("", "", "", error=ReplyError(kind, message or FAILURES[kind][1], status), **fields)


def build_request(
    item: Item, settings: Settings, sample: int = 0, transcript: Iterable[Mapping[str, Json]] = ()
) -> Request:
    """The messages, tools and schema of an item under these settings, with the turns so far."""
    messages: list[dict[str, Json]] = [dict(m) for m in item.messages]
    system = settings.system
    tools = item.tools
    if tools and settings.mode == "prompt":
        protocol = protocol_text(tools)
        system = f"{system}\n\n{protocol}" if system else protocol
        tools = ()
    if system:
        if messages and messages[0].get("role") == "system":
            messages[0]["content"] = f"{system}\n\n{messages[0].get('content') or ''}"
        else:
            messages.insert(0, {"role": "system", "content": system})
    messages.extend(sendable(m) for m in transcript)
    return Request(tuple(messages), settings, tools, item.schema, sample, item)


def sendable(message: Mapping[str, Json]) -> dict[str, Json]:
    """A message of a transcript as it may be sent: arguments that are not JSON go out as {}.

    Some servers fail on every later request once such a string stands in the history.

    >>> call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a":'}}
    >>> sendable({"role": "assistant", "content": "", "tool_calls": [call]})["tool_calls"][0]["function"]
    {'name': 'f', 'arguments': '{}'}
    """
    sent = dict(message)
    if calls := sent.get("tool_calls"):
        sent["tool_calls"] = [_sound_call(call) for call in calls]
    return sent


def _sound_call(call: dict[str, Json]) -> dict[str, Json]:
    function = call.get("function", {})
    try:
        sound = isinstance(json.loads(function.get("arguments") or "{}"), dict)
    except (ValueError, TypeError, RecursionError):
        sound = False
    return call if sound else {**call, "function": {**function, "arguments": "{}"}}


_sorted = msgspec.json.Encoder(order="sorted")


def request_digest(model: str, request: Request) -> str:
    """Digest of all that could move the answer: model, messages, tools, schema, settings, sample.

    Not in it: time limits, streaming, the number of samples.
    """
    settings = request.settings
    asked = (
        model,
        request.messages,
        request.tools,
        request.schema,
        request.sample,
        settings.temperature,
        settings.top_p,
        settings.max_tokens,
        settings.seed,
        settings.thinking,
        settings.mode,
        settings.response_format,
        settings.extra,
    )
    try:
        data = _sorted.encode(asked)
    except UnicodeEncodeError:  # a lone surrogate in a message
        data = json.dumps(msgspec.to_builtins(asked), sort_keys=True).encode()
    return hashlib.sha256(data).hexdigest()[:16]


_MARKS = tuple(mark for pair in MARKS for mark in pair)


def split_thinking(text: str) -> tuple[str, str]:
    """Reasoning and answer of a text with a family's marks; an unclosed mark leaves no answer.

    Templates that write the opening mark into the prompt leave only the closing one in the text.

    >>> split_thinking("<think>想一想</think>\\n\\n好")
    ('想一想', '好')
    >>> split_thinking("想一想</think>好"), split_thinking("<think>想"), split_thinking("好 ")
    (('想一想', '好'), ('想', ''), ('', '好 '))
    """
    if not ("<" in text or "[" in text or "◁" in text) or not any(mark in text for mark in _MARKS):
        return "", text
    parted = part_reasoning(text)
    if not parted.spans:
        return "", text
    pieces, place = [], 0
    for start, end in parted.spans:
        pieces.append(text[place:start])
        place = end
    pieces.append(text[place:])
    return parted.reasoning.strip("\n"), "".join(pieces).lstrip("\n")


def look_over(
    request: Request,
    text: str,
    calls: tuple[ToolCall, ...],
    finish_reason: str,
    used: Usage | None = None,
    flags: Iterable[str] = (),
) -> tuple[str, ...]:
    """Flags that any model's reply can earn: empty, cut, filtered, a setting visibly ignored."""
    found = list(flags)
    if finish_reason in ("length", "max_tokens"):
        found.append("cut")
    elif finish_reason in ("content_filter", "sensitive"):
        found.append("filtered")
    settings = request.settings
    if not calls:
        if not text or text.isspace():
            found.append("empty")
        elif settings.response_format and finish_reason == "stop":
            try:
                json.loads(text)
            except (ValueError, RecursionError):
                found.append("field_ignored:response_format")
    if used is not None and settings.max_tokens and used.completion - used.reasoning > settings.max_tokens:
        found.append("field_ignored:max_tokens")
    # a token holds some three characters of JSON: with a quarter of that the tools cannot have been read
    if request.tools and used is not None and 0 < used.prompt < sum(map(len, map(str, request.tools))) / 12:
        found.append("field_ignored:tools")
    return tuple(dict.fromkeys(found)) if found else ()


def as_message(reply: Reply) -> dict[str, Json]:
    """A reply as the assistant's message in a conversation that goes on."""
    message: dict[str, Json] = {"role": "assistant", "content": reply.text}
    if reply.tool_calls:
        message["tool_calls"] = [call_message(call, number) for number, call in enumerate(reply.tool_calls)]
    return message


def call_message(call: ToolCall, number: int) -> dict[str, Json]:
    """One call in the wire form; a call without an id gets its number as one."""
    return {
        "id": call.id or f"call_{number}",
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }
