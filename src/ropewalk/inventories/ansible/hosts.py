"""Makes targets of connectors of what is known of the hosts of an inventory of Ansible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ropewalk.api.data import HostData
from ropewalk.inventories.ansible.connection import connection_of
from ropewalk.inventories.ansible.tree import ALL
from ropewalk.inventories.ansible.variables import Variables, with_templates
from ropewalk.inventories.note import note
from ropewalk.model.sourced import Sourced
from ropewalk.model.target import Target


def hosts_of(variables: Variables) -> list[Target]:
    """Return what is known of hosts as targets of connectors."""
    world, warn = _World(variables), _Once()
    shared = {group: with_templates(data, world) for group, data in variables.shared.items()}
    of_all = shared.pop(ALL, Sourced())
    made = []
    for host, groups in variables.groups.items():
        data = HostData(host, _layers(with_templates(variables.exact[host], world)))
        scheme, defaults = connection_of(host, variables.exact[host], data, warn)
        defaults.take(of_all)  # it concerns no other host that the inventory may have
        made.append(
            Target(
                host, with_templates(variables.own[host], world), tuple(group for group, _ in groups),
                scheme=scheme, defaults=defaults, group_data=shared, places=dict(groups),
            )
        )  # fmt: skip
    return made


def _layers(data: Mapping[str, Any]) -> Callable[[], list[Mapping[str, Any]]]:
    return lambda: [data]


class _World:
    """What templates know besides a host's variables: Ansible's own names."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self._groups: dict[str, list[str]] = {ALL: list(variables.groups)}
        for host, groups in variables.groups.items():
            for group, _ in groups:
                self._groups.setdefault(group, []).append(host)

    def __call__(self, host: str) -> Mapping[str, Any]:
        return {
            "inventory_hostname": host,
            "inventory_hostname_short": host.partition(".")[0],
            "group_names": sorted(group for group, _ in self._variables.groups.get(host, ()) if group != "ungrouped"),
            "groups": self._groups,
            "hostvars": _HostVars(self._variables, self),
        }


class _HostVars(Mapping[str, Any]):
    """The variables of other hosts, worked out when they are asked for."""

    def __init__(self, variables: Variables, world: _World) -> None:
        self._variables, self._world = variables, world

    def __getitem__(self, host: str) -> HostData:
        return HostData(host, _layers(with_templates(self._variables.exact[host], self._world)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables.exact)

    def __len__(self) -> int:
        return len(self._variables.exact)


class _Once:
    """Warns of everything once, however many hosts it concerns."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            note("warning", message)
