"""``@docker/NAME`` and ``@podman/NAME``: a container that runs, one that is stopped, or a new one of an image."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors import client
from ropewalk.connectors.docker.engine import LABEL, Engine
from ropewalk.connectors.docker.owner import is_gone, ourselves
from ropewalk.connectors.terminal_client import open_terminal
from ropewalk.model.errors import ConnectError, ConnectionLost, ConnectorDataTypeError, InventoryError
from ropewalk.model.target import Target

logger = logging.getLogger("ropewalk")

_KEYS = ("docker_identifier", "docker_image", "docker_platform", "docker_architecture")


class DockerConnector:
    """Starts processes in a container with ``docker exec``.

    A container that runs is used and left as it is; a stopped one is started; of an image a container is run, made
    into a new image if all went well, and removed.

    Data: ``docker_identifier`` (a container's name or id, or an image) or ``docker_image``, ``docker_platform`` and
    ``docker_architecture`` (of an image).
    """

    scheme: ClassVar[str] = "docker"
    program: ClassVar[str] = "docker"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        data = {key: _text(target.name, key, target.data.get(key)) for key in _KEYS}
        self._identifier = data["docker_identifier"] or data["docker_image"]
        self._platform, self._architecture = data["docker_platform"], data["docker_architecture"]
        self._base = client.base_of(options)
        self._engine = Engine(self.program, self._base)
        self._container: str | None = None
        self._made = False

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the container, or the image.

        :raises InventoryError: neither is named.
        """
        if not address:
            hint = f"Write @{cls.scheme}/web or @{cls.scheme}/debian:12."
            raise InventoryError(f"@{cls.scheme} needs a container or an image", hint=hint)
        return [Target(f"@{cls.scheme}/{address}", {"docker_identifier": address}, (f"@{cls.scheme}",))]

    async def connect(self) -> None:
        """Find the container, or make one.

        :raises ConnectError: the client or its daemon is missing, or there is neither a container nor an image.
        """
        if self._container is not None:  # again, after a reboot
            await self._engine.start(self._container)
            return
        if not self._identifier:
            raise ConnectError("no container is named", hint="give docker_identifier")
        found = await self._engine.find(self._identifier)
        if found is None:
            await self._sweep()
            await self._make(self._identifier)
            return
        if not (found.get("State") or {}).get("Running"):
            await self._engine.start(found["Id"])
        self._container = found["Id"]

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        if self._container is None:
            raise ConnectionLost(f"@{self.scheme}/{self._identifier}: not connected")
        client = [self.program, "exec", "--interactive"]
        if pty:
            return await open_terminal(self._base, [*client, "--tty", self._container], argv)
        # A shell says on standard error that a program is missing; the client would say it on standard output.
        command = argv if argv[0] == "sh" else ["sh", "-c", 'exec "$@"', "sh", *argv]
        return await self._base.open([*client, self._container, *command])

    async def keep(self) -> str | None:
        """Make an image of a container that was made for this run, if anything in it has changed."""
        if self._container is None or not self._made or not await self._engine.has_changed(self._container):
            return None
        image = await self._engine.commit(self._container, str(self._identifier))
        return f"docker build complete, image ID: {image[:12]}"

    async def close(self) -> None:
        """Remove the container if it was made for this run; where that fails, it may be used once connected again."""
        if self._container is not None and self._made:
            await self._engine.remove(self._container)
        self._container, self._made = None, False

    def _options(self) -> list[str]:
        platform = self._platform or (f"linux/{self._architecture}" if self._architecture else None)
        return [f"--label={LABEL}={ourselves()}", *([f"--platform={platform}"] if platform else [])]

    async def _make(self, image: str) -> None:
        """Start a container of an image. It has a name of ours, so that it can be removed also if we get no answer."""
        self._container, self._made = f"ropewalk-{uuid.uuid4().hex}", True
        try:
            self._container = await self._engine.create(image, [f"--name={self._container}", *self._options()])
            await self._engine.start(self._container)
        except ConnectError as error:
            await self.close()
            if "tail" in str(error) and error.hint is None:
                error.hint = f"the image needs the programs tail and sh; {image} seems to have none"
            raise

    async def _sweep(self) -> None:
        """Remove containers that runs have left behind which were killed. If that fails it is no reason to give up."""
        for container, owner in await self._engine.labelled():
            if is_gone(owner):
                logger.warning("removing the container %s, which a run that was killed has left", container[:12])
                try:
                    await self._engine.remove(container)
                except ConnectError as error:
                    logger.warning("%s", error)


class PodmanConnector(DockerConnector):
    """The same with ``podman``."""

    scheme = "podman"
    program = "podman"


def _text(host: str, key: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ConnectorDataTypeError(f"{host}: {key} must be a str, not {type(value).__name__} ({value!r})")
    return value
