"""Says where the groups and the data of a host come from."""

from __future__ import annotations

from typing import Any

from ropewalk.api.host import Host
from ropewalk.model.sourced import placed

#: What is said of data and groups that no file and no option gives.
UNKNOWN = "this program"


def blame(host: Host) -> dict[str, Any]:
    """Return where each group and each value of a host comes from.

    Of a value that is given several times, all places are named; the first is the one that counts.

    >>> from ropewalk.api.inventory import Inventory
    >>> from ropewalk.model.sourced import Sourced
    >>> inventory = Inventory((["web1"], Sourced({"port": 80}, "all.py:1")))
    >>> blame(inventory.get_host("web1"))["data"]
    {'port': [{'of': 'group all', 'where': 'all.py:1'}]}
    """
    inventory = host.inventory
    data: dict[str, list[dict[str, str]]] = {}
    for of, layer in inventory.named_layers(host.name, host.groups):
        for key, where in placed(layer, layer, UNKNOWN):
            data.setdefault(key, []).append({"of": of, "where": where or UNKNOWN})
    groups = {group: inventory.places.get((group, host.name), UNKNOWN) for group in host.groups}
    return {"groups": groups, "data": data}
