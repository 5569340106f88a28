"""apt.packages: what is installed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.host import Host
from ropewalk.api.operation import operation
from ropewalk.facts.apt_state import DebLeftovers, DebOtherNames
from ropewalk.facts.deb import DebPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.apt.command import apt_get, preview
from ropewalk.operations.apt.update import update as apt_update
from ropewalk.operations.apt.upgrade import upgrade as apt_upgrade
from ropewalk.operations.packaging import Manager, Packages, Wanted, ensure, is_url, wanted, when, words

# deb-control(5), Package, with an architecture or without. All else (name/release, files, patterns, tasks^, name-) is
# for apt to read.
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*(?<!-)(:(?!any$|native$)[a-z0-9-]+)?")


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    update: bool = False,
    cache_time: int | None = None,
    upgrade: bool = False,
    force: bool = False,
    no_recommends: bool = False,
    allow_downgrades: bool = False,
    purge: bool = False,
    extra_install_args: str | None = None,
    extra_uninstall_args: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove packages, with one call of ``apt-get`` for all of them.

    :param packages: one or several of ``name``, ``name=version`` (the version may be a pattern, ``2.*``),
        ``name:arch``, ``name/release`` or the path of a package file on the host (starting with ``/`` or ``./``).
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :param update: update the package lists first, see ``apt.update``. Without ``cache_time`` this is a change on
        every run.
    :param cache_time: with ``update``: seconds for which the lists count as fresh.
    :param upgrade: upgrade all installed packages first, see ``apt.upgrade``.
    :param force: allow downgrades, held and essential packages to change, and packages without a signature.
    :param no_recommends: do not install recommended packages.
    :param allow_downgrades: let ``name=version`` be older than what is installed.
    :param purge: when removing, remove configuration files too, also those an earlier removal left.
    :param extra_install_args: more arguments for ``apt-get install``, quoted as on a command line.
    :param extra_uninstall_args: more arguments for ``apt-get remove``.
    :raises OperationValueError: a name that no package can have, or a URL (see ``apt.deb``).

    ::

        apt.packages(
            name="Install nginx",
            packages=["nginx", "openssl=3.0.*"],
            update=True,
            cache_time=3600,
            no_recommends=True,
        )
    """
    host = current_host.get()

    def install(names: Sequence[str]) -> Shell:
        options = [
            *(["--no-install-recommends"] if no_recommends else []),
            *(["--allow-downgrades"] if allow_downgrades else []),
            *words(extra_install_args),
        ]
        return apt_get("install", *options, *names, force=force)

    def uninstall(names: Sequence[str]) -> Shell:
        return apt_get("purge" if purge else "remove", *words(extra_uninstall_args), *names, force=force)

    manager = Manager(
        install, uninstall, separator="=", preview=lambda command: preview(host, command), is_clear=_is_clear
    )
    named = wanted(packages, "=")
    if url := next((package.text for package in named if is_url(package.text)), None):
        raise OperationValueError(f"apt-get installs nothing from a URL: {url}", hint="use `apt.deb`")
    have = partial(_installed, host, named, present, purge)
    before = [*when(update, apt_update._inner(cache_time)), *when(upgrade, apt_upgrade._inner())]
    yield from ensure(manager, packages, have, present=present, latest=latest, before=before)


def _is_clear(package: Wanted) -> bool:
    return _NAME.fullmatch(package.name) is not None and package.name == package.text.partition("=")[0]


def _installed(host: Host, packages: Sequence[Wanted], present: bool, purge: bool) -> Mapping[str, Collection[str]]:
    """Return the installed packages, and when others are asked for what else those answer to."""
    have: Mapping[str, Collection[str]] = host.get_fact(DebPackages)
    if purge and not present:
        have = {**host.get_fact(DebLeftovers), **have}
    if all(package.name in have or not _is_clear(package) for package in packages):
        return have
    # apt removes nothing that is only provided.
    others = {name: versions for name, versions in host.get_fact(DebOtherNames).items() if present or ":" in name}
    return {**others, **have}
