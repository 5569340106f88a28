"""Packages of Ruby, with gem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.gem import GemOutdated, GemPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging import Manager, Packages, ensure


@operation()
def packages(
    packages: Packages = None, present: bool = True, latest: bool = False, **_: Unpack[GlobalArguments]
) -> Steps:
    """Install, upgrade or remove gems, with one call of ``gem`` for all of them.

    Versions of a gem are installed beside each other; one that fits is enough.

    :param packages: one or several of ``name`` or ``name:version``. Gems with anything but an exact version, such as
        ``name:~>1.2``, are given to gem on every run.
    :param present: ``False`` removes all their versions and programs. A gem that another one needs stays, and that
        is an error.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :raises OperationValueError: a name that no gem can have.

    ::

        gem.packages(name="Install the web server", packages=["puma:6.4.0"])
    """
    host = current_host.get()
    manager = Manager(
        lambda names: sh("gem", "install", *names),
        lambda names: sh("gem", "uninstall", "--all", "--executables", *names),
        lambda names: sh("gem", "update", *names),
        separator=":",
        newer=_newer,
    )
    yield from ensure(manager, packages, lambda: host.get_fact(GemPackages), present=present, latest=latest)


def _newer(names: Sequence[str]) -> Mapping[str, str]:
    return current_host.get().get_fact(GemOutdated)
