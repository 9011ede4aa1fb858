"""chrF and BLEU of the translations, beside the score and never in its place: by probe, each with its floors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from zhprobe.grading.side_figures import SideFigures, translation_figures
from zhprobe.records import Item
from zhprobe.report.rows import RunNumbers
from zhprobe.report.run_texts import RunTexts


class TranslationCell(msgspec.Struct, frozen=True):
    """One model's side figures of one probe; None where it translated nothing. `above_copy` is of chrF."""

    model: str
    figures: SideFigures | None
    above_copy: float | None = None


class TranslationProbe(msgspec.Struct, frozen=True):
    """One probe, one direction."""

    probe: str
    cells: tuple[TranslationCell, ...]


def translation_section(runs: Sequence[tuple[str, RunNumbers]]) -> tuple[TranslationProbe, ...]:
    """Side figures of runs by their names; empty where no item has reference translations."""
    found = {name: _figures(run) for name, run in runs}
    probes = dict.fromkeys(probe for by_probe in found.values() for probe in by_probe)
    return tuple(
        TranslationProbe(probe, tuple(_cell(name, found[name].get(probe)) for name, _ in runs))
        for probe in probes
    )


def _cell(name: str, figures: SideFigures | None) -> TranslationCell:
    return TranslationCell(name, figures, round(figures.chrf_above_copy, 3) if figures else None)


def _figures(run: RunNumbers) -> dict[str, SideFigures]:
    keys = [key for key, mark in run.items.items() if mark.translation and mark.role == "item"]
    if not keys:
        return {}
    texts = RunTexts(run, keys=keys)
    try:
        return translation_figures(_answered(texts, keys))
    finally:
        texts.close()


def _answered(texts: RunTexts, keys: Sequence[str]) -> Iterator[tuple[Item, str]]:
    for key in keys:
        item: Item = texts.item(key)
        for reply in texts.replies(key):
            if reply.error is None:
                yield item, reply.text


def signatures(probes: Sequence[TranslationProbe]) -> list[str]:
    """sacreBLEU's signatures of the figures, each once."""
    figures = [cell.figures for probe in probes for cell in probe.cells if cell.figures]
    return list(
        dict.fromkeys(
            line for f in figures for line in (f"chrF: {f.chrf_signature}", f"BLEU: {f.bleu_signature}")
        )
    )
