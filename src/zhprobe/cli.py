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


class Listing(click.Group):
    """A group whose list of commands gives each one's first sentence whole."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self.commands[name].get_short_help_str(limit=200)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Main(Listing):
    """The command group; what a person can put right is shown without a traceback, exit code 2."""

    group_class = Listing

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


class TextFile(click.File):
    """A file of text, or - for stdin; gives its text. What is not UTF-8 is said so, with the way out."""

    name = "filename"

    def __init__(self) -> None:
        super().__init__("rb")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        where = "stdin" if value == "-" else str(value)
        stream = super().convert(value, param, ctx)
        raw: bytes = stream.read()
        if value != "-":
            stream.close()
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            fix = "Give a text file."
            if b"\0" not in raw:
                fix = f"Save it as UTF-8; if it is GBK: iconv -f GB18030 -t UTF-8 {where}"
            raise UserError(where, f"not UTF-8 (byte {error.start})", fix) from error


probes_option = click.option(
    "--probes",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder of your own probes, beside those of the package. May be given again.",
)
lang_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=default_language, help="Language of what is shown."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zhprobe")
def main() -> None:
    """Probes for what language models can do in Chinese."""


@main.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True)
@lang_option
def demo(out: Path, lang: str) -> None:
    """Run the embedded specimens through the whole line: no network, no key, no model."""
    from zhprobe.demo import demo as run_demo

    made = run_demo(out, lang=lang, tell=lambda line: click.echo(f"  {line} …", err=True))
    click.echo(made.table)
    if lang == "zh":
        click.echo(
            "这不是两个模型：specimen/met 是题库里合格的样例答案，specimen/near-miss 是只差一处的错答；"
        )
        click.echo("两者只说明程序检查的上限和下限。")
        click.echo(f"报告：{made.report}")
    else:
        click.echo("These are not models: specimen/met answers with specimens that meet every check,")
        click.echo("specimen/near-miss with answers wrong in one way: the checks' ceiling and floor.")
        click.echo(f"Report: {made.report}")


@main.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Worker processes (default: all cores for large runs)."
)
@json_option
def score(folders: tuple[Path, ...], jobs: int | None, as_json: bool) -> None:
    """Run the checks again on runs; no model is asked. Older verdicts stay in the journal."""
    import msgspec

    from zhprobe.grading.automatic import grade_run
    from zhprobe.runs import read_info

    rows = []
    for folder in folders:
        read_info(folder)
        done = grade_run(folder, jobs=jobs)
        rows.append({"folder": str(folder), **msgspec.to_builtins(done)})
        if not as_json:
            click.echo(
                f"{folder}: {done.replies} replies, {done.verdicts} verdicts, {done.written} new, "
                f"{done.changed} changed, {done.failed} replies without an answer"
            )
    if as_json:
        click.echo(_dump(rows))


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


@probes.command("review")
@click.option("--capability", required=True, help="Which probes: shanghainese, legal, …")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("."),
    show_default=True,
    help="Folder for the sheets.",
)
@click.option(
    "--read", "filled", type=click.Path(path_type=Path), help="A filled sheet (XLSX or CSV) to take in."
)
@click.option("--as", "kind", type=click.Choice(["native", "expert"]), default="native", show_default=True)
@click.option(
    "--in", "target", type=click.Path(path_type=Path), help="Folder whose reviews.toml takes the records."
)
@probes_option
def probes_review(
    capability: str, out: Path, filled: Path | None, kind: str, target: Path | None, folders: tuple[Path, ...]
) -> None:
    """Write a sheet for readers of the probes themselves, or read a filled one into reviews.toml."""
    from zhprobe.grading.review import read_review_sheet, record_reviews, write_review_sheet
    from zhprobe.probes import load_probes, packaged_folder

    loaded = load_probes(folders).sound()
    if filled is None:
        for path in write_review_sheet(loaded, capability, out):
            click.echo(path)
        return
    found = read_review_sheet(filled, loaded, "expert" if kind == "expert" else "native")
    if found.reviews:
        click.echo(record_reviews(target or packaged_folder() / capability, found.reviews))
    click.echo(f"{len(found.reviews)} read, {found.blank} blank, {len(found.faults)} not usable", err=True)
    for fault in found.faults:
        click.echo(f"Error: {fault}", err=True)
    if found.faults:
        raise SystemExit(1)


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
@click.argument("file", type=TextFile(), default="-")
@click.option("--html", "as_html", is_flag=True, help="Print a fragment for a page.")
@lang_option
def wu(file: str, as_html: bool, lang: str) -> None:
    """Show a text with its Shanghainese markers, its leaks and its fidelity score. FILE, or - for stdin."""
    from zhprobe.report.wu import wu_html, wu_text

    click.echo((wu_html if as_html else wu_text)(file, "zh" if lang == "zh" else "en"))


@main.command()
@click.argument("file", type=TextFile(), default="-")
@click.option(
    "--asof",
    default="",
    metavar="DATE",
    help="The day that counts, 2026-09-30; default: the day of the data.",
)
@click.option("--html", "as_html", is_flag=True, help="Print a fragment for a page.")
@lang_option
@json_option
@click.pass_context
def cite(context: click.Context, file: str, asof: str, as_html: bool, lang: str, as_json: bool) -> None:
    """Check the citations of law in a text: name, force, article, quotation. FILE, or - for stdin.

    Exit code 1 when an error was found.
    """
    from datetime import date

    from zhprobe.report.citation import cite_detail, cite_html, cite_text, day_asked

    day, text, today = day_asked(asof), file, date.today()
    detail = cite_detail(text, asof=day, today=today)
    if as_json:
        click.echo(_dump(detail))
    else:
        click.echo(
            (cite_html if as_html else cite_text)(
                text, asof=day, lang="zh" if lang == "zh" else "en", today=today
            )
        )
    context.exit(1 if any(f["severity"] == "error" for f in detail["findings"]) else 0)


@main.group()
def statutes() -> None:
    """Your own copies of statutes, for comparing quotations word by word."""


@statutes.command("add")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def statutes_add(path: Path) -> None:
    """Read a statute (JSON, Markdown, plain text, docx) or a folder of them into your data folder."""
    from zhprobe.text.law_library import add_statutes, statutes_folder

    for statute in add_statutes(path):
        click.echo(f"{statute.law}\t{statute.id}\t{statute.begins or '?'}\t{len(statute.articles)}")
    click.echo(f"{statutes_folder()}", err=True)


@main.command("scan")
@click.argument("file", type=TextFile(), default="-")
@click.option(
    "--form", default="", help="五绝 … 七言排律, a tune of 词 (浣溪沙), or 对联; by the shape where left out."
)
@click.option(
    "--book",
    type=click.Choice(["", "平水韵", "词林正韵", "中华新韵", "中华通韵"]),
    default="",
    help="Rhyme book; left out: 平水韵, then 中华新韵.",
)
@click.option("--rhyme", default="", help="Rhyme group the poem was asked to keep (八庚).")
@click.option(
    "--known",
    type=click.Path(path_type=Path, exists=True),
    help="An index of known lines made by `zhprobe lines`.",
)
@click.option("--html", "as_html", is_flag=True, help="Print a fragment for a page.")
@json_option
@lang_option
def scan_command(
    file: str, form: str, book: str, rhyme: str, known: Path | None, as_html: bool, as_json: bool, lang: str
) -> None:
    """Scan verse: tones, rhymes, faults and what rescues them. FILE, or - for stdin."""
    from zhprobe.report.scan import draw_html, draw_text, scan_data

    found = scan_data(file, form=form, book=book, rhyme=rhyme, known=known)
    click.echo(_dump(found) if as_json else (draw_html if as_html else draw_text)(found, lang))


@main.command()
@click.argument("corpus", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.argument("index", type=click.Path(path_type=Path))
def lines(corpus: tuple[Path, ...], index: Path) -> None:
    """Make an index of known lines from your own CORPUS (text or JSON of poems), for `zhprobe scan --known`."""
    from zhprobe.report.scan import build_index

    click.echo(f"{index}\t{build_index(corpus, index)}")


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@lang_option
@json_option
def structured(runs: tuple[Path, ...], lang: str, as_json: bool) -> None:
    """Function calls and JSON of RUNS: by mode and probe, strict and lenient, pairs, and where it breaks."""
    import msgspec

    from zhprobe.report.structured import structured_tables, table_text

    tables, differences = structured_tables(runs)
    if as_json:
        click.echo(msgspec.json.encode({"runs": tables, "differences": differences}).decode())
    else:
        click.echo(table_text(tables, differences, lang))


# --- models and runs


def _parse_extra(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any]:
    """KEY=VALUE pairs, the value as JSON where it is JSON, else as text."""
    extra: dict[str, Any] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise UserError("--set", f"{value!r} is not KEY=VALUE", "For example --set top_k=20.")
        try:
            extra[name] = json.loads(text)
        except ValueError:
            extra[name] = text
    return extra


def run_options(function: Any) -> Any:
    """The options that `run`, `plan`, `requests` and `import` share."""
    options = [
        click.option("-m", "--model", "models", multiple=True, help="provider/model, provider/model@URL, an alias of models.toml. May be given again."),
        probes_option,
        click.option("--tag", "tags", multiple=True, help="Only items with this tag. May be given again."),
        click.option("--limit", type=click.IntRange(0), default=0, help="The first N items of each probe, with their controls."),
        click.option("--fresh", type=int, help="Draw the generated items anew from this seed (1000 or more)."),
        click.option("--profile", help="Named settings (default standard-1); `zhprobe plan --profiles` lists them."),
        click.option("--samples", type=click.IntRange(1), help="Replies to each item."),
        click.option("--temperature", type=float, help="Sampling temperature (standard-1: 0)."),
        click.option("--top-p", type=float, help="Share of probability that tokens are drawn from."),
        click.option("--max-tokens", type=click.IntRange(1), help="Longest answer in tokens (standard-1: 2048)."),
        click.option("--seed", type=int, help="Seed of sampling, for endpoints that take one."),
        click.option("--system", help="System prompt."),
        click.option("--thinking/--no-thinking", default=None, help="Switch thinking on or off where there is a switch."),
        click.option("--mode", type=click.Choice(["native", "prompt", "constrained"]), help="How tools are offered."),
        click.option("--response-format", type=click.Choice(["json_object", "json_schema"]), help="JSON mode, asked of the endpoint."),
        click.option("--set", "extra", multiple=True, callback=_parse_extra, help="KEY=VALUE passed to the endpoint as it is. May be given again."),
        click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Where run folders lie."),
        click.option("--name", default="", help="Name of the run folder (one model only)."),
        click.option("--like", type=click.Path(path_type=Path), help="Settings, fresh seed and items of an older run."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


names_argument = click.argument("names", nargs=-1)
SETTING_FIELDS = (
    "samples", "temperature", "top_p", "max_tokens", "seed", "system", "thinking", "mode", "response_format",
)  # fmt: skip


@main.command()
@names_argument
@run_options
@click.option(
    "--stream", is_flag=True, default=None, help="Stream answers; the time to the first token is kept."
)
@click.option("--timeout", type=float, help="Seconds for a whole call.")
@click.option("--stall-timeout", type=float, help="Seconds without a byte.")
@click.option("--concurrency", type=click.IntRange(1), help="Calls in flight for each endpoint.")
@click.option("--rpm", type=float, help="Requests a minute, at most.")
@click.option("--tpm", type=float, help="Tokens a minute, at most.")
@click.option("--budget", type=float, default=0.0, help="Stop when so much money is spent (needs prices).")
@click.option("--budget-tokens", type=int, default=0, help="Stop when so many tokens are used.")
@click.option(
    "--reuse",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Take replies to the same request from this run. May be given again.",
)
@click.option(
    "--attempts", type=click.IntRange(1), default=10, show_default=True, help="Attempts for one request."
)
@click.option(
    "--outage",
    type=float,
    default=600.0,
    show_default=True,
    help="Seconds to wait for an endpoint that fell silent.",
)
@click.option("--label", default="", help="What pages call this run.")
@click.option("--dtype", help="hf/ and modelscope/: auto, float32, bfloat16, float16.")
@click.option("--device", help="hf/ and modelscope/: cpu, cuda, cuda:1, mps, auto.")
@click.option("--adapter", help="hf/ and modelscope/: a LoRA adapter.")
@click.option("--batch-size", type=click.IntRange(1), help="hf/ and modelscope/: largest batch.")
@click.option(
    "--engine",
    type=click.Choice(["batch", "continuous"]),
    help="hf/ and modelscope/: batches by length, or transformers' continuous batching.",
)
@click.option("--template", type=click.Path(exists=True), help="hf/ and modelscope/: a chat template.")
@click.option("--trust-code", is_flag=True, help="hf/ and modelscope/: run code that comes with the weights.")
@click.option("--batch", is_flag=True, help="Send everything through the provider's batch endpoint and wait.")
@click.option(
    "--try",
    "try_endpoint",
    is_flag=True,
    help="First try which fields each endpoint obeys; kept in run.json.",
)
@click.option("--no-checks", is_flag=True, help="Do not run the checks afterwards.")
@json_option
@lang_option
def run(**given: Any) -> None:
    """Ask models the items NAMES (capabilities, probes or items; all when none is named).

    The same command goes on where an earlier one stopped.
    """
    from zhprobe.commands import run_command

    raise SystemExit(run_command(given, SETTING_FIELDS))


@main.command()
@names_argument
@run_options
@click.option("--profiles", "show_profiles", is_flag=True, help="List the named settings.")
@json_option
@lang_option
def plan(**given: Any) -> None:
    """Say how many calls, tokens and how much money a run would take, and what it can show."""
    from zhprobe.commands import plan_command

    plan_command(given, SETTING_FIELDS)


@main.command()
@click.option("--look/--no-look", default=True, help="Look for servers on this machine's usual ports.")
@click.option("--of", "provider", help="Ask this provider which models the key may use.")
@click.option(
    "--try", "tried", help="Try which fields the endpoint of this model obeys (a dozen short calls)."
)
@json_option
def models(look: bool, provider: str | None, tried: str | None, as_json: bool) -> None:
    """List providers, which keys are set, and the servers that answer on this machine."""
    from zhprobe.commands import models_command

    models_command(look, provider, tried, as_json)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("results"))
@click.option(
    "--difference",
    "pair",
    nargs=2,
    type=click.Path(path_type=Path),
    help="What was not the same in two runs.",
)
@json_option
def runs(folder: Path, pair: tuple[Path, Path] | None, as_json: bool) -> None:
    """List the runs in FOLDER, or lay the settings of two runs side by side."""
    from zhprobe.commands import runs_command

    runs_command(folder, pair, as_json)


def report_options(function: Any) -> Any:
    """Options that `compare` and `report` share."""
    path = click.Path(path_type=Path)
    options = [
        click.option(
            "--batch",
            "batches",
            multiple=True,
            type=path,
            help="A folder of people's grades (default: found beside the runs).",
        ),
        click.option(
            "--delta",
            type=click.FloatRange(0.001, 1),
            default=0.05,
            show_default=True,
            help="Smallest difference that matters.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Seed of random draws."),
        click.option(
            "--weight",
            "weights",
            multiple=True,
            metavar="CAPABILITY=N",
            help="Make an overall score with these weights.",
        ),
        click.option("--items/--no-items", default=True, help="Item pages with every answer."),
        probes_option,
        lang_option,
    ]
    for option in reversed(options):
        function = option(function)
    return function


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "csv", "json", "parquet"]),
    default="text",
    show_default=True,
)
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of printing.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the page to this file as well.")
@click.option(
    "--fail-if",
    multiple=True,
    metavar="CONDITION",
    help="Exit 1 if it holds: 'NEW worse than OLD on legal', 'NEW below 0.7', 'NEW unsure > 0.1'.",
)
@report_options
def compare(runs: tuple[Path, ...], **given: Any) -> None:
    """Lay runs side by side: scores, differences on the same items, and what may be said of them."""
    from zhprobe.report.command import compare_command

    text, failed = compare_command(runs, given)
    if text:
        click.echo(text)
    for line in failed:
        click.echo(f"FAIL {line}", err=True)
    if failed:
        raise SystemExit(1)


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The page's file (default: report.html in the run, or here for several).",
)
@report_options
def report(runs: tuple[Path, ...], **given: Any) -> None:
    """Write the page of one run, or of several side by side: one offline file, every number one click from the words."""
    from zhprobe.report.command import report_command

    out, headline = report_command(runs, given)
    click.echo(headline)
    click.echo(str(out))


@main.group()
def rubric() -> None:
    """Help on writing criteria, show rubrics, lint them."""


@rubric.command("help")
def rubric_help() -> None:
    """How to write criteria."""
    from zhprobe.grading.rubric import HELP

    click.echo(HELP)


@rubric.command("show")
@click.argument("name")
@probes_option
@json_option
@lang_option
def rubric_show(name: str, folders: tuple[Path, ...], as_json: bool, lang: Any) -> None:
    """Show the rubric of a capability, a probe or an item."""
    from zhprobe.grading import commands

    click.echo(commands.rubric_show(folders, name, lang, as_json))


@rubric.command("lint")
@click.argument("names", nargs=-1)
@probes_option
@click.option(
    "--against", type=click.Path(path_type=Path), help="An older run: did versions move where meaning did?"
)
@click.option("--wording", multiple=True, help="A criterion that was only worded anew. May be given again.")
@lang_option
def rubric_lint(
    names: tuple[str, ...],
    folders: tuple[Path, ...],
    against: Path | None,
    wording: tuple[str, ...],
    lang: Any,
) -> None:
    """Say what is wrong with the rubrics NAMES (all when none is named)."""
    from zhprobe.grading import commands

    text, sound = commands.rubric_lint(folders, names, lang, against, wording)
    click.echo(text)
    raise SystemExit(0 if sound else 1)


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--judge", "judges", multiple=True, required=True, help="A model as judge. Two or more: a panel."
)
@click.option(
    "--mode",
    type=click.Choice(["single", "batch"]),
    default="single",
    show_default=True,
    help="One call for each criterion, or one for all criteria of an answer.",
)
@click.option(
    "--repeats",
    type=click.Choice(["1", "3", "5"]),
    default="1",
    show_default=True,
    help="Times each question is put; the majority counts.",
)
@click.option("--template", default="", help="What the judge is told; the usual one by default.")
@click.option("--lineage", default="", help="Family of the judge, where its name does not tell.")
@click.option("--temperature", type=float, help="Sampling temperature; 0 unless told.")
@click.option("--max-tokens", type=click.IntRange(1), help="400 unless told; more for judges that think.")
@click.option(
    "--thinking/--no-thinking", default=None, help="Whether the judge thinks, where there is a switch."
)
@click.option("--timeout", type=float, help="Seconds for one call.")
@click.option("--plain-output", is_flag=True, help="Do not ask the endpoint for JSON mode.")
@click.option("--only", "capabilities", multiple=True, help="Only this capability. May be given again.")
@click.option("--concurrency", type=click.IntRange(1), default=8, show_default=True, help="Calls in flight.")
@click.option("--draw-seed", type=int, default=0, help="Seed of the controls and of the repeated calls.")
@click.option("--no-controls", is_flag=True, help="Do not try the judge on controls first.")
@click.option(
    "--allow-weak-judge", "allow_weak", is_flag=True, help="Go on although controls failed; recorded."
)
@click.option("--pairwise", is_flag=True, help="Compare two runs, each pair in both orders.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for pairs.")
@json_option
@lang_option
def judge(runs: tuple[Path, ...], **given: Any) -> None:
    """Let a model judge the criteria that no program decides; the same command goes on where it stopped."""
    from zhprobe.grading.commands import judge_command

    raise SystemExit(judge_command(runs, given | {"repeats": int(given["repeats"])}))


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--batch", required=True, type=click.Path(path_type=Path), help="Name of the batch, or a folder."
)
@click.option("--annotators", required=True, help="annotators.toml, or names: 李明,王芳")
@click.option(
    "--share", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Share of items to draw."
)
@click.option(
    "--double", type=click.FloatRange(0, 1), default=0.25, show_default=True, help="Share graded by two."
)
@click.option(
    "--gold", type=click.FloatRange(0, 1), default=0.05, show_default=True, help="Share of gold rows."
)
@click.option(
    "--gold-from", type=click.Path(path_type=Path), help="Gold from what an earlier batch agreed on."
)
@click.option(
    "--repeat", type=click.FloatRange(0, 1), default=0.03, show_default=True, help="Share asked again."
)
@click.option(
    "--calibration", type=click.IntRange(0), default=0, help="Give the same N answers to everybody."
)
@click.option(
    "--targeted", type=click.IntRange(0), default=0, help="Add up to N answers a judge was unsure of."
)
@click.option("--only", "capabilities", multiple=True, help="Only this capability. May be given again.")
@click.option("--only-human", is_flag=True, help="Only criteria of kind human, not the judge's.")
@click.option("--no-references", is_flag=True, help="Do not show reference answers.")
@click.option(
    "--evidence",
    type=click.Choice(["asked", "all"]),
    default="asked",
    show_default=True,
    help="People must quote the answer where the criterion says so, or for all that earns points.",
)
@click.option("--hide", multiple=True, help="A word that would give a model away. May be given again.")
@click.option("--contact", default="", help="Whom annotators may ask.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draw and of the order.")
@click.option("--pairwise", is_flag=True, help="Compare whole answers two by two.")
@click.option("--dry-run", is_flag=True, help="Only say what it would be.")
@json_option
@lang_option
def assign(runs: tuple[Path, ...], **given: Any) -> None:
    """Start a batch: draw the answers of RUNS and give them to people."""
    from zhprobe.grading.commands import assign_command

    raise SystemExit(assign_command(runs, given))


@main.command()
@click.argument("batch", type=click.Path(path_type=Path))
@click.option("--annotator", "annotators", multiple=True, help="Only for this person. May be given again.")
@click.option("--format", type=click.Choice(["both", "xlsx", "csv"]), default="both", show_default=True)
@click.option("--no-protect", is_flag=True, help="Leave the sheet unprotected (to sort it in Excel).")
@click.option("--open-only", is_flag=True, help="Only rows that have no verdict yet.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; sheets/ of the batch by default.")
def sheet(batch: Path, **given: Any) -> None:
    """Write the grading sheets of BATCH."""
    from zhprobe.grading.commands import sheet_command

    raise SystemExit(sheet_command(batch, given))


@main.command()
@click.argument("batch", required=False, type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--annotator", default="", help="Whose sheet or page it is; of a sheet told by its rows.")
@click.option("--accept-edited", is_flag=True, help="Take rows whose shown text was edited; flagged.")
@click.option("--accept-no-evidence", is_flag=True, help="Take rows without the evidence they need; flagged.")
@click.option("--clear", is_flag=True, help="An emptied verdict takes the earlier one back.")
@click.option("--report-to", type=click.Path(path_type=Path), help="Folder for import-report.csv.")
@click.option("--page", is_flag=True, help="Grade on a local page.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the page; any free one.")
@click.option("--no-browser", is_flag=True, help="Do not open the page, only print its address.")
@click.option("--practice", default="", help="Practise on a capability's worked answers; needs no batch.")
@click.option("--void", default="", help="Take a row's, or a person's, grades out of the count.")
@click.option("--reason", default="", help="Why (with --void).")
@json_option
@lang_option
def grade(batch: Path | None, files: tuple[Path, ...], **given: Any) -> None:
    """Take sheets in, grade on a page, or (with BATCH alone) see who has returned what."""
    from zhprobe.grading.commands import grade_command

    raise SystemExit(grade_command(batch, files, given))


@main.command()
@click.argument("batch", type=click.Path(path_type=Path))
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--discussion", is_flag=True, help="After a calibration round: what to talk about.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; sheets/ of the batch by default.")
@lang_option
def adjudicate(batch: Path, file: Path | None, **given: Any) -> None:
    """Write a sheet of what annotators differ on, or take the filled one in."""
    from zhprobe.grading.commands import adjudicate_command

    raise SystemExit(adjudicate_command(batch, file, given))


@main.command()
@click.argument("batches", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--run", "runs", multiple=True, type=click.Path(path_type=Path), help="Runs whose judges to compare."
)
@json_option
@lang_option
def agree(batches: tuple[Path, ...], runs: tuple[Path, ...], as_json: bool, lang: Any) -> None:
    """How far people agree with each other, and judges with people."""
    from zhprobe.grading.commands import agree_command

    raise SystemExit(agree_command(batches, runs, lang, as_json))


@main.command()
@names_argument
@run_options
@click.option(
    "--most", type=click.IntRange(1), default=50_000, show_default=True, help="Requests in one file."
)
def requests(**given: Any) -> None:
    """Write the items NAMES as OpenAI batch files, to be answered elsewhere."""
    from zhprobe.commands import requests_command

    requests_command(given, SETTING_FIELDS)


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), help="The run that these answers belong to.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "batch", "plain", "lm-eval", "inspect"]),
    default="auto",
    help="Batch results, lines of id and text, lm-evaluation-harness samples, an Inspect log.",
)
@click.option("--select", multiple=True, help="Without --into: capabilities, probes or items.")
@click.option("--no-checks", is_flag=True, help="Do not run the checks afterwards.")
@run_options
def import_answers(**given: Any) -> None:
    """Take answers from FILES into a run, or make a run of them (-m NAME says whose they are)."""
    from zhprobe.commands import import_command

    raise SystemExit(import_command(given, SETTING_FIELDS))
