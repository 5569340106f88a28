"""The ``@operation`` decorator: a generator function becomes a step of a deploy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any, Generic, ParamSpec

from ropewalk.api.context import current_host, on_use
from ropewalk.api.meta import OperationMeta
from ropewalk.model.errors import UsageError

P = ParamSpec("P")


class Operation(Generic[P]):
    """A generator function that yields steps, callable as one step of a deploy.

    The function reads facts with ``host.get_fact`` and yields the commands that are needed
    (:func:`ropewalk.api.sh`, ``Upload``, ...) together with ``Change`` and ``Diff`` values that explain them.
    Yielding nothing means that nothing is to do; ``host.noop(reason)`` says why.

    ``operation._inner`` is the bare generator function: ``yield from other._inner(...)`` makes one operation
    part of another.
    """

    def __init__(
        self,
        function: Callable[P, Any],
        *,
        is_idempotent: bool = True,
        idempotent_notice: str | None = None,
        is_deprecated: bool = False,
        deprecated_for: str | None = None,
    ) -> None:
        self._inner = function
        self.is_idempotent = is_idempotent
        self.idempotent_notice = idempotent_notice
        self.is_deprecated = is_deprecated
        self.deprecated_for = deprecated_for
        update_wrapper(self, function)

    @cached_property
    def full_name(self) -> str:
        """``module.operation`` as it is written in a deploy, such as ``files.put``."""
        parts = [part for part in self._inner.__module__.split(".") if part not in ("ropewalk", "operations")]
        module = parts[0] if self._inner.__module__.startswith("ropewalk.operations.") else parts[-1]
        name = self._inner.__name__
        return name if module in ("__main__", "__deploy__", "builtins") else f"{module}.{name}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> OperationMeta:
        host = current_host.get(None)
        if (told := on_use.get()) is not None:
            told()
        if host is None:
            raise UsageError(
                f"{self.full_name} was called outside a deploy",
                hint="run the file with `ropewalk INVENTORY FILE`, or use `add_op` from a script",
            )
        return host.runner.submit(self, args, kwargs)

    def __repr__(self) -> str:
        return f"<operation {self.full_name}>"


def operation(
    is_idempotent: bool = True,
    idempotent_notice: str | None = None,
    is_deprecated: bool = False,
    deprecated_for: str | None = None,
    _set_in_op: bool = True,
) -> Callable[[Callable[P, Any]], Operation[P]]:
    """Make a generator function an operation.

    :param is_idempotent: whether applying it twice changes nothing the second time.
    :param idempotent_notice: when that holds, for the documentation.
    :param is_deprecated: calling it warns.
    :param deprecated_for: what to use instead.

    ::

        @operation()
        def motd(text: str):
            if host.get_fact(FileContents, path="/etc/motd") != [text]:
                yield Upload(f"{text}\\n".encode(), "/etc/motd")
    """
    if callable(is_idempotent):
        raise UsageError("@operation needs parentheses: @operation()")

    def decorate(function: Callable[P, Any]) -> Operation[P]:
        return Operation(
            function,
            is_idempotent=is_idempotent,
            idempotent_notice=idempotent_notice,
            is_deprecated=is_deprecated,
            deprecated_for=deprecated_for,
        )

    return decorate
