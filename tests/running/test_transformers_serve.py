"""The same probes over a real OpenAI-compatible server on loopback: `transformers serve` with a tiny model."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from zhprobe import runs
from zhprobe.cli import main
from zhprobe.report.render import write_report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in ("transformers", "fastapi", "uvicorn", "openai")),
        reason="transformers serve is not installed",
    ),
    pytest.mark.filterwarnings("ignore"),
]
PROMPT = "写一句关于秋江的话。"
PROBE = f"""
id = "demo/line"
version = 1
asks = "?"
source = "written for a test"
licence = "CC-BY-4.0"
canary = "x"
prompt = "{PROMPT}"

[[criterion]]
id = "said"
text = "写了一句话"

[[item]]
id = "one"

[[item]]
id = "two"
prompt = "你好"
"""


def load_tiny() -> Any:
    spec = importlib.util.spec_from_file_location("tiny_models", Path(__file__).parent / "tiny_models.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from zhprobe.models.templates import render

    tiny = load_tiny()
    tokenizer = tiny.make_tokenizer("qwen3")
    prompt = render(tokenizer, [{"role": "user", "content": PROMPT}])
    pairs = [(prompt, "<think>\n想一想\n</think>\n\n江上秋风起。")]
    path: Path = tiny.make_model("qwen3", tmp_path_factory.mktemp("served"), pairs)
    return path


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    log = folder.parent / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, "HF_HUB_OFFLINE": "1"}, stdout=out, stderr=out)
    try:
        for _ in range(240):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models"):
                break
            assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-3000:]
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(900)
def test_a_run_over_a_real_server_from_plan_to_account(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "demo"
    mine.mkdir(parents=True)
    (mine / "line.toml").write_text(PROBE, encoding="utf-8")
    out = tmp_path / "results"

    def call(*arguments: str) -> Any:
        argv = [
            "run",
            "demo",
            "--probes",
            str(tmp_path / "mine"),
            "--out",
            str(out),
            "--max-tokens",
            "64",
            *arguments,
        ]
        return CliRunner().invoke(main, argv, catch_exceptions=False)

    with serving(folder) as url:
        name = f"transformers/{folder}@{url}"
        plain = call("-m", name, "--name", "plain")
        assert plain.exit_code == 0, plain.output
        streamed = call("-m", name, "--name", "streamed", "--stream")
        assert streamed.exit_code == 0, streamed.output
        formatted = call("-m", name, "--name", "formatted", "--response-format", "json_object")
        assert formatted.exit_code == 0, formatted.output
        wrong = call("-m", f"transformers/other@{url}", "--name", "wrong")
        assert wrong.exit_code == 2 and "missing 2" in wrong.stdout, wrong.output
    replies = {
        name: {r.item: r for r in runs.read_replies(out / name)}
        for name in ("plain", "streamed", "formatted")
    }
    for way in ("plain", "streamed"):
        one = replies[way]["one"]
        assert (
            "江上秋风起。" in one.text and "想一想" not in one.text and one.reasoning.strip() == "想一想"
        ), one
        assert one.finish_reason == "stop"
    assert replies["plain"]["one"].usage and replies["plain"]["one"].usage.completion > 5
    assert replies["streamed"]["one"].first_token_s is not None
    # it takes response_format and does nothing with it: seen, and flagged
    assert "field_ignored:response_format" in replies["formatted"]["one"].flags
    local = call("-m", f"hf/{folder}", "--name", "local")
    assert local.exit_code == 0, local.output
    here = {r.item: r for r in runs.read_replies(out / "local")}
    assert here["one"].text == "江上秋风起。" and here["one"].reasoning == "想一想"
    assert (out / "plain" / "verdicts.jsonl").exists()
    page = tmp_path / "report.html"
    write_report([out / "plain", out / "local"], page)
    open_in_browser(page, "江上秋风起。")


def open_in_browser(page: Path, words: str) -> None:
    """The page opens without a complaint and asks for nothing from outside; skipped where there is no browser."""
    chromium = next(
        (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
    )
    driver = shutil.which("chromedriver")
    if not chromium or not driver or not importlib.util.find_spec("selenium"):
        return
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        browser.get(page.as_uri())
        assert words in browser.page_source
        assert [e for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")] == []
        asked = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
        addresses = [
            m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"
        ]
        assert addresses and all(address.startswith(("file:", "data:")) for address in addresses), addresses
    finally:
        browser.quit()
