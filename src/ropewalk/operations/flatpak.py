"""Applications and runtimes of Flatpak."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.flatpak import FlatpakPackages, FlatpakRefFile, FlatpakRefs
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
        path or URL of a ``.flatpakref`` file, which the host reads at every run.
    :param remote: the remote that they come from; by default any that has them.
    :param present: ``False`` removes them.
    :raises OperationValueError: a name that nothing can have.

    ::

        flatpak.packages(name="Install the player", packages=["org.videolan.VLC"], remote="flathub")
    """
    source = [checked(remote)] if remote is not None else []

    def install(texts: Sequence[str]) -> list[Shell]:
        """Return a command for what comes from remotes, and one for each file: Flatpak takes them one by one."""
        names = [text for text in texts if not _is_file(text)]
        commands = [_flatpak("install", "--", *source, *names)] if names else []
        return [*commands, *(_flatpak("install", "--from", "--", text) for text in texts if _is_file(text))]

    manager = Manager(install, lambda texts: _flatpak("uninstall", "--", *texts), read=_read)
    yield from ensure(manager, packages, lambda: _installed(wanted(packages, read=_read)), present=present)


def _flatpak(action: str, *words: str) -> Shell:
    return sh("flatpak", action, "--noninteractive", *words)


def _installed(packages: list[Wanted]) -> Installed:
    """Return what is installed, by name, and the refs asked for that fit something that is installed."""
    host = current_host.get()
    found: dict[str, set[str]] = {name: set() for name in host.get_fact(FlatpakPackages)}
    refs = [package.name for package in packages if "/" in package.name]
    if refs:
        have = [ref.split("/") for ref in host.get_fact(FlatpakRefs)]
        found |= {ref: set() for ref in refs if any(_fits(ref, one) for one in have)}
    return found


def _fits(ref: str, have: list[str]) -> bool:
    found = _REF.fullmatch(ref)
    parts = found.groups() if found else ()
    return bool(found) and all(want in (None, "", there) for want, there in zip(parts, have, strict=True))


def _read(text: str) -> Wanted:
    if _is_file(checked(text)):
        return Wanted(text, current_host.get().get_fact(FlatpakRefFile, source=text))
    if not _REF.fullmatch(text):
        raise OperationValueError(f"{text!r} is neither a name nor a ref of Flatpak")
    return Wanted(text, text)


def _is_file(text: str) -> bool:
    return is_url(text) or text.endswith(".flatpakref")
