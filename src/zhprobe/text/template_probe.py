"""What a chat template does with tools, found by rendering tiny conversations before a run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Render = Callable[[list[dict[str, Any]], list[dict[str, Any]] | None], str]

NAME = "cha_qing_wa_jiao_97"  # strings no template holds of itself
DESCRIPTION = "查询池塘青蛙今晚第几声叫的工具"
SYSTEM = "本次对话的暗号是柿饼丁香九二七"
_TOOL = {
    "type": "function",
    "function": {
        "name": NAME,
        "description": DESCRIPTION,
        "parameters": {
            "type": "object",
            "properties": {"塘名": {"type": "string", "description": "池塘的名字"}},
            "required": ["塘名"],
        },
    },
}
_DATE = re.compile(
    r"\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}|\d{4}[-/年]\d{1,2}[-/月]\d{1,2}"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}"
)


@dataclass(frozen=True, slots=True)
class TemplateFindings:
    """What a template was seen to do. Without `tools_rendered` native mode is unavailable."""

    tools_rendered: bool
    chinese_kept: bool
    system_kept: bool
    arguments_as_object: bool
    arguments_as_string: bool
    parallel_calls: bool
    dates: tuple[str, ...]
    stable: bool
    error: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reply of this template carries as flags."""
        made = []
        if not self.tools_rendered:
            made.append("tools_not_rendered")
        if self.tools_rendered and not self.chinese_kept:
            made.append("template:chinese_escaped")
        if not self.system_kept:
            made.append("template:system_lost")
        if self.dates:
            made.append("template:date_inserted")
        if not self.stable:
            made.append("template:unstable")
        return tuple(made)


def probe_template(render: Render) -> TemplateFindings:
    """Render a few tiny conversations and say what came of them.

    `render(messages, tools)` gives the prompt text; what it raises counts as "does not work".

    >>> def render(messages, tools):
    ...     return json.dumps([messages, tools], ensure_ascii=False)
    >>> found = probe_template(render)
    >>> found.tools_rendered, found.chinese_kept, found.flags
    (True, True, ())
    """
    user = {"role": "user", "content": "听听"}
    system = {"role": "system", "content": SYSTEM}
    plain, error = _try(render, [user], [_TOOL])
    with_system, _ = _try(render, [system, user], [_TOOL])
    again, _ = _try(render, [user], [_TOOL])
    bare, _ = _try(render, [user], None)
    return TemplateFindings(
        tools_rendered=NAME in plain and (DESCRIPTION in plain or _escaped(DESCRIPTION) in plain),
        chinese_kept=DESCRIPTION in plain,
        system_kept=SYSTEM in with_system,
        arguments_as_object=_history(render, [{"塘名": "荷花塘"}]),
        arguments_as_string=_history(render, ['{"塘名": "荷花塘"}']),
        parallel_calls=_history(render, [{"塘名": "荷花塘"}, {"塘名": "月牙塘"}])
        or _history(render, ['{"塘名": "荷花塘"}', '{"塘名": "月牙塘"}']),
        dates=tuple(dict.fromkeys(_DATE.findall(plain + bare))),
        stable=plain == again,
        error=error,
    )


def _try(
    render: Render, messages: list[dict[str, Any]], tools: list[dict[str, Any]] | None
) -> tuple[str, str]:
    try:
        return render(messages, tools), ""
    except Exception as error:  # whatever a template raises, the finding is that it does not work
        return "", f"{type(error).__name__}: {error}"


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def _history(render: Render, arguments: list[Any]) -> bool:
    """Whether a conversation with these calls renders with each value once and not encoded twice."""
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": NAME, "arguments": given}}
        for n, given in enumerate(arguments)
    ]
    results: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": call["id"], "name": NAME, "content": f"第{n + 3}声"}
        for n, call in enumerate(calls)
    ]
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "听听"},
        {"role": "assistant", "content": "", "tool_calls": calls},
    ]
    text, _ = _try(render, messages + results, [_TOOL])
    ponds = ("荷花塘", "月牙塘")[: len(calls)]
    seen = all(pond in text or _escaped(pond) in text for pond in ponds)
    doubled = any(f'\\"{pond}' in text or f"\\\\u{_escaped(pond)[2:6]}" in text for pond in ponds)
    return seen and not doubled and all(f"第{n + 3}声" in text for n in range(len(calls)))
