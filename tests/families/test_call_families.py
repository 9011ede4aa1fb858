"""The call families: the same seed gives the same item, and every item tests its own grader."""

import json

import pytest

from zhprobe.checks.call_selftest import trials
from zhprobe.families.registry import all_families
from zhprobe.mutation import mutants
from zhprobe.probes import load_probe
from zhprobe.specimens import check_specimens, lint

FAMILIES = sorted(name for name in all_families() if name.startswith("call_"))
SEEDS = [1, 2, 3, 500, 1_000_003]


@pytest.fixture(scope="module")
def probe_of(tmp_path_factory):
    made = {}

    def load(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name) / "structured"
            folder.mkdir()
            path = folder / f"{name.replace('_', '-')}.toml"
            path.write_text(
                f'id = "structured/{name.replace("_", "-")}"\nversion = 1\nasks = "?"\n'
                f'[[generate]]\nfamily = "{name}"\nseeds = {SEEDS}\n',
                encoding="utf-8",
            )
            made[name] = load_probe(path)
        return made[name]

    return load


def test_there_are_families_for_calls():
    assert len(FAMILIES) >= 28


@pytest.mark.parametrize("name", FAMILIES)
def test_the_same_seed_gives_the_same_item(name):
    make = all_families()[name]
    assert json.dumps(make(7), ensure_ascii=False) == json.dumps(make(7), ensure_ascii=False)


@pytest.mark.parametrize("name", FAMILIES)
def test_seeds_give_different_prompts(name):
    prompts = {all_families()[name](seed)["prompt"] for seed in range(1, 9)}
    assert len(prompts) >= 6


@pytest.mark.parametrize("name", FAMILIES)
def test_specimens_of_any_seed_get_their_verdicts(name, probe_of):
    assert [str(m) for m in check_specimens(probe_of(name))] == []
    assert [str(fault) for fault in lint(probe_of(name))] == []


@pytest.mark.parametrize("name", FAMILIES)
def test_near_misses_notice_every_looser_check(name, probe_of):
    assert [m.name for m in mutants(probe_of(name)) if not m.killed] == []


@pytest.mark.parametrize("name", FAMILIES)
def test_mutants_of_the_gold_reply_come_out_as_the_table_wants(name, probe_of):
    assert [str(t) for item in probe_of(name).items for t in trials(item) if not t.ok] == []


# Golds reckoned by hand from the prompt of the seed, with a calendar at hand.
def test_golds_of_single_seeds_agree_with_a_hand_count():
    made = all_families()["call_unit_weight"]
    weights = {
        "两斤半": 1250,
        "三斤": 1500,
        "八两": 400,
        "一斤二两": 600,
        "一公斤半": 1500,
        "六两": 300,
        "四斤半": 2250,
    }
    for seed in range(1, 30):
        item = made(seed)
        (said,) = [w for w in sorted(weights, key=len, reverse=True) if w in item["prompt"]][:1]
        assert item["criterion"][0]["check"]["calls_match"]["calls"][0]["args"]["weight_g"] == {
            "number": weights[said]
        }
