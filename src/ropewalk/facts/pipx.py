"""Python applications in environments of their own, as pipx knows them.

Output: https://pipx.pypa.io/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.api.python_requirements import normal_name
from ropewalk.facts.packages import parse_packages
from ropewalk.facts.pip import read_json
from ropewalk.model.command import Raw, Shell, sh

_MARK = "# "


class PipxPackages(FactBase[dict[str, set[str]]]):
    """The applications that are installed: name -> versions, ``{"black": {"24.1.0"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "pipx"

    def command(self) -> str:
        return "pipx list --short"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(r"(\S+) (\d\S*)$", output)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class PipxEnvironment(FactBase[dict[str, str]]):
    """Where pipx keeps things: ``{"PIPX_HOME": "/root/.local/pipx", "PIPX_BIN_DIR": "/root/.local/bin", ...}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "pipx"

    def command(self) -> str:
        return "pipx environment"

    def process(self, output: list[str]) -> dict[str, str]:
        pairs = (line.strip().partition("=") for line in output)
        found = {}
        for name, equals, value in pairs:  # what the user set comes first, what is used after it
            if equals and name.replace("_", "").isalnum():
                found[name] = value
        return found

    @staticmethod
    def default() -> dict[str, str]:
        return {}


class PipxOutdated(FactBase[dict[str, str]]):
    """Those of some installed applications that have a newer version, and that version.

    :param packages: their names.
    """

    def command(self, packages: Sequence[str]) -> Shell:
        return sh(Raw("for p in"), *packages, Raw(f"; do printf '{_MARK}%s\\n' \"$p\";"),
                  Raw('PIP_DISABLE_PIP_VERSION_CHECK=1 pipx runpip "$p" list --outdated --format=json || exit 1; done'),
                  )  # fmt: skip

    def process(self, output: list[str]) -> dict[str, str]:
        newer: dict[str, str] = {}
        for index, line in enumerate(output):
            if line.startswith(_MARK):
                name = line.removeprefix(_MARK)
                found = {item["name"]: item["latest_version"] for item in read_json(output[index + 1 :])}
                newer.update((name, version) for key, version in found.items() if normal_name(key) == normal_name(name))
        return newer

    @staticmethod
    def default() -> Any:
        return {}
