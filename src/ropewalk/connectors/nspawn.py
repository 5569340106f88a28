"""Machines and trees of systemd-nspawn: ``@nspawn/NAME``, ``@nspawn/PATH``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors import client
from ropewalk.connectors.nspawn_tree import ROOT, Tree
from ropewalk.model.errors import ConnectError, ConnectionLost, ConnectorDataTypeError, InventoryError
from ropewalk.model.target import Target

# A process number may be another process's by now, of the host itself: what is entered must be the namespace that was
# found. It says what systemd says of its own processes in such a machine, and nothing of our environment.
_ENTER = r"""
[ "$(readlink "/proc/$1/ns/pid")" = "$2" ] || { echo "the machine has ended" >&2; exit 1; }
leader=$1; shift 2
exec env -i PATH="$PATH" container=systemd-nspawn HOME=/root USER=root LOGNAME=root SHELL=/bin/sh TERM=xterm \
    nsenter --all --target "$leader" --root --wd -- \
    /bin/sh -c 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; exec "$@"' sh "$@"
"""
_NAMESPACE = r"""
namespace=$(readlink "/proc/$1/ns/pid") && [ "$namespace" != "$(readlink /proc/self/ns/pid)" ] && echo "$namespace"
"""


class NspawnConnector:
    """Starts processes in a machine that runs, or in a directory for which one machine is started for the run.

    Data: ``nspawn_machine``, its name, or ``nspawn_directory``, the directory of a tree; ``nspawn_options``, further
    options of systemd-nspawn for a tree.
    """

    scheme: ClassVar[str] = "nspawn"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self._name = target.name
        self._machine, self._directory = _text(target, "nspawn_machine"), _text(target, "nspawn_directory")
        self._options = _options(target)
        self._base = client.base_of(options)
        self._tree: Tree | None = None
        self._leader: tuple[str, str] | None = None

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the machine of a name, or the tree at a path: what holds a slash is a path.

        :raises InventoryError: there is neither.

        >>> [target.data for target in NspawnConnector.targets("srv/root")]
        [{'nspawn_directory': '/srv/root'}]
        """
        if not address or not address.strip("/"):
            raise InventoryError(
                "@nspawn needs a machine or a directory", hint="Write @nspawn/NAME or @nspawn/srv/root."
            )
        data = {"nspawn_directory": f"/{address.lstrip('/')}"} if "/" in address else {"nspawn_machine": address}
        return [Target(f"@nspawn/{address}", data, ("@nspawn",))]

    async def connect(self) -> None:
        """Find the machine, or start one.

        :raises ConnectError: there is none, it cannot be started or holds no shell, or the rights are missing.
        """
        if self._leader is not None and (self._tree is None or not self._tree.ended):
            return
        await self.close()
        leader = await self._find() if self._directory is None else None
        if leader is None:
            leader = await self._start()
        ran = await client.run(self._base, ["sh", "-c", _NAMESPACE, "sh", leader])
        if ran.status:
            await self.close()
            raise ConnectError(f"cannot enter {self._name}: {ran.message}", hint=ROOT)
        self._leader = leader, ran.stdout.strip()
        await self._look()

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        if self._leader is None or (self._tree is not None and self._tree.ended):
            raise ConnectionLost(
                f"{self._name}: the machine has ended" if self._leader else f"{self._name}: not connected"
            )
        return await self._base.open(["sh", "-c", _ENTER, "sh", *self._leader, *argv], pty=pty)

    async def close(self) -> None:
        """End the machine if it was started for this run."""
        tree, self._tree, self._leader = self._tree, None, None
        if tree is not None:
            await tree.close()

    async def _find(self) -> str | None:
        """Return the number of the first process of a machine that runs."""
        ran = await client.run(
            self._base, ["machinectl", "show", "--property=Leader", "--value", "--", str(self._machine)]
        )
        if ran.status == 0 and ran.stdout.strip().isdecimal():
            return ran.stdout.strip()
        place = f"/var/lib/machines/{self._machine}"
        if (await client.run(self._base, ["test", "-d", place])).status:
            raise ConnectError(
                f"cannot find the machine {self._machine}: {ran.message}",
                hint=f"see if machinectl list shows it running; there is no tree {place} either",
            )
        self._directory = place
        return None

    async def _start(self) -> str:
        name = [f"--machine={self._machine}"] if self._machine else []
        self._tree = Tree(self._base, str(self._directory), [*name, *self._options])
        try:
            return await self._tree.start()
        except BaseException:
            await self.close()
            raise

    async def _look(self) -> None:
        ran = await client.ended(await self.open(["sh", "-c", ":"]))
        if ran.status:
            await self.close()
            raise ConnectError(f"cannot enter {self._name}: {ran.message}", hint="it needs /bin/sh")


def _text(target: Target, key: str) -> str | None:
    value = target.data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ConnectorDataTypeError(f"{target.name}: {key} must be a str, not {type(value).__name__} ({value!r})")
    if not value or value.startswith("-"):
        raise ConnectorDataTypeError(f"{target.name}: {key} cannot be empty or begin with a dash ({value!r})")
    return value


def _options(target: Target) -> list[str]:
    value: Any = target.data.get("nspawn_options", ())
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) and one.startswith("-") for one in value):
        raise ConnectorDataTypeError(
            f"{target.name}: nspawn_options must be a list of options, not {value!r}",
            hint='as in ["--bind=/srv/cache"]',
        )
    return list(value)
