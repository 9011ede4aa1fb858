"""Asking with patience: how many at a time, how fast, again or not, and when to stop.

One `Gate` stands before each endpoint; models that share the endpoint share the gate. It holds the number
of calls in flight, which shrinks when refusals for speed are no longer the exception and grows back, the
requests and tokens a minute where they are known, and the judgement that an endpoint is beyond hope.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from zhprobe.models.base import FAILURES, Model, Request, Stopped, Told, failure
from zhprobe.records import Reply


class Patience(msgspec.Struct, frozen=True):
    """How long to go on. `attempts` is for one request, `hopeless` for an endpoint that never answered,
    `outage` for one that did and then fell silent; `shortest` and `longest` bound the back-off."""

    attempts: int = 10
    shortest: float = 0.5
    longest: float = 60.0
    hopeless: float = 6.0
    outage: float = 600.0
    refusals: int = 3  # requests refused as bad, with none accepted, before the model is given up


def back_off(attempt: int, patience: Patience, chance: random.Random) -> float:
    """Seconds to wait after failed attempt number `attempt`: doubling, the upper half at random.

    >>> p = Patience(); [round(back_off(n, p, random.Random(1)), 2) for n in (1, 2, 3)]
    [0.28, 0.57, 1.13]
    """
    most = min(patience.longest, patience.shortest * 2.0 ** (attempt - 1))
    return most * (0.5 + chance.random() / 2)


# The same of these four times in a row is the request's fault, whatever it looks like.
STUBBORN = frozenset(
    ("timeout", "stalled", "malformed_body", "not_utf8", "cut_character", "no_choice", "wrong_content_type")
)
STUBBORN_LIMIT = 4
# Bodies that an endpoint which has answered others sends: this item's trouble, not the endpoint's.
BAD_BODIES = frozenset(("malformed_body", "not_utf8", "cut_character", "no_choice"))


class Gate:
    """The way to one endpoint."""

    def __init__(
        self,
        ceiling: int,
        *,
        patience: Patience = Patience(),  # noqa: B008  frozen
        rpm: float | None = None,
        tpm: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ceiling = ceiling
        self.limit = float(ceiling)
        self.patience = patience
        self.active = 0
        self.rpm, self.tpm = rpm, tpm
        self.clock = clock
        self.faults: dict[str, int] = {}
        self.lowest = float(ceiling)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._open_at = 0.0  # nothing goes out before
        self._next_at = 0.0  # pace of rpm and tpm
        self._timer: asyncio.TimerHandle | None = None
        self._recent: deque[bool] = deque(maxlen=64)  # True: refused for speed
        self._cut_at = 0.0
        self._cut_from = float(ceiling)
        self._pause = 0.0
        self.succeeded = 0
        self.answered_before = False  # in an earlier stint
        self._failing_since: float | None = None
        self._failing = 0

    # --- in and out

    async def enter(self, tokens: int = 0) -> None:
        """Wait for a place."""
        if self._waiting or not self._free():
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            self._wake()
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self.leave()
                raise
        else:
            self.active += 1
        self._spend(tokens)

    def turn_away(self) -> None:
        """Send everybody who waits home with `Stopped`."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(Stopped())

    def leave(self) -> None:
        """Give the place back."""
        self.active -= 1
        if self._waiting:
            self._wake()

    @property
    def in_trouble(self) -> bool:
        """Nothing but failures lately: few calls go out, and none of them counts against its item."""
        return self._failing >= max(8, self.ceiling)

    def _free(self) -> bool:
        if self.active >= (max(1, self.ceiling // 8) if self.in_trouble else int(self.limit)):
            return False
        if self._open_at or self._next_at:
            return self.clock() >= max(self._open_at, self._next_at)
        return True

    def _wake(self) -> None:
        while self._waiting and self._free():
            place = self._waiting.popleft()
            if not place.done():
                self.active += 1
                place.set_result(None)
                if self._next_at:
                    break  # the pace decides when the next one goes
        wait = max(self._open_at, self._next_at) - self.clock()
        if self._waiting and wait > 0 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(max(wait, 0.001), self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._wake()

    def _spend(self, tokens: int) -> None:
        if not self.rpm and not self.tpm:
            return
        step = max(60.0 / self.rpm if self.rpm else 0.0, tokens * 60.0 / self.tpm if self.tpm else 0.0)
        self._next_at = max(self._next_at, self.clock()) + step

    # --- what came back

    def went_well(self, told: Told) -> None:
        """An answer came."""
        self.succeeded += 1
        self._failing = 0
        self._failing_since = None
        self._pause = 0.0
        self._recent.append(False)
        if self.limit < self.ceiling:
            step = 1.0 if self.limit < 0.8 * self._cut_from else 0.1  # slowly past where it was too fast
            self.limit = min(self.ceiling, self.limit + step / self.limit)
        self._listen(told)

    def went_wrong(self, kind: str, told: Told) -> None:
        """An attempt failed in a way that may pass."""
        self.faults[kind] = self.faults.get(kind, 0) + 1
        if FAILURES[kind][0] != "again":
            return
        if kind in BAD_BODIES and (self.succeeded or self.answered_before):
            self._listen(told)
            return
        now = self.clock()
        if self._failing_since is None:
            self._failing_since = now
        self._failing += 1
        self._recent.append(kind == "rate_limit")
        self._listen(told)
        if self.in_trouble and now >= self._open_at:
            most = self.patience.longest if self.succeeded else min(2.0, self.patience.longest)
            self._pause = min(most, max(self.patience.shortest, 2 * self._pause))
            self._open_at = now + self._pause
        if kind != "rate_limit":
            return
        share = sum(self._recent) / len(self._recent)
        # one refusal in five or more: not the odd one, and not a short run of chance either
        if share > 0.2 and len(self._recent) >= 16 and now >= self._cut_at:
            self._cut_from = self.limit
            self.limit = max(1.0, self.limit * max(0.5, 1 - share))
            self.lowest = min(self.lowest, self.limit)
            self._cut_at = now + 0.25
            self._recent.clear()
            if told.retry_after:
                self._open_at = max(self._open_at, now + told.retry_after)

    def _listen(self, told: Told) -> None:
        if told.reset:
            self._open_at = max(self._open_at, self.clock() + told.reset)
        if told.limit_requests and (self.rpm is None or told.limit_requests < self.rpm):
            self.rpm = told.limit_requests
        if told.limit_tokens and (self.tpm is None or told.limit_tokens < self.tpm):
            self.tpm = told.limit_tokens

    @property
    def hopeless(self) -> bool:
        """Whether going on makes no sense: nothing but failures for too long."""
        if self._failing_since is None or self._failing < 3:
            return False
        allowed = self.patience.outage if self.succeeded else self.patience.hopeless
        return self.clock() - self._failing_since > allowed

    def facts(self) -> dict[str, Any]:
        """What was learned."""
        found: dict[str, Any] = {"concurrency": self.ceiling}
        if self.lowest < self.ceiling:
            found["lowest_concurrency"] = int(self.lowest)
        if self.rpm:
            found["requests_per_minute"] = self.rpm
        if self.tpm:
            found["tokens_per_minute"] = self.tpm
        return found


OnFault = Callable[[Reply, int, float], None]  # the failed attempt, its number, seconds until the next
Sleep = Callable[[float], Awaitable[None]]


async def ask(
    model: Model,
    request: Request,
    gate: Gate,
    *,
    chance: random.Random,
    on_fault: OnFault | None = None,
    sleep: Sleep = asyncio.sleep,
    stopped: Callable[[], bool] = lambda: False,
    tokens: int = 0,
) -> Reply:
    """Ask until there is an answer, or none is to be had. The reply says after how many attempts.

    Raises `Stopped` when `stopped()` says so before an attempt. `sleep` waits between attempts; the caller
    may let another request use that time.
    """
    attempt = 0
    server_errors = same = 0
    before = ""
    while True:
        attempt += 1
        told = Told()
        await gate.enter(tokens)
        try:
            if stopped():
                raise Stopped
            reply = await model.answer(request, told)
        finally:
            gate.leave()
        if reply.error is None:
            gate.went_well(told)
            return reply if attempt == 1 else msgspec.structs.replace(reply, attempts=attempt)
        kind = reply.error.kind
        gate.went_wrong(kind, told)
        last = msgspec.structs.replace(reply, attempts=attempt)
        if FAILURES[kind][0] != "again":
            if on_fault:
                on_fault(last, attempt, 0.0)
            return last
        server_errors = server_errors + 1 if kind == "server_error" else 0
        same = same + 1 if kind == before else 1
        before = kind
        tired = attempt >= gate.patience.attempts or (kind in STUBBORN and same >= STUBBORN_LIMIT)
        if server_errors >= 3 and request.tools and gate.succeeded:
            rejected = await _without_tools(model, request, gate, attempt)
            if rejected is not None:
                return rejected
        if gate.hopeless or (tired and not gate.in_trouble):
            if on_fault:
                on_fault(last, attempt, 0.0)
            if gate.hopeless:
                text = f"{FAILURES[kind][1]}; {gate._failing} failures in a row: {reply.error.message}"
                return failure("given_up", text, reply.error.status, attempts=attempt)
            return last
        wait = back_off(attempt, gate.patience, chance)
        if kind == "dropped" and attempt == 1:
            wait = 0.0  # a kept connection that the server had just closed
        if told.retry_after is not None:
            wait = max(wait, min(told.retry_after, gate.patience.outage))
        if on_fault:
            on_fault(last, attempt, wait)
        if wait:
            await sleep(wait)


async def _without_tools(model: Model, request: Request, gate: Gate, attempt: int) -> Reply | None:
    """Some servers answer 500 to a call the model wrote badly, every time: then it is the model's fault.

    It counts as that only when the same messages go through without tools and then fail again with them.
    """
    plain = msgspec.structs.replace(request, tools=())
    for tried, must_fail in ((plain, False), (request, True)):
        told = Told()
        await gate.enter()
        try:
            reply = await model.answer(tried, told)
        finally:
            gate.leave()
        if must_fail and reply.error is None:
            gate.went_well(told)
            return msgspec.structs.replace(reply, attempts=attempt + 2)
        if (reply.error is not None) != must_fail:
            return None
    return Reply("", "", model.name, flags=("server_rejected_output",), attempts=attempt + 2)
