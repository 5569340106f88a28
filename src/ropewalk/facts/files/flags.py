"""File flags of BSD and macOS (chflags(1))."""

from __future__ import annotations

from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell
from ropewalk.shell.paths import path_word


class Flags(FactBase["list[str] | None"]):
    """The flags of a file, such as ``["nodump", "schg"]``; ``None`` if nothing is there or the host has no flags.

    See chflags(1).

    :param path: path on the host; ``~/`` is the home directory.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "chflags"

    def command(self, path: str) -> Shell:
        return if_present(path_word(path), Raw('stat -f %Sf "$1"'))

    def process(self, output: list[str]) -> list[str] | None:
        # FreeBSD and macOS print a dash for no flags, OpenBSD an empty line.
        return [flag for flag in output[0].split(",") if flag not in ("", "-")]
