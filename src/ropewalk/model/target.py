"""One host that an inventory entry stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """A host's name, the data its connector needs, and groups it belongs to besides the inventory's own.

    A source of hosts (``@terraform``, ``@ansible``) may say more:

    :param scheme: the connector that reaches it, where that is neither the source itself nor SSH.
    :param defaults: data that every other data of the host wins over.
    :param group_data: data of its groups, but not of ``all``; targets of one source share the mapping.
    :param places: where it was put in each of its groups (``file:line``).
    """

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    scheme: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    group_data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
