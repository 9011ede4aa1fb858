"""Items of several turns: their tables, criteria, and specimens played out turn by turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from zhprobe.conversation import assistant_message, follow_up
from zhprobe.families.call_items import Call, Table, plain, specimen
from zhprobe.records import Item, ToolCall

Said = tuple[str, Sequence[tuple[str, dict[str, Any]]]]  # the text and the calls of one reply

DONE: Said = ("办好了。", [])


def played(table: Table, replies: Sequence[Said], verdict: str | Sequence[str] = "", note: str = "") -> Table:
    """A specimen of several turns: the replies, with what the item says in between."""
    world = {"world": table["world"]} if "world" in table else {}
    item = Item(
        "families",
        "played",
        ({"role": "user", "content": table["prompt"]},),
        (),
        turns=tuple(table.get("turns", ())),
        tools=tuple(table["tools"]),
        extra=world,
    )
    transcript: list[dict[str, Any]] = []
    count = 0
    for said, made in replies:
        calls = [
            ToolCall(name, json.dumps(arguments, ensure_ascii=False), f"call_{count + n}")
            for n, (name, arguments) in enumerate(made)
        ]
        count += len(calls)
        transcript.append(assistant_message(said, calls, native=True))
        more = follow_up(item, transcript, calls)
        if more is None:
            break
        transcript += more
    last = transcript[-1] if transcript[-1]["role"] == "assistant" else {"content": ""}
    failed = [verdict] if isinstance(verdict, str) else list(verdict)
    made_up = specimen((), note=note, answer=str(last["content"]), transcript=transcript)
    if any(failed):
        made_up["verdicts"] = {key: "not_met" for key in failed if key}
    return made_up


def dialogue_item(
    prompt: str,
    tools: Sequence[Table],
    criteria: Sequence[Table],
    *,
    difficulty: int,
    reason: str,
    turns: Sequence[Table] = (),
    world: Table | None = None,
    asof: date | None = None,
) -> Table:
    """An item of several turns, without its specimens: `played` makes them."""
    table: Table = {
        "prompt": prompt,
        "tools": list(tools),
        "row": "calls",
        "difficulty": difficulty,
        "difficulty_reason": reason,
        "criterion": list(criteria),
        "turns": list(turns),
    }
    if world is not None:
        table["world"] = world
    if asof is not None:
        table["asof"] = asof.isoformat()
    return table


def state_criterion(said: str, *goals: Table, **more: Any) -> Table:
    """The criterion that expects a final state."""
    return {"id": "state", "text": said, "check": {"final_state": {"goal_states": list(goals), **more}}}


def report_criterion(said: str, *facts: Table, **more: Any) -> Table:
    """The criterion that expects facts in the last text."""
    return {"id": "report", "text": said, "check": {"text_reports": {"facts": list(facts), **more}}}


def stepwise(table: Table, calls: Sequence[Call], results: Table | None = None) -> Table:
    """An item of several calls whose results are kept: some models make one call a reply.

    Calls are then gathered over the replies to one user turn; how many it took stands in the detail.
    """
    table["turns"] = [{"results": results or {name: {"状态": "成功"} for name, _ in calls}}]
    one_by_one: list[Said] = [("", [call]) for call in plain(calls)]
    table["specimen"].insert(1, played(table, [*one_by_one, DONE], note="一次回答只做一个调用"))
    return table
