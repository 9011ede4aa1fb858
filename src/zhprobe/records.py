"""The records that pass between the parts: Probe, Item, Settings, Reply, Verdict, Grade.

All are immutable and travel as JSON. Text offsets count code points of the reply's text.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Outcome = Literal["met", "not_met", "na", "unsure"]
Kind = Literal["check", "judge", "human"]
Json = Any  # a decoded JSON value; exact types stop at the edge where files are parsed


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one grader says of one criterion of one reply.

    `reason` is for Chinese readers, `reason_en` says the same in English. `evidence` quotes the words
    relied on; `spans` are their [start, end) places in the reply's text. `level` is the rung of a graded
    criterion, `share` is (k, n) when a check counts. `lenient` is the laxer reading of a check that has
    two. `codes` name faults from a closed list of the check; `detail` holds what a page draws (a scan,
    a list of citations, a call diff) as plain JSON with a key `kind`.

    >>> Verdict("not_met", "共3行，要求4行", "3 lines, asked for 4").outcome
    'not_met'
    """

    outcome: Outcome
    reason: str = ""
    reason_en: str = ""
    evidence: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    level: int | None = None
    share: tuple[int, int] | None = None
    lenient: Outcome | None = None
    codes: tuple[str, ...] = ()
    detail: dict[str, Json] | None = None


class Criterion(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing an answer does or does not do, worth points (rubric contract, section 2)."""

    id: str
    text: str
    points: int = 1
    kind: Kind = "judge"
    check: dict[str, dict[str, Json]] | None = None  # {name: parameters}, exactly one
    levels: tuple[str, ...] = ()  # anchors, first is level 0
    na_allowed: bool = False
    gate: float | None = None
    evidence: Literal["required", "optional", "none"] | None = None
    reference_meets: bool | None = None
    met_example: str = ""
    not_met_example: str = ""
    facts: tuple[str, ...] = ()  # checks whose findings a judge is given as established
    tags: tuple[str, ...] = ()
    version: int = 1

    @property
    def check_name(self) -> str:
        """Name of the check, or '' when a judge or a person decides."""
        return next(iter(self.check)) if self.check else ""

    @property
    def check_parameters(self) -> dict[str, Json]:
        """Parameters of the check as the probe file gives them."""
        return next(iter(self.check.values())) if self.check else {}


class ToolCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call a model made; `arguments` is the string as it came."""

    name: str
    arguments: str = "{}"
    id: str = ""


class Specimen(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An answer kept with an item, with the verdicts it must get and where it came from.

    `verdicts` maps a criterion id to an outcome or a level. `answers` are the texts of the turns before
    the last where the item has several.
    """

    answer: str = ""
    verdicts: dict[str, str | int] = {}
    origin: str = "written"  # written, unaided answer, or a source
    note: str = ""
    reasoning: str = ""
    finish_reason: str = "stop"
    tool_calls: tuple[ToolCall, ...] = ()
    transcript: tuple[dict[str, Json], ...] = ()


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One prompt, with its slots filled, and what a good answer must do."""

    probe: str
    id: str
    messages: tuple[dict[str, Json], ...]
    criteria: tuple[Criterion, ...]
    turns: tuple[dict[str, Json], ...] = ()  # scripted follow-ups and simulated tool results
    tools: tuple[dict[str, Json], ...] = ()
    schema: dict[str, Json] | None = None
    reference: str = ""
    control: str = ""  # id of the paired control item
    control_kind: str = ""
    respelling: str = ""  # id of the item this one respells
    role: Literal["item", "control", "respelling", "twin"] = "item"
    group: str = ""  # sampling unit; empty: the item alone
    row: str = ""  # sub-capability, mode or family where the capability declares rows
    difficulty: int | None = None
    difficulty_reason: str = ""
    asof: str = ""
    tags: tuple[str, ...] = ()
    native_checked: bool = False
    reviewed: bool = False
    slots: dict[str, Json] = {}
    expect: dict[str, Json] = {}
    specimens: tuple[Specimen, ...] = ()
    frame: str = ""  # prompt frame shared with other items: "probe" or "family:<name>"; empty: its own words
    family: str = ""
    seed: int | None = None
    extra: dict[str, Json] = {}  # fields that a specification names for its own capability
    digest: str = ""

    @property
    def key(self) -> str:
        """The item's name in the whole suite: probe and id."""
        return f"{self.probe}/{self.id}"

    @property
    def prompt(self) -> str:
        """The user's words of the first turn, joined; what lint, pages and sheets show."""
        return "\n\n".join(str(m.get("content") or "") for m in self.messages if m.get("role") == "user")


class Probe(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question about ability, with its items: one TOML file."""

    id: str
    capability: str
    asks: str
    version: int
    items: tuple[Item, ...]
    source: str = ""
    licence: str = ""
    canary: str = ""
    prompt: str = ""
    chance: float = 0.0  # score a policy that knows nothing gets by guessing
    tags: tuple[str, ...] = ()
    path: str = ""
    digest: str = ""


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a model is asked. A change of any field but the last three is another profile."""

    profile: str = "standard-1"
    system: str = ""
    temperature: float | None = 0.0
    top_p: float | None = None
    max_tokens: int = 2048
    seed: int | None = 0
    thinking: bool | None = None
    samples: int = 1
    mode: Literal["native", "prompt", "constrained"] = "native"
    response_format: Literal["", "json_object", "json_schema"] = ""
    extra: dict[str, Json] = {}  # passed to the endpoint as it is
    stream: bool = False
    timeout: float = 600.0  # seconds for a whole call
    stall_timeout: float = 120.0  # seconds without a byte


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens as the endpoint or the tokenizer counts them."""

    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    cached: int = 0


class ReplyError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why there is no answer. `kind` is one of the named classes of failure."""

    kind: str
    message: str = ""
    status: int | None = None


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model said to one item, word for word; never edited once written."""

    probe: str
    item: str
    model: str
    sample: int = 0
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    raw: str = ""  # generated text with special tokens, where it differs from text
    transcript: tuple[dict[str, Json], ...] = ()  # all messages after the prompt, several turns only
    finish_reason: str = ""
    usage: Usage | None = None
    first_token_s: float | None = None
    latency_s: float | None = None
    cost: float | None = None  # in the currency that the prices are given in
    attempts: int = 1
    digest: str = ""  # of the request: model, messages, tools, settings
    item_digest: str = ""
    flags: tuple[str, ...] = ()  # empty, cut, filtered, field_ignored:…
    error: ReplyError | None = None
    time: str = ""

    @property
    def id(self) -> str:
        """Name of the reply inside its run."""
        return f"{self.probe}/{self.item}#{self.sample}"


class Grade(msgspec.Struct, frozen=True, omit_defaults=True):
    """A verdict, who gave it, and on which criterion of which reply."""

    reply: str  # Reply.id
    criterion: str
    version: int
    grader: str  # check:<name>, judge:<config hash>, human:<annotator>
    verdict: Verdict
    rubric: str = ""  # rubric hash
    answer: str = ""  # hash of the graded text
    time: str = ""
    flags: tuple[str, ...] = ()
    extra: dict[str, Json] = {}
