"""A scan drawn: each character with its tone under it, rhymes, faults and rescues marked without colour.

`draw_html` gives a fragment for the page (its style lies in `templates/report.css`, under `.scan`), `draw_text` plain text that stays
aligned because every cell is a full-width character. Both take the `detail` of a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from zhprobe.checks.verse import couplet_form as _couplet_form
from zhprobe.checks.verse import scan_detail, song_detail, verse_facing
from zhprobe.errors import UserError, did_you_mean
from zhprobe.text.ci import find_tune, scan_song, tunes
from zhprobe.text.originality import LineIndex, borrowed, corpus_lines
from zhprobe.text.rhyme import find_group, group_label
from zhprobe.text.stanza import FORMS
from zhprobe.text.verse import scan
from zhprobe.text.verse_search import type_name

Detail = dict[str, Any]

BLANK = "　"
# Cells under a character; all full-width. The first that holds is shown.
SIGNS = {"wrong": "Ｘ", "rescued": "救", "unknown": "？"}
RHYME = "韵"

WORDS = {
    "zh": {
        "pass": "合律",
        "unsure": "难定",
        "fail": "不合",
        "faults": "病",
        "marks": "注",
        "depends_on": "所据",
        "alternatives": "或",
        "lenient": "从宽",
        "key": "平仄：所读之声　中：两读皆可　Ｘ：不合　救：拗而得救　入：以入代平　？：不识　韵：韵脚",
        "facing": "对仗",
        "known": "成句",
        "hopeless": "不合近体（古体？）",
        "dropped": "未计",
        "upper": "上联",
        "lower": "下联",
        "reads": "读",
        "also": "另读",
        "wanted": "应",
        "对仗有据": "对仗有据",
        "难定": "难定",
        "未见对仗": "未见对仗",
    },
    "en": {
        "pass": "regular",
        "unsure": "unsure",
        "fail": "not regular",
        "faults": "Faults",
        "marks": "Notes",
        "depends_on": "Rests on",
        "alternatives": "Or",
        "lenient": "lenient",
        "key": "平 level, 仄 oblique as read, 中 either; Ｘ wrong; 救 rescued; 入 entering for level; ？ unknown; 韵 rhyme",
        "facing": "Facing lines",
        "known": "Known lines",
        "hopeless": "not regulated verse (old style?)",
        "dropped": "Left out",
        "upper": "side 1",
        "lower": "side 2",
        "reads": "reads",
        "also": "also",
        "wanted": "wanted",
        "对仗有据": "the lines face each other",
        "难定": "unsure",
        "未见对仗": "not seen to face",
    },
}


def build_index(corpus: Sequence[Path], target: Path) -> int:
    """Write an index of the lines of a user's own corpus; gives how many lines were read."""
    count = 0

    def lines() -> Iterator[str]:
        nonlocal count
        for path in corpus:
            try:
                for line in corpus_lines(path):
                    count += 1
                    yield line
            except (UnicodeDecodeError, ValueError) as error:
                raise UserError(str(path), f"cannot be read: {error}", "Give UTF-8 text or JSON.") from None

    LineIndex.of(lines()).save(target)
    return count


def _indexed(path: Path, lines: Sequence[str]) -> list[int]:
    try:
        return [number + 1 for number in LineIndex.load(path).known(lines)]
    except (OSError, ValueError) as error:
        raise UserError(str(path), f"{error}", "Make an index with `zhprobe lines CORPUS INDEX`.") from None


def scan_data(
    text: str, *, form: str = "", book: str = "", rhyme: str = "", known: Path | None = None
) -> Detail:
    """What the program sees in a text: a poem, a song where `form` is a tune, a couplet where it is 对联.

    A form or rhyme group that nobody knows is a UserError. `known` is an index of lines of one's own.

    >>> scan_data("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。")["strict"]
    'pass'
    >>> scan_data("海阔凭鱼跃，天高任鸟飞。", form="对联")["kind"]
    'couplet_scan'
    """
    if form not in ("", "对联", "排律", *FORMS) and not find_tune(form):
        raise UserError(
            "--form", f"'{form}' is no form or tune we hold", did_you_mean(form, [*FORMS, *tunes()])
        )
    if rhyme and not find_group(rhyme, book or "平水韵"):
        raise UserError(
            "--rhyme", f"{book or '平水韵'} has no level rhyme group '{rhyme}'", "For example 八庚."
        )
    if form == "对联":
        return dict(_couplet_form(text, book=book).detail or {})  # type: ignore[arg-type]
    if form and find_tune(form):
        return song_detail(scan_song(text, form))
    found = scan(text, form, book, rhyme)
    data = scan_detail(found)
    if len(found.lines) >= 8 and found.scanned:
        count = len(found.lines) // 2
        data["facing"] = (
            verse_facing("\n".join(found.lines), couplets=tuple(range(1, count + 1))).detail or {}
        )["couplets"]
    famous = borrowed(found.lines)
    sources: dict[str, list[int]] = {}
    for number, source in famous.lines.items():
        sources.setdefault(source.words, []).append(number + 1)
    data["known"] = [{"lines": numbers, "source": words} for words, numbers in sources.items()]
    if known is not None and (numbers := _indexed(known, found.lines)):
        data["known"].append({"lines": numbers, "source": str(known)})
    return data


def scan_text(text: str, *, form: str = "", book: str = "", rhyme: str = "", lang: str = "zh") -> str:
    """A text scanned and drawn for the terminal.

    >>> print(scan_text("白日依山尽，黄河入海流。\\n欲穷千里目，更上一层楼。").splitlines()[0])
    五绝　平水韵　十一尤　合律
    """
    return draw_text(scan_data(text, form=form, book=book, rhyme=rhyme), lang)


def _heading(detail: Detail, words: dict[str, str]) -> str:
    kind = detail.get("kind")
    if kind == "song_scan":
        parts = [f"《{detail['tune']}》", detail["variant"], "、".join(detail["rhymes"])]
    elif kind == "couplet_scan":
        parts = ["对联", detail["book"]]
    else:
        label = (
            group_label(detail["group"], detail["book"])
            if detail["group"] and detail["types"]
            else detail["group"]
        )
        parts = [detail["form"], detail["book"], label]
    if "strict" in detail:
        parts.append(words[detail["strict"]])
        if detail["lenient"] != detail["strict"]:
            parts.append(f"{words['lenient']}{words[detail['lenient']]}")
    if detail.get("hopeless"):
        parts.append(words["hopeless"])
    return "　".join(part for part in parts if part)


def _sign(place: Detail) -> str:
    if (
        place["state"] == "rescued"
        and place["wanted"] == "平"
        and "入" in place["reading"]
        and place["reading"][0] == "第"
    ):
        return "入"  # an entering tone for a level one, in a song
    return SIGNS.get(place["state"], RHYME if place["rhyme"] else "")


def _line_note(detail: Detail, number: int, words: dict[str, str]) -> str:
    """Type and wanted tones of a line."""
    row = detail["places"][number]
    wanted = "".join(place["wanted"] for place in row)
    types = detail.get("types", "")
    if number < len(types):
        return f"{types[number]} {type_name(types[number], len(row))} {wanted}"
    return wanted if wanted.strip("中") else ""


def _messages(detail: Detail, lang: str) -> list[tuple[str, list[str]]]:
    """Headed lists of what is told below the drawing."""
    words = WORDS[lang]
    key = "message" if lang == "zh" else "message_en"
    told = [
        (words[name], [entry[key] for entry in detail.get(name, ())])
        for name in ("faults", "depends_on", "marks")
    ]
    told.insert(
        1,
        (words["alternatives"], list(detail.get("alternatives" if lang == "zh" else "alternatives_en", ()))),
    )
    facing = [
        f"{each['number']}：{words[each['band']]}"
        + (f"（{each['score']:.2f}）" if each["score"] is not None else "")
        for each in detail.get("facing", ())
    ]
    told.append((words["facing"], facing))
    told.append(
        (
            words["known"],
            [f"{'、'.join(map(str, each['lines']))}：{each['source']}" for each in detail.get("known", ())],
        )
    )
    told.append((words["dropped"], list(detail.get("dropped", ()))))
    return [(head, entries) for head, entries in told if entries]


def draw_text(detail: Detail, lang: str = "zh") -> str:
    """A scan as plain text; every cell is one full-width character.

    >>> detail = scan_data("白日依山尽，夜来入海流。欲穷千里目，更上一层楼。")
    >>> [row.strip(BLANK) for row in draw_text(detail).splitlines()[4:7]]
    ['夜来入海流　　B 平起平收 平平中仄平', '仄平仄仄平', 'Ｘ　Ｘ　韵']
    """
    words = WORDS[lang]
    if detail.get("kind") == "verse_facing":
        return _facing_text(detail, words)
    rows = [_heading(detail, words), ""]
    if detail.get("kind") == "couplet_scan":
        rows += _couplet_rows(detail, words)
    elif not detail.get("places"):
        rows += [BLANK + line for line in detail.get("lines", ())]
    for number, row in enumerate(detail.get("places", ())):
        note = _line_note(detail, number, words)
        rows.append(
            f"{BLANK}{''.join(place['character'] for place in row)}{BLANK * 2 + note if note else ''}"
        )
        rows.append(BLANK + "".join(place["tone"] or "？" for place in row))
        signs = "".join(_sign(place) or BLANK for place in row).rstrip(BLANK)
        if signs:
            rows.append(BLANK + signs)
    told = _messages(detail, lang)
    for head, entries in told:
        rows += ["", f"{head}{'：' if lang == 'zh' else ':'}", *(f"  {entry}" for entry in entries)]
    if detail.get("places"):
        rows += ["", words["key"]]
    return "\n".join(rows)


def _couplet_rows(detail: Detail, words: dict[str, str]) -> list[str]:
    rows = []
    for name, side, number in (("upper", detail["upper"], 1), ("lower", detail["lower"], 2)):
        text = "".join(side)
        bad = {
            fault["character"]
            for fault in detail["faults"]
            if fault["line"] in (0, number) and fault["character"]
        }
        rows.append(f"{BLANK}{text}{BLANK * 2}{words[name]}")
        rows.append(BLANK + detail["tones"][number - 1])
        signs = "".join("Ｘ" if n + 1 in bad else BLANK for n in range(len(text))).rstrip(BLANK)
        if signs:
            rows.append(BLANK + signs)
    return rows


def _facing_text(detail: Detail, words: dict[str, str]) -> str:
    rows = [words["facing"]]
    for each in detail["couplets"]:
        score = f" {each['score']:.2f}" if each["score"] is not None else ""
        rows += ["", *(BLANK + line for line in each["lines"]), f"  {words[each['band']]}{score}"]
        rows.append(
            "  "
            + "　".join(f"{place['one']}{place['other']}{place['seen'] or ''}" for place in each["places"])
        )
    return "\n".join(rows)


def draw_html(detail: Detail, lang: str = "zh") -> str:
    """A scan as one HTML fragment; no style or script of its own, all text escaped.

    >>> "<td" in draw_html(scan_data("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"))
    True
    """
    words = WORDS[lang]
    if detail.get("kind") == "verse_facing":
        return f'<div class="scan"><pre>{escape(_facing_text(detail, words))}</pre></div>'
    parts = [
        f'<div class="scan" lang="{"zh-Hans" if lang == "zh" else "en"}"><p>{escape(_heading(detail, words))}</p>'
    ]
    if detail.get("kind") == "couplet_scan":
        parts.append(f'<pre lang="zh">{escape(chr(10).join(_couplet_rows(detail, words)))}</pre>')
    elif detail.get("places"):
        parts.append(f'<table lang="zh">{"".join(_html_rows(detail, words))}</table>')
    else:
        parts.append(f'<pre lang="zh">{escape(chr(10).join(detail.get("lines", ())))}</pre>')
    told = _messages(detail, lang)
    if told:
        parts.append("<dl>")
        for head, entries in told:
            parts.append(
                f"<dt>{escape(head)}</dt>" + "".join(f"<dd>{escape(entry)}</dd>" for entry in entries)
            )
        parts.append("</dl>")
    if detail.get("places"):
        parts.append(f"<p><small>{escape(words['key'])}</small></p>")
    return "".join(parts) + "</div>"


def _html_rows(detail: Detail, words: dict[str, str]) -> list[str]:
    widest = max(len(row) for row in detail["places"])
    rows = []
    for number, row in enumerate(detail["places"]):
        gap = "<td></td>" * (widest - len(row))
        cells = "".join(_html_cell(place, words) for place in row)
        note = escape(_line_note(detail, number, words))
        rows.append(f'<tr>{cells}{gap}<td class="note">{note}</td></tr>')
        tones = "".join(f"<td>{escape(place['tone'] or '？')}</td>" for place in row)
        rows.append(f'<tr class="tone">{tones}{gap}<td></td></tr>')
        if any(_sign(place) for place in row):
            signs = "".join(f"<td>{escape(_sign(place))}</td>" for place in row)
            rows.append(f'<tr class="sign">{signs}{gap}<td></td></tr>')
    return rows


def _html_cell(place: Detail, words: dict[str, str]) -> str:
    names = ["verse"]
    if place["state"] in SIGNS:
        names.append(place["state"])
    if place["rhyme"]:
        names.append("rhyme")
    title = f"{words['reads']} {place['reading']}" if place["reading"] else "？"
    if place["others"]:
        title += f"；{words['also']} {'、'.join(place['others'])}"
    if place["wanted"] != "中":
        title += f"；{words['wanted']} {place['wanted']}"
    return f'<td class="{" ".join(names)}" title="{escape(title)}">{escape(place["character"])}</td>'
