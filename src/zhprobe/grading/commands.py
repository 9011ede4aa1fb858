"""What the grading commands do: one function a command, text out. `cli` only takes values and calls."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from zhprobe.errors import UserError, did_you_mean
from zhprobe.grading import rubric as rubrics
from zhprobe.records import Criterion, Item, Settings

Lang = Literal["zh", "en"]


def plain_json(value: Any) -> str:
    """Records as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


# --- rubric ---------------------------------------------------------------------------------------


def _items(folders: Sequence[Path], names: Sequence[str]) -> list[Item]:
    from zhprobe.probes import load_probes

    loaded = load_probes(tuple(folders))
    items = [item for probe in loaded.probes for item in probe.items]
    if not names:
        return items
    keys = {part for item in items for part in (item.key, item.probe, item.probe.split("/")[0])}
    for name in names:
        if name not in keys:
            fix = did_you_mean(name, keys) or "`zhprobe probes list` lists them."
            raise UserError("", f"there is no capability, probe or item '{name}'", fix)
    return [
        item for item in items if any(n in (item.key, item.probe, item.probe.split("/")[0]) for n in names)
    ]


def criterion_lines(criterion: Criterion, lang: Lang) -> list[str]:
    """A criterion as an author or a grader reads it."""
    zh = lang == "zh"
    kinds = {"check": "程序", "judge": "裁判", "human": "人"} if zh else {}
    marks = [f"{criterion.points:+d}", kinds.get(criterion.kind, criterion.kind)]
    if criterion.gate is not None:
        marks.append(f"gate {criterion.gate:g}")
    if criterion.na_allowed:
        marks.append("NA")
    if rubrics.evidence_rule(criterion) == "required":
        marks.append("需依据" if zh else "evidence required")
    if criterion.check_name:
        marks.append(criterion.check_name)
    if criterion.version != 1:
        marks.append(f"v{criterion.version}")
    lines = [f"  {criterion.id}  [{', '.join(marks)}]  {criterion.text}"]
    lines += [f"      {n}  {anchor}" for n, anchor in enumerate(criterion.levels)]
    if criterion.met_example:
        lines.append(f"      {'满足' if zh else 'met'}: {criterion.met_example}")
    if criterion.not_met_example:
        lines.append(f"      {'不满足' if zh else 'not met'}: {criterion.not_met_example}")
    return lines


def rubric_show(folders: Sequence[Path], name: str, lang: Lang, as_json: bool) -> str:
    """The rubrics of a probe or an item; items with the same rubric are shown once."""
    by_hash: dict[str, list[Item]] = {}
    for item in _items(folders, [name]):
        by_hash.setdefault(rubrics.rubric_hash(item.criteria), []).append(item)
    if as_json:
        shown = [
            {"hash": mark, "items": [i.key for i in items], "criteria": items[0].criteria}
            for mark, items in by_hash.items()
        ]
        return plain_json(shown)
    lines = []
    for mark, items in by_hash.items():
        total = sum(c.points for c in items[0].criteria if c.points > 0)
        more = f" (+{len(items) - 1})" if len(items) > 1 else ""
        lines.append(f"{items[0].key}{more}  {'满分' if lang == 'zh' else 'points'} {total}  {mark[:12]}")
        for criterion in items[0].criteria:
            lines += criterion_lines(criterion, lang)
        lines.append("")
    return "\n".join(lines).rstrip()


def rubric_lint(
    folders: Sequence[Path],
    names: Sequence[str],
    lang: Lang,
    against: Path | None = None,
    wording: Sequence[str] = (),
) -> tuple[str, bool]:
    """Lint messages, and whether there was no error.

    `against` is an older run: criteria whose meaning changed since, under the same version, are errors.
    """
    items = _items(folders, names)
    found = dict(rubrics.lint_items(items))
    if against is not None:
        from zhprobe.runs import read_items

        old = {s.item.key: s.item.criteria for s in read_items(against)}
        for item in items:
            moved = rubrics.version_findings(old.get(item.key, ()), item.criteria, wording=frozenset(wording))
            if moved:
                found[item.key] = [*found.get(item.key, []), *moved]
    lines = [f"{key}: {finding.line(lang)}" for key, findings in found.items() for finding in findings]
    flat = [finding for findings in found.values() for finding in findings]
    errors = sum(f.level == "E" for f in flat)
    lines.append(
        f"{len(items)} 题，{errors} 个错误，{len(flat) - errors} 个提醒"
        if lang == "zh"
        else f"{len(items)} items, {errors} errors, {len(flat) - errors} warnings"
    )
    return "\n".join(lines), not errors


# --- judge ----------------------------------------------------------------------------------------


def make_judge(name: str, given: dict[str, Any]) -> Any:
    """A judge from the command's options."""
    from zhprobe.grading.judge import STANDARD, Judge

    settings: Settings = STANDARD
    changes = {
        k: given[k] for k in ("temperature", "max_tokens", "seed", "thinking") if given.get(k) is not None
    }
    if given.get("plain_output"):
        changes["response_format"] = ""
    if given.get("timeout"):
        changes["timeout"] = given["timeout"]
    if changes:
        settings = msgspec.structs.replace(settings, **changes)
    mode: Literal["single", "batch"] = "batch" if given.get("mode") == "batch" else "single"
    default = (
        "judge-zh-pair-1"
        if given.get("pairwise")
        else {"single": "judge-zh-1", "batch": "judge-zh-batch-1"}[mode]
    )
    return Judge(
        name,
        settings,
        given.get("template") or default,
        mode,
        given.get("repeats") or 1,
        2 if given.get("reasks") is None else given["reasks"],
        lineage=given.get("lineage") or "",
    )


def judge_command(runs: Sequence[Path], given: dict[str, Any]) -> int:
    """Judge runs; gives the exit code."""
    lang: Lang = given["lang"]
    if given.get("pairwise"):
        return _judge_pairs(runs, given, lang)
    summaries = []
    for run in runs:
        summaries += asyncio.run(_judge_one(run, given))
    if given["as_json"]:
        click.echo(plain_json(summaries))
    else:
        from zhprobe.grading.judge_run import describe

        for summary in summaries:
            click.echo(describe(summary, lang))
        click.echo(
            "裁判可信多少，看它与人的一致：zhprobe assign 抽样由人评，zhprobe agree 比较。"
            if lang == "zh"
            else "A judge is worth its agreement with people: zhprobe assign, then zhprobe agree.",
            err=True,
        )
    return 1 if any(s.failed for s in summaries) else 0


async def _judge_one(run: Path, given: dict[str, Any]) -> list[Any]:
    from contextlib import AsyncExitStack

    from zhprobe.grading.judge_run import asking, judge_run

    async with AsyncExitStack() as stack:
        judges = [
            (
                make_judge(name, given),
                await stack.enter_async_context(asking(name, concurrency=given["concurrency"])),
            )
            for name in given["judges"]
        ]
        return await judge_run(
            run,
            judges,
            seed=given.get("draw_seed") or 0,
            allow_weak=given["allow_weak"],
            controls=not given["no_controls"],
            width=given["concurrency"],
            capabilities=given["capabilities"],
            lang=given["lang"],
            tell=lambda line: click.echo(line, err=True),
            tick=ticker(run.name),
        )


def ticker(label: str) -> Any:
    """A progress line on stderr, only for a terminal."""
    if not sys.stderr.isatty():
        return lambda done, total: None

    def tick(done: int, total: int) -> None:
        click.echo(f"\r{label} {done}/{total}", err=True, nl=done >= total)

    return tick


def _judge_pairs(runs: Sequence[Path], given: dict[str, Any], lang: Lang) -> int:
    from zhprobe.grading.calibration import shown
    from zhprobe.grading.judge_run import asking
    from zhprobe.grading.pairwise import judge_pairs, summarise_pairs

    if len(runs) != 2:
        raise UserError("", "pairs are made of two runs", "Name two runs.")
    (name,) = given["judges"][:1]
    out = given["out"] or runs[0].resolve().parent / f"pairs-{runs[0].name}-{runs[1].name}"

    async def go() -> Any:
        async with asking(name, concurrency=given["concurrency"]) as ask:
            return await judge_pairs(
                runs[0],
                runs[1],
                make_judge(name, given),
                ask,
                out,
                width=given["concurrency"],
                tick=ticker(out.name),
            )

    pairs, failed = asyncio.run(go())
    found = summarise_pairs(pairs)
    if given["as_json"]:
        click.echo(plain_json(found))
    else:
        zh = lang == "zh"
        click.echo(
            f"裁判认为：{found.run_a} 胜 {found.wins_a}，平 {found.ties}，负 {found.wins_b}（n={found.n}，拿不准 {found.unsure}）"
            if zh
            else f"The judge finds: {found.run_a} wins {found.wins_a}, ties {found.ties}, losses {found.wins_b} "
            f"(n={found.n}, unsure {found.unsure})"
        )
        click.echo(f"  {'换位后改判' if zh else 'order flips'} {shown(found.flip_rate)}")
        click.echo(f"  {'先出现者胜' if zh else 'first shown wins'} {shown(found.first_rate)}")
        for run, share in found.shares.items():
            click.echo(
                f"  {run}: {'对平均模型的预期得分' if zh else 'expected share against the average'} {shown(share)}"
            )
        click.echo(f"  {out / 'pairs.jsonl'}", err=True)
    return 1 if failed else 0


# --- people ---------------------------------------------------------------------------------------


def find_batch(word: Path) -> Path:
    """The folder of a batch, given as a path or as a name under results/."""
    from zhprobe.grading.batch import BATCH

    for place in (word, Path("results") / word):
        if (place / BATCH).is_file():
            return place
    known = sorted(p.parent.name for p in Path("results").glob(f"*/{BATCH}"))
    fix = did_you_mean(str(word), known) or (
        f"There are: {', '.join(known)}." if known else "`zhprobe assign` starts a batch."
    )
    raise UserError(str(word), "there is no such batch", fix)


def people_from(text: str) -> Any:
    """Annotators from a TOML file, or from names with commas between them."""
    from zhprobe.grading.batch import name_annotators, read_annotators

    if text.endswith(".toml") or Path(text).is_file():
        return read_annotators(Path(text))
    names = [name.strip() for name in text.replace("，", ",").split(",") if name.strip()]
    return name_annotators([{"name": name} for name in names], "--annotators")


def _targeted(runs: Sequence[Path], most: int) -> list[str]:
    """Answers on which a judge was unsure, up to a number: rows that a person should look at."""
    from zhprobe.grading.assignment import run_names
    from zhprobe.grading.automatic import current_grades
    from zhprobe.runs import read_grades

    found: dict[str, None] = {}
    for name, run in zip(run_names(runs), runs, strict=True):
        for grade in current_grades(read_grades(run)).values():
            if grade.grader.startswith("judge:") and grade.verdict.outcome == "unsure":
                found[f"{name}/{grade.reply}"] = None
    return list(found)[:most]


def assign_command(runs: Sequence[Path], given: dict[str, Any]) -> int:
    """Start a batch."""
    from zhprobe.grading.assignment import describe, start_batch

    people = people_from(given["annotators"])
    batch: Path = given["batch"]
    folder = batch if len(batch.parts) > 1 or batch.is_absolute() else Path("results") / batch
    started = start_batch(
        runs,
        folder,
        people,
        kind="pairwise" if given["pairwise"] else "pointwise",
        calibration=given["calibration"],
        share=given["share"],
        double=given["double"],
        gold=given["gold"],
        gold_from=find_batch(given["gold_from"]) if given["gold_from"] else None,
        repeat=given["repeat"],
        seed=given["seed"],
        kinds=("human",) if given["only_human"] else ("judge", "human"),
        capabilities=given["capabilities"],
        references=not given["no_references"],
        evidence="all" if given["evidence"] == "all" else "asked",
        signatures=given["hide"],
        targeted=_targeted(runs, given["targeted"]) if given["targeted"] else (),
        lang=given["lang"],
        contact=given["contact"],
        dry_run=given["dry_run"],
    )
    if given["as_json"]:
        click.echo(plain_json({"info": started.info, "rows": started.rows, "plan": _plan(started)}))
    else:
        click.echo(describe(started, people, given["lang"]))
    if started.folder is not None:
        click.echo(f"{started.folder}\n→ zhprobe sheet {started.folder}", err=True)
    return 1 if started.plan.left else 0


def _plan(started: Any) -> dict[str, Any]:
    plan = started.plan
    return {
        "blocks": plan.blocks,
        "pairs": {f"{a}+{b}": count for (a, b), count in plan.pairs.items()},
        "left": plan.left,
    }


def sheet_command(word: Path, given: dict[str, Any]) -> int:
    """Write the sheets of a batch."""
    from zhprobe.grading.batch import Batch
    from zhprobe.grading.sheet import write_sheets

    batch = Batch(find_batch(word))
    chosen = [batch.annotator(w) for w in given["annotators"]] or batch.ledger.state.annotators()
    formats = ("xlsx", "csv") if given["format"] == "both" else (given["format"],)
    out = given["out"] or batch.folder / "sheets"
    for annotator in chosen:
        rows = batch.rows_of(annotator)
        if given["open_only"]:
            rows = [row for row in rows if row.row_id not in batch.ledger.state.marks]
        paths = write_sheets(
            out,
            rows,
            batch.info,
            annotator,
            marks=batch.ledger.state.marks,
            formats=formats,
            protect=not given["no_protect"],
        )
        for path in paths:
            click.echo(path)
    return 0


def grade_command(word: Path | None, files: Sequence[Path], given: dict[str, Any]) -> int:
    """Import sheets, start the page, or show how the batch stands."""
    if given["practice"]:
        from zhprobe.grading.practice import practise

        return practise(given["practice"], given["lang"])
    if word is None:
        raise UserError(
            "", "no batch was named", "`zhprobe grade BATCH FILE…`, or `zhprobe grade BATCH --page`."
        )
    from zhprobe.grading.batch import Batch

    batch = Batch(find_batch(word))
    if given["void"]:
        return _void(batch, given)
    if given["page"]:
        return _serve(batch, given)
    if not files:
        click.echo(plain_json(_progress(batch)) if given["as_json"] else progress_text(batch, given["lang"]))
        return 0
    from zhprobe.grading.sheet_read import summary, take_in, write_report

    worst = 0
    outcomes = []
    annotator = batch.annotator(given["annotator"]) if given["annotator"] else ""
    for path in files:
        outcome = take_in(
            batch,
            path,
            annotator=annotator,
            accept_edited=given["accept_edited"],
            accept_no_evidence=given["accept_no_evidence"],
            clear=given["clear"],
        )
        outcomes.append(outcome)
        if not given["as_json"]:
            click.echo(summary(outcome, given["lang"]))
        report = write_report(batch, outcome, given["report_to"], own_name=len(files) > 1)
        if report is not None:
            click.echo(report, err=True)
        worst = max(worst, outcome.exit_code)
    if given["as_json"]:
        click.echo(plain_json(outcomes))
    return worst


def _void(batch: Any, given: dict[str, Any]) -> int:
    from zhprobe.grading.adjudicate import void
    from zhprobe.grading.sheet import is_row_id

    word = given["void"]
    if not given["reason"]:
        raise UserError(str(batch.folder), "voiding grades needs a reason", "Give --reason.")
    row = word if is_row_id(word) else ""
    who = "" if row else batch.annotator(word)
    count = void(batch, reason=given["reason"], who="organiser", row_id=row, annotator=who)
    click.echo(f"{count} 行作废" if given["lang"] == "zh" else f"{count} grades voided")
    return 0


def _serve(batch: Any, given: dict[str, Any]) -> int:
    from zhprobe.grading.page import serve

    if not given["annotator"]:
        known = [f"{a.id}" + (f" ({a.name})" if a.name else "") for a in batch.people]
        raise UserError(
            str(batch.folder),
            "the page is for one annotator at a time",
            f"Give --annotator: {', '.join(known)}.",
        )
    serve(
        batch.folder,
        batch.annotator(given["annotator"]),
        port=given["port"],
        open_browser=not given["no_browser"],
    )
    return 0


def _progress(batch: Any) -> Any:
    from zhprobe.grading.calibration import progress

    return progress(batch)


def progress_text(batch: Any, lang: Lang) -> str:
    """Who has returned what."""
    from rich.cells import cell_len

    zh = lang == "zh"
    found = _progress(batch)
    names = {a.id: a.name for a in batch.people}
    lines = [f"{'批次' if zh else 'batch'} {found.batch}"]
    for one in found.annotators:
        who = f"{one.annotator}（{names[one.annotator]}）" if names.get(one.annotator) else one.annotator
        bar = "█" * round(20 * one.done / max(1, one.issued))
        pace = f"，中位 {one.median_seconds:g} 秒" if one.median_seconds and zh else ""
        if one.median_seconds and not zh:
            pace = f", median {one.median_seconds:g} s"
        last = f"  {one.last}" if one.last else ""
        lines.append(
            f"  {who}{' ' * max(1, 18 - cell_len(who))}{bar:<20} {one.done}/{one.issued}{pace}{last}"
        )
    if found.files:
        lines.append("  已交回的文件：" if zh else "  files returned:")
        lines += [f"    {who}  {name}  {at}" for who, name, at in found.files]
    lines.append(
        f"  判定不一 {found.differing} 处，已仲裁 {found.adjudicated}"
        if zh
        else f"  differing {found.differing}, adjudicated {found.adjudicated}"
    )
    if batch.info.calibration:
        lines.append("  校准轮：判定不计入结果" if zh else "  a calibration round: its grades do not count")
    if batch.ledger.torn:
        lines.append(
            f"  账本最后一行不完整（{batch.ledger.torn} 字节）" if zh else "  the ledger's last line is torn"
        )
    return "\n".join(lines)


def adjudicate_command(word: Path, file: Path | None, given: dict[str, Any]) -> int:
    """Write the adjudication sheet, import it, or write the discussion after a calibration."""
    from zhprobe.files import write_whole
    from zhprobe.grading.adjudicate import discussion, take_adjudication, write_adjudication
    from zhprobe.grading.batch import Batch
    from zhprobe.grading.sheet_read import summary

    batch = Batch(find_batch(word))
    zh = given["lang"] == "zh"
    if given["discussion"]:
        path = batch.folder / "discussion.md"
        write_whole(path, discussion(batch))
        click.echo(path)
        return 0
    if file is not None:
        outcome = take_adjudication(batch, file)
        click.echo(summary(outcome, given["lang"]))
        return outcome.exit_code
    paths, rows = write_adjudication(batch, given["out"] or batch.folder / "sheets")
    if not rows:
        click.echo("没有判定不一的评分项" if zh else "Nothing differs.")
    for path in paths:
        click.echo(path)
    if rows:
        click.echo(f"{rows} 行待仲裁" if zh else f"{rows} rows to decide", err=True)
    return 0


def agree_command(words: Sequence[Path], runs: Sequence[Path], lang: Lang, as_json: bool) -> int:
    """Agreement of people, quality of annotators, and of the judges of the runs."""
    from zhprobe.grading.batch import Batch
    from zhprobe.grading.calibration import annotator_figures, people_agreement
    from zhprobe.grading.validation import validate_judges

    folders = [find_batch(word) for word in words]
    batches = [Batch(folder) for folder in folders]
    beside = [
        folder.parent / name for folder, b in zip(folders, batches, strict=True) for name in b.info.runs
    ]
    used = list(runs) or [path for path in dict.fromkeys(beside) if (path / "run.json").is_file()]
    judges = validate_judges(used, [b.folder for b in batches if not b.info.calibration])
    if as_json:
        shown_json = {
            "people": {b.info.id: people_agreement(b) for b in batches},
            "annotators": {
                b.info.id: [annotator_figures(b, a) for a in b.ledger.state.annotators()] for b in batches
            },
            "judges": judges,
        }
        click.echo(plain_json(shown_json))
        return 0
    for batch in batches:
        click.echo(people_text(batch, lang))
    from zhprobe.grading.validation import describe

    for one in judges:
        click.echo(describe(one, lang))
    return 0


def choice_lines(folder: Path, lang: Lang) -> list[str]:
    """What people chose between whole answers."""
    from zhprobe.grading.calibration import shown
    from zhprobe.grading.pairwise import human_choices

    zh = lang == "zh"
    found = human_choices(folder)
    lines = []
    for p in found.pairs:
        n = p.wins_a + p.wins_b + p.ties
        lines.append(
            f"  {p.run_a} 对 {p.run_b}：胜 {p.wins_a}，平 {p.ties}，负 {p.wins_b}（n={n}，拿不准 {p.unsure}）；"
            f"先出现者胜 {shown(p.first_rate)}"
            if zh
            else f"  {p.run_a} against {p.run_b}: wins {p.wins_a}, ties {p.ties}, losses {p.wins_b} "
            f"(n={n}, unsure {p.unsure}); first shown wins {shown(p.first_rate)}"
        )
    label = "对平均模型的预期得分" if zh else "expected share against the average model"
    lines += [f"  {run}：{label} {shown(share)}" for run, share in found.shares.items()]
    return lines


def people_text(batch: Any, lang: Lang) -> str:
    """Agreement per criterion and pooled, then each annotator."""
    from zhprobe.grading.calibration import FLAG_TEXT, annotator_figures, people_agreement, shown
    from zhprobe.stats.agreement import AGREEMENT_NOTES

    zh = lang == "zh"
    place = 0 if zh else 1
    colon, comma, semicolon = ("：", "，", "；") if zh else (": ", ", ", "; ")
    lines = [f"{'批次' if zh else 'batch'} {batch.info.id}"]
    if batch.info.kind == "pairwise":
        lines += choice_lines(batch.folder, lang)
    for one in people_agreement(batch):
        a = one.agreement
        name = f"{one.probe} {one.criterion}".strip() or ("合计" if zh else "pooled")
        if a.note == "too_few":
            lines.append(f"  {name}{colon}n={a.units}{comma}{AGREEMENT_NOTES['too_few'][place]}")
            continue
        ac = "AC2" if one.levels else "AC1"
        lines.append(
            f"  {name}{colon}{'一致率' if zh else 'agreement'} {shown(a.percent)}"
            f"{semicolon}alpha {shown(a.alpha)}{semicolon}{ac} {shown(a.ac)}"
        )
        if a.note:
            lines.append(f"    {AGREEMENT_NOTES[a.note][place]}")
    for annotator in batch.ledger.state.annotators():
        f = annotator_figures(batch, annotator)
        parts = [
            ("金标" if zh else "gold", f.gold),
            ("与他人" if zh else "others", f.others),
            ("与自己" if zh else "itself", f.itself),
            ("判满足" if zh else "met", f.met),
            ("他人判满足" if zh else "met by others", f.met_others),
            ("拿不准" if zh else "unsure", f.unsure),
        ]
        lines.append(
            f"  {annotator}{colon}"
            + semicolon.join([f"{f.done}/{f.issued}", *(f"{n} {shown(e)}" for n, e in parts if e.n)])
        )
        lines += [f"    ⚑ {FLAG_TEXT[flag][place]}" for flag in f.flags]
    return "\n".join(lines)
