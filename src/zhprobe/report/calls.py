"""Expected and emitted calls side by side, and the steps of a world: as HTML and as text for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from zhprobe.checks.call_codes import CLASS_ZH
from zhprobe.checks.values import DIAGNOSTICS

SIGNS = {"ok": "✓", "form": "≈", "wrong": "✗"}
LONGEST = 300  # characters of one value shown


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def matcher_text(matcher: Any) -> str:
    """A matcher as a reader says it.

    >>> matcher_text({"date": "2025-05-23"}), matcher_text({"one_of": [{"text": "北京"}, {"text": "北京市"}]})
    ('2025-05-23', '北京 / 北京市')
    """
    if not isinstance(matcher, Mapping):
        return matcher if isinstance(matcher, str) else _value(matcher)
    kinds = [key for key in matcher if key not in ("optional", "why", "level", "form", "abs", "rel", "extra")]
    if not kinds:
        return _value(matcher)
    kind = kinds[0]
    inner = matcher[kind]
    tail = "（可不传）" if matcher.get("optional") else ""
    if kind == "one_of":
        return " / ".join(map(matcher_text, inner)) + tail
    if kind in ("list", "set") and isinstance(inner, list):
        return f"{'按顺序' if kind == 'list' else '不论顺序'} [{'、'.join(map(matcher_text, inner))}]{tail}"
    if kind == "object" and isinstance(inner, Mapping):
        return "{" + "，".join(f"{k}: {matcher_text(v)}" for k, v in inner.items()) + "}" + tail
    if kind == "any":
        return f"任意值{tail}"
    if kind == "absent":
        return "不传"
    if kind in ("contains", "lacks"):
        word = "含" if kind == "contains" else "不含"
        return word + "、".join(f"“{s}”" for s in ([inner] if isinstance(inner, str) else inner)) + tail
    return (inner if isinstance(inner, str) else _value(inner)) + tail


def _rows(detail: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """(sign, call, argument, expected, found and why) for every line of the diff."""
    rows: list[tuple[str, str, str, str, str]] = []
    expected, emitted = detail.get("expected", []), detail.get("emitted", [])
    for pair in detail.get("pairs", []):
        want, got = expected[pair["expected"]], emitted[pair["emitted"]]
        same = want["name"] == got["name"]
        problems = "、".join(DIAGNOSTICS.get(code, code) for code in got.get("problems", []))
        rows.append(
            (
                SIGNS["ok" if same else "wrong"],
                want["name"],
                "",
                want["name"],
                f"{got['name']} {problems}".strip(),
            )
        )
        for argument in pair["args"]:
            key = argument["path"].lstrip("/")
            found = "（无）" if argument.get("absent") else _value(argument["found"])
            why = "、".join(DIAGNOSTICS.get(code, code) for code in argument["codes"])
            wanted = matcher_text(want["args"][key]) if key in want["args"] else "（不应传）"
            rows.append((SIGNS[argument["verdict"]], "", key, wanted, f"{found}  {why}".strip()))
    rows += [
        ("✗", expected[n]["name"], "", _call(expected[n]), "（没有调用）") for n in detail.get("missing", [])
    ]
    rows += [("✗", emitted[n]["name"], "", "（不应有）", _call(emitted[n])) for n in detail.get("extra", [])]
    return rows


def _call(call: Mapping[str, Any]) -> str:
    inside = "，".join(
        f"{key}={matcher_text(value) if isinstance(value, Mapping) else _value(value)}"
        for key, value in call["args"].items()
    )
    return f"{call['name']}({inside})"


def _head(detail: Mapping[str, Any]) -> str:
    parts = [CLASS_ZH.get(str(detail.get("class")), "")]
    if detail.get("n_expected"):
        parts.append(f"期望 {detail['n_expected']} 个，对上 {detail['n_matched']} 个")
    if detail.get("dialect"):
        parts.append(f"写法 {detail['dialect']}")
    return "；".join(part for part in parts if part)


def call_diff_text(detail: Mapping[str, Any]) -> str:
    """The diff as lines for a terminal."""
    if detail.get("kind") == "state":
        return _steps_text(detail)
    lines = [_head(detail)]
    for sign, call, argument, wanted, found in _rows(detail):
        name = call or f"  {argument}"
        lines.append(f"{sign} {name}: 期望 {wanted} | 实际 {found}")
    return "\n".join(lines)


def call_diff_html(detail: Mapping[str, Any]) -> str:
    """The diff as an HTML fragment without style or script; every value is escaped."""
    if detail.get("kind") == "state":
        return _steps_html(detail)
    body = "".join(
        f'<tr class="{_css(sign)}"><td>{sign}</td><th scope="row">{escape(call or argument)}</th>'
        f"<td>{escape(wanted)}</td><td>{escape(found)}</td></tr>"
        for sign, call, argument, wanted, found in _rows(detail)
    )
    head = "<tr><th></th><th>调用与参数</th><th>期望</th><th>实际</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>" if body else ""
    return f'<div class="calls"><p>{escape(_head(detail))}</p>{table}</div>'


def _css(sign: str) -> str:
    return {"✓": "ok", "≈": "form"}.get(sign, "wrong")


def _steps_text(detail: Mapping[str, Any]) -> str:
    lines = [
        f"{number}. {step['tool']}({_value(step['arguments'])}) → {_value(step['result'])}"
        for number, step in enumerate(detail.get("steps", []), start=1)
    ]
    lines += [f"✗ {fault}" for fault in detail.get("wrong", [])]
    lines += [f"✗ {path} 不该改动" for path in detail.get("stray", [])]
    return "\n".join(lines)


def _steps_html(detail: Mapping[str, Any]) -> str:
    rows = "".join(
        f'<tr class="{"wrong" if step["error"] else "ok"}"><td>{number}</td><th scope="row">{escape(step["tool"])}</th>'
        f"<td>{escape(_value(step['arguments']))}</td><td>{escape(_value(step['result']))}</td></tr>"
        for number, step in enumerate(detail.get("steps", []), start=1)
    )
    faults = [*detail.get("wrong", []), *(f"{path} 不该改动" for path in detail.get("stray", []))]
    listed = "".join(f"<li>{escape(fault)}</li>" for fault in faults)
    head = "<tr><th>步</th><th>工具</th><th>参数</th><th>结果</th></tr>"
    return (
        f'<div class="calls"><table><thead>{head}</thead><tbody>{rows}</tbody></table>'
        f"{f'<ul>{listed}</ul>' if listed else ''}</div>"
    )
