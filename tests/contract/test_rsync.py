"""rsync over every connector: by the connection that the connector makes, not by one of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.e2e_run import run
from support.sshd import Sshd

pytestmark = pytest.mark.skipif(shutil.which("rsync") is None, reason="needs rsync")

DEPLOY = """
from ropewalk.operations import files

files.rsync(src="tree/", dest={dest!r}, flags=["-a"], **{arguments!r})
"""


def _copied(folder: Path, inventory: str, **arguments: Any) -> dict[str, bytes]:
    """Run a deploy that copies a tree; return what has arrived."""
    dest = folder / "a dest 'of' $(touch made)"
    (folder / "tree").mkdir()
    (folder / "tree/a b").write_bytes(bytes(range(256)) * 4096)
    (folder / "tree/empty").touch()
    (folder / "deploy.py").write_text(DEPLOY.format(dest=str(dest), arguments=arguments))
    run("-y", inventory, "deploy.py", cwd=folder).must(0)
    assert not (folder / "made").exists()
    return {path.name: path.read_bytes() for path in dest.iterdir()}


WANTED = {"a b": bytes(range(256)) * 4096, "empty": b""}


@pytest.mark.parametrize("arguments", [{}, {"_sudo": True}])
def test_over_ssh(
    tmp_path: Path, new_sshd: Callable[..., Sshd], data: Callable[..., dict[str, Any]], arguments: dict[str, Any]
) -> None:
    if arguments and shutil.which("sudo") is None:
        pytest.skip("needs sudo")
    server = new_sshd()
    (tmp_path / "known_hosts").write_text(server.known_hosts_line)
    there = data(server, ssh_strict_host_key_checking="yes")
    (tmp_path / "inventory.py").write_text(f"hosts = [('box', {there!r})]\n")
    assert _copied(tmp_path, "inventory.py", **arguments) == WANTED
    assert server.log.count("Accepted publickey") == 1


def test_through_a_jump_host(
    tmp_path: Path, new_sshd: Callable[..., Sshd], data: Callable[..., dict[str, Any]]
) -> None:
    jump, server = new_sshd(), new_sshd()
    (server.directory / "authorized_keys").write_text((jump.directory / "authorized_keys").read_text())
    there = data(
        server, ssh_key=str(jump.client_key), ssh_jump=f"root@127.0.0.1:{jump.port}",
        ssh_strict_host_key_checking="accept-new",
    )  # fmt: skip
    (tmp_path / "inventory.py").write_text(f"hosts = [('box', {there!r})]\n")
    assert _copied(tmp_path, "inventory.py") == WANTED
    assert jump.log.count("Accepted publickey") == 1


def test_on_this_machine(tmp_path: Path) -> None:
    assert _copied(tmp_path, "@local") == WANTED
