"""The host data the SSH connector reads: the one place its keys are listed.

The run-time check and the documentation read this class; every key may be left out or ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypedDict, cast

from ropewalk.connectors import host_data
from ropewalk.connectors.host_data import Path as _Path
from ropewalk.model.command import Secret


class SSHData(TypedDict, total=False):
    """Host data of ``@ssh``. What is not given comes from OpenSSH's configuration, then from the default named here."""

    ssh_hostname: Annotated[str, "Where the host is: [user@]host[:port] (default: the host's name)."]
    ssh_port: Annotated[int, "The port (default: 22)."]
    ssh_user: Annotated[str, "The user to log in as (default: the local login name)."]
    ssh_password: Annotated[str | Secret, "The password to log in with; also answers keyboard-interactive prompts."]
    ssh_key: Annotated[_Path, "The private key to log in with; it alone is offered."]
    ssh_key_password: Annotated[str | Secret, "The passphrase of the private key (default: asked for, once)."]
    ssh_certificate: Annotated[_Path, "The certificate of the private key (default: KEY-cert.pub if it exists)."]
    ssh_allow_agent: Annotated[bool, "Whether keys of the SSH agent are offered (default: True)."]
    ssh_look_for_keys: Annotated[bool, "Whether the keys in ~/.ssh with usual names are offered (default: True)."]
    ssh_forward_agent: Annotated[bool, "Whether the agent can be used from the host (default: False)."]
    ssh_config_file: Annotated[_Path, "OpenSSH configuration to read in place of ~/.ssh/config and the system's."]
    ssh_known_hosts_file: Annotated[_Path, "Where host keys are looked up and stored (default: ~/.ssh/known_hosts)."]
    ssh_strict_host_key_checking: Annotated[
        str, "What to do about host keys: accept-new, yes, ask, no or off (default: accept-new)."
    ]
    ssh_connect_retries: Annotated[int, "How often to try again when the host cannot be reached (default: 0)."]
    ssh_connect_retry_min_delay: Annotated[float, "The least seconds between tries (default: 0.1)."]
    ssh_connect_retry_max_delay: Annotated[float, "The most seconds between tries (default: 0.5)."]
    ssh_file_transfer_protocol: Annotated[
        str, "sftp or scp: checked and otherwise without effect, since files travel through the shell's own streams."
    ]
    ssh_paramiko_connect_kwargs: Annotated[
        Mapping[str, Any], "Arguments for paramiko; those that have a meaning here are honoured, others are warned of."
    ]
    ssh_backend: Annotated[str, "asyncssh (in the process) or openssh (the ssh program) (default: asyncssh)."]
    ssh_jump: Annotated[
        str | Sequence[str], "Hosts to go through, first to last: [user@]host[:port], a list or with commas between."
    ]
    ssh_proxy_command: Annotated[
        str, "A command to connect through, where there is no ssh_jump; %h and %p are the host and its port."
    ]
    ssh_keepalive_interval: Annotated[
        float, "Seconds of silence before the host is asked for a sign of life; 0: never."
    ]
    ssh_control_persist: Annotated[
        int | str | bool,
        "openssh only: seconds, or yes: how long the connection outlives the run (default: not at all).",
    ]


_CHOICES = {
    "ssh_strict_host_key_checking": ("accept-new", "yes", "ask", "no", "off"),
    "ssh_file_transfer_protocol": ("sftp", "scp"),
    "ssh_backend": ("asyncssh", "openssh"),
}


def keys() -> dict[str, tuple[Any, str]]:
    """Return what the connector reads: for each key its type and what it means."""
    return host_data.keys_of(SSHData)


_KEYS = keys()


def read_data(host: str, data: Mapping[str, Any]) -> SSHData:
    """Return the SSH part of a host's data, checked; keys that are ``None`` are left out.

    :param host: the host's name, for the message.
    :raises ConnectorDataTypeError: a value has the wrong type or is none of the choices.
    """
    return cast(SSHData, host_data.read(host, data, _KEYS, _CHOICES))


def reveal(value: str | Secret | None) -> str | None:
    """Return the text of a secret that may have been wrapped."""
    return value.value if isinstance(value, Secret) else value
