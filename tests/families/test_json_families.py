"""JSON families: the same for a seed, different over seeds, gold by hand, graders that notice every change."""

import json
from pathlib import Path

import pytest

from zhprobe.checks.json_selftest import json_trials
from zhprobe.families.registry import all_families
from zhprobe.mutation import mutants
from zhprobe.probes import load_probe
from zhprobe.specimens import check_specimens, lint

NAMES = [name for name in all_families() if name.startswith("json_")]
HEAD = 'id = "t/{n}"\nversion = 1\nasks = "?"\nsource = "s"\nlicence = "l"\ncanary = "zhprobe-canary-x"\n'


@pytest.fixture
def probe_of(tmp_path: Path):
    def make(name, seeds):
        path = tmp_path / f"{name}.toml"
        text = (
            HEAD.format(n=name.replace("_", "-"))
            + f'[[generate]]\nfamily = "{name}"\nseeds = {list(seeds)}\n'
        )
        path.write_text(text, encoding="utf-8")
        return load_probe(path, tmp_path)

    return make


def test_there_are_families_for_json():
    assert len(NAMES) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_item_and_other_seeds_others(name):
    make = all_families()[name]
    assert make(5) == make(5)
    prompts = {make(seed)["prompt"] for seed in range(1_000_000, 1_000_040)}
    assert len(prompts) >= 36


@pytest.mark.parametrize("name", NAMES)
def test_specimens_of_any_seed_get_their_verdicts_and_nothing_is_amiss(name, probe_of):
    probe = probe_of(name, range(30))
    assert [str(found) for found in check_specimens(probe)] == []
    assert [str(fault) for fault in lint(probe)] == []


@pytest.mark.parametrize("name", NAMES)
def test_near_misses_notice_every_looser_check(name, probe_of):
    for seed in range(5):
        assert [m.name for m in mutants(probe_of(name, [seed])) if not m.killed] == []


@pytest.mark.parametrize("name", NAMES)
def test_mutants_of_the_gold_come_out_as_the_table_wants(name, probe_of):
    items = probe_of(name, range(12)).items
    assert [str(t) for item in items for t in json_trials(item) if not t.ok] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_prompt_holds_its_own_answer(name):
    for seed in range(30):
        item = all_families()[name](seed)
        assert item["reference"] not in item["prompt"]


# Read from the prompt of the seed and reckoned by hand, with a calendar at hand.
BY_HAND = [
    ("json_spoken_order", 1, "小笼包改成三份", 3 * 16 + 4 * 12 + 4 * 5),
    ("json_spoken_order", 2, "凉拌木耳一共四份", 3 * 6 + 4 * 22 + 4 * 12),
    ("json_spoken_order", 4, "牛肉面再加一份", 4 * 12 + 2 * 18 + 4 * 22),
]


@pytest.mark.parametrize(("name", "seed", "words", "total"), BY_HAND)
def test_totals_agree_with_a_hand_count(name, seed, words, total):
    item = all_families()[name](seed)
    assert words in item["prompt"] and json.loads(item["reference"])["合计"] == total


def test_days_agree_with_a_calendar():
    item = all_families()["json_course_table"](3)
    assert (
        "周二停课一天；周四上物理、数学；周五上书法、体育" in item["prompt"]
        and "2026年5月25日" in item["prompt"]
    )
    assert [day["日期"] for day in json.loads(item["reference"])] == [
        "2026-05-26",
        "2026-05-28",
        "2026-05-29",
    ]
