"""Instances (containers and virtual machines) of LXD and Incus: ``@lxd/[REMOTE:]NAME``, ``@incus/[REMOTE:]NAME``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ropewalk.api.connector import ConnectorOptions
from ropewalk.connectors.exec_client import ExecClientConnector
from ropewalk.model.errors import InventoryError
from ropewalk.model.target import Target


class LXDConnector(ExecClientConnector):
    """Starts processes with ``lxc exec``, as root, in an instance that runs.

    Data: ``lxd_instance`` (``[REMOTE:]NAME``), ``lxd_project`` (default: the client's).
    """

    scheme: ClassVar[str] = "lxd"
    program: ClassVar[str] = "lxc"
    hint: ClassVar[str] = "see if lxc list shows it running; it needs the program sh"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        super().__init__(target, options)
        self._instance = self._needed(f"{self.scheme}_instance")
        self._project = self._text(f"{self.scheme}_project")

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the instance of a name.

        :raises InventoryError: there is no name.
        """
        if not address:
            raise InventoryError(f"@{cls.scheme} needs an instance", hint=f"Write @{cls.scheme}/NAME or REMOTE:NAME.")
        return [Target(f"@{cls.scheme}/{address}", {f"{cls.scheme}_instance": address}, (f"@{cls.scheme}",))]

    def exec_command(self, *, pty: bool) -> list[str]:
        # The mode is said because clients guess it from what they are started with.
        mode = "interactive" if pty else "non-interactive"
        project = [f"--project={self._project}"] if self._project else []
        return [self.program, "exec", *project, f"--mode={mode}", self._instance, "--"]


class IncusConnector(LXDConnector):
    """The same with ``incus exec``. Data: ``incus_instance``, ``incus_project``."""

    scheme: ClassVar[str] = "incus"
    program: ClassVar[str] = "incus"
    hint: ClassVar[str] = "see if incus list shows it running; it needs the program sh"
