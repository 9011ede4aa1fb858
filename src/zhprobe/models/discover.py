"""Which providers have a key, and which servers answer on this machine's usual ports."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping

import aiohttp
import msgspec

from zhprobe.models.providers import Provider, Table, find_key, redact

LOOK_TIMEOUT = 1.0


class Found(msgspec.Struct, frozen=True):
    """A server that answered, and the models it names."""

    address: str
    providers: tuple[str, ...]  # those whose usual port this is
    models: tuple[str, ...]
    note: str = ""


class Known(msgspec.Struct, frozen=True):
    """A provider and whether its key is set; never the key."""

    name: str
    title: str
    address: str
    key: str  # name of the variable that is set, or of the file
    wanted: tuple[str, ...]
    local: bool


def known_providers(table: Table, environment: Mapping[str, str] = os.environ) -> list[Known]:
    """Every provider, with the variable that holds its key where one is set."""
    rows = []
    for name, provider in table.providers.items():
        if name == "api":
            continue
        key = provider.key_file or next((v for v in provider.key if environment.get(v, "").strip()), "")
        rows.append(Known(name, provider.title, provider.address, key, provider.key, provider.local))
    return rows


def usual_addresses(table: Table) -> dict[str, tuple[str, ...]]:
    """The usual local addresses and the providers that use them."""
    places: dict[str, list[str]] = {}
    for name, provider in table.providers.items():
        if provider.local:
            for port in provider.ports:
                places.setdefault(f"http://127.0.0.1:{port}/v1", []).append(name)
    return {address: tuple(names) for address, names in places.items()}


async def look(
    addresses: Mapping[str, tuple[str, ...]], table: Table, timeout: float = LOOK_TIMEOUT
) -> list[Found]:
    """Ask each address for its models, all at once. Keys are not sent: an answer of 401 is an answer too."""
    limit = aiohttp.ClientTimeout(total=timeout)
    async with aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar()) as session:
        found = await asyncio.gather(*(_look_at(session, a, p) for a, p in addresses.items()))
    return [one for one in found if one is not None]


async def _look_at(session: aiohttp.ClientSession, address: str, providers: tuple[str, ...]) -> Found | None:
    try:
        async with session.get(f"{address}/models", allow_redirects=False) as response:
            raw = await response.read()
            status = response.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
    if status in (401, 403):
        return Found(address, providers, (), "wants a key")
    try:
        listed = msgspec.json.decode(raw)["data"]
        names = tuple(sorted(str(entry["id"]) for entry in listed))
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return Found(address, providers, (), f"something answers ({status}), but names no models")
    return Found(address, providers, names)


async def models_of(provider: Provider, address: str) -> list[str]:
    """The models that a provider names for this key."""
    key = find_key(provider)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limit = aiohttp.ClientTimeout(total=15)
    async with (
        aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(f"{address}/models", headers=headers, allow_redirects=False) as response,
    ):
        raw = await response.read()
    try:
        return sorted(str(entry["id"]) for entry in msgspec.json.decode(raw)["data"])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return [redact(raw[:200].decode("utf-8", "replace"))]


def show(known: Iterable[Known], found: Iterable[Found], table: Table) -> str:
    """The list as people read it."""
    lines = ["API providers (a key is taken from the environment):"]
    rows = list(known)
    for row in (r for r in rows if not r.local):
        state = f"key set ({row.key})" if row.key else f"no key ({' or '.join(row.wanted)})"
        lines.append(f"  {row.name + '/…':18} {row.title:22} {state}")
    lines.append("")
    lines.append("Servers on this machine:")
    answering = list(found)
    for one in answering:
        lines.append(
            f"  {one.address}  {one.note or f'{len(one.models)} models'}  ({' or '.join(one.providers)})"
        )
        lines += [f"    {one.providers[0]}/{name}@{one.address}" for name in one.models[:20]]
        if len(one.models) > 20:
            lines.append(f"    … and {len(one.models) - 20} more")
    if not answering:
        ports = sorted({port for provider in table.providers.values() for port in provider.ports})
        lines.append(f"  none answers on ports {', '.join(map(str, ports))}")
    lines += [
        "",
        "In this process, no server:",
        "  hf/ID-or-folder      transformers (pip install 'zhprobe[local]')",
        "  modelscope/ID        the same, weights from ModelScope",
        "  replay/RUN           the replies of a recorded run",
        "  specimen/met         answers kept in the probe files: ceiling of the checks, not a model",
        "  specimen/near-miss   their near misses: floor of the checks, not a model",
        "  floor/empty          also echo, constant, foreign, control, exchanged, always-call, never-call: policies that know nothing",
        "",
        "Any other OpenAI-compatible endpoint: api/NAME@http://host:port/v1",
    ]
    if table.aliases:
        lines += [
            "",
            f"Yours ({table.source}):",
            *(f"  {name} = {alias.model}" for name, alias in table.aliases.items()),
        ]
    return "\n".join(lines)
