"""Packages of pkgsrc, as pkgin(1) knows them. Tested on output as its manual shows it."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import split_last_dash, versions


class PkginPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"bash": {"5.2.21nb1"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "pkgin"

    def command(self) -> str:
        return "pkgin list"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        first_words = (re.split(r"[\s;]", line, maxsplit=1)[0] for line in output)
        return versions(split_last_dash(word) for word in first_words if "-" in word)

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class PkginOutdated(PkginPackages):
    """Those of the installed packages that are older than what the repositories have."""

    def command(self) -> str:
        return "pkgin -l '<' list"
