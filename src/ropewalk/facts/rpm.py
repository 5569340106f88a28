"""Packages that rpm(8) knows."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import parse_packages
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.shell.paths import path_word

#: How packages are printed: name, then version and release.
LAYOUT = r"%{NAME} %{VERSION}-%{RELEASE}\n"
_LINE = r"(\S+) (\S+)$"


class RpmPackageDict(TypedDict):
    """A package, its version and release."""

    name: str
    version: str


class RpmPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions with release, ``{"bash": {"5.1.8-9.el9"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "rpm"

    def command(self) -> Shell:
        return sh("rpm", "-qa", "--queryformat", LAYOUT)

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(_LINE, output)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class RpmPackage(FactBase["RpmPackageDict | None"]):
    """The name and version of an installed package or of a package file; ``None`` if there is no such thing.

    :param package: the name of a package, the path on the host of a package file (with a slash, or ending in
        ``.rpm``), or the URL of one, which the host reads.

    ::

        {"name": "bash", "version": "5.1.8-9.el9"}
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "rpm"

    def command(self, package: str) -> Shell:
        query = ("rpm", "--queryformat", LAYOUT)
        if "://" in package:
            return sh(*query, "-qp", "--", package)
        if "/" in package or package.endswith(".rpm"):
            # Through standard input, because rpm takes file names apart at spaces, quotes and brackets.
            return if_present(path_word(package), *query, "-qp", Raw('- <"$1"'))
        # -qa takes patterns, and says nothing, successfully, where -q complains in the language of the host.
        name = re.sub(r"[*?\[{\\]", r"[\g<0>]", package)
        return sh(*query, "-qa", "--", name)

    def process(self, output: list[str]) -> RpmPackageDict | None:
        for name, versions in parse_packages(_LINE, output).items():
            return RpmPackageDict(name=name, version=next(iter(versions)))
        return None


class RpmPackageProvides(FactBase[list[list[str]]]):
    """The packages in the repositories of dnf, or installed, that provide something.

    :param package: a name, a file or another capability.

    ::

        [["vim-enhanced", "8.2.2637-20.el9"]]
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "dnf"

    def command(self, package: str) -> Shell:
        return sh("dnf", "repoquery", "--quiet", "--queryformat", LAYOUT, f"--whatprovides={package}")

    def process(self, output: list[str]) -> list[list[str]]:
        return [list(words) for line in output if len(words := line.split()) == 2]

    @staticmethod
    def default() -> list[list[str]]:
        return []
