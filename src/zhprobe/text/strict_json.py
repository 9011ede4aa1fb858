"""JSON in a reply: strict, fenced, among other words, or only after repair; each is a tier of its own.

    J4   the reply is one strict JSON value
    J3   one fenced block with one strict value, or J4 apart from a byte-order mark
    J2   exactly one strict object or array among other text
    J2m  several of them
    J1a  no strict value, but a repair that keeps every character of content yields one
    J1b  only a repair that loses or invents content yields one
    J0d  strict apart from a key that stands twice
    J0   none of these

Repair is a measurement, never a help: it invents "" for a cut value and drops the % of 25%.
"""

from __future__ import annotations

import json
import math
from typing import Any, Literal

import msgspec
import regex

from zhprobe.text.call_syntax import MAX_DEPTH, decode_at
from zhprobe.text.reasoning import part_reasoning

Tier = Literal["J4", "J3", "J2", "J2m", "J1a", "J1b", "J0d", "J0"]
READABLE: tuple[Tier, ...] = ("J4", "J3", "J2")

BOM = "\ufeff"
WHITE = " \t\n\r"  # RFC 8259
_FENCE = regex.compile(r"(`{3,}|~{3,})[ \t]*([^\n`]*)\n(.*?)\n?[ \t]*\1[ \t]*", regex.DOTALL)
_OPEN_JSON = regex.compile(
    r"\{\s*[\"'“”}]|\{\s*[\p{L}_][^{}\n]{0,60}?[:：]|\[\s*[\"'“”\[\]{0-9tfnTFN-]|[｛［]"
)
_PAIRS = {"{": "}", "[": "]"}
_MOST_TRIES = 400  # brackets tried in one reply
LONGEST_REPAIR = 40_000  # characters; the repair library takes quadratic time on hostile text


class Reading(msgspec.Struct, frozen=True):
    """What was found in a reply. `value` means nothing where `tier` is J0 or J0d.

    `span` is the place of the JSON text in the reply, `extra_text` how many characters stand around it.
    """

    tier: Tier
    value: Any = None
    diagnostics: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    extra_text: int = 0
    language: str = ""  # of the fence

    @property
    def is_readable(self) -> bool:
        """Whether a strict value stands in the reply."""
        return self.tier in READABLE

    @property
    def is_recoverable(self) -> bool:
        """Whether a value can be had without loss."""
        return self.tier in (*READABLE, "J1a")

    def fits_wrapper(self, wrapper: str) -> bool:
        """Whether the form is the one asked for: none, fence or either."""
        fenced = self.tier == "J3" and "fence" in self.diagnostics
        return (self.tier == "J4" and wrapper in ("none", "either")) or (
            fenced and wrapper in ("fence", "either")
        )


class _Strict(msgspec.Struct, frozen=True):
    value: Any
    end: int
    fault: str  # '', duplicate_key or unencodable


def _strict_at(text: str, place: int) -> _Strict | None:
    found = decode_at(text, place)
    if found is None:
        return None
    value, end, problems = found
    if nesting(value) > MAX_DEPTH:
        return None
    fault = problems[0] if problems else ""
    return _Strict(value, end, fault or ("" if is_sound(value) else "unencodable"))


def is_sound(value: Any) -> bool:
    """Tell whether a value holds only finite numbers and text that can be written as UTF-8.

    >>> is_sound([1, "好"]), is_sound(float("inf")), is_sound("\\ud83d")
    (True, False, False)
    """
    layer = [value]
    while layer:
        found = layer.pop()
        if isinstance(found, dict):
            layer.extend(found)
            layer.extend(found.values())
        elif isinstance(found, list):
            layer.extend(found)
        elif isinstance(found, float):
            if not math.isfinite(found):
                return False
        elif isinstance(found, str) and not _is_encodable(found):
            return False
    return True


def nesting(value: Any) -> int:
    """How deep objects and arrays are nested.

    >>> nesting(5), nesting([{"a": []}])
    (0, 3)
    """
    level, layer = 0, [value]
    while layer := [inner for inner in layer if isinstance(inner, dict | list)]:
        level += 1
        layer = [part for inner in layer for part in (inner.values() if isinstance(inner, dict) else inner)]
    return level


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_strict(text: str) -> tuple[Any, str]:
    """One strict JSON value and nothing else: the value and '', or None and a code.

    >>> parse_strict('{"a": 1}'), parse_strict('{"a": 1, "a": 2}')[1], parse_strict("[NaN]")[1]
    (({'a': 1}, ''), 'duplicate_key', 'no_json')
    """
    stripped = text.strip(WHITE)
    found = _strict_at(stripped, 0)
    if found is None or found.end != len(stripped):
        return None, "no_json"
    return (None, found.fault) if found.fault else (found.value, "")


def read_json(reply: str, finish_reason: str = "") -> Reading:
    """The JSON of a reply, with its tier and what was wrong with its form.

    >>> read_json('{"城市":"北京"}').tier, read_json('好的：{"城市":"北京"}').tier, read_json("{'城市':'北京'}").tier
    ('J4', 'J2', 'J1a')
    """
    parted = part_reasoning(reply)
    notes = ("reasoning_removed",) if parted.removed else ()
    if not parted.visible.strip(WHITE):
        code = "truncated" if finish_reason == "length" else "empty"
        return Reading("J0", diagnostics=(*notes, "no_json", code))
    found = _read_visible(parted.visible)
    return msgspec.structs.replace(found, diagnostics=(*notes, *found.diagnostics)) if notes else found


def _read_visible(text: str) -> Reading:
    start = len(text) - len(text.lstrip(WHITE))
    body = text.strip(WHITE)
    whole = _strict_at(body, 0)
    if whole and whole.end == len(body):
        if whole.fault:
            return Reading("J0d" if whole.fault == "duplicate_key" else "J0", diagnostics=(whole.fault,))
        return Reading("J4", whole.value, span=(start, start + len(body)))
    if body.startswith(BOM):
        value, fault = parse_strict(body[1:])
        if not fault:
            return Reading("J3", value, ("bom",), (start + 1, start + len(body)))
    if fence := _FENCE.fullmatch(body):
        value, fault = parse_strict(fence[3])
        if not fault:
            span = (start + fence.start(3), start + fence.end(3))
            return Reading("J3", value, ("fence",), span, language=fence[2].strip())
        if fault == "duplicate_key":
            return Reading("J0d", diagnostics=("fence", "duplicate_key"))
    return _cut_out(body, start)


def _cut_out(body: str, start: int) -> Reading:
    """Strict objects and arrays among other text; else repair of the one region that looks like JSON."""
    strict, broken, duplicate = _regions(body)
    if len(strict) == 1 and not duplicate:
        place, found = strict[0]
        around = len(body) - (found.end - place)
        return Reading("J2", found.value, ("extra_text",), (start + place, start + found.end), around)
    if len(strict) > 1:
        return Reading("J2m", [found.value for _, found in strict], ("multiple_values",))
    if duplicate:
        return Reading("J0d", diagnostics=("extra_text", "duplicate_key"))
    if not broken:
        return Reading("J0", diagnostics=("no_json",))
    first, last = broken[0] if len(broken) == 1 else (broken[0][0], broken[-1][1])
    extra = len(body) - (last - first)
    found_by_repair = repair_json(body[first:last])
    notes = (*found_by_repair.diagnostics, "extra_text") if extra else found_by_repair.diagnostics
    return msgspec.structs.replace(
        found_by_repair, diagnostics=notes, span=(start + first, start + last), extra_text=extra
    )


def _regions(body: str) -> tuple[list[tuple[int, _Strict]], list[tuple[int, int]], bool]:
    """Strict values at the outermost level, broken regions that look like JSON, whether a key stood twice."""
    strict: list[tuple[int, _Strict]] = []
    broken: list[tuple[int, int]] = []
    duplicate = False
    place = tries = 0
    while place < len(body) and tries < _MOST_TRIES:
        if body[place] not in "{[｛［":
            place += 1
            continue
        tries += 1
        found = _strict_at(body, place) if body[place] in "{[" else None
        if found is not None:
            if not found.fault:
                strict.append((place, found))
            elif found.fault == "duplicate_key":
                duplicate = True
            else:
                broken.append((place, found.end))
            place = found.end
        elif _OPEN_JSON.match(body, place):
            end = _closing(body, place)
            broken.append((place, end))
            place = end
        else:
            place += 1
    return strict, broken, duplicate


def _closing(body: str, place: int) -> int:
    """Where a region that opens at a bracket ends: after its partner, or at the end of the reply."""
    depth, quoted, escaped = 0, False, False
    for at in range(place, len(body)):
        sign = body[at]
        if escaped or sign == "\\":
            escaped = not escaped
        elif sign == '"':
            quoted = not quoted
        elif sign in "{[｛［" and not quoted:
            depth += 1
        elif sign in "}]｝］" and not quoted:
            depth -= 1
            if depth == 0:
                return at + 1
    # quotation marks may be what is broken: count brackets alone
    depth = 0
    for at in range(place, len(body)):
        depth += (body[at] in "{[｛［") - (body[at] in "}]｝］")
        if depth == 0:
            return at + 1
    return len(body.rstrip().removesuffix("```").rstrip())


# -- repair ---------------------------------------------------------------------------------------

_STRUCTURE = dict(zip("｛｝［］：，、０１２３４５６７８９", "{}[]:,,0123456789", strict=True))


def fold_structure(text: str) -> str:
    """Full-width brackets, colons, commas, digits and curly quotes as ASCII, outside quoted strings only.

    >>> fold_structure('｛“城市”：“北京，南京”、"温度"：５｝')
    '{"城市":"北京，南京","温度":5}'
    """
    out: list[str] = []
    place = 0
    while place < len(text):
        sign = text[place]
        if sign == '"':
            end = place + 1
            while end < len(text) and text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            out.append(text[place : end + 1])
            place = end + 1
        elif sign in "“”":
            end, depth = place + 1, 1
            while end < len(text) and depth:
                depth += (text[end] == "“") - (text[end] == "”")
                end += 1
            if depth:
                out.append('"')
                place += 1
            else:
                inner = text[place + 1 : end - 1]
                out.append('"' + regex.sub(r'(?<!\\)"', r'\\"', inner) + '"')
                place = end
        else:
            out.append(_STRUCTURE.get(sign, sign))
            place += 1
    return "".join(out)


def repair_json(text: str) -> Reading:
    """The best tier a repair reaches: J1a where nothing is lost, J1b, or J0.

    >>> repair_json("{'城市':'北京',}").tier, repair_json('{"比例":25%}').tier, repair_json("北京").tier
    ('J1a', 'J1b', 'J0')
    """
    folded = fold_structure(text)
    if folded != text:
        value, fault = parse_strict(folded)
        if not fault and isinstance(value, dict | list):
            return Reading("J1a", value, ("fullwidth_structure",))
        if fault == "duplicate_key":
            return Reading("J0d", diagnostics=("fullwidth_structure", "duplicate_key"))
    if len(folded) > LONGEST_REPAIR or _bracket_depth(folded) > MAX_DEPTH:
        return Reading("J0", diagnostics=("no_json",))
    value = _repaired(folded)
    if not isinstance(value, dict | list) or not value:
        return Reading("J0", diagnostics=("no_json",))
    if nesting(value) > MAX_DEPTH:
        return Reading("J0", diagnostics=("no_json",))
    if not is_sound(value) or regex.search(r"[:\[,]\s*(?:NaN|-?Infinity)\s*[,}\]]", folded):
        return Reading("J0", diagnostics=("nonfinite",))
    balanced = all(folded.count(a) == folded.count(b) for a, b in _PAIRS.items())
    kept = content_of(folded) == leaves_of(value)
    invented = _empty_strings(value) > len(_EMPTY.findall(folded))
    if balanced and kept and not invented:
        return Reading("J1a", value, ("repaired",))
    if balanced:
        return Reading("J1b", value, ("repaired_lossy",))
    return Reading("J1b", value, ("repaired" if kept else "repaired_lossy", "unbalanced"))


def _bracket_depth(text: str) -> int:
    """The deepest place by brackets alone."""
    depth = deepest = 0
    for sign in text:
        depth += (sign in "{[") - (sign in "}]")
        deepest = max(deepest, depth)
    return deepest


def _repaired(text: str) -> Any:
    """What the repair library makes of a text; it may raise, and then nothing is made."""
    from json_repair import repair_json as mend  # loaded only where a reply is broken

    try:
        return mend(text, return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError, KeyError, TypeError, AttributeError, OverflowError):
        return None


_EMPTY = regex.compile(r"\"\"|''|“”|‘’")
_NO_CONTENT = regex.compile(r"[\s\"'“”‘’{}\[\]:,，：、\\`]+")


def _bare(text: str) -> str:
    return str(_NO_CONTENT.sub("", text)).lower().replace("none", "null")


def _empty_strings(value: Any) -> int:
    """How many empty strings stand in a value: a repair puts one where nothing was."""
    if isinstance(value, dict):
        return sum((key == "") + _empty_strings(inner) for key, inner in value.items())
    return sum(map(_empty_strings, value)) if isinstance(value, list) else int(value == "")


def content_of(source: str) -> str:
    """All that a JSON text says, without its structure."""
    return _bare(source)


def leaves_of(value: Any) -> str:
    """All keys and scalars of a value, in order, written as in the source.

    >>> leaves_of({"a": [1, True, None]}) == content_of("{'a': [1, True, None]}")
    True
    """
    if isinstance(value, dict):
        return "".join(_bare(str(key)) + leaves_of(inner) for key, inner in value.items())
    if isinstance(value, list):
        return "".join(map(leaves_of, value))
    if isinstance(value, str):
        return _bare(value)
    return _bare(json.dumps(value))
