"""World items test their own grader: the gold script passes, and every spoiled script fails."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from zhprobe.checks.call_mutants import Mutant
from zhprobe.checks.call_selftest import Trial
from zhprobe.checks.registry import bind
from zhprobe.conversation import assistant_message, follow_up, message_calls, replay
from zhprobe.records import Item, Reply, Specimen, ToolCall
from zhprobe.text.call_syntax import properties_of, schemas_of
from zhprobe.world_tools import WORLDS

Script = list[tuple[str, list[tuple[str, dict[str, Any]]]]]  # for each reply its text and its calls


def script_of(item: Item, specimen: Specimen) -> Script:
    """The replies of a specimen, one by one."""
    return [
        (
            str(message.get("content") or ""),
            [(call.name, json.loads(call.arguments)) for call in message_calls(item, message)],
        )
        for message in specimen.transcript
        if message.get("role") == "assistant"
    ]


def perform(item: Item, script: Script) -> Reply:
    """The conversation that a script leads to; what is left when it is over is not said."""
    transcript: list[dict[str, Any]] = []
    for number, (text, made) in enumerate(script):
        calls = [
            ToolCall(name, json.dumps(arguments, ensure_ascii=False), f"call_{number}_{place}")
            for place, (name, arguments) in enumerate(made)
        ]
        transcript.append(assistant_message(text, calls, native=True))
        more = follow_up(item, transcript, calls)
        if more is None:
            break
        transcript += more
    last = transcript[-1] if transcript and transcript[-1]["role"] == "assistant" else {"content": ""}
    return Reply(
        item.probe,
        item.id,
        "script",
        text=str(last["content"]),
        transcript=tuple(transcript),
        finish_reason="stop",
    )


def spoiled(item: Item, script: Script) -> Iterator[tuple[str, Script]]:
    """Scripts that must fail: nothing done, every tool once, a write left out, an argument changed."""
    yield "does nothing", [("好的。", [])]
    yield "calls every tool once", [("", every_tool_once(item)), ("好了。", [])]
    writes = {name for name, tool in WORLDS[item.extra["world"]["name"]].items() if tool.writes}
    for number, (_, calls) in enumerate(script):
        for place, (name, arguments) in enumerate(calls):
            if name not in writes:
                continue
            left = copy.deepcopy(script)
            del left[number][1][place]
            yield f"{name} left out", left
            twice = copy.deepcopy(script)
            twice[number][1].insert(place, copy.deepcopy(twice[number][1][place]))
            yield f"{name} twice", twice
            for key, value in arguments.items():
                changed = copy.deepcopy(script)
                changed[number][1][place][1][key] = _other(value)
                yield f"{name} {key} changed", changed


def every_tool_once(item: Item) -> list[tuple[str, dict[str, Any]]]:
    """Each tool with values made from its schema alone."""
    blank = {"string": "示例", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
    return [
        (name, {key: blank.get(str(part.get("type")), "示例") for key, part in properties_of(schema).items()})
        for name, schema in schemas_of(item.tools).items()
    ]


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    text = str(value)
    if len(text) == 10 and text[4] == "-":  # another day
        return text[:-1] + ("1" if text[-1] != "1" else "2")
    if len(text) == 5 and text[2] == ":":
        return text[:-1] + ("1" if text[-1] != "1" else "2")
    return text + "2"


def world_trials(item: Item) -> Iterator[Trial]:
    """Gold and spoiled scripts of a world item. A spoiled script that ends in the gold state is no mutant."""
    if "world" not in item.extra:
        return
    checks = [c for c in item.criteria if c.check_name == "final_state"]
    gold = next((s for s in item.specimens if s.transcript and not s.verdicts), None)
    if gold is None:
        return
    script = script_of(item, gold)
    right = perform(item, script)
    scripts: Sequence[tuple[str, Script]] = [("gold", script), *spoiled(item, script)]
    for criterion in checks:
        run = bind(criterion.check_name, criterion.check_parameters, item.key)
        for label, tried in scripts:
            reply = perform(item, tried)
            same = _state(item, reply) == _state(item, right)
            if label != "gold" and same and not label.endswith("left out"):
                continue
            verdict = run(reply, item)
            wanted = label == "gold"
            mutant = Mutant("world", label, "strict" if wanted else "reject", reply)
            yield Trial(item.key, mutant, verdict, (verdict.outcome == "met") is wanted)


def _state(item: Item, reply: Reply) -> Any:
    """The state a conversation ends in, titles aside: they are free text."""
    state = copy.deepcopy(replay(item, reply.transcript).state)
    for event in state.get("events", {}).values():
        event.pop("title", None)
    return state
