"""Small worlds that tools act on: plain JSON and pure functions, no clock, no network.

A tool takes (state, arguments) and gives (new state, result). A result with the key 错误 is an error and
leaves the state alone. What a tool may change is declared, so that a change outside it is a bug of ours.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from zhprobe.errors import UserError
from zhprobe.world_tools import WORLDS, State, failure, is_failure

NOT_JSON = "参数不是合法的 JSON"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call did."""

    state: State
    result: Any
    error: bool
    wrote: bool


@lru_cache(maxsize=512)
def schema_validator(schema: str, formats: bool = False) -> Any:
    """The validator of a JSON Schema (draft 2020-12) given as text. `$ref` never fetches anything.

    `format` is asserted only with `formats`. A schema that is none raises UserError.
    """
    import jsonschema_rs  # a compiled validator; loaded when the first JSON is checked

    try:
        return jsonschema_rs.Draft202012Validator(
            json.loads(schema), validate_formats=formats, retriever=_never_fetch
        )
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        what = str(error).split("\n")[0]
        raise UserError(
            "schema", f"not a JSON Schema: {what}", "Correct the schema; $ref may point inside it only."
        ) from None


def _never_fetch(address: str) -> Any:
    raise ValueError(f"a schema fetches nothing: {address}")


def schema_faults(schema: Mapping[str, Any], arguments: Any) -> list[str]:
    """What is wrong with arguments by their schema, as JSON Pointer and message; $ref never fetches.

    >>> schema_faults({"type": "object", "required": ["日期"]}, {})
    ['/: "日期" is a required property']
    """
    if not schema:
        return []
    validator = schema_validator(json.dumps(schema, ensure_ascii=False, sort_keys=True))
    return [
        "/" + "/".join(map(str, error.instance_path)) + f": {error.message}"
        for error in validator.iter_errors(arguments)
    ]


def act(world: str, state: State, tool: str, arguments: Any, schemas: Mapping[str, Any]) -> Outcome:
    """Run one call in a world. A call that breaks the schema gets an error in Chinese and changes nothing.

    >>> schemas = {"query_balance": {"type": "object", "required": ["account"]}}
    >>> act("bank", {"accounts": {"活期": 50}}, "query_balance", {"account": "活期"}, schemas).result
    {'account': '活期', 'balance': 50}
    """
    known = WORLDS[world]
    if tool not in known or tool not in schemas:
        return Outcome(state, failure(f"没有名为 {tool} 的工具"), True, False)
    if faults := schema_faults(schemas[tool], arguments):
        return Outcome(state, failure("参数不符合要求：" + "；".join(faults[:3])), True, False)
    after, result = known[tool].act(copy.deepcopy(state), copy.deepcopy(arguments))
    if is_failure(result):
        return Outcome(state, result, True, False)
    return Outcome(after, result, False, after != state)
