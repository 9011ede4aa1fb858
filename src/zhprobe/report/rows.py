"""A run folder as numbers: a score for every answer and every item, without keeping a single text.

Verdicts and replies are streamed. What stays in memory is two bytes a verdict and a few numbers a reply,
so that a run of a million replies is summarised on a laptop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from zhprobe.files import encode, read_jsonl
from zhprobe.grading.automatic import answer_hash
from zhprobe.grading.score import AnswerScore, score_reply, value_of
from zhprobe.records import Criterion, Grade, Outcome, Reply, Verdict
from zhprobe.runs import VERDICTS, ProbeNote, RunInfo, read_info, read_items, read_replies
from zhprobe.stats.conclusions import LIST_ONLY
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import stratified

Source = Literal["check", "judge", "people"]
Basis = Literal["decided", "checks", "judge", "people", "corrected"]
ADJUDICATED = "human:adjudicated"  # what an adjudicator decided; stands above what was said before
PANEL = "judge:panel-"  # grader of the verdicts that several judges came to together
BASIS_NAMES: dict[str, tuple[str, str]] = {
    "decided": ("程序可判部分", "part decided by program"),
    "checks": ("程序", "checks"),
    "judge": ("程序与裁判", "checks and judge"),
    "people": ("程序与人工", "checks and people"),
    "corrected": ("程序、裁判，以人工校正", "checks and judge, corrected by people"),
}


class ItemMark(msgspec.Struct, frozen=True):
    """What is known of an item without its texts. `place` is its line in probes.jsonl."""

    key: str
    probe: str
    item: str
    capability: str
    row: str
    group: str  # unique in the suite
    role: str
    digest: str
    rubric: int  # which list of criteria
    difficulty: int | None
    generated: bool
    control: str  # key of the paired control
    control_kind: str
    respelling: str  # key of the item this one respells
    tags: tuple[str, ...]
    place: int
    native_checked: bool
    reviewed: bool
    translation: bool  # has a source and reference translations


class ItemScore(msgspec.Struct, frozen=True):
    """One item's score under one basis: the mean over its scored replies, with bounds for unsure verdicts."""

    score: float
    low: float
    high: float
    replies: int


class ReplyNumbers(msgspec.Struct):
    """What is kept of a reply: no text, only how long it was and what it took."""

    sample: int
    answer: str
    length: int
    flags: tuple[str, ...]
    error: str
    latency: float | None
    first_token: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost: float | None


class _Ruling(msgspec.Struct):
    """The part of a verdict that moves a score."""

    outcome: Outcome
    level: int | None = None
    share: tuple[int, int] | None = None


class _Line(msgspec.Struct):
    """The part of a grade that moves a score."""

    reply: str
    criterion: str
    grader: str
    verdict: _Ruling
    version: int = 1
    answer: str = ""
    flags: tuple[str, ...] = ()
    extra: dict[str, Any] = {}


def source_of(grader: str) -> Source:
    """Who speaks: a check, a judge, or a person.

    >>> source_of("check:verse_shape"), source_of("judge:1f2e"), source_of("human:a01")
    ('check', 'judge', 'people')
    """
    kind = grader.partition(":")[0]
    return "people" if kind == "human" else "judge" if kind == "judge" else "check"


def split_reply(name: str) -> tuple[str, int]:
    """Item key and sample of a reply id.

    >>> split_reply("poetry/quatrain/autumn#2")
    ('poetry/quatrain/autumn', 2)
    """
    key, _, sample = name.rpartition("#")
    return key, int(sample)


def majority(rulings: Sequence[Verdict]) -> Verdict:
    """One verdict of several graders: what most of those who decided say; unsure when they are even.

    >>> majority([Verdict("met"), Verdict("met"), Verdict("not_met")]).outcome
    'met'
    >>> majority([Verdict("met"), Verdict("not_met")]).outcome
    'unsure'
    """
    if len(rulings) == 1:
        return rulings[0]
    said = Counter((v.outcome, v.level, v.share) for v in rulings if v.outcome != "unsure")
    ranked = said.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]) or ranked[0][1] * 2 <= len(rulings):
        return Verdict("unsure")
    outcome, level, share = ranked[0][0]
    return Verdict(outcome, level=level, share=share)


class RunNumbers:
    """Everything a report computes with, of one run.

    `rulings[source]` maps (reply slot, criterion place) to the code of a verdict; `people` and `judges`
    keep each grader's own for agreement.
    """

    def __init__(self, folder: Path, people: Iterable[Grade] = ()) -> None:
        self.folder = folder
        self.info: RunInfo = read_info(folder)
        self.probes: dict[str, ProbeNote] = {}
        self.items: dict[str, ItemMark] = {}
        self.rubrics: list[tuple[Criterion, ...]] = []
        self.verdicts: list[Verdict | None] = [None]  # code 0: open
        self._codes: dict[tuple[str, int | None, tuple[int, int] | None], int] = {}
        self._scored: dict[tuple[int, bytes], AnswerScore] = {}
        self.versions_skipped = 0
        self._read_items()
        self.replies: dict[str, list[ReplyNumbers]] = {key: [] for key in self.items}
        self._read_replies()
        self.graders: dict[str, dict[tuple[str, int, int], int]] = {}  # every judge and person
        self.random: set[tuple[str, int, int]] = set()  # places of randomly sampled human grades
        self.random_marked = False
        self._checks: dict[str, NDArray[np.uint16]] = {
            key: np.zeros((len(self.replies[key]), len(self.rubrics[mark.rubric])), dtype=np.uint16)
            for key, mark in self.items.items()
        }
        self._slots = {key: {r.sample: i for i, r in enumerate(rs)} for key, rs in self.replies.items()}
        self._read_grades(people)

    @property
    def name(self) -> str:
        """What pages call this run."""
        return self.info.name

    # -- reading --

    def _read_items(self) -> None:
        known: dict[bytes, int] = {}
        for place, selected in enumerate(read_items(self.folder)):
            item, note = selected.item, selected.probe
            self.probes.setdefault(note.id, note)
            # items that differ in words and parameters only share one rubric: what moves a score is the same
            bare = [
                (c.id, c.points, c.kind, len(c.levels), c.gate, c.version, c.check_name)
                for c in item.criteria
            ]
            rubric = known.setdefault(encode([note.id, bare]), len(known))
            if rubric == len(self.rubrics):
                self.rubrics.append(item.criteria)
            self.items[item.key] = ItemMark(
                key=item.key,
                probe=item.probe,
                item=item.id,
                capability=note.capability,
                row=item.row,
                group=f"{item.probe}/{item.group or item.id}",
                role=item.role,
                digest=item.digest,
                rubric=rubric,
                difficulty=item.difficulty,
                generated=bool(item.family),
                control=f"{item.probe}/{item.control}" if item.control else "",
                control_kind=item.control_kind,
                respelling=f"{item.probe}/{item.respelling}" if item.respelling else "",
                tags=item.tags,
                place=place,
                native_checked=item.native_checked,
                reviewed=item.reviewed,
                translation=bool(item.slots.get("source") and item.extra.get("references")),
            )

    def _read_replies(self) -> None:
        for reply in read_replies(self.folder):
            rows = self.replies.get(f"{reply.probe}/{reply.item}")
            if rows is not None:
                rows.append(_numbers(reply))
        for rows in self.replies.values():
            rows.sort(key=lambda r: r.sample)

    def _read_grades(self, people: Iterable[Grade]) -> None:
        path = self.folder / VERDICTS
        written: Iterator[_Line] = read_jsonl(path, _Line) if path.exists() else iter(())
        for line in written:
            self._take(line)
        for grade in people:
            v = grade.verdict
            ruling = _Ruling(v.outcome, v.level, v.share)
            self._take(
                _Line(
                    grade.reply,
                    grade.criterion,
                    grade.grader,
                    ruling,
                    grade.version,
                    grade.answer,
                    grade.flags,
                    grade.extra,
                )
            )

    def _take(self, line: _Line) -> None:
        key, sample = split_reply(line.reply)
        mark = self.items.get(key)
        slot = self._slots[key].get(sample) if mark else None
        if mark is None or slot is None:
            return
        place = next((i for i, c in enumerate(self.rubrics[mark.rubric]) if c.id == line.criterion), None)
        if place is None or self.rubrics[mark.rubric][place].version != line.version:
            self.versions_skipped += 1
            return
        if line.answer and line.answer != self.replies[key][slot].answer:
            return  # said of an answer that has been asked again since
        code = self._code(line.verdict)
        if source_of(line.grader) == "check":
            self._checks[key][slot, place] = code
            return
        self.graders.setdefault(line.grader, {})[key, slot, place] = code
        if source_of(line.grader) == "people":
            kind = str(line.extra.get("sample", "random" if "random" in line.flags else ""))
            self.random_marked = self.random_marked or bool(kind)
            if kind == "random":
                self.random.add((key, slot, place))

    def _code(self, ruling: _Ruling) -> int:
        key = (ruling.outcome, ruling.level, ruling.share)
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = len(self.verdicts)
            self.verdicts.append(Verdict(ruling.outcome, level=ruling.level, share=ruling.share))
        return code

    # -- scores --

    def graders_of(self, source: Source) -> list[str]:
        """Names of the judges, or of the people, who said something in this run."""
        return sorted(name for name in self.graders if source_of(name) == source)

    @cached_property
    def has_judge(self) -> bool:
        """Whether a judge graded anything."""
        return bool(self.graders_of("judge"))

    @cached_property
    def has_people(self) -> bool:
        """Whether a person graded anything."""
        return bool(self.graders_of("people"))

    def judges_in_use(self) -> list[str]:
        """The judge that scores rest on: a panel where there is one, else every judge."""
        names = self.graders_of("judge")
        panels = [name for name in names if name.startswith(PANEL)]
        return panels[-1:] or names

    def agreed(self, source: Source) -> dict[tuple[str, int, int], int]:
        """One code a place: the majority of the judges, or of the people."""
        if source not in self._agreed:
            names = self.judges_in_use() if source == "judge" else self.graders_of(source)
            if len(names) == 1:
                self._agreed[source] = self.graders[names[0]]
            else:
                gathered: dict[tuple[str, int, int], list[Verdict]] = {}
                for name in names:
                    if name == ADJUDICATED:
                        continue
                    for place, code in self.graders[name].items():
                        verdict = self.verdicts[code]
                        if verdict is not None:
                            gathered.setdefault(place, []).append(verdict)
                self._agreed[source] = {
                    place: self._code(_Ruling((m := majority(said)).outcome, m.level, m.share))
                    for place, said in gathered.items()
                }
                self._agreed[source].update(self.graders.get(ADJUDICATED, {}) if source == "people" else {})
        return self._agreed[source]

    @cached_property
    def _agreed(self) -> dict[Source, dict[tuple[str, int, int], int]]:
        return {}

    def codes(self, key: str, source: Source) -> NDArray[np.uint16]:
        """Verdict codes of an item, replies × criteria, with one source beside the checks."""
        base = self._checks[key]
        if source == "check":
            return base
        said = self.agreed(source)
        people = self.agreed("people") if source == "judge" else said  # what only people may grade
        if not said and not people:
            return base
        merged = base.copy()
        for place, criterion in enumerate(self.rubrics[self.items[key].rubric]):
            if criterion.kind == "check":
                continue
            known = people if criterion.kind == "human" else said
            for slot in range(len(base)):
                code = known.get((key, slot, place))
                if code is not None and not base[slot, place]:
                    merged[slot, place] = code
        return merged

    def answer_scores(self, key: str, source: Source) -> list[AnswerScore | None]:
        """The score of each reply of an item; None where there was no answer."""
        rubric = self.items[key].rubric
        codes = self.codes(key, source)
        found: list[AnswerScore | None] = []
        for slot, reply in enumerate(self.replies[key]):
            if reply.error:
                found.append(None)
                continue
            pattern = codes[slot].tobytes()
            score = self._scored.get((rubric, pattern))
            if score is None:
                given = {
                    criterion.id: verdict
                    for criterion, code in zip(self.rubrics[rubric], codes[slot].tolist(), strict=True)
                    if (verdict := self.verdicts[code]) is not None
                }
                score = score_reply(self.rubrics[rubric], given)
                self._scored[rubric, pattern] = score
            found.append(score)
        return found

    def item_score(self, key: str, source: Source, *, decided: bool = False) -> ItemScore | None:
        """Mean over the scored replies of an item, or None when none is scored.

        `decided` takes the part decided by program instead of the whole.
        """
        triples = []
        for answer in self.answer_scores(key, source):
            if answer is None:
                continue
            if decided:
                part = answer.decided
                if part is not None and part.score is not None:
                    low = part.score if part.low is None else part.low
                    high = part.score if part.high is None else part.high
                    triples.append((part.score, low, high))
            elif answer.score is not None:
                low = answer.score if answer.low is None else answer.low
                high = answer.score if answer.high is None else answer.high
                triples.append((answer.score, low, high))
        if not triples:
            return None
        score, low, high = (sum(column) / len(triples) for column in zip(*triples, strict=True))
        return ItemScore(score, min(low, score), max(high, score), len(triples))

    def is_complete(self, keys: Iterable[str], source: Source) -> bool:
        """Whether no criterion of any answered reply of these items is still open."""
        return all(
            answer is None or answer.why != "open"
            for key in keys
            for answer in self.answer_scores(key, source)
        )

    def unsure_share(self, keys: Iterable[str], source: Source) -> float:
        """Share of verdicts that are unsure, of all that were given on these items."""
        unsure = given = 0
        for key in keys:
            for code in self.codes(key, source).ravel().tolist():
                verdict = self.verdicts[code]
                if verdict is not None:
                    given += 1
                    unsure += verdict.outcome == "unsure"
        return unsure / given if given else 0.0

    def value(self, key: str, place: int, code: int) -> float | None:
        """How far a code meets the criterion at a place, 0 to 1; None when it does not say."""
        return value_of(self.rubrics[self.items[key].rubric][place], self.verdicts[code])


def _numbers(reply: Reply) -> ReplyNumbers:
    usage = reply.usage
    return ReplyNumbers(
        sample=reply.sample,
        answer=answer_hash(reply),
        length=len(reply.text),
        flags=reply.flags,
        error=reply.error.kind if reply.error else "",
        latency=reply.latency_s,
        first_token=reply.first_token_s,
        prompt_tokens=usage.prompt if usage else None,
        completion_tokens=usage.completion if usage else None,
        reasoning_tokens=usage.reasoning if usage else None,
        cost=reply.cost,
    )


# -- rows -------------------------------------------------------------------------------------------


class Title(msgspec.Struct, frozen=True):
    """A name in both languages."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """The name in the reader's language."""
        return self.en if lang == "en" else self.zh


class RowKey(msgspec.Struct, frozen=True):
    """A line of the report: a capability, or one of the rows it declares."""

    capability: str
    row: str
    title: Title
    part_of: Title  # the capability it belongs to

    @property
    def id(self) -> str:
        """Name of the row in files: capability, or capability/row."""
        return f"{self.capability}/{self.row}" if self.row else self.capability

    def full(self, lang: str) -> str:
        """The row's name, with its capability where it is part of one."""
        own = self.title.text(lang)
        if not self.row:
            return own
        return f"{self.part_of.text(lang)}: {own}" if lang == "en" else f"{self.part_of.text(lang)}·{own}"


# Used where a run carries no titles of its own (capability.toml says better).
TITLES: dict[str, Title] = {
    "shanghainese": Title("上海话", "Shanghainese"),
    "poetry": Title("古典诗词", "Classical poetry"),
    "legal": Title("法律文本", "Legal text"),
    "structured": Title("结构化输出", "Structured output"),
}


def title_of(capability: str, table: Mapping[str, Any]) -> Title:
    """The title that capability.toml gives, else the one known here, else the folder's name.

    >>> title_of("legal", {}).zh, title_of("cooking", {}).zh
    ('法律文本', 'cooking')
    """
    known = TITLES.get(capability, Title(capability, capability))
    return Title(str(table.get("title_zh", known.zh)), str(table.get("title_en", known.en)))


OTHER = "other"  # the row of items that name none, in a capability that declares rows


def in_row(mark: ItemMark, key: RowKey) -> bool:
    """Whether an item belongs to a line of the report."""
    return mark.capability == key.capability and (not key.row or (mark.row or OTHER) == key.row)


def row_keys(capability: str, table: Mapping[str, Any], used: Sequence[str]) -> list[RowKey]:
    """The lines of a capability: its declared rows that have items, else the capability itself.

    Form of capability.toml, beside the probes of a capability:

        title_zh = "上海话"
        title_en = "Shanghainese"
        note_zh = "…"                # optional: what a reader of its scores must know
        note_en = "…"
        weights = { … }              # optional: probe = weight, instead of the number of items

        [[rows]]
        id = "understanding"         # what items name in `row`
        title_zh = "听读理解"
        title_en = "Understanding"

    Items whose `row` is not declared fall under a row of that name, items without one under `other`, so
    that nothing is lost.

    >>> [key.id for key in row_keys("wu", {"rows": [{"id": "b"}, {"id": "a"}]}, ["a", "b", "c", ""])]
    ['wu/b', 'wu/a', 'wu/c', 'wu/other']
    >>> [key.id for key in row_keys("legal", {}, ["x", "y"])]
    ['legal']
    """
    title = title_of(capability, table)
    declared = {str(row["id"]): row for row in table.get("rows", []) if isinstance(row, dict) and "id" in row}
    if not declared:
        return [RowKey(capability, "", title, title)]
    found = [name or OTHER for name in used]
    names = [name for name in declared if name in found]
    names += [name for name in dict.fromkeys(found) if name not in declared]
    keys = []
    for name in names:
        row = declared.get(name, {"title_zh": "其他", "title_en": "Other"} if name == OTHER else {})
        own = Title(str(row.get("title_zh", name)), str(row.get("title_en", row.get("title_zh", name))))
        keys.append(RowKey(capability, name, own, title))
    return keys


def scored_items(run: RunNumbers) -> dict[str, ItemMark]:
    """The items that count: no controls, respellings, twins."""
    return {key: mark for key, mark in run.items.items() if mark.role == "item"}


def estimate_of(
    run: RunNumbers,
    keys: Sequence[str],
    basis: Basis,
    *,
    weights: Mapping[str, float] | None = None,
) -> Estimate:
    """Mean score of some items of a run under a basis, probes being fixed strata, with all that is missing."""
    source: Source = {"people": "people", "decided": "check", "checks": "check"}.get(basis, "judge")  # type: ignore[assignment]
    scores = {key: run.item_score(key, source, decided=basis == "decided") for key in keys}
    have = [(key, score) for key, score in scores.items() if score is not None]
    unsure = run.unsure_share(keys, source)
    marks = [run.items[key] for key, _ in have]
    declared = weights if weights and {m.probe for m in marks} <= set(weights) else None
    estimate = stratified(
        [score.score for _, score in have],
        [mark.probe for mark in marks],
        [mark.group for mark in marks],
        weights=declared,
        low=[score.low for _, score in have],
        high=[score.high for _, score in have],
    )
    zh, en = BASIS_NAMES[basis]
    if basis == "decided":
        what = (
            "题目得分的平均：只算程序可判的评分项",
            "mean item score over the criteria that programs decide",
        )
    else:
        what = ("题目得分的平均：得分点之和除以应得点数", "mean item score: points met over points possible")
    estimate = estimate.named(
        f"{what[0]}（评分：{zh}）",
        f"{what[1]} (graded by {en})",
        grader=basis,
        unsure=unsure,
        not_scored=len(keys) - len(have),
    )
    if len(have) < LIST_ONLY:
        return msgspec.structs.replace(estimate, value=None, low=None, high=None, if_unmet=None, if_met=None)
    return estimate
