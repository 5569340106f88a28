"""``@dockerssh/HOST:IMAGE``: what ``@ssh/HOST/@docker/IMAGE`` is, as v3 writes it."""

from __future__ import annotations

from collections.abc import Iterable

from ropewalk.connectors.docker.connector import DockerConnector
from ropewalk.model.errors import InventoryError
from ropewalk.model.target import Target


class DockerSSHConnector(DockerConnector):
    """A container on another host, whose ``docker`` runs there."""

    scheme = "dockerssh"

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the container or image on a host.

        :raises InventoryError: either is missing.
        """
        host, _, identifier = (address or "").partition(":")
        if not host or not identifier:
            raise InventoryError(
                f"@{cls.scheme} needs a host and an image", hint=f"Write @{cls.scheme}/host:debian:12."
            )
        data = {"docker_image": identifier, "ssh_hostname": host, "via": f"@ssh/{host}"}
        return [Target(f"@{cls.scheme}/{address}", data, (f"@{cls.scheme}",))]


class PodmanSSHConnector(DockerSSHConnector):
    """The same with ``podman``."""

    scheme = "podmanssh"
    program = "podman"
