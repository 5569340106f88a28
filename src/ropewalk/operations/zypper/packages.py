"""zypper.packages and zypper.update."""

from __future__ import annotations

from functools import partial
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.rpm import RpmPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure, wanted, when, words
from ropewalk.operations.packaging.dnf_like import installed_rpms, is_clear_rpm, rpm_fits
from ropewalk.operations.packaging.previews import if_anything
from ropewalk.operations.zypper.command import zypper, zypper_preview


@operation()
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Update all packages that have a newer version.

    ::

        zypper.update(name="Install security fixes")
    """
    yield from _update()


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    update: bool = False,
    clean: bool = False,
    extra_global_install_args: str | None = None,
    extra_install_args: str | None = None,
    extra_global_uninstall_args: str | None = None,
    extra_uninstall_args: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, update or remove packages, with one call of ``zypper`` for all of them.

    :param packages: one or several of ``name``, ``name=version`` (with or without the release), a file or other
        capability that a package provides, a path or a URL of a file.
    :param present: ``False`` removes them.
    :param latest: also update those that are installed, unless a version is asked for.
    :param update: update all packages first, see ``zypper.update``.
    :param clean: throw away cached package lists first. This is a change on every run.
    :param extra_global_install_args: more arguments that stand before ``install``, quoted as on a command line.
    :param extra_install_args: more arguments for ``install``.
    :param extra_global_uninstall_args: more arguments that stand before ``remove``.
    :param extra_uninstall_args: more arguments for ``remove``.
    :raises OperationValueError: a name that no package can have.

    ::

        zypper.packages(name="Install the web server", packages=["apache2", "php8=8.0.30"])
    """
    have = partial(installed_rpms, wanted(packages, read=_read))
    install_before, install_words = words(extra_global_install_args), words(extra_install_args)
    remove_before, remove_words = words(extra_global_uninstall_args), words(extra_uninstall_args)
    manager = Manager(
        lambda names: zypper("install", *install_words, *names, before=install_before),
        lambda names: zypper("remove", *remove_words, *names, before=remove_before, trust=False),
        lambda names: zypper("update", *names),
        read=_read,
        fits=rpm_fits,
        preview=zypper_preview(have),
        is_clear=is_clear_rpm,
    )
    before = [*when(clean, iter([sh("zypper", "--non-interactive", "clean", "--all")])), *when(update, _update())]
    yield from ensure(manager, packages, have, present=present, latest=latest, before=before)


def _read(text: str) -> Wanted:
    name, _, version = checked(text).partition("=")
    return Wanted(text, text) if "://" in text or not version else Wanted(text, name, version)


def _update() -> Steps:
    command = zypper("update")
    changes = zypper_preview(lambda: current_host.get().get_fact(RpmPackages))(command)
    yield from if_anything(changes, command, "there is nothing to update")
