"""v3's Python API for scripts: connect, add operations, run them, disconnect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.meta import OperationMeta
    from ropewalk.api.state import State


def connect_all(state: State) -> None:
    """Connect"""
    raise NotImplementedError


def disconnect_all(state: State) -> None:
    raise NotImplementedError


def add_op(state: State, op_func: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[Host, OperationMeta]:
    raise NotImplementedError


def add_deploy(state: State, deploy_func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    raise NotImplementedError


def run_ops(state: State, serial: bool = False, no_wait: bool = False) -> None:
    raise NotImplementedError


def get_facts(state: State, *args: Any, **kwargs: Any) -> dict[Host, Any]:
    raise NotImplementedError
