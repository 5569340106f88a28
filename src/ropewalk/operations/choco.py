"""Packages of Chocolatey 2, on Windows.

Commands go to the shell of the host: set ``_shell_executable`` to PowerShell where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.choco import ChocoOutdated, ChocoPackages, ChocoVersion
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Shell, Steps, sh
from ropewalk.operations.packaging import Manager, Packages, ensure

_INSTALL = (
    "Set-ExecutionPolicy Bypass -Scope Process -Force; "
    "[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor 3072; "
    'iex ((New-Object System.Net.WebClient).DownloadString("https://community.chocolatey.org/install.ps1"))'
)


@operation()
def packages(
    packages: Packages = None, present: bool = True, latest: bool = False, **_: Unpack[GlobalArguments]
) -> Steps:
    """Install, upgrade or remove packages.

    :param packages: one or several of ``name`` or ``name:version``.
    :param present: ``False`` removes them, with all packages that only they need.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :raises OperationValueError: a name that no package can have.

    ::

        choco.packages(name="Install the tools", packages=["git", "notepadplusplus:8.6"])
    """
    host = current_host.get()
    manager = Manager(
        _install,
        lambda names: sh("choco", "uninstall", "-y", "-x", *names),
        lambda names: sh("choco", "upgrade", "-y", *names),
        separator=":",
        newer=_newer,
    )
    yield from ensure(manager, packages, lambda: host.get_fact(ChocoPackages), present=present, latest=latest)


@operation()
def install(**_: Unpack[GlobalArguments]) -> Steps:
    """Install Chocolatey itself, with the script its authors offer, unless it is there.

    ::

        choco.install(name="Install Chocolatey", _shell_executable="powershell")
    """
    host = current_host.get()
    version = host.get_fact(ChocoVersion)
    if version:
        host.noop(f"Chocolatey {version} is installed")
        return
    yield sh(Raw(_INSTALL))


def _install(names: Sequence[str]) -> list[Shell]:
    """Return one command for packages of any version, and one more for each that has to have a certain one."""
    plain = [name for name in names if ":" not in name]
    pinned = (name.rpartition(":") for name in names if ":" in name)
    commands = [sh("choco", "install", "-y", *plain)] if plain else []
    return [*commands, *(sh("choco", "install", "-y", name, "--version", version, "--allow-downgrade")
                         for name, _, version in pinned)]  # fmt: skip


def _newer(names: Sequence[str]) -> Mapping[str, str]:
    return current_host.get().get_fact(ChocoOutdated)
