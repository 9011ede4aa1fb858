"""Structured output of runs as tables: in which mode, on what kind of call, and where it breaks.

The three modes are never merged. Strict is the headline, lenient says how much of a failure is form. A
no-call rate is worth nothing alone: it stands beside the pairs of like items of which one needs a call.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zhprobe.grading.automatic import current_grades
from zhprobe.records import Grade, Item
from zhprobe.report.sentences import interval, number, signed
from zhprobe.report.table import straight
from zhprobe.runs import read_grades, read_info, read_items, read_replies
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import mean
from zhprobe.stats.paired import difference_interval

CAPABILITY = "structured/"
NO_CALL = ("no_call", "asks_for")  # checks that are met by not calling
REJECTED = "server_rejected_output"  # the server answers 500 to what the model wrote, every time
MOST_UNSCORED = 0.02  # over this share of failed requests no headline is printed


class Scored(msgspec.Struct, frozen=True):
    """One item of one run: its share of points, strictly and leniently, over its samples."""

    key: str
    probe: str
    role: str
    group: str
    strict: float
    lenient: float
    calls_wanted: bool | None  # None where calls are no matter of the item


class Line(msgspec.Struct, frozen=True):
    """One row of a table."""

    probe: str
    strict: Estimate
    lenient: Estimate


class Table(msgspec.Struct, frozen=True):
    """One run: rows by probe, and what is counted over all of them."""

    name: str
    model: str
    mode: str
    lines: tuple[Line, ...]
    pairs: Estimate  # mean over pairs of an item that needs a call and its like that needs none
    classes: dict[str, int]
    dialects: dict[str, int]
    tiers: dict[str, int]
    codes: dict[str, int]
    failed: dict[str, int]  # requests without a reply, by kind
    replies: int

    @property
    def headline(self) -> bool:
        """Whether so few requests failed that rates may be printed as such."""
        lost = sum(self.failed.values())
        return lost <= MOST_UNSCORED * max(1, self.replies + lost)


class Difference(msgspec.Struct, frozen=True):
    """The same model in two modes, on the same items."""

    model: str
    first: str
    second: str
    strict: Estimate


def structured_tables(folders: Iterable[Path]) -> tuple[list[Table], list[Difference]]:
    """The tables of runs, and the paired differences between modes of one model."""
    tables, scores = [], []
    for folder in folders:
        table, scored = _table(folder)
        tables.append(table)
        scores.append(scored)
    found = [
        _difference(tables[a], scores[a], tables[b], scores[b])
        for a in range(len(tables))
        for b in range(a + 1, len(tables))
        if tables[a].model == tables[b].model and tables[a].mode != tables[b].mode
    ]
    return tables, [difference for difference in found if difference is not None]


def _table(folder: Path) -> tuple[Table, list[Scored]]:
    info = read_info(folder)
    items = {
        (s.item.probe, s.item.id): s.item for s in read_items(folder) if s.item.probe.startswith(CAPABILITY)
    }
    failed: Counter[str] = Counter()
    rejected: set[str] = set()
    count = 0
    for reply in read_replies(folder):
        if (reply.probe, reply.item) in items:
            if reply.error is not None:
                failed[reply.error.kind] += 1
            else:
                count += 1
                if REJECTED in reply.flags:
                    rejected.add(reply.id)
    by_item: dict[tuple[str, str], list[Grade]] = defaultdict(list)
    for grade in current_grades(read_grades(folder)).values():
        probe_item = grade.reply.rpartition("#")[0].rpartition("/")
        key = (probe_item[0], probe_item[2])
        if grade.grader.startswith("check:") and key in items:
            by_item[key].append(grade)
    scored = [_score(items[key], found) for key, found in sorted(by_item.items())]
    grades = [grade for found in by_item.values() for grade in found]
    with_tools = [grade for key, found in by_item.items() if items[key].tools for grade in found]
    return (
        Table(
            name=info.name,
            model=info.model,
            mode=_mode(info.settings),
            lines=tuple(_lines(scored)),
            pairs=_pairs(scored),
            classes=_classes(with_tools, rejected),
            dialects=_by_reply(grades, "dialect"),
            tiers=_by_reply(grades, "tier"),
            codes=_codes(grades),
            failed=dict(failed),
            replies=count,
        ),
        scored,
    )


def _mode(settings: Any) -> str:
    """The mode as it is reported: a response format is a mode of its own."""
    return f"{settings.mode} + {settings.response_format}" if settings.response_format else str(settings.mode)


def _by_reply(grades: Sequence[Grade], key: str) -> dict[str, int]:
    """How many replies have which value of a detail; several checks of one reply count once."""
    found = {
        g.reply: str(g.verdict.detail[key]) for g in grades if g.verdict.detail and g.verdict.detail.get(key)
    }
    return dict(Counter(found.values()).most_common())


def _classes(grades: Sequence[Grade], rejected: set[str]) -> dict[str, int]:
    """How many replies are of which class; an empty one is graded by rule and has no detail."""
    found: dict[str, str] = {}
    for grade in grades:
        if grade.verdict.detail and (kind := grade.verdict.detail.get("class")):
            found[grade.reply] = str(kind)
        elif "empty" in grade.verdict.codes:
            found.setdefault(grade.reply, "empty")
    found |= dict.fromkeys(rejected & found.keys(), REJECTED)
    return dict(Counter(found.values()).most_common())


def _codes(grades: Sequence[Grade]) -> dict[str, int]:
    """How many replies have which fault."""
    seen = {(g.reply, code) for g in grades if g.verdict.outcome == "not_met" for code in g.verdict.codes}
    return dict(Counter(code for _, code in sorted(seen)).most_common())


def _score(item: Item, grades: Sequence[Grade]) -> Scored:
    points = {c.id: c.points for c in item.criteria if c.points > 0}
    checks = {c.check_name for c in item.criteria}
    strict: dict[str, float] = defaultdict(float)
    lenient: dict[str, float] = defaultdict(float)
    total: dict[str, float] = defaultdict(float)
    for grade in grades:
        worth = points.get(grade.criterion, 0)
        sample = grade.reply.rpartition("#")[2]
        total[sample] += worth
        strict[sample] += worth * (grade.verdict.outcome == "met")
        lenient[sample] += worth * ((grade.verdict.lenient or grade.verdict.outcome) == "met")
    samples = [s for s in total if total[s]]
    wanted = None
    if checks & {*NO_CALL, "calls_match", "final_state"}:
        wanted = bool(checks & {"calls_match", "final_state"})
    return Scored(
        item.key,
        item.probe,
        item.role,
        item.group or item.key,
        sum(strict[s] / total[s] for s in samples) / max(1, len(samples)),
        sum(lenient[s] / total[s] for s in samples) / max(1, len(samples)),
        wanted,
    )


def _lines(scored: Sequence[Scored]) -> Iterable[Line]:
    by_probe: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        if one.role == "item":
            by_probe[one.probe].append(one)
    for probe, found in sorted(by_probe.items()):
        groups: list[Hashable] = [one.group for one in found]
        yield Line(
            probe.removeprefix(CAPABILITY),
            mean([one.strict for one in found], groups).named("严格", "strict", grader="check"),
            mean([one.lenient for one in found], groups).named("宽松", "lenient", grader="check"),
        )


def _pairs(scored: Sequence[Scored]) -> Estimate:
    """The mean of a should-call item and its should-not-call twin, over pairs."""
    by_group: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        if one.calls_wanted is not None:
            by_group[f"{one.probe}/{one.group}"].append(one)
    made = []
    for found in by_group.values():
        called = [one.strict for one in found if one.calls_wanted]
        kept = [one.strict for one in found if not one.calls_wanted]
        if called and kept and any(one.role == "twin" for one in found):
            made.append((sum(called) / len(called) + sum(kept) / len(kept)) / 2)
    return mean(made).named("成对平均", "mean of pairs", grader="check")


def _difference(
    one: Table, first: Sequence[Scored], other: Table, second: Sequence[Scored]
) -> Difference | None:
    there = {scored.key: scored for scored in second if scored.role == "item"}
    both = [(scored, there[scored.key]) for scored in first if scored.key in there]
    if not both:
        return None
    gaps = [a.strict - b.strict for a, b in both]
    groups: list[Hashable] = [a.group for a, _ in both]
    centre, ends, method, se, df, count = difference_interval(gaps, groups)
    estimate = Estimate(centre, *ends, n=len(both), groups=count, method=method, se=se, df=df)
    return Difference(one.model, one.mode, other.mode, estimate.named("严格分之差", "strict, difference"))


WORDS = {
    "zh": {
        "head": ["题组", "严格", "95% 区间", "宽松", "题数"],
        "mode": "方式",
        "pairs": "该调用与不该调用的成对平均（严格）",
        "classes": "回答的类别",
        "dialects": "调用的写法",
        "followed": "按约定写成数组的",
        "tiers": "JSON 的档次",
        "codes": "错在哪里",
        "failed": "没有得到回答的请求",
        "no_headline": "没有得到回答的请求超过 2%，下面的分数不作为结论",
        "constrained": "受约束解码保证形式，只反映取值",
        "difference": "同一模型两种方式之差（严格，同题配对）",
        "nothing": "—（没有可计分的题）",
    },
    "en": {
        "head": ["probe", "strict", "95% interval", "lenient", "items"],
        "mode": "mode",
        "pairs": "mean of pairs, should call and should not (strict)",
        "classes": "class of reply",
        "dialects": "notation of calls",
        "followed": "written as the array asked for",
        "tiers": "tier of JSON",
        "codes": "where it breaks",
        "failed": "requests without a reply",
        "no_headline": "more than 2% of requests have no reply: no score below is a conclusion",
        "constrained": "constrained decoding guarantees form: values only",
        "difference": "the same model in two modes (strict, same items paired)",
        "nothing": "— (nothing to score)",
    },
}


def table_text(tables: Sequence[Table], differences: Sequence[Difference], lang: str = "zh") -> str:
    """The tables for a terminal."""
    words: dict[str, Any] = WORDS["en" if lang == "en" else "zh"]
    blocks = [_block(table, words) for table in tables]
    if differences:
        lines = [words["difference"]]
        lines += [
            f"  {d.model}: {d.first} − {d.second} = {signed(d.strict.value)}"
            f" ({interval(d.strict, difference=True)}, n={d.strict.n})"
            for d in differences
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _block(table: Table, words: dict[str, Any]) -> str:
    lines = [f"{table.name}  {words['mode']}: {table.mode}"]
    if table.mode.startswith("constrained"):
        lines.append(words["constrained"])
    if not table.headline:
        lines.append(words["no_headline"])
    if table.lines:
        rows = [words["head"]] + [
            [
                line.probe,
                number(line.strict.value),
                interval(line.strict),
                number(line.lenient.value),
                str(line.strict.n),
            ]
            for line in table.lines
        ]
        lines.append(straight(rows, [False, True, True, True, True]))
    else:
        lines.append(words["nothing"])
    if table.pairs.value is not None:
        lines.append(
            f"{words['pairs']}: {number(table.pairs.value)} ({interval(table.pairs)}, n={table.pairs.n})"
        )
    if table.mode.startswith("prompt") and table.dialects:
        followed = table.dialects.get("array", 0)
        lines.append(f"{words['followed']}: {followed}/{sum(table.dialects.values())}")
    lines += [
        f"{words[key]}: " + "  ".join(f"{name} {count}" for name, count in counts.items())
        for key in ("classes", "dialects", "tiers", "codes", "failed")
        if (counts := getattr(table, key))
    ]
    return "\n".join(lines)
