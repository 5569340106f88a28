"""ssh.command"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.ssh.server import Server


@operation(is_idempotent=False, idempotent_notice="The command runs every time; add an `_if` to decide when.")
def command(
    hostname: str, command: str, user: str | None = None, port: int = 22, **_: Unpack[GlobalArguments]
) -> Steps:
    """Run a command on another server, from the host.

    :param hostname: the server.
    :param command: shell syntax, for the shell of the server.
    :param user: whom to log in as; by default whom the host's ``ssh_config`` says.
    :param port: the server's port.
    :raises OperationValueError: a server, user or port that is none; a command that begins with a dash.

    ::

        ssh.command(name="Let the mirror fetch it", hostname="mirror.example.org", command="/usr/local/bin/fetch")
    """
    if command.startswith("-"):
        raise OperationValueError(f"{command!r} is not a command: ssh would take it for an option of its own")
    yield Server(hostname, port, user).ssh(command)
