"""Much output, any bytes, and large files, in bounded memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.e2e_lab import PW_PASSWORD
from support.e2e_site import Site

MIB = 1024 * 1024
#: How much more than an idle run a large one may need. What is kept of the output of one command has a limit.
ROOM = 64 * MIB
#: With its line end a hundred bytes.
LINE = "0123456789" * 9 + "012345678"

WAYS: dict[str, dict[str, Any]] = {
    "root": {},
    "sudo with a password": {
        "ssh_user": "pw", "ssh_password": PW_PASSWORD, "_sudo": True, "_sudo_password": PW_PASSWORD
    },
    "openssh": {"ssh_backend": "openssh"},
}  # fmt: skip


def _idle(here: Site) -> int:
    return here.run("inventory.py", "exec", "--", "true").must(0).peak


def test_a_hundred_megabytes_of_output_pass_through(site: Callable[[int], Site]) -> None:
    here = site(1)
    idle = _idle(here)
    ended = here.run("inventory.py", "exec", "--", f"yes {LINE} | head -c 100000000").must(0)
    assert len(ended.out) == 100_000_000
    assert ended.out == f"{LINE}\n".encode() * 1_000_000
    assert ended.peak - idle < ROOM


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["report", "json"])
def test_a_hundred_megabytes_of_output_of_an_operation_are_cut(site: Callable[[int], Site], words: tuple[str]) -> None:
    here = site(1)
    idle = _idle(here)
    here.deploy(f"server.shell(name='much', commands=['yes {LINE} | head -c 100000000; echo the end'])")
    ended = here.run("-y", *words, "inventory.py", "deploy.py").must(0)
    assert ended.peak - idle < ROOM
    assert len(ended.out) + len(ended.err) < 2 * MIB
    if words:
        (command,) = ended.document["operations"][0]["hosts"]["h001"]["commands"]
        assert command["stdout"].endswith("the end\n")
        assert "left out" in command["stdout"]


def test_one_line_of_a_hundred_megabytes_is_no_problem(site: Callable[[int], Site]) -> None:
    here = site(1)
    idle = _idle(here)
    here.deploy("server.shell(name='line', commands=['head -c 100000000 /dev/zero | tr \"\\\\0\" x'])")
    ended = here.run("-y", "--json", "inventory.py", "deploy.py").must(0)
    assert ended.document["operations"][0]["hosts"]["h001"]["outcome"] == "changed"
    assert ended.peak - idle < ROOM


@pytest.mark.parametrize("backend", ["asyncssh", "openssh"])
def test_random_bytes_do_not_confuse_anybody(site: Callable[[int], Site], backend: str) -> None:
    here = site(1)
    here.inventory(ssh_backend=backend)
    (server,) = here.servers
    server.exec("sh", "-c", "head -c 10000000 /dev/urandom >/tmp/random")
    here.deploy("""
result = server.shell(name="random", commands=["cat /tmp/random; cat /tmp/random >&2", "echo after"])
server.shell(name="next", commands=["echo next"])
""")
    document = here.run("-y", "--json", "-vvv", "inventory.py", "deploy.py").must(0).document
    first, second = (operation["hosts"]["h001"] for operation in document["operations"])
    assert [command["exit_code"] for command in first["commands"]] == [0, 0]
    assert first["commands"][1]["stdout"].strip() == "after"
    assert second["commands"][0]["stdout"].strip() == "next"
    passed_on = here.run("inventory.py", "exec", "--", "cat /tmp/random").must(0)
    assert len(passed_on.out) >= 10_000_000
    server.exec("truncate", "-s", "300000", "/tmp/random")
    here.run("-y", "-vvv", "inventory.py", "deploy.py").must(0)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_fifty_megabytes_up_and_down(site: Callable[[int], Site], way: dict[str, Any]) -> None:
    here = site(1)
    here.inventory(**way)
    (server,) = here.servers
    idle = _idle(here)
    big = here.directory / "big"
    big.write_bytes(os.urandom(50 * MIB))
    here.deploy("""
files.put(name="up", src="big", dest="/srv/big", mode="600", user="root")
files.get(name="down", src="/srv/big", dest="back")
""")
    ended = here.run("-y", "--json", "inventory.py", "deploy.py").must(0)
    assert ended.document["hosts"]["h001"]["operations"]["changed"] == 2
    assert ended.peak - idle < ROOM
    assert _hash(here.directory / "back") == _hash(big) == server.exec("sha256sum", "/srv/big").split()[0]
    assert server.exec("stat", "-c", "%U %a", "/srv/big") == "root 600\n"
    assert server.leftovers() == []
    again = here.run("-y", "--json", "inventory.py", "deploy.py").must(0)
    assert again.document["hosts"]["h001"]["operations"]["ok"] == 2


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
