"""Finds connectors by name, among ropewalk's own and those of other packages."""

from __future__ import annotations

import functools
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ropewalk.model.errors import NoConnectorError

GROUPS = ("pyinfra.connectors", "ropewalk.connectors")  # the later wins


@functools.cache
def known() -> dict[str, EntryPoint]:
    """Return every connector's entry point by name."""
    return {entry.name: entry for group in GROUPS for entry in entry_points(group=group)}


@functools.cache
def get_connector(name: str) -> type[Any]:
    """Return the connector class for ``@name``.

    :raises NoConnectorError: there is none, or it cannot be imported.
    """
    entry = known().get(name)
    if entry is None:
        names = ", ".join(f"@{found}" for found in sorted(known()))
        raise NoConnectorError(f"there is no connector named @{name}", hint=f"connectors: {names}")
    try:
        return entry.load()  # type: ignore[no-any-return]
    except ImportError as error:
        raise NoConnectorError(f"the connector @{name} cannot be imported: {error}") from error
