"""What it takes to talk to hosts, as ``--stats`` and ``--json`` tell; none of it depends on the network's speed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from support import e2e_deploy
from support.e2e_lab import PW_PASSWORD
from support.e2e_site import Site

#: With nothing to change: to plan, and to apply (two commands of the deploy run every time).
PLAN, APPLY = 5, 4

WAYS: dict[str, tuple[dict[str, Any], int]] = {
    "root": ({}, 1),
    "openssh": ({"ssh_backend": "openssh"}, 1),
    "sudo": ({"ssh_user": "admin", "_sudo": True}, 1),
    "sudo with a password": (
        {"ssh_user": "pw", "ssh_password": PW_PASSWORD, "_sudo": True, "_sudo_password": PW_PASSWORD},
        1,
    ),
}


@pytest.mark.parametrize(("data", "channels"), WAYS.values(), ids=WAYS.keys())
def test_nothing_to_change_costs_next_to_nothing(
    site: Callable[[int], Site], data: dict[str, Any], channels: int
) -> None:
    here = site(2)
    shutil.copytree(e2e_deploy.DIRECTORY, here.directory, dirs_exist_ok=True)
    here.inventory(**data)
    here.run("-y", "inventory.py", "deploy.py").must(0)
    planned = _stats(here, "--dry")
    applied = _stats(here, "-y")
    for name in planned:
        assert planned[name]["round_trips"] <= PLAN
        assert applied[name]["round_trips"] - planned[name]["round_trips"] <= APPLY
        assert planned[name]["channels"] == applied[name]["channels"] == channels
    table = here.run("--dry", "--stats", "inventory.py", "deploy.py").must(0).stderr
    assert "round trips" in table
    assert all(server.name in table for server in here.servers)


def test_each_identity_has_one_shell(site: Callable[[int], Site]) -> None:
    here = site(1)
    here.inventory(ssh_user="admin")
    here.deploy("""
for number in range(3):
    server.shell(name=f"mine {number}", commands=["id -un"])
    server.shell(name=f"root {number}", commands=["id -un"], _sudo=True)
    server.shell(name=f"pw {number}", commands=["id -un"], _sudo=True, _sudo_user="pw")
""")
    document = here.run("-y", "--json", "inventory.py", "deploy.py").must(0).document
    said = {
        operation["name"].split()[0]: operation["hosts"]["h001"]["commands"][0]["stdout"].strip()
        for operation in document["operations"]
    }
    assert said == {"mine": "admin", "root": "root", "pw": "pw"}
    assert document["hosts"]["h001"]["stats"]["channels"] == 3


def test_the_server_saw_as_many_sessions_as_were_told(site: Callable[[int], Site]) -> None:
    here = site(1)
    shutil.copytree(e2e_deploy.DIRECTORY, here.directory, dirs_exist_ok=True)
    document = here.run("-y", "--json", "inventory.py", "deploy.py").must(0).document
    log = (here.servers[0].upper / "var/log/sshd.log").read_text(errors="replace")
    assert log.count("Starting session") == document["hosts"]["h001"]["stats"]["channels"] == 1


def _stats(here: Site, *words: str) -> dict[str, dict[str, int]]:
    document = here.run(*words, "--json", "inventory.py", "deploy.py").must(0).document
    return {name: host["stats"] for name, host in document["hosts"].items()}
