"""v3's global arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from ropewalk.api import arguments
from ropewalk.api.context import frames
from ropewalk.model.arguments import Arg, connector_names, declared
from ropewalk.model.arguments import ConnectorArguments as ConnectorArguments
from ropewalk.model.arguments import GlobalArguments as AllArguments
from ropewalk.model.arguments import MetaArguments as MetaArguments
from ropewalk.model.errors import ArgumentTypeError as ArgumentTypeError
from ropewalk.model.v3command import HiddenValue as HiddenValue

if TYPE_CHECKING:
    from ropewalk.api.config import Config
    from ropewalk.api.host import Host
    from ropewalk.api.state import State

__all__ = [
    "CONNECTOR_ARGUMENT_KEYS",
    "EXECUTION_KWARG_KEYS",
    "AllArguments",
    "ArgumentMeta",
    "ArgumentTypeError",
    "ConnectorArguments",
    "EnvValue",
    "ExecutionArguments",
    "HiddenValue",
    "MetaArguments",
    "all_argument_meta",
    "all_global_arguments",
    "generate_env",
    "pop_global_arguments",
]

EnvValue: TypeAlias = str | HiddenValue


class ExecutionArguments(TypedDict, total=False):
    """Where an operation runs: the same on every host."""

    _parallel: int
    _run_once: bool
    _serial: bool


@dataclass(frozen=True, slots=True)
class ArgumentMeta:
    """What a global argument means, in v3's words.

    :ivar default: returns the default that a config gives.
    """

    description: str
    default: Callable[[Any], Any]
    handler: Callable[..., Any] | None = None


def _default(arg: Arg, config: Config) -> Any:
    return getattr(config, arg.config or "", arg.default)


all_argument_meta = {
    entry.name: ArgumentMeta(entry.arg.help, partial(_default, entry.arg)) for entry in declared().values()
}
CONNECTOR_ARGUMENT_KEYS = [name for name in declared() if name in connector_names()]
EXECUTION_KWARG_KEYS = list(ExecutionArguments.__annotations__)


def all_global_arguments() -> list[tuple[str, Any]]:
    """Return the name and type of every global argument."""
    return [(entry.name, entry.type) for entry in declared().values()]


def generate_env(config: Config, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the environment variables a command gets: inherited ones, those of the config, then these."""
    return arguments.environment([{"_env": value}], {}, config)


def pop_global_arguments(state: State, host: Host, kwargs: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Take the global arguments out of ``kwargs``.

    :returns: the value of every global argument at this point of the deploy, and the names of those given.
    """
    given, own = arguments.split(kwargs)
    values = arguments.resolve(given, frames.get(), host.data, state.config, of=f"{host.name}")
    kwargs.clear()
    kwargs.update(own)
    return values, list(given)
