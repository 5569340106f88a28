"""Containers of LXD and Incus: ``lxc list``. Tested on output as the documentation of LXD 5 shows it.

Output: https://documentation.ubuntu.com/lxd/.
"""

from __future__ import annotations

import json
from typing import Any

from ropewalk.api.fact import FactBase


class LxdContainers(FactBase[list[dict[str, Any]]]):
    """The containers and virtual machines, as ``lxc list --format json`` tells: ``[{"name": "a", "status": ...}]``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "lxc"

    def command(self) -> str:
        return "lxc list --format json --fast"

    def process(self, output: list[str]) -> list[dict[str, Any]]:
        return json.loads("\n".join(output))  # type: ignore[no-any-return]

    @staticmethod
    def default() -> list[dict[str, Any]]:
        return []
