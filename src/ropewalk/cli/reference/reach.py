"""Which facts an operation may read: those that its code, and the code it calls, names."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.api.operation import Operation

_OURS = ("ropewalk.operations.", "ropewalk.facts.")


def facts_read(operation: Operation[Any]) -> set[str]:
    """Return the names of the facts that an operation may read.

    It is more than what a single call reads: what is read depends on the arguments and on the host.
    """
    facts: set[str] = set()
    seen: set[int] = set()
    pending: list[Any] = [operation._inner]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, type) and issubclass(value, FactBase | ShortFactBase):
            facts.add(value.name)
        elif isinstance(value, Operation):
            pending.append(value._inner)
        elif isinstance(value, types.FunctionType):
            pending += [*_named(value), getattr(value, "__wrapped__", None)]
        elif isinstance(value, type):
            pending += [member for member in vars(value).values() if isinstance(member, types.FunctionType)]
    return facts


def _named(function: types.FunctionType) -> Iterator[Any]:
    """Yield what a function's code names in its module, as far as it comes from where operations and facts are."""
    own = (*_OURS, f"{function.__module__.partition('.')[0]}.")
    for name in _names(function.__code__):
        value = function.__globals__.get(name)
        inner = value._inner if isinstance(value, Operation) else value
        if f"{getattr(inner, '__module__', None)}.".startswith(own[:2] if own[2] == "ropewalk." else own):
            yield value


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
