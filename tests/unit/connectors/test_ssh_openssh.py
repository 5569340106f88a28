from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ropewalk.connectors.ssh.address import parse_address
from ropewalk.connectors.ssh.askpass import Askpass
from ropewalk.connectors.ssh.data import read_data
from ropewalk.connectors.ssh.openssh_config import config_file, host_options, master_options, stream_options
from ropewalk.connectors.ssh.openssh_errors import failure, lost
from ropewalk.connectors.ssh.openssh_stream import remote_command
from ropewalk.connectors.ssh.paramiko import translate
from ropewalk.connectors.ssh.prompt import Prompter
from ropewalk.connectors.ssh.shared import Shared
from ropewalk.model.errors import AuthenticationFailed, ConnectError, HostKeyRejected

needs_ssh = pytest.mark.skipif(shutil.which("ssh") is None, reason="needs the OpenSSH client")


def effective(tmp_path: Path, address: str = "web1", config: str = "", can_ask: bool = False, **data: Any) -> Any:
    """Return what ssh makes of our options: keyword to list of values."""
    own = tmp_path / "own"
    own.write_text(config)
    checked, paramiko = translate("web1", read_data("web1", {"ssh_config_file": str(own), **data}))
    file = tmp_path / "config"
    file.write_text(config_file(checked, paramiko))
    where = parse_address(address)
    options = host_options(where, checked, can_ask=can_ask)
    command = [
        "ssh",
        "-F",
        str(file),
        *options,
        *stream_options("/run/x y%z", pty=False),
        "-E",
        os.devnull,
        "-G",
        "--",
        where.host,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for line in said.stdout.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    return found


@needs_ssh
@pytest.mark.parametrize(
    ("config", "data", "expected"),
    [
        ("", {}, {"stricthostkeychecking": "accept-new", "serveraliveinterval": "15", "batchmode": "yes"}),
        ("StrictHostKeyChecking yes", {}, {"stricthostkeychecking": "true"}),
        ("StrictHostKeyChecking yes", {"ssh_strict_host_key_checking": "off"}, {"stricthostkeychecking": "false"}),
        ("ServerAliveInterval 3", {}, {"serveraliveinterval": "3"}),
        ("ServerAliveInterval 3", {"ssh_keepalive_interval": 1.5}, {"serveraliveinterval": "2"}),
        ("User conf\nPort 1", {}, {"user": "conf", "port": "1"}),
        ("User conf\nPort 1", {"ssh_user": "data", "ssh_port": 2}, {"user": "data", "port": "2"}),
        ("", {"ssh_key": "/a b%h"}, {"identityfile": "/a b%%h", "identitiesonly": "yes"}),
        ("", {"ssh_key": "/k"}, {"preferredauthentications": "publickey"}),
        ("", {"ssh_certificate": "/c"}, {"certificatefile": "/c"}),
        ("", {"ssh_allow_agent": False}, {"identityagent": "none"}),
        ("", {"ssh_forward_agent": True}, {"forwardagent": "yes"}),
        ("ForwardAgent yes", {"ssh_forward_agent": False}, {"forwardagent": "no"}),
        ("", {"ssh_known_hosts_file": "/a b"}, {"userknownhostsfile": "/a b"}),
        ("ProxyJump other", {"ssh_jump": ["root@a:1", "b"]}, {"proxyjump": "root@a:1,b"}),
        ("", {"ssh_paramiko_connect_kwargs": {"compress": True}}, {"compression": "yes"}),
        ("RemoteCommand evil\nRequestTTY force", {}, {"requesttty": "false"}),
        ("ControlMaster auto\nControlPersist 1h", {}, {"controlmaster": "false"}),
    ],
)
def test_what_ssh_is_told(tmp_path: Path, config: str, data: dict[str, Any], expected: dict[str, str]) -> None:
    found = effective(tmp_path, config=config, **data)
    assert {key: found.get(key, [None])[0] for key in expected} == expected


@needs_ssh
def test_what_ssh_is_not_told(tmp_path: Path) -> None:
    config = "SendEnv LANG LC_*\nRemoteCommand evil\nLocalForward 1 a:1\nProxyJump other"
    found = effective(tmp_path, config=config, ssh_jump="", ssh_password="hunter2", ssh_key_password="hunter2")
    assert "sendenv" not in found
    assert "proxyjump" not in found
    assert "remotecommand" not in found
    assert found["clearallforwardings"] == ["yes"]
    assert "hunter2" not in repr(found)


@needs_ssh
def test_algorithms_are_taken_away(tmp_path: Path) -> None:
    kwargs = {"disabled_algorithms": {"ciphers": ["aes128-ctr"], "kex": ["curve25519-sha256"]}}
    found = effective(tmp_path, ssh_paramiko_connect_kwargs=kwargs)
    assert "aes128-ctr" not in found["ciphers"][0].split(",")
    assert "curve25519-sha256" not in found["kexalgorithms"][0].split(",")


@pytest.mark.parametrize(("persist", "said"), [(None, "no"), (False, "no"), (True, "yes"), (60, "60"), ("yes", "yes")])
def test_how_long_a_connection_lasts(persist: Any, said: str) -> None:
    assert f"ControlPersist={said}" in master_options("/s", persist)


SAID = {
    "@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nAdd correct host key in /k to get rid "
    "of this message.\nOffending ED25519 key in /home/me/.ssh/known_hosts:12\nHost key verification failed.": (
        HostKeyRejected,
        "/home/me/.ssh/known_hosts:12",
    ),
    "No ED25519 host key is known for web1 and you have requested strict checking.\nHost key verification failed.": (
        HostKeyRejected,
        "not known",
    ),
    "@       WARNING: REVOKED HOST KEY DETECTED!               @\nHost key verification failed.": (
        HostKeyRejected,
        "revoked",
    ),
    "root@web1: Permission denied (publickey,password).": (AuthenticationFailed, "(publickey,password)"),
    "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures": (AuthenticationFailed, "refuses"),
    "ssh: Could not resolve hostname web1: Name or service not known": (ConnectError, "Name or service not known"),
    "ssh: connect to host web1 port 22: Connection refused": (ConnectError, "Connection refused"),
    "ssh: connect to host web1 port 22: Connection timed out": (ConnectError, "Connection timed out"),
    "ssh: connect to host web1 port 22: No route to host": (ConnectError, "No route to host"),
    "Unable to negotiate with 10.0.0.1 port 22: no matching cipher found. Their offer: x": (ConnectError, "cipher"),
    "kex_exchange_identification: Connection closed by remote host": (ConnectError, "before the login"),
    "/root/.ssh/config: line 1: Bad configuration option: foo": (ConnectError, "line 1"),
    "Bad owner or permissions on /root/.ssh/config": (ConnectError, "/root/.ssh/config"),
    "": (ConnectError, "without saying why"),
    "debug\nsomething new": (ConnectError, "something new"),
}


@pytest.mark.parametrize("said", SAID)
def test_what_ssh_says(said: str) -> None:
    kind, words = SAID[said]
    error = failure("web1:22", said)
    assert type(error) is kind
    assert str(error).startswith("web1:22: ")
    assert words in str(error)


@pytest.mark.parametrize(
    ("said", "is_lost"),
    [
        ("debug2: Received exit status from master 255", False),
        ("debug1: Exit status 255", False),
        ("debug1: Exit status -1", True),
        ("debug2: Control master terminated unexpectedly", True),
        ("ssh: connect to host web1 port 22: Connection refused", True),
        ("", True),
    ],
)
def test_whether_a_connection_was_lost(said: str, is_lost: bool) -> None:
    assert lost(said) is is_lost


@pytest.mark.parametrize(
    ("argv", "status", "out"),
    [
        (["sh", "-c", "echo $1; exit 3", "sh", "a b"], 3, b"a b\n"),
        (["sh", "-c", "kill -9 $$"], 137, b""),
        (["printf", "%s", "'\"\n$x"], 0, b"'\"\n$x"),
        (["sh", "-c", "exit 255"], 255, b""),
    ],
)
def test_the_remote_command(argv: list[str], status: int, out: bytes) -> None:
    done = subprocess.run(["sh", "-c", remote_command(argv, pty=False)], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (status, out, b"")


def ask(askpass: Askpass, question: str) -> tuple[int, bytes]:
    """Ask as ssh does."""
    environment = askpass.environment
    done = subprocess.run(
        [environment["SSH_ASKPASS"], question], capture_output=True, env={**os.environ, **environment}
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("root@web1's password: ", "p'w\"$"),
        ("(root@web1) Password: ", "p'w\"$"),
        ("(root@web1) Password for root: ", "p'w\"$"),
        ("root@jump's password: ", None),
        ("(root@jump) Password: ", None),
        ("Enter passphrase for key '/home/me/.ssh/id_rsa': ", "phrase"),
        ("Enter passphrase for /home/me/.ssh/id_rsa: ", "phrase"),
        ("Are you sure you want to continue connecting (yes/no/[fingerprint])? ", None),
        ("(root@web1) Verification code: ", None),
    ],
)
def test_answers_to_ssh(tmp_path: Path, question: str, answer: str | None) -> None:
    async def main() -> None:
        passwords = {"root@web1": "p'w\"$"}
        askpass = Askpass(tmp_path, Prompter(None, Shared.of_this_loop()), passwords, "phrase")
        await askpass.start()
        try:
            expected = (1, b"") if answer is None else (0, f"{answer}\n".encode())
            assert await asyncio.to_thread(ask, askpass, question) == expected
            assert await asyncio.to_thread(ask, askpass, question) == (1, b"")  # it was wrong: not again
            askpass.new_login()
            assert await asyncio.to_thread(ask, askpass, question) == expected
        finally:
            await askpass.close()

    asyncio.run(main())
    left = "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file())
    assert "phrase" not in left
    assert "p'w" not in left
    assert shlex.quote("p'w\"$") not in left


def test_questions_are_passed_on(tmp_path: Path) -> None:
    async def main() -> None:
        prompter = Prompter(lambda prompt: f"<{prompt}>", Shared.of_this_loop())
        askpass = Askpass(tmp_path, prompter, {}, None)
        assert await askpass.answer("(root@web1) Code: ") == "<(root@web1) Code: >"
        assert await askpass.answer("root@web1's password: ") is None
        assert await askpass.answer("(root@web1) Password: ") is None
        assert await askpass.answer("Enter passphrase for key '/k': ") == "<Passphrase of the SSH key /k: >"

    asyncio.run(main())
