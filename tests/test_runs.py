"""A run folder is written, read back and compared."""

import json
from pathlib import Path

import pytest

from zhprobe import runs
from zhprobe.errors import UserError
from zhprobe.files import Journal
from zhprobe.records import Criterion, Item, Probe, Reply, ReplyError, Settings


def probe(count: int = 3) -> Probe:
    items = tuple(
        Item(
            "poetry/x", f"i{n}", ({"role": "user", "content": f"写一首诗 {n}"},), (Criterion("form", "四句"),)
        )
        for n in range(count)
    )
    return Probe("poetry/x", "poetry", "Can it?", 2, items, digest="abc")


def test_a_run_folder_gives_back_items_and_probes_without_the_probe_folder(tmp_path: Path) -> None:
    info = runs.create_run(tmp_path / "r", runs.RunInfo("specimen/met", Settings()), runs.select([probe()]))
    assert info.items == 3 and info.probes["poetry/x"].version == 2
    [again] = runs.read_probes(tmp_path / "r")
    assert again.items == probe().items and again.asks == "Can it?"
    assert runs.read_info(tmp_path / "r").selection == info.selection


def test_the_later_line_of_a_reply_holds(tmp_path: Path) -> None:
    with Journal(tmp_path / runs.REPLIES) as journal:
        journal.append(
            Reply("p", "a", "m", error=ReplyError("timeout")),
            Reply("p", "b", "m", text="乙"),
            Reply("p", "a", "m", text="甲"),
        )
    assert [(r.item, r.text) for r in runs.read_replies(tmp_path)] == [("b", "乙"), ("a", "甲")]


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no run\.json"):
        runs.read_info(tmp_path)


def test_a_second_run_is_not_made_in_the_same_folder(tmp_path: Path) -> None:
    runs.create_run(tmp_path, runs.RunInfo("m", Settings()), runs.select([probe()]))
    with pytest.raises(UserError, match="already holds a run"):
        runs.create_run(tmp_path, runs.RunInfo("m", Settings()), runs.select([probe()]))


def test_settings_that_only_limit_time_do_not_make_another_profile() -> None:
    assert runs.settings_digest(Settings(timeout=5.0, samples=3)) == runs.settings_digest(Settings())
    assert runs.settings_digest(Settings(temperature=0.5)) != runs.settings_digest(Settings())


def test_run_json_is_readable_by_people(tmp_path: Path) -> None:
    runs.create_run(tmp_path, runs.RunInfo("某模型", Settings()), [])
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert "某模型" in text and json.loads(text)["model"] == "某模型" and text.count("\n") > 3


def test_the_sample_run_of_the_repository_is_whole_and_names_no_machine() -> None:
    folder = Path(__file__).parents[1] / "results" / "sample"
    info = runs.read_info(folder)
    assert info.state == "done" and info.counts.answered == info.counts.planned > 20
    assert {reply.id.partition("#")[0] for reply in runs.read_replies(folder)} == {
        selected.item.key for selected in runs.read_items(folder)
    }
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "/home/" not in text and "/root" not in text and str(Path.cwd()) not in text, path.name
