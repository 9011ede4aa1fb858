"""What makes a rubric sound: lint, hash, and when a version must move (rubric contract, sections 2 and 3)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Literal

import msgspec

from zhprobe.checks import registry
from zhprobe.errors import UserError
from zhprobe.files import sha256
from zhprobe.records import Criterion, Item

MANY = 12  # criteria on one item
HEAVY = 0.6  # of the positive points on one criterion

HELP = """\
怎样写评分项

1. 一条评分项只写一个事实、一个做法或一种形式。只看题目、参考资料、评分项和回答的人，必须能判定。
2. 把期望的内容写进评分项：写「指出时效为三年」，不写「时效正确」。
3. 程序能判的交给程序：长度、个数、JSON、必有或禁用的字词、字符集、数值相等、韵部与平仄。
4. 缺点给负分，并照缺点本身来写：「编造了不存在的法条」。
5. 作者们会有分歧的地方，写明什么不计较：「表述不同但意思相同也算满足」。
6. 「如」「例如」后面是举例，不必全有；若必须全有，每个各写一条。
7. 文风类评分项要少，用分级并附例子，与内容分开报告。

How to write criteria

1. One fact, act or form each. Whoever sees only prompt, reference, criterion and answer must be able to decide.
2. Put the expected content in the criterion: 「指出时效为三年」, not 「时效正确」.
3. What code can decide is a check: length, counts, JSON, required or forbidden strings, character set,
   equality of numbers, rhyme and tone tables.
4. Faults get negative points and are written as the fault: 「编造了不存在的法条」.
5. Say what does not matter when authors disagree: 「表述不同但意思相同也算满足」.
6. What follows 如 or 例如 is an example: not all are needed. If all are, write one criterion each.
7. Criteria of style are few, have anchors with examples, and are reported apart from content.
"""


class Finding(msgspec.Struct, frozen=True):
    """One message of the lint. An error stops loading, a warning is printed."""

    level: Literal["E", "W"]
    code: str
    criterion: str  # id, or '' for the whole rubric
    message: str
    message_en: str

    def line(self, lang: str = "zh") -> str:
        """The message with its code and criterion.

        >>> Finding("W", "vague", "a", "太空泛", "too vague").line("en")
        'W vague a: too vague'
        """
        head = " ".join(part for part in (self.level, self.code, self.criterion) if part)
        return f"{head}: {self.message if lang == 'zh' else self.message_en}"


_JOINED = re.compile(r"并且|同时|以及|既.{1,20}又")
_SENTENCES = re.compile(r"[。！？；!?;].*\w")
_NUMBER = re.compile(
    r"\d+(?:[.,]\d+)*|[一二两三四五六七八九十百千万亿零〇]+(?=[个条章节年月日天元倍次名字句行段项%％成])"
)
_VAGUE = re.compile(
    r"好|合理|恰当|流畅|有深度|专业|自然|得体|通顺|优秀|准确|正确|到位|清楚|清晰|高质量|地道|优美|生动|完整"
)
_FILLER = re.compile(
    r"回答|答案|内容|语言|表达|文字|文笔|整体|质量|非常|比较|十分|很|较|更|足够|够|的|地|得|是|且|和|与|、|，|,|\s"
)
_NEGATION = re.compile(r"没有|不|未")
_EXPECTED = re.compile(r"[“”「」『』\"《》\d]|[一二两三四五六七八九十百千万]+[个条年月日天元倍次名]")
_OUTSIDE = re.compile(r"正确|准确|属实|符合事实|符合史实|符合法律|符合规定|无误")


def evidence_rule(criterion: Criterion) -> Literal["required", "optional", "none"]:
    """Whether a grader must quote the answer; unless said, a judge must for what earns points.

    >>> evidence_rule(Criterion("a", "甲")), evidence_rule(Criterion("a", "甲", kind="human"))
    ('required', 'optional')
    """
    if criterion.evidence is not None:
        return criterion.evidence
    return "required" if criterion.kind == "judge" and criterion.points > 0 else "optional"


def rubric_hash(criteria: Sequence[Criterion]) -> str:
    """SHA-256 of the canonical JSON (keys sorted, UTF-8, no spaces) of all criteria; grades record it."""
    return sha256(list(criteria))


MEANING = ("text", "levels", "check", "na_allowed", "evidence")


def version_findings(
    old: Sequence[Criterion], new: Sequence[Criterion], *, wording: Container[str] = ()
) -> list[Finding]:
    """Criteria whose meaning changed while their version did not.

    `wording` names those whose text was only worded anew, as somebody signs for: they keep their version.

    >>> version_findings([Criterion("a", "甲")], [Criterion("a", "乙")])[0].line("en")
    'E version a: text changed, but version is still 1: raise it'
    >>> version_findings([Criterion("a", "甲")], [Criterion("a", "乙", version=2)])
    []
    """
    before = {c.id: c for c in old}
    found = []
    for c in new:
        was = before.get(c.id)
        if was is None:
            continue
        signed = c.id in wording
        changed = [
            field
            for field in MEANING
            if getattr(was, field) != getattr(c, field) and not (signed and field == "text")
        ]
        names = ", ".join(changed)
        if c.version < was.version:
            found.append(Finding("E", "version", c.id, "版本号变小了", "its version went down"))
        elif changed and c.version == was.version:
            zh = f"{names} 改了，版本仍是 {c.version}：请加一"
            en = f"{names} changed, but version is still {c.version}: raise it"
            found.append(Finding("E", "version", c.id, zh, en))
    return found


def _errors(criteria: Sequence[Criterion]) -> list[Finding]:
    found = []

    def error(code: str, criterion: str, zh: str, en: str) -> None:
        found.append(Finding("E", code, criterion, zh, en))

    if not any(c.points > 0 for c in criteria):
        error("no_points", "", "没有一条得分的评分项", "no criterion with positive points")
    for name, count in Counter(c.id for c in criteria).items():
        if count > 1:
            error("duplicate", name, "编号重复", "duplicate id")
    for c in criteria:
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,31}", c.id):
            error(
                "bad_id",
                c.id,
                "编号须为小写字母开头的 2–32 个字母、数字或 _",
                "an id is 2–32 of a-z, 0-9 and _",
            )
        if not c.text.strip():
            error("no_text", c.id, "没有文字", "no text")
        if not -10 <= c.points <= 10 or c.points == 0:
            error("points", c.id, "分值须在 −10 到 10 之间且不为 0", "points are -10 to 10 and not 0")
        if c.gate is not None and not 0 <= c.gate <= 1:
            error("gate_range", c.id, "gate 须在 0 到 1 之间", "a gate is 0 to 1")
        if c.levels and not 3 <= len(c.levels) <= 5:
            error("levels", c.id, "分级须有 3 至 5 级", "a graded criterion has 3 to 5 levels")
        if any(not anchor.strip() for anchor in c.levels):
            error("empty_anchor", c.id, "有一级没有说明", "a level has no anchor text")
        if c.gate is not None and c.na_allowed:
            error("gate_na", c.id, "设了 gate 的评分项不能允许“不适用”", "a gate may not allow 'na'")
        if c.kind == "check" and not c.check:
            error("no_check", c.id, "kind 为 check 却没有 check", "kind is check, but there is no check")
        if c.check:
            try:
                registry.look_up(c.check_name)
            except UserError as fault:
                error("unknown_check", c.id, f"没有名为 {c.check_name} 的检查", str(fault.what))
        for name in c.facts:
            try:
                registry.look_up(name)
            except UserError as fault:
                error("unknown_check", c.id, f"facts：没有名为 {name} 的检查", f"facts: {fault.what}")
    return found


def _warnings(criteria: Sequence[Criterion], reference: bool) -> list[Finding]:
    found = []

    def warn(code: str, criterion: str, zh: str, en: str) -> None:
        found.append(Finding("W", code, criterion, zh, en))

    positive = sum(c.points for c in criteria if c.points > 0)
    wanted = sum(c.points > 0 for c in criteria)
    for c in criteria:
        text = c.text.strip()
        # what stands in quotation marks is expected content, not the criterion's own wording
        plain = re.sub(r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"]*\"|《[^》]*》", "“”", text)
        if c.kind != "check":
            if _JOINED.search(plain) or _SENTENCES.search(plain):
                warn(
                    "not_atomic",
                    c.id,
                    "像是一条里有两件事，请拆开",
                    "seems to hold two statements: split it",
                )
            elif len(set(_NUMBER.findall(plain))) > 1 and not re.search(r"[到至—~–-]|之间|或", plain):
                warn(
                    "two_numbers",
                    c.id,
                    "两个数都要对，请拆成两条",
                    "two numbers must both be right: split it",
                )
            rest = _FILLER.sub("", _VAGUE.sub("", plain))
            if _VAGUE.search(plain) and not rest.strip("“”，。、；："):
                warn(
                    "vague",
                    c.id,
                    "只有笼统的评价，没有说什么要怎样",
                    "only words of praise: say what must be there",
                )
            elif _OUTSIDE.search(plain) and not reference and not _EXPECTED.search(text):
                zh = "要靠题外的知识才能判，又没有参考资料：请写明应有的内容"
                warn(
                    "outside_knowledge",
                    c.id,
                    zh,
                    "needs outside knowledge, but states no fact and has no reference",
                )
        if c.points < 0 and _NEGATION.search(plain):
            zh = "负分又带否定，容易判反：请照缺点本身来写"
            warn("negation", c.id, zh, "negative points and a negation: write the fault itself")
        if wanted > 1 and c.gate is None and c.points > HEAVY * positive:
            warn(
                "heavy",
                c.id,
                f"一条占了 {c.points}/{positive} 分",
                f"carries {c.points} of {positive} points",
            )
        if text.endswith("。"):
            warn("full_stop", c.id, "句末不加句号", "ends with a full stop")
    if len(criteria) > MANY:
        warn("many", "", f"共 {len(criteria)} 条，超过 {MANY} 条", f"{len(criteria)} criteria, over {MANY}")
    return found


def lint_rubric(criteria: Sequence[Criterion], *, reference: bool = False) -> list[Finding]:
    """All that is wrong with a rubric, errors first. `reference`: the item has reference text.

    >>> [f.code for f in lint_rubric([Criterion("aa", "回答很好")])]
    ['vague']
    >>> lint_rubric([Criterion("limit", "指出时效为三年")])
    []
    """
    return _errors(criteria) + _warnings(criteria, reference)


def lint_items(items: Sequence[Item]) -> Mapping[str, list[Finding]]:
    """Findings by item key; a finding that every item of a rubric has is given for the first item only."""
    found: dict[str, list[Finding]] = {}
    seen: set[tuple[str, str, str]] = set()
    for item in items:
        for finding in lint_rubric(item.criteria, reference=bool(item.reference)):
            mark = (finding.code, finding.criterion, item.probe)
            if mark not in seen:
                seen.add(mark)
                found.setdefault(item.key, []).append(finding)
    return found
