"""Structured output as tables: modes apart, pairs, classes; reckoned by hand on a run of a few replies."""

import json

import pytest

from zhprobe.files import write_jsonl
from zhprobe.grading.automatic import grade_run
from zhprobe.records import Criterion, Item, Reply, ReplyError, Settings, ToolCall
from zhprobe.report.structured import structured_tables, table_text
from zhprobe.runs import REPLIES, ProbeNote, RunInfo, Selected, create_run

TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "number"}}}},
}
CALLS = Criterion(
    "calls",
    "调用",
    kind="check",
    check={"calls_match": {"calls": [{"name": "f", "args": {"a": {"number": 5}}}]}},
)
NONE = Criterion("calls", "不调用", kind="check", check={"no_call": {"facts": [{"number": 12}]}})


def item(name, criterion, role="item", group=""):
    return Item(
        "structured/calls-x",
        name,
        ({"role": "user", "content": "问"},),
        (criterion,),
        tools=(TOOL,),
        role=role,
        group=group,
    )


ITEMS = [
    item("one", CALLS, group="one"),
    item("one.twin", NONE, "twin", "one"),
    item("two", CALLS),
    item("three", CALLS),
]


def reply(name, text="", arguments=None, error=None):
    calls = (ToolCall("f", json.dumps(arguments)),) if arguments is not None else ()
    return Reply(
        "structured/calls-x", name, "m", text=text, tool_calls=calls, error=error, finish_reason="stop"
    )


def make_run(folder, replies, mode="native"):
    note = ProbeNote(id="structured/calls-x", capability="structured", asks="?", version=1, digest="")
    info = RunInfo(model="m", settings=Settings(mode=mode))
    create_run(folder, info, [Selected(probe=note, item=i) for i in ITEMS])
    write_jsonl(folder / REPLIES, replies)
    grade_run(folder)
    return folder


@pytest.fixture
def native(tmp_path):
    replies = [
        reply("one", arguments={"a": 5}),
        reply("one.twin", "十二个"),
        reply("two", arguments={"a": "5"}),
        reply("three", '<tool_call>{"name": "f", "arguments": {"a"'),
    ]
    return make_run(tmp_path / "native", replies)


def test_strict_lenient_pairs_and_classes_agree_with_a_hand_count(native):
    (table,), differences = structured_tables([native])
    (line,) = table.lines
    assert line.strict.value == pytest.approx(1 / 3) and line.lenient.value == pytest.approx(2 / 3)
    assert (line.strict.n, table.pairs.value, table.pairs.n) == (3, 1.0, 1)
    assert table.classes == {"called": 2, "abstained": 1, "attempt_unparsed": 1}
    assert table.codes["type_only"] == 1 and table.codes["attempt_unparsed"] == 1
    assert differences == []


def test_a_model_that_never_calls_gets_half_of_every_pair(tmp_path):
    replies = [reply(i.id, "是十二个。") for i in ITEMS]
    (table,), _ = structured_tables([make_run(tmp_path / "never", replies)])
    assert table.pairs.value == 0.5 and table.lines[0].strict.value == 0


def test_two_modes_of_a_model_are_paired_on_the_same_items_and_never_merged(native, tmp_path):
    array = '[{"name": "f", "arguments": {"a": 5}}]'
    prompt = make_run(tmp_path / "prompt", [reply(n, array) for n in ("one", "two", "three")], mode="prompt")
    tables, (difference,) = structured_tables([native, prompt])
    assert [t.mode for t in tables] == ["native", "prompt"]
    assert difference.strict.value == pytest.approx(-2 / 3) and difference.strict.n == 3
    text = table_text(tables, [difference], "en")
    assert "written as the array asked for: 3/3" in text and "native − prompt" in text


def test_too_many_failed_requests_leave_no_headline(tmp_path):
    replies = [reply("one", arguments={"a": 5}), reply("two", error=ReplyError("server", "500"))]
    (table,), _ = structured_tables([make_run(tmp_path / "failed", replies)])
    assert not table.headline and table.failed == {"server": 1}
    assert "2%" in table_text([table], [], "zh")


def test_a_reply_that_the_server_refused_to_pass_on_is_a_class_of_its_own_and_wrong(tmp_path):
    rejected = Reply("structured/calls-x", "two", "m", flags=("server_rejected_output",))
    (table,), _ = structured_tables([make_run(tmp_path / "bad", [rejected, reply("three")])])
    assert table.classes == {"server_rejected_output": 1, "empty": 1}
    assert table.lines[0].strict.value == 0
