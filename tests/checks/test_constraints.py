"""Constraints a program can check: strict and loose readings, traps, lint, and a look at any text at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhprobe.checks import registry
from zhprobe.checks.choice import read_choice
from zhprobe.checks.constraint import Bounds, bounds, names_number
from zhprobe.records import Item, Reply, Verdict

# one sound set of parameters for each check of this part
PARAMETERS = {
    "length_total": {"unit": "han", "min": 1},
    "length_each_sentence": {"unit": "visible", "max": 9},
    "length_each_line": {"unit": "tokens", "max": 9},
    "length_each_paragraph": {"unit": "han_or_visible", "max": 9},
    "count_sentences": {"exactly": 2},
    "count_paragraphs": {"about": 2},
    "count_blocks": {"min": 1},
    "count_lines": {"max": 3},
    "line_lengths": {"lines": 2, "characters": 3},
    "line_shape": {"lengths": [1, 2]},
    "must_include": {"strings": ["春"]},
    "include_any": {"strings": ["a"]},
    "on_topic": {"strings": ["a"]},
    "must_exclude": {"strings": ["的"]},
    "include_all_chars": {"characters": "梅"},
    "char_no_repeat": {},
    "equals": {"value": "x"},
    "one_of": {"options": ["x"]},
    "starts_with": {"text": "x"},
    "ends_with": {"text": "x"},
    "each_starts_with": {"text": "x", "piece": "line"},
    "order_before": {"first": "a", "second": "b"},
    "repeat_prompt": {"text": "x"},
    "choice_letter": {"correct": "A"},
    "yes_or_no": {"value": True},
    "number_equals": {"value": 5.0},
    "pattern": {"pattern": "(a+)+b"},
    "list_items": {"exactly": 2},
    "table_shape": {},
    "headings": {},
    "title_line": {},
    "bold_spans": {"min": 1},
    "code_blocks": {},
    "sections": {"names": ["a"]},
    "two_answers": {},
    "acrostic": {"phrase": "春夏"},
    "quote_count": {"min": 1},
    "dialogue_turns": {"speakers": ["甲", "乙"]},
    "no_markdown": {},
    "script_simplified": {},
    "script_traditional": {},
    "no_latin": {},
    "no_digits": {},
    "no_chinese_numerals": {},
    "punctuation_chinese": {},
    "punctuation_none": {},
    "punctuation_only": {"marks": "。"},
    "sentences_end_with": {"marks": "。"},
    "json_form": {},
    "json_schema": {"schema": {"type": "object"}},
    "json_values": {"values": {"/a": 1}},
    "json_no_extra": {"keys": ["a"]},
    "json_strict": {"values": {"/a": 1}},
    "json_lines": {"lines": [1]},
    "json_length": {"exactly": 2},
}
ITEM = Item("p/x", "i", (), ())


def run(name: str, answer: str, **parameters) -> Verdict:
    return registry.bind(name, parameters)(Reply("p/x", "i", "m", text=answer), ITEM)


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("answer", ["", " ", "\n　\t", "\u200b\ufeff"])
def test_an_empty_reply_fails_every_constraint(name, answer):
    verdict = run(name, answer, **PARAMETERS[name])
    assert verdict.outcome == "not_met" and verdict.lenient == "not_met"


ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)
BUSY_TEXT = st.text(
    st.sampled_from(
        '春夏的。，！“”"\n\r　 ab15２.:：-*|#`《》（）()甲乙答案是选ABCD一二三零万\ud800\u200d👍/=,{}[]'
    ),
    max_size=60,
)


@settings(max_examples=150)
@given(ANY_TEXT | BUSY_TEXT)
def test_no_reply_makes_a_check_raise(answer):
    for name, parameters in PARAMETERS.items():
        verdict = run(name, answer, **parameters)
        assert verdict.outcome in ("met", "not_met", "unsure")
        assert verdict.reason and verdict.reason_en
        assert all(0 <= start < end <= len(answer) for start, end in verdict.spans)


# check, parameters, answer, outcome, loose reading
VERDICTS = [
    ("length_total", {"unit": "han", "min": 10, "max": 12}, "今天天气很好，我们去公园。", "met", "met"),
    ("length_total", {"unit": "visible", "max": 12}, "今天天气很好，我们去公园。", "not_met", "not_met"),
    ("length_total", {"unit": "han_or_visible", "max": 12}, "今天天气很好，我们去公园。", "met", "met"),
    ("length_total", {"unit": "han", "about": 10}, "一二三四五六七八九", "met", "met"),
    ("length_total", {"unit": "han", "about": 10}, "一二三四五六七八", "not_met", "not_met"),
    ("length_total", {"unit": "han", "exactly": 5}, "好的，如下：\n春眠不觉晓", "not_met", "met"),
    ("length_total", {"unit": "han", "exactly": 5}, "春眠不觉晓\n希望你喜欢。", "not_met", "met"),
    ("length_total", {"unit": "visible", "exactly": 5}, "**春眠不觉晓**", "not_met", "met"),
    ("length_total", {"unit": "visible", "exactly": 5, "plain": True}, "**春眠不觉晓**", "met", "met"),
    ("length_total", {"unit": "word_style", "exactly": 4}, "iPhone 15很贵", "met", "met"),
    ("length_total", {"unit": "tokens", "exactly": 4}, "共100%完成！", "met", "met"),
    ("length_total", {"unit": "han"}, "好", "unsure", "unsure"),
    ("length_each_sentence", {"unit": "han", "max": 4}, "天亮了。我起床了呀。", "not_met", "not_met"),
    ("length_each_paragraph", {"unit": "han", "min": 2}, "甲乙\n\n丙", "not_met", "not_met"),
    ("count_sentences", {"exactly": 2}, "“你好。”“再见。”", "met", "met"),
    ("count_blocks", {"exactly": 2}, "甲\n\n\n\n乙", "met", "met"),
    ("count_paragraphs", {"min": 2, "max": 3}, "甲\n乙\n丙\n丁", "not_met", "not_met"),
    (
        "line_lengths",
        {"lines": 4, "characters": 5},
        "江阔秋云淡，\n舟轻夜月明。\n芦花随岸白，\n归雁一声声。",
        "met",
        "met",
    ),
    (
        "line_lengths",
        {"lines": 4, "characters": 5},
        "《秋江》\n江阔秋云淡，\n舟轻夜月明。\n芦花随岸白，\n归雁一声声。",
        "not_met",
        "not_met",
    ),
    ("line_lengths", {"lines": 2, "characters": 5}, "江阔秋云淡，舟轻夜月明。", "not_met", "met"),
    ("line_shape", {"lengths": [1, 2, 3]}, "山\n看山\n我看山水", "not_met", "not_met"),
    ("must_include", {"strings": ["GPT 4"]}, "用ｇｐｔ 4写", "met", "met"),
    ("must_include", {"strings": ["春"], "max": 1}, "春来春去", "not_met", "not_met"),
    ("must_include", {"strings": ["北京"], "min": 2}, "北京北", "not_met", "not_met"),
    ("on_topic", {"strings": ["园林", "花窗"]}, "拙政园的花窗最好看。", "met", "met"),
    ("on_topic", {"strings": ["园林", "花窗"]}, "好的，我明白了。", "not_met", "not_met"),
    ("must_exclude", {"strings": ["的"]}, "天很蓝。", "met", "met"),
    ("must_exclude", {"strings": ["的"], "ignore": ["目的"]}, "目的明确。", "met", "met"),
    ("must_exclude", {"strings": ["但是"]}, "好，但是贵。", "not_met", "not_met"),
    ("include_all_chars", {"characters": "梅兰竹菊"}, "梅兰竹", "not_met", "not_met"),
    ("char_no_repeat", {}, "天上人间", "met", "met"),
    ("char_no_repeat", {}, "天上天下", "not_met", "not_met"),
    ("one_of", {"options": ["正面", "负面"]}, "正面。", "met", "met"),
    ("one_of", {"options": ["正面"]}, "不正面", "not_met", "not_met"),
    ("equals", {"value": "100"}, "1.00", "not_met", "not_met"),
    ("starts_with", {"text": "综上"}, "综上所述，可行。", "met", "met"),
    ("starts_with", {"text": "综上"}, "好的，如下：\n综上，可行。", "not_met", "met"),
    ("ends_with", {"text": "谢谢。"}, "收到，谢谢。\n", "met", "met"),
    ("each_starts_with", {"text": "我", "piece": "line"}, "1. 我来\n2. “我看”", "met", "met"),
    ("each_starts_with", {"text": "我", "piece": "line"}, "我来\n他看", "not_met", "not_met"),
    ("order_before", {"first": "优点", "second": "缺点"}, "缺点多，优点少", "not_met", "not_met"),
    ("repeat_prompt", {"text": "天为什么蓝？"}, "天为什么蓝？因为散射。", "met", "met"),
    ("repeat_prompt", {"text": "天为什么蓝？"}, "因为散射。天为什么蓝？", "not_met", "not_met"),
    ("list_items", {"style": "1.", "exactly": 3}, "1. 米\n2. 面\n3. 油", "met", "met"),
    ("list_items", {"style": "1.", "exactly": 3}, "1、米\n2、面\n3、油", "not_met", "not_met"),
    ("list_items", {"style": "1、", "exactly": 3}, "1、米\n2、面\n3、油", "met", "met"),
    ("list_items", {"style": "（一）", "exactly": 2}, "（一）米\n（二）面", "met", "met"),
    ("list_items", {"style": "①", "exactly": 2}, "①米\n②面", "met", "met"),
    ("list_items", {"style": "一、", "exactly": 2}, "一、米\n三、面", "not_met", "not_met"),
    ("list_items", {"style": "-", "exactly": 2}, "- 米\n- 面\n  - 挂面", "met", "met"),
    ("list_items", {"exactly": 2}, "1. 米\n- 面", "not_met", "not_met"),
    ("list_items", {"exactly": 2, "only": True}, "清单：\n1. 米\n2. 面", "not_met", "met"),
    ("list_items", {"exactly": 2}, "1. 米\n2. ", "not_met", "not_met"),
    ("list_items", {"exactly": 2}, "今年3.5万人", "not_met", "not_met"),
    (
        "table_shape",
        {"rows": 2, "columns": 2},
        "| 城市 | 温度 |\n| --- | :-: |\n| 北京 | 5 |\n| 上海 | 9 |",
        "met",
        "met",
    ),
    ("table_shape", {"rows": 2}, "城市 | 温度\n北京 | 5", "not_met", "not_met"),
    ("table_shape", {"columns": 2}, "|甲|乙|\n|-|-|\n|1|2|3|", "not_met", "not_met"),
    ("table_shape", {"header": ["甲", "乙"]}, "|乙|甲|\n|-|-|\n|1|2|", "not_met", "not_met"),
    ("headings", {"level": 2, "exactly": 1}, "# 甲\n## 乙\n```\n## 丙\n```", "met", "met"),
    ("headings", {"level": 2, "exactly": 1}, "##乙", "not_met", "not_met"),
    ("title_line", {"wrapper": "《》"}, "《春》\n来了", "met", "met"),
    ("title_line", {"wrapper": "《》"}, "《春》和《秋》\n来了", "not_met", "not_met"),
    ("title_line", {"wrapper": "【】"}, "好的，如下：\n【通知】\n明天放假。", "not_met", "met"),
    ("bold_spans", {"exactly": 2}, "**甲**、**乙**、`**丙**`", "met", "met"),
    ("bold_spans", {"exactly": 1}, "**甲** 乙**", "not_met", "not_met"),
    ("code_blocks", {"exactly": 1, "language": "sql"}, "```SQL\nselect 1\n```", "met", "met"),
    ("code_blocks", {"exactly": 1}, "```\nselect 1", "not_met", "not_met"),
    ("sections", {"names": ["起因", "结果"]}, "## 一、起因\n雨。\n**结果：**\n改期。", "met", "met"),
    ("sections", {"names": ["起因", "结果"]}, "结果\n改期。\n起因\n雨。", "not_met", "not_met"),
    ("sections", {"names": ["起因", "结果"]}, "起因\n结果\n改期。", "not_met", "not_met"),
    ("sections", {"names": ["起因"]}, "起因是下雨。", "not_met", "not_met"),
    ("two_answers", {}, "坐车。\n******\n走路。", "met", "met"),
    ("two_answers", {}, "坐车。\n******\n坐车！", "not_met", "not_met"),
    ("two_answers", {}, "坐车。\n******", "not_met", "not_met"),
    ("acrostic", {"phrase": "春夏秋冬"}, "春风\n夏雨\n秋月\n冬雪", "met", "met"),
    ("acrostic", {"phrase": "春夏"}, "“春风\n“夏雨", "met", "met"),
    ("acrostic", {"phrase": "春夏"}, "春风\n夏雨\n秋月", "not_met", "not_met"),
    ("acrostic", {"phrase": "风雨", "place": "tail"}, "春风。\n夏雨！", "met", "met"),
    ("acrostic", {"phrase": "春夏", "piece": "sentence"}, "春风来。夏雨落。", "met", "met"),
    ("quote_count", {"exactly": 2}, "他说“好”，又说“走”。", "met", "met"),
    ("quote_count", {"pair": "《》", "exactly": 1}, "读《红楼梦》与《水浒", "not_met", "not_met"),
    (
        "dialogue_turns",
        {"speakers": ["甲", "乙"], "exactly": 4},
        "甲：你好。\n乙：你好。\n甲：走？\n乙：走。",
        "met",
        "met",
    ),
    (
        "dialogue_turns",
        {"speakers": ["甲", "乙"], "exactly": 2},
        "甲：你好。\n甲：走？",
        "not_met",
        "not_met",
    ),
    ("dialogue_turns", {"speakers": ["甲", "乙"]}, "乙：你好。\n甲：走？", "not_met", "not_met"),
    ("dialogue_turns", {"speakers": ["甲", "乙"]}, "甲：你好。\n乙：", "not_met", "not_met"),
    ("no_markdown", {}, "1. 米\n2. 面", "met", "met"),
    ("no_markdown", {}, "**米**", "not_met", "met"),
    ("script_simplified", {}, "我们后天去看他。", "met", "met"),
    ("script_simplified", {}, "我們後天去看他。", "not_met", "not_met"),
    ("script_simplified", {"ignore": ["臺灣"]}, "“臺灣”两字是繁体写法吗？", "met", "met"),
    ("script_traditional", {}, "范先生說：後天見。", "met", "met"),
    ("script_traditional", {}, "白日依山尽，黄河入海流。", "not_met", "not_met"),
    ("script_traditional", {}, "天天上山看水，山上有人有牛有羊有草有木有土有火。", "unsure", "unsure"),
    ("script_simplified", {}, "Hello", "not_met", "not_met"),
    ("no_latin", {}, "用Ａ计划", "not_met", "not_met"),
    ("no_latin", {"ignore": ["Wi-Fi"]}, "连上Wi-Fi", "met", "met"),
    ("no_digits", {}, "一共①½壹个", "met", "met"),
    ("no_digits", {}, "１个", "not_met", "not_met"),
    ("no_digits", {"fullwidth": False}, "１个", "met", "met"),
    ("no_chinese_numerals", {}, "共35元，万一不够再说，十分感谢", "met", "met"),
    ("no_chinese_numerals", {}, "共三十五元", "not_met", "not_met"),
    ("no_chinese_numerals", {}, "来了两个人", "not_met", "not_met"),
    ("no_chinese_numerals", {}, "找一个地方", "unsure", "unsure"),
    ("punctuation_chinese", {}, "版本3.14，见 README.md。", "met", "met"),
    ("punctuation_chinese", {}, "你好,世界", "not_met", "not_met"),
    ("punctuation_chinese", {}, "1. 米\n2. 面", "met", "met"),
    ("punctuation_chinese", {}, "Hello, world.", "not_met", "not_met"),
    ("punctuation_none", {}, "春眠不觉晓", "met", "met"),
    ("punctuation_none", {"keep": "、"}, "春、夏", "met", "met"),
    ("punctuation_none", {}, "二〇二六年", "met", "met"),
    ("punctuation_only", {"marks": "，。"}, "天亮了，起床。", "met", "met"),
    ("punctuation_only", {"marks": "，。"}, "天亮了", "not_met", "not_met"),
    ("sentences_end_with", {"marks": "！"}, "“来了！”\n走了！", "met", "met"),
    ("sentences_end_with", {"marks": "！"}, "来了！走了", "not_met", "not_met"),
    ("choice_letter", {"correct": "B"}, "B", "met", "met"),
    ("choice_letter", {"correct": "B"}, "**答案：B**", "met", "met"),
    ("choice_letter", {"correct": "B"}, "选Ｂ。因为A说错了，C也不对。", "met", "met"),
    ("choice_letter", {"correct": "B"}, "A和C都错，答案为B", "met", "met"),
    ("choice_letter", {"correct": "B"}, "答案是A", "not_met", "not_met"),
    ("choice_letter", {"correct": "B"}, "A或B", "unsure", "unsure"),
    ("choice_letter", {"correct": "B"}, "我不知道", "not_met", "not_met"),
    ("choice_letter", {"correct": "ABD"}, "A、B、D", "met", "met"),
    ("choice_letter", {"correct": "ABD"}, "ABCD", "not_met", "not_met"),
    ("choice_letter", {"correct": "AB"}, "答案是A和B。", "met", "met"),
    ("choice_letter", {"correct": "B", "only": True}, "选B", "not_met", "met"),
    ("yes_or_no", {"value": False}, "不对，法律没有这样规定。", "met", "met"),
    ("yes_or_no", {"value": True}, "不是。", "not_met", "not_met"),
    ("yes_or_no", {"value": True, "only": True}, "对，没错。", "not_met", "met"),
    ("number_equals", {"value": 37000.0}, "三万七", "met", "met"),
    ("number_equals", {"value": 10.0}, "100", "not_met", "not_met"),
    ("number_equals", {"value": 12.5, "units": ["元"]}, "12.5元", "met", "met"),
    ("number_equals", {"value": 8.0}, "3加5，一共是8个。", "met", "met"),
    ("number_equals", {"value": 0.75}, "3/4", "met", "met"),
    ("number_equals", {"value": 8.0, "only": True}, "答案是8。", "not_met", "met"),
    ("number_equals", {"value": 8.0}, "3和8", "unsure", "unsure"),
    ("number_equals", {"value": 3.14, "abs": 0.01}, "3.15", "met", "met"),
    ("number_equals", {"value": -3.0}, "3", "not_met", "not_met"),
    ("pattern", {"pattern": "[0-9]{4}年"}, "２０２６年与2026年", "met", "met"),
    ("pattern", {"pattern": "[0-9]{4}", "where": "whole"}, "2026年", "not_met", "not_met"),
    ("pattern", {"pattern": "a", "count": 2}, "aaa", "not_met", "not_met"),
    ("pattern", {"pattern": "("}, "a", "unsure", None),
]


@pytest.mark.parametrize(("name", "parameters", "answer", "outcome", "loose"), VERDICTS)
def test_a_check_says_what_a_reader_says(name, parameters, answer, outcome, loose):
    verdict = run(name, answer, **parameters)
    assert (verdict.outcome, verdict.lenient) == (outcome, loose), verdict.reason
    assert verdict.outcome == "met" or verdict.codes


# How people and models put a choice; None where nothing is chosen for certain.
CHOICES = [
    ("B", "B"),
    ("（B）", "B"),
    ("b", "B"),
    ("【答案】B\n【解析】A项错误", "B"),
    ("正确答案是 B。", "B"),
    ("本题选B，因为A错误。", "B"),
    ("答案：B，A项错误", "B"),
    ("A. 是错的，因为……所以答案是B", "B"),
    ("排除A、C、D，选B", "B"),
    ("答案为：**B**", "B"),
    ("\\boxed{B}", "B"),
    ("The answer is B", "B"),
    ("B、因为……", "B"),
    ("答案：B、D", "BD"),
    ("答案是A和B项", "AB"),
    ("选AB", "AB"),
    ("A B D", "ABD"),
    ("选A不对", None),
    ("不选A", None),
    ("答案是A吗？不，是B。", None),
    ("答案不是A，而是B", None),
    ("答案：A或B", None),
    ("选A还是选B？", None),
    ("A和B都有道理", None),
    ("可能是C，也可能是D", None),
]


@pytest.mark.parametrize(("answer", "letters"), CHOICES)
def test_a_choice_is_read_as_it_is_meant_or_not_at_all(answer, letters):
    found = read_choice(answer)
    assert (found[0] if found else None) == letters


JUDGEMENTS = [
    ("是的，可以。", True),
    ("该说法正确。", True),
    ("这句话是对的", True),
    ("答案：对", True),
    ("正确。理由如下：", True),
    ("该说法错误", False),
    ("是错误的", False),
    ("答：不对", False),
    ("判断：错", False),
    ("没有", False),
    ("不一定", None),
    ("对错难说", None),
    ("这要看情况", None),
]


@pytest.mark.parametrize(("answer", "value"), JUDGEMENTS)
def test_a_judgement_is_read_as_it_is_meant_or_not_at_all(answer, value):
    outcomes = {run("yes_or_no", answer, value=wanted).outcome for wanted in (True, False)}
    if value is None:
        assert outcomes == {"unsure"}
    else:
        assert run("yes_or_no", answer, value=value).outcome == "met"


def test_every_check_of_this_part_is_tried_both_ways():
    tried = {(name, outcome) for name, _, _, outcome, _ in VERDICTS}
    for name in PARAMETERS:
        if not name.startswith("json_") and name not in (
            "length_each_line",
            "count_lines",
            "include_any",
            "equals",
            "pattern",
        ):
            assert (name, "met") in tried or name in (
                "length_each_sentence",
                "length_each_paragraph",
                "count_paragraphs",
                "order_before",
                "line_shape",
                "include_all_chars",
            ), name


def test_a_pattern_that_never_ends_is_undecided_within_its_time():
    verdict = run("pattern", "a" * 40 + "c", pattern="(a|a|aa)+b")
    assert verdict.outcome in ("unsure", "not_met")


def test_about_is_ten_per_cent_rounded_outward():
    assert bounds(None, None, None, 45) == Bounds(40, 50)
    assert bounds(None, None, None, 100) == Bounds(90, 110)


@pytest.mark.parametrize(
    ("prompt", "number", "named"),
    [
        ("写四句", 4, True),
        ("写４句", 4, True),
        ("写十四句", 4, False),
        ("写40字", 4, False),
        ("写两段", 2, True),
        ("一千二百字", 1200, True),
        ("1,200字", 1200, True),
    ],
)
def test_a_number_is_found_in_a_prompt_however_it_is_written(prompt, number, named):
    assert names_number(prompt, number) is named


# prompt, check, parameters, whether lint complains
ASKED = [
    ("写一段话，100字以内，只数汉字，标点不算。", "length_total", {"unit": "han", "max": 100}, False),
    ("写一段话，100字以内。", "length_total", {"unit": "han", "max": 100}, True),
    ("写一段话，100字以内。", "length_total", {"unit": "han_or_visible", "max": 100}, False),
    ("写一段话，标点也算，共50个字符。", "length_total", {"unit": "visible", "exactly": 50}, False),
    ("写一段话。", "count_sentences", {"exactly": 3}, True),
    ("写三句话。", "count_sentences", {"exactly": 3}, False),
    ("写三句话。", "count_sentences", {}, True),
    ("必须出现“春风”。", "must_include", {"strings": ["春风"]}, False),
    ("随便写。", "must_include", {"strings": ["春风"]}, True),
    ("用表格回答。", "table_shape", {"rows": 2}, False),
    ("用 JSON 回答，键为城市。", "json_values", {"values": {"/城市": "北京"}}, False),
    ("用 JSON 回答。", "json_values", {"values": {"/城市": "北京"}}, True),
    ("用 JSON 回答，键为城市。", "json_values", {"values": {"城市": "北京"}}, True),
    ("用 JSON 回答，键为城市。", "json_values", {"values": {"/城市": {"nunber": 1}}}, True),
    ("抽出城市。", "json_form", {}, True),
    ("写五言绝句。", "line_lengths", {"lines": 4, "characters": 5}, False),
    ("用简体字写。", "script_simplified", {}, False),
    ("写一段。", "script_simplified", {}, True),
    ("請用繁體字寫。", "script_traditional", {}, False),
    ("不要出现英文字母。", "no_latin", {}, False),
    ("写一段。", "no_digits", {}, True),
    ("不加标点。", "punctuation_none", {}, False),
    ("写一段。", "punctuation_none", {}, True),
    ("不要用 Markdown。", "no_markdown", {}, False),
    ("不要用感叹号。", "must_exclude", {"strings": ["！"]}, False),
    ("写一段。", "must_exclude", {"strings": ["！"]}, True),
    ("用编号列出三条。", "list_items", {"style": "1.", "exactly": 3}, False),
]


@pytest.mark.parametrize(("prompt", "name", "parameters", "complains"), ASKED)
def test_lint_says_when_a_prompt_does_not_ask_for_what_is_checked(prompt, name, parameters, complains):
    asked = registry.look_up(name).asked
    assert asked is not None
    assert bool(asked(prompt, registry.checked_parameters(name, parameters))) is complains


def test_each_step_of_loosening_keeps_what_was_met():
    for name, parameters, answer, outcome, _ in VERDICTS:
        loosen = registry.look_up(name).loosen
        if outcome != "met" or loosen is None or name == "line_lengths":
            continue
        for label, looser in loosen(registry.checked_parameters(name, parameters)):
            if looser.get("strings", ["x"]):
                assert run(name, answer, **looser).outcome == "met", (name, label)


HOSTILE = [
    "字",
    "“",
    "。",
    "一",
    "1.",
    "|",
    "**",
    "《",
    "- a\n",
    "```\n",
    "甲：\n",
    "<think>",
    "答案是",
    "a",
    "1",
    " ",
]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_long_hostile_reply_is_judged(name):
    for unit in HOSTILE:
        assert run(name, unit * (8_000 // len(unit)), **PARAMETERS[name]).reason


@pytest.mark.parametrize("name", PARAMETERS)
def test_twice_the_hostile_reply_is_no_more_than_twice_the_work(name, lines_run):
    for unit in HOSTILE:
        once, twice = unit * (300 // len(unit)), unit * (600 // len(unit))
        run(name, once, **PARAMETERS[name])  # loads the tables
        work = lines_run(lambda text=once: run(name, text, **PARAMETERS[name]))
        assert lines_run(lambda text=twice: run(name, text, **PARAMETERS[name])) < 2.2 * work, unit
