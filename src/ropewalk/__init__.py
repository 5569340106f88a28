"""Ropewalk: agentless infrastructure automation in plain Python.

``from ropewalk import host`` in a deploy gives the host it runs for; ``ropewalk.run`` runs a deploy from a
program of your own.
"""

from __future__ import annotations

__version__ = "0.1.0"

# Imported at the start of every interpreter (see ropewalk.pth), so not even `typing` is imported here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ropewalk.api import local as local
    from ropewalk.api.config import Config
    from ropewalk.api.host import Host
    from ropewalk.api.inventory import Inventory
    from ropewalk.api.state import State
    from ropewalk.embed import run as run
    from ropewalk.model.result import RunResult as RunResult

    host: Host
    config: Config
    state: State
    inventory: Inventory

# Nothing is imported before it is used: `ropewalk --version` must not pay for the engine.
_PROXIES = ("host", "config", "state", "inventory")
_LAZY = {"local": ("ropewalk.api.local", None), "run": ("ropewalk.embed", "run"),
         "RunResult": ("ropewalk.model.result", "RunResult")}  # fmt: skip


def __getattr__(name: str) -> Any:
    import importlib

    if name in _PROXIES:
        context = importlib.import_module("ropewalk.api.context")
        value: Any = context.Proxy(getattr(context, f"current_{name}"))
    elif name in _LAZY:
        module, attribute = _LAZY[name]
        value = importlib.import_module(module)
        value = getattr(value, attribute) if attribute else value
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
