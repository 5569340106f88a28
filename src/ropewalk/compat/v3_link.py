"""A link (see ``engine/link.py``) over a connector of v3: commands, files, rsync."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import os.path
import posixpath
import secrets
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from ropewalk.compat.pyinfra.connectors.util import CommandOutput
from ropewalk.compat.v3_calls import Calls
from ropewalk.compat.v3_command import arguments_of, completed, lacking, prepared
from ropewalk.engine import content
from ropewalk.engine.escalate import AskPassword
from ropewalk.engine.link import Completed
from ropewalk.engine.traffic import Counter
from ropewalk.engine.watch import Asked
from ropewalk.model.command import Rsync, Secret, Upload, UploadTree
from ropewalk.model.errors import ConnectError, OperationError, RopewalkError
from ropewalk.model.v3command import StringCommand
from ropewalk.shell.capture import Capture
from ropewalk.shell.how import How
from ropewalk.shell.prompts import Ask
from ropewalk.shell.transfer import download_script, upload_script

if TYPE_CHECKING:
    from ropewalk.engine.session import OnOutput

#: Seconds a connector may take beyond ``_timeout`` before it is no longer waited for.
GRACE = 5.0


@dataclass
class V3Link:
    """A link (see ``engine/link.py``) over a connector of v3."""

    connector: Any
    ask: AskPassword
    counter: Counter = field(default_factory=Counter)
    connected: bool = False
    _calls: Calls = field(init=False)
    _answers: dict[Ask, Secret] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._calls = Calls(self.connector)

    async def connect(self) -> None:
        try:
            await self._calls.call(self.connector.connect)
        except RopewalkError:
            raise
        except Exception as error:
            raise ConnectError(f"{self._calls.title} cannot connect: {type(error).__name__}: {error}") from error
        self.connected = True

    async def keep(self) -> str | None:
        """A connector written for v3 keeps what it made when it disconnects."""
        return None

    async def close(self) -> None:
        if self.connected:
            self.connected = False
            await self._calls.call(self.connector.disconnect)

    async def run(
        self, command: str, how: How, *, hidden: bool = False, limits: tuple[int, int] | None = None,
        on_output: OnOutput | None = None,
    ) -> Completed:  # fmt: skip
        """Run a command; its exit status is told by a line that the host adds to its output.

        Where sudo or su did not let it begin for lack of a password, one is asked for, and it is run.
        """
        how = self._knowing(how)
        marker = f"ropewalk-status-{secrets.token_hex(8)}"
        line, arguments = prepared(command, how, hidden=hidden or how.hidden, marker=marker)
        try:
            async with asyncio.timeout(None if how.timeout is None else how.timeout + GRACE):
                ok, output = await self._execute(line, arguments)
        except TimeoutError:
            return Completed(None, Capture(), Capture(), error=f"stopped after {how.timeout or 0:g} s (_timeout)")
        except OSError as error:
            return Completed(None, Capture(), Capture(), error=f"{self._calls.title}: {error}")
        if not ok and marker in str(line) and (ask := lacking(output, marker, how)) and await self._learn(ask):
            return await self.run(command, how, hidden=hidden, limits=limits, on_output=on_output)
        return completed(ok, output, marker, limits, on_output)

    async def _learn(self, ask: Ask) -> bool:
        """Ask for a password; ``False`` if there is none."""
        given = await self.ask(ask)
        if given is not None:
            self._answers[ask] = given
        return given is not None

    def _knowing(self, how: How) -> How:
        """Return the surroundings of a command with the passwords that were asked for."""
        return dataclasses.replace(how, passwords={**self._answers, **how.passwords}) if self._answers else how

    def opening(self, how: How) -> None:
        """There is no shell that commands share."""

    def send_now(self, *_: Any, **__: Any) -> None:
        """Nothing can be sent without waiting."""

    async def interrupt(self, asked: Asked) -> None:
        raise ConnectError(f"{self._calls.title} keeps no shell open")

    async def shell_of(self, how: How) -> None:
        """There is none: such a connector starts a process for every command."""

    def sending(self, *_: Any) -> Any:
        raise ConnectError(f"{self._calls.title} keeps no shell open")

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
                raise OperationError(f"cannot read {source}: {self._calls.title} did not fetch it")
            _pour(path, target)
            target.keep()

    async def rsync(self, step: Rsync, how: How) -> None:
        arguments = arguments_of(self._knowing(how))
        arguments.pop("_stdin", None)
        try:
            await self._calls.call(self.connector.check_can_rsync)
            ok = await self._calls.call(
                lambda: self.connector.rsync(
                    step.source, step.dest, list(step.flags), print_output=False, print_input=False, **arguments
                )
            )
        except (AttributeError, RuntimeError) as error:  # one of them refuses, one has no such method
            raise OperationError(f"rsync cannot be used: {error}", hint="use files.sync") from error
        except OSError as error:
            raise OperationError(f"{self._calls.title}: {error}") from error
        if not ok:
            raise OperationError(f"{self._calls.title}: rsync failed")

    # -- calling the connector --------------------------------------------------------------------------

    async def _execute(self, line: StringCommand, arguments: dict[str, Any]) -> tuple[bool, CommandOutput]:
        self.counter.commands += 1
        self.counter.opened()
        self.counter.sent(len(line.get_raw_value()))
        try:
            ok, output = await self._calls.call(
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
                await self._calls.call(lambda: method(source, dest, print_output=False, print_input=False, **arguments))
            )
        except OSError as error:
            raise OperationError(f"{self._calls.title}: {error}") from error
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
                raise OperationError(f"{what}: {self._calls.title} did not upload it")
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
