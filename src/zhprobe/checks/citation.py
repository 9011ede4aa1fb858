"""Citations of laws in an answer: in force, existing, the ones wanted, quoted as they read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

from zhprobe.checks.registry import check
from zhprobe.records import Item, Verdict
from zhprobe.text.citation_messages import label_of
from zhprobe.text.citation_review import MISSING, QUOTE_CODES, Finding, Review, review
from zhprobe.text.citations import Citation, named_laws
from zhprobe.text.law_library import library, statutes_folder
from zhprobe.text.law_names import instruments, resolve
from zhprobe.text.law_recitation import critical_words, keeps_word, recitation, says_cannot_vouch
from zhprobe.text.law_versions import CHANGES_KNOWN, TEXTS_READ, held_on
from zhprobe.text.legal_numerals import article_label, to_numeral

Parameters = dict[str, Any]
Steps = Iterable[tuple[str, Parameters]]
Span = tuple[int, int]


def citation_detail(found: Review, text: str) -> dict[str, Any]:
    """What a page draws: each finding with its place, codes and suggestion, the as-of day, what was not checked."""
    ordered = sorted(found.findings, key=lambda f: (f.citation is None, f.span))
    return {
        "kind": "citations",
        "asof": found.asof,
        "texts_read": TEXTS_READ,
        "changes_known": CHANGES_KNOWN,
        "findings": [_plain(f, text) for f in ordered],
        "rates": {name: list(pair) for name, pair in found.rates().items()},
        "not_checked": found.not_checked(),
    }


def _plain(finding: Finding, text: str) -> dict[str, Any]:
    citation = finding.citation
    start, end = finding.span
    return {
        "code": finding.code,
        "severity": finding.severity,
        "span": [start, end],
        "words": text[start : min(end, start + 200)],
        "citation": label_of(citation) if citation else "",
        "attribution": citation.attribution if citation else "",
        "confidence": citation.confidence if citation else 0,
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
        "evidence": finding.evidence,
        "marks": list(finding.marks),
    }


@lru_cache(maxsize=32)
def _reviewed(answer: str, asof: str, fact_date: str, held: tuple[str, int]) -> Review:
    return review(answer, asof=asof, fact_date=fact_date)


def _review(answer: str, asof: str, item: Item, fact_date: str = "") -> Review:
    """The review of an answer, once for all checks of one reply."""
    held = (str(statutes_folder()), len(library()))
    return _reviewed(answer, asof or item.asof or CHANGES_KNOWN, fact_date, held)


def _verdict(
    outcome: Literal["met", "not_met", "na", "unsure"],
    reason: str,
    reason_en: str,
    found: Review,
    blame: list[Finding] | None = None,
    **more: Any,
) -> Verdict:
    blame = blame or []
    return Verdict(
        outcome,
        reason,
        reason_en,
        spans=more.pop("spans", tuple(f.span for f in blame)),
        codes=more.pop("codes", tuple(dict.fromkeys(f.code for f in blame))),
        detail=citation_detail(found, found.text),
        **more,
    )


def _fewer(name: str) -> Any:
    def steps(parameters: Parameters) -> Steps:
        least = parameters.get(name, 1)
        if least > 1:
            yield f"{name} {least - 1}", {**parameters, name: least - 1}

    return steps


def _asks_for_law(prompt: str, parameters: Parameters) -> str:
    if re.search(r"法条|条文|第.{0,6}条|法律依据|依据|引用|法律|规定|法规|司法解释|《", prompt):
        return ""
    return "the prompt does not ask for a citation of law"


def _official(law: str) -> str:
    """The official name of a law given by any of its names; the name itself where it is not known."""
    found = resolve(law).laws
    return found[0] if found else law


_WANTED = re.compile(r"(?P<article>\d+(?:-\d+)?)(?:款(?P<kuan>\d+))?(?:项(?P<xiang>\d+))?")


def _fits(citation: Citation, wanted: str) -> bool:
    """Whether a citation names the article (and 款, 项) wanted: "577", "133-1", "67款3", "14项6", "1062款1项2"."""
    match = _WANTED.fullmatch(wanted)
    if match is None or not citation.article:
        return False
    inside = False
    if citation.range_to and "-" not in match["article"]:
        inside = int(citation.article.split("-")[0]) <= int(match["article"]) <= citation.range_to
    if citation.article != match["article"] and not inside:
        return False
    kuan, xiang = match["kuan"], match["xiang"]
    return (not kuan or int(kuan) in citation.kuan) and (not xiang or int(xiang) in citation.xiang)


def _sound(found: Review) -> list[Citation]:
    """Citations of known laws without an error about name, time or existence."""
    faults = {
        "UNKNOWN_NATIONAL",
        "REPEALED",
        "NOT_YET_IN_FORCE",
        "STALE_NUMBER",
        "MALFORMED_NUMBER",
    } | MISSING
    return [
        c
        for c in found.statutes
        if c.law
        and c.article
        and instruments()[c.law].sure
        and not found.codes_of(c) & (faults | {"REPEALED_BUT_SAID"})
    ]


@check(asked=_asks_for_law, loosen=_fewer("at_least"))
def cites_in_force(answer: str, *, at_least: int = 1, law: str = "", asof: str = "", item: Item) -> Verdict:
    """Met when the answer cites at least `at_least` different articles that are in force and exist.

    As of `asof`, else the item's day, else the day of the data. `law` narrows it to one law. Laws of which only the
    name is known do not count.

    >>> item = Item("p", "i", (), ())
    >>> cites_in_force("依据《民法典》第577条", item=item).outcome, cites_in_force("依据《合同法》第107条", item=item).outcome
    ('met', 'not_met')
    """
    found = _review(answer, asof, item)
    wanted = _official(law) if law else ""
    good = {(c.law, c.article): c for c in _sound(found) if not wanted or wanted in c.law_ids}
    share = (min(len(good), at_least), at_least)
    spans = tuple(c.span for c in good.values())
    if len(good) >= at_least:
        return _verdict(
            "met",
            f"有{len(good)}条现行有效的法条",
            f"{len(good)} articles in force",
            found,
            spans=spans,
            share=share,
        )
    reason = f"现行有效的法条有{len(good)}条，要求{at_least}条"
    return _verdict(
        "not_met",
        reason,
        f"{len(good)} articles in force, asked for {at_least}",
        found,
        found.errors,
        share=share,
    )


def _allow_one(parameters: Parameters) -> Steps:
    yield "one error allowed", {**parameters, "errors_allowed": parameters.get("errors_allowed", 0) + 1}


@check(loosen=_allow_one)
def citations_valid(
    answer: str,
    *,
    required: bool = True,
    errors_allowed: int = 0,
    asof: str = "",
    fact_date: str = "",
    item: Item,
) -> Verdict:
    """Met when no citation has an error: name, force, existence, earlier number, quotation.

    Without any citation of a law: not met when `required`, else na. Quotations that could not be compared and laws
    that could not be checked are counted in the detail; when nothing at all could be checked the verdict is unsure.

    >>> item = Item("p", "i", (), ())
    >>> citations_valid("《民法典》第二千条", item=item).codes
    ('NO_SUCH_ARTICLE',)
    """
    found = _review(answer, asof, item, fact_date)
    if not found.statutes:
        outcome: Literal["not_met", "na"] = "not_met" if required else "na"
        return _verdict(outcome, "没有引用法条", "no citation of law", found, codes=("NO_CITATION",))
    if len(found.errors) > errors_allowed:
        first = found.errors[0]
        return _verdict(
            "not_met",
            first.message_zh,
            first.message_en,
            found,
            found.errors,
            evidence=answer[slice(*first.span)],
        )
    checked = [c for c in found.statutes if c.law and instruments()[c.law].sure]
    if not checked:
        return _verdict("unsure", "引用的规定均未能核对", "none of the citations could be checked", found)
    skipped = len(found.statutes) - len(checked)
    return _verdict(
        "met",
        f"{len(checked)}处引用无误，{skipped}处未核对",
        f"{len(checked)} citations without error, {skipped} not checked",
        found,
    )


def _any_of(parameters: Parameters) -> Steps:
    if parameters.get("how", "any") == "all" and len(parameters["articles"]) > 1:
        yield "any of them", {**parameters, "how": "any"}
    bare = [re.sub(r"[款项].*", "", a) for a in parameters["articles"]]
    if bare != list(parameters["articles"]):
        yield "whatever 款 and 项", {**parameters, "articles": bare}


@check(asked=_asks_for_law, loosen=_any_of)
def cites_article(
    answer: str,
    *,
    law: str,
    articles: list[str],
    how: Literal["any", "all"] = "any",
    also: tuple[str, ...] = (),
    asof: str = "",
    item: Item,
) -> Verdict:
    """Met when the answer cites the articles of `law`: one of them, or with `how = "all"` every one.

    `also` names articles of other laws that are as good a ground: "民事诉讼法:264". An article is "577", "133-1" (之一), "67款3", "14项6", "1062款1项2"; "577|584" is one or the other. A range that
    holds the article counts. A law of the same name that is not in force does not.

    >>> item = Item("p", "i", (), ())
    >>> cites_article("见民法典第五百七十七条", law="民法典", articles=["577"], item=item).outcome
    'met'
    """
    found = _review(answer, asof, item)
    name = _official(law)
    cited = [c for c in found.statutes if name in c.law_ids]
    hits = {
        wanted: [c for c in cited if any(_fits(c, one) for one in wanted.split("|"))] for wanted in articles
    }
    there = [wanted for wanted, citations in hits.items() if citations]
    spans = tuple(citations[0].span for citations in hits.values() if citations)
    share = (len(there), len(articles)) if how == "all" else None
    for other in also:
        place, _, wanted = other.partition(":")
        for citation in found.statutes:
            if _official(place) in citation.law_ids and _fits(citation, wanted):
                label = label_of(citation)
                return _verdict("met", f"引用了{label}", f"cites {label}", found, spans=(citation.span,))
    short = instruments()[name].short if name in instruments() else name
    if len(there) == len(articles) or (how == "any" and there):
        return _verdict(
            "met",
            f"引用了{short}第{'、'.join(there)}条",
            f"cites {short} {', '.join(there)}",
            found,
            spans=spans,
            share=share,
        )
    missing = "、".join(a for a in articles if a not in there)
    said = "、".join(dict.fromkeys(c.article for c in cited if c.article)) or "无"
    return _verdict(
        "not_met",
        f"没有引用{short}第{missing}条（引用的有：{said}）",
        f"does not cite {short} {missing} (cites: {said})",
        found,
        spans=spans,
        share=share,
        codes=("ARTICLE_MISSING",),
    )


@check
def cites_only(answer: str, *, law: str, articles: list[str], asof: str = "", item: Item) -> Verdict:
    """Met when every article the answer cites is one of `articles` of `law` (no article number is brought in).

    Contract clauses and references inside a recited article do not count. No citation at all is met.

    >>> item = Item("p", "i", (), ())
    >>> cites_only("民法典第577条，另见第584条", law="民法典", articles=["577"], item=item).outcome
    'not_met'
    """
    found = _review(answer, asof, item)
    name = _official(law)
    strange = [
        c
        for c in found.statutes
        if c.article
        and not (
            (not c.law or name in c.law_ids) and any(_fits(c, one) for a in articles for one in a.split("|"))
        )
    ]
    if not strange:
        return _verdict("met", "没有引入其他法条", "brings in no other article", found)
    listed = "、".join(dict.fromkeys(label_of(c) for c in strange))
    spans = tuple(c.span for c in strange)
    return _verdict(
        "not_met",
        f"引入了其他法条：{listed}",
        f"brings in other articles: {listed}",
        found,
        spans=spans,
        codes=("ARTICLE_ADDED",),
    )


@check(asked=_asks_for_law)
def names_law(answer: str, *, laws: list[str], how: Literal["any", "all"] = "all") -> Verdict:
    """Met when the answer names the `laws` (by any of their names), with or without an article.

    >>> names_law("现由民法典合同编调整。", laws=["民法典"]).outcome
    'met'
    """
    mentions = named_laws(answer)
    missing = [
        law for law in laws if not any(_official(one) in m.laws for m in mentions for one in law.split("|"))
    ]
    if not missing or (how == "any" and len(missing) < len(laws)):
        return Verdict("met", "提到了所需的法律", "names the laws needed")
    listed = "、".join(missing)
    return Verdict("not_met", f"没有提到：{listed}", f"does not name: {listed}", codes=("LAW_MISSING",))


def _is_held(finding: Finding, day: str) -> bool:
    """Whether the hashes of the article meant are held: then words not found in it are not its words."""
    citation, law = finding.citation, finding.evidence.get("law")
    held = held_on(law, day) if law else None
    article = held.articles.get(citation.article) if held and citation and citation.article else None
    return article is not None and not article.deleted


@check(loosen=lambda p: [("any share", {**p, "at_least": 0})] if p.get("at_least") else [])
def quotes_exact(answer: str, *, at_least: int = 0, asof: str = "", item: Item) -> Verdict:
    """Met when every quotation of an article is its exact text (ellipsis allowed); `at_least` so many must be there.

    A quotation stands in quotation marks or a block after a citation. Whether the words are exact is decided from the
    hashes held; only the quotation of an article that is not held is unsure. Without a quotation: na, or not met when
    `at_least` asks for one.

    >>> item = Item("p", "i", (), ())
    >>> quotes_exact("《民法典》第577条规定了违约责任。", item=item).outcome
    'na'
    """
    found = _review(answer, asof, item)
    explicit = {q.span for q in found.quotations if q.explicit}
    judged = [f for f in found.findings if f.code in QUOTE_CODES and f.span in explicit]
    good = [f for f in judged if f.code in ("VERBATIM", "VERBATIM_ELLIPSIS")]
    bad = [f for f in judged if f not in good and f.code != "QUOTE_NOT_COMPARED"]
    inexact = [f for f in judged if f.code == "QUOTE_NOT_COMPARED" and _is_held(f, found.asof)]
    open_ = [f for f in judged if f.code == "QUOTE_NOT_COMPARED" and f not in inexact]
    share = (len(good), max(len(judged), at_least))
    if inexact and not bad:
        label = label_of(inexact[0].citation) if inexact[0].citation else ""
        return _verdict(
            "not_met",
            f"引号内的文字与{label}不是逐字相同",
            f"the words in quotation marks are not exactly those of {label}",
            found,
            inexact,
            share=share,
            codes=("NOT_EXACT",),
        )
    if bad:
        return _verdict("not_met", bad[0].message_zh, bad[0].message_en, found, bad, share=share)
    if open_ and len(good) + len(open_) >= at_least:
        return _verdict(
            "unsure",
            f"{len(open_)}处引文未能核对",
            f"{len(open_)} quotations could not be compared",
            found,
            open_,
            share=share,
        )
    if len(good) < at_least:
        return _verdict(
            "not_met",
            f"准确的引文有{len(good)}处，要求{at_least}处",
            f"{len(good)} exact quotations, asked for {at_least}",
            found,
            share=share,
            codes=("NO_QUOTE",),
        )
    if not judged:
        return _verdict("na", "没有引用条文原文", "no quotation of an article", found)
    return _verdict(
        "met", f"{len(good)}处引文与条文一致", f"{len(good)} quotations are exact", found, good, share=share
    )


@check
def no_stale_numbers(answer: str, *, asof: str = "", item: Item) -> Verdict:
    """Met when no citation uses a number that its topic had in an earlier version, and none is of a repealed law
    that the text does not say is repealed.

    >>> item = Item("p", "i", (), ())
    >>> no_stale_numbers("依据《民事诉讼法》第253条，加倍支付迟延履行期间的债务利息。", item=item).codes
    ('STALE_NUMBER',)
    """
    found = _review(answer, asof, item)
    bad = [f for f in found.findings if f.code in ("STALE_NUMBER", "STALE_TEXT", "REPEALED")]
    if bad:
        return _verdict("not_met", bad[0].message_zh, bad[0].message_en, found, bad)
    return _verdict("met", "没有旧条号、旧法", "no earlier number, no repealed law", found)


@check
def no_error_codes(
    answer: str, *, codes: list[str], asof: str = "", fact_date: str = "", item: Item
) -> Verdict:
    """Met when none of the finding `codes` (REPEALED, NO_SUCH_ARTICLE …) is found about the answer.

    >>> item = Item("p", "i", (), ())
    >>> no_error_codes("《刑法》第一百九十九条", codes=["DELETED_ARTICLE"], item=item).outcome
    'not_met'
    """
    found = _review(answer, asof, item, fact_date)
    bad = [f for f in found.findings if f.code in codes]
    if bad:
        return _verdict("not_met", bad[0].message_zh, bad[0].message_en, found, bad)
    return _verdict("met", "没有所列问题", "none of the listed faults", found)


def _asks_for_text(prompt: str, parameters: Parameters) -> str:
    return (
        ""
        if re.search(r"原文|全文|逐字|背诵|默写|复述|完整|条文", prompt)
        else "the prompt does not ask for the words of the article"
    )


@check(
    asked=_asks_for_text,
    loosen=lambda p: [("abstaining counts", {**p, "or_abstain": True})] if not p.get("or_abstain") else [],
)
def recites_article(
    answer: str, *, law: str, article: str, or_abstain: bool = False, asof: str = "", item: Item
) -> Verdict:
    """Met when the answer holds the whole text of the article, word for word (marks and blanks apart).

    An answer that says it cannot vouch for the text is not met with the code ABSTAINED, or met with `or_abstain`. Else
    the missing 款 are named. Nearly the whole text is decided only where the user's copy of the law is there.

    >>> item = Item("p", "i", (), ())
    >>> said = "民事主体的人身权利、财产权利以及其他合法权益受法律保护，任何组织或者个人不得侵犯。"
    >>> recites_article("第三条　" + said, law="民法典", article="3", item=item).outcome
    'met'
    >>> recites_article("我无法确认条文原文。", law="民法典", article="3", item=item).codes
    ('ABSTAINED',)
    """
    day = asof or item.asof or CHANGES_KNOWN
    found = recitation(_official(law), article, day, answer)
    label = f"《{_official(law)}》{article_label(article)}"
    if found.outcome == "unknown":
        return Verdict(
            "unsure",
            f"没有{label}的文本，无法核对",
            f"no text of {label} to compare with",
            codes=("NOT_COMPARED",),
        )
    if found.outcome == "whole":
        return Verdict("met", f"完整复述了{label}", f"recites {label} whole", codes=("COMPLETE",))
    if (said := says_cannot_vouch(answer)) is not None:
        outcome: Literal["met", "not_met"] = "met" if or_abstain else "not_met"
        return Verdict(
            outcome,
            "表示不能确认条文原文",
            "says that it cannot vouch for the text",
            answer[slice(*said)],
            (said,),
            codes=("ABSTAINED",),
        )
    share = f"{found.share:.2f}"
    if found.outcome == "near":
        return Verdict(
            "unsure",
            f"与{label}接近（{share}），没有文本可逐字核对",
            f"near {label} ({share}); add the text to compare",
            codes=("NOT_COMPARED",),
        )
    missing = "、".join(f"第{to_numeral(n)}款" for n in found.missing)
    lacks = f"，缺{missing}" if missing and len(found.missing) < found.paragraphs else ""
    return Verdict(
        "not_met",
        f"不是{label}的完整原文（{share}）{lacks}",
        f"not the whole text of {label} ({share})",
        codes=("INCOMPLETE",),
    )


@check
def critical_tokens_kept(answer: str, *, text: str, allow_missing: int = 0) -> Verdict:
    """Met when the answer keeps every number, limit, 应当 / 可以 / 不得 and exception (但是) of `text`.

    三年 and 3年, 百分之二十 and 20% are the same; 必须 and 应 stand for 应当, 除外 for 但是. Each has to occur once.

    >>> critical_tokens_kept("借款3年内还，最多收20%。", text="应当在三年内归还，不超过百分之二十").codes
    ('应当',)
    """
    missing = [token for token in critical_words(text) if not keeps_word(answer, token)]
    total = len(critical_words(text))
    share = (total - len(missing), total)
    if len(missing) > allow_missing:
        listed = "、".join(missing)
        return Verdict(
            "not_met", f"没有保留：{listed}", f"does not keep: {listed}", share=share, codes=tuple(missing)
        )
    return Verdict(
        "met", "关键的数字、限制、例外都保留了", "numbers, limits and exceptions are kept", share=share
    )
