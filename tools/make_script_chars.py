"""Write src/zhprobe/text/tables/script_chars.tsv from the facts of the OpenCC character tables.

Run by hand when the tables move: python tools/make_script_chars.py ../shared/data/structured
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src/zhprobe/text/tables/script_chars.tsv"
HEAD = """\
# Which characters belong to one script alone, and the Simplified form of each Traditional one.
# Source: facts of the tables STCharacters and TSCharacters of OpenCC, commit 5249273a, and the repertoires of GB 2312 and Big5.
# Licence: Apache-2.0 (see NOTICE).
# Columns: character, class, simplified form ('-' where it is the character itself). Sorted by code point.
# Classes: simplified (never in Traditional text), simplified_possible, traditional (never in Simplified text),
# traditional_possible, either (legal in both; listed for its Simplified form alone).
"""


def read_pairs(path: Path) -> dict[str, list[str]]:
    """Character to its counterparts, best first."""
    rows = (line.rstrip("\n").split("\t") for line in path.open(encoding="utf-8") if "\t" in line)
    return {key: values.split(" ") for key, values in rows if not key.startswith("#")}


def main(folder: Path) -> None:
    classes = json.loads((folder / "script_chars.json").read_text(encoding="utf-8"))
    simplified_of = read_pairs(folder / "opencc/TSCharacters.txt")
    rows: dict[str, tuple[str, str]] = {}
    for key, values in simplified_of.items():
        if len(key) == 1 and len(values[0]) == 1 and values[0] != key:
            rows[key] = ("either", values[0])
    for name in (
        "traditional_possible",
        "simplified_possible",
        "traditional_definite",
        "simplified_definite",
    ):
        for character in classes[name]:
            other = rows.get(character, ("", "-"))[1]
            if name == "simplified_definite" and other != "-":
                continue  # 麽: OpenCC knows it on both sides, and 甚麽 is good Traditional
            rows[character] = (name.removesuffix("_definite"), other)
    body = "".join(f"{key}\t{kind}\t{other}\n" for key, (kind, other) in sorted(rows.items()))
    TARGET.write_text(HEAD + body, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
