"""What v3's authors of package operations share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ropewalk.model.command import Renderable, Steps
from ropewalk.model.errors import OperationTypeError
from ropewalk.model.v3command import QuoteString, StringCommand
from ropewalk.operations.packaging.ensure import Manager, ensure

if TYPE_CHECKING:
    from ropewalk.api.host import Host

Command = str | StringCommand


def ensure_packages(
    host: Host,
    packages_to_ensure: str | Sequence[str] | None,
    current_packages: Mapping[str, Any],
    present: bool,
    install_command: Command,
    uninstall_command: Command,
    latest: bool = False,
    upgrade_command: Command | None = None,
    version_join: str | None = None,
    expand_package_fact: Callable[[str], Sequence[Any]] | None = None,
    expand_match_any: bool = False,
) -> Steps:
    """Yield the commands that install or remove packages.

    :param current_packages: installed packages and their versions.
    :param install_command: the packages are added to it, each as one word; the other commands likewise.
    :param upgrade_command: upgrades packages; without it ``latest`` only installs those that are missing.
    :param version_join: what stands between a name and a version, where versions can be asked for.
    :param expand_package_fact: returns the packages that a name stands for.
    :param expand_match_any: one of them is enough, which is how it always is here.
    """
    manager = Manager(
        install=_adding(install_command),
        uninstall=_adding(uninstall_command),
        upgrade=_adding(upgrade_command) if upgrade_command is not None else None,
        separator=version_join,
        expand=(lambda name: _flat(expand_package_fact(name))) if expand_package_fact is not None else None,
    )
    installed = {name: _versions(value) for name, value in current_packages.items()}
    yield from ensure(
        manager, packages_to_ensure, lambda: installed, present=present, latest=latest and upgrade_command is not None
    )


def _adding(command: Command) -> Callable[[Sequence[str]], Renderable]:
    return lambda packages: StringCommand(command, *map(QuoteString, packages))


def _flat(names: Sequence[Any]) -> list[str]:
    return [inner for name in names for inner in ([name] if isinstance(name, str) else name)]


def _versions(value: Any) -> Collection[str]:
    """Return versions, from a collection or from v3's description of a package."""
    versions = getattr(value, "installed_versions", value)
    if isinstance(versions, str) or not isinstance(versions, Collection):
        raise OperationTypeError(f"the versions of an installed package are a set of text, not {value!r}")
    return versions
