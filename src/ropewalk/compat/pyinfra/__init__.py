"""What ``import pyinfra`` gives: laid out as pyinfra v3 is, so that its import statements find what they name.

The modules below hold no behaviour of their own where ropewalk has it: they give it the names v3 uses.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import ropewalk
from ropewalk.compat import names
from ropewalk.compat.logs import logger as logger
from ropewalk.model.version import API_LEVEL

if TYPE_CHECKING:
    from ropewalk import config as config
    from ropewalk import host as host
    from ropewalk import inventory as inventory
    from ropewalk import state as state

    is_cli: bool

__version__ = API_LEVEL

_PROXIES = frozenset({"host", "config", "state", "inventory"})
_MODULES = frozenset({"api", "connectors", "context", "facts", "local", "operations", "progress", "version"})


def init_base_classes() -> None:
    """Do nothing: v3's proxies stood for classes outside a run; ropewalk's say that there is no run."""


def __getattr__(name: str) -> Any:
    if name in _PROXIES:
        return getattr(ropewalk, name)
    if name in _MODULES:
        return importlib.import_module(names.place_of(f"pyinfra.{name}"))
    if name == "is_cli":
        return names.is_active()
    raise AttributeError(f"module 'pyinfra' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PROXIES, *_MODULES, "is_cli"})
