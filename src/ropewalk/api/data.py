"""Host data: layers of names and values, the nearest first."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from ropewalk.model.deferred import Deferred
from ropewalk.model.errors import InventoryError
from ropewalk.model.suggest import did_you_mean

#: Produces the layers in order of priority; called at each access, since layers change while a deploy runs.
Layers = Callable[[], "list[Mapping[str, Any]]"]


class HostData:
    """What ``host.data`` is: attributes and ``get``; assigning wins over every other layer.

    Values are shallow copies, so that one host's change to a list of its group does not reach the others:
    ``host.data.ports.append(81)`` changes nothing, ``host.data.ports = [*host.data.ports, 81]`` does.

    :param of: whose data it is, for messages.
    :param layers: returns the layers, the strongest first.
    :ivar override_datas: what has been assigned, the strongest of all.

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
        # Python looks for names such as __deepcopy__ on everything, also before __init__ has run.
        value = missing if key.startswith("__") else self.get(key, missing)
        if value is missing:
            raise AttributeError(self._without(key))
        return value

    def _without(self, key: str) -> str:
        if key.startswith("__"):
            return key
        hint = did_you_mean(key, map(str, self), kind="it has")
        return f"{self._of} has no data named {key!r}" + (f" ({hint})" if hint else "")

    def __setattr__(self, key: str, value: Any) -> None:
        self.override_datas[key] = value

    def __getitem__(self, key: str) -> Any:
        missing = object()
        value = self.get(key, missing)
        if value is missing:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        self.override_datas[key] = value

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self._all())

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for layer in self._all() for key in layer))

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key`` from the nearest layer that has it."""
        for layer in self._all():
            if key in layer:
                value = layer[key]
                return _copied(value.resolve(self) if isinstance(value, Deferred) else value)
        return default

    def dict(self) -> dict[str, Any]:
        """Return all names and values, merged; the values are shallow copies too.

        A value that cannot be worked out (:class:`~ropewalk.model.deferred.Deferred`) stands there as it is.
        """
        merged: dict[str, Any] = {}
        for layer in reversed(self._all()):
            merged.update(layer)
        return {key: _copied(self._resolved(value)) for key, value in merged.items()}

    def _resolved(self, value: Any) -> Any:
        try:
            return value.resolve(self) if isinstance(value, Deferred) else value
        except InventoryError:
            return value

    def __str__(self) -> str:
        return str(self.dict())

    __repr__ = __str__

    def _all(self) -> list[Mapping[str, Any]]:
        return [self.override_datas, *self._layers()]


def among(data: HostData | Mapping[str, Any], names: AbstractSet[str]) -> dict[str, Any]:
    """Return the values of those of these names that the data has."""
    layers = data._all() if isinstance(data, HostData) else [data]
    found: dict[str, Any] = {}
    for layer in reversed(layers):
        if layer and not names.isdisjoint(layer.keys()):
            found.update((key, layer[key]) for key in names & layer.keys())
    return {key: _copied(value.resolve(data) if isinstance(value, Deferred) else value) for key, value in found.items()}


def _copied(value: Any) -> Any:
    try:
        return copy.copy(value)
    except Exception:  # an open file, a generator: what cannot be copied is shared
        return value
