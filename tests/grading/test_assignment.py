"""Who grades what (human-grading contract, section 8)."""

import pytest

from zhprobe.errors import UserError
from zhprobe.grading.assignment import Block, assign_blocks, describe, half_width, start_batch
from zhprobe.grading.batch import (
    Annotator,
    Batch,
    human_grades,
    name_annotators,
    read_annotators,
    settled_verdicts,
)
from zhprobe.grading.ledger import GradeEvent, Mark
from zhprobe.grading.sheet import row_id, write_sheets


def people(count, **more):
    return [Annotator(f"a{n:02d}", **more) for n in range(1, count + 1)]


def blocks(count, capabilities=2):
    return [Block(f"b{n}", f"c{n % capabilities}", (f"b{n}/x", f"b{n}/y"), 4) for n in range(count)]


@pytest.mark.parametrize("count", [10, 37, 200])
@pytest.mark.parametrize("annotators", range(2, 9))
@pytest.mark.parametrize("double", [0.25, 1.0])
def test_every_two_annotators_share_equally_many_blocks(annotators, count, double):
    plan = assign_blocks(blocks(count, 3), people(annotators), double=double, seed=7)
    assert max(plan.pairs.values()) - min(plan.pairs.values()) <= 1
    given = [name for names in plan.blocks.values() for name in names]
    assert sorted(given) == sorted([b.id for b in blocks(count)] + list(plan.doubled))
    assert not plan.left
    rows = [len(names) for names in plan.blocks.values()]
    assert max(rows) - min(rows) <= 2


def test_the_same_seed_gives_the_same_plan_and_another_seed_another():
    plans = [assign_blocks(blocks(50), people(4), seed=s) for s in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]


def test_nobody_gets_more_than_their_capacity_or_a_capability_they_do_not_take():
    team = [
        Annotator("a01", capacity=20),
        Annotator("a02", capabilities=("c0",)),
        Annotator("a03", capacity=8),
    ]
    plan = assign_blocks(blocks(40), team, seed=3)
    assert len(plan.blocks["a01"]) <= 5 and len(plan.blocks["a03"]) <= 2
    assert all(int(b[1:]) % 2 == 0 for b in plan.blocks["a02"])
    assert plan.left


@pytest.mark.parametrize(("doubled", "width"), [(50, 0.22), (100, 0.16), (200, 0.11)])
def test_the_expected_half_width_is_that_of_the_contract(doubled, width):
    assert round(half_width(doubled), 2) == width


@pytest.fixture
def started(tmp_path, make_run, law_items):
    items = law_items(40)
    runs = [
        make_run(
            tmp_path / name,
            f"maker/{name}",
            items,
            lambda item, _, name=name: f"我是{name}，第{item.id}题：三年。",
        )
        for name in ("secretmodel", "otherlm")
    ]
    made = start_batch(
        runs,
        tmp_path / "b1",
        people(3),
        double=0.5,
        repeat=0.1,
        seed=5,
        signatures=["secretmodel", "otherlm"],
    )
    return Batch(made.folder)


def test_a_block_stays_whole_with_one_annotator(started):
    for who in ("a01", "a02", "a03"):
        rows = [i for i in started.ledger.state.rows_of(who) if i.sample == "random"]
        for block in {i.block for i in rows}:
            answers = {i.answer for i in rows if i.block == block}
            assert {a.split("/")[0] for a in answers} == {"secretmodel", "otherlm"}
            assert len([i for i in rows if i.block == block]) == 4


def test_gold_rows_are_at_least_five_and_look_like_any_other(started):
    for who in ("a01", "a02", "a03"):
        gold = [i for i in started.ledger.state.rows_of(who) if i.sample == "gold"]
        assert len(gold) >= 5 and all(i.gold in ("0", "1") for i in gold)
    row = started.row(gold[0])
    assert row.answer == "诉讼时效期间为三年。"


def test_repeated_rows_come_at_least_fifty_rows_later_under_a_new_id(started):
    repeats = [i for i in started.ledger.state.issued.values() if i.sample == "repeat"]
    assert repeats
    for issue in repeats:
        first = started.ledger.state.issued[issue.repeat_of]
        assert issue.position - first.position > 50 and issue.row_id != first.row_id
        assert (issue.annotator, issue.answer, issue.criterion) == (
            first.annotator,
            first.answer,
            first.criterion,
        )


def test_no_issued_file_names_a_model(started, tmp_path):
    import zipfile

    for who in ("a01", "a02", "a03"):
        for path in write_sheets(tmp_path / "out", started.rows_of(who), started.info, who):
            raw = path.read_bytes()
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as archive:
                    raw = b"".join(archive.read(name) for name in archive.namelist())
            assert b"secretmodel" not in raw and b"otherlm" not in raw and b"maker/" not in raw, path.name


def test_a_dry_run_writes_nothing(tmp_path, make_run, law_items):
    run = make_run(tmp_path / "m", "m", law_items(5), lambda item, _: "三年")
    made = start_batch([run], tmp_path / "b", people(2), dry_run=True)
    assert made.folder is None and sum(made.rows.values()) > 0 and not (tmp_path / "b").exists()


def test_empty_and_failed_answers_are_left_to_the_rules(tmp_path, make_run, law_items):
    texts = {"i000": "", "i001": {"error": {"kind": "timeout"}}, "i002": "三年"}
    from zhprobe.records import ReplyError

    def answer(item, _):
        given = texts[item.id]
        return {"error": ReplyError("timeout")} if isinstance(given, dict) else given

    made = start_batch(
        [make_run(tmp_path / "m", "m", law_items(3), answer)], tmp_path / "b", people(1), gold=0
    )
    assert (made.info.counts["empty"], made.info.counts["failed"], made.rows["a01"]) == (1, 1, 2)


def test_a_human_sample_is_drawn_by_group_and_keeps_its_probability(tmp_path, make_run, law_items):
    run = make_run(tmp_path / "m", "m", law_items(40), lambda item, _: "三年")
    made = start_batch([run], tmp_path / "b", people(1), share=0.5, gold=0, repeat=0)
    issued = Batch(tmp_path / "b").ledger.state.issued.values()
    assert {i.probability for i in issued} == {0.5} and len({i.block for i in issued}) == 20
    assert made.info.strata == {"law": {"items": 40, "drawn": 20}}


def test_targeted_answers_are_marked_apart(tmp_path, make_run, law_items):
    run = make_run(tmp_path / "m", "m", law_items(40), lambda item, _: "三年")
    every = [f"m/law/limits/i{n:03d}#0" for n in range(40)]
    start_batch([run], tmp_path / "b", people(1), share=0.25, gold=0, repeat=0, targeted=every)
    counts = {}
    for issue in Batch(tmp_path / "b").ledger.state.issued.values():
        counts[issue.sample] = counts.get(issue.sample, 0) + 1
    assert counts == {"random": 20, "targeted": 60}


def test_a_calibration_round_gives_everybody_the_same_answers_and_counts_for_nothing(
    tmp_path, make_run, law_items
):
    run = make_run(tmp_path / "m", "m", law_items(40), lambda item, _: "三年")
    start_batch([run], tmp_path / "b", people(3), calibration=15)
    batch = Batch(tmp_path / "b")
    sets = [{i.answer for i in batch.ledger.state.rows_of(p)} for p in ("a01", "a02", "a03")]
    assert sets[0] == sets[1] == sets[2] and len(sets[0]) == 15
    row = batch.ledger.state.rows_of("a01")[0].row_id
    batch.ledger.append(GradeEvent(row, Mark("1"), "page", "t"))
    assert human_grades(tmp_path / "b") == []


def test_pairs_are_shown_in_both_orders_equally_often(tmp_path, make_run, law_items):
    items = law_items(30)
    runs = [make_run(tmp_path / n, n, items, lambda item, _, n=n: f"{n}的回答") for n in ("甲", "乙")]
    start_batch(runs, tmp_path / "b", people(1), kind="pairwise")
    batch = Batch(tmp_path / "b")
    orders = [i.order for i in batch.ledger.state.issued.values() if i.sample == "random"]
    assert orders.count("ab") == orders.count("ba") == 15
    for issue in batch.ledger.state.issued.values():
        row = batch.row(issue)
        first, second = issue.answer.split("~") if issue.order == "ab" else issue.answer.split("~")[::-1]
        assert (row.answer, row.answer_b) == (batch.answers[first].text, batch.answers[second].text)


def test_grades_carry_pseudonyms_and_settle_by_majority(started):
    state = started.ledger.state
    place = next(
        (i.answer, i.criterion)
        for i in state.issued.values()
        if i.sample == "random" and i.block in _doubled(state)
    )
    rows = [i for i in state.issued.values() if (i.answer, i.criterion) == place and i.sample == "random"]
    assert len(rows) == 2
    started.ledger.append(
        *(GradeEvent(i.row_id, Mark(v), "page", "t") for i, v in zip(rows, "10", strict=True))
    )
    grades = human_grades(started.folder, place[0].split("/")[0])
    assert sorted(g.grader for g in grades) == sorted(f"human:{i.annotator}" for i in rows)
    (one,) = settled_verdicts(started.folder)
    assert (one.how, one.verdict.outcome) == ("split", "unsure")


def _doubled(state):
    owners = {}
    for issue in state.issued.values():
        if issue.sample == "random":
            owners.setdefault(issue.block, set()).add(issue.annotator)
    return {block for block, who in owners.items() if len(who) == 2}


def test_annotators_without_an_id_get_a_pseudonym(tmp_path):
    (tmp_path / "a.toml").write_text(
        '[[annotator]]\nname = "李明"\n[[annotator]]\nid = "a01"\n', encoding="utf-8"
    )
    assert [a.id for a in read_annotators(tmp_path / "a.toml")] == ["a02", "a01"]


@pytest.mark.parametrize("entry", [{"id": "李明"}, {"id": "a", "age": 3}, {"id": "x" * 17}])
def test_a_wrong_annotator_is_told_where(entry):
    with pytest.raises(UserError, match="annotator 1"):
        name_annotators([entry], "annotators.toml")


def test_names_stay_in_their_own_file(tmp_path, make_run, law_items):
    run = make_run(tmp_path / "m", "m", law_items(12), lambda item, _: "三年")
    start_batch([run], tmp_path / "b", [Annotator("a01", "李明")])
    write_sheets(
        tmp_path / "b" / "sheets", Batch(tmp_path / "b").rows_of("a01"), Batch(tmp_path / "b").info, "a01"
    )
    held = [
        p.name for p in (tmp_path / "b").rglob("*.*") if p.is_file() and "李明".encode() in p.read_bytes()
    ]
    assert held == ["annotators.toml"]
    assert Batch(tmp_path / "b").annotator("李明") == "a01"


@pytest.mark.parametrize(("evidence", "rule"), [("asked", "optional"), ("all", "required")])
def test_people_quote_where_the_criterion_asks_or_for_all_that_earns_points(
    tmp_path, make_run, law_items, evidence, rule
):
    import msgspec

    items = [
        msgspec.structs.replace(
            i, criteria=tuple(msgspec.structs.replace(c, evidence=None) for c in i.criteria)
        )
        for i in law_items(12)
    ]
    run = make_run(tmp_path / "m", "m", items, lambda item, _: "三年")
    start_batch([run], tmp_path / "b", people(1), evidence=evidence, gold=0, repeat=0)
    rows = {row.criterion.id: row for row in Batch(tmp_path / "b").rows_of("a01")}
    assert (rows["limit"].evidence, rows["invented"].evidence) == (rule, "optional")
    assert ("须有依据" in rows["limit"].criterion_text) == (rule == "required")


def test_gold_and_repeated_rows_fit_into_the_capacity(tmp_path, make_run, law_items):
    run = make_run(tmp_path / "m", "m", law_items(100), lambda item, _: "三年")
    made = start_batch([run], tmp_path / "b", people(2, capacity=80), repeat=0.1, double=0)
    assert all(70 <= rows <= 80 for rows in made.rows.values()), made.rows


def test_as_many_blocks_are_doubled_as_was_asked_in_each_capability():
    plan = assign_blocks(blocks(40, 2), people(3), double=0.3, seed=1)
    assert [sum(int(b[1:]) % 2 == n for b in plan.doubled) for n in (0, 1)] == [6, 6]
    assert assign_blocks(blocks(40), people(1), double=1.0).doubled == ()


def test_row_ids_are_those_of_the_contract_and_a_repeated_row_has_another(started):
    for issue in started.ledger.state.issued.values():
        plain = row_id("b1", issue.annotator, issue.answer, issue.criterion)
        assert (issue.row_id == plain) == (issue.sample != "repeat")


def test_a_calibration_round_repeats_nothing_and_has_no_gold(tmp_path, make_run, law_items):
    run = make_run(tmp_path / "m", "m", law_items(60), lambda item, _: "三年")
    start_batch([run], tmp_path / "b", people(2), calibration=60, repeat=0.2)
    assert {i.sample for i in Batch(tmp_path / "b").ledger.state.issued.values()} == {"random"}


def test_what_an_earlier_batch_agreed_on_becomes_gold(tmp_path, make_run, law_items):
    import msgspec

    plain = [msgspec.structs.replace(i, specimens=()) for i in law_items(12)]
    run = make_run(tmp_path / "m", "m", plain, lambda item, _: f"{item.id}三年")
    start_batch([run], tmp_path / "old", people(2), double=1.0)
    old = Batch(tmp_path / "old")
    assert not [i for i in old.ledger.state.issued.values() if i.gold]
    events = []
    for issue in old.ledger.state.issued.values():
        agreed = "1" if issue.criterion == "limit" else "0"
        split = issue.answer.endswith("i000#0") and issue.annotator == "a02"
        events.append(
            GradeEvent(issue.row_id, Mark({"1": "0", "0": "1"}[agreed] if split else agreed), "page", "t")
        )
    old.ledger.append(*events)
    start_batch([run], tmp_path / "new", people(1), gold=1.0, gold_from=tmp_path / "old", repeat=0)
    gold = [i for i in Batch(tmp_path / "new").ledger.state.issued.values() if i.sample == "gold"]
    assert {(i.criterion, i.gold) for i in gold} == {("limit", "1"), ("invented", "0")}
    assert len(gold) == 22 and not any(i.answer.endswith("i000#0") for i in gold)


def test_the_plan_is_told_in_both_languages(tmp_path, make_run, law_items):
    run = make_run(tmp_path / "m", "m", law_items(40), lambda item, _: "三年")
    team = [Annotator("a01", "李明"), Annotator("a02", "王芳")]
    made = start_batch([run], tmp_path / "b", team, dry_run=True)
    assert "a01（李明）" in describe(made, team, "zh") and "两人同评共 10 题" in describe(made, team, "zh")
    assert "10 items graded twice" in describe(made, team, "en")
