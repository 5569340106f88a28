"""Turns what asyncssh and the operating system say about a connection into our errors, once, where they enter.

Imported only when a connection is made, because it needs asyncssh.
"""

from __future__ import annotations

import errno
import os
import socket

import asyncssh

from ropewalk.connectors.ssh.settings import Settings
from ropewalk.model.errors import AuthenticationFailed, ConnectError, HostError, HostKeyRejected

_OS_HINTS = {
    errno.ECONNREFUSED: "Is an SSH server running there, on this port? (ssh_port)",
    errno.EHOSTUNREACH: "Is the host up, and is there a route to it?",
    errno.ENETUNREACH: "Is this machine connected to the host's network?",
}


def translated(error: Exception, settings: Settings) -> HostError:
    """Return the error of ours for one that ended an attempt to connect."""
    place = settings.place
    if isinstance(error, HostError):
        return error
    if isinstance(error, asyncssh.PermissionDenied):
        return refused(settings)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return HostKeyRejected(
            f"{place}: {error.reason}", hint="Check the known_hosts file and the host's certificate."
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return ConnectError(
            f"{place}: no common ground with the server: {error.reason}",
            hint="Allow its algorithms in ~/.ssh/config (KexAlgorithms, Ciphers, MACs, HostKeyAlgorithms).",
        )
    if isinstance(error, asyncssh.ChannelOpenError):
        return ConnectError(f"{place}: the jump host cannot reach it: {error.reason}", hint="Check ssh_jump.")
    if isinstance(error, asyncssh.DisconnectError):
        return _hung_up(settings, error.reason)
    return _of_the_system(error, settings)


def refused(settings: Settings) -> AuthenticationFailed:
    """Return the error for a server that has refused everything we offered."""
    offered = [f"the key {settings.identities[0]}"] if settings.explicit else ["the usual keys"]
    if not settings.identities:
        offered = []
    if settings.agent and not settings.identities_only:
        offered.append("the agent's keys")
    if settings.password is not None:
        offered.append("a password")
    return AuthenticationFailed(
        f"{settings.place}: the server refuses user {settings.user} (offered: {', '.join(offered) or 'nothing'})",
        hint="Set ssh_user and ssh_key or ssh_password, or authorize the key on the host.",
    )


def timed_out(settings: Settings) -> ConnectError:
    """Return the error for a server that did not let us in in time."""
    return ConnectError(
        f"{settings.place}: not connected within {settings.timeout:g} s",
        hint="Is the host up? Is a firewall in between? A slow host needs a longer connect timeout.",
    )


def _hung_up(settings: Settings, reason: str) -> ConnectError:
    return ConnectError(
        f"{settings.place}: the connection ended before the login: {reason}",
        hint="Is it an SSH server? A busy one drops connections (MaxStartups): ssh_connect_retries tries again.",
    )


def _of_the_system(error: Exception, settings: Settings) -> HostError:
    if isinstance(error, socket.gaierror):
        return ConnectError(
            f"{settings.place}: the name cannot be resolved: {error.strerror}",
            hint="Check the host's name, ssh_hostname, or HostName in ~/.ssh/config.",
        )
    if isinstance(error, OSError):
        reason = os.strerror(error.errno) if error.errno else str(error)
        if isinstance(error, ConnectionResetError | BrokenPipeError):
            return _hung_up(settings, reason)
        return ConnectError(f"{settings.place}: {reason}", hint=_OS_HINTS.get(error.errno or 0))
    return ConnectError(f"{settings.place}: {error or type(error).__name__}")
