"""Spells types the way people write them, with aliases replaced by what they stand for."""

from __future__ import annotations

import collections.abc
import datetime
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin

_MODULES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=\w)")
#: Names that modules import for type checkers only.
_KNOWN = {**vars(collections.abc), **vars(datetime)}


def annotation(function: Callable[..., Any], given: Any) -> str:
    """Return the type that a parameter or result of a function has, as text; empty if it has none."""
    if given is inspect.Parameter.empty:
        return ""
    scope: Mapping[str, Any] = getattr(inspect.unwrap(function), "__globals__", {})
    return _resolved(given, scope)


def _resolved(given: Any, scope: Mapping[str, Any]) -> str:
    holder = types.SimpleNamespace(__annotations__={"it": given})
    try:
        return spelled(typing.get_type_hints(holder, {**_KNOWN, **scope})["it"])
    except (NameError, TypeError):
        return _MODULES.sub("", str(given)).strip("'\"")


def spelled(type_: Any) -> str:
    """Spell a type.

    >>> spelled(typing.Optional[dict[str, datetime.datetime]])
    'dict[str, datetime] | None'
    """
    origin, arguments = get_origin(type_), get_args(type_)
    if type_ is type(None):
        return "None"
    if isinstance(type_, typing.ForwardRef):
        return type_.__forward_arg__
    if origin in (typing.Union, types.UnionType):
        return " | ".join(spelled(argument) for argument in arguments)
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is None or origin is collections.abc.Callable:
        return getattr(type_, "__name__", None) or _MODULES.sub("", str(type_))
    name = getattr(type_, "__name__", None) or getattr(origin, "__name__", str(origin))
    return f"{name}[{', '.join('...' if argument is ... else spelled(argument) for argument in arguments)}]"
