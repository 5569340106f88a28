"""Takes back, for a while, what ``gevent.monkey`` has replaced in the standard library.

v3's scripts patch the standard library first of all. Ropewalk needs no gevent, and its event loop and threads
need the real thing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def native_library() -> Iterator[None]:
    """Run with the standard library as it was before it was patched; afterwards it is patched again."""
    monkey = sys.modules.get("gevent.monkey")
    patched: list[tuple[Any, str, Any]] = []
    try:
        for module, attribute, original in _saved(monkey):
            patched.append((module, attribute, getattr(module, attribute)))
            setattr(module, attribute, original)
        yield
    finally:
        for module, attribute, replacement in reversed(patched):
            setattr(module, attribute, replacement)


def _saved(monkey: Any) -> Iterator[tuple[Any, str, Any]]:
    for name, attributes in list(getattr(monkey, "saved", {}).items()):
        module = sys.modules.get(name)
        for attribute, original in attributes.items():
            if module is not None and hasattr(module, attribute):
                yield module, attribute, original
