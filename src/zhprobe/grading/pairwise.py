"""Which of two whole answers is better, asked in both orders; never mixed into rubric scores.

Rubric contract, section 11: the same winner both times wins, anything else is a tie with the flag
order_flip. Reported with counts, flip rate and the share of wins of whichever answer stood first.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from zhprobe.errors import UserError
from zhprobe.files import Journal, Lock, read_jsonl
from zhprobe.grading.automatic import answer_hash, is_empty
from zhprobe.grading.batch import Batch, shown_prompt
from zhprobe.grading.judge import (
    Ask,
    Fault,
    Judge,
    Messages,
    NoAnswer,
    draw_nonce,
    fill,
    read_object,
    section,
    template,
)
from zhprobe.records import Item, Reply
from zhprobe.runs import item_digest, now, read_items, read_replies
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.intervals import proportion
from zhprobe.stats.strength import Games, Strength, bootstrap_strength, davidson
from zhprobe.text.quoting import find_quote

PAIRS = "pairs.jsonl"
Choice = Literal["A", "B", "tie", "unsure"]


class PairVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call: which of the answers, as shown, is better."""

    choice: Choice
    quote_a: str = ""
    quote_b: str = ""
    reason: str = ""
    code: str = ""  # cannot_tell, parse_error, quote_not_found


class Pair(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of pairs.jsonl. `result` names run a, run b, tie or unsure; `forward` showed a first."""

    item: str
    sample: int
    run_a: str
    run_b: str
    judge: str
    result: Literal["a", "b", "tie", "unsure"]
    forward: PairVerdict
    backward: PairVerdict
    answers: tuple[str, str]
    flags: tuple[str, ...] = ()
    group: str = ""
    raw: tuple[str, ...] = ()
    time: str = ""


def parse_pair(text: str) -> PairVerdict:
    """A judge's choice between two answers; raises Fault.

    >>> parse_pair('{"quote_a": "", "quote_b": "", "reason": "同", "verdict": "Tie"}').choice
    'tie'
    """
    value = read_object(text)
    for key in ("quote_a", "quote_b", "reason", "verdict"):
        if not isinstance(value.get(key), str):
            raise Fault("again-json", f"缺少 {key}，或不是字符串")
    word = value["verdict"].strip().lower()
    choices: dict[str, Choice] = {"a": "A", "b": "B", "tie": "tie", "cannot_tell": "unsure"}
    if word not in choices:
        raise Fault("again-verdict", f"verdict 不能是 {word[:40]}")
    code = "cannot_tell" if word == "cannot_tell" else ""
    return PairVerdict(choices[word], value["quote_a"], value["quote_b"], value["reason"], code)


async def ask_pair(
    judge: Judge, prompt: str, reference: str, first: str, second: str, ask: Ask
) -> tuple[PairVerdict, tuple[str, ...]]:
    """One order of one pair; a choice counts only with words of both answers behind it."""
    parts = template(judge.template)
    nonce = draw_nonce((prompt, reference, first, second))
    sections = [section("题目", prompt, nonce)]
    if reference:
        sections.append(section("参考资料", reference, nonce))
    sections += [section("回答A", first, nonce), section("回答B", second, nonce)]
    messages: Messages = (
        {"role": "system", "content": parts["system"]},
        {"role": "user", "content": "\n\n".join(sections) + "\n\n" + parts["form"]},
    )
    raw: list[str] = []
    quote_asked = False
    found = PairVerdict("unsure", code="parse_error")
    for _ in range(judge.reasks + 1):
        reply = await ask(messages, judge.settings)
        if reply.error is not None:
            raise NoAnswer(reply)
        raw.append(reply.text)
        try:
            said = parse_pair(reply.text)
            both = find_quote(said.quote_a, first).found and find_quote(said.quote_b, second).found
            if said.choice in ("tie", "unsure") or both:
                return said, tuple(raw)
            found = msgspec.structs.replace(said, choice="unsure", code="quote_not_found")
            if quote_asked:
                break
            quote_asked = True
            fault = Fault("again-quote", "")
        except Fault as error:
            fault = error
        again = fill(parts[fault.part], fault=fault.fault)
        messages = (
            *messages[:2],
            {"role": "assistant", "content": reply.text},
            {"role": "user", "content": again},
        )
    return found, tuple(raw)


def settle_pair(
    forward: Choice, backward: Choice
) -> tuple[Literal["a", "b", "tie", "unsure"], tuple[str, ...]]:
    """The winner of both orders. `forward` showed a as A, `backward` showed b as A.

    >>> settle_pair("A", "B"), settle_pair("A", "A"), settle_pair("tie", "tie")
    (('a', ()), ('tie', ('order_flip',)), ('tie', ()))
    """
    one = {"A": "a", "B": "b"}.get(forward, forward)
    two = {"A": "b", "B": "a"}.get(backward, backward)
    if "unsure" in (one, two):
        return "unsure", ()
    if one == two:
        return one, ()  # type: ignore[return-value]
    return "tie", ("order_flip",)


async def judge_pairs(
    run_a: Path,
    run_b: Path,
    judge: Judge,
    ask: Ask,
    out: Path,
    *,
    width: int = 8,
    tick: Callable[[int, int], None] = lambda done, all_: None,
) -> tuple[list[Pair], int]:
    """Compare two runs answer by answer; what is in pairs.jsonl already is kept. Gives pairs and failures."""
    work = _pairs_of(run_a, run_b)
    if not work:
        raise UserError(
            f"{run_a}, {run_b}", "no item has answers in both runs", "Compare runs over the same probes."
        )
    names = (run_a.name, run_b.name)
    with Lock(out):
        held = {
            (p.item, p.sample, p.judge, p.answers): p
            for p in (read_jsonl(out / PAIRS, Pair) if (out / PAIRS).exists() else ())
        }
        limit = asyncio.Semaphore(width)
        found: list[Pair] = []
        failed = 0
        with Journal(out / PAIRS) as journal:

            async def one(item: Item, a: Reply, b: Reply) -> None:
                nonlocal failed
                answers = (answer_hash(a), answer_hash(b))
                known = held.get((item.key, a.sample, judge.grader, answers))
                if known is not None:
                    found.append(known)
                    return
                prompt = shown_prompt(item, references=False)
                async with limit:
                    try:
                        forward, raw = await ask_pair(judge, prompt, item.reference, a.text, b.text, ask)
                        backward, more = await ask_pair(judge, prompt, item.reference, b.text, a.text, ask)
                    except NoAnswer:
                        failed += 1
                        return
                result, flags = settle_pair(forward.choice, backward.choice)
                pair = Pair(
                    item.key,
                    a.sample,
                    *names,
                    judge.grader,
                    result,
                    forward,
                    backward,
                    answers,
                    flags,
                    item.group or item.key,
                    (*raw, *more),
                    now(),
                )
                journal.append(pair)
                found.append(pair)
                tick(len(found) + failed, len(work))

            async with asyncio.TaskGroup() as group:
                for item, a, b in work:
                    group.create_task(one(item, a, b))
    return sorted(found, key=lambda p: (p.item, p.sample)), failed


def _pairs_of(run_a: Path, run_b: Path) -> list[tuple[Item, Reply, Reply]]:
    """Replies of both runs to the same item (same digest) and sample, both with an answer."""
    items = {s.item.key: s.item for s in read_items(run_a)}
    other = {s.item.key: item_digest(s.item) for s in read_items(run_b)}
    second = {(r.probe, r.item, r.sample): r for r in read_replies(run_b)}
    found = []
    for reply in read_replies(run_a):
        item = items.get(f"{reply.probe}/{reply.item}")
        match = second.get((reply.probe, reply.item, reply.sample))
        if item is None or match is None or other.get(item.key) != item_digest(item):
            continue
        if any(r.error is not None or is_empty(r) for r in (reply, match)):
            continue
        found.append((item, reply, match))
    return found


class PairSummary(msgspec.Struct, frozen=True):
    """Counts between two runs, from a judge or from people."""

    run_a: str
    run_b: str
    grader: str
    wins_a: int
    wins_b: int
    ties: int
    unsure: int
    flips: int
    flip_rate: Estimate
    first_rate: Estimate  # wins of whichever stood first over all wins of one call
    strength: Strength | None
    shares: dict[str, Estimate]

    @property
    def n(self) -> int:
        """Pairs decided, ties among them."""
        return self.wins_a + self.wins_b + self.ties


def summarise_pairs(pairs: Sequence[Pair], *, seed: int = 0) -> PairSummary:
    """Win, tie and loss counts, flip rate, first-position rate and strengths."""
    counts = Counter(p.result for p in pairs)
    flips = sum("order_flip" in p.flags for p in pairs)
    calls = [choice for p in pairs for choice in (p.forward.choice, p.backward.choice)]
    first, second = calls.count("A"), calls.count("B")
    decided = [p for p in pairs if p.result != "unsure"]
    a, b = (pairs[0].run_a, pairs[0].run_b) if pairs else ("", "")
    by_group: dict[Hashable, Sequence[Games]] = {}
    for p in decided:
        by_group[p.group] = [*by_group.get(p.group, ()), _games(a, b, Counter([p.result]))]
    total = _games(a, b, Counter(p.result for p in decided))
    none = Estimate(None, None, None, 0, 0, "none")
    return PairSummary(
        a,
        b,
        pairs[0].judge if pairs else "",
        counts["a"],
        counts["b"],
        counts["tie"],
        counts["unsure"],
        flips,
        proportion(flips, len(decided)) if decided else none,
        proportion(first, first + second) if first + second else none,
        davidson([total]) if decided else None,
        bootstrap_strength(by_group, seed=seed) if len(by_group) >= 2 else {},
    )


def _games(a: str, b: str, counts: Counter[Literal["a", "b", "tie", "unsure"]]) -> Games:
    return Games(a, b, counts["a"], counts["b"], counts["tie"])


class HumanPairs(msgspec.Struct, frozen=True):
    """Choices of people between two runs, ties and doubts apart, and how often the first shown won."""

    run_a: str
    run_b: str
    wins_a: int
    wins_b: int
    ties: int
    unsure: int
    first_rate: Estimate


class HumanChoices(msgspec.Struct, frozen=True):
    """All choices of a pairwise batch: by two runs, and the strengths that follow."""

    pairs: tuple[HumanPairs, ...]
    strength: Strength | None
    shares: dict[str, Estimate]  # expected share against the average model, intervals over items


def human_choices(folder: Path) -> HumanChoices:
    """What people chose in a pairwise batch. Gold, repeated and targeted rows are not counted."""
    batch = Batch(folder)
    counts: dict[tuple[str, str], Counter[str]] = {}
    by_item: dict[Hashable, Sequence[Games]] = {}
    for row_id, mark in batch.ledger.state.marks.items():
        issue = batch.ledger.state.issued.get(row_id)
        if issue is None or issue.criterion != "pair" or issue.sample != "random":
            continue
        one, two = (batch.answers[name] for name in issue.answer.split("~"))
        shown_first = "b" if issue.order == "ba" else "a"
        other = {"a": "b", "b": "a"}[shown_first]
        won = {"A": shown_first, "B": other, "T": "tie", "U": "unsure"}[mark.verdict]
        tally = counts.setdefault((one.run, two.run), Counter())
        tally[won] += 1
        tally["first"] += mark.verdict == "A"
        tally["second"] += mark.verdict == "B"
        if won != "unsure":
            game = Games(one.run, two.run, float(won == "a"), float(won == "b"), float(won == "tie"))
            by_item[one.group] = [*by_item.get(one.group, ()), game]
    none = Estimate(None, None, None, 0, 0, "none")
    pairs = tuple(
        HumanPairs(
            a,
            b,
            t["a"],
            t["b"],
            t["tie"],
            t["unsure"],
            proportion(t["first"], t["first"] + t["second"]) if t["first"] + t["second"] else none,
        )
        for (a, b), t in counts.items()
    )
    games = [
        Games(p.run_a, p.run_b, p.wins_a, p.wins_b, p.ties) for p in pairs if p.wins_a + p.wins_b + p.ties
    ]
    return HumanChoices(
        pairs,
        davidson(games) if games else None,
        bootstrap_strength(by_item, seed=batch.info.seed) if len(by_item) >= 2 else {},
    )
