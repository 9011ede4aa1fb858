"""One text shown with its Shanghainese markers, its leaks and its fidelity score."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Literal

from zhprobe.text.wu_fidelity import Fidelity, Mark, score_fidelity

Lang = Literal["zh", "en"]

_BRACKETS = {"W": ("[", "]"), "M": ("{", "}"), "Y": ("<", ">")}
_LISTS = {
    "W": ("上海话字眼", "Shanghainese"),
    "M": ("普通话字眼", "Mandarin left in"),
    "Y": ("粤语字眼", "Cantonese"),
    "O": ("别处或旧派吴语", "other or older Wu"),
}
_BANDS = {
    "pass": ("是上海话", "Shanghainese"),
    "partial": ("一部分是上海话", "partly Shanghainese"),
    "fail": ("不是上海话", "not Shanghainese"),
    "no_evidence": ("看不出来", "no evidence either way"),
}


def _shown(score: Fidelity) -> list[Mark]:
    """One mark a place: where lists overlap the leak is shown, since it is what a reader looks for."""
    order = {"Y": 0, "M": 1, "W": 2}
    chosen: list[Mark] = []
    taken: set[int] = set()
    for mark in sorted((m for m in score.marks if m.list in order), key=lambda m: (order[m.list], m.start)):
        places = range(mark.start, mark.end)
        if taken.isdisjoint(places):
            chosen.append(mark)
            taken.update(places)
    return sorted(chosen, key=lambda mark: mark.start)


def _findings(score: Fidelity, lang: Lang) -> list[str]:
    column = 0 if lang == "zh" else 1
    zh = lang == "zh"
    lines = []
    for name, titles in _LISTS.items():
        texts = list(dict.fromkeys(mark.text for mark in score.marks if mark.list == name))
        if texts:
            lines.append(f"{titles[column]}: " + " ".join(texts))
    band = _BANDS[score.band][column]
    lines.append(
        f"F = {score.f:.3f}  P = {score.p:.2f}  "
        + (f"{score.n} 个汉字" if zh else f"{score.n} Han characters")
        + f"  W {score.w:.1f}  M {score.m:.1f}  Y {score.y:.1f}  "
        + (f"窗口 {score.windows:.0%}" if zh else f"windows {score.windows:.0%}")
    )
    lines.append(("判为：" if zh else "Verdict: ") + band)
    if score.over:
        lines.append("方言字眼过密，像是堆砌" if zh else "Markers are too dense to be running text")
    if score.n < 60 and score.band != "no_evidence":
        lines.append("不足60个汉字，只作参考" if zh else "Under 60 Han characters: indicative only")
    if score.romanised:
        lines.append("用拉丁字母写的，要由人看" if zh else "Romanised: for a person to read")
    lines.append(
        "只看是不是上海话，不看好不好、通不通。"
        if zh
        else "This tells whether a text is in Shanghainese, not whether it is good or makes sense."
    )
    return lines


def wu_text(text: str, lang: Lang = "zh") -> str:
    """The text with [Shanghainese], {Mandarin} and <Cantonese> marked, then the score.

    >>> print(wu_text("搿桩事体我不知道。", "en").splitlines()[0])
    [搿]桩[事体]我{不}{知道}。
    """
    score = score_fidelity(text)
    parts, at = [], 0
    for mark in _shown(score):
        left, right = _BRACKETS[mark.list]
        parts += [text[at : mark.start], left, text[mark.start : mark.end], right]
        at = mark.end
    marked = "".join([*parts, text[at:]])
    return marked.rstrip("\n") + "\n\n" + "\n".join(_findings(score, lang))


def _scored(detail: Mapping[str, Any], text: str) -> Fidelity:
    """The score that a check found and kept, so that a page shows it and not another.

    A check leaves out what an answer repeats from its prompt; scoring the text alone would not.
    """
    marks = tuple(
        Mark(str(name), str(category), 0.0, text[start:end], int(start), int(end))
        for name, category, start, end in detail.get("marks", ())
    )
    return Fidelity(
        n=int(detail.get("han", 0)),
        w=float(detail.get("W", 0)),
        m=float(detail.get("M", 0)),
        y=float(detail.get("Y", 0)),
        categories=tuple(detail.get("categories", ())),
        windows=float(detail.get("windows", 0)),
        f=float(detail.get("F", 0)),
        p=float(detail.get("P", 0)),
        over=bool(detail.get("over")),
        band=detail.get("band", "no_evidence"),
        indicative=bool(detail.get("indicative")),
        romanised=bool(detail.get("romanised")),
        marks=marks,
    )


def wu_html(text: str, lang: Lang = "zh", detail: Mapping[str, Any] | None = None) -> str:
    """The same as a fragment for a page: `<mark class="wu-w">` and so on, everything else escaped.

    `detail` is what a check found; without it the text is scored here.
    """
    score = _scored(detail, text) if detail else score_fidelity(text)
    parts, at = [], 0
    for mark in _shown(score):
        title = _LISTS[mark.list][0 if lang == "zh" else 1]
        parts += [
            escape(text[at : mark.start]),
            f'<mark class="wu-{mark.list.lower()}" title="{escape(title)}">'
            f"{escape(text[mark.start : mark.end])}</mark>",
        ]
        at = mark.end
    body = "".join([*parts, escape(text[at:])]).replace("\n", "<br>\n")
    rows = "".join(f"<li>{escape(line)}</li>" for line in _findings(score, lang))
    return f'<div class="wu-text"><p>{body}</p><ul>{rows}</ul></div>'
