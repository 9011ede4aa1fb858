"""The commands: take values, call one function, print. Results on stdout, progress on stderr."""

from __future__ import annotations

import json
import locale
import os
import sys
from pathlib import Path
from typing import Any

import click

from zhprobe.errors import UserError


class Main(click.Group):
    """The command group; what a person can put right is shown without a traceback, exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(141)


def default_language() -> str:
    """zh or en, by the locale."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


probes_option = click.option(
    "--probes",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder of your own probes, beside those of the package. May be given again.",
)
lang_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=default_language, help="Language of pages."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zhprobe")
def main() -> None:
    """Probes for what language models can do in Chinese."""


@main.group()
def probes() -> None:
    """List, show, check and start probe files."""


@probes.command("list")
@probes_option
@json_option
def probes_list(folders: tuple[Path, ...], as_json: bool) -> None:
    """List the probes with their number of items."""
    from zhprobe.probes import load_probes
    from zhprobe.report.catalogue import catalogue

    loaded = load_probes(folders)
    click.echo(catalogue(loaded, as_json=as_json))
    _report_faults(loaded.faults)


@probes.command("show")
@click.argument("name")
@probes_option
@json_option
def probes_show(name: str, folders: tuple[Path, ...], as_json: bool) -> None:
    """Show a probe (capability/name), or one item of it (capability/name/item)."""
    from zhprobe.probes import load_probes
    from zhprobe.report.catalogue import show

    click.echo(show(load_probes(folders), name, as_json=as_json))


@probes.command("check")
@click.argument("names", nargs=-1)
@probes_option
@click.option("--only", is_flag=True, help="Check the folders given with --probes and not the package's own.")
def probes_check(names: tuple[str, ...], folders: tuple[Path, ...], only: bool) -> None:
    """Load, lint and try probes on their specimens. NAMES limit it (a capability or a probe)."""
    from zhprobe.report.catalogue import check_all

    text, sound = check_all(folders, names, packaged=not only)
    click.echo(text)
    if not sound:
        raise SystemExit(1)


@probes.command("new")
@click.argument("name")
@click.option("--in", "folder", type=click.Path(path_type=Path), default=Path("probes"), show_default=True)
def probes_new(name: str, folder: Path) -> None:
    """Start a probe file NAME (capability/name) that loads and passes its own check."""
    from zhprobe.report.catalogue import new_probe

    path = new_probe(name, folder)
    click.echo(f"{path}")
    click.echo(f"Try it: zhprobe probes check --only --probes {folder}", err=True)


@main.command()
@click.argument("name", required=False)
@json_option
def checks(name: str | None, as_json: bool) -> None:
    """List the checks a probe may use, or explain one."""
    from zhprobe.report.catalogue import list_checks

    click.echo(list_checks(name, as_json=as_json))


def _report_faults(faults: tuple[UserError, ...]) -> None:
    for fault in faults:
        click.echo(f"Error: {fault}", err=True)
    if faults:
        raise SystemExit(2)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


@main.command()
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.option("--html", "as_html", is_flag=True, help="Print a fragment for a page.")
@lang_option
def wu(file: Any, as_html: bool, lang: str) -> None:
    """Show a text with its Shanghainese markers, its leaks and its fidelity score. FILE, or - for stdin."""
    from zhprobe.report.wu import wu_html, wu_text

    click.echo((wu_html if as_html else wu_text)(file.read(), "zh" if lang == "zh" else "en"))
