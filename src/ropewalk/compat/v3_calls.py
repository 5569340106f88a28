"""Calls the methods of connectors of v3, which block: in worker threads, one at a time for each host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.engine.threads import run_in_thread

T = TypeVar("T")

#: The connectors that are calling back: one may use its own host.
_inside: ContextVar[tuple[int, ...]] = ContextVar("connectors_in_use", default=())


@dataclass
class Calls:
    """The way to the methods of one connector."""

    connector: Any
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def title(self) -> str:
        """What the connector is called in messages."""
        return type(self.connector).__name__

    async def call(self, function: Callable[[], T]) -> T:
        """Call a method of the connector in a thread, when no other one is being called for this host."""
        if id(self) in _inside.get():
            return await self._in_thread(function)
        async with self._turn:
            token = _inside.set((*_inside.get(), id(self)))
            try:
                return await self._in_thread(function)
            finally:
                _inside.reset(token)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        return await run_in_thread(lambda: self._in_context(function), name=self.title)  # type: ignore[no-any-return]

    def _in_context(self, function: Callable[[], T]) -> T:
        """Call a method where ``pyinfra.host``, ``state`` and ``config`` stand for something, also while connecting."""
        state, host = self.connector.state, self.connector.host
        with (
            use(current_host, host),
            use(current_state, state),
            use(current_inventory, state.inventory),
            use(current_config, current_config.get(None) or state.config),
        ):
            return function()
