"""What the page says in words: the headline, one line a row, and how sure. Numbers in their printed form."""

from __future__ import annotations

from collections.abc import Sequence

from zhprobe.report.result import Pair, Report, Row
from zhprobe.stats.conclusions import LIST_ONLY
from zhprobe.stats.estimate import Estimate

MINUS = "−"


def number(value: float | None, digits: int = 2) -> str:
    """A score as printed: two decimals, a dash where there is none.

    >>> number(0.925), number(None), number(-0.0)
    ('0.93', '—', '0.00')
    """
    if value is None:
        return "—"
    shown = f"{value + 1e-12 if value > 0 else value - 1e-12:.{digits}f}".replace("-", MINUS)
    return shown.replace(MINUS, "") if not any(c in "123456789" for c in shown) else shown


def signed(value: float | None) -> str:
    """A difference as printed: two decimals with its sign.

    >>> signed(0.123), signed(-0.05), signed(0.001)
    ('+0.12', '−0.05', '0.00')
    """
    if value is None:
        return "—"
    shown = number(value)
    return shown if shown.startswith(MINUS) or shown == "0.00" else f"+{shown}"


def probability(p: float | None) -> str:
    """A p-value as printed: three decimals, or <0.001.

    >>> probability(0.0312), probability(0.0000004), probability(None)
    ('0.031', '<0.001', '—')
    """
    if p is None:
        return "—"
    return "<0.001" if p < 0.0005 else f"{p:.3f}"


def interval(e: Estimate, *, difference: bool = False) -> str:
    """The two ends of an interval.

    >>> interval(Estimate(0.5, 0.41, 0.62, 30, 30, "t"))
    '0.41–0.62'
    """
    if e.low is None or e.high is None:
        return "—"
    if difference:
        return f"{signed(e.low)} … {signed(e.high)}"
    return f"{number(e.low)}–{number(e.high)}"


def share(value: float, n: int, lang: str = "zh") -> str:
    """A share with the n that it must not appear without.

    >>> share(0.25, 40), share(0.0, 0)
    ('25%（n=40）', '—')
    """
    if not n:
        return "—"
    return f"{value:.0%} (n={n:,})" if lang == "en" else f"{value:.0%}（n={n:,}）"


def items_and_groups(e: Estimate, lang: str = "zh") -> str:
    """How much data a number rests on.

    >>> items_and_groups(Estimate(0.5, 0.4, 0.6, 30, 12, "cluster_t"))
    '30 题，12 组'
    """
    if e.method == "ppi":  # groups are the units that people graded
        return (
            f"{e.n:,} items, {e.groups:,} graded by people"
            if lang == "en"
            else f"{e.n:,} 题，其中人工评 {e.groups:,} 题"
        )
    if lang == "en":
        items = f"{e.n:,} item" + ("" if e.n == 1 else "s")
        return items if e.groups == e.n else f"{items}, {e.groups:,} groups"
    return f"{e.n:,} 题" if e.groups == e.n else f"{e.n:,} 题，{e.groups:,} 组"


def how_sure(pair: Pair, lang: str = "zh") -> str:
    """What the p-value means, for a reader who knows no statistics; empty where nothing is claimed."""
    p = pair.comparison.p
    if p is None or pair.conclusion.code != "better":
        return ""
    if p < 0.001:
        odds_zh, odds_en = "不到千分之一", "under 1 in 1,000"
    else:
        odds_zh = odds_en = ""
        n = round(1 / p)
        odds_zh, odds_en = f"约 {n:,} 分之一", f"about 1 in {n:,}"
    if lang == "en":
        return f"If both were equally good, chance alone would show a gap this large with odds of {odds_en}"
    return f"假如两者其实一样好，碰巧出现这么大差别的可能{odds_zh}"


def headline(report: Report, lang: str = "zh") -> list[str]:
    """One sentence on who is better at what, and one on how sure; for a single model, what is below."""
    rows = [report.overall, *report.rows] if report.overall else list(report.rows)
    models = report.model_names()
    if len(models) == 1:
        if lang == "en":
            return [f"Scores of {models[0]} in {len(report.rows)} rows; one model alone is not compared."]
        return [f"{models[0]} 在 {len(report.rows)} 项上的得分；只有一个模型，不作比较。"]
    if len(models) == 2:
        return _two(rows, report, lang)
    return _many(rows, report, lang)


SLOT = "\ue000"  # where the rows go in a text; no name can hold it unseen
PART = "*"  # after the name of a row of which only the part decided by program is known


def _names(rows: Sequence[Row], lang: str, most: int = 99, *, claim: bool = True) -> str:
    """Names of rows; beyond `most` only how many."""
    if len(rows) > most:
        part = sum(row.basis == "decided" for row in rows) if claim else 0
        if lang == "en":
            return f"{len(rows)} abilities" + (
                f" ({part} of them only on the part checked by program)" if part else ""
            )
        return f" {len(rows)} 项" + (f"（其中 {part} 项只就程序可判的部分）" if part else "")
    zh = lang != "en"
    joint = "、" if zh else ", "
    whole: dict[str, list[Row]] = {}
    for row in rows:
        whole.setdefault(row.key.capability, []).append(row)
    said = []
    for members in whole.values():
        parts = [row.key.title.text(lang) + (PART if row.basis == "decided" else "") for row in members]
        name = members[0].key.part_of.text(lang)
        if not members[0].key.row:
            said += parts
        elif len(parts) == 1:
            said.append(f"{name}·{parts[0]}" if zh else f"{name}: {parts[0]}")
        else:
            said.append(f"{name}（{joint.join(parts)}）" if zh else f"{name} ({joint.join(parts)})")
    return joint.join(said)


def _footnote(rows: Sequence[Row], lang: str) -> str:
    if not any(row.basis == "decided" for row in rows):
        return ""
    if lang == "en":
        return f" ({PART} only the part checked by program; the rest is not graded yet)"
    return f"（{PART} 只就程序可判的部分，其余评分项还没有人评）"


def _two(rows: Sequence[Row], report: Report, lang: str) -> list[str]:
    a, b = report.model_names()
    sorted_rows: dict[str, list[Row]] = {
        "a": [],
        "b": [],
        "equal": [],
        "open": [],
        "judge": [],
        "few": [],
        "waiting": [],
        "unlike": [],
    }
    for row in rows:
        if not row.pairs:
            continue
        c = row.pairs[0].conclusion
        if not row.pairs[0].comparable:
            sorted_rows["unlike"].append(row)
        elif c.code in ("list_only", "too_few"):
            few = c.code == "too_few" or row.pairs[0].comparison.difference.n < LIST_ONLY
            sorted_rows["few" if few else "waiting"].append(row)
        elif c.judged:
            sorted_rows["judge"].append(row)
        elif c.code == "better":
            sorted_rows[c.winner or "a"].append(row)
        else:
            sorted_rows["equal" if c.code == "equivalent" else "open"].append(row)
    texts = {
        "a": (f"{a} 在{SLOT}上更好", f"{a} is better at {SLOT}"),
        "b": (f"{b} 在{SLOT}上更好", f"{b} is better at {SLOT}"),
        "equal": (f"{SLOT}上两者相当", f"they are equivalent at {SLOT}"),
        "open": (f"{SLOT}上看不出谁好", f"no conclusion can be drawn on {SLOT}"),
        "judge": (
            f"{SLOT}只有未经校验的裁判评分，不下结论",
            f"on {SLOT} there are only grades of a judge that people have not checked",
        ),
        "few": (f"{SLOT}的题目太少，不作比较", f"on {SLOT} there are too few items to compare"),
        "waiting": (f"{SLOT}的底线还没有人评，暂不比较", f"on {SLOT} gates are not judged yet"),
        "unlike": (f"{SLOT}的设置不同，不作比较", f"on {SLOT} settings differ: not compared"),
    }
    used = [
        (texts[kind][1 if lang == "en" else 0], found, kind in ("a", "b", "equal"))
        for kind, found in sorted_rows.items()
        if found
    ]
    return _told(used, rows, report, lang)


MOST_NAMES = 5  # rows named in the first sentence; with more of them it counts, and a second one names


def _told(
    used: Sequence[tuple[str, Sequence[Row], bool]], rows: Sequence[Row], report: Report, lang: str
) -> list[str]:
    """The headline from texts with the rows each speaks of, and whether it claims something of them.

    Short first, with all names after if need be.
    """
    if not used:
        return ["Nothing to compare."] if lang == "en" else ["没有可以比较的内容。"]

    def join(most: int) -> str:
        parts = [text.replace(SLOT, _names(found, lang, most, claim=claim)) for text, found, claim in used]
        if lang == "en":
            return _sentence("; ".join(parts), report)
        return "；".join(parts).replace("； ", "；").strip() + "。"

    note = _footnote(rows, lang)
    named = join(99)
    if sum(len(found) for _, found, _ in used) <= MOST_NAMES:
        return [named[:-1] + note + named[-1], *_meaning(report, rows, lang)]
    return [join(2), named[:-1] + note + named[-1], *_meaning(report, rows, lang)]


def _many(rows: Sequence[Row], report: Report, lang: str) -> list[str]:
    lead: dict[str, list[Row]] = {}
    shared, unknown = [], []
    for row in rows:
        if not row.groups:
            unknown.append(row)
        elif len(row.groups[0]) == 1:
            lead.setdefault(row.groups[0][0], []).append(row)
        else:
            shared.append(row)
    zh = lang != "en"
    used: list[tuple[str, Sequence[Row], bool]] = [
        (
            f"{name} 在{SLOT}上比其他模型都好"
            if zh
            else f"{name} is better than every other model at {SLOT}",
            lead[name],
            True,
        )
        for name in report.model_names()
        if name in lead
    ]
    together: dict[frozenset[str], list[Row]] = {}
    for row in shared:
        together.setdefault(frozenset(row.groups[0]), []).append(row)
    for members in together.values():
        leaders = ("、" if zh else ", ").join(members[0].groups[0])
        text = (
            f"{SLOT}上居前的几个分不出高下（{leaders}）"
            if zh
            else f"at {SLOT} the leaders cannot be told apart ({leaders})"
        )
        used.append((text, members, True))
    if unknown:
        used.append((f"{SLOT}的数据不足以排名" if zh else f"no ranking is given for {SLOT}", unknown, False))
    return _told(used, rows, report, lang)


def _meaning(report: Report, rows: Sequence[Row], lang: str) -> list[str]:
    claims = [
        p for row in rows for p in row.pairs if p.conclusion.code == "better" and not p.conclusion.judged
    ]
    if not claims:
        return []
    if report.method == "holm":
        if lang == "en":
            return [
                "How sure: at least 95% that every “better” here is right. Whatever is not called better must not be read as a difference."
            ]
        return ["有多大把握：这里凡写“更好”的，全部说对的把握在 95% 以上。没有写“更好”的，都不要当作有差别。"]
    if lang == "en":
        return [
            "How sure: of all that is called “better” on this page, no more than 5% is expected to be wrong, many "
            "comparisons being made at once. Whatever is not called better must not be read as a difference."
        ]
    return [
        "有多大把握：本页写“更好”的各条，预计说错的不超过 5%（已计入同时比较了多项）。"
        "没有写“更好”的，都不要当作有差别。"
    ]


def _sentence(text: str, report: Report) -> str:
    """An English sentence: a capital first unless it begins with a model's name."""
    if not text.startswith(report.model_names()):
        text = text[0].upper() + text[1:]
    return f"{text}."


def ranks(row: Row, lang: str = "zh") -> list[tuple[str, tuple[str, ...]]]:
    """Groups of models not separated, best first, each with the sign before it.

    ＞ stands between groups without a common model: two models that no group holds together are separated.
    A semicolon stands where a model is in both.
    """
    made: list[tuple[str, tuple[str, ...]]] = []
    for group in row.groups:
        sign = ""
        if made:
            overlap = set(group) & set(made[-1][1])
            sign = (";" if lang == "en" else "；") if overlap else (">" if lang == "en" else "＞")
        made.append((sign, group))
    return made


def standing(row: Row, lang: str = "zh") -> str:
    """The same as a line of text: A ≈ B ＞ C."""
    text = ""
    for sign, group in ranks(row, lang):
        gap = "" if sign in ("；", "") else " "
        text += f"{gap}{sign}{'' if sign == '；' or not sign else ' '}" + " ≈ ".join(group)
    return text


def why_not_ranked(row: Row, lang: str = "zh") -> str:
    """Why a row has no groups: the first reason that holds."""
    codes = {pair.conclusion.code for pair in row.pairs}
    if any(not pair.comparable for pair in row.pairs):
        zh, en = "设置方案不同", "profiles of settings differ"
    elif row.trust == "judge":
        zh, en = "裁判未经人工校验", "the judge has not been checked by people"
    elif "too_few" in codes:
        zh, en = "题目太少", "too few items"
    elif "list_only" in codes:
        zh, en = (
            "共同的题目太少，或底线评分项还没有人评",
            "too few items in common, or gates not judged yet",
        )
    else:
        zh, en = "有模型没有得分", "a model has no score"
    return f"Not ranked: {en}" if lang == "en" else f"不排名：{zh}"


def pair_text(row: Row, pair: Pair, lang: str = "zh") -> str:
    """The conclusion with what limits it."""
    text = pair.conclusion.text(lang)
    if row.basis == "decided" and pair.conclusion.code in ("better", "equivalent"):
        text = f"On the part checked by program: {text}" if lang == "en" else f"只就程序可判部分：{text}"
    notes = []
    if pair.gaps_differ:
        notes.append("the judge's bias differs between models" if lang == "en" else "裁判对各模型偏差不同")
    if "few_discordant" in pair.comparison.notes and pair.conclusion.code == "open":
        notes.append(
            "fewer than 6 items differ; the exact test cannot reach 0.05"
            if lang == "en"
            else "结果不同的题少于 6 道，精确检验达不到 0.05"
        )
    if not notes:
        return text
    return f"{text} ({'; '.join(notes)})" if lang == "en" else f"{text}（{'；'.join(notes)}）"
