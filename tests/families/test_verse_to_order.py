"""Fresh variants of the verse families: stable, open, and askable."""

from __future__ import annotations

from zhprobe.families.verse_to_order import GROUPS, POEMS, verse_to_order
from zhprobe.text.rhyme import find_group
from zhprobe.text.verse import scan


def test_every_rhyme_group_that_may_be_drawn_is_a_level_group_of_pingshui() -> None:
    assert all(find_group(name, "平水韵") for name in GROUPS)


def test_the_poems_of_the_public_seeds_are_regular_in_the_group_they_name() -> None:
    for form, _, rhyme, poem in POEMS:
        assert scan(poem, form, rhyme=rhyme).strict == "pass", poem


def test_fresh_seeds_vary_and_stay_the_same_for_ever() -> None:
    made = [verse_to_order(seed) for seed in range(1_000_000, 1_000_200)]
    assert made == [verse_to_order(seed) for seed in range(1_000_000, 1_000_200)]
    assert len({(t["slots"]["topic"], t["slots"]["rhyme"], t["slots"]["form"]) for t in made}) > 150
    assert verse_to_order(1_000_003)["slots"] == {"form": "五绝", "topic": "登高望远", "rhyme": "十二文"}
