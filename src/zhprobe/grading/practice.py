"""Practice for annotators: a few borderline answers that answer back."""

from __future__ import annotations

import tomllib
from importlib import resources

import click
import msgspec

from zhprobe.errors import UserError, did_you_mean
from zhprobe.grading.sheet_read import read_verdict


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer, one criterion, the verdict that the guide asks for, and why."""

    prompt: str
    criterion: str
    answer: str
    verdict: str
    why: str
    reference: str = ""
    levels: tuple[str, ...] = ()
    fault: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """What may be put."""
        return (*(str(n) for n in range(len(self.levels))), "U") if self.levels else ("1", "0", "NA", "U")


class PracticeSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cases of one capability. `reviewed` and `native_checked` say whether anybody has looked."""

    capability: str
    title: str
    case: tuple[Case, ...]
    reviewed: bool = False
    native_checked: bool = False


def practice_names() -> list[str]:
    """Capabilities that have a practice set.

    >>> practice_names()
    ['legal', 'poetry', 'shanghainese', 'structured']
    """
    place = resources.files("zhprobe.grading") / "practice_sets"
    return sorted(p.name.removesuffix(".toml") for p in place.iterdir() if p.name.endswith(".toml"))


def read_practice(name: str) -> PracticeSet:
    """The practice set of a capability."""
    if name not in practice_names():
        fix = did_you_mean(name, practice_names()) or f"There are: {', '.join(practice_names())}."
        raise UserError("", f"there is no practice set '{name}'", fix)
    place = resources.files("zhprobe.grading") / "practice_sets" / f"{name}.toml"
    return msgspec.convert(tomllib.loads(place.read_text(encoding="utf-8")), PracticeSet)


def practise(name: str, lang: str = "zh") -> int:
    """Ask one case after another on the terminal and say at once what the guide says; gives the exit code."""
    chosen = read_practice(name)
    zh = lang == "zh"
    click.echo(
        f"{chosen.title}：{len(chosen.case)} 题。每题只判一条评分项，填 1、0、NA、U（分级的填级数），q 退出。"
        if zh
        else f"{chosen.title}: {len(chosen.case)} cases. Put 1, 0, NA, U (graded: the level); q to stop."
    )
    if not chosen.reviewed:
        click.echo("（这套练习还没有人复核过。）" if zh else "(Nobody has reviewed this set yet.)")
    right = done = 0
    for number, case in enumerate(chosen.case, start=1):
        click.echo(f"\n—— {number}/{len(chosen.case)} " + "—" * 30)
        click.echo(f"【{'题目' if zh else 'prompt'}】{case.prompt}")
        if case.reference:
            click.echo(f"【{'参考资料' if zh else 'reference'}】{case.reference}")
        click.echo(f"【{'回答' if zh else 'answer'}】{case.answer.strip()}")
        mark = (
            ("（缺点：有则填 1，没有填 0）" if zh else " (a fault: 1 if it is there)") if case.fault else ""
        )
        click.echo(f"【{'评分项' if zh else 'criterion'}】{case.criterion}{mark}")
        for level, anchor in enumerate(case.levels):
            click.echo(f"    {level}  {anchor}")
        given = _ask(case, zh)
        if given is None:
            break
        done += 1
        agreed = given == case.verdict
        right += agreed
        head = (
            ("✓ 与指南一致。" if agreed else f"✗ 指南判 {case.verdict}。")
            if zh
            else ("✓ As the guide has it. " if agreed else f"✗ The guide says {case.verdict}. ")
        )
        click.echo(head + case.why)
    click.echo(f"\n{right}/{done} 与指南一致" if zh else f"\n{right} of {done} as the guide has it")
    return 0


def _ask(case: Case, zh: bool) -> str | None:
    while True:
        try:
            given = click.prompt("判定" if zh else "verdict", prompt_suffix="： " if zh else ": ")
        except click.Abort:
            return None
        if given.strip().lower() == "q":
            return None
        code = read_verdict(given, case.codes)
        if code:
            return code
        click.echo(("只能填 " if zh else "One of ") + "、".join(case.codes))
