"""What a connector for v3 is (see :mod:`ropewalk.api.connector` for ropewalk's own, which is less to write)."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack, get_type_hints

from ropewalk.api.typecheck import is_of, name_of
from ropewalk.compat.connector import register
from ropewalk.compat.pyinfra.connectors.util import CommandOutput
from ropewalk.model.arguments import ConnectorArguments
from ropewalk.model.errors import ConnectorDataTypeError

if TYPE_CHECKING:
    from ropewalk.api.data import HostData
    from ropewalk.api.host import Host
    from ropewalk.api.state import State
    from ropewalk.model.v3command import StringCommand

T = TypeVar("T")

register()  # whoever writes a connector of v3 imports this module


class ConnectorData(TypedDict, total=False):
    """The host data a connector reads; connectors list theirs in a subclass."""


class DataMeta:
    """What one piece of host data means to a connector, and its default."""

    def __init__(self, description: str, default: Any = None) -> None:
        self.description, self.default = description, default


def host_to_connector_data(
    connector_data: type[T], connector_data_meta: Mapping[str, DataMeta], host_data: HostData
) -> T:
    """Pick the data that a connector reads out of a host's; ``None`` counts as not given.

    :raises ConnectorDataTypeError: a value has another type than ``connector_data`` says.
    """
    picked: dict[str, Any] = {}
    for key, type_ in get_type_hints(connector_data).items():
        value = host_data.get(key)
        if value is None:
            picked[key] = connector_data_meta[key].default if key in connector_data_meta else None
            continue
        if not is_of(value, type_):
            raise ConnectorDataTypeError(f"host data {key} of {host_data._of} must be {name_of(type_)}, not {value!r}")
        picked[key] = value
    return picked  # type: ignore[return-value]


class BaseConnector(abc.ABC):
    """Reaches a host, or finds hosts.

    ``handles_execution = False`` (the default) makes it a source of hosts only. Its methods block; they are
    called in worker threads, one thread at a time for each host.
    """

    state: State
    host: Host
    handles_execution = False
    data_cls: type[Any] = ConnectorData
    data_meta: Mapping[str, DataMeta] = {}
    data: Any

    def __init__(self, state: State, host: Host) -> None:
        self.state, self.host = state, host
        self.data = host_to_connector_data(self.data_cls, self.data_meta, host.data)

    @staticmethod
    @abc.abstractmethod
    def make_names_data(name: str) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        """Yield the name, data and groups of every host that ``@connector/name`` stands for."""

    def connect(self) -> None:  # noqa: B027 - a source of hosts has nothing to do
        """Reach the host; raises ``ConnectError`` when that cannot be done."""

    def disconnect(self) -> None:  # noqa: B027 - likewise
        """Let go of the host."""

    def run_shell_command(
        self, command: StringCommand, print_output: bool, print_input: bool, **arguments: Unpack[ConnectorArguments]
    ) -> tuple[bool, CommandOutput]:
        """Run a command; return whether it succeeded, and what it wrote."""
        raise NotImplementedError(f"{type(self).__name__} cannot run commands")

    def put_file(
        self,
        filename_or_io: str | IO[Any],
        remote_filename: str,
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Unpack[ConnectorArguments],
    ) -> bool:
        """Upload a file; return whether it succeeded."""
        raise NotImplementedError(f"{type(self).__name__} cannot upload files")

    def get_file(
        self,
        remote_filename: str,
        filename_or_io: str | IO[Any],
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Unpack[ConnectorArguments],
    ) -> bool:
        """Download a file; return whether it succeeded."""
        raise NotImplementedError(f"{type(self).__name__} cannot download files")

    def check_can_rsync(self) -> None:
        """Raise ``NotImplementedError`` where rsync cannot reach the host."""
        raise NotImplementedError(f"{type(self).__name__} cannot use rsync")

    def rsync(
        self,
        src: str,
        dest: str,
        flags: Iterable[str],
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Unpack[ConnectorArguments],
    ) -> bool:
        """Run rsync from this machine to the host; return whether it succeeded."""
        raise NotImplementedError(f"{type(self).__name__} cannot use rsync")
