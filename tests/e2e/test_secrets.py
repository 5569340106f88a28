"""Passwords and secret values are nowhere on the host where somebody could find them, and in no output."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.e2e_lab import ROOT_PASSWORD, Server
from support.e2e_processes import below, processes_of
from support.e2e_site import Site

SUDO_PASSWORD, TOKEN, INPUT, CONTENT = "tiger-sudo-93aa", "tiger-token-51cd", "tiger-input-77ef", "tiger-file-20b4"

WAIT = "while [ ! -e /tmp/go ]; do sleep 0.1; done"
WAIT_AGAIN = "touch /tmp/text; while [ ! -e /tmp/end ]; do sleep 0.1; done"
#: Lasts until the test says so, after having used the secrets.
DEPLOY = f"""
from ropewalk.api import Raw, Secret, sh

token = {{"TOKEN": Secret({TOKEN!r})}}
tiger = sh("printf", "%s", Secret({CONTENT!r}), Raw("| {{ sha256sum; {WAIT_AGAIN}; }}"))
server.shell(name="env", commands=["printf %s $TOKEN | sha256sum; touch /tmp/began; {WAIT}"], _env=token)
server.shell(name="echo", commands=["echo leaked: $TOKEN; echo leaked: $TOKEN >&2"], _env=token)
server.shell(name="input", commands=["read line; printf %s $line | sha256sum"], _stdin=Secret({INPUT!r}))
server.shell(name="text", commands=[tiger])
server.shell(name="fails", commands=["echo $TOKEN; exit 3"], _env=token, _ignore_errors=True)
"""

WAYS: dict[str, dict[str, Any]] = {
    "sudo": {"ssh_user": "pw", "ssh_password": SUDO_PASSWORD, "_sudo": True, "_sudo_password": SUDO_PASSWORD},
    "su": {"ssh_user": "admin", "_su_user": "root", "_su_password": ROOT_PASSWORD},
    "sudo on a terminal": {
        "ssh_user": "pw", "ssh_password": SUDO_PASSWORD, "_sudo": True, "_sudo_password": SUDO_PASSWORD,
        "_get_pty": True,
    },
    "sudo, openssh": {
        "ssh_user": "pw", "ssh_password": SUDO_PASSWORD, "_sudo": True, "_sudo_password": SUDO_PASSWORD,
        "ssh_backend": "openssh",
    },
}  # fmt: skip
OUTPUTS = {"report": ("-vvv", "--debug", "--diff"), "json": ("--json", "-vvv"), "debug-all": ("-vvv", "--debug-all")}


class Spy:
    """Looks again and again at what everybody on a machine can see of its processes.

    :ivar seen: programs whose command line was seen.
    """

    def __init__(self, server: Server, client: int, secrets: tuple[str, ...], values: tuple[str, ...]) -> None:
        self._server, self._client = server, client
        self._secrets = [secret.encode() for secret in secrets]
        self._values = [value.encode() for value in values]
        self.found: set[str] = set()
        self.seen: set[str] = set()

    def look(self) -> None:
        """Passwords must be nowhere; the values of the commands' own environment may be there alone."""
        for process in processes_of(self._server.pid):
            self.seen.add(process.command.split(" ")[0])
            self._search(process.command.encode(), f"arguments of {process.command[:200]}", self._values)
            escalating = process.command.startswith(("sudo", "su ", "env SUDO_PROMPT"))
            self._search(process.environment, f"environment of {process.command[:200]}", self._values * escalating)
        for pid in [self._client, *below(self._client)]:
            for name in ("cmdline", "environ"):
                try:
                    self._search(
                        Path(f"/proc/{pid}/{name}").read_bytes(), f"{name} of the client's {pid}", self._values
                    )
                except OSError:
                    continue

    def _search(self, data: bytes, where: str, more: list[bytes]) -> None:
        self.found |= {f"{secret!r} in {where}" for secret in [*self._secrets, *more] if secret in data}


@contextmanager
def spying(spy: Spy) -> Iterator[None]:
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            spy.look()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize(
    ("escalation", "told"),
    [
        ("sudo", "report"), ("sudo", "json"), ("su", "json"), ("su", "debug-all"),
        ("sudo on a terminal", "json"), ("sudo, openssh", "debug-all"),
    ],
)  # fmt: skip
def test_secrets_stay_secret(site: Callable[[int], Site], escalation: str, told: str) -> None:
    way, output = WAYS[escalation], OUTPUTS[told]
    here = site(1)
    (server,) = here.servers
    server.exec("sh", "-c", f"echo pw:{SUDO_PASSWORD} | chpasswd")
    here.inventory(**way)
    here.deploy(DEPLOY)
    passwords, values = (SUDO_PASSWORD, ROOT_PASSWORD), (TOKEN, INPUT, CONTENT)
    with here.start("-y", *output, "inventory.py", "deploy.py") as running:
        spy = Spy(server, running.pid, passwords, values)
        with spying(spy):
            running.until((server.upper / "tmp/began").exists, "the first operation runs")
            on_disk = _files_with(server, (*passwords, *values))
            spy.look()
            server.exec("touch", "/tmp/go")
            running.until((server.upper / "tmp/text").exists, "the command with a secret in its text runs")
            spy.look()
            server.exec("touch", "/tmp/end")
            ended = running.wait().must(0)
    assert spy.found == set()
    assert {"sh", "su" if "_su_user" in way else "sudo"} <= {Path(name).name for name in spy.seen}
    assert on_disk == _files_with(server, (*passwords, *values)) == []
    everything = ended.stdout + ended.stderr
    assert [secret for secret in (*passwords, *values) if secret in everything] == []
    assert "leaked: " in everything or "--json" in output
    if "--json" in output:
        _must_have_been_used(ended.document)


def _must_have_been_used(document: dict[str, Any]) -> None:
    """The commands really had the secrets: they printed their hashes."""
    said = {o["name"]: "".join(c["stdout"] for c in o["hosts"]["h001"]["commands"]) for o in document["operations"]}
    for name, secret in (("env", TOKEN), ("input", INPUT), ("text", CONTENT)):
        assert hashlib.sha256(secret.encode()).hexdigest() in said[name], name
    assert "leaked: *" in said["echo"]


def _files_with(server: Server, secrets: tuple[str, ...]) -> list[str]:
    """Return the files on the host, changed since it was new or in memory, that hold one of the secrets."""
    roots = [server.upper, *(Path(f"/proc/{server.pid}/root{name}") for name in ("/run", "/dev/shm"))]
    return [
        str(path)
        for root in roots
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and any(secret.encode() in _content(path) for secret in secrets)
    ]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
