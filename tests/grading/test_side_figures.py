"""chrF and BLEU come from sacreBLEU, with the floor of copying beside them."""

import sacrebleu

from zhprobe.grading.side_figures import side_figures, translation_figures
from zhprobe.records import Item
from zhprobe.text.wu import exchange_words, fold

SOURCES = ["我们昨天晚上在家里吃饭。", "他没来，不知道为什么。"]
REFERENCES = [["阿拉昨日夜到辣屋里吃饭。"], ["伊呒没来，勿晓得为啥。"]]


def test_copying_is_printed_beside_the_translation():
    figures = side_figures([r[0] for r in REFERENCES], REFERENCES, SOURCES)
    assert figures is not None
    assert figures.chrf == figures.bleu == 100
    assert 0 < figures.copy_chrf < 60
    assert figures.chrf_above_copy == 1


def test_the_copied_source_is_no_better_than_copying():
    figures = side_figures(SOURCES, REFERENCES, SOURCES)
    assert figures is not None and figures.chrf_above_copy == 0


def test_the_numbers_and_signatures_are_those_of_sacrebleu():
    figures = side_figures(SOURCES, REFERENCES, SOURCES)
    assert figures is not None
    streams = [[r[0] for r in REFERENCES]]
    assert figures.chrf == round(sacrebleu.corpus_chrf(SOURCES, streams).score, 1)
    assert figures.bleu == round(sacrebleu.corpus_bleu(SOURCES, streams, tokenize="zh").score, 1)
    assert "tok:zh" in figures.bleu_signature
    assert f"version:{sacrebleu.__version__}" in figures.chrf_signature


def test_spellings_can_be_folded_before_the_comparison():
    answers = ["阿拉昨日夜道垃屋里吃饭。", "伊呒没来，弗晓得为啥。"]
    plain, folded = (side_figures(answers, REFERENCES, SOURCES, fold=f) for f in (str, fold))
    assert plain is not None and folded is not None
    assert folded.chrf > plain.chrf


def test_nothing_to_score_gives_nothing():
    assert side_figures([], [], []) is None
    assert side_figures(["甲"], [[]], ["乙"]) is None


def test_exchanging_words_scores_above_copying_and_below_translating():
    figures = side_figures([r[0] for r in REFERENCES], REFERENCES, SOURCES, exchange=exchange_words)
    assert figures is not None
    assert figures.copy_chrf < figures.exchange_chrf < figures.chrf == 100


def test_the_two_directions_are_kept_apart_and_other_items_left_out():
    def item(probe, source, references, role="item"):
        return Item(
            probe, source, (), (), slots={"source": source}, extra={"references": references}, role=role
        )

    to_wu = [
        (item("s/to-wu", source, refs), refs[0]) for source, refs in zip(SOURCES, REFERENCES, strict=True)
    ]
    from_wu = [
        (item("s/from-wu", refs[0], [source]), refs[0])
        for source, refs in zip(SOURCES, REFERENCES, strict=True)
    ]
    rest = [(item("s/none", "x", []), "x"), (item("s/to-wu", "x", ["x"], role="control"), "x")]
    figures = translation_figures([*to_wu, *from_wu, *rest])
    assert {probe: found.n for probe, found in figures.items()} == {"s/to-wu": 2, "s/from-wu": 2}
    assert figures["s/to-wu"].chrf == 100
    assert figures["s/from-wu"].chrf == figures["s/from-wu"].copy_chrf < figures["s/from-wu"].exchange_chrf
