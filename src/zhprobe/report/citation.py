"""A citation report drawn: each finding with its place, code and suggestion, the rates, the day, what was not checked.

`draw_text` and `draw_html` take the `detail` of a verdict; `cite_text` and `cite_html` take a text. No colour carries
meaning alone, all text is escaped, no style or script of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from typing import Any, Literal

import msgspec

from zhprobe.checks.citation import citation_detail
from zhprobe.errors import UserError
from zhprobe.text.citation_messages import message
from zhprobe.text.citation_review import review
from zhprobe.text.law_versions import CHANGES_KNOWN, TEXTS_READ

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
        "abstained": "要求写原文时表示不能确认、没有引", "days": "法律状态截至 {asof}；条文抄录于 {texts_read}，变动知悉至 {changes_known}。", "quote_ok": "引文一致或近似", "clean_answers": "无误的回答", "cites": "有引用的回答",
        "notice": "本核对由程序按数据作出，未经律师审核，不构成法律意见。",
    },
    "en": {
        "error": "error", "warning": "warning", "info": "note", "ok": "ok", "none": "No citation of law was found.",
        "head": "Citation check as of {asof} (texts read {texts_read}, changes known to {changes_known})",
        "at": "characters {start}–{end}", "rates": "Rates (numerator/denominator)", "not_checked": "Not checked", "of": "",
        "uncertain": "law inferred ({confidence:.0%})", "differences": "Differences (quoted ← article)", "article": "Article",
        "name_ok": "name known", "in_force": "in force", "exists": "article exists", "quote_exact": "quotation verbatim",
        "abstained": "abstained where an article's words were asked for", "days": "Law as of {asof}; texts read {texts_read}, changes known to {changes_known}.", "quote_ok": "verbatim or near", "clean_answers": "answers without error", "cites": "answers that cite",
        "notice": "Made by a program from data that no lawyer has checked; no legal advice.",
    },
}  # fmt: skip
NOT_CHECKED_KINDS: dict[str, tuple[str, str]] = {
    "UNKNOWN_OTHER": ("目录中没有的文件", "not in the index"), "LOCAL_NOT_CHECKED": ("地方规定", "of local rules"),
    "STATUS_NOT_CHECKED": ("只知其名的文件", "known by name only"), "NO_LAW": ("未指明哪部法", "of no named law"),
    "NESTED": ("条文内部的援引", "inside a quoted article"), "CONTRACT_CLAUSE": ("合同条款", "contract clauses"),
    "NUMBER_ONLY": ("文号或案号", "document or case numbers"), "NAME_VAGUE": ("名称含糊", "of a vague name"),
    "NAME_TRUNCATED": ("名称不全", "of a cut name"), "QUOTE_NOT_COMPARED": ("没有文本可比的引文", "quotations with no text to compare"),
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


class Rate(msgspec.Struct, frozen=True):
    """One rate of a run with its Wilson interval; without a denominator there is none."""

    name: str
    k: int
    n: int
    low: float | None = None
    high: float | None = None


class RunFigures(msgspec.Struct, frozen=True):
    """The citations in the answers of a run: rates, and how much was not checked, by code.

    `days` are the days the law was looked at. Of the `asked` answers to items that want the words of an article,
    `abstained` say that they cannot vouch for them and quote nothing.
    """

    answers: int
    rates: tuple[Rate, ...]
    not_checked: dict[str, int]
    days: tuple[str, ...]
    abstained: int = 0
    asked: int = 0


def run_figures(details: Iterable[Detail]) -> RunFigures:
    """Rates of a run: numerators and denominators summed over its answers (one detail an answer), as they come.

    >>> found = run_figures({"rates": {"exists": pair}, "not_checked": {}, "asof": "2026-09-30"} for pair in ([1, 2], [3, 3]))
    >>> found.answers, found.rates[0].k, found.rates[0].n, round(found.rates[0].low, 2)
    (2, 4, 5, 0.38)
    """
    from zhprobe.stats.intervals import wilson

    answers, days = 0, set()
    summed: dict[str, tuple[int, int]] = {}
    skipped: Counter[str] = Counter()
    for detail in details:
        answers += 1
        days.add(str(detail["asof"]))
        skipped.update(detail["not_checked"])
        for name, (k, n) in detail["rates"].items():
            before = summed.get(name, (0, 0))
            summed[name] = (before[0] + k, before[1] + n)
    rates = tuple(Rate(name, k, n, *(wilson(k, n) if n else ())) for name, (k, n) in summed.items())
    return RunFigures(answers, rates, dict(sorted(skipped.items())), tuple(sorted(days)))


class SectionLine(msgspec.Struct, frozen=True):
    """One line of a run's legal section: a figure, never a bare percentage, and what stands under it."""

    label: str
    figure: str
    notes: tuple[str, ...] = ()


def run_section(figures: RunFigures, lang: Lang = "zh") -> list[SectionLine]:
    """The figures of a run: each rate as k/n with its interval, abstentions, what was not checked.

    >>> found = run_figures([{"rates": {"exists": [9, 10]}, "not_checked": {"NO_LAW": 2}, "asof": "2026-09-30"}])
    >>> for line in run_section(found, "en"):
    ...     print(line.label, line.figure, *line.notes, sep=" | ")
    article exists | 9/10 | 90% [60%, 98%]
    abstained where an article's words were asked for | 0/0
    Not checked | 2 | of no named law 2
    """
    words, column = WORDS[lang], 0 if lang == "zh" else 1
    lines = []
    for rate in figures.rates:
        notes: tuple[str, ...] = ()
        if rate.low is not None and rate.high is not None:
            notes = (f"{rate.k / rate.n:.0%} [{rate.low:.0%}, {rate.high:.0%}]",)
        lines.append(SectionLine(words[rate.name], f"{rate.k}/{rate.n}", notes))
    lines.append(SectionLine(words["abstained"], f"{figures.abstained}/{figures.asked}"))
    kinds = (
        f"{NOT_CHECKED_KINDS.get(code, (code, code))[column]} {n}" for code, n in figures.not_checked.items()
    )
    return [
        *lines,
        SectionLine(words["not_checked"], str(sum(figures.not_checked.values())), tuple(kinds)),
    ]


def data_notes(days: Iterable[str], lang: Lang = "zh", *, too_old: bool = False) -> list[str]:
    """What a reader must know of the data: its days, that it is old once it is, and that no lawyer has checked it.

    >>> data_notes(["2026-09-30"], "en")[0]
    'Law as of 2026-09-30; texts read 2026-07-17, changes known to 2026-09-30.'
    """
    words = WORDS[lang]
    joined = ("、" if lang == "zh" else ", ").join(sorted(set(days))) or CHANGES_KNOWN
    notes = [words["days"].format(asof=joined, texts_read=TEXTS_READ, changes_known=CHANGES_KNOWN)]
    if too_old:
        mark = "：" if lang == "zh" else ": "
        notes.append(f"DATA_TOO_OLD{mark}{message('DATA_TOO_OLD', None, {})[0 if lang == 'zh' else 1]}")
    return [*notes, words["notice"]]


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
