"""v3's SSH connector, as connectors use that reach their target through an SSH host."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.config import Config
from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.compat.connector import V3Link, link_of
from ropewalk.compat.pyinfra.connectors.ssh import SSHConnector, connector_data_meta
from ropewalk.engine.links import Passwords
from ropewalk.model.command import Rsync, Upload
from ropewalk.model.errors import ConnectError, ConnectorDataTypeError, OperationError
from ropewalk.shell.how import How
from support.sshd import Sshd, make_key, unavailable

HOW = How.of({"_shell_executable": "sh"})


class Jumping(SSHConnector):
    """A connector whose target is a directory of an SSH host."""

    def run_shell_command(self, command: Any, *args: Any, **arguments: Any) -> Any:
        return super().run_shell_command(command, *args, **{**arguments, "_chdir": "/usr"})


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    reason = unavailable()
    if reason:
        pytest.skip(reason)
    server = Sshd(tmp_path_factory.mktemp("sshd")).start()
    yield server
    server.stop()


def link(connector: type[Any] = SSHConnector, **data: Any) -> V3Link:
    inventory = Inventory(([("h", data)], {}))
    host = inventory.get_host("h")
    host._connector_cls = connector
    return link_of(host, State(inventory, Config(CONNECT_TIMEOUT=5)))


@pytest.mark.root
@pytest.mark.sshd
def test_commands_and_files_go_through_ssh(sshd: Sshd, tmp_path: Path) -> None:
    reach = {
        "ssh_hostname": "127.0.0.1", "ssh_port": sshd.port, "ssh_user": "root", "ssh_key": str(sshd.client_key),
        "ssh_known_hosts_file": str(tmp_path / "known_hosts"),
    }  # fmt: skip

    async def main() -> None:
        jumping = link(Jumping, **reach)
        await jumping.connect()
        done = await jumping.run("pwd; echo err >&2; exit 3", HOW)
        assert (done.status, done.stdout.value(), done.stderr.value()) == (3, b"/usr\n", b"err\n")
        late = await jumping.run("sleep 60", How.of({"_shell_executable": "sh", "_timeout": 0.2}))
        assert late.status is None
        await jumping.upload(Upload(b"\x00content", str(tmp_path / "up"), mode="600"), HOW)
        assert (tmp_path / "up").read_bytes() == b"\x00content"
        sink = io.BytesIO()
        await jumping.download(str(tmp_path / "up"), sink, HOW)
        assert sink.getvalue() == b"\x00content"
        with pytest.raises(OperationError, match="cannot read"):
            await jumping.download(str(tmp_path / "missing"), sink, HOW)
        if shutil.which("rsync") is not None:
            await jumping.rsync(Rsync(str(tmp_path / "up"), str(tmp_path / "synced")), HOW)
            assert (tmp_path / "synced").read_bytes() == b"\x00content"
        await jumping.close()
        assert not jumping.connected

    asyncio.run(main())


def test_a_refused_connection_is_a_connect_error(tmp_path: Path) -> None:
    data = {"ssh_hostname": "127.0.0.1", "ssh_port": 1, "ssh_known_hosts_file": str(tmp_path / "known_hosts")}
    with pytest.raises(ConnectError):
        asyncio.run(link(**data).connect())


def test_host_data_is_checked() -> None:
    assert connector_data_meta["ssh_port"].description
    with pytest.raises(ConnectorDataTypeError, match="ssh_port"):
        link(ssh_port="22")


def test_names() -> None:
    assert list(SSHConnector.make_names_data("web1")) == [("@ssh/web1", {"ssh_hostname": "web1"}, [])]


def test_without_rsync_here_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperationError, match="no rsync on this machine"):
        asyncio.run(link().rsync(Rsync("a", "b"), HOW))


@pytest.mark.root
@pytest.mark.sshd
def test_what_ssh_asks_reaches_the_user(sshd: Sshd, tmp_path: Path) -> None:
    """The passphrase of a key: no connector of v3 knows who could be asked; the run lends it that."""
    asked: list[str] = []

    async def ask(question: str) -> str:
        asked.append(question)
        return "open sesame"

    key = make_key(tmp_path / "key", passphrase="open sesame")
    with (sshd.directory / "authorized_keys").open("a") as file:
        file.write(Path(f"{key}.pub").read_text())
    reach = {
        "ssh_hostname": "127.0.0.1", "ssh_port": sshd.port, "ssh_user": "root", "ssh_key": str(key),
        "ssh_known_hosts_file": str(tmp_path / "known_hosts"), "ssh_allow_agent": False,
    }  # fmt: skip
    inventory = Inventory(([("h", reach)], {}))
    host = inventory.get_host("h")
    host._connector_cls = SSHConnector

    async def main() -> None:
        made = link_of(host, State(inventory, Config()), ConnectorOptions(ask_secret=ask), Passwords(ask))
        await made.connect()
        assert (await made.run("true", HOW)).status == 0
        await made.close()

    asyncio.run(main())
    assert len(asked) == 1
    assert str(key) in asked[0]
