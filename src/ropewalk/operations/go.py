"""Programs of Go, with go install."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.go import GoNewest, GoPackages, GoProgram, GoPrograms
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, sh
from ropewalk.operations.packaging import Manager, Packages, Wanted, ensure, wanted
from ropewalk.operations.packaging.difference import Installed


@operation()
def packages(
    packages: Packages = None, present: bool = True, latest: bool = False, **_: Unpack[GlobalArguments]
) -> Steps:
    """Install, upgrade or remove the programs of packages.

    :param packages: one or several of the path of a package, with or without ``@version``. Without, any version
        will do; ``@latest`` is brought up to date on every run.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :raises OperationValueError: a name that no package can have.

    ::

        go.packages(name="Install the tools", packages=["golang.org/x/tools/cmd/goimports@v0.17.0"])
    """
    read = _read if present else _read_to_remove
    manager = Manager(_install, _remove, _install, read=read, newer=_newer)
    yield from ensure(manager, packages, _installed, present=present, latest=latest)


def _read(text: str) -> Wanted:
    """Read a path and a version; ``latest`` is the newest one of a program that is there."""
    [package] = wanted(text, "@")
    if package.version != "latest" or package.name not in _installed():
        return package
    have = _installed()[package.name]
    return Wanted(text, package.name, _newer([package.name]).get(package.name, next(iter(have))))


def _read_to_remove(text: str) -> Wanted:
    [package] = wanted(text, "@")
    return Wanted(package.name, package.name) if package.version == "latest" else package


def _install(names: Sequence[str]) -> list[Shell]:
    """Return a command for each package: one command can install from one version of one module only."""
    return [sh("go", "install", "--", name if "@" in name else f"{name}@latest") for name in names]


def _remove(names: Sequence[str]) -> Shell:
    return sh("rm", "-f", "--", *(program.file for program in _programs() if program.package in names))


def _installed() -> Installed:
    return current_host.get().get_fact(GoPackages)


def _programs() -> list[GoProgram]:
    found: list[GoProgram] = current_host.get().get_fact(GoPrograms)
    return found


def _newer(names: Sequence[str]) -> Mapping[str, str]:
    """Return the newest versions of what is not of that version; what was built from a directory is left alone."""
    programs = [program for program in _programs() if program.package in names and program.version != "(devel)"]
    if not programs:
        return {}
    newest = current_host.get().get_fact(GoNewest, modules=sorted({program.module for program in programs}))
    return {program.package: newest[program.module] for program in programs
            if newest.get(program.module, program.version) != program.version}  # fmt: skip
