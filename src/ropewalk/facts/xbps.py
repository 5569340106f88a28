"""Packages of Void Linux, as xbps-query(1) and xbps-install(1) know them. Tested on output as they document it."""

from __future__ import annotations

from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import PackageStep, Preview, split_last_dash, versions


class XbpsPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"bash": {"5.2.21_1"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "xbps-query"

    def command(self) -> str:
        return "xbps-query -l"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        rows = (line.split() for line in output)
        return versions(split_last_dash(row[1]) for row in rows if len(row) > 1 and row[0] in ("ii", "uu"))

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class XbpsPreview(Preview):
    """What a command of xbps with ``--dry-run`` would do: lines of ``name-version action architecture ...``."""

    def read(self, lines: list[str]) -> list[PackageStep]:
        steps = []
        for row in (line.split() for line in lines):
            if len(row) >= 3 and row[1] in ("install", "update", "reinstall", "downgrade", "configure", "remove"):
                name, version = split_last_dash(row[0])
                steps.append(PackageStep(name=name, after=None if row[1] == "remove" else version))
        return steps
