"""Finds connectors by name, among ropewalk's own and those of other packages."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from ropewalk.model.errors import NoConnectorError

#: Entry point groups in which other packages name their connectors; the later wins.
GROUPS = ("pyinfra.connectors", "ropewalk.connectors")

# Not entry points: looking through all that is installed takes longer than running a command on this machine.
_OWN = {
    "ansible": ("ropewalk.inventories.ansible.connector", "AnsibleInventory"),
    "ansible-inventory": ("ropewalk.inventories.ansible.connector", "AnsibleListing"),
    "chroot": ("ropewalk.connectors.chroot", "ChrootConnector"),
    "docker": ("ropewalk.connectors.docker", "DockerConnector"),
    "dockerssh": ("ropewalk.connectors.docker", "DockerSSHConnector"),
    "fake": ("ropewalk.connectors.fake", "FakeConnector"),
    "incus": ("ropewalk.connectors.lxd", "IncusConnector"),
    "kubectl": ("ropewalk.connectors.kubectl", "KubectlConnector"),
    "local": ("ropewalk.connectors.local", "LocalConnector"),
    "lxd": ("ropewalk.connectors.lxd", "LXDConnector"),
    "nspawn": ("ropewalk.connectors.nspawn", "NspawnConnector"),
    "podman": ("ropewalk.connectors.docker", "PodmanConnector"),
    "podmanssh": ("ropewalk.connectors.docker", "PodmanSSHConnector"),
    "ssh": ("ropewalk.connectors.ssh", "SSHConnector"),
    "ssm": ("ropewalk.connectors.ssm", "SSMConnector"),
    "terraform": ("ropewalk.inventories.terraform", "TerraformInventory"),
    "vagrant": ("ropewalk.inventories.vagrant", "VagrantInventory"),
}


def names() -> list[str]:
    """Return the name of every connector there is."""
    return sorted({*_OWN, *_others()})


@functools.cache
def get_connector(name: str) -> type[Any]:
    """Return the connector class for ``@name``.

    :raises NoConnectorError: there is none, or it cannot be imported.
    """
    load = functools.partial(_load, *_OWN[name]) if name in _OWN else _others().get(name)
    if load is None:
        known = ", ".join(f"@{found}" for found in names())
        raise NoConnectorError(f"there is no connector named @{name}", hint=f"connectors: {known}")
    try:
        return load()  # type: ignore[no-any-return]
    except (ImportError, AttributeError) as error:  # AttributeError: an entry point that names what is not there
        raise NoConnectorError(f"the connector @{name} cannot be imported: {error}") from error


@functools.cache
def _others() -> dict[str, Callable[[], Any]]:
    from importlib.metadata import entry_points

    return {entry.name: entry.load for group in GROUPS for entry in entry_points(group=group)}


def _load(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)
