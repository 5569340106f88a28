"""Arguments whose names say that they are secret are hidden, however they are given."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.api import FactBase, operation
from ropewalk.api.operation import Operation
from ropewalk.engine.call import describe
from ropewalk.engine.request import prepare
from ropewalk.model.command import sh
from ropewalk.model.event import OperationPlanned
from ropewalk.shell.how import How
from support.play import play


@operation()
def login(user: str, password: str, *more: str, token: str = ""):
    yield sh("echo", user, password)


@pytest.mark.parametrize(
    ("args", "own", "shown"),
    [
        (("ann",), {"password": "hunter2"}, ("ann", "password=*****")),
        (("ann", "hunter2"), {}, ("ann", "*****")),
        (("ann", "hunter2", "x"), {"token": "hunter2"}, ("ann", "*****", "x", "token=*****")),
    ],
)
def test_operations(args: tuple[Any, ...], own: dict[str, Any], shown: tuple[str, ...]) -> None:
    made: Operation[Any] = login
    assert describe(made, args, own) == shown


def test_what_an_operation_writes() -> None:
    def deploy() -> None:
        login("ann", "hunter2-by-position")

    played = play(deploy)
    assert played.of(OperationPlanned)
    assert "hunter2" not in "\n".join(map(repr, played.events))


def test_facts() -> None:
    class Secretive(FactBase[str]):
        def command(self, user: str, user_password: str | None = None) -> str:
            return "true"

    request = prepare(Secretive, ("ann",), {"user_password": "hunter2"}, How.of({}))
    assert request.arguments == "'ann', user_password=*****"
