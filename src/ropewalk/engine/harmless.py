"""Which values may come into the code of a deploy, and which functions it may call, unnoticed (see ``purity.py``)."""

from __future__ import annotations

import enum
import io
import json
import os.path
import pathlib
import re
import shlex
import textwrap
from contextvars import ContextVar
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from ropewalk.api.context import Proxy, current_config, current_state
from ropewalk.api.data import HostData
from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.api.operation import Operation
from ropewalk.api.state import State

#: Functions that compute a value and do nothing else, given plain values.
_COMPUTING: tuple[Any, ...] = (
    bool, bytes, dict, enumerate, float, frozenset, int, isinstance, len, list, max, min, range, repr, reversed, round,
    set, sorted, str, sum, tuple, zip, abs, any, all,
    shlex.quote, shlex.join, textwrap.dedent, textwrap.indent, json.dumps, re.escape, io.StringIO, io.BytesIO,
    os.path.join, os.path.basename, os.path.dirname, os.path.splitext, os.path.normpath, os.path.isabs,
    pathlib.PurePosixPath,
)  # fmt: skip
#: Names of methods of plain values that compute a value.
METHODS = frozenset({
    "startswith", "endswith", "split", "rsplit", "splitlines", "strip", "lstrip", "rstrip", "lower", "upper", "title",
    "capitalize", "removeprefix", "removesuffix", "zfill", "ljust", "rjust", "partition", "rpartition", "isdigit",
    "isalpha", "isalnum", "join", "format", "replace", "encode", "decode", "items", "keys", "values", "get", "index",
    "count",
})  # fmt: skip
#: What of ropewalk itself may be called: it looks something up, or has waiting operations carried out first.
_OURS = {
    ("ropewalk.api.host", "Host.loop"),
    ("ropewalk.api.host", "Host.get_fact"),
    ("ropewalk.api.host", "Host.noop"),
    ("ropewalk.api.data", "HostData.get"),
    ("ropewalk.api.data", "HostData.dict"),
    ("ropewalk.api.inventory", "Inventory.get_host"),
    ("ropewalk.api.inventory", "Inventory.get_group"),
    ("ropewalk.api.local", "include"),
    ("ropewalk.model.command", "sh"),
    ("ropewalk.model.command", "joined"),
    ("ropewalk.model.v3command", "make_formatted_string_command"),
}
_CONTEXTS = {("ropewalk.api.host", f"Host.{name}") for name in ("arguments", "when", "deploy")}
_DECORATORS = {("ropewalk.api.deploy", "deploy"), ("ropewalk.api.operation", "operation")}
_MADE_OF_VALUES = ("ropewalk.model.command", "ropewalk.model.v3command", "ropewalk.model.errors")

_DATA = (str, int, float, bool, complex, bytes, type(None), list, tuple, dict, set, frozenset)
_FIXED = (str, int, float, bool, complex, bytes, type(None))
#: What of a run's state does not change while operations are carried out.
_STATE = ("inventory", "config", "cwd")
_CODE = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, type, Operation)

#: Stands for "there is no such thing".
MISSING = object()


def is_plain(value: Any) -> bool:
    """Say whether a value is data, code, or ropewalk's own: whatever is done with it, nothing else happens."""
    if type(value) in _DATA or isinstance(value, (*_CODE, enum.Enum)) or _is_pure_path(value):
        return True
    if isinstance(value, Proxy):
        return not stands_for(value, current_state)
    return type(value).__module__.startswith("ropewalk.") and not isinstance(value, State)


def is_fixed(value: Any) -> bool:
    """Say whether a value stays what it is."""
    if type(value) is tuple:
        return all(map(is_fixed, value))
    if isinstance(value, Proxy):
        return not stands_for(value, current_config)
    return type(value) in _FIXED or isinstance(value, (*_CODE, enum.Enum)) or _is_pure_path(value)


def stands_for(value: Any, variable: ContextVar[Any]) -> bool:
    """Say whether this is the proxy of a context variable."""
    return isinstance(value, Proxy) and object.__getattribute__(value, "_variable") is variable


def _is_pure_path(value: Any) -> bool:
    """Say whether this is a path without access to files."""
    return isinstance(value, pathlib.PurePath) and not isinstance(value, pathlib.Path)


def attribute_of(value: Any, name: str) -> Any:
    """Return an attribute where looking it up runs no code but ropewalk's; else ``MISSING``."""
    if isinstance(value, ModuleType):
        if name in vars(value) or not value.__name__.startswith(("ropewalk", "pyinfra")):
            return vars(value).get(name, MISSING)
    elif isinstance(value, HostData):
        if name not in ("get", "dict"):
            return MISSING
    elif (stands_for(value, current_state) and name not in _STATE) or not isinstance(value, Proxy | Operation):
        return MISSING
    try:
        return getattr(value, name, MISSING)
    except Exception:  # nothing this could stand for here
        return MISSING


def computes(value: Any) -> bool:
    """Say whether this is a function of Python that does nothing but compute a value."""
    return any(value is known for known in _COMPUTING)


def only_looks_up(value: Any) -> bool:
    """Say whether this is a function or a class of ropewalk that may be called."""
    if isinstance(value, type):
        made = value.__module__ in _MADE_OF_VALUES
        return made or (issubclass(value, Exception) and value.__module__ == "builtins")
    return _name(value) in _OURS


def opens_context(value: Any) -> bool:
    """Say whether this is a function of ropewalk that is used in a ``with``."""
    return _name(value) in _CONTEXTS


def decorates(value: Any) -> bool:
    """Say whether this is ``deploy`` or ``operation``."""
    return _name(value) in _DECORATORS


def is_base_of_facts(value: Any) -> bool:
    """Say whether a class may be the base of one that is defined in a deploy."""
    if not (isinstance(value, type) and issubclass(value, FactBase | ShortFactBase)):
        return False
    ours = (FactBase.__init_subclass__.__func__, ShortFactBase.__init_subclass__.__func__)  # type: ignore[attr-defined]
    return type(value) is type and value.__init_subclass__.__func__ in ours  # type: ignore[attr-defined]


def _name(value: Any) -> tuple[str, str] | None:
    function = value.__func__ if isinstance(value, MethodType) else value
    return (function.__module__, function.__qualname__) if isinstance(function, FunctionType) else None
