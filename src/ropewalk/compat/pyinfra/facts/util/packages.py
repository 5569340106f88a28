"""v3's description of a package: installed versions, a newer one, and whether it is held back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum


class PackageStatus(Enum):
    """Whether a package could be upgraded, and may be."""

    INSTALLED = "installed"
    UPGRADEABLE = "upgradeable"
    HELD = "held"


@dataclass(frozen=True)
class PackageInfo:
    """A package that is installed.

    :ivar installed_versions: the oldest first.
    :ivar available_version: the newer one, if there is one.
    """

    name: str
    installed_versions: tuple[str, ...]
    available_version: str | None
    status: PackageStatus


def build_package_map(
    installed: Mapping[str, Collection[str]],
    upgradeable: Mapping[str, str] | None = None,
    held: Collection[str] | None = None,
) -> dict[str, PackageInfo]:
    """Describe installed packages by what else is known of them; what is not installed is left out.

    >>> build_package_map({"vim": {"9.0"}}, {"vim": "9.1"})["vim"].status
    <PackageStatus.UPGRADEABLE: 'upgradeable'>
    """
    packages = {}
    for name, versions in installed.items():
        newer = (upgradeable or {}).get(name)
        status = PackageStatus.INSTALLED if newer is None else PackageStatus.UPGRADEABLE
        if held is not None and name in held:
            status = PackageStatus.HELD
        packages[name] = PackageInfo(name, tuple(sorted(versions, key=_in_order)), newer, status)
    return packages


def _in_order(version: str) -> list[tuple[int, int, str]]:
    """Return a key by which numbers in versions count as numbers."""
    parts = re.findall(r"\d+|\D+", version)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]
