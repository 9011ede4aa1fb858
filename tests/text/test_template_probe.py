"""What templates do with tools, on templates written for the test."""

import json

from zhprobe.text.template_probe import probe_template


def good(messages, tools):
    return json.dumps([messages, tools], ensure_ascii=False)


def test_a_template_that_keeps_all_has_no_flags():
    found = probe_template(good)
    assert found.flags == () and found.parallel_calls and found.arguments_as_object


def test_a_template_that_leaves_tools_out_makes_native_mode_unavailable():
    found = probe_template(lambda messages, tools: "".join(str(m.get("content")) for m in messages))
    assert not found.tools_rendered and "tools_not_rendered" in found.flags


def test_escaped_chinese_is_seen():
    found = probe_template(lambda messages, tools: json.dumps(tools) + good(messages, None))
    assert found.tools_rendered and not found.chinese_kept


def test_a_date_nobody_wrote_is_found():
    found = probe_template(lambda messages, tools: "Today Date: 26 Jul 2024\n" + good(messages, tools))
    assert found.dates == ("26 Jul 2024",)


def test_a_clock_in_the_template_is_unstable():
    ticks = iter(range(100))
    assert not probe_template(lambda messages, tools: f"{next(ticks)} {good(messages, tools)}").stable


def test_a_template_that_encodes_string_arguments_again_needs_objects():
    def render(messages, tools):
        text = good([m for m in messages if "tool_calls" not in m], tools)
        for message in messages:
            for call in message.get("tool_calls", ()):
                text += json.dumps(call["function"]["arguments"], ensure_ascii=False)
        return text

    found = probe_template(render)
    assert found.arguments_as_object and not found.arguments_as_string


def test_a_template_that_raises_on_two_calls_is_found_out():
    def render(messages, tools):
        if any(len(m.get("tool_calls", ())) > 1 for m in messages):
            raise ValueError("one call at a time")
        return good(messages, tools)

    assert not probe_template(render).parallel_calls


def test_a_template_that_always_raises_gives_a_finding():
    def render(messages, tools):
        raise KeyError("tools")

    found = probe_template(render)
    assert not found.tools_rendered and "KeyError" in found.error
