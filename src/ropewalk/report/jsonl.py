"""``--events``: every event as one line of JSON, as it happens. ``docs/schema/events.json`` describes the lines.

The schema is made of the classes of :mod:`ropewalk.model.event` by ``tools/gen_events_schema.py``, which refuses to
write one that differs under the same version.
"""

from __future__ import annotations

import enum
import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from ropewalk.model.event import Event, FactRead, FactValue, OperationInfo, OutputLine
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
        # There may be a million lines of output, so they are written without a detour.
        about = _output_line(event) if isinstance(event, OutputLine) else _encode(encoded(event))[1:]
        with self._lock:
            self._number += 1
            self._write(f'{self._head}{self._number}, "time": "{timestamp(at)}", {about}\n')


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


def encoded(event: Event) -> dict[str, Any]:
    """Return what a line tells of an event: its name and its fields, made of what JSON can hold."""
    about = {"event": NAMES[type(event)], **_fields(event)}
    if isinstance(event, FactValue):
        about["value"] = plain(event.value)
    return about


def _output_line(event: OutputLine) -> str:
    """Return the rest of a line, as the encoder would make it of :func:`encoded`."""
    operation = "null" if event.operation is None else _text(event.operation)
    return (
        f'"event": "output_line", "host": {_text(event.host)}, "line": {_text(_plain(event.line))}, '
        f'"stream": {_text(event.stream)}, "operation": {operation}}}'
    )


def _fields(value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in told(type(value)):
        inner = getattr(value, name)
        made[name] = _plain(inner)
        if isinstance(inner, ExitStatus):
            made["exit_code"] = int(inner)
    return made


def _plain(value: Any) -> Any:
    if type(value) is str:
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    match value:
        case None | bool() | int() | float() if not isinstance(value, enum.Enum):
            return round(value, 6) if isinstance(value, float) else value
        case ExitStatus():
            return value.name.lower()
        case enum.Enum():
            return value.value
        case tuple():
            return [_plain(item) for item in value]
    return _fields(value) if is_dataclass(value) else plain(value)


#: What lines call the kinds of events.
NAMES: Mapping[type[Any], str] = {kind: name_of(kind) for kind in get_args(Event)}

_TOLD: dict[type[Any], tuple[str, ...]] = {}
