"""What is said when a root, or a host on the way, cannot be entered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from ropewalk.api.connector import Connector
from ropewalk.api.inventory import Inventory
from ropewalk.model.errors import ConnectError, InventoryError
from support.sshd import Sshd, free_port

Reach = Callable[..., AbstractAsyncContextManager[Connector]]


def refused(reach: Reach, address: str, **data: str) -> ConnectError:
    async def main() -> None:
        async with reach(address, **data):
            raise AssertionError("it was reached")

    with pytest.raises(ConnectError) as caught:
        asyncio.run(main())
    return caught.value


@pytest.mark.root
def test_a_directory_that_is_missing_or_holds_no_shell(reach: Reach, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name in ("missing", "empty", "file"):
        error = refused(reach, f"@chroot{tmp_path}/{name}")
        assert str(error).startswith(f"cannot enter {tmp_path}/{name}: chroot: ")
        assert error.hint == "name a directory that holds a root file system, with /bin/sh in it"


@pytest.mark.root
def test_an_error_names_the_hop(reach: Reach, tmp_path: Path) -> None:
    error = refused(reach, f"@chroot{tmp_path}/missing/@docker/web")
    assert str(error).startswith(f"on the way, @chroot{tmp_path}/missing: cannot enter ")
    error = refused(reach, f"@chroot///@chroot{tmp_path}/missing")
    assert str(error).startswith(f"cannot enter {tmp_path}/missing: ")


@pytest.mark.parametrize("address", ["@chroot", "@chroot/", "@docker", "@podman/", "@dockerssh/host", "@podmanssh/:x"])
def test_an_address_that_says_too_little_is_told(address: str) -> None:
    with pytest.raises(InventoryError) as caught:
        Inventory(([address], {}))
    assert " needs " in str(caught.value)
    assert (caught.value.hint or "").startswith(("Write @chroot/", "Write @docker", "Write @podman"))


def test_groups_and_data_of_the_hops_compose() -> None:
    inventory = Inventory(([("@ssh/bastion/@docker/web", {"docker_platform": "linux/arm64"})], {}))
    [host] = list(inventory)
    assert (host.name, host.scheme) == ("@ssh/bastion/@docker/web", "docker")
    assert host.data.dict() == {
        "docker_identifier": "web", "docker_platform": "linux/arm64", "via": "@ssh/bastion"
    }  # fmt: skip
    assert {"@docker"} <= set(host.groups)


@pytest.mark.root
@pytest.mark.sshd
def test_an_error_names_the_server_of_a_chain(reach: Reach, shared_sshd: Sshd, tmp_path: Path, backend: str) -> None:
    data = {
        "ssh_key": str(shared_sshd.client_key),
        "ssh_known_hosts_file": str(tmp_path / "known"),
        "ssh_backend": backend,
    }
    good, gone = f"@ssh/root@127.0.0.1:{shared_sshd.port}", f"@ssh/root@127.0.0.1:{free_port()}"
    place = gone.partition("@127")[2]
    for address in (f"{gone}/{good}", f"{good}/{gone}"):
        assert f"127{place}" in str(refused(reach, address, **data))
        error = refused(reach, f"{address}/@docker/web", **data)
        assert str(error).startswith(f"on the way, {address}: ")
        assert f"127{place}" in str(error)
    error = refused(reach, f"{good}/{good.replace('127.0.0.1', 'localhost')}/@chroot/nonexistent", **data)
    assert str(error).startswith("cannot enter /nonexistent: ")
