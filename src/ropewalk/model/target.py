"""One host that an inventory entry stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """A host's name, the data its connector needs, and groups it belongs to besides the inventory's own."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
