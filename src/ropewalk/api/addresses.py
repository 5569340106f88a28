"""What one entry of an inventory stands for: a host, or the targets of a connector's address."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ropewalk.api.registry import get_connector
from ropewalk.model.errors import InventoryError, RopewalkError
from ropewalk.model.sourced import Sourced
from ropewalk.model.target import Target

#: A host as an inventory writes it: a name, or a name and its data.
HostEntry = str | tuple[str, Mapping[str, Any]]
#: A group as an inventory writes it: hosts, and the data they share.
GroupEntry = tuple[Iterable[HostEntry], Mapping[str, Any]]


def named(entry: object, *, of: str) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the data of a host as an inventory writes it.

    :param of: whose host it is, for messages.
    :raises InventoryError: it is neither a name nor ``(name, data)``, or no host can have that name.
    """
    name, data = entry if isinstance(entry, tuple) and len(entry) == 2 else (entry, {})
    if not isinstance(name, str) or not isinstance(data, Mapping):
        # Data may hold passwords, so an entry is shown only where it is none.
        shown = repr(entry) if isinstance(entry, str | int | float | None) else f"a {type(entry).__name__}"
        raise InventoryError(f"{of}: {shown} is not a host", hint='a host is "name" or ("name", {"key": value})')
    if not name.strip() or name.startswith("-") or not name.isprintable():
        raise InventoryError(f"{of}: {name!r} cannot be the name of a host")
    return name, data


def targets_of(name: str) -> Iterator[tuple[str, Target]]:
    """Yield what the name of an entry stands for, each with the connector that reaches it.

    ``user@host`` is the host, reached as that user; ``@connector/address`` is what the connector says.

    :raises NoConnectorError: there is no such connector.
    :raises InventoryError: the connector cannot say what its address stands for.

    >>> list(targets_of("root@web1"))
    [('ssh', Target(name='root@web1', data={'ssh_user': 'root', 'ssh_hostname': 'web1'}, groups=()))]

    ``@ssh/bastion/@docker/web`` is what ``@docker/web`` stands for on ``@ssh/bastion``.
    """
    if not name.startswith("@"):
        user, _, address = name.rpartition("@")
        yield "ssh", Target(name, {"ssh_user": user, "ssh_hostname": address} if user and address else {})
        return
    way, _, last = name.rpartition("/@")
    if way:
        for scheme, target in targets_of(f"@{last}"):
            yield scheme, _through(way, scheme, target, hop(way)[1])
        return
    scheme, _, argument = name[1:].partition("/")
    connector = get_connector(scheme)
    # A connector may be a source of hosts and not a way to reach them.
    reached_through = scheme if getattr(connector, "handles_execution", True) else "ssh"
    for target in _ask(connector, name, argument or None):
        yield target.scheme or reached_through, target


def hop(address: str) -> tuple[str, Target]:
    """Return the one target that others are reached through, and its connector's name.

    :raises InventoryError: the address stands for none, or for several.
    """
    found = list(targets_of(address))
    if len(found) != 1:
        raise InventoryError(f"{address} stands for {len(found)} hosts, so no other host can be reached through it")
    return found[0]


def _through(way: str, scheme: str, target: Target, before: Target) -> Target:
    """Return a target that is reached through another one."""
    groups = (*target.groups, *(group for group in before.groups if group not in target.groups))
    name = f"{way}/{target.name}" if target.name.startswith("@") else target.name
    if scheme != "ssh":
        return dataclasses.replace(target, name=name, data=_with(target.data, "via", way), groups=groups)
    hops = way.removeprefix("@").split("/@")
    if not all(one.startswith("ssh/") for one in hops):
        raise InventoryError(f"{name}: SSH can be reached through other SSH servers alone")
    jump = ",".join(one.removeprefix("ssh/") for one in hops)
    return dataclasses.replace(target, name=name, data=_with(target.data, "ssh_jump", jump), groups=groups)


def _with(data: Mapping[str, Any], key: str, value: str) -> Sourced:
    made = Sourced()
    made.take(data)
    made.put(key, value, "the chain")
    return made


def _ask(connector: type[Any], name: str, argument: str | None) -> list[Target]:
    """Return the targets of an address, from connectors of both kinds (``targets`` and v3's ``make_names_data``)."""
    if not (hasattr(connector, "targets") or hasattr(connector, "make_names_data")):
        hint = "a connector has a method targets (ropewalk) or make_names_data (pyinfra v3)"
        raise InventoryError(f"{name}: {connector!r} is not a connector", hint=hint)
    try:
        if hasattr(connector, "targets"):
            return list(connector.targets(argument))
        return [Target(made, data, tuple(groups)) for made, data, groups in connector.make_names_data(argument)]
    except RopewalkError:
        raise
    except Exception as error:
        raise InventoryError(f"{name} cannot be used as an inventory: {type(error).__name__}: {error}") from error
