"""The deploy of twenty-five operations on real servers, by every way to get there."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from support import e2e_deploy
from support.e2e_lab import PW_PASSWORD, ROOT_PASSWORD, Server, each
from support.e2e_run import PROGRAM, Running
from support.e2e_site import Site
from support.e2e_terminal import Terminal
from support.e2e_tree import difference


@dataclass(frozen=True)
class Way:
    """How to become root on a host.

    :param data: host data.
    :param words: options of the command line.
    :param plain: does the same by hand, inside the host: what that writes, every login writes.
    :param typed: the answer to the question for a password.
    """

    hosts: int = 3
    data: dict[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    plain: str = "true"
    typed: str | None = None


BY_SUDO = f"echo {PW_PASSWORD} | su pw -c 'sudo -S true'"
LOGIN_PW = {"ssh_user": "pw", "ssh_password": PW_PASSWORD}

WAYS = {
    "root": Way(hosts=10),
    "sudo": Way(data={"ssh_user": "admin", "_sudo": True}, plain="su admin -c 'sudo true'"),
    "sudo with a password from data": Way(
        data={**LOGIN_PW, "_sudo": True, "_sudo_password": PW_PASSWORD}, plain=BY_SUDO
    ),
    "sudo with a typed password": Way(
        data=LOGIN_PW, words=("--sudo", "--use-sudo-password"), plain=BY_SUDO, typed=PW_PASSWORD
    ),
    # As a login: Debian's su leaves PATH as it is otherwise, and an ordinary user's has no useradd.
    "su": Way(
        data={"ssh_user": "admin", "_su_user": "root", "_use_su_login": True, "_su_password": ROOT_PASSWORD},
        plain=f"echo {ROOT_PASSWORD} | su admin -c 'su root -c true'",
    ),
    "openssh": Way(data={"ssh_backend": "openssh"}),
    "openssh, sudo": Way(
        data={"ssh_backend": "openssh", "ssh_user": "admin"}, words=("--sudo",), plain="su admin -c 'sudo true'"
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_plans_applies_and_then_has_nothing_to_do(site: Callable[[int], Site], way: Way) -> None:
    here = site(way.hosts)
    shutil.copytree(e2e_deploy.DIRECTORY, here.directory, dirs_exist_ok=True)
    here.inventory(**way.data)
    each(here.servers, lambda server: server.exec("sh", "-c", way.plain) + server.ssh("true"))
    before = each(here.servers, Server.changes)

    planned = _document(here, way, "--dry")

    after = each(here.servers, Server.changes)
    assert {name: difference(before[name], after[name]) for name in before} == {name: {} for name in before}
    assert planned["operations"] is None
    _all_to_change(e2e_deploy.predicted(planned), here.servers, planned["totals"], but=("apt",), change="change")

    applied = _document(here, way, "-y")

    _all_to_change(e2e_deploy.outcomes(applied), here.servers, applied["totals"], but=("apt",), change="changed")
    each(here.servers, _must_be_as_deployed)
    assert each(here.servers, Server.leftovers) == {name: [] for name in before}

    _only_always(_document(here, way, "-y"), here.servers)
    settled = each(here.servers, Server.changes)
    _only_always(_document(here, way, "-y"), here.servers)
    each(here.servers, _must_be_as_deployed)
    after = each(here.servers, Server.changes)
    changed = {name: list(difference(settled[name], after[name])) for name in before}
    assert changed == {name: ["/opt/app/data/stamp"] for name in before}


def _document(here: Site, way: Way, *words: str) -> dict[str, Any]:
    argv = [*words, "--json", *way.words, "inventory.py", "deploy.py"]
    if way.typed is None:
        return here.run(*argv).must(0).document
    with (
        Terminal() as terminal,
        Running(argv, cwd=here.directory, program=[*Terminal.login, *PROGRAM], terminal=terminal.descriptor) as running,
    ):
        terminal.shows("sudo password")
        terminal.write(f"{way.typed}\n")
        ended = running.wait().must(0)
        assert way.typed not in terminal.shown
        return ended.document


def _all_to_change(
    found: dict[str, dict[str, str]], servers: list[Server], totals: dict[str, Any], *,
    but: tuple[str, ...], change: str,
) -> None:  # fmt: skip
    assert len(found) == e2e_deploy.OPERATIONS
    assert totals["hosts"]["ok"] == len(servers)
    for name, hosts in found.items():
        expected = {"change": "no-change", "changed": "ok"}[change] if name in but else change
        assert hosts == {server.name: expected for server in servers}, name


def _only_always(document: dict[str, Any], servers: list[Server]) -> None:
    others = tuple(name for name in e2e_deploy.predicted(document) if name not in e2e_deploy.ALWAYS)
    _all_to_change(e2e_deploy.predicted(document), servers, document["totals"], but=others, change="change")
    _all_to_change(e2e_deploy.outcomes(document), servers, document["totals"], but=others, change="changed")


def _must_be_as_deployed(server: Server) -> None:
    e2e_deploy.check(server.ssh(shlex.join(e2e_deploy.probe())))
