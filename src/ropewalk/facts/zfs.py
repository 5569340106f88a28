"""ZFS: pools, file systems, volumes and snapshots; zfs(8), zpool(8) of OpenZFS.

Debian's main archive has no ZFS, so this is tested on output as those pages show it, and with a program that stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.facts.files import Directory
from ropewalk.facts.server import Os
from ropewalk.model.command import Raw, Shell, sh

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State

Properties = dict[str, str]


class _Named(FactBase[dict[str, Properties]]):
    """Properties by name, from lines of name, property, value and source, with tabs between."""

    def process(self, output: list[str]) -> dict[str, Properties]:
        found: dict[str, Properties] = {}
        for line in output:
            fields = line.split("\t")
            if len(fields) >= 4:  # a value of a user's own may hold tabs
                found.setdefault(fields[0], {})[fields[1]] = "\t".join(fields[2:-1])
        return found

    @staticmethod
    def default() -> dict[str, Properties]:
        return {}


class ZfsPools(_Named):
    """The pools and their properties: ``{"tank": {"size": "1.98T", "health": "ONLINE", ...}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "zpool"

    def command(self) -> str:
        return "zpool get -H all"


class ZfsDatasets(_Named):
    """The file systems, volumes and snapshots and their properties.

    ``{"tank/home": {"type": "filesystem", "mountpoint": "/home", ...}}``
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "zfs"

    def check_preconditions(self, state: State, host: Host) -> str | None:
        if host.get_fact(Os) == "Linux" and not host.get_fact(Directory, path="/sys/module/zfs"):
            return "the kernel module zfs is not loaded"
        return None

    def command(self) -> str:
        return "zfs get -H all"


class ZfsDataset(_Named):
    """The properties of one dataset, numbers in full: ``{"tank/home": {...}}``; ``{}`` if it does not exist.

    :param dataset: a file system, volume or snapshot.
    """

    def command(self, dataset: str) -> Shell:
        ask = sh("zfs", "get", "-H", "-p", "--", "all", dataset).render()
        return sh(Raw(
            f"{{ said=$(LC_ALL=C {ask} 2>&1 >&3); }} 3>&1 || case $said in *'dataset does not exist'*) ;; "
            "*) printf '%s\\n' \"$said\" >&2; exit 1;; esac"
        ))  # fmt: skip


class _OfType(ShortFactBase[dict[str, Properties]]):
    fact = ZfsDatasets
    type: ClassVar[str]

    def process_data(self, data: Mapping[str, Properties]) -> dict[str, Properties]:
        return {name: properties for name, properties in data.items() if properties.get("type") == self.type}


class ZfsFilesystems(_OfType):
    """The file systems and their properties, as :class:`ZfsDatasets`.

    ::

        {"tank/home": {"type": "filesystem", "mountpoint": "/home", "compression": "lz4"}}
    """

    type = "filesystem"


class ZfsSnapshots(_OfType):
    """The snapshots and their properties, as :class:`ZfsDatasets`.

    ::

        {"tank/home@monday": {"type": "snapshot", "used": "12.3M"}}
    """

    type = "snapshot"


class ZfsVolumes(_OfType):
    """The volumes and their properties, as :class:`ZfsDatasets`.

    ::

        {"tank/disk0": {"type": "volume", "volsize": "10G"}}
    """

    type = "volume"


Pools, Datasets = ZfsPools, ZfsDatasets
Filesystems, Snapshots, Volumes = ZfsFilesystems, ZfsSnapshots, ZfsVolumes
