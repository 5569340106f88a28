"""Every operation and fact that deploys written for pyinfra v3 use is there: names, parameters, defaults, types.

What differs on purpose stands in the tables of this file, and nowhere else.
"""

from __future__ import annotations

import ast
import collections.abc
import datetime
import importlib
import inspect
import io
import itertools
import sys
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import surface

from ropewalk.api import FactBase, Operation, ShortFactBase
from ropewalk.api.typecheck import is_of
from ropewalk.compat import names as compat
from ropewalk.facts.crontab import CrontabFile
from ropewalk.operations.brew import BrewItemKind

#: Parameters that ropewalk has beyond v3's, all of them optional.
MORE = {"uv.UvPipPackages": {"options"}}
#: What facts give where there is nothing to tell, if v3 gives something else.
OTHER_VALUES = {
    "crontab.Crontab": CrontabFile({}),  # v3's class calls itself something else
    "server.RebootRequired": False,  # v3's command always writes something, so that None is never seen
}
#: Facts that have a second name.
OTHER_NAMES = {
    "docker._DockerJsonLinesFactBase": "docker.DockerLinesFactBase",
    "server.Crontab": "crontab.Crontab",
    **{f"zfs.{kind}": f"zfs.Zfs{kind}" for kind in ("Datasets", "Filesystems", "Pools", "Snapshots", "Volumes")},
}
#: Programs that facts need, if v3 says something else.
OTHER_PROGRAMS = {
    "hardware.Memory": None,  # read from /proc/meminfo; vmstat is the last resort
    "mysql.MysqlFactBase": None,  # mysql or mariadb
    "selinux.SEPort": "semanage",  # sepolicy belongs to a package for developers
}


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    compat.offer()


def find(package: str, name: str) -> Any:
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(f"{package}.{module}"), last)


def signature(function: Callable[..., Any]) -> dict[str, tuple[inspect.Parameter, Any]]:
    """Return the parameters of an operation's function or a fact's command: name -> (parameter, type)."""
    parameters = {name: p for name, p in inspect.signature(function).parameters.items() if name not in ("self", "_")}
    annotated = {name: p.annotation for name, p in parameters.items() if p.annotation is not p.empty}
    # The names that modules import for type checkers only.
    scope = {**vars(collections.abc), **vars(datetime), **inspect.unwrap(function).__globals__}
    hints = typing.get_type_hints(types.SimpleNamespace(__annotations__=annotated), scope)
    return {name: (p, hints.get(name, Any)) for name, p in parameters.items()}


SIGNS = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
    inspect.Parameter.KEYWORD_ONLY: "=",
}


def differences(entry: surface.Entry, function: Callable[..., Any]) -> Iterator[str]:
    """Yield what a caller of v3's operation or fact would notice of another signature."""
    here = signature(function)
    for wanted in entry.parameters:
        if wanted.name not in here:
            yield f"{wanted.name} is missing"
            continue
        parameter, type_ = here[wanted.name]
        if SIGNS.get(parameter.kind, "") not in (wanted.kind, "" if wanted.kind == "=" else wanted.kind):
            yield f"{wanted.name} is {parameter.kind.description}"
        default = None if parameter.default is parameter.empty else repr(parameter.default)
        if default != wanted.default:
            yield f"{wanted.name} is {default} by default, not {wanted.default}"
        if refused := [value for value in samples(wanted) if not accepts(type_, value)]:
            yield f"{wanted.name}: {type_} does not take {refused}"
    order = [name for name, (p, _) in here.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    positional = [wanted.name for wanted in entry.parameters if not wanted.kind]
    if order[: len(positional)] != positional:
        yield f"the order is {order}"
    extra = set(here) - {wanted.name for wanted in entry.parameters}
    if extra != MORE.get(entry.name, set()):
        yield f"parameters that v3 does not have: {extra}"
    yield from (f"{name} must be given" for name in extra if here[name][0].default is inspect.Parameter.empty)


SAMPLES: dict[str, object] = {
    "str": "x", "int": 1, "bool": True, "float": 1.5, "None": None, "Path": Path("x"), "IO[Any]": io.StringIO("x"),
    "datetime": datetime.datetime(2026, 1, 2), "Callable": print, "type[Exception]": ValueError, "dict": {"k": "v"},
    "dict[str, str]": {"k": "v"}, "dict[str, Any]": {"k": 1}, "list[str]": ["x"], "set[str]": {"x"},
    "list[str | int]": ["x", 1], "tuple[str]": ("x",), "tuple[str, str]": ("x", "y"), "Protocol": "tcp",
    "Boolean": "on", "BrewItemKind": BrewItemKind.CASK,
}  # fmt: skip


def samples(wanted: surface.Parameter) -> Iterator[object]:
    """Yield a value of each type that v3 takes; a parameter without a type takes what its default is."""
    if wanted.type is None:
        if wanted.default not in (None, "None"):
            yield ast.literal_eval(wanted.default)
        return
    depth = itertools.accumulate((c == "[") - (c == "]") for c in wanted.type)
    text = "".join("\n" if c == "|" and not level else c for c, level in zip(wanted.type, depth, strict=True))
    for part in text.split("\n"):
        name = part.strip()
        if name.startswith("Literal["):
            yield from ast.literal_eval(name.removeprefix("Literal"))
        else:
            yield SAMPLES[name]


def accepts(type_: Any, value: object) -> bool:
    """Say whether a value fits an annotation, which may say more than the checks of global arguments know."""
    origin, parts = typing.get_origin(type_), typing.get_args(type_)
    if origin in (types.UnionType, typing.Union):
        return any(accepts(part, value) for part in parts)
    if origin is Literal:
        return value in parts
    if isinstance(type_, typing.TypeAliasType if sys.version_info >= (3, 12) else ()):
        return accepts(type_.__value__, value)
    if origin is tuple and isinstance(value, tuple):
        return len(parts) == len(value) or parts[-1] is ...
    if origin is type:
        return isinstance(value, type) and issubclass(value, parts[0])
    if inspect.isclass(type_) and getattr(type_, "_is_protocol", False):
        return all(hasattr(value, name) for name in vars(type_) if not name.startswith("_"))
    if origin is not None and isinstance(value, origin) and not parts:
        return True
    if isinstance(value, io.StringIO):
        return (origin or type_) in (typing.IO, typing.TextIO, typing.BinaryIO, io.IOBase)
    if isinstance(value, list | set | tuple) and origin and isinstance(value, origin):
        return all(accepts(parts[0], item) for item in value)
    return is_of(value, type_)


def test_the_lists_are_read() -> None:
    assert (len(surface.operations()), len(surface.facts())) == (182, 211)


@pytest.mark.parametrize("entry", surface.operations(), ids=str)
def test_operation(entry: surface.Entry) -> None:
    operation = find("ropewalk.operations", entry.name)
    assert isinstance(operation, Operation)
    assert find("pyinfra.operations", entry.name) is operation
    assert list(differences(entry, operation._inner)) == []
    assert operation.is_idempotent or operation.idempotent_notice


@pytest.mark.parametrize("entry", surface.facts(), ids=str)
def test_fact(entry: surface.Entry) -> None:
    fact = find("ropewalk.facts", entry.name)
    assert find("pyinfra.facts", entry.name) is fact
    assert fact.name == OTHER_NAMES.get(entry.name, entry.name)
    if entry.default.startswith("part of "):
        assert issubclass(fact, ShortFactBase)
        assert fact.fact is find("ropewalk.facts", entry.default.removeprefix("part of "))
        assert not fact().process_data(fact.fact.default())
        return
    assert issubclass(fact, FactBase)
    if callable(getattr(fact, "command", None)):
        assert list(differences(entry, fact.command)) == []
    value = fact.default()
    if entry.name in OTHER_VALUES:
        assert value == OTHER_VALUES[entry.name]
    elif entry.default == "now":
        assert isinstance(value, datetime.datetime)
    else:
        assert repr(value) == entry.default


@pytest.mark.parametrize("entry", [entry for entry in surface.facts() if entry.note], ids=str)
def test_the_program_a_fact_needs(entry: surface.Entry) -> None:
    fact = find("ropewalk.facts", entry.name)
    required = [parameter.name for parameter in entry.parameters if parameter.default is None]
    program = fact().requires_command(**dict.fromkeys(required, "x"))
    assert program == OTHER_PROGRAMS.get(entry.name, entry.note.removeprefix("needs "))
