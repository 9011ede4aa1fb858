"""The practice sets answer back."""

import pytest
from click.testing import CliRunner

from zhprobe.cli import main
from zhprobe.grading.practice import practice_names, read_practice


@pytest.mark.parametrize("name", practice_names())
def test_every_set_has_both_verdicts_and_a_reason_for_each(name):
    found = read_practice(name)
    assert found.capability == name and len(found.case) >= 5
    assert all(case.verdict in case.codes and len(case.why) > 10 for case in found.case)
    assert len({case.verdict for case in found.case}) > 1
    assert not found.reviewed  # nobody has looked


def test_practice_says_at_once_what_the_guide_says():
    cases = read_practice("legal").case
    wrong = "0" if cases[0].verdict == "1" else "1"
    lines = [wrong, "很好", *(c.verdict for c in cases[1:])]
    result = CliRunner().invoke(
        main, ["grade", "--practice", "legal", "--lang", "zh"], input="\n".join(lines) + "\n"
    )
    assert result.exit_code == 0
    assert f"✗ 指南判 {cases[0].verdict}。{cases[0].why}" in result.output
    assert "只能填 1、0、NA、U" in result.output
    assert f"{len(cases) - 1}/{len(cases)} 与指南一致" in result.output


def test_practice_can_be_left_and_names_the_sets_it_has():
    result = CliRunner().invoke(main, ["grade", "--practice", "poetry"], input="q\n")
    assert result.exit_code == 0 and "0" in result.output.splitlines()[-1]
    result = CliRunner().invoke(main, ["grade", "--practice", "law"])
    assert result.exit_code == 2 and "legal" in result.stderr
