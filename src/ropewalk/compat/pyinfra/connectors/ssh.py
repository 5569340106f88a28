"""v3's SSH connector, for connectors that reach their target through an SSH host.

It speaks SSH through ropewalk's own connector: connections, keys and host keys are what they are everywhere else.
"""

from __future__ import annotations

import shutil
from collections.abc import Coroutine, Iterable, Iterator
from typing import IO, Any, TypeVar

from ropewalk.api.connector import ConnectorOptions
from ropewalk.compat.connector import Lent, lent
from ropewalk.compat.pyinfra.connectors.base import BaseConnector, DataMeta
from ropewalk.compat.pyinfra.connectors.util import CommandOutput, OutputLine
from ropewalk.connectors.ssh import SSHConnector as Transport
from ropewalk.connectors.ssh.data import SSHData as ConnectorData
from ropewalk.connectors.ssh.data import keys
from ropewalk.engine import bridge
from ropewalk.engine.link import StreamLink
from ropewalk.model.command import Rsync, Secret, Upload
from ropewalk.model.errors import OperationError
from ropewalk.model.target import Target
from ropewalk.shell.capture import lines_of
from ropewalk.shell.how import How
from ropewalk.shell.prompts import Ask

T = TypeVar("T")

connector_data_meta = {key: DataMeta(meaning) for key, (_, meaning) in keys().items()}


async def _nobody(ask: Ask) -> Secret | None:
    return None


class SSHConnector(BaseConnector):
    """Reaches one SSH server; subclasses and users of it may override and call its methods as in v3.

    It works where the run calls connectors: in a worker thread, see :class:`ropewalk.compat.connector.V3Link`.
    """

    handles_execution = True
    data_cls = ConnectorData
    data_meta = connector_data_meta

    def __init__(self, state: Any, host: Any) -> None:
        super().__init__(state, host)
        given = {key: value for key, value in self.data.items() if value is not None}
        ours = lent.get() or Lent(ConnectorOptions(connect_timeout=state.config.CONNECT_TIMEOUT), _nobody)
        self._link = StreamLink(Transport(Target(host.name, given), ours.options), ours.ask)

    @staticmethod
    def make_names_data(name: str) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        for target in Transport.targets(name):
            yield target.name, dict(target.data), list(target.groups)

    def connect(self) -> None:
        _wait(self._link.connect())

    def disconnect(self) -> None:
        _wait(self._link.close())

    def run_shell_command(
        self, command: Any, print_output: bool = False, print_input: bool = False, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        """Run a command; a timeout is raised as ``TimeoutError``."""
        done = _wait(self._link.run(command.render(reveal=True), self._how(arguments)))
        if done.status is None:
            raise TimeoutError(done.error)
        lines = [OutputLine("stdout", line) for line in lines_of(done.stdout.value())]
        lines += [OutputLine("stderr", line) for line in lines_of(done.stderr.value())]
        return done.status in (arguments.get("_success_exit_codes") or [0]), CommandOutput(lines)

    def put_file(
        self,
        filename_or_io: str | IO[Any],
        remote_filename: str,
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        return _succeeds(self._link.upload(Upload(filename_or_io, remote_filename), self._how(arguments)))

    def get_file(
        self,
        remote_filename: str,
        filename_or_io: str | IO[Any],
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        return _succeeds(self._link.download(remote_filename, filename_or_io, self._how(arguments)))

    def check_can_rsync(self) -> None:
        if shutil.which("rsync") is None:
            raise NotImplementedError("there is no rsync on this machine")

    def rsync(
        self,
        src: str,
        dest: str,
        flags: Iterable[str],
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        return _succeeds(self._link.rsync(Rsync(src, dest, tuple(flags)), self._how(arguments)))

    def _how(self, arguments: dict[str, Any]) -> How:
        return How.of(arguments, default_temp_dir=self.state.config.TEMP_DIR or self.state.config.DEFAULT_TEMP_DIR)


def _wait(work: Coroutine[Any, Any, T]) -> T:
    return bridge.wait(work)


def _succeeds(work: Coroutine[Any, Any, None]) -> bool:
    try:
        _wait(work)
    except OperationError:
        return False
    return True


__all__ = ["ConnectorData", "SSHConnector", "connector_data_meta"]
