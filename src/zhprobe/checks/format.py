"""The shape of an answer: lists, tables, headings, titles, sections, acrostics, dialogue, quotations."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Literal

import regex

from zhprobe.checks.constraint import (
    Bounds,
    asked_bounds,
    asked_strings,
    asked_words,
    bounds,
    fails,
    holds,
    judge_count,
    loosen_bounds,
    loosen_list,
    nothing_looser,
    read_both,
    undecided,
)
from zhprobe.checks.registry import check
from zhprobe.records import Verdict
from zhprobe.text import segments
from zhprobe.text.han import is_han
from zhprobe.text.normal import BLANKS, same, tidied
from zhprobe.text.numbers import read_integer

ListStyle = Literal["1.", "1、", "1)", "一、", "（一）", "①", "-", "*", "•", "any_number", "any"]
_ITEM = regex.compile(
    r"(?P<indent>[ \t\u3000]*)(?:(?P<dot>[0-9０-９]{1,3})[.．](?=\s|[^0-9\s])|(?P<comma>[0-9０-９]{1,3})、|[（(]?(?P<bracket>[0-9０-９]{1,3})[)）]"
    r"|(?P<han>[一二三四五六七八九十百]{1,4})、|[（(](?P<hanbracket>[一二三四五六七八九十]{1,3})[)）]|(?P<circled>[①-⑳㉑-㉟㊱-㊿])|(?P<bullet>[-*+•·●])(?=\s))\s*(?P<body>.*)"
)
_GROUP = {"1.": "dot", "1、": "comma", "1)": "bracket", "一、": "han", "（一）": "hanbracket", "①": "circled"}
_NUMBERED = tuple(_GROUP.values())


def _number_of(name: str, mark: str) -> int:
    if name in ("han", "hanbracket"):
        return read_integer(mark) or -1
    return int(unicodedata.numeric(mark)) if name == "circled" else int(mark)


def list_entries(text: str) -> list[tuple[str, int, str]]:
    """Items of the outermost list, as (kind of marker or the bullet, number or 0, body).

    >>> list_entries("如下：\\n1. 米\\n   - 糙米\\n2. 面")
    [('dot', 1, '米'), ('dot', 2, '面')]
    """
    found = []
    for line in _outside_code(text):
        match = _ITEM.fullmatch(line)
        if match:
            name = next(key for key in (*_NUMBERED, "bullet") if match[key])
            number = 0 if name == "bullet" else _number_of(name, match[name])
            found.append((len(match["indent"]), match["bullet"] or name, number, match["body"].strip(BLANKS)))
    least = min((indent for indent, *_ in found), default=0)
    return [(name, number, body) for indent, name, number, body in found if indent <= least + 1]


def _outside_code(text: str) -> list[str]:
    """Lines that do not lie in a fenced block."""
    kept, fence = [], ""
    for line in tidied(text).split("\n"):
        mark = regex.match(r"\s*(`{3,}|~{3,})", line)
        if mark and not fence:
            fence = mark[1]
        elif fence and mark and mark[1].startswith(fence):
            fence = ""
        elif not fence:
            kept.append(line)
    return kept


def _loosen(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from loosen_bounds(parameters)


def _loosen_list(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from loosen_bounds(parameters)
    if parameters.get("style", "any") != "any":
        yield "style any", {**parameters, "style": "any"}
    if parameters.get("only"):
        yield "only false", {**parameters, "only": False}


def _asked_list(prompt: str, parameters: dict[str, Any]) -> str:
    complaint = asked_bounds(prompt, parameters)
    style = parameters.get("style", "any")
    if complaint or style not in _GROUP or style in prompt or style.strip(".、)（）") in prompt:
        return complaint
    if regex.search("编号|序号|有序|编上号|标号", prompt):
        return ""
    return f"the prompt does not ask for the marker {style}"


@check(asked=_asked_list, loosen=_loosen_list)
def list_items(
    answer: str,
    *,
    style: ListStyle = "any",
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    only: bool = False,
) -> Verdict:
    """Met when there is a list of as many items as asked, marked as asked, numbered 1, 2, 3 without gaps.

    `style` is the marker: 1. 1、 1) 一、 （一） ① - * •, any_number or any. Every item has words of its own.
    Items further in are not counted; lines before and after are allowed unless `only`.

    >>> list_items("1. 米\\n2. 面", style="1.", exactly=2).outcome
    'met'
    >>> list_items("1. 米\\n3. 面", style="1.", exactly=2).reason
    '第2项编号是3'
    """
    wanted = bounds(min, max, exactly)

    def judge(text: str) -> Verdict:
        found = list_entries(text)
        if not found:
            return fails("没有列表", "there is no list", "no_list")
        kinds = {name for name, _, _ in found}
        allowed = set(_NUMBERED) if style == "any_number" else {_GROUP.get(style, style)}
        if style != "any" and not kinds <= allowed:
            return fails(
                f"列表标记不是“{style}”",
                f"the markers are not {style}",
                "wrong_style",
                evidence=found[0][2][:40],
            )
        if len(kinds) > 1:
            return fails("列表标记前后不一", "the markers differ", "mixed_style")
        for place, (name, number, body) in enumerate(found, start=1):
            if name in _NUMBERED and number != place:
                return fails(
                    f"第{place}项编号是{number}", f"item {place} is numbered {number}", "wrong_number"
                )
            if not segments.words(body):
                return fails(f"第{place}项没有内容", f"item {place} is empty", "empty_item")
        if only and (first_extra := _line_outside_list(text)):
            return fails(
                "列表之外还有别的话",
                "there is text outside the list",
                "extra_text",
                evidence=first_extra[:60],
            )
        return judge_count(len(found), wanted or Bounds(1, None), ("项", "items"))

    return read_both(answer, judge)


def _line_outside_list(text: str) -> str:
    """The first line that is no item and no indented continuation of one."""
    seen = False
    for line in tidied(text).split("\n"):
        if _ITEM.fullmatch(line):
            seen = True
        elif line.strip(BLANKS) and not (seen and line[:1] in BLANKS):
            return line.strip(BLANKS)
    return ""


def tables(text: str) -> list[list[list[str]]]:
    """Pipe tables with a separator row: the header, then the data rows, as cells.

    >>> tables("| 城市 | 温度 |\\n|---|---|\\n| 北京 | 5 |")
    [[['城市', '温度'], ['北京', '5']]]
    """
    found: list[list[list[str]]] = []
    rows: list[list[str]] = []
    is_table = False
    for line in [*_outside_code(text), ""]:
        cells = _cells(line)
        if cells is None:
            if is_table:
                found.append(rows)
            rows, is_table = [], False
        elif all(regex.fullmatch(r":?-+:?", cell) for cell in cells):
            if len(rows) == 1 and not is_table:
                is_table = len(rows[0]) == len(cells)
            elif len(rows) > 1 and not is_table:
                rows, is_table = [rows[-1]], len(rows[-1]) == len(cells)
        else:
            rows.append(cells)
    return found


def _cells(line: str) -> list[str] | None:
    line = line.strip(BLANKS)
    if "|" not in line:
        return None
    line = line.removeprefix("|")
    line = line[:-1] if line.endswith("|") and not line.endswith("\\|") else line
    return [cell.strip(BLANKS) for cell in regex.split(r"(?<!\\)\|", line)]


def _asked_table(prompt: str, parameters: dict[str, Any]) -> str:
    if "表" not in prompt:
        return "the prompt does not ask for a table"
    return asked_strings(prompt, parameters.get("header") or ())


def _loosen_table(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("rows", "columns"):
        if parameters.get(key) is not None:
            yield f"{key} freed", {name: value for name, value in parameters.items() if name != key}
    if parameters.get("header"):
        yield "header freed", {name: value for name, value in parameters.items() if name != "header"}


@check(asked=_asked_table, loosen=_loosen_table)
def table_shape(
    answer: str, *, rows: int | None = None, columns: int | None = None, header: list[str] | None = None
) -> Verdict:
    """Met when there is exactly one pipe table with a separator row and as many data rows and columns as asked.

    The header row is no data row; every row has the same number of cells. `header` names the columns in
    order (N3). Empty cells are allowed, a row of nothing else is not.

    >>> table_shape("|甲|乙|\\n|-|-|\\n|1|2|", rows=1, columns=2, header=["甲", "乙"]).outcome
    'met'
    """

    def judge(text: str) -> Verdict:
        found = tables(text)
        if len(found) != 1:
            return fails(
                f"有{len(found)}个表格，要求1个",
                f"{len(found)} tables, asked for 1",
                "no_table" if not found else "too_many",
            )
        head, *data = found[0]
        if columns is not None and len(head) != columns:
            return fails(
                f"表格有{len(head)}列，要求{columns}列",
                f"{len(head)} columns, asked for {columns}",
                "wrong_columns",
            )
        for number, row in enumerate(data, start=1):
            if len(row) != len(head):
                return fails(
                    f"第{number}行有{len(row)}格，表头有{len(head)}格",
                    f"row {number} has {len(row)} cells, the header {len(head)}",
                    "ragged",
                )
            if not any(row):
                return fails(f"第{number}行是空的", f"row {number} is empty", "empty_item")
        if not data:
            return fails("表格没有数据行", "the table has no data row", "wrong_rows")
        if rows is not None and len(data) != rows:
            return fails(
                f"表格有{len(data)}行数据，要求{rows}行",
                f"{len(data)} data rows, asked for {rows}",
                "wrong_rows",
            )
        if header and not (
            len(header) == len(head)
            and all(same(one, other, "N3") for one, other in zip(header, head, strict=True))
        ):
            return fails(
                f"表头是{'、'.join(head)}，要求{'、'.join(header)}", f"the header is {head}", "wrong_header"
            )
        return holds(
            f"一个表格，{len(data)}行{len(head)}列", f"one table of {len(data)} rows and {len(head)} columns"
        )

    return read_both(answer, judge)


@check(asked=asked_words("标题|標題|Markdown|#", "headings"), loosen=_loosen)
def headings(
    answer: str,
    *,
    level: int | None = None,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    texts: list[str] | None = None,
) -> Verdict:
    """Met when there are as many Markdown headings as asked, of the level asked, with the texts asked in order.

    Lines in code blocks are no headings; a # without a space after it is none.

    >>> headings("## 起因\\n甲\\n## 经过\\n乙", level=2, exactly=2, texts=["起因", "经过"]).outcome
    'met'
    """
    wanted = bounds(min, max, exactly)

    def judge(text: str) -> Verdict:
        found = [
            (len(match[1]), match[2].strip(BLANKS + "#*"))
            for line in _outside_code(text)
            if (match := regex.fullmatch(r" {0,3}(#{1,6})[ \t]+(.+)", line))
        ]
        counted = [title for depth, title in found if level is None or depth == level]
        if texts and not _in_order(texts, counted):
            return fails(
                f"标题是{'、'.join(counted) or '空'}，要求{'、'.join(texts)}",
                f"the headings are {counted}",
                "wrong_header",
            )
        return judge_count(len(counted), wanted or Bounds(1, None), ("个标题", "headings"))

    return read_both(answer, judge)


def _in_order(wanted: list[str], found: list[str]) -> bool:
    rest = iter(found)
    return all(any(same(title, one, "N3") for title in rest) for one in wanted)


@check(asked=asked_words("标题|题目|题为|《|【|標題", "a title line"), loosen=nothing_looser)
def title_line(
    answer: str, *, wrapper: Literal["《》", "【】", "〈〉", "“”", "「」"] = "《》", text: str = ""
) -> Verdict:
    """Met when the first line is a title in the wrapper and nothing else, and something follows it.

    >>> title_line("《秋夜》\\n月出东山", wrapper="《》").outcome, title_line("题目：《秋夜》\\n月出", wrapper="《》").outcome
    ('met', 'not_met')
    """

    def judge(given: str) -> Verdict:
        found = segments.lines(given)
        first = found[0] if found else ""
        inner = first[1:-1]
        if not (first[:1] == wrapper[0] and first[-1:] == wrapper[1] and segments.words(inner)):
            return fails(
                f"首行不是{wrapper}里的标题",
                f"the first line is no title in {wrapper}",
                "no_title",
                evidence=first[:60],
            )
        if any(mark in inner for mark in wrapper):
            return fails(
                "首行不止一个标题", "the first line holds more than a title", "no_title", evidence=first[:60]
            )
        if text and not same(inner, text, "N3"):
            return fails(
                f"标题是“{inner}”，要求“{text}”",
                f"the title is {inner!r}",
                "wrong_header",
                evidence=first[:60],
            )
        if len(found) < 2:
            return fails("标题之后没有内容", "nothing follows the title", "nothing_more")
        return holds(f"标题为{first}", f"the title is {first}", evidence=first)

    return read_both(answer, judge)


@check(asked=asked_bounds, loosen=_loosen)
def bold_spans(
    answer: str,
    *,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    texts: list[str] | None = None,
) -> Verdict:
    """Met when there are as many **bold** spans as asked, balanced, outside code; `texts` must be among them.

    >>> bold_spans("**甲**和**乙**", exactly=2).outcome, bold_spans("**甲和乙", exactly=1).outcome
    ('met', 'not_met')
    """
    wanted = bounds(min, max, exactly)

    def judge(text: str) -> Verdict:
        prose = regex.sub(r"`[^`\n]*`", "", "\n".join(_outside_code(text)))
        found = [match[1] for match in regex.finditer(r"\*\*(?=\S)([^\n]+?)(?<=\S)\*\*", prose)]
        if prose.count("**") % 2:
            return fails("加粗标记不成对", "bold marks are not balanced", "unbalanced")
        for string in texts or ():
            if not any(same(string, span, "N3") for span in found):
                return fails(f"“{string}”没有加粗", f"{string!r} is not bold", "missing_string")
        return judge_count(len(found), wanted or Bounds(1, None), ("处加粗", "bold spans"))

    return read_both(answer, judge)


@check(asked=asked_words("代码|程式|```", "a code block"), loosen=_loosen)
def code_blocks(
    answer: str,
    *,
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    language: str = "",
) -> Verdict:
    """Met when there are as many closed fenced code blocks as asked, not empty, in the language asked.

    >>> code_blocks("```python\\nprint(1)\\n```", exactly=1, language="python").outcome
    'met'
    """
    wanted = bounds(min, max, exactly)

    def judge(text: str) -> Verdict:
        tidy = tidied(text)
        found = regex.findall(
            r"(?m)^[ \t]*(`{3,}|~{3,})([^\n`]*)\n(.*?)^[ \t]*\1[`~]*[ \t]*$",
            tidy,
            regex.DOTALL | regex.MULTILINE,
        )
        good = [
            body
            for _, tag, body in found
            if body.strip() and (not language or tag.strip().casefold() == language.casefold())
        ]
        return judge_count(len(good), wanted or Bounds(1, None), ("个代码块", "code blocks"))

    return read_both(answer, judge)


@check(
    asked=lambda prompt, parameters: asked_strings(prompt, parameters.get("names", ())),
    loosen=loosen_list("names"),
)
def sections(answer: str, *, names: list[str], with_body: bool = True) -> Verdict:
    """Met when each name stands on a line of its own, in this order, once, each with text after it.

    Heading marks, bold, list numbers, brackets 【】 and a colon at the end may dress the name.

    >>> sections("【起因】\\n下雨。\\n【结果】\\n改期。", names=["起因", "结果"]).outcome
    'met'
    """

    def judge(text: str) -> Verdict:
        found = segments.lines(text)
        bare = [_undressed(line) for line in found]
        places = []
        for name in names:
            at = [place for place, line in enumerate(bare) if line and same(line, name, "N3")]
            if len(at) != 1:
                return fails(
                    f"“{name}”单独成行{len(at)}次，要求1次",
                    f"{name!r} stands on a line of its own {len(at)} times",
                    "missing_string" if not at else "too_many",
                )
            places += at
        if places != sorted(places):
            return fails("各部分次序不对", "the sections are out of order", "order_violation")
        ends = [*places[1:], len(found)]
        if with_body:
            for name, start, end in zip(names, places, ends, strict=True):
                if not any(segments.words(line) for line in found[start + 1 : end]):
                    return fails(f"“{name}”下面没有内容", f"nothing stands under {name!r}", "empty_item")
        return holds(f"各部分齐全：{'、'.join(names)}", f"all sections are there: {', '.join(names)}")

    return (
        read_both(answer, judge)
        if names
        else undecided("检查没有给出名目", "the check names no section", "no_bound")
    )


def _undressed(line: str) -> str:
    line = regex.sub(r"^(?:#{1,6}\s+|>\s*)", "", line).strip("*_ ")
    line = regex.sub(
        r"^(?:[0-9]{1,2}[.、)）]\s*|[一二三四五六七八九十]{1,3}、\s*|[（(][0-9一二三四五六七八九十]{1,3}[)）]\s*)",
        "",
        line,
    )
    return line.strip("*_ ").rstrip("：:").strip("*_ ").strip("【】[]〔〕")


@check(
    asked=lambda prompt, parameters: asked_strings(prompt, [str(parameters.get("separator", "******"))]),
    loosen=nothing_looser,
)
def two_answers(answer: str, *, separator: str = "******") -> Verdict:
    """Met when exactly one line is the separator, with two different answers before and after it (N3).

    >>> two_answers("坐车去。\\n******\\n走路去。").outcome, two_answers("坐车。\\n******\\n坐车！").outcome
    ('met', 'not_met')
    """

    def judge(text: str) -> Verdict:
        found = tidied(text).split("\n")
        at = [place for place, line in enumerate(found) if line.strip(BLANKS) == separator]
        if len(at) != 1:
            return fails(
                f"分隔行有{len(at)}行，要求1行", f"{len(at)} separator lines, asked for 1", "wrong_separator"
            )
        one, two = "\n".join(found[: at[0]]), "\n".join(found[at[0] + 1 :])
        if not (segments.words(one) and segments.words(two)):
            return fails("分隔行前后缺一个回答", "one of the two answers is empty", "empty_item")
        if same(one, two, "N3"):
            return fails("两个回答相同", "the two answers are the same", "repeated")
        return holds("两个不同的回答", "two different answers")

    return read_both(answer, judge)


@check(
    asked=lambda prompt, parameters: asked_strings(prompt, [str(parameters.get("phrase", ""))]),
    loosen=nothing_looser,
)
def acrostic(
    answer: str,
    *,
    phrase: str,
    piece: Literal["line", "sentence", "verse"] = "line",
    place: Literal["head", "tail"] = "head",
) -> Verdict:
    """Met when the first (藏头) or last (藏尾) Han characters of the lines spell the phrase, one line a character.

    `piece = "sentence"` counts sentences, `"verse"` counts parts between any marks. The number of pieces must equal the length of the phrase.

    >>> acrostic("春风吹绿柳\\n夏雨打荷花", phrase="春夏").outcome
    'met'
    >>> acrostic("一叶落知秋\\n长空雁字冬", phrase="秋冬", place="tail").outcome
    'met'
    """
    wanted = [sign for sign in phrase if is_han(sign)]

    def judge(text: str) -> Verdict:
        if piece == "verse":
            found = [
                part for part in regex.split(r"[，。！？；,.!?;\n]+", tidied(text)) if any(map(is_han, part))
            ]
        else:
            found = segments.lines(text) if piece == "line" else segments.sentences(text)
        signs = [
            next((sign for sign in (part if place == "head" else reversed(part)) if is_han(sign)), "")
            for part in found
        ]
        spelt = "".join(signs)
        if len(found) != len(wanted):
            return fails(
                f"共{len(found)}句，要求{len(wanted)}句；连读为“{spelt[:20]}”",
                f"{len(found)} pieces, asked for {len(wanted)}; they spell {spelt[:20]}",
                "wrong_count",
            )
        if signs != wanted:
            return fails(
                f"连读为“{spelt}”，要求“{phrase}”",
                f"they spell {spelt}, asked for {phrase}",
                "wrong_acrostic",
                evidence=spelt,
            )
        return holds(f"连读为“{spelt}”", f"they spell {spelt}", evidence=spelt)

    return (
        read_both(answer, judge)
        if wanted
        else undecided("检查没有给出藏字", "the check names no phrase", "no_bound")
    )


@check(asked=asked_bounds, loosen=_loosen)
def quote_count(
    answer: str,
    *,
    pair: Literal["“”", "‘’", "「」", "『』", "《》", "（）", "【】"] = "“”",
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
) -> Verdict:
    """Met when there are as many closed, non-empty pairs of the marks as asked.

    >>> quote_count("他说“好”，又说“走”。", exactly=2).outcome, quote_count("他说“好。", min=1).outcome
    ('met', 'not_met')
    """
    wanted = bounds(min, max, exactly)

    def judge(text: str) -> Verdict:
        if text.count(pair[0]) != text.count(pair[1]):
            return fails(f"{pair}不成对", f"{pair} are not balanced", "unbalanced")
        found = list(
            regex.finditer(f"{regex.escape(pair[0])}[^{regex.escape(pair)}]+{regex.escape(pair[1])}", text)
        )
        spans = tuple(match.span() for match in found[:50])
        return judge_count(len(found), wanted, (f"对{pair}", f"pairs of {pair}"), spans=spans)

    return read_both(answer, judge)


@check(asked=lambda prompt, parameters: asked_strings(prompt, parameters.get("speakers", ())), loosen=_loosen)
def dialogue_turns(
    answer: str,
    *,
    speakers: list[str],
    min: int | None = None,
    max: int | None = None,
    exactly: int | None = None,
    alternate: bool = True,
) -> Verdict:
    """Met when every line is 说话人：……, all speakers speak, and there are as many turns as asked.

    With `alternate` they take turns in the order given, from the first. A turn needs words.

    >>> dialogue_turns("甲：你好。\\n乙：你好。", speakers=["甲", "乙"], exactly=2).outcome
    'met'
    """
    wanted = bounds(min, max, exactly)

    def judge(text: str) -> Verdict:
        said = []
        for line in segments.lines(text):
            name, colon, words = regex.sub(r"^[*_]+|(?<=^[^：:]*)[*_]+", "", line).partition("：")
            if not colon:
                name, colon, words = name.partition(":")
            name = name.strip(BLANKS + "*_")
            if not colon or name not in speakers:
                return fails(
                    f"有一行不是“{'／'.join(speakers)}：”的形式",
                    "a line is not a speaker's turn",
                    "no_turn",
                    evidence=line[:60],
                )
            if not segments.words(words):
                return fails(
                    f"“{name}”的一轮没有话", f"a turn of {name} is empty", "empty_item", evidence=line[:60]
                )
            said.append(name)
        if missing := [speaker for speaker in speakers if speaker not in said]:
            return fails(
                f"{'、'.join(missing)}没有说话", f"{', '.join(missing)} never speak", "missing_string"
            )
        if alternate:
            for number, name in enumerate(said):
                if name != speakers[number % len(speakers)]:
                    return fails(
                        f"第{number + 1}轮该{speakers[number % len(speakers)]}说",
                        f"turn {number + 1} is out of turn",
                        "order_violation",
                    )
        return judge_count(len(said), wanted or Bounds(1, None), ("轮", "turns"))

    return (
        read_both(answer, judge)
        if speakers
        else undecided("检查没有给出说话人", "the check names no speaker", "no_bound")
    )


@check(asked=asked_words("Markdown|标记|纯文本|普通文字|纯文字|格式", "no Markdown"), loosen=nothing_looser)
def no_markdown(answer: str) -> Verdict:
    """Met when there is no Markdown: no headings, bold, bullets, tables, code, quotes; plain numbers 1. are allowed.

    >>> no_markdown("只有文字。").outcome, no_markdown("**重点**").outcome, no_markdown("- 甲").outcome
    ('met', 'not_met', 'not_met')
    """
    marks = regex.compile(
        r"(?m)^ {0,3}(?:#{1,6}\s|>\s|[-*+]\s|```|~~~)|\*\*(?=\S)[^*\n]+(?<=\S)\*\*|(?<!\w)__(?=\S)[^_\n]+(?<=\S)__(?!\w)|`[^`\n]+`|^\s*\|.+\|\s*$|\[[^\]\n]+\]\([^)\n]+\)"
    )

    def judge(text: str) -> Verdict:
        found = marks.search(tidied(text))
        if found:
            return fails("用了 Markdown 标记", "there is Markdown", "markdown", evidence=found[0][:40])
        return holds("没有 Markdown 标记", "no Markdown")

    return read_both(answer, judge)
