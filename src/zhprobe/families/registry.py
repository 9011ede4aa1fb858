"""The table of families: functions that make an item, with its answer, from a seed."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import typing
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from zhprobe.errors import UserError, did_you_mean

_FAMILIES: dict[str, Callable[..., dict[str, Any]]] = {}

F = typing.TypeVar("F", bound=Callable[..., dict[str, Any]])
T = typing.TypeVar("T")


def family(function: F) -> F:
    """Register a family: `name(seed, **parameters)` gives the table of one item, as TOML would hold it.

    The table may hold any field of an `[[item]]` (slots, expect, criterion, specimen, group, difficulty,
    twins and so on) but `id`, `family` and `seed`, which the loader adds. The same seed always gives the same table.
    """
    _FAMILIES[function.__name__] = function
    return function


@cache
def _import_all() -> None:
    package = importlib.import_module("zhprobe.families")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "registry":
            importlib.import_module(f"zhprobe.families.{module.name}")


def all_families() -> dict[str, Callable[..., dict[str, Any]]]:
    """Every family by name, sorted."""
    _import_all()
    return dict(sorted(_FAMILIES.items()))


def look_up(name: str, where: str = "") -> Callable[..., dict[str, Any]]:
    """The family of that name, or a UserError that names the nearest one."""
    _import_all()
    if name not in _FAMILIES:
        raise UserError(where, f"there is no family named '{name}'", did_you_mean(name, _FAMILIES))
    return _FAMILIES[name]


def draw(options: Sequence[T], *path: str | int) -> T:
    """Choose one option by a hash of the path (family, template, seed, slot): stable for ever.

    Each slot has its own hash, so that adding a slot leaves the others alone.

    >>> draw(["甲", "乙", "丙"], "example", 7, "name") == draw(["甲", "乙", "丙"], "example", 7, "name")
    True
    """
    return options[draw_integer(len(options), *path)]


def draw_integer(below: int, *path: str | int) -> int:
    """A whole number from 0 to `below` - 1, chosen by BLAKE2b of the path."""
    message = "\x1f".join(str(part) for part in path).encode()
    return int.from_bytes(hashlib.blake2b(message, digest_size=16).digest(), "big") % below


def draw_several(options: Sequence[T], count: int, *path: str | int) -> list[T]:
    """So many different options, in drawn order."""
    left = list(options)
    return [left.pop(draw_integer(len(left), *path, number)) for number in range(count)]
