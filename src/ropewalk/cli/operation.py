"""``ropewalk INVENTORY module.operation arguments``: run one operation."""

from __future__ import annotations

from collections.abc import Sequence

from ropewalk.cli.names import check_operation_arguments, find_operation
from ropewalk.cli.run import Session
from ropewalk.inventories import parse_operation_arguments


def run(session: Session, inventory: str, word: str, arguments: Sequence[str]) -> int:
    """Plan, confirm and apply one operation, and return the exit status."""
    from ropewalk.engine.program import FunctionProgram

    setup = session.prepare(inventory)
    operation = find_operation(word)
    args, kwargs = parse_operation_arguments(arguments)
    check_operation_arguments(word, operation, args, kwargs)

    def call() -> None:
        operation(*args, **kwargs)

    return session.plan_and_apply("operation", setup, [FunctionProgram(call, operation.full_name)])
