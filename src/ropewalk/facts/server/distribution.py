"""Which Linux distribution a host runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypedDict

from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.facts.server import release_files

#: The ``ID`` of os-release(5) to the name that v3 gave the distribution; all others keep their ``NAME``.
_NAMES = {
    "alpine": "Alpine",
    "centos": "CentOS",
    "debian": "Debian",
    "fedora": "Fedora",
    "gentoo": "Gentoo",
    "opensuse": "openSUSE",
    "opensuse-leap": "openSUSE",
    "rhel": "RedHat",
    "ubuntu": "Ubuntu",
}
#: How the names in files older than os-release(5) begin.
_OLDER_NAMES = {
    "CentOS": "CentOS",
    "Fedora": "Fedora",
    "Gentoo": "Gentoo",
    "Red Hat": "RedHat",
    "openSUSE": "openSUSE",
}
_OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
_NOT_OF_THIS_SYSTEM = ("/etc/lsb-release", "/etc/upstream-release", *_OS_RELEASE)

Files = Mapping[str, list[str]]


class LinuxDistributionDict(TypedDict):
    """A distribution; ``None`` where the host does not say. ``release_meta`` is its os-release(5) file."""

    name: str | None
    major: int | None
    minor: int | None
    release_meta: dict[str, str]


class LinuxDistribution(FactBase[LinuxDistributionDict]):
    """The distribution and its version.

    Read from os-release(5) and the older files of distributions.

    ::

        {"name": "Ubuntu", "major": 22, "minor": 4, "release_meta": {"ID": "ubuntu", "CODENAME": "jammy", ...}}
    """

    def command(self) -> str:
        # grep names the file before every line; those that do not exist are passed over.
        return "grep -s '' /dev/null /usr/lib/os-release /etc/*-release || :"

    def process(self, output: list[str]) -> LinuxDistributionDict:
        files: dict[str, list[str]] = {}
        for line in output:
            path, _, text = line.partition(":")
            files.setdefault(path, []).append(text)
        release = _os_release(files)
        name, version = _name_and_version(files, release)
        major, minor = _numbers(version)
        codename = release_files.codename(release)
        return LinuxDistributionDict(
            name=name,
            major=major,
            minor=minor,
            release_meta=release | ({"CODENAME": codename} if codename else {}),
        )

    @staticmethod
    def default() -> LinuxDistributionDict:
        return LinuxDistributionDict(name=None, major=None, minor=None, release_meta={})


class LinuxName(ShortFactBase["str | None"]):
    """The name of the distribution, as in :class:`LinuxDistribution`.

    See os-release(5).

    ::

        "Debian"
    """

    fact = LinuxDistribution

    def process_data(self, data: LinuxDistributionDict) -> str | None:
        return data["name"]


def _os_release(files: Files) -> dict[str, str]:
    lines = next((files[path] for path in _OS_RELEASE if path in files), [])
    return {name.upper(): value for name, value in release_files.assignments(lines).items()}


def _name_and_version(files: Files, release: Mapping[str, str]) -> tuple[str | None, str]:
    older_name, older_version = _from_older_files(files)
    if not release:
        return older_name, older_version
    name = _NAMES.get(release.get("ID", "")) or release.get("NAME") or older_name
    version = release.get("VERSION_ID") or _first_number(release.get("PRETTY_NAME", ""))
    # CentOS 7 calls itself "7" here and "7.9.2009" there.
    return name, older_version if older_version.startswith(f"{version}.") else version


def _from_older_files(files: Files) -> tuple[str | None, str]:
    if "/etc/alpine-release" in files:
        return "Alpine", files["/etc/alpine-release"][0].strip()
    for path, lines in sorted(files.items()):
        found = None if path in _NOT_OF_THIS_SYSTEM else release_files.name_and_version(lines)
        if found:
            name, version = found
            return next((to for start, to in _OLDER_NAMES.items() if name.startswith(start)), name), version
    lsb = release_files.assignments(files.get("/etc/lsb-release", ()))
    return lsb.get("DISTRIB_ID"), lsb.get("DISTRIB_RELEASE", "")


def _first_number(text: str) -> str:
    match = re.search(r"\d[\d.]*", text)
    return match.group() if match else ""


def _numbers(version: str) -> tuple[int | None, int | None]:
    """Return the first two parts of a version; ``None`` for what is no number.

    >>> _numbers("22.04"), _numbers("12"), _numbers("rolling")
    ((22, 4), (12, None), (None, None))
    """
    parts = [*version.split("."), "", ""]
    major = int(parts[0]) if parts[0].isdecimal() else None
    return major, int(parts[1]) if parts[1].isdecimal() and major is not None else None
