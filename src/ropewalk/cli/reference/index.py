"""Finds every operation and fact, module by module."""

from __future__ import annotations

import importlib
import pkgutil
import re
import types
from collections.abc import Callable, Iterator
from typing import Any

from ropewalk.api.operation import Operation
from ropewalk.cli.names import is_fact, members
from ropewalk.cli.reference.docstring import Doc, parse
from ropewalk.cli.reference.entry import Entry, entry_of
from ropewalk.model.record import record

#: What classes are called that others are made of; they cannot be read by themselves.
_BASE = re.compile(r"(?:Base|BaseFact|Mixin)$")


@record
class Module:
    """A subject: what its module of operations and its module of facts hold.

    :ivar about_facts: what the module of facts says of them, where there are operations too.
    """

    name: str
    doc: Doc
    operations: tuple[Entry, ...]
    facts: tuple[Entry, ...]
    about_facts: tuple[str, ...] = ()


def names() -> list[str]:
    """Return the names of all subjects."""
    return sorted({*_modules_of("operations"), *_modules_of("facts")})


def modules() -> Iterator[Module]:
    """Yield all subjects that have operations or facts."""
    return (found for found in map(module, names()) if found.operations or found.facts)


def _modules_of(kind: str) -> list[str]:
    package = importlib.import_module(f"ropewalk.{kind}")
    return [entry.name for entry in pkgutil.iter_modules(package.__path__) if not entry.name.startswith("_")]


def module(name: str) -> Module:
    """Return what a subject holds."""
    operations, facts = _import("operations", name), _import("facts", name)
    doc, *others = [parse(found.__doc__) for found in (operations, facts) if found is not None]
    return Module(
        name,
        doc,
        tuple(_entries(name, operations, lambda value: isinstance(value, Operation))),
        tuple(_entries(name, facts, _is_readable)),
        tuple(text for other in others for text in other.text),
    )


def _is_readable(value: Any) -> bool:
    return is_fact(value) and not _BASE.search(value.__name__)


def _import(kind: str, name: str) -> types.ModuleType | None:
    if name not in _modules_of(kind):
        return None
    return importlib.import_module(f"ropewalk.{kind}.{name}")


def _entries(name: str, module: types.ModuleType | None, wanted: Callable[[Any], bool]) -> Iterator[Entry]:
    """Yield a module's own operations or facts; those of the modules in it, if deploys call them by these modules."""
    if module is None:
        return
    found = {member: getattr(module, member) for member in members(module, wanted)}
    for member, value in found.items():
        if _is_at_home(value, f"{name}.{member}", module):
            yield entry_of(f"{name}.{member}", value)
    if not found:
        for member, value in sorted(vars(module).items()):
            if isinstance(value, types.ModuleType) and value.__name__ == f"{module.__name__}.{member}":
                yield from _entries(f"{name}.{member}", value, wanted)


def _is_at_home(value: Any, name: str, module: types.ModuleType) -> bool:
    """Say whether a module made an operation or fact, rather than imported it or gave it a second name."""
    if isinstance(value, Operation):
        return value._inner.__module__.startswith(module.__name__)
    return bool(value.name == name)
