"""Models: a request in, a Reply out. `open_model` finds what a name means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zhprobe.errors import UserError
from zhprobe.models.base import Model, Request, Told
from zhprobe.models.providers import Name, Prices, Table, find_key, load_table, parse_name

__all__ = ["Model", "Name", "Request", "Told", "load_table", "open_model", "parse_name", "prices_of"]


def open_model(text: str, table: Table | None = None, *, check_keys: bool = True, **options: Any) -> Model:
    """The model of this name: `provider/model`, `provider/model@URL`, an alias, or one in this process.

    Options are for models in this process (`dtype`, `device`, `adapter`, `batch_size`, `engine`, `template`,
    `trust_code`) and `concurrency` for the others. Nothing is sent or loaded before the first request.
    """
    table = table or load_table()
    name = parse_name(text, table)
    given = {key: value for key, value in options.items() if value not in (None, "")}
    if name.provider == "specimen":
        from zhprobe.models.specimen import Specimens

        return Specimens(name.shown, name.model)
    if name.provider == "floor":
        from zhprobe.models.floor import Floor

        return Floor(name.shown, name.model)
    if name.provider == "replay":
        from zhprobe.models.replay import Replay

        return Replay(name.shown, Path(name.model))
    if name.provider in ("hf", "modelscope"):
        from zhprobe.models.local import Local

        own = {key: value for key, value in given.items() if key != "concurrency"}
        return Local(name.shown, name.model, hub=name.provider, **own)
    from zhprobe.models.http import Http

    provider = table.providers[name.provider]
    key = find_key(provider, name.alias)
    if check_keys and not key and not provider.local and not name.addresses:
        raise UserError(
            f"model {name.shown}",
            f"no key is set for {provider.title or provider.name}",
            f"Set {' or '.join(provider.key) or 'key in models.toml'}.",
        )
    concurrency = given.get("concurrency") or (name.alias.concurrency if name.alias else None)
    return Http(
        name.shown, name.model, name.addresses or (provider.address,), provider, key, concurrency=concurrency
    )


def prices_of(text: str, table: Table | None = None) -> Prices | None:
    """Prices of a model, where the user's models.toml gives them."""
    table = table or load_table()
    name = parse_name(text, table)
    if name.alias and name.alias.prices:
        return name.alias.prices
    return table.prices.get(text) or table.prices.get(f"{name.provider}/{name.model}")


def limits_of(text: str, table: Table | None = None) -> tuple[float | None, float | None]:
    """Requests and tokens a minute, where the table gives them."""
    table = table or load_table()
    name = parse_name(text, table)
    provider = table.providers.get(name.provider)
    rpm = (name.alias.rpm if name.alias else None) or (provider.rpm if provider else None)
    tpm = (name.alias.tpm if name.alias else None) or (provider.tpm if provider else None)
    return rpm, tpm
