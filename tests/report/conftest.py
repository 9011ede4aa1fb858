"""Runs made up for tests of the report: models of known ability, judges and people of known strictness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zhprobe.files import Journal, write_jsonl
from zhprobe.grading.automatic import answer_hash
from zhprobe.records import Criterion, Grade, Item, Probe, Reply, Settings, Usage, Verdict
from zhprobe.runs import REPLIES, VERDICTS, RunInfo, create_run, select

WORDS = "江阔秋云淡舟轻夜月明芦花随岸白归雁一声声合同解除违约责任诉讼时效三年侬好今朝天气老好格阿拉到外滩去白相".strip()


def sentence(random: np.random.Generator, length: int) -> str:
    """Characters that look like Chinese; what they say does not matter here."""
    picked = random.integers(0, len(WORDS), length)
    text = "".join(WORDS[i] for i in picked)
    return "，".join(text[i : i + 9] for i in range(0, length, 9)) + "。"


def make_probes(capabilities: dict[str, int], *, judge: bool = True, controls: bool = False) -> list[Probe]:
    """Probes of 20 items each, `capabilities` naming how many items a capability has."""
    probes = []
    for capability, count in capabilities.items():
        for part, start in enumerate(range(0, count, 20)):
            criteria = (
                Criterion("form", "共四句，每句五个汉字", 2, "check", {"always": {}}),
                Criterion("fact", "指出诉讼时效为三年", 3, "check", {"always": {}}),
                Criterion("invented", "编造了不存在的内容", -2, "check", {"always": {}}),
                *((Criterion("scene", "写出具体景物，而不只是提到题目", 2, "judge"),) if judge else ()),
            )
            items: list[Item] = []
            name = f"{capability}/probe-{part}"
            for i in range(start, min(start + 20, count)):
                common: dict[str, Any] = {
                    "probe": name,
                    "criteria": criteria,
                    "difficulty": 1 + i % 4,
                    "group": f"g{i // 2}",
                    "family": "limits" if i % 3 == 0 else "",
                    "row": ("understanding", "speaking")[i % 2] if capability == "shanghainese" else "",
                }
                items.append(
                    Item(
                        id=f"item-{i}",
                        messages=(
                            {"role": "user", "content": f"第{i}题：以“秋江”为题写四句诗，每句五个汉字。"},
                        ),
                        reference="江阔秋云淡，舟轻夜月明。",
                        control=f"item-{i}.control" if controls else "",
                        digest=f"d{i}",
                        **common,
                    )
                )
                if controls:
                    items.append(
                        Item(
                            id=f"item-{i}.control",
                            messages=({"role": "user", "content": f"对照第{i}题"},),
                            role="control",
                            digest=f"c{i}",
                            **common,
                        )
                    )
            probes.append(Probe(name, capability, "Can it?", 1, tuple(items), chance=0.1))
    return probes


def make_run(
    folder: Path,
    probes: list[Probe],
    ability: float | dict[str, float],
    *,
    model: str = "api/model",
    samples: int = 1,
    seed: int = 0,
    judge: bool = True,
    people: float = 0.0,
    strict: float = 0.0,
    unsure: float = 0.02,
    text: Callable[[int], str] | None = None,
    length: int = 120,
    settings: dict[str, Any] | None = None,
    info: dict[str, Any] | None = None,
) -> Path:
    """A run folder of a model that meets criteria with the probability `ability` (by capability)."""
    random = np.random.default_rng(seed)
    shared = np.random.default_rng(12345)  # how hard items are, the same for all models
    made = RunInfo(
        model,
        Settings(samples=samples, **(settings or {})),
        concurrency=8,
        **(info or {"model_facts": {"lineage": model.partition("/")[2]}}),
    )
    create_run(folder, made, select(probes))
    grades: list[Grade] = []
    number = 0
    with Journal(folder / REPLIES) as journal:
        for probe in probes:
            level = ability if isinstance(ability, float) else ability[probe.capability]
            for item in probe.items:
                ease = shared.normal(0, 0.18)
                graded = people and random.random() < people
                for sample in range(samples):
                    number += 1
                    words = text(number) if text else sentence(random, length)
                    reply = Reply(
                        probe.id,
                        item.id,
                        model,
                        sample,
                        words,
                        finish_reason="stop",
                        usage=Usage(200, length),
                        latency_s=float(random.gamma(4, 0.5)),
                        first_token_s=float(random.gamma(2, 0.1)),
                        cost=0.002,
                        item_digest=item.digest,
                        flags=("cut",) if random.random() < 0.01 else (),
                    )
                    journal.append(reply)
                    digest = answer_hash(reply)
                    for criterion in item.criteria:
                        p = min(max(level + ease, 0.02), 0.98)
                        good = bool(random.random() < (p if criterion.points > 0 else 1 - p))
                        outcome = "unsure" if random.random() < unsure else "met" if good else "not_met"
                        evidence = words[3:9]
                        verdict = Verdict(
                            outcome, "理由：见所引文字", "see the words quoted", evidence, ((3, 9),)
                        )
                        if criterion.kind == "check":
                            grades.append(
                                Grade(
                                    reply.id,
                                    criterion.id,
                                    1,
                                    f"check:{criterion.check_name}",
                                    verdict,
                                    answer=digest,
                                )
                            )
                            continue
                        if judge:
                            lenient = good or bool(random.random() < strict)
                            said = Verdict(
                                "met" if lenient else "not_met", "景物具体", "concrete", evidence, ((3, 9),)
                            )
                            grades.append(
                                Grade(reply.id, criterion.id, 1, "judge:1f2e3d4c", said, answer=digest)
                            )
                        if graded:
                            said = Verdict("met" if good else "not_met", "同意", "agreed")
                            grades.append(
                                Grade(
                                    reply.id,
                                    criterion.id,
                                    1,
                                    "human:a01",
                                    said,
                                    answer=digest,
                                    extra={"sample": "random"},
                                )
                            )
    write_jsonl(folder / VERDICTS, grades)
    return folder


@pytest.fixture
def two_runs(tmp_path: Path) -> list[Path]:
    """Two models over three capabilities, one clearly better at poetry."""
    probes = make_probes({"poetry": 60, "legal": 40, "shanghainese": 40})
    first = {"poetry": 0.9, "legal": 0.7, "shanghainese": 0.5}
    second = {"poetry": 0.5, "legal": 0.7, "shanghainese": 0.5}
    return [
        make_run(tmp_path / "a", probes, first, model="api/jia", seed=1, people=0.6),
        make_run(tmp_path / "b", probes, second, model="api/yi", seed=2, people=0.6),
    ]
