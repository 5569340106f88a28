"""Plain values by the hundred: data classes that are quick to define, and quick to make.

``@dataclass(frozen=True)`` compiles six functions for a class, which takes half a millisecond: with a hundred kinds of
values, a sixth of the time that a small run takes. And as its fields are assigned around its own guard, a frozen value
is four times as slow to make. So :func:`record` leaves the guard to the type checker, and shares what need not be
compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_T]) -> type[_T]:
    """Make a data class with slots that is compared, hashed and shown by its content.

    It is frozen for the type checker: nobody may assign to its attributes. Nothing stops code that is not checked.

    :param cls: a class with annotated fields; ``field(compare=False)`` and ``field(repr=False)`` mean what they do in
        data classes.

    >>> @record
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(1), Point(1, 0) == Point(1), Point(1) == (1, 0)
    (Point(x=1, y=0), True, False)
    """
    shared: dict[str, Callable[..., Any]] = {"__eq__": _equal, "__hash__": _hash, "__repr__": _shown}
    missing = {name: function for name, function in shared.items() if name not in cls.__dict__}
    made: Any = dataclass(slots=True, eq=False, repr=False)(cls)
    for name, function in missing.items():
        setattr(made, name, function)
    made._content = attrgetter(*[each.name for each in fields(made) if each.compare] or ["__class__"])
    made._shown_fields = tuple(each.name for each in fields(made) if each.repr)
    return made  # type: ignore[no-any-return]  # with slots, it is another class than the one that came


def _equal(self: Any, other: Any) -> Any:
    return self._content(self) == self._content(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._content(self))


def _shown(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown_fields)
    return f"{type(self).__qualname__}({shown})"
