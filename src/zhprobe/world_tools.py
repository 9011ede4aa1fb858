"""The tools of each world: calendar, shop, bank, meeting rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

State = dict[str, Any]
Act = Callable[[State, dict[str, Any]], tuple[State, Any]]

ERROR = "错误"  # the key of an error result


@dataclass(frozen=True, slots=True)
class WorldTool:
    """One tool of a world; `writes` are the top-level keys of the state it may change, empty: it reads."""

    act: Act
    writes: tuple[str, ...] = ()


def failure(message: str) -> dict[str, str]:
    """An error result.

    >>> failure("会议室已被占用")
    {'错误': '会议室已被占用'}
    """
    return {ERROR: message}


def is_failure(result: Any) -> bool:
    """Whether a result is an error."""
    return isinstance(result, dict) and ERROR in result


def next_id(rows: dict[str, Any], prefix: str) -> str:
    """The first free number after the highest one.

    >>> next_id({"E1": {}, "E7": {}}, "E"), next_id({}, "E")
    ('E8', 'E1')
    """
    used = [int(key.removeprefix(prefix)) for key in rows if key.removeprefix(prefix).isdigit()]
    return f"{prefix}{max(used, default=0) + 1}"


def _only(row: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: row[key] for key in keys if key in row}


# --- calendar: {"events": {id: {title, date, start}}} -------------------------------------------------

_EVENT = ("title", "date", "start")


def _add_event(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    events = state["events"]
    if clash := _clash(events, given, ""):
        return state, failure(f"与日程 {clash} 时间冲突")
    name = next_id(events, "E")
    events[name] = _only(given, _EVENT)
    return state, {"id": name, **events[name]}


def _clash(events: dict[str, Any], row: dict[str, Any], own: str) -> str:
    return next(
        (
            key
            for key, event in events.items()
            if key != own and event["date"] == row["date"] and event["start"] == row["start"]
        ),
        "",
    )


def _update_event(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    events, name = state["events"], given["id"]
    if name not in events:
        return state, failure(f"没有编号为 {name} 的日程")
    changed = events[name] | _only(given, _EVENT)
    if clash := _clash(events, changed, name):
        return state, failure(f"与日程 {clash} 时间冲突")
    events[name] = changed
    return state, {"id": name, **changed}


def _cancel_event(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    if given["id"] not in state["events"]:
        return state, failure(f"没有编号为 {given['id']} 的日程")
    del state["events"][given["id"]]
    return state, {"id": given["id"], "状态": "已取消"}


def _list_events(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    rows = [{"id": key, **event} for key, event in state["events"].items()]
    if day := given.get("date"):
        rows = [row for row in rows if row["date"] == day]
    return state, {"events": rows}


# --- shop: {"goods": {name: {price, stock}}, "orders": {id: {item, qty, status}}} ---------------------


def _search_goods(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    word = given["keyword"]
    return state, {"goods": [{"name": n, **g} for n, g in state["goods"].items() if word in n]}


def _place_order(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    goods = state["goods"].get(given["item"])
    if goods is None:
        return state, failure(f"没有名为“{given['item']}”的商品")
    if goods["stock"] < given["qty"]:
        return state, failure(f"库存不足，“{given['item']}”只剩 {goods['stock']} 件")
    goods["stock"] -= given["qty"]
    name = next_id(state["orders"], "D")
    state["orders"][name] = {"item": given["item"], "qty": given["qty"], "status": "已下单"}
    return state, {"id": name, "应付": goods["price"] * given["qty"], **state["orders"][name]}


def _cancel_order(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    order = state["orders"].get(given["id"])
    if order is None:
        return state, failure(f"没有编号为 {given['id']} 的订单")
    if order["status"] != "已下单":
        return state, failure(f"订单 {given['id']} 状态为“{order['status']}”，不能取消")
    order["status"] = "已取消"
    state["goods"][order["item"]]["stock"] += order["qty"]
    return state, {"id": given["id"], **order}


def _list_orders(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    return state, {"orders": [{"id": key, **order} for key, order in state["orders"].items()]}


# --- bank: {"accounts": {name: balance}, "transfers": [{from, to, amount}]}, whole 分 never needed -----


def _query_balance(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    if given["account"] not in state["accounts"]:
        return state, failure(f"没有账户“{given['account']}”")
    return state, {"account": given["account"], "balance": state["accounts"][given["account"]]}


def _transfer(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    accounts = state["accounts"]
    for side in ("from", "to"):
        if given[side] not in accounts:
            return state, failure(f"没有账户“{given[side]}”")
    if given["amount"] <= 0:
        return state, failure("金额必须大于 0")
    if accounts[given["from"]] < given["amount"]:
        return state, failure(f"余额不足，“{given['from']}”只有 {accounts[given['from']]} 元")
    accounts[given["from"]] -= given["amount"]
    accounts[given["to"]] += given["amount"]
    state["transfers"].append(_only(given, ("from", "to", "amount")))
    return state, {"状态": "转账成功", "balance": accounts[given["from"]]}


# --- rooms: {"rooms": {name: seats}, "bookings": [{room, date, start}]} -------------------------------


def _find_rooms(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    taken = {
        b["room"] for b in state["bookings"] if (b["date"], b["start"]) == (given["date"], given["start"])
    }
    rooms = [
        {"room": name, "seats": seats}
        for name, seats in state["rooms"].items()
        if name not in taken and seats >= given.get("min_seats", 1)
    ]
    return state, {"rooms": rooms}


def _book_room(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    booking = _only(given, ("room", "date", "start"))
    if booking["room"] not in state["rooms"]:
        return state, failure(f"没有名为“{booking['room']}”的会议室")
    if booking in state["bookings"]:
        return state, failure(f"{booking['room']}在 {booking['date']} {booking['start']} 已被占用")
    state["bookings"].append(booking)
    return state, {"状态": "预订成功", **booking}


def _release_room(state: State, given: dict[str, Any]) -> tuple[State, Any]:
    booking = _only(given, ("room", "date", "start"))
    if booking not in state["bookings"]:
        return state, failure("没有这条预订")
    state["bookings"].remove(booking)
    return state, {"状态": "已释放", **booking}


WORLDS: dict[str, dict[str, WorldTool]] = {
    "calendar": {
        "add_event": WorldTool(_add_event, ("events",)),
        "update_event": WorldTool(_update_event, ("events",)),
        "cancel_event": WorldTool(_cancel_event, ("events",)),
        "list_events": WorldTool(_list_events),
    },
    "shop": {
        "search_goods": WorldTool(_search_goods),
        "place_order": WorldTool(_place_order, ("goods", "orders")),
        "cancel_order": WorldTool(_cancel_order, ("goods", "orders")),
        "list_orders": WorldTool(_list_orders),
    },
    "bank": {
        "query_balance": WorldTool(_query_balance),
        "transfer": WorldTool(_transfer, ("accounts", "transfers")),
    },
    "rooms": {
        "find_rooms": WorldTool(_find_rooms),
        "book_room": WorldTool(_book_room, ("bookings",)),
        "release_room": WorldTool(_release_room, ("bookings",)),
    },
}
