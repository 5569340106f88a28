"""Which of the packages that are wanted are there: a pure function of names and versions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ropewalk.operations.packaging.names import Wanted

Installed = Mapping[str, Collection[str]]
Expand = Callable[[str], Sequence[str]]
Fits = Callable[[str, str], bool]


@dataclass(slots=True)
class Difference:
    """Wanted packages, by whether they are installed (in the wanted version, where one is given)."""

    there: list[Wanted] = field(default_factory=list)
    missing: list[Wanted] = field(default_factory=list)


def compare(
    wanted: Iterable[Wanted], installed: Installed, expand: Expand | None = None, fits: Fits = fnmatchcase
) -> Difference:
    """Tell what is installed from what is not.

    :param installed: installed packages and their versions.
    :param expand: returns the packages that a name which is not in ``installed`` stands for, such as those that
        provide it.
    :param fits: says whether an installed version is the wanted one; by default the wanted one may be a pattern.

    >>> compare([Wanted("a", "a"), Wanted("b=2", "b", "2")], {"b": ["1"]}).missing
    [Wanted(text='a', name='a', version=None), Wanted(text='b=2', name='b', version='2')]
    """
    difference = Difference()
    for package in wanted:
        versions = versions_of(package, installed, expand)
        there = versions is not None and (
            package.version is None or any(fits(version, package.version) for version in versions)
        )
        (difference.there if there else difference.missing).append(package)
    return difference


def versions_of(package: Wanted, installed: Installed, expand: Expand | None = None) -> Collection[str] | None:
    """Return the installed versions of a package, or ``None`` if it is not installed."""
    if package.name in installed:
        return installed[package.name]
    names = [name for name in expand(package.name) if name in installed] if expand else []
    return [version for name in names for version in installed[name]] if names else None
