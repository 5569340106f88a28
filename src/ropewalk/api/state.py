"""The state of a run as v3 deploys see it: which hosts are alive, how they did, and who wants to be told."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ropewalk.api.config import Config
from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    Event,
    FactRead,
    OperationEnded,
    OperationInfo,
    OperationPlanned,
    OperationStarted,
    OutputLine,
    ignores,
)

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.inventory import Inventory


class StateStage(enum.IntEnum):
    """How far a run has come; it only goes forward."""

    Setup = 1
    Connect = 2
    Prepare = 3
    Execute = 4
    Disconnect = 5


@dataclass
class StateHostResults:
    """How many operations ended how on one host."""

    ops: int = 0
    success_ops: int = 0
    error_ops: int = 0
    ignored_error_ops: int = 0
    partial_ops: int = 0


@dataclass(frozen=True)
class StateOperationMeta:
    """What an operation is called, for state callbacks, which get its hash.

    :ivar args: its own arguments as text, where it has no name of its own.
    """

    names: set[str]
    args: list[str]
    op_order: tuple[object, ...]


class BaseStateCallback:
    """Told about connections and operations; subclasses override what they want to hear of.

    A method that raises is reported as a warning and changes nothing else.
    """

    @staticmethod
    def host_before_connect(state: State, host: Host) -> None: ...
    @staticmethod
    def host_connect(state: State, host: Host) -> None: ...
    @staticmethod
    def host_connect_error(state: State, host: Host, error: Exception) -> None: ...
    @staticmethod
    def host_disconnect(state: State, host: Host) -> None: ...
    @staticmethod
    def operation_start(state: State, op_hash: str) -> None: ...
    @staticmethod
    def operation_host_start(state: State, host: Host, op_hash: str) -> None: ...
    @staticmethod
    def operation_host_success(state: State, host: Host, op_hash: str, retry_count: int = 0) -> None: ...
    @staticmethod
    def operation_host_error(
        state: State, host: Host, op_hash: str, retry_count: int = 0, max_retries: int = 0
    ) -> None: ...
    @staticmethod
    def operation_host_retry(state: State, host: Host, op_hash: str, retry_num: int, max_retries: int) -> None: ...
    @staticmethod
    def operation_end(state: State, op_hash: str) -> None: ...


class State:
    """The hosts of a run and what became of them.

    :ivar cwd: the directory that file names in the deploy are relative to.
    :ivar active_hosts: connected and not failed, in inventory order.
    :ivar failed_hosts: failed or unreachable, in inventory order.
    :ivar drive: makes what drives a state that is part of no run; given by the Python API of scripts.
    """

    drive: ClassVar[Callable[[State], None] | None] = None

    def __init__(
        self,
        inventory: Inventory | None = None,
        config: Config | None = None,
        check_for_changes: bool = True,
        **kwargs: Any,
    ) -> None:
        self.cwd: str | None = str(Path.cwd())
        self.check_for_changes = check_for_changes
        self.config = config or Config()
        self.callback_handlers: list[Any] = []
        self.current_stage = StateStage.Setup
        self.current_deploy_filename: str | None = None
        self.current_exec_filename: str | None = None
        self.current_op_file_number = 0
        self.initialised = False
        self.print_input = self.print_output = self.print_noop_info = False
        self.print_fact_info = self.print_fact_input = self.print_fact_output = False
        self.activated_hosts: list[Host] = []
        self.active_hosts: list[Host] = []
        self.failed_hosts: list[Host] = []
        self.limit_hosts: list[Host] | None = None
        self.results: dict[Host, StateHostResults] = {}
        self.op_meta: dict[str, StateOperationMeta] = {}
        self._told: dict[str, OperationInfo] = {}
        self.warnings = 0
        #: What drives this state: set by the engine or by the Python API.
        self.driver: Any = None
        if inventory is not None:
            self.init(inventory, config)

    def init(self, inventory: Inventory, config: Config | None, initial_limit: Iterable[Host] | None = None) -> None:
        """Give the state its hosts."""
        self.inventory = inventory
        inventory.state = self
        self.config = config or self.config
        self.limit_hosts = list(initial_limit) if initial_limit is not None else None
        self.results = {host: StateHostResults() for host in inventory}
        self.initialised = True

    @property
    def is_executing(self) -> bool:
        return self.current_stage is StateStage.Execute

    def set_stage(self, stage: StateStage) -> None:
        if stage < self.current_stage:
            raise ValueError(f"a run cannot go back from {self.current_stage.name} to {stage.name}")
        self.current_stage = stage

    def should_check_for_changes(self) -> bool:
        return self.check_for_changes

    def is_host_in_limit(self, host: Host) -> bool:
        return self.limit_hosts is None or host in self.limit_hosts

    def activate_host(self, host: Host) -> None:
        """Count a host as connected."""
        for hosts in (self.activated_hosts, self.active_hosts):
            if host not in hosts:
                hosts.append(host)
        if host in self.failed_hosts:
            self.failed_hosts.remove(host)

    def fail_hosts(self, hosts_to_fail: Iterable[Host], activated_count: int | None = None) -> None:
        """Count hosts as failed: nothing more runs on them."""
        for host in hosts_to_fail:
            if host in self.active_hosts:
                self.active_hosts.remove(host)
            if host not in self.failed_hosts:
                self.failed_hosts.append(host)

    @ignores(CommandEnded, CommandStarted, FactRead, OperationEnded, OutputLine)
    def take(self, event: Event) -> None:
        """Note what an event of the run tells about operations."""
        if isinstance(event, OperationPlanned | OperationStarted):
            info = event.operation
            if self._told.get(info.id) is not info:
                self._told[info.id] = info
                self.op_meta[info.id] = StateOperationMeta({info.name}, list(info.arguments), info.order)

    def get_op_meta(self, op_hash: str) -> StateOperationMeta:
        """Return what an operation is called.

        :raises KeyError: it was neither planned nor begun yet.
        """
        return self.op_meta[op_hash]

    def get_op_order(self) -> list[str]:
        """Return the hashes of the operations that were planned or begun, in source order."""
        return sorted(self.op_meta, key=lambda op_hash: self.op_meta[op_hash].op_order)

    def get_results_for_host(self, host: Host) -> StateHostResults:
        return self.results[host]

    def increment_warning_counter(self) -> None:
        self.warnings += 1

    def get_warning_counter(self) -> int:
        return self.warnings

    def add_callback_handler(self, handler: Any) -> None:
        """Tell ``handler``, an instance of a ``BaseStateCallback`` subclass, what happens from now on."""
        if not isinstance(handler, BaseStateCallback):
            raise TypeError(f"{handler!r} is not an instance of a subclass of BaseStateCallback")
        if not any(type(handler) is type(known) and handler.__dict__ == known.__dict__ for known in
                   self.callback_handlers):  # fmt: skip
            self.callback_handlers.append(handler)

    def trigger_callbacks(self, method_name: str, *args: Any, **kwargs: Any) -> list[Exception]:
        """Call a method of every handler; returns what they raised."""
        raised = []
        for handler in list(self.callback_handlers):
            try:
                getattr(handler, method_name)(self, *args, **kwargs)
            except Exception as error:
                raised.append(error)
        return raised
