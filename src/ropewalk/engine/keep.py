"""Keeps the arguments of an operation as they were when it was called, until it is carried out."""

from __future__ import annotations

import enum
import io
import pathlib
from typing import Any

from ropewalk.engine.call import OperationCall

_CONTAINERS = (list, tuple, set, frozenset)
_VALUES = (str, int, float, bool, complex, bytes, type(None), io.StringIO, io.BytesIO)


class _CannotKeep(Exception):
    """Nobody knows how to copy it, or whether it can be read twice."""


def keep_arguments(call: OperationCall) -> bool:
    """Copy the lists, dicts and sets among the arguments; ``False`` if there is something of another kind.

    Such a thing might be changed before the operation has been carried out, might do something when it is
    looked at, or (an iterator) might have nothing to say the second time.
    """
    if call.kept is None:
        try:
            call.args, call.own = _kept(call.args), _kept(call.own)
            call.arguments["_success_exit_codes"] = _kept(call.arguments["_success_exit_codes"])
            call.kept = True
        except _CannotKeep:
            call.kept = False
    return call.kept


def _kept(value: Any) -> Any:
    kind = type(value)
    if kind in _VALUES:
        return value
    if kind in _CONTAINERS:
        return kind(map(_kept, value))
    if kind is dict:
        return {key: _kept(item) for key, item in value.items()}
    if isinstance(value, enum.Enum | pathlib.PurePath | type) or kind.__module__.startswith("ropewalk."):
        return value
    raise _CannotKeep
