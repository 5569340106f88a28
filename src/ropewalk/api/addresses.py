"""What one entry of an inventory stands for: a host, or the targets of a connector's address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ropewalk.api.registry import get_connector
from ropewalk.model.errors import InventoryError, RopewalkError
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
    """
    if not name.startswith("@"):
        user, _, address = name.rpartition("@")
        yield "ssh", Target(name, {"ssh_user": user, "ssh_hostname": address} if user and address else {})
        return
    scheme, _, argument = name[1:].partition("/")
    connector = get_connector(scheme)
    # A connector may be a source of hosts and not a way to reach them.
    reached_through = scheme if getattr(connector, "handles_execution", True) else "ssh"
    for target in _ask(connector, name, argument or None):
        yield reached_through, target


def _ask(connector: type[Any], name: str, argument: str | None) -> list[Target]:
    """Return the targets of an address, from connectors of both kinds (``targets`` and v3's ``make_names_data``)."""
    try:
        if hasattr(connector, "targets"):
            return list(connector.targets(argument))
        return [Target(made, data, tuple(groups)) for made, data, groups in connector.make_names_data(argument)]
    except RopewalkError:
        raise
    except Exception as error:
        raise InventoryError(f"{name} cannot be used as an inventory: {type(error).__name__}: {error}") from error
