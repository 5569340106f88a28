"""Package files of rpm, for every package manager that can install them."""

from __future__ import annotations

from collections.abc import Callable

from ropewalk.api.context import current_host
from ropewalk.facts.rpm import RpmPackage, RpmPackages
from ropewalk.model.command import Change, Renderable, Steps
from ropewalk.model.errors import OperationError
from ropewalk.operations.packaging.names import is_url


def rpm_file(
    src: str, present: bool, install: Callable[[str], Renderable], remove: Callable[[str], Renderable]
) -> Steps:
    """Yield what installs the package in a file, or removes it.

    :param src: path on the host, or a URL; the host reads name and version from it.
    :param install: returns the command that installs a file, given as a path or URL.
    :param remove: returns the command that removes a package, given by its name.
    :raises OperationError: a package to remove is named by a file that does not exist.
    """
    host = current_host.get()
    source = src if is_url(src) or src.startswith("/") else f"./{src.removeprefix('./')}"
    package = host.get_fact(RpmPackage, package=source)
    if package is None:
        if not present:
            raise OperationError(f"{src} is not a package file on the host, so what it installed is not known",
                                 hint="remove it by name, with `packages`")  # fmt: skip
        yield install(source)  # the file may come with an earlier operation
        return
    name, version = package["name"], package["version"]
    versions = host.get_fact(RpmPackages).get(name, set())
    if present == (version in versions):
        host.noop(f"{name} {version} is {'' if present else 'not '}installed")
        return
    yield Change(name, ", ".join(sorted(versions)) or None, version if present else None)
    yield install(source) if present else remove(name)
