"""Packages of Arch Linux."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.pacman import PacmanGroups, PacmanPackages, PacmanPreview
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure, when
from ropewalk.operations.packaging.difference import Installed
from ropewalk.operations.packaging.previews import if_anything, previewer, replacing

_print = replacing({"--noconfirm": ("--noconfirm", "--print", "--print-format", "%n %v")})


@operation(is_idempotent=False, idempotent_notice="The lists are read from the servers every time.")
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Update the package lists. Arch supports only systems that are upgraded as a whole after that.

    ::

        pacman.update(name="Update the package lists")
    """
    yield from _update()


@operation()
def upgrade(**_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all packages that have a newer version in the package lists.

    ::

        pacman.update()
        pacman.upgrade(name="Upgrade everything")
    """
    yield from _upgrade()


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    update: bool = False,
    upgrade: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install or remove packages, with one call of ``pacman`` for all of them.

    :param packages: one or several of ``name``, ``name=version``, ``repository/name``, a group or something that a
        package provides. A group is there when all of its packages are.
    :param present: ``False`` removes them; of a group, those that are installed.
    :param update: update the package lists first. This is a change on every run.
    :param upgrade: upgrade all packages first, see ``pacman.upgrade``.
    :raises OperationValueError: a name that no package can have.

    ::

        pacman.packages(name="Install the editor", packages=["vim"])
    """
    manager = Manager(
        lambda names: sh("pacman", "--noconfirm", "-S", "--needed", "--", *names),
        lambda names: sh("pacman", "--noconfirm", "-R", "--", *names),
        separator="=",
        read=None if present else _read_to_remove,
        fits=_fits,
        expand=None if present else lambda name: _groups().get(name, ()),
        preview=previewer(PacmanPreview, _print, _installed) if present else None,
    )
    yield from ensure(manager, packages, _installed, present=present,
                      before=[*when(update, _update()), *when(upgrade, _upgrade())])  # fmt: skip


def _update() -> Steps:
    yield sh("pacman", "-Sy")


def _upgrade() -> Steps:
    command = sh("pacman", "--noconfirm", "-Su")
    changes = previewer(PacmanPreview, _print, _installed)(command)
    yield from if_anything(changes, command, "there is nothing to upgrade")


def _installed() -> Installed:
    return current_host.get().get_fact(PacmanPackages)


def _read_to_remove(text: str) -> Wanted:
    """Read a name and a version, behind the repository that it came from, which pacman does not remember."""
    name, _, version = checked(text).rpartition("/")[2].partition("=")
    return Wanted(checked(name), name, version or None)


def _fits(installed: str, version: str) -> bool:
    """Say whether a version with its release is the one asked for, which may leave out the release."""
    return fnmatchcase(installed, version) or fnmatchcase(installed.rpartition("-")[0], version)


def _groups() -> dict[str, list[str]]:
    return current_host.get().get_fact(PacmanGroups)
