"""Chat completions over HTTP, plain and streamed.

Nothing a server sends is trusted to be what it should be: the status, the content type, the encoding, the
JSON, the stream's end mark are each looked at, and what is wrong has a name (`base.FAILURES`). The body of
an answer is read as bytes and decoded once, strictly.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
import time
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import msgspec
from yarl import URL

from zhprobe.files import decode, encode
from zhprobe.models.base import Request, Told, failure, look_over, split_thinking
from zhprobe.models.providers import (
    HIDDEN,
    Provider,
    bare_address,
    keep_secret,
    redact,
    secret_bytes,
)
from zhprobe.records import Item, Json, Reply, Settings, ToolCall, Usage

CONNECT_TIMEOUT = 15.0
JSON_BODY = {"Content-Type": "application/json"}


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: Json = None


class _Call(msgspec.Struct):
    function: _Function | None = None
    id: str | None = None
    index: int | None = None


class _Message(msgspec.Struct):
    content: Json = None
    reasoning_content: str | None = None
    reasoning: Json = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Details(msgspec.Struct):
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    completion_tokens_details: _Details | None = None
    prompt_tokens_details: _Details | None = None
    prompt_cache_hit_tokens: int | None = None


class _Body(msgspec.Struct):
    """A whole answer, or one event of a stream."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    model: str | None = None
    error: Json = None


_decoder = msgspec.json.Decoder(_Body)
_encoder = msgspec.json.Encoder()

# What providers write when a request is at fault, by what follows from it.
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "wrong_key",
        re.compile(r"(invalid|incorrect|missing|no)[ _](api[ _]?key|token)|api key not valid|authenticat|unauthori", re.I),
    ),
    ("no_credit", re.compile(r"insufficient.{0,8}(quota|balance|credit)|billing|arrearage|余额不足|欠费", re.I)),
    (
        "filtered",
        re.compile(
            r"content[ _]filter|content[ _]policy|data_inspection|inappropriate|sensitive|contentfilter|1301\b|"
            r"high risk|content_moderation|敏感|违规|不安全|审核",
            re.I,
        ),
    ),
    (
        "too_long",
        re.compile(
            r"context[ _](length|window)|maximum context|too long|max(imum)?[ _]?(input|prompt)|input length|"
            r"exceeds? .{0,40}(tokens|length)|过长|超出.{0,10}长度",
            re.I,
        ),
    ),
    (
        "wrong_model",
        re.compile(r"model.{0,80}(not[ _](exist|found|available|supported)|does not exist|unknown|invalid)|"
                   r"(unknown|invalid|no such|unsupported)[ _]model|pinned to|模型.{0,40}不存在", re.I | re.S),
    ),
)  # fmt: skip
OPTIONAL = (
    "temperature",
    "top_p",
    "seed",
    "max_tokens",
    "max_completion_tokens",
    "stream_options",
    "random_seed",
)


class Http:
    """A model behind one or more addresses of an OpenAI-compatible endpoint."""

    whole = False

    def __init__(
        self,
        name: str,
        model: str,
        addresses: Iterable[str],
        provider: Provider,
        key: str = "",
        *,
        concurrency: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.model = model
        self.provider = provider
        self.addresses = [Address(address) for address in addresses]
        self.endpoint = f"{provider.name} {' '.join(a.shown for a in self.addresses)}"
        self.concurrency = concurrency or provider.concurrency or (16 if provider.local else 8)
        self.refused: dict[str, str] = {}  # optional fields this endpoint does not take
        self.echoed: dict[str, bool] = {}  # names the server gave itself: another model's?
        self.probed: dict[str, str] = {}  # what `trial.try_fields` found
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", **provider.headers}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        for address in self.addresses:
            own = {"Authorization": address.authorization} if address.authorization else {}
            address.headers = {**self._headers, **own}
        self._secrets = tuple(s for s in secret_bytes() if s)
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._turn = 0
        self._flights: set[Flight] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._fields: tuple[Settings, dict[str, Json]] | None = None

    # --- what is sent

    def body(self, request: Request) -> dict[str, Json]:
        """The JSON that goes out."""
        settings = request.settings
        if self._fields is None or self._fields[0] is not settings:
            self._fields = (settings, self._settings_fields(settings))
        body: dict[str, Json] = {"model": self.model, "messages": request.messages, **self._fields[1]}
        if settings.seed is not None and request.sample:
            for field in ("seed", "random_seed"):
                if field in body:
                    body[field] = settings.seed + request.sample
        if request.tools:
            body["tools"] = request.tools
            expected = request.item.expect.get("kind", "calls") if request.item else "calls"
            if settings.mode == "constrained" and expected not in ("no_call", "ask"):
                body["tool_choice"] = "required"
        kind = settings.response_format
        if settings.mode == "constrained" and not kind and request.schema is not None:
            kind = "json_schema"
        if kind == "json_schema" and request.schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": request.schema},
            }
        elif kind and not request.tools:
            body["response_format"] = {"type": "json_object"}
        return body

    def _settings_fields(self, settings: Settings) -> dict[str, Json]:
        provider = self.provider
        plain: dict[str, Json] = {
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "max_tokens": settings.max_tokens or None,
            "seed": settings.seed,
        }
        fields = {
            provider.rename.get(field, field): value
            for field, value in plain.items()
            if value is not None and field not in provider.leave_out
        }
        if settings.thinking is not None:
            fields.update(provider.thinking_on if settings.thinking else provider.thinking_off)
        if settings.stream:
            fields["stream"] = True
            if provider.stream_usage:
                fields["stream_options"] = {"include_usage": True}
        fields.update(settings.extra)
        if "max_tokens" in self.refused and "max_tokens" in fields:
            fields["max_completion_tokens"] = fields["max_tokens"]
        for field in self.refused:
            if field not in settings.extra:
                fields.pop(field, None)
        return fields

    # --- one attempt

    async def answer(self, request: Request, told: Told | None = None) -> Reply:
        """Send, read, decode. A refused optional field is left out from then on and noted."""
        while True:
            body = self.body(request)
            reply = await self._attempt(request, body, told or Told())
            error = reply.error
            if error is None or error.kind != "bad_request":
                return reply
            refused = self._named_field(body, error.message)
            if not refused:
                return reply
            self.refused[refused] = error.message
            self._fields = None

    async def _attempt(self, request: Request, body: dict[str, Json], told: Told) -> Reply:
        settings = request.settings
        address = self._choose()
        try:
            data = _encoder.encode(body)
        except UnicodeEncodeError:
            data = encode(body)
        flight = Flight(asyncio.current_task(), settings, perf_counter())
        self._flights.add(flight)
        try:
            async with self._open().post(
                address.url,
                data=data,
                headers=address.headers if len(self.addresses) > 1 else JSON_BODY,
                allow_redirects=False,
                proxy=address.proxy,
            ) as response:
                flight.response = response
                headers = response.headers
                if response.status != 200:
                    hear(headers, told)
                    raw = await response.read()
                    reply = self._refusal(response.status, raw, headers.get("Location", ""))
                else:
                    if "x-ratelimit-limit-requests" in headers:
                        hear(headers, told)
                    kind = headers.get("Content-Type", "")
                    if settings.stream and "event-stream" in kind:
                        reply = await self._stream(response, request, flight.started)
                    else:
                        reply = self._decode(await response.read(), kind, request, flight.started)
        except asyncio.CancelledError:
            if not flight.over:
                raise
            if flight.task is not None:
                flight.task.uncancel()
            reply = self._too_long(flight, address)
        except Exception as error:
            reply = self._broken(error, address)
        finally:
            self._flights.discard(flight)
        if reply.error is None:
            if address.failures:
                address.well()
        else:
            address.failed(reply.error.kind, self._clock())
        return reply

    def _open(self) -> aiohttp.ClientSession:
        """The session, made in the loop that uses it. Time limits are watched by `_watch`, for all calls at once:
        cheaper than timers for each, and the stall limit counts from the first byte, so that a long answer
        that is not streamed is not taken for a stall."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
                headers={
                    "User-Agent": "zhprobe",
                    **(without_type(self.addresses[0]) if len(self.addresses) == 1 else {}),
                },
            )
            self._watcher = asyncio.get_running_loop().create_task(self._watch())
        return self._session

    async def _watch(self) -> None:
        """End calls that take too long or stand still."""
        while True:
            limits = [(f.settings.timeout, f.settings.stall_timeout) for f in self._flights]
            shortest = min((limit for pair in limits for limit in pair if limit), default=2.0)
            await asyncio.sleep(min(0.5, shortest / 5))
            now = perf_counter()
            for flight in list(self._flights):
                if flight.task is not None and flight.late(now):
                    flight.task.cancel()

    def _too_long(self, flight: Flight, address: Address) -> Reply:
        settings = flight.settings
        if flight.over == "stalled":
            return failure("stalled", f"{address.shown}: no byte for {settings.stall_timeout:g} s")
        return failure("timeout", f"{address.shown}: not done after {settings.timeout:g} s")

    def _choose(self) -> Address:
        """The next address that is not known to be down; when all are, the one that comes back first."""
        count = len(self.addresses)
        if count == 1:
            return self.addresses[0]
        now = self._clock()
        for step in range(count):
            address = self.addresses[(self._turn + step) % count]
            if address.down_until <= now:
                self._turn = (self._turn + step + 1) % count
                return address
        return min(self.addresses, key=lambda a: a.down_until)

    def _named_field(self, body: dict[str, Json], message: str) -> str:
        """The optional field of ours that a refusal names."""
        for field in OPTIONAL:
            if field in body and field not in self.refused and re.search(rf"\b{field}\b", message):
                return field
        return ""

    # --- what comes back

    def _safe(self, raw: bytes) -> tuple[bytes, bool]:
        """A server that sends a key back does not get it into a file."""
        found = False
        for secret in self._secrets:
            if secret in raw:
                raw = raw.replace(secret, HIDDEN.encode())
                found = True
        return raw, found

    def _decode(self, raw: bytes, content_type: str, request: Request, started: float) -> Reply:
        raw, echoed_key = self._safe(raw) if self._secrets else (raw, False)
        if not raw.strip():
            return failure("cut_body", "an empty body")
        try:
            body = decode(raw, _decoder)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return failure(*what_is_wrong(raw, content_type, str(error)))
        if body.error and not body.choices:
            return self._refusal(200, raw, "")
        if not body.choices or (message := body.choices[0].message) is None:
            return failure("no_choice", redact(raw[:200].decode("utf-8", "replace")))
        got = Collected(body.model, body.usage)
        got.take(message)
        got.finish = body.choices[0].finish_reason or ""
        return self._reply(got, echoed_key, request, started)

    def _reply(
        self, got: Collected, echoed_key: bool, request: Request, started: float, first: float | None = None
    ) -> Reply:
        content = join_halves("".join(got.content))
        reasoning = join_halves("".join(got.reasoning))
        text = content
        if not reasoning:
            reasoning, text = split_thinking(content)
        flags: list[str] = []
        if echoed_key:
            flags.append("key_removed")
        if got.refusal and not text:
            text = got.refusal
            flags.append("filtered")
        if got.model:
            other = self.echoed.get(got.model)
            if other is None:
                other = self.echoed[got.model] = other_model(self.model, got.model)
            if other:
                flags.append(f"model_echo:{got.model[:80]}")
        calls = (
            tuple(
                ToolCall(str(c["name"]), "".join(c["arguments"]), str(c["id"]))
                for _, c in sorted(got.calls.items())
            )
            if got.calls
            else ()
        )
        used = usage(got.usage)
        return Reply(
            "",
            "",
            self.name,
            text=text,
            reasoning=reasoning,
            tool_calls=calls,
            raw=content if text is not content and text != content else "",
            finish_reason=got.finish,
            usage=used,
            first_token_s=first,
            latency_s=round(perf_counter() - started, 4),
            flags=look_over(request, text, calls, got.finish, used, flags),
        )

    async def _stream(self, response: aiohttp.ClientResponse, request: Request, started: float) -> Reply:
        got = Collected(None, None)
        first: float | None = None
        ended = echoed_key = False
        buffer = b""
        async for chunk in response.content.iter_any():
            buffer += chunk
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                line = line.strip(b"\r ")
                if not line.startswith(b"data:"):
                    continue
                data, echoed = self._safe(line[5:].strip())
                echoed_key = echoed_key or echoed
                if data == b"[DONE]":
                    ended = True
                    continue
                try:
                    event = decode(data, _decoder)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    return failure(*what_is_wrong(data, "text/event-stream", f"in the stream: {error}"))
                if event.error:
                    return self._refusal(200, data, "")
                got.model = event.model or got.model
                got.usage = event.usage or got.usage
                for choice in event.choices or ():
                    if (
                        (part := choice.delta or choice.message) is not None
                        and got.take(part)
                        and first is None
                    ):
                        first = round(perf_counter() - started, 4)
                    if choice.finish_reason:
                        got.finish = choice.finish_reason
                        ended = True
        if not ended:
            said = sum(map(len, got.content)) + sum(map(len, got.reasoning))
            return failure(
                "truncated_stream", f"the stream ended without its end mark after {said} characters"
            )
        return self._reply(got, echoed_key, request, started, first)

    def _refusal(self, status: int, raw: bytes, location: str) -> Reply:
        text = redact(error_text(raw))
        kind = classify(status, text)
        if kind == "redirected":
            text = f"{status}, it sends to {redact(bare_address(location))}"
        elif kind == "wrong_address":
            text = f"{status} at {', '.join(a.shown for a in self.addresses)}/chat/completions: {text}"
        elif kind == "wrong_model":
            text = f"{self.model}: {text}"
        return failure(kind, text[:500], status)

    def _broken(self, error: Exception, address: Address) -> Reply:
        text = redact(f"{type(error).__name__}: {error}")[:300]
        match error:
            case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
                return failure("bad_certificate", f"{address.shown}: {text}")
            case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
                return failure("unreachable", f"{address.shown}: {text}")
            case TimeoutError():
                return failure("timeout", f"{address.shown}: {text}")
            case aiohttp.ClientPayloadError():
                return failure("cut_body", text)
            case aiohttp.InvalidURL():
                return failure("wrong_address", text)
            case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | ConnectionError():
                return failure("dropped", f"{address.shown}: {text}")
            case aiohttp.ClientResponseError() | aiohttp.ClientError():
                return failure("malformed_body", text)
            case _:
                raise error

    # --- the rest of a model

    def facts(self) -> dict[str, Any]:
        """Addresses without their secrets, the fields left out, the names the server gave itself."""
        found: dict[str, Any] = {
            "kind": "http",
            "provider": self.provider.name,
            "model": self.model,
            "addresses": [a.shown for a in self.addresses],
        }
        if self.provider.leave_out or self.refused:
            found["fields_left_out"] = sorted({*self.provider.leave_out, *self.refused})
        if self.probed:
            found["probed"] = self.probed
        if self.echoed:
            found["served_as"] = sorted(self.echoed)
        return found

    def prepare(self, items: Callable[[], Iterable[Item]]) -> None:
        """Nothing to prepare."""

    def let_go(self) -> None:
        """What was sent comes back or fails."""

    async def close(self) -> None:
        """Close the connections."""
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None
        if self._session is not None:
            await self._session.close()
            self._session = None


def without_type(address: Address) -> dict[str, str]:
    """Headers of every call to an address, whatever its body is."""
    return {name: value for name, value in address.headers.items() if name != "Content-Type"}


class Flight:
    """A call on its way, for the watch."""

    __slots__ = ("bytes", "moved", "over", "response", "settings", "started", "task")

    def __init__(self, task: asyncio.Task[Any] | None, settings: Settings, started: float) -> None:
        self.task = task
        self.settings = settings
        self.started = started
        self.response: aiohttp.ClientResponse | None = None
        self.bytes = -1
        self.moved = started
        self.over = ""

    def late(self, now: float) -> bool:
        """Tell whether a limit is passed; notes what has come so far."""
        if self.over:
            return False
        if self.settings.timeout and now - self.started > self.settings.timeout:
            self.over = "timeout"
        elif self.response is not None and self.settings.stall_timeout:
            come = self.response.content.total_bytes
            if come != self.bytes:
                self.bytes, self.moved = come, now
            elif now - self.moved > self.settings.stall_timeout:
                self.over = "stalled"
        return bool(self.over)


class Address:
    """One address of an endpoint and its health."""

    def __init__(self, text: str) -> None:
        self.shown = bare_address(text)
        parts = urlsplit(text)
        query = f"?{parts.query}" if parts.query else ""
        place = parts.netloc.rpartition("@")[2]
        self.url = URL(f"{parts.scheme}://{place}{parts.path.rstrip('/')}/chat/completions{query}")
        self.authorization = ""  # a user name and password written into the address go to it alone
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self.authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
            keep_secret(self.authorization.removeprefix("Basic "))
        self.headers: dict[str, str] = {}
        self.proxy = proxy_for(parts.scheme, parts.hostname or "")
        self.down_until = 0.0
        self.failures = 0

    def well(self) -> None:
        """It answered."""
        self.failures = 0
        self.down_until = 0.0

    def failed(self, kind: str, now: float) -> None:
        """It failed; after the third time in a row, or at once when nothing listens, it is left alone a while."""
        if kind not in ("unreachable", "dropped", "server_error", "timeout", "stalled"):
            return
        self.failures += 1
        if self.failures >= 3 or kind == "unreachable":
            self.down_until = now + min(60.0, 2.0 * 2 ** min(self.failures, 5))


class Collected:
    """The parts of an answer as they come."""

    __slots__ = ("calls", "content", "finish", "model", "reasoning", "refusal", "usage")

    def __init__(self, model: str | None, used: _Usage | None) -> None:
        self.content: list[str] = []
        self.reasoning: list[str] = []
        self.calls: dict[int, dict[str, Any]] = {}
        self.refusal = ""
        self.finish = ""
        self.model = model
        self.usage = used

    def take(self, part: _Message) -> bool:
        """Add a message or a delta; tell whether it said anything."""
        text, thought = content_parts(part.content)
        if part.reasoning_content:
            thought += part.reasoning_content
        elif part.reasoning:
            thought += part.reasoning if isinstance(part.reasoning, str) else ""
        if text:
            self.content.append(text)
        if thought:
            self.reasoning.append(thought)
        if part.refusal:
            self.refusal += part.refusal
        for number, call in enumerate(part.tool_calls or ()):
            place = call.index if call.index is not None else number
            slot = self.calls.setdefault(place, {"name": "", "arguments": [], "id": ""})
            slot["id"] = slot["id"] or call.id or ""
            if call.function is not None:
                slot["name"] = slot["name"] or call.function.name or ""
                arguments = call.function.arguments
                if arguments is not None:
                    slot["arguments"].append(
                        arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
                    )
        return bool(text or thought or part.tool_calls)


def join_halves(text: str) -> str:
    """Two halves of one character that came in two parts of a stream become one; a lone half stays.

    >>> join_halves(chr(0xD83D) + chr(0xDE00)) == "😀", join_halves(chr(0xD83D)) == chr(0xD83D)
    (True, True)
    """
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def content_parts(content: Json) -> tuple[str, str]:
    """Text and thoughts of a content, which may be a list of parts.

    >>> content_parts([{"type": "thinking", "thinking": "想"}, {"type": "text", "text": "好"}])
    ('好', '想')
    """
    if content is None or isinstance(content, str):
        return content or "", ""
    text, thought = "", ""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            text += part
        elif isinstance(part, dict):
            inner = part.get("thinking")
            if isinstance(inner, list):
                inner = "".join(p.get("text", "") for p in inner if isinstance(p, dict))
            thought += inner if isinstance(inner, str) else ""
            text += part["text"] if isinstance(part.get("text"), str) else ""
    return text, thought


def usage(given: _Usage | None) -> Usage | None:
    """Token counts in our words; None stays None."""
    if given is None:
        return None
    reasoning = given.completion_tokens_details.reasoning_tokens if given.completion_tokens_details else 0
    cached = given.prompt_tokens_details.cached_tokens if given.prompt_tokens_details else 0
    return Usage(
        given.prompt_tokens or 0,
        given.completion_tokens or 0,
        reasoning or 0,
        cached or given.prompt_cache_hit_tokens or 0,
    )


def other_model(asked: str, echoed: str) -> bool:
    """Tell whether the name the server gives is of another model; dates and paths around it do not count.

    >>> other_model("gpt-4o", "gpt-4o-2024-08-06"), other_model("Qwen/Qwen3-8B", "qwen3-8b")
    (False, False)
    >>> other_model("qwen-max", "qwen-turbo")
    True
    """
    here, there = (
        re.sub(r"[^a-z0-9.]", "", name.lower().rstrip("/").rpartition("/")[2]) for name in (asked, echoed)
    )
    return not (here in there or there in here)


def what_is_wrong(raw: bytes, content_type: str, message: str) -> tuple[str, str]:
    """Name the fault of a body that could not be decoded.

    >>> what_is_wrong("好".encode()[:2], "application/json", "")[0]
    'cut_character'
    >>> what_is_wrong("好".encode("gbk") + b"}", "application/json", "")[0]
    'not_utf8'
    >>> what_is_wrong(b"<html>", "text/html", "")[0], what_is_wrong(b'{"choices":[', "application/json", "")[0]
    ('wrong_content_type', 'cut_body')
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return "cut_character", f"after {error.start} bytes"
        return "not_utf8", f"byte {error.start} of {len(raw)}"
    start = redact(text[:120])
    if "html" in content_type or text.lstrip().startswith("<"):
        return "wrong_content_type", f"{content_type or 'no content type'}: {start}"
    if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
        return "cut_body", f"{redact(message)}: …{redact(text[-60:])}"
    return "malformed_body", f"{redact(message)}: {start}"


def error_text(raw: bytes) -> str:
    """The message of an error body, whatever its form."""
    text = raw.decode("utf-8", "replace").strip()
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).strip()[:400]
    found: list[str] = []

    def walk(value: Json, depth: int) -> None:
        if depth > 3:
            return
        if isinstance(value, dict):
            for field in (
                "error",
                "message",
                "msg",
                "detail",
                "code",
                "type",
                "param",
                "error_msg",
                "errors",
            ):
                if field in value:
                    walk(value[field], depth + 1)
        elif isinstance(value, list):
            for part in value[:3]:
                walk(part, depth + 1)
        elif isinstance(value, str | int) and str(value) not in found:
            found.append(str(value))

    walk(data, 0)
    return " · ".join(found)[:400] or text[:400]


def classify(status: int, text: str) -> str:
    """Name what a refused request means.

    >>> classify(429, "Rate limit reached"), classify(429, "insufficient_quota"), classify(400, "data_inspection_failed")
    ('rate_limit', 'no_credit', 'filtered')
    >>> classify(404, "The model `x` does not exist"), classify(404, "Not Found"), classify(503, "busy")
    ('wrong_model', 'wrong_address', 'server_error')
    """
    if 300 <= status < 400:
        return "redirected"
    if status == 429:
        pattern = dict(PATTERNS)["no_credit"]
        return (
            "no_credit"
            if pattern.search(text) and not re.search(r"per (minute|day)|rate", text, re.I)
            else "rate_limit"
        )
    if status == 529:
        return "rate_limit"
    if status >= 500:
        return "server_error"
    if status in (401, 403):
        return "wrong_key"
    if status == 402:
        return "no_credit"
    if status in (404, 405):
        return (
            "wrong_model"
            if dict(PATTERNS)["wrong_model"].search(text) or "model" in text.lower()
            else "wrong_address"
        )
    if status in (408, 425):
        return "timeout"
    if status == 200 and re.search(r"rate.?limit|too many|overload|busy|限流|繁忙", text, re.I):
        return "rate_limit"
    for kind, pattern in PATTERNS:
        if pattern.search(text):
            return kind
    return "server_error" if status == 200 else "bad_request"


def seconds(text: str) -> float | None:
    """A span as rate-limit headers write it: seconds, or 1m30s, 250ms, or an HTTP date.

    >>> seconds("2"), seconds("1m30s"), seconds("250ms"), seconds("x")
    (2.0, 90.0, 0.25, None)
    """
    text = text.strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    units = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
    if re.fullmatch(r"(\d+(\.\d+)?(ms|s|m|h|d))+", text):
        return sum(float(n) * units[u] for n, u in re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text))
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def hear(headers: Any, told: Told) -> None:
    """Read Retry-After and the usual rate-limit headers."""
    if wait := headers.get("retry-after-ms"):
        told.retry_after = (seconds(wait) or 0.0) / 1000
    elif wait := headers.get("Retry-After"):
        told.retry_after = seconds(wait)
    for what in ("requests", "tokens"):
        limit = headers.get(f"x-ratelimit-limit-{what}")
        left = headers.get(f"x-ratelimit-remaining-{what}")
        reset = headers.get(f"x-ratelimit-reset-{what}")
        try:
            number = float(limit) if limit else 0.0
            if left is not None and float(left) <= 0 and reset and (wait_s := seconds(reset)):
                told.reset = max(told.reset or 0.0, min(wait_s, 300.0))
        except ValueError:
            continue
        if number > 0 and what == "requests":
            told.limit_requests = number
        elif number > 0:
            told.limit_tokens = number


def proxy_for(scheme: str, host: str) -> str | None:
    """The proxy of the environment for this host, none for this machine's own addresses."""
    from urllib.request import getproxies, proxy_bypass

    if host in ("localhost", "127.0.0.1", "::1") or host.endswith(".local") or proxy_bypass(host):
        return None
    return getproxies().get(scheme)
