"""What probes and checks there are, as text for the terminal; and the verdict on probe files."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from zhprobe.checks import registry
from zhprobe.errors import UserError, did_you_mean
from zhprobe.probes import Loaded, load_probes
from zhprobe.records import Item, Probe
from zhprobe.specimens import check_specimens, coverage, lint


def catalogue(loaded: Loaded, *, as_json: bool = False) -> str:
    """The probes by capability, with items and what each asks."""
    if as_json:
        rows = [
            {
                "id": probe.id,
                "version": probe.version,
                "digest": probe.digest,
                "items": sum(item.role == "item" for item in probe.items),
                "prompts": len(probe.items),
                "asks": probe.asks,
            }
            for probe in loaded.probes
        ]
        return json.dumps(rows, ensure_ascii=False, indent=2)
    lines = []
    for name, found in coverage(loaded.probes).items():
        lines.append(f"{name}: {found.items} items in {found.probes} probes")
        for probe in loaded.probes:
            if probe.capability == name:
                counted = sum(item.role == "item" for item in probe.items)
                lines.append(f"  {probe.id}@{probe.version}  {counted} items  {probe.asks}")
    return "\n".join(lines)


def find(loaded: Loaded, name: str) -> Probe | Item:
    """The probe or item of that name, or a UserError naming the nearest."""
    known: dict[str, Probe | Item] = {}
    for probe in loaded.probes:
        known[probe.id] = probe
        known.update((item.key, item) for item in probe.items)
    if name not in known:
        raise UserError(
            "",
            f"there is no probe or item '{name}'",
            did_you_mean(name, known) or "`zhprobe probes list` lists them.",
        )
    return known[name]


def show(loaded: Loaded, name: str, *, as_json: bool = False) -> str:
    """A probe or an item, whole: prompt, criteria, specimens."""
    found = find(loaded, name)
    if as_json:
        return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    if isinstance(found, Item):
        return _show_item(found)
    head = [f"{found.id}@{found.version}  {found.asks}", f"{found.path}  {found.licence}  {found.source}", ""]
    return "\n".join(head) + "\n\n".join(_show_item(item) for item in found.items)


def _show_item(item: Item) -> str:
    lines = [f"■ {item.key}  [{item.role}] difficulty {item.difficulty or '–'} {item.difficulty_reason}"]
    lines += [f"{m.get('role')}: {m.get('content')}" for m in item.messages]
    lines += [f"turn: {json.dumps(turn, ensure_ascii=False)}" for turn in item.turns]
    lines += [f"tool: {json.dumps(tool, ensure_ascii=False)}" for tool in item.tools]
    for criterion in item.criteria:
        how = json.dumps(criterion.check, ensure_ascii=False) if criterion.check else criterion.kind
        lines.append(f"  {criterion.points:+d} {criterion.id}: {criterion.text}  ({how})")
    for number, specimen in enumerate(item.specimens, start=1):
        lines.append(
            f"  specimen {number} ({specimen.origin}) {json.dumps(specimen.verdicts, ensure_ascii=False)}"
        )
        lines += [f"    {line}" for line in specimen.answer.splitlines()]
    return "\n".join(lines)


def chosen(probes: Iterable[Probe], names: Sequence[str]) -> list[Probe]:
    """The probes that the names select: capabilities or probe ids; all when there is no name."""
    everything = list(probes)
    found = [
        p
        for p in everything
        if not names or any(p.id == n or p.capability == n or p.id.startswith(n + "/") for n in names)
    ]
    if names and not found:
        known = [name for p in everything for name in (p.id, p.capability)]
        fix = did_you_mean(names[0], known) or "`zhprobe probes list` lists them."
        raise UserError("", f"no probe is called {', '.join(names)}", fix)
    return found


def check_all(
    folders: Iterable[Path], names: Sequence[str] = (), *, packaged: bool = True
) -> tuple[str, bool]:
    """Load, lint and try the probes; the report as text, and whether all is sound."""
    folders = list(folders)
    if not packaged and not folders:
        raise UserError(
            "--only", "no folder is given", "Name it: zhprobe probes check --only --probes FOLDER"
        )
    loaded = load_probes(folders, packaged=packaged)
    lines = [f"✗ {fault}" for fault in loaded.faults if not names or any(n in fault.where for n in names)]
    probes = chosen(loaded.probes, names) if loaded.probes or not lines else []
    specimens = 0
    for probe in probes:
        lines += [f"✗ {fault}" for fault in lint(probe)]
        lines += [f"✗ {mismatch}" for mismatch in check_specimens(probe)]
        specimens += sum(len(item.specimens) for item in probe.items)
    sound = not lines
    for name, found in coverage(probes).items():
        levels = " ".join(f"{level}:{count}" for level, count in found.levels.items())
        lines.append(
            f"{name}: {found.items} items in {found.probes} probes; own prompts {found.own_prompts}; difficulty {levels}; "
            f"answered unaided {found.unaided}; native-checked {found.native_checked}; reviewed {found.reviewed}"
        )
        lines += (
            [f"  over a limit of the suite: {fault}" for fault in found.faults()]
            if packaged and not names
            else []
        )
    lines.append(f"{'✓' if sound else '✗'} {len(probes)} probes, {specimens} specimens tried")
    return "\n".join(lines), sound


def list_checks(name: str | None = None, *, as_json: bool = False) -> str:
    """All checks with the first line of their description, or one in full."""
    if name is not None:
        found = registry.look_up(name)
        signature = str(inspect.signature(found.function)).replace("zhprobe.records.", "")
        return f"{name}{signature}\n\n{inspect.getdoc(found.function)}"
    table = registry.all_checks()
    if as_json:
        return json.dumps({key: found.summary for key, found in table.items()}, ensure_ascii=False, indent=2)
    width = max(map(len, table), default=0)
    return "\n".join(f"{key:<{width}}  {found.summary}" for key, found in table.items())


_NEW = '''id = "{name}"
version = 1
asks = "What does this probe find out? One question."
source = "Written by hand."
licence = "CC-BY-4.0"
prompt = """请用一句话介绍“{{topic}}”，不超过二十个汉字，只数汉字，标点不算。只写这一句。"""

[[criterion]]
id = "short"
text = "不超过二十个汉字"
points = 1
check = {{ length_total = {{ unit = "han", max = 20, min = 1 }} }}

[[item]]
id = "lake"
slots = {{ topic = "西湖" }}
difficulty = 1
difficulty_reason = "一句话的长度限制"

[[item.specimen]]
answer = "西湖在杭州城西，三面环山，四季宜游。"

[[item.specimen]]      # a near miss: too long
answer = "西湖位于浙江省杭州市的西边，三面环山，一年四季都有很多游客前来游览观赏。"
verdicts = {{ short = "not_met" }}
'''


def new_probe(name: str, folder: Path) -> Path:
    """Write a first probe file that loads; refuse to overwrite one."""
    from zhprobe.files import write_whole

    path = folder / f"{name}.toml"
    if name.count("/") != 1:
        raise UserError(
            name, "a probe's name is capability/name", "For instance: zhprobe probes new cooking/recipes"
        )
    if not all(re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", part) for part in name.split("/")):
        raise UserError(
            name, "a name is of lower-case letters, digits, - and _", "For instance: cooking/recipes"
        )
    if path.exists():
        raise UserError(str(path), "this file exists already", "Choose another name.")
    write_whole(path, _NEW.format(name=name))
    return path
