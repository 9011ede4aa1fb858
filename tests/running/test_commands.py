"""The commands take values, call one function, print; what goes wrong is said with an exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zhprobe import runs
from zhprobe.cli import main

PROBE = """
id = "demo/line"
version = 1
asks = "?"
source = "written for a test"
licence = "CC-BY-4.0"
canary = "x"
prompt = "写一句关于{topic}的话。"

[[criterion]]
id = "said"
text = "写了一句话"

[[item]]
id = "one"
slots = { topic = "秋江" }
tags = ["water"]

[[item]]
id = "two"
slots = { topic = "雪山" }
"""


@pytest.fixture
def probe_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "demo").mkdir(parents=True)
    (folder / "demo" / "line.toml").write_text(PROBE, encoding="utf-8")
    return folder


def call(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def test_run_asks_checks_and_says_where_it_lies(server: Any, probe_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    done = call(
        "run", "demo", "--probes", probe_folder, "-m", server.name("ok"), "--out", out, "--samples", "2"
    )
    assert done.exit_code == 0, done.output
    assert "4 of 4 answered" in done.stdout and "about" in done.stderr
    [folder] = runs.find_runs(out)
    assert {r.text for r in runs.read_replies(folder)} == {
        "答：写一句关于秋江的话。",
        "答：写一句关于雪山的话。",
    }
    assert (folder / "verdicts.jsonl").exists()
    listed = call("runs", out)
    assert "4/4 answered  done" in listed.stdout


def test_a_tag_or_an_items_name_selects(server: Any, probe_folder: Path, tmp_path: Path) -> None:
    for number, chosen in enumerate((["demo", "--tag", "water"], ["demo/line/one"])):
        done = call(
            "run", *chosen, "--probes", probe_folder, "-m", server.name("ok"), "--out", tmp_path / str(number)
        )
        assert "1 of 1 answered" in done.stdout, done.output


def test_json_is_for_programs(server: Any, probe_folder: Path, tmp_path: Path) -> None:
    done = call(
        "run", "demo", "--probes", probe_folder, "-m", server.name("ok"), "--out", tmp_path / "o", "--json"
    )
    [row] = json.loads(done.stdout)
    assert row["state"] == "done" and row["answered"] == 2


def test_a_wrong_key_ends_with_two_and_one_line(server: Any, probe_folder: Path, tmp_path: Path) -> None:
    done = call("run", "demo", "--probes", probe_folder, "-m", server.name("key"), "--out", tmp_path / "o")
    assert done.exit_code == 2 and done.stderr.count("the key was not accepted") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "-m", "deepsek/chat"], "Did you mean 'deepseek'?"),
        (["run", "-m", "deepseek/deepseek-chat"], "DEEPSEEK_API_KEY"),
        (["run", "-m", "gpt-4o"], "provider/model"),
        (["run", "-m", "api/x"], "the address is missing"),
        (["run", "-m", "api/x@ftp://a/v1"], "not an http address"),
        (["run"], "no model is named"),
        (["run", "-m", "floor/emty"], "Did you mean 'empty'?"),
        (["run", "-m", "floor/empty", "nothing-of-the-kind"], "no capability, probe or item"),
        (["run", "-m", "floor/empty", "--profile", "standard"], "Did you mean 'standard-1'?"),
        (["run", "-m", "replay/nowhere"], "no replies at nowhere"),
        (["runs", "nowhere"], "no runs lie here"),
    ],
)
def test_what_the_user_must_put_right_is_said(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = call(*arguments, *(["--out", tmp_path] if arguments[0] == "run" else []))
    assert done.exit_code == 2 and words in done.stderr, done.output


def test_a_plan_counts_calls_tokens_and_money(
    probe_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "models.toml"
    table.write_text(
        '[model.mine]\nmodel = "deepseek/deepseek-chat"\n[model.mine.prices]\ninput = 2.0\noutput = 8.0\ncurrency = "CNY"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("ZHPROBE_MODELS", str(table))
    done = call("plan", "demo", "--probes", probe_folder, "-m", "mine", "--json", "--out", tmp_path)
    [row] = json.loads(done.stdout)
    assert row["calls"] == 2 and row["currency"] == "CNY"
    assert row["money"] == pytest.approx(
        (row["prompt_tokens"] * 2 + row["answer_tokens"] * 8) / 1e6, abs=1e-4
    )


def test_another_profile_is_named_with_what_was_changed(
    server: Any, probe_folder: Path, tmp_path: Path
) -> None:
    call(
        "run",
        "demo",
        "--probes",
        probe_folder,
        "-m",
        server.name("ok"),
        "--out",
        tmp_path / "o",
        "--temperature",
        "0.7",
    )
    [folder] = runs.find_runs(tmp_path / "o")
    assert runs.read_info(folder).settings.profile == "standard-1 temperature=0.7"
    assert server.server.bodies[0]["temperature"] == 0.7


def test_a_run_is_repeated_like_another(server: Any, probe_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "o"
    call(
        "run",
        "demo",
        "--probes",
        probe_folder,
        "-m",
        server.name("ok"),
        "--out",
        out,
        "--temperature",
        "0.3",
        "--set",
        "top_k=5",
    )
    [folder] = runs.find_runs(out)
    again = call("run", "--like", folder, "--out", out)
    assert again.exit_code == 0, again.output
    one, two = (runs.read_info(f) for f in runs.find_runs(out))
    assert one.settings == two.settings and one.selection == two.selection
    assert server.server.bodies[0] == server.server.bodies[2] and server.server.bodies[0]["top_k"] == 5
    assert (
        "Nothing that could move a result differs"
        in call("runs", "--difference", *runs.find_runs(out)).stdout
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('[model.x]\nmodel = "openai/a"\napi_key = "sk-123456"\n', "does not belong into this file"),
        ('[provider.x]\naddress = "http://a"\nkey = "sk-123456"\n', "names an environment variable"),
        ('[provider.x]\nadress = "http://a"\n', "Did you mean 'address'?"),
        ("[model", "not TOML"),
    ],
)
def test_a_faulty_table_of_models_is_explained_without_its_secrets(
    table: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "models.toml"
    path.write_text(table, encoding="utf-8")
    monkeypatch.setenv("ZHPROBE_MODELS", str(path))
    done = call("models", "--no-look")
    assert done.exit_code == 2 and words in done.stderr and "123456" not in done.output


def test_models_names_the_variable_and_never_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOONSHOT_API_KEY", "sk-planted-secret-99")
    done = call("models", "--no-look")
    assert "key set (MOONSHOT_API_KEY)" in done.stdout and "planted" not in done.output


def test_settings_of_the_table_count_unless_the_call_says_otherwise(
    server: Any, probe_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "models.toml"
    table.write_text(
        f'[model.mine]\nmodel = "{server.name("ok")}"\nsettings = {{ max_tokens = 99, top_p = 0.5 }}\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("ZHPROBE_MODELS", str(table))
    call("run", "demo", "--probes", probe_folder, "-m", "mine", "--out", tmp_path / "o", "--max-tokens", "77")
    assert server.server.bodies[0]["max_tokens"] == 77 and server.server.bodies[0]["top_p"] == 0.5
