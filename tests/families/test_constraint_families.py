"""Constraint families: the tables they draw from hold what they promise; every item tests its own checks."""

from pathlib import Path

import pytest

from zhprobe.checks.json_selftest import idle_trials
from zhprobe.families.constraint_items import FORBIDDEN, SCENES, TIPS
from zhprobe.families.registry import all_families
from zhprobe.mutation import mutants
from zhprobe.probes import load_probe
from zhprobe.specimens import check_specimens, lint
from zhprobe.text.han import count_han
from zhprobe.text.segments import sentences

NAMES = [name for name in all_families() if name.startswith("constraint_")]


@pytest.fixture(scope="module")
def probe_of(tmp_path_factory):
    def make(name, seeds):
        path = tmp_path_factory.mktemp("probes") / "drawn.toml"
        parts = [f'[[generate]]\nfamily = "{family}"\nseeds = {list(seeds)}\n' for family in name.split()]
        path.write_text('id = "t/drawn"\nversion = 1\nasks = "?"\n' + "".join(parts), encoding="utf-8")
        return load_probe(path, Path(path.parent))

    return make


def test_tips_are_of_one_length_and_speak_of_their_topic():
    for topic, (words, tips) in TIPS.items():
        assert {count_han(tip) for tip in tips} == {6} and len(set(tips)) == 8, topic
        assert sum(any(word in tip for word in words) for tip in tips) >= 5, topic


def test_scenes_hold_their_word_and_none_of_the_forbidden_characters():
    for scene in SCENES.values():
        for word, line in scene:
            assert word in line and len(sentences(line)) == 1
            assert not any(sign in line for sign in FORBIDDEN), line


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_item_and_other_seeds_others(name):
    make = all_families()[name]
    assert make(3) == make(3)
    assert len({make(seed)["prompt"] for seed in range(1_000_000, 1_000_040)}) >= 30


def test_specimens_of_any_seed_get_their_verdicts_and_nothing_is_amiss(probe_of):
    probe = probe_of(" ".join(NAMES), range(60))
    assert [str(found) for found in check_specimens(probe)] == []
    assert [str(fault) for fault in lint(probe)] == []


@pytest.mark.parametrize("name", NAMES)
def test_near_misses_notice_every_looser_check(name, probe_of):
    for seed in range(6):
        assert [m.name for m in mutants(probe_of(name, [seed])) if not m.killed] == []


@pytest.mark.parametrize("name", NAMES)
def test_replies_that_do_nothing_fail(name, probe_of):
    assert all(trial.ok for item in probe_of(name, range(20)).items for trial in idle_trials(item))
