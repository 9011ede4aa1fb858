"""Text from a model made safe to look at: what cannot be seen becomes a mark that can."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

# Characters that hide, reorder or break what stands around them. Unicode 16.0, UAX #9 and #31.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = "\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff"
_HIDDEN = re.compile(f"[{_CONTROLS}{_BIDI}{_UNSEEN}]")


def visible(text: str) -> str:
    """Text with every control, bidirectional and invisible character shown as a mark.

    C0 controls become their pictures (␀), others their code point in brackets. Tab and line feed stay.

    >>> visible("a\\x00b\\u202ec\\u200b")
    'a␀b⟨U+202E⟩c⟨U+200B⟩'
    >>> visible("好，\\n𠮷 é")
    '好，\\n𠮷 é'
    """
    return _HIDDEN.sub(_mark, text.replace("\r\n", "\n"))


def _mark(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def segments(
    text: str, spans: Sequence[tuple[int, int, int]], limit: int = 20_000
) -> tuple[list[list[object]], int]:
    """A text cut at the edges of spans (start, end, number): [visible text, numbers of the spans on it].

    Offsets count code points of the text as it came. Texts over `limit` are cut; the second value is how
    many code points were left out.

    >>> segments("江阔秋云淡", [(2, 4, 7)])
    ([['江阔', []], ['秋云', [7]], ['淡', []]], 0)
    >>> segments("abcdef", [], limit=4)
    ([['abcd', []]], 2)
    """
    end = min(len(text), limit)
    edges = {0, end}
    kept = [(max(0, a), min(end, b), n) for a, b, n in spans if a < end and b > 0 and a < b]
    for a, b, _ in kept:
        edges.update((a, b))
    places = sorted(edges)
    made: list[list[object]] = []
    for start, stop in pairwise(places):
        numbers = sorted({n for a, b, n in kept if a <= start and stop <= b})
        made.append([visible(text[start:stop]), numbers])
    return made, len(text) - end


# -- fragments drawn by other parts -----------------------------------------------------------------

_TAGS = frozenset(
    "a b br caption code col colgroup dd del details div dl dt em figcaption figure h3 h4 h5 hr i ins li mark ol p "
    "pre q rp rt ruby s section small span strong sub summary sup table tbody td tfoot th thead tr u ul "
    "svg g path line rect circle ellipse polyline polygon text tspan title desc".split()
)
_VOID = frozenset({"br", "hr", "col"})
_ATTRIBUTES = frozenset(
    "class title colspan rowspan scope lang dir role open start value aria-label aria-hidden viewbox x y x1 x2 y1 y2 "
    "cx cy r rx ry d width height points text-anchor dx dy transform data-state".split()
)


class _Keep(HTMLParser):
    """Writes a fragment again with known tags and attributes only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            return
        kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if name in _ATTRIBUTES)
        self.out.append(f"<{tag}{kept}>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _TAGS and tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            return
        while self.open:
            last = self.open.pop()
            self.out.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        self.out.append(escape(visible(data)))


def safe_fragment(html: str) -> str:
    """A drawn fragment with only harmless tags and attributes left, every tag closed.

    Whatever draws it must escape the answer; this is the second wall.

    >>> safe_fragment('<p class="x" onclick="f()">a<script>b</script><b>c')
    '<p class="x">ab<b>c</b></p>'
    """
    keep = _Keep()
    keep.feed(html)
    keep.close()
    return "".join(keep.out) + "".join(f"</{tag}>" for tag in reversed(keep.open))
