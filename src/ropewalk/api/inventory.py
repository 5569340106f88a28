"""The hosts of a run, their groups, and where the data of each comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ropewalk.api.data import HostData
from ropewalk.api.host import Host
from ropewalk.api.registry import get_connector
from ropewalk.model.errors import InventoryError, NoGroupError, NoHostError

#: A host as an inventory writes it: a name, or a name and its data.
HostEntry = str | tuple[str, Mapping[str, Any]]
#: A group as an inventory writes it: hosts, and the data they share.
GroupEntry = tuple[Iterable[HostEntry], Mapping[str, Any]]

ALL = "all"


class Inventory:
    """Hosts and groups.

    :param names_data: all hosts and the data of the group ``all``.
    :param override_data: data that wins over every other (``--data``).
    :param groups: further groups by name; hosts that are only in a group are in the inventory too.

    >>> inventory = Inventory((["web1", ("web2", {"port": 81})], {"port": 80}), web=(["web1"], {"tls": True}))
    >>> inventory.get_host("web1").data.dict()
    {'port': 80, 'tls': True}
    >>> [host.name for host in inventory.get_group("all")]
    ['web1', 'web2']
    """

    def __init__(
        self, names_data: GroupEntry, override_data: Mapping[str, Any] | None = None, **groups: GroupEntry
    ) -> None:
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, list[Host]] = {ALL: []}
        self.override_data = dict(override_data or {})
        self._group_data: dict[str, dict[str, Any]] = {ALL: {}}
        self._host_data: dict[str, dict[str, Any]] = {}
        self._connector_data: dict[str, dict[str, Any]] = {}
        self.state: Any = None
        self._add_group(ALL, names_data)
        for name, entry in groups.items():
            self._add_group(name, entry)

    @staticmethod
    def empty() -> Inventory:
        return Inventory(([], {}))

    # -- building ---------------------------------------------------------------------------------------

    def _add_group(self, group: str, entry: GroupEntry) -> None:
        names, data = entry
        self._group_data.setdefault(group, {}).update(data)
        self.groups.setdefault(group, [])
        for host_entry in names:
            name, own = (host_entry, {}) if isinstance(host_entry, str) else host_entry
            for host in self._hosts_of(name, own):
                self._join(host, group)

    def _hosts_of(self, name: str, data: Mapping[str, Any]) -> Iterator[Host]:
        """Yield the hosts one entry stands for; ``@connector/...`` entries may stand for several."""
        if not name.startswith("@"):
            yield self._host(name, "ssh", data, {}, ())
            return
        scheme, _, address = name[1:].partition("/")
        connector = get_connector(scheme)
        if getattr(connector, "handles_execution", True) is False:
            reached_through = "ssh"  # a source of hosts, not a way to reach them
        else:
            reached_through = scheme
        for target in targets_of(connector, scheme, address or None):
            yield self._host(target.name, reached_through, data, target.data, target.groups)

    def _host(
        self, name: str, scheme: str, data: Mapping[str, Any], connector_data: Mapping[str, Any], groups: Iterable[str]
    ) -> Host:
        if name not in self.hosts:
            self.hosts[name] = Host(name, self, [], scheme=scheme)
            self._join(self.hosts[name], ALL)
        self._host_data.setdefault(name, {}).update(data)
        self._connector_data.setdefault(name, {}).update(connector_data)
        for group in groups:
            self._group_data.setdefault(group, {})
            self._join(self.hosts[name], group)
        return self.hosts[name]

    def _join(self, host: Host, group: str) -> None:
        members = self.groups.setdefault(group, [])
        if group not in host.groups:
            host.groups.append(group)
            members.append(host)

    # -- asking -----------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Host]:
        return iter(self.hosts.values())

    def __len__(self) -> int:
        return len(self.hosts)

    def __contains__(self, name: object) -> bool:
        return (name.name if isinstance(name, Host) else name) in self.hosts

    def get_host(self, name: str, default: Any = NoHostError) -> Host:
        """Return the host of this name.

        :raises NoHostError: there is none, and no default is given.
        """
        if name in self.hosts:
            return self.hosts[name]
        if default is NoHostError:
            raise NoHostError(f"there is no host named {name!r} in the inventory")
        return default  # type: ignore[no-any-return]

    def get_group(self, name: str, default: Any = NoGroupError) -> list[Host]:
        """Return the hosts of a group, in inventory order; the group ``all`` holds every host.

        :raises NoGroupError: there is none, and no default is given.
        """
        if name in self.groups:
            return self.groups[name]
        if default is NoGroupError:
            raise NoGroupError(f"there is no group named {name!r}", hint=f"groups: {', '.join(sorted(self.groups))}")
        return default  # type: ignore[no-any-return]

    def data_layers(self, name: str, groups: Sequence[str]) -> list[Mapping[str, Any]]:
        """Return the data of a host as layers, the strongest first."""
        own_groups = [self._group_data.get(group, {}) for group in reversed(groups) if group != ALL]
        return [
            self.override_data, self._host_data.get(name, {}), self._connector_data.get(name, {}), *own_groups,
            self._group_data[ALL],
        ]  # fmt: skip

    def get_data(self) -> HostData:
        """Return the data of the group ``all``."""
        return HostData("the inventory", lambda: [self._group_data[ALL]])

    def get_override_data(self) -> HostData:
        return HostData("the command line", lambda: [self.override_data])

    def get_host_data(self, hostname: str) -> HostData:
        return HostData(hostname, lambda: [self._host_data.get(hostname, {}), self._connector_data.get(hostname, {})])

    def get_group_data(self, group: str) -> HostData:
        return HostData(f"the group {group}", lambda: [self._group_data.get(group, {})])

    def get_groups_data(self, groups: Sequence[str]) -> HostData:
        return HostData("the groups", lambda: [self._group_data.get(name, {}) for name in reversed(groups)])

    def get_active_hosts(self) -> list[Host]:
        """Return the hosts that are connected and have not failed, in inventory order."""
        return [host for host in self if self.state is None or host in self.state.active_hosts]

    def iter_activated_hosts(self) -> Iterator[Host]:
        return (host for host in self if self.state is not None and host in self.state.activated_hosts)

    def len_active_hosts(self) -> int:
        return len(self.get_active_hosts())

    def len_activated_hosts(self) -> int:
        return sum(1 for _ in self.iter_activated_hosts())


def targets_of(connector: Any, scheme: str, address: str | None) -> Iterator[Any]:
    """Yield the targets of an address, from connectors of both kinds (``targets`` and v3's ``make_names_data``)."""
    from ropewalk.model.target import Target

    if hasattr(connector, "targets"):
        yield from connector.targets(address)
        return
    try:
        made = list(connector.make_names_data(address))
    except TypeError as error:
        raise InventoryError(f"@{scheme} cannot be used as an inventory: {error}") from error
    for name, data, groups in made:
        yield Target(name, data, tuple(groups))
