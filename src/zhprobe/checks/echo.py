"""Is the answer the asker's own words given back?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zhprobe.checks.registry import check
from zhprobe.records import Item, Verdict
from zhprobe.text.han import is_han


def _longer_runs(parameters: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    yield "runs ten longer allowed", {**parameters, "most": int(parameters.get("most", 40)) + 10}


@check(loosen=_longer_runs)
def own_words(answer: str, *, most: int = 40, item: Item) -> Verdict:
    """Met when no run of more than `most` Han characters of the prompt stands in the answer.

    Only Han characters are compared, so marks and blanks between them do not hide a copy. For tasks whose
    answer holds the facts of the prompt but is another text (a letter, a summary, an explanation).

    >>> item = Item("p", "i", ({"role": "user", "content": "请替财务写一封催款函给长桥印务"},), ())
    >>> own_words("请替财务写一封催款函给长桥印务", most=10, item=item).outcome
    'not_met'
    >>> own_words("长桥印务：请付款。", most=10, item=item).outcome
    'met'
    """
    places = [place for place, character in enumerate(answer) if is_han(character)]
    said = "".join(answer[place] for place in places)
    asked = "".join(filter(is_han, item.prompt))
    size = most + 1
    known = {asked[start : start + size] for start in range(len(asked) - size + 1)}
    for start in range(len(said) - size + 1):
        if said[start : start + size] in known:
            first, last = places[start], places[start + size - 1] + 1
            return Verdict(
                "not_met",
                f"照抄题目超过{most}个汉字",
                f"gives back more than {most} Han characters of the prompt",
                answer[first:last],
                ((first, last),),
                codes=("prompt_repeated",),
            )
    return Verdict("met", "没有大段照抄题目", "no long run of the prompt is given back")
