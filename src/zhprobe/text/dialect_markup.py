"""Tool-call dialects of tags: names and values between marks, values mostly without a type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zhprobe.text.call_syntax import (
    NAME,
    Found,
    ParsedCall,
    cast,
    decode_whole,
    properties_of,
    trim_value,
)

Schemas = Mapping[str, Mapping[str, Any]]


def _typed(name: str, raw: list[tuple[str, str]], schemas: Schemas) -> dict[str, Any]:
    """Untyped arguments, each in the type that the tool's schema declares."""
    properties = properties_of(schemas.get(name, {}))
    return {key: cast(trim_value(value), properties.get(key)) for key, value in raw}


def xml_function(text: str, schemas: Schemas) -> Found:
    """`<tool_call><function=NAME><parameter=KEY>VALUE</parameter></function></tool_call>`."""
    result = Found()
    opening = re.compile(rf"(?:<tool_call>\s*)?<function=({NAME})>(?=\s*(?:<parameter=|</function>))")
    for match in opening.finditer(text):
        end = text.find("</function>", match.end())
        if end < 0:
            result.broken.append(match.span())
            continue
        raw, rest = _parameters(
            text[match.end() : end], r"<parameter=([^>\n]+)>", r"</parameter>(?=\s*(?:<parameter=|\Z))"
        )
        if rest.strip():
            result.broken.append((match.start(), end))
            continue
        close = re.compile(r"</function>(?:\s*</tool_call>)?").match(text, end)
        stop = close.end() if close else end
        pairs = [(key.strip(), value) for key, value in raw]
        arguments = _typed(match[1], pairs, schemas)
        problems = ("duplicate_key",) if len(arguments) != len(pairs) else ()
        result.calls.append(ParsedCall(match[1], arguments, (match.start(), stop), "xml-function", problems))
    return result


def _parameters(body: str, opening: str, closing: str) -> tuple[list[tuple[str, str]], str]:
    """(key, value) pairs between marks, and what is left over."""
    pairs: list[tuple[str, str]] = []
    rest: list[str] = []
    position = 0
    begin, finish = re.compile(opening), re.compile(closing)
    while match := begin.search(body, position):
        rest.append(body[position : match.start()])
        end = finish.search(body, match.end())
        if end is None:
            return pairs, body[match.start() :]
        pairs.append((match[1], body[match.end() : end.start()]))
        position = end.end()
    rest.append(body[position:])
    return pairs, "".join(rest)


def glm_xml(text: str, schemas: Schemas) -> Found:
    """`<tool_call>NAME<arg_key>K</arg_key><arg_value>V</arg_value></tool_call>` of GLM-4.5 and later."""
    result = Found()
    opening = re.compile(rf"<tool_call>\s*({NAME})\s*(?=<arg_key>|</tool_call>)")
    pair = re.compile(r"\s*<arg_key>([\s\S]*?)</arg_key>\s*<arg_value>([\s\S]*?)</arg_value>")
    for match in opening.finditer(text):
        raw: list[tuple[str, str]] = []
        place = match.end()
        while found := pair.match(text, place):
            raw.append((found[1].strip(), found[2]))
            place = found.end()
        close = re.compile(r"\s*</tool_call>").match(text, place)
        if close is None:
            result.broken.append((match.start(), place))
            continue
        arguments = _typed(match[1], raw, schemas)
        problems = ("duplicate_key",) if len(arguments) != len(raw) else ()
        result.calls.append(
            ParsedCall(match[1], arguments, (match.start(), close.end()), "glm-xml", problems)
        )
    return result


_DSML = "(?:｜DSML｜)?"


def deepseek_dsml(text: str, schemas: Schemas) -> Found:
    """`<｜DSML｜invoke name="N"><｜DSML｜parameter name="K" string="true">V</｜DSML｜parameter>…`."""
    if "<minimax:tool_call>" in text:
        return Found()
    return _invoked(text, _DSML, "deepseek-dsml", schemas)


def minimax_m2(text: str, schemas: Schemas) -> Found:
    """`<minimax:tool_call><invoke name="N"><parameter name="K">V</parameter></invoke></minimax:tool_call>`."""
    if "<minimax:tool_call>" not in text:
        return Found()
    return _invoked(text, "", "minimax-m2", schemas)


def _invoked(text: str, mark: str, dialect: str, schemas: Schemas) -> Found:
    result = Found()
    opening = re.compile(rf'<{mark}invoke\s+name="([^"\n]+)"\s*>')
    end_mark = re.compile(rf"</{mark}invoke>")
    parameter = rf'<{mark}parameter\s+name="([^"\n]+(?:"\s+string="(?:true|false))?)"\s*>'
    for match in opening.finditer(text):
        end = end_mark.search(text, match.end())
        if end is None:
            result.broken.append(match.span())
            continue
        name, body = match[1].strip(), text[match.end() : end.start()]
        arguments: dict[str, Any] = {}
        problems: tuple[str, ...] = ()
        if body.strip().startswith("{"):
            decoded = decode_whole(body)
            if decoded is None or not isinstance(decoded[0], dict):
                result.broken.append((match.start(), end.end()))
                continue
            arguments, problems = decoded
        else:
            raw, rest = _parameters(body, parameter, rf"</{mark}parameter>")
            if rest.strip():
                result.broken.append((match.start(), end.end()))
                continue
            for head, value in raw:
                key, _, typed = head.partition('"')
                problems += ("duplicate_key",) if key in arguments else ()
                arguments[key] = _attributed(name, key, value, typed, schemas)
        result.calls.append(ParsedCall(name, arguments, (match.start(), end.end()), dialect, problems))
    return result


def _attributed(name: str, key: str, value: str, typed: str, schemas: Schemas) -> Any:
    """A value with `string="true"` is text, with "false" JSON, with neither what the schema says."""
    if "true" in typed:
        return value
    if "false" in typed:
        decoded = decode_whole(value)
        return decoded[0] if decoded else value
    return _typed(name, [(key, value)], schemas)[key]
