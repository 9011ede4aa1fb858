"""Families of Shanghainese tasks: the computed answer is the right one, the misreading is not."""

import json
import re

import pytest

from zhprobe.checks.registry import run_check
from zhprobe.families.registry import all_families
from zhprobe.records import Item, Reply
from zhprobe.text.wu import fold_variants
from zhprobe.text.wu_fidelity import score_fidelity

FAMILIES = {name: make for name, make in all_families().items() if name.startswith("wu_")}
CASES = [(name, seed) for name in sorted(FAMILIES) for seed in (*range(1, 13), 1000, 2**31)]

# Worked by hand from the prompt's words alone.
BY_HAND = [
    ("wu_weekday", "今朝是四号，礼拜五", "大后日", "晏两日", "9号，礼拜三"),  # 4 + 3 + 2, Friday + 5
    ("wu_weekday", "今朝是廿一号，礼拜日", "后日", "早一日", "22号，礼拜一"),  # 21 + 2 - 1, Sunday + 1
    ("wu_delay", "八点廿分开", "晏了三刻钟", "八点一刻到", "50"),  # 9:05 - 8:15
    ("wu_gifts", "有十一只月饼", "小明有四只", "拨了阿珍四只", '{"阿强": 8, "阿珍": 2, "小明": 5}'),
    ("wu_market_sum", "三块洋钿一斤，我买了廿一斤", "两块半一斤，我买了六斤", "两百块", "122"),  # 200-63-15
]


def check_of(table):
    ((name, parameters),) = table["criterion"][0]["check"].items()
    item = Item("shanghainese/x", "x", ({"role": "user", "content": table["prompt"]},), ())

    def run(answer):
        return run_check(name, parameters, Reply("shanghainese/x", "x", "m", text=answer), item).outcome

    return run


def test_there_are_eight_families():
    assert len(FAMILIES) == 8


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_the_computed_answer_is_met_and_every_misreading_is_not(name, seed):
    table = FAMILIES[name](seed)
    run = check_of(table)
    assert run(table["reference"]) == "met"
    wrong = [specimen["answer"] for specimen in table["specimen"][1:]]
    assert len(wrong) >= 2
    assert [answer for answer in wrong if run(answer) != "not_met"] == []


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_the_same_seed_gives_the_same_item_with_its_twins(name, seed):
    table = FAMILIES[name](seed)
    assert table == FAMILIES[name](seed)
    control, respelling = table["twins"]
    assert (control["role"], respelling["role"]) == ("control", "respelling")
    assert respelling["prompt"] != table["prompt"]
    folded = fold_variants(respelling["prompt"]).replace("吾", "我")
    assert re.sub("垃(?!圾)", "辣", folded) == fold_variants(table["prompt"])


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_the_prompt_is_shanghainese_and_the_control_is_not(name, seed):
    table = FAMILIES[name](seed)
    prompt, control = score_fidelity(table["prompt"]), score_fidelity(table["twins"][0]["prompt"])
    assert prompt.m == prompt.y == 0, [m.text for m in prompt.marks if m.list in "MY"]
    assert prompt.p > 0 >= control.p


@pytest.mark.parametrize(("name", "one", "two", "three", "answer"), BY_HAND)
def test_answers_worked_by_hand_agree(name, one, two, three, answer):
    found = [
        table["reference"]
        for seed in range(1, 4000)
        if all(part in (table := FAMILIES[name](seed))["prompt"] for part in (one, two, three))
    ]
    assert found
    if name != "wu_gifts":
        assert answer in found
    else:
        assert json.loads(answer) in [json.loads(text) for text in found]


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_seeds_give_different_items(name):
    assert len({FAMILIES[name](seed)["prompt"] for seed in range(40)}) >= 35
