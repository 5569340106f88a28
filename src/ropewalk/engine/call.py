"""One call of an operation on one host: what was given, what that means, and where it stands."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import inspect
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ropewalk.api import arguments as global_arguments
from ropewalk.api.context import Frame, current_config, frames
from ropewalk.api.host import Host
from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.engine.failure import display_path
from ropewalk.engine.order import Line, Position, Repeats, position_of_call
from ropewalk.model.arguments import NOT_INHERITED, connector_names, declared
from ropewalk.model.command import MASK, Secret
from ropewalk.model.errors import ArgumentTypeError, OperationError, OperationTypeError
from ropewalk.model.event import Failure, Location, OperationInfo
from ropewalk.model.suggest import did_you_mean
from ropewalk.model.v3command import secrets_in
from ropewalk.shell.how import How

#: Names of arguments whose values are not for the eye, whatever type they have.
_PRIVATE = ("password", "passwd", "secret", "token", "private_key", "key_password", "passphrase")


@dataclass(slots=True)
class OperationCall:
    """An operation call with everything resolved.

    :ivar own: the operation's own keyword arguments.
    :ivar arguments: every global argument; ``given``: those that the call itself sets.
    :ivar nested_failure: why an operation inside its callback failed, if one did and nothing ignored it.
    :ivar nested: tasks of operations that its callback waits for.
    :ivar kept: whether its own arguments could be copied; ``None`` while nobody has tried.
    """

    operation: Operation[Any]
    args: tuple[Any, ...]
    own: dict[str, Any]
    arguments: dict[str, Any]
    info: OperationInfo
    position: Position
    meta: OperationMeta
    frames: tuple[Frame, ...]
    parent: OperationCall | None = None
    given: frozenset[str] = frozenset()
    noop_reason: str | None = None
    nested_failure: Failure | None = None
    nested: set[asyncio.Task[Any]] = field(default_factory=set)
    kept: bool | None = None
    _fact_how: How | None = None

    @property
    def conditional(self) -> bool:
        return bool(self.arguments["_if"])

    def how(self, overrides: Mapping[str, Any] | None = None) -> How:
        """Return how its commands run; ``overrides`` are connector arguments of one command."""
        return How.of({**self.arguments, **overrides} if overrides else self.arguments)

    def fact_how(self, overrides: Mapping[str, Any]) -> How:
        """Return how facts are read inside it: they take over neither its input nor what its success means."""
        if overrides:
            return How.of({**self._fact_arguments(), **overrides})
        if self._fact_how is None:
            own = self.arguments["_stdin"] is not None or self.arguments["_get_pty"]
            self._fact_how = How.of(self._fact_arguments() if own else self.arguments)
        return self._fact_how

    def _fact_arguments(self) -> dict[str, Any]:
        return {key: self.arguments[key] for key in connector_names() if key not in NOT_FOR_FACTS}

    def callback_frame(self) -> Frame:
        """Return what surrounds operations in its callback: its connection arguments, and data of open deploys.

        What neither the call nor a context sets comes from host data and config there as well: the callback may set it.
        """
        said = self.given.union(*(frame.arguments for frame in self.frames))
        inherited = {key: self.arguments[key] for key in connector_names() if key in said and key not in NOT_INHERITED}
        data: dict[str, Any] = {}
        for frame in self.frames:
            data.update(frame.data)
        return Frame(arguments=inherited, data=data)


#: Connector arguments that facts read inside an operation do not take over.
NOT_FOR_FACTS = NOT_INHERITED - {"_timeout"}

#: The operation that is being evaluated, or whose callback runs.
current_call: ContextVar[OperationCall | None] = ContextVar("call", default=None)
#: Whether code runs inside an operation's own generator, where calling another operation makes no sense.
evaluating: ContextVar[bool] = ContextVar("evaluating", default=False)


def collect(
    operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any], host: Host, repeats: Repeats,
    runner: Any, infos: Infos,
) -> OperationCall:  # fmt: skip
    """Make a call of what was written in the deploy.

    :param infos: of the run that it is part of.
    :raises OperationTypeError: the operation does not take these arguments.
    :raises ArgumentTypeError: a global argument does not exist or has the wrong type.
    """
    name = operation.full_name
    parent = current_call.get()
    if evaluating.get():
        raise OperationError(
            f"{name} was called inside the operation {parent.info.function if parent else ''}",
            hint=f"to make it part of that operation: yield from {name}._inner(...)",
        )
    position, where = position_of_call()
    names = _global_names(operation._inner, name, len(args), tuple(kwargs))
    given = {key: kwargs[key] for key in names}
    own = {key: value for key, value in kwargs.items() if key not in given} if given else kwargs
    around = frames.get()
    arguments = global_arguments.resolve(given, around, host.data, current_config.get(), of=name)
    position = repeats.unique(position)
    title = _title(arguments["name"] or name, around)
    described = () if arguments["name"] else describe(operation, args, own)
    info = infos.of(position, name, title, described, where, parent.info.id if parent else None)
    meta = OperationMeta(info.name, runner, max_retries=arguments["_retries"])
    return OperationCall(operation, args, own, arguments, info, info.order, meta, around, parent, frozenset(given))


class Infos:
    """What is told of the operations of a run: one object for all hosts that make the same call."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], OperationInfo] = {}

    def of(
        self, position: Position, function: str, name: str, arguments: tuple[str, ...], where: Line | None,
        parent: str | None,
    ) -> OperationInfo:  # fmt: skip
        key = position, function, name, arguments, where, parent
        info = self._known.get(key)
        if info is None:
            id = _identify(position, function)
            location = Location(display_path(where[0]), where[1]) if where is not None else None
            info = self._known[key] = OperationInfo(id, name, function, arguments, location, parent, position)
        return info


def secrets_of(call: OperationCall) -> set[str]:
    """Return every secret text among the arguments of a call."""
    texts = {*secrets_in(call.arguments), *secrets_in(call.own), *secrets_in(call.args)}
    for key in ("_sudo_password", "_su_password"):
        if isinstance(call.arguments.get(key), str):
            texts.add(call.arguments[key])
    texts.update(value for key, value in call.own.items() if isinstance(value, str) and is_private(key))
    given = _positional(call.operation, call.args)
    texts.update(value for key, value in given if isinstance(value, str) and is_private(key))
    return texts


@functools.lru_cache(maxsize=4096)
def is_private(name: str) -> bool:
    """Say whether an argument's name tells that its value is a secret."""
    return any(word in name.lower() for word in _PRIVATE)


def describe(operation: Operation[Any], args: tuple[Any, ...], own: Mapping[str, Any]) -> tuple[str, ...]:
    """Return an operation's own arguments as short texts for people."""
    positional = (MASK if is_private(key) else _short(value) for key, value in _positional(operation, args))
    return (*positional, *(f"{key}={MASK if is_private(key) else _short(value)}" for key, value in own.items()))


def _positional(operation: Operation[Any], args: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """Return positional arguments with the names they have in the operation; those of ``*args`` have none."""
    if not args:
        return []
    parameters = signature_of(operation._inner).parameters.values()
    names = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    return list(zip([*names, *[""] * len(args)], args, strict=False))


def _short(value: Any) -> str:
    if type(value) is str:
        return _cut(value)
    if isinstance(value, Secret):
        return str(value)
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if hasattr(value, "read"):
        return f"<{type(value).__name__}>"
    try:
        return _cut(value if isinstance(value, str) else repr(value))
    except Exception:  # of somebody's class: for that the operation need not fail
        return f"<{type(value).__name__}>"


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _title(name: str, around: tuple[Frame, ...]) -> str:
    if not around:
        return name
    return " | ".join([*(frame.name for frame in around if frame.name), name])


def _identify(position: Position, name: str) -> str:
    return hashlib.sha1(f"{position!r} {name}".encode(), usedforsecurity=False).hexdigest()


@functools.lru_cache(maxsize=4096)
def signature_of(function: Any) -> inspect.Signature:
    """Return an operation's own parameters: without the catch-all that stands for the global arguments."""
    signature = inspect.signature(function)
    parameters = [p for p in signature.parameters.values() if not (p.kind is p.VAR_KEYWORD and p.name == "_")]
    return signature.replace(parameters=parameters)


@functools.lru_cache(maxsize=4096)
def _global_names(function: Any, name: str, positional: int, given: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the arguments given by name are global ones.

    :param name: what the operation is called, for messages.
    :raises OperationTypeError: the operation does not take the others, or so many positional ones.
    :raises ArgumentTypeError: a global argument does not exist.
    """
    known = declared()
    own = [key for key in given if key not in known]
    _check_names(signature_of(function).parameters, name, own)
    try:
        signature_of(function).bind(*[None] * positional, **dict.fromkeys(own))
    except TypeError as error:
        raise OperationTypeError(f"{name}: {error}") from error
    return tuple(key for key in given if key in known)


def _check_names(parameters: Mapping[str, inspect.Parameter], name: str, own: Sequence[str]) -> None:
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        wrong = [key for key in own if key.startswith("_") and key not in parameters]
    else:
        wrong = [key for key in own if key not in parameters]
    for key in wrong:
        if key.startswith("_"):
            raise ArgumentTypeError(
                f"{name} has no argument {key}", hint=did_you_mean(key, declared(), kind="global arguments")
            )
        raise OperationTypeError(
            f"{name} has no argument {key}",
            hint=did_you_mean(key, parameters, kind="it takes") or "it takes no arguments",
        )
