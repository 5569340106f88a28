from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.connector import Connector, ConnectorOptions
from ropewalk.connectors.local import LocalConnector
from ropewalk.connectors.ssh import SSHConnector
from ropewalk.connectors.ssh.address import Address
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConfigError, ConnectorDataTypeError, InventoryError
from ropewalk.model.target import Target


def connector(name: str = "web1", /, **data: Any) -> SSHConnector:
    return SSHConnector(Target(name, data), ConnectorOptions())


def test_targets() -> None:
    assert list(SSHConnector.targets("web1")) == [Target("@ssh/web1", {"ssh_hostname": "web1"})]
    assert list(SSHConnector.targets("root@web1:2222")) == [
        Target("@ssh/root@web1:2222", {"ssh_hostname": "web1", "ssh_user": "root", "ssh_port": 2222})
    ]
    assert list(LocalConnector.targets(None)) == [Target("@local", {}, ("@local",))]


@pytest.mark.parametrize("address", [None, "", "-oProxyCommand=id", "host:port"])
def test_addresses_that_are_none(address: str | None) -> None:
    with pytest.raises(InventoryError):
        list(SSHConnector.targets(address))


def test_local_has_no_addresses() -> None:
    with pytest.raises(InventoryError):
        LocalConnector.targets("x")


def test_both_are_connectors() -> None:
    assert isinstance(connector(), Connector)
    assert isinstance(LocalConnector(Target("@local"), ConnectorOptions()), Connector)


@pytest.mark.parametrize(
    ("name", "data", "address"),
    [
        ("web1", {}, Address("web1")),
        ("@ssh/web1", {}, Address("web1")),
        ("root@web1:2222", {}, Address("web1", "root", 2222)),
        ("web1", {"ssh_hostname": "10.0.0.1"}, Address("10.0.0.1")),
        ("web1", {"ssh_hostname": "root@[::1]:22"}, Address("::1", "root", 22)),
        ("web1", {"ssh_hostname": None}, Address("web1")),
    ],
)
def test_the_name_is_the_address_unless_data_say_otherwise(name: str, data: dict[str, Any], address: Address) -> None:
    assert connector(name, **data).address == address


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ssh_port", "22"),
        ("ssh_port", True),
        ("ssh_port", 22.0),
        ("ssh_user", 1),
        ("ssh_hostname", ["web1"]),
        ("ssh_key", 1),
        ("ssh_password", 1234),
        ("ssh_allow_agent", "yes"),
        ("ssh_look_for_keys", 1),
        ("ssh_forward_agent", "no"),
        ("ssh_connect_retries", "3"),
        ("ssh_connect_retry_min_delay", "0.1"),
        ("ssh_paramiko_connect_kwargs", "timeout=3"),
        ("ssh_strict_host_key_checking", True),
        ("ssh_strict_host_key_checking", "sometimes"),
        ("ssh_file_transfer_protocol", "rsync"),
        ("ssh_backend", "libssh"),
        ("ssh_jump", 1),
        ("ssh_keepalive_interval", "15"),
    ],
)
def test_wrong_types_are_named(key: str, value: object) -> None:
    with pytest.raises(ConnectorDataTypeError) as caught:
        connector("web7", **{key: value})
    assert "web7" in str(caught.value)
    assert key in str(caught.value)
    if "password" in key:
        assert str(value) not in str(caught.value)


def test_right_types_are_taken() -> None:
    connector(
        ssh_port=22, ssh_user="root", ssh_password=Secret("x"), ssh_key=Path("/key"), ssh_key_password="x",
        ssh_allow_agent=True, ssh_look_for_keys=False, ssh_forward_agent=False, ssh_config_file="c",
        ssh_known_hosts_file=Path("k"), ssh_strict_host_key_checking="Accept-New", ssh_connect_retries=3,
        ssh_connect_retry_min_delay=1, ssh_connect_retry_max_delay=1.5, ssh_file_transfer_protocol="scp",
        ssh_paramiko_connect_kwargs={"timeout": 3}, ssh_backend="openssh", ssh_jump=["a", "b"],
        ssh_keepalive_interval=0, ssh_certificate="c", ssh_control_persist="yes",
    )  # fmt: skip


def test_a_backend_of_the_settings() -> None:
    async def main() -> None:
        options = ConnectorOptions(settings={"ssh_backend": "carrier-pigeon"})
        with pytest.raises(ConfigError, match="carrier-pigeon"):
            await SSHConnector(Target("web1"), options).connect()

    asyncio.run(main())


def test_asyncssh_is_imported_only_to_connect() -> None:
    code = (
        "import sys; from ropewalk.connectors.ssh import SSHConnector as C; from ropewalk.model.target import Target;"
        "from ropewalk.api.connector import ConnectorOptions; list(C.targets('h')); C(Target('h'), ConnectorOptions());"
        "sys.exit('asyncssh' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
