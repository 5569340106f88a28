"""yum.packages and yum.update."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.packaging import Packages
from ropewalk.operations.packaging.dnf_like import rpm_packages, upgrade_all


@operation()
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all packages that have a newer version.

    ::

        yum.update(name="Install security fixes")
    """
    yield from upgrade_all("yum")


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    update: bool = False,
    clean: bool = False,
    nobest: bool = False,
    extra_install_args: str | None = None,
    extra_uninstall_args: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove packages, with one call of ``yum`` for all of them.

    :param packages: one or several of ``name``, ``name=version`` (with or without the release, or a pattern),
        ``name.arch``, a file or other capability that a package provides, ``@group``, a path or a URL of a file.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed without a version being asked for.
    :param update: upgrade all packages first, see ``yum.update``.
    :param clean: throw away cached package lists first. This is a change on every run.
    :param nobest: do not insist on the newest version where dependencies forbid it; for yum that is dnf by another
        name (older ones refuse the option).
    :param extra_install_args: more arguments for ``yum install``, quoted as on a command line.
    :param extra_uninstall_args: more arguments for ``yum remove``.
    :raises OperationValueError: a name that no package can have.

    ::

        yum.packages(name="Install the web server", packages=["httpd", "php=8.1.*"], latest=True)
    """
    yield from rpm_packages(
        "yum",
        packages,
        present=present,
        latest=latest,
        update=update,
        clean=clean,
        nobest=nobest,
        extra_install_args=extra_install_args,
        extra_uninstall_args=extra_uninstall_args,
    )
