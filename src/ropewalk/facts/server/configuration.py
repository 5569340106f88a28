"""Files and programs that say how a host is configured: names, locales, limits, SELinux."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell
from ropewalk.shell.paths import path_word


class SelinuxDict(TypedDict):
    """``mode`` is ``enabled`` or ``disabled``; ``None`` on a host without SELinux."""

    mode: str | None


class SecurityLimitDict(TypedDict):
    """One line of limits.conf(5)."""

    domain: str
    limit_type: str
    item: str
    value: str


class EtcHosts(FactBase[dict[str, list[str]]]):
    """The hosts(5) file: address to names, ``{"127.0.0.1": ["localhost"]}``; ``{}`` if there is none.

    :param path: path of the file.
    """

    def command(self, path: str = "/etc/hosts") -> Shell:
        return if_present(path_word(path), Raw('cat "$1"'))

    def process(self, output: list[str]) -> dict[str, list[str]]:
        hosts: dict[str, list[str]] = {}
        for line in output:
            address, *names = line.partition("#")[0].split() or [""]
            for name in names:
                known = hosts.setdefault(address, [])
                if name not in known:
                    known.append(name)
        return hosts

    @staticmethod
    def default() -> dict[str, list[str]]:
        return {}


class Locales(FactBase[list[str]]):
    """The locales that are installed, such as ``["C", "C.UTF-8", "en_GB.UTF-8", "POSIX"]``.

    Read with locale(1).
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "locale"

    def command(self) -> str:
        return "locale -a"

    def process(self, output: list[str]) -> list[str]:
        # glibc lists "en_GB.utf8" for what is called "en_GB.UTF-8" everywhere else.
        return [re.sub(r"\.utf8(?=$|@)", ".UTF-8", line) for line in output]

    @staticmethod
    def default() -> list[str]:
        return []


class SecurityLimits(FactBase[list[SecurityLimitDict]]):
    """The lines of ``/etc/security/limits.conf``; ``[]`` if there is none.

    See limits.conf(5).

    ::

        [{"domain": "*", "limit_type": "soft", "item": "nofile", "value": "1024"}]
    """

    def command(self) -> Shell:
        return if_present("/etc/security/limits.conf", Raw('cat "$1"'))

    def process(self, output: list[str]) -> list[SecurityLimitDict]:
        rows = (line.partition("#")[0].split() for line in output)
        # Other lines are mistakes, which PAM passes over as well.
        return [
            SecurityLimitDict(domain=row[0], limit_type=row[1], item=row[2], value=row[3])
            for row in rows
            if len(row) == 4
        ]

    @staticmethod
    def default() -> list[SecurityLimitDict]:
        return []


class Selinux(FactBase[SelinuxDict]):
    """Whether SELinux is on: ``{"mode": "enabled"}``.

    See sestatus(8).
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "sestatus"

    def command(self) -> str:
        return "LC_ALL=C sestatus"

    def process(self, output: list[str]) -> SelinuxDict:
        matches = (re.match(r"SELinux status:\s+(\S+)", line) for line in output)
        return SelinuxDict(mode=next((match[1] for match in matches if match), None))

    @staticmethod
    def default() -> SelinuxDict:
        return SelinuxDict(mode=None)
