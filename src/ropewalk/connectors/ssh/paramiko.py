"""What ``ssh_paramiko_connect_kwargs`` means where there is no paramiko."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ropewalk.connectors.ssh.data import SSHData
from ropewalk.model.record import record

logger = logging.getLogger("ropewalk")

_AS_DATA = {
    "port": "ssh_port",
    "username": "ssh_user",
    "password": "ssh_password",
    "key_filename": "ssh_key",
    "passphrase": "ssh_key_password",
    "allow_agent": "ssh_allow_agent",
    "look_for_keys": "ssh_look_for_keys",
}
_TIMEOUTS = ("timeout", "banner_timeout", "auth_timeout")
_ALGORITHMS = {
    "kex": "kex_algs",
    "ciphers": "encryption_algs",
    "macs": "mac_algs",
    "keys": "server_host_key_algs",
    "pubkeys": "signature_algs",
}


@record
class ParamikoArguments:
    """Those that are no host data of their own.

    :ivar timeout: seconds in which to connect: paramiko's three timeouts, one after the other.
    :ivar disabled: algorithms not to use, under asyncssh's names of the lists.
    :ivar sock: a connected socket to use.
    """

    timeout: float | None = None
    compress: bool | None = None
    disabled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sock: Any = None


def translate(host: str, data: SSHData) -> tuple[SSHData, ParamikoArguments]:
    """Turn the arguments that have a meaning into host data or what stands for them; warn of the others.

    As in pyinfra, they win over the host data of the same meaning.
    """
    given = dict(data.get("ssh_paramiko_connect_kwargs", {}))
    known = {*_AS_DATA, *_TIMEOUTS, "compress", "disabled_algorithms", "sock"}
    for key in sorted(given.keys() - known):
        logger.warning("host %s: ssh_paramiko_connect_kwargs: %s has no meaning here and is left out", host, key)
    merged: Any = {**data, **{_AS_DATA[key]: given[key] for key in _AS_DATA if given.get(key) is not None}}
    disabled = given.get("disabled_algorithms") or {}
    return merged, ParamikoArguments(
        timeout=float(sum(given.get(key) or 0 for key in _TIMEOUTS)) or None,
        compress=given.get("compress"),
        disabled={_ALGORITHMS[kind]: tuple(names) for kind, names in disabled.items() if kind in _ALGORITHMS},
        sock=given.get("sock"),
    )
