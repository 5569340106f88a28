"""Facts: what is true of a host, read by one command and parsed into a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State
    from ropewalk.model.command import Renderable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")


class FactBase(Generic[T]):
    """One fact about a host.

    Subclasses give ``command`` (text, or a method that returns text or :func:`ropewalk.api.sh`) and
    ``process``, which turns the lines of its standard output into a value. A command that fails is an error of
    the fact; *absent* is a value: write the command so that it succeeds and prints nothing, and return
    ``default()``'s value.

    ::

        class Kernel(FactBase[str]):
            command = "uname -s"

            def process(self, output: list[str]) -> str:
                return output[0]

        host.get_fact(Kernel)

    Set ``constant = True`` for what cannot change during a run (the architecture): it is read once.
    """

    name: ClassVar[str]
    abstract: ClassVar[bool] = True
    #: The shell that runs the command, where it must be another than the host's.
    shell_executable: str | None = None
    #: Whether the value stays valid whatever the run does.
    constant: ClassVar[bool] = False

    command: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.abstract = False
        cls.name = _name(cls)

    def requires_command(self, *args: Any, **kwargs: Any) -> str | None:
        """Return the program the command needs; where it is missing, the fact has its default value."""
        return None

    def check_preconditions(self, state: State, host: Host) -> str | None:
        """Return why this fact makes no sense on the host, or ``None``."""
        return None

    def process(self, output: list[str]) -> T:
        """Turn the lines of standard output into the value; by default all of them, joined."""
        return "\n".join(output)  # type: ignore[return-value]

    def process_pipeline(self, args: Any, output: list[str]) -> Any:
        """Turn the outputs of several calls into values (v3's older form; kept for facts that call it)."""
        return {arg: self.process([output[index]]) for index, arg in enumerate(args)}

    @staticmethod
    def default() -> Any:
        """Return the value of a fact whose command wrote nothing or whose program is missing."""
        return None


class ShortFactBase(Generic[T]):
    """A fact that is a part of another one: ``fact`` names it, ``process_data`` picks the part."""

    name: ClassVar[str]
    fact: type[FactBase[Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = _name(cls)

    def process_data(self, data: Any) -> T:
        return data  # type: ignore[no-any-return]


class Readable(Protocol[P, T_co]):
    """A fact as ``get_fact`` types it: the parameters of its command, the type of its value."""

    def command(self, *args: P.args, **kwargs: P.kwargs) -> str | Renderable: ...

    def process(self, output: list[str]) -> T_co: ...


def _name(cls: type) -> str:
    """Return what users call a fact: ``server.Users``, though it lives in ``facts/server/accounts.py``."""
    parts = cls.__module__.split(".")
    module = parts[parts.index("facts") + 1] if "facts" in parts[:-1] else parts[-1]
    return f"{module}.{cls.__name__}"
