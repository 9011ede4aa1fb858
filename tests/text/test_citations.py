"""Extraction of citations: the normative rows, and laws about numerals and synthetic sentences."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhprobe.text.citation_review import review
from zhprobe.text.citations import extract
from zhprobe.text.law_names import instruments, resolve
from zhprobe.text.legal_numerals import article_label, candidates, read_numeral, to_numeral

ASOF = "2026-11-22"

# (text, citations as (short name, article, 款, 项)); the rows of the specification of the citation check, section 3.7.
ROWS = [
    (
        "根据《中华人民共和国民法典》第五百七十七条、第五百八十四条第一款之规定",
        [("民法典", "577", (), ()), ("民法典", "584", (1,), ())],
    ),
    ("依据民法典第577条和第584条", [("民法典", "577", (), ()), ("民法典", "584", (), ())]),
    ("《民法典》第1165、1179条", [("民法典", "1165", (), ()), ("民法典", "1179", (), ())]),
    (
        "《民法典》第一千一百六十五条、一千一百七十九条",
        [("民法典", "1165", (), ()), ("民法典", "1179", (), ())],
    ),
    ("依据民法典五百七十七条", [("民法典", "577", (), ())]),
    ("刑法第一百三十三条之一第一款第（二）项", [("刑法", "133-1", (1,), (2,))]),
    (
        "依照《中华人民共和国刑法》第二百六十四条、第六十七条第一款、第三款、第五十二条",
        [("刑法", "264", (), ()), ("刑法", "67", (1,), ()), ("刑法", "67", (3,), ()), ("刑法", "52", (), ())],
    ),
    ("《刑法》第五十二条、第七十二条第一、三款", [("刑法", "52", (), ()), ("刑法", "72", (1, 3), ())]),
    ("根据《工伤保险条例》第十四条第（一）项、第（六）项", [("工伤保险条例", "14", (), (1, 6))]),
    ("《民法典》第1062条第1款第2项", [("民法典", "1062", (1,), (2,))]),
    (
        "《最高人民法院关于适用〈中华人民共和国民法典〉婚姻家庭编的解释（一）》第二十五条",
        [("适用《中华人民共和国民法典》婚姻家庭编的解释（一）", "25", (), ())],
    ),
    ("《婚姻家庭编解释（二）》第三条", [("适用《中华人民共和国民法典》婚姻家庭编的解释（二）", "3", (), ())]),
    (
        "《中华人民共和国公司法》（2023年修订，以下简称“新公司法”）第四十七条；新公司法第54条",
        [("公司法", "47", (), ()), ("公司法", "54", (), ())],
    ),
    (
        "《民法典》第五百七十七条规定……该法第五百八十五条",
        [("民法典", "577", (), ()), ("民法典", "585", (), ())],
    ),
    (
        "依照《民事诉讼法》第67条、《民法典》第509条",
        [("民事诉讼法", "67", (), ()), ("民法典", "509", (), ())],
    ),
    ("《民法典》合同编第五百七十七条", [("民法典", "577", (), ())]),
    ("《民法典-继承编》第一千一百二十七条", [("民法典", "1127", (), ())]),
    ("《合同法》第107条（现《民法典》第577条）", [("合同法", "107", (), ()), ("民法典", "577", (), ())]),
    ("第二百六十四条 盗窃公私财物，数额较大的", [("刑法", "264", (), ())]),
]


# Ways of writing that answers and judgments use, in sentences of our own.
IN_USE = [
    (
        "依照《刑法》第二百六十六条，第二十五条第一款，《刑事诉讼法》第十五条之规定",
        [("刑法", "266", (), ()), ("刑法", "25", (1,), ()), ("刑事诉讼法", "15", (), ())],
    ),
    ("依照《刑法》第七十三条二款、三款", [("刑法", "73", (2,), ()), ("刑法", "73", (3,), ())]),
    ("刑法第67条3款、第52条", [("刑法", "67", (3,), ()), ("刑法", "52", (), ())]),
    ("依照《刑法》第二十六条第四款，\n第六十五条第一款", [("刑法", "26", (4,), ()), ("刑法", "65", (1,), ())]),
    (
        "不得依照《劳动合同法》第四十条（非过失性辞退）、第四十一条（裁员）解除",
        [("劳动合同法", "40", (), ()), ("劳动合同法", "41", (), ())],
    ),
    ("《民法典》第五百八十五条以及最高人民法院关于适用《中华人民共和国民法典》合同编通则若干问题的解释第六十五条",
     [("民法典", "585", (), ()), ("适用《中华人民共和国民法典》合同编通则若干问题的解释", "65", (), ())]),
    ("《劳动合同法》第四十七条及其实施条例第二十七条", [("劳动合同法", "47", (), ()), ("劳动合同法实施条例", "27", (), ())]),
    ("我国劳动法第三十六条、四十一条、四十四条的规定", [("劳动法", "36", (), ()), ("劳动法", "41", (), ()), ("劳动法", "44", (), ())]),
    ("《民法典》第577条第一款第（一）项至第（三）项", [("民法典", "577", (1,), (1, 2, 3))]),
    ("《刑法》第一百二十条之一、之二", [("刑法", "120-1", (), ()), ("刑法", "120-2", (), ())]),
    ("根据《公司法》的规定：\n1. 第四十七条：五年缴足；\n2. 第八十八条：补足责任", [("公司法", "47", (), ()), ("公司法", "88", (), ())]),
    ("《民法典》第一千零七十九条规定离婚，该条第五款另有规定", [("民法典", "1079", (), ()), ("民法典", "1079", (5,), ())]),
    ("| 《民法典》第188条 | 时效 |\n| 《民事诉讼法》第67条 | 举证 |", [("民法典", "188", (), ()), ("民事诉讼法", "67", (), ())]),
    ("《公证法》第\n55\n条", [("公证法", "55", (), ())]),
    ("《公证法》第第五条", [("公证法", "5", (), ())]),
    ("“劳动合同法”第39条，消费者权益保护法中第二十五条", [("劳动合同法", "39", (), ()), ("消费者权益保护法", "25", (), ())]),
    ("《城市房地产管理法》第二章第十条", [("城市房地产管理法", "10", (), ())]),
    ("民诉法解释第90、91条", [("适用《中华人民共和国民事诉讼法》的解释", "90", (), ()), ("适用《中华人民共和国民事诉讼法》的解释", "91", (), ())]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), IN_USE)
def test_ways_of_writing_in_use_are_read(text, expected):
    assert shapes(text) == expected


@pytest.mark.parametrize(
    ("text", "codes_"),
    [
        ("《刑法》第20条，而根据民法第一百条", ["OK", "NAME_VAGUE"]),
        ("《劳动合同法》第38条、海上浮标管理办法第5条", ["OK", "UNKNOWN_OTHER"]),
        ("《香港法律第609章仲裁条例》第37条", ["LOCAL_NOT_CHECKED"]),
        ("可依《民法典》第563条解除。根据相关司法解释第十一条，先行催告", ["OK", "NAME_VAGUE"]),
        ("第三十八条规定了什么", ["NO_LAW"]),
        ("《中华人民共和国刑法修正案（十一）》第三条", ["UNKNOWN_OTHER"]),
    ],
)
def test_a_law_that_is_not_known_is_never_taken_for_the_one_named_before(text, codes_):
    assert codes(text, "2026-09-30") == codes_


def test_the_articles_of_a_contract_that_is_drafted_are_not_those_of_the_law_it_names():
    text = (
        "租赁合同\n甲方与乙方根据《民法典》订立本合同：\n第一条　租赁物\n房屋一套。\n第二条　租金\n违反第一条约定的，"
        "依照《民法典》第五百八十五条处理。"
    )
    kinds = [(c.kind, c.article) for c in extract(text)]
    assert kinds == [
        ("contract_clause", "1"),
        ("contract_clause", "2"),
        ("contract_clause", "1"),
        ("statute", "585"),
    ]


def test_a_number_cited_before_refers_back_to_its_law():
    text = "- 《民法典》第一千一百九十八条\n- 《工伤保险条例》第六条\n\n以上第一千一百九十八条是核心依据。"
    assert shapes(text)[-1] == ("民法典", "1198", (), ())


def test_a_number_that_the_guessed_law_lacks_is_no_error():
    found = review("《工伤保险条例》第六条。\n另外，第九百条也可以参考。").findings[-1]
    assert (found.code, found.severity) == ("NO_SUCH_ARTICLE", "warning")


def test_a_reference_inside_a_quoted_article_is_nested():
    text = (
        "《民事诉讼法》第一百五十九条规定：“当事人不服的，依照第一百五十条的规定进行，并应当提交书面材料。”"
    )
    assert [c.kind for c in extract(text)] == ["statute", "nested"]


def short(law: str) -> str:
    return instruments()[law].short


def shapes(text: str) -> list[tuple[str, str, tuple[int, ...], tuple[int, ...]]]:
    return [(short(c.law), c.article, c.kuan, c.xiang) for c in extract(text) if c.kind == "statute"]


def codes(text: str, asof: str = ASOF) -> list[str]:
    return [f.code for f in review(text, asof=asof).findings if f.code != "ASOF_AFTER_DATA"]


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_the_normative_rows_are_read_as_they_say(text, expected):
    assert [(a, b, c, d) for a, b, c, d in expected] == [
        (s, a, tuple(k for k in kuan), x) for s, a, kuan, x in shapes(text)
    ]


def test_a_range_is_one_citation_with_its_end():
    (found,) = extract("根据劳动合同法第十条至第十四条")
    assert (found.article, found.range_to) == ("10", 14)


def test_clauses_of_a_contract_are_set_apart_and_inherited():
    found = extract("根据《保证合同》第三条及第七条，以及《民法典》第六百八十六条")
    assert [(c.kind, c.article) for c in found] == [
        ("contract_clause", "3"),
        ("contract_clause", "7"),
        ("statute", "686"),
    ]


@pytest.mark.parametrize(
    "text", ["原告所提第四条意见；一条龙服务；共120条信息", "", "\n", "两条以上", "这条路", "共三条理由"]
)
def test_quantities_are_no_citations(text):
    assert extract(text) == []


@pytest.mark.parametrize("text", ["《民法典》合同编第五百七十七条", "《民法典-继承编》第一千一百二十七条"])
def test_a_book_of_the_civil_code_is_the_civil_code(text):
    assert extract(text)[0].name_match == "book"


def test_words_that_follow_tell_the_law_where_none_is_named():
    (found,) = extract("第二百六十四条 盗窃公私财物，数额较大的")
    assert found.attribution == "content"


def test_a_repealed_law_with_its_successor_beside_it_is_explained():
    first, second = [
        f for f in review("《合同法》第107条（现《民法典》第577条）", asof=ASOF).findings if f.citation
    ]
    assert first.evidence["status"] == "REPEALED"
    assert "explained_successor" in first.marks
    assert second.code == "OK"


@pytest.mark.parametrize(
    ("text", "code", "fact"),
    [
        ("《民法典》第二千条", "NO_SUCH_ARTICLE", ("max", 1260)),
        ("刑法第二百六十四条之二", "NO_SUCH_ARTICLE_ZHI", ("max", 0)),
        ("《刑法》第一百九十九条", "DELETED_ARTICLE", None),
        ("《民法典》第一千零七十九条第七款", "NO_SUCH_KUAN", ("max", 5)),
        ("《民法典》第五百七七条", "MALFORMED_NUMBER", ("guesses", [577, 507])),
        ("《中华人民共和国融资租赁条例》第五条", "UNKNOWN_NATIONAL", None),
        ("《职工带薪休假条例》第三条", "NAME_INEXACT", ("suggestion", "职工带薪年休假条例")),
        ("《哈尔滨市物业管理条例》第三条", "LOCAL_NOT_CHECKED", None),
    ],
)
def test_what_does_not_exist_is_said_with_its_ground(text, code, fact):
    found = review(text, asof=ASOF).findings[0]
    assert found.code == code
    if fact:
        assert found.evidence[fact[0]] == fact[1]


def test_article_43_on_public_order_exists_both_before_and_after_the_revision():
    assert codes("治安管理处罚法第43条", "2025-06-01") == ["OK"]
    assert codes("治安管理处罚法第43条", "2026-02-01") == ["OK"]


def test_article_43_about_beating_is_an_earlier_number_after_the_revision():
    claim = "殴打他人的，依照治安管理处罚法第43条处罚"
    assert codes(claim, "2025-06-01") == ["OK"]
    (found,) = [f for f in review(claim, asof="2026-02-01").findings if f.code == "STALE_NUMBER"]
    assert found.evidence["suggestion"] == [{"law": "中华人民共和国治安管理处罚法", "article": "51"}]


# Numbers that the Civil Procedure Law and the Company Law had, and have (specification, section 8).
@pytest.mark.parametrize(
    ("claim", "now"),
    [
        ("《民事诉讼法》第253条：加倍支付迟延履行期间的债务利息", "264"),
        ("《民事诉讼法》第64条，当事人对自己提出的主张，有责任提供证据", "67"),
        ("《民事诉讼法》第144条规定可以缺席判决", "147"),
        ("股东可以依据《公司法》第33条查阅会计账簿", "57"),
        ("依据《公司法》第182条，公司经营管理发生严重困难的，可以请求解散", "231"),
        ("《网络安全法》第21条规定了等级保护制度", "23"),
    ],
)
def test_earlier_numbers_of_a_topic_are_found_with_the_present_one(claim, now):
    (found,) = [f for f in review(claim, asof=ASOF).findings if f.code == "STALE_NUMBER"]
    assert found.evidence["suggestion"][0]["article"] == now


@given(st.integers(1, 2999))
def test_every_number_is_read_back_from_its_numeral(number):
    assert read_numeral(to_numeral(number)) == number
    assert read_numeral(str(number)) == number


@given(st.integers(1, 9999), st.integers(1, 20))
def test_an_inserted_article_keeps_its_number(number, inserted):
    text = f"刑法{article_label(f'{number}-{inserted}')}第一款"
    assert [c.article for c in extract(text)] == [f"{number}-{inserted}"]


@given(st.text("零一二三四五六七八九十百千〇两", min_size=1, max_size=9))
def test_a_numeral_is_read_in_one_way_or_not_at_all(text):
    value = read_numeral(text)
    assert value is None or 0 <= value <= 9999
    assert all(read_numeral(to_numeral(guess)) == guess for guess in candidates(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一百十", 110),
        ("一百〇三", 103),
        ("一千二百〇四", 1204),
        ("千一百", 1100),
        ("一二六〇", 1260),
        ("五百七七", None),
        ("一百五", None),
        ("十百", None),
    ],
)
def test_spellings_of_numerals(text, value):
    assert read_numeral(text) == value


LAWS = [
    "民法典",
    "刑法",
    "公司法",
    "劳动合同法",
    "民事诉讼法",
    "消费者权益保护法",
    "工伤保险条例",
    "个人信息保护法",
]


def draw(random_: random.Random) -> tuple[str, list[tuple[str, str, tuple[int, ...], tuple[int, ...]]]]:
    """A sentence of our own form, and the citations it holds."""
    law = random_.choice(LAWS)
    name = random_.choice(
        [f"《{law}》", law, f"《中华人民共和国{law}》" if law.endswith(("法", "典")) else f"《{law}》"]
    )
    numeral = random_.choice([to_numeral, str])
    expected, parts = [], []
    for _ in range(random_.randint(1, 4)):
        number = random_.randint(1, 1260)
        part, kuan, xiang = f"第{numeral(number)}条", (), ()
        if random_.random() < 0.4:
            kuan = (random_.randint(1, 6),)
            part += f"第{random_.choice([to_numeral, str])(kuan[0])}款"
        if random_.random() < 0.25:
            xiang = (random_.randint(1, 9),)
            part += random_.choice(
                [f"第（{to_numeral(xiang[0])}）项", f"第{xiang[0]}项", f"第{to_numeral(xiang[0])}项"]
            )
        parts.append(part)
        expected.append((law, str(number), kuan, xiang))
    joined = parts[0] + "".join(random_.choice(["、", "和", "，", "及", "以及"]) + p for p in parts[1:])
    lead = random_.choice(["依据", "根据", "本院认为，依照", "参见", "按照我国", ""])
    tail = random_.choice(["之规定，判决如下", "的规定", "，应当承担责任。", "规定：", ""])
    return f"{lead}{name}{random_.choice(['', ' ', '**', '的'])}{joined}{tail}", expected


def test_synthetic_sentences_give_back_their_citations():
    random_, wrong = random.Random(20260717), []
    for _ in range(5000):
        text, expected = draw(random_)
        if shapes(text) != expected:
            wrong.append((text, expected, shapes(text)))
    assert len(wrong) <= 25, wrong[:5]


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from(["至", "到", "-", "—", "~"]))
def test_ranges_keep_both_ends(first, length, mark):
    (found,) = extract(f"《民法典》第{first}条{mark}第{first + length}条")
    assert (found.article, found.range_to) == (str(first), first + length)
    (found,) = extract(f"《民法典》第{first}{mark}{first + length}条")
    assert (found.article, found.range_to) == (str(first), first + length)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail(text):
    for found in extract(text):
        start, end = found.span
        assert text[start:end] == found.text


@given(st.text("《》第一二三条款项法典民合同（）()、，。“”：\n 0123本该之至-", max_size=120))
def test_no_text_of_legal_characters_makes_the_review_fail(text):
    for found in review(text).findings:
        assert 0 <= found.span[0] <= found.span[1] <= len(text)


def test_places_hold_through_bold_marks_tags_and_full_width_digits():
    text = "<p>依据&nbsp;**《民法典》** 第 ５７７ 條，</p>"
    (found,) = extract(text)
    assert (found.law, found.article, found.text) == ("中华人民共和国民法典", "577", "第 ５７７ 條")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("中华人民共和国消费者权益法", "中华人民共和国消费者权益保护法"),
        ("女职工劳动保护规定", ""),  # an earlier regulation of its own
        ("中华人民共和国合同法实施条例", ""),
        ("中华人民共和国数据保护法", ""),
        ("治安管理处罚", "中华人民共和国治安管理处罚法"),
    ],
)
def test_a_slip_in_a_name_is_put_right_and_another_name_is_not(name, right):
    assert resolve(name).suggestion == right


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("民诉法", "中华人民共和国民事诉讼法"),
        ("《中华人民共和国公司法》（2018年修正）", "中华人民共和国公司法"),
        (
            "最高人民法院关于审理民间借贷案件适用法律若干问题的规定",
            "最高人民法院关于审理民间借贷案件适用法律若干问题的规定",
        ),
        ("民间借贷司法解释", "最高人民法院关于审理民间借贷案件适用法律若干问题的规定"),
        ("民法典担保制度司法解释", "最高人民法院关于适用《中华人民共和国民法典》有关担保制度的解释"),
    ],
)
def test_names_in_use_mean_their_instrument(name, law):
    assert resolve(name).laws[0] == law


@pytest.mark.parametrize("law", ["信访工作条例", "诉讼费用交纳办法", "民法典", "民事诉讼证据的若干规定"])
def test_a_citation_before_its_quotation_is_not_inside_it(law):
    text = f"《{law}》第一条规定：“样品应当在六十日内归还，逾期不计。”"
    assert [(c.kind, c.article) for c in extract(text)] == [("statute", "1")]
