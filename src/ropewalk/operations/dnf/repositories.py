"""dnf.key, dnf.repo and dnf.rpm: where packages come from."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging.rpm_files import rpm_file
from ropewalk.operations.packaging.rpm_keys import rpm_key
from ropewalk.operations.packaging.rpm_repositories import rpm_repository


@operation()
def key(src: str, **_: Unpack[GlobalArguments]) -> Steps:
    """Make rpm trust the keys in a file.

    :param src: path on the host, or a URL, which the host reads with curl or wget.
    :raises FactProcessError: what was read is no OpenPGP key.

    ::

        dnf.key(name="Trust the Example repository", src="https://example.org/RPM-GPG-KEY")
    """
    yield from rpm_key(src)


@operation()
def repo(
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
        downloads unless there is a file of that name. All else is for repositories given by id.
    :param present: ``False`` removes the file.
    :param baseurl: where the repository is.
    :param description: its name for people; by default its id.
    :param enabled: whether it is used.
    :param gpgcheck: whether packages must be signed.
    :param gpgkey: URLs or absolute paths of the keys they are signed with, with spaces between them.
    :raises OperationValueError: the id or a value does not fit into the file, or ``baseurl`` is missing.
    :raises OperationError: something else than a file is where the file should be.

    ::

        dnf.repo(
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


@operation()
def rpm(src: str, present: bool = True, **_: Unpack[GlobalArguments]) -> Steps:
    """Install or remove the package in a ``.rpm`` file; what it depends on is installed along.

    :param src: path on the host, or a URL, whose name and version the host reads at every run.
    :param present: ``False`` removes the package if it is installed in the version of the file.
    :raises OperationError: a package to remove is named by a file that does not exist.

    ::

        dnf.rpm(name="Install the agent", src="https://example.org/agent-1.2-1.noarch.rpm")
    """
    yield from rpm_file(
        src, present, lambda source: sh("dnf", "install", "-y", source), lambda name: sh("dnf", "remove", "-y", name)
    )
