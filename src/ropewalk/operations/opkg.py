"""Packages of OpenWrt, with opkg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.opkg import OpkgPackages, OpkgUpgradeablePackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure, is_url


@operation(is_idempotent=False, idempotent_notice="The lists are read from the servers every time.")
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Update the package lists, which OpenWrt forgets when it restarts.

    ::

        opkg.update(name="Update the package lists")
    """
    yield sh("opkg", "update")


@operation()
def packages(
    packages: Packages = "",
    present: bool = True,
    latest: bool = False,
    update: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove packages.

    :param packages: one or several names; opkg knows no other versions than those in its lists.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed.
    :param update: update the package lists first, if they are needed: to install something, or for ``latest``.
    :raises OperationValueError: a name that no package can have, or a version.

    ::

        opkg.packages(name="Install the monitor", packages=["tcpdump"])
    """
    host = current_host.get()
    manager = Manager(
        lambda names: sh("opkg", "install", *names),
        lambda names: sh("opkg", "remove", *names),
        lambda names: sh("opkg", "upgrade", *names),
        read=_read,
        newer=_newer,
    )
    named = packages or None
    if update and present and latest and named:
        yield sh("opkg", "update")
    first = True
    for step in ensure(manager, named, lambda: host.get_fact(OpkgPackages), present=present, latest=latest):
        if first and update and present and not latest:
            yield sh("opkg", "update")
        first = False
        yield step


def _newer(names: Sequence[str]) -> Mapping[str, str]:
    found = current_host.get().get_fact(OpkgUpgradeablePackages)
    return {name: found[name].available for name in names if name in found}


def _read(text: str) -> Wanted:
    if "=" in checked(text) and not is_url(text):
        raise OperationValueError(f"opkg cannot install a certain version, as {text!r} asks for")
    return Wanted(text, text)
