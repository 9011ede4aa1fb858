"""Every packaged item of several turns, played through the runner in native and in prompt mode and graded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zhprobe import runs
from zhprobe.checks.world_selftest import script_of
from zhprobe.conversation import is_scripted
from zhprobe.grading.automatic import grade_run
from zhprobe.models.base import Plain, Request, Told
from zhprobe.probes import load_probes
from zhprobe.records import Item, Reply, Settings, ToolCall
from zhprobe.runner import Job, run

PROBES = [p for p in load_probes().sound() if p.id.startswith("structured/calls-")]


def is_long(item: Item) -> bool:
    return bool(item.turns) or "world" in item.extra


class Player(Plain):
    """Says what a specimen says, reply by reply, in the form that the mode asks for."""

    name = "test/player"
    whole = False

    async def answer(self, request: Request, told: Told | None = None) -> Reply:
        item = request.item
        assert item is not None
        specimen = next(s for s in item.specimens if s.transcript and not s.verdicts)
        said = sum(m["role"] == "assistant" for m in request.messages)
        text, calls = script_of(item, specimen)[said]
        if request.tools:
            made = tuple(
                ToolCall(n, json.dumps(a, ensure_ascii=False), f"c{said}{k}")
                for k, (n, a) in enumerate(calls)
            )
            return Reply("", "", self.name, text=text, tool_calls=made, finish_reason="stop")
        if calls:
            text = json.dumps([{"name": n, "arguments": a} for n, a in calls], ensure_ascii=False)
        return Reply("", "", self.name, text=text, finish_reason="stop")


@pytest.mark.parametrize("mode", ["native", "prompt"])
def test_specimens_of_several_turns_are_met_when_they_are_played_through_the_runner(
    mode: Any, tmp_path: Path
) -> None:
    selection = list(runs.select(PROBES, is_long))
    assert len(selection) > 60
    folder = tmp_path / mode
    (info,) = run([Job(Player(), Settings(mode=mode), folder)], lambda: selection)
    assert info.state == "done" and info.counts.failed == 0
    grade_run(folder)
    wrong = [
        (g.reply, g.criterion, g.verdict.reason_en)
        for g in runs.read_grades(folder)
        if g.verdict.outcome != "met"
    ]
    assert wrong == []
    for reply in runs.read_replies(folder):
        item = next(s.item for s in selection if (s.item.probe, s.item.id) == (reply.probe, reply.item))
        scripted = [m["content"] for m in reply.transcript if is_scripted(m)]
        assert scripted == [t["user"] for t in item.turns if "user" in t]


def test_in_prompt_mode_no_message_carries_tools_of_the_protocol(tmp_path: Path) -> None:
    selection = list(runs.select(PROBES[:3], is_long))[:10]
    run([Job(Player(), Settings(mode="prompt"), tmp_path / "r")], lambda: selection)
    for reply in runs.read_replies(tmp_path / "r"):
        assert all(m["role"] in ("assistant", "user") and "tool_calls" not in m for m in reply.transcript)
