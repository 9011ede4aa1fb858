"""What the verse checks say of a corpus: outcomes by shape, both scripts, songs, and prose cut to shape.

Run: python benchmarks/verse_corpus.py FOLDER, a copy of chinese-poetry (poems as JSON with `paragraphs`, songs with
`rhythmic`). Nothing of the corpus is shipped; the figures in docs/classical-verse.md come from this script.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zhprobe.text.ci import find_tune, scan_song
from zhprobe.text.readings import simplified, tone_code
from zhprobe.text.stanza import form_of
from zhprobe.text.verse import scan_lines

POEMS = (
    "poet.tang.12000",
    "poet.tang.20000",
    "poet.tang.33000",
    "poet.song.30000",
    "poet.song.70000",
    "poet.song.150000",
)
SONGS = ("ci.song.1000", "ci.song.10000", "ci.song.17000")
PIECES = 5000  # of prose, for each of four shapes


def entries(folder: Path, name: str) -> list[dict[str, Any]]:
    """The poems of one file, wherever in the folder it lies; of several the shortest path."""
    paths = sorted(folder.rglob(f"{name}.json"), key=lambda path: len(path.parts))
    return list(json.loads(paths[0].read_text(encoding="utf-8"))) if paths else []


def lines_of(entry: dict[str, Any]) -> list[str]:
    """Lines of a poem."""
    return [line for part in entry["paragraphs"] for line in re.split("[，。！？；：、]", part) if line]


def share(counts: Counter[str], name: str) -> str:
    """A count with its share."""
    return f"{counts[name]} ({100 * counts[name] / max(1, counts.total()):.1f} %)"


def poems(folder: Path) -> None:
    """Outcomes of poems of four and eight lines, and of the same poems in simplified script."""
    outcomes: dict[str, Counter[str]] = {}
    differ = total = 0
    for name in POEMS:
        for entry in entries(folder, name):
            lines = lines_of(entry)
            form = form_of(tuple(map(len, lines)))
            if form in ("五绝", "七绝", "五律", "七律"):
                outcome = scan_lines(lines).strict
                outcomes.setdefault(f"{name[5:9]} {form}", Counter())[outcome] += 1
                differ += outcome != scan_lines([simplified(line) for line in lines]).strict
                total += 1
    for shape, counts in sorted(outcomes.items()):
        print(
            f"{shape}: n={counts.total()}",
            *(f"{name} {share(counts, name)}" for name in ("pass", "unsure", "fail")),
        )
    print(f"both scripts: {differ} of {total} get another outcome")


LEVEL = [c for c in "东风天山花云人江春秋心明流光" if tone_code(c, "平水韵") == "3"]
OBLIQUE = [c for c in "雨月日水草鸟树柳落白碧坐上" if tone_code(c, "平水韵") == "c"]


def changes(folder: Path) -> None:
    """Faults put into regular poems, one at a time: how many are found, and how many named at their place."""
    chance = random.Random(1)
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    regular = [
        scan_lines(lines_of(e)) for name in POEMS for e in entries(folder, name)[:150] if e["paragraphs"]
    ]
    for poem in (scan for scan in regular if scan.scanned and scan.strict == "pass"):
        lines = list(poem.lines)
        for row in range(len(lines)):
            for name, place in (("second", 1), ("end", -1)):
                if name == "end" and not row:
                    continue
                new = chance.choice(OBLIQUE if poem.places[row][place].tone == "平" else LEVEL)
                cells = list(lines[row])
                cells[place] = new
                scan = scan_lines([*lines[:row], "".join(cells), *lines[row + 1 :]])
                tried[name] += 1
                found[name] += scan.strict != "pass"
                at = len(cells) if place < 0 else place + 1
                placed[name] += any(f.line == row + 1 and f.character in (at, 0) for f in scan.faults)
            if row % 2:
                swapped = [*lines[: row - 1], lines[row], lines[row - 1], *lines[row + 1 :]]
                tried["swap"] += 1
                found["swap"] += scan_lines(swapped).strict != "pass"
    for name in tried:
        print(f"{name}: {found[name]} of {tried[name]} found, {placed[name]} named at the place")


def songs(folder: Path) -> None:
    """Strict and lenient outcomes of songs to tunes that are held, right length only."""
    strict: Counter[str] = Counter()
    lenient: Counter[str] = Counter()
    lengths = 0
    for name in SONGS:
        for entry in entries(folder, name):
            if tune := find_tune(entry.get("rhythmic", "")):
                found = scan_song("\n".join(entry["paragraphs"]), tune.name)
                if any(fault.name in ("字数", "杂字") for fault in found.faults):
                    lengths += 1
                else:
                    strict[found.strict] += 1
                    lenient[found.lenient] += 1
    print(
        f"songs: n={strict.total()}, {lengths} of another length left out; strict pass {share(strict, 'pass')},",
        end=" ",
    )
    print(f"lenient pass {share(lenient, 'pass')}")


def passages(value: Any) -> Iterator[str]:
    """Long strings anywhere in a decoded JSON value."""
    if isinstance(value, str):
        if len(value) > 20:
            yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from passages(each)


def prose(folder: Path) -> None:
    """Outcomes of 古文观止 and the Four Books cut to shape."""
    paths = [*folder.rglob("guwenguanzhi.json"), *folder.rglob("sishuwujing/*.json")]
    text = "".join(
        p for path in sorted(paths) for p in passages(json.loads(path.read_text(encoding="utf-8")))
    )
    han = re.sub("[^一-鿿]", "", text)
    outcomes: Counter[str] = Counter()
    for size, count in ((5, 4), (7, 4), (5, 8), (7, 8)):
        length, made = size * count, 0
        for offset in range(length):
            for start in range(offset, len(han) - length, length):
                if made < PIECES:
                    made += 1
                    lines = [han[start + n * size : start + (n + 1) * size] for n in range(count)]
                    outcomes[scan_lines(lines).strict] += 1
    print(f"prose: n={outcomes.total()}, pass {outcomes['pass']}, unsure {outcomes['unsure']}")


if __name__ == "__main__":
    poems(Path(sys.argv[1]))
    changes(Path(sys.argv[1]))
    songs(Path(sys.argv[1]))
    prose(Path(sys.argv[1]))
