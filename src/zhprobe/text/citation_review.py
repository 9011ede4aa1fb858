"""Findings about the citations of a text: name, time, existence, quotation, earlier numbers; never one bit."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal

from zhprobe.text.citation_messages import message
from zhprobe.text.citation_quotes import Quotation, quotations
from zhprobe.text.citations import Citation, extract
from zhprobe.text.law_compare import compare_quote
from zhprobe.text.law_library import library, own_text
from zhprobe.text.law_names import instruments, resolve
from zhprobe.text.law_quotes import Quoted
from zhprobe.text.law_support import better_article
from zhprobe.text.law_versions import (
    CHANGES_KNOWN,
    HeldText,
    Version,
    anchors,
    data_is_old,
    held_texts,
    moved_to,
    status_on,
    successors,
    version_on,
    versions,
)

Severity = Literal["error", "warning", "info", "ok"]

SEVERITY: dict[str, Severity] = {
    "OK": "ok", "NAME_INEXACT": "warning", "NAME_VAGUE": "info", "NAME_TRUNCATED": "info", "UNKNOWN_NATIONAL": "error",
    "UNKNOWN_OTHER": "info", "LOCAL_NOT_CHECKED": "info", "STATUS_NOT_CHECKED": "info", "NO_LAW": "info",
    "MALFORMED_NUMBER": "warning", "NOT_YET_IN_FORCE": "error", "REPEALED": "error", "REPEALED_BUT_SAID": "ok",
    "HISTORICAL_LAW": "info", "NO_SUCH_ARTICLE": "error", "NO_SUCH_ARTICLE_ZHI": "error", "DELETED_ARTICLE": "error",
    "NO_SUCH_KUAN": "error", "NO_SUCH_XIANG": "error", "STALE_NUMBER": "error", "VERBATIM": "ok", "VERBATIM_ELLIPSIS": "ok",
    "NEAR_VERBATIM": "ok", "ALTERED": "error", "MISQUOTE": "error", "WRONG_ARTICLE_NUMBER": "error", "STALE_TEXT": "error",
    "WRONG_LAW": "error", "FABRICATED_QUOTE": "error", "CLOSE_PARAPHRASE": "info", "NOT_THE_TEXT": "info",
    "QUOTE_NOT_COMPARED": "info", "MAYBE_WRONG_ARTICLE": "warning", "CITATION_DUMP": "error", "CONTRACT_CLAUSE": "info",
    "NESTED": "info", "NUMBER_ONLY": "info", "DATA_TOO_OLD": "info", "ASOF_AFTER_DATA": "info",
}  # fmt: skip

QUOTE_CODES = frozenset(
    "VERBATIM VERBATIM_ELLIPSIS NEAR_VERBATIM ALTERED MISQUOTE WRONG_ARTICLE_NUMBER STALE_TEXT WRONG_LAW FABRICATED_QUOTE "
    "CLOSE_PARAPHRASE NOT_THE_TEXT QUOTE_NOT_COMPARED".split()
)
MISSING = frozenset(
    {"NO_SUCH_ARTICLE", "NO_SUCH_ARTICLE_ZHI", "DELETED_ARTICLE", "NO_SUCH_KUAN", "NO_SUCH_XIANG"}
)
NOT_CHECKED = frozenset(
    {
        "UNKNOWN_OTHER",
        "LOCAL_NOT_CHECKED",
        "STATUS_NOT_CHECKED",
        "NO_LAW",
        "NESTED",
        "CONTRACT_CLAUSE",
        "NUMBER_ONLY",
        "NAME_VAGUE",
        "NAME_TRUNCATED",
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing found about a citation, at `span` of the text; `evidence` says on what grounds."""

    code: str
    severity: Severity
    citation: Citation | None
    span: tuple[int, int]
    message_zh: str
    message_en: str
    evidence: dict[str, Any] = field(default_factory=dict)
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review:
    """All findings about a text as of a day."""

    text: str
    asof: str
    citations: list[Citation]
    findings: list[Finding]
    quotations: list[Quotation]

    @property
    def errors(self) -> list[Finding]:
        """Findings of severity error."""
        return [f for f in self.findings if f.severity == "error"]

    @property
    def statutes(self) -> list[Citation]:
        """Citations that count: articles of laws, not contract clauses, numbers or nested ones."""
        return [c for c in self.citations if c.kind == "statute"]

    def codes_of(self, citation: Citation) -> set[str]:
        """Codes found about one citation."""
        return self._codes.get(id(citation), set())

    @cached_property
    def _codes(self) -> dict[int, set[str]]:
        codes: dict[int, set[str]] = {}
        for finding in self.findings:
            codes.setdefault(id(finding.citation), set()).add(finding.code)
        return codes

    def rates(self) -> dict[str, tuple[int, int]]:
        """(numerator, denominator) of each rate of specification 9."""
        codes = [(c, self.codes_of(c)) for c in self._counted()]
        unknown = {id(f.citation) for f in self.findings if f.evidence.get("existence") == "unknown"}
        named = [k for c, k in codes if c.law or "UNKNOWN_NATIONAL" in k]
        wrong_name = sum(bool(k & {"UNKNOWN_NATIONAL", "NAME_INEXACT"}) for k in named)
        timed = [
            k for c, k in codes if c.law and not k & (NOT_CHECKED | {"HISTORICAL_LAW", "REPEALED_BUT_SAID"})
        ]
        dead = sum(bool(k & {"REPEALED", "NOT_YET_IN_FORCE"}) for k in timed)
        placed = [k for c, k in codes if c.law and c.article and not k & NOT_CHECKED and id(c) not in unknown]
        absent = sum(bool(k & MISSING) for k in placed)
        by_span = {f.span: f.code for f in self.findings if f.code in QUOTE_CODES - {"QUOTE_NOT_COMPARED"}}
        quoted = [by_span[q.span] for q in self.quotations if q.explicit and q.span in by_span]
        exact = sum(code in ("VERBATIM", "VERBATIM_ELLIPSIS") for code in quoted)
        near = exact + sum(code == "NEAR_VERBATIM" for code in quoted)
        cites = bool(self.statutes)
        return {
            "name_ok": (len(named) - wrong_name, len(named)),
            "in_force": (len(timed) - dead, len(timed)),
            "exists": (len(placed) - absent, len(placed)),
            "quote_exact": (exact, len(quoted)),
            "quote_ok": (near, len(quoted)),
            "clean_answers": (int(cites and not self.errors), 1),
            "cites": (int(cites), 1),
        }

    def not_checked(self) -> dict[str, int]:
        """How many findings say that something was not checked, by code."""
        counts = Counter(f.code for f in self.findings if f.code in NOT_CHECKED | {"QUOTE_NOT_COMPARED"})
        return dict(sorted(counts.items()))

    def _counted(self) -> list[Citation]:
        """Citations that enter the rates: only the first five of a law whose citations are a dump."""
        dumped = {f.evidence.get("law") for f in self.findings if f.code == "CITATION_DUMP"}
        if not dumped:
            return self.statutes
        kept, seen = [], Counter[str]()
        for citation in self.statutes:
            seen[citation.law] += 1
            if (citation.law not in dumped and "" not in dumped) or seen[citation.law] <= 5:
                kept.append(citation)
        return kept


_SAYS_REPEALED = re.compile(
    r"废止|失效|已被[^。\n]{0,20}(?:取代|替代|吸收)|取代|不再(?:适用|施行|有效)|(?:当时|彼时|行为时|时)(?:有效|施行|适用)的|现行(?:规定)?为|现为|现《|现(?:行)?民法典|对应(?:的)?(?:现行)?|替代|旧法|已修[改订正]"
)
_OLD_BEFORE = re.compile(
    r"(?:原|旧|原来的|已废止的|已失效的|当时(?:有效|施行|适用)?的|此前的|过去的|曾经的)[《“\"]?(?:中华人民共和国)?$"
)
_SAYS_COMING = re.compile(
    r"尚未(?:施行|生效|实施)|将于|即将|自\s*\d{4}\s*年[^。\n]{0,12}起(?:施行|生效|实施)|草案|还未"
)


class _Reviewer:
    def __init__(self, text: str, asof: str, fact_date: str, procedural: bool) -> None:
        self.text, self.asof, self.fact_date, self.procedural = text, asof, fact_date, procedural
        self.citations = extract(text)
        self.findings: list[Finding] = []
        self.repealed_said: dict[str, bool] = {}

    def add(
        self,
        code: str,
        citation: Citation | None,
        span: tuple[int, int] | None = None,
        severity: Severity | None = None,
        marks: tuple[str, ...] = (),
        **evidence: Any,
    ) -> None:
        if code in MISSING and citation is not None and citation.attribution == "inferred":
            severity = "warning"  # the law itself is a guess
        evidence = {k: v for k, v in evidence.items() if v not in ("", None, [], ())} | {"asof": self.asof}
        zh, en = message(code, citation, evidence)
        place = span or (citation.span if citation else (0, 0))
        self.findings.append(
            Finding(code, severity or SEVERITY[code], citation, place, zh, en, evidence, marks)
        )

    def review(self) -> Review:
        self.nest()
        for position, citation in enumerate(self.citations):
            self.one(position, citation)
        quoted = quotations(self.text, self.citations)
        for quotation in quoted:
            self.quote(quotation)
        self.support({q.citation.span for q in quoted})
        self.dump()
        return Review(self.text, self.asof, self.citations, self.findings, quoted)

    def nest(self) -> None:
        """References inside the recited words of an article are nested: they are the article's, not the answer's."""
        recited = [
            (q.span[0], self.recited_to(q))
            for q in quotations(self.text, self.citations)
            if not q.explicit and self.verdict(q).code in ("VERBATIM", "VERBATIM_ELLIPSIS", "NEAR_VERBATIM")
        ]
        if recited:
            self.citations = [
                replace(c, kind="nested")
                if c.kind == "statute" and any(a <= c.span[0] < b for a, b in recited)
                else c
                for c in self.citations
            ]

    def recited_to(self, quotation: Quotation) -> int:
        """Where the recited words end: sentence after sentence as long as they are the article's."""
        start, end = quotation.span
        while (stop := self.text.find("。", end + 1)) >= 0 and stop - start < 3000:
            longer = replace(quotation, text=self.text[start : stop + 1])
            if self.verdict(longer).code != "VERBATIM":
                break
            end = stop
        return end

    def one(self, position: int, citation: Citation) -> None:
        kinds = {
            "contract_clause": "CONTRACT_CLAUSE",
            "nested": "NESTED",
            "case_no": "NUMBER_ONLY",
            "document_no": "NUMBER_ONLY",
        }
        if citation.kind in kinds:
            self.add(kinds[citation.kind], citation)
            return
        before = len(self.findings)
        if citation.malformed:
            self.add("MALFORMED_NUMBER", citation, guesses=list(citation.guesses))
        if not citation.law:
            self.unnamed(citation)
            return
        if citation.name_match == "inexact":
            self.add("NAME_INEXACT", citation, suggestion=citation.suggestion)
        law = self.in_time(citation)
        entry = instruments()[law]
        if not entry.sure:
            self.add("STATUS_NOT_CHECKED", citation, law=law)
            return
        self.time(position, citation, law)
        if citation.article:
            self.existence(citation, law)
        if not any(f.severity == "error" for f in self.findings[before:]):
            self.stale(citation, law)
        if (
            not any(f.code not in ("NAME_INEXACT", "MALFORMED_NUMBER") for f in self.findings[before:])
            and not citation.malformed
        ):
            known = self.version(citation, law)
            self.add(
                "OK",
                citation,
                law=law,
                version=known.label if known else "",
                existence="" if known and known.articles else "unknown",
            )

    def unnamed(self, citation: Citation) -> None:
        raw = re.sub(r"[《》〈〉\s]", "", citation.law_raw)
        if not raw:
            self.add("NO_LAW", citation)
        elif citation.name_match in ("vague", "truncated", "local"):
            codes = {"vague": "NAME_VAGUE", "truncated": "NAME_TRUNCATED", "local": "LOCAL_NOT_CHECKED"}
            self.add(codes[citation.name_match], citation)
        elif raw.startswith("中华人民共和国") and re.search(r"(?:法|法典)$", raw):
            self.add("UNKNOWN_NATIONAL", citation)
        elif raw.startswith(("中华人民共和国", "国务院")) and re.search(r"(?:条例|规定|办法)$", raw):
            self.add("UNKNOWN_NATIONAL", citation, severity="warning")
        else:
            self.add("UNKNOWN_OTHER", citation)

    def in_time(self, citation: Citation) -> str:
        """Of several instruments with one short name, the one in force."""
        living = [law for law in citation.law_ids if status_on(law, self.asof) == "in_force"]
        return (living or list(citation.law_ids))[0]

    def version(self, citation: Citation, law: str) -> Version | None:
        """The version meant: that of the day, the last one of a repealed law, or an older one the text names."""
        entry = instruments()[law]
        named = self.named_version(citation, law)
        if named:
            return named
        day = self.asof
        if entry.repealed and self.asof >= entry.repealed:
            return next(reversed(versions(law)), None)
        return version_on(law, day)

    def named_version(self, citation: Citation, law: str) -> Version | None:
        """A version that the title itself names: （2018年修正）."""
        if citation.law_span is None or len(versions(law)) < 2:
            return None
        note = re.search(
            r"[（(](?:[^（）()]{0,8})((?:19|20)\d\d)\s*年?(?:第[一二三四五六]次)?(?:修[正订]|版|制定|公布|通过)?[^（）()]{0,30}[)）]",
            self.text[citation.law_span[0] : citation.law_span[1] + 24],
        )
        if not note:
            return None
        fitting = [v for v in versions(law) if v.label.startswith(note[1])]
        return fitting[-1] if fitting else None

    def time(self, position: int, citation: Citation, law: str) -> None:
        status, entry = status_on(law, self.asof), instruments()[law]
        named = self.named_version(citation, law)
        if status == "not_yet" or (named is not None and named.begins > self.asof):
            begins = named.begins if named else entry.begins
            if not _SAYS_COMING.search(self.sentence(citation)):
                self.add("NOT_YET_IN_FORCE", citation, law=law, begins=begins)
        elif status == "repealed":
            said = self.said(position, citation, law)
            new = successors(law, citation.article)
            suggestion = [{"law": to, "article": number, "relation": how} for to, number, how in new]
            facts: dict[str, Any] = {
                "law": law,
                "repealed": entry.repealed,
                "successor": entry.successor,
                "suggestion": suggestion,
                "status": "REPEALED",
            }
            if self.fact_date and not self.procedural and status_on(law, self.fact_date) == "in_force":
                self.add("HISTORICAL_LAW", citation, fact_date=self.fact_date, **facts)
            elif said:
                self.add("REPEALED_BUT_SAID", citation, marks=said, **facts)
            else:
                self.add("REPEALED", citation, **facts)
        elif named is not None and named.ends and named.ends < self.asof:
            self.add("HISTORICAL_LAW", citation, law=law, version=named.label, ended=named.ends)

    def said(self, position: int, citation: Citation, law: str) -> tuple[str, ...]:
        """How the text itself says that the law is no longer in force."""
        marks = []
        entry = instruments()[law]
        for other in self.citations[position + 1 : position + 4]:
            between = self.text[citation.span[1] : other.span[0]]
            target = {to for to, _, _ in successors(law, citation.article)} | {entry.successor}
            if (
                other.law in target
                and len(between) <= 40
                and re.search(r"现|对应|（|\(|即|改为|取代|替代|吸收", between)
            ):
                marks.append("explained_successor")
                break
        if _SAYS_REPEALED.search(self.sentence(citation)):
            marks.append("said_repealed")
        if citation.law_span and _OLD_BEFORE.search(
            self.text[max(0, citation.law_span[0] - 12) : citation.law_span[0] + 1].rstrip("《")
        ):
            marks.append("said_old")
        if self.says_repealed(law):
            marks.append("said_repealed")
        return tuple(dict.fromkeys(marks))

    def says_repealed(self, law: str) -> bool:
        """Whether the text says anywhere that the law is repealed or replaced."""
        if law not in self.repealed_said:
            entry = instruments()[law]
            names = "|".join(re.escape(n) for n in {entry.name, entry.short, *entry.aliases})
            self.repealed_said[law] = bool(
                re.search(
                    rf"(?:{names})[》”]?[^。\n]{{0,40}}(?:废止|失效|取代|不再)|(?:废止|取代|替代|吸收)[^。\n]{{0,40}}(?:{names})",
                    self.text,
                )
            )
        return self.repealed_said[law]

    def sentence(self, citation: Citation) -> str:
        """The sentence in which the citation stands, at most 200 characters to each side."""
        first, last = citation.span
        before, after = self.text[max(0, first - 200) : first], self.text[last : last + 200]
        start = max(before.rfind(mark) for mark in "。！？\n") + 1
        ends = [p for mark in "。！？\n" if (p := after.find(mark)) >= 0]
        return before[start:] + self.text[first:last] + after[: min(ends, default=len(after))]

    def existence(self, citation: Citation, law: str) -> None:
        version = self.version(citation, law)
        count = version.articles if version else 0
        held = held_texts().get(version.text) if version and version.text else None
        label = version.label if version else ""
        number = int(citation.article.split("-")[0])
        if not count:
            return
        for end in (number, citation.range_to or number):
            if end > count or end == 0:
                new = moved_to(law, citation.article)
                self.add("NO_SUCH_ARTICLE", citation, law=law, max=count, version=label, suggestion=new)
                return
        if held is None:
            return
        article = held.articles.get(citation.article)
        if article is None:
            self.add("NO_SUCH_ARTICLE_ZHI", citation, law=law, version=label, max=self.inserted(held, number))
        elif article.deleted:
            self.add("DELETED_ARTICLE", citation, law=law, version=label)
        elif not citation.range_to:
            self.inside(citation, law, label, article.paragraphs)

    def inserted(self, held: HeldText, number: int) -> int:
        """How many inserted articles (之一 …) a number has."""
        return sum(key.startswith(f"{number}-") for key in held.articles)

    def inside(
        self, citation: Citation, law: str, label: str, paragraphs: tuple[tuple[int, int], ...]
    ) -> None:
        """款 and 项 against the article's shape."""
        if any(k > len(paragraphs) or k == 0 for k in citation.kuan):
            self.add("NO_SUCH_KUAN", citation, law=law, max=len(paragraphs), version=label)
            return
        if not citation.xiang:
            return
        largest = max(items for _, items in paragraphs)
        most = paragraphs[citation.kuan[-1] - 1][1] if citation.kuan else largest
        if max(citation.xiang) > most:
            elsewhere = citation.kuan and max(citation.xiang) <= largest
            self.add(
                "NO_SUCH_XIANG",
                citation,
                severity="warning" if elsewhere else "error",
                law=law,
                max=most,
                version=label,
            )

    def stale(self, citation: Citation, law: str) -> None:
        """A number the topic had in an earlier version, in a sentence about that topic."""
        if not citation.article or citation.range_to:
            return
        context = re.sub(r"\s", "", self.sentence(citation))
        for anchor in anchors():
            if anchor.law != law or anchor.article == citation.article or self.asof < anchor.begins:
                continue
            earlier = [label for number, label in anchor.earlier if number == citation.article]
            if not any(law in resolve(re.sub(r"[\d/]+$", "", label)).laws for label in earlier):
                continue
            if citation.article in anchor.clashes or not any(word in context for word in anchor.keywords):
                continue
            if any(
                c.article == anchor.article and c.law == law
                for c in self.citations
                if abs(c.span[0] - citation.span[0]) < 80
            ):
                continue
            if self.meant_earlier(citation, law):
                continue
            self.add(
                "STALE_NUMBER",
                citation,
                law=law,
                topic=anchor.topic,
                suggestion=[{"law": law, "article": anchor.article}],
                earlier=earlier,
            )
            return

    def meant_earlier(self, citation: Citation, law: str) -> bool:
        """Whether the text says that it cites an earlier version: 原第26条, 2018年《公司法》, （2018年修正）."""
        if re.search(r"原(?:来的|为)?$", self.text[max(0, citation.span[0] - 4) : citation.span[0]]):
            return True
        if citation.law_span is None:
            return False
        before = self.text[max(0, citation.law_span[0] - 12) : citation.law_span[0]]
        named = self.named_version(citation, law)
        return bool(named and named.ends) or bool(
            re.search(
                r"(?:原|旧|修[正订]前的?|(?:19|20)\d\d年?(?:版|修[正订])?的?)(?:中华人民共和国)?[《“]?$",
                before,
            )
        )

    def support(self, quoted: set[tuple[int, int]]) -> None:
        """Paraphrases that fit another article of the same law far better: for a judge or a person to look at."""
        for citation in self.citations if library() else ():
            if (
                citation.attribution not in ("direct", "heading")
                or citation.span in quoted
                or citation.range_to
            ):
                continue
            if citation.kind != "statute" or not citation.law or not citation.article:
                continue
            if any(f.citation is citation and f.severity == "error" for f in self.findings):
                continue
            end = min(
                (p for m in "。！？\n" if (p := self.text.find(m, citation.span[1])) >= 0),
                default=len(self.text),
            )
            law = self.in_time(citation)
            other = better_article(law, citation.article, self.asof, self.text[citation.span[1] : end])
            if other and not any(c.law == law and c.article == other for c in self.citations):
                self.add(
                    "MAYBE_WRONG_ARTICLE", citation, law=law, suggestion=[{"law": law, "article": other}]
                )

    def quote(self, quotation: Quotation) -> None:
        citation = quotation.citation
        if not citation.law or any(
            f.citation is citation and f.code in MISSING | {"STATUS_NOT_CHECKED"} for f in self.findings
        ):
            self.quote_unplaced(quotation)
            return
        self.quoted(quotation, self.verdict(quotation), self.in_time(citation))

    def verdict(self, quotation: Quotation) -> Quoted:
        """What the quotation is, against the version meant."""
        citation = quotation.citation
        if not citation.law:
            return Quoted("QUOTE_NOT_COMPARED")
        law, day = self.in_time(citation), self.asof
        version = self.version(citation, law)
        if version and (version.begins > day or (version.ends and version.ends < day)):
            day = version.begins
        return compare_quote(law, citation.article, day, quotation.text)

    def quote_unplaced(self, quotation: Quotation) -> None:
        """A quotation of an article that does not exist or is not known: not compared."""
        if quotation.explicit:
            self.add("QUOTE_NOT_COMPARED", quotation.citation, quotation.span)

    def quoted(self, quotation: Quotation, result: Quoted, law: str) -> None:
        code = result.code
        if quotation.explicit:
            code = {"CLOSE_PARAPHRASE": "MISQUOTE", "NOT_THE_TEXT": "FABRICATED_QUOTE"}.get(code, code)
        elif code == "QUOTE_NOT_COMPARED":
            return
        found: dict[str, Any] = {}
        if result.article is not None:
            text = held_texts()[result.article.text]
            found = {"found_law": text.law, "found_article": result.article.key, "found_version": text.label}
        if code not in ("VERBATIM", "VERBATIM_ELLIPSIS", "QUOTE_NOT_COMPARED"):
            own = own_text(law, self.asof)
            found["article_text"] = own.text(quotation.citation.article) if own else ""
        severity: Severity | None = None
        if not quotation.explicit and code in ("ALTERED", "WRONG_ARTICLE_NUMBER", "STALE_TEXT", "WRONG_LAW"):
            heading = quotation.citation.attribution in ("heading", "content")
            severity = None if heading or code != "ALTERED" else "warning"
        self.add(
            code, quotation.citation, quotation.span, severity, law=law, scope=result.scope, coverage=result.coverage,
            explicit=quotation.explicit, differences=[list(d) for d in result.differences], **found,
        )  # fmt: skip

    def dump(self) -> None:
        """Ten or more consecutive numbers of one law, over forty in a short answer, or one eight times."""
        cited = [c for c in self.citations if c.kind == "statute" and c.article]
        run, last = 1, None
        for citation in [c for c in cited if c.attribution in ("direct", "list", "heading", "content")]:
            here = (citation.law, int(citation.article.split("-")[0]), citation.attribution)
            same = (
                last is not None
                and here[0] == last[0]
                and here[1] == last[1] + 1
                and here[2] not in ("heading", "content")
            )
            run = run + 1 if same else 1
            if run >= 10:
                self.add("CITATION_DUMP", citation, law=citation.law, why="consecutive")
                return
            last = here
        distinct = {(c.law, c.article) for c in cited}
        if len(distinct) > 40 and len(self.text) < 4000:
            self.add("CITATION_DUMP", cited[0], law="", why="many")
            return
        repeated = Counter((c.law, c.article, c.kuan, c.xiang) for c in cited if c.law).most_common(1)
        if repeated and repeated[0][1] >= 8 and len(self.text) < 4000:
            first = next(c for c in cited if (c.law, c.article, c.kuan, c.xiang) == repeated[0][0])
            self.add("CITATION_DUMP", first, law=first.law, why="repeated")


def review(
    text: str,
    *,
    asof: str = CHANGES_KNOWN,
    fact_date: str = "",
    procedural: bool = False,
    today: date | None = None,
) -> Review:
    """Everything found about the citations of a text, as of an ISO day (default: the day of the data).

    `fact_date` is the day of the facts, for repealed laws that still govern them; `today` adds DATA_TOO_OLD.

    >>> [f.code for f in review("《合同法》第107条").findings]
    ['REPEALED']
    """
    asof = asof or CHANGES_KNOWN
    made = _Reviewer(text, asof, fact_date, procedural)
    result = made.review()
    if asof > CHANGES_KNOWN and result.citations:
        made.add("ASOF_AFTER_DATA", None)
    if today is not None and data_is_old(today):
        made.add("DATA_TOO_OLD", None)
    return replace(result, findings=made.findings)


def cite(text: str, asof: str = CHANGES_KNOWN) -> list[Finding]:
    """Findings about every citation of a text, in the order of the text."""
    return sorted(review(text, asof=asof).findings, key=lambda f: (f.citation is None, f.span))
