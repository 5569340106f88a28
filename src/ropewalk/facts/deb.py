"""Debian packages, as dpkg(1) knows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import versions
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.shell.paths import path_word

_LAYOUT = r"${db:Status-Abbrev}|${Package}|${Version}\n"
# The second letter of dpkg's status: installed, or installed with triggers that wait for another package.
_INSTALLED = "iWt"


class DebPackageDict(TypedDict):
    """A package and its version."""

    name: str
    version: str


class DebArch(FactBase["str | None"]):
    """The architecture that dpkg installs packages for: ``amd64``, ``arm64`` ...; ``None`` without dpkg."""

    constant = True

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "dpkg"

    def command(self) -> str:
        return "dpkg --print-architecture"


class DebPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed, held ones too: name -> versions, ``{"bash": {"5.2.15-2+b2"}}``.

    Names are without the architecture; what was removed but for its configuration is not installed.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "dpkg"

    def command(self) -> Shell:
        return sh("dpkg-query", "-W", "-f", _LAYOUT)

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return versions(installed(output))

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class DebPackage(FactBase["DebPackageDict | None"]):
    """The name and version of an installed package or of a ``.deb`` file; ``None`` if there is no such thing.

    :param package: the name of a package, or the path on the host of a file that ends in ``.deb``.

    ::

        {"name": "nginx", "version": "1.22.1-9"}
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "dpkg"

    def command(self, package: str) -> Shell:
        if package.endswith(".deb"):
            read = sh("dpkg-deb", "-W", r"--showformat=ii |${Package}|${Version}\n").render()
            return if_present(path_word(package), Raw(f'{read} "$1"'))
        name = re.sub(r"([\\*?[])", r"\\\1", package)  # dpkg-query takes patterns
        # Status 1 means that no package is known under the name.
        return sh("dpkg-query", "-W", "-f", _LAYOUT, "--", name, Raw("2>/dev/null || [ $? -eq 1 ]"))

    def process(self, output: list[str]) -> DebPackageDict | None:
        found = next(iter(installed(output)), None)
        return DebPackageDict(name=found[0], version=found[1]) if found else None


def installed(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Return the names and versions of what is installed, from lines ``status|name|version``."""
    rows = (line.split("|") for line in lines)
    return ((row[1], row[2]) for row in rows if len(row) == 3 and row[0][1:2] in _INSTALLED)
