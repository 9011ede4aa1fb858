"""What a JSON check found, drawn: form, schema and values apart, then each fault with its place."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from zhprobe.checks.json_value import TIER_NAMES
from zhprobe.checks.values import DIAGNOSTICS


def _claims(detail: Mapping[str, Any], lang: str) -> list[tuple[str, bool]]:
    """The questions that were asked and their answers, and what a repair without loss would have earned."""
    names = (
        (("form_ok", "形式"), ("schema_ok", "结构"), ("values_ok", "值"), ("recoverable", "无损修复后可读"))
        if lang == "zh"
        else (
            ("form_ok", "form"),
            ("schema_ok", "schema"),
            ("values_ok", "values"),
            ("recoverable", "recoverable"),
        )
    )
    return [(name, bool(detail[key])) for key, name in names if detail.get(key) is not None]


def _faults(detail: Mapping[str, Any], lang: str) -> list[tuple[str, str, str]]:
    """(place, code, what it says) of each fault, values before schema."""
    rows = [
        (str(path), DIAGNOSTICS.get(code, code) if lang == "zh" else str(code), str(reason))
        for path, code, reason in detail.get("faults", [])
    ]
    return rows + [
        (str(path), str(word), str(message)) for path, word, message in detail.get("schema_faults", [])
    ]


def _head(detail: Mapping[str, Any], lang: str) -> str:
    tier = str(detail.get("tier", ""))
    chinese, english = TIER_NAMES.get(tier, ("", ""))
    notes = [DIAGNOSTICS.get(code, code) if lang == "zh" else code for code in detail.get("diagnostics", [])]
    said = chinese if lang == "zh" else english
    return f"{tier} {said}" + (f"（{'、'.join(notes)}）" if notes else "")


def json_text(detail: Mapping[str, Any], lang: str = "zh") -> str:
    """The finding as lines for a terminal.

    >>> print(json_text({"tier": "J3", "diagnostics": ["fence"], "form_ok": False, "values_ok": True}))
    J3 一个围栏里的 JSON（用了围栏）
    ✗ 形式  ✓ 值
    """
    claims = "  ".join(f"{'✓' if holds else '✗'} {name}" for name, holds in _claims(detail, lang))
    faults = [f"  {path or '/'}  {code}: {said}" for path, code, said in _faults(detail, lang)]
    return "\n".join([_head(detail, lang), claims, *faults])


def json_html(detail: Mapping[str, Any], lang: str = "zh") -> str:
    """The finding as an HTML fragment without style or script; every value is escaped."""
    claims = "".join(
        f'<td class="{"ok" if holds else "wrong"}">{"✓" if holds else "✗"} {escape(name)}</td>'
        for name, holds in _claims(detail, lang)
    )
    faults = "".join(
        f'<tr class="wrong"><th scope="row">{escape(path or "/")}</th><td>{escape(code)}</td><td>{escape(said)}</td></tr>'
        for path, code, said in _faults(detail, lang)
    )
    return (
        f'<div class="json"><p>{escape(_head(detail, lang))}</p>'
        f"<table><tbody><tr>{claims}</tr></tbody></table>{f'<table><tbody>{faults}</tbody></table>' if faults else ''}</div>"
    )
