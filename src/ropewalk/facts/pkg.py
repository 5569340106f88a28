"""Packages of the BSDs: FreeBSD's pkg(8), and pkg_info(1) of OpenBSD and NetBSD.

Tested on output as their manuals show it.
"""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import split_last_dash, versions

# The pkg that FreeBSD ships only installs the real one; -N says, without asking anything, whether that happened.
_COMMAND = (
    "if command -v pkg >/dev/null; then if pkg -N >/dev/null 2>&1; then {}; fi; "
    'elif command -v pkg_info >/dev/null; then echo "# $(uname -s)"; pkg_info; fi'
)
# packages-specs(7): a stem, the version from the first digit after a dash on, and flavors.
_OPENBSD = re.compile(r"(\S+?)-(\d[^-\s]*)(?:-\S+)?(?:\s|$)")


class PkgPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"bash": {"5.2.21_1"}}``; flavors are left out."""

    def command(self) -> str:
        return _COMMAND.format("pkg query '%n-%v'")

    def process(self, output: list[str]) -> dict[str, set[str]]:
        if output[0] == "# OpenBSD":
            return versions((found[1], found[2]) for line in output if (found := _OPENBSD.match(line)))
        words = (line.split()[0] for line in output if line.strip())
        return versions(split_last_dash(word) for word in words if "-" in word)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class PkgOrigins(FactBase[dict[str, set[str]]]):
    """The same as :class:`PkgPackages` by where packages are in the ports tree: ``{"shells/bash": {"5.2.21_1"}}``."""

    def command(self) -> str:
        return _COMMAND.format("pkg query '%o %v'")

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return versions((row[0], row[1]) for line in output if len(row := line.split()) == 2)

    @staticmethod
    def default() -> Any:
        return {}
