"""ssh.download"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.ssh.keyscan import keyscan
from ropewalk.operations.ssh.server import READABLE, Server
from ropewalk.shell.paths import path_word

# Runs on the server: writes the mode of a file on a line, and its content.
_SEND = READABLE + '{ stat -L -c %a -- "$1" 2>/dev/null || stat -L -f %Lp -- "$1"; } && cat -- "$1"'
# Runs on the host, after what the server sent was written to $t/sent: gives the content that mode, and its name.
_KEEP = (
    'mode=$(head -n 1 "$t/sent") && '
    'case $mode in *[!0-7]*|"") echo "the server did not send the file" >&2; exit 1;; esac && '
    'tail -n +2 "$t/sent" >"$t/file" && chmod "$mode" "$t/file" && cp -- "$t/file" "$1"'
)


@operation()
def download(
    hostname: str,
    filename: str,
    local_filename: str | None = None,
    force: bool = False,
    port: int = 22,
    user: str | None = None,
    ssh_keyscan: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Copy a file of another server to the host.

    What is there is replaced when all of it has arrived. A new file gets the mode it has on the server.

    :param hostname: the server.
    :param filename: the file on the server.
    :param local_filename: the file on the host; by default the same path.
    :param force: copy it also if the host has the file.
    :param port: the server's port.
    :param user: whom to log in as; by default whom the host's ``ssh_config`` says.
    :param ssh_keyscan: first let the host know the keys of the server, as ``ssh.keyscan`` does.
    :raises OperationError: something else than a file is at ``local_filename``.
    :raises OperationValueError: a server, user, port or name that is none.

    ::

        ssh.download(name="Fetch the archive", hostname="mirror.example.org", filename="/srv/site.tar")
    """
    server = Server(hostname, port, user)
    dest = local_filename or filename
    if not filename or filename.endswith("/"):
        raise OperationValueError(f"{filename!r} is not the name of a file")
    host = current_host.get()
    info = host.get_fact(File, path=dest)
    if info is False:
        raise OperationError(f"{dest} is there and is not a file", hint="give the path of the file itself")
    if info and not force:
        host.noop(f"{dest} is there")
        return
    if ssh_keyscan:
        yield from keyscan._inner(hostname, port=port)
    send = sh("sh", "-c", _SEND, "sh", path_word(filename)).render()
    yield sh("set", "--", path_word(dest), Raw("; t=$(mktemp -d) && trap 'rm -rf \"$t\"' EXIT &&"),
             *server.ssh(send).words, Raw(f'>"$t/sent" && {_KEEP}'))  # fmt: skip
