"""Shows what an inventory says of its hosts, without their secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ropewalk.api.host import Host
from ropewalk.api.inventory import Inventory
from ropewalk.inventories.blame import blame
from ropewalk.model.command import MASK, Secret
from ropewalk.model.deferred import Deferred
from ropewalk.model.errors import InventoryError
from ropewalk.model.v3command import MaskString

_SECRET_NAME = re.compile(r"passw|passphrase|secret|token|credential|private[-_]?key|api[-_]?key", re.IGNORECASE)


def describe(inventory: Inventory, hosts: Iterable[Host], blamed: bool = False) -> list[dict[str, Any]]:
    """Return the name, groups and data of hosts, in inventory order; what is secret by its name is masked.

    :param hosts: the hosts to describe, see :func:`ropewalk.inventories.limit.select`.
    :param blamed: say also where all that comes from (``blame``).

    >>> inventory = Inventory((["web1"], {"port": 80, "ssh_password": "x"}))
    >>> describe(inventory, inventory)
    [{'name': 'web1', 'groups': ['all'], 'data': {'port': 80, 'ssh_password': '*****'}}]
    """
    wanted = set(hosts)
    return [_described(host, blamed) for host in inventory if host in wanted]


def _described(host: Host, blamed: bool) -> dict[str, Any]:
    data = {key: _without_result(value, host) for key, value in host.data.dict().items()}
    described = {"name": host.name, "groups": list(host.groups), "data": _masked(data)}
    return {**described, "blame": blame(host)} if blamed else described


def _without_result(value: Any, host: Host) -> Any:
    """Return a value; for one that cannot be worked out, why."""
    if not isinstance(value, Deferred) or value.secret:
        return value
    try:
        return value.resolve(host.data)
    except InventoryError as error:
        return f"({error})"


def _masked(value: Any, name: str = "") -> Any:
    """Return a value with the secrets in it masked; an empty one hides nothing and is shown."""
    if isinstance(value, Mapping):
        return {key: _masked(inner, name if _SECRET_NAME.search(name) else str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner, name) for inner in value]
    if isinstance(value, Secret | MaskString | Deferred):
        return MASK
    says_nothing = value is None or isinstance(value, bool) or value in ("", b"")
    return MASK if _SECRET_NAME.search(name) and not says_nothing else value
