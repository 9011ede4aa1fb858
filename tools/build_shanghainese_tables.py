"""Make the Shanghainese tables of the package from the reference data.

    python tools/build_shanghainese_tables.py FOLDER

FOLDER holds `lexicon-reference.tsv`, `fidelity-markers.tsv` and `trad-to-simp-markers.tsv`. Facts are
taken over (a form, what it means, where it is attested), in the project's own columns; counts, romanisation
and page notes are not. The variant classes are written here: each is a pattern and the form it folds into.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

OUT = Path(__file__).parent.parent / "src" / "zhprobe" / "text" / "tables"

CLASSES = {
    "wu": "wu",
    "wu_weak": "weak",
    "shared": "shared",
    "shared_yue": "yue",
    "false_friend": "false_friend",
}
SOURCES = {
    "D": "dictionary",
    "J": "textbook",
    "M": "conversation",
    "T": "tatoeba",
    "R": "wordlist",
    "K": "unattested",
}

# Pattern, the form it folds into, why the pattern looks the way it does. Order is the order of folding.
CLASSIFIERS = "个面搭歇眼点能抢枪腔种部本条只边趟桩爿"
END = r"(?=[。！？!?，,、；;：:…~～）)」”\"'\s]|$)"
VARIANTS = [
    ("(?<![砍讨征杀步矜北口])伐" + END, "𠲎", "question particle; before punctuation or the end only"),
    ("弗", "勿", ""),
    ("覅|𧟰", "勿要", ""),
    ("(?:垃海|勒海|拉海(?!鲜|边|外))", "辣海", ""),
    ("(?:垃拉|拉垃(?!圾)|勒勒|勒拉)", "辣辣", ""),
    ("伊垃(?!圾)|依拉", "伊拉", ""),
    (f"哀(?=[{CLASSIFIERS}])", "埃", "before a classifier only: not 悲哀"),
    ("箇", "搿", ""),
    (
        "(?<![名余金份数总差超前巨全限定税])额(?![角头外度定骨])|呃",
        "个",
        "额 as the particle only: not 额角头, 余额",
    ),
    ("汰(?=手|浴|头|衣裳|碗)", "汏", ""),
    ("困觉", "睏觉", ""),
    ("葛么", "葛末", ""),
    ("言话", "闲话", ""),
    ("夜道", "夜到", ""),
    ("孛相", "白相", ""),
    ("推板", "推扳", ""),
    ("来事(?![体情故务项件])|来塞(?!车)", "来三", "not 后来事体"),
]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(name: str, head: list[str], columns: list[str], rows: list[list[str]]) -> None:
    lines = [f"# {line}" for line in head] + ["# columns: " + " ".join(columns)]
    lines += ["\t".join(row) for row in rows]
    (OUT / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{name}: {len(rows)} rows")


def split_sense(form: str) -> tuple[str, str]:
    """`脱（结果）` is the form 脱 in the sense 结果."""
    if form.endswith("）") and "（" in form:
        bare, sense = form[:-1].split("（", 1)
        return bare, sense
    return form, ""


def lexicon(folder: Path) -> None:
    rows = []
    for row in read(folder / "lexicon-reference.tsv"):
        form, sense = split_sense(row["preferred"])
        noted = re.sub(r"\S+\(other Wu\)", "", row["variants"]).split()  # not Shanghai, so not accepted
        spoken = [v.removesuffix("(phonetic)") for v in noted if v.endswith("(phonetic)")]
        variants = [v for v in noted if "(" not in v]
        rows.append(
            [
                form,
                sense,
                " ".join(variants),
                " ".join(spoken),
                row["mandarin_gloss"],
                row["category"],
                CLASSES[row["distinctive"]],
                row["status"],
                " ".join(SOURCES[letter] for letter in row["attest"]),
                row["confidence"],
            ]
        )
    write(
        "wu_lexicon.tsv",
        [
            "Shanghainese words: facts looked up in a dictionary, a word list and three text sources; glosses are our own",
            "source: the project's reference table, see docs/shanghainese.md; no native speaker has checked it",
            "licence: CC-BY-4.0",
        ],
        [
            "form",
            "sense",
            "variants",
            "sound_spellings",
            "gloss",
            "kind",
            "distinctive",
            "register",
            "source",
            "confidence",
        ],
        sorted(rows),
    )


def markers(folder: Path) -> None:
    rows = [
        [row["list"], row["category"], row["weight"], row["pattern"], row["note"]]
        for row in read(folder / "fidelity-markers.tsv")
    ]
    write(
        "wu_markers.tsv",
        [
            "weighted patterns of the fidelity score: W Shanghainese, M Mandarin left in, Y Cantonese, O other Wu",
            "source: written for this project (docs/shanghainese.md)",
            "licence: CC-BY-4.0",
        ],
        ["list", "category", "weight", "pattern", "note"],
        sorted(rows, key=lambda row: (row[0], row[1], -float(row[2]), row[3])),
    )


def folds(folder: Path) -> None:
    rows = sorted([row["trad"], row["simp"]] for row in read(folder / "trad-to-simp-markers.tsv"))
    write(
        "wu_folds.tsv",
        [
            "traditional characters that the marker patterns need, and their simplified form",
            "source: correspondences as in OpenCC TSCharacters (BYVoid/OpenCC 5249273a)",
            "licence: Apache-2.0",
            "係 箇 嘅 睏 儂 嘸 are left alone on purpose: folding them would erase distinctions",
        ],
        ["traditional", "simplified"],
        rows,
    )


def variants() -> None:
    write(
        "wu_variants.tsv",
        [
            "spellings that count as one: a pattern and the form it folds into, in the order of folding",
            "source: written for this project (docs/shanghainese.md)",
            "licence: CC-BY-4.0",
        ],
        ["pattern", "form", "note"],
        [list(row) for row in VARIANTS],
    )


def main() -> None:
    folder = Path(sys.argv[1])
    lexicon(folder)
    markers(folder)
    folds(folder)
    variants()


if __name__ == "__main__":
    main()
