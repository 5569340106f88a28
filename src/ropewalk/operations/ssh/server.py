"""Another server that a host reaches by SSH."""

from __future__ import annotations

import re

from ropewalk.model.command import Shell, Word, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record

#: Shell syntax: fails unless the first argument is a file that can be read.
READABLE = '{ [ -f "$1" ] && [ -r "$1" ] || { echo "$1 is not a file that can be read" >&2; exit 1; }; } && '

_HOST = re.compile(r"[A-Za-z0-9_:.\[\]%][A-Za-z0-9_:.\[\]%-]*")
_USER = re.compile(r"[^-@\s\0][^@\s\0]*")


@record
class Server:
    """A server; what cannot be a name, user or port is refused.

    :ivar user: ``None``: the one that the host's ``ssh_config`` says.
    """

    hostname: str
    port: int = 22
    user: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.hostname, str) or not _HOST.fullmatch(self.hostname):
            raise OperationValueError(f"{self.hostname!r} is not the name of a server")
        if self.user is not None and not _USER.fullmatch(self.user):
            raise OperationValueError(f"{self.user!r} is not the name of a user")
        if isinstance(self.port, bool) or not str(self.port).isdecimal() or not 0 < int(self.port) < 65536:
            raise OperationValueError(f"{self.port!r} is not a port")

    def ssh(self, command: Word) -> Shell:
        """Return the command that runs another one there. It asks for no password: there is nobody to answer."""
        address = self.hostname if self.user is None else f"{self.user}@{self.hostname}"
        return sh("ssh", "-o", "BatchMode=yes", "-p", str(self.port), address, command)
