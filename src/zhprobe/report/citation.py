"""A citation report drawn: each finding with its place, code and suggestion, the rates, the day, what was not checked.

`draw_text` and `draw_html` take the `detail` of a verdict; `cite_text` and `cite_html` take a text. No colour carries
meaning alone, all text is escaped, no style or script of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any, Literal

from zhprobe.checks.citation import citation_detail
from zhprobe.errors import UserError
from zhprobe.text.citation_messages import message
from zhprobe.text.citation_review import review
from zhprobe.text.law_versions import CHANGES_KNOWN, TEXTS_READ, data_is_old

Detail = dict[str, Any]
Lang = Literal["zh", "en"]

SIGNS = {"error": "✗", "warning": "！", "info": "·", "ok": "✓"}
WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "error": "错误", "warning": "注意", "info": "说明", "ok": "无误", "none": "没有找到法条引用。",
        "head": "法条引用核对　截至 {asof}（条文抄录于 {texts_read}，变动知悉至 {changes_known}）",
        "at": "第{start}–{end}字", "rates": "比率（分子/分母）", "not_checked": "未核对", "of": "项",
        "uncertain": "归属为推断（{confidence:.0%}）", "differences": "出入（引文 ← 条文）", "article": "条文",
        "name_ok": "名称可识别", "in_force": "现行有效", "exists": "条款存在", "quote_exact": "引文逐字一致",
        "abstained": "表示不能确认的回答", "days": "核对日；条文抄录日，变动知悉日", "quote_ok": "引文一致或近似", "clean_answers": "无误的回答", "cites": "有引用的回答",
        "notice": "本核对由程序按数据作出，未经律师审核，不构成法律意见。",
    },
    "en": {
        "error": "error", "warning": "warning", "info": "note", "ok": "ok", "none": "No citation of law was found.",
        "head": "Citation check as of {asof} (texts read {texts_read}, changes known to {changes_known})",
        "at": "characters {start}–{end}", "rates": "Rates (numerator/denominator)", "not_checked": "Not checked", "of": "",
        "uncertain": "law inferred ({confidence:.0%})", "differences": "Differences (quoted ← article)", "article": "Article",
        "name_ok": "name known", "in_force": "in force", "exists": "article exists", "quote_exact": "quotation verbatim",
        "abstained": "answers that abstain", "days": "as of; texts read, changes known to", "quote_ok": "verbatim or near", "clean_answers": "answers without error", "cites": "answers that cite",
        "notice": "Made by a program from data that no lawyer has checked; no legal advice.",
    },
}  # fmt: skip


def _head(detail: Detail, lang: Lang) -> str:
    return WORDS[lang]["head"].format_map(detail)


def _place(finding: Detail, words: dict[str, str]) -> str:
    start, end = finding["span"]
    return words["at"].format(start=start + 1, end=end) if end else ""


def _notes(finding: Detail, lang: Lang) -> list[str]:
    """What else a reader needs: doubt about the law, the differences, the article where the user's texts are there."""
    words, notes = WORDS[lang], []
    if 0 < finding["confidence"] < 0.9:
        notes.append(words["uncertain"].format(confidence=finding["confidence"]))
    pairs = finding["evidence"].get("differences") or []
    if pairs:
        shown = "；".join(f"{quoted or '∅'} ← {own or '∅'}" for quoted, own in pairs[:20])
        notes.append(
            f"{words['differences']}：{shown}" if lang == "zh" else f"{words['differences']}: {shown}"
        )
    if finding["evidence"].get("article_text"):
        mark = "：" if lang == "zh" else ": "
        notes.append(f"{words['article']}{mark}{finding['evidence']['article_text']}")
    return notes


def _figures(detail: Detail, lang: Lang) -> list[str]:
    """Rates with numerator and denominator, and what was not checked with its count."""
    words = WORDS[lang]
    shown = [f"{words[name]} {k}/{n}" for name, (k, n) in detail["rates"].items() if n]
    joint, colon = ("，", "：") if lang == "zh" else (", ", ": ")
    lines = [f"{words['rates']}{colon}{joint.join(shown)}"] if shown else []
    skipped = [f"{code} {count}" for code, count in detail["not_checked"].items()]
    lines.append(
        f"{words['not_checked']}{colon}{sum(detail['not_checked'].values())}"
        + (f"（{joint.join(skipped)}）" if skipped else "")
    )
    return [*lines, words["notice"]]


def draw_text(detail: Detail, lang: Lang = "zh") -> str:
    """The report as plain text, a finding a line.

    >>> from zhprobe.text.citation_review import review
    >>> text = "依据《合同法》第107条"
    >>> print(draw_text(citation_detail(review(text), text)).splitlines()[2])
    ✗ REPEALED 《中华人民共和国合同法》第一百零七条：该法自2021年1月1日起废止，现行规定为《中华人民共和国民法典》第五百七十七条。［第8–12字］
    """
    words = WORDS[lang]
    lines = [_head(detail, lang), ""]
    for finding in detail["findings"]:
        place = _place(finding, words)
        lines.append(
            f"{SIGNS[finding['severity']]} {finding['code']} {finding[f'message_{lang}']}"
            + (f"［{place}］" if place else "")
        )
        lines += [f"    {note}" for note in _notes(finding, lang)]
    if not detail["findings"]:
        lines.append(words["none"])
    return "\n".join([*lines, "", *_figures(detail, lang)])


def draw_html(detail: Detail, lang: Lang = "zh") -> str:
    """The report as one HTML fragment.

    >>> from zhprobe.text.citation_review import review
    >>> "REPEALED" in draw_html(citation_detail(review("《合同法》第107条"), "《合同法》第107条"))
    True
    """
    words = WORDS[lang]
    parts = [
        f'<div class="citations" lang="{"zh-Hans" if lang == "zh" else "en"}"><p>{escape(_head(detail, lang))}</p>'
    ]
    if detail["findings"]:
        parts.append("<ol>" + "".join(_html_finding(f, lang) for f in detail["findings"]) + "</ol>")
    else:
        parts.append(f"<p>{escape(words['none'])}</p>")
    parts += [f"<p><small>{escape(line)}</small></p>" for line in _figures(detail, lang)]
    return "".join(parts) + "</div>"


def _html_finding(finding: Detail, lang: Lang) -> str:
    words = WORDS[lang]
    start, end = finding["span"]
    notes = "".join(f"<br><small>{escape(note)}</small>" for note in _notes(finding, lang))
    quoted = f'<q lang="zh-Hans">{escape(finding["words"])}</q> ' if finding.get("words") else ""
    return (
        f'<li class="{escape(finding["severity"])}" data-start="{int(start)}" data-end="{int(end)}">'
        f"<strong>{SIGNS[finding['severity']]} {escape(words[finding['severity']])}</strong> <code>{escape(finding['code'])}</code> "
        f"{quoted}{escape(finding[f'message_{lang}'])} <small>{escape(_place(finding, words))}</small>{notes}</li>"
    )


def mark_html(text: str, findings: Sequence[Detail]) -> str:
    """The text itself with its citations marked, everything escaped; the worst finding of a place names its class.

    >>> mark_html("据《合同法》第107条", [{"span": [6, 11], "severity": "error", "code": "REPEALED"}])
    '据《合同法》<mark class="error" title="REPEALED">第107条</mark>'
    """
    worst = {"error": 0, "warning": 1, "info": 2, "ok": 3}
    chosen: list[Detail] = []
    for finding in sorted(findings, key=lambda f: (worst[f["severity"]], f["span"])):
        start, end = finding["span"]
        if end and all(end <= other["span"][0] or start >= other["span"][1] for other in chosen):
            chosen.append(finding)
    parts, at = [], 0
    for finding in sorted(chosen, key=lambda f: f["span"]):
        start, end = finding["span"]
        mark = f'<mark class="{escape(finding["severity"])}" title="{escape(finding["code"])}">'
        parts += [escape(text[at:start]), mark, escape(text[start:end]), "</mark>"]
        at = end
    return "".join([*parts, escape(text[at:])]).replace("\n", "<br>\n")


def run_rates(details: Sequence[Detail]) -> dict[str, tuple[int, int]]:
    """Rates of a run: numerators and denominators summed over its answers (one detail an answer).

    >>> run_rates([{"rates": {"exists": [1, 2]}}, {"rates": {"exists": [3, 3]}}])
    {'exists': (4, 5)}
    """
    summed: dict[str, tuple[int, int]] = {}
    for detail in details:
        for name, (k, n) in detail["rates"].items():
            before = summed.get(name, (0, 0))
            summed[name] = (before[0] + k, before[1] + n)
    return summed


def run_section(
    details: Sequence[Detail], lang: Lang = "zh", *, today: date | None = None, abstained: int = 0
) -> list[tuple[str, str]]:
    """The legal section of a run as (label, words): each rate with k/n and its Wilson interval, what was not checked,
    abstentions, the days of the data, and that the data is old once it is.

    >>> rows = run_section([{"rates": {"exists": [9, 10]}, "not_checked": {"NO_LAW": 2}, "asof": "2026-09-30"}], "en")
    >>> rows[0]
    ('article exists', '9/10 = 90 % [60 %, 98 %]')
    """
    from zhprobe.stats.intervals import wilson

    words, rows = WORDS[lang], []
    for name, (k, n) in run_rates(details).items():
        if n:
            low, high = wilson(k, n)
            rows.append((words[name], f"{k}/{n} = {k / n:.0%} [{low:.0%}, {high:.0%}]".replace("%", " %")))
        else:
            rows.append((words[name], "0/0"))
    skipped: dict[str, int] = {}
    for detail in details:
        for code, count in detail["not_checked"].items():
            skipped[code] = skipped.get(code, 0) + count
    listed = ", ".join(f"{code} {count}" for code, count in sorted(skipped.items()))
    rows.append((words["not_checked"], f"{sum(skipped.values())}" + (f" ({listed})" if listed else "")))
    rows.append((words["abstained"], f"{abstained}/{len(details)}"))
    days = sorted({detail["asof"] for detail in details})
    rows.append((words["days"], f"{'、'.join(days)}; {TEXTS_READ}, {CHANGES_KNOWN}"))
    if today is not None and data_is_old(today):
        rows.append(("DATA_TOO_OLD", message("DATA_TOO_OLD", None, {})[0 if lang == "zh" else 1]))
    rows.append(("", words["notice"]))
    return rows


def day_asked(asof: str) -> str:
    """The day as ISO; the day of the data where none is given; a UserError where it is no day.

    >>> day_asked(""), day_asked("2021-06-30")
    ('2026-09-30', '2021-06-30')
    """
    if not asof:
        return CHANGES_KNOWN
    try:
        return date.fromisoformat(asof).isoformat()
    except ValueError:
        raise UserError("--asof", f"'{asof}' is no day", "Write it as 2026-09-30.") from None


def cite_detail(text: str, *, asof: str = CHANGES_KNOWN, today: date | None = None) -> Detail:
    """The citation check of a text as plain JSON."""
    return citation_detail(review(text, asof=asof, today=today), text)


def cite_text(text: str, *, asof: str = CHANGES_KNOWN, lang: Lang = "zh", today: date | None = None) -> str:
    """The citation check of a text as plain text. `today` adds a notice once the data is 200 days old.

    >>> print(cite_text("见《民法典》第二千条", lang="en").splitlines()[2])
    ✗ NO_SUCH_ARTICLE 《中华人民共和国民法典》第二千条: no such article: the version has 1260 articles.［characters 7–10］
    """
    return draw_text(cite_detail(text, asof=asof, today=today), lang)


def cite_html(text: str, *, asof: str = CHANGES_KNOWN, lang: Lang = "zh", today: date | None = None) -> str:
    """The same as an HTML fragment: the text with its citations marked, then the findings."""
    detail = cite_detail(text, asof=asof, today=today)
    return f'<p lang="zh-Hans">{mark_html(text, detail["findings"])}</p>{draw_html(detail, lang)}'
