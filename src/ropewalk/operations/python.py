"""Python functions as steps of a deploy."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ropewalk.api.context import current_host, current_state
from ropewalk.api.operation import operation
from ropewalk.model.command import Call, Steps
from ropewalk.model.errors import OperationError, OperationTypeError


@operation(is_idempotent=False, idempotent_notice="The function is called every time; add an `_if` to decide when.")
def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Steps:
    """Call a Python function on this machine, when the deploy is applied, once for each host.

    :param function: what is called. The host is `ropewalk.host` inside it; operations it calls are carried out at
        once, and their failures are its failures. What it returns does not matter; what it raises fails the host.
        A function with both a `state` and a `host` parameter gets these two first, and fails by returning `False`.
    :param args: positional arguments for it.
    :param kwargs: keyword arguments for it.
    :raises OperationTypeError: it cannot be called, or not with these arguments, or is a coroutine or a generator.
    :raises OperationError: a function that takes ``state`` and ``host`` returned ``False``.

    ::

        def restart_if_old(limit):
            if float(uptime.stdout.split()[0]) > limit:
                server.reboot()

        uptime = server.shell(commands="cat /proc/uptime")
        python.call(function=restart_if_old, limit=86400 * 90)
    """
    if not callable(function):
        raise OperationTypeError(
            f"python.call takes a function, not {function!r}",
            hint="give the function itself: no quotes, no parentheses",
        )
    kind = _delayed(function)
    if kind is not None:  # calling it would run nothing of it
        raise OperationTypeError(
            f"python.call takes a plain function; {_describe(function)} is {kind}",
            hint="wrap it in a function that runs it: asyncio.run(...), or a loop over it",
        )
    if _wants_state_and_host(function, kwargs):
        state_and_host = (current_state.get(), current_host.get())
        _check_arguments(function, (*state_and_host, *args), kwargs)
        yield Call(_failing_by_false(function), (*state_and_host, *args), kwargs)
    else:
        _check_arguments(function, args, kwargs)
        yield Call(function, args, kwargs)


@operation(is_idempotent=False, idempotent_notice="The exception is raised every time; add an `_if` to decide when.")
def raise_exception(exception: type[BaseException], *args: Any, **kwargs: Any) -> Steps:
    """Raise an exception when the deploy is applied: the host fails there.

    :param exception: the class of the exception.
    :param args: positional arguments for it.
    :param kwargs: keyword arguments for it.
    :raises OperationTypeError: it is not an exception, or cannot be made with these arguments.

    ::

        python.raise_exception(
            name="Refuse hosts without a data disk",
            exception=RuntimeError,
            _if=lambda: "/data" not in host.get_fact(Mounts),
        )
    """
    if not (isinstance(exception, type) and issubclass(exception, BaseException)):
        raise OperationTypeError(f"python.raise_exception takes the class of an exception, not {exception!r}")
    _check_arguments(exception, args, kwargs)
    yield Call(raise_it, (exception, *args), kwargs)


def raise_it(exception: type[BaseException], /, *args: Any, **kwargs: Any) -> NoReturn:
    raise exception(*args, **kwargs)


def _wants_state_and_host(function: Callable[..., Any], kwargs: Mapping[str, Any]) -> bool:
    signature = _signature(function)
    return signature is not None and all(
        name in signature.parameters and name not in kwargs for name in ("state", "host")
    )


def _delayed(function: Callable[..., Any]) -> str | None:
    """Say what a function is whose call does not run it."""
    for code in (function, getattr(function, "__call__", None)):  # noqa: B004 - an object may have a coroutine there
        if inspect.iscoroutinefunction(code):
            return "a coroutine function (async def)"
        if inspect.isgeneratorfunction(code) or inspect.isasyncgenfunction(code):
            return "a generator function (yield)"
    return None


def _failing_by_false(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function of the older form the meaning its return value always had."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        if function(*args, **kwargs) is False:
            raise OperationError(
                f"{_describe(function)} returned False", hint="raise an exception that says what failed"
            )

    return wrapper


def _check_arguments(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    signature = _signature(function)
    if signature is None:
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        given = ", ".join(
            [*(f"{value!r:.60}" for value in args), *(f"{key}={value!r:.60}" for key, value in kwargs.items())]
        )
        raise OperationTypeError(f"{_describe(function)} cannot be called with ({given}): {error}") from None


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C do not tell
        return None


def _describe(function: Callable[..., Any]) -> str:
    name = str(getattr(function, "__qualname__", None) or repr(function))
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else name
