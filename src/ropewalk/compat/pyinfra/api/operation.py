"""v3's ``operation`` decorator, and ``add_op`` for scripts."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, ParamSpec

from ropewalk.api.meta import OperationMeta as OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.operation import operation as _operation
from ropewalk.compat._v3_call import PyinfraOperation as PyinfraOperation
from ropewalk.compat.driver import add_op as add_op
from ropewalk.compat.pyinfra.api.command import PyinfraCommand as PyinfraCommand
from ropewalk.model.errors import OperationFailed as NestedOperationError
from ropewalk.model.errors import OperationValueError as OperationValueError
from ropewalk.model.v3command import StringCommand as StringCommand

__all__ = [
    "NestedOperationError",
    "OperationMeta",
    "OperationValueError",
    "PyinfraCommand",
    "PyinfraOperation",
    "StringCommand",
    "add_op",
    "get_operation_name_from_func",
    "operation",
]

if TYPE_CHECKING:
    P = ParamSpec("P")

    def operation(
        is_idempotent: bool = True,
        idempotent_notice: str | None = None,
        is_deprecated: bool = False,
        deprecated_for: str | None = None,
        _set_in_op: bool = True,
    ) -> Callable[[Callable[P, Generator[Any, Any, Any]]], PyinfraOperation[P]]: ...

else:
    operation = _operation


def get_operation_name_from_func(func: Operation[Any]) -> str:
    """Return what an operation is called where it has no ``name``: ``module.function``."""
    return func.full_name
