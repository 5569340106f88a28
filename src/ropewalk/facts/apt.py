"""What apt(8) knows: packages, where they come from, the keys that sign them, and what a command would do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.apt_sources import AptRepo as AptRepo
from ropewalk.facts.apt_sources import parse_apt_list_file as parse_apt_list_file
from ropewalk.facts.apt_sources import parse_apt_repo as parse_apt_repo
from ropewalk.facts.apt_sources import parse_deb822_file as parse_deb822_file
from ropewalk.facts.deb import DebPackages
from ropewalk.facts.gpg import GpgKeyrings, KeyDict
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError, FactValueError

#: Where keys of repositories are looked for unless a deploy says otherwise.
KEY_DIRECTORIES = ("/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/usr/share/keyrings")

_COUNTS = re.compile(r"\d+ upgraded, \d+ newly installed, .*not upgraded\.?")
_COUNT = re.compile(r"(\d+) (upgraded|newly installed|downgraded|reinstalled|to remove|not upgraded)")
_COUNT_NAMES = {"newly installed": "newly_installed", "to remove": "removed", "not upgraded": "not_upgraded"}


class AptSimulationDict(TypedDict):
    """How many packages a command would change; the last two are there if there are any."""

    upgraded: int
    newly_installed: int
    removed: int
    not_upgraded: int
    downgraded: NotRequired[int]
    reinstalled: NotRequired[int]


def noninteractive_apt(command: str, force: bool = False) -> str:
    """Return the beginning of a command line of ``apt-get`` that asks nothing and keeps changed configuration files.

    :param command: shell syntax: the command of ``apt-get``, and whatever follows it.
    :param force: allow what apt holds to be dangerous.
    """
    flags = "-y --force-yes" if force else "-y"
    keep = '-o Dpkg::Options::="--force-confdef" -o Dpkg::Options::="--force-confold"'
    return f"DEBIAN_FRONTEND=noninteractive apt-get {flags} {keep} {command}"


class AptSources(FactBase[list[AptRepo]]):
    """The repositories in ``/etc/apt/sources.list`` and ``/etc/apt/sources.list.d``, in both formats.

    ::

        [{"type": "deb", "url": "http://deb.debian.org/debian", "distribution": "bookworm",
          "components": ["main"], "options": {"signed-by": "/usr/share/keyrings/debian-archive-keyring.gpg"}}]
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "apt"

    def command(self) -> str:
        # grep names the file before every line, because it is given more than one.
        return (
            "set -- /dev/null; "
            "for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do "
            '[ ! -e "$f" ] || set -- "$@" "$f"; done; grep \'\' "$@" || [ $? -eq 1 ]'
        )

    def process(self, output: list[str]) -> list[AptRepo]:
        files: dict[str, list[str]] = {}
        for line in output:
            path, _, text = line.partition(":")
            files.setdefault(path, []).append(text)
        return [
            repo
            for path, lines in files.items()
            for repo in (parse_deb822_file if path.endswith(".sources") else parse_apt_list_file)(lines)
        ]

    @staticmethod
    def default() -> list[AptRepo]:
        return []


class AptPackages(DebPackages):
    """The packages that are installed on a host with apt; the same as ``deb.DebPackages``.

    ::

        {"openssl": {"3.0.11-1"}, "nginx": {"1.22.1-9"}}
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "apt"


class AptKeys(GpgKeyrings):
    """The keys that repositories may be signed with: key ID -> key; ``None`` if there are none.

    :param directories: where to look for keyrings; by default in the three places where Debian keeps them.

    ::

        {"73A4F27B8DD47936": {"validity": "-", "length": 4096, "subkeys": {"6D33866EDD8FFA41": {"validity": "-",
         "length": 4096}}, "uid": "Ann <ann@example.com>"}}
    """

    def command(self, directories: str | Sequence[str] | None = None) -> Shell:
        return super().command(KEY_DIRECTORIES if directories is None else directories)

    def process(self, output: list[str]) -> dict[str, KeyDict]:  # type: ignore[override]  # all keyrings as one
        keys: dict[str, KeyDict] = {}
        for keyring in self.read_keyrings(output).values():
            keys |= keyring["keys"]
        return keys


class SimulateOperationWillChange(FactBase[AptSimulationDict]):
    """How many packages an ``apt-get`` command would change.

    :param command: the command and its arguments, written as on a command line: ``"install nginx=1.22.*"``. They are
        split into words, but nothing in them is expanded.
    :raises FactValueError: it is not a command line.

    ::

        {"upgraded": 2, "newly_installed": 0, "removed": 0, "not_upgraded": 1}
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "apt-get"

    def command(self, command: str) -> Shell:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise FactValueError(f"{command!r} is not a command line of apt-get: {error}") from None
        return sh(Raw(f"LC_ALL=C {noninteractive_apt('--dry-run')}"), *words)

    def process(self, output: list[str]) -> AptSimulationDict:
        line = next((line for line in output if _COUNTS.fullmatch(line)), None)
        if line is None:
            raise FactProcessError("apt-get did not say how many packages would change")
        counts = AptSimulationDict(upgraded=0, newly_installed=0, removed=0, not_upgraded=0)
        for number, name in _COUNT.findall(line):
            counts[_COUNT_NAMES.get(name, name)] = int(number)  # type: ignore[literal-required]
        return counts
