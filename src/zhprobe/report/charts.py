"""Charts as inline SVG. Text stays outside in table cells, so that it wraps, scales and is read aloud.

Colours come from classes of the page (`m0` … `m7`, light and dark); shapes differ too, so that nothing
rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from zhprobe.stats.estimate import Estimate

WIDTH, INSET = 400, 8
LINE = 17  # height of one model's line
SHAPES = 6


def _x(value: float, low: float = 0.0, high: float = 1.0) -> float:
    share = (value - low) / (high - low)
    return round(INSET + min(max(share, 0.0), 1.0) * (WIDTH - 2 * INSET), 1)


def mark(shape: int, x: float, y: float, size: float = 5.0) -> str:
    """A mark of one of six shapes, centred."""
    s = size
    if shape % SHAPES == 0:
        return f'<circle cx="{x}" cy="{y}" r="{s}"/>'
    if shape % SHAPES == 1:
        return f'<rect x="{x - s:.1f}" y="{y - s:.1f}" width="{2 * s}" height="{2 * s}"/>'
    points = {
        2: ((0, -s - 1), (s + 1, s), (-s - 1, s)),
        3: ((0, -s - 2), (s + 2, 0), (0, s + 2), (-s - 2, 0)),
        4: ((0, s + 1), (s + 1, -s), (-s - 1, -s)),
        5: (
            (-s, -2),
            (-2, -2),
            (-2, -s),
            (2, -s),
            (2, -2),
            (s, -2),
            (s, 2),
            (2, 2),
            (2, s),
            (-2, s),
            (-2, 2),
            (-s, 2),
        ),
    }[shape % SHAPES]
    path = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in points)
    return f'<polygon points="{path}"/>'


def legend_mark(index: int) -> str:
    """A model's mark on its own, for legends and table heads.

    >>> legend_mark(0).startswith('<svg class="mark m0"')
    True
    """
    return (
        f'<svg class="mark m{index % 8}" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">'
        f"{mark(index, 8, 8)}</svg>"
    )


def _frame(height: float, ticks: Sequence[float], low: float, high: float, label: str) -> str:
    lines = "".join(
        f'<line class="tick{" edge" if t in (low, high, 0.0) else ""}" x1="{_x(t, low, high)}" x2="{_x(t, low, high)}" '
        f'y1="0" y2="{height}"/>'
        for t in ticks
    )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}" '
        f'preserveAspectRatio="xMidYMid meet">{lines}'
    )


def axis(low: float, high: float, ticks: Sequence[float], *, signed: bool = False) -> str:
    """The scale that stands above a column of charts.

    >>> "0.5" in axis(0, 1, [0, 0.5, 1])
    True
    """
    parts = [f'<svg class="chart axis" viewBox="0 0 {WIDTH} 16" aria-hidden="true">']
    for t in ticks:
        text = f"{t:+.2f}".rstrip("0").rstrip(".") if signed and t else f"{t:g}"
        anchor = "start" if t == low else "end" if t == high else "middle"
        x = _x(t, low, high) + (-INSET if t == low else INSET if t == high else 0)
        parts.append(f'<text x="{x}" y="12" text-anchor="{anchor}">{text.replace("-", "−")}</text>')
    return "".join(parts) + "</svg>"


SCORE_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def score_axis() -> str:
    """0 to 1, unbroken."""
    return axis(0.0, 1.0, SCORE_TICKS)


def dots(estimates: Sequence[Estimate], chance: float = 0.0, label: str = "") -> str:
    """One line a model: its mark and interval on the axis 0–1; a dashed line where guessing stands.

    >>> svg = dots([Estimate(0.5, 0.4, 0.6, 30, 30, "t")], 0.25, "诗词")
    >>> svg.count("<circle"), 'class="chance"' in svg
    (1, True)
    """
    height = LINE * max(len(estimates), 1) + 4
    parts = [_frame(height, SCORE_TICKS, 0.0, 1.0, label)]
    if chance > 0:
        parts.append(f'<line class="chance" x1="{_x(chance)}" x2="{_x(chance)}" y1="0" y2="{height}"/>')
    for index, e in enumerate(estimates):
        y = LINE * index + LINE / 2 + 2
        if e.value is None:
            continue
        parts.append(f'<g class="m{index % 8}">')
        if e.low is not None and e.high is not None:
            dashed = " loose" if e.conservative else ""
            parts.append(f'<line class="span{dashed}" x1="{_x(e.low)}" x2="{_x(e.high)}" y1="{y}" y2="{y}"/>')
        parts.append(mark(index, _x(e.value), y) + "</g>")
    return "".join(parts) + "</svg>"


def difference_range(estimates: Sequence[Estimate], delta: float) -> float:
    """Half the width of a difference axis that holds all intervals: 0.1, 0.2, 0.3, 0.5 or 1.

    >>> difference_range([Estimate(0.1, -0.02, 0.22, 30, 30, "t")], 0.05)
    0.3
    """
    ends = [abs(v) for e in estimates for v in (e.low, e.high, e.value) if v is not None]
    reach = max([*ends, delta * 1.6])
    return next((size for size in (0.1, 0.2, 0.3, 0.5) if reach <= size), 1.0)


def difference_axis(reach: float) -> str:
    """−reach to +reach with 0 in the middle."""
    return axis(-reach, reach, (-reach, -reach / 2, 0.0, reach / 2, reach), signed=True)


def difference(e: Estimate, delta: float, reach: float, label: str = "", winner: str = "") -> str:
    """Line and square of one difference over the band ±δ in which a difference does not matter.

    >>> 'class="band"' in difference(Estimate(0.1, 0.02, 0.18, 30, 30, "t"), 0.05, 0.2)
    True
    """
    height, y = 24, 12
    parts = [_frame(height, (-reach, 0.0, reach), -reach, reach, label)]
    left, right = _x(-delta, -reach, reach), _x(delta, -reach, reach)
    parts.append(f'<rect class="band" x="{left}" y="0" width="{right - left:.1f}" height="{height}"/>')
    zero = _x(0, -reach, reach)
    parts.append(f'<line class="zero" x1="{zero}" x2="{zero}" y1="0" y2="{height}"/>')
    if e.value is not None:
        sure = " sure" if winner else ""
        parts.append(f'<g class="difference{sure}">')
        if e.low is not None and e.high is not None:
            a, b = _x(e.low, -reach, reach), _x(e.high, -reach, reach)
            dashed = " loose" if e.conservative else ""
            parts.append(f'<line class="span{dashed}" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>')
        x = _x(e.value, -reach, reach)
        parts.append(f'<rect x="{x - 5:.1f}" y="{y - 5}" width="10" height="10"/></g>')
    return "".join(parts) + "</svg>"


def counts(wins: int, ties: int, losses: int, a: int, b: int, label: str = "") -> str:
    """Wins, ties and losses as one bar; `a` and `b` are the models' numbers, for their colours.

    >>> counts(3, 4, 3, 0, 1).count("<rect")
    3
    """
    total = max(wins + ties + losses, 1)
    inner = WIDTH - 2 * INSET
    widths = [round(inner * n / total, 1) for n in (wins, ties, losses)]
    x = float(INSET)
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} 16" role="img" aria-label="{escape(label)}">']
    for width, name in zip(widths, (f"m{a % 8}", "tie", f"m{b % 8}"), strict=True):
        parts.append(f'<rect class="bar {name}" x="{x:.1f}" y="2" width="{width}" height="12"/>')
        x += width
    return "".join(parts) + "</svg>"
