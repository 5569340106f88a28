"""Puppet's agent: puppet-agent(8). Tested without a server, on exit statuses as that page lists them."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationValueError


@operation(is_idempotent=False, idempotent_notice="The agent runs every time; it changes only what has to change.")
def agent(server: str | None = None, port: int | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Let Puppet's agent apply the host's catalogue once.

    It fails if anything in the catalogue could not be applied; that something was changed is no failure. Sources:
    puppet-agent(8), ``--detailed-exitcodes``: 2 means changes, 4 and 6 failures.

    :param server: Puppet's server; by default the one in ``puppet.conf``.
    :param port: its port; by default the one in ``puppet.conf``.
    :raises OperationValueError: a port that is none.

    ::

        puppet.agent(name="Apply what the server says", server="puppet.example.org")
    """
    if port is not None and (not str(port).isdecimal() or not 0 < int(port) < 65536):
        raise OperationValueError(f"{port!r} is not a port")
    given = {"--server": server, "--masterport": port}
    options = [f"{name}={value}" for name, value in given.items() if value is not None]
    yield sh("puppet", "agent", "-t", *options, Raw("|| [ $? -eq 2 ]"))
