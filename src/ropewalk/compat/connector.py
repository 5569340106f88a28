"""Reaches hosts through connectors that were written for pyinfra v3.

Such a connector runs one command at a time and says whether it succeeded, and blocks meanwhile: its methods are
called in worker threads, one at a time for each host. What a command line must not show (passwords, secrets)
goes through ``_stdin``, which every connector of v3 has to pass on.
"""

from __future__ import annotations

import asyncio
import dataclasses
import io
import os.path
import posixpath
import re
import secrets
import shlex
import tempfile
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, TypeVar

from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.compat.pyinfra.connectors.util import CommandOutput
from ropewalk.engine import content, links
from ropewalk.engine.escalate import AskPassword
from ropewalk.engine.link import Completed
from ropewalk.engine.threads import run_in_thread
from ropewalk.engine.traffic import Counter
from ropewalk.engine.watch import Asked
from ropewalk.model.command import Rsync, Secret, Upload, UploadTree
from ropewalk.model.errors import ConnectError, OperationError, RopewalkError
from ropewalk.model.v3command import StringCommand
from ropewalk.shell.capture import Capture
from ropewalk.shell.how import How
from ropewalk.shell.prompts import Ask, wants_password
from ropewalk.shell.script import script
from ropewalk.shell.transfer import download_script, upload_script

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State
    from ropewalk.engine.session import OnOutput

T = TypeVar("T")

#: Seconds a connector may take beyond ``_timeout`` before it is no longer waited for.
GRACE = 5.0

#: Shells that understand the line that tells the exit status.
_POSIX = frozenset({"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"})

#: What su says when it read no password, or a wrong one.
_SU_REFUSED = re.compile(r"^(.*: )?su: .*(authentication|password|terminal)", re.IGNORECASE | re.MULTILINE)

# Reads a script of the size that the first line says, then leaves the rest of the input to it. Not with head:
# some read ahead, and what they have read is lost to the script.
_LOADER = (
    'IFS= read -r size; script=$(dd bs=1 count="${size:-0}" 2>/dev/null); '
    '[ -n "$script" ] || { echo "the connector did not pass on _stdin" >&2; exit 64; }; eval "$script"'
)

#: The links whose connector is calling back: a connector may use its own host.
_inside: ContextVar[tuple[int, ...]] = ContextVar("links_in_use", default=())


def is_v3(connector_cls: type[Any]) -> bool:
    """Say whether a connector was written for v3."""
    return hasattr(connector_cls, "run_shell_command") and not hasattr(connector_cls, "open")


@dataclass(frozen=True, slots=True)
class Lent:
    """What a run lends to connectors that a connector of v3 makes for itself (the SSH connector, as a rule).

    :ivar ask: asks for the password of sudo or su on the host.
    """

    options: ConnectorOptions
    ask: AskPassword


#: Set while a connector of v3 is made.
lent: ContextVar[Lent | None] = ContextVar("lent", default=None)


def link_of(
    host: Host, state: State, options: ConnectorOptions | None = None, passwords: links.Passwords | None = None
) -> V3Link:
    """Return a link to a host whose connector was written for v3.

    :raises ConnectorDataTypeError: the connector refuses the host's data.
    """
    options = options or ConnectorOptions(connect_timeout=state.config.CONNECT_TIMEOUT)
    ask = (passwords or links.Passwords(None)).asker(host.name)
    with use(lent, Lent(options, ask)):
        host.connector = host.connector_cls(state, host)
    return V3Link(host.connector, ask)


def register() -> None:
    """Let the engine use connectors of v3."""
    if (is_v3, link_of) not in links.adapters:
        links.adapters.append((is_v3, link_of))


@dataclass
class V3Link:
    """A link (see ``engine/link.py``) over a connector of v3."""

    connector: Any
    ask: AskPassword
    counter: Counter = field(default_factory=Counter)
    connected: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _answers: dict[Ask, Secret] = field(default_factory=dict)

    async def connect(self) -> None:
        try:
            await self._call(self.connector.connect)
        except RopewalkError:
            raise
        except Exception as error:
            raise ConnectError(f"{self._title} cannot connect: {type(error).__name__}: {error}") from error
        self.connected = True

    async def keep(self) -> str | None:
        """A connector written for v3 keeps what it made when it disconnects."""
        return None

    async def close(self) -> None:
        if self.connected:
            self.connected = False
            await self._call(self.connector.disconnect)

    async def run(
        self, command: str, how: How, *, hidden: bool = False, limits: tuple[int, int] | None = None,
        on_output: OnOutput | None = None,
    ) -> Completed:  # fmt: skip
        """Run a command; its exit status is told by a line that the host adds to its output.

        Where sudo or su did not let it begin for lack of a password, one is asked for, and it is run.
        """
        how = self._knowing(how)
        marker = f"ropewalk-status-{secrets.token_hex(8)}"
        line, arguments = _prepared(command, how, hidden=hidden or how.hidden, marker=marker)
        try:
            async with asyncio.timeout(None if how.timeout is None else how.timeout + GRACE):
                ok, output = await self._execute(line, arguments)
        except TimeoutError:
            return Completed(None, Capture(), Capture(), error=f"stopped after {how.timeout or 0:g} s (_timeout)")
        except OSError as error:
            return Completed(None, Capture(), Capture(), error=f"{self._title}: {error}")
        if not ok and marker in str(line) and (ask := _lacking(output, marker, how)) and await self._learn(ask):
            return await self.run(command, how, hidden=hidden, limits=limits, on_output=on_output)
        return _completed(ok, output, marker, limits, on_output)

    async def _learn(self, ask: Ask) -> bool:
        """Ask for a password; ``False`` if there is none."""
        given = await self.ask(ask)
        if given is not None:
            self._answers[ask] = given
        return given is not None

    def _knowing(self, how: How) -> How:
        """Return the surroundings of a command with the passwords that were asked for."""
        return dataclasses.replace(how, passwords={**self._answers, **how.passwords}) if self._answers else how

    def send_now(self, *_: Any, **__: Any) -> None:
        """Nothing can be sent without waiting."""

    async def interrupt(self, asked: Asked) -> None:
        raise ConnectError(f"{self._title} keeps no shell open")

    async def shell_of(self, how: How) -> None:
        """There is none: such a connector starts a process for every command."""

    def sending(self, *_: Any) -> Any:
        raise ConnectError(f"{self._title} keeps no shell open")

    async def upload(self, upload: Upload, how: How) -> None:
        with content.open_source(upload.source) as source:
            whole: str | IO[Any] = upload.source if isinstance(upload.source, str) else io.BytesIO(source.read())
            text, _ = upload_script(
                upload.dest, size=source.size, mode=upload.mode, user=upload.user, group=upload.group,
                temp_dir=how.temp_dir, delimiter="", content=None,
            )  # fmt: skip
            await self._staged(whole, text, how, f"cannot write {upload.dest}")

    async def upload_tree(self, tree: UploadTree, how: How) -> None:
        with content.open_tree(tree) as (source, text), tempfile.NamedTemporaryFile() as packed:
            for chunk in source.chunks():
                packed.write(chunk)
            packed.flush()
            await self._staged(packed.name, text, how, f"cannot write to {tree.root}")

    async def download(self, source: str, dest: str | IO[Any], how: How) -> None:
        if how.chdir and not source.startswith("~"):  # the method knows nothing of it
            source = posixpath.join(how.chdir, source)
        # A connector of v3 says only that it failed; asking first tells why.
        probe = download_script(source).partition("; exec ")[0]
        self._must(await self.run(f"{probe}; : <{shlex.quote(source)}", how), f"cannot read {source}")
        with content.open_destination(dest) as target, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "content")
            if not await self._transfer(self.connector.get_file, source, path, how):
                raise OperationError(f"cannot read {source}: {self._title} did not fetch it")
            _pour(path, target)
            target.keep()

    async def rsync(self, step: Rsync, how: How) -> None:
        arguments = arguments_of(self._knowing(how))
        arguments.pop("_stdin", None)
        try:
            await self._call(self.connector.check_can_rsync)
            ok = await self._call(
                lambda: self.connector.rsync(
                    step.source, step.dest, list(step.flags), print_output=False, print_input=False, **arguments
                )
            )
        except (AttributeError, RuntimeError) as error:  # one of them refuses, one has no such method
            raise OperationError(f"rsync cannot be used: {error}", hint="use files.sync") from error
        except OSError as error:
            raise OperationError(f"{self._title}: {error}") from error
        if not ok:
            raise OperationError(f"{self._title}: rsync failed")

    # -- calling the connector --------------------------------------------------------------------------

    @property
    def _title(self) -> str:
        return type(self.connector).__name__

    async def _call(self, function: Callable[[], T]) -> T:
        """Call a method of the connector in a thread, when no other one is being called for this host."""
        if id(self) in _inside.get():
            return await run_in_thread(lambda: self._in_context(function), name=self._title)  # type: ignore[no-any-return]
        async with self._turn:
            token = _inside.set((*_inside.get(), id(self)))
            try:
                return await run_in_thread(lambda: self._in_context(function), name=self._title)  # type: ignore[no-any-return]
            finally:
                _inside.reset(token)

    def _in_context(self, function: Callable[[], T]) -> T:
        """Call a method where ``pyinfra.host``, ``state`` and ``config`` stand for something, also while connecting."""
        state, host = self.connector.state, self.connector.host
        with (
            use(current_host, host),
            use(current_state, state),
            use(current_inventory, state.inventory),
            use(current_config, current_config.get(None) or state.config),
        ):
            return function()

    async def _execute(self, line: StringCommand, arguments: dict[str, Any]) -> tuple[bool, CommandOutput]:
        self.counter.commands += 1
        self.counter.opened()
        self.counter.sent(len(line.get_raw_value()))
        try:
            ok, output = await self._call(
                lambda: self.connector.run_shell_command(line, print_output=False, print_input=False, **arguments)
            )
        finally:
            self.counter.received(0)
        return bool(ok), output

    async def _transfer(self, method: Callable[..., Any], source: Any, dest: Any, how: How) -> bool:
        arguments = arguments_of(self._knowing(how))
        arguments.pop("_stdin", None)
        self.counter.opened()
        self.counter.sent(0)
        try:
            return bool(
                await self._call(lambda: method(source, dest, print_output=False, print_input=False, **arguments))
            )
        except OSError as error:
            raise OperationError(f"{self._title}: {error}") from error
        finally:
            self.counter.received(0)

    async def _staged(self, whole: str | IO[Any], text: str, how: How, what: str) -> None:
        """Put content into a private directory of the host, and run a script there that reads it."""
        made = await self.run(f"umask 077; mktemp -d {shlex.quote(how.temp_dir)}/ropewalk.XXXXXXXXXX", how)
        self._must(made, what)
        folder = made.stdout.value().decode(errors="surrogateescape").strip()
        staged = f"{folder}/content"
        try:
            if not await self._transfer(self.connector.put_file, whole, staged, how):
                raise OperationError(f"{what}: {self._title} did not upload it")
            self._must(await self.run(f"exec <{shlex.quote(staged)}\n{text}", how), what)
        finally:
            await self.run(f"rm -rf -- {shlex.quote(folder)}", how)

    @staticmethod
    def _must(done: Completed, what: str) -> None:
        if done.status != 0:
            said = done.stderr.value().decode(errors="replace").strip() or done.error or f"exit status {done.status}"
            raise OperationError(f"{what}: {said}")


def _pour(path: str, target: content.Destination) -> None:
    with open(path, "rb") as file:
        while piece := file.read(content.PIECE):
            target.feed(piece)


def arguments_of(how: How) -> dict[str, Any]:
    """Return the surroundings of a command by the names v3 gives them."""
    who = how.identity
    return {
        "_sudo": who.sudo,
        "_sudo_user": who.sudo_user,
        "_use_sudo_login": who.sudo_login,
        "_preserve_sudo_env": who.sudo_keep_env,
        "_sudo_password": _password(how, Ask.SUDO) if who.sudo else None,
        "_su_user": who.su_user,
        "_use_su_login": who.su_login,
        "_preserve_su_env": who.su_keep_env,
        "_su_shell": who.su_shell or False,
        "_su_password": _password(how, Ask.SU) if who.su_user else None,
        "_doas": who.doas,
        "_doas_user": who.doas_user,
        "_dzdo": who.dzdo,
        "_dzdo_user": who.dzdo_user,
        "_shell_executable": how.shell or "sh",
        "_chdir": how.chdir,
        "_env": dict(how.env),
        "_timeout": how.timeout,
        "_get_pty": how.pty,
        "_stdin": _for_stdin(how, how.stdin),
        "_temp_dir": how.temp_dir,
    }


def _password(how: How, ask: Ask) -> str | None:
    return how.passwords[ask].value if ask in how.passwords else None


def _for_stdin(how: How, data: bytes | None) -> str | bytes | None:
    """Return what the command line reads: the passwords it asks for, then what the command reads."""
    asked = [(Ask.SUDO, how.identity.sudo), (Ask.SU, how.identity.su_user is not None)]
    lines = [f"{how.passwords[ask].value}\n" for ask, wanted in asked if wanted and ask in how.passwords]
    if data is None and not lines:
        return None
    whole = "".join(lines).encode() + (data or b"")
    try:
        return whole.decode()
    except UnicodeDecodeError:
        return whole


def _prepared(command: str, how: How, *, hidden: bool, marker: str) -> tuple[StringCommand, dict[str, Any]]:
    """Return the command as the connector gets it, and its arguments."""
    arguments = arguments_of(how)
    if hidden:
        whole = script(
            command, delimiter=marker, shell=how.shell, chdir=how.chdir, env=dict(how.env), hidden=True, read_stdin=True
        )
        text = str(whole).encode("utf-8", errors="surrogateescape")
        arguments |= {"_shell_executable": "sh", "_chdir": None, "_env": {}}
        arguments["_stdin"] = _for_stdin(how, b"%d\n%s" % (len(text), text) + (how.stdin or b""))
        return StringCommand(_telling_status(_LOADER, marker)), arguments
    if how.shell is None or os.path.basename(shlex.split(how.shell)[0]) not in _POSIX:
        return StringCommand(command), arguments
    return StringCommand(_telling_status(command, marker)), arguments


def _lacking(output: CommandOutput, marker: str, how: How) -> Ask | None:
    """Say whose password a command lacked that did not begin."""
    lines = [entry.line for entry in output.combined_lines]
    if any(line.startswith(f"{marker} ") for line in lines):
        return None
    who, said = how.identity, "\n".join(lines)
    if who.sudo and Ask.SUDO not in how.passwords and wants_password(said):
        return Ask.SUDO
    if who.su_user is not None and Ask.SU not in how.passwords and _SU_REFUSED.search(said):
        return Ask.SU
    return None


def _telling_status(command: str, marker: str) -> str:
    return f"( eval {shlex.quote(command)} ); status=$?; printf '\\n{marker} %d\\n' $status >&2; exit $status"


def _completed(
    ok: bool, output: CommandOutput, marker: str, limits: tuple[int, int] | None, on_output: OnOutput | None
) -> Completed:
    status = 0 if ok else 1
    captures = {name: Capture(*(limits or ())) for name in ("stdout", "stderr")}
    lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
    for entry in output.combined_lines:
        kept = lines["stderr" if entry.buffer_name == "stderr" else "stdout"]
        if entry.line.startswith(f"{marker} "):
            status = int(entry.line.split()[1])
            if kept and not kept[-1]:
                kept.pop()  # the line end before the marker
        else:
            kept.append(entry.line)
    for name, found in lines.items():
        data = "".join(f"{line}\n" for line in found).encode("utf-8", errors="surrogateescape")
        captures[name].feed(data)
        if on_output is not None and data:
            on_output(name, data)
    return Completed(status, captures["stdout"], captures["stderr"])
