"""Does a conversation with tools lead to the state that was wanted, and to nothing else?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from zhprobe.checks.call_arguments import compare
from zhprobe.checks.call_reading import read_emission
from zhprobe.checks.calls import Forbidden
from zhprobe.checks.registry import check
from zhprobe.conversation import Play, replay
from zhprobe.records import Item, Reply, Verdict


def value_at(state: Any, path: str) -> Any:
    """The value at a JSON Pointer; None where there is nothing.

    >>> value_at({"events": {"E1": {"start": "10:00"}}}, "/events/E1/start")
    '10:00'
    """
    for part in path.split("/")[1:]:
        if isinstance(state, Mapping) and part in state:
            state = state[part]
        elif isinstance(state, Sequence) and part.isdigit() and int(part) < len(state):
            state = state[int(part)]
        else:
            return None
    return state


class Step(msgspec.Struct, frozen=True):
    """One step as a page draws it."""

    tool: str
    arguments: Any
    result: Any
    error: bool
    wrote: bool


def _looser(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One place of the goal left open, or any change allowed elsewhere."""
    parameters = msgspec.to_builtins(parameters)
    goals = parameters["goal_states"]
    places = dict.fromkeys(path for goal in goals for path in goal)
    for path in places:
        left = [{key: value for key, value in goal.items() if key != path} for goal in goals]
        may = [*(parameters.get("may_change") or places), path]
        yield f"{path} open", parameters | {"goal_states": left, "may_change": may}
    if any(path.count("/") > 1 for path in places):  # a goal for a whole key leaves no room beside it
        yield "any change allowed", parameters | {"may_change": [""]}
    for number, rule in enumerate(parameters.get("forbid") or []):
        rules = [r for n, r in enumerate(parameters["forbid"]) if n != number]
        yield f"{rule['name']} not forbidden", parameters | {"forbid": rules}


@check(loosen=_looser)
def final_state(
    answer: str,
    *,
    goal_states: list[dict[str, Any]],
    may_change: list[str] | None = None,
    forbid: list[Forbidden] | None = None,
    writes: int | None = None,
    reply: Reply,
    item: Item,
) -> Verdict:
    """Met when the world ends in one of `goal_states` and nothing outside `may_change` has changed.

    A goal state gives values by JSON Pointer; without `may_change` only these places may differ from the
    start. Extra reads are free. `writes` is how many changes are needed: more, which cancel out, are
    counted as redundant and are no fault.
    """
    emission = read_emission(reply, item)
    transcript = list(reply.transcript)
    if not transcript or transcript[-1].get("role") != "assistant":
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in reply.tool_calls
        ]
        transcript.append({"role": "assistant", "content": reply.text, "tool_calls": calls})
    play = replay(item, transcript)
    start = dict(item.extra.get("world", {}).get("state", {}))
    goal = min(goal_states, key=lambda wanted: len(_differences(play.state, wanted)))
    wrong = _differences(play.state, goal)
    may = may_change if may_change is not None else list(goal)
    stray = [path for path in _changed(start, play.state) if not any(_under(path, m) for m in may)]
    rules = forbid or []
    broken = [
        step
        for step in play.steps
        if any(
            rule.name == step.call.name
            and all(
                isinstance(step.arguments, dict) and compare(f"/{k}", m, step.arguments.get(k), None).lenient
                for k, m in rule.args.items()
            )
            for rule in rules
        )
    ]
    made = sum(step.wrote for step in play.steps)
    redundant = max(0, made - writes) if writes is not None else 0
    codes = _state_codes(wrong, stray, broken, emission.kind)
    met = not codes
    evidence = "；".join([*wrong, *(f"{path} 不该改动" for path in stray)])[:300]
    return Verdict(
        "met" if met else "not_met",
        "最终状态正确" if met else f"最终状态不对：{evidence or '做了禁止的操作'}",
        "final state as wanted" if met else f"final state differs: {', '.join(codes)}",
        evidence=evidence,
        codes=tuple(codes),
        detail=_state_detail(play, emission.attempts, redundant, wrong, stray),
    )


def _differences(state: Any, goal: Mapping[str, Any]) -> list[str]:
    return [
        f"{path} 应为 {wanted!r}，实为 {value_at(state, path)!r}"
        for path, wanted in goal.items()
        if not _equal(value_at(state, path), wanted)
    ]


def _equal(found: Any, wanted: Any) -> bool:
    """JSON equality: true is not 1, 5.0 is 5."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(_equal(found[k], wanted[k]) for k in found)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_equal, found, wanted))
    return bool(found == wanted)


def _changed(before: Any, after: Any, path: str = "") -> list[str]:
    """JSON Pointers of all that differs, as deep as objects go."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            found
            for key in before.keys() | after.keys()
            for found in _changed(before.get(key), after.get(key), f"{path}/{key}")
        ]
    return [] if _equal(after, before) else [path]


def _under(path: str, allowed: str) -> bool:
    return path == allowed or path.startswith(allowed.rstrip("/") + "/")


def _state_codes(wrong: Sequence[str], stray: Sequence[str], broken: Sequence[Any], kind: str) -> list[str]:
    codes = []
    if wrong:
        codes.append("value_mismatch")
    if stray:
        codes.append("extra_call")
    if broken:
        codes.append("forbidden_call")
    if kind in ("attempt_unparsed", "truncated", "empty") and codes:
        codes.append(kind)
    return codes


def _state_detail(
    play: Play, attempts: Sequence[str], redundant: int, wrong: Sequence[str], stray: Sequence[str]
) -> dict[str, Any]:
    return {
        "kind": "state",
        "steps": [
            msgspec.to_builtins(Step(s.call.name, s.arguments, s.result, s.error, s.wrote))
            for s in play.steps
        ],
        "errors": sum(step.error for step in play.steps),
        "malformed": play.malformed + len(attempts),
        "reads": sum(not step.wrote and not step.error for step in play.steps),
        "redundant_writes": redundant,
        "wrong": list(wrong),
        "stray": list(stray),
    }
