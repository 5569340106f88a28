"""Packages of Homebrew. Tested on output as its manual shows it.

Commands and output: brew(1), https://docs.brew.sh/Manpage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import Enum
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import versions
from ropewalk.model.errors import FactProcessError

_VERSION = re.compile(r"Homebrew\s+>?=?\s*(\d+)\.(\d+)\.(\d+)")


class BrewItemKind(Enum):
    """What can be trusted; the value is the name under which Homebrew lists it."""

    CASK = "casks"
    COMMAND = "commands"
    FORMULA = "formulae"
    TAP = "taps"


class _BrewFact(FactBase[Any]):
    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "brew"


class BrewVersion(_BrewFact):
    """The version of Homebrew as three numbers: ``[4, 2, 0]``."""

    def command(self) -> str:
        return "brew --version"

    def process(self, output: list[str]) -> list[int]:
        found = _VERSION.match(output[0])
        if not found:
            raise FactProcessError(f"brew did not tell its version, but {output[0]!r}")
        return [int(number) for number in found.groups()]

    @staticmethod
    def default() -> list[int]:
        return [0, 0, 0]


class BrewPackages(_BrewFact):
    """The formulae that are installed: name -> versions, ``{"node": {"20.9.0", "21.1.0"}}``."""

    def command(self) -> str:
        return "brew list --formula --versions 2>/dev/null || brew list --versions"  # before 2.6 there is no --formula

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return _versions(output)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class BrewCasks(BrewPackages):
    """The casks that are installed: name -> versions.

    ::

        {"firefox": {"121.0"}}
    """

    def command(self) -> str:
        return "brew list --cask --versions 2>/dev/null || brew cask list --versions"


class BrewTaps(_BrewFact):
    """The names of the taps that are there: ``["homebrew/core"]``."""

    def command(self) -> str:
        return "brew tap"

    def process(self, output: list[str]) -> list[str]:
        return [line.strip() for line in output if line.strip()]

    @staticmethod
    def default() -> list[str]:
        return []


class BrewTrusted(_BrewFact):
    """What is trusted explicitly, by kind; all lists are empty where Homebrew knows no trust (before 5.2).

    ::

        {"taps": ["example/tools"], "formulae": [], "casks": [], "commands": []}
    """

    def command(self) -> str:
        return "if brew trust --help >/dev/null 2>&1; then brew trust --json=v1; fi"

    def process(self, output: list[str]) -> dict[str, list[str]]:
        trusted: dict[str, list[str]] = self.default() | json.loads("\n".join(output))
        return trusted

    @staticmethod
    def default() -> dict[str, list[str]]:
        return {kind.value: [] for kind in BrewItemKind}


class BrewOutdated(_BrewFact):
    """Formulae and casks that have a newer version, and that version; ``None`` before Homebrew 2.3.

    ::

        {"formulae": {"node": "21.2.0"}, "casks": {}}
    """

    def command(self) -> str:
        return "brew outdated --json=v2 2>/dev/null || :"

    def process(self, output: list[str]) -> dict[str, dict[str, str]]:
        found = json.loads("\n".join(output))
        return {
            kind: {
                item["name"].rpartition("/")[2]: str(item["current_version"])
                for item in found.get(kind, [])
                if not item.get("pinned")
            }
            for kind in ("formulae", "casks")
        }


def _versions(lines: Iterable[str]) -> dict[str, set[str]]:
    return versions((words[0], version) for line in lines if (words := line.split()) for version in words[1:])
