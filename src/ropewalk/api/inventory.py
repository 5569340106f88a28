"""The hosts of a run, their groups, and where the data of each comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropewalk.api.addresses import GroupEntry, named, targets_of
from ropewalk.api.host import Host
from ropewalk.model.errors import InventoryError, NoGroupError, NoHostError
from ropewalk.model.sourced import Sourced, placed
from ropewalk.model.suggest import did_you_mean
from ropewalk.model.target import Target

#: The group that every host is in.
ALL = "all"


@dataclass
class _Entry:
    """What an inventory says of one name, in whatever groups it says it."""

    data: Sourced = field(default_factory=Sourced)
    groups: dict[str, str | None] = field(default_factory=dict)


class _Groups(dict[str, list[Host]]):
    """Groups by name; as in v3, one that does not exist reads as empty."""

    def __missing__(self, name: str) -> list[Host]:
        return []


class Inventory:
    """Hosts and groups.

    :param names_data: all hosts and the data of the group ``all``.
    :param override_data: data that wins over every other (``--data``).
    :param groups: further groups by name; hosts that are only in a group are in the inventory too.
    :ivar hosts: the hosts by name, in inventory order.
    :ivar groups: the hosts of each group, in inventory order; ``all`` holds every host.
    :ivar data: the data of the group ``all``.
    :ivar group_data: the data of each other group.
    :ivar host_data: the data of each host.
    :ivar override_data: data that wins over all of these.
    :ivar default_data: what a source of hosts says of each host, where nobody else does.
    :ivar places: where a host was put in a group, by the names of both.
    :raises InventoryError: something that is not a host or a group is given as one.

    >>> inventory = Inventory((["web1", ("web2", {"port": 81})], {"port": 80}), web=(["web1"], {"tls": True}))
    >>> inventory.get_host("web1").data.dict()
    {'port': 80, 'tls': True}
    >>> [host.name for host in inventory.get_group("all")]
    ['web1', 'web2']
    """

    def __init__(
        self, names_data: GroupEntry, override_data: Mapping[str, Any] | None = None, **groups: GroupEntry
    ) -> None:
        self._fill(names_data, groups, override_data)

    @classmethod
    def of(cls, groups: Mapping[str, GroupEntry], override_data: Mapping[str, Any] | None = None) -> Inventory:
        """Return an inventory of groups with any names; if ``all`` is among them its hosts come first.

        >>> [host.name for host in Inventory.of({"eu-west": (["web1"], {})})]
        ['web1']
        """
        made = cls.__new__(cls)
        others = {name: entry for name, entry in groups.items() if name != ALL}
        made._fill(groups.get(ALL, ([], {})), others, override_data)
        return made

    @staticmethod
    def empty() -> Inventory:
        """Return an inventory without hosts."""
        return Inventory(([], {}))

    # -- building ---------------------------------------------------------------------------------------

    def _fill(
        self, names_data: GroupEntry, groups: Mapping[str, GroupEntry], override_data: Mapping[str, Any] | None
    ) -> None:
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, list[Host]] = _Groups({ALL: []})
        self.data = Sourced()
        self.group_data: dict[str, Sourced] = {}
        self.host_data: dict[str, Sourced] = {}
        self.default_data: dict[str, Sourced] = {}
        self.override_data = Sourced()
        self.override_data.take(override_data or {})
        self.places: dict[tuple[str, str], str] = {}
        self.state: Any = None
        shared: dict[int, Mapping[str, Mapping[str, Any]]] = {}
        for name, entry in self._read({ALL: names_data, **groups}).items():
            self._add_hosts(name, entry, shared)
        for mapping in reversed(shared.values()):  # the later source wins
            self._add_shared(mapping)

    def _read(self, groups: Mapping[str, GroupEntry]) -> dict[str, _Entry]:
        """Return the entries of all groups, in order, and take over the groups' own data.

        What ``all`` says of a host wins over what other groups say of it, and the later group over the earlier.
        """
        entries: dict[str, _Entry] = {}
        of_all: list[tuple[str, Mapping[str, Any]]] = []
        for group, given in groups.items():
            hosts, data = _group(group, given)
            self.add_group_data(group, data)
            self.groups.setdefault(group, [])
            of_all += hosts if group == ALL else []
            for name, own in hosts:
                entry = entries.setdefault(name, _Entry())
                entry.data.take(own)
                entry.groups.setdefault(group, own.where if isinstance(own, Sourced) else None)
        for name, own in of_all:
            entries[name].data.take(own)
        return entries

    def _add_hosts(self, name: str, entry: _Entry, shared: dict[int, Mapping[str, Mapping[str, Any]]]) -> None:
        """Add the hosts that one entry stands for; its data wins over what the connector says of them.

        :param shared: receives the group data of sources of hosts, each once.
        """
        source = f"the connector {_connector(name)}" if name[:1] == "@" else "its name"
        for scheme, target in targets_of(name):
            host = self.hosts.get(target.name)
            if host is None:
                host = self.hosts[target.name] = Host(target.name, self, [], scheme=scheme)
            shared[id(target.group_data)] = target.group_data
            self._add_data(target, entry, source)
            # v3's order, which says whose data wins: the last.
            ways = (entry.groups, target.groups) if target.name == name else (target.groups, entry.groups)
            first_place = next(filter(None, (*entry.groups.values(), *target.places.values())), source)
            for group in (ALL, *(group for way in ways for group in way if group != ALL)):
                where = entry.groups.get(group) or target.places.get(group)
                self._join(host, group, where or (first_place if group == ALL else source))

    def _add_data(self, target: Target, entry: _Entry, source: str) -> None:
        own = self.host_data.setdefault(target.name, Sourced())
        own.take(target.data, source)
        own.take(entry.data)
        if target.defaults:
            self.default_data.setdefault(target.name, Sourced()).take(target.defaults, source)

    def _join(self, host: Host, group: str, where: str | None) -> None:
        if group not in host.groups:
            host.groups.append(group)
            self.groups.setdefault(group, []).append(host)
            if where is not None:
                self.places[group, host.name] = where

    def _add_shared(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Add the group data of a source of hosts; what the inventory itself says wins over it."""
        for group, said in data.items():
            own = self.group_data.setdefault(group, Sourced())
            for key, where in placed(said, [key for key in said if key not in own]):
                own.put(key, said[key], where)

    def add_group_data(self, group: str, data: Mapping[str, Any]) -> None:
        """Add to the data of a group, which need not exist: connectors put hosts in groups of their own."""
        if group == ALL:
            self.data.take(data)
        else:
            self.group_data.setdefault(group, Sourced()).take(data)

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
            hint = did_you_mean(str(name), self.hosts, kind="hosts")
            raise NoHostError(f"there is no host named {name!r} in the inventory", hint=hint)
        return default  # type: ignore[no-any-return]

    def get_group(self, name: str, default: Any = NoGroupError) -> list[Host]:
        """Return the hosts of a group, in inventory order; the group ``all`` holds every host.

        :raises NoGroupError: there is none, and no default is given.
        """
        if name in self.groups:
            return self.groups[name]
        if default is NoGroupError:
            hint = did_you_mean(str(name), self.groups, kind="groups")
            raise NoGroupError(f"there is no group named {name!r} in the inventory", hint=hint)
        return default  # type: ignore[no-any-return]

    def data_layers(self, name: str, groups: Sequence[str]) -> list[Mapping[str, Any]]:
        """Return the data of a host as layers, the strongest first."""
        of_groups = [self.group_data[group] for group in reversed(groups) if group in self.group_data]
        source: Mapping[str, Any] = self.default_data.get(name, {})
        return [self.override_data, self.get_host_data(name), *of_groups, self.data, source]

    def named_layers(self, name: str, groups: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the data of a host as layers, the strongest first, each with whose data it is."""
        of_groups = [f"group {group}" for group in reversed(groups) if group in self.group_data]
        names = ["command line", "host", *of_groups, f"group {ALL}", "source"]
        return list(zip(names, self.data_layers(name, groups), strict=True))

    def get_data(self) -> dict[str, Any]:
        """Return the data of the group ``all``."""
        return self.data

    def get_override_data(self) -> dict[str, Any]:
        """Return the data that wins over every other."""
        return self.override_data

    def get_host_data(self, hostname: str) -> dict[str, Any]:
        """Return the data given to a host by name, and by its connector."""
        return self.host_data.get(hostname, {})

    def get_group_data(self, group: str) -> dict[str, Any]:
        """Return the data of a group."""
        return self.data if group == ALL else self.group_data.get(group, {})

    def get_groups_data(self, groups: Sequence[str]) -> dict[str, Any]:
        """Return the data of several groups, merged; the last wins. The data of ``all`` is not among it."""
        merged: dict[str, Any] = {}
        for group in groups:
            merged.update(self.group_data.get(group, {}))
        return merged

    def get_active_hosts(self) -> list[Host]:
        """Return the hosts that are connected and have not failed, in inventory order."""
        active = set(self if self.state is None else self.state.active_hosts)
        return [host for host in self if host in active]

    def iter_activated_hosts(self) -> Iterator[Host]:
        """Yield the hosts that have been connected, whatever became of them."""
        activated = set(() if self.state is None else self.state.activated_hosts)
        return (host for host in self if host in activated)

    def len_active_hosts(self) -> int:
        """Return how many hosts are connected and have not failed."""
        return len(self.get_active_hosts())

    def len_activated_hosts(self) -> int:
        """Return how many hosts have been connected."""
        return sum(1 for _ in self.iter_activated_hosts())


def _group(name: str, given: Any) -> tuple[list[tuple[str, Mapping[str, Any]]], Mapping[str, Any]]:
    """Return the hosts and the data of a group as an inventory writes it."""
    is_pair = isinstance(given, tuple | list) and len(given) == 2
    if not is_pair or isinstance(given[0], str | Mapping) or not isinstance(given[1], Mapping):
        raise InventoryError(f"the group {name} is not (hosts, data)", hint='as in (["web1"], {"port": 80})')
    return [named(entry, of=f"the group {name}") for entry in given[0]], given[1]


def _connector(name: str) -> str:
    """Return the connector of an entry, as the inventory writes it.

    >>> _connector("@ssh/bastion/@docker/web")
    '@docker'
    """
    return f"@{name.rpartition('/@')[2].removeprefix('@').partition('/')[0]}"
