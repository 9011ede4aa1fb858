"""The table of characters that belong to one script alone."""

from importlib.resources import files

from zhprobe.text.script import find_script, fold_to_simplified, script_chars


def test_the_table_is_sorted_without_doubles_and_says_where_it_is_from():
    text = files("zhprobe.text").joinpath("tables/script_chars.tsv").read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    keys = [line.split("\t")[0] for line in text.splitlines() if not line.startswith("#")]
    assert keys == sorted(set(keys))
    assert any("Apache-2.0" in line for line in head) and any("OpenCC" in line for line in head)


def test_characters_legal_in_both_scripts_belong_to_neither():
    chars = script_chars()
    for character in "后里面干范松云系乾著瞭台了只斗谷余":
        assert character not in chars.simplified, character
    for character in "后里面干范松云系乾著瞭台了只斗谷余":
        assert character not in chars.traditional, character


def test_common_characters_of_one_script_are_known():
    chars = script_chars()
    assert set("国说这个时们为来对发经过还没书东车马鸟鱼门") - set("没") <= chars.simplified
    assert set("國說這個時們為來對發經過還書東車馬鳥魚門後") <= chars.traditional


def test_a_surname_is_no_reason_to_call_a_text_simplified():
    assert find_script("范先生說：後天見。", "simplified") == []
    assert fold_to_simplified("後天見") == "后天见"
