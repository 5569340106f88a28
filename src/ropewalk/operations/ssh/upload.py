"""ssh.upload"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Shell, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.ssh.keyscan import keyscan
from ropewalk.operations.ssh.server import READABLE, Server
from ropewalk.shell.paths import path_word

# Runs on the server, with the mode, size and name of the file as arguments and its content as input. A connection that
# breaks looks like an end of the content, so the size is compared before anything is replaced. Like cp, this leaves the
# owner and mode of a file that is there as they are.
_RECEIVE = (
    't=$(mktemp) && trap \'rm -f "$t"\' EXIT && cat >"$t" && '
    '{ [ "$(($(wc -c <"$t")))" = "$2" ] || { echo "only a part of the file has arrived" >&2; exit 1; }; } && '
    'd=$4; case $d in "~/"*) d=$HOME/${d#"~/"};; esac; [ ! -d "$d" ] || d=$d/$3; '
    'chmod "$1" "$t" && cp -- "$t" "$d"'
)
# Runs on the host, with the file and the server's command as arguments.
_MODE = READABLE + 'mode=$(stat -L -c %a -- "$1" 2>/dev/null || stat -L -f %Lp -- "$1") && size=$(($(wc -c <"$1")))'


@operation(is_idempotent=False, idempotent_notice="The file is uploaded every time; add an `_if` to decide when.")
def upload(
    hostname: str,
    filename: str,
    remote_filename: str | None = None,
    port: int = 22,
    user: str | None = None,
    use_remote_sudo: bool = False,
    ssh_keyscan: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Copy a file of the host to another server.

    What is there is replaced when all of it has arrived. A new file gets the mode it has on the host.

    :param hostname: the server.
    :param filename: the file on the host.
    :param remote_filename: file or directory on the server; by default the path it has on the host.
    :param port: the server's port.
    :param user: whom to log in as; by default whom the host's ``ssh_config`` says.
    :param use_remote_sudo: write the file there with sudo, which must not ask for a password.
    :param ssh_keyscan: first let the host know the keys of the server, as ``ssh.keyscan`` does.
    :raises OperationValueError: a server, user, port or name that is none.
    :raises OperationError: the server offers no keys to ``ssh_keyscan``.

    ::

        ssh.upload(name="Hand the archive on", hostname="mirror.example.org", filename="/srv/site.tar")
    """
    server = Server(hostname, port, user)
    if not filename or filename.endswith("/"):
        raise OperationValueError(f"{filename!r} is not the name of a file")
    if ssh_keyscan:
        yield from keyscan._inner(hostname, port=port)
    receive = sh(*(["sudo", "-n"] if use_remote_sudo else []), "sh", "-c", _RECEIVE, "sh")
    name = filename.rpartition("/")[2]
    yield _send(server, filename, receive, sh(name, remote_filename or filename))


def _send(server: Server, filename: str, receive: Shell, names: Shell) -> Shell:
    """Return the command that tells the server the mode and size of a file, and sends it."""
    *ssh, _command = server.ssh("").words
    return sh("set", "--", path_word(filename), receive.render(), names.render(), Raw(f"; {_MODE} &&"), *ssh,
              Raw('"$2 $mode $size $3" <"$1"'))  # fmt: skip
