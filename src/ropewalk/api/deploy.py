"""The ``@deploy`` decorator: a function that groups operations under a name, with defaults for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from ropewalk.api import arguments
from ropewalk.api.context import Frame, current_host, inside
from ropewalk.model.errors import UsageError

P = ParamSpec("P")
R = TypeVar("R")


def deploy(
    name: str | None = None, data_defaults: Mapping[str, Any] | None = None
) -> Callable[[Callable[P, R]], Callable[..., R]]:
    """Make a function a deploy: it takes the global arguments too, and they hold for all operations in it.

    :param name: what the names of its operations begin with (default: the function's name).
    :param data_defaults: host data that is seen inside where no other data gives a value.

    ::

        @deploy("Install the agent", data_defaults={"agent_port": 4000})
        def install_agent():
            apt.packages(packages=["agent"])

        install_agent(_sudo=True)
    """
    if callable(name):
        raise UsageError("@deploy needs parentheses: @deploy()")

    def decorate(function: Callable[P, R]) -> Callable[..., R]:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> R:
            if current_host.get(None) is None:
                raise UsageError(f"deploy {function.__name__} was called outside a run")
            frame, own = make_frame(name or function.__name__, kwargs, data_defaults)
            with inside(frame):
                return function(*args, **own)

        wrapper.deploy_name = name or function.__name__  # type: ignore[attr-defined]
        wrapper._inner = function  # type: ignore[attr-defined]
        return wrapper

    return decorate


def make_frame(
    name: str | None, kwargs: Mapping[str, Any], data: Mapping[str, Any] | None
) -> tuple[Frame, dict[str, Any]]:
    """Return the frame that global arguments make, and the arguments that are not global."""
    given, own = arguments.split(kwargs)
    for key, value in given.items():
        arguments.check(key, value, of=name or "host.arguments")
    conditions = arguments.as_conditions(given.pop("_if", None))
    label = given.pop("name", None) or name
    return Frame(given, conditions, label, dict(data or {})), own
