"""Events as JSON and back: what is stored of a run, so that every report can be made of it afterwards.

What is left out are the lines of output while they arrive (the results of commands have them) and values of facts.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

from ropewalk.model import event as events
from ropewalk.model.event import CommandEnded, CommandStarted, Event, FactRead, FactValue, OperationInfo, OutputLine

#: Kinds of events that are not stored.
LEFT_OUT = (CommandStarted, CommandEnded, OutputLine, FactRead, FactValue)

_KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
_OPERATION = "operation"


class Encoder:
    """Makes lines of events. Each operation is told once, before the first event about it."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def lines(self, event: Event, seconds: float) -> Iterator[str]:
        """Yield the lines of an event, without their ends; none for one that is not stored.

        :param seconds: since the run began.
        """
        if isinstance(event, LEFT_OUT):
            return
        operation = getattr(event, _OPERATION, None)
        about = _fields(event)
        if isinstance(operation, OperationInfo):
            if operation.id not in self._told:
                self._told.add(operation.id)
                yield dumps({_OPERATION: _fields(operation)})
            about[_OPERATION] = operation.id
        yield dumps({"event": type(event).__name__, "at": round(seconds, 3), **about})


class Decoder:
    """Makes events of lines; lines of kinds that this version does not know are left out."""

    def __init__(self) -> None:
        self._operations: dict[str, OperationInfo] = {}

    def events(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[tuple[float, Event]]:
        """Yield events with the seconds since the run began."""
        for line in lines:
            if "event" in line:
                kind = _KINDS.get(line["event"])
                if kind is not None:
                    yield line.get("at", 0.0), self._event(kind, line)
            elif _OPERATION in line:
                operation = _made(OperationInfo, line[_OPERATION])
                self._operations[operation.id] = operation

    def _event(self, kind: type[Any], line: Mapping[str, Any]) -> Event:
        about = dict(line)
        id = about.get(_OPERATION)
        if isinstance(id, str) and id in self._operations:
            about[_OPERATION] = self._operations[id]
        return _made(kind, about)  # type: ignore[no-any-return]


#: Turns a value into one line of JSON. Made once: ``json.dumps`` would make an encoder for each.
dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _fields(value: Any) -> dict[str, Any]:
    kind = type(value)
    if kind not in _FIELDS:
        _FIELDS[kind] = [(field.name, field.default) for field in dataclasses.fields(kind)]
    made = {}
    for name, default in _FIELDS[kind]:
        inner = getattr(value, name)
        if inner is not default and inner != default:
            made[name] = inner.id if type(inner) is OperationInfo else _plain(inner)
    return made


_FIELDS: dict[type[Any], list[tuple[str, Any]]] = {}
_AS_THEY_ARE = frozenset({int, float, bool, type(None)})


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if kind in _AS_THEY_ARE:
        return value
    if kind is tuple or kind is list:
        return [_plain(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    return _fields(value) if dataclasses.is_dataclass(value) else str(value)


def _made(kind: type[Any], about: Mapping[str, Any]) -> Any:
    """Make an object of a class of events; fields of later versions are left out."""
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind, vars(events))
    hints = _HINTS[kind]
    return kind(**{name: _value(hints[name], value) for name, value in about.items() if name in hints})


_HINTS: dict[type[Any], dict[str, Any]] = {}


def _value(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(get_args(hint)[0], value)
    if origin is tuple:
        return tuple(_value(get_args(hint)[0], item) for item in value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return value if isinstance(value, hint) else _made(hint, value)
    return _frozen(value)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
