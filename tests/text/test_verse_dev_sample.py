"""The labelled development sample, where it lies beside the repository."""

import json
from collections import Counter
from pathlib import Path

import pytest

from zhprobe.text.ci import scan_song
from zhprobe.text.readings import simplified
from zhprobe.text.verse import scan_lines

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "poetry" / "dev_sample.jsonl"
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="the development sample is not here")

# Read by hand: true departures of 千家诗, and one poem that rests on a rare reading.
DEPART = {f"dev{n:03d}" for n in (6, 7, 37, 42, 58, 66, 74, 76, 118)}
RARE = {"dev045"}
EXPECTED = {
    "tone at second character": {"失替"},
    "oblique rhyme word": {"句脚"},
    "off rhyme": {"出韵", "邻韵"},
}


def sample(*sets):
    rows = (
        [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
        if SAMPLE.exists()
        else []
    )
    return [row for row in rows if row["set"] in sets]


def by_id(rows):
    return [pytest.param(row, id=row["id"]) for row in rows]


@pytest.mark.parametrize("row", by_id(sample("injected")))
def test_every_injected_fault_is_named_at_its_place(row):
    found = scan_lines(row["lines"])
    line, character = row["at"]
    named = {(f.line - 1, f.character - 1) for f in found.faults if f.name in EXPECTED[row["expect"]]}
    assert (line, character) in named


def test_only_the_true_departures_of_the_anthology_fail():
    outcomes = {row["id"]: scan_lines(row["lines"]).strict for row in sample("千家诗")}
    assert {name for name, outcome in outcomes.items() if outcome == "fail"} == DEPART
    assert {name for name, outcome in outcomes.items() if outcome == "unsure"} <= RARE


@pytest.mark.parametrize("row", by_id(sample("prose")))
def test_no_prose_passes(row):
    assert scan_lines(row["lines"]).strict == "fail"


def test_simplified_and_traditional_get_the_same_outcome():
    for row in sample("千家诗", "全唐诗", "全宋诗"):
        one, two = scan_lines(row["lines"]), scan_lines([simplified(line) for line in row["lines"]])
        assert (one.strict, one.lenient, one.types) == (two.strict, two.lenient, two.types), row["id"]


def test_types_and_faults_agree_with_the_first_checker_where_the_poem_is_not_far_off():
    """It called 失替 句脚 平仄 by one name; repeated rhyme words it did not look for."""
    for row in sample("千家诗", "全唐诗", "全宋诗"):
        before = row["prototype"]
        if len(before["faults"]) > 3:
            continue
        found = scan_lines(row["lines"])
        assert found.types == before["types"], row["id"]
        mine = Counter(
            {"失替": "平仄", "句脚": "平仄", "首句不韵": "首句韵"}.get(f.name, f.name)
            for f in found.faults
            if f.name != "重韵"
        )
        assert mine == Counter(fault[0] for fault in before["faults"]), row["id"]


def test_most_songs_fit_their_tune_and_no_row_makes_a_check_raise():
    outcomes = Counter()
    for row in sample("全宋词"):
        found = scan_song("\n".join(row["lines"]), row["cipai"])
        if not any(fault.name == "字数" for fault in found.faults):
            outcomes[found.lenient] += 1
    assert outcomes["pass"] + outcomes["unsure"] >= 0.9 * outcomes.total()
