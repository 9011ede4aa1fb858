"""Processor time of 10,000 call verdicts on one core: python benchmarks/calls.py

Replies in four shapes (the endpoint's calls, our array, two families' own notations), right and wrong,
against expectations of one to four calls from the packaged probes. The limit is 5 seconds.
"""

from __future__ import annotations

import json
import sys
import time

from machine import machine

from zhprobe.checks.registry import bind
from zhprobe.probes import load_probes
from zhprobe.records import Reply
from zhprobe.specimens import specimen_reply

COUNT = 10_000
LIMIT = 5.0  # seconds


def replies() -> list[tuple[object, Reply, object]]:
    """(check, reply, item) for every specimen with calls, in each shape."""
    made: list[tuple[object, Reply, object]] = []
    for probe in load_probes().sound():
        if not probe.id.startswith("structured/calls-"):
            continue
        for item in probe.items:
            for criterion in item.criteria:
                if criterion.check_name != "calls_match":
                    continue
                run = bind(criterion.check_name, criterion.check_parameters, item.key)
                for specimen in item.specimens:
                    reply = specimen_reply(item, specimen)
                    made.append((run, reply, item))
                    calls = [
                        {"name": c.name, "arguments": json.loads(c.arguments)} for c in specimen.tool_calls
                    ]
                    if calls:
                        text = json.dumps(calls, ensure_ascii=False)
                        hermes = "".join(
                            f"<tool_call>\n{json.dumps(c, ensure_ascii=False)}\n</tool_call>" for c in calls
                        )
                        xml = "".join(
                            f"<tool_call><function={c['name']}>"
                            + "".join(
                                f"<parameter={k}>\n{v}\n</parameter>" for k, v in c["arguments"].items()
                            )
                            + "</function></tool_call>"
                            for c in calls
                        )
                        made += [
                            (run, Reply(item.probe, item.id, "m", text=shape), item)
                            for shape in (text, hermes, xml)
                        ]
    return made


def main() -> int:
    """Measure and print; exit code 1 over the limit."""
    print(machine())
    made = replies()
    rounds = []
    for _ in range(3):
        start = time.process_time()
        for number in range(COUNT):
            run, reply, item = made[number % len(made)]
            run(reply, item)  # type: ignore[operator]
        rounds.append(time.process_time() - start)
    best = min(rounds)
    print(
        f"{COUNT} call verdicts over {len(made)} different replies: {best:.2f} s ({COUNT / best:,.0f} a second)"
    )
    return 0 if best < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
