"""Checks values against types as annotations write them, and names those types for people."""

from __future__ import annotations

import collections.abc
import functools
import types
import typing
from collections.abc import Hashable, Mapping
from typing import Any

#: Most values are of these types, and all values of one of them fare alike.
_ALIKE: dict[Any, Any] = {str: "", bool: False, type(None): None}


def is_of(value: Any, type_: Any) -> bool:
    """Say whether a value has a type as written in an annotation (unions, mappings, callables, iterables)."""
    kind: Any = type(value)
    return _all_are_of(kind, type_) if kind in _ALIKE else _is_of(value, type_)


@functools.cache
def _all_are_of(kind: Hashable, type_: Any) -> bool:
    return _is_of(_ALIKE[kind], type_)


def _is_of(value: Any, type_: Any) -> bool:
    if type_ is Any:
        return True
    origin = typing.get_origin(type_)
    if origin in (types.UnionType, typing.Union):
        return any(is_of(value, part) for part in typing.get_args(type_))
    if type_ is None or type_ is type(None):
        return value is None
    if origin is collections.abc.Callable:
        return callable(value)
    if origin is not None:
        return _is_container(value, origin, typing.get_args(type_))
    if type_ is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if type_ is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, type_)


def _is_container(value: Any, origin: Any, args: tuple[Any, ...]) -> bool:
    if isinstance(value, str | bytes) or not isinstance(value, origin):
        return False
    if issubclass(origin, Mapping):
        return all(is_of(key, args[0]) and is_of(inner, args[1]) for key, inner in value.items())
    return not isinstance(value, list | tuple | set | frozenset) or all(is_of(inner, args[0]) for inner in value)


def _alternatives(type_: Any) -> tuple[Any, ...]:
    if typing.get_origin(type_) in (types.UnionType, typing.Union):
        return typing.get_args(type_)
    return (type_,)


def name_of(type_: Any) -> str:
    """Return what a type is called in messages: ``True or False``, ``text or None`` ..."""
    return " or ".join(_type_name(part) for part in _alternatives(type_))


def _type_name(type_: Any) -> str:
    origin = typing.get_origin(type_)
    if origin is collections.abc.Callable:
        return "a function"
    if origin is not None and issubclass(origin, Mapping):
        return "a mapping"
    if origin is not None:
        return "a list of " + ("functions" if "Callable" in str(type_) else typing.get_args(type_)[0].__name__)
    names = {bool: "True or False", str: "text", int: "a whole number", float: "a number", type(None): "None"}
    return names.get(type_, getattr(type_, "__name__", str(type_)))
