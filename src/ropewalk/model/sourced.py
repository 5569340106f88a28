"""Data that knows where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Sourced(dict[str, Any]):
    """A mapping whose values know where they come from.

    :param data: the values.
    :param where: where the whole is written: ``file:line``, an option, a connector.
    :param places: where single values are written.

    >>> data = Sourced({"port": 80, "tls": True}, "web.py", {"port": "web.py:3"})
    >>> data.place("port"), data.place("tls")
    ('web.py:3', 'web.py')
    """

    def __init__(
        self, data: Mapping[str, Any] | None = None, where: str | None = None, places: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data or {})
        self.where = where
        self.places = dict(places or {})

    def place(self, key: str) -> str | None:
        """Return where a value is written, as far as that is known."""
        return self.places.get(key, self.where)

    def put(self, key: str, value: Any, where: str | None) -> None:
        """Set a value, and where it is written."""
        self[key] = value
        self.places.pop(key, None)
        if where is not None:
            self.places[key] = where

    def take(self, other: Mapping[str, Any], unknown: str | None = None) -> None:
        """Take over what another mapping says; it wins.

        :param unknown: where its values are written, if it does not know.
        """
        self.update(other)
        known = other.places if isinstance(other, Sourced) else {}
        where = (other.where if isinstance(other, Sourced) else None) or unknown
        if where is not None:
            self.places.update(dict.fromkeys(other, where))
        elif self.places:
            for key in other:
                self.places.pop(key, None)
        self.places.update(known)


def placed(
    data: Mapping[str, Any], keys: Iterable[str], unknown: str | None = None
) -> Iterable[tuple[str, str | None]]:
    """Yield keys of a mapping, each with where its value is written.

    >>> list(placed({"port": 80}, ["port"], "the connector @x"))
    [('port', 'the connector @x')]
    """
    known = data if isinstance(data, Sourced) else None
    return [(key, (known.place(key) if known is not None else None) or unknown) for key in keys]
