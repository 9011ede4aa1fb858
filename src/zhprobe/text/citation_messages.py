"""What each finding about a citation says, in Chinese and in English."""

from __future__ import annotations

import re
from typing import Any

from zhprobe.text.citations import Citation
from zhprobe.text.law_versions import CHANGES_KNOWN, TEXTS_READ
from zhprobe.text.legal_numerals import article_label, to_numeral


def label_of(citation: Citation) -> str:
    """The citation in full form: 《…》第四十七条第一款第（二）项.

    >>> from zhprobe.text.citations import extract
    >>> label_of(extract("公司法第47条第1款")[0])
    '《中华人民共和国公司法》第四十七条第一款'
    """
    name = (citation.law or re.sub(r"^《|》$", "", citation.law_raw)).replace("《", "〈").replace("》", "〉")
    article = article_label(citation.article) if citation.article else citation.text
    kuan = "、".join(f"第{to_numeral(k)}款" for k in citation.kuan)
    xiang = "、".join(f"第（{to_numeral(x)}）项" for x in citation.xiang)
    end = f"至{article_label(str(citation.range_to))}" if citation.range_to else ""
    return (f"《{name}》" if name else "") + article + kuan + xiang + end


def _day(iso: str) -> str:
    """2021年1月1日 for 2021-01-01."""
    year, month, day = (int(part) for part in iso.split("-"))
    return f"{year}年{month}月{day}日"


def _targets(suggestion: list[Any]) -> str:
    return "、".join(
        f"《{s['law']}》{article_label(s['article'])}" if isinstance(s, dict) else article_label(s)
        for s in suggestion
    )


TEXTS: dict[str, tuple[str, str]] = {
    "OK": ("名称、效力、条款均与数据相符。", "name, force and article agree with the data."),
    "NAME_INEXACT": ("名称不准确，应为《{suggestion}》。", "the name is not exact; it is 《{suggestion}》."),
    "NAME_VAGUE": ("这不是一部法律的名称，无法核对。", "this is not the name of one law; not checked."),
    "NAME_TRUNCATED": ("名称缺少书名号内的法律名，无法核对。", "the title has lost the law it is about; not checked."),
    "UNKNOWN_NATIONAL": ("以国家法律、行政法规的名义引用，但现行有效的目录中没有这一名称：或已失效，或不存在。", "claims national level, but no such instrument is in the index: historical or invented."),
    "UNKNOWN_OTHER": ("目录中没有这一文件，未核对。", "not in the index; not checked."),
    "LOCAL_NOT_CHECKED": ("地方性法规、规章，未核对。", "local legislation; not checked."),
    "STATUS_NOT_CHECKED": ("名称可识别，效力与条数未核对。", "the name is known; force and articles were not checked."),
    "NO_LAW": ("看不出是哪部法律的条文，未核对。", "of which law is not said; not checked."),
    "MALFORMED_NUMBER": ("条号“{malformed}”写法有误{guess}。", "the article number cannot be read{guess_en}."),
    "NOT_YET_IN_FORCE": ("截至{asof_zh}尚未施行，自{begins_zh}起施行。", "not in force on {asof}; in force from {begins}."),
    "REPEALED": ("该法自{repealed_zh}起废止{now}。", "repealed from {repealed}{now_en}."),
    "REPEALED_BUT_SAID": ("该法自{repealed_zh}起废止，文中已说明{now}。", "repealed from {repealed}, as the text says{now_en}."),
    "HISTORICAL_LAW": ("引用的是{when}的规定；能否适用须由律师判断。", "law of an earlier time{when_en}; whether it applies is for a lawyer to say."),
    "NO_SUCH_ARTICLE": ("没有这一条：{version}共{max}条{moved}。", "no such article: the version has {max} articles{moved_en}."),
    "NO_SUCH_ARTICLE_ZHI": ("没有这一条：该条号之下的增设条文有{max}条。", "no such inserted article: there are {max} of that number."),
    "DELETED_ARTICLE": ("该条已删去。", "this article has been deleted."),
    "NO_SUCH_KUAN": ("没有这一款：该条共{max}款。", "no such paragraph: the article has {max}."),
    "NO_SUCH_XIANG": ("没有这一项：该处共{max}项。", "no such item: there are {max}."),
    "STALE_NUMBER": ("“{topic}”是旧条号，现为{target}。", "an earlier number of this topic; it is now {target}."),
    "VERBATIM": ("引文与条文一致{scope_zh}。", "the quotation is the text{scope_en}."),
    "VERBATIM_ELLIPSIS": ("引文（有省略）与条文一致。", "the quotation, with ellipsis, is the text."),
    "NEAR_VERBATIM": ("引文与条文大体一致（覆盖{coverage}），有文字出入{diff}。", "nearly the text (coverage {coverage}){diff}."),
    "ALTERED": ("引文改动了关键文字（覆盖{coverage}）{diff}。", "the quotation changes critical words (coverage {coverage}){diff}."),
    "MISQUOTE": ("引文与条文不一致（覆盖{coverage}）{diff}。", "the quotation is not the text (coverage {coverage}){diff}."),
    "WRONG_ARTICLE_NUMBER": ("引文是本法{found}的文字，条号有误。", "these are the words of {found} of the same law."),
    "STALE_TEXT": ("引文是旧文本（{found_version}）{found}的文字。", "these are words of a superseded version, {found}."),
    "WRONG_LAW": ("引文是《{found_law}》{found}的文字。", "these are words of 《{found_law}》{found}."),
    "FABRICATED_QUOTE": ("引号内的文字不是该条原文。", "the words in quotation marks are not those of the article."),
    "CLOSE_PARAPHRASE": ("与条文相近的转述（覆盖{coverage}）。", "close to the text (coverage {coverage})."),
    "NOT_THE_TEXT": ("不是条文原文。", "not the words of the article."),
    "QUOTE_NOT_COMPARED": ("引文未能核对（本机没有该文本；可用 zhprobe statutes add 添加）。", "the quotation was not compared (add the text with `zhprobe statutes add`)."),
    "MAYBE_WRONG_ARTICLE": ("所述内容更像{target}，请人工判断。", "the words fit {target} better; a person should judge."),
    "CITATION_DUMP": ("堆砌法条。", "a dump of citations."),
    "CONTRACT_CLAUSE": ("合同或其他文件的条款，不核对。", "a clause of a contract or other paper; not checked."),
    "NESTED": ("所引条文内部的援引，不计。", "a reference inside a quoted article; not counted."),
    "NUMBER_ONLY": ("文号或案号，未核对。", "a document or case number; not checked."),
    "DATA_TOO_OLD": (f"法律数据截至{_day(CHANGES_KNOWN)}，已超过200天。", f"the law data ends on {CHANGES_KNOWN}, more than 200 days ago."),
    "ASOF_AFTER_DATA": (
        f"核对日期{{asof_zh}}晚于数据（条文{_day(TEXTS_READ)}，变动截至{_day(CHANGES_KNOWN)}）。",
        f"the date {{asof}} is later than the data (texts {TEXTS_READ}, changes to {CHANGES_KNOWN}).",
    ),
}  # fmt: skip


def message(code: str, citation: Citation | None, evidence: dict[str, Any]) -> tuple[str, str]:
    """The finding in Chinese and in English, the citation first.

    >>> from zhprobe.text.citations import extract
    >>> facts = {"repealed": "2021-01-01", "suggestion": [{"law": "中华人民共和国民法典", "article": "577"}], "asof": "2026-09-30"}
    >>> message("REPEALED", extract("《合同法》第107条")[0], facts)[0]
    '《中华人民共和国合同法》第一百零七条：该法自2021年1月1日起废止，现行规定为《中华人民共和国民法典》第五百七十七条。'
    """
    zh, en = TEXTS[code]
    words = _words(citation, evidence)
    head = label_of(citation) if citation else ""
    said_zh, said_en = zh.format_map(words), en.format_map(words)
    return (f"{head}：{said_zh}", f"{head}: {said_en}") if head else (said_zh, said_en)


class _Words(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _words(citation: Citation | None, evidence: dict[str, Any]) -> _Words:
    words = _Words(evidence)
    for key in ("asof", "begins", "repealed"):
        if evidence.get(key):
            words[f"{key}_zh"] = _day(evidence[key])
    suggestion = evidence.get("suggestion")
    if isinstance(suggestion, list) and suggestion:
        target = _targets(suggestion)
        words |= {"target": target, "now": f"，现行规定为{target}", "now_en": f"; now {target}"}
        words |= {"moved": f"，旧条号现为{target}", "moved_en": f"; an earlier number, now {target}"}
    elif evidence.get("successor"):
        words |= {
            "now": f"，由《{evidence['successor']}》取代",
            "now_en": f"; replaced by 《{evidence['successor']}》",
        }
    if citation and citation.malformed:
        listed = "、".join(f"第{to_numeral(n)}条" for n in citation.guesses)
        words |= {"malformed": citation.malformed}
        if listed:
            words |= {"guess": f"，是否为{listed}", "guess_en": f"; perhaps {listed}"}
    if evidence.get("found_article"):
        words["found"] = article_label(evidence["found_article"])
    scope = {
        "whole": ("（全条）", " (whole article)"),
        "paragraph": ("（整款）", " (whole paragraphs)"),
        "part": ("（部分）", " (part)"),
    }
    words["scope_zh"], words["scope_en"] = scope.get(evidence.get("scope", ""), ("", ""))
    if evidence.get("coverage") is not None:
        words["coverage"] = f"{evidence['coverage']:.2f}"
    if evidence.get("differences"):
        shown = "；".join(
            f"“{quoted or '（缺）'}”←“{own or '（无）'}”" for quoted, own in evidence["differences"][:5]
        )
        words["diff"] = f"：{shown}"
    if evidence.get("fact_date"):
        words |= {
            "when": f"事实发生时（{evidence['fact_date']}）",
            "when_en": f" (facts of {evidence['fact_date']})",
        }
    elif evidence.get("version"):
        words |= {"when": evidence["version"], "when_en": f" ({evidence['version']})"}
    return words
