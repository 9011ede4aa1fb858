"""JSON in an answer: its form, its schema, its values, and what is too much, each asked apart.

Readings: strictly the form must be as asked (`wrapper`: none, fence or either), the schema must hold and
every value must match. Leniently the value may stand in a fence or among other words (tiers J4, J3, J2)
and a value of the wrong type or spelling passes. `detail` keeps the tier, so that a report can count
them; a value that only repair yields (J1a) is `recoverable` there and never scores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from zhprobe.checks.constraint import fails, holds, names_number, undecided
from zhprobe.checks.registry import check
from zhprobe.checks.values import ABSENT, DIAGNOSTICS, Match, escape, loosen_spec, match, spec_faults
from zhprobe.records import Item, Reply, Verdict
from zhprobe.text.strict_json import Reading, is_sound, parse_strict, read_json
from zhprobe.worlds import schema_validator

Wrapper = Literal["none", "fence", "either"]
Extra = Literal["forbid", "allow"]
Json = Any

TIER_NAMES = {
    "J4": ("整个回答就是一个 JSON 值", "the answer is one JSON value"),
    "J3": ("一个围栏里的 JSON", "JSON in one fence"),
    "J2": ("JSON 夹在别的文字里", "JSON among other text"),
    "J2m": ("有几个 JSON", "several JSON values"),
    "J1a": ("修补后才是 JSON", "JSON only after repair"),
    "J1b": ("修补会丢失内容", "JSON only after a repair that loses content"),
    "J0d": ("JSON 里有重复的键", "a key stands twice"),
    "J0": ("没有 JSON", "no JSON"),
}
_MOST_FAULTS = 20


class SchemaFault(msgspec.Struct, frozen=True):
    """One place where a value does not fit its schema."""

    path: str
    keyword: str
    message: str


def schema_faults(
    value: Json, schema: Mapping[str, Json] | bool, *, formats: bool = False
) -> list[SchemaFault]:
    """Where a value does not fit a JSON Schema (draft 2020-12). `$ref` never fetches anything.

    `format` is asserted only with `formats`. A schema that is none raises UserError.

    >>> schema_faults({"年龄": "3"}, {"properties": {"年龄": {"type": "integer"}}})[0].path
    '/年龄'
    """
    validator = schema_validator(json.dumps(schema, ensure_ascii=False), formats)
    if not is_sound(value):
        return [SchemaFault("", "unencodable", "not a JSON value that can be written")]
    found = []
    for error in validator.iter_errors(value):
        path = "".join(f"/{escape(str(step))}" for step in error.instance_path)
        found.append(SchemaFault(path, error.kind.name, error.message[:200]))
        if len(found) == _MOST_FAULTS:
            break
    return found


# -- values by JSON Pointer -----------------------------------------------------------------------


def find_pointer(value: Json, pointer: str) -> Json:
    """The value a JSON Pointer names, or ABSENT.

    >>> find_pointer({"明细": [{"数量": 2}]}, "/明细/0/数量"), find_pointer({"a": 1}, "/b")
    (2, absent)
    """
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(key, ABSENT)
        elif isinstance(value, list):
            value = (
                value[int(key)] if key.isascii() and key.isdigit() and int(key[:9]) < len(value) else ABSENT
            )
        else:
            return ABSENT
    return value


def match_values(
    value: Json, values: Mapping[str, Json], extra: Extra = "forbid", schema: Mapping[str, Json] | None = None
) -> list[Match]:
    """One match for each pointer, then one for each key or entry that none names (unless `extra` allows them).

    >>> [found.code for found in match_values({"a": 1, "b": 2}, {"/a": 1})]
    ['', 'extra_arg']
    """
    found = [
        match(
            spec,
            find_pointer(value, pointer),
            path=pointer,
            schema=schema_at(schema, pointer),
            present=find_pointer(value, pointer) is not ABSENT,
        )
        for pointer, spec in values.items()
    ]
    if extra == "forbid":
        found += [
            match({"absent": True}, find_pointer(value, pointer), path=pointer)
            for pointer in unnamed_keys(value, values)
        ]
        found = [_as_extra(part) if part.path not in values else part for part in found]
    return found


def _as_extra(part: Match) -> Match:
    reason = f"{part.path}：{DIAGNOSTICS['extra_arg']}"
    return msgspec.structs.replace(
        part, code="extra_arg", lenient=False, reason=reason, reason_en=f"{part.path}: extra key"
    )


def unnamed_keys(value: Json, values: Mapping[str, Json]) -> Iterator[str]:
    """Pointers of keys and entries which no pointer names, where some pointer passes through their holder.

    >>> list(unnamed_keys({"a": [{"b": 1}, {"b": 2}], "c": 3}, {"/a/0/b": 1}))
    ['/c', '/a/1']
    """
    named: dict[str, set[str]] = {}
    for pointer in values:
        steps = pointer.split("/")[1:]
        for depth, step in enumerate(steps):
            named.setdefault("".join(f"/{part}" for part in steps[:depth]), set()).add(step)
    for parent, known in named.items():
        holder = find_pointer(value, parent)
        if isinstance(holder, Mapping):
            found = [escape(key) for key in holder]
        else:
            found = [str(place) for place in range(len(holder))] if isinstance(holder, list) else []
        yield from (f"{parent}/{step}" for step in found if step not in known)


def schema_at(schema: Mapping[str, Json] | None, pointer: str) -> Mapping[str, Json]:
    """The schema of the value at a pointer, as far as `properties` and `items` tell."""
    at: Mapping[str, Json] = schema or {}
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        properties = at.get("properties")
        inner = properties[key] if isinstance(properties, Mapping) and key in properties else at.get("items")
        if not isinstance(inner, Mapping):
            return {}
        at = inner
    return at


# -- checks ---------------------------------------------------------------------------------------


class _Judged(msgspec.Struct, frozen=True):
    """A reply read and judged in every respect."""

    reading: Reading
    form_ok: bool
    schema: tuple[SchemaFault, ...] = ()
    parts: tuple[Match, ...] = ()
    asked: tuple[str, ...] = ()  # schema, values: what was asked at all

    @property
    def values_ok(self) -> bool:
        return all(part.strict for part in self.parts)

    @property
    def soft_paths(self) -> set[str]:
        """Places where only type or spelling is wrong."""
        return {fault.path for part in self.parts for fault in part.faults() if fault.lenient}

    @property
    def lenient(self) -> bool:
        soft = self.soft_paths
        return (
            self.reading.is_readable
            and all(fault.path in soft for fault in self.schema)
            and all(part.lenient for part in self.parts)
        )

    @property
    def recoverable(self) -> bool:
        return self.lenient or (self.reading.is_recoverable and not self.schema and self.values_ok)

    def detail(self) -> dict[str, Json]:
        """What a page draws and a report counts."""
        faults = [fault for part in self.parts for fault in part.faults()]
        return {
            "kind": "json",
            "tier": self.reading.tier,
            "diagnostics": list(self.reading.diagnostics),
            "extra_text": self.reading.extra_text,
            "form_ok": self.form_ok,
            "schema_ok": self.reading.is_recoverable and not self.schema if "schema" in self.asked else None,
            "values_ok": self.reading.is_recoverable and self.values_ok if "values" in self.asked else None,
            "recoverable": self.recoverable,
            "schema_faults": [[fault.path, fault.keyword, fault.message] for fault in self.schema],
            "faults": [[fault.path, fault.code, fault.reason] for fault in faults[:_MOST_FAULTS]],
        }


def judge_json(
    answer: str,
    *,
    wrapper: Wrapper = "none",
    schema: Mapping[str, Json] | None = None,
    values: Mapping[str, Json] | None = None,
    extra: Extra = "forbid",
    formats: bool = False,
    finish_reason: str = "",
) -> _Judged:
    """Form, schema and values of a reply's JSON, each on its own."""
    reading = read_json(answer, finish_reason)
    form_ok = reading.fits_wrapper(wrapper)
    asked = ("schema",) * bool(schema) + ("values",) * (values is not None)
    if not reading.is_recoverable:
        return _Judged(reading, form_ok, asked=asked)
    faults = tuple(schema_faults(reading.value, schema, formats=formats)) if schema else ()
    parts = tuple(match_values(reading.value, values, extra, schema)) if values else ()
    return _Judged(reading, form_ok, faults, parts, asked)


def _form_verdict(judged: _Judged) -> Verdict:
    reading = judged.reading
    words, words_en = TIER_NAMES[reading.tier]
    notes = "、".join(DIAGNOSTICS.get(code, code) for code in reading.diagnostics)
    return fails(
        f"{words}（{notes}）" if notes else words,
        words_en,
        *reading.diagnostics,
        spans=(reading.span,) if reading.span else (),
        lenient="met" if reading.is_readable else "not_met",
        detail=judged.detail(),
    )


def _unreadable(judged: _Judged) -> Verdict:
    verdict = _form_verdict(judged)
    return msgspec.structs.replace(verdict, lenient="not_met")


def _spans(judged: _Judged) -> tuple[tuple[int, int], ...]:
    return (judged.reading.span,) if judged.reading.span else ()


def _asked_json(prompt: str, parameters: dict[str, Any]) -> str:
    if "json" not in prompt.casefold():
        return "the prompt does not ask for JSON"
    if parameters.get("wrapper") == "fence" and not any(word in prompt for word in ("代码块", "```", "围栏")):
        return "the prompt does not ask for a fenced block"
    return ""


def _asked_values(prompt: str, parameters: dict[str, Any]) -> str:
    if complaint := _asked_json(prompt, parameters):
        return complaint
    for pointer, spec in parameters.get("values", {}).items():
        if pointer and not pointer.startswith("/"):
            return f"'{pointer}' is no JSON Pointer: it begins with /"
        if fault := next(spec_faults(spec, pointer), ""):
            return fault
        for key in _keys(pointer, spec):
            if key not in prompt:
                return f"the key '{key}' does not occur in the prompt"
    return ""


def _keys(pointer: str, spec: Json) -> Iterator[str]:
    """Keys a pointer and its matcher demand."""
    if isinstance(spec, Mapping) and spec.get("absent"):
        return
    for step in pointer.split("/")[1:]:
        if not step.isdigit():
            yield step.replace("~1", "/").replace("~0", "~")
    if isinstance(spec, Mapping):
        for key, inner in (spec.get("object") or {}).items():
            yield from _keys(f"/{escape(key)}", inner)
        for name in ("list", "set"):
            for inner in spec.get(name) or ():
                yield from _keys("", inner)


def _loosen_wrapper(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if parameters.get("wrapper", "none") != "either":
        yield "wrapper either", {**parameters, "wrapper": "either"}


def _loosen_values(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    values = parameters.get("values") or {}
    if parameters.get("extra", "forbid") == "forbid" and list(_named_parents(values)):
        yield "extra allowed", {**parameters, "extra": "allow"}
    for pointer, spec in values.items():
        for label, looser in loosen_spec(spec, pointer):
            yield label, {**parameters, "values": {**values, pointer: looser}}


def _named_parents(values: Mapping[str, Json]) -> Iterator[str]:
    return (pointer for pointer in values if pointer)


def _loosen_both(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _loosen_wrapper(parameters)
    yield from _loosen_values(parameters)


def _loosen_no_extra(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _loosen_wrapper(parameters)
    if parameters.get("keys") is not None:
        yield "keys freed", {**parameters, "keys": None}


@check(asked=_asked_json, loosen=_loosen_wrapper)
def json_form(answer: str, *, reply: Reply, wrapper: Wrapper = "none") -> Verdict:
    """Met when the answer is one strict JSON value in the wrapper asked for, and nothing else.

    Strict: RFC 8259, no NaN, no key twice, no lone surrogate, at most 200 levels. `wrapper`: none (the bare
    value), fence (one code block), either. White space around counts for nothing. Leniently a value in a
    fence or among other words passes.

    >>> from zhprobe.records import Reply
    >>> json_form('{"a": 1}', reply=Reply("p", "i", "m")).outcome
    'met'
    >>> found = json_form("好的：{}", reply=Reply("p", "i", "m"))
    >>> found.outcome, found.lenient, found.detail["tier"]
    ('not_met', 'met', 'J2')
    """
    judged = judge_json(answer, wrapper=wrapper, finish_reason=reply.finish_reason)
    if not judged.form_ok:
        return _form_verdict(judged)
    words, words_en = TIER_NAMES[judged.reading.tier]
    return holds(words, words_en, lenient="met", spans=_spans(judged), detail=judged.detail())


@check(asked=_asked_json)
def json_schema(
    answer: str, *, item: Item, reply: Reply, schema: dict[str, Json] | None = None, formats: bool = False
) -> Verdict:
    """Met when the JSON in the answer fits the item's schema (or `schema`), wherever it stands.

    Draft 2020-12; `format` is asserted only with `formats`. The form is another criterion's business: a
    fence or words around the JSON do not count here. Without any schema the verdict is `unsure`.

    >>> from zhprobe.records import Item, Reply
    >>> item = Item("p", "i", (), (), schema={"required": ["城市"]})
    >>> json_schema("{}", item=item, reply=Reply("p", "i", "m")).codes
    ('required',)
    """
    wanted = schema if schema is not None else item.schema
    if wanted is None:
        return undecided("没有给出 schema", "the item has no schema", "no_schema")
    judged = judge_json(answer, schema=wanted, formats=formats, finish_reason=reply.finish_reason)
    if not judged.reading.is_readable:
        return _unreadable(judged)
    if not judged.schema:
        return holds(
            "符合 schema", "fits the schema", lenient="met", spans=_spans(judged), detail=judged.detail()
        )
    return _schema_verdict(judged)


def _schema_verdict(judged: _Judged) -> Verdict:
    first = judged.schema[0]
    return fails(
        f"{first.path or '整个值'}：不合 schema 的 {first.keyword}（共{len(judged.schema)}处）",
        f"{first.path or 'the value'}: {first.message} ({len(judged.schema)} in all)",
        *dict.fromkeys(fault.keyword for fault in judged.schema),
        evidence=first.path,
        spans=_spans(judged),
        lenient="not_met",
        detail=judged.detail(),
    )


def _values_verdict(judged: _Judged, lenient: bool) -> Verdict:
    faults = [fault for part in judged.parts for fault in part.faults()]
    right = sum(part.strict for part in judged.parts)
    return fails(
        "；".join(fault.reason for fault in faults[:3])
        + (f"（共{len(faults)}处）" if len(faults) > 3 else ""),
        "; ".join(fault.reason_en for fault in faults[:3])
        + (f" ({len(faults)} in all)" if len(faults) > 3 else ""),
        *dict.fromkeys(fault.code for fault in faults),
        evidence=faults[0].path,
        share=(right, len(judged.parts)),
        spans=_spans(judged),
        lenient="met" if lenient else "not_met",
        detail=judged.detail(),
    )


@check(asked=_asked_values, loosen=_loosen_values)
def json_values(
    answer: str, *, item: Item, reply: Reply, values: dict[str, Json], extra: Extra = "forbid"
) -> Verdict:
    """Met when every JSON Pointer in `values` holds what its matcher wants, and no other key stands there.

    `values` maps a pointer (`/明细/0/数量`; empty for the whole) to a matcher of `checks/values.py` or a bare
    value. `extra = "forbid"` refuses keys and entries that no pointer names, where pointers pass through. Key order
    never counts. The form does not count either: the JSON may stand in a fence or among other words. Parts
    left to a judge (`judge`) hold nothing against the answer here.

    >>> from zhprobe.records import Item, Reply
    >>> run = lambda text: json_values(text, item=Item("p", "i", (), ()), reply=Reply("p", "i", "m"), values={"/年龄": 32})
    >>> run('{"年龄": 32}').outcome, run('{"年龄": "32"}').lenient, run('{"年龄": 32, "备注": ""}').codes
    ('met', 'met', ('extra_arg',))
    """
    judged = judge_json(answer, schema=None, values=values, extra=extra, finish_reason=reply.finish_reason)
    if not judged.reading.is_readable:
        return _unreadable(judged)
    if item.schema:
        parts = tuple(match_values(judged.reading.value, values, extra, item.schema))
        judged = msgspec.structs.replace(judged, parts=parts)
    if judged.values_ok:
        count = len(judged.parts)
        return holds(
            f"{count}项都对",
            f"all {count} values are right",
            share=(count, count),
            lenient="met",
            spans=_spans(judged),
            detail=judged.detail(),
        )
    return _values_verdict(judged, judged.lenient)


@check(asked=_asked_json, loosen=_loosen_no_extra)
def json_no_extra(
    answer: str, *, item: Item, reply: Reply, wrapper: Wrapper = "none", keys: list[str] | None = None
) -> Verdict:
    """Met when nothing stands around the JSON and it has no key that was not asked for.

    Keys are those of the item's schema (`properties`, at every depth), or `keys` for the outermost object
    (or each object of an outermost array). A fence is extra unless `wrapper` asks for it. Leniently words
    around it pass, keys do not.

    >>> from zhprobe.records import Item, Reply
    >>> run = lambda text: json_no_extra(text, item=Item("p", "i", (), ()), reply=Reply("p", "i", "m"), keys=["a"])
    >>> run('{"a": 1}').outcome, run('{"a": 1, "b": 2}').outcome, run('好：{"a": 1}').lenient
    ('met', 'not_met', 'met')
    """
    judged = judge_json(answer, wrapper=wrapper, finish_reason=reply.finish_reason)
    reading = judged.reading
    if not reading.is_readable:
        return _unreadable(judged)
    extra = (
        list(_undeclared(reading.value, item.schema or {}))
        if keys is None
        else list(_outside(reading.value, keys))
    )
    if extra:
        names = "、".join(extra[:5])
        return fails(
            f"多出的键：{names}",
            f"extra keys: {names}",
            "extra_arg",
            evidence=extra[0],
            lenient="not_met",
            detail=judged.detail(),
        )
    if not judged.form_ok:
        return _form_verdict(judged)
    return holds("没有多余的内容", "nothing beyond what was asked", lenient="met", detail=judged.detail())


def _outside(value: Json, keys: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from (f"/{place}{path}" for path in _outside(inner, keys))
    elif isinstance(value, Mapping):
        yield from (f"/{escape(key)}" for key in value if key not in keys)


def _undeclared(value: Json, schema: Mapping[str, Json], path: str = "") -> Iterator[str]:
    """Keys that the schema's `properties` do not declare; objects without `properties` are free."""
    properties = schema.get("properties")
    if isinstance(value, Mapping) and isinstance(properties, Mapping):
        for key, inner in value.items():
            at = f"{path}/{escape(key)}"
            if key not in properties:
                yield at
            elif isinstance(properties[key], Mapping):
                yield from _undeclared(inner, properties[key], at)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for place, inner in enumerate(value):
            yield from _undeclared(inner, schema["items"], f"{path}/{place}")


@check(asked=_asked_values, loosen=_loosen_both)
def json_strict(
    answer: str,
    *,
    item: Item,
    reply: Reply,
    values: dict[str, Json],
    wrapper: Wrapper = "none",
    extra: Extra = "forbid",
    formats: bool = False,
) -> Verdict:
    """Met when form, schema (where the item has one) and every value are right: the headline of a JSON item.

    Strict is form, schema and values together; lenient takes J4, J3 and J2 and forgives type and spelling
    (`type_only`, `format_only`); `detail.recoverable` adds what a repair without loss yields.

    >>> from zhprobe.records import Item, Reply
    >>> run = lambda text: json_strict(text, item=Item("p", "i", (), ()), reply=Reply("p", "i", "m"), values={"/城市": "北京"})
    >>> run('{"城市": "北京"}').outcome
    'met'
    >>> found = run("{'城市': '北京'}")
    >>> found.outcome, found.lenient, found.detail["recoverable"]
    ('not_met', 'not_met', True)
    """
    judged = judge_json(
        answer,
        wrapper=wrapper,
        schema=item.schema,
        values=values,
        extra=extra,
        formats=formats,
        finish_reason=reply.finish_reason,
    )
    if not judged.reading.is_readable:
        return _unreadable(judged)
    lenient: Literal["met", "not_met"] = "met" if judged.lenient else "not_met"
    if not judged.values_ok:
        verdict = _values_verdict(judged, judged.lenient)
        codes = (*verdict.codes, *(code for code in judged.reading.diagnostics if not judged.form_ok))
        # all or nothing: a share would pay for fields that any record has
        return msgspec.structs.replace(verdict, codes=tuple(dict.fromkeys(codes)), share=None)
    if judged.schema:
        return msgspec.structs.replace(_schema_verdict(judged), lenient=lenient)
    if not judged.form_ok:
        return msgspec.structs.replace(_form_verdict(judged), lenient=lenient)
    count = len(judged.parts)
    return holds(
        f"形式、结构与{count}项值都对",
        f"form, schema and {count} values are right",
        lenient="met",
        spans=_spans(judged),
        detail=judged.detail(),
    )


def _asked_lines(prompt: str, parameters: dict[str, Any]) -> str:
    lines = parameters.get("lines", [])
    if complaint := _asked_json(prompt, parameters):
        return complaint
    return next((fault for place, spec in enumerate(lines) for fault in spec_faults(spec, f"/{place}")), "")


def _loosen_lines(parameters: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for label, looser in loosen_spec({"list": parameters["lines"]}):
        yield label, {**parameters, "lines": looser.get("list") or looser["set"], "ordered": "list" in looser}


@check(asked=_asked_lines, loosen=_loosen_lines)
def json_lines(answer: str, *, lines: list[Json], ordered: bool = True) -> Verdict:
    """Met when every line that is not blank is one strict JSON value, and they match `lines`, one matcher each.

    In order, or by pairing without `ordered`. Leniently one fence around them is allowed, and type and
    spelling are forgiven.

    >>> json_lines('{"a": 1}\\n{"a": 2}', lines=[{"object": {"a": 1}}, {"object": {"a": 2}}]).outcome
    'met'
    """
    strict, fault = _read_lines(answer)
    fenced = _without_fence(answer)
    found, lenient_only = (strict, False) if not fault or fenced is None else (_read_lines(fenced)[0], True)
    if found is None:
        return fails(fault, "a line is not one JSON value", "no_json", lenient="not_met")
    matched = match({"list" if ordered else "set": lines}, found)
    lenient: Literal["met", "not_met"] = "met" if matched.lenient else "not_met"
    if not matched.strict:
        return fails(matched.reason, matched.reason_en, *matched.codes, lenient=lenient)
    if lenient_only:
        return fails("各行都对，但外面有围栏", "the lines are right, in a fence", "fence", lenient="met")
    return holds(f"{len(found)}行都对", f"all {len(found)} lines are right", lenient="met")


def _read_lines(text: str) -> tuple[list[Json] | None, str]:
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            value, fault = parse_strict(line)
            if fault:
                return None, f"第{number}行：{DIAGNOSTICS.get(fault, fault)}"
            values.append(value)
    return (values, "") if values else (None, "没有 JSON")


def _without_fence(text: str) -> str | None:
    lines = text.strip().split("\n")
    if len(lines) > 2 and lines[0].startswith(("```", "~~~")) and lines[-1].strip() == lines[0][:3]:
        return "\n".join(lines[1:-1])
    return None


@check(
    asked=lambda prompt, parameters: (
        ""
        if names_number(prompt, int(parameters.get("exactly", 0)))
        else f"{parameters.get('exactly')} does not occur in the prompt"
    )
)
def json_length(answer: str, *, reply: Reply, pointer: str = "", exactly: int) -> Verdict:
    """Met when the array at `pointer` has exactly that many entries (an object: that many keys).

    >>> from zhprobe.records import Reply
    >>> json_length("[1, 2, 3]", exactly=3, reply=Reply("p", "i", "m")).outcome
    'met'
    """
    judged = judge_json(answer, finish_reason=reply.finish_reason)
    if not judged.reading.is_readable:
        return _unreadable(judged)
    value = find_pointer(judged.reading.value, pointer)
    if not isinstance(value, list | dict):
        return fails(
            f"{pointer or '整个值'}不是数组",
            f"{pointer or 'the value'} is no array",
            "value_mismatch",
            lenient="not_met",
        )
    reason, reason_en = f"共{len(value)}项，要求{exactly}项", f"{len(value)} entries, asked for {exactly}"
    if len(value) == exactly:
        return holds(reason, reason_en, lenient="met")
    return fails(reason, reason_en, "value_mismatch", lenient="not_met")
