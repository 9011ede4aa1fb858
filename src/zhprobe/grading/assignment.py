"""Who grades what: blocks, doubles, gold and repeated rows, drawn by seed (human-grading contract, section 8).

The unit is a block: one item with the answers of all compared models. One person grades a whole block, so
that strictness cancels in differences between models.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Literal

import msgspec

from zhprobe.errors import UserError
from zhprobe.grading.automatic import is_empty
from zhprobe.grading.batch import (
    Annotator,
    Answer,
    Batch,
    BatchInfo,
    Row,
    people_answer,
    settled_verdicts,
    write_batch,
)
from zhprobe.grading.ledger import Issue, Sample, now, tool_version
from zhprobe.grading.sheet import free_row_id, row_changes, row_check
from zhprobe.records import Criterion, Item, Reply, Verdict
from zhprobe.runs import item_digest, read_info, read_items, read_replies

REPEAT_AFTER = 50  # rows between a row and its repetition
LEAST_GOLD = 5  # rows
LEAST_DRAWN = 10  # groups of a capability in a human sample
SECONDS = 35.0  # a row, until a batch has shown how long it takes
CALIBRATION = (15, 20)  # answers of a calibration round


class Block(msgspec.Struct, frozen=True):
    """One item with its answers. `rows` is how many rows one annotator gets from it."""

    id: str
    capability: str
    answers: tuple[str, ...]
    rows: int
    group: str = ""
    sample: Sample = "random"
    probability: float = 1.0


class Plan(msgspec.Struct, frozen=True):
    """Blocks by annotator, in the order of the draw."""

    blocks: dict[str, tuple[str, ...]]
    pairs: dict[tuple[str, str], int]  # how many double blocks each two share
    left: tuple[str, ...]  # blocks for which nobody had room
    doubled: tuple[str, ...]


def draw_sample(blocks: Sequence[Block], share: float, seed: int) -> list[Block]:
    """A random part of the blocks: whole groups, by capability, at least ten groups of each.

    >>> made = [Block(f"i{n}", "c", (), 1, group=f"g{n // 2}") for n in range(60)]
    >>> drawn = draw_sample(made, 0.5, seed=1)
    >>> len(drawn), drawn[0].probability
    (30, 0.5)
    """
    chosen: list[Block] = []
    for capability in sorted({b.capability for b in blocks}):
        inside = [b for b in blocks if b.capability == capability]
        groups = sorted({b.group or b.id for b in inside})
        wanted = min(len(groups), max(LEAST_DRAWN, round(share * len(groups))))
        picked = set(random.Random(f"{seed} sample {capability}").sample(groups, wanted))
        chance = wanted / len(groups)
        chosen += [
            msgspec.structs.replace(b, probability=chance) for b in inside if (b.group or b.id) in picked
        ]
    return chosen


def assign_blocks(
    blocks: Sequence[Block], annotators: Sequence[Annotator], *, double: float = 0.25, seed: int = 0
) -> Plan:
    """Give every block to one annotator, a share of them to two; pairs are used equally often."""
    chance = random.Random(f"{seed} assign")
    total = sum(b.rows for b in blocks) or 1
    names = sorted(a.id for a in annotators)
    room = {a.id: float(total if a.capacity is None else a.capacity) for a in annotators}
    load = dict.fromkeys(names, 0)
    takes = {a.id: frozenset(a.capabilities) for a in annotators}
    given: dict[str, list[str]] = {name: [] for name in names}
    pairs = dict.fromkeys(combinations(names, 2), 0)
    left: list[str] = []
    doubled: list[str] = []
    singles: list[Block] = []

    def able(name: str, block: Block) -> bool:
        fits = not takes[name] or block.capability in takes[name]
        return fits and room[name] - load[name] >= block.rows

    def give(name: str, block: Block) -> None:
        given[name].append(block.id)
        load[name] += block.rows

    for capability in sorted({b.capability for b in blocks}):
        inside = [b for b in blocks if b.capability == capability]
        chance.shuffle(inside)
        wanted = round(double * len(inside)) if len(names) > 1 else 0
        for number, block in enumerate(inside):
            open_pairs = [p for p in pairs if able(p[0], block) and able(p[1], block)]
            if number >= wanted or not open_pairs:
                singles.append(block)
                continue
            pair = min(open_pairs, key=lambda p: (pairs[p], load[p[0]] + load[p[1]], chance.random()))
            pairs[pair] += 1
            doubled.append(block.id)
            for name in pair:
                give(name, block)
    for block in singles:
        able_names = [name for name in names if able(name, block)]
        if not able_names:
            left.append(block.id)
            continue
        give(max(able_names, key=lambda name: (room[name] - load[name], chance.random())), block)
    return Plan({name: tuple(ids) for name, ids in given.items()}, pairs, tuple(left), tuple(doubled))


class Unit(msgspec.Struct, frozen=True):
    """One answer (or pair) in an annotator's queue; its criteria make the rows."""

    answer: str
    criteria: tuple[str, ...]
    block: str
    sample: Sample
    probability: float = 1.0
    gold: dict[str, str] = {}


def _spread(units: list[Unit], extra: Sequence[Unit], chance: random.Random) -> list[Unit]:
    """Put extra units among others at even distances, each somewhere in its own stretch."""
    if not extra:
        return units
    step = (len(units) + len(extra)) / len(extra)
    out = list(units)
    for number, unit in enumerate(extra):
        place = int(number * step + chance.random() * step)
        out.insert(min(place, len(out)), unit)
    return out


def _repeat(units: list[Unit], share: float, chance: random.Random) -> list[Unit]:
    """Some of an annotator's own answers once more, at least fifty rows later."""
    out = list(units)
    rows = sum(len(u.criteria) for u in units)
    wanted = round(share * rows)
    candidates = [u for u in units if u.sample in ("random", "targeted")]
    chance.shuffle(candidates)
    for unit in candidates:
        if wanted <= 0:
            break
        start = out.index(unit)
        between, earliest = 0, None
        for place in range(start + 1, len(out) + 1):
            if between >= REPEAT_AFTER:
                earliest = place
                break
            if place < len(out):
                between += len(out[place].criteria)
        if earliest is None:
            continue
        again = Unit(unit.answer, unit.criteria, unit.block, "repeat", unit.probability)
        out.insert(chance.randint(earliest, len(out)), again)
        wanted -= len(unit.criteria)
    return out


def queue_of(
    blocks: Sequence[Block],
    criteria: Mapping[str, Sequence[str]],
    gold: Sequence[Unit],
    *,
    annotator: str,
    seed: int,
    gold_share: float,
    repeat_share: float,
) -> list[Unit]:
    """An annotator's answers in the order they are shown: blocks whole and in random order."""
    chance = random.Random(f"{seed} queue {annotator}")
    order = list(blocks)
    chance.shuffle(order)
    units: list[Unit] = []
    for block in order:
        answers = list(block.answers)
        chance.shuffle(answers)
        units += [Unit(a, tuple(criteria[a]), block.id, block.sample, block.probability) for a in answers]
    rows = sum(len(u.criteria) for u in units)
    wanted = max(LEAST_GOLD, round(gold_share * rows)) if gold_share and rows else 0
    picked: list[Unit] = []
    for unit in chance.sample(list(gold), len(gold)):
        if wanted <= 0:
            break
        picked.append(unit)
        wanted -= len(unit.criteria)
    # whole blocks stay together: gold goes between answers, which the annotator cannot tell from others
    return _repeat(_spread(units, picked, chance), repeat_share, chance)


# --- from runs to a batch ---------------------------------------------------------------------


class Draft(msgspec.Struct):
    """What can be graded in a set of runs."""

    answers: dict[str, Answer]
    blocks: list[Block]
    gold: list[Unit]
    gold_answers: dict[str, Answer]
    empty: int = 0
    failed: int = 0
    items: int = 0


def to_grade(item: Item, kinds: Iterable[str]) -> tuple[Criterion, ...]:
    """Criteria of an item that people are to grade.

    >>> item = Item("p", "i", (), (Criterion("a", "甲"), Criterion("b", "乙", kind="check")))
    >>> [c.id for c in to_grade(item, ("judge", "human"))]
    ['a']
    """
    wanted = frozenset(kinds)
    return tuple(c for c in item.criteria if c.kind in wanted)


def run_names(folders: Sequence[Path]) -> list[str]:
    """A name for each run folder; folders of one name are told apart by their parent's.

    >>> run_names([Path("results/a"), Path("other/a")])
    ['results/a', 'other/a']
    """
    plain = [folder.resolve().name if folder.name in ("", ".", "..") else folder.name for folder in folders]
    return [
        name if plain.count(name) == 1 else f"{folder.parent.name}/{name}"
        for name, folder in zip(plain, folders, strict=True)
    ]


def read_answers(
    folders: Sequence[Path], info: BatchInfo, *, kinds: Iterable[str], capabilities: Sequence[str] = ()
) -> Draft:
    """Everything in these runs that people can grade, as blocks."""
    kinds = tuple(kinds)
    draft = Draft({}, [], [], {})
    members: dict[tuple[str, str], list[str]] = {}
    items: dict[tuple[str, str], tuple[Item, str]] = {}
    for name, folder in zip(run_names(folders), folders, strict=True):
        read_info(folder)
        selected = {s.item.key: s for s in read_items(folder)}
        for reply in read_replies(folder):
            one = selected.get(f"{reply.probe}/{reply.item}")
            if one is None or (capabilities and one.probe.capability not in capabilities):
                continue
            item = one.item
            criteria = to_grade(item, kinds)
            if not criteria:
                continue
            if reply.error is not None:
                draft.failed += 1
            elif is_empty(reply):
                draft.empty += 1
            else:
                made = people_answer(name, item, reply, criteria, info, one.probe.capability)
                draft.answers[made.id] = made
                key = (item.key, item_digest(item))
                members.setdefault(key, []).append(made.id)
                items.setdefault(key, (item, one.probe.capability))
    seen: set[str] = set()
    for (item_key, digest), ids in members.items():
        item, capability = items[item_key, digest]
        name = item_key if item_key not in seen else f"{item_key}@{digest}"
        seen.add(item_key)
        rows = sum(len(draft.answers[a].criteria) for a in ids)
        draft.blocks.append(Block(name, capability, tuple(ids), rows, item.group or item.key))
        _add_specimens(draft, item, capability, kinds, info)
    draft.items = len(draft.blocks)
    return draft


def _code(verdict: str | int, criterion: Criterion) -> str:
    if isinstance(verdict, int) and not isinstance(verdict, bool):
        return str(verdict)
    top = str(len(criterion.levels) - 1) if criterion.levels else "1"
    return {"met": top, "not_met": "0", "na": "NA"}.get(str(verdict), "")


def code_of(verdict: Verdict, criterion: Criterion) -> str:
    """The code a person would have put for a verdict.

    >>> code_of(Verdict("not_met", level=1), Criterion("a", "甲", levels=("无", "有", "好")))
    '1'
    """
    if verdict.level is not None and criterion.levels:
        return str(verdict.level)
    return "U" if verdict.outcome == "unsure" else _code(verdict.outcome, criterion)


def _add_specimens(draft: Draft, item: Item, capability: str, kinds: Sequence[str], info: BatchInfo) -> None:
    """Specimens whose verdicts on people's criteria are kept with the item become gold answers."""
    for number, specimen in enumerate(item.specimens, start=1):
        gold = {
            c.id: code
            for c in to_grade(item, kinds)
            if c.id in specimen.verdicts and (code := _code(specimen.verdicts[c.id], c))
        }
        if not gold or not specimen.answer.strip():
            continue
        name = f"specimen/{item.key}/{number}"
        reply = Reply(item.probe, item.id, "", text=specimen.answer)
        kept = [c for c in item.criteria if c.id in gold]
        made = people_answer("specimen", item, reply, kept, info, capability)
        draft.gold_answers[name] = msgspec.structs.replace(made, id=name, reply="", source=specimen.origin)
        draft.gold.append(Unit(name, tuple(gold), "", "gold", gold=gold))


def add_gold(draft: Draft, folder: Path) -> int:
    """Answers of an earlier batch on which people agree, or that were adjudicated, as gold; gives how many."""
    batch = Batch(folder)
    by_answer: dict[str, dict[str, str]] = {}
    for one in settled_verdicts(folder):
        answer = batch.answers.get(f"{one.run}/{one.reply}")
        if answer is not None and one.how in ("agreed", "adjudicated"):
            by_answer.setdefault(answer.id, {})[one.criterion] = code_of(
                one.verdict, answer.criterion(one.criterion)
            )
    for answer_id, gold in by_answer.items():
        answer = batch.answers[answer_id]
        name = f"{batch.info.id}/{answer_id}"
        kept = tuple(c for c in answer.criteria if c.id in gold)
        draft.gold_answers[name] = msgspec.structs.replace(
            answer, id=name, criteria=kept, source=batch.info.id, run="", reply=""
        )
        draft.gold.append(Unit(name, tuple(gold), "", "gold", gold=gold))
    return len(by_answer)


def pair_up(draft: Draft) -> tuple[dict[str, tuple[str, str]], list[Block]]:
    """Blocks of pairs: every two answers of an item by different models."""
    pairs: dict[str, tuple[str, str]] = {}
    blocks = []
    for block in draft.blocks:
        found = []
        for one, two in combinations(sorted(block.answers), 2):
            a, b = draft.answers[one], draft.answers[two]
            if a.run != b.run and a.reply == b.reply:
                found.append(f"{one}~{two}")
                pairs[found[-1]] = (one, two)
        if found:
            blocks.append(msgspec.structs.replace(block, answers=tuple(found), rows=len(found)))
    return pairs, blocks


class Started(msgspec.Struct):
    """A batch as planned. `folder` is None after a dry run."""

    info: BatchInfo
    plan: Plan
    rows: dict[str, int]
    gold: dict[str, int]
    repeats: dict[str, int]
    draft: Draft
    folder: Path | None = None
    seconds: float = SECONDS


def _issues(
    queue: Sequence[Unit],
    annotator: str,
    info: BatchInfo,
    taken: set[str],
    orders: Iterator[str],
) -> list[Issue]:
    issues: list[Issue] = []
    first: dict[tuple[str, str], str] = {}
    for unit in queue:
        for name in unit.criteria:
            shown = f"{unit.answer}#repeat" if unit.sample == "repeat" else unit.answer
            row, salt = free_row_id(taken, info.id, annotator, shown, name)
            taken.add(row)
            again = first.get((unit.answer, name), "") if unit.sample == "repeat" else ""
            first.setdefault((unit.answer, name), row)
            issues.append(
                Issue(
                    batch=info.id,
                    annotator=annotator,
                    row_id=row,
                    answer=unit.answer,
                    criterion=name,
                    version=0,
                    position=len(issues) + 1,
                    chk="",
                    sample=unit.sample,
                    probability=unit.probability,
                    block=unit.block,
                    order=next(orders) if info.kind == "pairwise" else "",
                    gold=unit.gold.get(name, ""),
                    repeat_of=again,
                    salt=salt,
                )
            )
    return issues


def _orders(seed: int) -> Iterator[str]:
    """ab and ba in random twos, so that both come equally often."""
    chance = random.Random(f"{seed} order")
    while True:
        two = ["ab", "ba"]
        chance.shuffle(two)
        yield from two


def start_batch(
    folders: Sequence[Path],
    folder: Path,
    annotators: Sequence[Annotator],
    *,
    kind: Literal["pointwise", "pairwise"] = "pointwise",
    calibration: int = 0,
    share: float = 1.0,
    double: float = 0.25,
    gold: float = 0.05,
    gold_from: Path | None = None,
    repeat: float = 0.03,
    seed: int = 0,
    kinds: Sequence[str] = ("judge", "human"),
    capabilities: Sequence[str] = (),
    references: bool = True,
    evidence: Literal["asked", "all"] = "asked",
    signatures: Sequence[str] = (),
    targeted: Sequence[str] = (),
    lang: Literal["zh", "en"] = "zh",
    contact: str = "",
    dry_run: bool = False,
) -> Started:
    """Draw, assign and issue a batch over one or more runs; `dry_run` only says what it would be.

    `calibration` gives the same that many answers to everybody. `targeted` names answers (run/reply id)
    to add by hand: they are marked apart and enter no estimate.
    """
    info = BatchInfo(
        id=folder.name,
        kind=kind,
        calibration=bool(calibration),
        runs=tuple(run_names(folders)),
        annotators=tuple(a.id for a in annotators),
        seed=seed,
        double=1.0 if calibration else double,
        gold=0.0 if calibration or kind == "pairwise" else gold,
        repeat=0.0 if calibration else repeat,
        references=references,
        evidence=evidence,
        signatures=tuple(signatures),
        lang=lang,
        contact=contact,
        tool=tool_version(),
        created=now(),
    )
    draft = read_answers(folders, info, kinds=kinds, capabilities=capabilities)
    if not draft.blocks:
        raise UserError(
            ", ".join(map(str, folders)),
            "there is nothing for people to grade",
            "People grade criteria of kind judge and human; these runs have none with an answer.",
        )
    if gold_from is not None:
        add_gold(draft, gold_from)
    pairs: dict[str, tuple[str, str]] = {}
    blocks = draft.blocks
    if kind == "pairwise":
        pairs, blocks = pair_up(draft)
        if not blocks:
            raise UserError(", ".join(info.runs), "no item has answers of two runs", "Give two runs or more.")
    criteria = {a.id: [c.id for c in a.criteria] for a in draft.answers.values()} | {
        p: ["pair"] for p in pairs
    }
    if calibration:
        blocks = _calibration_blocks(blocks, calibration, criteria, seed)
        plan = Plan(
            {a.id: tuple(b.id for b in blocks) for a in annotators}, {}, (), tuple(b.id for b in blocks)
        )
    else:
        drawn = draw_sample(blocks, share, seed) if share < 1 else blocks
        blocks = [*drawn, *_targeted_blocks(draft, drawn, targeted)]
        plan = assign_blocks(blocks, _with_room(annotators, info, bool(draft.gold)), double=double, seed=seed)
    by_id = {b.id: b for b in blocks}
    taken: set[str] = set()
    issues: dict[str, list[Issue]] = {}
    orders = _orders(seed)
    for annotator in sorted(plan.blocks):
        queue = queue_of(
            [by_id[name] for name in plan.blocks[annotator]],
            criteria,
            draft.gold,
            annotator=annotator,
            seed=seed,
            gold_share=info.gold,
            repeat_share=info.repeat,
        )
        issues[annotator] = _issues(queue, annotator, info, taken, orders)
    started = Started(
        info,
        plan,
        {a: len(rows) for a, rows in issues.items()},
        {a: sum(i.sample == "gold" for i in rows) for a, rows in issues.items()},
        {a: sum(i.sample == "repeat" for i in rows) for a, rows in issues.items()},
        draft,
    )
    if dry_run:
        return started
    _write(folder, started, annotators, issues, draft)
    return started


def _with_room(annotators: Sequence[Annotator], info: BatchInfo, gold: bool) -> list[Annotator]:
    """Capacities less what gold and repeated rows will take."""
    found = []
    for one in annotators:
        if one.capacity is not None:
            extra = round(info.repeat * one.capacity)
            if gold and info.gold:
                extra += max(LEAST_GOLD, round(info.gold * one.capacity))
            one = msgspec.structs.replace(one, capacity=max(0, one.capacity - extra))
        found.append(one)
    return found


def _calibration_blocks(
    blocks: Sequence[Block], answers: int, criteria: Mapping[str, Sequence[str]], seed: int
) -> list[Block]:
    """The same answers for everybody, one of a block, spread over the capabilities."""
    chance = random.Random(f"{seed} calibration")
    queues = []
    for capability in sorted({b.capability for b in blocks}):
        inside = [b for b in blocks if b.capability == capability]
        chance.shuffle(inside)
        queues.append(inside)
    chosen: list[Block] = []
    while len(chosen) < answers and any(queues):
        for queue in queues:
            if queue and len(chosen) < answers:
                block = queue.pop()
                name = chance.choice(block.answers)
                chosen.append(
                    msgspec.structs.replace(block, answers=(name,), rows=len(criteria[name]), probability=0.0)
                )
    return chosen


def _targeted_blocks(draft: Draft, drawn: Sequence[Block], targeted: Sequence[str]) -> list[Block]:
    held = {name for block in drawn for name in block.answers}
    found = []
    for name in dict.fromkeys(targeted):
        answer = draft.answers.get(name)
        if answer is not None and name not in held:
            rows = len(answer.criteria)
            found.append(
                Block(f"targeted {name}", answer.capability, (name,), rows, answer.group, "targeted", 0.0)
            )
    return found


def _write(
    folder: Path,
    started: Started,
    annotators: Sequence[Annotator],
    issues: Mapping[str, Sequence[Issue]],
    draft: Draft,
) -> None:
    used = {i.answer for rows in issues.values() for i in rows}
    used |= {part for name in used if "~" in name for part in name.split("~")}
    answers = [a for a in (*draft.answers.values(), *draft.gold_answers.values()) if a.id in used]
    strata: dict[str, dict[str, int]] = {}
    assigned = {name for names in started.plan.blocks.values() for name in names}
    for block in draft.blocks:
        stratum = strata.setdefault(block.capability, {"items": 0, "drawn": 0})
        stratum["items"] += 1
        stratum["drawn"] += block.id in assigned
    counts = {
        "items": draft.items,
        "answers": len(answers),
        "rows": sum(started.rows.values()),
        "doubled": len(started.plan.doubled),
        "empty": draft.empty,
        "failed": draft.failed,
        "left": len(started.plan.left),
    }
    info = msgspec.structs.replace(started.info, counts=counts, strata=strata)
    write_batch(folder, info, answers, annotators)
    batch = Batch(folder)
    events: list[Issue] = []
    for rows in issues.values():
        for issue in rows:
            version = 1
            if issue.criterion != "pair":
                version = batch.answers[issue.answer].criterion(issue.criterion).version
            full = msgspec.structs.replace(issue, version=version)
            row: Row = batch.row(full)
            events.append(msgspec.structs.replace(full, chk=row_check(row), changes=row_changes(row)))
    batch.ledger.append(*events)
    started.info = info
    started.folder = folder


def half_width(doubled: int, agreement: float = 0.8, chance: float = 0.5) -> float | None:
    """Expected half width of a chance-corrected agreement at that many doubly graded items.

    >>> [round(half_width(n), 2) for n in (50, 100, 200)]
    [0.22, 0.16, 0.11]
    """
    if doubled < 1:
        return None
    return 1.96 * math.sqrt(agreement * (1 - agreement)) / ((1 - chance) * math.sqrt(doubled))


def describe(started: Started, people: Sequence[Annotator], lang: str = "zh") -> str:
    """What an organiser reads before the sheets go out."""
    zh = lang == "zh"
    draft, plan = started.draft, started.plan
    names = {a.id: a.name for a in people}
    lines = [
        (
            f"批次 {started.info.id}：{draft.items} 题，{len(draft.answers)} 个回答，共 {sum(started.rows.values())} 行"
            if zh
            else f"Batch {started.info.id}: {draft.items} items, {len(draft.answers)} answers, {sum(started.rows.values())} rows"
        )
    ]
    if draft.empty or draft.failed:
        lines.append(
            f"  未列入：空回答 {draft.empty}（按规则判），出错 {draft.failed}"
            if zh
            else f"  left out: {draft.empty} empty (decided by rule), {draft.failed} failed"
        )
    for name in sorted(started.rows):
        rows = started.rows[name]
        hours = rows * started.seconds / 3600
        who = f"{name}（{names[name]}）" if names.get(name) else name
        blocks = len(plan.blocks[name])
        lines.append(
            f"  {who}：{rows} 行，{blocks} 题，其中金标 {started.gold[name]}、重复 {started.repeats[name]}；"
            f"按每行 {started.seconds:g} 秒约 {hours:.1f} 小时"
            if zh
            else f"  {who}: {rows} rows, {blocks} items, of these {started.gold[name]} gold and "
            f"{started.repeats[name]} repeated; about {hours:.1f} h at {started.seconds:g} s a row"
        )
    if plan.pairs:
        lines.append("  " + ("两人同评的题数：" if zh else "items graded by two: "))
        lines.append("    " + "，".join(f"{a}+{b} {count}" for (a, b), count in plan.pairs.items()))
    width = half_width(len(plan.doubled))
    if width is not None:
        lines.append(
            f"  两人同评共 {len(plan.doubled)} 题：一致性（0.8 对机遇 0.5）预期半宽 ±{width:.2f}"
            if zh
            else f"  {len(plan.doubled)} items graded twice: expected half width of agreement (0.8 against chance 0.5) ±{width:.2f}"
        )
    if not draft.gold and started.info.gold:
        lines.append(
            "  没有金标回答可用（题目没有带判定的样例）"
            if zh
            else "  no gold answers: no specimen has verdicts here"
        )
    if plan.left:
        lines.append(
            f"  没有人有余量的题：{len(plan.left)}（加人，或提高 capacity）"
            if zh
            else f"  items that nobody has room for: {len(plan.left)} (add people or capacity)"
        )
    return "\n".join(lines)
