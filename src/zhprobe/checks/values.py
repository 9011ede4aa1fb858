"""Is one JSON value the value asked for? Matchers as plain JSON, used for JSON fields and call arguments.

A matcher is a table with one of these keys; a bare value is shorthand (a string for `text`, a number for
`number`, a boolean for `bool`, null for `null`, a list for `list`):

    exact = v            same JSON type and equal; strings at N1 (or `level`)
    text = "s"           string equal at N3 (or `level`)
    one_of = [m, …]      any inner matcher passes
    number = x           number within `abs` or `rel`; two whole numbers must be equal
    digits = "0571…"     string with these digits; spaces and hyphens do not count, leading zeros do
    bool = true
    date, time, datetime, duration = "…"   as `zhprobe.text.dates` reads them; `form` (YYYY-MM-DD) binds the spelling
    rmb_cn = "1680.32"   amount in capitals, well formed
    contains, lacks = ["s", …]   free text only (N2); `why` says why the field is free
    regex = "…"          full match at N1
    list = [m, …], set = [m, …]   same length, in order or by perfect matching
    object = {k = m}     each key; `extra = "forbid"` (default) or "allow"
    any = true           present and not empty
    absent = true, null = true
    judge = "question"   left to a judge: `pending`

Any matcher may carry `optional = true` (absent passes too) and `why`. A mismatch of type with the right
value (`"5"` for 5) is `type_only`, the right date in another form `format_only`: both fail strictly and
pass leniently. No similarity, no substring: 3月6日 is not nearly 3月5日.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import regex

from zhprobe.errors import UserError, did_you_mean
from zhprobe.text import dates
from zhprobe.text.normal import LEVELS, Level, fold_width, normal, tidied, width_folded
from zhprobe.text.numbers import LOWER_NUMERALS, read_number, rmb_fault

DIAGNOSTICS = {
    # form
    "no_json": "没有 JSON",
    "multiple_values": "有几个 JSON",
    "extra_text": "有多余的文字",
    "fence": "用了围栏",
    "duplicate_key": "键重复",
    "nonfinite": "不是有限数",
    "unencodable": "含有不成字的代理码",
    "fullwidth_structure": "结构符号是全角",
    "repaired": "修复后才能读",
    "repaired_lossy": "修复时丢失内容",
    "unbalanced": "括号不成对",
    "reasoning_removed": "去掉了思考过程",
    "args_double_encoded": "参数编码了两层",
    "args_key_parameters": "参数键名不合该格式",
    # value
    "value_mismatch": "值不对",
    "type_only": "值对，类型不对",
    "format_only": "值对，写法不对",
    "form_lower": "应用大写数字，写成小写",
    "form_arabic": "应用大写数字，写成阿拉伯数字",
    "enum_unmapped": "没有换成枚举值",
    "empty_sent": "该省略的填了空值",
    "hallucinated_value": "编造了值",
    "off_by_one_day": "差一天",
    "off_by_one_week": "差一周",
    "am_pm_swapped": "上下午颠倒",
    "scale_10": "差十倍",
    "scale_10000": "差一万倍",
    "negation_lost": "丢了或多了否定",
    "truncated_value": "值不完整",
    # call
    "wrong_name": "函数不对",
    "unknown_name": "没有这个函数",
    "missing_call": "缺调用",
    "extra_call": "多余的调用",
    "duplicate_call": "重复调用",
    "forbidden_call": "禁止的调用",
    "missing_arg": "缺这一项",
    "extra_arg": "多出这一项",
    "unknown_arg": "没有定义的项",
    "order_violation": "次序不对",
    "call_in_reasoning": "思考过程里的调用",
    "attempt_unparsed": "想调用但读不出",
    # run
    "empty": "回答是空的",
    "truncated": "回答被截断",
    "infra_error": "服务出错",
    "server_rejected_output": "服务拒绝了输出",
    "tools_not_rendered": "工具没有进入提示",
    "field_ignored": "请求字段被忽略",
}

MATCHERS = (
    "exact text one_of number digits bool date time datetime duration rmb_cn contains lacks regex list set "
    "object any absent null judge"
).split()
_MODIFIERS = frozenset("optional why level abs rel form extra zone".split())
REGEX_SECONDS = 0.1
ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "absent"})()


class Match(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one matcher says of one value.

    `strict` and `lenient` are the two readings; `code` is from `DIAGNOSTICS`, '' when strict. `path` is a
    JSON Pointer from where the matching began. `parts` are the matches inside a list, set or object.
    `pending` is true when a judge must decide (the program then holds nothing against the value).
    """

    strict: bool
    lenient: bool
    code: str = ""
    path: str = ""
    reason: str = ""
    reason_en: str = ""
    pending: bool = False
    parts: tuple[Match, ...] = ()

    def faults(self) -> Iterator[Match]:
        """The innermost matches that fail strictly."""
        if self.strict:
            return
        inner = [fault for part in self.parts for fault in part.faults()]
        if inner:
            yield from inner
        else:
            yield self

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of all faults, each once, in order."""
        return tuple(dict.fromkeys(fault.code for fault in self.faults() if fault.code))

    @property
    def left_to_judge(self) -> bool:
        """Whether some part waits for a judge."""
        return self.pending or any(part.left_to_judge for part in self.parts)


class _Context(msgspec.Struct, frozen=True):
    path: str
    schema: Mapping[str, Any]
    zone: str


def match(
    spec: Any,
    value: Any = ABSENT,
    *,
    present: bool = True,
    path: str = "",
    schema: Mapping[str, Any] | None = None,
    zone: str = dates.ZONE,
) -> Match:
    """Match a value against a matcher; `present=False` when its key is not there.

    `schema` is the value's own JSON Schema where there is one: it tells enums, the form of dates and
    which empty values are allowed. A matcher that is none raises UserError (`spec_faults` finds it before).

    >>> match({"number": 5}, 5.0).strict, match({"number": 5}, "5").code, match({"number": 5}, 50).code
    (True, 'type_only', 'scale_10')
    >>> match({"text": "北京"}, "不北京").code, match({"date": "2026-03-05"}, "2026-03-06").code
    ('negation_lost', 'off_by_one_day')
    >>> match({"bool": False}, "false").lenient, match({"bool": False}, True).lenient
    (True, False)
    """
    return _match(spec, value if present else ABSENT, _Context(path, schema or {}, zone))


def _match(spec: Any, value: Any, at: _Context) -> Match:
    name, wanted, table = _read_spec(spec)
    if value is ABSENT:
        return _match_absent(name, wanted, table, at)
    if name == "absent":
        return _unwanted(value, at)
    if (
        table.get("optional")
        and name != "null"
        and value in (None, "", [], {})
        and not _passes(name, wanted, table, value, at)
    ):
        return _unwanted(value, at)
    found = _MATCH[name](wanted, value, table, at)
    if not found.strict and found.code == "value_mismatch" and _is_unmapped(value, at.schema):
        found = _no("enum_unmapped", wanted, value, at)
    return found


def _passes(name: str, wanted: Any, table: Mapping[str, Any], value: Any, at: _Context) -> bool:
    return _MATCH[name](wanted, value, table, at).strict


def _read_spec(spec: Any) -> tuple[str, Any, Mapping[str, Any]]:
    """The matcher's name, what it wants, and the whole table."""
    if isinstance(spec, Mapping):
        names = [key for key in spec if key in MATCHERS]
        if names and (len(names) == 1 or set(names) == {"contains", "lacks"}):
            return names[0], spec[names[0]], spec
        raise UserError(
            "matcher", f"{dict(spec)!r} is no matcher", "Use one of: " + ", ".join(MATCHERS) + "."
        )
    if isinstance(spec, bool):
        return "bool", spec, {}
    if isinstance(spec, str):
        return "text", spec, {}
    if isinstance(spec, int | float):
        return "number", spec, {}
    if spec is None:
        return "null", True, {}
    if isinstance(spec, Sequence):
        return "list", list(spec), {}
    raise UserError("matcher", f"{spec!r} is no matcher", "Use one of: " + ", ".join(MATCHERS) + ".")


def spec_faults(spec: Any, path: str = "") -> Iterator[str]:
    """What is wrong with a matcher, before it is used.

    >>> list(spec_faults({"object": {"a": {"nunber": 5}}}))
    ["/a: no matcher 'nunber'. Did you mean 'number'?"]
    >>> list(spec_faults({"number": "5"}))
    [': number takes a number, not a string']
    """
    if not isinstance(spec, Mapping):
        if isinstance(spec, list):
            for place, inner in enumerate(spec):
                yield from spec_faults(inner, f"{path}/{place}")
        return
    for key in spec:
        if key not in MATCHERS and key not in _MODIFIERS:
            yield f"{path}: no matcher '{key}'. {did_you_mean(key, [*MATCHERS, *_MODIFIERS])}".rstrip()
            return
    try:
        name, wanted, table = _read_spec(spec)
    except UserError as error:
        yield f"{path}: {error.what}"
        return
    kinds: dict[str, tuple[type, ...]] = {
        "text": (str,),
        "number": (int, float),
        "digits": (str,),
        "bool": (bool,),
        "date": (str,),
        "time": (str,),
        "datetime": (str,),
        "duration": (str,),
        "rmb_cn": (str, int, float),
        "contains": (str, list),
        "lacks": (str, list),
        "regex": (str,),
        "one_of": (list,),
        "list": (list,),
        "set": (list,),
        "object": (dict,),
        "judge": (str,),
    }
    words = {
        str: "string",
        int: "number",
        float: "number",
        bool: "boolean",
        list: "list",
        dict: "table",
        type(None): "null",
    }
    if name in kinds and (
        not isinstance(wanted, kinds[name]) or (isinstance(wanted, bool) and name != "bool")
    ):
        yield f"{path}: {name} takes a {words[kinds[name][-1]]}, not a {words.get(type(wanted), 'value')}"
        return
    readers: dict[str, Callable[[str], object]] = {
        "date": dates.read_date,
        "time": dates.read_time,
        "datetime": dates.read_datetime,
        "duration": dates.read_duration,
    }
    if name in readers and readers[name](wanted) is None:
        yield f"{path}: {name} cannot be read: {wanted!r}"
    if name in ("contains", "lacks") and not table.get("why"):
        yield f"{path}: {name} is for free text only: say why = … why this field is free"
    if name == "regex":
        try:
            regex.compile(wanted)
        except regex.error as error:
            yield f"{path}: not a pattern: {error}"
        if regex.search(r"\\[1-9]|\(\?P=", wanted):
            yield f"{path}: a pattern has no back-references"
    if table.get("level", "N3") not in LEVELS:
        yield f"{path}: level is N0 to N4"
    if name in ("one_of", "list", "set"):
        for place, inner in enumerate(wanted):
            yield from spec_faults(inner, f"{path}/{place}")
    if name == "object":
        for key, inner in wanted.items():
            yield from spec_faults(inner, f"{path}/{escape(key)}")


def escape(key: str) -> str:
    """A key as a step of a JSON Pointer.

    >>> escape("单价/元~")
    '单价~1元~0'
    """
    return key.replace("~", "~0").replace("/", "~1")


# -- results --------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    """A value as a reader of a report sees it, cut where long.

    >>> shown("北京"), shown(None), shown([1, True])
    ('“北京”', 'null', '[1, true]')
    """
    if value is ABSENT:
        return "（没有）"
    if isinstance(value, str):
        return f"“{value[:60]}”" if len(value) <= 60 else f"“{value[:60]}……”"
    try:
        text = msgspec.json.encode(value).decode().replace(",", ", ").replace(":", ": ")
    except (UnicodeEncodeError, TypeError, msgspec.MsgspecError):
        text = repr(value)
    return text[:80]


def _yes(at: _Context, parts: tuple[Match, ...] = (), pending: bool = False) -> Match:
    return Match(True, True, path=at.path, parts=parts, pending=pending)


def _no(
    code: str,
    wanted: Any,
    value: Any,
    at: _Context,
    parts: tuple[Match, ...] = (),
    lenient: bool | None = None,
) -> Match:
    """A strict failure; the codes of form pass leniently."""
    soft = code in ("type_only", "format_only", "form_lower", "form_arabic") if lenient is None else lenient
    where = at.path or "值"
    reason = f"{where}：{DIAGNOSTICS[code]}，得{shown(value)}，要求{shown(wanted)}"
    reason_en = f"{at.path or 'value'}: {code}, got {shown(value)}, asked for {shown(wanted)}"
    return Match(False, soft, code, at.path, reason, reason_en, parts=parts)


def _match_absent(name: str, wanted: Any, table: Mapping[str, Any], at: _Context) -> Match:
    if name == "absent" or table.get("optional"):
        return _yes(at)
    if name == "one_of" and any(_match(inner, ABSENT, at).strict for inner in wanted):
        return _yes(at)
    return _no("missing_arg", wanted, ABSENT, at)


def _unwanted(value: Any, at: _Context) -> Match:
    """Something sent where nothing should be."""
    if value is None or value in ("", [], {}):
        return _no("empty_sent", ABSENT, value, at, lenient=_allows(at.schema, value))
    return _no("hallucinated_value", ABSENT, value, at)


def _allows(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether the schema's type admits an empty value; no schema admits none."""
    kinds = schema.get("type", [])
    name = {type(None): "null", str: "string", list: "array", dict: "object"}[type(value)]
    if isinstance(kinds, str):
        kinds = [kinds]
    return name in kinds and not (
        schema.get("minLength") or schema.get("minItems") or schema.get("minProperties")
    )


def _is_unmapped(value: Any, schema: Mapping[str, Any]) -> bool:
    members = schema.get("enum")
    return isinstance(members, Sequence) and isinstance(value, str) and value not in members


# -- matchers -------------------------------------------------------------------------------------


def is_number(value: Any) -> bool:
    """A JSON number: no boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same_json(one: Any, other: Any, level: Level = "N1") -> bool:
    """Equal values of the same JSON type, strings at a level; 5 and 5.0 are the same number.

    >>> same_json({"a": [1, "x"]}, {"a": [1.0, "x "]}), same_json(1, True), same_json("5", 5)
    (True, False, False)
    """
    if isinstance(one, str) and isinstance(other, str):
        return one == other or normal(one, level) == normal(other, level)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_number(one) and is_number(other):
        return bool(one == other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[key], other[key], level) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same_json(a, b, level) for a, b in zip(one, other, strict=True))
    return one is None and other is None


def _decimal_text(number: float) -> str:
    """A number as its plain decimal string."""
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number_in(value: Any) -> Decimal | None:
    """The number a string holds: a plain decimal, or Chinese numerals and nothing else."""
    if not isinstance(value, str):
        return None
    plain = fold_width(tidied(value))
    if regex.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", plain) and len(plain) < 60:
        return Decimal(plain)
    if plain and all(sign in LOWER_NUMERALS or sign in "零负点万亿" for sign in plain):
        return read_number(plain)
    return None


_BOOLEANS = {"true": True, "false": False, "是": True, "否": False}


def _converted(wanted: Any, value: Any) -> bool:
    """Right value, wrong type: only the conversions that are named (number, boolean, one-element list)."""
    if isinstance(value, list) and len(value) == 1 and not isinstance(wanted, list):
        return same_json(wanted, value[0], "N3")
    if isinstance(wanted, list) and len(wanted) == 1 and not isinstance(value, list):
        return same_json(wanted[0], value, "N3")
    if is_number(wanted) and (number := _number_in(value)) is not None:
        return number == Decimal(repr(wanted))
    if isinstance(wanted, str) and is_number(value):
        return fold_width(tidied(wanted)) == _decimal_text(value)
    if isinstance(wanted, bool) and isinstance(value, str):
        return _BOOLEANS.get(tidied(value).casefold()) is wanted
    if isinstance(value, bool) and isinstance(wanted, str):
        return _BOOLEANS.get(tidied(wanted).casefold()) is value
    return False


_NEGATIONS = "不没未无非别勿莫否"


def _string_code(wanted: Any, value: Any) -> str:
    """Why two strings differ, as far as they tell."""
    if not (isinstance(wanted, str) and isinstance(value, str)):
        return "value_mismatch"
    one, two = normal(wanted, "N3"), normal(value, "N3")
    for shorter, longer in ((one, two), (two, one)):
        if len(longer) - len(shorter) in (1, 2) and any(
            longer[:i] + longer[i + width :] == shorter
            for width in (1, 2)
            if len(longer) - width == len(shorter)
            for i in range(len(longer) - width + 1)
            if longer[i] in _NEGATIONS
            and (width == 1 or longer[i : i + 2] in ("没有", "不是", "不要", "并不", "并非", "不会", "不用"))
        ):
            return "negation_lost"
    if two and len(two) < len(one) and one.startswith(two):
        return "truncated_value"
    return "value_mismatch"


def _exact(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    level: Level = table.get("level", "N1")
    if same_json(wanted, value, level):
        return _yes(at)
    code = "type_only" if _converted(wanted, value) else _string_code(wanted, value)
    if is_number(wanted) and is_number(value):
        code = _scale_code(Decimal(repr(wanted)), Decimal(repr(value)))
    return _no(code, wanted, value, at)


def _text(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    level: Level = table.get("level", "N3")
    if isinstance(value, str) and normal(value, level) == normal(wanted, level):
        return _yes(at)
    return _no("type_only" if _converted(wanted, value) else _string_code(wanted, value), wanted, value, at)


def _one_of(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    tried = [_match(inner, value, at) for inner in wanted]
    best = next((found for found in tried if found.strict), None) or next(
        (found for found in tried if found.lenient), None
    )
    if best is not None:
        return best
    told = next((found for found in tried if found.code not in ("value_mismatch", "")), None)
    return _no(told.code if told else "value_mismatch", [_plain(inner) for inner in wanted], value, at)


def _plain(spec: Any) -> Any:
    """What a matcher wants, for a reason."""
    try:
        name, wanted, _ = _read_spec(spec)
    except UserError:
        return spec
    return None if name in ("null", "absent") else wanted


def _scale_code(wanted: Decimal, found: Decimal) -> str:
    if wanted and found:
        ratio = found / wanted
        for code, factor in (("scale_10", 10), ("scale_10000", 10_000)):
            if ratio in (factor, Decimal(1) / factor):
                return code
    return "value_mismatch"


def _near(wanted: Decimal, found: Decimal, table: Mapping[str, Any]) -> bool:
    whole = wanted == wanted.to_integral_value() and found == found.to_integral_value()
    absolute = Decimal(repr(table.get("abs", 0)))
    relative = Decimal(repr(table.get("rel", 0 if whole or "abs" in table else 1e-9)))
    return abs(wanted - found) <= max(absolute, relative * abs(wanted))


def _number(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    exact = Decimal(repr(wanted))
    if is_number(value):
        found = Decimal(repr(value))
        if not found.is_finite():
            return _no("nonfinite", wanted, value, at)
        return _yes(at) if _near(exact, found, table) else _no(_scale_code(exact, found), wanted, value, at)
    held = value[0] if isinstance(value, list) and len(value) == 1 else value
    number = Decimal(repr(held)) if is_number(held) else _number_in(held)
    if number is not None:
        return _no(
            "type_only" if _near(exact, number, table) else _scale_code(exact, number), wanted, value, at
        )
    return _no("value_mismatch", wanted, value, at)


def _digits(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    plain = regex.sub(r"[\s\-‐-―－]", "", fold_width(tidied(wanted)))
    if isinstance(value, str):
        found = regex.sub(r"[\s\-‐-―－]", "", fold_width(tidied(value)))
        if found == plain:
            return _yes(at)
        return _no(
            "truncated_value" if found and plain.startswith(found) else "value_mismatch", wanted, value, at
        )
    if is_number(value) and _decimal_text(value) == plain:
        return _no("type_only", wanted, value, at)
    if isinstance(value, list) and len(value) == 1 and _digits(wanted, value[0], table, at).strict:
        return _no("type_only", wanted, value, at)
    return _no("value_mismatch", wanted, value, at)


def _bool(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    if value is wanted:
        return _yes(at)
    return _no("type_only" if _converted(wanted, value) else "value_mismatch", wanted, value, at)


_FORM = regex.compile(r"YYYY(?:[-/.年]?MM(?:[-/.月]?DD日?)?)(?:[ T]HH:MM(?::SS)?)?|HH:MM(?::SS)?")
_SCHEMA_FORMS = {"date": "YYYY-MM-DD"}


def stated_form(table: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The form a date or time must be in: of the matcher, else as the schema's description says.

    >>> stated_form({}, {"type": "string", "description": "日期，格式 YYYY-MM-DD"})
    'YYYY-MM-DD'
    """
    if form := table.get("form"):
        return str(form)
    if found := _FORM.search(
        str(schema.get("description", ""))
        .replace("HH:mm", "HH:MM")
        .replace("yyyy", "YYYY")
        .replace("-dd", "-DD")
    ):
        return str(found[0])
    return _SCHEMA_FORMS.get(str(schema.get("format", "")), "")


def _formed(wanted: str, value: str, table: Mapping[str, Any], at: _Context) -> Match:
    """The value is right: is it written as asked?"""
    form = stated_form(table, at.schema)
    if form and not dates.is_in_form(value, form):
        return _no("format_only", wanted, value, at)
    pattern = at.schema.get("pattern")
    if isinstance(pattern, str) and not _fits(pattern, value):
        return _no("format_only", wanted, value, at)
    return _yes(at)


def _fits(pattern: str, value: str) -> bool:
    """Whether a schema's pattern is found; a pattern that fails or hangs binds nothing."""
    try:
        return regex.search(pattern, value, timeout=REGEX_SECONDS) is not None
    except (regex.error, TimeoutError):
        return True


def _held_string(value: Any) -> tuple[Any, bool]:
    """The string in a one-element list, and whether it was one."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0], True
    return value, False


def _temporal(
    read: Callable[[str], Any], code: Callable[[Any, Any], str]
) -> Callable[[Any, Any, Mapping[str, Any], _Context], Match]:
    def matcher(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
        value, boxed = _held_string(value)
        gold = read(wanted)
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and read is dates.read_date
            and read(str(value)) == gold
        ):
            return _no("type_only", wanted, value, at)  # 20260305
        if not isinstance(value, str):
            return _no("value_mismatch", wanted, value, at)
        found = read(value)
        if found is None and read is dates.read_date:
            moment = dates.read_datetime(value, at.zone)
            if moment is not None and moment.time() == time(0) and moment.date() == gold:
                return _no("format_only", wanted, value, at)
        if found is None:
            return _no("value_mismatch", wanted, value, at)
        if found != gold:
            return _no(code(gold, found), wanted, value, at)
        return _no("type_only", wanted, value, at) if boxed else _formed(wanted, value, table, at)

    return matcher


def _date_code(gold: date, found: date) -> str:
    return {1: "off_by_one_day", 7: "off_by_one_week"}.get(abs((gold - found).days), "value_mismatch")


def _time_code(gold: time, found: time) -> str:
    apart = abs((gold.hour * 60 + gold.minute) - (found.hour * 60 + found.minute))
    return "am_pm_swapped" if apart == 720 and gold.second == found.second else "value_mismatch"


def _moment_code(gold: datetime, found: datetime) -> str:
    apart = abs(gold - found)
    if apart in (timedelta(days=1), timedelta(days=7)):
        return "off_by_one_day" if apart.days == 1 else "off_by_one_week"
    return "am_pm_swapped" if apart == timedelta(hours=12) else "value_mismatch"


def _duration_code(gold: timedelta, found: timedelta) -> str:
    seconds = gold.total_seconds(), found.total_seconds()
    return _scale_code(Decimal(repr(seconds[0])), Decimal(repr(seconds[1])))


def _datetime(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    zone = _zone(table.get("zone", at.zone))
    return _temporal(lambda text: dates.read_datetime(text, zone), _moment_code)(wanted, value, table, at)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise UserError(
            "matcher", f"there is no time zone {name!r}", "Use a name such as Asia/Shanghai."
        ) from None
    return name


def _rmb(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    amount = str(wanted)
    if is_number(value):
        code = "form_arabic" if Decimal(repr(value)) == Decimal(amount) else "value_mismatch"
        return _no(code, wanted, value, at)
    if not isinstance(value, str):
        return _no("value_mismatch", wanted, value, at)
    fault = rmb_fault(value, amount)
    if fault == "value_mismatch" and (found := read_number(value)) is not None:
        return _no(_scale_code(Decimal(amount), found), wanted, value, at)
    return _no(fault, wanted, value, at) if fault else _yes(at)


def _strings(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _contains(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    value, boxed = _held_string(value)
    if not isinstance(value, str):
        return _no("value_mismatch", wanted, value, at)
    folded = width_folded(value)
    missing = [string for string in _strings(table.get("contains")) if width_folded(string) not in folded]
    present = [string for string in _strings(table.get("lacks")) if width_folded(string) in folded]
    if missing or present or not folded:
        return _no("value_mismatch", missing or wanted, value, at)
    return _no("type_only", wanted, value, at) if boxed else _yes(at)


def _regex(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    if isinstance(value, str):
        try:
            if regex.fullmatch(wanted, tidied(value), timeout=REGEX_SECONDS):
                return _yes(at)
        except TimeoutError:
            return _no("value_mismatch", wanted, value, at)
    return _no("value_mismatch", wanted, value, at)


def _child(at: _Context, key: str | int) -> _Context:
    schema: Any = {}
    if isinstance(key, int):
        schema = at.schema.get("items", {})
    else:
        schema = (
            (at.schema.get("properties") or {}).get(key, {})
            if isinstance(at.schema.get("properties"), Mapping)
            else {}
        )
    return _Context(f"{at.path}/{escape(str(key))}", schema if isinstance(schema, Mapping) else {}, at.zone)


def _list(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    if not isinstance(value, list):
        return _one_element(wanted, value, at)
    if len(value) != len(wanted):
        return _wrong_length(wanted, value, at)
    parts = tuple(
        _match(spec, inner, _child(at, place))
        for place, (spec, inner) in enumerate(zip(wanted, value, strict=True))
    )
    return _joined(parts, wanted, value, at)


def _one_element(wanted: Any, value: Any, at: _Context) -> Match:
    single = len(wanted) == 1 and _match(wanted[0], value, at).lenient
    return _no("type_only" if single else "value_mismatch", [_plain(spec) for spec in wanted], value, at)


def _wrong_length(wanted: Any, value: Any, at: _Context) -> Match:
    where = at.path or "列表"
    reason = f"{where}：共{len(value)}项，要求{len(wanted)}项"
    reason_en = f"{at.path or 'list'}: {len(value)} entries, asked for {len(wanted)}"
    return Match(False, False, "value_mismatch", at.path, reason, reason_en)


def _joined(parts: tuple[Match, ...], wanted: Any, value: Any, at: _Context) -> Match:
    """The match of a whole from the matches of its parts."""
    if all(part.strict for part in parts):
        return _yes(at, parts)
    first = next(part for part in parts if not part.strict)
    return Match(
        False,
        all(part.lenient for part in parts),
        first.code,
        at.path,
        first.reason,
        first.reason_en,
        parts=parts,
    )


def _set(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    if not isinstance(value, list):
        return _one_element(wanted, value, at)
    if len(value) != len(wanted):
        return _wrong_length(wanted, value, at)
    grid = [[_match(spec, inner, _child(at, place)) for place, inner in enumerate(value)] for spec in wanted]
    pairs: dict[int, int] = {}
    for strictly in (True, False):
        pairs = assign([[found.strict if strictly else found.lenient for found in row] for row in grid])
        if len(pairs) == len(wanted):
            return _joined(tuple(grid[i][j] for i, j in sorted(pairs.items())), wanted, value, at)
    # for the report: what is paired stays paired, the rest is told in order
    used = set(pairs.values())
    free = [place for place in range(len(value)) if place not in used]
    rest = [i for i in range(len(wanted)) if i not in pairs]
    pairs |= dict(zip(rest, free, strict=True))
    return _joined(tuple(grid[i][j] for i, j in sorted(pairs.items())), wanted, value, at)


def assign(compatible: Sequence[Sequence[bool]]) -> dict[int, int]:
    """A largest one-to-one assignment of rows to columns, by augmenting paths.

    >>> assign([[True, True], [True, False]])
    {1: 0, 0: 1}
    """
    row_of: dict[int, int] = {}

    def place(row: int, tried: set[int]) -> bool:
        for column, fits in enumerate(compatible[row]):
            if fits and column not in tried:
                tried.add(column)
                if column not in row_of or place(row_of[column], tried):
                    row_of[column] = row
                    return True
        return False

    for row in range(len(compatible)):
        place(row, set())
    return {row: column for column, row in row_of.items()}


def _object(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    if not isinstance(value, Mapping):
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
            inner = _object(wanted, value[0], table, at)
            return _no("type_only" if inner.lenient else inner.code, wanted, value, at, lenient=inner.lenient)
        return _no("value_mismatch", wanted, value, at)
    parts = [_match(spec, value.get(key, ABSENT), _child(at, key)) for key, spec in wanted.items()]
    if table.get("extra", "forbid") == "forbid":
        declared = at.schema.get("properties")
        for key in value:
            if key not in wanted:
                known = isinstance(declared, Mapping) and key not in declared
                parts.append(
                    _no("unknown_arg" if known else "extra_arg", ABSENT, value[key], _child(at, key))
                )
    return _joined(tuple(parts), wanted, value, at)


def _any(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    empty = value is None or (isinstance(value, str) and not tidied(value)) or value in ([], {})
    return _no("value_mismatch", "不为空的值", value, at) if empty else _yes(at)


def _null(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    if value is None:
        return _yes(at)
    empty = value in ("", [], {})
    return _no("value_mismatch" if empty else "hallucinated_value", None, value, at)


def _judge(wanted: Any, value: Any, table: Mapping[str, Any], at: _Context) -> Match:
    return _yes(at, pending=True)


_MATCH: dict[str, Callable[[Any, Any, Mapping[str, Any], _Context], Match]] = {
    "exact": _exact,
    "text": _text,
    "one_of": _one_of,
    "number": _number,
    "digits": _digits,
    "bool": _bool,
    "date": _temporal(dates.read_date, _date_code),
    "time": _temporal(dates.read_time, _time_code),
    "datetime": _datetime,
    "duration": _temporal(dates.read_duration, _duration_code),
    "rmb_cn": _rmb,
    "contains": _contains,
    "lacks": _contains,
    "regex": _regex,
    "list": _list,
    "set": _set,
    "object": _object,
    "any": _any,
    "null": _null,
    "judge": _judge,
}


# -- mutation -------------------------------------------------------------------------------------


def loosen_spec(spec: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Looser matchers, one step each: a leaf freed, an entry that may be missing, extra keys allowed.

    >>> [label for label, _ in loosen_spec({"object": {"数量": 5, "备注": None}})]
    ['extra allowed', '/数量 freed', '/备注 freed']
    """
    name, wanted, table = _read_spec(spec)
    if name == "object":
        if table.get("extra", "forbid") == "forbid":
            yield f"{path} extra allowed".strip(), {**table, "extra": "allow"}
        for key, inner in wanted.items():
            for label, looser in loosen_spec(inner, f"{path}/{escape(key)}"):
                yield label, {**table, "object": {**wanted, key: looser}}
    elif name in ("list", "set"):
        if name == "list" and len(wanted) > 1:
            yield f"{path} order freed".strip(), {"set": wanted}
        for place, inner in enumerate(wanted):
            for label, looser in loosen_spec(inner, f"{path}/{place}"):
                yield label, {**dict(table), name: [*wanted[:place], looser, *wanted[place + 1 :]]}
    elif name not in ("any", "judge"):
        yield f"{path or 'value'} freed", {"one_of": [spec, {"null": True}, {"any": True, "optional": True}]}
