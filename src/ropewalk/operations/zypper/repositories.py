"""zypper.repo and zypper.rpm: where packages come from."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.packaging.rpm_files import rpm_file
from ropewalk.operations.packaging.rpm_repositories import rpm_repository
from ropewalk.operations.zypper.command import zypper


@operation()
def repo(
    src: str,
    baseurl: str | None = None,
    present: bool = True,
    description: str | None = None,
    enabled: bool = True,
    gpgcheck: bool = True,
    gpgkey: str | None = None,
    type: str | None = "rpm-md",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add or remove a repository, as a file in ``/etc/zypp/repos.d``.

    :param src: the id of the repository, which names the file too; or the URL of a ``.repo`` file, which the host
        downloads unless there is a file of that name. The other arguments are for repositories given by id.
    :param baseurl: where the repository is.
    :param present: ``False`` removes the file.
    :param description: its name for people; by default its id.
    :param enabled: whether it is used.
    :param gpgcheck: whether packages must be signed.
    :param gpgkey: URLs or absolute paths of the keys they are signed with, with spaces between them.
    :param type: ``rpm-md``, ``yast2`` or ``plaindir``.
    :raises OperationValueError: the id or a value does not fit into the file, or ``baseurl`` is missing.
    :raises OperationError: something else than a file is where the file should be.

    ::

        zypper.repo(name="Add the Example repository", src="example", baseurl="https://example.org/leap/$releasever")
    """
    yield from rpm_repository(
        src,
        present,
        directory="/etc/zypp/repos.d",
        baseurl=baseurl,
        description=description,
        enabled=enabled,
        gpgcheck=gpgcheck,
        gpgkey=gpgkey,
        kind=type,
    )


@operation()
def rpm(src: str, present: bool = True, **_: Unpack[GlobalArguments]) -> Steps:
    """Install or remove the package in a ``.rpm`` file; what it depends on is installed too.

    The file need not be signed, and may be older than what is installed.

    :param src: path on the host, or a URL, whose name and version the host reads at every run.
    :param present: ``False`` removes the package if it is installed in the version of the file.
    :raises OperationError: a package to remove is named by a file that does not exist.

    ::

        zypper.rpm(name="Install the agent", src="https://example.org/agent-1.2-1.noarch.rpm")
    """
    yield from rpm_file(
        src,
        present,
        lambda source: zypper("install", "--allow-unsigned-rpm", "--oldpackage", source),
        lambda name: zypper("remove", name, trust=False),
    )
