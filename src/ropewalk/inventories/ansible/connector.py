"""``@ansible/PATH`` and ``@ansible-inventory/PATH``: the hosts of an inventory of Ansible."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.inventories.ansible.hosts import hosts_of
from ropewalk.inventories.ansible.listing import read_listing
from ropewalk.inventories.ansible.sources import read_source
from ropewalk.inventories.ansible.tree import Tree
from ropewalk.inventories.ansible.variables import Variables, default_places, variables_of
from ropewalk.inventories.ansible.vars_files import VarsFiles
from ropewalk.inventories.program import output_of
from ropewalk.model.errors import ConnectError, InventoryError
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
