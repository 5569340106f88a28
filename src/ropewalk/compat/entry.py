"""One thing that a script has added: an operation or a deploy, and the hosts it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ropewalk.api.context import current_host, use
from ropewalk.api.host import Host
from ropewalk.api.meta import OperationMeta
from ropewalk.engine.order import base_position
from ropewalk.model.errors import OperationFailed


@dataclass(frozen=True, slots=True)
class Entry:
    """A program for the engine, that does nothing on the hosts it is not for.

    :param number: which one it is among all that the script has added; operations of two entries are never the same.
    :param metas: for each of its hosts, the result that the script was given (``None``: a deploy has none).
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    number: int
    metas: Mapping[Host, OperationMeta | None]

    @property
    def name(self) -> str:
        return str(self.kwargs.get("name") or getattr(self.function, "__name__", "operation"))

    def __call__(self) -> None:
        host = current_host.get()
        if host not in self.metas:
            return
        with use(base_position, (self.number,)):
            given = self.metas[host]
            try:
                result = self.function(*self.args, **self.kwargs)
            except OperationFailed as error:
                _complete(given, error.result)
                raise
            _complete(given, result)


def _complete(given: OperationMeta | None, result: Any) -> None:
    """Let the script's result tell what the operation's own one tells."""
    if given is not None and isinstance(result, OperationMeta) and result._completed is not None:
        given.complete(result._completed)
