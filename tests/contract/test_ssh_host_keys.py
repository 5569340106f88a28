"""Whether the host is who it should be: what both SSH backends do about known, new, changed and revoked keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.model.errors import HostKeyRejected
from support.ssh_connected import connect, connected, refusal
from support.sshd import Sshd, make_key, sign

Data = Callable[..., dict[str, Any]]


def known_hosts(data: dict[str, Any]) -> Path:
    return Path(data["ssh_known_hosts_file"])


def test_a_new_host_is_remembered(shared_sshd: Sshd, data: Data) -> None:
    everything = data(shared_sshd)
    assert connect(everything) == "in\n"
    assert known_hosts(everything).read_text() == shared_sshd.known_hosts_line
    assert connect({**everything, "ssh_strict_host_key_checking": "yes"}) == "in\n"


def test_a_changed_key_is_refused(shared_sshd: Sshd, data: Data, tmp_path: Path) -> None:
    everything = data(shared_sshd)
    other = Path(f"{make_key(tmp_path / 'other')}.pub").read_text()
    known_hosts(everything).write_text(f"# a comment\n[127.0.0.1]:{shared_sshd.port} {other}")
    said = refusal(everything, HostKeyRejected)
    assert f"{known_hosts(everything)}:2" in said
    assert "changed" in said
    assert "ssh-keygen -R" in said


def test_a_changed_key_when_any_is_taken(shared_sshd: Sshd, data: Data, tmp_path: Path) -> None:
    everything = data(shared_sshd, ssh_strict_host_key_checking="no")
    other = Path(f"{make_key(tmp_path / 'other')}.pub").read_text()
    before = f"[127.0.0.1]:{shared_sshd.port} {other}"
    known_hosts(everything).write_text(before)
    assert connect(everything) == "in\n"
    assert known_hosts(everything).read_text() == before


def test_an_unknown_host_where_only_known_ones_will_do(shared_sshd: Sshd, data: Data) -> None:
    everything = data(shared_sshd, ssh_strict_host_key_checking="yes")
    said = refusal(everything, HostKeyRejected)
    assert "not known" in said
    assert not known_hosts(everything).exists()


@pytest.mark.parametrize("answer", ["yes", "no", None])
def test_asking_about_an_unknown_host(shared_sshd: Sshd, data: Data, answer: str | None) -> None:
    everything = data(shared_sshd, ssh_strict_host_key_checking="ask")
    asked: list[str] = []

    def ask(prompt: str) -> str | None:
        asked.append(prompt)
        return answer

    if answer == "yes":
        assert connect(everything, ask_secret=ask) == "in\n"
        assert known_hosts(everything).read_text() == shared_sshd.known_hosts_line
    else:
        refusal(everything, HostKeyRejected, ask_secret=ask)
        assert not known_hosts(everything).exists()
    assert "SHA256:" in asked[0]


def test_asking_where_nobody_answers(shared_sshd: Sshd, data: Data) -> None:
    refusal(data(shared_sshd, ssh_strict_host_key_checking="ask"), HostKeyRejected)


def test_a_revoked_key(shared_sshd: Sshd, data: Data) -> None:
    everything = data(shared_sshd)
    known_hosts(everything).write_text(f"@revoked * {shared_sshd.public_host_key}\n{shared_sshd.known_hosts_line}")
    assert "revoked" in refusal(everything, HostKeyRejected)


def test_a_host_certificate(new_sshd: Callable[..., Sshd], data: Data, tmp_path: Path) -> None:
    authority = make_key(tmp_path / "ca")
    server = new_sshd()
    sign(authority, server.host_key, "-h", "-n", "127.0.0.1")
    server.stop()
    server.options = (f"HostCertificate {server.host_key}-cert.pub",)
    server.start()
    everything = data(server, ssh_strict_host_key_checking="yes")
    refusal(everything, HostKeyRejected)
    public = Path(f"{authority}.pub").read_text()
    known_hosts(everything).write_text(f"@cert-authority [127.0.0.1]:* {public}")
    assert connect(everything) == "in\n"


def test_many_at_once_remember_a_host_once(shared_sshd: Sshd, data: Data) -> None:
    everything = data(shared_sshd)

    async def one() -> None:
        async with connected(everything):
            pass

    async def main() -> None:
        await asyncio.gather(*(one() for _ in range(8)))

    asyncio.run(main())
    lines = known_hosts(everything).read_text().splitlines(keepends=True)
    assert set(lines) == {shared_sshd.known_hosts_line}
    if everything["ssh_backend"] == "asyncssh":
        assert len(lines) == 1
