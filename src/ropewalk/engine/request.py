"""What is asked of a host: facts with their arguments, and the commands that read them."""

from __future__ import annotations

import dataclasses
import inspect
import shlex
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from ropewalk.engine.call import is_private
from ropewalk.model.command import MASK, Renderable
from ropewalk.model.errors import FactTypeError
from ropewalk.model.record import record
from ropewalk.model.suggest import did_you_mean
from ropewalk.model.v3command import secrets_in
from ropewalk.shell.how import How
from ropewalk.shell.script import Script, script

#: The exit status that says: the program a fact needs is not there.
MISSING = 213


@record
class Request:
    """One fact with its arguments, ready to be read."""

    fact: type
    command: str
    hidden: bool
    needs: str | None
    how: How
    arguments: str
    key: tuple[Any, ...]
    _script: list[Script] = field(default_factory=list, repr=False, compare=False)

    def script(self, delimiter: str) -> Script:
        """Return what a shell runs; ``delimiter`` is a line that the command cannot contain."""
        if self._script:
            return self._script[0]
        how = self.how
        made = script(
            self.full_command, delimiter=delimiter, shell=how.shell, chdir=how.chdir, env=dict(how.env),
            hidden=self.hidden or how.hidden,
        )  # fmt: skip
        if not made.body:  # then nothing of it depends on the delimiter: it is the same for all hosts
            self._script.append(made)
        return made

    @property
    def full_command(self) -> str:
        """The command, after a look whether the program it needs is there."""
        if not self.needs:
            return self.command
        return f"command -v {shlex.quote(self.needs)} >/dev/null 2>&1 || exit {MISSING}\n{self.command}"

    @property
    def name(self) -> str:
        return getattr(self.fact, "name", None) or self.fact.__name__


def prepare(fact: type, args: tuple[Any, ...], kwargs: Mapping[str, Any], how: How) -> Request:
    """Build the command of a fact.

    :raises FactTypeError: the arguments are not those of the fact.
    """
    instance: Any = fact()
    named = (f"{key}={MASK if is_private(key) else repr(value)}" for key, value in kwargs.items())
    arguments = ", ".join([*map(repr, args), *named])
    command, needs = instance.command, None
    if callable(command):
        _bind(fact, command, args, kwargs)
        command = command(*args, **kwargs)
    elif args or kwargs:
        raise FactTypeError(f"fact {fact.__name__} takes no arguments, but was given: {arguments}")
    if callable(getattr(instance, "requires_command", None)):
        needs = instance.requires_command(*args, **kwargs)
    if instance.shell_executable:
        how = dataclasses.replace(how, shell=instance.shell_executable)
    elif how.shell == "sh" and _needs_no_shell_of_its_own(fact):
        how = dataclasses.replace(how, shell=None)
    text = command.render(reveal=True) if isinstance(command, Renderable) else str(command)
    hidden = any(True for _ in secrets_in(command))
    return Request(fact, text, hidden, needs, how, arguments, _key(fact, text, needs, how))


def _key(fact: type, text: str, needs: str | None, how: How) -> tuple[Any, ...]:
    """Return what equal requests share. It is looked up often, and hashing text is cheap: that is done but once."""
    identity, *rest = how.key()
    return fact, text, needs, repr(identity), *rest


class Requests:
    """Facts that were asked for in a run: hosts that ask for the same share one request."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Request] = {}

    def of(self, fact: type, args: tuple[Any, ...], kwargs: Mapping[str, Any], how: How) -> Request:
        """Return the request for a fact; as :func:`prepare`, which is asked where nobody did before.

        What other people's facts look at besides their arguments is not known: theirs are made each time.
        """
        values = (*args, *kwargs.values())
        kinds = tuple(map(type, values))
        if not (is_ours(fact) and _HASHED.issuperset(kinds)) or how.passwords or how.env:
            return prepare(fact, args, kwargs, how)
        key = fact, len(args), tuple(kwargs), values, kinds, how
        request = self._known.get(key)
        if request is None:
            request = self._known[key] = prepare(fact, args, kwargs, how)
        return request


#: Arguments of these kinds are equal only if they mean the same.
_HASHED = frozenset({str, int, bool, type(None)})


def is_ours(fact: type) -> bool:
    return fact.__module__.startswith("ropewalk.facts.")


def _needs_no_shell_of_its_own(fact: type) -> bool:
    """Say whether a fact's command may run in a subshell of the stream's: it does not ask which process it is.

    That spares the host a program to load for each. Nobody knows what the commands of other people's facts do.
    """
    return is_ours(fact) and not getattr(fact, "arbitrary", False)


def _bind(fact: type, command: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    signature = inspect.signature(command)
    parameters = signature.parameters
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        for key in kwargs.keys() - parameters.keys():  # it is often why another one is missing
            hint = did_you_mean(key, parameters, kind="it takes") or "it takes no arguments"
            raise FactTypeError(f"fact {fact.__name__} has no argument {key}", hint=hint)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise FactTypeError(f"fact {fact.__name__}: {error}") from error
