"""Checks of verse: shape, tones, sequence, rhyme, facing lines, known lines; 词 by tune; 对联.

What each rule is, and where schools differ, stands in `zhprobe.text.verse`. Every check takes the verse out
of the answer by itself (title lines, notes in brackets and line numbers do not count) and gives the strict
reading as its outcome, the lenient one beside it. `detail` holds the scan for the page to draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from zhprobe.checks.registry import check
from zhprobe.records import Outcome, Verdict
from zhprobe.text import ci, couplet, facing, originality, verse
from zhprobe.text.han import is_han
from zhprobe.text.readings import same_character, simplified
from zhprobe.text.rhyme import find_group, group_label
from zhprobe.text.stanza import Stanza, form_of, read_lines, read_stanza
from zhprobe.text.verse_account import Dependence, Fault

FormName = Literal["", "五绝", "七绝", "五律", "七律", "排律", "五言排律", "七言排律"]
BookName = Literal["", "平水韵", "词林正韵", "中华新韵", "中华通韵"]
Parameters = dict[str, Any]
Steps = Iterable[tuple[str, Parameters]]

MOST_TOLD = 4  # faults told in a reason; the scan holds all
_FORM_WORDS = {
    "五绝": ("五绝", "五言绝句", "五言绝", "五绝句"),
    "七绝": ("七绝", "七言绝句", "七言绝"),
    "五律": ("五律", "五言律诗", "五言律"),
    "七律": ("七律", "七言律诗", "七言律"),
    "排律": ("排律",),
    "五言排律": ("排律", "五排"),
    "七言排律": ("排律", "七排"),
}
_BOOK_WORDS = {
    "平水韵": ("平水韵", "平水韻", "平水", "佩文", "古韵", "诗韵"),
    "词林正韵": ("词林正韵", "詞林正韻", "词韵"),
    "中华新韵": ("新韵", "新韻"),
    "中华通韵": ("通韵", "通韻"),
}


# What the prompt must say.


def _asks_for(words: dict[str, tuple[str, ...]], name: str, prompt: str) -> str:
    if not name or any(word in prompt for word in words[name]):
        return ""
    return f"the prompt does not ask for {name}"


def _asked_form(prompt: str, parameters: Parameters) -> str:
    return _asks_for(_FORM_WORDS, str(parameters.get("form", "")), prompt)


def _asked_rhyme(prompt: str, parameters: Parameters) -> str:
    book = str(parameters.get("book", "平水韵"))
    complaint = _asks_for(_BOOK_WORDS, book, prompt)
    rhyme = str(parameters.get("rhyme", ""))
    if rhyme:
        group = find_group(rhyme, book or "平水韵")
        if not group:
            return f"{book or '平水韵'} has no level rhyme group {rhyme!r}"
        name = (
            group if not group.isdigit() else group_label(group, book).removeprefix("第").removesuffix("部")
        )
        if name not in simplified(prompt):
            complaint = complaint or f"the prompt does not ask for the rhyme group {group_label(group, book)}"
    missing = [word for word in parameters.get("rhyme_words", ()) if word not in prompt]
    return complaint or (f"the prompt does not give the rhyme words {'、'.join(missing)}" if missing else "")


def _asked_tune(prompt: str, parameters: Parameters) -> str:
    name = str(parameters.get("tune", ""))
    tune = ci.find_tune(name)
    names = {name, *((tune.name, *tune.aliases) if tune else ())}
    return (
        ""
        if any(each in simplified(prompt) for each in names)
        else f"the prompt does not name the tune {name}"
    )


def _asked_words(key: str) -> Any:
    def asked(prompt: str, parameters: Parameters) -> str:
        given = parameters.get(key, ())
        missing = [word for word in given if word and word not in prompt]
        return f"the prompt does not name {'、'.join(missing)}" if missing else ""

    return asked


def _asked_couplet(prompt: str, parameters: Parameters) -> str:
    if not any(word in prompt for word in ("联", "聯", "对子", "對子")):
        return "the prompt does not ask for a couplet"
    first = str(parameters.get("first", ""))
    lines = read_lines(first).texts
    bare = "".join(read_lines(prompt).texts)
    return "" if "".join(lines) in bare else "the prompt does not give the first side"


# One step looser, for the mutation run.


def _free(*keys: str, lenient: bool = False) -> Any:
    """Steps that set one parameter to nothing, or take the lenient reading."""

    def steps(parameters: Parameters) -> Steps:
        for key in keys:
            if parameters.get(key):
                empty: object = type(parameters[key])()
                yield f"{key} free", {**parameters, key: empty}
        if lenient and not parameters.get("lenient"):
            yield "lenient", {**parameters, "lenient": True}

    return steps


def _loosen_rhyme(parameters: Parameters) -> Steps:
    yield from _free("rhyme", "rhyme_words", "in_order")(parameters)
    if not parameters.get("lenient"):
        yield "neighbour groups allowed", {**parameters, "lenient": True}


def _each_less(key: str) -> Any:
    def steps(parameters: Parameters) -> Steps:
        given = parameters.get(key, ())
        for at, one in enumerate(given):
            yield (
                f"{key} without {one}",
                {**parameters, key: type(given)([*given[:at], *given[at + 1 :]])}
                if not isinstance(given, str)
                else {**parameters, key: given[:at] + given[at + 1 :]},
            )

    return steps


# From a scan to a verdict.


def _spans(stanza: Stanza, faults: Sequence[Fault]) -> tuple[tuple[int, int], ...]:
    found = []
    for fault in faults:
        if 0 < fault.line <= len(stanza.lines):
            offsets = stanza.lines[fault.line - 1].offsets
            if 0 < fault.character <= len(offsets):
                found.append((offsets[fault.character - 1], offsets[fault.character - 1] + 1))
            elif offsets:
                found.append((offsets[0], offsets[-1] + 1))
    return tuple(dict.fromkeys(found))


def _verse(answer: str) -> Stanza:
    """Regulated verse where the answer has that shape, else lines of any length."""
    stanza = read_stanza(answer)
    return stanza if form_of(stanza.counts) else read_lines(answer)


def _told(faults: Sequence[Fault], found: verse.Scan | None = None) -> tuple[str, str]:
    chinese = "；".join(fault.message for fault in faults[:MOST_TOLD])
    english = "; ".join(fault.message_en for fault in faults[:MOST_TOLD])
    if len(faults) > MOST_TOLD:
        chinese += f"；等{len(faults)}处"
        english += f"; {len(faults)} faults in all"
    if found is not None and not found.hopeless:
        chinese += "".join(f"；或：{other}" for other in found.alternatives)
        english += "".join(f"; or: {other}" for other in found.alternatives_en)
    return chinese, english


def _depends(depends: Sequence[Dependence]) -> tuple[str, str]:
    return "；".join(d.message for d in depends[:3]), "; ".join(d.message_en for d in depends[:3])


def _without_scan(found: verse.Scan) -> Verdict:
    """The verdict where tones and rhymes could not be looked at at all."""
    reason, reason_en = _told(found.faults)
    outcome: Outcome = "unsure" if found.strict == "unsure" else "not_met"
    if outcome == "unsure":
        reason, reason_en = f"版式两可：{found.doubt}", f"the layout can be read in two ways: {found.doubt}"
    else:
        reason, reason_en = f"句式不成，未检：{reason}", f"no verse to scan: {reason_en}"
    return Verdict(
        outcome, reason, reason_en, codes=_codes(found.faults), lenient=outcome, detail=scan_detail(found)
    )


def _codes(faults: Iterable[Fault]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fault.name for fault in faults))


def scan_detail(found: verse.Scan) -> dict[str, Any]:
    """A scan as plain JSON for the page, with its faults per 100 fixed places."""
    rate = round(100 * len(found.faults) / found.fixed, 1) if found.fixed else None
    return {"kind": "verse_scan", "faults_per_hundred": rate, **_plain(found)}


def song_detail(found: ci.SongScan) -> dict[str, Any]:
    """A song's scan as plain JSON for the page."""
    return {"kind": "song_scan", **_plain(found)}


def _plain(found: verse.Scan | ci.SongScan) -> dict[str, Any]:
    rows = found._asdict()
    rows["places"] = [
        [place._asdict() | {"others": list(place.others)} for place in row] for row in found.places
    ]
    for key in ("faults", "marks", "depends_on"):
        rows[key] = [entry._asdict() for entry in rows[key]]
    return {key: list(value) if isinstance(value, tuple) else value for key, value in rows.items()}


def _scan(
    answer: str, form: str, book: str, rhyme: str = "", words: Sequence[str] = (), in_order: bool = False
) -> tuple[Stanza, verse.Scan]:
    stanza = read_stanza(answer, form)
    # an asked form that the verse has not is the business of verse_shape alone
    return stanza, verse.scan_stanza(stanza, "", book, rhyme, tuple(words), in_order)


def _part(
    stanza: Stanza,
    found: verse.Scan,
    names: frozenset[str],
    lenient: bool,
    good: tuple[str, str],
    depends: Sequence[Dependence],
) -> Verdict:
    """The verdict on one kind of fault."""
    if not found.scanned:
        return _without_scan(found)
    faults = found.named(names)
    if names == verse.RHYME_FAULTS:  # an even line that ends oblique rhymes with nothing
        faults = tuple(
            fault
            for fault in found.faults
            if fault in faults or (fault.name == "句脚" and fault.line % 2 == 0)
        )
    reason, reason_en = good
    shaped = found.named(verse.TONE_FAULTS | verse.SEQUENCE_FAULTS)
    oblique = found.named(frozenset(("仄韵",)))
    hard = [fault for fault in faults if fault.name not in verse.LENIENT_FAULTS]
    if [fault.name for fault in hard] == ["失粘"]:
        hard = []
    clean: Outcome = "unsure" if depends else "met"
    strict: Outcome = "not_met" if faults else clean
    soft: Outcome = "not_met" if hard else clean
    codes = _codes(faults)
    if names != verse.RHYME_FAULTS and not faults and (oblique or (found.hopeless and shaped)):
        # the lines have no types: neither their tones nor their sequence can be said to hold
        faults = oblique or found.faults
        reason, reason_en = _told(faults)
        if not oblique:
            reason, reason_en = (
                f"不合近体（古体？），共{len(faults)}处",
                f"not regulated verse: {len(faults)} faults",
            )
        strict = soft = "not_met"
        codes = ("仄韵",) if oblique else ("不合近体",)
    elif faults:
        reason, reason_en = _told(faults, found)
        if found.hopeless:
            count = len(found.faults)
            reason = f"不合近体（古体？），共{count}处：{reason}"
            reason_en = f"not regulated verse ({count} faults): {reason_en}"
    elif depends:
        reason, reason_en = _depends(depends)
    return Verdict(
        soft if lenient else strict,
        reason,
        reason_en,
        evidence="".join(f"{found.lines[fault.line - 1]} " for fault in faults[:1] if fault.line).strip(),
        spans=_spans(stanza, faults),
        lenient=soft,
        codes=codes,
        detail=scan_detail(found),
    )


def _inner(found: verse.Scan) -> list[Dependence]:
    """What the tones rest on: rare readings and unknown characters before the rhymes."""
    size = len(found.lines[0]) if found.lines else 0
    return [d for d in found.depends_on if d.character != size or (d.line % 2 and not _rhymes(found, d.line))]


def _rhymes(found: verse.Scan, line: int) -> bool:
    return line % 2 == 0 or (line == 1 and found.types[:1] in ("B", "D"))


# The checks: 近体诗.


@check(asked=_asked_form, loosen=_free("form", "lines"))
def verse_shape(answer: str, *, form: FormName = "", lines: int = 0) -> Verdict:
    r"""Met when the verse has the lines and characters of `form`; without a form, of any regulated form.

    `lines` fixes the number of lines of a 排律. A title line, notes in brackets and line numbers do not
    count. Anything but Han characters inside a line is a fault. Unsure when the layout can be read in two ways.

    >>> verse_shape("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。", form="五绝").outcome
    'met'
    >>> verse_shape("白日依山尽，黄河入海。\n欲穷千里目，更上一层楼。", form="五绝").reason
    '第2句4字，应5字（黄河入海）'
    """
    exact = "" if form == "排律" else form
    stanza = read_stanza(answer, exact)
    faults = verse.shape_faults(stanza, exact)
    if form == "排律" and not faults and (len(stanza.lines) < 10 or len(stanza.lines) % 2):
        count = len(stanza.lines)
        faults.append(
            Fault("句数", 0, 0, f"共{count}句，排律应十句以上的偶数", f"{count} lines, 排律 has 10 or more")
        )
    if lines and len(stanza.lines) != lines:
        count = len(stanza.lines)
        faults.append(Fault("句数", 0, 0, f"共{count}句，应{lines}句", f"{count} lines, asked for {lines}"))
    if stanza.doubt and not stanza.strange:
        reason = f"版式两可：{stanza.doubt}"
        return Verdict(
            "unsure", reason, f"the layout can be read in two ways: {stanza.doubt}", lenient="unsure"
        )
    if faults:
        reason, reason_en = _told(faults)
        return Verdict(
            "not_met",
            reason,
            reason_en,
            spans=_spans(stanza, faults),
            lenient="not_met",
            codes=_codes(faults),
        )
    count, size = len(stanza.lines), len(stanza.lines[0].text)
    return Verdict("met", f"{count}句，每句{size}字", f"{count} lines of {size} characters", lenient="met")


@check(loosen=_free(lenient=True))  # `form` only cuts a text without breaks
def verse_tones(
    answer: str, *, form: FormName = "", book: BookName = "平水韵", lenient: bool = False
) -> Verdict:
    r"""Met when every fixed place has its tone: no 失替, 句脚, 平仄, 孤平, 三平尾 or unrescued 拗.

    An empty `book` tries 平水韵, then 中华新韵. `form` only helps to cut a text without breaks; another
    shape than the one asked for is left to `verse_shape`. `lenient` lets an unrescued 拗 go. Unsure when the
    poem holds only with a rare reading or an unknown character.

    >>> verse_tones("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。").outcome
    'met'
    >>> verse_tones("白日依山尽，黄水入海流。\n欲穷千里目，更上一层楼。").codes
    ('失替',)
    """
    stanza, found = _scan(answer, form, book)
    good = f"平仄合律（{'、'.join(found.types)}）", f"all tones are in place ({', '.join(found.types)})"
    return _part(stanza, found, verse.TONE_FAULTS, lenient, good, _inner(found))


@check(loosen=_free(lenient=True))  # `form` only cuts a text without breaks
def verse_sequence(
    answer: str, *, form: FormName = "", book: BookName = "平水韵", lenient: bool = False
) -> Verdict:
    r"""Met when the lines follow one another as they should: 对 inside a couplet, 粘 between couplets.

    `lenient` lets one 失粘 go (折腰体).

    >>> verse_sequence("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。").outcome
    'met'
    >>> verse_sequence("偶来松树下，高枕石头眠。\n山中无历日，寒尽不知年。").codes
    ('失粘',)
    """
    stanza, found = _scan(answer, form, book)
    good = (
        f"粘对合律（{'、'.join(found.types)}）",
        f"lines follow one another well ({', '.join(found.types)})",
    )
    return _part(stanza, found, verse.SEQUENCE_FAULTS, lenient, good, ())


@check(asked=_asked_rhyme, loosen=_loosen_rhyme)
def verse_rhyme(
    answer: str,
    *,
    form: FormName = "",
    book: BookName = "平水韵",
    rhyme: str = "",
    rhyme_words: tuple[str, ...] = (),
    in_order: bool = False,
    lenient: bool = False,
) -> Verdict:
    r"""Met when all even lines rhyme in one level group of the book, that of `rhyme` where it is given.

    `rhyme` is a level group as 庚 or 八庚 (in 词林正韵 第十一部). `rhyme_words` must all be used as rhymes
    (限韵), with `in_order` in this order and no others (步韵). A rhyme word twice is a fault. `lenient`
    allows neighbour groups and a word twice. Line 1 may rhyme, and may do so in a neighbour group.

    >>> verse_rhyme("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。", rhyme="十一尤").outcome
    'met'
    >>> verse_rhyme("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。", rhyme="一东").reason
    '应押一东，实押十一尤'
    """
    if rhyme and not find_group(rhyme, book or "平水韵"):
        return Verdict(
            "unsure", f"{book or '平水韵'}无“{rhyme}”韵", f"no level rhyme group {rhyme}", lenient="unsure"
        )
    stanza, found = _scan(answer, form, book, rhyme, rhyme_words, in_order)
    words = "、".join(found.rhyme_words)
    label = group_label(found.group, found.book) if found.group else ""
    good = f"押{found.book}{label}：{words}", f"rhymes on {label} of {found.book}: {words}"
    size = len(found.lines[0]) if found.lines else 0
    depends = [d for d in found.depends_on if d.character == size and _rhymes(found, d.line)]
    return _part(stanza, found, verse.RHYME_FAULTS, lenient, good, depends)


@check(asked=_asked_rhyme, loosen=_loosen_rhyme)
def verse_scan(
    answer: str,
    *,
    form: FormName = "",
    book: BookName = "平水韵",
    rhyme: str = "",
    rhyme_words: tuple[str, ...] = (),
    in_order: bool = False,
    lenient: bool = False,
) -> Verdict:
    r"""Met when the poem is regular as a whole: shape, tones, sequence and rhyme together.

    For facts given to a judge, and where one criterion asks for 近体 outright.

    >>> verse_scan("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。", form="五绝").outcome
    'met'
    """
    stanza = read_stanza(answer, form)
    found = verse.scan_stanza(stanza, form, book, rhyme, tuple(rhyme_words), in_order)
    names = {"pass": "met", "unsure": "unsure", "fail": "not_met"}
    outcomes: list[Any] = [names[found.strict], names[found.lenient]]
    if not found.scanned:
        return _without_scan(found)
    reason, reason_en = _told(found.faults, found)
    if found.hopeless:
        reason = f"不合近体（古体？），共{len(found.faults)}处：{reason}"
        reason_en = f"not regulated verse, {len(found.faults)} faults: {reason_en}"
    if not found.faults:
        label = group_label(found.group, found.book) if found.group else "韵部不明"
        reason = f"合律：{found.form}，{found.book}{label}，句式{'、'.join(found.types)}"
        reason_en = f"regular: {found.form}, {label} of {found.book}, types {', '.join(found.types)}"
        if found.depends_on:
            reason, reason_en = _depends(found.depends_on)
    return Verdict(
        outcomes[1] if lenient else outcomes[0],
        reason,
        reason_en,
        spans=_spans(stanza, found.faults),
        lenient=outcomes[1],
        codes=_codes(found.faults),
        detail=scan_detail(found),
    )


def _loosen_facing(parameters: Parameters) -> Steps:
    given = tuple(parameters.get("couplets", (2, 3)))
    for at in range(len(given)):
        if len(given) > 1:
            yield f"without couplet {given[at]}", {**parameters, "couplets": given[:at] + given[at + 1 :]}
    if not parameters.get("lenient") and len(given) > 1:
        yield "one of them is enough", {**parameters, "lenient": True}


@check(
    asked=lambda prompt, _: (
        "" if any(w in prompt for w in ("对仗", "对偶", "律")) else "the prompt does not ask for 对仗"
    ),
    loosen=_loosen_facing,
)
def verse_facing(answer: str, *, couplets: tuple[int, ...] = (2, 3), lenient: bool = False) -> Verdict:
    r"""Met when the couplets named (2 and 3 of a 律诗) face each other character by character, as far as counts tell.

    Three bands a couplet: 对仗有据 (0.3 and above), 未见对仗 (below -0.3), between them unsure. `lenient`
    asks for one of the couplets.

    >>> verse_facing("单车欲问边，属国过居延。\n征蓬出汉塞，归雁入胡天。\n大漠孤烟直，长河落日圆。\n萧关逢候骑，都护在燕然。").outcome
    'met'
    """
    stanza = read_stanza(answer)
    texts = stanza.texts
    if not texts or any(2 * number > len(texts) for number in couplets):
        return Verdict(
            "not_met",
            f"只有{len(texts)}句，无第{max(couplets)}联",
            f"only {len(texts)} lines",
            lenient="not_met",
        )
    found = {
        number: facing.facing(texts[2 * number - 2], texts[2 * number - 1])
        for number in range(1, len(texts) // 2 + 1)
    }
    bands = [found[number].band for number in couplets]
    order: dict[str, Outcome] = {"对仗有据": "met", "难定": "unsure", "未见对仗": "not_met"}
    outcomes = [order[band] for band in bands]
    strict: Outcome = "not_met" if "not_met" in outcomes else "unsure" if "unsure" in outcomes else "met"
    soft: Outcome = "met" if "met" in outcomes else "unsure" if "unsure" in outcomes else "not_met"
    told = [
        f"第{number}联{found[number].band}"
        + (f"（{found[number].score:.2f}；" if found[number].score is not None else "（字少见；")
        + "，".join(place.words for place in found[number].places)
        + "）"
        for number in couplets
    ]
    english = "; ".join(
        f"couplet {number}: {order[found[number].band]}"
        + (
            f" (mean {found[number].score:.2f})"
            if found[number].score is not None
            else " (characters too rare)"
        )
        for number in couplets
    )
    detail = {
        "kind": "verse_facing",
        "couplets": [
            {
                "number": number,
                "lines": list(texts[2 * number - 2 : 2 * number]),
                "asked": number in couplets,
                "band": each.band,
                "score": each.score,
                "places": [place._asdict() for place in each.places],
            }
            for number, each in found.items()
        ],
    }
    return Verdict(
        soft if lenient else strict,
        "；".join(told),
        english,
        lenient=soft,
        codes=tuple(dict.fromkeys(bands)),
        detail=detail,
    )


@check(loosen=lambda p: [("known lines given", {**p, "at_most": int(p.get("at_most", 1)) + 1})])
def verse_original(answer: str, *, given: tuple[str, ...] = (), at_most: int = 1) -> Verdict:
    r"""Met when at most `at_most` lines stand word for word in 唐诗三百首, 千家诗 or 宋词三百首.

    One known line may be a quotation and is only told. Lines that the prompt gives (`given`) do not count.

    >>> verse_original("国破山河在，城春草木深。感时花溅泪，恨别鸟惊心。").codes
    ('抄录',)
    """
    stanza = _verse(answer)
    result = originality.borrowed(stanza.texts, given)
    told = "；".join(
        f"第{n + 1}句“{stanza.texts[n]}”见{source.words}"
        for n, source in list(result.lines.items())[:MOST_TOLD]
    )
    spans = _spans(stanza, [Fault("袭用", n + 1, 0, "", "") for n in result.lines])
    if not result.lines:
        return Verdict("met", "未见袭用成句", "no known line found", lenient="met")
    english = f"{len(result.lines)} known line(s): {told}"
    outcome: Outcome = "not_met" if len(result.lines) > at_most else "met"
    soft: Outcome = "not_met" if result.verdict == "抄录" and outcome == "not_met" else "met"
    name = result.verdict if outcome == "not_met" and result.verdict else "引句"
    return Verdict(outcome, f"{name}：{told}", english, spans=spans, lenient=soft, codes=(name,))


@check(loosen=lambda p: [("other words may follow", {**p, "only": False})] if p.get("only", True) else [])
def verse_line(answer: str, *, options: tuple[str, ...], only: bool = True) -> Verdict:
    """Met when the answer is one of the lines and nothing else; marks, blanks and script do not matter.

    With `only` off other words may follow the line.

    >>> verse_line("**“天涯共此時。”**", options=("天涯共此时",)).outcome
    'met'
    >>> verse_line("天涯共此时，情人怨遥夜", options=("天涯共此时",)).outcome
    'not_met'
    """
    said = simplified("".join(filter(is_han, answer)))
    for option in options:
        line = simplified("".join(filter(is_han, option)))
        if said == line or (not only and said.startswith(line)):
            return Verdict("met", f"是“{option}”", f"it is {option}")
    wanted = "”或“".join(options)
    return Verdict("not_met", f"不是“{wanted}”", f"it is not {' or '.join(options)}", codes=("别句",))


# Words that must, must not, or must in their place stand in a verse.


@check(asked=_asked_words("characters"), loosen=_each_less("characters"))
def verse_forbids(answer: str, *, characters: str) -> Verdict:
    """Met when none of the characters stands in the verse; a title line does not count, both scripts do.

    >>> verse_forbids("江上秋风起", characters="月雪").outcome
    'met'
    >>> verse_forbids("江上秋風起", characters="风").reason
    '第1句第4字用了禁字“風”'
    """
    stanza = _verse(answer)
    banned = simplified(characters)
    faults = [
        Fault(
            "禁字",
            n + 1,
            k + 1,
            f"第{n + 1}句第{k + 1}字用了禁字“{c}”",
            f"line {n + 1} uses the forbidden “{c}”",
        )
        for n, text in enumerate(stanza.texts)
        for k, c in enumerate(text)
        if simplified(c) in banned
    ]
    if faults:
        reason, reason_en = _told(faults)
        return Verdict("not_met", reason, reason_en, spans=_spans(stanza, faults), codes=("禁字",))
    if not stanza.lines:
        return Verdict("not_met", "没有诗句", "no verse was found")
    return Verdict("met", f"未用{'、'.join(characters)}", "no forbidden character")


@check(asked=_asked_words("words"), loosen=_each_less("words"))
def verse_uses(answer: str, *, words: tuple[str, ...], any_of: bool = False) -> Verdict:
    """Met when every one of the words stands in the verse (with `any_of`, one of them); a title does not count.

    >>> verse_uses("江上秋風起，孤舟客未归", words=("风", "孤舟")).outcome
    'met'
    """
    stanza = _verse(answer)
    lines = [simplified(text) for text in stanza.texts]
    held = [word for word in words if any(simplified(word) in line for line in lines)]
    missing = [word for word in words if word not in held]
    if held if any_of else not missing:
        return Verdict("met", f"用了{'、'.join(held)}", f"uses {', '.join(held)}")
    return Verdict(
        "not_met", f"未用{'、'.join(missing)}", f"does not use {', '.join(missing)}", codes=("未用",)
    )


@check(asked=_asked_words("heads"), loosen=_each_less("heads"))
def verse_acrostic(answer: str, *, heads: str, place: int = 1) -> Verdict:
    """Met when the lines' characters at `place` (1: 藏头; -1: the last) spell `heads` in order, one a line.

    >>> verse_acrostic("春江花正好，水月共谁明", heads="春水").outcome
    'met'
    """
    stanza = _verse(answer)
    found = "".join(
        text[place - 1 if place > 0 else place] if 0 < abs(place) <= len(text) else "　"
        for text in stanza.texts
    )
    wrong = [n for n, one in enumerate(heads) if n >= len(found) or not same_character(found[n], one)]
    if not wrong and found:
        return Verdict("met", f"藏“{heads}”", f"spells {heads}")
    faults = [Fault("藏头", n + 1, place if place > 0 else 0, "", "") for n in wrong]
    first = wrong[0] if wrong else 0
    reason = f"第{first + 1}句应藏“{heads[first]}”，实为“{found[first : first + 1]}”" if heads else "未给藏字"
    return Verdict(
        "not_met",
        reason,
        f"spells {found!r}, asked for {heads}",
        spans=_spans(stanza, faults),
        codes=("藏头",),
    )


# 词.


def _song_verdict(
    answer: str,
    found: ci.SongScan,
    names: frozenset[str],
    good: tuple[str, str],
    soft_ok: bool,
    lenient: bool,
) -> Verdict:
    tune = ci.find_tune(found.tune)
    stanza = read_lines(answer, (found.tune, *(tune.aliases if tune else ())))
    detail = song_detail(found)
    if tune is None:
        reason, reason_en = _told(found.faults)
        return Verdict("unsure", reason, reason_en, lenient="unsure", codes=("无谱",), detail=detail)
    faults = found.named(names)
    if not found.scanned and not faults:
        reason, reason_en = _told(found.faults)
        return Verdict(
            "not_met", f"字数不合，未检：{reason}", f"wrong length, not looked at: {reason_en}",
            lenient="not_met", codes=_codes(found.faults), detail=detail,
        )  # fmt: skip
    depends = found.depends_on if names is ci.TONE_FAULTS else ()
    clean: Outcome = "unsure" if depends else "met"
    strict: Outcome = "not_met" if faults else clean
    soft: Outcome = clean if soft_ok else "not_met"
    reason, reason_en = _told(faults) if faults else good
    if strict == "unsure":
        reason, reason_en = _depends(depends)
    return Verdict(
        soft if lenient else strict,
        reason,
        reason_en,
        spans=_spans(stanza, faults),
        lenient=soft,
        codes=_codes(faults),
        detail=detail,
    )


@check(asked=_asked_tune)
def ci_length(answer: str, *, tune: str) -> Verdict:
    """Met when the song has as many characters as a form of the tune, and a break after every rhyme.

    Other breaks are advice only: editions differ. A title line with the tune's name does not count. Unsure
    for a tune that is not among the 72 held.

    >>> ci_length("江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南？", tune="忆江南").outcome
    'met'
    """
    found = ci.scan_song(answer, tune)
    total = sum(map(len, found.lines))
    good = f"{total}字，合《{found.tune}》（{found.variant}）", f"{total} characters, as {found.tune} has"
    faults = found.named(ci.LENGTH_FAULTS)
    return _song_verdict(answer, found, ci.LENGTH_FAULTS, good, not faults, False)


@check(asked=_asked_tune, loosen=_free(lenient=True))
def ci_tones(answer: str, *, tune: str, lenient: bool = False) -> Verdict:
    """Met when every fixed place of the nearest pattern of the tune has its tone; 入 for 平 is allowed and told.

    `lenient` lets one place in twenty go, one at least. With a wrong length the lines that fit are looked at
    when all but one do.

    >>> ci_tones("江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南？", tune="忆江南").outcome
    'met'
    """
    found = ci.scan_song(answer, tune)
    wrong = len(found.named(ci.TONE_FAULTS))
    soft = found.scanned and wrong <= max(1, ci.WRONG_SHARE * found.fixed)
    good = f"平仄合{found.variant}", f"tones as in the pattern ({found.variant})"
    return _song_verdict(answer, found, ci.TONE_FAULTS, good, soft, lenient)


@check(asked=_asked_tune, loosen=_free(lenient=True))
def ci_rhyme(answer: str, *, tune: str, lenient: bool = False) -> Verdict:
    """Met when the rhyme places of the tune share a part of 词林正韵 and have the tone the tune wants.

    A word twice as rhyme is a fault unless the tune repeats it there. `lenient` joins the parts 6 11 13, 7 14
    and 17 18 19, lets one rhyme be off and a word stand twice.

    >>> ci_rhyme("江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南？", tune="忆江南").outcome
    'met'
    """
    found = ci.scan_song(answer, tune)
    soft = found.scanned and found.rhymes_merged <= 1
    good = f"押{'、'.join(found.rhymes)}", f"rhymes on {', '.join(found.rhymes)}"
    return _song_verdict(answer, found, ci.RHYME_FAULTS, good, soft, lenient)


# 对联.


@check(asked=_asked_couplet, loosen=_free("first", "characters", lenient=True))
def couplet_form(
    answer: str, *, first: str = "", characters: int = 0, book: BookName = "", lenient: bool = False
) -> Verdict:
    """Met when both sides are equally long and cut, end 仄 and 平, answer each other in tone, and share no character askew.

    `first` is the first side where the prompt gives it: the answer may then hold the second alone. `characters`
    fixes the length of a side. An empty `book` takes 平水韵 or 中华新韵, one for the whole. `lenient` lets one
    pair of characters go in a free segment of six or more.

    >>> couplet_form("海阔凭鱼跃，天高任鸟飞。").outcome
    'met'
    >>> couplet_form("天高任鸟飞", first="海阔凭鱼跃").outcome
    'met'
    """
    found = couplet.scan_couplet(answer, first, book, characters)
    given = "".join(read_lines(first).texts)
    faults = found.faults
    if (given and not all(map(same_character, given, found.sides.texts[0]))) or (
        given and len(given) != len(found.sides.texts[0])
    ):
        faults = (*faults, Fault("改动上联", 1, 0, f"上联应为“{given}”", f"side 1 should be “{given}”"))
    names: dict[str, Outcome] = {"pass": "met", "unsure": "unsure", "fail": "not_met"}
    changed = len(faults) != len(found.faults)
    strict: Outcome = "not_met" if changed else names[found.strict]
    soft: Outcome = "not_met" if changed else names[found.lenient]
    if faults:
        reason, reason_en = _told(faults)
    elif found.depends_on:
        reason, reason_en = _depends(found.depends_on)
    else:
        reason, reason_en = f"合联律（{found.book}）", f"a regular couplet ({found.book})"
    detail = {
        "kind": "couplet_scan",
        "upper": list(found.sides.upper),
        "lower": list(found.sides.lower),
        "tones": list(couplet.tone_rows(found.sides, found.book)),
        "banner": found.sides.banner,
        "book": found.book,
        "strict": found.strict if not changed else "fail",
        "lenient": found.lenient if not changed else "fail",
        "faults": [fault._asdict() for fault in faults],
        "marks": [mark._asdict() for mark in found.marks],
        "depends_on": [each._asdict() for each in found.depends_on],
    }
    return Verdict(
        soft if lenient else strict, reason, reason_en, lenient=soft, codes=_codes(faults), detail=detail
    )
