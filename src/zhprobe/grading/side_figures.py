"""chrF and BLEU beside a translation score: side figures only, always with what copying would get.

Shanghainese and Mandarin share most characters, so an unchanged source already scores high. The figures are
printed with that floor and with sacreBLEU's signature; they never decide a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec

from zhprobe.records import Item
from zhprobe.text.wu import exchange_words, fold_variants
from zhprobe.text.wu_fidelity import score_fidelity


class SideFigures(msgspec.Struct, frozen=True):
    """Corpus chrF and BLEU of one set of translations, of its floors, and sacreBLEU's signatures.

    The floors are the copied source, and the source with common words exchanged (`text.wu.exchange_words`).
    """

    n: int
    references: int
    chrf: float
    bleu: float
    copy_chrf: float
    copy_bleu: float
    exchange_chrf: float
    exchange_bleu: float
    chrf_signature: str
    bleu_signature: str

    @property
    def chrf_above_copy(self) -> float:
        """(chrF − copy) / (100 − copy): 0 is no better than copying, 1 is the reference."""
        return (self.chrf - self.copy_chrf) / (100 - self.copy_chrf) if self.copy_chrf < 100 else 0.0


def side_figures(
    answers: Sequence[str],
    references: Sequence[Sequence[str]],
    sources: Sequence[str],
    *,
    fold: Callable[[str], str] = str,
    exchange: Callable[[str], str] = str,
) -> SideFigures | None:
    """chrF and BLEU (`tokenize="zh"`) of `answers` against `references` (one list an answer), after `fold`.

    Items have as many references as the shortest list. None when there is nothing to score.

    >>> figures = side_figures(["他明天来。"], [["他明天来。"]], ["伊明朝来。"])
    >>> figures.chrf, figures.copy_chrf < 60, figures.chrf_above_copy
    (100.0, True, 1.0)
    """
    if not answers or not all(references):
        return None
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    depth = min(len(several) for several in references)
    streams = [[fold(several[k]) for several in references] for k in range(depth)]
    chrf, bleu = CHRF(), BLEU(tokenize="zh")

    def both(texts: Sequence[str]) -> tuple[float, float]:
        folded = [fold(text) for text in texts]
        return (
            float(chrf.corpus_score(folded, streams).score),
            float(bleu.corpus_score(folded, streams).score),
        )

    (chrf_score, bleu_score), (copy_chrf, copy_bleu) = both(answers), both(sources)
    exchange_chrf, exchange_bleu = both([exchange(source) for source in sources])
    return SideFigures(
        len(answers),
        depth,
        round(chrf_score, 1),
        round(bleu_score, 1),
        round(copy_chrf, 1),
        round(copy_bleu, 1),
        round(exchange_chrf, 1),
        round(exchange_bleu, 1),
        str(chrf.get_signature()),
        str(bleu.get_signature()),
    )


def translation_figures(answered: Iterable[tuple[Item, str]]) -> dict[str, SideFigures]:
    """Side figures by probe, one direction each, of items with a `source` slot and `references`.

    Spellings of Shanghainese are folded on both sides first.
    """
    by_probe: dict[str, list[tuple[Item, str]]] = {}
    for item, answer in answered:
        if item.role == "item" and item.slots.get("source") and item.extra.get("references"):
            by_probe.setdefault(item.probe, []).append((item, answer))
    found = {}
    for probe, pairs in sorted(by_probe.items()):
        sources = [str(item.slots["source"]) for item, _ in pairs]
        exchange = partial(exchange_words, back=score_fidelity("".join(sources)).p > 0)
        figures = side_figures(
            [answer for _, answer in pairs],
            [list(item.extra["references"]) for item, _ in pairs],
            sources,
            fold=fold_variants,
            exchange=exchange,
        )
        if figures is not None:
            found[probe] = figures
    return found
