"""ssh.keyscan"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.ssh import KNOWN_HOSTS, KnownKeys, OfferedHostKeys, keys_of, server_name
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Raw, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.ssh.server import Server


@operation()
def keyscan(hostname: str, force: bool = False, port: int = 22, **_: Unpack[GlobalArguments]) -> Steps:
    """Let the host know the keys of another server, in its user's ``known_hosts``.

    The keys are believed as they come over the network. Where you know them, ``files.line`` is the safer way.

    :param hostname: the server.
    :param force: look also if it is known, and put the keys it has now in the place of those.
    :param port: its port.
    :raises OperationError: the server does not answer.
    :raises OperationValueError: a server or port that is none.

    ::

        ssh.keyscan(name="Know the mirror", hostname="mirror.example.org")
    """
    server = Server(hostname, port)
    host, name = current_host.get(), server_name(hostname, int(server.port))
    known = host.get_fact(KnownKeys, hostname=hostname, port=int(port))
    if known and not force:
        host.noop(f"{name} is known")
        return
    lines = host.get_fact(OfferedHostKeys, hostname=hostname, port=int(port))
    offered = keys_of(lines)
    if not offered:
        raise OperationError(f"{name} offers no keys to the host", hint="is it reachable from there?")
    if known == offered:
        host.noop(f"{name} is known by the keys it has")
        return
    for key in sorted(known - offered):
        yield Change(f"key of {name}", key, None)
    for key in sorted(offered - known):
        yield Change(f"key of {name}", None, key)
    if known:
        yield sh("ssh-keygen", "-R", name, "-f", KNOWN_HOSTS)
    # The file may end without a line end.
    whole = Raw('{ [ ! -s ~/.ssh/known_hosts ] || [ -z "$(tail -c 1 ~/.ssh/known_hosts)" ] || echo; } >>')
    yield sh("mkdir", "-p", "-m", "700", Raw("~/.ssh &&"), whole, KNOWN_HOSTS,
             Raw("&&"), "printf", r"%s\n", *lines, Raw(">>"), KNOWN_HOSTS)  # fmt: skip
