"""v3's commands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ropewalk.api.context import current_host, current_state
from ropewalk.model.command import Call
from ropewalk.model.errors import OperationError
from ropewalk.model.v3command import FileDownloadCommand as FileDownloadCommand
from ropewalk.model.v3command import FileUploadCommand as FileUploadCommand
from ropewalk.model.v3command import FunctionCommand as FunctionCommand
from ropewalk.model.v3command import HiddenValue as HiddenValue
from ropewalk.model.v3command import MaskString as MaskString
from ropewalk.model.v3command import QuoteString as QuoteString
from ropewalk.model.v3command import RsyncCommand as RsyncCommand
from ropewalk.model.v3command import StringCommand as StringCommand
from ropewalk.model.v3command import make_formatted_string_command as make_formatted_string_command

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State


class PyinfraCommand(ABC):
    """A command of an author's own: ``execute`` carries it out and says whether it succeeded.

    v3's own commands count as subclasses.
    """

    def __init__(self, **arguments: Any) -> None:
        self.connector_arguments = arguments

    @abstractmethod
    def execute(self, state: State, host: Host, connector_arguments: Any) -> Any:
        """Return true for success, or ``(success, output)``."""

    def step(self) -> Call:
        return Call(self._carry_out, arguments=self.connector_arguments)

    def _carry_out(self) -> None:
        done = self.execute(current_state.get(), current_host.get(), self.connector_arguments)
        if not (done[0] if isinstance(done, tuple) else done):
            raise OperationError(f"{type(self).__name__} failed")


for _command in (StringCommand, FileUploadCommand, FileDownloadCommand, FunctionCommand, RsyncCommand):
    PyinfraCommand.register(_command)
