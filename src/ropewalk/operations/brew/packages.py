"""brew.packages, brew.casks and the upgrade of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.brew import BrewCasks, BrewOutdated, BrewPackages, BrewVersion
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure, when
from ropewalk.operations.packaging.previews import if_anything


@operation(is_idempotent=False, idempotent_notice="The lists are read from the servers every time.")
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Update Homebrew itself and what it knows of packages.

    ::

        brew.update(name="Update Homebrew")
    """
    yield from _update()


@operation()
def upgrade(**_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all formulae and casks that have a newer version, but for those that are pinned.

    ::

        brew.upgrade(name="Upgrade everything")
    """
    yield from _upgrade_all()


@operation()
def cask_upgrade(**_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all casks that have a newer version.

    ::

        brew.cask_upgrade(name="Upgrade the applications")
    """
    yield from _upgrade_casks()


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    update: bool = False,
    upgrade: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove formulae.

    :param packages: one or several of ``name``, ``name@version`` (a formula of that name) or ``user/tap/name``.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed.
    :param update: update Homebrew first, see ``brew.update``. This is a change on every run.
    :param upgrade: upgrade everything first, see ``brew.upgrade``.
    :raises OperationValueError: a name that no formula can have.

    ::

        brew.packages(name="Install the tools", packages=["jq", "python@3.12"], latest=True)
    """
    host = current_host.get()
    manager = Manager(
        lambda names: sh("brew", "install", *names),
        lambda names: sh("brew", "uninstall", *names),
        lambda names: sh("brew", "upgrade", *names),
        read=_read,
        newer=lambda _: _outdated("formulae"),
    )
    yield from ensure(manager, packages, lambda: host.get_fact(BrewPackages), present=present, latest=latest,
                      before=[*when(update, _update()), *when(upgrade, _upgrade_all())])  # fmt: skip


@operation()
def casks(
    casks: Packages = None,
    present: bool = True,
    latest: bool = False,
    upgrade: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove casks.

    :param casks: one or several of ``name`` or ``user/tap/name``.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed.
    :param upgrade: upgrade all casks first, see ``brew.cask_upgrade``.
    :raises OperationValueError: a name that no cask can have.

    ::

        brew.casks(name="Install the browser", casks=["firefox"])
    """
    host = current_host.get()
    manager = Manager(
        lambda names: _cask("install", *names),
        lambda names: _cask("uninstall", *names),
        lambda names: _cask("upgrade", *names),
        read=_read,
        newer=lambda _: _outdated("casks"),
    )
    yield from ensure(manager, casks, lambda: host.get_fact(BrewCasks), present=present, latest=latest,
                      before=when(upgrade, _upgrade_casks()))  # fmt: skip


def _cask(action: str, *names: str) -> Shell:
    """Return a command for casks: `brew ACTION --cask`, or `brew cask ACTION` before Homebrew 2.6."""
    version: Sequence[int] = current_host.get().get_fact(BrewVersion)
    if [0, 0, 0] < list(version) < [2, 6, 0]:
        return sh("brew", "cask", action, *names)
    return sh("brew", action, "--cask", *names)


def _outdated(kind: str) -> Mapping[str, str] | None:
    found = current_host.get().get_fact(BrewOutdated)
    return None if found is None else found[kind]


def _update() -> Steps:
    yield sh("brew", "update")


def _upgrade_all() -> Steps:
    yield from _upgrade(sh("brew", "upgrade"), ("formulae", "casks"))


def _upgrade_casks() -> Steps:
    yield from _upgrade(_cask("upgrade"), ("casks",))


def _upgrade(command: Shell, kinds: Sequence[str]) -> Steps:
    found = [_outdated(kind) for kind in kinds]
    known = None if None in found else [Change(*item) for item in _changes(found)]
    yield from if_anything(known, command, "there is nothing to upgrade")


def _changes(found: Sequence[Mapping[str, str] | None]) -> list[tuple[str, str | None, str]]:
    return [(name, "older", version) for newer in found for name, version in (newer or {}).items()]


def _read(text: str) -> Wanted:
    return Wanted(checked(text), text.rpartition("/")[2])
