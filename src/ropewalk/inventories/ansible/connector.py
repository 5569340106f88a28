"""``@ansible/PATH`` and ``@ansible-inventory/PATH``: the hosts of an inventory of Ansible."""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.api.data import HostData
from ropewalk.inventories.ansible.connection import connection_of
from ropewalk.inventories.ansible.listing import read_listing
from ropewalk.inventories.ansible.sources import read_source
from ropewalk.inventories.ansible.tree import ALL, Tree
from ropewalk.inventories.ansible.variables import Variables, default_places, variables_of, with_templates
from ropewalk.inventories.ansible.vars_files import VarsFiles
from ropewalk.inventories.note import note
from ropewalk.inventories.program import output_of
from ropewalk.model.errors import ConnectError, InventoryError
from ropewalk.model.sourced import Sourced
from ropewalk.model.target import Target


class AnsibleInventory:
    """Reads inventories of Ansible, without Ansible.

    It is also what reaches the hosts that only Ansible can reach (``ansible_connection=winrm``): not at all.
    """

    scheme: ClassVar[str] = "ansible"
    handles_execution: ClassVar[bool] = False

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self._connection = target.data.get("ansible_connection")

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the hosts of an inventory, in its order.

        :param address: a file or a directory; ``None``: the one that Ansible would read here.
        :raises InventoryError: there is none, it holds no host, or a program fails.
        :raises LoadError: a file makes no sense; says where.
        """
        return hosts_of(read(paths_of(address), Path.cwd()))

    async def connect(self) -> None:
        """Say why there is no way.

        :raises ConnectError: always.
        """
        raise ConnectError(f"there is no connector for the connection {self._connection} of Ansible")

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        raise ConnectError(f"there is no connector for the connection {self._connection} of Ansible")

    async def close(self) -> None:
        """There is nothing to let go of."""


class AnsibleListing:
    """Lets ``ansible-inventory`` read an inventory of Ansible: with its plugins, and all its settings."""

    scheme: ClassVar[str] = "ansible-inventory"
    handles_execution: ClassVar[bool] = False

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the hosts of an inventory, in its order.

        :raises InventoryError: the program is missing or fails, or says no hosts.
        """
        return hosts_of(listed([str(path) for path in paths_of(address)]))


def paths_of(address: str | None) -> list[Path]:
    """Return where an inventory is.

    :raises InventoryError: no address is given, and Ansible has no settings here.
    """
    if address is not None:
        return [Path(address).expanduser()]
    named = os.environ.get("ANSIBLE_INVENTORY") or _configured()
    if not named:
        raise InventoryError(
            "@ansible names no inventory", hint="write @ansible/PATH, or set ANSIBLE_INVENTORY or ansible.cfg"
        )
    return [Path(path.strip()).expanduser() for path in named.split(",") if path.strip()]


def _configured() -> str | None:
    config = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        config.read("ansible.cfg", encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise InventoryError(f"ansible.cfg cannot be read: {error}", where="ansible.cfg") from error
    return config.get("defaults", "inventory", fallback=None)


def read(paths: list[Path], cwd: Path) -> Variables:
    """Read the inventories at paths as one.

    :raises InventoryError: one is not there, or holds no hosts.
    """

    def shorten(path: Path) -> str:
        return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)

    tree = Tree()
    for path in paths:
        read_source(tree, path, shorten)
    if not tree.hosts:
        raise InventoryError(f"there is no host in the inventory {', '.join(map(shorten, paths))}")
    places = [VarsFiles(place, shorten) for place in default_places(paths, cwd)]
    return variables_of(tree, places)


def listed(paths: list[str]) -> Variables:
    """Return what ``ansible-inventory`` says of the inventories at paths.

    It is asked twice, at the same time: for the variables of groups, and for what comes of them on each host.
    """
    command = ["ansible-inventory", *(word for path in paths for word in ("-i", path)), "--list"]
    with ThreadPoolExecutor(max_workers=2) as pool:
        whole, apart = pool.map(output_of, (command, [*command, "--export"]))
    exact, exported = Tree(), Tree()
    read_listing(exact, whole, "ansible-inventory --list")
    read_listing(exported, apart, "ansible-inventory --list")
    if not exact.hosts:
        raise InventoryError(f"there is no host in the inventory {', '.join(paths)}, says ansible-inventory")
    return variables_of(exported, [], exact=exact.hosts)


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
