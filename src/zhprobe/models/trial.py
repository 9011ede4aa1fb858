"""Does an endpoint do what its fields say? One small request for each, whose answer shows it.

Servers take fields they do nothing with. So each is tried with a request where obeying and ignoring look
different: `works`, `ignored`, `refused`, or `unclear` where the answer would fit both.
"""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import msgspec

from zhprobe.errors import UserError
from zhprobe.models.base import FAILURES
from zhprobe.models.http import Http, classify, error_text
from zhprobe.models.providers import redact
from zhprobe.records import Json

TOOL: dict[str, Json] = {
    "type": "function",
    "function": {
        "name": "cha_hu_lu_jia",
        "description": "查一斗葫芦的价钱，按当日市价",
        "parameters": {"type": "object", "properties": {"斗": {"type": "integer"}}, "required": ["斗"]},
    },
}
COUNT = "请从一数到二十，用中文数字，数字之间用逗号隔开，不要写别的。"


async def try_fields(model: Http) -> dict[str, str]:
    """What became of each field. Costs about a dozen short calls."""
    found: dict[str, str] = {}
    plain = await _ask(model, COUNT)
    if isinstance(plain, str):
        raise UserError(f"model {model.name}", f"it cannot be tried: {plain}")
    short = await _ask(model, COUNT, {"max_tokens": 8})
    found["max_tokens"] = _judge(short, lambda b: _finish(b) == "length" or len(_text(b)) < len(_text(plain)))
    stopped = await _ask(model, COUNT, {"stop": ["五"]})
    if "五" not in _text(plain):
        found["stop"] = "unclear"
    else:
        found["stop"] = _judge(stopped, lambda b: "五" not in _text(b))
    formed = await _ask(
        model, "用一句话介绍长江，不要用 JSON。", {"response_format": {"type": "json_object"}}
    )
    found["response_format"] = _judge(formed, lambda b: _is_object(_text(b)))
    found["n"] = _judge(await _ask(model, "你好", {"n": 2}), lambda b: len(b.get("choices", ())) == 2)
    found["logprobs"] = _judge(
        await _ask(model, "你好", {"logprobs": True}), lambda b: bool(b["choices"][0].get("logprobs"))
    )
    found["seed"] = await _try_seed(model)
    found.update(await _try_tools(model))
    return found


async def _try_seed(model: Http) -> str:
    fields = {"temperature": 1.2, "seed": 7}
    question = "随便编一个八字的句子，越出人意料越好。"
    answers = [await _ask(model, question, {**fields, "seed": seed}) for seed in (7, 7, 8)]
    if refused := next((a for a in answers if isinstance(a, str)), ""):
        return f"refused: {refused}"
    one, again, other = (_text(a) for a in answers if not isinstance(a, str))
    if one != again:
        return "ignored"
    return "works" if other != one else "unclear"


async def _try_tools(model: Http) -> dict[str, str]:
    """Tools change the number of prompt tokens, or they were not rendered."""
    bare = await _ask(model, "你好")
    with_tools = await _ask(model, "你好", {"tools": [TOOL]})
    found: dict[str, str] = {}
    if isinstance(with_tools, str):
        return {"tools": f"refused: {with_tools}", "tool_choice": "unclear"}
    here, there = (_prompt_tokens(b) for b in (bare, with_tools))
    found["tools"] = "unclear" if not here or not there else "works" if there > here else "ignored"
    forced = await _ask(model, "你好", {"tools": [TOOL], "tool_choice": "required"})
    found["tool_choice"] = _judge(forced, lambda b: bool(b["choices"][0]["message"].get("tool_calls")))
    return found


async def _ask(model: Http, prompt: str, fields: dict[str, Json] | None = None) -> dict[str, Any] | str:
    """The body of an answer, or in words why there is none."""
    body = {
        "model": model.model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0.0,
        "max_tokens": 200,
        **(fields or {}),
    }
    body = {model.provider.rename.get(field, field): value for field, value in body.items()}
    address = model.addresses[0]
    try:
        async with model._open().post(
            address.url,
            data=msgspec.json.encode(body),
            headers=address.headers,
            allow_redirects=False,
            proxy=address.proxy,
            timeout=aiohttp.ClientTimeout(total=120, sock_connect=15),
        ) as response:
            raw = await response.read()
            status = response.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return redact(f"{type(error).__name__}: {error}")[:200]
    if status != 200:
        text = redact(error_text(raw))
        return f"{FAILURES[classify(status, text)][1]}: {text}"[:200]
    try:
        answer: dict[str, Any] = msgspec.json.decode(raw)
        answer["choices"][0]["message"].get("content")
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, IndexError, TypeError, AttributeError):
        return "the answer is not a chat completion"
    return answer


def _judge(answer: dict[str, Any] | str, obeyed: Any) -> str:
    if isinstance(answer, str):
        return f"refused: {answer}"
    return "works" if obeyed(answer) else "ignored"


def _text(answer: dict[str, Any] | str) -> str:
    return "" if isinstance(answer, str) else str(answer["choices"][0]["message"].get("content") or "")


def _finish(answer: dict[str, Any]) -> str:
    return str(answer["choices"][0].get("finish_reason"))


def _prompt_tokens(answer: dict[str, Any] | str) -> int:
    return 0 if isinstance(answer, str) else int((answer.get("usage") or {}).get("prompt_tokens") or 0)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
