"""A report as one HTML file and one JSON file, in Chinese or English, that ask nothing of any network.

The page's content policy allows its own style and script by their hashes and nothing else. Text of models
reaches it as JSON that the script puts into text nodes, or escaped by the template.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup

from zhprobe.files import encode, write_whole
from zhprobe.report import charts
from zhprobe.report.compare import compare_sides
from zhprobe.report.efficiency import Efficiency, Spread
from zhprobe.report.legal_section import legal_notes, legal_table
from zhprobe.report.pages import ItemPages
from zhprobe.report.result import Cell, CriterionRow, JudgeRow, ModelHead, Pair, Report, Row
from zhprobe.report.rows import BASIS_NAMES, Title
from zhprobe.report.run_texts import RunTexts
from zhprobe.report.sentences import (
    headline,
    how_sure,
    interval,
    items_and_groups,
    number,
    pair_text,
    probability,
    ranks,
    share,
    signed,
    standing,
    why_not_ranked,
)
from zhprobe.report.sides import Side, grades_of_people, read_sides
from zhprobe.report.translation_section import signatures
from zhprobe.report.visible import visible
from zhprobe.runs import slug
from zhprobe.stats.agreement import AGREEMENT_NOTES, STATUS_TEXT, Agreement, Validation
from zhprobe.stats.conclusions import DELTA
from zhprobe.stats.estimate import Estimate, method_name
from zhprobe.stats.intervals import zero_failures_upper

EMBED_LIMIT = 8 * 1024 * 1024  # bytes of item JSON in the report itself; above, one page a capability
ITEM_REPLIES_LIMIT = 200_000  # replies for which item pages are made at all

FLAGS: dict[str, tuple[str, str]] = {
    "judge_human": ("裁判与人不一致", "judge against people"),
    "human_human": ("人与人不一致", "people disagree"),
    "judge_judge": ("裁判之间不一致", "judges disagree"),
    "unsure": ("有拿不准的判定", "unsure verdicts"),
    "open": ("有待评的评分项", "criteria still open"),
    "cut": ("被截断", "cut off"),
    "filtered": ("被拦截", "refused"),
    "empty": ("空回答", "empty"),
    "failed": ("没有取得回答", "no answer"),
}


class Words:
    """Filters of the template, in one language."""

    def __init__(self, report: Report, lang: str) -> None:
        self.report = report
        self.lang = lang
        self.names = [visible(name) for name in report.model_names()]
        self.capabilities = {row.key.capability: row.key.part_of for row in report.rows}

    def t(self, zh: str, en: str) -> str:
        """One of two wordings."""
        return en if self.lang == "en" else zh

    def title(self, row: Row) -> str:
        """A row's name."""
        return visible(row.key.full(self.lang))

    def about(self, e: Estimate) -> str:
        """Everything that must stand with a number, in one line."""
        parts = [e.definition_en if self.lang == "en" else e.definition, items_and_groups(e, self.lang)]
        parts.append(method_name(e.method, self.lang))
        if e.unsure:
            parts.append(self.t(f"拿不准的判定 {e.unsure:.1%}", f"{e.unsure:.1%} of verdicts unsure"))
        if e.if_unmet is not None and e.if_met is not None:
            a, b = number(e.if_unmet), number(e.if_met)
            parts.append(self.t(f"视为不满足 {a} / 视为满足 {b}", f"counted as not met {a} / as met {b}"))
        if e.not_scored:
            parts.append(self.t(f"{e.not_scored} 题未计分", f"{e.not_scored} items not scored"))
        return self.t("；", "; ").join(part for part in parts if part)

    def span(self, e: Estimate) -> str:
        """The interval, marked where it is a conservative one."""
        shown = interval(e)
        return shown + self.t("（保守）", " (conservative)") if e.conservative else shown

    def diffspan(self, e: Estimate) -> str:
        """The interval of a difference."""
        shown = interval(e, difference=True)
        return shown + self.t("（保守）", " (conservative)") if e.conservative else shown

    def extras(self, cell: Cell) -> str:
        """What is missing from a score, where anything is."""
        e, parts = cell.estimate, []
        if e.unsure:
            parts.append(self.t(f"拿不准 {e.unsure:.1%}", f"{e.unsure:.1%} unsure"))
        if e.grader == "decided" and e.if_unmet is not None:
            parts.append(self.t("底线待评，故区间含两端", "gates open, hence the wide interval"))
        if e.not_scored:
            parts.append(self.t(f"未计分 {e.not_scored} 题", f"{e.not_scored} not scored"))
        if e.value == 1.0 and not e.unsure and e.groups and cell.within == 0:
            bound = zero_failures_upper(e.groups)
            parts.append(
                self.t(
                    f"无一失分：真实失分率 95% 把握低于 {bound:.2f}",
                    f"no failure: true failure rate below {bound:.2f} with 95% confidence",
                )
            )
        return " · " + " · ".join(parts) if parts else ""

    def facts(self, head: ModelHead) -> list[tuple[str, str]]:
        """What a model's line in the provenance holds."""
        lines = [
            (self.t("模型", "Model"), head.model),
            (self.t("版本", "Revision"), head.revision or self.t("服务方未说明", "not told by the endpoint")),
            (self.t("设置方案", "Profile"), head.profile),
            (self.t("设置", "Settings"), ", ".join(f"{k}={_short(v)}" for k, v in head.settings.items())),
            (self.t("运行目录", "Run folder"), head.folder),
            (self.t("开始", "Started"), head.created),
            (
                self.t("回答", "Replies"),
                self.t(
                    f"计划 {head.planned}，取得 {head.answered}，失败 {head.failed}，缺 {head.missing}",
                    f"{head.planned} planned, {head.answered} answered, {head.failed} failed, {head.missing} missing",
                ),
            ),
            (self.t("题目摘要", "Digest of items"), head.probes_digest),
            (self.t("设置摘要", "Digest of settings"), head.settings_digest),
            (self.t("软件", "Software"), ", ".join(f"{k} {v}" for k, v in head.versions.items())),
        ]
        return [(name, visible(value)) for name, value in lines if value]

    def validation(self, v: Validation) -> str:
        """A judge against people on one criterion, with its status."""
        status = STATUS_TEXT[v.status][1 if self.lang == "en" else 0]
        agreed = self.t("一致", "agree")
        return f"{agreed} {share(v.percent.value or 0.0, v.n, self.lang)} {interval(v.percent)} · κ {number(v.kappa.value)} · AC1 {number(v.ac1.value)} · {status}"

    def agreement(self, a: Agreement) -> str:
        """People against people on one criterion."""
        if a.percent.value is None:
            return AGREEMENT_NOTES["too_few"][1 if self.lang == "en" else 0]
        text = f"{self.t('人与人一致', 'people agree')} {share(a.percent.value, a.units, self.lang)} {interval(a.percent)} · α {number(a.alpha.value)} ({interval(a.alpha)}) · AC1 {number(a.ac.value)} ({interval(a.ac)})"
        note = AGREEMENT_NOTES.get(a.note)
        return f"{text} · {note[1 if self.lang == 'en' else 0]}" if note else text

    def grader(self, c: CriterionRow) -> str:
        """Who grades a criterion."""
        return {
            "check": self.t("程序", "check"),
            "judge": self.t("裁判", "judge"),
            "human": self.t("人工", "people"),
        }[c.kind]

    def judge_notes(self, j: JudgeRow) -> list[str]:
        """What else must be known of a judge: controls, steadiness, what it left open, its family."""
        notes = [visible(line) for line in j.controls.text(self.lang).splitlines() if line.strip()]
        stable, repeated = j.stable
        if repeated:
            notes.append(
                self.t(
                    f"重复判 {repeated} 次，其中 {stable} 次不变",
                    f"{repeated} calls repeated, {stable} of them said the same",
                )
            )
        if j.unsure:
            told = self.t("，", ", ").join(f"{visible(k)} {n}" for k, n in j.unsure)
            notes.append(self.t("拿不准的原因：", "unsure because: ") + told)
        if j.shares_lineage:
            names = self.t("、", ", ").join(map(visible, j.shares_lineage))
            notes.append(self.t(f"与 {names} 同源", f"of the same family as {names}"))
        return notes

    def scope(self, j: JudgeRow) -> str:
        """What part of the suite a judge's figures cover."""
        if not j.capability:
            return self.t("全部", "all")
        return self.capabilities.get(j.capability, Title(j.capability, j.capability)).text(self.lang)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "…"


# -- the page ---------------------------------------------------------------------------------------


def render_html(
    report: Report,
    lang: str = "zh",
    *,
    items: Mapping[str, Any] | None = None,
    links: Mapping[str, str] | None = None,
    excerpts: Mapping[str, str] | None = None,
    only: str = "",
    back: str = "",
) -> str:
    """The page as text.

    `items` maps item keys to what `ItemPages.page` made, for items whose pages stand in this file;
    `links` maps rows to the file that holds theirs; `excerpts` are the first words of prompts. `only` names
    the rows' capability of an item file.
    """
    words = Words(report, lang)
    style, script = _asset("report.css"), _asset("report.js")
    rows = ([report.overall] if report.overall else []) + list(report.rows)
    shown = [r for r in report.rows if not only or r.key.capability == only]
    ids = {row.key.id for row in shown}
    index: list[dict[str, Any]] = [
        {
            "key": item.key,
            "row": item.row,
            "scores": item.scores,
            "spread": item.spread,
            "flags": item.flags,
            "says": (excerpts or {}).get(item.key, ""),
            **({"page": links[item.row]} if links and item.row in links else {}),
        }
        for item in report.items
        if item.row in ids
    ]
    page: str = (
        _environment(words)
        .get_template("report.html.j2")
        .render(
            report=report,
            lang=lang,
            t=words.t,
            page_title=_page_title(report, words, only),
            headline=[visible(text) for text in headline(report, lang)],
            only_items=bool(only),
            back=back,
            parts=_parts(report, words),
            names=words.names,
            marks=[Markup(charts.legend_mark(i)) for i in range(len(words.names))],
            rows=rows,
            warnings=[visible(w.text(lang)) for w in report.warnings],
            spread_rows=[
                (row, name, cell)
                for row in rows
                for name, cell in zip(words.names, row.cells, strict=True)
                if cell.within > 0 and cell.estimate.value is not None
            ],
            short_rows=any(c.estimate.value is None for row in rows for c in row.cells),
            corrected_rows=[(row, c) for row in rows for c in row.cells if c.human is not None],
            pair_tables=_pair_tables(report, rows),
            adjusted_note=_adjusted_note(report, words),
            slices=_by_row(report),
            criteria=_by_capability(report, words),
            unchecked={u.row: u.text(lang) for u in report.unchecked},
            legal_lines=legal_table(report.legal, "en" if lang == "en" else "zh") if report.legal else [],
            legal_notes=legal_notes(report.legal, "en" if lang == "en" else "zh") if report.legal else [],
            signatures=signatures(report.translation),
            flags_used=[flag for flag in FLAGS if any(flag in item["flags"] for item in index)],
            directed=[(a, b) for a in range(len(words.names)) for b in range(len(words.names)) if a != b],
            analysis_note=_analysis_note(report, words),
            floor_probes=words.t("、", ", ").join(p.probe for p in report.probes if p.floor_scores_well),
            odd_items=[f for f in report.figures if f.rest is not None and f.rest < -0.5][:50],
            efficiency_lines=_efficiency_lines(report, words),
            limits=_limits(report, words),
            missing_table=_missing_table(report, words),
            dropped_table=_dropped_table(report, words),
            provenance=_provenance(report),
            footer=words.t(
                f"zhprobe {report.version} 生成于 {report.made}。每个数字都在同名的 report.json 里。",
                f"Made by zhprobe {report.version} on {report.made}. Every number is in report.json too.",
            ),
            score_axis=Markup(charts.score_axis()),
            difference_axis=lambda reach: Markup(charts.difference_axis(reach)),
            dots_chart=lambda row: Markup(_dots(row, words)),
            difference_chart=lambda row, pair, reach: Markup(_difference(row, pair, reach, report, words)),
            counts_chart=lambda pair, a, b: Markup(_counts(pair, a, b, words)),
            index_data=Markup(_json(index)),
            word_data=Markup(_json(_script_words(words))),
            item_data=None if items is None else Markup(_json(items)),
            linked=bool(links),
            style=Markup(style),
            script=Markup(script),
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )
    return page


def _environment(words: Words) -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("zhprobe.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    lang = words.lang
    environment.filters.update(
        number=number,
        signed=signed,
        p=probability,
        seen=visible,
        title=words.title,
        about=words.about,
        span=words.span,
        diffspan=words.diffspan,
        size=lambda e: items_and_groups(e, lang),
        extras=words.extras,
        conclusion=lambda pair, row: visible(pair_text(row, pair, lang)),
        sure=lambda pair: how_sure(pair, lang),
        standing=lambda row: visible(standing(row, lang) or why_not_ranked(row, lang)),
        notes=words.judge_notes,
        ranks=lambda row: [
            (sign, [list(words.report.model_names()).index(name) for name in group])
            for sign, group in ranks(row, lang)
        ],
        basis=lambda row: BASIS_NAMES[row.basis][1 if lang == "en" else 0],
        both=lambda title: title.text(lang),
        status=lambda status: STATUS_TEXT[status][1 if lang == "en" else 0],
        validation=words.validation,
        agreement=words.agreement,
        grader=words.grader,
        scope=words.scope,
        facts=words.facts,
        flagname=lambda flag: FLAGS[flag][1 if lang == "en" else 0],
    )
    return environment


def _asset(name: str) -> str:
    text: str = resources.files("zhprobe.report").joinpath("templates", name).read_text(encoding="utf-8")
    return text.strip()


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: Any) -> str:
    """JSON that can stand in a script element: no < that could close it or open a comment."""
    text = encode(value).decode("utf-8")
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _page_title(report: Report, words: Words, only: str) -> str:
    names = words.t("、", ", ").join(words.names)
    if only:
        title = words.capabilities[only].text(words.lang)
        return words.t(f"逐题查看 · {title}", f"Items · {title}")
    if len(words.names) == 1:
        return words.t(f"{names} 的中文能力", f"What {names} can do in Chinese")
    return words.t(f"中文能力并排比较：{names}", f"Chinese abilities side by side: {names}")


def _parts(report: Report, words: Words) -> list[tuple[str, str]]:
    several = len(words.names) > 1
    listed = [
        ("conclusions", words.t("结论", "Conclusions"), several),
        ("scores", words.t("得分", "Scores"), True),
        ("differences", words.t("两两差值", "Differences"), len(words.names) > 2),
        ("counts", words.t("胜负", "Item by item"), several),
        ("slices", words.t("分开看", "Parts"), bool(report.slices)),
        ("criteria", words.t("评分项", "Criteria"), True),
        ("citations", words.t("法条引用", "Citations of law"), report.legal is not None),
        ("translation", words.t("翻译", "Translation"), bool(report.translation)),
        ("judge", words.t("裁判", "Judge"), bool(report.judges)),
        ("people", words.t("人与人", "People"), report.people_agree is not None),
        ("items", words.t("逐题", "Items"), True),
        ("analysis", words.t("题目质量", "Item analysis"), bool(report.probes)),
        ("efficiency", words.t("快慢与花费", "Speed and cost"), True),
        ("limits", words.t("限度", "Limits"), True),
        ("origin", words.t("来历", "Origin"), True),
    ]
    return [(name, text) for name, text, there in listed if there]


def _pair_tables(report: Report, rows: Sequence[Row]) -> list[tuple[int, int, list[tuple[Row, Pair]], float]]:
    """For every pair of models: their numbers, the rows with their comparison, half the axis."""
    names = list(report.model_names())
    tables = []
    for a, one in enumerate(names):
        for b in range(a + 1, len(names)):
            found = [(row, pair) for row in rows for pair in row.pairs if (pair.a, pair.b) == (one, names[b])]
            reach = charts.difference_range([pair.comparison.difference for _, pair in found], report.delta)
            tables.append((a, b, found, reach))
    return tables


def _dots(row: Row, words: Words) -> str:
    told = words.t("，", ", ").join(
        f"{name} {number(c.estimate.value)} ({interval(c.estimate)})"
        for name, c in zip(words.names, row.cells, strict=True)
    )
    return charts.dots([c.estimate for c in row.cells], row.chance, f"{words.title(row)}: {told}")


def _difference(row: Row, pair: Pair, reach: float, report: Report, words: Words) -> str:
    e = pair.comparison.difference
    label = f"{words.title(row)}: {signed(e.value)} ({interval(e, difference=True)})"
    winner = pair.conclusion.winner if pair.conclusion.code == "better" and not pair.conclusion.judged else ""
    return charts.difference(e, report.delta, reach, label, winner)


def _counts(pair: Pair, a: int, b: int, words: Words) -> str:
    c = pair.comparison
    label = words.t(
        f"胜 {c.wins}，平 {c.ties}，负 {c.losses}", f"{c.wins} won, {c.ties} tied, {c.losses} lost"
    )
    return charts.counts(c.wins, c.ties, c.losses, a, b, label)


def _adjusted_note(report: Report, words: Words) -> str:
    if report.method == "holm":
        return words.t(
            "p 值按 Holm 法为同时比较多对模型作了调整；区间未调整。",
            "p-values are adjusted for comparing several pairs (Holm); intervals are not.",
        )
    return words.t(
        "探索性：各项、各对的 p 值一起按 Benjamini–Hochberg 法调整；区间未调整。默认不给总分。",
        "Exploratory: p-values of all rows and pairs are adjusted together (Benjamini–Hochberg); intervals are not. "
        "There is no overall score by default.",
    )


def _by_row(report: Report) -> list[tuple[Row, list[Any]]]:
    return [
        (row, found) for row in report.rows if (found := [s for s in report.slices if s.row == row.key.id])
    ]


def _by_capability(report: Report, words: Words) -> list[tuple[str, list[CriterionRow]]]:
    found: dict[str, list[CriterionRow]] = {}
    for criterion in report.criteria:
        found.setdefault(criterion.probe.partition("/")[0], []).append(criterion)
    return [
        (words.capabilities.get(name, Title(name, name)).text(words.lang), lines)
        for name, lines in found.items()
    ]


def _analysis_note(report: Report, words: Words) -> str:
    everyone = sum(p.all_pass for p in report.probes)
    nobody = sum(p.none_pass for p in report.probes)
    total = sum(p.items for p in report.probes)
    flat = [p.probe for p in report.probes if not p.separates]
    text = words.t(
        f"{total} 题中，所有模型都满分的 {everyone} 题，都零分的 {nobody} 题：这些题分不出高下。",
        f"Of {total} items every model passes {everyone} and none passes {nobody}: these tell nobody apart.",
    )
    if flat and len(words.names) > 1:
        listed = words.t("、", ", ").join(flat[:12]) + (" …" if len(flat) > 12 else "")
        text += words.t(
            f"拉不开模型的题型：{listed}。", f" Probes that do not separate the models: {listed}."
        )
    return text


def _spread(s: Spread | None, unit: str, digits: int = 1) -> str:
    return "—" if s is None else f"{s.median:.{digits}f} / {s.p95:.{digits}f} {unit}"


def _efficiency_lines(report: Report, words: Words) -> list[tuple[str, list[str]]]:
    """Label and one value a model; lines nobody has a value for are left out."""

    def money(value: float | None) -> str:
        return "—" if value is None else f"{value:.4g}"

    t = words.t
    lines: list[tuple[str, list[str]]] = [
        (
            t("回答数（没有取得）", "Replies (failed)"),
            [f"{e.replies:,} ({e.failed:,})" for e in report.efficiency],
        ),
        (
            t("被截断 / 被拦截 / 空", "Cut / refused / empty"),
            [f"{e.cut:,} / {e.refused:,} / {e.empty:,}" for e in report.efficiency],
        ),
        (
            t("用时：中位 / 第 95 百分位", "Latency: median / 95th percentile"),
            [_spread(e.latency, "s") for e in report.efficiency],
        ),
        (
            t("首字时间：中位 / 第 95 百分位", "Time to first token: median / 95th"),
            [_spread(e.first_token, "s", 2) for e in report.efficiency],
        ),
        (
            t("每秒生成 token：中位 / 第 95 百分位", "Tokens per second: median / 95th"),
            [_spread(e.tokens_per_second, "") for e in report.efficiency],
        ),
        (
            t("每个回答的 token：中位 / 第 95 百分位", "Tokens per answer: median / 95th"),
            [_spread(e.tokens_per_answer, "", 0) for e in report.efficiency],
        ),
        (
            t("token 合计：提示 / 回答（其中思考）", "Tokens: prompt / completion (reasoning)"),
            [
                f"{e.prompt_tokens:,} / {e.completion_tokens:,} ({e.reasoning_tokens:,})"
                for e in report.efficiency
            ],
        ),
        (t("花费合计", "Cost"), [money(e.cost) for e in report.efficiency]),
        (t("每题花费", "Cost per item"), [money(e.cost_per_item) for e in report.efficiency]),
        (t("每得一分花费", "Cost per point of score"), [money(e.cost_per_point) for e in report.efficiency]),
        (
            t("整体每秒 token（成批生成）", "Tokens per second overall (in batches)"),
            ["—" if e.throughput is None else f"{e.throughput:,.1f}" for e in report.efficiency],
        ),
        (t("内存峰值", "Peak memory"), [_gigabytes(e.peak_memory_gb) for e in report.efficiency]),
        (t("显存峰值", "Peak device memory"), [_gigabytes(e.peak_device_gb) for e in report.efficiency]),
        (t("机器或服务地址", "Hardware or endpoint"), [_machine(e, words) for e in report.efficiency]),
        (
            t("同时请求数", "Concurrency"),
            [str(e.concurrency) if e.concurrency else t("未记录", "not recorded") for e in report.efficiency],
        ),
    ]
    return [(label, values) for label, values in lines if any(v != "—" for v in values)]


def _gigabytes(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f} GB"


def _machine(e: Efficiency, words: Words) -> str:
    return visible(e.hardware) or words.t("未记录", "not recorded")


def _limits(report: Report, words: Words) -> list[str]:
    t = words.t
    lines = [
        t(
            "题型与能力为固定分层，题组为抽样单位；区间说的是“同类题目的总体”，不只是列出的这些题。",
            "Probes and capabilities are fixed strata, groups of items the sampling units; intervals speak of all "
            "items of the same kind, not of the listed ones only.",
        ),
        t(
            f"有意义的最小差别 δ = {report.delta:.2f}，开跑前定下；“更好”须调整后 p < 0.05 且 95% 区间不含 0；"
            "“相当”须 90% 区间全在 ±δ 内；不足 20 题或 6 组不作比较。",
            f"The smallest difference that matters, δ = {report.delta:.2f}, was set beforehand. “Better” needs an adjusted "
            "p < 0.05 and a 95% interval without 0; “equivalent” a 90% interval within ±δ; under 20 items or 6 "
            "groups nothing is compared.",
        ),
        _adjusted_note(report, words),
    ]
    lines += [f"{name.text(words.lang)}{t('：', ': ')}{note.text(words.lang)}" for name, note in report.notes]
    if report.people:
        lines.append(
            t(f"有 {report.people} 人参加人工评分。", f"{report.people} people took part in grading.")
        )
    else:
        lines.append(t("没有人工评分。", "No person graded any answer."))
    if report.without:
        names = t("、", ", ").join(title.text(words.lang) for title in report.without)
        lines.append(t(f"本报告不含：{names}。", f"This report does not cover: {names}."))
    if report.seed is not None:
        lines.append(t(f"抽签种子 {report.seed}。", f"Random draws use the seed {report.seed}."))
    return [visible(line) for line in lines]


def _missing_table(report: Report, words: Words) -> list[tuple[str, str, list[str]]]:
    """Row, model, and what is missing or was cut: not scored, unsure, capped by a gate, kept at zero."""
    lines = []
    for row in report.rows:
        for name, cell in zip(words.names, row.cells, strict=True):
            e = cell.estimate
            if e.not_scored or e.unsure or cell.gated or cell.clipped:
                figures = [
                    str(e.not_scored),
                    share(e.unsure, e.n, words.lang),
                    str(cell.gated),
                    str(cell.clipped),
                ]
                lines.append((words.title(row), name, figures))
    return lines


def _dropped_table(report: Report, words: Words) -> list[tuple[str, str, list[str]]]:
    """Row, pair, and items left out of the difference: unlike content, no score of the first, of the second."""
    lines = []
    for row in report.rows:
        for p in row.pairs:
            c = p.comparison
            if p.unlike or c.dropped_a or c.dropped_b:
                pair = f"{visible(p.a)} − {visible(p.b)}"
                lines.append((words.title(row), pair, [str(p.unlike), str(c.dropped_a), str(c.dropped_b)]))
    return lines


def _provenance(report: Report) -> str:
    items = sum(1 for _ in report.items)
    models = " ".join(f"model={visible(m.model)}" for m in report.models)
    judges = ",".join(sorted({visible(j.judge.partition(":")[2]) for j in report.judges})) or "none"
    return (
        f"items={items} {models} delta={report.delta} seed={report.seed} judge={judges} "
        f"people={report.people} method={report.method} zhprobe={report.version}"
    )


def _script_words(words: Words) -> dict[str, Any]:
    """What the script says, in the page's language."""
    t = words.t
    return {
        "models": words.names,
        "flags": {name: pair[1 if words.lang == "en" else 0] for name, pair in FLAGS.items()},
        "found": t("{} 题", "{} items"),
        "outcome": {
            "met": t("满足", "met"),
            "not_met": t("不满足", "not met"),
            "na": t("不适用", "not applicable"),
            "unsure": t("拿不准", "unsure"),
        },
        "fault": {
            "met": t("有这个缺点", "fault present"),
            "not_met": t("没有这个缺点", "fault absent"),
            "na": t("不适用", "not applicable"),
            "unsure": t("拿不准", "unsure"),
        },
        "open": t("待评", "open"),
        "level": t("第 {} 级", "level {}"),
        "lenient": t("宽松读法：", "lenient reading: "),
        "evidence": t("依据：", "words relied on: "),
        "score": t("得分", "score"),
        "failed": t("没有取得回答：", "no answer: "),
        "gate": t("触及底线“{}”，得分封顶；不计底线时为 {v}", "gate “{}” caps the score; without it {v}"),
        "clipped": t("扣分后为 {}，按 0 到 1 截断", "{} after deductions, kept within 0 to 1"),
        "bounds": t(
            "拿不准的判定视为不满足 / 满足时：{a} / {b}", "with unsure verdicts as not met / met: {a} / {b}"
        ),
        "part": t("程序可判部分", "checked part"),
        "ends": t("待评的都不满足 / 都满足时：{a} / {b}", "with what is open not met / met: {a} / {b}"),
        "why": {
            "open": t("还有评分项没有人评，暂无总分", "criteria are still open: no score yet"),
            "unsure": t("拿不准的分值超过 20%，未计分", "over 20% of the points are unsure: not scored"),
            "no_points": t("没有可得的正分，未计分", "no positive points at stake: not scored"),
        },
        "reasoning": t("思考过程", "Reasoning"),
        "empty": t("（空回答）", "(empty answer)"),
        "cut": t("其余 {} 字见 replies.jsonl", "{} more characters stand in replies.jsonl"),
        "prompt": t("题目", "Prompt"),
        "tools": t("可用工具：", "Tools offered: "),
        "reference": t("参考答案", "Reference"),
        "difficulty": t("难度 {}", "Difficulty {}"),
        "answers": t("回答", "Answers"),
    }


# -- files ------------------------------------------------------------------------------------------


def write_report(
    folders: Sequence[Path],
    out: Path,
    *,
    lang: str = "zh",
    batches: Sequence[Path] = (),
    delta: float = DELTA,
    seed: int = 0,
    weights: Mapping[str, float] | None = None,
    probe_folders: Iterable[Path] = (),
    items: bool = True,
    embed_limit: int = EMBED_LIMIT,
) -> Report:
    """Compare runs and write `out` (report.html) with report.json beside it, item pages where they belong."""
    sides = read_sides(folders, batches)
    report = compare_sides(sides, delta=delta, seed=seed, weights=weights, probe_folders=probe_folders)
    write_pages(report, sides, out, lang=lang, batches=batches, items=items, embed_limit=embed_limit)
    return report


def write_pages(
    report: Report,
    sides: Sequence[Side],
    out: Path,
    *,
    lang: str = "zh",
    batches: Sequence[Path] = (),
    items: bool = True,
    embed_limit: int = EMBED_LIMIT,
) -> None:
    """The files of a report that is already computed."""
    replies = sum(len(rows) for side in sides for rows in side.run.replies.values())
    made: dict[str, bytes] = {}  # JSON of each capability's items
    excerpts: dict[str, str] = {}
    if items and replies <= ITEM_REPLIES_LIMIT:
        made, excerpts = _item_json(report, sides, lang, batches)
    write_whole(out.with_suffix(".json"), msgspec.json.format(encode(report), indent=1) + b"\n")
    if sum(map(len, made.values())) <= embed_limit:
        joined = b"{" + b",".join(part for part in made.values() if part) + b"}"
        embedded = msgspec.Raw(joined) if made else None
        write_whole(out, render_html(report, lang, items=embedded, excerpts=excerpts))  # type: ignore[arg-type]
        return
    folder = out.with_suffix(".items")
    links = {row.key.id: f"{folder.name}/{slug(row.key.capability)}.html" for row in report.rows}
    for capability, part in made.items():
        page = render_html(
            report,
            lang,
            items=msgspec.Raw(b"{" + part + b"}"),  # type: ignore[arg-type]
            excerpts=excerpts,
            only=capability,
            back=f"../{out.name}",
        )
        write_whole(folder / f"{slug(capability)}.html", page)
    write_whole(out, render_html(report, lang, links=links, excerpts=excerpts))


def _item_json(
    report: Report, sides: Sequence[Side], lang: str, batches: Iterable[Path]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Members of a JSON object for each capability, made one item at a time, and the first words of prompts."""
    texts = [RunTexts(side.run, grades_of_people(side.run.folder, list(batches))) for side in sides]
    pages = ItemPages(report, texts, lang)
    capability = {row.key.id: row.key.capability for row in report.rows}
    parts: dict[str, list[bytes]] = {}
    excerpts: dict[str, str] = {}
    try:
        for item in report.items:
            page = pages.page(item.key, item.row)
            excerpts[item.key] = _excerpt(page["prompt"])
            member = encode(item.key) + b":" + encode(page)
            parts.setdefault(capability[item.row], []).append(member)
    finally:
        for text in texts:
            text.close()
    return {name: b",".join(members) for name, members in parts.items()}, excerpts


def _excerpt(messages: Sequence[Mapping[str, str]], length: int = 36) -> str:
    """The first words of what the user says.

    >>> _excerpt([{"role": "system", "text": "x"}, {"role": "user", "text": "以“秋江”为题  写诗"}])
    '以“秋江”为题 写诗'
    """
    said = next((m["text"] for m in messages if m["role"] == "user"), "")
    flat = " ".join(said.split())
    return flat if len(flat) <= length else flat[:length] + "…"
