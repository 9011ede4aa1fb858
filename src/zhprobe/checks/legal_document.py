"""Drafted legal documents: required elements, and facts kept as the prompt gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from zhprobe.checks.registry import check
from zhprobe.records import Item, Verdict
from zhprobe.text.legal_amounts import Amount, Day, amounts, chinese_number, dates, half_width

Parameters = dict[str, Any]
Steps = Iterable[tuple[str, Parameters]]
Span = tuple[int, int]


def _drop_each(name: str) -> Any:
    """Loosening that leaves out one entry of a list parameter at a time."""

    def steps(parameters: Parameters) -> Steps:
        entries = list(parameters.get(name, ()))
        for place, entry in enumerate(entries):
            if len(entries) > 1:
                yield f"without {entry}", {**parameters, name: entries[:place] + entries[place + 1 :]}

    return steps


def _counted(
    missing: list[str],
    total: int,
    spans: Sequence[Span],
    met: str,
    met_en: str,
    lacks: str,
    lacks_en: str,
    code: str,
) -> Verdict:
    share = (total - len(missing), total)
    if missing:
        listed = "、".join(missing)
        return Verdict(
            "not_met",
            f"{lacks}{listed}",
            f"{lacks_en}{listed}",
            spans=tuple(spans),
            share=share,
            codes=(code,),
        )
    return Verdict("met", met, met_en, spans=tuple(spans), share=share)


def _words(phrase: str) -> re.Pattern[str]:
    """The phrase with blanks, markdown marks and colons allowed between its characters."""
    gap = r"[\s　*_]{0,6}"
    return re.compile(gap.join(re.escape(c) for c in re.sub(r"\s", "", half_width(phrase))))


def _first(answer: str, alternatives: str) -> Span | None:
    """Place of the earliest of "a|b" in the answer."""
    plain = half_width(answer)
    hits = [m.span() for one in alternatives.split("|") if one and (m := _words(one).search(plain))]
    return min(hits) if hits else None


@check(loosen=_drop_each("sections"))
def document_sections(answer: str, *, sections: list[str], ordered: bool = False) -> Verdict:
    """Met when every one of `sections` begins a line (as heading, label or sentence opening).

    "事实与理由|事实和理由" means one of them. Numbering, markdown and brackets before the words do not count. With
    `ordered` they must come in the order given. The verdict's share says how many are there.

    >>> document_sections("民事起诉状\\n原告：李晓\\n**诉讼请求**：\\n一、…", sections=["原告", "诉讼请求|请求事项"]).outcome
    'met'
    """
    plain = half_width(answer)
    head = r"(?:^|(?<=\n)|(?<=。))[ \t　>#*_\-•【\[(〔《]{0,12}(?:(?:第?[一二三四五六七八九十百]{1,4}|\d{1,2})[ \t]{0,3}[、.):章条部节款]{0,3}[ \t]{0,3}分?)?[ \t*_【\[(《]{0,8}"
    missing, spans = [], []
    last = -1
    for section in sections:
        hit = None
        for one in section.split("|"):
            for match in re.finditer(head + f"(?P<words>{_words(one).pattern})", plain):
                if not ordered or match.start("words") > last:
                    hit = hit or match.span("words")
                    break
        if hit is None:
            missing.append(section)
        else:
            spans.append(hit)
            last = hit[0]
    return _counted(
        missing,
        len(sections),
        spans,
        "各部分齐全",
        "all sections are there",
        "缺少：",
        "missing: ",
        "section_missing",
    )


@check(loosen=_drop_each("elements"))
def document_elements(answer: str, *, elements: list[str]) -> Verdict:
    """Met when every one of `elements` occurs anywhere; "a|b" means one of them, "a&b" both in one sentence or line.

    >>> document_elements("乙方每月10日前付租金", elements=["租金&日前", "乙方|承租人"]).outcome
    'met'
    """
    pieces = list(re.finditer(r"[^。\n；]+", half_width(answer)))
    missing, spans = [], []
    for element in elements:
        hit = None
        for alternative in element.split("|"):
            parts = [_words(part) for part in alternative.split("&") if part]
            piece = next((p for p in pieces if all(part.search(p[0]) for part in parts)), None)
            hit = hit or (piece.span() if piece else None)
        if hit is None:
            missing.append(element)
        else:
            spans.append(hit)
    return _counted(
        missing,
        len(elements),
        spans,
        "要素齐全",
        "all elements are there",
        "缺少：",
        "missing: ",
        "element_missing",
    )


@check(loosen=_drop_each("facts"))
def facts_kept(answer: str, *, facts: list[str]) -> Verdict:
    """Met when each of `facts` (names, case numbers, accounts, addresses) occurs as given; "a|b": one of them.

    Blanks, full-width forms and 〇○零 apart, the characters must be the same. For sums and dates use
    `amounts_stated` and `dates_stated`, which compare values.

    >>> facts_kept("案号：（2026）沪0105民初1234号", facts=["(2026)沪0105民初1234号"]).outcome
    'met'
    """
    missing, spans = [], []
    for fact in facts:
        hit = _first(answer.translate({0x3014: "(", 0x3015: ")"}), fact)
        if hit is None:
            missing.append(fact)
        else:
            spans.append(hit)
    return _counted(
        missing,
        len(facts),
        spans,
        "事实均照录",
        "all facts are kept",
        "没有照录：",
        "not kept: ",
        "fact_missing",
    )


def _same(values: Sequence[Amount], wanted: Decimal) -> Span | None:
    return next(((a.start, a.end) for a in values if a.value == wanted), None)


@check(loosen=_drop_each("values"))
def amounts_stated(answer: str, *, values: list[str]) -> Verdict:
    """Met when every sum of `values` (yuan) occurs, in whatever form (12000元, 1.2万元, 壹万贰仟元整).

    >>> amounts_stated("支付货款1.2万元及违约金600元", values=["12000", "600"]).outcome
    'met'
    """
    found = amounts(answer)
    missing, spans = [], []
    for value in values:
        hit = _same(found, Decimal(value))
        if hit is None:
            missing.append(f"{value}元")
        else:
            spans.append(hit)
    return _counted(
        missing,
        len(values),
        spans,
        "金额齐全",
        "all sums are there",
        "没有写出：",
        "not stated: ",
        "amount_missing",
    )


@check(loosen=_drop_each("values"))
def dates_stated(answer: str, *, values: list[str]) -> Verdict:
    """Met when every date of `values` (2026-05-11 or 2026-05) occurs, in whatever form.

    >>> dates_stated("于2026年5月11日前支付", values=["2026-05-11", "2026-05"]).outcome
    'met'
    """
    found = dates(answer)
    missing, spans = [], []
    for value in values:
        hit = next(((d.start, d.end) for d in found if d.value[: len(value)] == value), None)
        if hit is None:
            missing.append(value)
        else:
            spans.append(hit)
    return _counted(
        missing,
        len(values),
        spans,
        "日期齐全",
        "all dates are there",
        "没有写出：",
        "not stated: ",
        "date_missing",
    )


def _all_sourced(strange: Sequence[Amount | Day], kind: str, kind_en: str, code: str) -> Verdict:
    """Met when nothing of the kind is strange to the prompt."""
    if not strange:
        return Verdict("met", f"{kind}均有来源", f"every {kind_en} has a source")
    listed = "、".join(dict.fromkeys(one.text for one in strange))
    return Verdict(
        "not_met",
        f"题中没有、也算不出的{kind}：{listed}",
        f"{kind_en}s neither given nor computed: {listed}",
        strange[0].text,
        tuple((one.start, one.end) for one in strange),
        codes=(code,),
    )


@check
def amounts_from_prompt(answer: str, *, allowed: list[str] | None = None, item: Item) -> Verdict:
    """Met when every sum in the answer is in the prompt or in `allowed` (sums computed from it).

    Blanks (____元, X元) are no sums. Sums are compared by value.

    >>> item = Item("p", "i", ({"role": "user", "content": "借款5万元"},), ())
    >>> amounts_from_prompt("归还借款50000元及利息3000元", item=item).evidence
    '3000元'
    """
    known = {a.value for a in amounts(item.prompt)} | {Decimal(v) for v in allowed or ()}
    known |= {
        Decimal(re.sub(",", "", n))
        for n in re.findall(r"\d[\d,]*(?:\.\d+)?", half_width(item.prompt))
        if n.strip(",")
    }
    strange = [a for a in amounts(answer) if a.value not in known]
    return _all_sourced(strange, "金额", "sum", "amount_invented")


@check
def dates_from_prompt(answer: str, *, allowed: list[str] | None = None, item: Item) -> Verdict:
    """Met when every full date in the answer is in the prompt or in `allowed` (dates computed from it).

    A month or a date without a year in the prompt covers the same month or day in the answer. Dates inside 《…》 and
    document numbers, and the effective date of a statute (自…起施行, 起废止) are no facts of the case.

    >>> item = Item("p", "i", ({"role": "user", "content": "2026年3月1日签订合同"},), ())
    >>> dates_from_prompt("2026年3月1日签订，2026年4月1日违约", item=item).evidence
    '2026年4月1日'
    """
    known = {d.value for d in dates(item.prompt)} | set(allowed or ())
    months = {value[:7] for value in known}
    plain = half_width(item.prompt)
    bare = {
        f"{int(m):02d}-{int(d):02d}" for m, d in re.findall(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]", plain)
    }
    strange = []
    for day in dates(answer):
        after = answer[day.end : day.end + 6]
        fits = day.value in known or (len(day.value) == 7 and day.value in months) or day.value[5:] in bare
        if not fits and not re.match(r"\s*(?:起)?(?:施行|生效|废止|修[正订])", after):
            strange.append(day)
    return _all_sourced(strange, "日期", "date", "date_invented")


@check
def parties_not_swapped(answer: str, *, roles: dict[str, str]) -> Verdict:
    """Met when each role word is followed by its own name and by no name of another role.

    `roles` is {"原告": "李晓", "被告": "晨光公司"}; a role may be "甲方|出租人". A role that never stands before a name
    leaves it undecided unless the other roles are wrong.

    >>> parties_not_swapped("原告：晨光公司\\n被告：李晓", roles={"原告": "李晓", "被告": "晨光公司"}).outcome
    'not_met'
    """
    plain = half_width(answer)
    seen: set[str] = set()
    names = {name: role for role, name in roles.items()}
    either = "|".join(re.escape(half_width(n)) for n in sorted(names, key=len, reverse=True))
    for role, own in roles.items():
        words = "|".join(map(re.escape, role.split("|")))
        bracket = r"(?:\([^()\n]{0,16}\))?"
        for match in re.finditer(
            rf"(?:{words}){bracket}[\s*_]{{0,6}}(?:[:是为系][\s*_]{{0,6}})?(?:名称|姓名)?[\s*_:]{{0,6}}(?P<name>{either})",
            plain,
        ):
            name = match["name"]
            if name == half_width(own):
                seen.add(role)
            else:
                return Verdict(
                    "not_met",
                    f"“{match[0]}”：{role}应为{own}",
                    f"'{match[0]}': {role} is {own}",
                    match[0],
                    (match.span(),),
                    codes=("parties_swapped",),
                )
    if len(seen) < len(roles):
        listed = "、".join(r for r in roles if r not in seen)
        if len(seen) == len(roles) - 1 and all(half_width(n) in plain for n in names):
            return Verdict("met", "当事人称谓无误", "no party is swapped")
        return Verdict(
            "unsure",
            f"没有看到与姓名相连的称谓：{listed}",
            f"no name follows: {listed}",
            codes=("role_not_found",),
        )
    return Verdict("met", "当事人称谓无误", "no party is swapped")


_BLANK = (
    r"(?:_{2,}|＿+|[—－-]{3,}|[×xX*＊]{2,}|…{1,}|\.{3,}|□+|○{2,}|\s{4,}(?=[年月日元号。；，\n]|$)"
    r"|[\[【（(〔<{][^\]】）)〕>}\n]{0,30}(?:填写|填入|填|待|补充|补|注明|写明|空白|如有|请|按实际|实际|具体|此处|身份证|地址|电话|账号|账户|号码|日期|姓名|民族|性别|年龄|年月日|X|×|_)[^\]】）)〕>}\n]{0,30}[\]】）)〕>}]"
    r"|\(\s*\)|待(?:填|补|核实|确认|定)[^\n。；]{0,6}|(?:由|请)[^\n。；]{0,10}(?:填写|补充)|不详|\[[^\]\n]{0,30}\]|【[^】\n]{0,30}】|年\s*月\s*日)"
)


_LABEL = re.compile(r"码?(?:\([^()\n]{0,12}\))?[ \t　*_]{0,6}:")


def _blank_end(plain: str, hit: re.Match[str]) -> int | None:
    """Where the blank after a field's name ends; None where something else stands there."""
    rest = plain[hit.end() :] + "\n"
    gap = r"[^\n。；;,，]" if _LABEL.match(rest) else r"[^\n。；]"
    if after := re.match(rf"{gap}{{0,12}}?{_BLANK}", rest):
        return hit.end() + after.end()
    head = plain[: hit.start()]
    if re.search(r"[\[【(<{][^\]】)>}\n]{0,20}$", head) or head.endswith("__"):
        return hit.end()
    return hit.end() if re.match(r"码?[ \t　*_]{0,8}:?[ \t　*_]{0,40}(?:\n|$)", rest) else None


def _asks_for(words: str, what: str) -> Any:
    """A lint hook: the prompt must hold one of the words."""

    def asked(prompt: str, parameters: Parameters) -> str:
        return "" if re.search(words, prompt) else f"the prompt does not ask {what}"

    return asked


@check(
    asked=_asks_for(
        r"留空|空白|空格|占位|待填|编造|虚构|横线|____|留白|填写|补充|【|未知|没有给出|未给出|未提供",
        "to leave unknown fields blank",
    ),
    loosen=_drop_each("fields"),
)
def placeholders(answer: str, *, fields: list[str]) -> Verdict:
    """Met when every one of `fields` (unknown in the prompt) is left as an explicit blank, not made up.

    A blank is ____, XXX, 【待填】, （请填写…）, 待补充 and the like within 12 characters after the field's name. Where the
    name stands with a colon, every such place must be blank: one party's number left out does not cover another's made
    up. A field that the answer does not mention is undecided; one with another content is not met.

    >>> placeholders("身份证号：____\\n电话：【待填】", fields=["身份证号", "电话|联系方式"]).outcome
    'met'
    >>> placeholders("身份证号：310105199001011234", fields=["身份证号"]).outcome
    'not_met'
    >>> placeholders("甲方住址：____\\n乙方住址：青浦区盈秀路18号", fields=["住址"]).outcome
    'not_met'
    """
    absent, filled, spans = [], [], []
    plain = half_width(answer)
    for field in fields:
        hits = [m for one in field.split("|") for m in _words(one).finditer(plain)]
        if not hits:
            absent.append(field)
            continue
        places = [(hit, _blank_end(plain, hit)) for hit in hits]
        blanks = [(hit.start(), end) for hit, end in places if end is not None]
        if not blanks or any(end is None and _LABEL.match(plain, hit.end()) for hit, end in places):
            filled.append(field)
        else:
            spans.append(blanks[0])
    if filled:
        listed = "、".join(filled)
        return Verdict(
            "not_met",
            f"没有留空：{listed}",
            f"not left blank: {listed}",
            spans=tuple(spans),
            codes=("not_left_blank",),
        )
    if absent:
        listed = "、".join(absent)
        return Verdict(
            "unsure",
            f"没有出现：{listed}",
            f"not mentioned: {listed}",
            spans=tuple(spans),
            codes=("field_absent",),
        )
    return Verdict("met", "未知事项均已留空", "unknown fields are left blank", spans=tuple(spans))


_IDENTIFIERS = {
    "身份证号": r"(?<![\dX])\d{17}[\dXx](?!\d)|(?<!\d)\d{6}[*×xX]{4,10}\d{2,4}[\dXx]?(?!\d)",
    "统一社会信用代码": r"(?<![0-9A-Z])9[1-3][0-9]{6}[0-9A-Z]{10}(?![0-9A-Z])",
    "手机号": r"(?<!\d)1[3-9]\d{9}(?!\d)",
    "账号": r"(?<!\d)\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?(?!\d)",
    "固定电话": r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)",
    "案号": r"\((?:19|20)\d\d\)[一-鿿]{1,2}\d{0,4}[一-鿿]{1,4}\d+号",
}


@check
def no_invented_identifiers(answer: str, *, kinds: list[str] | None = None, item: Item) -> Verdict:
    """Met when no ID number, credit code, telephone, account or case number occurs that the prompt does not give.

    `kinds` picks some of 身份证号, 统一社会信用代码, 手机号, 固定电话, 账号, 案号.

    >>> item = Item("p", "i", ({"role": "user", "content": "为李晓写起诉状"},), ())
    >>> no_invented_identifiers("李晓，身份证号310105199001011234", item=item).codes
    ('identifier_invented',)
    """
    given = re.sub(r"\s", "", half_width(item.prompt))
    plain = half_width(answer).replace("〔", "(").replace("〕", ")")
    for kind in kinds or _IDENTIFIERS:
        for match in re.finditer(_IDENTIFIERS.get(kind, r"(?!)"), plain):
            if re.sub(r"\s", "", match[0]) not in given.replace("〔", "(").replace("〕", ")"):
                return Verdict(
                    "not_met",
                    f"编造了{kind}：{match[0]}",
                    f"invented {kind}: {match[0]}",
                    match[0],
                    (match.span(),),
                    codes=("identifier_invented",),
                )
    return Verdict("met", "没有编造证件号、账号、案号", "no identifier is invented")


_BANKER = r"[零壹贰叁肆伍陆柒捌玖拾佰仟万亿一二三四五六七八九十百千]{2,}"


def _asks_for_words(prompt: str, parameters: Parameters) -> str:
    return (
        ""
        if not parameters.get("at_least") or "大写" in prompt
        else "the prompt does not ask for sums in words (大写)"
    )


@check(asked=_asks_for_words)
def figure_words_agree(answer: str, *, at_least: int = 0) -> Verdict:
    """Met when sums given in figures and in words side by side are equal; `at_least` such pairs must be there.

    A pair is 10000元（大写：壹万元整） or 人民币壹万元整（¥10,000.00），figures and words at most 14 characters apart.

    >>> figure_words_agree("借款人民币捌仟元整（¥8,000.00元）", at_least=1).outcome
    'met'
    >>> figure_words_agree("金额：80000元（大写：捌仟元整）").outcome
    'not_met'
    """
    found = amounts(answer)
    plain = half_width(answer)
    pairs = 0
    for first, second in pairwise(found):
        between = plain[first.end : second.start]
        if len(between) > 14:
            continue
        linked = re.fullmatch(
            r"[\s*_]*(?:整|正)?[\s*_]*[(\[/、,:]?[\s*_]*(?:大写|小写|即|人民币|RMB|¥|金额|¥|[:(\s*_])*",
            between,
        )
        if first.in_words == second.in_words or not linked:
            continue
        worded = first if first.in_words else second
        if not re.search(_BANKER, worded.text):
            continue
        pairs += 1
        if first.value != second.value:
            words = answer[first.start : second.end]
            return Verdict(
                "not_met",
                f"大小写不一致：{words}",
                f"figures and words differ: {words}",
                words,
                ((first.start, second.end),),
                codes=("figure_words_differ",),
            )
    for match in re.finditer(rf"大写\)?[:\s*_]*(?:人民币)?\s*({_BANKER})[元圆]", plain):
        if chinese_number(match[1]) is None:
            return Verdict(
                "not_met",
                f"大写金额读不出：{match[1]}",
                f"the sum in words cannot be read: {match[1]}",
                match[0],
                (match.span(),),
                codes=("words_malformed",),
            )
    if pairs < at_least:
        return Verdict(
            "not_met",
            f"大小写并列的金额有{pairs}处，要求{at_least}处",
            f"{pairs} sums in figures and words, asked for {at_least}",
            codes=("no_pair",),
        )
    return Verdict("met", f"大小写一致（{pairs}处）", f"figures and words agree ({pairs})")


@check(asked=_asks_for(r"分项|逐项|编号|列明|列出|分条|逐条|分列|请求", "for numbered claims"))
def claims_numbered(
    answer: str, *, heading: str = "诉讼请求|请求事项|仲裁请求", at_least: int = 1, at_most: int = 0
) -> Verdict:
    """Met when under `heading` stand at least `at_least` numbered claims (一、 1. （1） 第一项), at most `at_most` if given.

    >>> claims_numbered("诉讼请求：\\n1. 判令被告支付货款；\\n2. 诉讼费由被告承担。\\n事实与理由：", at_least=2).outcome
    'met'
    """
    plain = half_width(answer)
    hits = [
        m
        for one in heading.split("|")
        for m in re.finditer(
            rf"(?m)^[ \t　>#*_【\[一二三四五六七八九十、.]{{0,16}}{_words(one).pattern}", plain
        )
    ]
    if not hits:
        return Verdict("not_met", "没有请求部分", "no section of claims", codes=("section_missing",))
    start = min(m.end() for m in hits)
    rest = plain[start:]
    stop = re.search(
        r"(?m)^[ \t　>#*_【\[]{0,12}(?:[一二三四五六七八九十]、)?[ \t]{0,4}(?:事实|理由|证据|此致|案由)", rest
    )
    block = rest[: stop.start()] if stop else rest
    numbers = re.findall(
        r"(?m)^[ \t　>*_\-]{0,12}(?:[一二三四五六七八九十]{1,2}[、.]|\d{1,2}[、.)](?!\d)|\([一二三四五六七八九十\d]{1,2}\)|第[一二三四五六七八九十]项)",
        block,
    )
    count = len(numbers)
    span = ((start, start + len(block.rstrip())),)
    if count < at_least or (at_most and count > at_most):
        asked = f"至少{at_least}项" + (f"、至多{at_most}项" if at_most else "")
        return Verdict(
            "not_met",
            f"请求有{count}项，要求{asked}",
            f"{count} numbered claims, asked for {at_least}",
            spans=span,
            codes=("claims_count",),
        )
    return Verdict("met", f"请求有{count}项", f"{count} numbered claims", spans=span)


@check
def percent_limit(answer: str, *, near: str, at_most: str = "", equals: str = "") -> Verdict:
    """Met when every percentage in a sentence with `near` is at most `at_most`, or one equals `equals`.

    百分之三十 and 30% are the same. No percentage there is undecided for `at_most`, not met for `equals`.

    >>> percent_limit("定金为合同价款的百分之二十。", near="定金", at_most="20").outcome
    'met'
    """
    values: list[tuple[Decimal, Span]] = []
    plain = half_width(answer)
    for piece in re.finditer(r"[^。\n；]+", plain):
        if _first(piece[0], near) is None:
            continue
        for match in re.finditer(r"(\d+(?:\.\d+)?)\s*%|百分之([零一二三四五六七八九十百点]+)", piece[0]):
            value = Decimal(match[1]) if match[1] else chinese_number(match[2])
            if value is not None:
                values.append((value, (piece.start() + match.start(), piece.start() + match.end())))
    spans = tuple(span for _, span in values)
    if not values:
        return Verdict(
            "not_met" if equals else "unsure",
            f"与{near}有关处没有百分比",
            f"no percentage near {near}",
            codes=("no_percentage",),
        )
    if equals:
        fits = any(value == Decimal(equals) for value, _ in values)
    else:
        fits = all(value <= Decimal(at_most) for value, _ in values)
    said = "、".join(f"{value}%" for value, _ in values)
    if fits:
        return Verdict("met", f"{near}：{said}", f"{near}: {said}", spans=spans)
    wanted = f"应为{equals}%" if equals else f"上限{at_most}%"
    return Verdict(
        "not_met",
        f"{near}：{said}，{wanted}",
        f"{near}: {said}, expected {equals or at_most}%",
        spans=spans,
        codes=("percentage_wrong",),
    )
