"""Real articles set into the forms that answers use: the law, the number, the words, and nothing else, are found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zhprobe.text.citation_review import QUOTE_CODES, review
from zhprobe.text.law_library import forget_library
from zhprobe.text.legal_numerals import article_label

DATA = Path(__file__).parents[3] / "shared/data/legal/statutes"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data is not beside the repository")

FORMS = {
    "quoted": "根据《{name}》{label}规定：“{flat}”因此成立。",
    "colon": "《{name}》{label}：{flat}",
    "run on": "法律依据:《{name}》{label}{flat}律师解答本案应当如此。",
    "heading": "《{name}》\n{label}　{lines}\n",
}


def sample(step: int):
    for path in sorted(DATA.glob("*.json")):
        text = json.loads(path.read_text(encoding="utf-8"))
        kept = [(k, a) for k, a in text["articles"].items() if not a.get("deleted")]
        for key, article in kept[::step]:
            lines = "\n".join("\n".join([k["t"], *k.get("x", ())]) for k in article["k"])
            yield text, key, lines


@pytest.mark.parametrize("form", FORMS)
def test_articles_in_every_form_are_attributed_and_compared(form, tmp_path, monkeypatch):
    monkeypatch.setenv("ZHPROBE_DATA", str(tmp_path))
    forget_library()
    total, wrong_law, other, not_compared = 0, [], [], []
    for text, key, lines in sample(29):
        flat = lines.replace("\n", "").replace("“", "‘").replace("”", "’")
        name = text["law"].replace("《", "〈").replace("》", "〉")
        said = FORMS[form].format(name=name, label=article_label(key), flat=flat, lines=lines)
        found = review(said, asof=text["effective_to"] or "2026-09-30")
        total += 1
        first = found.statutes[0]
        if (first.law, first.article) != (text["law"], key):
            wrong_law.append((text["id"], key))
        other += [(text["id"], key, c.article) for c in found.statutes[1:]]
        codes = [f.code for f in found.findings if f.code in QUOTE_CODES and f.citation is first]
        if codes != ["VERBATIM"]:
            not_compared.append((text["id"], key, codes))
    assert total > 250
    assert not wrong_law
    assert len(other) <= total // 100, other
    assert len(not_compared) <= total // 50, not_compared  # a sentence too short to count as a quotation
