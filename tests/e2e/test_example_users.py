"""The example that manages administrators, on real hosts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from support.e2e_site import Site

EXAMPLE = Path(__file__).parents[2] / "examples" / "users"


def test_administrators_come_and_go(site: Callable[[int], Site]) -> None:
    here = site(2)
    shutil.copytree(EXAMPLE, here.directory, dirs_exist_ok=True)
    data = {"ssh_config_file": str(here.lab.ssh_config), "ssh_user": "admin"}
    (here.directory / "inventory.py").write_text(
        f"servers = [(name, {data!r}) for name in {[server.name for server in here.servers]!r}]\n"
    )
    for server in here.servers:
        server.exec("useradd", "-m", "charles")

    first = here.run("-y", "inventory.py", "deploy.py")
    assert first.status == 0, first.stderr
    for server in here.servers:
        assert server.exec("id", "-Gn", "ada").split() == ["ada", "admins"]
        assert server.exec("su", "ada", "-c", "sudo -n id -u") == "0\n"
        key = (EXAMPLE / "keys" / "grace.pub").read_text().split()[1]
        assert key in server.exec("cat", "/home/grace/.ssh/authorized_keys")
        assert server.exec("id", "charles", check=False) == ""

    second = here.run("-y", "inventory.py", "deploy.py")
    assert second.status == 0
    assert "nothing changed" in second.stderr
