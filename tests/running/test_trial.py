"""What an endpoint does with its fields is seen from its answers, not believed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from zhprobe import runs
from zhprobe.cli import main
from zhprobe.errors import UserError
from zhprobe.models import open_model
from zhprobe.models.http import Http
from zhprobe.models.trial import try_fields

FIELDS = {"max_tokens", "stop", "response_format", "n", "logprobs", "seed", "tools", "tool_choice"}


def tried(name: str) -> dict[str, str]:
    async def go() -> dict[str, str]:
        model = open_model(name)
        assert isinstance(model, Http)
        try:
            return await try_fields(model)
        finally:
            await model.close()

    return asyncio.run(go())


def test_an_endpoint_that_obeys_is_seen_to_obey(server: Any) -> None:
    assert tried(server.name("obedient")) == dict.fromkeys(FIELDS, "works")


def test_an_endpoint_that_ignores_everything_is_found_out(server: Any) -> None:
    found = tried(server.name("ok"))
    assert set(found) == FIELDS
    assert {found[f] for f in ("n", "logprobs", "response_format", "tools", "tool_choice", "max_tokens")} == {
        "ignored"
    }
    assert (
        found["stop"] == "unclear" and found["seed"] == "unclear"
    )  # nothing to stop at, always the same text


def test_an_endpoint_that_fails_is_said_to_fail(server: Any) -> None:
    with pytest.raises(UserError, match="cannot be tried"):
        tried(server.name("e500"))


def test_what_was_found_is_kept_in_the_run(server: Any, tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "demo"
    folder.mkdir(parents=True)
    (folder / "line.toml").write_text(
        'id = "demo/line"\nversion = 1\nasks = "?"\nsource = "s"\nlicence = "CC-BY-4.0"\ncanary = "c"\n'
        'prompt = "写一句话。"\n[[criterion]]\nid = "said"\ntext = "写了"\n[[item]]\nid = "one"\n',
        encoding="utf-8",
    )
    argv = [
        "run",
        "demo",
        "--try",
        "--probes",
        str(tmp_path / "mine"),
        "--out",
        str(tmp_path / "o"),
        "--name",
        "r",
    ]
    done = CliRunner().invoke(main, [*argv, "-m", server.name("obedient")])
    assert done.exit_code == 0, done.output
    assert runs.read_info(tmp_path / "o" / "r").model_facts["probed"]["seed"] == "works"
    shown = CliRunner().invoke(main, ["models", "--try", server.name("obedient"), "--json"])
    assert json.loads(shown.stdout)["n"] == "works"
