"""Packages of Ruby, as gem(1) knows them."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import versions

_LINE = re.compile(r"(\S+) \((.+)\)$")
_OUTDATED = re.compile(r"(\S+) \(\S+ < (\S+)\)$")


class GemPackages(FactBase[dict[str, set[str]]]):
    """The gems that are installed, those that came with Ruby too: name -> versions, ``{"rake": {"13.0.6"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "gem"

    def command(self) -> str:
        return "gem list --local"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        # Of each version: whether it is the default one, then its number, then the platforms it is built for.
        rows = (found.groups() for line in output if (found := _LINE.match(line)))
        return versions(
            (name, entry.strip().removeprefix("default: ").split()[0])
            for name, entries in rows
            for entry in entries.split(",")
        )

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class GemOutdated(FactBase[dict[str, str]]):
    """The gems that have a newer version, and that version."""

    def command(self) -> str:
        return "gem outdated"

    def process(self, output: list[str]) -> dict[str, str]:
        return {found[1]: found[2] for line in output if (found := _OUTDATED.match(line))}

    @staticmethod
    def default() -> Any:
        return {}
