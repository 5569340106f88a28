"""Programs of Rust, with cargo install."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.cargo import CargoNewest, CargoPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging import Manager, Packages, ensure
from ropewalk.operations.packaging.difference import Installed


@operation()
def packages(
    packages: Packages = None, present: bool = True, latest: bool = False, **_: Unpack[GlobalArguments]
) -> Steps:
    """Install, upgrade or remove the programs of packages, with one call of ``cargo`` for all of them.

    :param packages: one or several of ``name`` or ``name@version``.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :raises OperationValueError: a name that no package can have.

    ::

        cargo.packages(name="Install the search tool", packages=["ripgrep@14.1.0"])
    """
    manager = Manager(
        lambda names: sh("cargo", "install", "--", *names),
        lambda names: sh("cargo", "uninstall", "--", *names),
        lambda names: sh("cargo", "install", "--", *names),
        separator="@",
        newer=_newer,
    )
    yield from ensure(manager, packages, _installed, present=present, latest=latest)


def _installed() -> Installed:
    return current_host.get().get_fact(CargoPackages)


def _newer(names: Sequence[str]) -> Mapping[str, str]:
    have = _installed()
    newest = current_host.get().get_fact(CargoNewest, packages=list(names))
    return {name: newest[name] for name in names if newest.get(name, "") not in ("", *have[name])}
