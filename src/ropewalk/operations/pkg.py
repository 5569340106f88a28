"""Packages of the BSDs: with pkg on FreeBSD, with pkg_add on OpenBSD and NetBSD."""

from __future__ import annotations

import re
from functools import partial
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.host import Host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.facts.pkg import PkgOrigins, PkgPackages
from ropewalk.facts.server import Arch, Os, OsVersion, Which
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, joined, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure, wanted
from ropewalk.operations.packaging.difference import Installed

# packages-specs(7): stem, version, flavors; as one asks for them also stem--flavor and stem%branch.
_WITH_VERSION = re.compile(r"(\S+?)-(\d[^-\s]*)(-\S+)?")


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    pkg_path: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install or remove packages, with one call of the package manager for all of them.

    :param packages: one or several names: as ``pkg install`` takes them (``vim``, ``editors/vim``), or
        ``pkg_add`` (``vim--no_x11``, ``python%3.11``, ``vim-9.0.1``).
    :param present: ``False`` removes them.
    :param pkg_path: for ``pkg_add``, where packages come from. By default what the host is configured to use; where
        nothing is (no ``/etc/installurl``), the project's own server.
    :raises OperationValueError: a name that no package can have, or ``pkg_path`` on FreeBSD.

    ::

        pkg.packages(name="Install the editor", packages=["vim"])
    """
    host = current_host.get()
    if host.get_fact(Which, command="pkg"):
        if pkg_path:
            raise OperationValueError("pkg takes no `pkg_path`", hint="configure a repository for it, see pkg.conf(5)")
        manager = Manager(
            lambda names: sh("pkg", "install", "-y", *names), lambda names: sh("pkg", "delete", "-y", *names)
        )
    else:
        place = (pkg_path or _default_path(host)) if present else None
        manager = Manager(
            lambda names: _pkg_add(place, *names),
            lambda names: sh("pkg_delete", *names),
            read=_read_spec if host.get_fact(Os) == "OpenBSD" else None,
        )
    have = partial(_installed, host, wanted(packages, read=manager.read))
    yield from ensure(manager, packages, have, present=present)


def _installed(host: Host, packages: list[Wanted]) -> Installed:
    found = dict(host.get_fact(PkgPackages))
    return found | host.get_fact(PkgOrigins) if any("/" in package.name for package in packages) else found


def _pkg_add(place: str | None, *names: str) -> Shell:
    return sh("env", joined("PKG_PATH=", place), "pkg_add", *names) if place else sh("pkg_add", *names)


def _default_path(host: Host) -> str | None:
    system = host.get_fact(Os)
    if system not in ("OpenBSD", "NetBSD") or host.get_fact(File, path="/etc/installurl"):
        return None
    version, machine = host.get_fact(OsVersion), host.get_fact(Arch)
    if system == "OpenBSD":
        return f"https://cdn.openbsd.org/pub/OpenBSD/{version}/packages/{machine}/"
    return f"https://cdn.netbsd.org/pub/pkgsrc/packages/NetBSD/{machine}/{version}/All"


def _read_spec(text: str) -> Wanted:
    if found := _WITH_VERSION.fullmatch(checked(text)):
        return Wanted(text, found[1], found[2])
    return Wanted(text, text.partition("--")[0].partition("%")[0])
