"""Expected and emitted calls side by side, a question asked, the steps of a world: as HTML and as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

from zhprobe.checks.call_codes import CLASS_ZH
from zhprobe.checks.values import DIAGNOSTICS

Detail = Mapping[str, Any]
Lang = Literal["zh", "en"]

SIGNS = {"ok": "✓", "form": "≈", "wrong": "✗"}
CSS = {"✓": "ok", "≈": "form", "✗": "wrong"}
LONGEST = 300  # characters of one value shown
NOT_A_KIND = frozenset(["optional", "why", "level", "form", "abs", "rel", "extra", "zone"])
WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "call": "调用与参数", "expected": "期望", "found": "实际", "absent": "（无）", "not_sent": "（不应传）",
        "no_call": "（没有调用）", "not_wanted": "（不应有）", "step": "步", "tool": "工具", "arguments": "参数",
        "result": "结果", "counts": "期望 {n} 个，对上 {m} 个", "notation": "写法 {d}", "stray": "{p} 不该改动",
        "optional": "（可不传）", "any": "任意值", "nothing": "不传", "ordered": "按顺序", "unordered": "不论顺序",
        "holds": "含", "lacks": "不含", "slot": "要问的", "asks": "提了问", "named": "问到的说法", "taken": "当成已定的话",
        "more": "另外还问了", "yes": "是", "no": "否",
    },
    "en": {
        "call": "call and argument", "expected": "expected", "found": "found", "absent": "(absent)", "not_sent": "(should not be sent)",
        "no_call": "(no call)", "not_wanted": "(should not be)", "step": "step", "tool": "tool", "arguments": "arguments",
        "result": "result", "counts": "{n} expected, {m} matched", "notation": "notation {d}", "stray": "{p} should not have changed",
        "optional": " (may be left out)", "any": "any value", "nothing": "absent", "ordered": "in order", "unordered": "in any order",
        "holds": "holds", "lacks": "lacks", "slot": "to be asked", "asks": "asks", "named": "named as", "taken": "takes for granted",
        "more": "further questions", "yes": "yes", "no": "no",
    },
}  # fmt: skip


def call_diff_text(detail: Detail, lang: Lang = "zh") -> str:
    """What a check of calls found, as lines for a terminal."""
    words = WORDS[lang]
    if detail.get("kind") == "state":
        return "\n".join(
            [f"{n}. {tool}({given}) → {result}" for n, tool, given, result, _ in _steps(detail)]
            + [f"✗ {fault}" for fault in _faults(detail, lang)]
        )
    if detail.get("kind") == "ask":
        return "\n".join(f"{name}: {value}" for name, value in _asked(detail, lang))
    lines = [_head(detail, lang)]
    for sign, call, argument, wanted, found in _rows(detail, lang):
        lines.append(
            f"{sign} {call or f'  {argument}'}: {words['expected']} {wanted} | {words['found']} {found}"
        )
    return "\n".join(lines)


def call_diff_html(detail: Detail, lang: Lang = "zh") -> str:
    """The same as an HTML fragment without style or script; every value is escaped."""
    words = WORDS[lang]
    if detail.get("kind") == "state":
        rows = [
            ("wrong" if bad else "ok", (str(n), tool, given, result))
            for n, tool, given, result, bad in _steps(detail)
        ]
        head = [words["step"], words["tool"], words["arguments"], words["result"]]
        listed = "".join(f"<li>{escape(fault)}</li>" for fault in _faults(detail, lang))
        return f'<div class="calls">{_html_table(head, rows)}{f"<ul>{listed}</ul>" if listed else ""}</div>'
    if detail.get("kind") == "ask":
        pairs = "".join(
            f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _asked(detail, lang)
        )
        return f'<div class="calls"><dl>{pairs}</dl></div>'
    body = [
        (CSS[sign], (sign, call or argument, wanted, found))
        for sign, call, argument, wanted, found in _rows(detail, lang)
    ]
    head = ["", words["call"], words["expected"], words["found"]]
    table = _html_table(head, body) if body else ""
    return f'<div class="calls"><p>{escape(_head(detail, lang))}</p>{table}</div>'


def _html_table(head: Sequence[str], rows: Sequence[tuple[str, tuple[str, str, str, str]]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f'<tr class="{css}"><td>{escape(a)}</td><th scope="row">{escape(b)}</th><td>{escape(c)}</td><td>{escape(d)}</td></tr>'
        for css, (a, b, c, d) in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def matcher_text(matcher: Any, lang: Lang = "zh") -> str:
    """A matcher as a reader says it.

    >>> matcher_text({"date": "2025-05-23"}), matcher_text({"one_of": [{"text": "北京"}, {"text": "北京市"}]})
    ('2025-05-23', '北京 / 北京市')
    """
    words = WORDS[lang]
    if not isinstance(matcher, Mapping):
        return matcher if isinstance(matcher, str) else _value(matcher)
    kinds = [key for key in matcher if key not in NOT_A_KIND]
    if not kinds:
        return _value(matcher)
    kind, inner = kinds[0], matcher[kinds[0]]
    tail = words["optional"] if matcher.get("optional") else ""
    if kind == "one_of":
        return " / ".join(matcher_text(m, lang) for m in inner) + tail
    if kind in ("list", "set") and isinstance(inner, list):
        order = words["ordered" if kind == "list" else "unordered"]
        return f"{order} [{'、'.join(matcher_text(m, lang) for m in inner)}]{tail}"
    if kind == "object" and isinstance(inner, Mapping):
        return "{" + "，".join(f"{k}: {matcher_text(v, lang)}" for k, v in inner.items()) + "}" + tail
    if kind in ("any", "absent"):
        return (words["any"] if kind == "any" else words["nothing"]) + tail
    if kind in ("contains", "lacks"):
        parts = [inner] if isinstance(inner, str) else inner
        return words["holds" if kind == "contains" else "lacks"] + "、".join(f"“{s}”" for s in parts) + tail
    return (inner if isinstance(inner, str) else _value(inner)) + tail


def _code(code: str, lang: Lang) -> str:
    return DIAGNOSTICS.get(code, code) if lang == "zh" else code


def _rows(detail: Detail, lang: Lang) -> list[tuple[str, str, str, str, str]]:
    """(sign, call, argument, expected, found and why) for every line of the diff."""
    words = WORDS[lang]
    rows: list[tuple[str, str, str, str, str]] = []
    expected, emitted = detail.get("expected", []), detail.get("emitted", [])
    for pair in detail.get("pairs", []):
        want, got = expected[pair["expected"]], emitted[pair["emitted"]]
        same = want["name"] == got["name"]
        problems = "、".join(_code(code, lang) for code in got.get("problems", []))
        sign = SIGNS["wrong" if not same else "form" if problems else "ok"]
        rows.append((sign, want["name"], "", want["name"], f"{got['name']}  {problems}".strip()))
        for argument in pair["args"]:
            key = argument["path"].lstrip("/")
            found = words["absent"] if argument.get("absent") else _value(argument["found"])
            why = "、".join(_code(code, lang) for code in argument["codes"])
            wanted = matcher_text(want["args"][key], lang) if key in want["args"] else words["not_sent"]
            rows.append((SIGNS[argument["verdict"]], "", key, wanted, f"{found}  {why}".strip()))
    rows += [
        ("✗", expected[n]["name"], "", _call(expected[n], lang), words["no_call"])
        for n in detail.get("missing", [])
    ]
    rows += [
        ("✗", emitted[n]["name"], "", words["not_wanted"], _call(emitted[n], lang))
        for n in detail.get("extra", [])
    ]
    return rows


def _call(call: Detail, lang: Lang) -> str:
    inside = "，".join(
        f"{key}={matcher_text(value, lang) if isinstance(value, Mapping) else _value(value)}"
        for key, value in call["args"].items()
    )
    return f"{call['name']}({inside})"


def _head(detail: Detail, lang: Lang) -> str:
    words = WORDS[lang]
    kind = str(detail.get("class", ""))
    parts = [CLASS_ZH.get(kind, kind) if lang == "zh" else kind]
    if detail.get("n_expected"):
        parts.append(words["counts"].format(n=detail["n_expected"], m=detail["n_matched"]))
    if detail.get("dialect"):
        parts.append(words["notation"].format(d=detail["dialect"]))
    return ("；" if lang == "zh" else "; ").join(part for part in parts if part)


def _asked(detail: Detail, lang: Lang) -> list[tuple[str, str]]:
    """What a question was seen to ask, line by line."""
    words = WORDS[lang]
    kind = str(detail.get("class", ""))
    lines = [
        (words["slot"], str(detail.get("slot", ""))),
        (
            words["asks"],
            f"{words['yes' if detail.get('asks') else 'no']}（{CLASS_ZH.get(kind, kind) if lang == 'zh' else kind}）",
        ),
    ]
    lines += [(words[key], str(detail[key])) for key in ("named", "taken") if detail.get(key)]
    if detail.get("asks_extra"):
        lines.append((words["more"], str(detail["asks_extra"])))
    return lines


def _steps(detail: Detail) -> list[tuple[int, str, str, str, bool]]:
    return [
        (n, str(step["tool"]), _value(step["arguments"]), _value(step["result"]), bool(step["error"]))
        for n, step in enumerate(detail.get("steps", []), start=1)
    ]


def _faults(detail: Detail, lang: Lang) -> list[str]:
    return [
        *detail.get("wrong", []),
        *(WORDS[lang]["stray"].format(p=path) for path in detail.get("stray", [])),
    ]
