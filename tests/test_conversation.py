"""What is said after a reply: results, worlds, scripted turns, in native and in prompt mode."""

import json

import pytest

from zhprobe.conversation import (
    RESULT_HEAD,
    assistant_message,
    follow_up,
    protocol_text,
    read_calls,
    replay,
)
from zhprobe.records import Item, ToolCall


def tool(name, **properties):
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": "说明", "parameters": schema}}


TEXT = {"type": "string"}
WEATHER = tool("get_weather", city=TEXT)
TRANSFER = tool("transfer", **{"from": TEXT, "to": TEXT, "amount": {"type": "number"}})
BALANCE = tool("query_balance", account=TEXT)
BANK = {"name": "bank", "state": {"accounts": {"活期": 500, "房东": 0}, "transfers": []}}


def item(turns=(), tools=(WEATHER,), **extra):
    return Item(
        "structured/x",
        "a",
        ({"role": "user", "content": "查天气"},),
        (),
        turns=tuple(turns),
        tools=tuple(tools),
        extra=extra,
    )


def call(name, **arguments):
    return ToolCall(name, json.dumps(arguments, ensure_ascii=False))


def talk(subject, *replies, native=True):
    """Let a scripted model answer; each reply is (text, calls). Gives the transcript."""
    transcript = []
    for text, calls in replies:
        if not native and calls:
            text = json.dumps(
                [{"name": c.name, "arguments": json.loads(c.arguments)} for c in calls], ensure_ascii=False
            )
        transcript.append(assistant_message(text, calls, native=native))
        more = follow_up(subject, transcript, calls)
        if more is None:
            return transcript
        transcript += more
    return transcript


def test_an_item_without_script_ends_with_its_first_reply():
    assert len(talk(item(), ("", [call("get_weather", city="兰州")]))) == 1


def test_canned_results_go_back_as_tool_messages_with_the_call_ids():
    subject = item([{"results": {"get_weather": {"天气": "晴"}}}])
    transcript = talk(subject, ("", [call("get_weather", city="兰州")] * 2), ("都是晴天", []))
    assert [m["role"] for m in transcript] == ["assistant", "tool", "tool", "assistant"]
    assert transcript[1]["content"] == '{"天气": "晴"}'
    assert [m["tool_call_id"] for m in transcript[1:3]] == [c["id"] for c in transcript[0]["tool_calls"]]


def test_in_prompt_mode_results_go_back_in_one_user_message():
    subject = item([{"results": {"get_weather": {"天气": "晴"}}}])
    transcript = talk(subject, ("", [call("get_weather", city="兰州")]), ("晴", []), native=False)
    assert transcript[1]["role"] == "user" and transcript[1]["content"].startswith(RESULT_HEAD)
    assert replay(subject, transcript).turn == 0  # a result is no turn of the script


@pytest.mark.parametrize("native", [True, False])
def test_a_scripted_turn_follows_a_reply_without_calls(native):
    subject = item([{"results": {"get_weather": {"天气": "晴"}}}, {"user": "三亚呢？"}])
    replies = [
        ("", [call("get_weather", city="兰州")]),
        ("晴", []),
        ("", [call("get_weather", city="三亚")]),
        ("也晴", []),
    ]
    transcript = talk(subject, *replies, native=native)
    assert [m["content"] for m in transcript if m["content"] == "三亚呢？"] == ["三亚呢？"]
    assert [(s.arguments["city"], s.turn) for s in replay(subject, transcript).steps] == [
        ("兰州", 0),
        ("三亚", 1),
    ]


def test_a_turn_that_waits_for_a_question_comes_only_after_one():
    subject = item([{"when": "asks", "user": "从上海。"}])
    asked = [assistant_message("请问从哪里出发？", [], native=True)]
    told = [assistant_message("好的。", [], native=True)]
    assert follow_up(subject, asked, []) == [{"role": "user", "content": "从上海。"}]
    assert follow_up(subject, told, []) is None


def test_results_in_turn_let_the_second_try_succeed():
    subject = item([{"results_in_turn": {"get_weather": [{"错误": "超时"}, {"天气": "晴"}]}}])
    once = [call("get_weather", city="兰州")]
    transcript = talk(subject, ("", once), ("", once), ("晴", []))
    assert [s.error for s in replay(subject, transcript).steps] == [True, False]


def test_the_conversation_ends_after_max_turns():
    subject = item([{"results": {"get_weather": {}}}], max_turns=2)
    assert len(talk(subject, *[("", [call("get_weather", city="兰州")])] * 9)) == 3


def test_three_errors_in_a_row_end_it():
    subject = item((), (BALANCE,), world=BANK)
    transcript = talk(subject, *[("", [call("query_balance", account="无")])] * 9)
    assert sum(m["role"] == "assistant" for m in transcript) == 3


def test_a_world_changes_by_calls_and_leaves_the_item_alone():
    subject = item((), (BALANCE, TRANSFER), world=BANK)
    calls = [call("transfer", **{"from": "活期", "to": "房东", "amount": 300})]
    transcript = talk(subject, ("", calls), ("转好了", []))
    assert replay(subject, transcript).state["accounts"] == {"活期": 200, "房东": 300}
    assert BANK["state"]["accounts"] == {"活期": 500, "房东": 0}


def test_a_call_that_breaks_the_schema_changes_nothing_and_says_why():
    subject = item((), (TRANSFER,), world=BANK)
    calls = [call("transfer", **{"from": "活期", "to": "房东", "amount": "三百"})]
    transcript = [assistant_message("", calls, native=True)]
    answer = follow_up(subject, transcript, calls)
    assert "参数不符合要求" in answer[0]["content"] and "/amount" in answer[0]["content"]
    assert replay(subject, transcript).state == BANK["state"]


def test_malformed_arguments_get_an_error_and_are_counted():
    subject = item((), (TRANSFER,), world=BANK)
    calls = [ToolCall("transfer", '{"from": "活')]
    transcript = [assistant_message("", calls, native=True)]
    assert "参数不是合法的 JSON" in follow_up(subject, transcript, calls)[0]["content"]
    assert replay(subject, transcript).malformed == 1


def test_an_unreadable_call_in_prompt_mode_is_asked_for_again():
    subject = item((), (TRANSFER,), world=BANK)
    transcript = [assistant_message('[{"name": "transfer", "arguments": {"from": "活期', [], native=False)]
    assert "参数不是合法的 JSON" in follow_up(subject, transcript, [])[0]["content"]


def test_a_busy_tool_fails_the_given_number_of_times():
    subject = item((), (BALANCE,), world=BANK | {"busy": {"query_balance": 1}})
    once = [call("query_balance", account="活期")]
    transcript = talk(subject, ("", once), ("", once), ("500", []))
    assert [s.error for s in replay(subject, transcript).steps] == [True, False]


def test_the_prompt_protocol_lists_every_tool_once_and_asks_for_an_array():
    protocol = protocol_text([WEATHER, BALANCE])
    assert all(word in protocol for word in ("get_weather", "query_balance", "JSON 数组", RESULT_HEAD))


def test_the_endpoint_s_own_calls_win_over_the_text():
    own = [ToolCall("get_weather", '{"city": "兰州"}')]
    calls, _ = read_calls(item(), '[{"name": "get_weather", "arguments": {"city": "三亚"}}]', own)
    assert calls == own
