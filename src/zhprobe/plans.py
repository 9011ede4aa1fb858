"""From what the user asked for to jobs: profiles, selections, folders, and what it will cost."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from zhprobe import runs
from zhprobe.errors import UserError, did_you_mean
from zhprobe.models import limits_of, load_table, open_model, parse_name, prices_of
from zhprobe.models.base import build_request
from zhprobe.models.providers import Prices, Table
from zhprobe.records import Item, Probe, Settings
from zhprobe.runner import Job, finished_names, rough_tokens

FREE = ("replay", "specimen", "floor", "hf", "modelscope")


@cache
def profiles() -> dict[str, dict[str, Any]]:
    """The named profiles of the package: their fields and a note."""
    text = resources.files("zhprobe").joinpath("profiles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def make_settings(profile: str = "standard-1", changes: Mapping[str, Any] | None = None) -> Settings:
    """The settings of a profile; what is changed in it becomes part of the profile's name.

    >>> make_settings("standard-1", {"temperature": 0.7}).profile
    'standard-1 temperature=0.7'
    >>> make_settings("standard-1", {"samples": 3, "temperature": 0.0}).profile
    'standard-1'
    """
    known = profiles()
    if profile not in known:
        raise UserError(
            "--profile",
            f"there is no profile {profile!r}",
            did_you_mean(profile, known) or f"Known: {', '.join(known)}.",
        )
    fields = {key: value for key, value in known[profile].items() if key != "note"}
    given = {key: value for key, value in (changes or {}).items() if value is not None}
    try:
        plain = msgspec.convert(fields, Settings)
        changed = msgspec.convert({**fields, **given}, Settings)
    except msgspec.ValidationError as error:
        raise UserError("settings", str(error), f"Fields: {', '.join(Settings.__struct_fields__)}.") from None
    if changed.samples < 1:
        raise UserError("settings", "samples must be 1 or more")
    silent = ("samples", "stream", "timeout", "stall_timeout", "profile")
    moved = [
        f"{field}={_shown(getattr(changed, field))}"
        for field in Settings.__struct_fields__
        if field not in silent and getattr(changed, field) != getattr(plain, field)
    ]
    return msgspec.structs.replace(changed, profile=" ".join([profile, *moved]))


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:20]}…"


def choose(
    probes: Iterable[Probe], names: Sequence[str] = (), tags: Sequence[str] = (), limit: int = 0
) -> list[Probe]:
    """Probes with only the items that are wanted: by capability, probe, item, or tag.

    `limit` keeps the first so many items of each probe, with their controls, respellings and twins.
    """
    everything = list(probes)
    chosen: list[Probe] = []
    used: set[str] = set()
    for probe in everything:
        items = []
        for item in probe.items:
            hit = [name for name in names if _named(item, probe, name.strip("/"))]
            used.update(hit)
            if (hit or not names) and (not tags or {*tags} & {*item.tags, *probe.tags}):
                items.append(item)
        if limit:
            items = first_items(items, limit)
        if items:
            chosen.append(msgspec.structs.replace(probe, items=tuple(items)))
    if missing := [name for name in names if name not in used]:
        known = {p.capability for p in everything} | {p.id for p in everything}
        raise UserError(
            f"selection {missing[0]!r}",
            "there is no capability, probe or item of this name",
            did_you_mean(missing[0], known) or "`zhprobe probes list` shows what there is.",
        )
    if not chosen:
        raise UserError(
            "selection", "no item is selected", "Widen it; `zhprobe probes list` shows what there is."
        )
    return chosen


def _named(item: Item, probe: Probe, name: str) -> bool:
    return name in (probe.capability, probe.id, item.key, item.row)


def first_items(items: Sequence[Item], limit: int) -> list[Item]:
    """The first items proper, and whatever belongs to them, in the order of the file."""
    first = [item for item in items if item.role == "item"][:limit]
    ids = {item.id for item in first}
    partners = {item.control for item in first} | {item.respelling for item in first}
    groups = {item.group for item in first if item.group}
    return [
        item
        for item in items
        if item.id in ids
        or item.id in partners
        or (item.role != "item" and (item.respelling in ids or item.control in ids or item.group in groups))
    ]


def make_jobs(
    models: Sequence[str],
    settings: Settings,
    out: Path,
    *,
    name: str = "",
    table: Table | None = None,
    options: Mapping[str, Any] | None = None,
    rpm: float | None = None,
    tpm: float | None = None,
    check_keys: bool = True,
) -> list[Job]:
    """One job a model. A folder is named after the model, and after the profile where it is another one."""
    if not models:
        raise UserError("run", "no model is named", "Give one with -m; `zhprobe models` lists them.")
    if name and len(models) > 1:
        raise UserError(
            "--name", "one name for several models", "Leave it out; each folder gets its model's name."
        )
    table = table or load_table()
    jobs: list[Job] = []
    folders: set[Path] = set()
    for text in models:
        parsed = parse_name(text, table)
        own = settings
        if parsed.alias and parsed.alias.settings:
            profile = settings.profile.partition(" ")[0]
            plain = make_settings(profile)
            asked = {  # what the call itself says counts more than the table
                field: getattr(settings, field)
                for field in Settings.__struct_fields__
                if field != "profile" and getattr(settings, field) != getattr(plain, field)
            }
            own = make_settings(profile, {**parsed.alias.settings, **asked})
        known_rpm, known_tpm = limits_of(text, table)
        given = dict(options or {})
        if parsed.alias:
            for field in ("adapter", "dtype", "device"):
                given[field] = given.get(field) or getattr(parsed.alias, field)
        folder = out / (name or folder_name(parsed.shown, own))
        if folder in folders:
            raise UserError(f"model {parsed.shown}", "it is named twice")
        folders.add(folder)
        jobs.append(
            Job(
                open_model(text, table, check_keys=check_keys, **given),
                own,
                folder,
                prices=prices_of(text, table),
                rpm=rpm or known_rpm,
                tpm=tpm or known_tpm,
            )
        )
    return jobs


def folder_name(shown: str, settings: Settings) -> str:
    """A folder for a model under these settings.

    >>> folder_name("deepseek/deepseek-chat", Settings())
    'deepseek_deepseek-chat'
    """
    profile = "" if settings.profile == "standard-1" else f"_{settings.profile}"
    return runs.slug(f"{shown}{profile}")


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a run will take. Token counts are estimates; `most` is the upper bound of the token limit."""

    model: str
    folder: str
    calls: int
    done: int
    prompt_tokens: int
    answer_tokens: int
    most_tokens: int
    money: float | None = None
    most_money: float | None = None
    currency: str = ""
    profile: str = ""
    replies: int = 0


def rough_answer(item: Item) -> int:
    """Tokens of a likely answer: the longest specimen's, else 300."""
    texts = [specimen.answer for specimen in item.specimens] + [item.reference]
    return max((int(len(text) * 0.8) + 8 for text in texts if text), default=300)


def make_plans(jobs: Sequence[Job], probes: Sequence[Probe]) -> list[Plan]:
    """What each job will take. Items with several turns count a call for each scripted turn."""
    plans = []
    for job in jobs:
        finished = finished_names(job.folder) if runs.is_run(job.folder) else runs.Names(())
        calls = done = prompt = answer = most = 0
        for probe in probes:
            for item in probe.items:
                request = build_request(item, job.settings)
                tokens = rough_tokens(request) - job.settings.max_tokens
                said = min(rough_answer(item), job.settings.max_tokens)
                turns = 1 + sum("user" in turn for turn in item.turns)
                for sample in range(job.settings.samples):
                    if (item.probe, item.id, sample) in finished:
                        done += 1
                        continue
                    calls += turns
                    prompt += turns * tokens + said * (turns - 1) * turns // 2
                    answer += turns * said
                    most += turns * job.settings.max_tokens
        plans.append(
            Plan(
                job.model.name,
                str(job.folder),
                calls,
                done,
                prompt,
                answer,
                prompt + most,
                _money(job.prices, prompt, answer),
                _money(job.prices, prompt, most),
                job.prices.currency if job.prices else "",
                job.settings.profile,
                job.settings.samples * sum(len(probe.items) for probe in probes),
            )
        )
    return plans


def _money(prices: Prices | None, prompt: int, completion: int) -> float | None:
    if prices is None:
        return None
    return round((prompt * prices.input + completion * prices.output) / 1e6, 4)


def show_plan(plans: Sequence[Plan], probes: Sequence[Probe], lang: str = "en") -> str:
    """The plan in words: one line a model, and what this number of items can show."""
    from zhprobe.stats.planning import plan_text

    items = sum(len(probe.items) for probe in probes)
    proper = sum(item.role == "item" for probe in probes for item in probe.items)
    head = f"{proper:,} items of {len(probes)} probes"
    lines = [f"{head}, and {items - proper:,} controls, respellings and twins" if items > proper else head]
    for plan in plans:
        line = f"  {plan.model}: {plan.calls:,} calls"
        if plan.done:
            line += f" ({plan.done:,} replies are there already)"
        kind = plan.model.partition("/")[0]
        if kind not in ("replay", "specimen", "floor"):
            line += f", about {plan.prompt_tokens:,} tokens in and {plan.answer_tokens:,} out"
        if plan.money is not None:
            currency = f" {plan.currency}" if plan.currency else ""
            line += f", about {plan.money:g}{currency}, at most {plan.most_money:g}{currency}"
        elif kind not in FREE:
            line += " (no prices given)"
        if plan.profile != "standard-1":
            line += f" [{plan.profile}]"
        lines.append(f"{line} → {plan.folder}")
    counts: dict[str, int] = {}
    groups: dict[str, set[str]] = {}
    for probe in probes:
        for item in probe.items:
            if item.role == "item":
                counts[probe.capability] = counts.get(probe.capability, 0) + 1
                groups.setdefault(probe.capability, set()).add(item.group or item.key)
    samples = max((1, *(job_samples(plan, items) for plan in plans)))
    shown = plan_text(
        counts, groups={name: len(found) for name, found in groups.items()}, samples=samples, lang=lang
    )
    return "\n".join([*lines, *(f"  {line}" for line in shown.splitlines())])


def job_samples(plan: Plan, items: int) -> int:
    """Samples an item, from the number of replies in a plan."""
    return max(1, plan.replies // items) if items else 1
