"""Packages of snapd, as snap(8) shows them. Tested on output recorded from snap 2.57 to 2.63."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import unless_said
from ropewalk.model.command import Shell

# What v3 tells of a snap, by the line of `snap info` that says it; older versions say channel for tracking.
_FIELDS = {"name": "name", "publisher": "publisher", "snap-id": "snap-id", "tracking": "channel", "channel": "channel",
           "installed": "version"}  # fmt: skip

_PLAIN = ("--color=never", "--unicode=never")


class SnapBaseFact(FactBase[Any]):
    """What facts about snaps share."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "snap"


SnapBaseFact.abstract = True  # every subclass is none


class SnapPackage(SnapBaseFact):
    """One snap, installed or in the store; ``{}`` if there is none of that name.

    ``channel`` and ``version`` are there if it is installed.

    :param package: its name.

    ::

        {"name": "lxd", "publisher": "Canonical*", "snap-id": "J60k4JY0HppjwOjW8dZdYc8obXKxujRu",
         "channel": "5.0/stable", "version": "5.0.2"}
    """

    def command(self, package: str) -> Shell:
        return unless_said("no snap found for ", "snap", "info", *_PLAIN, "--", package)

    def process(self, output: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in output:
            key, colon, value = line.partition(":")
            if colon and key in _FIELDS and value.split():
                found[_FIELDS[key]] = value.split()[0] if _FIELDS[key] in ("channel", "version") else value.strip()
        return found if "name" in found else {}

    @staticmethod
    def default() -> dict[str, str]:
        return {}


class SnapPackages(SnapBaseFact):
    """The names of the snaps that are installed.

    ::

        ["core22", "lxd"]
    """

    def command(self) -> str:
        return f"LC_ALL=C snap list {' '.join(_PLAIN)}"

    def process(self, output: list[str]) -> list[str]:
        return [row[0] for row in _rows(output)]

    @staticmethod
    def default() -> list[str]:
        return []


class SnapChannels(SnapBaseFact):
    """The snaps that are installed and the channels they follow: ``{"lxd": "5.0/stable"}``.

    A channel that ends in three dots is longer than snap shows.
    """

    command = SnapPackages.command

    def process(self, output: list[str]) -> dict[str, str]:
        return {row[0]: "" if row[3] == "-" else row[3] for row in _rows(output)}

    @staticmethod
    def default() -> Any:
        return {}


def _rows(lines: Sequence[str]) -> list[list[str]]:
    """Return the columns name, version, revision, channel, publisher and notes of the snaps."""
    return [row for line in lines if len(row := re.split(r"\s+", line.strip())) >= 6 and row[0] != "Name"]
