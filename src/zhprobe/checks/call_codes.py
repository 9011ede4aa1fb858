"""The classes of a reply to an item with tools, and which diagnostics are told without being a fault."""

from __future__ import annotations

CLASS_ZH = {
    "called": "调用了工具",
    "abstained": "没有调用工具",
    "attempt_unparsed": "试图调用工具，但格式无法解析",
    "empty": "没有可见的回答",
    "truncated": "回答在长度上限处被截断",
}

NOTES = frozenset(["call_in_reasoning", "reasoning_removed"])  # told, never a fault
