"""What v3's authors of service operations share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ropewalk.model.command import Steps
from ropewalk.model.v3command import QuoteString, make_formatted_string_command
from ropewalk.operations.services import Wish, control

if TYPE_CHECKING:
    from ropewalk.api.host import Host


def handle_service_control(
    host: Host,
    name: str,
    statuses: Mapping[str, bool],
    formatter: str,
    running: bool | None = None,
    restarted: bool | None = None,
    reloaded: bool | None = None,
    command: str | None = None,
    status_argument: str = "status",
) -> Steps:
    """Yield the commands that bring a service to a state.

    :param statuses: which services run now; one that is not in it does not.
    :param formatter: the command, with ``{0}`` for the service and ``{1}`` for what to do with it.
    :param status_argument: what would ask for the status; ``statuses`` tells it already.
    """
    wish = Wish(running, bool(restarted), bool(reloaded), command)
    yield from control(
        name,
        wish,
        lambda: bool(statuses.get(name)),
        lambda action: make_formatted_string_command(formatter, QuoteString(name), action),
    )
