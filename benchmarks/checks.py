"""How many checks a second one core makes: python benchmarks/checks.py

Constraint checks on an answer of some 300 characters, JSON checks on an order of 12 lines, the readers of
numbers and dates, and the sentence splitter. Medians of five rounds.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

from machine import machine

from zhprobe.checks import registry
from zhprobe.records import Item, Reply
from zhprobe.text.dates import read_date
from zhprobe.text.numbers import read_number, write_rmb
from zhprobe.text.segments import sentences

PROSE = (
    "好的，如下：\n"
    + "江南的春天来得早，二月里河边的柳条就软了。孩子们跑到田埂上放风筝，老人坐在门口晒太阳，说：“今年雨水好。”\n"
    * 6
)
ORDER = {
    "单号": "A-017",
    "日期": "2026-03-05",
    "明细": [{"名称": f"货品{n}", "数量": n, "单价": n * 1.5} for n in range(12)],
}
CONSTRAINTS = {
    "length_total": {"unit": "han", "min": 100, "max": 300},
    "count_sentences": {"exactly": 12},
    "must_include": {"strings": ["春天", "风筝"]},
    "script_simplified": {},
    "punctuation_chinese": {},
    "list_items": {"exactly": 3},
    "no_latin": {},
}
VALUES = {"/单号": {"exact": "A-017"}, "/日期": {"date": "2026-03-05"}} | {
    f"/明细/{n}/数量": n for n in range(12)
}


def rate(label: str, once: Callable[[], object], count: int) -> None:
    """Print how often a second `once` runs."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(count):
            once()
        rounds.append(count / (time.perf_counter() - start))
    print(f"{label:<28}{statistics.median(rounds):>12,.0f} a second")


def main() -> None:
    print(machine())
    item = Item("b/x", "i", (), (), schema={"type": "object", "required": ["单号", "明细"]})
    prose, order = (
        Reply("b/x", "i", "m", text=PROSE),
        Reply("b/x", "i", "m", text=json.dumps(ORDER, ensure_ascii=False)),
    )
    for name, parameters in CONSTRAINTS.items():
        run = registry.bind(name, parameters)
        rate(name, lambda run=run: run(prose, item), 300)
    strict = registry.bind("json_strict", {"values": VALUES, "extra": "allow"})
    rate("json_strict", lambda: strict(order, item), 300)
    rate("read_number", lambda: read_number("一千二百三十四万五千六百七十八"), 3000)
    rate("write_rmb", lambda: write_rmb("1234567.89"), 3000)
    rate("read_date", lambda: read_date("二〇二六年三月五日"), 3000)
    rate("sentences", lambda: sentences(PROSE), 300)


if __name__ == "__main__":
    main()
