"""Agreement of graders: laws, statuses, and figures on real raters where the data are at hand."""

import csv
from pathlib import Path

import numpy as np
import pytest

from zhprobe.stats.agreement import (
    agree,
    agreement_weights,
    cohen_kappa,
    count_ratings,
    fleiss_kappa,
    gaps_differ,
    gwet_ac,
    krippendorff_alpha,
    validate_judge,
)
from zhprobe.stats.correction import ppi
from zhprobe.stats.intervals import t_quantile
from zhprobe.stats.strength import Games, davidson

SHARED = [path / "shared" / "data" / "grading" / "agreement" for path in Path(__file__).resolve().parents]
DATA = next((path for path in SHARED if path.is_dir()), None)
with_data = pytest.mark.skipif(DATA is None, reason="the agreement data are not at hand")


def test_no_variation_is_undefined_and_never_full_agreement():
    result = agree([["met", "met"]] * 40, ["met", "not_met"])
    assert result.alpha.value is None
    assert result.percent.value == 1.0
    assert result.note == "constant"
    assert cohen_kappa([[30, 0], [0, 0]]) == (None, None)


def test_few_units_report_nothing():
    result = agree([["met", "not_met"]] * 19, ["met", "not_met"])
    assert result.percent.value is None and result.note == "too_few"


def test_from_twenty_to_thirty_units_there_is_no_interval():
    units = [["met", "met"], ["not_met", "not_met"], ["met", "not_met"]] * 8
    result = agree(units, ["met", "not_met"])
    assert result.alpha.value is not None and result.alpha.low is None
    wide = agree(units * 2, ["met", "not_met"])
    assert wide.alpha.low < wide.alpha.value < wide.alpha.high


def test_groups_of_units_widen_the_interval():
    random = np.random.default_rng(1)
    units = []
    for _ in range(20):
        good = random.random() < 0.5
        units += [["a", "a"] if good else ["a", "b"]] * 5
    alone = agree(units, ["a", "b"], seed=3)
    grouped = agree(units, ["a", "b"], groups=[i // 5 for i in range(100)], seed=3)
    assert grouped.percent.half > 1.5 * alone.percent.half
    assert (alone.percent.groups, grouped.percent.groups) == (100, 20)


def test_missing_ratings_leave_a_unit_out_of_pairs():
    counts = count_ratings([["a", "a"], ["a", None], ["b", "b"]], ["a", "b"])
    assert krippendorff_alpha(counts) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("table", "status"),
    [
        ((60, 4, 5, 50), "validated"),
        ((14, 2, 2, 12), "provisional"),
        ((5, 1, 1, 5), "unvalidated"),
        ((20, 30, 20, 30), "rejected"),
        ((118, 5, 2, 0), "rejected"),
        ((90, 1, 2, 3), "provisional"),
        ((0, 0, 0, 0), "unvalidated"),
    ],
)
def test_the_status_of_a_judge_follows_from_the_four_counts(table, status):
    assert validate_judge(*table).status == status


def test_the_gap_is_judge_less_human():
    result = validate_judge(40, 20, 10, 30)
    assert result.gap.value == pytest.approx(0.10)
    assert gaps_differ([0.1, -0.1], 0.3) and not gaps_differ([0.1], 0.3)


def pairwise():
    with (DATA / "pairwise-labels.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def majority(row):
    votes = [row[f"human_{k}"] for k in (1, 2, 3)]
    return max(set(votes), key=votes.count)


@with_data
def test_three_people_agree_on_pairs_as_printed():
    rows = pairwise()
    counts = count_ratings([[r["human_1"], r["human_2"], r["human_3"]] for r in rows], ["0", "1", "2"])
    assert krippendorff_alpha(counts) == pytest.approx(0.864221, abs=1e-6)
    assert fleiss_kappa(counts)[0] == pytest.approx(0.864175, abs=1e-6)
    assert gwet_ac(counts) == pytest.approx((0.886445, 0.009803), abs=1e-6)


@with_data
@pytest.mark.parametrize(("one", "other", "kappa"), [(1, 2, 0.852023), (1, 3, 0.878944), (2, 3, 0.861661)])
def test_kappa_of_two_people_is_as_printed(one, other, kappa):
    table = np.zeros((3, 3))
    for row in pairwise():
        table[int(row[f"human_{one}"]), int(row[f"human_{other}"])] += 1
    assert cohen_kappa(table)[0] == pytest.approx(kappa, abs=1e-6)


@with_data
@pytest.mark.parametrize(
    ("judge", "usable", "percent", "kappa", "ac1"),
    [("judge_a", 974, 0.715606, 0.492865, 0.605150), ("judge_b", 999, 0.667668, 0.435355, 0.529109)],
)
def test_a_judge_against_the_majority_is_as_printed(judge, usable, percent, kappa, ac1):
    rows = [r for r in pairwise() if r[judge] != ""]
    table = np.zeros((3, 3))
    for row in rows:
        table[int(majority(row)), int(row[judge])] += 1
    counts = count_ratings([[majority(r), r[judge]] for r in rows], ["0", "1", "2"])
    assert len(rows) == usable
    assert np.trace(table) / table.sum() == pytest.approx(percent, abs=1e-6)
    assert cohen_kappa(table)[0] == pytest.approx(kappa, abs=1e-6)
    assert gwet_ac(counts)[0] == pytest.approx(ac1, abs=1e-6)


@with_data
def test_strengths_from_the_majority_are_as_printed():
    games = [
        Games(r["model_1"], r["model_2"], majority(r) == "1", majority(r) == "2", majority(r) == "0")
        for r in pairwise()
    ]
    fit = davidson(games)
    theta = {name: value for name, (value, _) in fit.against("bloom-7b").items()}
    printed = {"cerebras": -0.585864, "llama": 0.839699, "opt": -0.253749, "pythia": 0.103550}
    for name, value in printed.items():
        found = next(v for model, v in theta.items() if model.startswith(name))
        assert found == pytest.approx(value, abs=1e-5)
    assert fit.tie == pytest.approx(0.251433, abs=1e-5)


def ratings(name, question):
    """Ratings of each text; a person who rated a text twice counts with the first rating."""
    units: dict[str, dict[str, float]] = {}
    with (DATA / name).open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row[question] and float(row[question]) > 0:
                units.setdefault(row["text_id"], {}).setdefault(row["annotator_id"], float(row[question]))
    return {text: list(by_person.values()) for text, by_person in units.items()}


@with_data
@pytest.mark.parametrize(
    ("question", "ordinal", "interval", "ac2", "units"),
    [
        ("Q0", 0.053142, 0.065113, 0.610255, 245),
        ("Q3", 0.314536, 0.373000, 0.617534, 194),
        ("Q8", 0.067168, 0.061469, 0.871055, 245),
    ],
)
def test_levels_of_dialogue_raters_agree_as_printed(question, ordinal, interval, ac2, units):
    rated = list(ratings("dialogue-synth-human.tsv", question).values())
    levels = [1.0, 2.0, 3.0, 4.0]
    counts = count_ratings(rated, levels)
    assert sum(len(r) >= 2 for r in rated) == units
    assert krippendorff_alpha(counts, "ordinal", levels) == pytest.approx(ordinal, abs=1e-6)
    assert krippendorff_alpha(counts, "interval", levels) == pytest.approx(interval, abs=1e-6)
    assert gwet_ac(counts, agreement_weights(levels, "quadratic"))[0] == pytest.approx(ac2, abs=1e-6)


@with_data
def test_the_corrected_mean_of_dialogues_is_as_printed():
    people = {key: values[0] for key, values in ratings("dialogue-real-human.tsv", "Q0").items()}
    judge = {}
    with (DATA / "dialogue-real-judge.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["criterion"] == "Q0":
                judge[row["text_id"]] = sum(k * float(row[f"answer{k}_prob"]) for k in (1, 2, 3, 4))
    both = sorted(set(people) & set(judge))
    assert len(both) == 223
    y, f = [people[k] for k in both], [judge[k] for k in both]
    assert (np.mean(y), np.mean(f)) == pytest.approx((2.825112, 3.282864), abs=1e-6)
    value, se, weight = ppi(y[:60], f[:60], f[60:])
    assert (value, se, weight) == pytest.approx((2.797751, 0.099313, 0.286965), abs=1e-6)
    half = t_quantile(0.975, 59) * se
    assert (value - half, value + half) == pytest.approx((2.599026, 2.996476), abs=1e-6)
    assert np.std(y[:60], ddof=1) / 60**0.5 == pytest.approx(0.100282, abs=1e-6)
