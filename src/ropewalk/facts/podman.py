"""Containers and settings of Podman.

Output: podman-ps(1), podman-info(1).
"""

from __future__ import annotations

import json
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Shell, sh


class PodmanFactBase(FactBase[Any]):
    """What Podman's command line tool tells, as JSON."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "podman"

    def process(self, output: list[str]) -> Any:
        return json.loads("\n".join(output))


class PodmanPs(PodmanFactBase):
    """All containers of the user, also those that do not run.

    ::

        [{"Id": "4f66ad9a0b2e", "Names": ["web"], "Image": "docker.io/library/nginx:1.25", "State": "running"}]
    """

    def command(self) -> Shell:
        return sh("podman", "ps", "--format=json", "--all")

    def process(self, output: list[str]) -> list[dict[str, Any]]:
        containers: list[dict[str, Any]] = super().process(output)
        return containers


class PodmanSystemInfo(PodmanFactBase):
    """What Podman says of itself and the host.

    ::

        {"host": {"arch": "amd64", "os": "linux"}, "store": {"graphDriverName": "overlay"},
         "version": {"Version": "4.3.1"}}
    """

    def command(self) -> Shell:
        return sh("podman", "system", "info", "--format=json")

    def process(self, output: list[str]) -> dict[str, Any]:
        info: dict[str, Any] = super().process(output)
        return info
