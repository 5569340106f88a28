"""Questions to the user while a host is being connected to."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from ropewalk.connectors.ssh.data import reveal
from ropewalk.connectors.ssh.shared import Shared


class Prompter:
    """Asks through what the run lends, and stops the clock of the connection while somebody thinks.

    :ivar deadline: the timeout of the connection that is being made, if one is.
    """

    def __init__(self, ask: Callable[[str], Any] | None, shared: Shared) -> None:
        self._ask, self._shared = ask, shared
        self.deadline: asyncio.Timeout | None = None

    @property
    def possible(self) -> bool:
        return self._ask is not None

    async def ask(self, prompt: str, *, once: bool = False) -> str | None:
        """Ask for a secret; ``None`` if nobody answers.

        :param once: several hosts that ask the same at the same time or later share one answer.
        """
        if self._ask is None:
            return None
        answers = self._shared.answers
        task = answers.get(prompt) if once else None
        if task is None:
            task = asyncio.create_task(self._call(self._ask, prompt))
            if once:
                answers[prompt] = task
        left = self._stop_clock()
        try:
            return await asyncio.shield(task)
        finally:
            self._start_clock(left)

    async def _call(self, ask: Callable[[str], Any], prompt: str) -> str | None:
        async with self._shared.asking:
            if inspect.iscoroutinefunction(ask):
                return reveal(await ask(prompt))
            answer = await asyncio.to_thread(ask, prompt)  # asking usually means to wait for a terminal
            return reveal(await answer if inspect.isawaitable(answer) else answer)

    def _stop_clock(self) -> float | None:
        when = None if self.deadline is None else self.deadline.when()
        if self.deadline is None or when is None or self.deadline.expired():
            return None
        self.deadline.reschedule(None)
        return when - asyncio.get_running_loop().time()

    def _start_clock(self, left: float | None) -> None:
        if self.deadline is not None and left is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + left)
