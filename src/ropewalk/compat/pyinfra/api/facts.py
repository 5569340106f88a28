"""v3's facts, and how scripts read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ropewalk.api.fact import FactBase as FactBase
from ropewalk.api.fact import ShortFactBase as ShortFactBase
from ropewalk.compat.driver import get_facts as get_facts
from ropewalk.compat.pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS as CONNECTOR_ARGUMENT_KEYS
from ropewalk.model.errors import FactPreconditionError as FactPreconditionError
from ropewalk.model.errors import FactProcessError as FactProcessError
from ropewalk.model.errors import MissingCommandError as MissingCommandError
from ropewalk.model.v3command import StringCommand as StringCommand

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State


def get_fact(
    state: State,
    host: Host,
    cls: type[Any],
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    ensure_hosts: Any = None,
    apply_failed_hosts: bool = True,
) -> Any:
    """Read a fact of one host.

    :param ensure_hosts: not needed: hosts are read one by one.
    :param apply_failed_hosts: whether a failure raises; else the fact's default is returned.
    """
    arguments = dict(kwargs or {})
    if not apply_failed_hosts:
        arguments["_ignore_errors"] = True
    return host.get_fact(cls, *(args or ()), **arguments)


def get_short_facts(state: State, host: Host, short_fact: type[ShortFactBase[Any]], **kwargs: Any) -> Any:
    """Read a part of a fact of one host."""
    return host.get_fact(short_fact, **kwargs.get("kwargs") or {})
