"""Probe files: what loads, and what is said of what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhprobe.errors import UserError
from zhprobe.probes import Loaded, fill, load_probes

GOOD = """
id = "demo/{name}"
version = 1
asks = "?"
prompt = "写一句关于{{topic}}的话，不超过{{most}}个汉字，只数汉字，标点不算。"
difficulty = 1
difficulty_reason = "短"

[[criterion]]
id = "short"
text = "不超过{{most}}个汉字"
check = {{ length_total = {{ unit = "han", min = 1, max = {{ slot = "most" }} }} }}

[[item]]
id = "one"
slots = {{ topic = "秋江", most = 8 }}
[[item.specimen]]
answer = "秋江一夜凉。"
[[item.specimen]]
answer = "秋天的江面上起了一层薄薄的雾。"
verdicts = {{ short = "not_met" }}
"""


def load(folder: Path, text: str, name: str = "a") -> Loaded:
    path = folder / "demo" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_probes([folder], packaged=False)


def test_slots_fill_prompt_criterion_and_typed_parameters(tmp_path: Path) -> None:
    (probe,) = load(tmp_path, GOOD.format(name="a")).sound()
    (item,) = probe.items
    assert item.prompt == "写一句关于秋江的话，不超过8个汉字，只数汉字，标点不算。"
    assert item.criteria[0].text == "不超过8个汉字"
    assert item.criteria[0].check == {"length_total": {"unit": "han", "min": 1, "max": 8}}
    assert item.criteria[0].kind == "check"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("asks =", "askes =", "unknown field 'askes'\n  Did you mean 'asks'?"),
        ("asks =", "askes =", "the field 'asks' is missing"),
        (
            "length_total",
            "lenght_total",
            "there is no check named 'lenght_total'\n  Did you mean 'length_total'?",
        ),
        ("topic =", "topik =", "item one: the slot 'topic' has no value\n  Did you mean 'topik'?"),
        ("max = {", "maxi = {", "check 'length_total' has no parameter 'maxi'\n  Did you mean 'max'?"),
        ("most = 8", 'most = "acht"', "item one, criterion short: check 'length_total'"),
        ('id = "one"', 'id = "Eins!"', "the item id 'Eins!' must be"),
        ('short = "not_met"', 'short = "wrong"', "a specimen has the verdict 'wrong'"),
        (
            'short = "not_met"',
            'shart = "not_met"',
            "a specimen names the criterion 'shart'\n  Did you mean 'short'?",
        ),
        ("[[item.specimen]]", "[[item.specimen]", "not TOML"),
        ('id = "demo/a"', 'id = "demo"', "is not of the form capability/name"),
        ("slots =", 'schema = "none.json"\nslots =', "there is no file 'none.json' beside the probe"),
        ("slots =", 'schema = "../../x.json"\nslots =', "lies outside the folder"),
        ("slots =", 'control = "two"\nslots =', "its control 'two' is not in this file"),
        ("version = 1", 'version = "one"', "version"),
    ],
)
def test_a_fault_is_named_with_its_remedy(tmp_path: Path, old: str, new: str, said: str) -> None:
    loaded = load(tmp_path, GOOD.format(name="a").replace(old, new, 1))
    assert said in "\n".join(map(str, loaded.faults))
    assert all("demo/a.toml" in fault.where for fault in loaded.faults)
    with pytest.raises(UserError):
        loaded.sound()


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    load(tmp_path, "id =", "broken")
    loaded = load(tmp_path, GOOD.format(name="b"), "b")
    assert [probe.id for probe in loaded.probes] == ["demo/b"]
    assert len(loaded.faults) == 1


def test_an_id_used_twice_names_the_other_file(tmp_path: Path) -> None:
    load(tmp_path, GOOD.format(name="a"), "a")
    loaded = load(tmp_path, GOOD.format(name="a"), "b")
    assert str(loaded.faults[0]).startswith(f"{tmp_path / 'demo' / 'b.toml'}: ")
    assert f"the id 'demo/a' stands in {tmp_path / 'demo' / 'a.toml'} too" in str(loaded.faults[0])


def test_a_copy_of_a_probe_in_another_folder_counts_once_and_a_changed_copy_is_named(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        (folder / "demo").mkdir(parents=True)
        (folder / "demo" / "a.toml").write_text(GOOD.format(name="a"), encoding="utf-8")
    assert load_probes([here, here, there], packaged=False).faults == ()
    text = GOOD.format(name="a").replace("version = 1", "version = 2")
    assert text != GOOD.format(name="a")
    (there / "demo" / "a.toml").write_text(text, encoding="utf-8")
    [fault] = load_probes([here, there], packaged=False).faults
    assert fault.where == str(there / "demo" / "a.toml") and str(here / "demo" / "a.toml") in fault.what


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "a.toml").write_bytes('id = "秋"'.encode("gb18030"))
    assert "not UTF-8" in str(load_probes([tmp_path], packaged=False).faults[0])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        load_probes([tmp_path / "none"], packaged=False)


def test_twins_inherit_the_item_and_are_linked_to_it(tmp_path: Path) -> None:
    text = GOOD.format(name="a") + '\n[[item.twins]]\nrole = "control"\nslots = { topic = "春山" }\n'
    (probe,) = load(tmp_path, text).sound()
    item, twin = probe.items
    assert (twin.id, twin.role, twin.group, item.control, item.group) == (
        "one.control",
        "control",
        "one",
        "one.control",
        "one",
    )
    assert "春山" in twin.prompt and "8个汉字" in twin.prompt


def test_the_digest_moves_with_prompt_and_check_and_not_with_specimens(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        return load(tmp_path, text).sound()[0].items[0].digest

    base = digest(GOOD.format(name="a"))
    assert digest(GOOD.format(name="a").replace("秋江一夜凉", "秋江一夜清")) == base
    assert digest(GOOD.format(name="a").replace("most = 8", "most = 9")) != base
    assert digest(GOOD.format(name="a").replace("写一句", "写出一句")) != base


def test_doubled_braces_stand_for_themselves() -> None:
    assert fill('{{name}} {"a": 1} {x}', {"x": 2}, "") == '{name} {"a": 1} 2'
