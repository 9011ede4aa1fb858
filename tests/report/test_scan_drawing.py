"""The scan drawn for page and terminal."""

import unicodedata
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.cli import main
from zhprobe.errors import UserError
from zhprobe.report.drawing import draw
from zhprobe.report.scan import draw_html, draw_text, scan_data, scan_text

SOUTH_SPRING = "千里莺啼绿映红，水村山郭酒旗风。\n南朝四百八十寺，多少楼台烟雨中。"
SOLE_LEVEL = "白日依山尽，夜来入海流。\n欲穷千里目，更上一层楼。"
SONG = "江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江东？"


class Balance(HTMLParser):
    """Tags that are open, and text that was seen."""

    def __init__(self):
        super().__init__()
        self.open, self.tags = [], set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not {name for name, _ in attributes} & {"style", "onclick", "onload", "src", "href"}
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def balanced(fragment):
    parser = Balance()
    parser.feed(fragment)
    assert parser.open == []
    return parser.tags


def test_tones_stand_under_their_characters_and_rescues_and_rhymes_are_marked():
    rows = scan_text(SOUTH_SPRING).splitlines()
    start = next(n for n, row in enumerate(rows) if "南朝" in row)
    assert [row.rstrip("　") for row in rows[start : start + 3]] == [
        "　南朝四百八十寺　　A 平起仄收 中平中仄中平仄",
        "　平平仄仄仄仄仄",
        "　　　　　　救",
    ]
    assert "  第3句第6字“十”拗，由下句第5字“烟”救" in rows


def width(text):
    """Columns of a terminal: two for full-width characters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize(("text", "form"), [(SOUTH_SPRING, ""), (SOLE_LEVEL, ""), (SONG, "忆江南")])
def test_every_mark_stands_in_the_column_of_its_character(text, form):
    detail = scan_data(text, form=form)
    rows = draw_text(detail).splitlines()
    for places in detail["places"]:
        line = "".join(place["character"] for place in places)
        at = next(n for n, row in enumerate(rows) if row.strip("　").startswith(line))
        for place, column in enumerate(range(2, 2 + 2 * len(line), 2)):
            assert width(rows[at][: 1 + place]) == width(rows[at + 1][: 1 + place]) == column
            assert rows[at + 1][1 + place] == places[place]["tone"]
            if places[place]["state"] == "wrong":
                assert width(rows[at + 2][: 1 + place]) == column and rows[at + 2][1 + place] == "Ｘ"


def test_a_wrong_place_is_marked_without_colour():
    assert "　Ｘ　Ｘ　韵" in scan_text(SOLE_LEVEL).splitlines()
    assert 'class="verse wrong"' in draw_html(scan_data(SOLE_LEVEL))
    rules = (files("zhprobe.report") / "templates" / "report.css").read_text(encoding="utf-8")
    for state, border in (("wrong", "solid"), ("rescued", "dashed"), ("unknown", "dotted")):
        assert f".scan td.{state} {{ border: 2px {border}" in rules


def test_the_page_keeps_the_drawing_as_it_is():
    detail = scan_data(SOUTH_SPRING)
    assert 'class="verse rescued"' in draw(detail, SOUTH_SPRING, "zh")
    assert "由下句第5字“烟”救" in draw(detail, SOUTH_SPRING, "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("text", "form"), [(SOUTH_SPRING, ""), (SOLE_LEVEL, ""), (SONG, "忆江南"), ("上联：海阔凭鱼跃", "对联"), ("白日依山", ""), ("", ""), ("千山鸟飞绝，万径人踪灭。孤舟蓑笠翁，独钓寒江雪。", "")])  # fmt: skip
def test_every_kind_of_scan_can_be_drawn_in_both_languages(text, form, lang):
    detail = scan_data(text, form=form)
    assert draw_text(detail, lang)
    balanced(draw_html(detail, lang))


def test_eight_lines_are_drawn_with_their_facing():
    text = "单车欲问边，属国过居延。征蓬出汉塞，归雁入胡天。大漠孤烟直，长河落日圆。萧关逢候骑，都护在燕然。"
    assert "3：对仗有据" in scan_text(text)


@given(st.text("<>&\"'春江花月夜，。\n《》script=", max_size=60))
def test_no_text_gets_out_of_the_fragment(text):
    assert balanced(draw_html(scan_data(text))) <= {
        "div",
        "p",
        "table",
        "tr",
        "td",
        "dl",
        "dt",
        "dd",
        "pre",
        "small",
    }


def test_the_command_reads_standard_input_and_speaks_both_languages():
    runner = CliRunner()
    found = runner.invoke(main, ["scan", "-", "--lang", "en"], input=SOUTH_SPRING)
    assert found.exit_code == 0 and "regular" in found.output
    as_json = runner.invoke(main, ["scan", "-", "--json"], input=SONG)
    assert as_json.exit_code == 0 and '"kind": "verse_scan"' in as_json.output
    bad = runner.invoke(main, ["scan", "-", "--form", "浣溪纱"], input=SONG)
    assert bad.exit_code == 2


def test_a_form_or_group_nobody_knows_is_the_users_to_put_right():
    with pytest.raises(UserError, match="浣溪沙"):
        scan_data(SONG, form="浣溪纱")
    with pytest.raises(UserError, match="八庚"):
        scan_data(SOLE_LEVEL, rhyme="没有")


def test_an_index_of_ones_own_lines_tells_known_ones(tmp_path):
    corpus = tmp_path / "poems.json"
    corpus.write_text(
        '[{"title": "甲", "paragraphs": ["江闊秋雲淡，舟輕夜月明。", "蘆花隨岸白，歸雁一聲聲。"]}]',
        encoding="utf-8",
    )
    index = tmp_path / "lines.idx"
    runner = CliRunner()
    assert runner.invoke(main, ["lines", str(corpus), str(index)]).output.endswith("\t4\n")
    mine = "江阔秋云淡，舟轻夜月明。\n山静泉声远，松间鹤一鸣。"
    found = runner.invoke(main, ["scan", "-", "--known", str(index)], input=mine)
    assert f"1、2：{index}" in found.output
    one = mine.replace("舟轻夜月明", "舟移夜月清")
    assert str(index) not in runner.invoke(main, ["scan", "-", "--known", str(index)], input=one).output
    bad = runner.invoke(main, ["scan", "-", "--known", str(corpus)], input=mine)
    assert bad.exit_code == 2
