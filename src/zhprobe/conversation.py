"""What is said to a model after its reply: tool results, worlds, scripted user turns. Pure; no model here.

The runner keeps a transcript, all messages after the prompt, and asks `follow_up` for the next ones until
it says None. Everything is worked out from the item and the transcript alone, so that a run can stop
anywhere, go on later, and be graded without the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zhprobe.records import Item, ToolCall
from zhprobe.text.asking import ASKING
from zhprobe.text.call_syntax import decode_whole, function_of, schemas_of
from zhprobe.text.dialects import Parse, has_words, parse_calls
from zhprobe.world_tools import State, failure, is_failure
from zhprobe.worlds import NOT_JSON, act

MAX_TURNS = 4  # replies to one user turn where results are canned
MAX_STEPS = 12  # replies to one user turn in a world
ERRORS_IN_A_ROW = 3
RESULT_HEAD = "【工具结果】"  # opens a user message of prompt mode that carries tool results
FIX_HEAD = "【系统提示】"  # opens one that says a call could not be read


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a conversation, with its result. `turn` counts scripted user turns before it."""

    call: ToolCall
    arguments: Any
    result: Any
    error: bool
    wrote: bool
    turn: int
    message: int  # index in the transcript


@dataclass(slots=True)
class Play:
    """A conversation replayed: the state it leads to and every step of the way."""

    state: State
    steps: list[Step] = field(default_factory=list)
    turn: int = 0
    replies: int = 0  # since the last user turn
    malformed: int = 0


def read_calls(
    item: Item,
    text: str,
    tool_calls: Sequence[ToolCall] = (),
    *,
    raw: str = "",
    reasoning: str = "",
    prompt_mode: bool = False,
) -> tuple[list[ToolCall], Parse]:
    """The calls of one reply: the endpoint's own, else those our parser reads from the raw text."""
    parse = parse_calls(raw or text, item.tools, array_first=prompt_mode, reasoning=reasoning)
    if tool_calls:
        return list(tool_calls), parse
    return [ToolCall(call.name, call.arguments_text) for call in parse.calls], parse


def assistant_message(text: str, calls: Sequence[ToolCall], *, native: bool) -> dict[str, Any]:
    """The model's reply as a message of the transcript; native mode carries the calls as such."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if native and calls:
        message["tool_calls"] = [
            {
                "id": call.id or f"call_{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for number, call in enumerate(calls)
        ]
    return message


def message_calls(item: Item, message: Mapping[str, Any]) -> list[ToolCall]:
    """The calls that an assistant message of a transcript makes, in either shape."""
    if given := message.get("tool_calls"):
        calls = []
        for call in given:
            function = call.get("function", call)
            arguments = function.get("arguments", "{}")
            if not isinstance(arguments, str):
                arguments = json.dumps(arguments, ensure_ascii=False)
            calls.append(ToolCall(str(function.get("name", "")), arguments, str(call.get("id", ""))))
        return calls
    return read_calls(item, str(message.get("content") or ""), prompt_mode=True)[0]


def follow_up(
    item: Item, transcript: Sequence[Mapping[str, Any]], calls: Sequence[ToolCall]
) -> list[dict[str, Any]] | None:
    """The next tool and user messages, or None when the item is finished.

    `transcript` holds all messages after the prompt and ends with the model's latest reply (as
    `assistant_message` makes it); `calls` are that reply's calls. Results go back as `tool` messages where
    the reply carries `tool_calls`, else as one user message (prompt mode).
    """
    if not transcript or not _goes_on(item):
        return None
    play = replay(item, transcript, calls)
    last = transcript[-1]
    now = [step for step in play.steps if step.message == len(transcript) - 1]
    limit = (
        int(item.extra.get("max_steps", MAX_STEPS))
        if _world(item)
        else int(item.extra.get("max_turns", MAX_TURNS))
    )
    if not now:
        if _unread_call(item, last):
            return None if play.replies >= limit else [_fix(NOT_JSON)]
        return _next_user(item, play, str(last.get("content") or ""), _users(item)[play.turn :], transcript)
    if play.replies >= limit or _stuck(play.steps):
        return None
    if not _answers_calls(item) and not _users(item)[play.turn :]:
        return None
    return _result_messages(last, now)


def _goes_on(item: Item) -> bool:
    return bool(item.turns) or _world(item) is not None


def _world(item: Item) -> Mapping[str, Any] | None:
    world = item.extra.get("world")
    return world if isinstance(world, Mapping) else None


def _users(item: Item) -> list[Mapping[str, Any]]:
    return [entry for entry in item.turns if "user" in entry]


def _answers_calls(item: Item) -> bool:
    return _world(item) is not None or any("results" in e or "results_in_turn" in e for e in item.turns)


def _stuck(steps: Sequence[Step]) -> bool:
    tail = steps[-ERRORS_IN_A_ROW:]
    return len(tail) == ERRORS_IN_A_ROW and all(step.error for step in tail)


def _fix(message: str) -> dict[str, Any]:
    return {"role": "user", "content": f"{FIX_HEAD}{message}，这次调用没有执行。请改正后重新调用。"}


def _unread_call(item: Item, message: Mapping[str, Any]) -> bool:
    content = str(message.get("content") or "")
    return bool(content) and bool(parse_calls(content, item.tools, array_first=True).attempts)


def is_scripted(message: Mapping[str, Any]) -> bool:
    """Whether a user message is a turn of the script, not a tool result in prompt mode.

    >>> is_scripted({"role": "user", "content": "改到周二"})
    True
    >>> is_scripted({"role": "user", "content": "【工具结果】[]"})
    False
    """
    content = str(message.get("content") or "")
    return message.get("role") == "user" and not content.startswith((RESULT_HEAD, FIX_HEAD))


def replay(
    item: Item, transcript: Sequence[Mapping[str, Any]], last_calls: Sequence[ToolCall] | None = None
) -> Play:
    """Play a conversation again from its transcript: every call in order, in the item's world."""
    world = _world(item)
    play = Play(state=dict(world.get("state", {})) if world else {})
    schemas = schemas_of(item.tools)
    counts: dict[str, int] = {}
    for number, message in enumerate(transcript):
        if is_scripted(message):
            play.turn += 1
            play.replies = 0
        if message.get("role") != "assistant":
            continue
        play.replies += 1
        is_last = number == len(transcript) - 1
        calls = last_calls if is_last and last_calls is not None else message_calls(item, message)
        for call in calls:
            _play_call(item, world, play, call, number, counts, schemas)
    return play


def _play_call(
    item: Item,
    world: Mapping[str, Any] | None,
    play: Play,
    call: ToolCall,
    number: int,
    counts: dict[str, int],
    schemas: Mapping[str, Any],
) -> None:
    decoded = decode_whole(call.arguments or "{}")
    arguments = decoded[0] if decoded else None
    if isinstance(arguments, str) and (inner := decode_whole(arguments)):
        arguments = inner[0]  # encoded twice; the check says so, the tool is not so strict
    earlier = counts.get(call.name, 0)
    counts[call.name] = earlier + 1
    wrote = False
    if not isinstance(arguments, dict):
        play.malformed += 1
        result: Any = failure(NOT_JSON)
    elif world and earlier < int(world.get("busy", {}).get(call.name, 0)):
        result = failure("系统繁忙，请稍后重试")
    elif world:
        outcome = act(str(world["name"]), play.state, call.name, arguments, schemas)
        play.state, result, wrote = outcome.state, outcome.result, outcome.wrote
    else:
        result = _canned(item, play.turn, call.name, earlier, schemas)
    play.steps.append(Step(call, arguments, result, is_failure(result), wrote, play.turn, number))


def _canned(item: Item, turn: int, name: str, earlier: int, schemas: Mapping[str, Any]) -> Any:
    """The result the item keeps for a tool: the latest one given up to this user turn."""
    if name not in schemas:
        return failure(f"没有名为 {name} 的工具")
    result: Any = {"结果": "已完成"}
    users = 0
    for entry in item.turns:
        users += "user" in entry
        if users > turn:
            break
        if name in entry.get("results", {}):
            result = entry["results"][name]
        if sequence := entry.get("results_in_turn", {}).get(name):
            result = sequence[min(earlier, len(sequence) - 1)]
    return result


def _result_messages(last: Mapping[str, Any], steps: Sequence[Step]) -> list[dict[str, Any]]:
    given = last.get("tool_calls")
    if not given:
        results = [{"name": step.call.name, "result": step.result} for step in steps]
        content = RESULT_HEAD + json.dumps(results, ensure_ascii=False)
        return [{"role": "user", "content": content}]
    return [
        {
            "role": "tool",
            "tool_call_id": str(call.get("id", "")),
            "name": step.call.name,
            "content": json.dumps(step.result, ensure_ascii=False),
        }
        for call, step in zip(given, steps, strict=False)
    ]


def _next_user(
    item: Item,
    play: Play,
    said: str,
    waiting: Iterable[Mapping[str, Any]],
    transcript: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]] | None:
    """The next scripted turn whose trigger holds. An unmet trigger ends the conversation."""
    entry = next(iter(waiting), None)
    if entry is None or not _holds(str(entry.get("when", "always")), play, said):
        return None
    return [{"role": "user", "content": str(entry["user"])}]


def _holds(trigger: str, play: Play, said: str) -> bool:
    """Triggers: always; says (some text); asks (a question); called:NAME (in this user turn, no error)."""
    if trigger == "asks":
        return bool(ASKING.search(said))
    if trigger == "says":
        return has_words(said)
    if trigger.startswith("called:"):
        name = trigger.removeprefix("called:")
        return any(s.call.name == name and s.turn == play.turn and not s.error for s in play.steps)
    return True


PROTOCOL = """你可以调用下面列出的工具。每个工具用 JSON Schema 说明参数。

{tools}

规则：
1. 需要调用工具时，只输出一个 JSON 数组，数组里每个元素是 {{"name": 工具名, "arguments": 参数对象}}，一次可以放多个调用；不要写别的文字，不要用代码块。
2. 不需要工具，或者缺少必填信息时，直接用中文回答或提问，不要输出 JSON 数组。
3. 以“【工具结果】”开头的消息是工具返回的结果，不是用户说的话。"""


def protocol_text(tools: Iterable[Mapping[str, Any]]) -> str:
    """The system message of prompt mode: the tools as JSON Schema, and how to call them.

    >>> "get_weather" in protocol_text([{"type": "function", "function": {"name": "get_weather"}}])
    True
    """
    return PROTOCOL.format(tools="\n".join(json.dumps(function_of(t), ensure_ascii=False) for t in tools))
