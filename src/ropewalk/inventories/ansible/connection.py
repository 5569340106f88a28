"""What Ansible's connection variables mean: which connector reaches a host, and the host data that it needs.

The host data is weaker than any other: ``ssh_user`` in an inventory or in group data wins over ``ansible_user``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ropewalk.api.data import HostData
from ropewalk.inventories.ansible.become import become
from ropewalk.inventories.ansible.ssh_args import ssh_data_of
from ropewalk.inventories.ansible.truth import is_true
from ropewalk.model.command import Secret
from ropewalk.model.errors import InventoryError
from ropewalk.model.sourced import Sourced

#: Connections of Ansible, without the name of their collection, and the connector that does the same.
CONNECTORS = {
    "ssh": "ssh", "smart": "ssh", "paramiko": "ssh", "paramiko_ssh": "ssh", "libssh": "ssh", "local": "local",
    "docker": "docker", "docker_api": "docker", "podman": "podman", "chroot": "chroot", "lxd": "lxd", "incus": "incus",
    "kubectl": "kubectl",
}  # fmt: skip

#: The connector of hosts that only Ansible can reach.
NOT_REACHED = "ansible"

# Of several names of a setting the last that is set counts, as in Ansible.
_SSH = {
    "ssh_hostname": ("ansible_host", "ansible_ssh_host"),
    "ssh_port": ("ansible_port", "ansible_ssh_port"),
    "ssh_user": ("ansible_user", "ansible_ssh_user"),
    "ssh_password": ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password"),
    "ssh_key": ("ansible_private_key_file", "ansible_ssh_private_key_file"),
    "ssh_key_password": ("ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase"),
    "ssh_connect_retries": ("ansible_ssh_retries",),
    "ssh_strict_host_key_checking": ("ansible_host_key_checking", "ansible_ssh_host_key_checking"),
}
_SSH_ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")

# The variable that names what a connector reaches, and others it reads; the host's address is the default of the first.
_OTHERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "docker": {"docker_identifier": ("ansible_host", "ansible_docker_host")},
    "podman": {"docker_identifier": ("ansible_host", "ansible_podman_host")},
    "chroot": {"chroot_directory": ("ansible_host",)},
    "lxd": {"lxd_instance": ("ansible_host", "ansible_lxd_host"), "lxd_project": ("ansible_lxd_project",)},
    "incus": {"incus_instance": ("ansible_host", "ansible_incus_host"), "incus_project": ("ansible_incus_project",)},
    "kubectl": {
        "kubectl_pod": ("ansible_host", "ansible_kubectl_pod"),
        "kubectl_namespace": ("ansible_kubectl_namespace",),
        "kubectl_container": ("ansible_kubectl_container",),
        "kubectl_context": ("ansible_kubectl_context",),
    },
    "local": {},
}

#: Is told what has no meaning here.
Warn = Callable[[str], None]


def connection_of(host: str, variables: Sourced, data: HostData, warn: Warn) -> tuple[str, Sourced]:
    """Return the connector that reaches a host, and the data it needs.

    :param variables: the host's variables.
    :param data: the same, as host data, which works out templates.
    :raises InventoryError: a variable makes no sense, or cannot be worked out; says which, and where.
    """
    known = _Known(host, variables, data)
    scheme = _scheme(known)
    found = Sourced()
    wanted = _SSH if scheme == "ssh" else _OTHERS.get(scheme, {})
    for key, names in wanted.items():
        name, value = known.last(names)
        if name is not None:
            found.put(key, _converted(key, value, known, name), known.place(name))
    if scheme == "ssh":
        _add_arguments(found, known, warn)
    elif wanted and (key := next(iter(wanted))) not in found:
        found.put(key, host, "its name")
    shell, value = known.last(("ansible_executable", "ansible_shell_executable"))
    if shell is not None:
        found.put("_shell_executable", str(value), known.place(shell))
    become(found, known, warn)
    return scheme, found


class _Known:
    """A host's variables, worked out when they are asked for."""

    def __init__(self, host: str, variables: Sourced, data: HostData) -> None:
        self.host, self._variables, self._data = host, variables, data

    def last(self, names: tuple[str, ...]) -> tuple[str | None, Any]:
        """Return the last of several variables that is set to something, and its value."""
        for name in reversed(names):
            if name in self._variables and (value := self.get(name)) not in (None, ""):
                return name, value
        return None, None

    def get(self, name: str) -> Any:
        try:
            return self._data.get(name)
        except InventoryError as error:
            error.args = (f"{self.host}: {name}: {error}",)
            raise

    def place(self, name: str) -> str:
        where = self._variables.place(name)
        return f"{where} ({name})" if where else name

    def where(self, name: str) -> str | None:
        return self._variables.place(name)


def _scheme(known: _Known) -> str:
    name, connection = known.last(("ansible_connection",))
    if name is None:
        return "ssh"
    scheme = CONNECTORS.get(str(connection).rpartition(".")[2])
    if scheme is None:
        return NOT_REACHED
    return scheme


def _converted(key: str, value: Any, known: _Known, name: str) -> Any:
    """Return a variable as the connector wants it."""
    if key in ("ssh_port", "ssh_connect_retries"):
        try:
            return int(value)
        except (TypeError, ValueError):
            message = f"{known.host}: {name} is not a number but {value!r}"
            raise InventoryError(message, where=known.where(name)) from None
    if key in ("ssh_password", "ssh_key_password"):
        return Secret(str(value))
    if key == "ssh_strict_host_key_checking":
        return "accept-new" if is_true(value) else "off"
    return str(value)


def _add_arguments(found: Sourced, known: _Known, warn: Warn) -> None:
    """Add what options of ``ssh`` say; variables win, as Ansible writes those first."""
    for name in _SSH_ARGUMENTS:
        given, value = known.last((name,))
        if given is None:
            continue
        where = known.where(name) or name
        for key, meant in ssh_data_of(str(value), where, warn).items():
            if key not in found:
                found.put(key, meant, known.place(name))
