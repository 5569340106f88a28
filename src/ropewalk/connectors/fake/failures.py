"""How fake hosts fail: ``fake_failure`` says it in a few words."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass
from typing import Any

from ropewalk.model.errors import AuthenticationFailed, ConnectError, ConnectionLost, ConnectorDataTypeError

_TO_CONNECT = re.compile(r"(refuse|timeout|reject)(?: (\d+))?")
_LATER = re.compile(r"(lose|die|hang) after (\d+)")
_HINT = "write refuse, timeout, reject (perhaps with how often), or lose, die or hang after N (commands)"


@dataclass
class Failure:
    """What goes wrong on one host, and when.

    :ivar kind: ``refuse``, ``timeout`` or ``reject`` attempts to connect; ``lose`` the connection, ``die`` (that, and
        refuse from then on) or ``hang`` (answer no more).
    :ivar count: how many attempts fail (``None``: all of them), or after how many commands it happens.
    """

    kind: str = ""
    count: int | None = 0
    _attempts: int = 0
    _dead: bool = False

    @classmethod
    def of(cls, text: Any, rate: float, name: str) -> Failure:
        """Return what host data say; with a rate, the same hosts fail each time.

        :raises ConnectorDataTypeError: they make no sense.

        >>> Failure.of("lose after 3", 1.0, "web1").kind, Failure.of("refuse", 0.0, "web1").kind
        ('lose', '')
        """
        if text is None:
            return cls()
        found = _TO_CONNECT.fullmatch(str(text)) or _LATER.fullmatch(str(text))
        if found is None:
            raise ConnectorDataTypeError(f"{name}: fake_failure cannot be {text!r}", hint=_HINT)
        if random.Random(name).random() >= rate:
            return cls()
        return cls(found[1], int(found[2]) if found[2] else None)

    async def connect(self, patience: float) -> None:
        """Let an attempt to connect fail, if it shall.

        :param patience: seconds that whoever connects waits.
        :raises ConnectError: it fails.
        """
        if self._dead:
            raise ConnectError("connection refused (fake_failure)")
        if self.kind not in ("refuse", "timeout", "reject"):
            return
        self._attempts += 1
        if self.count is not None and self._attempts > self.count:
            return
        if self.kind == "timeout":
            await asyncio.sleep(patience)
            raise ConnectError(f"no answer within {patience:g} s (fake_failure)")
        if self.kind == "reject":
            raise AuthenticationFailed("permission denied (fake_failure)")
        raise ConnectError("connection refused (fake_failure)")

    def is_due(self, commands: int) -> bool:
        """Say whether it happens now, when so many commands have begun."""
        return self.count is not None and self.kind in ("lose", "die", "hang") and commands > self.count

    def happen(self) -> ConnectionLost | None:
        """Let it happen; ``None`` if the host just does not answer any more."""
        if self.kind == "hang":
            return None
        self._dead, self.kind = self.kind == "die", ""
        return ConnectionLost("the connection was lost (fake_failure)")
