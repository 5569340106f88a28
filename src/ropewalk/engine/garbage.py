"""Spares a run most of the work of Python's cycle collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: A large run makes millions of objects that stay: results, facts. Python would look through all of them again and
#: again, which took a third of the time of a run with a hundred hosts. Little of what goes is in cycles.
_SELDOM = (1_000_000, 20, 100)


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Meanwhile, look for cycles that nobody needs less often than usual."""
    before = gc.get_threshold()
    if not gc.isenabled() or before[0] > _SELDOM[0]:
        yield  # somebody has made up their mind
        return
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        _call_all_old()
        gc.set_threshold(*before)


def _call_all_old() -> None:
    """Make old objects of all young ones: looking through them would take long, and most of them stay.

    Cycles among them that nobody needs go when Python looks through the old ones.
    """
    if not gc.get_freeze_count():  # else somebody has frozen objects, and they stay that
        gc.freeze()
        gc.unfreeze()
