"""What the connector asks of ``docker`` or ``podman``, which take the same words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ropewalk.api.connector import Connector
from ropewalk.connectors import client
from ropewalk.model.errors import ConnectError

#: The label of containers that a run has started: who started them.
LABEL = "ropewalk.started-by"

# Other things may be missing, too: a host ("no such host"), a context ("context not found").
_NO_SUCH = ("no such container", "no container with name or id")
_NO_DAEMON = ("connect to the docker daemon", "connect to podman", "error during connect", "permission denied while",
              "context not found", "unable to resolve docker endpoint")  # fmt: skip


class Engine:
    """One client program, and where it runs.

    :param program: ``docker`` or ``podman``.
    """

    def __init__(self, program: str, base: Connector) -> None:
        self.program, self.base = program, base

    async def find(self, name: str) -> Mapping[str, Any] | None:
        """Return what ``container inspect`` says of a container; ``None`` if there is none of this name."""
        ran = await self._run("container", "inspect", "--", name)
        if ran.status == 0:
            return _first(ran.stdout)
        if any(text in ran.stderr.lower() for text in _NO_SUCH):
            return None
        raise self._failed(ran, f"cannot look for the container {name}")

    async def start(self, container: str) -> None:
        """Start a container; it is no error if it runs."""
        await self._must("cannot start the container", "start", "--", container)

    async def create(self, image: str, options: Sequence[str]) -> str:
        """Make a container of an image that will do nothing, and return its id; it is not started.

        Docker and Podman fetch the image if it is not there.
        """
        idle = ["--entrypoint", "tail", "--", image, "-f", "/dev/null"]
        ran = await self._run("create", *options, *idle)
        if ran.status:
            hint = "there is neither a container of that name nor an image: see if it is spelt right, or pull it"
            raise self._failed(ran, f"cannot use the image {image}", hint)
        return ran.stdout.strip().splitlines()[-1]

    async def has_changed(self, container: str) -> bool:
        """Whether any file of a container differs from its image's."""
        return bool((await self._must("cannot compare the container", "diff", "--", container)).strip())

    async def commit(self, container: str, image: str) -> str:
        """Make an image of a container that runs what the image before ran, and return its id."""
        before = _first(await self._must(f"cannot look at the image {image}", "image", "inspect", "--", image))
        config = before.get("Config") or {}
        changes = [f"--change={word} {json.dumps(config.get(key) or [])}"
                   for word, key in (("ENTRYPOINT", "Entrypoint"), ("CMD", "Cmd"))]  # fmt: skip
        said = await self._must("cannot commit the container", "commit", *changes, "--", container)
        return said.strip().splitlines()[-1].removeprefix("sha256:")

    async def remove(self, container: str) -> None:
        """Remove a container, whatever it does; one that is gone already, or being removed, is no error."""
        ran = await self._run("rm", "--force", "--volumes", "--", container)
        if ran.status and not any(text in ran.stderr.lower() for text in (*_NO_SUCH, "already in progress")):
            raise self._failed(ran, "cannot remove the container")

    async def labelled(self) -> list[tuple[str, str]]:
        """Return the containers that runs have started, each with who started it."""
        shown = f'{{{{.ID}}}} {{{{.Label "{LABEL}"}}}}'
        words = ["ps", "--all", "--no-trunc", f"--filter=label={LABEL}", f"--format={shown}"]
        said = await self._must("cannot list containers", *words)
        pairs = (line.split(None, 1) for line in said.splitlines() if " " in line)
        return [(container, owner) for container, owner in pairs]

    async def _must(self, problem: str, *words: str) -> str:
        ran = await self._run(*words)
        if ran.status:
            raise self._failed(ran, problem)
        return ran.stdout

    async def _run(self, *words: str) -> client.Ran:
        return await client.run(self.base, [self.program, *words])

    def _failed(self, ran: client.Ran, problem: str, hint: str | None = None) -> ConnectError:
        said = ran.stderr.lower()
        if any(text in said for text in _NO_DAEMON):
            hint = "start the daemon, get the rights to its socket, or name another with DOCKER_HOST or a context"
        return ConnectError(f"{problem}: {self.program}: {ran.message}", hint=hint)


def _first(text: str) -> Mapping[str, Any]:
    found: list[Mapping[str, Any]] = json.loads(text)
    return found[0]
