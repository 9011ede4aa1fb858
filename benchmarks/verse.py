"""How long a scan takes: time to load the tables, then milliseconds a poem (goals: 0.3 s, 0.8 ms).

Run: python benchmarks/verse.py [poems.jsonl]. Without a file the poems are made from our own lines: every line is one of
twelve, so that quatrains and eight-line poems with and without faults come up; with one, each row has `lines`.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from machine import machine

FIVE = "白日依山尽 黄河入海流 欲穷千里目 更上一层楼 空山新雨后 天气晚来秋 明月松间照 清泉石上流".split()
SEVEN = "朝辞白帝彩云间 千里江陵一日还 两岸猿声啼不住 轻舟已过万重山 春风又绿江南岸 明月何时照我还".split()


def made_poems(count: int) -> list[str]:
    """Poems of four or eight lines, drawn by a seed, with one character changed in half of them."""
    chance = random.Random(11)
    poems = []
    for _ in range(count):
        lines = chance.choices(chance.choice((FIVE, SEVEN)), k=chance.choice((4, 8)))
        if chance.random() < 0.5:
            row, place = chance.randrange(len(lines)), chance.randrange(len(lines[0]))
            lines[row] = lines[row][:place] + chance.choice("东风看重不去月为") + lines[row][place + 1 :]
        poems.append("，\n".join(lines))
    return poems


def main() -> None:
    """Print both times; exit 1 when a goal is missed."""
    print(machine())
    start = time.process_time()  # of this process: other work on the machine does not count
    from zhprobe.text.ci import tunes
    from zhprobe.text.facing import pair_count
    from zhprobe.text.originality import find_line
    from zhprobe.text.verse import scan

    scan("，".join(FIVE[:4]))
    pair_count("风", "雨")
    find_line(FIVE[0])
    tunes()
    loaded = time.process_time() - start
    if len(sys.argv) > 1:
        rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
        poems = ["\n".join(row["lines"]) for row in rows if row.get("form") != "词"]
    else:
        poems = made_poems(2000)
    start = time.process_time()
    for poem in poems:
        scan(poem)
    each = 1000 * (time.process_time() - start) / len(poems)
    print(
        f"tables {loaded:.3f} s; {len(poems)} poems, {each:.3f} ms each, {1000 / each:.0f} a second on one core"
    )
    if loaded > 0.3 or each > 0.8:
        raise SystemExit("slower than the goals of 0.3 s and 0.8 ms")


if __name__ == "__main__":
    main()
