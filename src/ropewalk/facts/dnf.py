"""Repositories and modules of dnf, see dnf.conf(5) and dnf(8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.repositories import RepositoriesBase


class DnfRepositories(RepositoriesBase):
    """The repositories of dnf: what their sections say, their ids (``repoid``) and files (``filename``)."""

    program = "dnf"
    files = ("/etc/dnf/dnf.conf", "/etc/dnf.conf", "/etc/dnf.repos.d/*.repo", "/etc/yum.repos.d/*.repo",
             "/etc/yum/repos.d/*.repo", "/etc/distro.repos.d/*.repo")  # fmt: skip


class DnfEnabledModules(FactBase[dict[str, str]]):
    """The modules with an enabled stream: ``{"php": "8.1"}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "dnf"

    def command(self) -> str:
        return "LC_ALL=C dnf module list --enabled"

    def process(self, output: list[str]) -> dict[str, str]:
        return {name: stream for name, stream, flags in _modules(output) if "[e]" in flags}

    @staticmethod
    def default() -> dict[str, str]:
        return {}


class DnfDisabledModules(FactBase[list[str]]):
    """The modules that are disabled, sorted: ``["nodejs", "php"]``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "dnf"

    def command(self) -> str:
        return "LC_ALL=C dnf module list --disabled"

    def process(self, output: list[str]) -> list[str]:
        return sorted({name for name, _, flags in _modules(output) if "[x]" in flags})

    @staticmethod
    def default() -> list[str]:
        return []


def _modules(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the name, stream and flags of each row; there is a table for every repository, ended by an empty line."""
    in_table = False
    for line in lines:
        words = line.split()
        if words[:2] == ["Name", "Stream"]:
            in_table = True
        elif not words:
            in_table = False
        elif in_table and len(words) >= 2:
            flags = "".join(word for word in words[2:4] if word.startswith("["))
            yield words[0], words[1], flags
