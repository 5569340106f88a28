"""What dnf and yum are asked for: the same operations, in a program's own name. See :func:`of_program`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Unpack

from ropewalk.api.operation import Operation, operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging.dnf_like import rpm_packages, upgrade_all
from ropewalk.operations.packaging.names import Packages
from ropewalk.operations.packaging.rpm_files import rpm_file
from ropewalk.operations.packaging.rpm_keys import rpm_key
from ropewalk.operations.packaging.rpm_repositories import rpm_repository

P = ParamSpec("P")


def of_program(program: str, template: Callable[Concatenate[str, P], Steps]) -> Operation[P]:
    """Make the operation of one program from what is the same for several.

    :param template: takes the program, then what the operation takes; its docstring says ``{program}`` for the name.
    """

    @functools.wraps(template)
    def function(*args: Any, **kwargs: Any) -> Steps:
        yield from template(program, *args, **kwargs)

    signature = inspect.signature(template)
    function.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
    function.__module__ = f"ropewalk.operations.{program}"
    function.__doc__ = (template.__doc__ or "").replace("{program}", program)
    made: Operation[P] = operation()(function)
    return made


def update(program: str, **_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all packages that have a newer version.

    ::

        {program}.update(name="Install security fixes")
    """
    yield from upgrade_all(program)


def packages(
    program: str,
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    update: bool = False,
    clean: bool = False,
    nobest: bool = False,
    extra_install_args: str | None = None,
    extra_uninstall_args: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove packages, with one call of ``{program}`` for all of them.

    :param packages: one or several of ``name``, ``name=version`` (with or without the release, or a pattern),
        ``name>=version``, ``name.arch``, a file or other capability that a package provides, ``@group``, a path or a
        URL of a file.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :param update: upgrade all packages first, see ``{program}.update``.
    :param clean: throw away cached package lists first. This is a change on every run.
    :param nobest: do not insist on the newest version where dependencies forbid it. Only dnf takes this, also where it
        goes by the name of yum.
    :param extra_install_args: more arguments for ``{program} install``, quoted as on a command line.
    :param extra_uninstall_args: more arguments for ``{program} remove``.
    :raises OperationValueError: a name that no package can have.

    ::

        {program}.packages(name="Install the web server", packages=["httpd", "php=8.1.*"], latest=True)
    """
    yield from rpm_packages(
        program,
        packages,
        present=present,
        latest=latest,
        update=update,
        clean=clean,
        nobest=nobest,
        extra_install_args=extra_install_args,
        extra_uninstall_args=extra_uninstall_args,
    )


def key(program: str, src: str, **_: Unpack[GlobalArguments]) -> Steps:
    """Make rpm trust the keys in a file.

    :param src: path on the host, or a URL, which the host reads with curl or wget.
    :raises FactProcessError: what was read is no OpenPGP key.

    ::

        {program}.key(name="Trust the Example repository", src="https://example.org/RPM-GPG-KEY")
    """
    yield from rpm_key(src)


def repo(
    program: str,
    src: str,
    present: bool = True,
    baseurl: str | None = None,
    description: str | None = None,
    enabled: bool = True,
    gpgcheck: bool = True,
    gpgkey: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add or remove a repository, as a file in ``/etc/yum.repos.d``.

    :param src: the id of the repository, which names the file too; or the URL of a ``.repo`` file, which the host
        downloads unless there is a file of that name. The other arguments are for repositories given by id.
    :param present: ``False`` removes the file.
    :param baseurl: where the repository is.
    :param description: its name for people; by default its id.
    :param enabled: whether it is used.
    :param gpgcheck: whether packages must be signed.
    :param gpgkey: URLs or absolute paths of the keys they are signed with, with spaces between them.
    :raises OperationValueError: the id or a value does not fit into the file, or ``baseurl`` is missing.
    :raises OperationError: something else than a file is where the file should be.

    ::

        {program}.repo(
            name="Add the Example repository",
            src="example",
            baseurl="https://example.org/el$releasever/$basearch",
            gpgkey="https://example.org/RPM-GPG-KEY",
        )
    """
    yield from rpm_repository(
        src,
        present,
        directory="/etc/yum.repos.d",
        baseurl=baseurl,
        description=description,
        enabled=enabled,
        gpgcheck=gpgcheck,
        gpgkey=gpgkey,
    )


def rpm(program: str, src: str, present: bool = True, **_: Unpack[GlobalArguments]) -> Steps:
    """Install or remove the package in a ``.rpm`` file; what it depends on is installed too.

    :param src: path on the host, or a URL, whose name and version the host reads at every run.
    :param present: ``False`` removes the package if it is installed in the version of the file.
    :raises OperationError: a package to remove is named by a file that does not exist.

    ::

        {program}.rpm(name="Install the agent", src="https://example.org/agent-1.2-1.noarch.rpm")
    """
    yield from rpm_file(
        src,
        present,
        lambda source: sh(program, "install", "-y", source),
        lambda name: sh(program, "remove", "-y", name),
    )
