"""server.wait"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationValueError

# Linux lists sockets in /proc/net/tcp (proc(5)): local and remote address in hexadecimal, then the state, 0A for
# listening. Elsewhere `netstat -an` has the port as the last part of the fourth column.
_WAIT = """\
if [ -r /proc/net/tcp ]; then \
listening() {{ grep -qs ':{hex} [0-9A-F]*:0000 0A ' /proc/net/tcp /proc/net/tcp6; }}; \
elif command -v netstat >/dev/null; then \
listening() {{ netstat -an | grep -q '^tcp[^ ]* *[0-9]* *[0-9]* *[^ ]*[.:]{port} .*LISTEN'; }}; \
else echo 'no /proc/net/tcp and no netstat: cannot tell which ports are listening' >&2; exit 1; fi; \
if ! listening; then echo 'waiting for port {port}'; until listening; do sleep 1; done; fi"""


@operation(is_idempotent=False, idempotent_notice="The host is asked every time.")
def wait(port: int, **_: Unpack[GlobalArguments]) -> Steps:
    """Wait until something on the host listens on a TCP port.

    :param port: the port, on any of the host's addresses. Give `_timeout`, in seconds: without it the host is asked
        once a second for ever.
    :raises OperationValueError: there is no port of that number.

    ::

        server.wait(name="Wait until the database answers", port=5432, _timeout=60)
    """
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise OperationValueError(f"server.wait: there is no port {port!r}", hint="ports are numbers from 1 to 65535")
    yield sh(Raw(_WAIT.format(hex=f"{port:04X}", port=port)))
