"""The table of checks: name, function, parameters, checked while a probe is loaded."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import msgspec

from zhprobe.errors import UserError, did_you_mean
from zhprobe.records import Item, Outcome, Reply, Verdict

INJECTED = ("reply", "item")  # given by grading, never by a probe file
FAULT = "fault"  # reserved parameter of every check: the criterion names a fault, met when the check is not

Asked = Callable[[str, dict[str, Any]], str]
Loosen = Callable[[dict[str, Any]], Iterable[tuple[str, dict[str, Any]]]]


class Check(msgspec.Struct, frozen=True):
    """One registered check."""

    name: str
    function: Callable[..., Verdict]
    types: dict[str, Any]
    required: frozenset[str]
    injected: frozenset[str]
    asked: Asked | None
    loosen: Loosen | None

    @property
    def summary(self) -> str:
        """First line of the docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


_CHECKS: dict[str, Check] = {}

F = typing.TypeVar("F", bound=Callable[..., Verdict])


@typing.overload
def check(function: F) -> F: ...
@typing.overload
def check(*, asked: Asked | None = None, loosen: Loosen | None = None) -> Callable[[F], F]: ...
def check(
    function: F | None = None, *, asked: Asked | None = None, loosen: Loosen | None = None
) -> F | Callable[[F], F]:
    """Register a check: a function of the answer and keyword parameters that gives one Verdict.

    Keyword parameters named `reply` and `item` are filled in by grading. `asked(prompt, parameters)`
    may return a complaint when the prompt does not ask for what the check demands (lint).
    `loosen(parameters)` yields (label, looser parameters), one step each, for the mutation run; without
    it a generic rule is used.
    """

    def register(target: F) -> F:
        name = target.__name__
        hints = typing.get_type_hints(target)
        signature = inspect.signature(target)
        named = [p for p in signature.parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
        _CHECKS[name] = Check(
            name=name,
            function=target,
            types={p.name: hints[p.name] for p in named if p.name not in INJECTED},
            required=frozenset(
                p.name for p in named if p.default is inspect.Parameter.empty and p.name not in INJECTED
            ),
            injected=frozenset(p.name for p in named if p.name in INJECTED),
            asked=asked,
            loosen=loosen,
        )
        return target

    return register(function) if function is not None else register


@cache
def _import_all() -> None:
    package = importlib.import_module("zhprobe.checks")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "registry":
            importlib.import_module(f"zhprobe.checks.{module.name}")


@cache
def _import_for(name: str) -> None:
    """Import the module that defines the check, which its source tells; all of them where none does.

    A run of one capability starts sooner without the tables and patterns of the others.
    """
    package = importlib.import_module("zhprobe.checks")
    for module in pkgutil.iter_modules(package.__path__):
        source = pkgutil.get_data("zhprobe.checks", f"{module.name}.py") or b""
        if f"\ndef {name}(".encode() in source:
            importlib.import_module(f"zhprobe.checks.{module.name}")
    if name not in _CHECKS:
        _import_all()


def all_checks() -> dict[str, Check]:
    """Every check by name, sorted."""
    _import_all()
    return dict(sorted(_CHECKS.items()))


def look_up(name: str, where: str = "") -> Check:
    """The check of that name.

    >>> look_up("no_such_check")
    Traceback (most recent call last):
    ...
    zhprobe.errors.UserError: there is no check named 'no_such_check'
      `zhprobe checks` lists them all.
    """
    if name not in _CHECKS:
        _import_for(name)
    if name not in _CHECKS:
        hint = did_you_mean(name, _CHECKS)
        fix = f"{hint} `zhprobe checks` lists them all.".strip()
        raise UserError(where, f"there is no check named '{name}'", fix)
    return _CHECKS[name]


def checked_parameters(name: str, parameters: dict[str, Any], where: str = "") -> dict[str, Any]:
    """The parameters converted to the types the check declares; a UserError names the first misfit."""
    found = look_up(name, where)
    parameters = {key: value for key, value in parameters.items() if key != FAULT}
    for key in parameters:
        if key not in found.types:
            fix = did_you_mean(key, found.types) or f"'{name}' takes: {', '.join(found.types) or 'nothing'}."
            raise UserError(where, f"check '{name}' has no parameter '{key}'", fix)
    for key in sorted(found.required - parameters.keys()):
        raise UserError(where, f"check '{name}' needs the parameter '{key}'", f"Add {key} = … to the check.")
    try:
        return {
            key: msgspec.convert(value, found.types[key], strict=True) for key, value in parameters.items()
        }
    except msgspec.ValidationError as error:
        raise UserError(where, f"check '{name}': {error}", "Give the parameter the type it names.") from None


def bind(name: str, parameters: dict[str, Any], where: str = "") -> Callable[[Reply, Item], Verdict]:
    """The check with its parameters converted once, as a function of a reply and its item."""
    found = look_up(name, where)
    converted = checked_parameters(name, parameters, where)

    def run(reply: Reply, item: Item) -> Verdict:
        given: dict[str, Any] = {"reply": reply, "item": item}
        return found.function(reply.text, **converted, **{key: given[key] for key in found.injected})

    return (lambda reply, item: as_fault(run(reply, item))) if parameters.get(FAULT) is True else run


def as_fault(verdict: Verdict) -> Verdict:
    """The verdict turned round for a criterion that names a fault: met when the check is not met.

    So that what is merely absent from an answer earns nothing: no fault, no points.

    >>> as_fault(Verdict("not_met", "出现了禁字")).outcome
    'met'
    """
    turned: dict[Outcome, Outcome] = {"met": "not_met", "not_met": "met", "na": "na", "unsure": "unsure"}
    share = (verdict.share[1] - verdict.share[0], verdict.share[1]) if verdict.share else None
    return msgspec.structs.replace(
        verdict,
        outcome=turned[verdict.outcome],
        lenient=turned[verdict.lenient] if verdict.lenient else None,
        share=share,
    )


def run_check(name: str, parameters: dict[str, Any], reply: Reply, item: Item) -> Verdict:
    """The verdict of one check on one reply. A check that raises is our bug and keeps its traceback."""
    return bind(name, parameters)(reply, item)
