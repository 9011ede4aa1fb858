"""The rules that the Shanghainese probes hold themselves to, and what knowing nothing earns on them."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from zhprobe.checks import registry
from zhprobe.families.shanghainese import numeral
from zhprobe.grading.score import value_of
from zhprobe.probes import load_probes, packaged_folder
from zhprobe.records import Item, Probe, Reply
from zhprobe.specimens import program_criteria
from zhprobe.text.wu import exchange_words, fold_variants, lexicon
from zhprobe.text.wu_fidelity import score_fidelity

ROWS = {"understand", "answer_in_wu", "translate", "lexical", "pragmatics"}


@cache
def probes() -> tuple[Probe, ...]:
    return tuple(probe for probe in load_probes().sound() if probe.capability == "shanghainese")


def items(*rows: str) -> list[Item]:
    return [i for p in probes() for i in p.items if i.role == "item" and (not rows or i.row in rows)]


def twin(item: Item, role: str) -> Item:
    probe = next(p for p in probes() if p.id == item.probe)
    return next(i for i in probe.items if i.role == role and i.group == item.group)


def test_there_are_two_hundred_items_in_fourteen_probes_over_five_rows():
    assert len(items()) >= 200
    assert len(probes()) >= 14
    assert {item.row for item in items()} == ROWS


def test_every_item_to_be_understood_has_its_control_and_its_respelling():
    for item in items("understand"):
        assert item.control == twin(item, "control").id
        assert twin(item, "respelling").respelling == item.id
        assert item.control_kind in ("same_task", "metalinguistic")


def test_control_and_respelling_are_held_to_the_same_criteria():
    for item in items("understand"):
        for role in ("control", "respelling"):
            assert twin(item, role).criteria == item.criteria


def test_a_respelling_is_another_spelling_of_the_same_words():
    for item in items("understand"):
        other = twin(item, "respelling").prompt
        assert other != item.prompt, item.key
        folded = re.sub("垃(?!圾)", "辣", fold_variants(other).replace("吾", "我"))
        assert folded == fold_variants(item.prompt), item.key


def test_prompts_are_in_shanghainese_and_their_controls_are_not():
    for item in items("understand"):
        plain = re.sub('"[^"]*"', "", item.prompt)
        assert score_fidelity(plain).p > 0, item.key
        if item.control_kind == "same_task":
            assert score_fidelity(twin(item, "control").prompt).p <= 0.5, item.key


def test_every_item_to_be_understood_keeps_a_typical_wrong_answer():
    for item in items("understand"):
        assert item.extra.get("wrong_answers"), item.key
        assert any("not_met" in specimen.verdicts.values() for specimen in item.specimens), item.key


def test_no_item_rests_on_a_word_of_low_confidence():
    low = {word.form for word in lexicon() if word.confidence == "low"}
    rests = {item.key: set(item.extra.get("rests_on", ())) & low for item in items()}
    assert {key: words for key, words in rests.items() if words} == {}


def test_every_item_says_what_is_meant():
    assert [item.key for item in items() if not item.extra.get("intended")] == []


def test_free_replies_are_asked_for_with_sixty_characters_or_more():
    for item in items("answer_in_wu"):
        assert re.search("写[六七八九一].{0,3}[十百]", item.prompt), item.key
        assert any(c.gate == 0.0 and c.points < 0 for c in item.criteria), item.key


def earned(item: Item, answer: str) -> float:
    points = [
        (
            c.points,
            value_of(
                c,
                registry.run_check(
                    c.check_name, c.check_parameters, Reply(item.probe, item.id, "f", text=answer), item
                ),
            ),
        )
        for c in program_criteria(item)
    ]
    return sum(p * (v or 0) for p, v in points) / sum(p for p, _ in points)


def policies(item: Item, neighbours: list[Item]) -> dict[str, str]:
    source = str(item.slots.get("source", item.prompt))
    return {
        "empty": "",
        "echo": item.prompt,
        "constant": "好个，我晓得了。搿桩事体要看情况个，侬再问问清爽。",
        "control": twin(item, "control").prompt if item.control else item.prompt,
        "exchanged": exchange_words(source),
        "exchanged back": exchange_words(source, back=True),
        "foreign": neighbours[0].specimens[0].answer,
    }


FILES = sorted(p.stem for p in (packaged_folder() / "shanghainese").glob("*.toml"))
NAMES = [name for name in FILES if name not in ("capability", "reviews")]


@pytest.mark.parametrize("name", NAMES)
def test_knowing_nothing_earns_no_more_than_chance_and_a_tenth(name):
    probe = next(p for p in probes() if p.path.endswith(f"/{name}.toml"))
    own = [item for item in probe.items if item.role == "item"]
    totals: dict[str, float] = {}
    for place, item in enumerate(own):
        others = own[place + 1 :] + own[:place]
        for name, answer in policies(item, others).items():
            totals[name] = totals.get(name, 0.0) + earned(item, answer)
    means = {name: total / len(own) for name, total in totals.items()}
    assert {name: mean for name, mean in means.items() if mean > probe.chance + 0.10} == {}, probe.id


def dresses(answer: str) -> dict[str, str]:
    """One right answer as different writers would put it."""
    found = {
        "as it is": answer,
        "with a line feed": answer + "\n",
        "with a full stop": answer.rstrip("。") + "。" if "\n" not in answer else answer,
        "full width": answer.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        "Mandarin weekdays": answer.replace("礼拜", "星期"),
        "short weekdays": answer.replace("礼拜", "周"),
    }
    if answer.startswith("{"):
        value = json.loads(answer)
        found |= {
            "fenced": f"```json\n{json.dumps(value, ensure_ascii=False, indent=2)}\n```",
            "compact": json.dumps(value, ensure_ascii=False, separators=(",", ":")),
            "escaped": json.dumps(value),
            "keys turned": json.dumps(dict(reversed(value.items())), ensure_ascii=False),
            "numbers as strings": json.dumps(
                {k: str(v) if type(v) is int else v for k, v in value.items()}, ensure_ascii=False
            ),
            "introduced": f"好个：{answer}",
        }
        del found["with a full stop"], found["full width"]
    elif "\n" not in answer and len(answer) < 20:
        found |= {
            "bold": f"**{answer.rstrip('。')}**",
            "quoted": f"“{answer.rstrip('。')}”",
            "announced": f"答案：{answer}",
            "half-width marks": answer.replace("，", ", ").replace("、", ", "),
        }
    return found


def test_a_right_answer_is_right_in_any_dress():
    refused = []
    for item in items("understand", "lexical", "pragmatics"):
        if any(c.check_name == "wu_constraints" for c in item.criteria):
            continue  # form is what these ask for
        for name, answer in dresses(item.specimens[0].answer).items():
            if earned(item, answer) < 1:
                refused.append((item.key, name, answer))
    assert refused == []


def test_numerals_in_chinese_are_right_where_a_number_is_asked_for():
    for item in items("understand"):
        if any(c.check_name == "wu_number" for c in item.criteria) and "阿拉伯" not in item.prompt:
            value = int(float(item.specimens[0].answer))
            if value == float(item.specimens[0].answer) and 0 < value < 100:
                assert earned(item, numeral(value, wu=True)) == 1, item.key
                assert earned(item, numeral(value, wu=False)) == 1, item.key
