"""Packages of Arch Linux, as pacman(8) knows them."""

from __future__ import annotations

from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import PackageStep, Preview, parse_packages
from ropewalk.facts.presence import unless_said
from ropewalk.model.command import Shell


class PacmanPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"bash": {"5.2.026-2"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "pacman"

    def command(self) -> Shell:
        return unless_said(None, "pacman", "-Q")

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(r"(\S+) (\S+)$", output)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class PacmanUnpackGroup(FactBase[list[str]]):
    """The names of the packages that pacman would install for a name: those of a group, with what they depend on.

    ``[]`` if the repositories do not know the name.

    :param package: name of a group or package.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "pacman"

    def command(self, package: str) -> Shell:
        return unless_said("error: target not found: ", "pacman", "-S", "--print-format", "%n", "--", package)

    def process(self, output: list[str]) -> list[str]:
        return output

    @staticmethod
    def default() -> list[str]:
        return []


class PacmanPreview(Preview):
    """What a command of pacman with ``--print-format "%n %v"`` would do; the version of what it removes, too."""

    def read(self, lines: list[str]) -> list[PackageStep]:
        rows = (line.split() for line in lines)
        return [PackageStep(name=row[0], after=row[1]) for row in rows if len(row) == 2]


class PacmanGroups(FactBase[dict[str, list[str]]]):
    """The groups of which packages are installed: name -> names of these packages."""

    def command(self) -> Shell:
        return unless_said(None, "pacman", "-Qg")

    def process(self, output: list[str]) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for line in output:
            group, _, package = line.partition(" ")
            groups.setdefault(group, []).append(package)
        return groups

    @staticmethod
    def default() -> Any:
        return {}
