"""What all tool-call dialects share: the parsed call, JSON read at a place, values cast by a schema."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ARGUMENT_KEYS = ("arguments", "parameters", "args")
NAME = r"[A-Za-z_一-鿿][\w.\-一-鿿]*"  # a function name as models write it, Chinese names included
MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """One call read from raw text. `span` is its place; `problems` are codes of the closed list."""

    name: str
    arguments: Any
    span: tuple[int, int]
    dialect: str
    problems: tuple[str, ...] = ()

    @property
    def arguments_text(self) -> str:
        """The arguments as a JSON string, the shape in which an endpoint gives them."""
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(slots=True)
class Found:
    """What one dialect finds: calls, and places where a call opens and cannot be read."""

    calls: list[ParsedCall] = field(default_factory=list)
    broken: list[tuple[int, int]] = field(default_factory=list)


class _Refused(ValueError):
    """A number JSON does not have."""


def _constant(name: str) -> float:
    raise _Refused(name)


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _Refused(digits)
    return value


def _depth(value: Any) -> int:
    """How deep objects and arrays are nested, without recursion."""
    level, layer = 0, [value]
    while layer:
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        level += bool(layer)
    return level


def decode_at(text: str, place: int) -> tuple[Any, int, tuple[str, ...]] | None:
    """The JSON value that starts at a place: value, end, problems; None where there is no strict one.

    >>> decode_at('前{"a": 1}后', 1)
    ({'a': 1}, 9, ())
    >>> decode_at('{"a": NaN}', 0) is None
    True
    >>> decode_at('{"a": 1, "a": 2}', 0)[2]
    ('duplicate_key',)
    """
    duplicate: list[bool] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(members)
        if len(made) != len(members):
            duplicate.append(True)
        return made

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_constant, parse_float=_finite)
    try:
        value, end = decoder.raw_decode(text, place)
        if _depth(value) > MAX_DEPTH:
            return None
    except (ValueError, RecursionError):
        return None
    problems: tuple[str, ...] = ("duplicate_key",) if duplicate else ()
    if "\\u" in text[place:end] and not _encodable(value):
        problems += ("unencodable",)
    return value, end, problems


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def skip_space(text: str, place: int) -> int:
    """The next place that holds something."""
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def function_of(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """The function of a tool, given flat or in the shape of the chat protocol."""
    inner = tool.get("function")
    return inner if isinstance(inner, Mapping) else tool


_KNOWN: dict[int, tuple[tuple[Any, ...], dict[str, dict[str, Any]]]] = {}  # by identity of an item's tools


def schemas_of(tools: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Argument schema of each tool by its name; an item's own tuple of tools is read once.

    >>> schemas_of([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}])
    {'f': {'type': 'object'}}
    """
    if not isinstance(tools, tuple):
        return _read_schemas(tools)
    known = _KNOWN.get(id(tools))
    if known is None or known[0] is not tools:
        if len(_KNOWN) > 512:
            _KNOWN.clear()
        known = _KNOWN[id(tools)] = (tools, _read_schemas(tools))
    return known[1]


def _read_schemas(tools: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    table = {}
    for tool in tools:
        function = function_of(tool)
        if isinstance(name := function.get("name"), str):
            schema = function.get("parameters")
            table[name] = dict(schema) if isinstance(schema, Mapping) else {}
    return table


def is_tool_description(value: Mapping[str, Any]) -> bool:
    """Tell a tool as it is declared from a call: a model that echoes the tool list calls nothing."""
    schema = value.get("parameters")
    if not isinstance(schema, Mapping):
        return "description" in value and "arguments" not in value
    return "properties" in schema and schema.get("type") == "object"


def call_from(
    value: Any, span: tuple[int, int], dialect: str, key: str = "arguments", *, bare: bool = False
) -> ParsedCall | None:
    """The call that a decoded object says; None where it says none.

    `key` is the name that the dialect gives the arguments. A `bare` object, one without marks around it,
    must have arguments to be a call.
    """
    if isinstance(value, dict) and isinstance(value.get("function"), dict) and "name" not in value:
        value = value["function"]
    if not isinstance(value, dict) or not isinstance(name := value.get("name"), str) or not name.strip():
        return None
    if is_tool_description(value):
        return None
    problems: tuple[str, ...] = ()
    used = key if key in value else next((k for k in ARGUMENT_KEYS if k in value), "")
    if not used and bare:
        return None
    if used and used != key:
        problems = ("args_key_parameters",)
    arguments = value[used] if used else {}
    if isinstance(arguments, str):
        decoded = decode_whole(arguments)
        if decoded is None or not isinstance(decoded[0], dict):
            return None
        arguments = decoded[0]
        problems += ("args_double_encoded", *decoded[1])
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        return None
    return ParsedCall(name.strip(), arguments, span, dialect, problems)


def decode_whole(text: str) -> tuple[Any, tuple[str, ...]] | None:
    """The one JSON value that a text is, white space around it aside.

    >>> decode_whole(' {"a": 1} ')
    ({'a': 1}, ())
    >>> decode_whole('{"a": 1} 完') is None
    True
    """
    got = decode_at(text, skip_space(text, 0))
    if got is None or skip_space(text, got[1]) != len(text):
        return None
    return got[0], got[2]


_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
_LITERALS = {"True": True, "False": False, "None": None, "TRUE": True, "FALSE": False}


def cast(text: str, schema: Any) -> Any:
    """A value written without a type, in the type its schema declares; text where it does not fit.

    >>> cast("3", {"type": "integer"}), cast("3", {"type": "string"}), cast("三", {"type": "integer"})
    (3, '3', '三')
    >>> cast("true", {"type": "boolean"}), cast('["甲"]', {"type": "array"})
    (True, ['甲'])
    """
    kinds = declared_types(schema)
    bare = text.strip()
    if isinstance(schema, Mapping) and isinstance(members := schema.get("enum"), list):
        found = _member(bare, members)
        if found is not ...:
            return found
    others = [kind for kind in kinds if kind != "string"]
    if isinstance(schema, Mapping) and "default" in schema and schema["default"] is None:
        others.append("null")
    if not others:
        return text
    if bare in _LITERALS:
        value: Any = _LITERALS[bare]
    elif (decoded := decode_whole(bare)) is not None:
        value = decoded[0]
    else:
        return text
    for kind in others:
        types = _JSON_TYPES.get(kind, ())
        fits = isinstance(value, types) and (kind == "boolean" or not isinstance(value, bool))
        if fits and (kind != "integer" or float(value).is_integer()):
            return value
    return text


def _member(bare: str, members: list[Any]) -> Any:
    """A value of an enum: as it is where it is a member, else the member that it writes as JSON, else `...`."""
    if bare in members:
        return bare
    decoded = _LITERALS.get(bare, ...) if bare in _LITERALS else (decode_whole(bare) or (...,))[0]
    same = (m for m in members if m == decoded and isinstance(m, bool) == isinstance(decoded, bool))
    return next(same, ...)


def declared_types(schema: Any) -> tuple[str, ...]:
    """The JSON types a schema allows, as far as it says so itself."""
    if not isinstance(schema, Mapping):
        return ()
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return (kinds,)
    if isinstance(kinds, Sequence):
        return tuple(str(kind) for kind in kinds)
    for word in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(word), Sequence):
            return tuple(kind for choice in choices for kind in declared_types(choice))
    return ()


def properties_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The declared arguments."""
    inner = schema.get("properties")
    return inner if isinstance(inner, dict) else {}


def trim_value(text: str) -> str:
    """A value between marks without the one line feed that templates put at each side."""
    return re.sub(r"\A\r?\n|\r?\n\Z", "", text)
