"""Where events start their way to the reports: one place stamps them free of secrets and hands them out."""

from __future__ import annotations

import dataclasses
import enum
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ropewalk.model import event as events
from ropewalk.model.command import MASK
from ropewalk.model.errors import RopewalkError
from ropewalk.model.event import Event, Noted, PassEnded, PassStarted

#: A secret shorter than this would mask half of all text.
SHORTEST = 4
#: A line of a secret of several lines is hidden by itself from this length on.
SHORTEST_LINE = 8

#: Fields of events that say what an event is about. Readers tell hosts and operations apart by them, so they stay what
#: they are even if a password reads the same.
_NAMES = frozenset(
    {"host", "hosts", "id", "parent", "order", "function", "fact", "file", "kind", "mode", "level", "stream", "version"}
)


class Emitter:
    """Hands every event to every listener, with all secrets that are known so far replaced.

    A listener that raises is dropped: a report must not make a run fail. One that has an attribute ``ignores``
    is not bothered with events of these types.
    """

    def __init__(self, listeners: Sequence[Callable[[Event], None]] = ()) -> None:
        self._listeners = tuple(listeners)
        self._of: dict[type, tuple[Callable[[Event], None], ...]] = {}
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def hide(self, secrets: Iterable[str]) -> None:
        """Keep these texts out of all events from now on."""
        new = {shape for text in secrets for shape in _shapes(text)}
        if new and (new := new - self._secrets):
            self._secrets |= new
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern is not None else text

    def mask_bytes(self, data: bytes) -> bytes:
        if self._pattern is None:
            return data
        masked = self.mask(text := data.decode("utf-8", "surrogateescape"))
        return data if masked == text else masked.encode("utf-8", "surrogateescape")

    def __call__(self, event: Event) -> None:
        listeners = self._listening(type(event))
        if not listeners:
            return
        if self._pattern is not None and not isinstance(event, PassStarted | PassEnded):
            event = self._masked(event)
        everybody = self._listeners
        for listener in listeners:
            if self._listeners is not everybody and listener not in self._listeners:
                continue  # it failed while another one's failure was told
            try:
                listener(event)
            except Exception as error:
                self._drop(listener)
                told = str(error) if isinstance(error, RopewalkError) else f"{type(error).__name__}: {error}"
                self(Noted("warning", f"a report stopped working: {told}"))

    def listened(self, kind: type) -> bool:
        """Say whether anybody wants to hear of events of a type."""
        return bool(self._listening(kind))

    def _listening(self, kind: type) -> tuple[Callable[[Event], None], ...]:
        found = self._of.get(kind)
        if found is None:
            found = tuple(listener for listener in self._listeners if kind not in getattr(listener, "ignores", ()))
            self._of[kind] = found
        return found

    def _drop(self, failed: Callable[[Event], None]) -> None:
        self._listeners = tuple(listener for listener in self._listeners if listener != failed)
        self._of.clear()

    def _masked(self, value: Any) -> Any:
        match value:
            case enum.Enum() | None | bool() | int() | float():
                return value
            case str():
                return self.mask(value)
            case bytes():
                return self.mask_bytes(value)
            case tuple() if hasattr(value, "_make"):
                return value._make(map(self._masked, value))
            case tuple() | list() | set() | frozenset():
                return type(value)(map(self._masked, value)) if type(value) in _PLAIN else self.mask(repr(value))
            case dict():
                return {self._masked(key): self._masked(item) for key, item in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._masked_fields(value)
        return value

    def _masked_fields(self, value: Any) -> Any:
        names = _NAMES if type(value).__module__ == events.__name__ else frozenset()
        changes = {}
        for field in dataclasses.fields(value):
            old = getattr(value, field.name)
            if field.name in names or (names and field.name == "operation" and isinstance(old, str)):
                continue
            new = self._masked(old)
            if new is not old:
                changes[field.name] = new
        try:
            return dataclasses.replace(value, **changes) if changes else value
        except (TypeError, ValueError):  # the value of a fact, of a class that cannot be made of its fields
            return self.mask(repr(value))


_PLAIN = frozenset({tuple, list, set, frozenset})


def _shapes(text: str) -> Iterator[str]:
    """Yield a secret as it may occur in text: line by line, without its last line end, quoted by Python, JSON or sh."""
    bare = text.strip()
    quoted = (repr(bare)[1:-1], json.dumps(bare)[1:-1], bare.replace("'", "'\"'\"'"))
    yield from (shape for shape in (text, bare, *quoted) if len(shape.strip()) >= SHORTEST)
    lines = bare.splitlines()
    if len(lines) > 1:
        yield from (line for line in map(str.strip, lines) if len(line) >= SHORTEST_LINE)
