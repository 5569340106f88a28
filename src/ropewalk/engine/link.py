"""What the engine needs of a way to reach a host: run a command, move a file. Built on streams here."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, TypeVar

from ropewalk.api.connector import Connector, Stream
from ropewalk.engine import content
from ropewalk.engine.escalate import AskPassword, Greeted, open_as
from ropewalk.engine.guard import Guard
from ropewalk.engine.orphans import Orphans
from ropewalk.engine.rsync import run_rsync
from ropewalk.engine.session import OnOutput, Pending, Session
from ropewalk.engine.solo import Sink, Solo
from ropewalk.engine.traffic import Counter
from ropewalk.engine.watch import Asked, Watch
from ropewalk.model.command import Rsync, Upload, UploadTree
from ropewalk.model.errors import ConnectionLost, HostError, OperationError
from ropewalk.model.record import record
from ropewalk.shell.capture import Capture
from ropewalk.shell.guard import guard_script
from ropewalk.shell.how import How
from ropewalk.shell.identity import Identity
from ropewalk.shell.process import Process
from ropewalk.shell.script import Script, script
from ropewalk.shell.transfer import SMALL, download_script, upload_script

S = TypeVar("S", bound=Stream)

#: What a process on a terminal writes when the terminal is as its command shall find it.
READY = "ropewalk-ready"
#: The least exit status of what a signal has ended.
KILLED = 128
#: Seconds that guards and processes may take to go away when the link is closed.
TIDYING = 5.0


@record
class Completed:
    """How one command ended.

    :ivar status: its exit status; ``None`` when its time ran out.
    """

    status: int | None
    stdout: Capture
    stderr: Capture
    error: str | None = None


class Link(Protocol):
    """Reaches one host. Every method raises ``ConnectError`` or a subclass when the host is out of reach."""

    counter: Counter

    @property
    def connected(self) -> bool: ...

    async def connect(self) -> None: ...

    async def run(
        self, command: str, how: How, *, hidden: bool = False, limits: tuple[int, int] | None = None,
        on_output: OnOutput | None = None,
    ) -> Completed: ...  # fmt: skip

    def send_now(self, made: Callable[[str], Script], how: How, *, limits: tuple[int, int]) -> Asked | None:
        """Send a short command at once; ``None`` where there is more to do than that: then :meth:`run` does it.

        :param made: returns the command, given a line that is not in it.
        """

    def opening(self, how: How) -> asyncio.Future[Session] | None:
        """Begin to open what :meth:`send_now` needs; ``None`` where that would not help."""

    async def interrupt(self, asked: Asked) -> None:
        """End a command that nobody waits for any more."""

    async def shell_of(self, how: How) -> Session | None:
        """Return the shell that commands of an identity share; ``None`` where there is no such thing."""

    def sending(
        self, session: Session, text: str, pendings: Sequence[Pending], how: How
    ) -> AbstractAsyncContextManager[None]:
        """Send a chain, and watch over it while its answers are taken."""

    async def upload(self, upload: Upload, how: How) -> None:
        """Write a file; raises ``OperationError`` when that fails."""

    async def upload_tree(self, tree: UploadTree, how: How) -> None: ...

    async def download(self, source: str, dest: str | IO[Any], how: How) -> None: ...

    async def keep(self) -> str | None:
        """Keep what the run has made, after a run without failures; return what to tell the user."""

    async def rsync(self, step: Rsync, how: How) -> None:
        """Run rsync towards the host; raises ``OperationError`` when that fails."""

    async def close(self) -> None: ...


@dataclass
class StreamLink:
    """A link over a connector that opens streams: one shell per identity, a process of its own for the rest."""

    connector: Connector
    ask: AskPassword
    counter: Counter = field(default_factory=Counter)
    connected: bool = False
    _sessions: dict[Identity, asyncio.Task[Session]] = field(default_factory=dict)
    _background: set[asyncio.Task[Any]] = field(default_factory=set)
    _watch: Watch = field(init=False)
    _orphans: Orphans = field(init=False)

    def __post_init__(self) -> None:
        self._watch = Watch(self._start_guard)
        self._orphans = Orphans(lambda how, process: self._open_guard(how, process, itself=True))

    async def connect(self) -> None:
        await self.connector.connect()
        self.connected = True

    async def run(
        self, command: str, how: How, *, hidden: bool = False, limits: tuple[int, int] | None = None,
        on_output: OnOutput | None = None,
    ) -> Completed:  # fmt: skip
        """Run a command; ``limits`` are the bytes kept of the beginning and end of each output stream."""
        capture = (Capture(*limits), Capture(*limits)) if limits else (Capture(), Capture())
        hidden = hidden or how.hidden
        if how.pty or how.stdin is not None:
            return await self._run_alone(command, how, capture, hidden, on_output)
        session = await self._session(how)
        line = script(
            command, delimiter=session.marker, shell=how.shell, chdir=how.chdir, env=dict(how.env), hidden=hidden
        )
        return await self._in_session(session, line, how, capture, on_output)

    async def upload(self, upload: Upload, how: How) -> None:
        with content.open_source(upload.source) as source:
            if source.size > SMALL:
                text, _ = upload_script(**self._destination(upload, how), size=source.size, delimiter="", content=None)
                solo = await self._solo(how, Capture())
                line = script(text, delimiter=_delimiter(), chdir=how.chdir, read_stdin=True)
                done = await self._alone(solo, line, how, source.chunks_from_thread())
            else:
                session = await self._session(how)
                text, body = upload_script(
                    **self._destination(upload, how), size=source.size, delimiter=session.marker, content=source.read()
                )
                line = script(text, delimiter=session.marker, shell=None, chdir=how.chdir, attached=body)
                done = await self._in_session(session, line, how, (Capture(), Capture()), None)
        self.must(done, f"cannot write {upload.dest}")

    async def upload_tree(self, tree: UploadTree, how: How) -> None:
        with ExitStack() as stack:
            source, text = await asyncio.to_thread(stack.enter_context, content.open_tree(tree))
            solo = await self._solo(how, Capture())
            line = script(text, delimiter=_delimiter(), chdir=how.chdir, read_stdin=True)
            done = await self._alone(solo, line, how, source.chunks_from_thread())
        self.must(done, f"cannot write to {tree.root}")

    async def download(self, source: str, dest: str | IO[Any], how: How) -> None:
        with content.open_destination(dest) as target:
            solo = await self._solo(how, target)
            line = script(download_script(source), delimiter=_delimiter(), chdir=how.chdir)
            self.must(await self._alone(solo, line, how, ()), f"cannot read {source}")
            target.keep()

    async def rsync(self, step: Rsync, how: How) -> None:
        how = dataclasses.replace(how, pty=False)

        async def serve(command: str, stdin: AsyncIterable[bytes], stdout: Sink) -> Completed:
            solo = await self._solo(how, stdout)
            line = script(
                command, delimiter=_delimiter(), chdir=how.chdir, env=dict(how.env), hidden=how.hidden, read_stdin=True
            )
            return await self._alone(solo, line, how, stdin)

        await run_rsync(step, serve)

    async def keep(self) -> str | None:
        keep = getattr(self.connector, "keep", None)
        return await keep() if keep is not None else None

    async def close(self) -> None:
        """Close every shell, then the connection; nothing of this link goes on afterwards."""
        opening, self._sessions = list(self._sessions.values()), {}
        self._watch.end()
        await _cancel([task for task in opening if not task.done()])
        opened = [task.result() for task in opening if not task.cancelled() and not task.exception()]
        await self._tidy_up()
        await asyncio.gather(*(session.close() for session in opened), return_exceptions=True)
        await self._tidy_up()  # who waited for these shells has sent his guard away
        await self._end_orphans()
        await self.connector.close()
        self.connected = False

    @staticmethod
    def must(done: Completed, what: str) -> None:
        if done.status != 0:
            said = done.stderr.value().decode(errors="replace").strip() or done.error or f"exit status {done.status}"
            raise OperationError(f"{what}: {said}")

    def send_now(self, made: Callable[[str], Script], how: How, *, limits: tuple[int, int]) -> Asked | None:
        session = self._open_already(how)
        if session is None or not _is_short(how):
            return None
        pending = session.send(made(session.marker), capture=(Capture(*limits), Capture(*limits)))
        asked = Asked(session, pending, how, asyncio.get_running_loop().time())
        self._watch.add(asked)
        return asked

    def opening(self, how: How) -> asyncio.Future[Session] | None:
        return self._opening(how) if _is_short(how) else None

    async def interrupt(self, asked: Asked) -> None:
        if asked.answered:
            return
        guard = asked.guard or self._guard(asked.session, asked.how, runs=lambda: asked.session.runs(asked.pending))
        try:
            await _finish(self._interrupt(asked.session, guard, asked.pending, asked.how))
        finally:
            self._release(guard)

    async def shell_of(self, how: How) -> Session | None:
        return await self._session(how)

    @asynccontextmanager
    async def sending(self, session: Session, text: str, pendings: Sequence[Pending], how: How) -> AsyncIterator[None]:
        session.send_chain(text, pendings)
        # Were the connection lost, the shell would go on with what it has already read.
        guard = self._guard(session, how, runs=lambda: any(map(session.runs, pendings)), itself=True)
        try:
            yield
        except asyncio.CancelledError:
            if not pendings[-1].future.done():
                await _finish(self._interrupt(session, guard, pendings[-1], how))
            raise
        finally:
            self._release(guard)

    # -- processes on the host --------------------------------------------------------------------------

    @staticmethod
    def _destination(upload: Upload, how: How) -> dict[str, Any]:
        return {
            "dest": upload.dest, "mode": upload.mode, "user": upload.user, "group": upload.group,
            "temp_dir": how.temp_dir,
        }  # fmt: skip

    def _open_already(self, how: How) -> Session | None:
        opening = self._sessions.get(how.identity)
        if opening is None or not opening.done() or opening.cancelled() or opening.exception() is not None:
            return None
        session = opening.result()
        return session if session.alive else None

    async def _session(self, how: How) -> Session:
        opening = self._opening(how)
        return opening.result() if opening.done() else await asyncio.shield(opening)

    def _opening(self, how: How) -> asyncio.Task[Session]:
        """Return the shell of an identity; opened when it is first needed, or when it has ended since."""
        opening = self._sessions.get(how.identity)
        if opening is not None and opening.done():
            failed = opening.cancelled() or opening.exception() is not None
            if not failed and not opening.result().alive:
                self._in_background(opening.result().close())
                failed = True
            if failed:
                opening = None
        if opening is None:
            opening = self._sessions[how.identity] = asyncio.ensure_future(self._open_session(how))
            opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return opening

    async def _open_session(self, how: How) -> Session:
        if not self.connected:
            await self.connect()
        stream = await self._reconnecting(lambda: self._shell(how))
        session = Session(stream, self.counter, on_orphan=lambda process: self._orphaned(how, process))
        session.start()
        return session

    async def _shell(self, how: How) -> Stream:
        if how.identity.escalates:
            return await self._open(how, ["sh"])
        stream = await self.connector.open(["sh"])
        self.counter.opened()
        return stream

    async def _open(self, how: How, program: list[str], *, pty: bool = False) -> Greeted:
        return await open_as(
            self.connector, how.identity, program,
            passwords=how.passwords, ask=self.ask, counter=self.counter, pty=pty,
        )  # fmt: skip

    async def _reconnecting(self, attempt: Callable[[], Coroutine[Any, Any, S]]) -> S:
        """Open something; when the connection turns out to be gone, connect once more and try again."""
        try:
            return await attempt()
        except ConnectionLost:
            await self._connect_again()
            self._in_background(self._orphans.end())
            return await attempt()

    async def _connect_again(self) -> None:
        try:
            await self.connector.close()
        except HostError:
            pass  # there is nothing left to close
        await self.connector.connect()

    def _orphaned(self, how: How, process: Process) -> None:
        self._orphans.add(how, process)
        self._in_background(self._orphans.end())

    async def _end_orphans(self) -> None:
        """Connect once more where something may still run; whether that succeeds is nobody's concern any more."""
        if not self._orphans:
            return
        try:
            async with asyncio.timeout(TIDYING):
                await self._connect_again()
                await self._orphans.end()
        except (HostError, TimeoutError):
            pass

    async def _solo(self, how: How, stdout: Any) -> Solo:
        if not self.connected:
            await self.connect()
        settle = f"stty sane; echo {READY}; " if how.pty else ""
        program = ["sh", "-c", f'IFS= read -r size; script=$(head -c "$size") || exit 126; {settle}eval "$script"']
        stream = await self._reconnecting(lambda: self._open(how, program, pty=how.pty))
        return Solo(stream, self.counter, stdout, Capture(), ready_mark=f"{READY}\r\n".encode() if how.pty else None)

    # -- waiting for them -------------------------------------------------------------------------------

    async def _in_session(
        self, session: Session, line: Script, how: How, capture: tuple[Capture, Capture], on_output: OnOutput | None
    ) -> Completed:
        pending = session.send(line, capture=capture, on_output=on_output)
        guard = self._guard(session, how, runs=lambda: session.runs(pending))
        try:
            while True:
                try:
                    if how.timeout is None:
                        return Completed(await asyncio.shield(pending.future), *capture)
                    async with asyncio.timeout(how.timeout):
                        return Completed(await asyncio.shield(pending.future), *capture)
                except TimeoutError:
                    if session.runs(pending):  # else its time has not begun: one sent before it still runs
                        await self._end(guard, pending.future, session.close)
                        return Completed(None, *capture, error=_timed_out(how))
        except asyncio.CancelledError:
            if not pending.future.done():
                await _finish(self._interrupt(session, guard, pending, how))
            raise
        finally:
            self._release(guard)

    async def _run_alone(
        self, command: str, how: How, capture: tuple[Capture, Capture], hidden: bool, on_output: OnOutput | None
    ) -> Completed:
        solo = await self._solo(how, capture[0])
        solo.on_output, solo.stderr = on_output, capture[1]
        line = script(
            command, delimiter=_delimiter(), shell=how.shell, chdir=how.chdir, env=dict(how.env),
            hidden=hidden, read_stdin=True,
        )  # fmt: skip
        return await self._alone(solo, line, how, content.pieces(how.stdin or b""))

    async def _alone(self, solo: Solo, line: Script, how: How, stdin: Any) -> Completed:
        self.counter.commands += 1
        ended = asyncio.ensure_future(solo.run(line, stdin))
        ended.add_done_callback(lambda task: task.cancelled() or task.exception())
        guard = Guard(lambda: self._open_guard(how, solo.process, itself=True))
        try:
            async with asyncio.timeout(how.timeout):
                status = await asyncio.shield(ended)
            if status >= KILLED:  # perhaps it was not the process that was killed, but a client between us and it
                self._orphaned(how, solo.process)
            return Completed(status, solo.stdout, solo.stderr)
        except ConnectionLost:
            self._orphaned(how, solo.process)
            raise
        except TimeoutError:
            await self._end(guard, ended, solo.close)
            return Completed(None, solo.stdout, solo.stderr, error=_timed_out(how))
        except asyncio.CancelledError:
            await _finish(self._end(guard, ended, solo.close))
            raise
        finally:
            self._release(guard)
            self._in_background(solo.close())

    def _guard(self, session: Session, how: How, *, runs: Callable[[], bool], itself: bool = False) -> Guard:
        async def open_guard() -> Stream:
            return await self._open_guard(how, await session.process(), itself=itself)

        return Guard(open_guard, runs)

    def _start_guard(self, asked: Asked) -> None:
        guard = self._guard(asked.session, asked.how, runs=lambda: asked.session.runs(asked.pending))
        asked.guard = guard
        asked.pending.future.add_done_callback(lambda _: self._release(guard))
        guard.look()

    async def _open_guard(self, how: How, process: Process, *, itself: bool) -> Stream:
        program = ["sh", "-c", guard_script(process, itself=itself)]
        beside: Connector | None = getattr(self.connector, "beside", None)
        if beside is None:
            return await self._open(how, program)
        return await open_as(beside, Identity(), program, passwords={}, ask=self.ask, counter=self.counter)

    async def _interrupt(self, session: Session, guard: Guard, pending: Pending, how: How) -> None:
        """End a command that nobody waits for any more.

        What was sent with it or behind it would follow when it ends: then its shell ends with it.
        """
        if session.runs_only(pending):
            await self._end(guard, pending.future, session.close)
            return
        if session.ending is None:
            session.ending = asyncio.ensure_future(self._end_shell(session, how))
        await asyncio.shield(session.ending)

    async def _end_shell(self, session: Session, how: How) -> None:
        await self._guard(session, how, runs=lambda: True, itself=True).fire()
        await session.close()

    async def _end(
        self, guard: Guard, ended: asyncio.Future[Any], close: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """End what runs; where that does not help, let go of its shell."""
        await guard.fire()
        done, _ = await asyncio.wait([ended], timeout=3)
        if not done:
            await close()

    def _release(self, guard: Guard) -> None:
        if guard.started:
            self._in_background(guard.release())
        else:
            guard.cancel()

    async def _tidy_up(self) -> None:
        """Wait for what goes on in the background, but not for ever."""
        while self._background:
            _done, late = await asyncio.wait(self._background, timeout=TIDYING)
            await _cancel(late)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


async def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Do something to its end, although this task is being cancelled."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            continue


def _delimiter() -> str:
    """Return a line that no command contains."""
    return f"ropewalk-{secrets.token_hex(16)}"


def _timed_out(how: How) -> str:
    return f"stopped after {how.timeout:g} s (_timeout)"


def _is_short(how: How) -> bool:
    """Say whether a command needs no more than a line in a shell that others use as well."""
    return not (how.pty or how.stdin is not None or how.timeout is not None)
