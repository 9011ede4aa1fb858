"""The commands that the READMEs show exist, with the options shown; those that need nothing are run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from zhprobe.cli import main

ROOT = Path(__file__).parents[1]
TEXTS = (
    "README.md",
    "README.zh-CN.md",
    "docs/grading.md",
    "docs/grading.zh-CN.md",
    "docs/shanghainese.md",
    "docs/classical-verse.md",
)


def shown() -> list[tuple[str, str]]:
    found = []
    for name in TEXTS:
        path = ROOT / name
        for block in (
            re.findall(r"```(?:sh|bash|console)?\n(.*?)```", path.read_text(encoding="utf-8"), re.S)
            if path.exists()
            else ()
        ):
            for line in block.splitlines():
                command = line.split("  #")[0].strip().removeprefix("$ ")
                if "zhprobe " in command and not command.startswith(
                    ("#", "pip", "export", "python3 -m venv")
                ):
                    found.append((name, "zhprobe " + command.partition("zhprobe ")[2]))
    return found


@pytest.mark.parametrize(("where", "command"), shown(), ids=lambda v: str(v)[:60])
def test_a_command_that_is_shown_exists_with_its_options(where: str, command: str) -> None:
    words = shlex.split(command)[1:]
    found: click.Command = main
    name = "zhprobe"
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        nested = found.commands.get(name)
        assert nested is not None, f"{where}: there is no command {name!r}"
        found = nested
    found.make_context(name, words, resilient_parsing=True)


def test_the_first_screen_has_exactly_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        first = (ROOT / name).read_text(encoding="utf-8").partition("\n## ")[0]
        blocks = re.findall(r"```sh\n(.*?)```", first, re.S)
        assert [len(block.strip().splitlines()) for block in blocks] == [1, 1], name


def test_the_two_readmes_show_the_same_commands() -> None:
    def bare(name: str) -> list[str]:
        return [re.sub(r"\s+", " ", command) for where, command in shown() if where == name]

    assert bare("README.md") == bare("README.zh-CN.md")


def test_every_command_has_help_of_one_sentence_at_least() -> None:
    def walk(command: click.Command, path: str) -> None:
        assert (command.help or "").strip(), path
        assert CliRunner().invoke(command, ["--help"]).exit_code == 0
        for name, nested in getattr(command, "commands", {}).items():
            walk(nested, f"{path} {name}")

    walk(main, "zhprobe")
