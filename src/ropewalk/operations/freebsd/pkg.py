"""Packages of FreeBSD: pkg(8)."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.freebsd import PkgPackage, in_jail
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.operations.names import check_word


@operation(is_idempotent=False, idempotent_notice="The catalogues are asked for every time.")
def update(
    jail: str | None = None, force: bool = False, reponame: str | None = None, **_: Unpack[GlobalArguments]
) -> Steps:
    """Fetch the catalogues of the repositories.

    :param jail: number or name of the jail to do it in.
    :param force: fetch them even if they seem to be the same.
    :param reponame: of this repository alone.

    ::

        pkg.update(name="Fetch the catalogues")
    """
    yield _pkg(jail, "update", *(["-f"] if force else []), *_repository(reponame))


@operation(is_idempotent=False, idempotent_notice="pkg looks for newer packages every time.")
def upgrade(
    jail: str | None = None, force: bool = False, reponame: str | None = None, **_: Unpack[GlobalArguments]
) -> Steps:
    """Upgrade all packages.

    :param jail: number or name of the jail to do it in.
    :param force: install again also what is not newer.
    :param reponame: from this repository alone.

    ::

        pkg.upgrade(name="Upgrade the packages")
    """
    yield _pkg(jail, "upgrade", "-y", *(["-f"] if force else []), *_repository(reponame))


@operation()
def install(
    package: str, jail: str | None = None, reponame: str | None = None, **_: Unpack[GlobalArguments]
) -> Steps:  # fmt: skip
    """Install a package.

    :param package: its name or origin.
    :param jail: number or name of the jail to install it in.
    :param reponame: take it from this repository.
    :raises OperationValueError: a name that nothing can have.

    ::

        pkg.install(name="Install nginx", package="nginx")
    """
    check_word("a package", package)
    if have := current_host.get().get_fact(PkgPackage, package=package, jail=jail):
        current_host.get().noop(f"{have} is installed")
        return
    yield Change(package, None, "installed")
    yield _pkg(jail, "install", "-y", *_repository(reponame), "--", package)


@operation()
def remove(package: str, jail: str | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Remove a package.

    :param package: its name or origin.
    :param jail: number or name of the jail to remove it from.
    :raises OperationValueError: a name that nothing can have.

    ::

        pkg.remove(name="Remove nginx", package="nginx")
    """
    check_word("a package", package)
    have = current_host.get().get_fact(PkgPackage, package=package, jail=jail)
    if not have:
        current_host.get().noop(f"{package} is not installed")
        return
    yield Change(package, have, None)
    yield _pkg(jail, "remove", "-y", "--", package)


@operation(is_idempotent=False, idempotent_notice="pkg looks for what nothing needs every time.")
def autoremove(jail: str | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Remove packages that were installed for others and that nothing needs any more.

    :param jail: number or name of the jail to do it in.

    ::

        pkg.autoremove(name="Remove what nothing needs")
    """
    yield _pkg(jail, "autoremove", "-y")


@operation(is_idempotent=False, idempotent_notice="pkg looks through what it has downloaded every time.")
def clean(all_pkg: bool = False, jail: str | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Delete downloaded packages that are out of date.

    :param all_pkg: delete all of them.
    :param jail: number or name of the jail to do it in.

    ::

        pkg.clean(name="Make room", all_pkg=True)
    """
    yield _pkg(jail, "clean", "-y", *(["-a"] if all_pkg else []))


def _pkg(jail: str | None, verb: str, *options: str) -> Shell:
    return sh("pkg", *in_jail(jail), verb, *options)


def _repository(name: str | None) -> list[str]:
    return [] if name is None else ["-r", name]
