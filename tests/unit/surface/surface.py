"""Reads the lists of what deploys written for v3 call: every operation and fact with its parameters and defaults.

A line of ``operations.txt`` or ``facts.txt`` is a signature as Python writes it. Behind the arrow stands what a fact
gives where there is nothing to tell; behind the ``#`` the program that the fact needs. A parameter has a type
where v3 has one.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_LINE = re.compile(r"(?P<name>[\w.]+)(?P<parameters>\(.*?\))(?: -> (?P<default>.*?))?(?:  # (?P<note>.*))?")


@dataclass(frozen=True)
class Parameter:
    """One parameter: its kind is the sign before it, ``*`` or ``**``, or ``=`` if it is given by name only."""

    name: str
    kind: str = ""
    type: str | None = None
    default: str | None = None


@dataclass(frozen=True)
class Entry:
    """One operation or fact."""

    name: str
    parameters: tuple[Parameter, ...]
    default: str = ""
    note: str = ""

    def __str__(self) -> str:
        return self.name


def operations() -> list[Entry]:
    """Return every operation."""
    return _read("operations.txt")


def facts() -> list[Entry]:
    """Return every fact; its default may be ``part of OTHER``, its note ``needs PROGRAM``."""
    return _read("facts.txt")


def _read(file: str) -> list[Entry]:
    return [_entry(line) for line in (HERE / file).read_text().splitlines()]


def _entry(line: str) -> Entry:
    found = _LINE.fullmatch(line)
    assert found, line
    function = ast.parse(f"def f{found['parameters']}: ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    return Entry(found["name"], tuple(_parameters(function.args)), found["default"] or "", found["note"] or "")


def _parameters(arguments: ast.arguments) -> list[Parameter]:
    missing = [None] * (len(arguments.args) - len(arguments.defaults))
    defaults = [*missing, *arguments.defaults]
    given = [_parameter(arg, "", default) for arg, default in zip(arguments.args, defaults, strict=True)]
    if arguments.vararg:
        given.append(_parameter(arguments.vararg, "*"))
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    given += [_parameter(arg, "=", default) for arg, default in by_name]
    if arguments.kwarg:
        given.append(_parameter(arguments.kwarg, "**"))
    return given


def _parameter(arg: ast.arg, kind: str, default: ast.expr | None = None) -> Parameter:
    type_ = ast.unparse(arg.annotation) if arg.annotation else None
    return Parameter(arg.arg, kind, type_, ast.unparse(default) if default else None)
