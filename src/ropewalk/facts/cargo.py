"""Programs of Rust, as ``cargo install`` knows them.

Output: cargo-install(1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import parse_packages
from ropewalk.model.command import Raw, Shell, sh

_FOUND = re.compile(r'(\S+) = "([^"]+)"')


class CargoPackages(FactBase[dict[str, set[str]]]):
    """The packages whose programs are installed: name -> versions, ``{"ripgrep": {"14.1.0"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "cargo"

    def command(self) -> str:
        return "cargo install --list"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(r"(\S+) v([^\s:]+)", output)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class CargoNewest(FactBase[dict[str, str]]):
    """The newest versions of some packages that the registry knows, without pre-releases.

    :param packages: their names.
    """

    def command(self, packages: Sequence[str]) -> Shell:
        return sh(Raw("for p in"), *packages, Raw("; do"), "cargo", "search", "--quiet", "--limit", "20", "--",
                  Raw('"$p" || exit 1; done'))  # fmt: skip

    def process(self, output: list[str]) -> dict[str, str]:
        found = (match.groups() for line in output if (match := _FOUND.match(line)))
        return {name: version for name, version in found if "-" not in version}

    @staticmethod
    def default() -> Any:
        return {}
