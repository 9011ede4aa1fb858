"""Probe files: TOML to Probe, and what is wrong with a file, said so that its author can mend it.

One file is one probe. A broken file never hides the others: `load_probes` gives what could be read
and every fault with file, item, field and remedy.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from zhprobe.checks import registry as checks
from zhprobe.errors import UserError, UserErrors, did_you_mean
from zhprobe.families import registry as families
from zhprobe.files import digest
from zhprobe.records import Criterion, Item, Probe, Specimen

CAPABILITY_FILE = "capability.toml"  # beside the probes: titles and rows of a capability
REVIEW_FILE = "reviews.toml"  # beside the probes: what reviewers signed

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
_SLOT = re.compile(r"\{\{(?P<literal>[A-Za-z_]\w*)\}\}|(?<!\{)\{(?P<slot>[a-z_][a-z0-9_]*)\}(?!\})", re.ASCII)

# Fields an item may take from the top of its file.
_SHARED = (
    "turns tools schema reference row difficulty difficulty_reason asof tags native_checked reviewed expect "
    "group control_kind"
).split()
_ITEM_FIELDS = frozenset(
    (
        "id slots prompt messages turns tools schema reference control control_kind respelling role group row "
        "difficulty difficulty_reason asof tags native_checked reviewed expect criterion criteria specimen twins"
    ).split()
)
_PROBE_FIELDS = frozenset(
    (
        "id version asks source licence canary chance prompt messages slots criterion item specimen generate"
    ).split()
    + list(_SHARED)
)
# Fields that a specification names for its own capability; they travel in Item.extra.
_EXTRA_FIELDS = frozenset(
    "world worlds poem fault wrong_answers intended accept reject notes gold lexicon readings domain register "
    "speaker statutes facts_required facts_forbidden behaviour variants max_turns max_steps parallel_required "
    "expect_any aliases references confidence rests_on chance_level orthography spellings".split()
)


class Loaded(msgspec.Struct, frozen=True):
    """What a look through probe folders gave."""

    probes: tuple[Probe, ...]
    faults: tuple[UserError, ...]

    def sound(self) -> tuple[Probe, ...]:
        """The probes, or all faults at once when there is any."""
        if self.faults:
            raise UserErrors(self.faults)
        return self.probes


def packaged_folder() -> Path:
    """The folder of the probes that come with the package."""
    inside = Path(str(resources.files("zhprobe"))) / "_probes"
    return inside if inside.is_dir() else Path(__file__).resolve().parents[2] / "probes"


def load_probes(folders: Iterable[Path] = (), *, packaged: bool = True, only: Collection[str] = ()) -> Loaded:
    """All probes of the package and of the folders given, sorted by id, with every fault found.

    Ids must be unique over all folders; the same probe word for word (a copy of the package's) counts once. A folder that does not exist is a UserError at once. `only` names
    the package's capabilities that are wanted (all when empty): the others are not read.
    """
    roots = ([packaged_folder()] if packaged else []) + [Path(folder) for folder in folders]
    probes: dict[str, Probe] = {}
    files: dict[str, Path] = {}
    faults: list[UserError] = []
    for root in roots:
        if not root.is_dir():
            raise UserError(str(root), "there is no such folder of probes", "Check --probes.")
        for path in sorted(root.rglob("*.toml")):
            if path.name in (CAPABILITY_FILE, REVIEW_FILE):
                continue
            if only and packaged and root is roots[0] and path.relative_to(root).parts[0] not in only:
                continue
            try:
                probe = load_probe(path, root)
            except UserError as error:
                faults.extend(error.faults if isinstance(error, UserErrors) else [error])
                continue
            if probe.id in probes:
                other = files[probe.id]
                same_file = other.resolve() == path.resolve()
                if not same_file and (probe.digest != probes[probe.id].digest or other.is_relative_to(root)):
                    fault = f"the id '{probe.id}' stands in {other} too"
                    faults.append(UserError(str(path), fault, "Give one of the two probes another id."))
                continue
            probes[probe.id] = probe
            files[probe.id] = path
    return Loaded(tuple(probes[key] for key in sorted(probes)), tuple(faults))


def shown(path: Path, root: Path) -> str:
    """A probe file's path as people say it: of the package's own from `probes/` on, of others as it is."""
    own = path.is_relative_to(root) and root.resolve() == packaged_folder().resolve()
    return f"probes/{path.relative_to(root).as_posix()}" if own else str(path)


def load_probe(path: Path, root: Path | None = None) -> Probe:
    """One probe file. All faults of the file are raised together as UserErrors."""
    where = shown(path, root or path.parent.parent)
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UserError(where, f"not UTF-8 (byte {error.start})", "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(where, f"not TOML: {error}", "Look at the line named.") from error
    return apply_reviews(_Reader(path, where).probe(data), path.with_name(REVIEW_FILE))


def apply_reviews(probe: Probe, path: Path) -> Probe:
    """Mark the items that readers have signed in their present wording (`reviews.toml`, see grading.review).

    Signed is natural and understood as meant by one reader, and by no other reader said to be neither. Another
    wording has another digest, so a changed item is unchecked again.
    """
    if not path.is_file():
        return probe
    try:
        records = tomllib.loads(path.read_text(encoding="utf-8")).get("review", [])
        said: dict[tuple[str, str, str], set[bool]] = {}
        for record in records:
            key = (str(record["item"]), str(record["digest"]), str(record.get("kind", "native")))
            codes = {str(record.get("natural", "")), str(record.get("understood", ""))}
            if codes == {"1"} or "0" in codes:
                said.setdefault(key, set()).add("0" not in codes)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UserError(str(path), f"this file cannot be read: {error}", "Restore it from a copy.") from error
    items = []
    for item in probe.items:
        native, expert = (said.get((item.key, item.digest, kind)) == {True} for kind in ("native", "expert"))
        if native or expert:
            item = msgspec.structs.replace(
                item, native_checked=item.native_checked or native, reviewed=item.reviewed or expert
            )
        items.append(item)
    return msgspec.structs.replace(probe, items=tuple(items))


def fill(text: str, slots: dict[str, Any], where: str) -> str:
    """Put slot values where `{name}` stands; `{{name}}` gives the braces themselves.

    >>> fill("以“{topic}”为题，{{x}}", {"topic": "秋江"}, "")
    '以“秋江”为题，{x}'
    """

    def value(match: re.Match[str]) -> str:
        if (literal := match["literal"]) is not None:
            return "{" + literal + "}"
        name = match["slot"]
        if name not in slots:
            fix = (
                did_you_mean(name, slots)
                or f"Give slots.{name} a value, or write {{{{{name}}}}} for the braces."
            )
            raise UserError(where, f"the slot '{name}' has no value", fix)
        found = slots[name]
        return "、".join(map(str, found)) if isinstance(found, list) else str(found)

    return _SLOT.sub(value, text)


def resolve(value: Any, slots: dict[str, Any], expect: dict[str, Any], where: str) -> Any:
    """Replace `{ slot = "x" }` and `{ expect = "x" }` in check parameters by the item's typed value."""
    if isinstance(value, dict):
        if len(value) == 1:
            (kind, name), *_ = value.items()
            source = {"slot": slots, "expect": expect}.get(kind)
            if source is not None and isinstance(name, str):
                if name not in source:
                    fix = (
                        did_you_mean(name, source) or f"Give {kind}s.{name} a value."
                        if kind == "slot"
                        else ""
                    )
                    raise UserError(where, f"the {kind} '{name}' has no value", fix)
                return source[name]
        return {key: resolve(inner, slots, expect, where) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner, slots, expect, where) for inner in value]
    return value


def changed(first: dict[str, Any], entry: dict[str, Any], where: str) -> dict[str, Any]:
    """A near miss told as a change of the item's first specimen: `change = { "old words" = "new words" }`.

    >>> changed({"answer": "三年内起诉"}, {"change": {"三年": "两年"}, "verdicts": {"term": "not_met"}}, "")
    {'verdicts': {'term': 'not_met'}, 'answer': '两年内起诉'}
    """
    entry = dict(entry)
    answer = str(first.get("answer", ""))
    for old, new in entry.pop("change").items():
        if old not in answer:
            raise UserError(
                where, f"the first specimen does not hold '{old}'", "Copy the words to change exactly."
            )
        answer = answer.replace(old, str(new))
    return entry | {"answer": answer}


class _Reader:
    """Reads one file and gathers its faults."""

    def __init__(self, path: Path, where: str) -> None:
        self.path = path
        self.where = where
        self.faults: list[UserError] = []

    def fault(self, what: str, fix: str = "", item: str = "") -> None:
        self.faults.append(UserError(f"{self.where}, item {item}" if item else self.where, what, fix))

    def probe(self, data: dict[str, Any]) -> Probe:
        self.unknown(data, _PROBE_FIELDS | _EXTRA_FIELDS)
        for key in ("id", "version", "asks"):
            if key not in data:
                self.fault(f"the field '{key}' is missing", f"Add {key} = … at the top.")
        probe_id = str(data.get("id", ""))
        capability, _, name = probe_id.partition("/")
        if not _ID.match(capability) or not _ID.match(name):
            self.fault(
                f"the id '{probe_id}' is not of the form capability/name",
                "Use lower-case words: poetry/quatrain.",
            )
        tables = list(self.tables(data, "item"))
        for generate in self.tables(data, "generate"):
            tables.extend(self.generated(generate))
        placed: dict[str, list[Any]] = {}
        for specimen in self.tables(data, "specimen"):
            placed.setdefault(str(specimen.pop("item", "")), []).append(specimen)
        criteria = self.criteria(list(self.tables(data, "criterion")))
        items: list[Item] = []
        for table in tables:
            extra = placed.pop(str(table.get("id", "")), [])
            table["specimen"] = [*table.get("specimen", []), *extra]
            items.extend(self.item(table, data, criteria, probe_id))
        for orphan in placed:
            self.fault(
                f"a specimen names the item '{orphan}', which is not here",
                did_you_mean(orphan, [i.id for i in items]),
            )
        self.links(items)
        if not items and not self.faults:
            self.fault("there is no item", "Add an [[item]] or a [[generate]].")
        if self.faults:
            raise UserErrors(self.faults)
        try:
            probe = Probe(
                id=probe_id,
                capability=capability,
                asks=data["asks"],
                version=data["version"],
                items=tuple(items),
                source=data.get("source", ""),
                licence=data.get("licence", ""),
                canary=data.get("canary", ""),
                prompt=data.get("prompt", ""),
                chance=float(data.get("chance", 0.0)),
                tags=tuple(data.get("tags", ())),
                path=self.where,
                digest=digest([probe_id, data["version"], [item.digest for item in items]]),
            )
            return msgspec.convert(msgspec.to_builtins(probe), Probe)
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            raise UserError(self.where, str(error), "Give the field the type it names.") from error

    def unknown(self, table: dict[str, Any], known: Iterable[str], item: str = "") -> None:
        known = set(known)
        for key in table:
            if key not in known:
                self.fault(
                    f"unknown field '{key}'",
                    did_you_mean(key, known) or "probes/README.md lists the fields.",
                    item,
                )

    def tables(self, data: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
        found = data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self.fault(f"'{key}' must be tables", f"Write [[{key}]].")
            return
        for entry in found:
            yield dict(entry)

    def generated(self, table: dict[str, Any]) -> Iterator[dict[str, Any]]:
        self.unknown(table, ("family", "seeds", "params", "id"))
        name = str(table.get("family", ""))
        try:
            make = families.look_up(name, self.where)
            prefix = str(table.get("id", name.replace("_", "-")))
            for seed in table.get("seeds", []):
                made = dict(make(int(seed), **table.get("params", {})))
                yield made | {"id": f"{prefix}-{seed}", "_family": name, "_seed": int(seed)}
        except UserError as error:
            self.faults.append(error)
        except TypeError as error:
            self.fault(f"family '{name}': {error}", "Look at its parameters.")

    def criteria(self, tables: Sequence[dict[str, Any]], item: str = "") -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for table in tables:
            key = str(table.get("id", ""))
            if not re.match(r"[a-z][a-z0-9_]{1,31}\Z", key):
                self.fault(f"criterion id '{key}' must be 2 to 32 of a–z, 0–9, _", "Rename it.", item)
            if key in found:
                self.fault(f"two criteria have the id '{key}'", "Rename one.", item)
            self.unknown(table, Criterion.__struct_fields__, item)
            if "text" not in table:
                self.fault(
                    f"criterion '{key}' has no text",
                    "Say in one Chinese sentence what the answer must do.",
                    item,
                )
            found[key] = table
        return found

    def item(
        self, table: dict[str, Any], data: dict[str, Any], criteria: dict[str, dict[str, Any]], probe: str
    ) -> Iterator[Item]:
        name = str(table.get("id", ""))
        family, seed = str(table.pop("_family", "")), table.pop("_seed", None)
        if not _ID.match(name):
            self.fault(f"the item id '{name}' must be lower-case letters, digits, - _ .", "Rename it.", name)
        self.unknown(table, _ITEM_FIELDS | _EXTRA_FIELDS, name)
        try:
            built = self.build(table, data, criteria, probe, family, seed)
        except UserError as error:
            self.faults.append(error)
            return
        twins = []
        for number, twin in enumerate(table.get("twins", []), start=1):
            role = str(twin.get("role", "twin"))
            merged = {
                k: v for k, v in table.items() if k not in ("twins", "specimen", "control", "respelling")
            }
            merged |= {
                "id": f"{name}.{role}" if role != "twin" else f"{name}.twin{number if number > 1 else ''}"
            }
            merged |= twin | {"role": role, "group": built.group or name}
            merged["slots"] = {**table.get("slots", {}), **twin.get("slots", {})}
            if role == "respelling":
                merged.setdefault("respelling", name)
            if "prompt" in twin and "messages" not in twin:
                merged.pop("messages", None)
            self.unknown(twin, _ITEM_FIELDS | _EXTRA_FIELDS, name)
            try:
                twins.append(self.build(merged, data, criteria, probe, family, seed))
            except UserError as error:
                self.faults.append(error)
        if twins:
            control = next((t.id for t in twins if t.role == "control"), built.control)
            built = msgspec.structs.replace(built, group=built.group or name, control=control)
            built = msgspec.structs.replace(built, digest=item_digest(built))
        yield built
        yield from twins

    def build(
        self,
        table: dict[str, Any],
        data: dict[str, Any],
        criteria: dict[str, dict[str, Any]],
        probe: str,
        family: str,
        seed: int | None,
    ) -> Item:
        name = str(table["id"])
        where = f"{self.where}, item {name}"
        merged = {key: data[key] for key in (*_SHARED, *_EXTRA_FIELDS) if key in data} | table
        slots = {**data.get("slots", {}), **table.get("slots", {})}
        expect = merged.get("expect", {})
        messages = self.messages(table, data, slots, where)
        own = "prompt" in table or "messages" in table
        wanted = table.get("criteria")
        chosen = {k: v for k, v in criteria.items() if wanted is None or k in wanted}
        for key in wanted or ():
            if key not in criteria:
                self.fault(f"there is no criterion '{key}'", did_you_mean(key, criteria), name)
        chosen |= self.criteria(list(self.tables(table, "criterion")), name)
        built = tuple(self.criterion(entry, slots, expect, where) for entry in chosen.values())
        item = Item(
            probe=probe,
            id=name,
            messages=tuple(messages),
            criteria=built,
            turns=tuple(self.filled(merged.get("turns", []), slots, where)),
            tools=tuple(self.sidecar(merged.get("tools", []), "tools", where)),
            schema=self.sidecar(merged.get("schema"), "schema", where),
            reference=fill(merged["reference"], slots, where).strip() if "reference" in merged else "",
            control=merged.get("control", ""),
            control_kind=merged.get("control_kind", ""),
            respelling=merged.get("respelling", ""),
            role=merged.get("role", "item"),
            group=merged.get("group", ""),
            row=merged.get("row", ""),
            difficulty=merged.get("difficulty"),
            difficulty_reason=merged.get("difficulty_reason", ""),
            asof=str(merged.get("asof", "")),
            tags=(*data.get("tags", ()), *table.get("tags", ())),
            native_checked=merged.get("native_checked", False),
            reviewed=merged.get("reviewed", False),
            slots=slots,
            expect=expect,
            specimens=tuple(self.specimens(table, where)),
            frame=f"family:{family}" if family else "" if own else "probe",
            family=family,
            seed=seed,
            extra={key: merged[key] for key in _EXTRA_FIELDS if key in merged},
        )
        try:
            item = msgspec.convert(msgspec.to_builtins(item), Item)
        except msgspec.ValidationError as error:
            raise UserError(where, str(error), "Give the field the type it names.") from error
        return msgspec.structs.replace(item, digest=item_digest(item))

    def messages(
        self, table: dict[str, Any], data: dict[str, Any], slots: dict[str, Any], where: str
    ) -> list[dict[str, Any]]:
        source = table if "prompt" in table or "messages" in table else data
        if "messages" in source:
            return list(self.filled(source["messages"], slots, where))
        if "prompt" not in source:
            raise UserError(
                where, "there is no prompt", "Add prompt = … to the item or to the top of the file."
            )
        return [{"role": "user", "content": fill(str(source["prompt"]), slots, where).strip()}]

    def filled(self, value: Any, slots: dict[str, Any], where: str) -> Any:
        if isinstance(value, str):
            return fill(value, slots, where)
        if isinstance(value, list):
            return [self.filled(inner, slots, where) for inner in value]
        if isinstance(value, dict):
            return {key: self.filled(inner, slots, where) for key, inner in value.items()}
        return value

    def sidecar(self, value: Any, kind: str, where: str) -> Any:
        if not isinstance(value, str):
            return value
        path = (self.path.parent / value).resolve()
        if not path.is_relative_to(self.path.parent.resolve()):
            raise UserError(
                where, f"{kind} = '{value}' lies outside the folder of the probe", "Put the file beside it."
            )
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except OSError:
            raise UserError(where, f"there is no file '{value}' beside the probe", f"Check {kind}.") from None
        except ValueError as error:
            raise UserError(f"{where}, {value}", f"not JSON: {error}", "Mend the file.") from error

    def criterion(
        self, table: dict[str, Any], slots: dict[str, Any], expect: dict[str, Any], where: str
    ) -> Criterion:
        table = dict(table)
        if "text" in table:
            table["text"] = fill(str(table["text"]), slots, where)
        if "check" in table:
            table.setdefault("kind", "check")
            check = resolve(table["check"], slots, expect, f"{where}, criterion {table.get('id')}")
            if not isinstance(check, dict) or len(check) != 1:
                raise UserError(
                    where,
                    f"criterion '{table.get('id')}': check must name one check",
                    "Write check = { name = { … } }.",
                )
            (check_name, parameters), *_ = check.items()
            checks.checked_parameters(check_name, parameters, f"{where}, criterion {table.get('id')}")
            table["check"] = check
        try:
            found = msgspec.convert(table, Criterion)
        except msgspec.ValidationError as error:
            raise UserError(f"{where}, criterion {table.get('id')}", str(error), "Mend the field.") from error
        if found.kind == "check" and not found.check:
            raise UserError(
                where, f"criterion '{found.id}' is of kind check and names none", "Add check = { … }."
            )
        return found

    def specimens(self, table: dict[str, Any], where: str) -> Iterator[Specimen]:
        first: dict[str, Any] = next((e for e in table.get("specimen", []) if "change" not in e), {})
        for number, entry in enumerate(table.get("specimen", []), start=1):
            entry = dict(entry)
            if "change" in entry:
                entry = {**first, "verdicts": {}, "note": ""} | changed(
                    first, entry, f"{where}, specimen {number}"
                )
            calls = []
            for call in entry.get("tool_calls", []):
                arguments = call.get("arguments", "{}")
                text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
                calls.append({**call, "arguments": text})
            if calls:
                entry["tool_calls"] = calls
            try:
                yield msgspec.convert(entry, Specimen)
            except msgspec.ValidationError as error:
                raise UserError(f"{where}, specimen {number}", str(error), "Mend the specimen.") from error

    def links(self, items: Sequence[Item]) -> None:
        seen: set[str] = set()
        for item in items:
            if item.id in seen:
                self.fault("the item id stands twice", "Rename one.", item.id)
            seen.add(item.id)
        for item in items:
            for kind in ("control", "respelling"):
                target = getattr(item, kind)
                if target and target not in seen:
                    self.fault(
                        f"its {kind} '{target}' is not in this file", did_you_mean(target, seen), item.id
                    )
            ids = {criterion.id: criterion for criterion in item.criteria}
            for specimen in item.specimens:
                for key, verdict in specimen.verdicts.items():
                    if key not in ids:
                        self.fault(
                            f"a specimen names the criterion '{key}'",
                            did_you_mean(key, ids) or "It has none such.",
                            item.id,
                        )
                    elif isinstance(verdict, str) and verdict not in ("met", "not_met", "na", "unsure"):
                        self.fault(
                            f"a specimen has the verdict '{verdict}'",
                            "Use met, not_met, na, unsure or a level.",
                            item.id,
                        )


def item_digest(item: Item) -> str:
    """Digest of all that could move a score of the item: what is asked, and what is checked."""
    return digest(
        [
            list(item.messages),
            list(item.turns),
            list(item.tools),
            item.schema,
            [msgspec.to_builtins(criterion) for criterion in item.criteria],
            item.expect,
            item.reference,
            item.asof,
            item.extra,
        ]
    )


def capability_table(capability: str, folders: Iterable[Path] = ()) -> dict[str, Any]:
    """What `capability.toml` says of a capability (titles, rows), or an empty table."""
    for root in (packaged_folder(), *folders):
        path = root / capability / CAPABILITY_FILE
        if path.is_file():
            return tomllib.loads(path.read_text(encoding="utf-8"))
    return {}


def fresh_items(probes: Iterable[Probe], seed: int) -> list[Probe]:
    """The probes with every generated item drawn anew from `seed`, and nothing else (`--fresh SEED`).

    Item k of a family gets the seed `seed + k`, so that all models of a comparison share the variants.
    Seeds below 1,000 are the public set and are refused.
    """
    if seed < 1000:
        raise UserError("--fresh", f"seed {seed} lies in the public set", "Use a seed of 1000 or more.")
    made = []
    for probe in probes:
        path = Path(probe.path)
        source = _fresh_source(probe)
        if source is None:
            continue
        data, file = source
        offset = 0
        for generate in data["generate"]:
            count = len(generate.get("seeds", []))
            generate["seeds"] = [seed + offset + k for k in range(count)]
            offset += count
        data = {key: value for key, value in data.items() if key not in ("item", "specimen")}
        made.append(_Reader(file, str(path)).probe(data))
    return made


def _fresh_source(probe: Probe) -> tuple[dict[str, Any], Path] | None:
    file = (
        packaged_folder() / Path(probe.path).relative_to("probes")
        if probe.path.startswith("probes/")
        else Path(probe.path)
    )
    if not file.is_file():
        file = Path(probe.path)
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return (data, file) if data.get("generate") else None
