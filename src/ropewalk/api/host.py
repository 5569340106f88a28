"""A host of the inventory: its data, its facts, and the contexts that deploy code opens around operations."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from ropewalk.api.context import Frame, current_config, frames, inside
from ropewalk.api.data import HostData
from ropewalk.api.deploy import make_frame
from ropewalk.api.fact import Readable, ShortFactBase
from ropewalk.api.registry import get_connector
from ropewalk.api.runner import Line, Runner
from ropewalk.model.errors import ArgumentTypeError, ConnectError, UsageError

if TYPE_CHECKING:
    from ropewalk.api.inventory import Inventory

T = TypeVar("T")
P = ParamSpec("P")

#: Where ``host.loop`` is in each loop that is open, from the outermost in.
loop_positions: ContextVar[tuple[int, ...]] = ContextVar("loop_positions", default=())


class CommandOutput(list[Line]):
    """The lines a command wrote, in the order they arrived."""

    @property
    def stdout_lines(self) -> list[str]:
        return [line.line for line in self if line.stream == "stdout"]

    @property
    def stderr_lines(self) -> list[str]:
        return [line.line for line in self if line.stream == "stderr"]

    @property
    def stdout(self) -> str:
        return "\n".join(self.stdout_lines)

    @property
    def stderr(self) -> str:
        return "\n".join(self.stderr_lines)

    @property
    def output(self) -> str:
        return "\n".join(line.line for line in self)

    output_lines = property(lambda self: [line.line for line in self])
    combined_lines = property(lambda self: list(self))


class Host:
    """One host.

    :ivar name: its name in the inventory.
    :ivar groups: the names of its groups, ``all`` among them.
    :ivar data: its data, see :class:`ropewalk.api.data.HostData`.
    """

    def __init__(
        self,
        name: str,
        inventory: Inventory,
        groups: Iterable[str],
        connector_cls: type[Any] | None = None,
        scheme: str = "ssh",
    ) -> None:
        self.name = name
        self.inventory = inventory
        self.groups = list(groups)
        self.scheme = scheme
        self._connector_cls = connector_cls
        self.connector: Any = None
        self.connector_data: dict[str, Any] = {}
        self._runner: Runner | None = None
        self.data = HostData(name, self._data_layers)

    # -- data -------------------------------------------------------------------------------------------

    @property
    def host_data(self) -> dict[str, Any]:
        """The data given to this host by name."""
        return self.inventory.get_host_data(self.name)

    @property
    def group_data(self) -> dict[str, Any]:
        """The data of this host's groups."""
        return self.inventory.get_groups_data(self.groups)

    def get_deploy_data(self) -> dict[str, Any]:
        """Return the defaults that open deploys and includes give, innermost first."""
        merged: dict[str, Any] = {}
        for frame in frames.get():
            merged.update(frame.data)
        return merged

    @property
    def in_deploy(self) -> bool:
        """Whether the code that asks is inside an ``@deploy``, an include or a ``with`` that is like one."""
        return self.current_deploy_name is not None

    @property
    def current_deploy_name(self) -> str | None:
        """The name of the innermost deploy that is open; ``None`` outside."""
        return next((frame.name for frame in reversed(frames.get()) if frame.name is not None), None)

    @property
    def current_deploy_data(self) -> dict[str, Any] | None:
        """What :meth:`get_deploy_data` returns; ``None`` outside of deploys."""
        return self.get_deploy_data() if self.in_deploy else None

    def _data_layers(self) -> list[Mapping[str, Any]]:
        return [*self.inventory.data_layers(self.name, self.groups), self.get_deploy_data()]

    # -- what it runs on --------------------------------------------------------------------------------

    @property
    def connector_cls(self) -> type[Any]:
        """The connector's class; imported when first asked for, since some are slow to import."""
        if self._connector_cls is None:
            self._connector_cls = get_connector(self.scheme)
        return self._connector_cls

    @property
    def runner(self) -> Runner:
        state = self.inventory.state
        if self._runner is None and state is not None and state.driver is None and type(state).drive is not None:
            type(state).drive(state)
        if self._runner is None:
            raise UsageError(f"{self.name} is not part of a run", hint="call `connect_all(state)` first")
        return self._runner

    @runner.setter
    def runner(self, runner: Runner | None) -> None:
        self._runner = runner

    @property
    def connected(self) -> bool:
        return self._runner is not None and self._runner.connected

    def connect(self, reason: str | None = None, show_errors: bool = True, raise_exceptions: bool = False) -> None:
        """Connect to the host now, if it is not connected.

        :param reason: why, for the log.
        :param show_errors: log why the host cannot be reached.
        :param raise_exceptions: raise that, too; without it, ask :attr:`connected`.
        :raises ConnectError: the host cannot be reached.
        """
        if reason:
            self.log(f"connecting: {reason}")
        try:
            self.runner.connect()
        except ConnectError as error:
            if raise_exceptions:
                raise
            if show_errors:
                self.runner.log("error", f"cannot connect: {error}")

    def disconnect(self) -> None:
        self.runner.disconnect()

    # -- what deploys ask it ----------------------------------------------------------------------------

    @overload
    def get_fact(self, fact: Callable[[], Readable[P, T]], *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    def get_fact(self, fact: type[ShortFactBase[T]], *args: Any, **kwargs: Any) -> T: ...
    @overload
    def get_fact(self, fact: type[Any], *args: Any, **kwargs: Any) -> Any: ...
    def get_fact(self, fact: Any, *args: Any, **kwargs: Any) -> Any:
        """Read a fact of this host.

        :param fact: the fact's class; the other arguments are those of its command, and connector arguments.
        :raises FactError: it could not be read; with ``_ignore_errors=True`` its default is returned instead.

        >>> host.get_fact(File, path="/etc/hosts")["mode"]  # doctest: +SKIP
        644
        """
        return self.runner.get_fact(fact, args, kwargs)

    def run_shell_command(self, command: Any, **arguments: Any) -> tuple[bool, CommandOutput]:
        """Run one command now; returns whether it succeeded, and what it wrote.

        Operations should yield their commands instead, so that plans can show them. In a plan nothing runs:
        :class:`~ropewalk.model.errors.UnknownUntilApplied` is raised.
        """
        arguments.pop("print_output", None), arguments.pop("print_input", None)
        ok, lines = self.runner.run_shell_command(command, arguments)
        return ok, CommandOutput(lines)

    def put_file(
        self, filename_or_io: str | IO[Any], remote_filename: str, remote_temp_filename: str | None = None,
        print_output: bool = False, print_input: bool = False, **arguments: Any,
    ) -> bool:  # fmt: skip
        """Upload a file now; see ``files.put`` for the operation."""
        return self.runner.put_file(filename_or_io, remote_filename, arguments)

    def get_file(
        self, remote_filename: str, filename_or_io: str | IO[Any], remote_temp_filename: str | None = None,
        print_output: bool = False, print_input: bool = False, **arguments: Any,
    ) -> bool:  # fmt: skip
        """Download a file now; see ``files.get`` for the operation."""
        return self.runner.get_file(remote_filename, filename_or_io, arguments)

    def rsync(self, src: str, dest: str, flags: Iterable[str] = (), **arguments: Any) -> bool:
        arguments.pop("print_output", None), arguments.pop("print_input", None)
        return self.runner.rsync(src, dest, list(flags), arguments)

    def noop(self, description: str) -> None:
        """Say why the operation that runs has nothing to do; shown with ``-v``."""
        self.runner.noop(description)

    def log(self, message: str, log_func: Any = None) -> None:
        """Tell the user something about this host."""
        self.runner.log("info", message)

    def log_styled(self, message: str, log_func: Any = None, **kwargs: Any) -> None:
        self.runner.log("info", message)

    # -- contexts ---------------------------------------------------------------------------------------

    def arguments(self, **arguments: Any) -> AbstractContextManager[None]:
        """Give global arguments to all operations in a ``with``: ``with host.arguments(_sudo=True): ...``."""
        frame, unknown = make_frame(None, arguments, None)
        if unknown:
            raise ArgumentTypeError(f"host.arguments: {', '.join(sorted(unknown))} is not a global argument")
        return inside(frame)

    def when(self, condition: Callable[[], Any]) -> AbstractContextManager[None]:
        """Run the operations in a ``with`` only if the function returns true when their turn comes."""
        if not callable(condition):
            raise ArgumentTypeError(f"host.when takes a function, not {condition!r}")
        return inside(Frame(conditions=(condition,)))

    def deploy(
        self, name: str, kwargs: Mapping[str, Any] | None, data: Mapping[str, Any] | None, in_deploy: bool = True
    ) -> AbstractContextManager[None]:
        """Open a deploy around the operations in a ``with``, as ``@deploy`` does."""
        return inside(make_frame(name, kwargs or {}, data)[0])

    def loop(self, iterable: Iterable[T]) -> Iterator[T]:
        """Loop so that operations keep step between hosts whose loops differ.

        Hosts that are at the same element do its operations together, whatever they skipped before.
        """
        outer = loop_positions.get()
        try:
            for index, item in enumerate(iterable):
                loop_positions.set((*outer, index))
                yield item
        finally:
            loop_positions.set(outer)

    @property
    def print_prefix(self) -> str:
        return f"[{self.name}] "

    def style_print_prefix(self, *args: Any, **kwargs: Any) -> str:
        return self.print_prefix

    def get_temp_dir_config(self) -> str:
        """Return the directory for temporary files: ``_temp_dir`` of what is running, else of the config."""
        running = self._runner.running_arguments() if self._runner is not None else {}
        config = current_config.get()
        return running.get("_temp_dir") or config.TEMP_DIR or config.DEFAULT_TEMP_DIR

    def get_temp_filename(
        self, hash_key: str | None = None, hash_filename: bool = True, *, temp_directory: str | None = None
    ) -> str:
        """Return a path for a temporary file on the host: the same for the same key, else a new one."""
        name = hash_key if hash_key is not None else secrets.token_hex(16)
        if hash_filename:
            name = hashlib.sha256(name.encode()).hexdigest()[:40]
        return f"{temp_directory or self.get_temp_dir_config()}/ropewalk-{name}"

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Host({self.name})"
