"""Which of several managers a host has, and the operation module that knows it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from ropewalk import host
from ropewalk.api.operation import Operation
from ropewalk.facts.server import Which
from ropewalk.model.errors import OperationError
from ropewalk.model.record import record


@record
class Manager:
    """One manager.

    :param name: what it is called in messages.
    :param module: the module of ``ropewalk.operations`` that knows it.
    :param found: says whether the current host has it.
    """

    name: str
    module: str
    found: Callable[[], bool]


def program(name: str, module: str | None = None) -> Manager:
    """Return a manager that is known by a program of the same name."""
    return Manager(name, module or name, lambda: has_program(name))


def has_program(name: str) -> bool:
    return bool(host.get_fact(Which, command=name))


def choose(kind: str, managers: Sequence[Manager]) -> Manager:
    """Return the first manager that the host has.

    :param kind: what they manage, for the message.
    :raises OperationError: it has none of them.
    """
    for manager in managers:
        if manager.found():
            return manager
    names = ", ".join(dict.fromkeys(manager.name for manager in managers))
    raise OperationError(f"no manager of {kind} was found on this host", hint=f"looked for: {names}")


def operation_of(manager: Manager, name: str) -> Operation[Any]:
    """Return an operation of the manager's module.

    :raises OperationError: this version has no such module.
    """
    module = f"ropewalk.operations.{manager.module}"
    try:
        found: Operation[Any] = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.rpartition(".")[0]):
            raise
        raise OperationError(
            f"this host has {manager.name}, which this version of ropewalk does not support",
            hint="run its commands with server.shell",
        ) from None
    return found
