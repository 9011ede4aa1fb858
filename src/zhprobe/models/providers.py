"""The table of providers, the user's own table, keys, and what a model's name means.

    provider/model           deepseek/deepseek-chat
    provider/model@URL       vllm/Qwen3-8B@http://10.0.0.5:8000/v1  (several addresses: separate by commas)
    alias                    a [model.NAME] of the user's models.toml

A key comes from the environment or from a file that the user names, goes only to the provider's address or
to the address the user wrote, and is taken out of every text that this package keeps (`redact`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from zhprobe.errors import UserError, did_you_mean

USER_TABLE = "models.toml"
IN_PROCESS = ("hf", "modelscope", "replay", "specimen", "floor")
HIDDEN = "[key removed]"


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the table."""

    title: str = ""
    address: str = ""
    key: tuple[str, ...] = ()
    key_file: str = ""
    local: bool = False
    ports: tuple[int, ...] = ()
    rename: dict[str, str] = {}
    leave_out: tuple[str, ...] = ()
    thinking_on: dict[str, Any] = {}
    thinking_off: dict[str, Any] = {}
    stream_usage: bool = True
    headers: dict[str, str] = {}
    rpm: float | None = None
    tpm: float | None = None
    concurrency: int | None = None
    name: str = ""


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Money for a million tokens, in the currency the user thinks in."""

    input: float
    output: float
    cached: float | None = None
    currency: str = ""


class Alias(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of the user's own table."""

    model: str
    addresses: tuple[str, ...] = ()
    key_file: str = ""
    prices: Prices | None = None
    settings: dict[str, Any] = {}
    rpm: float | None = None
    tpm: float | None = None
    concurrency: int | None = None
    adapter: str = ""
    dtype: str = ""
    device: str = ""


class Table(msgspec.Struct, frozen=True):
    """Providers and aliases, ours and the user's."""

    providers: dict[str, Provider]
    aliases: dict[str, Alias] = {}
    prices: dict[str, Prices] = {}
    source: str = ""


class Name(msgspec.Struct, frozen=True):
    """A model's name taken apart."""

    provider: str
    model: str
    addresses: tuple[str, ...] = ()
    alias: Alias | None = None
    alias_name: str = ""

    @property
    def shown(self) -> str:
        """The name as it is written in records: no user name, password or query of a URL."""
        if self.alias_name:
            return self.alias_name
        head = f"{self.provider}/{self.model}"
        return f"{head}@{','.join(map(bare_address, self.addresses))}" if self.addresses else head


_secrets: set[str] = set()


def keep_secret(text: str) -> None:
    """From now on `redact` takes this text out."""
    if len(text) >= 4:
        _secrets.add(text)


def redact(text: str) -> str:
    """The text without any key that was read in this process."""
    for secret in _secrets:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text


def secret_bytes() -> tuple[bytes, ...]:
    """The keys as bytes, to look for them in what a server sends."""
    return tuple(secret.encode() for secret in _secrets)


def bare_address(address: str) -> str:
    """An address without user name, password, query and fragment.

    >>> bare_address("https://me:geheim@host:8000/v1?key=geheim")
    'https://host:8000/v1'
    """
    parts = urlsplit(address)
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))


def hide_address_secrets(address: str) -> None:
    """What an address carries besides its place is a secret."""
    parts = urlsplit(address)
    if parts.password:
        keep_secret(parts.password)
    for pair in parts.query.split("&"):
        keep_secret(pair.partition("=")[2])


def _convert(data: dict[str, Any], kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(data, kind, str_keys=True)
    except msgspec.ValidationError as error:
        message = str(error)
        word = message.partition("`")[2].partition("`")[0]
        fields = list(getattr(kind, "__struct_fields__", ()))
        raise UserError(
            where, message, did_you_mean(word, fields) or f"Known: {', '.join(fields)}."
        ) from None


def _read(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(where, f"this is not TOML: {error}", "See docs/models.md for the form.") from None


@cache
def shipped() -> dict[str, Provider]:
    """The providers of the package."""
    text = resources.files("zhprobe.models").joinpath("providers.toml").read_text(encoding="utf-8")
    return {
        name: msgspec.structs.replace(_convert(row, Provider, f"providers.toml, {name}"), name=name)
        for name, row in tomllib.loads(text).items()
    }


def user_table_path(environment: Mapping[str, str] = os.environ) -> Path | None:
    """ZHPROBE_MODELS, else models.toml here, else the one in the user's configuration folder."""
    if named := environment.get("ZHPROBE_MODELS"):
        path = Path(named)
        if not path.is_file():
            raise UserError(
                "ZHPROBE_MODELS", f"there is no file {named}", "Correct the variable or unset it."
            )
        return path
    config = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "zhprobe" / USER_TABLE
    return next((path for path in (Path(USER_TABLE), config) if path.is_file()), None)


def load_table(path: Path | None = None) -> Table:
    """The package's table with the user's own laid over it."""
    path = path or user_table_path()
    providers = dict(shipped())
    if path is None:
        return Table(providers)
    try:
        data = _read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(str(path), f"this file cannot be read: {error}") from None
    if unknown := set(data) - {"provider", "model", "prices"}:
        word = sorted(unknown)[0]
        raise UserError(
            str(path),
            f"unknown table [{word}]",
            did_you_mean(word, ["provider", "model", "prices"])
            or "Use [provider.NAME], [model.NAME], [prices.NAME].",
        )
    for name, row in data.get("provider", {}).items():
        where = f"{path}, [provider.{name}]"
        _no_key_inside(row, where)
        ours = msgspec.to_builtins(providers[name]) if name in providers else {}
        row = (
            {"key": [row["key"]], **{k: v for k, v in row.items() if k != "key"}}
            if isinstance(row.get("key"), str)
            else row
        )
        providers[name] = msgspec.structs.replace(_convert({**ours, **row}, Provider, where), name=name)
    aliases = {}
    for name, row in data.get("model", {}).items():
        _no_key_inside(row, f"{path}, [model.{name}]")
        aliases[name] = _convert(row, Alias, f"{path}, [model.{name}]")
    prices = {
        name: _convert(row, Prices, f"{path}, [prices.{name}]")
        for name, row in data.get("prices", {}).items()
    }
    return Table(providers, aliases, prices, str(path))


def _no_key_inside(row: dict[str, Any], where: str) -> None:
    """A key written into the table itself is refused, without showing it."""
    for field in ("api_key", "token", "secret", "password"):
        if field in row:
            raise UserError(
                where,
                f"a key does not belong into this file (field {field})",
                'Name an environment variable with key = "NAME", or a file with key_file = "path".',
            )
    names = row.get("key", ())
    for name in (names,) if isinstance(names, str) else names:
        if not (str(name).isascii() and str(name).isupper() and str(name).replace("_", "a").isalnum()):
            raise UserError(
                where,
                "key names an environment variable; what stands there is not the name of one",
                'Put the key into a variable such as MY_API_KEY and write key = "MY_API_KEY".',
            )


def parse_name(text: str, table: Table) -> Name:
    """Take a model's name apart; what cannot be meant is a UserError that says what can."""
    if text in table.aliases:
        alias = table.aliases[text]
        inner = parse_name(alias.model, msgspec.structs.replace(table, aliases={}))
        addresses = alias.addresses or inner.addresses
        _check_addresses(text, addresses)
        return Name(inner.provider, inner.model, addresses, alias, text)
    head, at, url = text.partition("@")
    if at and "://" not in url:  # modelscope revisions and paths may hold an @
        head, url = text, ""
    provider, slash, model = head.partition("/")
    known = [*table.providers, *IN_PROCESS]
    if not slash or not model:
        raise UserError(
            f"model {text!r}",
            "a model is named provider/model",
            did_you_mean(provider, [*known, *table.aliases]) or "`zhprobe models` lists the providers.",
        )
    if provider not in known:
        raise UserError(
            f"model {text!r}",
            f"there is no provider {provider!r}",
            did_you_mean(provider, known) or "`zhprobe models` lists them; any other is api/NAME@URL.",
        )
    addresses = tuple(part.strip().rstrip("/") for part in url.split(",") if part.strip())
    if addresses and provider in IN_PROCESS:
        raise UserError(f"model {text!r}", f"{provider}/ runs in this process and takes no address")
    _check_addresses(text, addresses)
    if provider not in IN_PROCESS and not addresses and not table.providers[provider].address:
        raise UserError(
            f"model {provider}/{model}",
            "the address is missing",
            f"Write {provider}/{model.partition('@')[0]}@http://{model.partition('@')[2] or 'host:port'}/v1.",
        )
    return Name(provider, model, addresses)


def _check_addresses(text: str, addresses: tuple[str, ...]) -> None:
    for address in addresses:
        hide_address_secrets(address)
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(
                f"model {redact(text)!r}",
                f"{redact(address)!r} is not an http address",
                "Write it like http://127.0.0.1:8000/v1.",
            )


def find_key(
    provider: Provider, alias: Alias | None = None, environment: Mapping[str, str] = os.environ
) -> str:
    """The key of a provider, '' when none is set. Whatever is returned is redacted from now on."""
    file = (alias.key_file if alias else "") or provider.key_file
    if file:
        path = Path(file).expanduser()
        try:
            key = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UserError(
                str(path), "the key file cannot be read", "Check key_file in models.toml."
            ) from None
    else:
        key = next(
            (environment[name].strip() for name in provider.key if environment.get(name, "").strip()), ""
        )
    if key:
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise UserError(
                f"key of {provider.name}",
                "it holds characters no key has (a space, a line break, a full-width mark?)",
                f"Set {file or ' or '.join(provider.key)} again.",
            )
        keep_secret(key)
    return key
