"""The steps that bring packages to where a deploy wants them: one generator for all package managers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ropewalk.api.context import current_host
from ropewalk.model.command import Change, Renderable, Steps
from ropewalk.operations.packaging.difference import Expand, Installed, compare, versions_of
from ropewalk.operations.packaging.names import Packages, Wanted, wanted

Act = Callable[[Sequence[str]], Renderable]


def _always_clear(package: Wanted) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Manager:
    """How one package manager is asked for things.

    :param install: returns the command that installs packages, given as the deploy writes them.
    :param uninstall: returns the command that removes packages.
    :param upgrade: returns the command that upgrades installed packages; ``None``: ``install`` does it too, and
        everything goes into one command.
    :param separator: what stands between a name and a version.
    :param expand: returns the packages a name stands for, see :func:`~ropewalk.operations.packaging.compare`.
    :param preview: returns what a command would change (nothing: an empty list), or ``None`` when that cannot be
        known now. Without it every installed package of an operation with ``latest`` counts as a change.
    :param is_clear: whether the list of installed packages can answer for a package; those for which it cannot
        (patterns, files, releases) are left to ``preview``.
    """

    install: Act
    uninstall: Act
    upgrade: Act | None = None
    separator: str | None = None
    expand: Expand | None = None
    preview: Callable[[Renderable], list[Change] | None] | None = None
    is_clear: Callable[[Wanted], bool] = _always_clear


def ensure(
    manager: Manager,
    packages: Packages,
    installed: Callable[[], Installed],
    *,
    present: bool = True,
    latest: bool = False,
) -> Steps:
    """Yield what makes packages present (or the latest, or absent); nothing when they are.

    :param installed: returns the installed packages and their versions; called only when packages are named.
    """
    packages_wanted = wanted(packages, manager.separator)
    if not packages_wanted:
        current_host.get().noop("no packages are named")
        return
    have = installed()
    if present:
        yield from _present(manager, packages_wanted, have, latest)
    else:
        yield from _absent(manager, packages_wanted, have)


def _present(manager: Manager, packages: list[Wanted], have: Installed, latest: bool) -> Steps:
    found = compare([p for p in packages if manager.is_clear(p)], have, manager.expand)
    missing = [*found.missing, *(p for p in packages if not manager.is_clear(p))]
    older = [package for package in found.there if latest and package.version is None]
    if manager.upgrade is None:
        yield from _act(manager, manager.install, [*missing, *older], have, latest, "installed")
        return
    yield from _act(manager, manager.install, missing, have, latest, "installed")
    if older or not missing:
        yield from _act(manager, manager.upgrade, older, have, latest, "the latest")


def _absent(manager: Manager, packages: list[Wanted], have: Installed) -> Steps:
    found = compare([p for p in packages if manager.is_clear(p)], have, manager.expand)
    there = [*found.there, *(p for p in packages if not manager.is_clear(p))]
    names = [package if not manager.is_clear(package) else Wanted(package.name, package.name) for package in there]
    yield from _act(manager, manager.uninstall, names, have, False, None)


def _act(manager: Manager, act: Act, packages: list[Wanted], have: Installed, latest: bool, after: str | None) -> Steps:
    command = act([package.text for package in packages]) if packages else None
    changes = manager.preview(command) if command is not None and manager.preview else None
    if command is None or changes == []:
        current_host.get().noop("all packages are " + _state(latest, after))
        return
    yield from changes if changes is not None else _guess(packages, have, manager.expand, latest, after)
    yield command


def _guess(
    packages: Iterable[Wanted], have: Installed, expand: Expand | None, latest: bool, after: str | None
) -> Iterable[Change]:
    for package in packages:
        versions = versions_of(package, have, expand)
        before = ", ".join(sorted(versions)) or "installed" if versions is not None else None
        now = after and (package.version or ("the latest" if latest else after))
        yield Change(package.name, before, now)


def _state(latest: bool, after: str | None) -> str:
    if after is None:
        return "absent"
    return "the latest" if latest else "installed"
