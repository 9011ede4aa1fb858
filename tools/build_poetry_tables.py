"""Write the poetry tables of `zhprobe.text.tables` from the reference data.

    python tools/build_poetry_tables.py ../shared/data/poetry src/zhprobe/text/tables

Facts carry over, files do not: readings are turned inside out (one row a rhyme group), tiers become four
letters, facing pairs one row a character, hashed lines one row a poem, tunes one row a variant.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

TIER_LETTERS = {"common": "c", "few": "c", "rare": "r", "unattested": "u"}
CHINESE_POETRY = "chinese-poetry 99ebbef (MIT, Copyright (c) 2016 JackeyGao)"
LICENCE = "# licence: Apache-2.0, see NOTICE"


def rows(path: Path) -> Iterator[list[str]]:
    """Rows of one reference table without its comment lines."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def write(path: Path, head: Iterable[str], lines: Iterable[str]) -> None:
    """Write comment lines and rows, each ended by a newline."""
    path.write_text("".join(f"{line}\n" for line in (*head, *lines)), encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def pingshui(source: Path, target: Path) -> None:
    """Readings by rhyme group, and which written forms stand for one another."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    forms: dict[str, list[str]] = defaultdict(list)
    for character, simplified, readings in rows(source / "pingshui.tsv"):
        if character != simplified:
            forms[simplified].append(character)
        for reading in dict.fromkeys(readings.split("|")):
            group, tone, parts, _ = reading.split("/")
            groups[tone, group, parts].append(character)
    order = json.loads((source / "rhyme_groups.json").read_text(encoding="utf-8"))["groups_106"]
    place = {(tone, group): (t, g) for t, tone in enumerate(order) for g, group in enumerate(order[tone])}
    keys = sorted(groups, key=lambda k: (*place[k[0], k[1]], k[2]))
    write(
        target / "pingshui.tsv",
        (
            "# source: hulbji/couyun 1744e87 (MIT, Copyright (c) 2026 hulbji), marked against nk2028/tshet-uinh-data"
            " 3417ae0 (CC0)",
            "# and charlesix59/chinese_word_rhyme ff0e9c1 (MIT, Copyright (c) 2023 Charles 闵)",
            LICENCE,
            "# columns: tone | group of the 106 | part of 词林正韵 (two where the group is split and the character is"
            " used in both) | characters",
        ),
        ("\t".join((*key, "".join(sorted(set(groups[key]))))) for key in keys),
    )
    write(
        target / "written_forms.tsv",
        (
            "# source: OpenCC's first choice of a simplified form (Apache-2.0), characters of pingshui.tsv only",
            LICENCE,
            "# columns: simplified | other characters that are written so",
        ),
        (f"{simple}\t{''.join(sorted(set(forms[simple])))}" for simple in sorted(forms)),
    )


def readings_of_use(source: Path, target: Path) -> None:
    """Tiers, words, licensed readings, look-alikes."""
    usage = sorted(rows(source / "heteronym_usage.tsv"))
    write(
        target / "heteronyms.tsv",
        (
            f"# source: counted in 186,112 poems of {CHINESE_POETRY}",
            LICENCE,
            "# columns: character as written | uses level inside the line | oblique inside | level at the end |"
            " oblique at the end | tier of each:",
            "# c common or too few to say, r rare (under 1.2 %), u unattested (under 0.3 % or fewer than 3 uses)",
        ),
        ("\t".join((*row[:5], "".join(TIER_LETTERS[tier] for tier in row[5:9]))) for row in usage),
    )
    words: dict[tuple[str, str], list[str]] = defaultdict(list)
    for word, index, tone, *_ in rows(source / "heteronym_bigrams.tsv"):
        words[index, tone].append(word)
    write(
        target / "heteronym_words.tsv",
        (
            f"# source: counted in {CHINESE_POETRY}; strings seen 12 times or more with one tone in at least 95 %",
            LICENCE,
            "# columns: which character, 0 or 1 | its tone | two-character strings, simplified",
        ),
        ("\t".join((*key, " ".join(sorted(set(words[key]))))) for key in sorted(words)),
    )
    write(
        target / "licensed_readings.tsv",
        (
            "# source: written for this suite; each is rare, and named wherever an outcome rests on it",
            LICENCE,
            "# columns: character | tone | group | where it is read so",
        ),
        ("\t".join((*row[:3], LICENSED[row[0]])) for row in sorted(rows(source / "overrides.tsv"))),
    )
    write(
        target / "look_alikes.tsv",
        (
            "# source: written for this suite from errors seen in texts of old verse",
            LICENCE,
            "# columns: character | read as, where the character itself has no reading | why",
        ),
        ("\t".join(row) for row in sorted(rows(source / "variants.tsv"))),
    )


def rhyme_groups(source: Path, target: Path) -> None:
    """The 106 groups in order, neighbours, parts, and the modern books."""
    data = json.loads((source / "rhyme_groups.json").read_text(encoding="utf-8"))
    modern = json.loads((source / "modern_rhyme.json").read_text(encoding="utf-8"))
    lines = [f"106\t{tone}\t{' '.join(names)}" for tone, names in data["groups_106"].items()]
    lines += [f"neighbours\t平\t{' '.join(names)}" for names in data["neighbour_level_sets"]]
    lines += [f"merge\t词林\t{' '.join(map(str, parts))}" for parts in data["cilin_lenient_merge"]]
    for book, key in (("中华新韵", "xinyun14"), ("中华通韵", "tongyun16")):
        lines += [f"{book}\t{name}\t{' '.join(finals)}" for name, finals in modern[key].items()]
    write(
        target / "rhyme_groups.tsv",
        (
            "# source: 平水韵 and 词林正韵 as in the handbooks; neighbours counted in chinese-poetry 99ebbef;"
            " 中华新韵 (2005) and 中华通韵 (2019) from their published lists",
            LICENCE,
            "# columns: table | tone or name | members; 106: groups in order; merge: parts a lenient reader joins;"
            " modern books: pinyin finals, -i the apical vowel",
        ),
        lines,
    )


def facing(source: Path, target: Path) -> None:
    """Which characters face each other, one row a character."""
    counts = {character: int(n) for character, n in rows(source / "parallel_unigrams.tsv")}
    pairs: dict[str, dict[str, int]] = defaultdict(dict)
    for a, b, n in rows(source / "parallel_pairs.tsv"):
        first, second = sorted((a, b))
        pairs[first][second] = int(n)
    write(
        target / "facing.tsv",
        (
            f"# source: counted in couplets 2 and 3 of eight-line poems of {CHINESE_POETRY}; 1,462,420 aligned pairs",
            LICENCE,
            "# columns: character, simplified | its count | characters of a higher code point that face it, each with"
            " its count of 3 or more",
        ),
        (
            f"{a}\t{counts.get(a, 0)}\t{' '.join(f'{b}{n}' for b, n in sorted(pairs[a].items()))}"
            for a in sorted(counts.keys() | pairs.keys())
        ),
    )


def famous(source: Path, target: Path) -> None:
    """Hashed lines, one row a poem."""
    poems: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for digest, author, title, anthology in rows(source / "famous_lines_hashed.tsv"):
        poems[author, title, anthology].append(digest)
    write(
        target / "famous_lines.tsv",
        (
            f"# source: 唐诗三百首, 千家诗, 宋词三百首 as in {CHINESE_POETRY}",
            LICENCE,
            "# columns: author | title | anthology | first 12 hex digits of sha256 of each line (simplified, Han"
            " characters only, 4 or more)",
        ),
        ("\t".join((*key, " ".join(sorted(set(poems[key]))))) for key in sorted(poems)),
    )


MARKER = re.compile(r"(换?[平仄]?[韵叶叠重]|句|读|换)+$")


def manual_lines(variant: dict[str, object]) -> list[str] | None:
    """Lines of a manual's pattern without markers.

    A marker may carry the tone of the rhyme (平平仄 + 仄韵), which looks like one character more; the
    rhyme positions decide.
    """
    ends = {abs(p) for positions in variant["rhyme"].values() for p in positions}  # type: ignore[attr-defined]
    units: list[tuple[str, str]] = []
    for text in variant["pattern"]:  # type: ignore[attr-defined]
        units += re.findall(r"([平仄中]+)((?:[韵叶叠重句读换])+)", re.sub(r"换[平仄](?=韵)", "换", text))

    def fit(index: int, start: int) -> list[str] | None:
        if index == len(units):
            return [] if start == variant["chars"] else None
        letters, marker = units[index]
        for cut in (0, 1):
            length = len(letters) - cut
            rhymes = any(m in marker for m in "韵叶叠")
            if length <= 0 or (rhymes and start + length - 1 not in ends and "叠" not in marker):
                continue
            rest = fit(index + 1, start + length)
            if rest is not None:
                return [letters[:length] + ("叠" if "叠" in marker else ""), *rest]
        return None

    return fit(0, 0)


def manual_tones(places: list[int], letters: str) -> list[str]:
    """Tone of each rhyme place: the pattern's letter, or where that is free the tone most of the others have.

    A negative place is a rhyme of the other tone (叶).
    """
    own = [letters[p] for p in places if p >= 0]
    base = "仄" if own.count("仄") > own.count("平") else "平"
    other = {"平": "仄", "仄": "平"}[base]
    return [letters[abs(p)] if letters[abs(p)] != "中" else (base if p >= 0 else other) for p in places]


def tunes(source: Path, target: Path) -> None:
    """Tunes of 词, one row a variant."""
    data = json.loads((source / "cipai_patterns.json").read_text(encoding="utf-8"))["cipai"]
    lines, left_out = [], []
    for tune in sorted(data, key=lambda tune: tune["name"]):
        for variant in tune["variants"]:
            rhyme = ";".join(
                " ".join(f"{p}{t}" for p, t in zip(group["positions"], group["tones"], strict=True))
                for group in variant["rhyme"]
            )
            lines.append((tune, "song", variant["songs"], " ".join(variant["pattern"]), rhyme))
        for variant in tune["reference"]:
            found = manual_lines(variant)
            if found is None:
                left_out.append((tune["name"], variant["chars"]))
                continue
            letters = "".join(found).replace("叠", "")
            rhyme = ";".join(
                " ".join(
                    f"{abs(p)}{tone}" for p, tone in zip(places, manual_tones(places, letters), strict=True)
                )
                for places in variant["rhyme"].values()
            )
            lines.append((tune, "manual", 0, " ".join(found), rhyme))
    print("manual patterns left out:", left_out)
    write(
        target / "tunes.tsv",
        (
            f"# source: song rows derived from 全宋词 in {CHINESE_POETRY}, three quarters of it; manual rows: patterns"
            " of 钦定词谱 as transcribed by hulbji/couyun 1744e87 (MIT, Copyright (c) 2026 hulbji)",
            LICENCE,
            "# columns: tune | other names | song or manual | songs seen | lines (中: either tone; 叠 after a line:"
            " its words may repeat) | rhymes: places from 0 with their tone, lists apart by ;",
        ),
        (
            "\t".join((tune["name"], " ".join(tune["aliases"]), kind, str(songs), pattern, rhyme))
            for tune, kind, songs, pattern, rhyme in lines
        ),
    )


def modern(target: Path) -> None:
    """How usual the readings of today are: counted over the phrases that pypinyin holds.

    一 and 不 have the tone they are said with alone; the tone they change to beside others is no reading.
    """
    from pypinyin import Style, pinyin
    from pypinyin.constants import PHRASES_DICT
    from pypinyin.contrib.tone_convert import to_tone3

    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for phrase, syllables in PHRASES_DICT.items():
        for character, found in zip(phrase, syllables, strict=False):
            counts[character][to_tone3(found[0], neutral_tone_with_five=True)] += 1
    lines = []
    for character in sorted(counts):
        if character in "一不":
            lines.append(f"{character}\t{'yi1' if character == '一' else 'bu4'}\t")
            continue
        known = pinyin(character, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]
        total = sum(counts[character].values())
        share = {syllable: counts[character][syllable] / total for syllable in known}
        common = [s for n, s in enumerate(known) if n == 0 or share[s] >= 0.012]
        rare = [s for s in known if s not in common and share[s] >= 0.003 and counts[character][s] >= 3]
        if len(known) > 1:
            lines.append(f"{character}\t{' '.join(common)}\t{' '.join(rare)}")
    write(
        target / "modern_readings.tsv",
        (
            "# source: counted over the 47,111 phrases of pypinyin 0.55 (MIT, Copyright (c) 2016 mozillazg)",
            LICENCE,
            "# columns: character with several readings | its common readings: pypinyin's first and those in 1.2 % of"
            " its phrases | rare ones: 0.3 % and 3 phrases; others are not held",
        ),
        lines,
    )


LICENSED = {
    "衰": "贺知章《回乡偶书》“鬓毛衰”，与回、来为韵",
    "琵": "白居易“四弦不似琵琶声”，诗家变读，不载韵书",
    "十": "白居易“红栏三百九十桥”，诗家变读",
    "佳": "唐人多与麻韵同押",
    "勤": "欣韵字，常与真韵同押",
    "斤": "欣韵字，常与真韵同押",
    "欣": "欣韵字，常与真韵同押",
}


if __name__ == "__main__":
    here, there = Path(sys.argv[1]), Path(sys.argv[2])
    there.mkdir(parents=True, exist_ok=True)
    pingshui(here, there)
    readings_of_use(here, there)
    rhyme_groups(here, there)
    facing(here, there)
    famous(here, there)
    tunes(here, there)
    modern(there)
