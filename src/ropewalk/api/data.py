"""Host data: layers of names and values, the nearest first."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: Produces the layers in order of priority; called at each access, since layers change while a deploy runs.
Layers = Callable[[], "list[Mapping[str, Any]]"]


class HostData:
    """What ``host.data`` is: attributes and ``get``; assigning wins over every other layer.

    Values are shallow copies, so that one host's change to a list of its group does not reach the others.

    >>> data = HostData("web1", lambda: [{"port": 80}])
    >>> data.port, data.get("tls", False)
    (80, False)
    """

    def __init__(self, of: str, layers: Layers) -> None:
        object.__setattr__(self, "_of", of)
        object.__setattr__(self, "_layers", layers)
        object.__setattr__(self, "override_datas", {})

    def __getattr__(self, key: str) -> Any:
        missing = object()
        value = self.get(key, missing)
        if value is missing:
            known = ", ".join(sorted(self)) or "none"
            raise AttributeError(f"{self._of} has no data named {key!r} (it has: {known})")
        return value

    def __setattr__(self, key: str, value: Any) -> None:
        self.override_datas[key] = value

    def __getitem__(self, key: str) -> Any:
        missing = object()
        value = self.get(key, missing)
        if value is missing:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self._all())

    def __iter__(self) -> Iterator[str]:
        return iter(self.dict())

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key`` from the nearest layer that has it."""
        for layer in self._all():
            if key in layer:
                return copy.copy(layer[key])
        return default

    def dict(self) -> dict[str, Any]:
        """Return all names and values, merged."""
        merged: dict[str, Any] = {}
        for layer in reversed(self._all()):
            merged.update(layer)
        return merged

    def __str__(self) -> str:
        return str(self.dict())

    __repr__ = __str__

    def _all(self) -> list[Mapping[str, Any]]:
        return [self.override_datas, *self._layers()]
