"""What a host does for a script when nothing is being run: read a fact, run a command, note an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, TypeVar

from ropewalk.api.host import Host
from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.runner import Line
from ropewalk.compat.logs import level_number, run_logger
from ropewalk.model.errors import UsageError
from ropewalk.model.outcome import Prediction

if TYPE_CHECKING:
    from ropewalk.compat.script import Script

T = TypeVar("T")


class ScriptHost:
    """A runner (see :mod:`ropewalk.api.runner`) that starts the event loop for each thing it is asked for."""

    planning = False

    def __init__(self, script: Script, host: Host) -> None:
        self._script, self._host = script, host

    @property
    def connected(self) -> bool:
        return self._script.connected(self._host)

    def submit(self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperationMeta:
        """Note the operation, as ``add_op`` for this host does."""
        return self._script.add_op(operation, args, kwargs, [self._host])[self._host]

    def prediction(self, meta: OperationMeta) -> Prediction:
        return self._script.predict(self._host, meta)

    def owes(self, meta: OperationMeta, changed: bool | None) -> bool:
        """Nothing: scripts remember no earlier runs."""
        return False

    def get_fact(self, fact: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._on(lambda: self._host.get_fact(fact, *args, **kwargs))

    def run_shell_command(self, command: Any, arguments: Mapping[str, Any]) -> tuple[bool, list[Line]]:
        return self._on(lambda: self._host.runner.run_shell_command(command, arguments))

    def put_file(self, source: str | IO[Any], dest: str, arguments: Mapping[str, Any]) -> bool:
        return self._on(lambda: self._host.runner.put_file(source, dest, arguments))

    def get_file(self, source: str, dest: str | IO[Any], arguments: Mapping[str, Any]) -> bool:
        return self._on(lambda: self._host.runner.get_file(source, dest, arguments))

    def rsync(self, source: str, dest: str, flags: list[str], arguments: Mapping[str, Any]) -> bool:
        return self._on(lambda: self._host.runner.rsync(source, dest, flags, arguments))

    def running_arguments(self) -> Mapping[str, Any]:
        return {}

    def connect(self) -> None:
        self._script.connect_to(self._host)

    def disconnect(self) -> None:
        self._on(lambda: self._host.runner.disconnect())

    def will_read(self, facts: Sequence[tuple[type, Mapping[str, Any]]]) -> None:
        pass

    def catch_up(self) -> None:
        pass

    def noop(self, reason: str) -> None:
        self.log("debug", reason)

    def log(self, level: str, message: str) -> None:
        run_logger.log(level_number(level), "[%s] %s", self._host.name, message)

    def include(self, path: str, data: Mapping[str, Any] | None) -> None:
        raise UsageError("local.include is for deploys", hint="in a script, call functions")

    def blocking(self, function: Callable[[], Any], *, reads: bool = False) -> Any:
        return function()

    def _on(self, function: Callable[[], T]) -> T:
        return self._script.on(self._host, function)
