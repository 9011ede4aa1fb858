"""Tool-call dialects of literals: Python calls, and Gemma's braces with marked strings."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from typing import Any

from zhprobe.text.call_syntax import NAME, Found, ParsedCall, decode_whole, skip_space

Schemas = Mapping[str, Mapping[str, Any]]

_PYTHON_MARKS = (("<|tool_call_start|>", "<|tool_call_end|>"), ("<|python_start|>", "<|python_end|>"))
_PYTHON_LIMIT = 50_000  # characters handed to the Python parser


def pythonic(text: str, schemas: Schemas) -> Found:
    """`[f(a=1, b="x"), g()]` of Llama 3.2/4 and LFM2: literals only, never evaluated."""
    result = Found()
    for start, end, mark in _python_places(text):
        marked = bool(mark)
        calls = _python_calls(text[start:end].strip(), (start - mark, end))
        if calls:
            result.calls += calls
        elif marked:
            result.broken.append((start, end))
    return result


def _python_places(text: str) -> list[tuple[int, int, int]]:
    """Where Python calls may stand: start, end, length of the mark before them (0 without one)."""
    places = []
    for opening, closing in _PYTHON_MARKS:
        position = 0
        while (start := text.find(opening, position)) >= 0:
            end = text.find(closing, start)
            stop = end if end >= 0 else len(text)
            places.append((start + len(opening), stop, len(opening)))
            position = stop + 1
    if not places and text.lstrip().startswith("["):
        start = skip_space(text, 0)
        end = len(re.sub(r"(?:\s|<\|\w+\|>)+\Z", "", text))
        places.append((start, end, 0))
    return places


def _python_calls(source: str, span: tuple[int, int]) -> list[ParsedCall]:
    if len(source) > _PYTHON_LIMIT:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a string is the model's text, not our program
            tree = ast.parse(source, mode="eval").body
            nodes = tree.elts if isinstance(tree, ast.List) else [tree]
            calls = []
            for node in nodes:
                if not isinstance(node, ast.Call) or node.args or any(k.arg is None for k in node.keywords):
                    return []
                arguments = {str(k.arg): _plain(ast.literal_eval(k.value)) for k in node.keywords}
                calls.append(ParsedCall(_dotted(node.func), arguments, span, "pythonic"))
            return calls
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return []


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise ValueError("not a name")


def _plain(value: Any) -> Any:
    """A Python literal as JSON would hold it; sets and complex numbers have no such shape."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("keys must be strings")
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError("no JSON shape")


_GEMMA_QUOTE = '<|"|>'


def gemma4(text: str, schemas: Schemas) -> Found:
    """`<|tool_call>call:NAME{k:<|"|>v<|"|>}<tool_call|>`."""
    result = Found()
    opening = re.compile(rf"<\|tool_call>\s*call:({NAME})\s*(?=\{{)")
    for match in opening.finditer(text):
        try:
            value, end = _gemma_value(text, match.end(), 0)
        except ValueError:
            result.broken.append(match.span())
            continue
        close = re.compile(r"\s*<tool_call\|>").match(text, end)
        if close is None:
            result.broken.append((match.start(), end))
            continue
        result.calls.append(ParsedCall(match[1], value, (match.start(), close.end()), "gemma4"))
    return result


def _gemma_value(text: str, place: int, depth: int) -> tuple[Any, int]:
    """One value of Gemma's notation: bare keys, strings between `<|"|>` marks."""
    place = skip_space(text, place)
    if depth > 50 or place >= len(text):
        raise ValueError("too deep or cut off")
    if text.startswith(_GEMMA_QUOTE, place):
        start = place + len(_GEMMA_QUOTE)
        end = text.find(_GEMMA_QUOTE, start)
        if end < 0:
            raise ValueError("string without end")
        return text[start:end], end + len(_GEMMA_QUOTE)
    if text[place] == "{":
        return _gemma_members(text, place + 1, depth)
    if text[place] == "[":
        return _gemma_list(text, place + 1, depth)
    bare = re.compile(r"[^,\]}\s<]+").match(text, place)
    decoded = decode_whole(bare[0]) if bare else None
    if bare is None or decoded is None:
        raise ValueError("no value here")
    return decoded[0], bare.end()


def _gemma_members(text: str, place: int, depth: int) -> tuple[dict[str, Any], int]:
    members: dict[str, Any] = {}
    key = re.compile(r'\s*(?:<\|"\|>)?([^:{}\[\]<>"]+)(?:<\|"\|>)?\s*:')
    while True:
        place = skip_space(text, place)
        if text.startswith("}", place):
            return members, place + 1
        found = key.match(text, place)
        if found is None:
            raise ValueError("no key here")
        members[found[1].strip()], place = _gemma_value(text, found.end(), depth + 1)
        place = skip_space(text, place)
        if text.startswith(",", place):
            place += 1
        elif not text.startswith("}", place):
            raise ValueError("neither comma nor end")


def _gemma_list(text: str, place: int, depth: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    while True:
        place = skip_space(text, place)
        if text.startswith("]", place):
            return values, place + 1
        value, place = _gemma_value(text, place, depth + 1)
        values.append(value)
        place = skip_space(text, place)
        if text.startswith(",", place):
            place += 1
        elif not text.startswith("]", place):
            raise ValueError("neither comma nor end")
