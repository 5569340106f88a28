"""Applications and runtimes of Flatpak."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.host import Host
from ropewalk.api.operation import operation
from ropewalk.facts.flatpak import FlatpakPackages, FlatpakRefs
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure, is_url, wanted
from ropewalk.operations.packaging.difference import Installed

# flatpak(1): [app/|runtime/]name[/architecture[/branch]], either of which may be empty
_REF = re.compile(r"(?:(?:app|runtime)/)?([^/]+)(?:/([^/]*)(?:/([^/]*))?)?")


@operation()
def packages(
    packages: Packages = None, remote: str | None = None, present: bool = True, **_: Unpack[GlobalArguments]
) -> Steps:
    """Install or remove applications and runtimes, for all users.

    :param packages: one or several of a name (``org.videolan.VLC``), a ref (``org.videolan.VLC//stable``), or the
        path or URL of a ``.flatpakref`` file; the latter are given to Flatpak on every run.
    :param remote: the remote that they come from; by default any that has them.
    :param present: ``False`` removes them.
    :raises OperationValueError: a name that nothing can have, or a ``.flatpakref`` file to remove.

    ::

        flatpak.packages(name="Install the player", packages=["org.videolan.VLC"], remote="flathub")
    """
    host = current_host.get()
    if remote is not None:
        checked(remote)
    names = wanted(packages, read=_read)
    if not present and any(_is_file(package) for package in names):
        raise OperationValueError("what a .flatpakref file installed is removed by its name")
    manager = Manager(
        lambda texts: _install(texts, remote),
        lambda texts: sh("flatpak", "uninstall", "--noninteractive", "--", *texts),
        read=_read,
        is_clear=lambda package: not _is_file(package),
    )
    yield from ensure(manager, packages, lambda: _installed(host, names), present=present)


def _install(texts: Sequence[str], remote: str | None) -> list[Shell]:
    """Return a command for what comes from remotes, and one for each file: Flatpak takes them one by one."""
    names = [text for text in texts if not _is_file(Wanted(text, text))]
    files = [text for text in texts if text not in names]
    source = [remote] if remote else []
    command = [sh("flatpak", "install", "--noninteractive", "--", *source, *names)] if names else []
    return [*command, *(sh("flatpak", "install", "--noninteractive", "--or-update", "--from", "--", file)
                        for file in files)]  # fmt: skip


def _installed(host: Host, packages: list[Wanted]) -> Installed:
    """Return what is installed, by name, and the refs asked for that fit something that is installed."""
    found: dict[str, set[str]] = {name: set() for name in host.get_fact(FlatpakPackages)}
    refs = [package.name for package in packages if "/" in package.name and not _is_file(package)]
    if refs:
        have = [ref.split("/") for ref in host.get_fact(FlatpakRefs)]
        found |= {ref: set() for ref in refs if any(_fits(ref, one) for one in have)}
    return found


def _fits(ref: str, have: list[str]) -> bool:
    found = _REF.fullmatch(ref)
    return found is not None and all(
        want in (None, "", there) for want, there in zip(found.groups(), have, strict=True)
    )


def _read(text: str) -> Wanted:
    if not is_url(checked(text)) and not text.endswith(".flatpakref") and not _REF.fullmatch(text):
        raise OperationValueError(f"{text!r} is neither a name nor a ref of Flatpak")
    return Wanted(text, text)


def _is_file(package: Wanted) -> bool:
    return is_url(package.text) or package.text.endswith(".flatpakref")
