"""`zhprobe cite` and `zhprobe statutes add`, as a person calls them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from zhprobe.cli import main
from zhprobe.text.law_library import forget_library


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ZHPROBE_DATA", str(tmp_path / "data"))
    forget_library()
    yield
    forget_library()


def call(*arguments: str, text: str = ""):
    return CliRunner().invoke(main, list(arguments), input=text)


def test_a_text_without_error_ends_with_0_and_shows_the_day_of_the_data():
    found = call("cite", "-", "--lang", "en", text="见《民法典》第577条")
    assert found.exit_code == 0
    assert "as of 2026-09-30" in found.output and "OK" in found.output


def test_a_repealed_law_ends_with_1_and_names_its_successor():
    found = call("cite", "-", "--lang", "zh", text="依据《合同法》第107条")
    assert found.exit_code == 1
    assert "现行规定为《中华人民共和国民法典》第五百七十七条" in found.output


def test_the_day_can_be_chosen():
    assert call("cite", "-", "--asof", "2020-06-30", text="依据《合同法》第107条").exit_code == 0


def test_a_day_that_is_none_is_said():
    found = call("cite", "-", "--asof", "2026-02-30", text="x")
    assert found.exit_code == 2
    assert "--asof" in found.output


def test_json_holds_every_finding_with_its_place():
    text = "依据《合同法》第107条"
    found = json.loads(call("cite", "-", "--json", text=text).output)
    (finding,) = found["findings"]
    start, end = finding["span"]
    assert (finding["code"], text[start:end]) == ("REPEALED", "第107条")


def test_an_added_statute_makes_a_changed_quotation_an_error(tmp_path):
    path = tmp_path / "条例.md"
    path.write_text(
        "# 信访工作条例\n\n第一条　样品应当在三十日内归还。\n\n第二条　本条例自2022年5月1日起施行。\n",
        encoding="utf-8",
    )
    said = "《信访工作条例》第一条规定：“样品应当在六十日内归还。”"
    assert "QUOTE_NOT_COMPARED" in call("cite", "-", text=said).output
    added = call("statutes", "add", str(path))
    assert added.exit_code == 0 and "信访工作条例" in added.output
    found = call("cite", "-", "--lang", "zh", text=said)
    assert found.exit_code == 1
    assert "MISQUOTE" in found.output or "ALTERED" in found.output
    assert "样品应当在三十日内归还。" in found.output


def test_a_file_that_is_no_statute_is_refused_with_a_way_out(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("只是一段话", encoding="utf-8")
    found = call("statutes", "add", str(path))
    assert found.exit_code == 2
    assert "official name" in found.output
