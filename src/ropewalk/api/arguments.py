"""Where the value of a global argument comes from, and the check that it makes sense.

Nearest wins: the call, then the contexts around it from the inside out (``host.arguments``, ``@deploy``,
a callback's operation), then host data of that name, then the config. ``_env`` is merged over all of these,
conditions of contexts all have to hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from ropewalk.api.config import Config
from ropewalk.api.context import Frame
from ropewalk.api.data import HostData, among
from ropewalk.api.typecheck import is_of, name_of
from ropewalk.model.arguments import declared
from ropewalk.model.errors import ArgumentTypeError

Data = HostData | Mapping[str, Any]


def split(kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide keyword arguments into global ones and the callee's own."""
    known = declared()
    if known.keys().isdisjoint(kwargs):
        return {}, dict(kwargs)
    own = {key: value for key, value in kwargs.items() if key not in known}
    return {key: value for key, value in kwargs.items() if key in known}, own


def resolve(call: Mapping[str, Any], frames: Iterable[Frame], data: Data, config: Config, *, of: str) -> dict[str, Any]:
    """Return the value of every global argument for one call; ``_if`` becomes a list of functions.

    :param of: what is called, for messages.
    :raises ArgumentTypeError: a value has the wrong type.
    """
    around = tuple(frames)
    layers = [layer for layer in (call, *(frame.arguments for frame in reversed(around))) if layer]
    of_host = among(data, declared().keys())
    values = _defaults(config)
    if layers or of_host:
        given = _nearest(layers, of_host)
        for name, value in given.items():
            check(name, value, of=of)
        values.update(given)
        if not _USERS.isdisjoint(given):
            _check_users(values, layers, of)
    values["_env"] = environment(layers, of_host, config)
    values["_if"] = [*as_conditions(of_host.get("_if")), *conditions(call.get("_if"), around)]
    values["name"] = call.get("name")
    return values


def _nearest(layers: Sequence[Mapping[str, Any]], of_host: Mapping[str, Any]) -> dict[str, Any]:
    """Return the global arguments that are given anywhere, each as it is given nearest to the call."""
    known = declared()
    given = {key: value for key, value in of_host.items() if key != "name"}
    for layer in reversed(layers):
        given.update((key, value) for key, value in layer.items() if key in known)
    return given


def _defaults(config: Config) -> dict[str, Any]:
    """Return the value of every global argument that nobody gave."""
    constants, names = _unconfigured()
    values = dict(constants)
    for key in vars(config):
        if key in names:
            values[names[key]] = getattr(config, key)
    return values


@cache
def _unconfigured() -> tuple[dict[str, Any], dict[str, str]]:
    """Return every global argument's default where no setting has been changed, and its name by the setting's."""
    entries = declared().values()
    configured = {entry.arg.config: entry.name for entry in entries if entry.arg.config}
    return {entry.name: getattr(Config, entry.arg.config or "", entry.arg.default) for entry in entries}, configured


#: The switches to become somebody, each with the argument that says who that is.
_SWITCHES = (("_sudo", "_sudo_user"), ("_doas", "_doas_user"), ("_dzdo", "_dzdo_user"))
_USERS = frozenset(user for _, user in _SWITCHES)


def _check_users(values: Mapping[str, Any], layers: Sequence[Mapping[str, Any]], of: str) -> None:
    """Refuse a user to become without a way to become somebody: it would run as the login user, silently.

    A switch that is turned off as near to the call as the user, or nearer, is meant.
    """
    for switch, user in _SWITCHES:
        if not values[user] or values[switch]:
            continue
        if _distance(user, layers) < _distance(switch, layers):
            raise ArgumentTypeError(f"{of}: {user} is given without {switch}", hint=f"add {switch}=True")


def _distance(name: str, layers: Sequence[Mapping[str, Any]]) -> int:
    """Return how far from the call an argument is given."""
    return next((number for number, layer in enumerate(layers) if name in layer), len(layers))


def conditions(own: Any, around: Iterable[Frame]) -> list[Callable[[], Any]]:
    """Return every function that must return true: those of the contexts, then the call's own."""
    outer = [condition for frame in around for condition in frame.conditions]
    return [*outer, *as_conditions(own)]


def as_conditions(value: Any) -> tuple[Callable[[], Any], ...]:
    """Return the functions that an ``_if`` argument holds."""
    if value is None:
        return ()
    return (value,) if callable(value) else tuple(value)


def environment(layers: Iterable[Mapping[str, Any]], data: Data, config: Config) -> dict[str, Any]:
    """Merge environment variables: inherited from this machine, config, host data, contexts, call."""
    merged: dict[str, Any] = {name: os.environ[name] for name in config.INHERIT_ENV if name in os.environ}
    merged.update(config.ENV)
    merged.update(data.get("_env") or {})
    for layer in reversed(list(layers)):
        if "_env" in layer:
            merged.update(layer["_env"] or {})
    return merged


def check(name: str, value: Any, *, of: str) -> None:
    """Raise ``ArgumentTypeError`` unless the value suits the argument."""
    entry = declared()[name]
    problem = _unsuitable(name, value, entry.type)
    if problem:
        raise ArgumentTypeError(f"{of}: {name} {problem}", hint=entry.arg.help)


def _unsuitable(name: str, value: Any, type_: Any) -> str | None:
    if not is_of(value, type_):
        wanted = name_of(type_)
        return f"must be {wanted}, not {value!r}" if name not in _SECRET else f"must be {wanted}"
    if name == "_retries" and value < 0:
        return f"must not be negative, but is {value}"
    if name in ("_timeout", "_retry_delay", "_parallel") and value is not None and value < 0:
        return f"must not be negative, but is {value}"
    return None


_SECRET = frozenset({"_sudo_password", "_su_password", "_env", "_stdin"})
