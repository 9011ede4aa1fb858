"""Side figures of translations, and what nobody has checked, in the report."""

from __future__ import annotations

import re

import msgspec
import pytest

from zhprobe.files import Journal
from zhprobe.records import Criterion, Item, Probe, Reply, ReplyError, Settings
from zhprobe.report.compare import compare_runs
from zhprobe.report.render import write_report
from zhprobe.report.result import Report
from zhprobe.report.table import to_text
from zhprobe.runs import REPLIES, RunInfo, create_run, select

PAIRS = [  # source, reference, another reference
    ("伊明朝来勿来？", "他明天来不来？", "他明天会来吗？"),
    ("阿拉屋里向离地铁站老近个。", "我们家离地铁站很近。", "我们家离地铁站挺近的。"),
    ("侬夜饭吃过𠲎？", "你晚饭吃过了吗？", "你吃过晚饭了吗？"),
    ("搿件衣裳忒贵了，阿拉覅买。", "这件衣服太贵了，我们不要买。", "这件衣服太贵，我们别买了。"),
]


def run_of(folder, answer, *, model="api/jia", checked=(), extra=True, capability="shanghainese"):
    """A run that translates: `answer` gives the reply to a pair, None a failure."""
    items = tuple(
        Item(
            f"{capability}/to-mandarin",
            f"i{i}",
            ({"role": "user", "content": f"翻译：{source}"},),
            (Criterion("slots", "对比词", 1, "check", {"always": {}}),),
            slots={"source": source},
            extra={"references": references} if extra else {},
            row="translate",
            native_checked=i in checked,
            reviewed=i in checked,
            digest=str(i),
        )
        for i, (source, *references) in enumerate(PAIRS)
    )
    probe = Probe(f"{capability}/to-mandarin", capability, "Can it?", 1, items)
    create_run(folder, RunInfo(model, Settings()), select([probe]))
    with Journal(folder / REPLIES) as journal:
        for item, pair in zip(items, PAIRS, strict=True):
            text = answer(pair)
            error = ReplyError("timeout") if text is None else None
            journal.append(
                Reply(probe.id, item.id, model, text=text or "", error=error, item_digest=item.digest)
            )
    return folder


def test_copying_scores_its_own_floor_and_the_reference_everything(tmp_path):
    runs = [
        run_of(tmp_path / "copy", lambda pair: pair[0], model="copy"),
        run_of(tmp_path / "right", lambda pair: pair[1], model="right"),
    ]
    (probe,) = compare_runs(runs).translation
    copy, right = probe.cells
    assert (copy.figures.chrf, copy.figures.bleu) == (copy.figures.copy_chrf, copy.figures.copy_bleu)
    assert copy.above_copy == 0 and right.above_copy == 1
    assert (right.figures.chrf, right.figures.bleu) == (100, 100)
    assert copy.figures.copy_chrf == right.figures.copy_chrf < right.figures.exchange_chrf < 100
    assert right.figures.references == 2 and right.figures.n == 4


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_side_figures_with_floors_and_signature_and_no_score_moves(tmp_path, lang):
    run = run_of(tmp_path / "a", lambda pair: pair[2])
    report = write_report([run], tmp_path / "report.html", lang=lang)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    part = re.search(r'<section id="translation">.*?</section>', page, re.S)[0]
    figures = report.translation[0].cells[0].figures
    for value in (figures.chrf, figures.bleu, figures.copy_chrf, figures.exchange_chrf, figures.copy_bleu):
        assert f"{value:.1f}" in part
    assert "nrefs:2" in part and "tok:zh" in part
    assert "只作旁证，不是得分" in part or "Side figures only: they are no score" in part
    again = msgspec.json.decode((tmp_path / "report.json").read_bytes(), type=Report)
    assert again.translation == report.translation
    plain = compare_runs([run_of(tmp_path / "b", lambda pair: pair[2], extra=False)])
    assert plain.translation == () and [r.cells for r in plain.rows] == [r.cells for r in report.rows]


def test_failed_replies_translate_nothing_and_empty_ones_nothing_well(tmp_path):
    runs = [
        run_of(tmp_path / "none", lambda pair: None, model="none"),
        run_of(tmp_path / "empty", lambda pair: "", model="empty"),
    ]
    (probe,) = write_report(runs, tmp_path / "report.html").translation
    none, empty = probe.cells
    assert none.figures is None and none.above_copy is None
    assert empty.figures.chrf == 0 and empty.above_copy < 0
    assert "—" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_each_row_says_how_many_items_nobody_has_checked(tmp_path):
    run = run_of(tmp_path / "a", lambda pair: pair[1], checked={2})
    report = write_report([run], tmp_path / "report.html")
    assert [(u.row, u.by, u.unchecked, u.items) for u in report.unchecked] == [
        ("shanghainese/translate", "native_speaker", 3, 4)
    ]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "75% 的题（3/4）未经上海话母语者审阅" in page
    assert "75% 的题（3/4）未经上海话母语者审阅" in to_text(report)
    legal = compare_runs([run_of(tmp_path / "b", lambda pair: pair[1], capability="legal")])
    assert legal.unchecked[0].text("en") == "none of 4 items reviewed by a lawyer"
    poetry = compare_runs([run_of(tmp_path / "c", lambda pair: pair[1], capability="poetry")])
    assert poetry.unchecked == ()


def test_an_item_is_checked_only_where_every_run_has_it_so(tmp_path):
    runs = [
        run_of(tmp_path / "a", lambda pair: pair[1], checked={0, 1}),
        run_of(tmp_path / "b", lambda pair: pair[1], checked={1, 2}),
    ]
    assert compare_runs(runs).unchecked[0].unchecked == 3
