"""Checks the host data that a connector reads against its list of them, an annotated ``TypedDict``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_type_hints

from ropewalk.api.typecheck import is_of, name_of
from ropewalk.model.errors import ConnectorDataTypeError

Path = str | os.PathLike[str]


def keys_of(listed: type) -> dict[str, tuple[Any, str]]:
    """Return what a connector reads: for each key its type and what it means.

    :param listed: the ``TypedDict``, whose values are ``Annotated[TYPE, MEANING]``.
    """
    hints = get_type_hints(listed, include_extras=True)
    return {key: (get_args(hint)[0], get_args(hint)[1]) for key, hint in hints.items()}


def read(
    host: str, data: Mapping[str, Any], keys: Mapping[str, tuple[Any, str]], choices: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return what a connector reads of a host's data, checked; keys that are ``None`` are left out.

    :param host: the host's name, for the message.
    :param choices: the texts that keys may have.
    :raises ConnectorDataTypeError: a value has the wrong type or is none of the choices.
    """
    found: dict[str, Any] = {}
    for key, (type_, _) in keys.items():
        value = data.get(key)
        if value is None:
            continue
        if not is_of(value, type_):
            raise ConnectorDataTypeError(
                f"host {host}: {key} must be {_type_name(type_)}, not {_shown(key, value)}",
                hint="Correct the inventory or group data of this host.",
            )
        if key in choices and value.lower() not in choices[key]:
            raise ConnectorDataTypeError(f"host {host}: {key} must be one of {', '.join(choices[key])}, not {value!r}")
        found[key] = os.fspath(value) if isinstance(value, os.PathLike) else value
    return found


def _type_name(type_: Any) -> str:
    return "text (a path)" if type_ == Path else name_of(type_)


def _shown(key: str, value: object) -> str:
    return f"a value of type {type(value).__name__}" if "password" in key else repr(value)
