"""Turns what the OpenSSH client says into our errors, once, where it enters."""

from __future__ import annotations

import re
from collections.abc import Callable

from ropewalk.connectors.ssh.address import Address
from ropewalk.model.errors import AuthenticationFailed, ConnectError, HostKeyRejected

_Maker = Callable[[str, re.Match[str]], ConnectError]

_FORGET = "If the host was set up anew, remove its old key: ssh-keygen -R"
_BUSY = "Is it an SSH server? A busy one drops connections (MaxStartups): ssh_connect_retries tries again."


def _says(kind: type[ConnectError], message: str, hint: str) -> _Maker:
    return lambda place, match: kind(f"{place}: {match.expand(message)}", hint=hint)


#: The first that fits counts; ssh says several things when it gives up.
_MEANINGS: tuple[tuple[str, _Maker], ...] = (
    (
        r"Offending (.*?)key in (\S+:\d+)",
        _says(HostKeyRejected, r"the host key has changed: \2 says otherwise; somebody may be posing as it", _FORGET),
    ),
    (
        r"IDENTIFICATION HAS CHANGED",
        _says(HostKeyRejected, "the host key has changed; somebody may be posing as this host", _FORGET),
    ),
    (
        r"(?i)revoked",
        _says(HostKeyRejected, "the host key is revoked", "Give the host a new key: this one is in wrong hands."),
    ),
    (
        r"Host key verification failed",
        _says(
            HostKeyRejected,
            "the host key is not known",
            "Add it to the known_hosts file (ssh-keyscan), or set ssh_strict_host_key_checking to accept-new.",
        ),
    ),
    (
        r"(?m)Permission denied(.*)$|Too many authentication failures",
        _says(
            AuthenticationFailed,
            r"the server refuses the user\1",
            "Set ssh_user and ssh_key or ssh_password, or authorize the key on the host.",
        ),
    ),
    (
        r"Could not resolve hostname \S+: (.*)",
        _says(
            ConnectError,
            r"the name cannot be resolved: \1",
            "Check the host's name, ssh_hostname, or HostName in ~/.ssh/config.",
        ),
    ),
    (
        r"Connection refused",
        _says(ConnectError, "Connection refused", "Is an SSH server running there, on this port? (ssh_port)"),
    ),
    (
        r"(Connection timed out|Operation timed out|No route to host|Network is unreachable)",
        _says(ConnectError, r"\1", "Is the host up, and is there a route to it?"),
    ),
    (
        r"(?m)Unable to negotiate.*?: (.*)$",
        _says(
            ConnectError,
            r"no common ground with the server: \1",
            "Allow its algorithms in ~/.ssh/config (KexAlgorithms, Ciphers, MACs, HostKeyAlgorithms).",
        ),
    ),
    (
        r"(?m)^.*(Bad configuration option|Bad owner or permissions|terminating, \d+ bad|unsupported option).*$",
        _says(ConnectError, r"\g<0>", "Correct the SSH configuration."),
    ),
    (
        r"(?m)^.*(Connection closed|Connection reset|kex_exchange_identification|invalid format|banner).*$",
        _says(ConnectError, r"the connection ended before the login: \g<0>", _BUSY),
    ),
)


def failure(place: str, said: str) -> ConnectError:
    """Return the error for an ssh that has given up.

    :param place: ``host:port``.
    :param said: its messages, and those of the processes of its jump hosts: which of them cannot be reached is said.
    """
    if unreached := re.search(r"connect to host (\S+) port (\d+): ", said):
        place = str(Address(unreached[1], port=int(unreached[2])))
    for pattern, make in _MEANINGS:
        match = re.search(pattern, said)
        if match:
            return make(place, match)
    last = said.strip().splitlines()[-1:] or ["ssh ended without saying why"]
    return ConnectError(f"{place}: {last[0].strip()}")


def lost(said: str) -> bool:
    """Say whether a process that used the connection ended because that was lost, from its debug messages."""
    return re.search(r"(?i)exit status(?: from master)? \d+", said) is None
