"""Finds out which connectors were written for pyinfra v3, and makes links over them for the engine.

Such a connector runs one command at a time and says whether it succeeded, and blocks meanwhile: see ``v3_link.py``.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.context import use
from ropewalk.compat.v3_link import V3Link as V3Link
from ropewalk.engine import links
from ropewalk.engine.escalate import AskPassword

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State


def is_v3(connector_cls: type[Any]) -> bool:
    """Say whether a connector was written for v3."""
    return hasattr(connector_cls, "run_shell_command") and not hasattr(connector_cls, "open")


@dataclass(frozen=True, slots=True)
class Lent:
    """What a run lends to connectors that a connector of v3 makes for itself (the SSH connector, as a rule).

    :ivar ask: asks for the password of sudo or su on the host.
    """

    options: ConnectorOptions
    ask: AskPassword


#: Set while a connector of v3 is made.
lent: ContextVar[Lent | None] = ContextVar("lent", default=None)


def link_of(
    host: Host, state: State, options: ConnectorOptions | None = None, passwords: links.Passwords | None = None
) -> V3Link:
    """Return a link to a host whose connector was written for v3.

    :raises ConnectorDataTypeError: the connector refuses the host's data.
    """
    options = options or ConnectorOptions(connect_timeout=state.config.CONNECT_TIMEOUT)
    ask = (passwords or links.Passwords(None)).asker(host.name)
    with use(lent, Lent(options, ask)):
        host.connector = host.connector_cls(state, host)
    return V3Link(host.connector, ask)


def register() -> None:
    """Let the engine use connectors of v3."""
    if (is_v3, link_of) not in links.adapters:
        links.adapters.append((is_v3, link_of))
