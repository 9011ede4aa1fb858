"""One attempt over HTTP: what a server does has a name, and nothing it says is lost or believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from zhprobe.models import open_model
from zhprobe.models.base import Request, Told
from zhprobe.models.http import Http
from zhprobe.records import Reply, Settings, Usage

QUICK = Settings(timeout=60.0, stall_timeout=1.5)  # a busy machine answers within it


def ask(
    name: str, prompt: str = "写一句诗", settings: Settings = QUICK, **fields: Any
) -> tuple[Reply, Http, Told]:
    async def go() -> tuple[Reply, Http, Told]:
        model = open_model(name)
        assert isinstance(model, Http)
        told = Told()
        try:
            message = {"role": "user", "content": prompt}
            return await model.answer(Request((message,), settings, **fields), told), model, told
        finally:
            await model.close()

    return asyncio.run(go())


def test_a_plain_answer_keeps_text_usage_and_finish_reason(server: Any) -> None:
    reply, _, _ = ask(server.name("ok"))
    assert (reply.text, reply.finish_reason, reply.error) == ("答：写一句诗", "stop", None)
    assert reply.usage == Usage(10, 5) and reply.latency_s is not None


def test_what_goes_out_is_the_standard_body(server: Any) -> None:
    ask(server.name("ok"))
    assert server.server.bodies == [
        {
            "model": "ok",
            "messages": [{"role": "user", "content": "写一句诗"}],
            "temperature": 0.0,
            "max_tokens": 2048,
            "seed": 0,
        }
    ]


def test_each_sample_has_its_own_seed(server: Any) -> None:
    ask(server.name("ok"), sample=3)
    assert server.server.bodies[0]["seed"] == 3


def test_a_stream_torn_at_every_seventh_byte_gives_the_same_text(server: Any) -> None:
    reply, _, _ = ask(server.name("ok"), "秋江𠮷野家，一二三四五", Settings(stream=True))
    assert reply.text == "答：秋江𠮷野家，一二三四五" and reply.finish_reason == "stop"
    assert reply.first_token_s is not None and reply.usage == Usage(3, 4)


def test_streamed_calls_and_thoughts_are_put_together_by_index(server: Any) -> None:
    reply, _, _ = ask(server.name("stream-calls"), settings=Settings(stream=True))
    assert [(c.name, c.arguments, c.id) for c in reply.tool_calls] == [
        ("查", '{"城市":"北京"}', "a"),
        ("订", "{}", "b"),
    ]
    assert (reply.reasoning, reply.text, reply.finish_reason) == ("想一想", "", "tool_calls")


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        ("rate", "rate_limit"),
        ("e500", "server_error"),
        ("e503", "server_error"),
        ("drop", "dropped"),
        ("half", "cut_body"),
        ("wrong-json", "malformed_body"),
        ("not-json", "malformed_body"),
        ("no-choice", "no_choice"),
        ("cut-character", "cut_character"),
        ("gbk", "not_utf8"),
        ("html", "wrong_content_type"),
        ("stall", "stalled"),
        ("refused", "filtered"),
        ("too-long", "too_long"),
        ("bad", "bad_request"),
        ("no-model", "wrong_model"),
        ("elsewhere", "redirected"),
        ("credit", "no_credit"),
        ("key", "wrong_key"),
    ],
)
def test_every_misbehaviour_has_its_name(server: Any, way: str, kind: str) -> None:
    reply, _, _ = ask(server.name(way))
    assert reply.error is not None and reply.error.kind == kind, reply


@pytest.mark.parametrize(
    ("way", "kind"),
    [("stream-cut", "truncated_stream"), ("stream-error", "server_error"), ("stream-broken", "cut_body")],
)
def test_a_stream_that_breaks_has_its_name(server: Any, way: str, kind: str) -> None:
    reply, _, _ = ask(server.name(way), settings=Settings(stream=True))
    assert reply.error is not None and reply.error.kind == kind, reply


@pytest.mark.parametrize(
    ("way", "flag"),
    [
        ("empty", "empty"),
        ("length", "cut"),
        ("filtered", "filtered"),
        ("other-model", "model_echo:something-else"),
    ],
)
def test_an_answer_to_be_seen_apart_is_flagged(server: Any, way: str, flag: str) -> None:
    reply, _, _ = ask(server.name(way))
    assert reply.error is None and flag in reply.flags


def test_retry_after_is_heard(server: Any) -> None:
    _, _, told = ask(server.name("rate-after"))
    assert told.retry_after == 1.0


def test_arguments_stay_the_string_that_came(server: Any) -> None:
    reply, _, _ = ask(server.name("calls"))
    assert reply.tool_calls[0].arguments == '{"城市": "北\\u4eac"}'
    assert "empty" not in reply.flags


def test_arguments_sent_as_an_object_become_a_string(server: Any) -> None:
    reply, _, _ = ask(server.name("calls-object"))
    assert reply.tool_calls[0].arguments == '{"城市":"北京"}'


@pytest.mark.parametrize("way", ["thinking", "think-marks"])
def test_thoughts_are_kept_apart(server: Any, way: str) -> None:
    reply, _, _ = ask(server.name(way))
    assert (reply.text, reply.reasoning) == ("好", "想一想")


def test_a_lone_surrogate_in_an_answer_is_kept_and_can_be_written(server: Any) -> None:
    from zhprobe.files import encode

    reply, _, _ = ask(server.name("surrogate"))
    assert reply.error is None and reply.text == "a\ud83d"
    assert b"\\ud83d" in encode(reply)


def test_a_field_the_endpoint_refuses_is_left_out_and_noted(server: Any) -> None:
    reply, model, _ = ask(server.name("no-seed"))
    assert reply.text.startswith("答：") and model.facts()["fields_left_out"] == ["seed"]


def test_an_ignored_response_format_is_flagged(server: Any) -> None:
    reply, _, _ = ask(server.name("ok"), settings=Settings(response_format="json_object"))
    assert "field_ignored:response_format" in reply.flags


def test_nothing_listening_is_unreachable() -> None:
    reply, _, _ = ask("api/ok@http://127.0.0.1:9/v1")
    assert reply.error is not None and reply.error.kind == "unreachable"
    assert "127.0.0.1:9" in reply.error.message


def test_a_wrong_path_is_a_wrong_address(server: Any) -> None:
    reply, _, _ = ask(f"api/ok@http://127.0.0.1:{server.port}")
    assert reply.error is not None and reply.error.kind == "wrong_address"


def test_a_key_goes_only_where_it_was_meant_and_is_redacted(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHPROBE_API_KEY", "sk-planted-secret-77")
    reply, model, _ = ask(server.name("key"))
    assert server.server.headers[0]["Authorization"] == "Bearer sk-planted-secret-77"
    assert "planted" not in repr(reply) and "planted" not in repr(model.facts())
    echoed, _, _ = ask(server.name("echo-key"))
    assert "planted" not in echoed.text and "key_removed" in echoed.flags


def test_a_redirect_is_not_followed(server: Any) -> None:
    reply, _, _ = ask(server.name("elsewhere"))
    assert (
        reply.error is not None
        and "evil.invalid" in reply.error.message
        and "abcdefgh" not in reply.error.message
    )


def test_two_addresses_share_the_work_and_the_dead_one_is_left_alone(
    start_server: Callable[..., Any],
) -> None:
    one, two = start_server(), start_server()

    async def go() -> None:
        model = open_model(f"api/ok@{one.url},http://127.0.0.1:9/v1,{two.url}")
        replies = [
            await model.answer(Request(({"role": "user", "content": f"{n}"},), QUICK)) for n in range(9)
        ]
        await model.close()
        assert sum(r.error is not None for r in replies) == 1

    asyncio.run(go())
    assert len(one.server.bodies) == 4 and len(two.server.bodies) == 4


def test_a_password_in_the_address_goes_to_that_address_instead_of_the_key(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHPROBE_API_KEY", "sk-planted-secret-55")
    url = server.url.replace("://", "://me:pass%40word@")
    reply, model, _ = ask(f"api/echo-key@{url}")
    sent = server.server.headers[0]["Authorization"]
    assert sent == "Basic bWU6cGFzc0B3b3Jk"  # base64 of me:pass@word
    assert "bWU6" not in reply.text and "pass" not in repr(model.facts())


def test_forced_calls_are_not_asked_of_items_that_want_none(server: Any) -> None:
    from zhprobe.records import Item

    tool = {"type": "function", "function": {"name": "查", "parameters": {"type": "object"}}}
    message = {"role": "user", "content": "你好"}
    settings = Settings(mode="constrained")
    for kind in ("calls", "no_call", "ask"):
        item = Item("p", "i", (message,), (), expect={"kind": kind})
        ask(server.name("ok"), settings=settings, tools=(tool,), item=item)
    assert [body.get("tool_choice") for body in server.server.bodies] == ["required", None, None]


def test_tools_that_left_no_trace_in_the_prompts_tokens_are_flagged(server: Any) -> None:
    small = {"type": "function", "function": {"name": "f", "parameters": {}}}
    large = {
        "type": "function",
        "function": {"name": "f", "description": "查询天气。" * 60, "parameters": {}},
    }
    assert "field_ignored:tools" not in ask(server.name("ok"), tools=(small,))[0].flags
    assert (
        "field_ignored:tools" in ask(server.name("ok"), tools=(large,))[0].flags
    )  # 10 tokens, says the server


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "3"}, (3.0, None, None, None)),
        ({"retry-after-ms": "250"}, (0.25, None, None, None)),
        (
            {
                "x-ratelimit-limit-requests": "600",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1m2s",
                "x-ratelimit-limit-tokens": "90000",
            },
            (None, 62.0, 600.0, 90000.0),
        ),
        ({"x-ratelimit-limit-requests": "many", "Retry-After": "soon"}, (None, None, None, None)),
    ],
)
def test_limits_in_headers_are_read(headers: dict[str, str], expected: tuple[float | None, ...]) -> None:
    from multidict import CIMultiDict

    from zhprobe.models.http import hear

    told = Told()
    hear(CIMultiDict(headers), told)
    assert (told.retry_after, told.reset, told.limit_requests, told.limit_tokens) == expected
