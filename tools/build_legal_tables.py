"""Make the legal tables of the package from the reference data: names, dates, counts, relations, hashes; no texts.

Run as `python tools/build_legal_tables.py ../shared/data/legal` with src on the path.
"""

from __future__ import annotations

import csv
import hashlib
import json
import lzma
import sys
from array import array
from pathlib import Path
from typing import Any

from zhprobe.text.law_hashes import gram_hashes, normalised
from zhprobe.text.law_names import name_key

TABLES = Path(__file__).parent.parent / "src/zhprobe/text/tables"
STATES = "2026-07-17"  # day on which the statute texts were read
KNOWN = "2026-09-30"  # last day up to which changes are known

# Names in use that the reference list lacks; written for this project.
MORE_ALIASES = {
    "中华人民共和国民法典": ["中国民法典", "民典"],
    "中华人民共和国民事诉讼法": ["民诉"],
    "中华人民共和国道路交通安全法": ["道路安全交通法"],
    "中华人民共和国刑法": ["中国刑法", "刑法典"],
    "机动车交通事故责任强制保险条例": ["交强险条例"],
    "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释": [
        "民事诉讼法解释",
        "民诉法解释",
        "民诉法适用解释",
    ],
    "最高人民法院关于适用《中华人民共和国刑事诉讼法》的解释": [
        "刑事诉讼法解释",
        "刑诉解释",
        "刑诉法司法解释",
    ],
    "最高人民法院关于适用《中华人民共和国行政诉讼法》的解释": [
        "行政诉讼法解释",
        "行诉解释",
        "行诉法司法解释",
    ],
    "最高人民法院关于适用《中华人民共和国民法典》有关担保制度的解释": ["担保制度解释", "民法典担保解释"],
    "最高人民法院关于适用《中华人民共和国民法典》时间效力的若干规定": [
        "时间效力规定",
        "民法典时间效力司法解释",
    ],
    "最高人民法院关于适用《中华人民共和国民法典》合同编通则若干问题的解释": [
        "合同编通则解释",
        "民法典合同编解释",
    ],
    "最高人民法院关于适用《中华人民共和国民法典》总则编若干问题的解释": ["总则编解释"],
    "最高人民法院关于审理劳动争议案件适用法律问题的解释（一）": [
        "劳动争议案件解释一",
        "新劳动争议司法解释一",
    ],
}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(name: str, about: str, columns: list[str], rows: list[list[str]]) -> None:
    head = [
        f"# {about}",
        "# Source: texts and dates of PRC laws (not protected, Copyright Law of the PRC art. 5(1)), gathered from public",
        f"# copies; state of the texts {STATES}, changes known up to {KNOWN}. Checked by no lawyer. Licence: CC-BY-4.0",
        f"# Columns: {', '.join(columns)}",
    ]
    lines = ["\t".join(row) for row in rows]
    if len(lines) != len(set(lines)):
        raise SystemExit(f"{name}: doubles")
    (TABLES / name).write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8", newline="\n")


def instruments(rows: list[dict[str, str]]) -> list[list[str]]:
    """One row an instrument; a copied row that repeats a curated one is left out."""
    best: dict[str, list[str]] = {}
    for row in sorted(
        rows, key=lambda r: (r["tier"] != "core", r["confidence"][:3] == "low", r["official_name"])
    ):
        key = name_key(row["official_name"])
        core = row["tier"] == "core"
        sure = core or row["confidence"].startswith("medium")
        if key in best:
            continue
        begins = row["first_effective"]
        if not core and row["first_adopted"]:  # copied rows give the day of the present version
            begins = min(filter(None, (row["first_adopted"], begins)))
        since = row["current_effective"] or row["first_effective"] or row["current_adopted"]
        aliases = [a for a in row["aliases"].split(";") if a] + MORE_ALIASES.get(row["official_name"], [])
        best[key] = [
            row["official_name"],
            row["short_name"] if row["short_name"] != row["official_name"] else "",
            ";".join(sorted(set(aliases))),
            row["level"],
            "1" if sure else "0",
            begins if sure else "",
            row["repealed_on"] if sure else "",
            row["superseded_by"] if sure else "",
            row["article_count"] if sure else "",
            since if sure else "",
        ]
    return sorted(best.values())


def article_entry(key: str, article: dict[str, Any]) -> tuple[str, str]:
    """`577=45.0`: for each 款 its normalised length and its number of 项; `199=x` where deleted. And the text."""
    if article.get("deleted"):
        return f"{key}=x", ""
    parts, texts = [], []
    for paragraph in article["k"]:
        text = normalised(paragraph["t"] + "".join(paragraph.get("x", ())))
        parts.append(f"{len(text)}.{len(paragraph.get('x', ()))}")
        texts.append(text)
    return f"{key}={'/'.join(parts)}", "".join(texts)


def verify(text: dict[str, Any]) -> None:
    """Keys rise, the largest is the count, the last article says when the law takes effect."""
    keys = [tuple(int(part) for part in key.split("-")) for key in text["articles"]]
    if keys != sorted(set(keys)):
        raise SystemExit(f"{text['id']}: article keys do not rise")
    if keys[-1][0] != text["article_count"]:
        raise SystemExit(f"{text['id']}: {keys[-1][0]} articles, the file says {text['article_count']}")
    last = "".join(k["t"] + "".join(k.get("x", ())) for k in list(text["articles"].values())[-1]["k"])
    if (
        not any(word in last for word in ("施行", "废止", "为准"))
        and text["law"] != "中华人民共和国刑事诉讼法"
    ):
        raise SystemExit(f"{text['id']}: the last article says nothing of commencement: {last[:60]}")


def main(source: Path) -> None:
    laws = read(source / "laws.tsv")
    write(
        "legal_instruments.tsv",
        "Instruments of PRC law: names and dates. `sure` is 0 where only the name is known well enough",
        [
            "name",
            "short",
            "aliases",
            "level",
            "sure",
            "in force from",
            "repealed on",
            "successor",
            "articles",
            "count valid from",
        ],
        instruments(laws),
    )
    write(
        "legal_versions.tsv",
        "Versions of the laws cited most, with the days between which they are in force",
        ["law", "version", "from", "to", "articles", "renumbered", "text"],
        sorted(
            [
                r["law"],
                r["label"],
                r["effective_from"],
                r["effective_to"],
                r["article_count"],
                r["renumbered"],
                r["text_id"],
            ]
            for r in read(source / "law_versions.tsv")
        ),
    )
    texts = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((source / "statutes").glob("*.json"))
    ]
    hashes, rows = array("I"), []
    for text in texts:
        verify(text)
        entries, own = [], array("I")
        for key, article in text["articles"].items():
            entry, plain = article_entry(key, article)
            entries.append(entry)
            own.extend(gram_hashes(plain))
        hashes.extend(own)
        if sys.byteorder != "little":
            own.byteswap()
        check = hashlib.sha256(own.tobytes()).hexdigest()[:16]
        ends = text["effective_to"] or ""
        rows.append(
            [
                text["id"],
                text["law"],
                text["version"],
                text["effective_from"] or "",
                ends,
                check,
                " ".join(entries),
            ]
        )
    write(
        "legal_articles.tsv",
        "Articles of the texts hashed in legal_hashes.xz, in its order: key=length.items of each paragraph (款), / between",
        ["text", "law", "version", "from", "to", "SHA-256 of its hashes (16 digits)", "articles"],
        rows,
    )
    if sys.byteorder != "little":
        hashes.byteswap()
    filters = [
        {
            "id": lzma.FILTER_LZMA2,
            "preset": 9 | lzma.PRESET_EXTREME,
            "lc": 0,
            "lp": 2,
            "pb": 2,
            "dict_size": 1 << 24,
        }
    ]
    (TABLES / "legal_hashes.xz").write_bytes(
        lzma.compress(hashes.tobytes(), format=lzma.FORMAT_XZ, filters=filters)
    )
    concordance = {
        (r["old_law"], r["old_article"], r["old_version"], r["new_law"], r["new_article"], r["relation"])
        for r in read(source / "concordance.tsv")
        if r["new_article"]
    }
    write(
        "legal_concordance.tsv",
        "Where an article of an earlier law or version stands now; `curated` rows and all others need a lawyer",
        ["old law", "old article", "old version adopted", "new law", "new article", "relation"],
        sorted(map(list, concordance), key=lambda r: (r[0], int(r[1].split("-")[0]), r)),
    )
    write(
        "legal_anchors.tsv",
        "Topics, the article that governs each now, and the numbers it had before (number@law and version)",
        [
            "topic",
            "law",
            "article",
            "keywords",
            "earlier numbers",
            "from",
            "earlier number now holds a keyword",
        ],
        anchors(read(source / "anchors.tsv"), {text["id"]: text for text in texts}),
    )
    print(len(hashes), "hashes,", (TABLES / "legal_hashes.xz").stat().st_size, "bytes")


def anchors(rows: list[dict[str, str]], texts: dict[str, Any]) -> list[list[str]]:
    found = []
    for row in rows:
        clash = []
        for stale in filter(None, row["stale_numbers"].split(";")):
            number = stale.split("@")[0]
            article = texts[row["text_id"]]["articles"].get(number)
            plain = (
                normalised("".join(k["t"] + "".join(k.get("x", ())) for k in article["k"])) if article else ""
            )
            if any(normalised(word) in plain for word in row["keywords"].split(",")):
                clash.append(number)
        found.append(
            [
                row["topic"],
                row["law"],
                row["article"],
                row["keywords"],
                row["stale_numbers"],
                row["effective_from"],
                ";".join(clash),
            ]
        )
    return sorted(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
