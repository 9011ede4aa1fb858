"""A model's own chat template: what it does with tools, system prompts and histories, found out by trying.

Several widely used templates drop tools without an error, escape Chinese, write today's date, or take
arguments only as an object or only as a string. So each is tried on tiny conversations before a run, and
what came out is kept with the run.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from zhprobe.models.base import sendable
from zhprobe.records import Json

# Nobody writes these by chance, and no template holds them.
ODD_NAME, ODD_WORDS, ODD_SYSTEM = "cha_hu_lu_jia_7q", "查葫芦的价钱，按斗计", "你是卖葫芦的。"
ODD_TOOL: dict[str, Json] = {
    "type": "function",
    "function": {
        "name": ODD_NAME,
        "description": ODD_WORDS,
        "parameters": {"type": "object", "properties": {"斗": {"type": "integer"}}, "required": ["斗"]},
    },
}
FIXED_DATE = "2026-01-01"  # written where a template asks for a date and the item has none


class Habits(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a template does."""

    digest: str
    tools: bool  # tools are in the rendered text
    chinese: bool  # and their description unescaped
    system: bool  # a system message is kept
    arguments: Literal["object", "string", "neither"]  # the form in which a history takes them
    parallel: bool  # two calls in one turn
    date: bool  # it writes a date of its own
    thinking: bool  # it has a switch for thinking
    steady: bool  # the same text twice


def render(
    tokenizer: Any,
    messages: Iterable[Mapping[str, Json]],
    tools: Iterable[Mapping[str, Json]] = (),
    *,
    thinking: bool | None = None,
    date: str = "",
    arguments: str = "object",
) -> str:
    """The prompt text. Raises whatever the template raises."""
    options: dict[str, Any] = {"date_string": long_date(date or FIXED_DATE)}
    if thinking is not None:
        options["enable_thinking"] = options["thinking"] = thinking
    shaped = [shape(sendable(message), arguments) for message in messages]
    listed = [dict(tool) for tool in tools] or None
    text = tokenizer.apply_chat_template(
        shaped, tools=listed, add_generation_prompt=True, tokenize=False, **options
    )
    return str(text)


def shape(message: dict[str, Json], arguments: str) -> dict[str, Json]:
    """A message with its calls' arguments as the template wants them."""
    if arguments != "object" or not message.get("tool_calls"):
        return message
    calls = [
        {**call, "function": {**call["function"], "arguments": json.loads(call["function"]["arguments"])}}
        for call in message["tool_calls"]
    ]
    return {**message, "tool_calls": calls}


def long_date(text: str) -> str:
    """A date as the templates that ask for one write it.

    >>> long_date("2026-03-05")
    '05 Mar 2026'
    """
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    found = re.match(r"(\d{4})-(\d{2})-(\d{2})", text)
    return f"{found[3]} {months[int(found[2]) - 1]} {found[1]}" if found else text


def try_template(tokenizer: Any) -> Habits:
    """Render tiny conversations and see."""
    user = {"role": "user", "content": "葫芦多少钱？"}
    system = {"role": "system", "content": ODD_SYSTEM}

    def text_of(messages: list[dict[str, Json]], tools: list[dict[str, Json]], **options: Any) -> str:
        try:
            return render(tokenizer, messages, tools, **options)
        except Exception:  # a template may raise anything; then the answer is no
            return ""

    with_tools = text_of([system, user], [ODD_TOOL]) or text_of([user], [ODD_TOOL])
    plain = text_of([system, user], [])
    arguments: Literal["object", "string", "neither"] = "neither"
    parallel = False
    forms: tuple[Literal["object", "string"], ...] = ("object", "string")
    for form in forms:
        one = text_of(_history(user, 1), [ODD_TOOL], arguments=form)
        # a string put through a second encoding shows its quotes escaped
        if one and "73" in one and '\\"斗\\"' not in one and '\\"\\u' not in one:
            arguments = form
            parallel = bool(text_of(_history(user, 2), [ODD_TOOL], arguments=form))
            break
    on, off = text_of([user], [], thinking=True), text_of([user], [], thinking=False)
    source = tokenizer.get_chat_template(tools=[ODD_TOOL]) if with_tools else tokenizer.get_chat_template()
    return Habits(
        digest=hashlib.sha256(str(source).encode()).hexdigest()[:16],
        tools=ODD_NAME in with_tools,
        chinese=ODD_WORDS in with_tools,
        system=ODD_SYSTEM in (with_tools or plain) or ODD_SYSTEM in plain,
        arguments=arguments,
        parallel=parallel,
        date=bool(re.search(r"\b\d{1,2} [A-Z][a-z]{2} 20\d\d\b|\b20\d\d-\d\d-\d\d\b", plain)),
        thinking=on != off,
        steady=text_of([system, user], []) == plain,
    )


def _history(user: dict[str, Json], calls: int) -> list[dict[str, Json]]:
    made = [
        {"id": f"call0000{n}", "type": "function", "function": {"name": ODD_NAME, "arguments": '{"斗": 73}'}}
        for n in range(calls)
    ]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "name": ODD_NAME, "content": '{"价": 5}'}
        for call in made
    ]
    return [user, {"role": "assistant", "content": "", "tool_calls": made}, *results]
