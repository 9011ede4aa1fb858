"""A batch folder: one round of grading by people over one or more runs.

batch.json         what is compared, who grades, how it was drawn
answers.jsonl      the answers and their criteria, as they are shown; models are named here and nowhere else
grades.jsonl       the ledger
annotators.toml    who the annotators are: names stay in this file, everything else uses their ids
sheets/            what is handed out
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec

from zhprobe.errors import UserError, did_you_mean
from zhprobe.files import encode, read_json, read_jsonl, toml_value, write_whole
from zhprobe.grading.automatic import answer_hash
from zhprobe.grading.ledger import Issue, Ledger, Mark, verdict_of
from zhprobe.grading.rubric import evidence_rule, rubric_hash
from zhprobe.records import Criterion, Grade, Item, Reply, Verdict

BATCH, ANSWERS, PEOPLE = "batch.json", "answers.jsonl", "annotators.toml"


class Annotator(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One person who grades. `id` is the pseudonym that sheets, ledger and reports carry."""

    id: str
    name: str = ""
    capacity: int | None = None  # rows; None: as many as there are
    capabilities: tuple[str, ...] = ()  # empty: all
    region: str = ""
    age_band: str = ""
    profession: str = ""
    note: str = ""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reply as people see it. `id` is run and reply id; `model` is never shown."""

    id: str
    prompt: str  # with the reference below it where the batch shows references
    text: str
    criteria: tuple[Criterion, ...]  # those that people grade
    run: str = ""
    reply: str = ""  # Reply.id inside the run
    model: str = ""
    item: str = ""  # Item.key
    capability: str = ""
    group: str = ""
    rubric: str = ""  # hash of the whole rubric
    digest: str = ""  # of what was graded, as checks and judges record it
    source: str = ""  # gold: where the agreed verdicts come from

    @property
    def probe(self) -> str:
        """The probe of the item.

        >>> Answer("r/x", "", "", (), item="poetry/quatrain-five/autumn").probe
        'poetry/quatrain-five'
        """
        return self.item.rpartition("/")[0]

    def criterion(self, name: str) -> Criterion:
        """The criterion of that id."""
        for one in self.criteria:
            if one.id == name:
                return one
        raise UserError(self.id, f"this answer has no criterion '{name}'")


class BatchInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """batch.json."""

    id: str
    kind: Literal["pointwise", "pairwise"] = "pointwise"
    calibration: bool = False
    runs: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    seed: int = 0
    double: float = 0.25
    gold: float = 0.05
    repeat: float = 0.03
    references: bool = True
    evidence: Literal["asked", "all"] = "asked"  # whom people must quote for; see `people_rule`
    signatures: tuple[str, ...] = ()  # words in answers that would give a model away; hidden in the answers
    lang: Literal["zh", "en"] = "zh"
    contact: str = ""
    tool: str = ""
    created: str = ""
    counts: dict[str, int] = {}
    strata: dict[str, dict[str, int]] = {}  # capability: items there were, items drawn


class Row(msgspec.Struct, frozen=True):
    """One issued row with the texts it shows."""

    issue: Issue
    prompt: str
    answer: str
    criterion_text: str
    codes: tuple[str, ...]
    evidence: Literal["required", "optional", "none"]
    answer_b: str = ""
    criterion: Criterion | None = None  # None for a pair

    @property
    def row_id(self) -> str:
        """The row's id."""
        return self.issue.row_id

    @property
    def paired(self) -> bool:
        """Whether two answers are compared."""
        return self.criterion is None


def codes_of(criterion: Criterion) -> tuple[str, ...]:
    """What may be put for a criterion.

    >>> codes_of(Criterion("a", "甲")), codes_of(Criterion("a", "甲", levels=("无", "有", "好"), na_allowed=True))
    (('1', '0', 'U'), ('0', '1', '2', 'NA', 'U'))
    """
    first = tuple(str(n) for n in range(len(criterion.levels))) if criterion.levels else ("1", "0")
    return (*first, *(("NA",) if criterion.na_allowed else ()), "U")


PAIR_CODES = ("A", "B", "T", "U")


def people_rule(criterion: Criterion, evidence: str) -> Literal["required", "optional", "none"]:
    """Whether a person must quote the answer.

    A judge has to for everything that earns points, since nobody else can see whether it read the text. Of
    people that is asked where the criterion itself says so ("asked"), or like of a judge ("all").

    >>> people_rule(Criterion("a", "甲"), "asked"), people_rule(Criterion("a", "甲"), "all")
    ('optional', 'required')
    """
    return evidence_rule(criterion) if evidence == "all" else criterion.evidence or "optional"


def criterion_text(criterion: Criterion, lang: str = "zh", *, quote: bool = False) -> str:
    """What a person sees of a criterion: text, anchors, examples; a fault says that it is one.

    `quote`: evidence is needed, and the text says so.
    """
    zh = lang == "zh"
    lines = [criterion.text]
    if criterion.points < 0:
        lines.append("（这是缺点：有则填 1，没有填 0）" if zh else "(a fault: 1 if it is there, 0 if not)")
    if quote and not criterion.levels:
        lines.append("（填 1 时须有依据）" if zh else "(1 needs evidence)")
    elif quote:
        lines.append("（不填 0 时须有依据）" if zh else "(all but 0 need evidence)")
    lines += [
        f"{n}：{anchor}" if zh else f"{n}: {anchor}" for n, anchor in enumerate(criterion.levels) if anchor
    ]
    if criterion.met_example:
        lines.append(("满足的例子：" if zh else "Met, for example: ") + criterion.met_example)
    if criterion.not_met_example:
        lines.append(("不满足的例子：" if zh else "Not met, for example: ") + criterion.not_met_example)
    return "\n".join(lines)


def shown_prompt(item: Item, references: bool = True, lang: str = "zh") -> str:
    """The whole conversation before the answer, and the reference below it."""
    turns = [m for m in (*item.messages, *item.turns) if m.get("content")]
    if all(m.get("role") == "user" for m in turns):
        text = "\n\n".join(str(m["content"]) for m in turns)
    else:
        names = {"system": "系统", "user": "用户", "assistant": "助手", "tool": "工具结果"}
        text = "\n\n".join(f"【{names.get(str(m.get('role')), m.get('role'))}】{m['content']}" for m in turns)
    if references and item.reference:
        text += ("\n\n【参考资料】\n" if lang == "zh" else "\n\n[Reference]\n") + item.reference
    return text


def hide(text: str, signatures: Sequence[str]) -> str:
    """Words that would give a model away, blotted out.

    >>> hide("我是 Qwen，由阿里云开发", ["qwen", "阿里云"])
    '我是 ▇▇▇，由▇▇▇开发'
    """
    words = [re.escape(word) for word in sorted(signatures, key=len, reverse=True) if word]
    return re.sub("|".join(words), "▇▇▇", text, flags=re.IGNORECASE) if words else text


def people_answer(
    run: str, item: Item, reply: Reply, criteria: Iterable[Criterion], info: BatchInfo, capability: str
) -> Answer:
    """A reply as it is handed to people."""
    return Answer(
        id=f"{run}/{reply.id}",
        prompt=shown_prompt(item, info.references, info.lang),
        text=hide(reply.text, info.signatures),
        criteria=tuple(criteria),
        run=run,
        reply=reply.id,
        model=reply.model,
        item=item.key,
        capability=capability,
        group=item.group or item.key,
        rubric=rubric_hash(item.criteria),
        digest=answer_hash(reply),
    )


class Batch:
    """A batch folder, read."""

    def __init__(self, folder: Path) -> None:
        if not (folder / BATCH).is_file():
            what = (
                "this folder holds no batch (no batch.json)" if folder.is_dir() else "there is no such folder"
            )
            raise UserError(str(folder), what, "`zhprobe assign` starts a batch.")
        self.folder = folder
        self.info = read_json(folder / BATCH, BatchInfo)
        self.ledger = Ledger(folder)

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """Answers by id."""
        return {a.id: a for a in read_jsonl(self.folder / ANSWERS, Answer)}

    @cached_property
    def people(self) -> tuple[Annotator, ...]:
        """Who grades, from annotators.toml, else only ids."""
        path = self.folder / PEOPLE
        return (
            read_annotators(path) if path.is_file() else tuple(Annotator(id=a) for a in self.info.annotators)
        )

    def annotator(self, word: str) -> str:
        """The id of an annotator who is called by id or by name."""
        for one in self.people:
            if word in (one.id, one.name):
                return one.id
        if word in self.ledger.state.annotators():
            return word
        known = [*(a.id for a in self.people), *(a.name for a in self.people if a.name)]
        fix = did_you_mean(word, known) or f"This batch knows: {', '.join(known)}."
        raise UserError(str(self.folder), f"there is no annotator '{word}'", fix)

    def row(self, issue: Issue) -> Row:
        """An issued row with its texts."""
        if issue.criterion == "pair":
            one, two = (self.answers[name] for name in issue.answer.split("~"))
            if issue.order == "ba":
                one, two = two, one
            return Row(issue, one.prompt, one.text, "", PAIR_CODES, "optional", two.text)
        answer = self.answers[issue.answer]
        criterion = answer.criterion(issue.criterion)
        rule = people_rule(criterion, self.info.evidence)
        shown = criterion_text(criterion, self.info.lang, quote=rule == "required")
        return Row(issue, answer.prompt, answer.text, shown, codes_of(criterion), rule, criterion=criterion)

    def rows_of(self, annotator: str) -> list[Row]:
        """An annotator's rows, in the order of the sheet."""
        return [self.row(issue) for issue in self.ledger.state.rows_of(annotator)]

    def grades(self, run: str = "", *, calibration: bool = False) -> list[Grade]:
        """Verdicts of people, one a row, on ordinary rows; `human_grades` says what they carry."""
        if self.info.calibration and not calibration:
            return []
        state = self.ledger.state
        found = []
        for row_id, mark in state.marks.items():
            issue = state.issued.get(row_id)
            if (
                issue is None
                or issue.sample in ("gold", "repeat", "adjudication")
                or issue.criterion == "pair"
            ):
                continue
            answer = self.answers[issue.answer]
            if run and answer.run != run:
                continue
            found.append(self._grade(answer, issue, mark, state.times.get(row_id, "")))
        return found

    def _grade(self, answer: Answer, issue: Issue, mark: Mark, at: str) -> Grade:
        levels = len(answer.criterion(issue.criterion).levels)
        extra: dict[str, Any] = {
            "batch": self.info.id,
            "run": answer.run,
            "sample": issue.sample,
            "probability": issue.probability,
            "row_id": issue.row_id,
        }
        return Grade(
            reply=answer.reply,
            criterion=issue.criterion,
            version=issue.version,
            grader=f"human:{issue.annotator}",
            verdict=verdict_of(mark, levels),
            rubric=answer.rubric,
            answer=answer.digest,
            time=at,
            flags=mark.flags,
            extra=extra,
        )


def write_batch(
    folder: Path, info: BatchInfo, answers: Iterable[Answer], people: Sequence[Annotator]
) -> None:
    """Make a batch folder; the ledger is begun by whoever issues rows."""
    if (folder / BATCH).exists():
        raise UserError(str(folder), "this folder already holds a batch", "Choose another name.")
    write_whole(folder / ANSWERS, b"".join(encode(answer) + b"\n" for answer in answers))
    if any(a.name for a in people):
        write_whole(folder / PEOPLE, annotators_toml(people))
    write_whole(folder / BATCH, msgspec.json.format(encode(info), indent=1) + b"\n")


class _People(msgspec.Struct, forbid_unknown_fields=True):
    annotator: list[dict[str, Any]] = []


def read_annotators(path: Path) -> tuple[Annotator, ...]:
    """annotators.toml; whoever has no id gets a01, a02, …"""
    try:
        table = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), _People)
    except FileNotFoundError:
        raise UserError(str(path), "there is no such file", "Write one: [[annotator]] name = …") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise UserError(
            str(path), f"this file cannot be read: {error}", "It holds [[annotator]] tables."
        ) from error
    return name_annotators(table.annotator, str(path))


def name_annotators(entries: Sequence[dict[str, Any]], where: str) -> tuple[Annotator, ...]:
    """Annotators with ids, checked."""
    taken = {str(entry["id"]) for entry in entries if entry.get("id")}
    free = (f"a{n:02d}" for n in range(1, 1000) if f"a{n:02d}" not in taken)
    found: list[Annotator] = []
    for number, entry in enumerate(entries, start=1):
        named = {**entry, "id": entry.get("id") or next(free)}
        try:
            one = msgspec.convert(named, Annotator)
        except msgspec.ValidationError as error:
            fix = f"An annotator may have: {', '.join(Annotator.__struct_fields__)}."
            raise UserError(f"{where}, annotator {number}", str(error), fix) from None
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,15}", one.id):
            raise UserError(
                f"{where}, annotator {number}",
                f"id '{one.id}' is not 1–16 of a-z, 0-9, - and _",
                "Give a short pseudonym, a01 for example, and put the name in name = …",
            )
        if one.id in {other.id for other in found}:
            raise UserError(
                f"{where}, annotator {number}", f"id '{one.id}' stands twice", "Give each their own."
            )
        found.append(one)
    if not found:
        raise UserError(where, "no annotators", "Name at least one.")
    return tuple(found)


def annotators_toml(people: Sequence[Annotator]) -> str:
    """annotators.toml from annotators.

    >>> print(annotators_toml([Annotator("a01", "李明", 40)]))
    # Names stay in this file; sheets, ledger and reports carry only the ids.
    <BLANKLINE>
    [[annotator]]
    id = "a01"
    name = "李明"
    capacity = 40
    <BLANKLINE>
    """
    lines = ["# Names stay in this file; sheets, ledger and reports carry only the ids.", ""]
    for one in people:
        lines.append("[[annotator]]")
        for field in Annotator.__struct_fields__:
            value = getattr(one, field)
            if value in (None, "", ()):
                continue
            lines.append(f"{field} = {toml_value(value)}")
        lines.append("")
    return "\n".join(lines)


def human_grades(folder: Path, run: str = "") -> list[Grade]:
    """All verdicts that people gave in a batch, one Grade for each annotator, answer and criterion.

    `run` keeps one run's (by folder name). `Grade.reply` is the reply's id inside its run; `grader` is
    human:<pseudonym>; `extra` holds batch, run, row_id, sample (random or targeted) and the probability
    with which the row was drawn. Gold, repeated and calibration rows are not among them.
    """
    return Batch(folder).grades(run)


class Settled(msgspec.Struct, frozen=True, omit_defaults=True):
    """The one verdict of people on a criterion of an answer, and how it came about."""

    run: str
    reply: str
    criterion: str
    version: int
    verdict: Verdict
    how: Literal["single", "agreed", "majority", "split", "adjudicated"]
    graders: tuple[str, ...]
    sample: str = "random"
    probability: float = 1.0
    reason: str = ""  # category of an adjudication


def _key(verdict: Verdict) -> tuple[str, int | None]:
    return verdict.outcome, verdict.level


def settled_verdicts(folder: Path, run: str = "") -> list[Settled]:
    """One verdict for each answer and criterion that people graded.

    What was adjudicated counts as decided; else the majority; two against each other, or no majority, is
    unsure with both shown in `graders`.
    """
    batch = Batch(folder)
    by_place: dict[tuple[str, str], list[Grade]] = {}
    for grade in batch.grades(run):
        by_place.setdefault((f"{grade.extra['run']}/{grade.reply}", grade.criterion), []).append(grade)
    found = []
    for (answer_id, name), grades in by_place.items():
        answer = batch.answers[answer_id]
        graders = tuple(g.grader for g in grades)
        first = grades[0]
        decided = batch.ledger.state.adjudicated.get((answer_id, name))
        counts: dict[tuple[str, int | None], int] = {}
        for grade in grades:
            counts[_key(grade.verdict)] = counts.get(_key(grade.verdict), 0) + 1
        best = max(counts.values())
        how: Literal["single", "agreed", "majority", "split", "adjudicated"]
        reason = ""
        if decided is not None:
            how, reason = "adjudicated", decided.reason
            levels = len(answer.criterion(name).levels)
            verdict = verdict_of(Mark(decided.verdict, decided.evidence, decided.note), levels)
        elif len(counts) == 1:
            how, verdict = ("single" if len(grades) == 1 else "agreed"), first.verdict
        elif best * 2 > len(grades):
            top = max(counts, key=lambda k: counts[k])
            how, verdict = "majority", next(g.verdict for g in grades if _key(g.verdict) == top)
        else:
            how, verdict = (
                "split",
                Verdict("unsure", "评分人意见不一，尚未仲裁", "annotators differ", codes=("split",)),
            )
        sample = "targeted" if any(g.extra["sample"] == "targeted" for g in grades) else first.extra["sample"]
        found.append(
            Settled(
                answer.run,
                first.reply,
                name,
                first.version,
                verdict,
                how,
                graders,
                sample,
                first.extra["probability"],
                reason,
            )
        )
    return found
