"""Packages of Python environments, as pip knows them.

Output: https://pip.pypa.io/en/stable/cli/pip_list/.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import versions
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactValueError
from ropewalk.shell.paths import path_word


class PipPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"requests": {"2.31.0"}}``; editable ones too.

    Names are as the packages write them: ``Flask``, ``zope.interface``.

    :param pip: how pip is called, as on a command line: a name, a path or ``python3 -m pip``.
    """

    #: How pip is called unless a deploy says otherwise.
    usual: ClassVar[str] = "pip"

    def requires_command(self, pip: str | None = None) -> str | None:
        return _unless_path(self.words(pip))

    def command(self, pip: str | None = None) -> Shell:
        return self.listing(pip)

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
        if not words or not words[0]:
            raise FactValueError(f"{pip!r} names no program")
        return words

    def listing(self, pip: str | None, *options: str) -> Shell:
        """Return the command that lists packages; one that does nothing if pip is a path where nothing is."""
        first, *others = self.words(pip)
        quiet = "PIP_DISABLE_PIP_VERSION_CHECK=1"
        words = (*others, "list", "--format=json", *options)
        if "/" not in first:
            return sh(Raw(quiet), first, *words)
        return if_present(path_word(first), Raw(f'{quiet} "$1"'), *words)


class Pip3Packages(PipPackages):
    """The packages that are installed, as ``pip3`` knows them; see :class:`PipPackages`.

    ::

        {"requests": {"2.31.0"}}
    """

    usual = "pip3"


class PipOutdated(PipPackages):
    """Those of the installed packages that have a newer version, and that version.

    :param options: more options, such as those that say where packages come from.
    """

    def requires_command(self, pip: str | None = None, options: Sequence[str] = ()) -> str | None:
        return _unless_path(self.words(pip))

    def command(self, pip: str | None = None, options: Sequence[str] = ()) -> Shell:
        return self.listing(pip, "--outdated", *options)

    def process(self, output: list[str]) -> dict[str, str]:  # type: ignore[override]
        return {item["name"]: item["latest_version"] for item in read_json(output)}


def read_json(lines: Sequence[str]) -> Any:
    """Read the one line, or all lines, of JSON in the output of a program that may have said more before it."""
    start = next((index for index, line in enumerate(lines) if line.startswith(("[", "{"))), 0)
    return json.JSONDecoder().raw_decode("\n".join(lines[start:]).lstrip())[0]


def _unless_path(words: Sequence[str]) -> str | None:
    return None if "/" in words[0] else words[0]
