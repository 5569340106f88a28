"""The current host, state, config and inventory, and how a script sets them (v3's ``pyinfra.context``)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Generic, TypeVar

from ropewalk import config as config
from ropewalk import host as host
from ropewalk import inventory as inventory
from ropewalk import state as state
from ropewalk.api.context import (
    Proxy,
    current_config,
    current_host,
    current_inventory,
    current_state,
    use,
)
from ropewalk.compat.pyinfra import init_base_classes as init_base_classes

T = TypeVar("T")

ContextObject = LocalContextObject = Proxy


class ContextManager(Generic[T]):
    """One of the current things: read, set, or set for the length of a ``with``.

    ::

        with ctx_host.use(some_host):
            server.shell(commands=["uptime"])
    """

    def __init__(self, variable: ContextVar[T]) -> None:
        self._variable = variable

    def get(self) -> T | None:
        """Return the current value; ``None`` where there is none."""
        return self._variable.get(None)

    def set(self, module: T) -> None:
        self._variable.set(module)

    def reset(self) -> None:
        """Let there be no current value."""
        self._variable.set(None)  # type: ignore[arg-type]

    def isset(self) -> bool:
        return self.get() is not None

    def use(self, module: T) -> AbstractContextManager[T]:
        """Set the value for the length of a ``with``; also an exception ends it."""
        return use(self._variable, module)


ctx_host = ContextManager(current_host)
ctx_state = ContextManager(current_state)
ctx_config = ContextManager(current_config)
ctx_inventory = ContextManager(current_inventory)
