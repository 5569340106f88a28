"""Packages of Void Linux."""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.xbps import XbpsPackages, XbpsPreview
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure, when
from ropewalk.operations.packaging.difference import Installed
from ropewalk.operations.packaging.previews import if_anything, previewer, replacing

_dry_run = replacing({"-y": ("--dry-run",)})
# xbps-install(1), package expressions: name-version_revision, or a comparison, which only xbps can read.
_EXACT = re.compile(r"(.+)-([^-\s]+_\d+)")


@operation(is_idempotent=False, idempotent_notice="The lists are read from the servers every time.")
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Update the package lists.

    ::

        xbps.update(name="Update the package lists")
    """
    yield from _update()


@operation()
def upgrade(**_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all packages that have a newer version in the package lists.

    ::

        xbps.update()
        xbps.upgrade(name="Upgrade everything")
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
    """Install or remove packages, with one call of xbps for all of them.

    :param packages: one or several of ``name``, ``name-version_revision`` or a comparison (``name>=1.2``).
    :param present: ``False`` removes them.
    :param update: update the package lists first. This is a change on every run.
    :param upgrade: upgrade all packages first, see ``xbps.upgrade``.
    :raises OperationValueError: a name that no package can have.

    ::

        xbps.packages(name="Install the editor", packages=["vim"])
    """
    manager = Manager(
        lambda names: sh("xbps-install", "-y", "--", *names),
        lambda names: sh("xbps-remove", "-y", "--", *names),
        read=_read,
        preview=previewer(XbpsPreview, _dry_run, _installed),
        is_clear=lambda package: not set("<>") & set(package.text),
    )
    yield from ensure(manager, packages, _installed, present=present,
                      before=[*when(update, _update()), *when(upgrade, _upgrade())])  # fmt: skip


def _update() -> Steps:
    yield sh("xbps-install", "-S")


def _upgrade() -> Steps:
    command = sh("xbps-install", "-y", "-u")
    changes = previewer(XbpsPreview, _dry_run, _installed)(command)
    yield from if_anything(changes, command, "there is nothing to upgrade")


def _installed() -> Installed:
    return current_host.get().get_fact(XbpsPackages)


def _read(text: str) -> Wanted:
    found = _EXACT.fullmatch(checked(text))
    return Wanted(text, found[1], found[2]) if found else Wanted(text, text)
