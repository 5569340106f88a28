"""A directory that holds a root file system: ``@chroot/PATH``. Nothing is mounted in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors import client
from ropewalk.model.errors import ConnectError, InventoryError
from ropewalk.model.target import Target

# The PATH outside may say nothing about the inside.
_START = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; exec "$@"'


class ChrootConnector:
    """Starts processes in a directory with chroot(8), which takes root's rights.

    Data: ``chroot_directory``, the directory.

    :ivar beside: where the directory is: there is a ``/proc`` that shows the processes in it, which it may lack itself.
    """

    scheme: ClassVar[str] = "chroot"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self.beside = self._base = client.base_of(options)
        self.directory = str(target.data["chroot_directory"])

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the root at a path.

        :raises InventoryError: there is no path in the address.
        """
        if not address:
            raise InventoryError("@chroot needs a directory", hint="Write @chroot/srv/root for /srv/root.")
        return [Target(f"@chroot/{address}", {"chroot_directory": f"/{address.lstrip('/')}"}, ("@chroot",))]

    async def connect(self) -> None:
        """Look whether a shell can be started there.

        :raises ConnectError: the directory is missing or holds no shell, or the rights are.
        """
        ran = await client.run(self._base, self._argv(["sh", "-c", ":"]))
        if ran.status:
            raise ConnectError(f"cannot enter {self.directory}: {ran.message}", hint=_hint(ran.message))

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        return await self._base.open(self._argv(argv), pty=pty)

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _argv(self, argv: Sequence[str]) -> list[str]:
        return ["chroot", "--", self.directory, "/bin/sh", "-c", _START, "sh", *argv]


def _hint(message: str) -> str | None:
    if "ermitted" in message or "denied" in message:
        return "chroot takes root's rights: run ropewalk as root, or through @ssh/root@localhost/@chroot/..."
    if "No such file" in message or "Not a directory" in message:
        return "name a directory that holds a root file system, with /bin/sh in it"
    return None
