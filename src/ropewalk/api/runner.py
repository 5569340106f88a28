"""What a host object needs from whatever runs its deploy: the seam between this package and the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

from ropewalk.model.outcome import Outcome, Prediction

if TYPE_CHECKING:
    from ropewalk.api.meta import OperationMeta
    from ropewalk.api.operation import Operation


@dataclass(frozen=True, slots=True)
class Line:
    """One line that a command wrote; ``stream`` is ``"stdout"`` or ``"stderr"``."""

    stream: str
    line: str


@dataclass(frozen=True, slots=True)
class Completed:
    """How an operation ended on one host, as its ``OperationMeta`` tells it."""

    outcome: Outcome
    commands_run: int = 0
    #: The output of the last try's commands, made into lines when somebody asks.
    stdout: Callable[[], list[str]] = list
    stderr: Callable[[], list[str]] = list
    attempts: int = 1


class Runner(Protocol):
    """Carries out what deploy code asks for, on one host. All of these wait without blocking other hosts."""

    @property
    def planning(self) -> bool:
        """Whether writes are off."""

    @property
    def connected(self) -> bool: ...

    def submit(self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperationMeta:
        """Carry out (or, when planning, start to evaluate) an operation."""

    def prediction(self, meta: OperationMeta) -> Prediction:
        """Wait until it is known what the plan says of an operation, and say it."""

    def owes(self, meta: OperationMeta, changed: bool | None) -> bool:
        """Say whether whoever asks now has not acted on a change that an earlier run made; ``changed``: in this run."""

    def get_fact(self, fact: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...

    def will_read(self, facts: Sequence[tuple[type, Mapping[str, Any]]]) -> None:
        """Ask for facts that ``get_fact`` is going to be asked for: together they take one round trip."""

    def run_shell_command(self, command: Any, arguments: Mapping[str, Any]) -> tuple[bool, list[Line]]: ...

    def put_file(self, source: str | IO[Any], dest: str, arguments: Mapping[str, Any]) -> bool: ...

    def get_file(self, source: str, dest: str | IO[Any], arguments: Mapping[str, Any]) -> bool: ...

    def rsync(self, source: str, dest: str, flags: list[str], arguments: Mapping[str, Any]) -> bool: ...

    def running_arguments(self) -> Mapping[str, Any]:
        """Return the global arguments of the operation that runs; none outside of one."""

    def catch_up(self) -> None:
        """Carry out operations that were called and have not been carried out yet."""

    def noop(self, reason: str) -> None:
        """Say why the operation that is being evaluated has nothing to do."""

    def log(self, level: str, message: str) -> None: ...

    def connect(self) -> None:
        """Make sure the host is connected; raises ``ConnectError``."""

    def disconnect(self) -> None: ...

    def include(self, path: str, data: Mapping[str, Any] | None) -> None:
        """Execute a deploy file in the middle of another."""

    def blocking(self, function: Callable[[], Any], *, reads: bool = False) -> Any:
        """Call a function of this machine that takes its time, and wait for it without holding up other hosts.

        :param reads: it changes nothing, here or anywhere.
        """
