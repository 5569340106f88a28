"""Packages of Chocolatey 2, on Windows. Tested on recorded output.

Commands are given to the shell of the host as they are, so they are kept free of shell syntax.

Commands: https://docs.chocolatey.org/en-us/choco/commands/.
"""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import parse_packages

# With --limit-output a bar stands between name and version, otherwise a space.
_LINE = r"([^\s|]+)[ |](\d\S*?)\r?$"


class ChocoPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"git": {"2.43.0"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "choco"

    def command(self) -> str:
        return "choco list --limit-output"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(_LINE, output)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class ChocoVersion(FactBase["str | None"]):
    """The version of Chocolatey; ``None`` if it is not installed.

    ::

        "2.2.2"
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "choco"

    def command(self) -> str:
        return "choco --version"

    def process(self, output: list[str]) -> str:
        return output[-1].strip()


class ChocoOutdated(FactBase[dict[str, str]]):
    """The packages that have a newer version, and that version; without those that are pinned."""

    def command(self) -> str:
        return "choco outdated --limit-output --ignore-pinned"

    def process(self, output: list[str]) -> dict[str, str]:
        rows = (re.split(r"\|", line.strip()) for line in output)
        return {row[0]: row[2] for row in rows if len(row) >= 3 and row[1] != row[2]}

    @staticmethod
    def default() -> Any:
        return {}
