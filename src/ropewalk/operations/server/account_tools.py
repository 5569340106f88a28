"""The tools for users and groups that a host has."""

from __future__ import annotations

from ropewalk import host
from ropewalk.facts.server import Os, Which
from ropewalk.model.errors import OperationError
from ropewalk.operations.server.accounts import Tools, tools_for


def installed_tools(verb: str) -> Tools:
    """Return the host's tools.

    :param verb: what they have to be able to do: ``useradd``, ``groupdel`` ...
    :raises OperationError: the program for it is not installed.
    """
    tools = tools_for(host.get_fact(Os))
    program = tools.needs(verb)
    if not host.get_fact(Which, command=program):
        raise OperationError(
            f"{program} is not installed", hint="install it first; on Alpine and BusyBox it is in the package `shadow`"
        )
    return tools
