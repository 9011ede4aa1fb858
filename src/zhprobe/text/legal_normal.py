"""A text made easy to search for citations, each character with its place in the text as it came."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zhprobe.text.normal import NARROW

# Only characters of legal names; no general conversion, so that one character stays one character.
_SIMPLE = str.maketrans(
    "條項國華約損償證據規關於適審釋編則權責業勞動爭議護費訴訟處罰險衛經濟稅務處理實應標專產糾紛財賠團體築設買賣環繼婚歸總",
    "条项国华约损偿证据规关于适审释编则权责业劳动争议护费诉讼处罚险卫经济税务处理实应标专产纠纷财赔团体筑设买卖环继婚归总",
)
_SAME = str.maketrans(
    {
        "〈": "《",
        "〉": "》",
        "﹤": "《",
        "﹥": "》",
        "〔": "(",
        "〕": ")",
        "［": "(",
        "］": ")",
        "【": "(",
        "】": ")",
        "—": "-",
        "–": "-",
        "－": "-",
        "～": "~",
        "﹝": "(",
        "﹞": ")",
    }
)
_ENTITIES = {
    "&lt;": "<",
    "&gt;": ">",
    "&amp;": "&",
    "&nbsp;": " ",
    "&quot;": '"',
    "&ldquo;": "“",
    "&rdquo;": "”",
    "&#34;": '"',
}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,120}>")
_N = "零〇○一二两三四五六七八九十百千0-9"
_BROKEN = re.compile(rf"(?<=第)\n(?=[{_N}])|(?<=[{_N}])\n(?=[条款项])")
_DROP = set("*`\u200b\u200c\u200d\ufeff\u2060\r\t \u3000\xa0\u2002\u2003\u2009")


@dataclass(frozen=True)
class Normal:
    """`text` to search in; `places[i]` is where its character i stands in the raw text."""

    raw: str
    text: str
    places: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Place in the raw text of a stretch of the searched text."""
        return self.places[start], self.places[end - 1] + 1


def normal(raw: str) -> Normal:
    """Blanks, bold marks and HTML tags left out; full-width forms narrow; 條項 as 条项; line ends kept.

    >>> n = normal("《民法典》**第 ５７７ 條**")
    >>> n.text, n.span(5, 10)
    ('《民法典》第577条', (7, 14))
    """
    source, where = raw, None
    if "&" in raw or "<" in raw:
        source, where = _without_markup(raw)
    mapped = source.translate(NARROW).translate(_SAME).translate(_SIMPLE)
    kept = [i for i, c in enumerate(mapped) if c not in _DROP]
    if "\n" in mapped and _BROKEN.search(mapped):  # 第\n55\n条, as pages cut into lines give it
        plain = "".join([mapped[i] for i in kept])
        cut = {hit.start() for hit in _BROKEN.finditer(plain)}
        kept = [place for n, place in enumerate(kept) if n not in cut]
    text = "".join([mapped[i] for i in kept])
    return Normal(raw, text, kept if where is None else [where[i] for i in kept])


def _without_markup(raw: str) -> tuple[str, list[int]]:
    characters: list[str] = []
    places: list[int] = []
    place = 0
    while place < len(raw):
        if raw[place] == "<" and (tag := _TAG.match(raw, place)):
            if re.match(r"</?(?:p|div|br|li|tr|h\d)\b", tag[0], re.IGNORECASE):
                characters.append("\n")
                places.append(place)
            place = tag.end()
            continue
        if raw[place] == "&" and (entity := _ENTITY.match(raw, place)):
            characters.append(_ENTITIES[entity[0]])
            places.append(place)
            place = entity.end()
            continue
        characters.append(raw[place])
        places.append(place)
        place += 1
    return "".join(characters), places
