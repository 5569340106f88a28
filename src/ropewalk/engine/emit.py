"""Where events start their way to the reports: one place stamps them free of secrets and hands them out."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ropewalk.model.command import MASK
from ropewalk.model.event import Event, Noted

#: A secret shorter than this would mask half of all text.
SHORTEST = 4


class Emitter:
    """Hands every event to every listener, with all secrets that are known so far replaced.

    A listener that raises is dropped: a report must not make a run fail.
    """

    def __init__(self, listeners: Sequence[Callable[[Event], None]] = ()) -> None:
        self._listeners = list(listeners)
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def hide(self, secrets: Iterable[str]) -> None:
        """Keep these texts out of all events from now on."""
        new = {text for text in secrets if len(text) >= SHORTEST} - self._secrets
        if new:
            self._secrets |= new
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern is not None else text

    def __call__(self, event: Event) -> None:
        if self._pattern is not None:
            event = self._masked(event)
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception as error:
                self._listeners.remove(listener)
                self(Noted("warning", f"a report stopped working: {type(error).__name__}: {error}"))

    def _masked(self, value: Any) -> Any:
        if isinstance(value, enum.Enum):
            return value
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, tuple):
            return tuple(self._masked(item) for item in value)
        if isinstance(value, list):
            return [self._masked(item) for item in value]
        if isinstance(value, dict):
            return {self._masked(key): self._masked(item) for key, item in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changes = {
                field.name: new
                for field in dataclasses.fields(value)
                if (new := self._masked(old := getattr(value, field.name))) is not old
            }
            return dataclasses.replace(value, **changes) if changes else value
        return value
