"""What code is running for: the current host, state and config, and what surrounds the current call.

Everything is a context variable, set in one ``with`` and seen by the greenlets, tasks and worker threads
that start inside it. ``host``, ``state``, ``config`` and ``inventory``, which deploys import, are proxies of
these variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ropewalk.model.errors import RopewalkError

if TYPE_CHECKING:
    from ropewalk.api.config import Config
    from ropewalk.api.host import Host
    from ropewalk.api.inventory import Inventory
    from ropewalk.api.state import State
    from ropewalk.model.event import Event

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Frame:
    """One ``with host.arguments``, ``host.when``, ``@deploy`` call, include or callback around a call.

    :param arguments: global arguments that hold inside it.
    :param conditions: functions that must all return true for an operation inside it to run.
    :param name: a prefix for the names of operations inside it.
    :param data: host data of the lowest priority, seen inside it.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[Callable[[], Any], ...] = ()
    name: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


current_host: ContextVar[Host] = ContextVar("host")
current_state: ContextVar[State] = ContextVar("state")
current_config: ContextVar[Config] = ContextVar("config")
current_inventory: ContextVar[Inventory] = ContextVar("inventory")
#: Takes every event of the run that is under way.
current_emit: ContextVar[Callable[[Event], None]] = ContextVar("emit")
frames: ContextVar[tuple[Frame, ...]] = ContextVar("frames", default=())
#: Told when what is being evaluated is about to rest on files of the machine that runs the deploy.
on_local_files: ContextVar[Callable[[], None]] = ContextVar("on_local_files", default=lambda: None)
#: Told when code uses what it runs for: the host, the state, the config, the inventory, an operation.
on_use: ContextVar[Callable[[], None] | None] = ContextVar("on_use", default=None)


@contextmanager
def inside(frame: Frame) -> Iterator[None]:
    """Put a frame around the calls made in this ``with``."""
    token = frames.set((*frames.get(), frame))
    try:
        yield
    finally:
        frames.reset(token)


@contextmanager
def use(variable: ContextVar[T], value: T) -> Iterator[T]:
    """Set a context variable for the length of a ``with``."""
    token = variable.set(value)
    try:
        yield value
    finally:
        variable.reset(token)


class NoContext(RopewalkError, AttributeError):
    """A proxy was used where there is nothing it could stand for."""


class Proxy(Generic[T]):
    """Stands for whatever a context variable holds where it is used."""

    def __init__(self, variable: ContextVar[T]) -> None:
        object.__setattr__(self, "_variable", variable)

    def _get(self) -> T:
        variable: ContextVar[T] = object.__getattribute__(self, "_variable")
        value = variable.get(None)
        if (told := on_use.get()) is not None:
            told()
        if value is None:  # never set, or taken back
            raise NoContext(
                f"there is no current {variable.name} here",
                hint="use it in a deploy, an operation, a fact or a callback, while one runs",
            )
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._get(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._get(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._get(), name)

    def __eq__(self, other: object) -> bool:
        return self._get() == (other._get() if isinstance(other, Proxy) else other)

    def __hash__(self) -> int:
        return hash(self._get())

    def __bool__(self) -> bool:
        return self._variable.get(None) is not None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._get())  # type: ignore[call-overload, no-any-return]

    def __len__(self) -> int:
        return len(self._get())  # type: ignore[arg-type]

    def __repr__(self) -> str:
        value = self._variable.get(None)
        return f"<no current {self._variable.name}>" if value is None else repr(value)

    def __str__(self) -> str:
        return str(self._get())

    def __dir__(self) -> list[str]:
        return dir(self._get())
