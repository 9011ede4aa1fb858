"""chrF and BLEU beside a translation score: side figures only, always with what copying would get.

Shanghainese and Mandarin share most characters, so an unchanged source already scores high. The figures are
printed with that floor and with sacreBLEU's signature; they never decide a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec


class SideFigures(msgspec.Struct, frozen=True):
    """Corpus chrF and BLEU of one set of translations, the same for the copied source, and signatures."""

    n: int
    references: int
    chrf: float
    bleu: float
    copy_chrf: float
    copy_bleu: float
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
    return SideFigures(
        len(answers),
        depth,
        round(chrf_score, 1),
        round(bleu_score, 1),
        round(copy_chrf, 1),
        round(copy_bleu, 1),
        str(chrf.get_signature()),
        str(bleu.get_signature()),
    )
