"""Signs that a reply tries to call a tool, whether or not a call can be read from it.

"No call" is never "no parsed call": a reply with one of these signs outside its parsed calls has tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from zhprobe.text.reasoning import blank

# One of these opens a call. Marks around a whole group of calls stand in WRAPPERS.
OPENING = re.compile(
    r"<tool_call>|<function=|<arg_key>|<\|action_start\|>|\[TOOL_CALLS\]|<\|python_tag\|>|<\|tool_call>"
    r"|<\|tool_call_(?:begin|start)\|>|<\|python_start\|>|to=functions\.|✿FUNCTION✿"
    r"|<(?:｜DSML｜)?invoke\s+name=|<[｜|]tool[▁_]call[▁_]begin[｜|]>"
    r"|(?:(?<=\n)|\A)[ \t]*(?:Action Input|动作输入)\s*[:：]"
)
WRAPPERS = re.compile(
    r"</?tool_calls>|</?minimax:tool_call>|</?(?:｜DSML｜)?function_calls>"
    r"|<\|tool_calls_section_(?:begin|end)\|>|<[｜|]tool[▁_]calls[▁_](?:begin|end)[｜|]>"
)
# Marks of calls with a letter lost or doubled still show what they were meant to be.
_MANGLED = re.compile(
    r"<[｜|/]{0,2}[^<>\s]{0,12}(?:tool|call|function=|invoke|parameter[=\s]|arg_|DSML)[^<>\n]{0,60}>"
    r"|tool_calls?\b|tool▁call|｜?DSML｜|\[\w*(?:TOOL|CALL)\w*\]|\[ARGS\]|TOOL_CALL|python_tag|action_start|plugin\|>|✿"
    r"|(?:(?<=\n)|\A)[ \t]*(?:Action|动作)\s*[:：]\s*[\w.]*\s*\Z"
)
# Opening marks written out: a reply that ends inside one was cut there.
_WRITTEN = (
    "<tool_call>",
    "<tool_calls>",
    "<function=",
    "<function_calls>",
    "<minimax:tool_call>",
    "<|tool_calls_section_begin|>",
    "<|tool_call_start|>",
    "<|tool_call>call:",
    "<|python_tag|>",
    "<|python_start|>",
    "<|action_start|>",
    "<｜tool▁calls▁begin｜>",
    "<｜DSML｜function_calls>",
    "[TOOL_CALLS]",
    "<|channel|>commentary to=functions.",
)
_SHORTEST = 3  # characters of a mark that are enough to know it by

Span = tuple[int, int]


def attempts_in(
    text: str, calls: Sequence[Span], broken: Sequence[Span], names: Sequence[str]
) -> tuple[Span, ...]:
    """Places outside the parsed calls where one was begun. `names` are the tools the model was given.

    >>> attempts_in("查一下：get_weather（兰州）", [], [], ["get_weather"])
    ((4, 16),)
    >>> attempts_in("明天晴。", [], [], ["get_weather"])
    ()
    """
    rest = WRAPPERS.sub(lambda m: " " * len(m[0]), text)
    rest = blank(rest, calls)
    places = set(broken) | {m.span() for m in OPENING.finditer(rest)}
    places |= set(_unread_objects(rest, names))
    if not calls:
        places |= {m.span() for m in WRAPPERS.finditer(text) if not m[0].startswith("</")}
        places |= {m.span() for m in _MANGLED.finditer(rest)}
        places |= set(_named_bodies(rest, names)) | set(_bare(rest, names)) | set(_cut_mark(text))
    covered: list[Span] = []
    for place in sorted(places):
        if not covered or place[0] >= covered[-1][1]:
            covered.append(place)
    return tuple(covered)


def _unread_objects(text: str, names: Sequence[str]) -> list[Span]:
    """Objects, whole or torn, that name a tool beside arguments, parameters or args."""
    quote = r"""["'“”]"""
    found = []
    for match in re.finditer(rf"{quote}name{quote}\s*[:：]\s*{quote}([^\"'“”\n]{{1,80}}){quote}", text):
        if match[1] not in names:
            continue
        start = max(text.rfind("{", 0, match.start()), text.rfind("｛", 0, match.start()), 0)
        near = text[start : match.end() + 400]
        if re.search(rf"{quote}(?:arguments|parameters|args){quote}\s*[:：]", near):
            found.append((start, match.end()))
    return found


@lru_cache(maxsize=512)
def _name_patterns(names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return (
        # followed by a bracket, or by a line feed and a brace; after functions. or call:
        re.compile(
            rf"(?<![\w.])(?:{known})(?:\s?[(（]|\s*[{{｛])|(?:functions\.|call:)(?:{known})|(?:{known})\s*>\s*\{{|\A\s*(?:\[\s*)?(?:{known})\s*(?:\n|\w+=)"
            rf"|(?:(?<=\n)|\A)[ \t]*(?:Action|动作)\s*[:：]\s*(?:{known})"
        ),
        re.compile(rf"""["'“]\s*(?:{known})\s*["'”]"""),
    )


def _named_bodies(text: str, names: Sequence[str]) -> list[Span]:
    """A tool's name in one of the positions in which calls put it."""
    if not names:
        return []
    return [match.span() for match in _name_patterns(tuple(names))[0].finditer(text)]


def _bare(text: str, names: Sequence[str]) -> list[Span]:
    """The whole reply is a tool's name, a name over an object, or an object or array that names a call."""
    bare = re.sub(r"\A\s*(?:```|~~~)\w*\s*", "", text).strip()
    whole = [(0, len(text))] if bare else []
    if any(name.startswith(bare) for name in names if len(bare) >= min(_SHORTEST, len(name))) or re.match(
        r"[A-Za-z_][\w.]*[ \t]*\n\s*\{", bare
    ):
        return whole
    if bare[:1] not in ("{", "[", "｛", "［"):
        return []
    if re.search(r"""["'“](?:arguments|parameters)["'”]""", bare) or re.match(
        r"""[\[{\s]*["'“](?:n?a?m?e?["'”]?\s*(?:[:：]|\Z)|\w{0,12}\Z)|\[\s*[A-Za-z_]\w*\Z""", bare
    ):
        return whole
    return whole if names and _name_patterns(tuple(names))[1].search(bare) else []


def _cut_mark(text: str) -> list[Span]:
    """The reply ends inside an opening mark."""
    bare = text.rstrip()
    start = max(bare.rfind("<"), bare.rfind("["))
    tail = bare[start:] if start >= 0 else ""
    cut = len(tail) >= _SHORTEST and any(mark.startswith(tail) for mark in _WRITTEN)
    return [(start, len(bare))] if cut else []
