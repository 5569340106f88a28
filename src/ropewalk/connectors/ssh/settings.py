"""Everything there is to know before connecting to one SSH server, from host data, OpenSSH's configuration, defaults.

The order of precedence is host data, then configuration, then default; :func:`resolve` is where it is decided.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from ropewalk.connectors.ssh.address import Address, parse_address, split_addresses
from ropewalk.connectors.ssh.config import SSHConfig
from ropewalk.connectors.ssh.data import SSHData, reveal
from ropewalk.connectors.ssh.paramiko import translate
from ropewalk.model.errors import ConnectError
from ropewalk.model.record import record

KEEPALIVE_INTERVAL = 15.0
KEEPALIVE_COUNT = 3
DEFAULT_KEYS = ("id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa")

#: Keywords of the configuration that choose algorithms, as asyncssh's arguments call them.
ALGORITHMS = {
    "kexalgorithms": "kex_algs",
    "ciphers": "encryption_algs",
    "macs": "mac_algs",
    "hostkeyalgorithms": "server_host_key_algs",
    "pubkeyacceptedalgorithms": "signature_algs",
    "pubkeyacceptedkeytypes": "signature_algs",
}
_TIME = re.compile(r"(\d+)([smhdw]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class HostKeyPolicy(Enum):
    """What happens when a server shows its key (``StrictHostKeyChecking``)."""

    ACCEPT_NEW = "accept-new"  # a host that is not known yet is stored; a changed key is refused
    YES = "yes"  # only known keys
    ASK = "ask"  # like accept-new, after asking
    OFF = "off"  # any key, and nothing is stored


@record
class Settings:
    """How to reach one server.

    :ivar name: what it was asked for by: what the configuration's ``Host`` compared.
    :ivar identities: private key files, in the order in which they are offered.
    :ivar explicit: whether ``identities`` is the one key that host data name.
    :ivar agent: the agent's socket, or ``None`` to use none.
    :ivar forward_agent: the socket of the agent to lend to the host, or ``None``.
    :ivar timeout: seconds to connect in.
    :ivar algorithms: asyncssh's names of algorithm lists and what the configuration says of each.
    """

    name: str
    host: str
    port: int
    user: str
    alias: str | None = None
    known_hosts: tuple[str, ...] = ()
    policy: HostKeyPolicy = HostKeyPolicy.ACCEPT_NEW
    hash_known_hosts: bool = False
    identities: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    explicit: bool = False
    identities_only: bool = False
    password: str | None = field(default=None, repr=False)
    key_password: str | None = field(default=None, repr=False)
    agent: str | None = None
    forward_agent: str | None = None
    methods: tuple[str, ...] = ("publickey", "password", "keyboard-interactive")
    jumps: tuple[Address, ...] = ()
    proxy_command: str | None = None
    timeout: float = 10.0
    keepalive_interval: float = KEEPALIVE_INTERVAL
    keepalive_count: int = KEEPALIVE_COUNT
    compression: bool = False
    family: str = "any"
    bind_address: str | None = None
    algorithms: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sock: Any = None

    @property
    def place(self) -> str:
        """``host:port``, as messages name it."""
        return str(Address(self.host, port=self.port))

    @property
    def known_as(self) -> str:
        """The name in known_hosts files: the alias, or the host, with its port unless that is 22."""
        if self.alias:
            return self.alias
        return self.host.lower() if self.port == 22 else f"[{self.host.lower()}]:{self.port}"


def resolve(address: Address, data: SSHData, config: SSHConfig, *, timeout: float = 10.0) -> Settings:
    """Decide everything.

    :param address: where the host is, with what was said about user and port.
    :param data: its host data.
    :param config: what the configuration says about it.
    :param timeout: the default for ``timeout``.
    :raises ConnectError: a value of the configuration cannot be understood.
    """
    data, paramiko = translate(address.host, data)
    user = data.get("ssh_user") or address.user or config.get("user") or config.local_user
    port = data.get("ssh_port") or address.port or _integer(config, "port") or 22
    tokens = {"h": config.host, "p": str(port), "r": user}
    jumps = _jumps(data, config, tokens)
    command = None if jumps or "ssh_jump" in data else _proxy_command(data, config)
    return Settings(
        name=address.host,
        host=config.host,
        port=port,
        user=user,
        jumps=jumps,
        proxy_command=None if command is None else config.expand(command, **tokens),
        timeout=paramiko.timeout or _seconds(config, "connecttimeout") or timeout,
        keepalive_interval=_keepalive(data, config),
        keepalive_count=_integer(config, "serveralivecountmax") or KEEPALIVE_COUNT,
        compression=_boolean(config, "compression", False) if paramiko.compress is None else paramiko.compress,
        family=(config.get("addressfamily") or "any").lower(),
        bind_address=config.get("bindaddress"),
        algorithms={name: config.values[key][0] for key, name in ALGORITHMS.items() if key in config.values},
        without=paramiko.disabled,
        sock=paramiko.sock,
        **_host_keys(data, config, tokens),
        **_authentication(data, config, tokens),
    )


def _host_keys(data: SSHData, config: SSHConfig, tokens: Mapping[str, str]) -> dict[str, Any]:
    if "ssh_known_hosts_file" in data:
        files = [os.path.expanduser(str(data["ssh_known_hosts_file"]))]
    else:
        own = config.values.get("userknownhostsfile", ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"])
        system = config.values.get("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"])
        files = [config.expand(path, **tokens) for path in [*own, *system] if path.lower() != "none"]
    policy = data.get("ssh_strict_host_key_checking") or config.get("stricthostkeychecking") or "accept-new"
    aliases = {"no": "off", "false": "off", "true": "yes"}
    try:
        meaning = HostKeyPolicy(aliases.get(policy.lower(), policy.lower()))
    except ValueError:
        raise ConnectError(f"StrictHostKeyChecking {policy} for {config.name} is not a value ssh knows") from None
    return {
        "alias": config.get("hostkeyalias"),
        "known_hosts": tuple(files),
        "policy": meaning,
        "hash_known_hosts": _boolean(config, "hashknownhosts", False),
    }


def _authentication(data: SSHData, config: SSHConfig, tokens: Mapping[str, str]) -> dict[str, Any]:
    agent = _agent(config.get("identityagent"), "identityagent" in config.values, config, tokens)
    certificates = [config.expand(path, **tokens) for path in config.all("certificatefile")]
    if "ssh_key" in data:
        identities, certificates = [os.path.expanduser(str(data["ssh_key"]))], []
    elif "identityfile" in config.values:
        identities = [config.expand(path, **tokens) for path in config.all("identityfile")]
    elif data.get("ssh_look_for_keys", True):
        identities = [os.path.expanduser(f"~/.ssh/{name}") for name in DEFAULT_KEYS]
    else:
        identities = []
    if "ssh_certificate" in data:
        certificates = [os.path.expanduser(str(data["ssh_certificate"]))]
    return {
        "identities": tuple(identities),
        "certificates": tuple(certificates),
        "explicit": "ssh_key" in data,
        "identities_only": "ssh_key" in data or _boolean(config, "identitiesonly", False),
        "password": reveal(data.get("ssh_password")),
        "key_password": reveal(data.get("ssh_key_password")),
        "agent": agent if data.get("ssh_allow_agent", True) else None,
        "forward_agent": _forward_agent(data, config, agent, tokens),
        "methods": _methods(config),
    }


def _agent(named: str | None, given: bool, config: SSHConfig, tokens: Mapping[str, str]) -> str | None:
    if named is None or named == "SSH_AUTH_SOCK":
        return None if given and named is None else os.environ.get("SSH_AUTH_SOCK")
    return os.environ.get(named[1:]) if re.fullmatch(r"\$\w+", named) else config.expand(named, **tokens)


def _forward_agent(
    data: SSHData, config: SSHConfig, agent: str | None, tokens: Mapping[str, str]
) -> str | None:  # fmt: skip
    if "ssh_forward_agent" in data:
        return agent if data["ssh_forward_agent"] else None
    value = config.get("forwardagent") or "no"
    if value.lower() in {"yes", "true"}:
        return agent
    return None if value.lower() in {"no", "false"} else _agent(value, True, config, tokens)


def _methods(config: SSHConfig) -> tuple[str, ...]:
    wanted = (config.get("preferredauthentications") or "publickey,password,keyboard-interactive").split(",")
    switches = {
        "publickey": "pubkeyauthentication",
        "password": "passwordauthentication",
        "keyboard-interactive": "kbdinteractiveauthentication",
    }
    return tuple(
        method for method in wanted
        if method in switches and (config.get(switches[method]) or "yes").lower() not in {"no", "false"}
    )  # fmt: skip


def _jumps(data: SSHData, config: SSHConfig, tokens: Mapping[str, str]) -> tuple[Address, ...]:
    if "ssh_jump" in data:
        jump = data["ssh_jump"]
        return split_addresses(jump) if isinstance(jump, str) else tuple(parse_address(hop) for hop in jump)
    if "ssh_proxy_command" in data:
        return ()
    named = config.get("proxyjump")
    return split_addresses(config.expand(named, **tokens)) if named and _jump_comes_first(config) else ()


def _proxy_command(data: SSHData, config: SSHConfig) -> str | None:
    command = data.get("ssh_proxy_command")
    if command is None:
        return config.get("proxycommand")
    return None if command.lower() == "none" else command


def _jump_comes_first(config: SSHConfig) -> bool:
    """Of ProxyJump and ProxyCommand, the one that stands first counts; ``values`` keeps that order."""
    order = [key for key in config.values if key in {"proxyjump", "proxycommand"}]
    return order[:1] == ["proxyjump"]


def _keepalive(data: SSHData, config: SSHConfig) -> float:
    if "ssh_keepalive_interval" in data:
        return float(data["ssh_keepalive_interval"])
    configured = _seconds(config, "serveraliveinterval")
    return KEEPALIVE_INTERVAL if configured is None else configured


def _boolean(config: SSHConfig, keyword: str, default: bool) -> bool:
    value = (config.get(keyword) or "").lower()
    if value in {"yes", "true"}:
        return True
    if value in {"no", "false"}:
        return False
    if value == "":
        return default
    raise ConnectError(f"the SSH configuration for {config.name} has {keyword} {value!r}, which is neither yes nor no")


def _integer(config: SSHConfig, keyword: str) -> int | None:
    value = config.get(keyword)
    if value is None or value.isdigit():
        return None if value is None else int(value)
    raise ConnectError(f"the SSH configuration for {config.name} has {keyword} {value!r}, which is not a number")


def _seconds(config: SSHConfig, keyword: str) -> float | None:
    """Read a time as sshd_config(5) describes it under TIME FORMATS: ``90``, ``1m30s``."""
    value = config.get(keyword)
    if value is None:
        return None
    parts = _TIME.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise ConnectError(f"the SSH configuration for {config.name} has {keyword} {value!r}, which is not a time")
    return float(sum(int(number) * _SECONDS[unit.lower()] for number, unit in parts))
