"""``--events``: every event as one line of JSON, as it happens. ``docs/schema/events.json`` describes the lines.

The schema is made of the classes of :mod:`ropewalk.model.event` by ``tools/gen_events_schema.py``, which refuses to
write one that differs under the same version.
"""

from __future__ import annotations

import enum
import functools
import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from ropewalk.model.event import Event, FactRead, FactValue, OperationInfo
from ropewalk.model.outcome import ExitStatus
from ropewalk.report.values import plain

_encode = json.JSONEncoder(allow_nan=False).encode
_text = json.encoder.encode_basestring_ascii

#: Of the lines. The first number is raised when something goes away or changes its meaning, the second when something
#: is added.
SCHEMA_VERSION = "1.0"

#: What lines do not tell: how operations are sorted inside; values of facts that nobody asked to see, which may be
#: large, or password hashes.
LEFT_OUT: Mapping[type, frozenset[str]] = {OperationInfo: frozenset({"order"}), FactRead: frozenset({"value"})}


def now() -> datetime:
    """Return the time of an event that happens now."""
    return datetime.now(UTC)


class EventLines:
    """A listener that writes a line for each event.

    :param write: takes the lines, each with its end.
    :param run: tells the run apart from others, where lines of several come together; made up when not given.

    Events that happened before (``ropewalk show``) are given to :meth:`take`, with the time they happened.
    """

    def __init__(self, write: Callable[[str], object], *, run: str | None = None) -> None:
        self._write, self.run = write, run or uuid.uuid4().hex
        self._head = f'{{"schema_version": "{SCHEMA_VERSION}", "run": {_text(self.run)}, "seq": '
        self._number = 0
        self._lock = threading.Lock()  # callbacks note things from threads of their own

    def __call__(self, event: Event) -> None:
        self.take(event, now())

    def take(self, event: Event, at: datetime) -> None:
        """Write the line of an event that happened at this time."""
        told_of, time = about(event), timestamp(at)
        with self._lock:
            self._number += 1
            self._write(f'{self._head}{self._number}, "time": "{time}", {told_of}}}\n')


def timestamp(at: datetime) -> str:
    """Return a time as RFC 3339 has it, in UTC: ``2024-02-29T12:00:00.000000Z``."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def told(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a class that lines tell."""
    if kind not in _TOLD:
        _TOLD[kind] = tuple(field.name for field in fields(kind) if field.name not in LEFT_OUT.get(kind, ()))
    return _TOLD[kind]


def name_of(kind: type[Any]) -> str:
    """Return what lines call a kind of event.

    >>> from ropewalk.model.event import OperationEnded
    >>> name_of(OperationEnded)
    'operation_ended'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def about(event: Event) -> str:
    """Return what a line tells of an event, as the members of an object: its name and its fields."""
    # There may be a million of them, so they are written at once, without values for an encoder in between.
    members = _members(event)
    return f'"event": "{NAMES[type(event)]}"{", " if members else ""}{members}'


def _members(value: Any) -> str:
    kind, made = type(value), []
    for name in told(kind):
        inner = getattr(value, name)
        if kind is FactValue and name == "value":
            made.append(f'"value": {_encode(plain(inner))}')
            continue
        made.append(f'"{name}": {_json(inner)}')
        if type(inner) is ExitStatus:
            made.append(f'"exit_code": {int(inner)}')
    return ", ".join(made)


def _json(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return _text(value if value.isascii() else value.encode("utf-8", "replace").decode())
    if kind in _WORDS:
        return _WORDS[kind](value)
    if kind is tuple:
        return f"[{', '.join(map(_json, value))}]" if value else "[]"
    if kind is OperationInfo:
        return _operation(value)
    if isinstance(value, ExitStatus):
        return _text(value.name.lower())
    if isinstance(value, enum.Enum):
        return _text(value.value)
    return f"{{{_members(value)}}}" if is_dataclass(value) else _encode(plain(value))


#: How values are written that are no text.
_WORDS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: _encode(round(value, 6)),
}


@functools.lru_cache(maxsize=4096)
def _operation(value: OperationInfo) -> str:
    return f"{{{_members(value)}}}"


#: What lines call the kinds of events.
NAMES: Mapping[type[Any], str] = {kind: name_of(kind) for kind in get_args(Event)}

_TOLD: dict[type[Any], tuple[str, ...]] = {}
