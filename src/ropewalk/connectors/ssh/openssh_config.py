"""What the OpenSSH client is told: a configuration file of our own around the user's, and options for one host.

ssh takes the first value it sees, so the file puts host data first, then includes the user's and the system's files,
then defaults. Jump hosts read the same file (ssh hands ``-F`` on), which is why what concerns the host alone (user,
port, the jump hosts themselves) is given as options.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence

from ropewalk.connectors.ssh.address import Address, split_addresses
from ropewalk.connectors.ssh.config import SYSTEM_CONFIG
from ropewalk.connectors.ssh.data import SSHData
from ropewalk.connectors.ssh.paramiko import ParamikoArguments
from ropewalk.connectors.ssh.settings import KEEPALIVE_COUNT, KEEPALIVE_INTERVAL

_ALGORITHMS = {
    "kex_algs": "KexAlgorithms",
    "encryption_algs": "Ciphers",
    "mac_algs": "MACs",
    "server_host_key_algs": "HostKeyAlgorithms",
    "signature_algs": "PubkeyAcceptedAlgorithms",
}
_DEFAULTS = (
    ("StrictHostKeyChecking", "accept-new"),
    ("ServerAliveInterval", f"{KEEPALIVE_INTERVAL:g}"),
    ("ServerAliveCountMax", f"{KEEPALIVE_COUNT}"),
    ("PreferredAuthentications", "publickey,password,keyboard-interactive"),
    ("SendEnv", "-*"),  # the locale of this machine is nothing to a deploy
)


def config_file(data: SSHData, paramiko: ParamikoArguments) -> str:
    """Return the text of the configuration file."""
    own = data.get("ssh_config_file")
    included = [str(own)] if own is not None else ["~/.ssh/config", str(SYSTEM_CONFIG)]
    lines = [
        *(f"{keyword} {value}" for keyword, value in _from_data(data, paramiko)),
        *(f"Include {_quoted(os.path.abspath(os.path.expanduser(path)))}" for path in included),
        "Match all",
        *(f"{keyword} {value}" for keyword, value in _DEFAULTS),
    ]
    return "\n".join(lines) + "\n"


def host_options(address: Address, data: SSHData, *, can_ask: bool) -> list[str]:
    """Return the options that concern one host alone."""
    user, port = data.get("ssh_user") or address.user, data.get("ssh_port") or address.port
    options = {
        "User": user,
        "Port": port,
        "ProxyJump": _jumps(data) if "ssh_jump" in data else None,
        "ProxyCommand": None if "ssh_jump" in data else data.get("ssh_proxy_command"),
        "BatchMode": "no" if can_ask else "yes",
        "NumberOfPasswordPrompts": 1,
        "PasswordAuthentication": None if "ssh_password" in data else "no",
        "RemoteCommand": "none",
        "ClearAllForwardings": "yes",
        "PermitLocalCommand": "no",
        "EscapeChar": "none",
    }
    if "ssh_key" in data and not can_ask:
        options["PreferredAuthentications"] = "publickey"
    return _as_options(options.items())


def master_options(socket: str, persist: int | str | bool | None) -> list[str]:
    """Return the options of the process that holds the connection."""
    lifetime = "yes" if persist is True else "no" if not persist else str(persist)
    return _as_options([("ControlMaster", "yes"), ("ControlPath", _path(socket)), ("ControlPersist", lifetime)])


def stream_options(socket: str, *, pty: bool) -> list[str]:
    """Return the options of a process that uses the connection."""
    wanted = [("ControlMaster", "no"), ("ControlPath", _path(socket)), ("RequestTTY", "force" if pty else "no")]
    return _as_options([*wanted, ("LogLevel", "DEBUG2")])


def _as_options(options: Iterable[tuple[str, object]]) -> list[str]:
    return [word for key, value in options if value is not None for word in ("-o", f"{key}={value}")]


def _from_data(data: SSHData, paramiko: ParamikoArguments) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if "ssh_key" in data:
        found += [("IdentityFile", _path(str(data["ssh_key"]))), ("IdentitiesOnly", "yes")]
    elif not data.get("ssh_look_for_keys", True):
        found.append(("IdentityFile", "none"))
    if "ssh_certificate" in data:
        found.append(("CertificateFile", _path(str(data["ssh_certificate"]))))
    if not data.get("ssh_allow_agent", True):
        found.append(("IdentityAgent", "none"))
    if "ssh_forward_agent" in data:
        found.append(("ForwardAgent", "yes" if data["ssh_forward_agent"] else "no"))
    if "ssh_known_hosts_file" in data:
        found.append(("UserKnownHostsFile", _path(str(data["ssh_known_hosts_file"]))))
    if "ssh_strict_host_key_checking" in data:
        found.append(("StrictHostKeyChecking", data["ssh_strict_host_key_checking"].lower()))
    if "ssh_keepalive_interval" in data:
        found.append(("ServerAliveInterval", str(math.ceil(data["ssh_keepalive_interval"]))))
    if paramiko.compress is not None:
        found.append(("Compression", "yes" if paramiko.compress else "no"))
    return [*found, *((_ALGORITHMS[kind], f"-{','.join(names)}") for kind, names in paramiko.disabled.items())]


def _jumps(data: SSHData) -> str:
    jump = data["ssh_jump"]
    hops: Sequence[Address] = split_addresses(jump if isinstance(jump, str) else ",".join(jump))
    return ",".join(str(hop) for hop in hops) or "none"


def _path(path: str) -> str:
    """Write a path so that ssh finds no token in it."""
    return _quoted(os.path.expanduser(path).replace("%", "%%"))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
