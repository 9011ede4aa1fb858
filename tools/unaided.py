"""Answers given in earnest, without sight of the criteria, taken into the probe files as specimens.

    python tools/unaided.py questions CAPABILITY COUNT > questions.jsonl   prompts alone, spread over all probes
    (someone answers: one JSON object a line, {"item": key, "answer": text, "tool_calls": [...]})
    python tools/unaided.py reading questions answers > reading.jsonl      prompt, answer, what each criterion says
    (a reader writes "verdicts": {criterion: met | not_met | na | unsure} into each line, before any check is run)
    python tools/unaided.py compare reading.jsonl                          reader against checks, by probe
    python tools/unaided.py keep reading.jsonl                             append them to the probe files

`keep` writes the reader's verdicts, whatever the checks say.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from zhprobe.checks import registry
from zhprobe.probes import load_probes, packaged_folder
from zhprobe.records import Item, Probe, Specimen, ToolCall
from zhprobe.specimens import counted, program_criteria, specimen_reply


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


def all_items() -> dict[str, tuple[Probe, Item]]:
    return {item.key: (probe, item) for probe in load_probes().sound() for item in probe.items}


def questions(capability: str, count: int) -> None:
    """Round after round, one item a probe, those without an unaided answer first in file order spread evenly."""
    by_probe: dict[str, list[Item]] = defaultdict(list)
    for probe in load_probes().sound():
        if probe.capability == capability:
            items = [
                i for i in counted([probe]) if not any(s.origin == "unaided answer" for s in i.specimens)
            ]
            step = max(1, len(items) // 5)
            by_probe[probe.id] = [item for start in range(step) for item in items[start::step]]
    chosen: list[Item] = []
    while len(chosen) < count and any(by_probe.values()):
        for rest in by_probe.values():
            if rest and len(chosen) < count:
                chosen.append(rest.pop(0))
    for item in sorted(chosen, key=lambda i: i.key):
        asked: dict[str, Any] = {"item": item.key, "messages": list(item.messages)}
        if item.tools:
            asked["tools"] = list(item.tools)
        if item.schema:
            asked["schema"] = item.schema
        if item.turns:
            asked["turns"] = list(item.turns)
        print(json.dumps(asked, ensure_ascii=False))


def reading(asked: str, answered: str) -> None:
    known = all_items()
    given = {row["item"]: row for row in lines(answered)}
    for row in lines(asked):
        answer = given.get(row["item"])
        if answer is None:
            continue
        _, item = known[row["item"]]
        criteria = {c.id: {"text": c.text, "points": c.points} for c in program_criteria(item)}
        print(
            json.dumps(
                {
                    **row,
                    **answer,
                    "reference": item.reference,
                    "expect": item.expect,
                    "criteria": criteria,
                    "verdicts": {},
                },
                ensure_ascii=False,
            )
        )


def as_specimen(row: dict[str, Any]) -> Specimen:
    calls = tuple(
        ToolCall(
            call["name"],
            call["arguments"]
            if isinstance(call["arguments"], str)
            else json.dumps(call["arguments"], ensure_ascii=False),
        )
        for call in row.get("tool_calls", [])
    )
    return Specimen(
        answer=row.get("answer", ""),
        verdicts=row["verdicts"],
        origin="unaided answer",
        tool_calls=calls,
        transcript=tuple(row.get("transcript", ())),
    )


def compare(path: str) -> None:
    known = all_items()
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in lines(path):
        probe, item = known[row["item"]]
        reply = specimen_reply(item, as_specimen(row))
        table[probe.id][0] += 1
        for criterion in program_criteria(item):
            found = registry.bind(criterion.check_name, criterion.check_parameters)(reply, item)
            expected = str(row["verdicts"].get(criterion.id, "met" if criterion.points > 0 else "not_met"))
            got = found.outcome if found.level is None or not expected.isdigit() else str(found.level)
            if got != expected:
                table[probe.id][1 if expected == "met" else 2] += 1
                print(f"{item.key} {criterion.id}: reader {expected}, check {got}: {found.reason}")
                print(
                    f"    {(row.get('answer') or json.dumps(row.get('tool_calls'), ensure_ascii=False))[:300]!r}"
                )
    print("| probe | answers | right refused | wrong accepted or other |\n| --- | --- | --- | --- |")
    for name, (count, refused, other) in sorted(table.items()):
        print(f"| {name} | {count} | {refused} | {other} |")


def literal(text: str) -> str:
    if "'''" not in text and not text.endswith("'") and "\r" not in text:
        return f"'''\n{text}'''"
    return json.dumps(text, ensure_ascii=False)


def inline(value: Any) -> str:
    """A JSON value as inline TOML; what is null is left out."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {inline(v)}" for key, v in value.items() if v is not None) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def keep(path: str) -> None:
    known = all_items()
    by_file: dict[str, list[str]] = defaultdict(list)
    for row in lines(path):
        probe, item = known[row["item"]]
        verdicts = ", ".join(f"{key} = {json.dumps(value)}" for key, value in row["verdicts"].items())
        parts = ["[[specimen]]", f"item = {json.dumps(item.id)}", 'origin = "unaided answer"']
        parts.append(f"answer = {literal(row.get('answer', ''))}")
        if row.get("tool_calls"):
            calls = ", ".join(
                f"{{ name = {json.dumps(c.name)}, arguments = {json.dumps(c.arguments, ensure_ascii=False)} }}"
                for c in as_specimen(row).tool_calls
            )
            parts.append(f"tool_calls = [{calls}]")
        if row.get("transcript"):
            parts.append(f"transcript = {inline(row['transcript'])}")
        if verdicts:
            parts.append(f"verdicts = {{ {verdicts} }}")
        if row.get("note"):
            parts.append(f"note = {json.dumps(row['note'], ensure_ascii=False)}")
        by_file[probe.path].append("\n".join(parts))
    head = "# Answers given in earnest without sight of the criteria; verdicts by a reader before the checks were run."
    for path_, entries in by_file.items():
        file = packaged_folder() / Path(path_).relative_to("probes")
        text = file.read_text(encoding="utf-8").rstrip("\n")
        if head not in text:
            text += f"\n\n{head}"
        file.write_text(text + "\n\n" + "\n\n".join(entries) + "\n", encoding="utf-8")
        print(f"{path_}: {len(entries)}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["questions", capability, count]:
            questions(capability, int(count))
        case ["reading", asked, answered]:
            reading(asked, answered)
        case ["compare", path]:
            compare(path)
        case ["keep", path]:
            keep(path)
        case _:
            sys.exit(__doc__)
