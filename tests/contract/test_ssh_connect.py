"""What can go wrong while connecting over SSH, and what is said about it: the same by both backends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ropewalk.model.errors import AuthenticationFailed, ConnectError
from support.ssh_connected import connect, connected, refusal
from support.sshd import Sshd, free_port, make_key, sign

Data = Callable[..., dict[str, Any]]


# Reaching it


def test_a_port_nobody_listens_on(backend: str) -> None:
    port = free_port()
    said = refusal({"ssh_hostname": "127.0.0.1", "ssh_port": port, "ssh_backend": backend}, ConnectError)
    assert f"127.0.0.1:{port}: Connection refused" in said
    assert "ssh_port" in said


def test_a_name_that_does_not_exist(backend: str) -> None:
    said = refusal({"ssh_hostname": "no-such-host.invalid", "ssh_backend": backend}, ConnectError)
    assert "no-such-host.invalid:22: the name cannot be resolved" in said


def test_a_server_that_says_nothing(backend: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        data = {"ssh_hostname": "127.0.0.1", "ssh_port": port, "ssh_backend": backend}
        said = refusal(data, ConnectError, connect_timeout=0.5)
    assert f"127.0.0.1:{port}: not connected within 0.5 s" in said


def test_a_server_that_hangs_up(backend: str) -> None:
    async def main() -> str:
        async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(ConnectError) as caught:
                async with connected({"ssh_hostname": "127.0.0.1", "ssh_port": port, "ssh_backend": backend}):
                    pass
            return f"{caught.value} {caught.value.hint}"

    said = asyncio.run(main())
    assert "ended before the login" in said
    assert "MaxStartups" in said


def test_trying_again(backend: str) -> None:
    """A server that is not there at first is reached in the end."""
    seen: list[int] = []

    async def main() -> None:
        async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(1)
            writer.close()

        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            data = {
                "ssh_hostname": "127.0.0.1",
                "ssh_port": port,
                "ssh_backend": backend,
                "ssh_connect_retries": 2,
                "ssh_connect_retry_min_delay": 0.0,
                "ssh_connect_retry_max_delay": 0.0,
            }
            with pytest.raises(ConnectError):
                async with connected(data):
                    pass

    asyncio.run(main())
    assert len(seen) == 3


def test_the_handshake_is_limited(shared_sshd: Sshd, data: Data) -> None:
    events: list[str] = []

    @asynccontextmanager
    async def limiter() -> Any:
        events.append("enter")
        yield
        events.append("leave")

    assert connect(data(shared_sshd), limiter=limiter()) == "in\n"
    assert events == ["enter", "leave"]


# Who we are


def test_the_wrong_key(shared_sshd: Sshd, data: Data, tmp_path: Path) -> None:
    key = make_key(tmp_path / "stranger")
    said = refusal(data(shared_sshd, ssh_key=str(key)), AuthenticationFailed)
    assert f"127.0.0.1:{shared_sshd.port}" in said
    assert "refuses" in said
    assert "ssh_key" in said


def test_only_the_named_key_is_offered(new_sshd: Callable[..., Sshd], data: Data, tmp_path: Path) -> None:
    server = new_sshd()
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir(mode=0o700)
    make_key(ssh / "id_ed25519")
    assert connect(data(server)) == "in\n"
    assert server.log.count("Failed publickey") == 0


def test_a_key_that_does_not_exist(shared_sshd: Sshd, data: Data) -> None:
    said = refusal(data(shared_sshd, ssh_key="/nonexistent/key"), AuthenticationFailed)
    assert "the SSH key /nonexistent/key does not exist" in said


def test_the_usual_keys(shared_sshd: Sshd, data: Data, tmp_path: Path) -> None:
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir(mode=0o700)
    (ssh / "id_ed25519").write_bytes(shared_sshd.client_key.read_bytes())
    (ssh / "id_ed25519").chmod(0o600)
    everything = data(shared_sshd, ssh_key=None)
    # ssh looks for its files in the home directory of the account, whatever HOME says
    if everything["ssh_backend"] == "asyncssh":
        assert connect(everything) == "in\n"
    refusal(data(shared_sshd, ssh_key=None, ssh_look_for_keys=False), AuthenticationFailed)


@pytest.fixture(params=["openssh", "pem"])
def locked(request: pytest.FixtureRequest, new_sshd: Callable[..., Sshd], tmp_path: Path) -> tuple[Sshd, Path]:
    """A server, and an encrypted key it accepts; PEM has no public half to be seen without the passphrase."""
    key = make_key(tmp_path / "locked", passphrase="open sesame", kind="rsa", pem=request.param == "pem")
    server = new_sshd()
    public = Path(f"{key}.pub")
    (server.directory / "authorized_keys").write_text(public.read_text())
    public.unlink()
    return server, key


def test_an_encrypted_key_with_its_passphrase(locked: tuple[Sshd, Path], data: Data) -> None:
    server, key = locked
    assert connect(data(server, ssh_key=str(key), ssh_key_password="open sesame")) == "in\n"


def test_an_encrypted_key_with_the_wrong_passphrase(locked: tuple[Sshd, Path], data: Data) -> None:
    server, key = locked
    said = refusal(data(server, ssh_key=str(key), ssh_key_password="wrong"), AuthenticationFailed)
    assert str(key) in said
    assert "decrypted" in said
    assert "wrong" not in said.replace("in wrong hands", "")


def test_an_encrypted_key_and_nobody_to_ask(locked: tuple[Sshd, Path], data: Data) -> None:
    server, key = locked
    said = refusal(data(server, ssh_key=str(key)), AuthenticationFailed)
    assert f"the SSH key {key} is encrypted" in said
    assert "ssh_key_password" in said


def test_an_encrypted_key_and_somebody_to_ask(locked: tuple[Sshd, Path], data: Data) -> None:
    server, key = locked
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "open sesame"

    assert connect(data(server, ssh_key=str(key)), ask_secret=ask) == "in\n"
    assert asked == [f"Passphrase of the SSH key {key}: "]


def test_a_passphrase_is_asked_for_once(locked: tuple[Sshd, Path], data: Data) -> None:
    server, key = locked
    asked: list[str] = []

    async def ask(prompt: str) -> str:
        asked.append(prompt)
        return "open sesame"

    async def one() -> None:
        async with connected(data(server, ssh_key=str(key)), ask_secret=ask):
            pass

    async def main() -> None:
        await asyncio.gather(*(one() for _ in range(5)))

    asyncio.run(main())
    assert len(asked) == 1


def test_a_key_in_the_agent(shared_sshd: Sshd, data: Data, agent: Callable[[Path], None]) -> None:
    agent(shared_sshd.client_key)
    assert connect(data(shared_sshd, ssh_key=None)) == "in\n"
    refusal(data(shared_sshd, ssh_key=None, ssh_allow_agent=False), AuthenticationFailed)


def test_the_agent_unlocks_the_named_key(
    locked: tuple[Sshd, Path], data: Data, tmp_path: Path, agent: Callable[[Path], None]
) -> None:  # fmt: skip
    """Only the public half is here: the agent has the other."""
    server, _ = locked
    agent(server.client_key)
    (server.directory / "authorized_keys").write_text(Path(f"{server.client_key}.pub").read_text())
    public = tmp_path / "only.pub"
    public.write_text(Path(f"{server.client_key}.pub").read_text())
    assert connect(data(server, ssh_key=str(tmp_path / "only"))) == "in\n"


def test_agent_forwarding(shared_sshd: Sshd, data: Data, agent: Callable[[Path], None]) -> None:
    agent(shared_sshd.client_key)

    async def keys(**more: Any) -> bytes:
        async with connected(data(shared_sshd, **more)) as connector:
            stream = await connector.open(["sh", "-c", "ssh-add -l 2>&1"])
            said = await stream.stdout()
            await stream.close()
            return said

    assert b"ED25519" in asyncio.run(keys(ssh_forward_agent=True))
    assert b"ED25519" not in asyncio.run(keys())


def test_a_user_certificate(new_sshd: Callable[..., Sshd], data: Data, tmp_path: Path) -> None:
    authority, key = make_key(tmp_path / "ca"), make_key(tmp_path / "user")
    sign(authority, key, "-n", "root")
    server = new_sshd(f"TrustedUserCAKeys {authority}.pub")
    assert connect(data(server, ssh_key=str(key))) == "in\n"  # KEY-cert.pub is found beside it
    elsewhere = Path(f"{key}-cert.pub").rename(tmp_path / "certificate")
    refusal(data(server, ssh_key=str(key)), AuthenticationFailed)
    assert connect(data(server, ssh_key=str(key), ssh_certificate=str(elsewhere))) == "in\n"


def test_a_certificate_for_a_key_in_the_agent(
    new_sshd: Callable[..., Sshd], data: Data, tmp_path: Path, agent: Callable[[Path], None]
) -> None:  # fmt: skip
    authority, key = make_key(tmp_path / "ca"), make_key(tmp_path / "user")
    agent(key)
    sign(authority, key, "-n", "root")
    server = new_sshd(f"TrustedUserCAKeys {authority}.pub")
    key.unlink()
    certificate = Path(f"{key}-cert.pub").rename(tmp_path / "certificate")
    assert connect(data(server, ssh_key=str(key), ssh_certificate=str(certificate))) == "in\n"


def test_a_certificate_that_does_not_exist(shared_sshd: Sshd, data: Data) -> None:
    said = refusal(data(shared_sshd, ssh_certificate="/nonexistent/certificate"), AuthenticationFailed)
    assert "/nonexistent/certificate" in said
    assert "ssh_certificate" in said


def test_a_key_that_is_none(shared_sshd: Sshd, data: Data, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
    nonsense.chmod(0o600)
    refusal(data(shared_sshd, ssh_key=str(nonsense)), AuthenticationFailed)
    refusal(data(shared_sshd, ssh_key=str(tmp_path)), AuthenticationFailed)


def test_an_agent_that_is_gone(shared_sshd: Sshd, data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nonexistent/agent")
    assert connect(data(shared_sshd)) == "in\n"


def test_no_common_algorithm(shared_sshd: Sshd, data: Data, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Ciphers 3des-cbc\n")
    said = refusal(data(shared_sshd, ssh_config_file=str(config)), ConnectError)
    assert "no common ground" in said
    assert "Ciphers" in said


# Passwords: a server in this process, which has accounts of its own.


class Passwords(asyncssh.SSHServer):
    """Lets ``admin`` in with ``s3cr3t '"$``."""

    interactive = False
    tried: list[str]

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return False

    def password_auth_supported(self) -> bool:
        return not self.interactive

    def kbdint_auth_supported(self) -> bool:
        return self.interactive

    def validate_password(self, username: str, password: str) -> bool:
        type(self).tried.append(password)
        return (username, password) == ("admin", "s3cr3t '\"$")

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return self.validate_password(username, responses[0])


def log_in(tmp_path: Path, data: dict[str, Any], *, interactive: bool, **options: Any) -> list[str]:
    """Log in to such a server; return the passwords it was given."""
    key = make_key(tmp_path / "server_key")

    class Server(Passwords):
        tried: list[str] = []

    Server.interactive = interactive

    async def say(process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write("ropewalk-ready\n")
        await process.stdin.read()
        process.exit(0)

    async def main() -> None:
        async with asyncssh.listen(
            "127.0.0.1", 0, server_factory=Server, server_host_keys=[str(key)], process_factory=say
        ) as server:
            where = {"ssh_hostname": "127.0.0.1", "ssh_port": server.get_port(), "ssh_user": "admin"}
            known = {"ssh_known_hosts_file": str(tmp_path / "known_hosts"), "ssh_look_for_keys": False}
            async with asyncio.timeout(30), connected({**where, **known, **data}, **options):
                pass

    try:
        asyncio.run(main())
    finally:
        key.unlink()
        Path(f"{key}.pub").unlink()
    return Server.tried


@pytest.mark.parametrize("interactive", [False, True], ids=["password", "keyboard-interactive"])
def test_a_password(backend: str, tmp_path: Path, interactive: bool) -> None:
    data = {"ssh_password": "s3cr3t '\"$", "ssh_backend": backend}
    assert log_in(tmp_path, data, interactive=interactive) == ["s3cr3t '\"$"]


@pytest.mark.parametrize("interactive", [False, True], ids=["password", "keyboard-interactive"])
def test_a_wrong_password_is_tried_once(backend: str, tmp_path: Path, interactive: bool) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        log_in(tmp_path, {"ssh_password": "hunter2", "ssh_backend": backend}, interactive=interactive)
    assert "hunter2" not in f"{caught.value!r} {caught.value} {caught.value.hint}"


def test_other_questions_are_passed_on(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Passwords, "get_kbdint_challenge", lambda *_: ("", "", "", [("Verification code: ", False)]))
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "s3cr3t '\"$"

    log_in(tmp_path, {"ssh_backend": backend}, interactive=True, ask_secret=ask)
    assert len(asked) == 1
    assert "Verification code:" in asked[0]


def test_nobody_is_asked_for_a_password(backend: str, tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "s3cr3t '\"$"

    for interactive in (False, True):
        with pytest.raises(AuthenticationFailed):
            log_in(tmp_path, {"ssh_backend": backend}, interactive=interactive, ask_secret=ask)
    assert asked == []
