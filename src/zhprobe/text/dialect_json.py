"""Tool-call dialects whose body is JSON between marks of the model family's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zhprobe.text.call_syntax import NAME, Found, ParsedCall, call_from, decode_at, skip_space

Schemas = Mapping[str, Mapping[str, Any]]

BAR = "[｜|]"  # DeepSeek writes U+FF5C; some decoders give the ASCII bar
LOW = "[▁_]"  # and U+2581


def _bodies(text: str, place: int) -> tuple[list[tuple[Any, int, int, tuple[str, ...]]], int]:
    """JSON values one after another (white space, `,` or `;` between), a list counted as its members."""
    found: list[tuple[Any, int, int, tuple[str, ...]]] = []
    while True:
        start = skip_space(text, place)
        if found and start < len(text) and text[start] in ",;":
            start = skip_space(text, start + 1)
        if start >= len(text) or text[start] not in "{[":
            return found, place
        got = decode_at(text, start)
        if got is None:
            found.append((None, start, start, ()))
            return found, start
        value, place, problems = got
        members = value if isinstance(value, list) else [value]
        found += [(member, start, place, problems) for member in members]


def _tagged(text: str, opening: str, closing: str, dialect: str, key: str) -> Found:
    """Calls as objects between an opening and a closing mark; a missing last mark is `unbalanced`."""
    result = Found()
    position = 0
    pattern, end_pattern = re.compile(opening), re.compile(r"\s*" + closing)
    while match := pattern.search(text, position):
        bodies, end = _bodies(text, match.end())
        close = end_pattern.match(text, end)
        tail: tuple[str, ...] = () if close else ("unbalanced",)
        for value, _, stop, problems in bodies:
            call = call_from(value, (match.start(), close.end() if close else stop), dialect, key)
            # anything between the value and the closing mark means the value is not what was meant
            if call is None or (not close and skip_space(text, end) != len(text) and _mark_near(text, end)):
                result.broken.append((match.start(), max(stop, match.end())))
            else:
                result.calls.append(_with(call, problems + tail))
        if not bodies:
            result.broken.append((match.start(), match.end()))
        position = max(close.end() if close else end, match.end())
    return result


def _mark_near(text: str, place: int) -> bool:
    """Whether a closing mark comes later with something else before it: a broken body."""
    return text[skip_space(text, place)] in '}],"'


def _with(call: ParsedCall, problems: tuple[str, ...]) -> ParsedCall:
    return ParsedCall(call.name, call.arguments, call.span, call.dialect, call.problems + problems)


def hermes(text: str, schemas: Schemas) -> Found:
    """`<tool_call>{"name":…,"arguments":{…}}</tool_call>` of Hermes, Qwen2.5, Qwen3."""
    return _tagged(text, r"<tool_call>(?=\s*[{\[])", r"</tool_call>", "hermes", "arguments")


def internlm(text: str, schemas: Schemas) -> Found:
    """`<|action_start|><|plugin|>{"name":…,"parameters":{…}}<|action_end|>`."""
    opening = r"<\|action_start\|>\s*<\|plugin\|>"
    return _tagged(text, opening, r"<\|action_end\|>", "internlm", "parameters")


def minimax_m1(text: str, schemas: Schemas) -> Found:
    """`<tool_calls>` with one JSON object a line."""
    return _tagged(text, r"<tool_calls>(?=\s*\{)", r"</tool_calls>", "minimax-m1", "arguments")


def hunyuan(text: str, schemas: Schemas) -> Found:
    """`<tool_calls>[{…}]</tool_calls>`."""
    return _tagged(text, r"<tool_calls>(?=\s*\[)", r"</tool_calls>", "hunyuan", "arguments")


def mistral(text: str, schemas: Schemas) -> Found:
    """`[TOOL_CALLS][{…}]`, and the newer `[TOOL_CALLS]NAME[ARGS]{…}`."""
    opening = rf"\[TOOL_CALLS\]\s*({NAME})(?:\[CALL_ID\]\w+)?\[ARGS\]"
    newer = _named(text, opening, r"(?:</s>)?", "mistral", closed=False)
    if newer.calls or newer.broken:
        return newer
    return _tagged(text, r"\[TOOL_CALLS\]", r"(?:</s>)?", "mistral", "arguments")


def llama_json(text: str, schemas: Schemas) -> Found:
    """`{"name":…,"parameters":{…}}` as the whole reply or after `<|python_tag|>`, `;` between calls."""
    result = Found()
    tag = text.find("<|python_tag|>")
    start = tag + len("<|python_tag|>") if tag >= 0 else skip_space(text, 0)
    if tag < 0 and not text.startswith("{", start):
        return result
    bodies, end = _bodies(text, start)
    for value, first, stop, problems in bodies:
        call = call_from(value, (first if tag < 0 else min(tag, first), stop), "llama-json", "parameters")
        if call is not None and not (tag < 0 and "args_key_parameters" in call.problems):
            result.calls.append(_with(call, problems))
        elif tag >= 0:
            result.broken.append((tag, stop))
    rest = re.sub(r"<\|\w+\|>", "", text[end:]).strip()
    if tag < 0 and (
        rest or (bodies and not all(isinstance(b[0], dict) and "parameters" in b[0] for b in bodies))
    ):
        return Found()  # prose around it: the array protocol's business
    if tag >= 0 and not bodies:
        result.broken.append((tag, start))
    return result


def _named(text: str, opening: str, closing: str, dialect: str, *, closed: bool = True) -> Found:
    """A mark that holds the name (group 1), then the arguments as JSON, then a closing mark."""
    result = Found()
    position = 0
    pattern, end_pattern = re.compile(opening), re.compile(r"\s*" + closing)
    while match := pattern.search(text, position):
        position = match.end()
        got = decode_at(text, skip_space(text, match.end()))
        if got is None:
            result.broken.append(match.span())
            continue
        arguments, end, problems = got
        close = end_pattern.match(text, end)
        if close is None and closed:
            if skip_space(text, end) != len(text):
                result.broken.append((match.start(), end))
                position = end
                continue
            problems += ("unbalanced",)
        stop = close.end() if close else end
        call = call_from({"name": match[1], "arguments": arguments}, (match.start(), stop), dialect)
        if call is None:
            result.broken.append((match.start(), stop))
        else:
            result.calls.append(_with(call, problems))
        position = stop
    return result


def llama_function(text: str, schemas: Schemas) -> Found:
    """`<function=NAME>{…}</function>`."""
    return _named(text, rf"<function=({NAME})>(?=\s*\{{)", r"</function>", "llama-function")


def deepseek_v3(text: str, schemas: Schemas) -> Found:
    """`<｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME` and fenced JSON."""
    opening = rf"<{BAR}tool{LOW}call{LOW}begin{BAR}>\s*function\s*<{BAR}tool{LOW}sep{BAR}>\s*({NAME})\s*```(?:json)?"
    closing = rf"```\s*<{BAR}tool{LOW}call{LOW}end{BAR}>"
    return _named(text, opening, closing, "deepseek-v3")


def deepseek_v31(text: str, schemas: Schemas) -> Found:
    """`<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{…}<｜tool▁call▁end｜>`."""
    opening = rf"<{BAR}tool{LOW}call{LOW}begin{BAR}>\s*(?!function\s*<)({NAME})\s*<{BAR}tool{LOW}sep{BAR}>"
    return _named(text, opening, rf"<{BAR}tool{LOW}call{LOW}end{BAR}>", "deepseek-v3.1")


def kimi_k2(text: str, schemas: Schemas) -> Found:
    """`<|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>{…}<|tool_call_end|>`."""
    opening = rf"<\|tool_call_begin\|>\s*(?:functions\.)?({NAME}?)(?::\d+)?\s*<\|tool_call_argument_begin\|>"
    return _named(text, opening, r"<\|tool_call_end\|>", "kimi-k2")


def harmony(text: str, schemas: Schemas) -> Found:
    """`to=functions.NAME … <|message|>{…}<|call|>` of gpt-oss."""
    opening = rf"to=functions\.({NAME}?)(?=[\s<])(?:(?!<\|message\|>|<\|call\|>)[\s\S]){{0,200}}<\|message\|>"
    return _named(text, opening, r"<\|call\|>", "harmony")


def react(text: str, schemas: Schemas) -> Found:
    """`Action: NAME` and `Action Input: {…}`, also in Chinese and with the marks of early Qwen."""
    opening = (
        rf"(?:✿FUNCTION✿|(?:(?<=\n)|\A)[ \t]*(?:Action|动作))\s*[:：][ \t]*({NAME})[ \t]*\n\s*"
        r"(?:✿ARGS✿|Action Input|动作输入)\s*[:：]\s*"
    )
    return _named(text, opening, "", "react", closed=False)


def glm_line(text: str, schemas: Schemas) -> Found:
    r"""`NAME\n{…}` ended by `<|observation|>`, a new assistant mark, or the end for a known tool."""
    result = Found()
    position = 0
    pattern = re.compile(
        rf"(?:\A\s*|(?<=\n)|<\|(?:assistant|observation)\|>)[ \t]*({NAME})[ \t]*\n(?=\s*\{{)"
    )
    while match := pattern.search(text, position):
        position = match.end()
        got = decode_at(text, skip_space(text, match.end()))
        if got is None:
            continue
        arguments, end, problems = got
        mark = re.compile(r"\s*(<\|observation\|>|(?=<\|assistant\|>))").match(text, end)
        if mark is None and match[1] not in schemas:
            continue
        stop = mark.end() if mark else end
        call = call_from({"name": match[1], "arguments": arguments}, (match.start(1), stop), "glm-line")
        if call is not None:
            result.calls.append(_with(call, problems))
        position = end  # the mark may open the next call
    return result


def array(text: str, schemas: Schemas) -> Found:
    """Our own protocol: one JSON array (or a single object) of `{"name","arguments"}`, fenced or not.

    Text around it is `extra_text`, a fence is `fence`, several values are `multiple_values`.
    """
    result = Found()
    position, failures, values = 0, 0, 0
    opening = re.compile(r"[{\[]")
    spans: list[tuple[int, int]] = []
    while failures < 200 and (match := opening.search(text, position)):
        got = decode_at(text, match.start())
        if got is None:
            if re.compile(r"\[\s*\{").match(text, match.start()) and _names_call(text, match.start()):
                result.broken.append(match.span())
                break  # a torn array: its whole objects are not what was asked for
            failures += 1
            position = match.end()
            continue
        value, end, problems = got
        members = value if isinstance(value, list) else [value]
        made = [call_from(m, (match.start(), end), "array", bare=True) for m in members]
        calls = [_with(call, problems) for call in made if call is not None]
        if calls and len(calls) == len(made):
            values += 1
            spans.append((match.start(), end))
            result.calls += calls
        elif calls:
            result.broken.append((match.start(), end))
        position = end
    form = _array_form(text, spans, values)
    if form:
        result.calls = [_with(call, form) for call in result.calls]
    return result


def _names_call(text: str, place: int) -> bool:
    """Whether the object that opens an array starts like a call."""
    return re.compile(r'\[\s*\{\s*"(?:name|type|function|id)"').match(text, place) is not None


def _array_form(text: str, spans: list[tuple[int, int]], values: int) -> tuple[str, ...]:
    """What keeps a reply from being the one JSON value that was asked for."""
    rest = text
    for start, end in reversed(spans):
        rest = rest[:start] + rest[end:]
    without_fence = re.sub(r"(?:`{3,}|~{3,})[^\n`]{0,20}", "", re.sub(r"<\|[\w▁]+\|>|</s>", "", rest))
    form: tuple[str, ...] = ()
    if re.search(r"`{3,}|~{3,}", rest):
        form += ("fence",)
    if without_fence.strip(" \t\r\n,;"):
        form += ("extra_text",)
    if values > 1:
        form += ("multiple_values",)
    return form
