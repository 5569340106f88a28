"""Packages of Python environments, as pip knows them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import versions
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactValueError


class PipPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"requests": {"2.31.0"}}``; editable ones too.

    Names are as the packages write them: ``Flask``, ``zope.interface``.

    :param pip: how pip is called, as on a command line: a name, a path or ``python3 -m pip``.
    """

    #: How pip is called unless a deploy says otherwise.
    usual: ClassVar[str] = "pip"

    def requires_command(self, pip: str | None = None) -> str:
        return self.words(pip)[0]

    def command(self, pip: str | None = None) -> Shell:
        return sh(Raw("PIP_DISABLE_PIP_VERSION_CHECK=1"), *self.words(pip), "list", "--format=json")

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return versions((item["name"], item["version"]) for item in read_json(output))

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}

    def words(self, pip: str | None) -> list[str]:
        """Return how pip is called, word by word.

        :raises FactValueError: it is not a command line.
        """
        try:
            words = shlex.split(pip or self.usual)
        except ValueError as error:
            raise FactValueError(f"{pip!r} is not a command line: {error}") from None
        if not words:
            raise FactValueError(f"{pip!r} names no program")
        return words


class Pip3Packages(PipPackages):
    """The packages that are installed, as ``pip3`` knows them; see :class:`PipPackages`."""

    usual = "pip3"


class PipOutdated(PipPackages):
    """Those of the installed packages that have a newer version, and that version.

    :param options: more options, such as those that say where packages come from.
    """

    def requires_command(self, pip: str | None = None, options: Sequence[str] = ()) -> str:
        return self.words(pip)[0]

    def command(self, pip: str | None = None, options: Sequence[str] = ()) -> Shell:
        return sh(*super().command(pip).words, "--outdated", *options)

    def process(self, output: list[str]) -> Any:
        return {item["name"]: item["latest_version"] for item in read_json(output)}


def read_json(lines: Sequence[str]) -> Any:
    """Read the one line, or all lines, of JSON in the output of a program that may have said more before it."""
    start = next((index for index, line in enumerate(lines) if line.startswith(("[", "{"))), 0)
    return json.JSONDecoder().raw_decode("\n".join(lines[start:]).lstrip())[0]
