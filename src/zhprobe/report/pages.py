"""Item pages: prompt, reference, answers side by side, every verdict with its reason and the words it rests on.

Texts are read from the run folders by place, one item at a time, so that memory stays flat however large
the runs are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zhprobe.files import encode
from zhprobe.grading.automatic import answer_hash
from zhprobe.records import Grade, Verdict
from zhprobe.report.drawing import draw
from zhprobe.report.result import Report
from zhprobe.report.rows import Source, source_of
from zhprobe.report.run_texts import RunTexts
from zhprobe.report.visible import segments, visible
from zhprobe.report.word_diff import word_lengths

LONGEST_ANSWER = 20_000  # code points of one answer shown on the page
DIFF_BUDGET = 1_500_000  # code points cut into words for one report; beyond, the page compares characters
_SOURCE: dict[str, Source] = {"decided": "check", "checks": "check", "people": "people"}


class ItemPages:
    """Makes the data of item pages, one item at a time."""

    def __init__(self, report: Report, texts: Sequence[RunTexts], lang: str) -> None:
        self.report = report
        self.texts = texts
        self.lang = lang
        self.sources = {row.key.id: _SOURCE.get(row.basis, "judge") for row in report.rows}
        self._budget = DIFF_BUDGET

    def page(self, key: str, row: str) -> dict[str, Any]:
        """One item: `prompt`, `reference`, `criteria`, and `answers` of every model."""
        held = [t for t in self.texts if key in t.run.items]
        item = held[0].item(key)
        criteria = [
            {
                "id": c.id,
                "text": visible(c.text),
                "points": c.points,
                "kind": c.kind,
                "gate": c.gate,
                "levels": [visible(level) for level in c.levels],
            }
            for c in item.criteria
        ]
        answers = [
            answer
            for number, texts in enumerate(self.texts)
            if key in texts.run.items
            for answer in self._answers(number, texts, key, self.sources.get(row, "judge"))
        ]
        return {
            "prompt": [{"role": str(m.get("role", "")), "text": visible(_content(m))} for m in item.messages],
            "turns": [visible(_plain(turn)) for turn in item.turns],
            "tools": [str(_tool_name(tool)) for tool in item.tools],
            "reference": visible(item.reference),
            "criteria": criteria,
            "difficulty": item.difficulty,
            "why": visible(item.difficulty_reason),
            "answers": answers,
        }

    def _answers(self, number: int, texts: RunTexts, key: str, source: Source) -> Iterator[dict[str, Any]]:
        item = texts.item(key)
        order = {c.id: place for place, c in enumerate(item.criteria)}
        versions = {c.id: c.version for c in item.criteria}
        by_reply: dict[str, list[Grade]] = {}
        for grade in texts.grades(key):
            if versions.get(grade.criterion) == grade.version:
                by_reply.setdefault(grade.reply, []).append(grade)
        scores = dict(
            zip(
                (r.sample for r in texts.run.replies[key]),
                texts.run.answer_scores(key, source),
                strict=True,
            )
        )
        for reply in texts.replies(key):
            graded = answer_hash(reply)
            grades = [g for g in by_reply.get(reply.id, []) if not g.answer or g.answer == graded]
            grades.sort(key=lambda g: (order[g.criterion], source_of(g.grader)))
            score = scores.get(reply.sample)
            spans = [span for g in grades for span in _spans(reply.text, g.verdict, order[g.criterion])]
            parts, left_out = segments(reply.text, spans, LONGEST_ANSWER)
            made: dict[str, Any] = {
                "m": number,
                "s": reply.sample,
                "text": parts,
                "cut": left_out,
                "flags": [visible(flag) for flag in reply.flags],
                "error": visible(f"{reply.error.kind}: {reply.error.message}") if reply.error else "",
                "verdicts": [self._verdict(g, order[g.criterion]) for g in grades],
            }
            for at, drawn in self._drawings(grades, reply.text).items():
                made["verdicts"][at]["drawn"] = drawn
            if score is not None:
                made |= {
                    "score": None if score.score is None else round(score.score, 3),
                    "raw": None if score.raw is None else round(score.raw, 3),
                    "low": None if score.low is None else round(score.low, 3),
                    "high": None if score.high is None else round(score.high, 3),
                    "ungated": None if score.ungated is None else round(score.ungated, 3),
                    "gate": score.gate,
                    "clipped": score.clipped,
                    "why": score.why,
                    "part": None if score.decided is None else score.decided.score,
                }
            if reply.reasoning:
                made["reasoning"] = visible(reply.reasoning[:LONGEST_ANSWER])
            if reply.tool_calls:
                made["calls"] = [visible(f"{call.name}({call.arguments})") for call in reply.tool_calls]
            if reply.transcript:
                made["transcript"] = [
                    {"role": str(m.get("role", "")), "text": visible(_content(m))} for m in reply.transcript
                ]
            if reply.sample == 0 and len(self.texts) > 1 and self._budget > 0 and not left_out:
                shown = "".join(str(text) for text, _ in parts)
                self._budget -= len(shown)
                made["words"] = word_lengths(shown)
            yield made

    def _drawings(self, grades: Sequence[Grade], text: str) -> dict[int, str]:
        """By place of the verdict: what its check found, drawn. One kind is drawn once where all is met."""
        details = [(at, g.verdict) for at, g in enumerate(grades) if g.verdict.detail]
        faulty = {str(v.detail.get("kind")) for _, v in details if v.detail and v.outcome != "met"}
        shown: set[str] = set()
        found: dict[int, str] = {}
        for at, verdict in details:
            detail = verdict.detail or {}
            kind = str(detail.get("kind"))
            if verdict.outcome == "met" and (kind in faulty or kind in shown):
                continue
            drawn = draw(detail, text, self.lang)
            if drawn and drawn not in found.values():
                found[at] = drawn
                shown.add(kind)
        return found

    def _verdict(self, grade: Grade, place: int) -> dict[str, Any]:
        v = grade.verdict
        reason = (v.reason_en or v.reason) if self.lang == "en" else (v.reason or v.reason_en)
        made: dict[str, Any] = {
            "c": place,
            "o": v.outcome,
            "by": visible(grade.grader),
            "why": visible(reason),
        }
        if v.level is not None:
            made["level"] = v.level
        if v.share is not None:
            made["share"] = list(v.share)
        if v.lenient is not None and v.lenient != v.outcome:
            made["lenient"] = v.lenient
        if v.evidence:
            made["evidence"] = visible(v.evidence[:2_000])
        if v.codes:
            made["codes"] = [visible(code) for code in v.codes]
        return made


def _spans(text: str, verdict: Verdict, place: int) -> Iterator[tuple[int, int, int]]:
    """Places of the words a verdict rests on: its spans, else where its quote stands in the answer."""
    if verdict.spans:
        for start, end in verdict.spans:
            yield start, end, place
    elif verdict.evidence and (at := text.find(verdict.evidence)) >= 0:
        yield at, at + len(verdict.evidence), place


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str) and content:
        calls = ""
    else:
        calls = _plain(message.get("tool_calls", "")) if message.get("tool_calls") else ""
    text = content if isinstance(content, str) else "" if content is None else _plain(content)
    return f"{text}\n{calls}".strip("\n") if calls else text


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return encode(value).decode("utf-8", "replace")


def _tool_name(tool: Mapping[str, Any]) -> Any:
    inner = tool.get("function")
    return inner.get("name", "") if isinstance(inner, Mapping) else tool.get("name", "")
