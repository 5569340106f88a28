"""What happens to a connection that stands: loss, silence, jump hosts, many sessions, lasting beyond the run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors.ssh import SSHConnector
from ropewalk.model.errors import (
    AuthenticationFailed,
    ConnectError,
    ConnectionLost,
    HostKeyRejected,
)
from ropewalk.model.target import Target
from support.ssh_connected import connected
from support.sshd import Sshd, children, free_port

Data = Callable[..., dict[str, Any]]


def run(main: Callable[[], Awaitable[None]], seconds: float = 60) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            await main()

    asyncio.run(bounded())


async def say(connector: SSHConnector, script: str = "echo in") -> str:
    stream = await connector.open(["sh", "-c", script])
    said = b""
    while chunk := await stream.stdout():
        said += chunk
    await stream.close()
    return said.decode()


async def started(connector: SSHConnector, script: str) -> Stream:
    """Open a stream and wait until its process runs."""
    stream = await connector.open(["sh", "-c", f"echo go; {script}"])
    assert await stream.stdout() == b"go\n"
    return stream


async def expect_lost(*waits: Awaitable[object]) -> None:
    results = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(result) for result in results] == [ConnectionLost] * len(waits)
    assert all(result.hint for result in results if isinstance(result, ConnectionLost))


# Loss


def test_a_lost_connection_is_noticed_everywhere(new_sshd: Callable[..., Sshd], data: Data) -> None:
    server = new_sshd()

    async def main() -> None:
        async with connected(data(server)) as connector:
            streams = [await started(connector, "exec sleep 1000") for _ in range(3)]
            waits = [call() for stream in streams for call in (stream.stdout, stream.stderr, stream.wait)]
            tasks = [asyncio.ensure_future(wait) for wait in waits]
            assert server.kill_connections() > 0
            await expect_lost(*tasks)
            await expect_lost(*(call() for stream in streams for call in (stream.stdout, stream.stderr, stream.wait)))
            await expect_lost(connector.open(["true"]))
            for stream in streams:
                await stream.close()

    run(main)


def test_what_arrived_before_the_loss_is_kept(new_sshd: Callable[..., Sshd], data: Data) -> None:
    server = new_sshd()

    async def main() -> None:
        async with connected(data(server)) as connector:
            stream = await connector.open(["sh", "-c", "echo some; sleep 1000"])
            waiting = asyncio.ensure_future(stream.wait())
            seen = await stream.stdout()
            server.kill_connections()
            await expect_lost(waiting, stream.stdout())
            assert seen == b"some\n"
            await stream.close()

    run(main)


def test_a_writer_that_waits_notices_too(new_sshd: Callable[..., Sshd], data: Data) -> None:
    server = new_sshd()

    async def main() -> None:
        async with connected(data(server)) as connector:
            stream = await started(connector, "exec sleep 1000")
            writing = asyncio.ensure_future(stream.write(b"x" * 64_000_000))
            await asyncio.wait([writing], timeout=0.2)
            assert not writing.done()
            server.kill_connections()
            with pytest.raises(ConnectionLost):
                await stream.wait()
            await asyncio.wait([writing], timeout=10)
            assert writing.done()
            await asyncio.gather(writing, return_exceptions=True)
            await stream.close()

    run(main)


def test_a_silent_host_is_noticed(new_sshd: Callable[..., Sshd], data: Data) -> None:
    server = new_sshd()

    async def main() -> None:
        async with connected(data(server, ssh_keepalive_interval=1)) as connector:
            stream = await started(connector, "exec sleep 1000")
            frozen = server.freeze_connections()
            assert frozen
            try:
                await expect_lost(stream.wait())
            finally:
                for pid in frozen:
                    os.kill(pid, signal.SIGKILL)
            await stream.close()

    run(main)


def test_a_process_is_not_left_waiting_for_input(new_sshd: Callable[..., Sshd], data: Data) -> None:
    server = new_sshd()

    async def main() -> None:
        async with connected(data(server)) as connector:
            stream = await started(connector, "echo $$ >&2; trap '' HUP TERM PIPE; exec cat")
            pid = int(await stream.stderr())
            await stream.close()
            assert await say(connector, f"while kill -0 {pid} 2>/dev/null; do sleep 0.02; done; echo gone") == "gone\n"

    run(main)


def test_nothing_is_left_on_this_machine(new_sshd: Callable[..., Sshd], data: Data, tmp_path: Path) -> None:
    server = new_sshd()
    places = tmp_path / "t"
    places.mkdir()

    async def main() -> None:
        files = len(os.listdir("/proc/self/fd"))
        async with connected(data(server)) as connector:
            assert await say(connector) == "in\n"
        assert children(os.getpid()) == before
        assert len(os.listdir("/proc/self/fd")) == files

    before = children(os.getpid())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(places))
        run(main)
    assert list(places.iterdir()) == []


def test_connecting_again(new_sshd: Callable[..., Sshd], data: Data) -> None:
    """As after a reboot."""
    server = new_sshd()

    async def main() -> None:
        async with connected(data(server)) as connector:
            assert await say(connector) == "in\n"
            server.stop()
            with pytest.raises(ConnectError):
                await connector.connect()
            with pytest.raises(ConnectionLost):
                await connector.open(["true"])
            server.start()
            await connector.connect()
            assert await say(connector) == "in\n"

    run(main)


@pytest.mark.parametrize("backend", ["asyncssh"])
def test_a_socket_of_ones_own(shared_sshd: Sshd, data: Data) -> None:
    async def main() -> None:
        with socket.create_connection(("127.0.0.1", shared_sshd.port)) as sock:
            sock.setblocking(False)
            async with connected(data(shared_sshd, ssh_paramiko_connect_kwargs={"sock": sock})) as connector:
                assert await say(connector) == "in\n"

    run(main)


@pytest.mark.parametrize("backend", ["openssh"])
def test_a_socket_cannot_be_handed_to_ssh(shared_sshd: Sshd, data: Data) -> None:
    async def main() -> None:
        with pytest.raises(ConnectError, match="sock"):
            async with connected(data(shared_sshd, ssh_paramiko_connect_kwargs={"sock": object()})):
                pass

    run(main)


# Many sessions


def test_more_streams_than_the_server_allows_on_one_connection(new_sshd: Callable[..., Sshd], data: Data) -> None:
    server = new_sshd("MaxSessions 3")

    async def main() -> None:
        async with connected(data(server)) as connector:
            streams = await asyncio.gather(*(started(connector, "cat") for _ in range(12)))
            for stream in streams:
                await stream.write_eof()
            assert await asyncio.gather(*(stream.wait() for stream in streams)) == [0] * 12
            for stream in streams:
                await stream.close()

    run(main)


# The user's configuration


def test_the_configuration_is_read(shared_sshd: Sshd, backend: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(f"""
        Host alias
            HostName 127.0.0.1
            Port {shared_sshd.port}
            User root
            IdentityFile "{shared_sshd.client_key}"
            UserKnownHostsFile {tmp_path}/known_%n
            HostKeyAlias the-box
            StrictHostKeyChecking accept-new
    """)
    data = {"ssh_hostname": "alias", "ssh_config_file": str(config), "ssh_backend": backend}

    async def main() -> None:
        async with connected(data) as connector:
            assert await say(connector) == "in\n"
        async with connected({**data, "ssh_strict_host_key_checking": "yes"}) as connector:
            assert await say(connector) == "in\n"

    run(main)
    assert (tmp_path / "known_alias").read_text() == f"the-box {shared_sshd.public_host_key}\n"


def test_host_data_win_over_the_configuration(shared_sshd: Sshd, data: Data, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host *\nUser nobody\nPort 1\nStrictHostKeyChecking yes\nUserKnownHostsFile /nonexistent\n")

    async def main() -> None:
        wins = {"ssh_config_file": str(config), "ssh_strict_host_key_checking": "accept-new"}
        async with connected(data(shared_sshd, **wins)) as connector:
            assert await say(connector) == "in\n"

    run(main)


def test_the_configurations_policy_counts_where_host_data_have_none(
    shared_sshd: Sshd, data: Data, tmp_path: Path
) -> None:  # fmt: skip
    config = tmp_path / "config"
    config.write_text("StrictHostKeyChecking yes\n")

    async def main() -> None:
        with pytest.raises(HostKeyRejected):
            async with connected(data(shared_sshd, ssh_config_file=str(config))):
                pass

    run(main)


def test_a_configuration_that_is_not_there(shared_sshd: Sshd, data: Data) -> None:
    async def main() -> None:
        with pytest.raises(ConnectError, match="/nonexistent/config"):
            async with connected(data(shared_sshd, ssh_config_file="/nonexistent/config")):
                pass

    run(main)


@pytest.mark.parametrize("given", ["configuration", "host data"])
def test_a_proxy_command(shared_sshd: Sshd, data: Data, tmp_path: Path, given: str) -> None:
    """It may write on standard error what it likes."""
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY)
    config = tmp_path / "config"
    command = f"{sys.executable} {relay} %h {shared_sshd.port}"
    mine = given == "host data"
    config.write_text(f"Host *\n  {'ProxyJump nowhere.invalid' if mine else f'ProxyCommand {command}'}\n")
    more = {"ssh_proxy_command": command} if mine else {}

    async def main() -> None:
        through = data(shared_sshd, ssh_config_file=str(config), ssh_port=4242, **more)
        async with connected(through) as connector:
            assert await say(connector) == "in\n"

    run(main)


RELAY = """
import os, select, socket, sys
print("a word of welcome", file=sys.stderr, flush=True)
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
while True:
    for ready in select.select([0, s], [], [])[0]:
        data = os.read(0, 65536) if ready == 0 else s.recv(65536)
        if not data:
            sys.exit()
        s.sendall(data) if ready == 0 else os.write(1, data)
"""


# Jump hosts


@pytest.fixture
def behind(new_sshd: Callable[..., Sshd]) -> tuple[Sshd, Sshd]:
    """A jump host, and a host behind it that accepts the same key; what it hears comes from the jump host."""
    jump, host = new_sshd(), new_sshd()
    accepted = Path(f"{jump.client_key}.pub").read_text()
    (host.directory / "authorized_keys").write_text(accepted)
    return jump, host


def test_a_jump_host(behind: tuple[Sshd, Sshd], data: Data) -> None:
    jump, host = behind

    async def main() -> None:
        through = data(host, ssh_key=str(jump.client_key), ssh_jump=f"root@127.0.0.1:{jump.port}")
        async with connected(through) as connector:
            assert await say(connector) == "in\n"
            assert await say(connector, "echo $SSH_CONNECTION | cut -d' ' -f4") == f"{host.port}\n"

    run(main)
    assert "Accepted publickey" in jump.log
    assert "Accepted publickey" in host.log


def test_a_jump_host_of_the_configuration(behind: tuple[Sshd, Sshd], backend: str, tmp_path: Path) -> None:
    jump, host = behind
    config = tmp_path / "config"
    config.write_text(f"""
        Host bastion
            Port {jump.port}
        Host inner
            Port {host.port}
            ProxyJump first
        Host first
            Port {jump.port}
            ProxyJump bastion
        Host *
            HostName 127.0.0.1
            User root
            IdentityFile {jump.client_key}
            UserKnownHostsFile {tmp_path}/known_hosts
            StrictHostKeyChecking accept-new
    """)

    async def main() -> None:
        data = {"ssh_hostname": "inner", "ssh_config_file": str(config), "ssh_backend": backend}
        async with connected(data) as connector:
            assert await say(connector) == "in\n"

    run(main)
    assert jump.log.count("Accepted publickey") == 2  # the bastion, and the first jump host behind it


def test_hosts_share_the_connection_to_a_jump_host(behind: tuple[Sshd, Sshd], data: Data, backend: str) -> None:
    if backend == "openssh":
        pytest.skip("ssh has a process of its own for every jump, unless its configuration shares them")
    jump, host = behind
    through = data(host, ssh_key=str(jump.client_key), ssh_jump=[f"root@127.0.0.1:{jump.port}"])

    async def one() -> str:
        async with connected(through) as connector:
            return await say(connector)

    async def main() -> None:
        assert await asyncio.gather(*(one() for _ in range(5))) == ["in\n"] * 5
        assert await one() == "in\n"

    run(main)
    assert host.log.count("Accepted publickey") == 6
    assert jump.log.count("Accepted publickey") == 2


def test_a_jump_host_that_refuses_us(behind: tuple[Sshd, Sshd], data: Data) -> None:
    jump, host = behind
    (jump.directory / "authorized_keys").write_text("")

    async def main() -> None:
        through = data(host, ssh_key=str(jump.client_key), ssh_jump=f"root@127.0.0.1:{jump.port}")
        with pytest.raises(AuthenticationFailed):
            async with connected(through):
                pass

    run(main)


def test_a_host_the_jump_host_cannot_reach(behind: tuple[Sshd, Sshd], data: Data) -> None:
    jump, _ = behind

    async def main() -> None:
        through = data(jump, ssh_port=free_port(), ssh_jump=f"root@127.0.0.1:{jump.port}")
        with pytest.raises(ConnectError) as caught:
            async with connected(through):
                pass
        assert type(caught.value) is ConnectError

    run(main)


def test_a_lost_jump_host(behind: tuple[Sshd, Sshd], data: Data) -> None:
    jump, host = behind

    async def main() -> None:
        through = data(host, ssh_key=str(jump.client_key), ssh_jump=f"root@127.0.0.1:{jump.port}")
        async with connected(through) as connector:
            stream = await started(connector, "exec sleep 1000")
            jump.kill_connections()
            await expect_lost(stream.wait())
            await stream.close()

    run(main)


# Lasting connections


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory whose name leaves room for that of a socket."""
    with tempfile.TemporaryDirectory(prefix="rw-", dir="/tmp") as path:
        yield Path(path)


@pytest.mark.parametrize("backend", ["openssh"])
def test_a_connection_that_outlives_the_run(
    new_sshd: Callable[..., Sshd], data: Data, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    server = new_sshd()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))

    async def main() -> None:
        for _ in range(3):
            async with connected(data(server, ssh_control_persist=60)) as connector:
                assert await say(connector) == "in\n"

    run(main)
    sockets = list((short_path / "ropewalk").iterdir())
    assert len(sockets) == 1
    assert (short_path / "ropewalk").stat().st_mode & 0o777 == 0o700
    assert server.log.count("Accepted publickey") == 1
    subprocess.run(["ssh", "-S", str(sockets[0]), "-O", "exit", "x"], check=True, capture_output=True)
    run(main)
    assert server.log.count("Accepted publickey") == 2
    subprocess.run(["ssh", "-S", str(sockets[0]), "-O", "exit", "x"], check=True, capture_output=True)


def test_nothing_is_asked_of_a_connector_that_is_not_connected() -> None:
    async def main() -> None:
        connector = SSHConnector(Target("nowhere"), ConnectorOptions())
        with pytest.raises(ConnectionLost):
            await connector.open(["true"])

    run(main)
