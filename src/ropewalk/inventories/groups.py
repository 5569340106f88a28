"""Turns the values of inventory files and modules into groups of hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.api.addresses import GroupEntry, HostEntry, named
from ropewalk.inventories.execute import Executed
from ropewalk.inventories.literals import lines_of
from ropewalk.inventories.note import note
from ropewalk.model.errors import InventoryError
from ropewalk.model.sourced import Sourced

_SHAPE = 'a group is a list of hosts, or a pair (list of hosts, {"key": value})'


def as_group(value: list[Any] | tuple[Any, ...], *, of: str) -> GroupEntry:
    """Return the hosts and the data of a group as users write it.

    :param value: a list of hosts, or a pair of hosts and data.
    :param of: what has that value, for messages.
    :raises InventoryError: it is not a group.

    >>> as_group([("web1", {"port": 81}), "web2"], of="web")
    ([('web1', {'port': 81}), 'web2'], {})
    """
    hosts, data = (value, {}) if isinstance(value, list) else value if len(value) == 2 else (None, {})
    if not isinstance(hosts, list | tuple) or not isinstance(data, Mapping):
        raise InventoryError(f"{of} is not a group of hosts", hint=_SHAPE)
    for entry in hosts:
        named(entry, of=of)
    return list(hosts), dict(data)


def groups_of(executed: Executed) -> dict[str, GroupEntry]:
    """Return the groups an inventory file defines: its top-level lists and tuples, but for ``_names``.

    :raises InventoryError: a list or tuple is not a group; says which, and where.
    """
    groups: dict[str, GroupEntry] = {}
    for name, value in executed.values.items():
        if name.startswith("_") or not isinstance(value, list | tuple):
            continue
        try:
            groups[name] = _located(executed, name, as_group(value, of=name))
        except InventoryError as error:
            if _is_imported(executed, name):
                note("warning", f"{executed.shown}: {name} is imported and not a group of hosts: ignored ({error})")
                continue
            error.where = executed.where(name)
            error.hint = f"{error.hint or _SHAPE}; if {name} is not meant to be a group, begin its name with _"
            raise
    return groups


def _located(executed: Executed, name: str, group: GroupEntry) -> GroupEntry:
    """Return a group whose hosts and data know where they are written."""
    hosts, data = group
    lines, where = lines_of(executed.source.tree, name), executed.where(name)

    def places(found: Mapping[str, int]) -> dict[str, str]:
        return {key: f"{executed.shown}:{line}" for key, line in found.items()}

    of_hosts = places(lines.hosts)
    located: list[HostEntry] = []
    for host, own in (named(entry, of=name) for entry in hosts):
        if not isinstance(own, Sourced):
            own = Sourced(own, of_hosts.get(host, where), places(lines.host_data.get(host, {})))
        located.append((host, own))
    return located, Sourced(data, where, places(lines.data))


def located_at(where: str, group: GroupEntry) -> GroupEntry:
    """Return a group whose hosts and data all come from one place."""
    hosts, data = group
    pairs = [named(entry, of=where) for entry in hosts]
    return [(name, own if isinstance(own, Sourced) else Sourced(own, where)) for name, own in pairs], Sourced(
        data, where
    )


def _is_imported(executed: Executed, name: str) -> bool:
    binding = executed.source.bindings.get(name)
    return binding is None or binding.imported


def ignored_in(executed: Executed) -> list[str]:
    """Return the names of what looks like hosts but has a type that makes no group."""
    return [
        name
        for name, value in executed.values.items()
        if not name.startswith("_") and isinstance(value, str | set | frozenset | Mapping)
    ]
