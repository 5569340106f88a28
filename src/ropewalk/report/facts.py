"""Values of facts, collected while they are read and shown when all are there."""

from __future__ import annotations

import json
from typing import IO, Any

from ropewalk.model.event import Event, FactRead, FactValue
from ropewalk.report.text import fact_title
from ropewalk.report.values import plain


class FactTable:
    """A listener that collects values of facts by fact and host.

    :param every: all facts that are read, also by operations; otherwise those that the user asked for.
    """

    def __init__(self, *, every: bool = False) -> None:
        self.values: dict[str, dict[str, Any]] = {}
        self._kind = FactRead if every else FactValue

    def __call__(self, event: Event) -> None:
        if isinstance(event, FactRead | FactValue) and isinstance(event, self._kind) and event.failure is None:
            self.values.setdefault(fact_title(event), {})[event.host] = plain(event.value)

    def write(self, data: IO[str]) -> None:
        """Write the facts for people: JSON, but over several lines."""
        if self.values:
            data.write(json.dumps(self.values, indent=4, ensure_ascii=False) + "\n")
