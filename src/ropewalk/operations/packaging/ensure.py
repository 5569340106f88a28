"""The steps that bring packages to where a deploy wants them: one generator for all package managers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from ropewalk.api.context import current_host
from ropewalk.model.command import Change, Renderable, Steps
from ropewalk.model.record import record
from ropewalk.operations.packaging.difference import Expand, Fits, Installed, compare, versions_of
from ropewalk.operations.packaging.names import Packages, Read, Wanted, wanted

Act = Callable[[Sequence[str]], "Renderable | Sequence[Renderable]"]


def _always_clear(package: Wanted) -> bool:
    return True


def when(wished: bool, steps: Steps) -> list[Steps]:
    """Return some steps for ``before`` of :func:`ensure`, if they are wished for."""
    return [steps] if wished else []


@record
class Manager:
    """How one package manager is asked for things.

    :param install: returns the command that installs packages, given as the deploy writes them; or several, where
        one cannot do it.
    :param uninstall: returns the command that removes packages.
    :param upgrade: returns the command that upgrades installed packages; ``None``: ``install`` does it too, and
        everything goes into one command.
    :param separator: what stands between a name and a version.
    :param read: reads what a deploy writes, where it is more than a name, a separator and a version.
    :param fits: says whether an installed version is the wanted one, see :func:`compare`.
    :param expand: returns the packages a name stands for, see :func:`~ropewalk.operations.packaging.compare`.
    :param preview: returns what a command would change (nothing: an empty list), or ``None`` when that cannot be
        known now.
    :param newer: returns those of some installed packages that have a newer version, and that version; ``None`` when
        that cannot be known now. With neither this nor ``preview`` every installed package of an operation with
        ``latest`` counts as a change.
    :param is_clear: whether the list of installed packages can answer for a package; those for which it cannot
        (patterns, files, releases) are left to ``preview``.
    """

    install: Act
    uninstall: Act
    upgrade: Act | None = None
    separator: str | None = None
    read: Read | None = None
    fits: Fits = fnmatchcase
    expand: Expand | None = None
    preview: Callable[[Renderable], list[Change] | None] | None = None
    newer: Callable[[Sequence[str]], Mapping[str, str] | None] | None = None
    is_clear: Callable[[Wanted], bool] = _always_clear


def ensure(
    manager: Manager,
    packages: Packages,
    installed: Callable[[], Installed],
    *,
    present: bool = True,
    latest: bool = False,
    before: Sequence[Steps] = (),
) -> Steps:
    """Yield what makes packages present (or the latest, or absent); nothing when they are.

    :param installed: returns the installed packages and their versions; called only when packages are named.
    :param before: what comes first, such as an update of the package lists; but names that cannot be are refused before
        anything is done. With it, no packages need be named.
    """
    packages_wanted = wanted(packages, manager.separator, manager.read)
    for steps in before:
        yield from steps
    if not packages_wanted:
        if not before:
            current_host.get().noop("no packages are named")
        return
    have = installed()
    if present:
        yield from _present(manager, packages_wanted, have, latest)
    else:
        yield from _absent(manager, packages_wanted, have)


def _present(manager: Manager, packages: list[Wanted], have: Installed, latest: bool) -> Steps:
    found = compare([p for p in packages if manager.is_clear(p)], have, manager.expand, manager.fits)
    missing = [*found.missing, *(p for p in packages if not manager.is_clear(p))]
    older = [package for package in found.there if latest and package.version is None]
    newer = manager.newer([package.name for package in older]) if manager.newer and older else None
    if newer is not None:
        older = [package for package in older if package.name in newer]
    after = {**dict.fromkeys((p.name for p in [*missing, *older]), "the latest" if latest else "installed"),
             **(newer or {})}  # fmt: skip
    if manager.upgrade is None:
        yield from _act(manager, manager.install, [*missing, *older], have, after, latest)
        return
    yield from _act(manager, manager.install, missing, have, after, latest)
    if older or not missing:
        yield from _act(manager, manager.upgrade, older, have, after, latest)


def _absent(manager: Manager, packages: list[Wanted], have: Installed) -> Steps:
    found = compare([p for p in packages if manager.is_clear(p)], have, manager.expand, manager.fits)
    there = [*found.there, *(p for p in packages if not manager.is_clear(p))]
    names = [package if not manager.is_clear(package) else Wanted(package.name, package.name) for package in there]
    yield from _act(manager, manager.uninstall, names, have, None, False)


def _act(
    manager: Manager, act: Act, packages: list[Wanted], have: Installed, after: Mapping[str, str] | None, latest: bool
) -> Steps:
    """Yield commands and what they change.

    :param after: what the packages will be; ``None`` if they will be gone.
    """
    commands = _commands(act, packages)
    changes = manager.preview(commands[0]) if commands and manager.preview else None
    if not commands or changes == []:
        current_host.get().noop("all packages are " + _state(latest, after))
        return
    yield from changes if changes is not None else _guess(packages, have, manager.expand, after)
    yield from commands


def _commands(act: Act, packages: list[Wanted]) -> Sequence[Renderable]:
    commands = act([package.text for package in packages]) if packages else []
    return [commands] if isinstance(commands, Renderable) else commands


def _guess(
    packages: Iterable[Wanted], have: Installed, expand: Expand | None, after: Mapping[str, str] | None
) -> Iterable[Change]:
    for package in packages:
        versions = versions_of(package, have, expand)
        before = ", ".join(sorted(versions)) or "installed" if versions is not None else None
        now = None if after is None else package.version or after[package.name]
        yield Change(package.name, before, now)


def _state(latest: bool, after: Mapping[str, str] | None) -> str:
    if after is None:
        return "absent"
    return "the latest" if latest else "installed"
