"""Docker itself: its version, its settings, the registries it is logged in to."""

from __future__ import annotations

import json
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.docker.base import DockerFactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError


class DockerVersion(DockerFactBase):
    """What the command line tool says of its version.

    ::

        "Docker version 24.0.7, build afdd53b"
    """

    def command(self) -> Shell:
        return sh("docker", "--version")

    def process(self, output: list[str]) -> str:
        return "\n".join(output)


class DockerSystemInfo(DockerFactBase):
    """What the daemon says of itself and the host, as ``docker system info`` has it.

    ::

        {"ServerVersion": "24.0.7", "Containers": 3, "Driver": "overlay2",
         "OperatingSystem": "Debian GNU/Linux 12", "NCPU": 2}
    """

    def command(self) -> Shell:
        return sh("docker", "system", "info", "--format", "{{json .}}")

    def process(self, output: list[str]) -> dict[str, Any]:
        info: dict[str, Any] = super().process(output)
        if info.get("ServerErrors"):  # some versions call that success
            raise FactProcessError("; ".join(info["ServerErrors"]))
        return info


class DockerAuths(FactBase[list[str]]):
    """The registries that the user is logged in to, as the tool's configuration names them.

    ::

        ["https://index.docker.io/v1/", "registry.example.com"]
    """

    def command(self) -> Shell:
        path = Raw('"${DOCKER_CONFIG:-$HOME/.docker}/config.json"')
        return if_present(path, Raw('cat -- "$1"'), otherwise="echo '{}'")

    def process(self, output: list[str]) -> list[str]:
        return list((json.loads("\n".join(output)).get("auths") or {}).keys())
