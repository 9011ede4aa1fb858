"""The legal section: what is counted, from where, and how it is shown."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import date

import msgspec
import pytest

from zhprobe.files import Journal, write_jsonl
from zhprobe.grading.automatic import answer_hash
from zhprobe.records import Criterion, Grade, Item, Probe, Reply, ReplyError, Settings, Verdict
from zhprobe.report.citation import cite_detail
from zhprobe.report.compare import compare_runs
from zhprobe.report.legal_section import legal_line, legal_section, legal_table
from zhprobe.report.render import write_report
from zhprobe.report.result import Report
from zhprobe.report.rows import RunNumbers
from zhprobe.report.table import to_markdown, to_text
from zhprobe.runs import REPLIES, VERDICTS, RunInfo, create_run, select

GOOD = "依据《民法典》第五百七十七条，对方应当承担违约责任。"
REPEALED = "依据《合同法》第107条，对方应当承担违约责任。"
ABSENT = "依据《民法典》第二千条，对方应当承担违约责任。"
NONE = "对方应当赔偿。"
ABSTAINS = "我不能确认条文原文，请以官方文本为准。"


def legal_run(folder, answers, *, model="api/jia", capability="legal", check="quotes_exact", details=None):
    """A run of one probe; `answers` gives (text, or None for a failure) for items a, b, c …, one of them a control.

    `details` maps an item to the citation detail that a check is to have given.
    """
    criterion = Criterion("exact", "条文逐字相同", 1, "check", {check: {}})
    names = [chr(ord("a") + i) for i in range(len(answers))]
    items = [
        Item(
            f"{capability}/p",
            name,
            ({"role": "user", "content": "写出条文"},),
            (criterion,),
            role="control" if name == "z" else "item",
            digest=name,
        )
        for name in names
    ]
    probe = Probe(f"{capability}/p", capability, "Can it?", 1, tuple(items))
    create_run(folder, RunInfo(model, Settings()), select([probe]))
    grades = []
    with Journal(folder / REPLIES) as journal:
        for name, text in zip(names, answers, strict=True):
            error = ReplyError("timeout") if text is None else None
            reply = Reply(probe.id, name, model, text=text or "", error=error, item_digest=name)
            journal.append(reply)
            if details and name in details:
                verdict = Verdict("met", detail=details[name])
                grades.append(
                    Grade(reply.id, "exact", 1, f"check:{check}", verdict, answer=answer_hash(reply))
                )
    write_jsonl(folder / VERDICTS, grades)
    return folder


def section_of(*folders, **more):
    return legal_section([(folder.name, RunNumbers(folder)) for folder in folders], **more)


def rates_of(cell):
    return {rate.name: (rate.k, rate.n) for rate in cell.figures.rates}


def test_each_rate_is_counted_over_the_answers_of_its_model(tmp_path):
    one = legal_run(tmp_path / "one", [GOOD, GOOD, REPEALED, ABSENT, NONE])
    other = legal_run(tmp_path / "other", [NONE, NONE, None, GOOD, GOOD])
    first, second = section_of(one, other).cells
    assert first.figures.answers == 5 and second.figures.answers == 4
    found = rates_of(first)
    assert found["cites"] == (4, 5) and found["clean_answers"] == (2, 5)
    assert found["in_force"] == (3, 4) and found["exists"][0] == found["exists"][1] - 1
    assert rates_of(second)["cites"] == (2, 4)
    in_force = next(rate for rate in first.figures.rates if rate.name == "in_force")
    # Wilson, 3 of 4, z = 1.96 (Newcombe 1998, method 3)
    assert (in_force.low, in_force.high) == pytest.approx((0.3006, 0.9544), abs=5e-4)


def test_a_detail_that_a_check_gave_is_taken_and_only_the_rest_is_read(tmp_path):
    told = cite_detail(ABSENT) | {"asof": "2021-06-30"}
    run = legal_run(tmp_path / "run", [GOOD, NONE], details={"a": told})
    cell = section_of(run).cells[0]
    assert cell.read_here == 1
    assert rates_of(cell)["cites"] == (1, 2) and rates_of(cell)["clean_answers"] == (0, 2)
    assert cell.figures.days == ("2021-06-30", "2026-09-30")


def test_a_detail_of_an_answer_that_was_asked_again_is_not_taken(tmp_path):
    run = legal_run(tmp_path / "run", [GOOD], details={"a": cite_detail(GOOD)})
    again = Reply("legal/p", "a", "api/jia", text=REPEALED, item_digest="a")
    with Journal(run / REPLIES) as journal:
        journal.append(again)
    cell = section_of(run).cells[0]
    assert cell.read_here == 1 and cell.figures.answers == 1
    assert rates_of(cell)["clean_answers"] == (0, 1)


def test_abstentions_stand_apart_and_only_where_words_were_asked_for(tmp_path):
    quoted = "《民法典》第七条：“民事主体从事民事活动，应当遵循诚信原则，秉持诚实，恪守承诺。”"
    said = [ABSTAINS, ABSTAINS, quoted, f"{quoted}{ABSTAINS}", NONE]
    figures = section_of(legal_run(tmp_path / "asked", said)).cells[0].figures
    assert (figures.abstained, figures.asked) == (2, 5)
    figures = section_of(legal_run(tmp_path / "free", said, check="cites_in_force")).cells[0].figures
    assert (figures.abstained, figures.asked) == (0, 0)


def test_controls_do_not_count(tmp_path):
    run = legal_run(tmp_path / "run", [GOOD] * 26)
    assert section_of(run).cells[0].figures.answers == 25


def test_there_is_no_section_without_legal_answers(tmp_path):
    other = legal_run(tmp_path / "poetry", [GOOD, NONE], capability="poetry")
    failed = legal_run(tmp_path / "failed", [None, None])
    assert section_of(other) is None and section_of(failed) is None
    report = write_report([other], tmp_path / "report.html")
    assert report.legal is None
    assert 'id="citations"' not in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "法条引用：" not in to_text(report)


def test_the_data_is_called_old_after_two_hundred_days(tmp_path):
    run = legal_run(tmp_path / "run", [GOOD])
    last, after = (section_of(run, today=day) for day in (date(2027, 4, 18), date(2027, 4, 19)))
    assert not last.too_old and after.too_old
    assert "DATA_TOO_OLD" in legal_line(after) and "DATA_TOO_OLD" not in legal_line(last)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_the_file_and_the_terminal_show_the_same_numbers(tmp_path, lang):
    runs = [
        legal_run(tmp_path / "a", [GOOD, REPEALED, "依据第九条。"]),
        legal_run(tmp_path / "b", [GOOD, GOOD, NONE], model="api/yi"),
    ]
    report = write_report(runs, tmp_path / "report.html", lang=lang)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    part = re.search(r'<section id="citations">.*?</section>', page, re.S)[0]
    again = msgspec.json.decode((tmp_path / "report.json").read_bytes(), type=Report)
    assert again.legal == report.legal
    for _, cells in legal_table(report.legal, lang):
        for cell in cells:
            assert f'">{cell.figure}<' in part
    assert "1/2" in part and "50% [9%, 91%]" in part  # one of two citations is of a repealed law
    assert "2026-09-30" in part and ("未经律师审核" in part or "no lawyer has checked" in part)
    assert ("未指明哪部法 1" if lang == "zh" else "of no named law 1") in part
    assert page.index('id="criteria"') < page.index('id="citations"') < page.index('id="items"')
    assert legal_line(report.legal, lang) in to_text(report, lang).splitlines()
    assert legal_line(report.legal, lang) in to_markdown(report, lang)


def test_a_report_written_before_there_was_a_section_can_still_be_read(tmp_path):
    report = compare_runs([legal_run(tmp_path / "a", [GOOD])])
    plain = json.loads(msgspec.json.encode(report))
    for name in ("legal", "translation", "unchecked"):
        del plain[name]
    assert msgspec.convert(plain, Report).legal is None


def test_hostile_words_in_a_detail_and_a_name_stay_text(tmp_path):
    bad = '</td><script>x</script>\u202e"'
    told = cite_detail(GOOD) | {"asof": bad, "not_checked": {bad: 1}}
    run = legal_run(tmp_path / "run", [GOOD, f"《{bad}》第一条"], model=bad, details={"a": told})
    report = write_report([run], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>x" not in page and "\u202e" not in page
    assert "\u202e" not in to_text(report)


def test_memory_does_not_grow_with_the_answers(tmp_path):
    count, length = 300, 20_000
    probe = Probe(
        "legal/p",
        "legal",
        "Can it?",
        1,
        tuple(
            Item(
                "legal/p",
                f"i{i}",
                ({"role": "user", "content": "问"},),
                (Criterion("exact", "逐字", 1, "check", {"quotes_exact": {}}),),
                digest=str(i),
            )
            for i in range(count)
        ),
    )
    create_run(tmp_path / "run", RunInfo("m", Settings()), select([probe]))
    detail = cite_detail(GOOD)
    grades = []
    with Journal(tmp_path / "run" / REPLIES) as journal:
        for item in probe.items:
            reply = Reply(probe.id, item.id, "m", text="无" * length, item_digest=item.digest)
            journal.append(reply)
            grades.append(
                Grade(
                    reply.id,
                    "exact",
                    1,
                    "check:quotes_exact",
                    Verdict("met", detail=detail),
                    answer=answer_hash(reply),
                )
            )
    write_jsonl(tmp_path / "run" / VERDICTS, grades)
    numbers = RunNumbers(tmp_path / "run")
    tracemalloc.start()
    section = legal_section([("m", numbers)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert section.cells[0].figures.answers == count and section.cells[0].read_here == 0
    assert peak < 3_000_000  # all answers together take 18 MB as UTF-8
