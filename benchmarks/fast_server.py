"""A chat server that costs as little as can be: the client must be the limit. One fixed body, own loop, no framework.

It reads each request to its end (Content-Length), waits if told to, and writes one prepared answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os

ANSWER = "床前明月光，疑是地上霜。举头望明月，低头思故乡。" * 8
BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "bench",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 40, "completion_tokens": 120, "total_tokens": 160},
    },
    ensure_ascii=False,
).encode()
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


class Chat(asyncio.Protocol):
    """HTTP/1.1 with kept connections, just enough for requests with a Content-Length."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lower = head.lower()
            at = lower.find(b"content-length:")
            length = (
                int(lower[at + 15 : lower.find(b"\r\n", at) if b"\r\n" in lower[at:] else None])
                if at >= 0
                else 0
            )
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.reply)
            else:
                self.reply()

    def reply(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(RESPONSE)  # type: ignore[attr-defined]


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    server = await asyncio.get_running_loop().create_server(
        lambda: Chat(given.delay), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
