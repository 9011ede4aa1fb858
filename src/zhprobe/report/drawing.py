"""Who draws what a check found: one short table from the kind of a detail to a function.

A drawing is a function in a module of `report` that takes `detail` or `text` (and `lang`) and gives an
HTML fragment. A kind without one is simply not drawn.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from zhprobe.report.visible import safe_fragment

# kind of Verdict.detail -> module of this package, function
DRAWINGS: dict[str, tuple[str, str]] = {
    "verse_scan": ("scan", "draw_html"),
    "song_scan": ("scan", "draw_html"),
    "couplet_scan": ("scan", "draw_html"),
    "verse_facing": ("scan", "draw_html"),
    "citations": ("citation", "draw_html"),
    "calls": ("calls", "call_diff_html"),
    "state": ("calls", "call_diff_html"),
    "ask": ("calls", "call_diff_html"),
    "wu_fidelity": ("wu", "wu_html"),
    "json": ("json_diff", "json_html"),
}


@cache
def _drawer(kind: str) -> tuple[Callable[..., str], frozenset[str]] | None:
    place = DRAWINGS.get(kind)
    if place is None:
        return None
    name = f"zhprobe.report.{place[0]}"
    try:
        function = getattr(import_module(name), place[1], None)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
    if not callable(function):
        return None
    return function, frozenset(inspect.signature(function).parameters)


def draw(detail: Mapping[str, Any], text: str, lang: str) -> str:
    """The fragment for a detail, cleaned; empty where nothing draws its kind.

    >>> draw({"kind": "no such kind"}, "", "zh")
    ''
    """
    found = _drawer(str(detail.get("kind", "")))
    if found is None:
        return ""
    function, names = found
    offered = {"detail": detail, "text": text, "answer": text, "lang": lang}
    return safe_fragment(function(**{name: offered[name] for name in names & offered.keys()}))
