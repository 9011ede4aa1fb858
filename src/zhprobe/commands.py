"""What the commands `run`, `plan`, `models` and `runs` do with the values they are given."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from zhprobe import plans, runs
from zhprobe.errors import UserError, did_you_mean
from zhprobe.models import load_table
from zhprobe.probes import fresh_items, load_probes
from zhprobe.records import Probe, Settings


def selected_probes(given: Mapping[str, Any]) -> tuple[list[Probe], int | None]:
    """The probes that the options select, and the fresh seed. A broken file is said and the others go on."""
    if given.get("like") and not given["names"]:
        return runs.read_probes(given["like"]), runs.read_info(given["like"]).fresh
    loaded = load_probes(given["folders"])
    for fault in loaded.faults:
        click.echo(f"Error: {fault}", err=True)
    found: Iterable[Probe] = loaded.probes
    seed = given.get("fresh")
    if seed is not None:
        found = fresh_items(found, seed)
    return plans.choose(found, given["names"], given["tags"], given["limit"]), seed


def given_settings(given: Mapping[str, Any], fields: Sequence[str]) -> Settings:
    """Settings of the profile, or of the run to be repeated, with what was changed."""
    changes = {field: given.get(field) for field in (*fields, "stream", "timeout", "stall_timeout")}
    if given["extra"]:
        changes["extra"] = given["extra"]
    if given.get("like"):
        old = runs.read_info(given["like"]).settings
        changed = {field: value for field, value in changes.items() if value is not None}
        if not changed and not given["profile"]:
            return old
        plain = {field: getattr(old, field) for field in Settings.__struct_fields__ if field != "profile"}
        return plans.make_settings(given["profile"] or old.profile.partition(" ")[0], {**plain, **changed})
    return plans.make_settings(given["profile"] or "standard-1", changes)


def given_models(given: Mapping[str, Any]) -> list[str]:
    """The models named, or the one of the run to be repeated."""
    if given["models"] or not given.get("like"):
        return list(given["models"])
    return [runs.read_info(given["like"]).model]


def make_jobs(given: Mapping[str, Any], fields: Sequence[str], *, check_keys: bool = True) -> list[Any]:
    """The jobs of a call."""
    options = {
        name: given.get(name)
        for name in ("concurrency", "dtype", "device", "adapter", "batch", "engine", "template", "trust_code")
        if given.get(name)
    }
    return plans.make_jobs(
        given_models(given),
        given_settings(given, fields),
        given["out"],
        name=given["name"]
        or (f"{given['like'].name}-again" if given.get("like") and not given["models"] else ""),
        options=options,
        rpm=given.get("rpm"),
        tpm=given.get("tpm"),
        check_keys=check_keys,
    )


def run_command(given: Mapping[str, Any], fields: Sequence[str]) -> int:
    """Plan, ask, check, account. Gives the exit code."""
    from zhprobe import runner
    from zhprobe.models.limits import Patience
    from zhprobe.watch import account, progress_for

    jobs = make_jobs(given, fields)
    probes, seed = selected_probes(given)
    if given["label"]:
        for job in jobs:
            job.label = given["label"]
    if given["budget"] and not any(job.prices for job in jobs):
        raise UserError(
            "--budget", "no model has prices", "Add [prices] to models.toml, or use --budget-tokens."
        )
    click.echo(plans.show_plan(plans.make_plans(jobs, probes), probes, given["lang"]), err=True)
    infos = runner.run(
        jobs,
        lambda: runs.select(probes),
        budget=runner.Budget(given["budget"], given["budget_tokens"]),
        patience=Patience(attempts=given["attempts"], outage=given["outage"]),
        reuse=given["reuse"],
        progress=progress_for(sys.stderr),
        command=" ".join(["zhprobe", *sys.argv[1:]]),
        fresh=seed,
    )
    folders = [job.folder for job in jobs]
    if not given["no_checks"]:
        from zhprobe.grading.automatic import grade_run

        for folder, info in zip(folders, infos, strict=True):
            if info.counts.answered:
                grade_run(folder)
    if given["as_json"]:
        rows = [
            {
                "folder": str(folder),
                "model": info.model,
                "state": info.state,
                **msgspec.to_builtins(info.counts),
            }
            for folder, info in zip(folders, infos, strict=True)
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo(account(infos, folders))
    return runner.exit_code(infos)


def plan_command(given: Mapping[str, Any], fields: Sequence[str]) -> None:
    """Print the plan, or the profiles."""
    if given["show_profiles"]:
        for name, row in plans.profiles().items():
            click.echo(f"{name:16} {row['note']}")
        return
    jobs = make_jobs(given, fields, check_keys=False)
    probes, _ = selected_probes(given)
    made = plans.make_plans(jobs, probes)
    if given["as_json"]:
        click.echo(json.dumps(msgspec.to_builtins(made), ensure_ascii=False, indent=2))
    else:
        click.echo(plans.show_plan(made, probes, given["lang"]))


def models_command(look: bool, provider: str | None, as_json: bool) -> None:
    """List providers and servers, or the models of one provider."""
    from zhprobe.models import discover

    table = load_table()
    if provider is not None:
        if provider not in table.providers or not table.providers[provider].address:
            raise UserError(
                "--of", f"there is no provider {provider!r}", did_you_mean(provider, table.providers)
            )
        row = table.providers[provider]
        for name in asyncio.run(discover.models_of(row, row.address)):
            click.echo(f"{provider}/{name}")
        return
    known = discover.known_providers(table)
    found = asyncio.run(discover.look(discover.usual_addresses(table), table)) if look else []
    if as_json:
        rows = {"providers": msgspec.to_builtins(known), "servers": msgspec.to_builtins(found)}
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo(discover.show(known, found, table))


def runs_command(folder: Path, pair: tuple[Path, Path] | None, as_json: bool) -> None:
    """List runs, or the difference of two."""
    if pair:
        rows = runs.difference(runs.read_info(pair[0]), runs.read_info(pair[1]))
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        elif not rows:
            click.echo("Nothing that could move a result differs.")
        else:
            click.echo("\n".join(f"{name}: {here} → {there}" for name, here, there in rows))
        return
    infos = [(place, runs.read_info(place)) for place in runs.find_runs(folder)]
    if as_json:
        plain = [{"folder": str(place), **msgspec.to_builtins(info)} for place, info in infos]
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    if not infos:
        raise UserError(str(folder), "no runs lie here", "`zhprobe run -m MODEL` makes one.")
    for place, info in infos:
        counts = info.counts
        state = "interrupted" if info.state == "running" else info.state
        click.echo(
            f"{place}  {info.name}  {counts.answered}/{counts.planned or info.items} answered  {state}  {info.created}"
        )
