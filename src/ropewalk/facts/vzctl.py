"""Containers of OpenVZ: vzlist(8). No kernel of Debian has OpenVZ: tested on output as that page shows it."""

from __future__ import annotations

import json
from typing import Any

from ropewalk.api.fact import FactBase


class OpenvzContainers(FactBase["dict[int | str, dict[str, Any]]"]):
    """The containers: ``{101: {"hostname": "a.example", "status": "running"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "vzlist"

    def command(self) -> str:
        return "vzlist -a -j"

    def process(self, output: list[str]) -> dict[int | str, dict[str, Any]]:
        containers: dict[int | str, dict[str, Any]] = {}
        for container in json.loads("\n".join(output)):
            number = container.pop("ctid")
            containers[number] = container
        return containers

    @staticmethod
    def default() -> dict[int | str, dict[str, Any]]:
        return {}
