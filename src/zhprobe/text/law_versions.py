"""Which version of a law is in force on a day, and what articles it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from zhprobe.text.law_names import instruments
from zhprobe.text.tables import rows

TEXTS_READ = "2026-07-17"  # day on which the statute texts were read
CHANGES_KNOWN = "2026-09-30"  # last day up to which changes of the law are known
OLD_AFTER_DAYS = 200

Status = Literal["in_force", "repealed", "not_yet", "unknown"]


@dataclass(frozen=True)
class Version:
    """A version of a law: first and last day ("" for open), number of articles (0: unknown), id of its text."""

    law: str
    label: str
    begins: str
    ends: str
    articles: int
    text: str


@dataclass(frozen=True)
class Article:
    """The shape of an article: length and number of 项 of each 款, and where its hashes stand."""

    text: str
    key: str
    paragraphs: tuple[tuple[int, int], ...]
    deleted: bool
    start: int
    hashes: int

    @property
    def length(self) -> int:
        """Characters of the normalised text."""
        return sum(length for length, _ in self.paragraphs)


@dataclass(frozen=True)
class HeldText:
    """A text whose articles are known by shape and hash."""

    id: str
    law: str
    label: str
    begins: str
    ends: str
    check: str  # first 16 digits of the SHA-256 of its hashes
    articles: dict[str, Article]


def data_is_old(today: date) -> bool:
    """Whether the data is older than 200 days.

    >>> data_is_old(date(2026, 11, 25)), data_is_old(date(2027, 6, 1))
    (False, True)
    """
    return (today - date.fromisoformat(CHANGES_KNOWN)).days > OLD_AFTER_DAYS


@cache
def held_texts() -> dict[str, HeldText]:
    """Every held text by id, in the order of the hash file."""
    found, start = {}, 0
    for text, law, label, begins, ends, check, entries in rows("legal_articles.tsv"):
        articles = {}
        for entry in entries.split(" "):
            key, _, shape = entry.partition("=")
            deleted = shape == "x"
            pairs = [] if deleted else [part.split(".") for part in shape.split("/")]
            paragraphs = tuple((int(length), int(items)) for length, items in pairs)
            hashes = max(0, sum(length for length, _ in paragraphs) - 4)
            articles[key] = Article(text, key, paragraphs, deleted, start, hashes)
            start += hashes
        found[text] = HeldText(text, law, label, begins, ends, check, articles)
    return found


@cache
def all_articles() -> tuple[Article, ...]:
    """Articles in the order of their hashes."""
    return tuple(a for text in held_texts().values() for a in text.articles.values() if a.hashes)


@cache
def versions(law: str) -> tuple[Version, ...]:
    """Known versions of a law, earliest first; one made from the index where no table lists it."""
    listed = [
        Version(law, label, begins, ends, int(count or 0), text)
        for name, label, begins, ends, count, _, text in rows("legal_versions.tsv")
        if name == law
    ]
    if listed:
        return tuple(sorted(listed, key=lambda v: v.begins))
    entry = instruments().get(law)
    if entry is None:
        return ()
    own = [t for t in held_texts().values() if t.law == law]
    last = max(own, key=lambda t: t.begins) if own else None
    begins = max(entry.count_since, last.begins if last else "")
    return (Version(law, last.label if last else "", begins, "", entry.articles, last.id if last else ""),)


@cache
def version_on(law: str, day: str) -> Version | None:
    """The version in force on an ISO day, if known.

    >>> version_on("中华人民共和国民事诉讼法", "2023-06-01").articles, version_on("中华人民共和国公司法", "2026-01-01").label
    (291, '2023年第二次修订')
    """
    for version in versions(law):
        if version.begins <= day and (not version.ends or day <= version.ends):
            return version
    return None


@cache
def status_on(law: str, day: str) -> Status:
    """Whether the law is in force on an ISO day.

    >>> [status_on("中华人民共和国合同法", d) for d in ("1999-01-01", "2020-06-30", "2021-06-30")]
    ['not_yet', 'in_force', 'repealed']
    """
    entry = instruments().get(law)
    if entry is None or not entry.sure:
        return "unknown"
    if entry.begins and day < entry.begins:
        return "not_yet"
    return "repealed" if entry.repealed and day >= entry.repealed else "in_force"


def held_on(law: str, day: str) -> HeldText | None:
    """The held text of the version in force on a day."""
    version = version_on(law, day)
    return held_texts().get(version.text) if version and version.text else None


def held_versions(law: str) -> list[HeldText]:
    """All held texts of a law, newest first."""
    return sorted((t for t in held_texts().values() if t.law == law), key=lambda t: t.begins, reverse=True)


@cache
def _concordance() -> dict[tuple[str, str], list[tuple[str, str, str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str, str, str]]] = {}
    for old_law, old_article, adopted, new_law, new_article, relation in rows("legal_concordance.tsv"):
        found.setdefault((old_law, old_article), []).append((adopted, new_law, new_article, relation))
    return found


def successors(law: str, article: str) -> list[tuple[str, str, str]]:
    """Where the article of a repealed law stands now: (law, article, relation).

    >>> successors("中华人民共和国合同法", "107")
    [('中华人民共和国民法典', '577', 'curated')]
    """
    rows = _concordance().get((law, article), [])
    return [(new, number, relation) for _, new, number, relation in rows if new != law]


def moved_to(law: str, article: str) -> list[str]:
    """Numbers that an article of an earlier version of the same law has now."""
    return [number for _, new, number, _ in _concordance().get((law, article), []) if new == law]


@dataclass(frozen=True)
class Anchor:
    """A topic, the article that governs it now, and the numbers it had: ((number, "合同法"), …)."""

    topic: str
    law: str
    article: str
    keywords: tuple[str, ...]
    earlier: tuple[tuple[str, str], ...]
    begins: str
    clashes: frozenset[str]  # earlier numbers that hold one of the keywords today as well


@cache
def anchors() -> tuple[Anchor, ...]:
    """All topics."""
    found = []
    for topic, law, article, keywords, earlier, begins, clashes in rows("legal_anchors.tsv"):
        pairs = [tuple(one.split("@")) for one in earlier.split(";") if one]
        found.append(
            Anchor(
                topic,
                law,
                article,
                tuple(keywords.split(",")),
                tuple((p[0], p[1]) for p in pairs),
                begins,
                frozenset(clashes.split(";")) - {""},
            )
        )
    return tuple(found)
