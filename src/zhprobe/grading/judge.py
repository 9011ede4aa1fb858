"""A model as judge of one criterion of one answer: asked, checked, asked again at most twice.

Rubric contract, sections 6 to 8. A judge never sees model names, points, other answers or other verdicts;
the answer stands between delimiters it cannot know. What it says counts only when its quote stands in the
answer. Whatever cannot be decided is `unsure`, with the reason as code.
"""

from __future__ import annotations

import json
import random
import re
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import digest, sha256
from zhprobe.grading.rubric import evidence_rule
from zhprobe.records import Criterion, Outcome, Reply, Settings, Verdict
from zhprobe.text.quoting import find_quote

NONCE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
NONCE_LENGTH = 12
REASKS = 2
STABLE = 2 / 3

Mode = Literal["single", "batch"]
Messages = tuple[dict[str, Any], ...]
Ask = Callable[[Messages, Settings], Awaitable[Reply]]

# Reason of an `unsure`: what a reader of the report is told.
UNSURE: dict[str, tuple[str, str]] = {
    "cannot_tell": ("裁判说材料不足以判断", "the judge says it cannot tell"),
    "parse_error": ("裁判的输出不能用", "the judge's output could not be used"),
    "quote_not_found": ("裁判引的依据不在回答里", "the quote is not in the answer"),
    "unstable": ("几次判定不一致", "repeated verdicts differ"),
    "panel_split": ("评审意见不一", "the panel is split"),
}

STANDARD = Settings(
    profile="judge-1", temperature=0.0, max_tokens=400, response_format="json_object", timeout=180.0
)


class Judge(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that makes one judge: model, settings, template, mode. Another value of any field is another judge."""

    model: str
    settings: Settings = STANDARD
    template: str = "judge-zh-1"
    mode: Mode = "single"
    repeats: int = 1
    reasks: int = REASKS
    revision: str = ""
    lineage: str = ""
    epoch: int = 0  # raised when the controls of a hosted judge moved

    @property
    def hash(self) -> str:
        """The config hash that grades carry; time limits and streaming are no part of it."""
        plain = msgspec.to_builtins(self)
        plain["settings"] = _sampling(self.settings)
        return digest(plain)[:12]

    @property
    def grader(self) -> str:
        """Name of the grader in a Grade."""
        return f"judge:{self.hash}"

    @property
    def family(self) -> str:
        """Lineage of the judge: as declared, else guessed from the model's name."""
        return self.lineage or lineage_of(self.model)


def _sampling(settings: Settings) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(settings)
    for field in ("timeout", "stall_timeout", "stream", "samples", "profile"):
        plain.pop(field, None)
    return plain


LINEAGES = (
    ("qwen", "qwen|qwq|通义"),
    ("deepseek", "deepseek"),
    ("glm", "glm|zhipu|智谱"),
    ("kimi", "kimi|moonshot"),
    ("doubao", "doubao|seed|ark/"),
    ("ernie", "ernie|qianfan|文心"),
    ("hunyuan", "hunyuan|混元"),
    ("yi", r"lingyi|\byi-"),
    ("minimax", "minimax|abab"),
    ("internlm", "internlm|internvl"),
    ("baichuan", "baichuan"),
    ("gpt", r"gpt|openai/|\bo[134]\b"),
    ("claude", "claude|anthropic"),
    ("gemini", "gemini|gemma"),
    ("llama", "llama"),
    ("mistral", "mistral|mixtral|ministral"),
    ("grok", "grok|xai/"),
)


def lineage_of(model: str) -> str:
    """The family that a model's name speaks of, '' when none is known. A distilled model has several.

    >>> lineage_of("dashscope/qwen3-max"), lineage_of("api/x@http://127.0.0.1")
    ('qwen', '')
    """
    name = model.lower()
    return next((family for family, pattern in LINEAGES if re.search(pattern, name)), "")


# --- templates ------------------------------------------------------------------------------------


@cache
def template(name: str) -> Mapping[str, str]:
    """Parts of a template by name.

    >>> sorted(template("judge-zh-1"))
    ['again-json', 'again-quote', 'again-verdict', 'form', 'form-levels', 'system']
    """
    place = resources.files("zhprobe.grading") / "rubrics" / f"{name}.txt"
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = sorted(p.name[:-4] for p in place.parent.iterdir() if p.name.endswith(".txt"))  # type: ignore[attr-defined]
        raise UserError(
            "judge", f"there is no template '{name}'", f"There are: {', '.join(known)}."
        ) from None
    parts = re.split(r"^@@ (\S+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (part.strip("\n") for part in parts[1::2]), strict=True))


def fill(text: str, **values: str) -> str:
    """Put values into the named places of a template; other braces stay."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def draw_nonce(texts: Sequence[str]) -> str:
    """Twelve random characters that occur in none of the texts."""
    while True:
        nonce = "".join(secrets.choice(NONCE_ALPHABET) for _ in range(NONCE_LENGTH))
        if not any(nonce in text for text in texts):
            return nonce


def section(name: str, text: str, nonce: str) -> str:
    """One section of a call, between delimiters that the text cannot hold."""
    return f"【{name}】\n<<<{nonce}\n{text}\n{nonce}>>>"


class Task(msgspec.Struct, frozen=True):
    """What a judge is asked about: one answer, one criterion (several in batch mode)."""

    prompt: str
    answer: str
    criteria: tuple[Criterion, ...]
    reference: str = ""
    facts: str = ""  # 【已核事实】: what checks found that the criterion names
    reply: str = ""  # seed of the order in batch mode; never sent


def choices_of(criterion: Criterion) -> tuple[str, ...]:
    """Verdicts that a judge may give.

    >>> choices_of(Criterion("a", "甲", na_allowed=True))
    ('met', 'not_met', 'not_applicable', 'cannot_tell')
    """
    first = tuple(str(n) for n in range(len(criterion.levels))) if criterion.levels else ("met", "not_met")
    return (*first, *(("not_applicable",) if criterion.na_allowed else ()), "cannot_tell")


def criterion_section(criterion: Criterion) -> str:
    """Text and anchors of a criterion."""
    lines = [criterion.text, *(f"{n}级：{anchor}" for n, anchor in enumerate(criterion.levels))]
    return "\n".join(lines)


def build_messages(judge: Judge, task: Task, nonce: str) -> Messages:
    """System and user message of one call."""
    parts = template(judge.template)
    sections = [section("题目", task.prompt, nonce)]
    if task.reference:
        sections.append(section("参考资料", task.reference, nonce))
    if task.facts:
        sections.append(section("已核事实", task.facts, nonce))
    if judge.mode == "single":
        (criterion,) = task.criteria
        sections.append(section("评分项", criterion_section(criterion), nonce))
        if criterion.met_example:
            sections.append(section("满足的例子", criterion.met_example, nonce))
        if criterion.not_met_example:
            sections.append(section("不满足的例子", criterion.not_met_example, nonce))
        form = _form(parts, criterion)
    else:
        listed, choices = [], []
        for number, criterion in enumerate(batch_order(task), start=1):
            text = f"{number}. {criterion_section(criterion)}"
            if criterion.met_example:
                text += f"\n满足的例子：{criterion.met_example}"
            if criterion.not_met_example:
                text += f"\n不满足的例子：{criterion.not_met_example}"
            listed.append(text)
            choices.append(f"{number}: {_offered(criterion)}")
        sections.append(section("评分项", "\n\n".join(listed), nonce))
        form = fill(parts["form"], choices="\n".join(choices))
    sections.append(section("回答", task.answer, nonce))
    return (
        {"role": "system", "content": parts["system"]},
        {"role": "user", "content": "\n\n".join(sections) + "\n\n" + form},
    )


def _offered(criterion: Criterion) -> str:
    return " | ".join(c if c.isdigit() else f'"{c}"' for c in choices_of(criterion))


def _form(parts: Mapping[str, str], criterion: Criterion) -> str:
    if criterion.levels:
        return fill(parts["form-levels"], choices=_offered(criterion))
    return fill(parts["form"], choices=" | ".join(choices_of(criterion)))


def batch_order(task: Task) -> tuple[Criterion, ...]:
    """Criteria in the order in which a batch call lists them, drawn by the reply's id."""
    order = list(task.criteria)
    random.Random(task.reply).shuffle(order)
    return tuple(order)


# --- what comes back ------------------------------------------------------------------------------


def last_object(text: str) -> str | None:
    """The last balanced {…} of a text, braces inside JSON strings not counted.

    >>> last_object('前 {"a": "}"} 后 {"b": {}} 完')
    '{"b": {}}'
    >>> last_object("{ 没有结束") is None
    True
    """
    found = None
    place, tries = 0, 0
    while (start := text.find("{", place)) >= 0 and tries < 400:
        tries += 1
        depth, inside, escaped = 0, False, False
        for at in range(start, len(text)):
            character = text[at]
            if inside:
                if escaped:
                    escaped = False
                elif character == "\\":
                    escaped = True
                elif character == '"':
                    inside = False
            elif character == '"':
                inside = True
            elif character == "{":
                depth += 1
            elif character == "}":
                depth -= 1
                if depth == 0:
                    found = text[start : at + 1]
                    place = at + 1
                    break
        else:
            place = start + 1
    return found


class Said(msgspec.Struct, frozen=True):
    """A judge's word on one criterion, of legal form."""

    verdict: str
    quote: str
    reason: str


class Fault(Exception):
    """An output that cannot be used; `part` names the template line that asks again."""

    def __init__(self, part: str, fault: str, number: int = 0) -> None:
        super().__init__(fault)
        self.part, self.fault, self.number = part, fault, number


def read_object(text: str) -> dict[str, Any]:
    found = last_object(text)
    if found is None:
        raise Fault("again-json", "没有 JSON 对象")
    try:
        value = json.loads(found, strict=False)
    except (ValueError, RecursionError):
        raise Fault("again-json", "不是合法的 JSON") from None
    if not isinstance(value, dict):
        raise Fault("again-json", "不是 JSON 对象")
    return {str(key).strip().lower(): item for key, item in value.items()}


def _said(value: Mapping[str, Any], criterion: Criterion) -> Said:
    for key in ("quote", "reason", "verdict"):
        if key not in value:
            raise Fault("again-json", f"缺少 {key}")
    quote, reason, verdict = value["quote"], value["reason"], value["verdict"]
    if not isinstance(quote, str) or not isinstance(reason, str):
        raise Fault("again-json", "quote 和 reason 须为字符串")
    if isinstance(verdict, bool) or not isinstance(verdict, str | int):
        raise Fault("again-verdict", "verdict 的类型不对")
    word = str(verdict).strip().lower()
    if word not in choices_of(criterion):
        raise Fault("again-verdict", f"verdict 不能是 {word[:40]}")
    return Said(word, quote, reason)


def parse_single(text: str, criterion: Criterion) -> Said:
    """One verdict out of a judge's text; raises Fault.

    >>> parse_single('```json\\n{"verdict": "MET", "reason": "有", "quote": "时效为三年"}\\n```', Criterion("a", "甲")).verdict
    'met'
    """
    return _said(read_object(text), criterion)


def parse_batch(text: str, order: Sequence[Criterion]) -> list[Said]:
    """The verdicts of a batch call, in the order asked; raises Fault."""
    listed = read_object(text).get("verdicts")
    if not isinstance(listed, list):
        raise Fault("again-json", "缺少 verdicts")
    found: dict[int, Said] = {}
    for one in listed:
        if not isinstance(one, dict):
            raise Fault("again-json", "verdicts 里有一项不是对象")
        lower = {str(key).strip().lower(): item for key, item in one.items()}
        number = lower.get("number")
        if isinstance(number, str) and number.strip().isdigit():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(order):
            raise Fault("again-json", "number 不对")
        found[number] = _said(lower, order[number - 1])
    missing = [str(n) for n in range(1, len(order) + 1) if n not in found]
    if missing:
        raise Fault("again-verdict", f"缺第 {'、'.join(missing)} 条")
    return [found[n] for n in range(1, len(order) + 1)]


def needs_quote(criterion: Criterion, said: Said) -> bool:
    """Whether a verdict counts only with words of the answer behind it."""
    claims = said.verdict == "met" or (said.verdict.isdigit() and int(said.verdict) > 0)
    return claims and evidence_rule(criterion) == "required"


def as_verdict(said: Said, criterion: Criterion, answer: str) -> Verdict:
    """A judge's word as a verdict, its quote placed in the answer."""
    quote = find_quote(said.quote, answer) if said.quote.strip() else None
    spans = quote.spans if quote is not None else ()
    if said.verdict == "cannot_tell":
        reason = said.reason or UNSURE["cannot_tell"][0]
        return Verdict("unsure", reason, UNSURE["cannot_tell"][1], said.quote, spans, codes=("cannot_tell",))
    if said.verdict == "not_applicable":
        return Verdict("na", said.reason, evidence=said.quote, spans=spans)
    if criterion.levels:
        level = int(said.verdict)
        outcome: Outcome = "met" if level == len(criterion.levels) - 1 else "not_met"
        return Verdict(outcome, said.reason, evidence=said.quote, spans=spans, level=level)
    return Verdict(
        "met" if said.verdict == "met" else "not_met", said.reason, evidence=said.quote, spans=spans
    )


def unsure(code: str, detail: str = "") -> Verdict:
    """An `unsure` with its code.

    >>> unsure("parse_error").codes
    ('parse_error',)
    """
    zh, en = UNSURE[code]
    return Verdict("unsure", f"{zh}：{detail}" if detail else zh, en, codes=(code,))


class Judgement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one asking (with its re-asks) came to, by criterion id, and what it took."""

    verdicts: dict[str, Verdict]
    raw: tuple[str, ...] = ()
    thinking: tuple[str, ...] = ()
    nonce: str = ""
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency_s: float = 0.0
    cost: float = 0.0
    model: str = ""  # as the endpoint names it
    cached: bool = False


class NoAnswer(Exception):
    """The judge's endpoint gave no answer; nothing is written, a later run asks again."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.error.kind if reply.error else "")
        self.reply = reply


def cache_key(judge: Judge, task: Task, repeat: int) -> str:
    """Key of a judgement: all that could move it, and nothing else (the nonce is drawn each time)."""
    criteria = [
        [c.id, c.version, c.text, c.levels, c.met_example, c.not_met_example, c.na_allowed, evidence_rule(c)]
        for c in task.criteria
    ]
    return sha256(
        [
            judge.model,
            judge.revision,
            _sampling(judge.settings),
            judge.template,
            judge.mode,
            judge.reasks,
            judge.epoch,
            task.prompt,
            task.reference,
            task.facts,
            criteria,
            task.reply if judge.mode == "batch" else "",
            task.answer,
            repeat,
        ]
    )


async def ask_once(judge: Judge, task: Task, ask: Ask, repeat: int = 0) -> Judgement:
    """One asking: at most `reasks` more calls, of these one for a quote that is not in the answer."""
    nonce = draw_nonce(
        (task.prompt, task.reference, task.facts, task.answer, *(c.text for c in task.criteria))
    )
    messages = build_messages(judge, task, nonce)
    settings = judge.settings
    if settings.seed is not None:
        settings = msgspec.structs.replace(settings, seed=settings.seed + repeat)
    order = batch_order(task) if judge.mode == "batch" else task.criteria
    parts = template(judge.template)
    raw: list[str] = []
    thinking: list[str] = []
    tokens, latency, cost = [0, 0], 0.0, 0.0
    quote_asked = False
    best: dict[str, Verdict] = {}
    named = ""
    last_fault = ""
    for turn in range(judge.reasks + 1):
        reply = await ask(messages, settings)
        if reply.error is not None:
            raise NoAnswer(reply)
        raw.append(reply.text)
        named = reply.model or named
        if reply.reasoning:
            thinking.append(reply.reasoning)
        if reply.usage:
            tokens = [tokens[0] + reply.usage.prompt, tokens[1] + reply.usage.completion]
        latency += reply.latency_s or 0.0
        cost += reply.cost or 0.0
        try:
            said = (
                parse_batch(reply.text, order)
                if judge.mode == "batch"
                else [parse_single(reply.text, order[0])]
            )
            best = {}
            missing = []
            for number, (criterion, one) in enumerate(zip(order, said, strict=True), start=1):
                if needs_quote(criterion, one) and not find_quote(one.quote, task.answer).found:
                    missing.append(number)
                    best[criterion.id] = unsure("quote_not_found", one.quote[:60])
                else:
                    best[criterion.id] = as_verdict(one, criterion, task.answer)
            if not missing or quote_asked:
                break
            quote_asked = True
            fault = Fault("again-quote", "、".join(map(str, missing)))
        except Fault as error:
            fault = error
        last_fault = fault.fault
        if turn == judge.reasks:
            break
        choices = " | ".join(choices_of(order[0]))
        again = fill(parts[fault.part], fault=fault.fault, choices=choices)
        messages = (
            *messages[:2],
            {"role": "assistant", "content": reply.text},
            {"role": "user", "content": again},
        )
    verdicts = {c.id: best.get(c.id) or unsure("parse_error", last_fault) for c in task.criteria}
    return Judgement(
        verdicts, tuple(raw), tuple(thinking), nonce, len(raw), tokens[0], tokens[1], latency, cost, named
    )


# --- repeats and panels ---------------------------------------------------------------------------

_Say = tuple[str, int | None]


def _say(verdict: Verdict) -> _Say:
    return verdict.outcome, verdict.level


def settle_repeats(verdicts: Sequence[Verdict]) -> tuple[Verdict, float | None]:
    """One verdict out of repeats, and the stability: the share of all repeats that gave it.

    >>> met, not_met, cannot = Verdict("met"), Verdict("not_met"), unsure("cannot_tell")
    >>> [settle_repeats(v)[0].outcome for v in ([met, met, not_met], [met, met, cannot], [met, not_met, cannot])]
    ['met', 'met', 'unsure']
    """
    if len(verdicts) == 1:
        return verdicts[0], None
    known = [v for v in verdicts if v.outcome != "unsure"]
    if not known:
        codes = Counter(v.codes[:1] for v in verdicts)
        most = codes.most_common(1)[0][0]
        return next(v for v in verdicts if v.codes[:1] == most), 0.0
    ranked = Counter(map(_say, known)).most_common(2)
    top, count = ranked[0]
    stability = count / len(verdicts)
    if count * 2 <= len(known) or stability < STABLE - 1e-9:
        return unsure("unstable", "、".join(_word(v) for v in verdicts)), stability
    return next(v for v in known if _say(v) == top), stability


def settle_panel(verdicts: Sequence[Verdict]) -> Verdict:
    """The panel's verdict: what most of its judges say; a tie, or mostly unsure, is unsure.

    >>> met, not_met, cannot = Verdict("met"), Verdict("not_met"), unsure("cannot_tell")
    >>> [settle_panel(v).outcome for v in ([met, met, not_met], [met, not_met], [met, cannot, cannot])]
    ['met', 'unsure', 'unsure']
    """
    ranked = Counter(("unsure", None) if v.outcome == "unsure" else _say(v) for v in verdicts).most_common(2)
    tied = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    if tied or ranked[0][0][0] == "unsure":
        return unsure("panel_split", "、".join(_word(v) for v in verdicts))
    return next(v for v in verdicts if _say(v) == ranked[0][0])


def _word(verdict: Verdict) -> str:
    if verdict.level is not None:
        return f"{verdict.level}级"
    return {"met": "满足", "not_met": "不满足", "na": "不适用", "unsure": "拿不准"}[verdict.outcome]
