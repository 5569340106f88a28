"""SSH through the OpenSSH client: one process holds the connection, and one per stream uses it (ssh_config(5),
ControlMaster). For those who want exactly what ``ssh host`` does, or connections that outlive the run.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors.process import ProcessStream, spawn
from ropewalk.connectors.ssh import openssh_config
from ropewalk.connectors.ssh.address import Address
from ropewalk.connectors.ssh.askpass import Askpass
from ropewalk.connectors.ssh.data import SSHData, reveal
from ropewalk.connectors.ssh.key_file import is_encrypted
from ropewalk.connectors.ssh.openssh_errors import failure
from ropewalk.connectors.ssh.openssh_stream import OpenSSHStream, remote_command, text_of
from ropewalk.connectors.ssh.paramiko import translate
from ropewalk.connectors.ssh.prompt import Prompter
from ropewalk.model.errors import AuthenticationFailed, ConnectError, ConnectionLost

_LONGEST_SOCKET = 85  # sun_path has 104 bytes on some systems, and ssh adds 17 while it makes the socket
_READY = "ropewalk-ready"


class OpenSSHBackend:
    """Reaches one server with the ``ssh`` program."""

    def __init__(self, address: Address, data: SSHData, prompter: Prompter, options: ConnectorOptions) -> None:
        self._address, self._prompter, self._options = address, prompter, options
        self._data, self._paramiko = translate(address.host, data)
        self._persist = self._data.get("ssh_control_persist") or None
        self._can_ask = prompter.possible or "ssh_password" in self._data or "ssh_key_password" in self._data
        self._place = str(address)
        self._base: list[str] = []
        self._environment: dict[str, str] = {**os.environ, "LC_ALL": "C"}
        self._directory: Path | None = None
        self._socket = ""
        self._askpass: Askpass | None = None
        self._master: ProcessStream | None = None
        self._numbers = itertools.count(1)

    async def connect(self) -> None:
        """Log in.

        :raises ConnectError: that cannot be done.
        """
        self._check_data()
        self._directory = Path(tempfile.mkdtemp(prefix="ropewalk-", dir=_short_directory()))
        config = self._directory / "config"
        config.write_text(openssh_config.config_file(self._data, self._paramiko), encoding="utf-8")
        options = openssh_config.host_options(self._address, self._data, can_ask=self._can_ask)
        self._base = ["ssh", "-F", str(config), *options]
        user, timeout = await self._effective()
        if self._can_ask:
            await self._start_askpass(self._directory, user)
        try:
            limiter = self._options.limiter or nullcontext()
            async with limiter, asyncio.timeout(timeout) as self._prompter.deadline:
                await self._log_in(self._directory)
        except TimeoutError:
            raise ConnectError(
                f"{self._place}: not connected within {timeout:g} s",
                hint="Is the host up? Is a firewall in between? A slow host needs a longer connect timeout.",
            ) from None
        finally:
            self._prompter.deadline = None

    async def open(self, argv: Sequence[str], *, pty: bool) -> Stream:
        """Start a process on the server."""
        if self._directory is None or not self._connected():
            raise ConnectionLost(f"{self._place}: the connection was lost", hint="Is the host still up? Run again.")
        log = self._directory / f"log-{next(self._numbers)}"
        if self._askpass is not None:
            self._askpass.new_login()  # a server with no room for one more session is logged in to once more
        command = remote_command(argv, pty=pty)
        process = await spawn(
            [
                *self._base, *openssh_config.stream_options(self._socket, pty=pty), "-E", str(log),
                "--", self._address.host, command,
            ],
            env=self._environment,
        )  # fmt: skip
        stream = OpenSSHStream(process, log, self._place, pty=pty)
        await stream.ready()
        return stream

    async def close(self) -> None:
        """Log out, unless the connection is to outlive the run."""
        master, self._master = self._master, None
        if master is not None:
            await master.close()
        askpass, self._askpass = self._askpass, None
        if askpass is not None:
            await askpass.close()
        directory, self._directory = self._directory, None
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)

    def _connected(self) -> bool:
        return Path(self._socket).exists() and (self._master is None or not self._master.ended)

    async def _log_in(self, directory: Path) -> None:
        if self._persist is None:
            self._socket = str(directory / "m")
            await self._start_master(directory)
            return
        self._socket = str(_lasting_directory() / _digest([*self._base[3:], self._address.host, self._configtext_of()]))
        check = await spawn([*self._base, "-S", self._socket, "-O", "check", "--", self._address.host])
        alive = await check.wait() == 0
        await check.close()
        if not alive:
            Path(self._socket).unlink(missing_ok=True)  # noqa: ASYNC240  (a local socket)
            await self._start_lasting_master(directory)

    async def _start_master(self, directory: Path) -> None:
        """Start a connection that ends with us: its own session waits for the end of its input."""
        log = directory / "log"
        options = openssh_config.master_options(self._socket, None)
        self._master = await spawn(
            [*self._base, *options, "-E", str(log), "-T", "--", self._address.host, f"echo {_READY}; exec cat"],
            env=self._environment,
        )
        output = b""
        while _READY.encode() not in output:  # before it, a login shell may have said something
            chunk = await self._master.stdout()
            if not chunk:
                await self._master.wait()
                raise self._failure(text_of(log) + await _last_words(self._master))
            output = (output + chunk)[-4096:]

    async def _start_lasting_master(self, directory: Path) -> None:
        log = directory / "log"
        options = openssh_config.master_options(self._socket, self._persist)
        process = await spawn(
            [*self._base, *options, "-E", str(log), "-f", "-N", "--", self._address.host], env=self._environment
        )
        try:
            if await process.wait() != 0:  # when it has logged in, it goes on in the background
                raise self._failure(text_of(log) + await _last_words(process))
        finally:
            await process.close()

    async def _effective(self) -> tuple[str, float]:
        """Ask ssh what it makes of the configuration: the user as ``user@host``, and the seconds to connect in."""
        process = await spawn([*self._base, "-G", "--", self._address.host], env=self._environment)
        try:
            output, errors, status = await asyncio.gather(_all(process.stdout), _all(process.stderr), process.wait())
        finally:
            await process.close()
        if status != 0:
            raise failure(self._place, errors.decode("utf-8", "replace"))
        said = dict(line.split(" ", 1) for line in output.decode("utf-8", "replace").splitlines() if " " in line)
        self._place = str(Address(said["hostname"], port=int(said["port"])))
        configured = said.get("connecttimeout", "none")
        timeout = float(configured) if configured.isdigit() and int(configured) else self._options.connect_timeout
        called = said.get("hostkeyalias", said["hostname"])  # as ssh's question for the password calls it
        return f"{said['user']}@{called}", self._paramiko.timeout or timeout

    async def _start_askpass(self, directory: Path, user: str) -> None:
        password = reveal(self._data.get("ssh_password"))
        passwords = {user: password} if password is not None else {}
        self._askpass = Askpass(directory, self._prompter, passwords, reveal(self._data.get("ssh_key_password")))
        await self._askpass.start()
        self._environment |= self._askpass.environment

    def _check_data(self) -> None:
        """Find out what ssh would only mention and then go on without, or cannot be told."""
        if self._paramiko.sock is not None:
            raise ConnectError(
                f"{self._place}: ssh_paramiko_connect_kwargs has a sock, which cannot be handed to the ssh program",
                hint="Set ssh_backend to asyncssh, or use ProxyCommand in ~/.ssh/config.",
            )
        config = self._data.get("ssh_config_file")
        if config is not None and not os.path.isfile(os.path.expanduser(str(config))):
            raise ConnectError(f"{self._place}: cannot read the SSH configuration {config}: it does not exist")
        certificate = self._data.get("ssh_certificate")
        if certificate is not None and not os.path.isfile(os.path.expanduser(str(certificate))):
            raise AuthenticationFailed(
                f"{self._place}: the SSH certificate {certificate} does not exist", hint="Correct ssh_certificate."
            )
        if "ssh_key" not in self._data:
            return
        key = Path(os.path.expanduser(str(self._data["ssh_key"])))
        if not key.exists() and not Path(f"{key}.pub").exists():
            raise AuthenticationFailed(
                f"{self._place}: the SSH key {key} does not exist",
                hint="Correct ssh_key, or add the private key to the SSH agent.",
            )

    def _failure(self, said: str) -> ConnectError:
        error = failure(self._place, said)
        key = Path(os.path.expanduser(str(self._data.get("ssh_key", ""))))
        if isinstance(error, AuthenticationFailed) and key.is_file() and is_encrypted(key.read_bytes()):
            return AuthenticationFailed(
                f"{self._place}: the SSH key {key} is encrypted and was not decrypted, or the server refuses it",
                hint="Set ssh_key_password, add the key to the SSH agent (ssh-add), or run where you can be asked.",
            )
        return error

    def _configtext_of(self) -> str:
        return openssh_config.config_file(self._data, self._paramiko)


async def _last_words(process: ProcessStream) -> str:
    """Return what an ssh that has ended wrote to its standard error: there speak the processes of its jump hosts."""
    try:
        async with asyncio.timeout(1):
            return (await _all(process.stderr)).decode("utf-8", "replace")
    except TimeoutError:
        return ""  # one of them is still there


async def _all(read: Callable[[], Awaitable[bytes]]) -> bytes:
    chunks = []
    while chunk := await read():
        chunks.append(chunk)
    return b"".join(chunks)


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


def _short_directory() -> str | None:
    """Return where to make temporary directories: the usual place, unless its name is too long for a socket in it."""
    return None if len(tempfile.gettempdir()) + 24 < _LONGEST_SOCKET else "/tmp"


def _lasting_directory() -> Path:
    """Return the directory of the sockets that outlive the run, which must be ours alone."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    path = Path(base, "ropewalk") if base and len(base) + 40 < _LONGEST_SOCKET else Path(f"/tmp/ropewalk-{os.getuid()}")
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise ConnectError(
            f"{path} is not a directory that only you can enter",
            hint="Connections are kept there: remove it or correct its permissions.",
        )
    return path
