"""Conditions made of the results of several operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropewalk.api.meta import OperationMeta


def any_changed(*args: OperationMeta) -> Callable[[], bool]:
    """Return a function for ``_if``: did any of these operations change something?

    ::

        systemd.service(service="app", restarted=True, _if=any_changed(unit, config))
    """
    return lambda: any(meta.did_change() for meta in args)


def all_changed(*args: OperationMeta) -> Callable[[], bool]:
    """Return a function for ``_if``: did all of these operations change something?"""
    return lambda: all(meta.did_change() for meta in args)
