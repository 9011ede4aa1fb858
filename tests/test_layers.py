"""Imports point up the list of layers, never down it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "zhprobe"

# From the top: what stands later may import what stands earlier.
LAYERS = [
    ["errors"],
    ["records"],
    ["files"],
    ["text"],
    ["world_tools"],
    ["worlds"],
    ["conversation"],
    ["checks"],
    ["families"],
    ["probes"],
    ["specimens"],
    ["mutation"],
    ["models"],
    ["runs"],
    ["runner"],
    ["watch"],
    ["stats"],  # numbers only, so it may stand here: grading measures judges and annotators with it
    ["grading"],
    ["plans", "offline"],
    ["report"],
    ["demo"],
    ["commands"],
    ["cli"],
    ["__main__"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
# Numbers only: these may not import any other layer but errors.
NUMBERS_ONLY = {"stats": {"stats", "errors"}, "text": {"text", "errors"}}

MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py" or path.parent != SOURCE)


def layer_of(path: Path) -> str:
    part = path.relative_to(SOURCE).parts[0]
    return part.removesuffix(".py")


def imported(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("zhprobe"):
            rest = node.module.split(".")[1:]
            found += [rest[0]] if rest else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [a.name.split(".")[1] for a in node.names if a.name.startswith("zhprobe.")]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_imports_point_up(path: Path) -> None:
    layer = layer_of(path)
    assert layer in RANK, f"name the layer of {layer} in this test"
    for name in imported(path):
        if name.startswith("__") and name != "__main__":
            continue
        assert name in RANK, f"{path.name} imports {name}, which has no layer"
        assert RANK[name] <= RANK[layer], f"{path.name} ({layer}) imports {name}, which lies below it"
        if layer in NUMBERS_ONLY:
            assert name in NUMBERS_ONLY[layer]


HEAVY = (
    "numpy",
    "scipy",
    "jieba",
    "transformers",
    "torch",
    "datasets",
    "sacrebleu",
    "openpyxl",
    "aiohttp",
    "jinja2",
)


def test_help_loads_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from zhprobe.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("loaded: []\n"), done.stdout[-300:]
