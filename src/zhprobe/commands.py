"""What the commands `run`, `plan`, `models` and `runs` do with the values they are given."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from zhprobe import plans, runs
from zhprobe.errors import UserError, did_you_mean
from zhprobe.models import load_table
from zhprobe.probes import fresh_items, load_probes, packaged_folder
from zhprobe.records import Probe, Settings


def selected_probes(given: Mapping[str, Any]) -> tuple[list[Probe], int | None]:
    """The probes that the options select, and the fresh seed. A broken file is said and the others go on."""
    if given.get("like") and not given["names"]:
        return runs.read_probes(given["like"]), runs.read_info(given["like"]).fresh
    heads = {name.strip("/").partition("/")[0] for name in given["names"]}
    known = heads and all((packaged_folder() / head).is_dir() for head in heads)
    loaded = load_probes(given["folders"], only=heads if known else ())
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
    names = ("concurrency", "dtype", "device", "adapter", "batch_size", "engine", "template", "trust_code")
    options = {name: given.get(name) for name in names if given.get(name)}
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
    from zhprobe.grading.along import Along
    from zhprobe.models.limits import Patience
    from zhprobe.watch import progress_for

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
    if given["try_endpoint"]:
        for job in jobs:
            for field, what in asyncio.run(try_model(job.model)).items():
                click.echo(f"  {job.model.name}: {field} {what}", err=True)
    if given["batch"]:
        infos = _drive_batches(jobs, probes, seed)
        return _end(given, jobs, infos)
    infos = runner.run(
        jobs,
        lambda: runs.select(probes),
        budget=runner.Budget(given["budget"], given["budget_tokens"]),
        patience=Patience(attempts=given["attempts"], outage=given["outage"]),
        reuse=given["reuse"],
        progress=progress_for(sys.stderr),
        command=" ".join(["zhprobe", *sys.argv[1:]]),
        fresh=seed,
        along=None if given["no_checks"] else Along(),
    )
    return _end(given, jobs, infos)


def _end(given: Mapping[str, Any], jobs: Sequence[Any], infos: Sequence[runs.RunInfo]) -> int:
    """Checks, then the account; the exit code."""
    from zhprobe.runner import exit_code
    from zhprobe.watch import account

    folders = [job.folder for job in jobs]
    if not given["no_checks"]:
        from zhprobe.grading.along import finish

        for folder, info in zip(folders, infos, strict=True):
            if info.counts.answered:
                finish(folder)
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
        if not given["no_checks"] and any(info.counts.answered for info in infos):
            click.echo(f"The page: zhprobe report {' '.join(map(str, folders))}", err=True)
    return exit_code(infos)


def new_info(job: Any, seed: int | None) -> runs.RunInfo:
    """run.json of a job that does not go through the runner."""
    from zhprobe.models.providers import redact

    return runs.RunInfo(
        job.model.name,
        job.settings,
        label=job.label,
        fresh=seed,
        command=redact(" ".join(["zhprobe", *sys.argv[1:]])),
        prices={"input": job.prices.input, "output": job.prices.output} if job.prices else {},
        model_facts=job.model.facts(),
    )


def _drive_batches(jobs: Sequence[Any], probes: Sequence[Probe], seed: int | None) -> list[runs.RunInfo]:
    """All jobs through their batch endpoints, side by side; conversations are asked one by one afterwards."""
    from zhprobe import offline, runner
    from zhprobe.watch import progress_for

    def tell(line: str) -> None:
        click.echo(line, err=True)

    async def all_of_them() -> list[runs.RunInfo]:
        return await asyncio.gather(
            *(
                offline.run_batch(
                    job, lambda: runs.select(probes), new_info(job, seed), tell=tell, every=_poll_every()
                )
                for job in jobs
            )
        )

    infos = asyncio.run(all_of_them())
    left = [job for job in jobs if any(True for _ in offline.unanswered(job.folder, job.settings))]
    if any(offline.has_turns(item) for probe in probes for item in probe.items) and left:
        click.echo("Items of several turns are asked one by one.", err=True)
        runner.run(left, lambda: runs.select(probes), progress=progress_for(sys.stderr), fresh=seed)
        infos = [runs.read_info(job.folder) for job in jobs]
    return infos


def _poll_every() -> float:
    """Seconds between two looks at a batch; the variable is for tests and impatient people."""
    return float(os.environ.get("ZHPROBE_BATCH_POLL", "30"))


def requests_command(given: Mapping[str, Any], fields: Sequence[str]) -> None:
    """Write the batch files of each model."""
    from zhprobe import offline
    from zhprobe.models.http import Http

    probes, seed = selected_probes(given)
    for job in make_jobs(given, fields, check_keys=False):
        if not isinstance(job.model, Http):
            raise UserError(f"model {job.model.name}", "requests are for models behind an endpoint")
        info = new_info(job, seed)
        files, left_out = offline.write_requests(job, lambda: runs.select(probes), info, most=given["most"])
        for path in files:
            click.echo(path)
        if left_out:
            click.echo(
                f"{left_out} items of several turns are not in it: they need each answer to go on.", err=True
            )
        if not files:
            click.echo(f"{job.folder}: nothing is unanswered", err=True)
        else:
            click.echo(f"Answers come back with: zhprobe import --into {job.folder} FILE…", err=True)


def import_command(given: Mapping[str, Any], fields: Sequence[str]) -> int:
    """Take answers into a run, or make a run of them."""
    from zhprobe import offline

    folder = given["into"]
    if folder is None:
        if len(given["models"]) != 1:
            raise UserError("import", "whose answers are these?", "Give --into RUN, or a name with -m NAME.")
        probes, seed = selected_probes({**given, "names": given["select"]})
        settings = given_settings({**given, "profile": given["profile"] or "standard-1"}, fields)
        model = given["models"][0]
        folder = given["out"] / (given["name"] or plans.folder_name(model, settings))
        info = runs.RunInfo(model, settings, fresh=seed, model_facts={"kind": "imported"})
        if not runs.is_run(folder):
            runs.create_run(folder, info, runs.select(probes))
    done = offline.import_answers(folder, given["files"], form=given["form"])
    info = runs.read_info(folder)
    click.echo(
        f"{folder}: {done.taken} answers taken, {done.failed} failures, {done.there} were there already"
    )
    if done.strangers:
        click.echo(f"  {len(done.strangers)} belong to no item: {', '.join(done.strangers[:5])}")
    click.echo(f"  {info.counts.answered} of {info.counts.planned} answered, {info.counts.missing} missing")
    if not given["no_checks"] and info.counts.answered:
        from zhprobe.grading.automatic import grade_run

        grade_run(folder)
    return 0 if info.state == "done" and not done.strangers else 1


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


async def try_model(model: Any) -> dict[str, str]:
    """Which fields the endpoint of a model obeys; kept with the model's facts."""
    from zhprobe.models.http import Http
    from zhprobe.models.trial import try_fields

    if not isinstance(model, Http):
        return {}
    try:
        model.probed = await try_fields(model)
    finally:
        await model.close()
    return model.probed


def models_command(look: bool, provider: str | None, tried: str | None, as_json: bool) -> None:
    """List providers and servers, or the models of one provider, or try an endpoint's fields."""
    from zhprobe.models import discover, open_model

    table = load_table()
    if tried is not None:
        rows = asyncio.run(try_model(open_model(tried, table)))
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            click.echo("\n".join(f"{field:16} {what}" for field, what in rows.items()))
        return
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
        both = {"providers": msgspec.to_builtins(known), "servers": msgspec.to_builtins(found)}
        click.echo(json.dumps(both, ensure_ascii=False, indent=2))
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
