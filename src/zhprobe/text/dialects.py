"""From the raw text of a reply to the calls it makes, in whichever notation the model family has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhprobe.text import dialect_json, dialect_literal, dialect_markup
from zhprobe.text.call_marks import OPENING, WRAPPERS, attempts_in
from zhprobe.text.call_syntax import Found, ParsedCall, is_tool_description, schemas_of
from zhprobe.text.reasoning import part_reasoning

Parser = Callable[[str, Mapping[str, Mapping[str, Any]]], Found]

# In this order; the first that yields a call wins, the rest are reported.
DIALECTS: dict[str, Parser] = {
    "hermes": dialect_json.hermes,
    "xml-function": dialect_markup.xml_function,
    "glm-xml": dialect_markup.glm_xml,
    "glm-line": dialect_json.glm_line,
    "deepseek-v3": dialect_json.deepseek_v3,
    "deepseek-v3.1": dialect_json.deepseek_v31,
    "deepseek-dsml": dialect_markup.deepseek_dsml,
    "llama-json": dialect_json.llama_json,
    "llama-function": dialect_json.llama_function,
    "pythonic": dialect_literal.pythonic,
    "mistral": dialect_json.mistral,
    "internlm": dialect_json.internlm,
    "minimax-m1": dialect_json.minimax_m1,
    "minimax-m2": dialect_markup.minimax_m2,
    "kimi-k2": dialect_json.kimi_k2,
    "hunyuan": dialect_json.hunyuan,
    "gemma4": dialect_literal.gemma4,
    "harmony": dialect_json.harmony,
    "react": dialect_json.react,
    "array": dialect_json.array,
}

# A dialect is tried only where one of its signs is in the text.
_SIGNS: dict[str, tuple[str, ...]] = {
    "hermes": ("<tool_call>",),
    "xml-function": ("<function=",),
    "glm-xml": ("<tool_call>",),
    "glm-line": ("{",),
    "deepseek-v3": ("begin",),
    "deepseek-v3.1": ("begin",),
    "deepseek-dsml": ("invoke",),
    "llama-json": ("parameters", "python_tag"),
    "llama-function": ("<function=",),
    "pythonic": ("(",),
    "mistral": ("[TOOL_CALLS]",),
    "internlm": ("<|action_start|>",),
    "minimax-m1": ("<tool_calls>",),
    "minimax-m2": ("<minimax:",),
    "kimi-k2": ("<|tool_call_begin|>",),
    "hunyuan": ("<tool_calls>",),
    "gemma4": ("<|tool_call>",),
    "harmony": ("to=functions.",),
    "react": ("Action", "动作", "✿"),
    "array": ("{",),
}

_SPECIAL = re.compile(r"<[｜|][^<>\n]{1,40}[｜|]>|</s>|</?tool_call>|<tool_call\|>")


@dataclass(frozen=True, slots=True)
class Parse:
    """What a reply's raw text holds.

    `visible` is the text a reader sees: without reasoning, calls and special tokens. `attempts` are
    places where a call was begun and cannot be read. `others` are dialects that would have read calls too.
    """

    calls: tuple[ParsedCall, ...]
    dialect: str
    others: tuple[str, ...]
    attempts: tuple[tuple[int, int], ...]
    in_reasoning: tuple[ParsedCall, ...]
    visible: str
    reasoning: str
    reasoning_removed: bool
    reasoning_unclosed: bool


def parse_calls(
    raw: str, tools: Iterable[Mapping[str, Any]] = (), *, array_first: bool = False, reasoning: str = ""
) -> Parse:
    """Read the calls of a reply from its raw text.

    `tools` are the tools the model was given; `array_first` is for the prompt protocol, where a JSON
    array was asked for. `reasoning` is thinking the endpoint delivered apart.

    >>> parse_calls('<tool_call>{"name": "f", "arguments": {"城市": "兰州"}}</tool_call>').calls[0].arguments
    {'城市': '兰州'}
    >>> parse_calls('<tool_call>{"name": "f", "arguments": {"城市": "兰').attempts
    ((0, 11),)
    """
    schemas = schemas_of(tools)
    parted = part_reasoning(blanked(raw, reasoning))
    text = parted.visible
    thought = parted.reasoning + ("\n" + reasoning if reasoning else "")
    found, winner, others = _first(text, schemas, array_first)
    calls = _in_order(found.calls)
    attempts = attempts_in(text, [call.span for call in calls], found.broken, tuple(schemas))
    in_thought: tuple[ParsedCall, ...] = ()
    if thought and _may_hold_call(thought):
        in_thought = _in_order(_first(thought, schemas, array_first)[0].calls)
        # a marker in reasoning alone is an attempt only where nothing visible was said
        if not calls and not in_thought and not text.strip():
            attempts += tuple(m.span() for m in OPENING.finditer(thought))
    return Parse(
        calls=calls,
        dialect=winner,
        others=others,
        attempts=attempts,
        in_reasoning=in_thought,
        visible=_visible(text, calls),
        reasoning=thought,
        reasoning_removed=parted.removed,
        reasoning_unclosed=parted.unclosed,
    )


def blanked(raw: str, reasoning: str) -> str:
    """The raw text with thinking that the endpoint delivered apart blanked out, offsets kept."""
    thought = reasoning.strip()
    start = raw.find(thought) if thought else -1
    return raw if start < 0 else raw[:start] + " " * len(thought) + raw[start + len(thought) :]


def _may_hold_call(text: str) -> bool:
    return "{" in text or "<" in text or "(" in text


def _first(
    text: str, schemas: Mapping[str, Mapping[str, Any]], array_first: bool
) -> tuple[Found, str, tuple[str, ...]]:
    """The first dialect with a call, and the names of those that also read one."""
    if not _may_hold_call(text):
        return Found(), "", ()
    names = ["array", *(n for n in DIALECTS if n != "array")] if array_first else list(DIALECTS)
    winner, best, broken, others = "", Found(), Found(), []
    for name in names:
        if not any(sign in text for sign in _SIGNS[name]):
            continue
        found = DIALECTS[name](text, schemas)
        if found.calls and not winner:
            winner, best = name, found
        elif found.calls:
            others.append(name)
        elif found.broken and not broken.broken:
            broken = found
    if winner == "array" and others:
        # marks around an object are the stronger sign: the array reader sees the object inside them
        inner = {call.span for call in best.calls}
        plain = () if "<|python_tag|>" in text else ("llama-json",)
        marked = next((n for n in others if n not in plain and _covers(text, n, schemas, inner)), "")
        if marked:
            others = ["array", *(n for n in others if n != marked)]
            return DIALECTS[marked](text, schemas), marked, tuple(others)
    return (best if winner else broken), winner, tuple(others)


def _covers(text: str, name: str, schemas: Mapping[str, Any], spans: set[tuple[int, int]]) -> bool:
    outer = [call.span for call in DIALECTS[name](text, schemas).calls]
    return any(o[0] < s[0] and s[1] <= o[1] for o in outer for s in spans)


def _in_order(calls: Sequence[ParsedCall]) -> tuple[ParsedCall, ...]:
    return tuple(sorted(calls, key=lambda call: call.span[0]))


def _visible(text: str, calls: Sequence[ParsedCall]) -> str:
    """What a reader sees: calls and special tokens cut out."""
    pieces, position = [], 0
    for call in calls:
        if call.span[0] >= position:
            pieces.append(text[position : call.span[0]])
        position = max(position, call.span[1])
    pieces.append(text[position:])
    bare = _SPECIAL.sub("", WRAPPERS.sub("", "".join(pieces)))
    if calls:
        bare = re.sub(r"(?:`{3,}|~{3,})[^\n`]{0,20}\s*(?:`{3,}|~{3,})", "", bare)
    return bare.strip()


def has_words(text: str) -> bool:
    """Whether a text says anything: one letter, digit or Han character at least.

    >>> has_words("好"), has_words(" []\\n……")
    (True, False)
    """
    return any(character.isalnum() for character in text)


def echoes_tools(value: Any) -> bool:
    """Whether a decoded value is the tool list given back.

    >>> echoes_tools([{"name": "f", "parameters": {"type": "object", "properties": {}}}])
    True
    """
    members = value if isinstance(value, list) else [value]
    return bool(members) and all(
        isinstance(m, dict) and is_tool_description(m.get("function") or m) for m in members
    )
