"""Packages of Alpine Linux, as apk(8) knows them. Tested on recorded output of apk 2.14."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import PackageStep, Preview, parse_packages

# name-version-release, and no more until a space: the name may have dashes, version and release have none.
_INSTALLED = r"(\S+)-([^-\s]+-r\d+|\d[^-\s]*)(?:\s|$)"
_STEP = re.compile(r"\(\s*\d+/\d+\) (\w+) (\S+) \((\S+?)(?: -> (\S+))?\)")


class ApkPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"busybox": {"1.36.1-r15"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "apk"

    def command(self) -> str:
        return "apk list --installed"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(_INSTALLED, (line for line in output if "[installed]" in line))

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class ApkPreview(Preview):
    """What a command of apk with ``--simulate`` would do; see :class:`Preview`."""

    def read(self, lines: list[str]) -> list[PackageStep]:
        steps = (found.groups() for line in lines if (found := _STEP.match(line)))
        return [PackageStep(name=name, after=None if action == "Purging" else after or version)
                for action, name, version, after in steps]  # fmt: skip
