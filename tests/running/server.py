"""A chat-completions server on loopback that does what the model's name says. Run as a script or in a thread.

ok                    answers 答：<prompt>
faulty-PERCENT-SEED   misbehaves in every way on so many of its attempts, drawn by hash of prompt and attempt
one of WAYS           misbehaves in this way every time
first-N-WAY           misbehaves in this way the first N times a prompt comes, then answers
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
from collections import Counter
from typing import Any

from aiohttp import web

FAULTS = (
    "rate", "rate-after", "e500", "e503", "drop", "half", "wrong-json", "stall", "slow", "cut-character", "html",
)  # fmt: skip


class Server:
    """State of one server: what came, how often, and how fast it answers."""

    def __init__(self, delay: float = 0.0, stall: float = 3600.0, slow: float = 0.5) -> None:
        self.delay, self.stall, self.slow = delay, stall, slow
        self.seen: Counter[str] = Counter()  # by model and prompt
        self.ways: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.keep = True
        self.flying = self.most = 0
        self.app = web.Application(client_max_size=1 << 26)
        self.app.router.add_post("/v1/chat/completions", self.chat)
        self.app.router.add_get("/v1/models", self.models)
        self.app.router.add_get("/stats", self.stats)
        self.app.router.add_post("/v1/files", self.upload)
        self.app.router.add_get("/v1/files/{id}/content", self.content)
        self.app.router.add_post("/v1/batches", self.start_batch)
        self.app.router.add_get("/v1/batches", self.list_batches)
        self.app.router.add_get("/v1/batches/{id}", self.look_at_batch)
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.batch_calls: Counter[str] = Counter()
        self.batch_hiccups = 0  # the first so many calls to the batch endpoints fail

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "ok", "object": "model"}]})

    async def stats(self, request: web.Request) -> web.Response:
        return web.json_response({"seen": self.seen, "ways": self.ways, "most": self.most})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            return await self._chat(request)
        finally:
            self.flying -= 1

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        prompt = str(body["messages"][-1].get("content"))
        model = str(body["model"])
        name = f"{model} {prompt}"
        attempt = self.seen[name]
        self.seen[name] += 1
        if self.keep:
            self.bodies.append(body)
            self.headers.append(dict(request.headers))
        way = self.way(model, prompt, attempt)
        self.ways[way] += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        return await getattr(self, "do_" + way.replace("-", "_"))(request, body, prompt)

    @staticmethod
    def way(model: str, prompt: str, attempt: int) -> str:
        if model.startswith("faulty-"):
            _, percent, seed = model.split("-")
            drawn = hashlib.sha256(f"{seed} {prompt} {attempt}".encode()).digest()
            if int.from_bytes(drawn[:4]) % 10000 < float(percent) * 100:
                return FAULTS[drawn[5] % len(FAULTS)]
            return "ok"
        if model.startswith("first-"):
            _, count, way = model.split("-", 2)
            return way if attempt < int(count) else "ok"
        return model

    # --- batches

    def _hiccup(self, what: str) -> None:
        self.batch_calls[what] += 1
        if self.batch_hiccups > 0:
            self.batch_hiccups -= 1
            raise web.HTTPServiceUnavailable

    async def upload(self, request: web.Request) -> web.Response:
        self._hiccup("upload")
        form = await request.post()
        assert form["purpose"] == "batch"
        name = f"file-{len(self.files)}"
        self.files[name] = form["file"].file.read()  # type: ignore[union-attr]
        return web.json_response({"id": name, "object": "file"})

    async def content(self, request: web.Request) -> web.Response:
        self._hiccup("content")
        return web.Response(body=self.files[request.match_info["id"]])

    async def start_batch(self, request: web.Request) -> web.Response:
        self._hiccup("start")
        body = await request.json()
        name = f"batch-{len(self.batches)}"
        self.batches[name] = {"id": name, "status": "validating", "looks": 0, **body}
        return web.json_response(self.batches[name])

    async def list_batches(self, request: web.Request) -> web.Response:
        return web.json_response({"data": list(self.batches.values())})

    async def look_at_batch(self, request: web.Request) -> web.Response:
        self._hiccup("look")
        batch = self.batches[request.match_info["id"]]
        batch["looks"] += 1
        if batch["looks"] == 2:
            batch["status"] = "in_progress"
        if batch["looks"] >= 3 and batch["status"] != "completed":
            self._complete(batch)
        return web.json_response(batch)

    def _complete(self, batch: dict[str, Any]) -> None:
        good, bad = [], []
        for line in reversed(self.files[batch["input_file_id"]].splitlines()):
            row = json.loads(line)
            body, prompt = row["body"], str(row["body"]["messages"][-1]["content"])
            name = f"{body['model']} {prompt}"
            attempt = self.seen[name]
            self.seen[name] += 1
            way = self.way(str(body["model"]), prompt, attempt)
            if way == "ok":
                answer = self.reply(body, {"content": f"答：{prompt}"})
                good.append(
                    {
                        "custom_id": row["custom_id"],
                        "response": {"status_code": 200, "body": answer},
                        "error": None,
                    }
                )
            else:
                fault = {"status_code": 500, "body": {"error": {"message": "internal"}}}
                bad.append({"custom_id": row["custom_id"], "response": fault, "error": None})
        for field, rows in (("output_file_id", good), ("error_file_id", bad)):
            if rows:
                name = f"file-{len(self.files)}"
                self.files[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
                batch[field] = name
        batch["status"] = "completed"
        batch["request_counts"] = {"total": len(good) + len(bad), "completed": len(good), "failed": len(bad)}

    # --- ways to answer

    def reply(
        self, body: dict[str, Any], message: dict[str, Any], finish: str = "stop", **more: Any
    ) -> dict[str, Any]:
        return {
            "id": "x",
            "object": "chat.completion",
            "model": body["model"],
            "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            **more,
        }

    async def do_ok(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        if body.get("stream"):
            return await self.stream(
                request, body, [f"答：{prompt}"[n : n + 3] for n in range(0, len(prompt) + 2, 3)]
            )
        return web.json_response(self.reply(body, {"content": f"答：{prompt}"}))

    async def stream(
        self, request: web.Request, body: dict[str, Any], parts: list[str], *, end: bool = True, cut: int = 0
    ) -> web.StreamResponse:
        """Events cut into pieces of 7 bytes, so that characters and lines are torn."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        events = [
            {"model": body["model"], "choices": [{"index": 0, "delta": {"content": part}}]} for part in parts
        ]
        if end:
            events.append(
                {"model": body["model"], "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            )
            events.append(
                {"model": body["model"], "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
            )
        data = b": keep-alive\r\n\r\n" + b"".join(
            b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\r\n\r\n" for event in events
        )
        data += b"data: [DONE]\r\n\r\n" if end else b""
        data = data[:-cut] if cut else data
        for start in range(0, len(data), 7):
            await response.write(data[start : start + 7])
        return response

    async def do_stream_cut(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return await self.stream(request, body, ["半", "截"], end=False)

    async def do_stream_error(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(
            b'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {"error":{"message":"boom"}}\n\n'
        )
        return response

    async def do_stream_broken(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'data: {"choices":[{"delta":\n\ndata: [DONE]\n\n')
        return response

    async def do_stream_calls(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        deltas = [
            {"reasoning_content": "想一"},
            {"reasoning_content": "想"},
            {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "查", "arguments": ""}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '{"城市":'}}]},
            {"tool_calls": [{"index": 1, "id": "b", "function": {"name": "订", "arguments": "{}"}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '"北京"}'}}]},
        ]
        for delta in deltas:
            await response.write(b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\n\n")
        await response.write(b'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n')
        return response

    async def do_slow(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        await asyncio.sleep(self.slow)
        return await self.do_ok(request, body, prompt)

    async def do_calls(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        calls = [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "查天气", "arguments": '{"城市": "北\\u4eac"}'},
            }
        ]
        return web.json_response(self.reply(body, {"content": None, "tool_calls": calls}, "tool_calls"))

    async def do_calls_object(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        calls = [{"function": {"name": "查天气", "arguments": {"城市": "北京"}}}]
        return web.json_response(self.reply(body, {"content": "", "tool_calls": calls}, "tool_calls"))

    async def do_thinking(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response(self.reply(body, {"content": "好", "reasoning_content": "想一想"}))

    async def do_think_marks(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response(self.reply(body, {"content": "<think>\n想一想\n</think>\n\n好"}))

    async def do_obedient(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        """Does what every field says."""
        text = "一，二，三，四，五，六，七"
        message: dict[str, Any] = {"content": text}
        finish = "stop"
        if body.get("max_tokens", 99) < 10:
            message["content"], finish = "一，二", "length"
        if body.get("stop"):
            message["content"] = text.partition(body["stop"][0])[0]
        if body.get("response_format"):
            message["content"] = '{"长江": "长"}'
        if body.get("seed"):
            message["content"] = f"句子{body['seed']}"
        if body.get("tool_choice") == "required":
            message["tool_calls"] = [{"id": "c", "function": {"name": "cha_hu_lu_jia", "arguments": "{}"}}]
        reply = self.reply(body, message, finish)
        reply["choices"] *= body.get("n", 1)
        if body.get("logprobs"):
            reply["choices"][0]["logprobs"] = {"content": []} | {"x": 1}
        reply["usage"]["prompt_tokens"] += 50 * len(body.get("tools", ()))
        return web.json_response(reply)

    async def do_empty(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.json_response(self.reply(body, {"content": ""}))

    async def do_length(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.json_response(self.reply(body, {"content": "没说完"}, "length"))

    async def do_filtered(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response(self.reply(body, {"content": ""}, "content_filter"))

    async def do_refused(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        error = {
            "error": {
                "code": "data_inspection_failed",
                "message": "Input data may contain inappropriate content.",
            }
        }
        return web.json_response(error, status=400)

    async def do_too_long(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        error = {"error": {"message": "This model's maximum context length is 4096 tokens."}}
        return web.json_response(error, status=400)

    async def do_bad(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.json_response({"error": {"message": "messages: something is amiss"}}, status=400)

    async def do_no_seed(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        if "seed" in body:
            error = {"error": {"message": "Unsupported parameter: 'seed'.", "param": "seed"}}
            return web.json_response(error, status=400)
        return await self.do_ok(request, body, prompt)

    async def do_other_model(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response({**self.reply(body, {"content": "好"}), "model": "something-else"})

    async def do_surrogate(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        text = '{"choices":[{"message":{"content":"a\\ud83d"},"finish_reason":"stop"}]}'
        return web.Response(text=text, content_type="application/json")

    async def do_key(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key != "sk-good-key-0123":
            error = {"error": {"message": f"Incorrect API key provided: {key}.", "code": "invalid_api_key"}}
            return web.json_response(error, status=401)
        return await self.do_ok(request, body, prompt)

    async def do_echo_key(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response(
            self.reply(body, {"content": f"您的钥匙是{request.headers.get('Authorization')}"})
        )

    async def do_no_model(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response({"error": {"message": "The model `no-model` does not exist."}}, status=404)

    async def do_elsewhere(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("http://evil.invalid/v1/chat/completions?key=abcdefgh")

    async def do_credit(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.json_response({"error": {"message": "insufficient_quota"}}, status=429)

    async def do_rate(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.json_response({"error": {"message": "Rate limit reached"}}, status=429)

    async def do_rate_after(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response(
            {"error": {"message": "slow down"}}, status=429, headers={"Retry-After": "1"}
        )

    async def do_e500(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.Response(status=500, text="<h1>Internal Server Error</h1>", content_type="text/html")

    async def do_e503(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.json_response({"detail": "overloaded"}, status=503)

    async def do_tools500(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        """Fails on a call the model wrote badly; prompts that say so, whenever tools are given."""
        if "tools" in body and "坏" in prompt:
            return web.Response(status=500, text="failed to parse tool call")
        return await self.do_ok(request, body, prompt)

    async def do_drop(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async def do_half(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        data = json.dumps(self.reply(body, {"content": f"答：{prompt}"})).encode()
        response = web.StreamResponse(
            headers={"Content-Type": "application/json", "Content-Length": str(len(data))}
        )
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    async def do_wrong_json(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.Response(text='{"choices": 3}', content_type="application/json")

    async def do_not_json(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.Response(text="OK", content_type="application/json")

    async def do_no_choice(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        return web.json_response({"choices": []})

    async def do_cut_character(
        self, request: web.Request, body: dict[str, Any], prompt: str
    ) -> web.StreamResponse:
        data = json.dumps(self.reply(body, {"content": "好好好"}), ensure_ascii=False).encode()
        return web.Response(body=data[: data.index("好".encode()) + 4], content_type="application/json")

    async def do_gbk(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        data = json.dumps(self.reply(body, {"content": "你好，世界"}), ensure_ascii=False).encode("gbk")
        return web.Response(body=data, content_type="application/json")

    async def do_html(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        return web.Response(text="<html><body>Welcome</body></html>", content_type="text/html")

    async def do_stall(self, request: web.Request, body: dict[str, Any], prompt: str) -> web.StreamResponse:
        data = json.dumps(self.reply(body, {"content": "好"})).encode()
        response = web.StreamResponse(
            headers={"Content-Type": "application/json", "Content-Length": str(len(data))}
        )
        await response.prepare(request)
        await response.write(data[:10])
        await asyncio.sleep(self.stall)
        return response


async def serve(server: Server, port: int = 0) -> tuple[web.AppRunner, int]:
    """Start a server in the running loop."""
    runner = web.AppRunner(server.app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    bound = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    return runner, bound


async def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--slow", type=float, default=0.5)
    given = parser.parse_args()
    server = Server(given.delay, slow=given.slow)
    server.keep = False
    _, port = await serve(server, given.port)
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
