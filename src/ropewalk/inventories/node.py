"""A value of a document that knows its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ropewalk.model.record import record


@record
class Node:
    """A value, and the line it begins on; in a mapping, the line of its key.

    :ivar entries: what a mapping holds.
    :ivar items: what a list holds.
    :ivar twice: keys that a mapping has twice; the last counts.
    """

    value: Any
    line: int = 1
    entries: Mapping[Any, Node] = field(default_factory=dict)
    items: tuple[Node, ...] = ()
    twice: tuple[str, ...] = ()
