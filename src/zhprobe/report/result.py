"""What a comparison comes to, as plain objects: what pages, tables and programs print."""

from __future__ import annotations

from typing import Any

import msgspec

from zhprobe.report.efficiency import Efficiency
from zhprobe.report.item_analysis import ItemFigures, ProbeFigures
from zhprobe.report.legal_section import LegalSection
from zhprobe.report.rows import (
    Basis,
    RowKey,
    Title,
)
from zhprobe.report.translation_section import TranslationProbe
from zhprobe.report.unchecked import Unchecked
from zhprobe.stats.agreement import Agreement, Validation
from zhprobe.stats.conclusions import Basis as Trust
from zhprobe.stats.conclusions import Conclusion
from zhprobe.stats.estimate import Estimate
from zhprobe.stats.paired import Comparison


class ModelHead(msgspec.Struct, frozen=True):
    """A model as the page's head shows it."""

    name: str
    model: str
    revision: str
    profile: str
    settings: dict[str, Any]
    settings_digest: str
    folder: str
    created: str
    planned: int
    answered: int
    failed: int
    missing: int
    state: str
    floor: bool
    probes_digest: str
    versions: dict[str, str]
    lineage: str


class Cell(msgspec.Struct, frozen=True):
    """One model in one row. `human`, `judge` and `corrected` stand beside the main figure where there are."""

    model: str
    estimate: Estimate
    human: Estimate | None = None
    judge: Estimate | None = None
    corrected: Estimate | None = None
    weight: float | None = None
    worth: float | None = None
    clipped: int = 0
    gated: int = 0
    within: float = 0.0  # variance of replies to one item
    between: float = 0.0  # variance of items


class Pair(msgspec.Struct, frozen=True):
    """Two models in one row. `comparable` is False under different profiles: no verdict then.

    `adjusted_p` is None where nothing is tested: too few items, nothing to compare.
    """

    a: str
    b: str
    comparison: Comparison
    adjusted_p: float | None
    conclusion: Conclusion
    unlike: int = 0  # items left out because their digests differ
    comparable: bool = True
    gaps_differ: bool = False


class Row(msgspec.Struct, frozen=True):
    """A line of the report: every model's score, every pair's difference."""

    key: RowKey
    basis: Basis
    trust: Trust
    items: int
    probes: tuple[str, ...]
    chance: float
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    groups: tuple[tuple[str, ...], ...]


class CriterionCell(msgspec.Struct, frozen=True):
    """Share met of one criterion by one model."""

    model: str
    met: Estimate
    unsure: int


class CriterionRow(msgspec.Struct, frozen=True):
    """One criterion of one probe over all models."""

    probe: str
    criterion: str
    text: str
    kind: str
    points: int
    cells: tuple[CriterionCell, ...]
    validation: Validation | None = None
    agreement: Agreement | None = None


class SliceCell(msgspec.Struct, frozen=True):
    """One model in one slice."""

    model: str
    estimate: Estimate


class Slice(msgspec.Struct, frozen=True):
    """Part of a row, or a pairing inside it: by difficulty, generated or fixed, against control, respelling."""

    row: str
    kind: str
    label: Title
    cells: tuple[SliceCell, ...]


class JudgeRow(msgspec.Struct, frozen=True):
    """A judge against people: pooled over a capability, and its gap for every model."""

    judge: str
    capability: str
    validation: Validation
    gaps: tuple[tuple[str, Estimate], ...]
    label: Title
    controls: Title  # what it said on answers whose verdict is known
    unsure: tuple[tuple[str, int], ...]  # verdicts it left open, by reason
    stable: tuple[int, int]  # of its repeated calls, how many said the same
    shares_lineage: tuple[str, ...]  # models of its own family
    in_use: bool


class ItemRow(msgspec.Struct, frozen=True):
    """One item in the browser: scores by model and which kinds of disagreement it shows."""

    key: str
    row: str
    scores: tuple[float | None, ...]
    spread: float
    flags: tuple[str, ...]


class Report(msgspec.Struct, frozen=True):
    """All a page, a table or a program prints. `report.json` is this object."""

    version: str
    made: str
    delta: float
    seed: int
    method: str  # holm or benjamini_hochberg
    models: tuple[ModelHead, ...]
    rows: tuple[Row, ...]
    overall: Row | None
    criteria: tuple[CriterionRow, ...]
    slices: tuple[Slice, ...]
    judges: tuple[JudgeRow, ...]
    people: int
    people_agree: Agreement | None
    efficiency: tuple[Efficiency, ...]
    items: tuple[ItemRow, ...]
    probes: tuple[ProbeFigures, ...]
    figures: tuple[ItemFigures, ...]
    without: tuple[Title, ...]  # capabilities that the suite has and these runs do not
    warnings: tuple[Title, ...] = ()
    notes: tuple[tuple[Title, Title], ...] = ()  # capability, what a reader of its scores must know
    legal: LegalSection | None = None  # where legal replies are compared
    translation: tuple[TranslationProbe, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    format: int = 1

    def model_names(self) -> tuple[str, ...]:
        """Names in the order of the columns."""
        return tuple(model.name for model in self.models)
