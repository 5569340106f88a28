"""Packages of pkgsrc, with pkgin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.pkgin import PkginOutdated, PkginPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.operations.packaging import Manager, Packages, ensure, when
from ropewalk.operations.packaging.previews import if_anything


@operation(is_idempotent=False, idempotent_notice="The lists are read from the servers every time.")
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Update the package lists.

    ::

        pkgin.update(name="Update the package lists")
    """
    yield from _update()


@operation()
def upgrade(**_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade the packages that were asked for, and what they need, if any is older than in the package lists.

    ::

        pkgin.update()
        pkgin.upgrade(name="Upgrade everything")
    """
    yield from _upgrade()


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    update: bool = False,
    upgrade: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove packages, with one call of ``pkgin`` for all of them.

    :param packages: one or several names.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed.
    :param update: update the package lists first. This is a change on every run.
    :param upgrade: upgrade all packages first, see ``pkgin.upgrade``.
    :raises OperationValueError: a name that no package can have.

    ::

        pkgin.packages(name="Install the editor", packages=["vim"], latest=True)
    """
    host = current_host.get()
    manager = Manager(
        # pkgin upgrades what it is asked to install; its "upgrade" takes no names.
        lambda names: sh("pkgin", "-y", "install", *names),
        lambda names: sh("pkgin", "-y", "remove", *names),
        newer=_newer,
    )
    yield from ensure(manager, packages, lambda: host.get_fact(PkginPackages), present=present, latest=latest,
                      before=[*when(update, _update()), *when(upgrade, _upgrade())])  # fmt: skip


def _newer(names: Sequence[str]) -> Mapping[str, str]:
    outdated = current_host.get().get_fact(PkginOutdated)
    return {name: "the latest" for name in names if name in outdated}


def _update() -> Steps:
    yield sh("pkgin", "-y", "update")


def _upgrade() -> Steps:
    outdated = current_host.get().get_fact(PkginOutdated)
    changes = [Change(name, ", ".join(sorted(versions)), "the latest") for name, versions in outdated.items()]
    yield from if_anything(changes, sh("pkgin", "-y", "upgrade"), "there is nothing to upgrade")
