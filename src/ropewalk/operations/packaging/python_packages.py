"""Python packages in an environment: what pip and uv share, and pipx and uv's tools in part."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from ropewalk.api.context import current_host
from ropewalk.api.python_requirements import (
    PythonRequirement,
    fits,
    normal_name,
    read_requirement,
    read_requirements_file,
)
from ropewalk.facts.files import FileContents
from ropewalk.model.command import Change, Shell, Steps
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record
from ropewalk.operations.packaging.difference import Installed
from ropewalk.operations.packaging.ensure import Manager, ensure
from ropewalk.operations.packaging.names import Packages, Wanted, wanted

T = TypeVar("T")


@record
class Environment:
    """One environment, and how it is changed.

    :param install: returns the command that installs what some words say.
    :param upgrade: as ``install``, but also upgrades what is there.
    :param uninstall: returns the command that removes what some words say.
    :param installed: returns the installed packages and their versions, by any spelling of their names.
    :param newer: returns those that have a newer version, and that version.
    """

    install: Callable[[Sequence[str]], Shell]
    upgrade: Callable[[Sequence[str]], Shell]
    uninstall: Callable[[Sequence[str]], Shell]
    installed: Callable[[], Installed]
    newer: Callable[[], Mapping[str, str]]


def ensure_python(
    environment: Environment, packages: Packages, requirements: str | None, *, present: bool, latest: bool
) -> Steps:
    """Yield what makes Python packages present (or the latest, or absent).

    :param packages: requirements as in PEP 508, or URLs and paths.
    :param requirements: path on the host of a requirements file.
    """
    if requirements is not None:
        yield from _requirements(environment, requirements, present, latest)
        if not packages:
            return
    manager = Manager(
        environment.install,
        environment.uninstall,
        environment.upgrade,
        read=read_python,
        fits=fits,
        newer=lambda _: normal(environment.newer()),
        is_clear=is_named,
    )
    if not present:
        _check_removable(packages)
    yield from ensure(manager, packages, lambda: normal(environment.installed()), present=present, latest=latest)


def read_python(text: str) -> Wanted:
    """Read one requirement, or a URL or path, whose name may be unknown: then the text stands for it.

    :raises OperationValueError: it is nothing of that.
    """
    if text.startswith("-") or re.search(r"[\x00-\x1f]", text):
        raise OperationValueError(f"{text!r} is not a Python package", hint="give options as extra arguments")
    try:
        found = read_requirement(text)
    except ValueError as error:
        raise OperationValueError(str(error)) from None
    return Wanted(text, found.name or text, found.specifier or None)


def normal(found: Mapping[str, T]) -> dict[str, T]:
    """Return a mapping of packages with their names in normal form."""
    return {normal_name(name): value for name, value in found.items()}


def is_named(package: Wanted) -> bool:
    """Say whether the name of a package is known, not only where it is."""
    return read_requirement(package.text).name is not None


def _requirements(environment: Environment, path: str, present: bool, latest: bool) -> Steps:
    """Yield what a requirements file asks for; where it has more than requirements, that is left to the tool."""
    host = current_host.get()
    lines = host.get_fact(FileContents, path=path)
    listed = read_requirements_file(lines) if lines is not None else None
    words = ("-r", path)
    if listed is None:
        yield (
            environment.uninstall(words)
            if not present
            else (environment.upgrade if latest else environment.install)(words)
        )
        return
    have = normal(environment.installed())
    if present:
        newer = normal(environment.newer()) if latest and listed else {}
        changes = [change for want in listed for change in _missing(want, have, newer)]
        command = (environment.upgrade if latest else environment.install)(words)
    else:
        changes = [Change(str(want.name), ", ".join(sorted(have[str(want.name)])), None)
                   for want in listed if want.name in have]  # fmt: skip
        command = environment.uninstall(words)
    if not changes:
        host.noop(f"all packages in {path} are {'installed' if present else 'absent'}")
        return
    yield from changes
    yield command


def _missing(want: PythonRequirement, have: Installed, newer: Mapping[str, str]) -> Iterator[Change]:
    name = str(want.name)
    versions = have.get(name)
    if versions is None:
        yield Change(name, None, want.specifier or "installed")
    elif not any(fits(version, want.specifier) for version in versions):
        yield Change(name, ", ".join(sorted(versions)), want.specifier)
    elif name in newer and fits(newer[name], want.specifier):
        yield Change(name, ", ".join(sorted(versions)), newer[name])


def _check_removable(packages: Packages) -> None:
    for package in wanted(packages, read=read_python):
        if not is_named(package):
            raise OperationValueError(f"{package.text!r} does not say the name of the package to remove")


def known_options(given: Sequence[str], known: Mapping[str, bool]) -> list[str]:
    """Return those of some options that another command knows too, with their values.

    :param known: options, and whether a value follows.

    >>> known_options(["-c", "limits.txt", "-i", "https://example.org/simple", "--pre"], {"-i": True, "--pre": False})
    ['-i', 'https://example.org/simple', '--pre']
    """
    found: list[str] = []
    takes_value = False
    for word in given:
        option = word.partition("=")[0]
        if takes_value:
            found.append(word)
            takes_value = False
        elif option in known:
            found.append(word)
            takes_value = known[option] and "=" not in word
    return found
