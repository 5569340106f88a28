"""Who listens on which port."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError, FactValueError

# The first line says which program wrote the others, for their columns differ.
_LISTEN = (
    "if command -v ss >/dev/null; then echo ss; ss -lntup; "
    "elif command -v sockstat >/dev/null; then echo sockstat; sockstat -l; "
    "else echo netstat; netstat -lntup 2>/dev/null || netstat -lntu; fi"
)
_SS_PROCESS = re.compile(r'users:\(\("((?:[^"\\]|\\.)*)",pid=(\d+)')
_NETSTAT_PROCESS = re.compile(r"(\d+)/(\S+?):?(?:\s.*)?")


class PortDict(TypedDict):
    """A port that is listened on; ``process`` is empty where the user may not see whose it is."""

    port: int
    ip: str
    protocol: str
    process: str


class Listener(NamedTuple):
    """A socket that takes connections or datagrams."""

    protocol: str
    ip: str
    port: int
    process: str | None
    pid: int | None


class Ports(FactBase[list[PortDict]]):
    """The TCP and UDP ports that are listened on.

    Read with ss(8), netstat(8) or sockstat(1).

    ::

        [{"port": 22, "ip": "0.0.0.0", "protocol": "tcp", "process": "sshd"}]
    """

    def command(self) -> str:
        return _LISTEN

    def process(self, output: list[str]) -> list[PortDict]:
        return [
            PortDict(port=found.port, ip=found.ip, protocol=found.protocol, process=found.process or "")
            for found in _listeners(output)
        ]

    @staticmethod
    def default() -> list[PortDict]:
        return []


class Port(FactBase["tuple[str, int] | tuple[None, None] | None"]):
    """The name and number of the process that listens on a port: ``("sshd", 696)``.

    ``None`` if none does; ``(None, None)`` if one does that the user may not see.

    As ``Ports``, see ss(8).

    :param port: its number.
    :param protocol: ``tcp`` or ``udp``.
    :raises FactValueError: there are no such ports.
    """

    def command(self, port: int, protocol: str = "tcp") -> Shell:
        if protocol not in ("tcp", "udp"):
            raise FactValueError(f"{protocol!r} is not a protocol with ports", hint='use "tcp" or "udp"')
        return sh("echo", protocol, str(int(port)), Raw(f"&& {_LISTEN}"))

    def process(self, output: list[str]) -> tuple[str, int] | tuple[None, None] | None:
        protocol, _, port = output[0].partition(" ")
        found = [
            (listener.process, listener.pid)
            for listener in _listeners(output[1:])
            if listener.port == int(port) and listener.protocol.startswith(protocol)
        ]
        known = [(process, pid) for process, pid in found if process and pid]
        return known[0] if known else (None, None) if found else None


def _listeners(lines: list[str]) -> Iterator[Listener]:
    program, *rest = lines or [""]
    if program not in _READERS:
        raise FactProcessError("the host did not say which program lists its ports")
    return _READERS[program](rest)


def _from_ss(lines: Iterable[str]) -> Iterator[Listener]:
    """Read ss(8): Netid State Recv-Q Send-Q Local:Port Peer:Port Process."""
    for line in lines:
        columns = line.split(maxsplit=6)
        if len(columns) < 6 or columns[0] not in ("tcp", "udp"):
            continue
        match = _SS_PROCESS.search(columns[6]) if len(columns) > 6 else None
        yield from _listener(columns[0], columns[4], match[1] if match else None, match[2] if match else None)


def _from_netstat(lines: Iterable[str]) -> Iterator[Listener]:
    """Read netstat(8) of net-tools and BusyBox: Proto Recv-Q Send-Q Local Foreign [State] PID/Program."""
    for line in lines:
        columns = line.split(maxsplit=5)
        if len(columns) < 5 or columns[0] not in ("tcp", "tcp6", "udp", "udp6"):
            continue
        owner = re.sub(r"^[A-Z_]+\s+", "", columns[5]).strip() if len(columns) > 5 else ""
        match = _NETSTAT_PROCESS.fullmatch(owner)
        yield from _listener(columns[0][:3], columns[3], match[2] if match else None, match[1] if match else None)


def _from_sockstat(lines: Iterable[str]) -> Iterator[Listener]:
    """Read sockstat(1) of FreeBSD: USER COMMAND PID FD PROTO LOCAL FOREIGN."""
    for line in lines:
        columns = line.split()
        if len(columns) >= 6 and columns[4].startswith(("tcp", "udp")):
            yield from _listener(columns[4], columns[5], columns[1], columns[2])


def _listener(protocol: str, address: str, process: str | None, pid: str | None) -> Iterator[Listener]:
    ip, _, port = address.rpartition(":")
    if port.isdecimal():  # sockets that are not bound have "*"
        ip = ip.partition("%")[0].strip("[]")
        yield Listener(protocol, ip, int(port), process, int(pid) if pid and pid.isdecimal() else None)


_READERS: dict[str, Callable[[Iterable[str]], Iterator[Listener]]] = {
    "ss": _from_ss,
    "netstat": _from_netstat,
    "sockstat": _from_sockstat,
}
