"""Every notation of the dialect table, written out by hand as the model families document it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhprobe.text.call_syntax import cast
from zhprobe.text.dialects import DIALECTS, parse_calls

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "查天气",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string"},
                    "days": {"type": "integer"},
                    "detail": {"type": "boolean"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["city"],
            },
        },
    },
    {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}},
]
ARGUMENTS = {"city": "兰州", "days": 3, "detail": True}
BODY = json.dumps(ARGUMENTS, ensure_ascii=False)
CALL = f'{{"name": "get_weather", "arguments": {BODY}}}'
LLAMA = f'{{"name": "get_weather", "parameters": {BODY}}}'

SHAPES = {
    "hermes": f"<tool_call>\n{CALL}\n</tool_call>",
    "xml-function": "<tool_call>\n<function=get_weather>\n<parameter=city>\n兰州\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
    "<parameter=detail>\ntrue\n</parameter>\n</function>\n</tool_call>",
    "glm-xml": "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>兰州</arg_value>\n<arg_key>days</arg_key>\n"
    "<arg_value>3</arg_value>\n<arg_key>detail</arg_key>\n<arg_value>true</arg_value>\n</tool_call>",
    "glm-line": f"get_weather\n{BODY}<|observation|>",
    "deepseek-v3": f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{BODY}\n```"
    "<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>",
    "deepseek-v3.1": f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{BODY}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "deepseek-dsml": '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">兰州'
    '</｜DSML｜parameter>\n<｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>\n<｜DSML｜parameter name="detail" '
    'string="false">true</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
    "llama-json": LLAMA,
    "llama-function": f"<function=get_weather>{BODY}</function>",
    "pythonic": '[get_weather(city="兰州", days=3, detail=True)]',
    "mistral": f"[TOOL_CALLS][{CALL}]</s>",
    "internlm": f"<|action_start|><|plugin|>\n{LLAMA}<|action_end|>",
    "minimax-m1": f"<tool_calls>\n{CALL}\n</tool_calls>",
    "minimax-m2": '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">兰州</parameter>\n'
    '<parameter name="days">3</parameter>\n<parameter name="detail">true</parameter>\n</invoke>\n</minimax:tool_call>',
    "kimi-k2": f"<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{BODY}"
    "<|tool_call_end|><|tool_calls_section_end|>",
    "hunyuan": f"<tool_calls>[{CALL}]</tool_calls>",
    "gemma4": '<|tool_call>call:get_weather{city:<|"|>兰州<|"|>,days:3,detail:true}<tool_call|>',
    "harmony": f"<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{BODY}<|call|>",
    "react": f"Thought: 查一下\nAction: get_weather\nAction Input: {BODY}\nObservation:",
    "array": f"[{CALL}]",
}
OTHERS = [
    ("react", f"动作：get_weather\n动作输入：{BODY}"),
    ("react", f"✿FUNCTION✿: get_weather\n✿ARGS✿: {BODY}"),
    ("mistral", f"[TOOL_CALLS]get_weather[ARGS]{BODY}"),
    ("internlm", f"<|action_start|> <|plugin|>{LLAMA}<|action_end|>"),
    ("llama-json", f"<|python_tag|>{LLAMA}"),
    ("pythonic", '<|tool_call_start|>[get_weather(city="兰州", days=3, detail=True)]<|tool_call_end|>'),
    ("glm-line", f"get_weather\n{BODY}"),
    (
        "glm-xml",
        "<tool_call>get_weather<arg_key>city</arg_key><arg_value>兰州</arg_value><arg_key>days</arg_key><arg_value>3"
        "</arg_value><arg_key>detail</arg_key><arg_value>true</arg_value></tool_call>",
    ),
    ("deepseek-dsml", f'<function_calls><invoke name="get_weather">{BODY}</invoke></function_calls>'),
    (
        "xml-function",
        "<function=get_weather>\n<parameter=city>\n兰州\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
        "<parameter=detail>\nTrue\n</parameter>\n</function>",
    ),
    ("array", CALL),
]


def test_every_dialect_of_the_table_has_a_shape_here():
    assert SHAPES.keys() == DIALECTS.keys()


@pytest.mark.parametrize(("dialect", "raw"), [*SHAPES.items(), *OTHERS])
def test_a_call_in_each_dialect_is_read_with_its_types(dialect, raw):
    parse = parse_calls(raw, TOOLS)
    assert (parse.dialect, len(parse.calls)) == (dialect, 1)
    call = parse.calls[0]
    assert (call.name, call.arguments, call.problems) == ("get_weather", ARGUMENTS, ())
    assert isinstance(call.arguments["days"], int) and call.arguments["detail"] is True
    assert parse.attempts == ()
    assert raw[slice(*call.span)].count("get_weather") == 1


@pytest.mark.parametrize(("dialect", "raw"), SHAPES.items())
def test_a_call_cut_at_half_is_an_attempt_and_never_a_call(dialect, raw):
    parse = parse_calls(raw[: len(raw) * 2 // 3], TOOLS)
    assert parse.calls == () and parse.attempts


BRACED = [(d, raw) for d, raw in SHAPES.items() if "}" in raw and d not in {"gemma4"}]


@pytest.mark.parametrize(("dialect", "raw"), BRACED)
def test_a_call_with_a_bracket_missing_is_an_attempt(dialect, raw):
    place = raw.rindex("}")
    parse = parse_calls(raw[:place] + raw[place + 1 :], TOOLS)
    assert parse.calls == () and parse.attempts


def test_two_calls_keep_their_order_and_their_text():
    raw = "我查两个城市。" + SHAPES["hermes"] + "\n" + SHAPES["hermes"].replace("兰州", "三亚")
    parse = parse_calls(raw, TOOLS)
    assert [call.arguments["city"] for call in parse.calls] == ["兰州", "三亚"]
    assert parse.visible == "我查两个城市。"


def test_a_broken_call_beside_a_good_one_is_reported():
    parse = parse_calls(
        SHAPES["hermes"] + '\n<tool_call>\n{"name": "now", "arguments": {\n</tool_call>', TOOLS
    )
    assert len(parse.calls) == 1 and parse.attempts


@pytest.mark.parametrize("raw", [
    "好的，get_weather(city=兰州)", "get_weather（兰州）", 'get_weather\n{"city": "兰', '{"name": "get_weather", "arguments": {"city": 兰州}}',
    '“name”：“get_weather”，“arguments”：', "<tool_call>", "[TOOL_CALLS]",
])  # fmt: skip
def test_call_attempt_markers_are_seen(raw):
    parse = parse_calls(raw, TOOLS)
    assert parse.calls == () and parse.attempts


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "你好",
        "明天兰州晴，最高 12 度。",
        "这个不用查天气。",
        "名字是 name，参数是 arguments",
        "1. a\n2. b",
    ],
)
def test_plain_text_is_no_attempt(raw):
    parse = parse_calls(raw, TOOLS)
    assert parse.calls == () and parse.attempts == () and parse.visible == raw


def test_the_tool_list_given_back_is_an_attempt_not_a_call():
    raw = json.dumps([tool["function"] for tool in TOOLS], ensure_ascii=False)
    parse = parse_calls(raw, TOOLS)
    assert parse.calls == () and parse.attempts


def test_calls_in_reasoning_do_not_count():
    parse = parse_calls(f"<think>我可以 {SHAPES['hermes']}</think>不用查。", TOOLS)
    assert parse.calls == () and len(parse.in_reasoning) == 1 and parse.visible == "不用查。"
    assert parse.attempts == ()


def test_reasoning_without_end_leaves_nothing_visible():
    parse = parse_calls("<think>\n先想想", TOOLS)
    assert parse.reasoning_unclosed and parse.visible == ""


def test_typed_dialects_are_not_cast():
    raw = '<tool_call>{"name": "get_weather", "arguments": {"city": "兰州", "days": "3"}}</tool_call>'
    assert parse_calls(raw, TOOLS).calls[0].arguments["days"] == "3"


def test_an_untyped_value_that_does_not_fit_stays_text():
    raw = SHAPES["glm-xml"].replace("<arg_value>3<", "<arg_value>三天<")
    assert parse_calls(raw, TOOLS).calls[0].arguments["days"] == "三天"


def test_form_faults_are_named():
    twice = '[{"name": "get_weather", "arguments": ' + json.dumps(BODY, ensure_ascii=False) + "}]"
    assert parse_calls(twice, TOOLS).calls[0].problems == ("args_double_encoded",)
    assert parse_calls(f"```json\n[{CALL}]\n```", TOOLS).calls[0].problems == ("fence",)
    assert parse_calls(f"好的：[{CALL}]", TOOLS).calls[0].problems == ("extra_text",)
    assert parse_calls(f"<tool_call>{LLAMA}</tool_call>", TOOLS).calls[0].problems == ("args_key_parameters",)
    assert "duplicate_key" in parse_calls(
        '<tool_call>{"name": "now", "arguments": {"a": 1, "a": 2}}</tool_call>', TOOLS
    ).calls[0].problems  # fmt: skip


def test_marks_around_an_object_win_over_the_array_in_prompt_mode():
    parse = parse_calls(SHAPES["hermes"], TOOLS, array_first=True)
    assert parse.dialect == "hermes" and "array" in parse.others


def test_a_call_mark_inside_a_string_opens_nothing():
    raw = '<tool_call>{"name": "get_weather", "arguments": {"city": "<tool_call>{"}}</tool_call>'
    parse = parse_calls(raw, TOOLS)
    assert [c.arguments for c in parse.calls] == [{"city": "<tool_call>{"}] and parse.attempts == ()


PIECES = st.sampled_from(
    [
        *SHAPES.values(),
        "<think>",
        "</think>",
        "{",
        "}",
        "[",
        "]",
        '"',
        "```",
        "get_weather",
        "\n",
        "兰州",
        "<tool_call>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=8).map("".join))
def test_no_text_makes_the_parser_raise_and_spans_lie_inside(raw):
    parse = parse_calls(raw, TOOLS)
    for call in (*parse.calls,):
        assert 0 <= call.span[0] < call.span[1] <= len(raw)


def test_hostile_nesting_is_refused_quickly():
    for raw in [
        "[" * 50_000,
        '{"a":' * 50_000,
        "<tool_call>" * 5_000,
        '[{"name": "now", "arguments": ' * 3_000,
    ]:
        assert parse_calls(raw, TOOLS).calls == ()


def test_lines_of_glm_follow_one_another_after_the_observation_mark():
    raw = f"get_weather\n{BODY}<|observation|>now\n{{}}<|observation|>"
    assert [call.name for call in parse_calls(raw, TOOLS).calls] == ["get_weather", "now"]


def test_the_python_tag_makes_parameters_right_also_in_prompt_mode():
    parse = parse_calls(SHAPES["llama-json"].replace("{", "<|python_tag|>{", 1), TOOLS, array_first=True)
    assert (parse.dialect, parse.calls[0].problems) == ("llama-json", ())


@pytest.mark.parametrize(("schema", "text", "value"), [
    ({"type": "string", "default": None}, "null", None), ({"type": "string"}, "null", "null"),
    ({"enum": [1, 2]}, "2", 2), ({"enum": ["1", "2"]}, "2", "2"), ({"enum": [True, False]}, "true", True), ({"enum": [1]}, "true", "true"),
    ({"type": ["integer", "null"]}, "null", None), ({"type": ["string", "integer"]}, "3", 3), ({"anyOf": [{"type": "integer"}]}, "3", 3),
    ({"type": "integer"}, "3.5", "3.5"), ({"type": "number"}, "3.5", 3.5), ({"type": "boolean"}, "1", "1"), ({"type": "object"}, "{}", {}),
])  # fmt: skip
def test_untyped_values_take_the_type_their_schema_declares(schema, text, value):
    found = cast(text, schema)
    assert found == value and type(found) is type(value)


def is_seen(raw):
    """Whether something of a call is seen: a call, an attempt, or nothing visible at all."""
    parse = parse_calls(raw, TOOLS, array_first=True)
    return bool(parse.calls or parse.attempts or not parse.visible.strip())


@pytest.mark.parametrize(("dialect", "raw"), [*SHAPES.items(), *OTHERS])
def test_a_call_with_any_one_character_lost_or_doubled_is_never_plain_text(dialect, raw):
    lost = [raw[:n] + raw[n + 1 :] for n in range(len(raw))]
    doubled = [raw[: n + 1] + raw[n:] for n in range(len(raw))]
    assert [changed for changed in (*lost, *doubled) if not is_seen(changed)] == []


# Before its fourth character a mark may be anything; a header of gpt-oss and a thought of ReAct are plain words.
@pytest.mark.parametrize(
    ("dialect", "raw"), [(d, r) for d, r in [*SHAPES.items(), *OTHERS] if d not in ("harmony", "react")]
)
def test_a_call_cut_anywhere_is_never_plain_text(dialect, raw):
    assert [raw[:n] for n in range(3, len(raw)) if not is_seen(raw[:n])] == []


@pytest.mark.parametrize("raw", [
    "兰州明天晴，最高 12℃。", "一共是 3 个步骤：\n1. 打开设置\n2. 点“天气”\n3. 选城市", "| 城市 | 天气 |\n| --- | --- |\n| 兰州 | 晴 |",
    "请问您要查哪个城市？", "[注] 数据来自气象台。", "用 <b>粗体</b> 标出。", "价格 < 100 且 > 50", "{城市}处请填写名称", "```python\nprint(1)\n```",
    "我没有调用任何工具，直接回答。", "好的，天气查询功能暂时不可用。", "- 兰州：晴\n- 三亚：雨", "结果：[12, 15]",
])  # fmt: skip
def test_honest_answers_are_no_attempts(raw):
    assert parse_calls(raw, TOOLS, array_first=True).attempts == ()


HOSTILE = ["<think></think>\n", "[", '{"a":', "<tool_call>{", "<function=a><parameter=b>", '[{"name": "x", "arguments": {}},', "get_weather(", "a\n{"]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_reply_is_read(piece):
    raw = piece * (100_000 // len(piece))
    assert all(
        0 <= call.span[0] < call.span[1] <= len(raw)
        for call in parse_calls(raw, TOOLS, array_first=True).calls
    )


@pytest.mark.parametrize("piece", HOSTILE)
def test_twice_the_hostile_reply_is_no_more_than_twice_the_work(piece, lines_run):
    def work(size):
        return lines_run(lambda: parse_calls(piece * (size // len(piece)), TOOLS, array_first=True))

    work(300)  # loads what it needs
    assert work(4000) < 2.2 * work(2000)
