"""The tables say where they come from, hold nothing twice, and are what their script makes."""

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

TABLES = Path(str(files("zhprobe.text.tables")))
NAMES = [
    "facing.tsv", "famous_lines.tsv", "heteronym_words.tsv", "heteronyms.tsv", "licensed_readings.tsv", "look_alikes.tsv",
    "modern_readings.tsv", "pingshui.tsv", "rhyme_groups.tsv", "tunes.tsv", "written_forms.tsv",
]  # fmt: skip
REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY.parent / "shared" / "data" / "poetry"


@pytest.mark.parametrize("name", NAMES)
def test_the_first_lines_of_a_table_name_source_licence_and_columns(name):
    head = [line for line in (TABLES / name).read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    text = "\n".join(head)
    assert text.startswith("# source: ") and "\n# licence: " in text and "\n# columns: " in text


@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_the_same_cells_in_every_row_and_no_row_twice(name):
    rows = [
        line
        for line in (TABLES / name).read_text(encoding="utf-8").split("\n")
        if line and not line.startswith("#")
    ]
    assert len({row.count("\t") for row in rows}) == 1
    keys = rows if name in ("rhyme_groups.tsv", "tunes.tsv") else [row.rsplit("\t", 1)[0] for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.skipif(not DATA.exists(), reason="the reference data are not here")
def test_the_script_makes_the_tables_anew(tmp_path):
    script = REPOSITORY / "tools" / "build_poetry_tables.py"
    subprocess.run([sys.executable, str(script), str(DATA), str(tmp_path)], check=True, capture_output=True)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (TABLES / name).read_bytes(), name
