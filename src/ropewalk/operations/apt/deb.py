"""apt.deb: a package that is a file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.host import Host
from ropewalk.api.operation import operation
from ropewalk.facts.apt_state import DebUrl
from ropewalk.facts.deb import DebPackage, DebPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Raw, Shell, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.apt.command import apt_get, preview
from ropewalk.operations.packaging import is_url


@operation()
def deb(src: str, present: bool = True, force: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Install or remove the package in a ``.deb`` file; what it depends on is installed too.

    Whether it is installed is told by the name and version in the file. Those of a URL are read from the first
    bytes of the file, by the host, at every run; nothing is left behind.

    :param src: path on the host, or a URL, which the host downloads with curl or wget.
    :param present: ``False`` removes the package if it is installed in the version of the file.
    :param force: allow held and essential packages to change; see ``apt.packages``.
    :raises OperationError: a package to remove is named by a file that does not exist.

    ::

        apt.deb(name="Install the agent", src="https://example.org/agent_1.2_amd64.deb")
    """
    host = current_host.get()
    package = _package(host, src)
    installed: Collection[str] = host.get_fact(DebPackages).get(package["name"], ()) if package else ()
    if not present:
        if package is None:
            raise OperationError(f"{src} is not a package file on the host, so what it installed is not known",
                                 hint="remove it by name, with `apt.packages`")  # fmt: skip
        if package["version"] not in installed:
            host.noop(f"{package['name']} {package['version']} is not installed")
            return
        command = apt_get("remove", package["name"], force=force)
        yield from preview(host, command) or [Change(package["name"], package["version"], None)]
        yield command
        return
    if package and package["version"] in installed:
        host.noop(f"{package['name']} {package['version']} is installed")
        return
    if package:
        yield Change(package["name"], ", ".join(sorted(installed)) or None, package["version"])
    yield _install(src, force)


def _package(host: Host, src: str) -> dict[str, str] | None:
    """Return the name and version in a package file; ``None`` when there is no such file yet."""
    if is_url(src):
        return host.get_fact(DebUrl, url=src)
    found = host.get_fact(DebPackage, package=_path(src))
    return {"name": found["name"], "version": found["version"]} if found else None


def _install(src: str, force: bool) -> Shell:
    # A file may hold an older version than the one installed; dpkg never minded.
    options = () if force else ("--allow-downgrades",)
    if not is_url(src):
        return apt_get("install", *options, _path(src), force=force)
    # The directory is one that only we can write to, so that nobody can put another package in its place.
    return sh(Raw("d=$(mktemp -d) && trap 'rm -rf \"$d\"' EXIT && chmod 755 \"$d\" && { "
                  "if command -v curl >/dev/null; then"), "curl", "-fsSL", "-o", Raw('"$d/package.deb"'), "--", src,
              Raw("; else"), "wget", "-q", "-O", Raw('"$d/package.deb"'), "--", src, Raw("; fi; } &&"),
              *apt_get("install", *options, force=force).words, Raw('"$d/package.deb"'))  # fmt: skip


def _path(src: str) -> str:
    """Return a path that apt takes for one: it would read a bare word as the name of a package."""
    return src if src.startswith("/") else f"./{src.removeprefix('./')}"
