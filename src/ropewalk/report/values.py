"""Turns any Python value into what JSON can hold, so that no fact and no host data can break a document."""

from __future__ import annotations

import datetime
import enum
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any

from ropewalk.model.command import Secret

_DEEPEST = 100


def plain(value: Any, *, _inside: tuple[int, ...] = ()) -> Any:
    """Return a value made of dicts with text keys, lists, text, numbers, booleans and ``None``.

    Sets are sorted, bytes decoded, times in ISO format, paths text, secrets masked. Numbers that JSON does not
    know (NaN, infinities) become text. Anything else is described by its ``repr``.

    >>> plain({1: {b"b", "a"}})
    {'1': ['a', 'b']}
    """
    match value:
        case None | bool():
            return value
        case enum.Enum():
            return plain(value.value, _inside=_inside)
        case Secret():
            return str(value)
        case str():
            return str.__str__(value).encode("utf-8", "replace").decode()
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else str(value)
        case bytes() | bytearray():
            return bytes(value).decode("utf-8", "replace")
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case PurePath():
            return str(value)
    if id(value) in _inside:
        return "(contains itself)"
    if len(_inside) > _DEEPEST:
        return "(nested too deeply)"
    return _container(value, (*_inside, id(value)))


def _container(value: Any, inside: tuple[int, ...]) -> Any:
    match value:
        case Mapping():
            return {_key(key): plain(inner, _inside=inside) for key, inner in value.items()}
        case set() | frozenset():
            return sorted((plain(inner, _inside=inside) for inner in value), key=_order)
        case list() | tuple():
            return [plain(inner, _inside=inside) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name), _inside=inside) for entry in fields(value)}
    if callable(to_json := getattr(value, "to_json", None)) and not isinstance(value, type):
        return plain(to_json(), _inside=inside)
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def _key(key: Any) -> str:
    made = plain(key)
    if isinstance(made, str):
        return made
    if made is None or isinstance(made, bool):
        return {None: "null", True: "true", False: "false"}[made]
    return str(key)


def _order(value: Any) -> tuple[int, float, str]:
    """Numbers by value, before everything else by its text: a set may hold what cannot be compared."""
    return (0, value, "") if isinstance(value, int | float) else (1, 0, str(value))
