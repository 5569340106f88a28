"""A private OpenSSH server on the loopback interface, for tests that must speak to a real one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


def unavailable() -> str | None:
    """Return why there can be no server here, or ``None``."""
    if os.geteuid() != 0:
        return "needs root: a server of another user's cannot log anybody in"
    missing = [name for name in (SSHD, "ssh", "ssh-keygen") if not shutil.which(name)]
    return f"needs {', '.join(missing)}" if missing else None


@dataclass
class Sshd:
    """A server that lets root in with the key ``client_key``.

    :param directory: an empty directory for everything it needs.
    :param options: further lines of sshd_config(5).
    """

    directory: Path
    options: tuple[str, ...] = ()
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def client_key(self) -> Path:
        return self.directory / "client_key"

    @property
    def host_key(self) -> Path:
        return self.directory / "host_key"

    @property
    def public_host_key(self) -> str:
        """Type and base64."""
        return " ".join(Path(f"{self.host_key}.pub").read_text().split()[:2])

    @property
    def known_hosts_line(self) -> str:
        return f"[127.0.0.1]:{self.port} {self.public_host_key}\n"

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")

    def start(self) -> Sshd:
        self.port = self.port or free_port()
        for key in (self.host_key, self.client_key):
            if not key.exists():
                make_key(key)
        authorized = self.directory / "authorized_keys"
        if not authorized.exists():
            authorized.write_text(Path(f"{self.client_key}.pub").read_text())
        config = self.directory / "sshd_config"
        config.write_text("\n".join(self._config(authorized)) + "\n")
        Path("/run/sshd").mkdir(exist_ok=True)
        with open(self.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._await_answer()
        return self

    def stop(self) -> None:
        """Stop the server and every connection it serves."""
        if self._process is None:
            return
        self.kill_connections()
        self._process.terminate()
        self._process.wait()
        self._process = None

    def kill_connections(self) -> int:
        """Kill the processes that serve connections, as a network would that goes away; return how many."""
        assert self._process is not None
        killed = 0
        for child in children(self._process.pid):
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it has just ended by itself
            killed += 1
        return killed

    def freeze_connections(self) -> list[int]:
        """Stop the processes that serve connections, so that they say nothing more; return their ids."""
        assert self._process is not None
        found = [pid for child in children(self._process.pid) for pid in (child, *children(child))]
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        return found

    def _config(self, authorized: Path) -> list[str]:
        return [
            *self.options,
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self.host_key}",
            f"AuthorizedKeysFile {authorized}",
            "PidFile none",
            "PermitRootLogin yes",
            "StrictModes no",
            "UsePAM no",
            f"SetEnv HOME={self.directory}",  # away from what root's shell does at a login
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "LogLevel VERBOSE",
            "MaxStartups 200",
            "UseDNS no",
        ]

    def _await_answer(self) -> None:
        assert self._process is not None
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                raise RuntimeError(f"sshd ended: {self.log}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    probe.recv(1)
                    return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise RuntimeError(f"sshd does not answer: {self.log}")


def make_key(path: Path, *, passphrase: str = "", kind: str = "ed25519", pem: bool = False) -> Path:
    """Make a private key and, beside it, its public half."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run([*command, *(["-m", "PEM"] if pem else [])], check=True, stdin=subprocess.DEVNULL)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def sign(authority: Path, key: Path, *options: str) -> None:
    """Make a certificate of a public key; the options are those of ssh-keygen(1)."""
    command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", *options, f"{key}.pub"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
