"""The user's own copies of statutes: read from JSON, Markdown, plain text or docx, kept in the data folder."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from zhprobe.errors import UserError
from zhprobe.text.law_hashes import gram_hashes, normalised, place_of
from zhprobe.text.law_names import resolve
from zhprobe.text.law_quotes import hash_bytes
from zhprobe.text.law_versions import held_versions
from zhprobe.text.legal_numerals import NUMERAL, article_label, read_numeral


@dataclass(frozen=True)
class Statute:
    """A text with its articles: key to the list of its 款, items included."""

    id: str
    law: str
    begins: str
    ends: str
    articles: dict[str, tuple[str, ...]]
    source: str

    def text(self, key: str) -> str:
        """The article's words, a line a 款; '' if there is none."""
        return "\n".join(self.articles.get(key, ()))


def data_folder() -> Path:
    """Where the user's texts lie: ZHPROBE_DATA, else XDG_DATA_HOME/zhprobe, else ~/.local/share/zhprobe."""
    if own := os.environ.get("ZHPROBE_DATA"):
        return Path(own)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "zhprobe"


def statutes_folder() -> Path:
    """The part of the data folder that holds statutes."""
    return data_folder() / "statutes"


_ARTICLE = re.compile(
    rf"^[\s　#>*\-]*(?P<label>第[{NUMERAL}○\d]{{1,9}}条(?:之[一二三四五六七八九十]{{1,2}})?)(?P<bold>\*{{0,2}})(?:[\s　：:]+|(?=[^\s、，。第]))(?P<rest>.*)$"
)
_SECTION = re.compile(rf"^[\s　#>*]*第[{NUMERAL}\d]+(?:编|分编|章|节)(?:[\s　]|$)")
_ITEM = re.compile(r"^[\s　\-*]*[（(][一二三四五六七八九十]{1,3}[)）]")
_SUBITEM = re.compile(r"^[\s　\-*]*\d{1,2}[.．、]")
_ENDS = re.compile(r"^(?:附[件录则]?[一二三四五六七八九十]?[:：\s]|附件|注[:：])")


def _key(label: str) -> str:
    match = re.fullmatch(r"第(.+)条(?:之(.+))?", label)
    number = read_numeral(match[1]) if match else None
    if match is None or number is None:
        return ""
    return f"{number}-{read_numeral(match[2])}" if match[2] else str(number)


def articles_of(lines: list[str]) -> dict[str, tuple[str, ...]]:
    """Articles of a statute given line by line; a line opens a 款 unless it is a 项 or 目.

    >>> articles_of(["# 某条例", "第一条　为了甲。", "本条例由乙负责。", "第二条 有下列情形的：", "（一）丙；", "（二）丁。"])
    {'1': ('为了甲。', '本条例由乙负责。'), '2': ('有下列情形的：\\n（一）丙；\\n（二）丁。',)}
    """
    found: dict[str, list[str]] = {}
    key, last = "", 0
    for raw in lines:
        line = raw.strip().strip("*")
        match = _ARTICLE.match(raw.rstrip())
        number = _key(match["label"]) if match else ""
        if match and number and number not in found and int(number.split("-")[0]) in (last, last + 1):
            key, last = number, int(number.split("-")[0])
            rest = re.sub(r"^[【\[][^】\]]{1,40}[】\]]\s*", "", match["rest"].strip().strip("*").strip())
            found[key] = [rest] if rest else []
        elif not line or not key:
            continue
        elif _SECTION.match(raw) or line.startswith("#") or _ENDS.match(line):
            if _ENDS.match(line):
                break
        elif (_ITEM.match(line) or _SUBITEM.match(line)) and found[key]:
            found[key][-1] += "\n" + line
        else:
            found[key].append(line)
    return {k: tuple(v) for k, v in found.items() if v}


def _docx_lines(path: Path) -> list[str]:
    """Paragraphs of a docx, as the national database gives them out."""
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    try:
        with zipfile.ZipFile(path) as packed:
            info = packed.getinfo("word/document.xml")
            if info.file_size > 64 * 1024 * 1024:
                raise UserError(str(path), "this document is too large for a statute", "Add one law a file.")
            data = packed.read(info)
    except (zipfile.BadZipFile, KeyError) as error:
        raise UserError(
            str(path), "this is no docx file", "Save it as docx, or add it as plain text."
        ) from error
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UserError(
            str(path), "this docx declares entities and is not read", "Save it anew, or as plain text."
        )
    lines = []
    for paragraph in ElementTree.fromstring(data).iter(f"{name}p"):
        parts = [
            "\n" if node.tag == f"{name}br" else (node.text or "")
            for node in paragraph.iter()
            if node.tag in (f"{name}t", f"{name}br", f"{name}tab")
        ]
        lines += "".join(parts).split("\n")
    return lines


def _date(text: str) -> str:
    match = re.search(r"(\d{4})\s*[年\-./]\s*(\d{1,2})\s*[月\-./]\s*(\d{1,2})", text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat() if match else ""
    except ValueError:
        return ""


def _title(lines: list[str], path: Path) -> str:
    """The law's name: the front matter's title, the first line that is a known name, or the file name."""
    for line in lines[:30]:
        bare = (
            re.sub(r"^(?:title|标题|name)\s*[:：]\s*", "", line.strip().strip("#*> \"'")).strip().strip("\"'")
        )
        if 2 < len(bare) < 80 and resolve(bare).laws and resolve(bare).match in ("exact", "alias"):
            return resolve(bare).laws[0]
    stem = re.sub(r"[（(_\-]?\d{4}.*$", "", path.stem).strip("_- ")
    for name in (stem, path.parent.name):
        if resolve(name).laws and resolve(name).match in ("exact", "alias"):
            return resolve(name).laws[0]
    raise UserError(
        str(path),
        "no law of this name is in the index",
        "Put the official name on the first line, or into the file name.",
    )


def _agreement(articles: dict[str, tuple[str, ...]], held: Any) -> float:
    """Share of the held version's articles whose words are these, by hash."""
    blob, same, seen = hash_bytes(), 0, 0
    for key, article in held.articles.items():
        if article.deleted:
            continue
        seen += 1
        plain = normalised("".join(articles.get(key, ())))
        part = blob[4 * article.start : 4 * (article.start + article.hashes)]
        same += len(plain) == article.length and place_of(gram_hashes(plain), part) == 0
    return same / seen if seen else 0.0


def _placed(law: str, articles: dict[str, tuple[str, ...]], lines: list[str], source: str) -> Statute:
    """The statute under the version it agrees with; else dated by its own words."""
    shares = [(_agreement(articles, held), held) for held in held_versions(law)]
    best = max(shares, key=lambda pair: pair[0], default=None)
    if best and best[0] >= 0.8:
        held = best[1]
        return Statute(held.id, law, held.begins, held.ends, articles, source)
    tail = "".join("".join(v) for v in list(articles.values())[-2:])
    begins = _date(m[0]) if (m := re.search(r"自[^。]{4,16}起(?:施行|实施)", tail)) else ""
    begins = begins or next((d for line in lines[:12] if (d := _date(line))), "")
    return Statute(f"user-{law}-{begins or 'undated'}", law, begins, "", articles, source)


def read_statute(path: Path) -> Statute:
    """One statute from a file: the JSON form, Markdown, plain text, or docx."""
    if path.suffix.lower() == ".docx":
        lines = _docx_lines(path)
    else:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            try:
                text = path.read_text(encoding="gb18030")
            except UnicodeDecodeError as error:
                raise UserError(
                    str(path), "this text is neither UTF-8 nor GB 18030", "Save it as UTF-8."
                ) from error
        except OSError as error:
            raise UserError(str(path), f"cannot be read: {error.strerror}") from error
        if path.suffix.lower() == ".json":
            return _from_json(text, path)
        lines = text.splitlines()
    law = _title(lines, path)
    articles = articles_of(lines)
    if not articles:
        raise UserError(str(path), "no 第…条 paragraphs found", "Each article must begin a line with 第…条.")
    return _checked(_placed(law, articles, lines, path.name), path)


def _from_json(text: str, path: Path) -> Statute:
    try:
        data = json.loads(text)
        articles = {
            key: tuple("\n".join([k["t"], *k.get("x", ())]).strip("\n") for k in article["k"])
            for key, article in data["articles"].items()
            if not article.get("deleted")
        }
        made = Statute(
            data["id"],
            data["law"],
            data.get("effective_from") or "",
            data.get("effective_to") or "",
            articles,
            path.name,
        )
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            str(path),
            f"this JSON is no statute: {error!r}",
            "It needs id, law, effective_from and articles {key: {k: [{t, x}]}}.",
        ) from None
    if not resolve(made.law).laws:
        raise UserError(
            str(path), f"no law named '{made.law}' is in the index", "Give the official name as `law`."
        )
    return _checked(made, path)


def _checked(made: Statute, path: Path) -> Statute:
    """Article numbers must rise without a gap."""
    numbers = sorted({int(key.split("-")[0]) for key in made.articles})
    gaps = [n for n in range(1, numbers[-1] + 1) if n not in set(numbers)]
    held = next((h for h in held_versions(made.law) if h.id == made.id), None)
    gaps = [n for n in gaps if held is None or not (a := held.articles.get(str(n))) or not a.deleted]
    if len(gaps) > max(1, len(numbers) // 20):
        listed = "、".join(article_label(str(n)) for n in gaps[:5])
        raise UserError(
            str(path), f"articles are missing: {listed} …", "Check that every 第…条 begins a line of its own."
        )
    return made


def add_statutes(path: Path) -> list[Statute]:
    """Read a file or every statute of a folder into the data folder; what was added.

    In a folder, files that are no statute are passed over; a single file that cannot be read is an error.
    """
    if not path.exists():
        raise UserError(str(path), "there is no such file or folder", "Check the path.")
    added = []
    if path.is_dir():
        for file in sorted(
            p for p in path.rglob("*") if p.suffix.lower() in (".json", ".md", ".txt", ".docx")
        ):
            try:
                added.append(read_statute(file))
            except UserError:
                continue
        if not added:
            raise UserError(
                str(path),
                "no statute found in this folder",
                "Files are .json, .md, .txt or .docx, one law each.",
            )
    else:
        added.append(read_statute(path))
    folder = statutes_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for statute in added:
        safe = re.sub(r"[^\w\-]", "_", statute.id)
        record = {
            "id": statute.id,
            "law": statute.law,
            "effective_from": statute.begins or None,
            "effective_to": statute.ends or None,
            "source": statute.source,
            "articles": {k: {"k": [{"t": p} for p in v]} for k, v in statute.articles.items()},
        }
        (folder / f"{safe}.json").write_text(
            json.dumps(record, ensure_ascii=False, indent=0), encoding="utf-8"
        )
    forget_library()
    return added


@lru_cache(maxsize=4)
def _library(folder: Path) -> dict[str, Statute]:
    return {s.id: s for s in _read_all(folder)}


def library() -> dict[str, Statute]:
    """The user's statutes by id; empty when none were added."""
    return _library(statutes_folder())


def forget_library() -> None:
    """Read the data folder anew at the next use."""
    _library.cache_clear()


def _read_all(folder: Path) -> Iterator[Statute]:
    if folder.is_dir():
        for file in sorted(folder.glob("*.json")):
            yield _from_json(file.read_text(encoding="utf-8"), file)


def own_text(law: str, day: str) -> Statute | None:
    """The user's copy of the version of a law in force on a day."""
    fitting = [
        s
        for s in library().values()
        if s.law == law and (not s.begins or s.begins <= day) and (not s.ends or day <= s.ends)
    ]
    return max(fitting, key=lambda s: s.begins, default=None)
