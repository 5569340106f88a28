"""A host that does not exist: what it answers, and what it was asked."""

from __future__ import annotations

import asyncio
import functools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import field

from ropewalk.connectors.fake import programs
from ropewalk.connectors.fake.answers import Answer, Answers, Given, Script, answer, checked, matches, pieces, text_of
from ropewalk.connectors.fake.failures import Failure
from ropewalk.connectors.fake.files import FakeFiles
from ropewalk.connectors.fake.process import FakeProcess
from ropewalk.connectors.fake.shell import Call
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConnectionLost, ConnectorDataTypeError
from ropewalk.model.record import record
from ropewalk.shell import recognize


@record
class Ran:
    """A command that a fake host was given, facts and transfers included.

    :ivar text: the command; ``upload PATH``, ``upload-tree PATH`` and ``download PATH`` for transfers.
    :ivar user: whom it ran as; ``""`` is the login user.
    :ivar directory: where (``_chdir``); ``""`` is where the login leads to.
    :ivar environment: the variables set for it (``_env``).
    :ivar stdin: what it was given to read.
    """

    text: str
    user: str = ""
    directory: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | None = None


class FakeHost:
    """A host that does not exist. The engine that talks to it is the real one.

    :param answers: what commands write: patterns and answers, or a function of a command. See ``docs/testing.md``.
    :param otherwise: the answer to commands that nothing else answers: by default they succeed and write nothing.
    :param files: the content of files that are there, by path; they can be downloaded.
    :param latency: seconds of a round trip, or the least and the most of them.
    :param failure: what goes wrong: ``"refuse"``, ``"lose after 3"`` ...
    :param failure_rate: the share of hosts on which that happens; which ones depends on their names alone.
    :param sudo_password: what sudo asks for; by default it asks for nothing.
    :param su_password: what su asks for.
    :raises ConnectorDataTypeError: one of them makes no sense.

    ::

        web1 = FakeHost({"systemctl is-active nginx": {"output": "inactive", "status": 3}})
        result = run("deploy.py", fake_inventory({"web1": web1}))
        assert web1.ran("systemctl start nginx")
    """

    def __init__(
        self,
        answers: Script | None = None,
        *,
        otherwise: Given = 0,
        files: Mapping[str, str | bytes] | None = None,
        latency: float | Sequence[float] = 0.0,
        failure: str | None = None,
        failure_rate: float = 1.0,
        sudo_password: str | Secret | None = None,
        su_password: str | Secret | None = None,
        name: str = "fake",
    ) -> None:
        self.answers = Answers(checked(answers or {}), answer(otherwise))
        self.files = FakeFiles.of(files or {})
        #: Everything it was given to do, in order.
        self.commands: list[Ran] = []
        #: How often somebody connected, and how many processes were started.
        self.connects = self.processes = 0
        self.lost = False
        self._bounds = _bounds(latency)
        self._failure = Failure.of(failure, failure_rate, name)
        self.passwords = {"sudo": _text(sudo_password), "su": _text(su_password)}
        self._random = random.Random(name)
        self.living: dict[int, FakeProcess] = {}

    def ran(self, pattern: str | re.Pattern[str]) -> list[str]:
        """Return the commands with a pattern: text that they contain, or a regular expression (``re:...``).

        >>> FakeHost().ran("reboot")
        []
        """
        return [command.text for command in self.commands if matches(pattern, command.text)]

    def __copy__(self) -> FakeHost:
        """Host data are copied before somebody gets them; a host is itself."""
        return self

    def __deepcopy__(self, memo: object) -> FakeHost:
        return self

    # -- as its connector sees it -----------------------------------------------------------------------

    async def connect(self, patience: float) -> None:
        """Let somebody in.

        :raises ConnectError: it shall fail.
        """
        self.connects += 1
        await self._failure.connect(patience)
        self.lost = False

    async def close(self) -> None:
        """End all that still runs."""
        await asyncio.gather(*(process.close() for process in list(self.living.values())))

    def latency(self) -> float:
        """Return the seconds of the next round trip."""
        least, most = self._bounds
        return least if least == most else self._random.uniform(least, most)

    def open(self, argv: Sequence[str], *, pty: bool) -> FakeProcess:
        """Start a process."""
        self.processes += 1
        process = FakeProcess(1000 + self.processes, self.latency, pty=pty)
        self.living[process.pid] = process
        process.start(functools.partial(self._live, list(argv)))
        return process

    async def _live(self, argv: list[str], process: FakeProcess) -> int:
        try:
            return await self.start(argv, process, "")
        finally:
            self.living.pop(process.pid, None)

    async def start(self, argv: list[str], process: FakeProcess, user: str) -> int:
        """Be a program; return its exit status."""
        return await programs.start(self, argv, process, user)

    # -- answering --------------------------------------------------------------------------------------

    async def answer(self, call: Call) -> int:
        """Carry out a command: move a file, or do what the script says."""
        upload, tree, path = None, None, recognize.download_of(call.text)
        if path is None and (upload := recognize.upload_of(call.text)) is None:
            tree = recognize.tree_of(call.text)
        if upload is not None:
            name = f"upload {upload.dest}"
        elif tree is not None:
            name = f"upload-tree {tree[0]}"
        else:
            name = call.text if path is None else f"download {path}"
        given = await self._given(call, reads=8 not in call.files.documents)
        found = self.answers.of(name, lambda pattern: bool(self.ran(pattern)))
        self.commands.append(Ran(name, call.user, call.directory, call.environment, given))
        await self._fail(call.process)
        if found is not None:
            return await self._say(found, call)
        if upload is not None:
            return _told(self.files.write(upload, call.files.documents.get(8), given or b""), call)
        if tree is not None:
            return _told(self.files.unpack(*tree, given or b""), call)
        if path is None:
            return await self._say(self.answers.otherwise, call)
        if path in self.files:
            call.files.out(self.files[path].content)
        return _told("" if path in self.files else f"cat: {path}: No such file or directory", call)

    async def _given(self, call: Call, *, reads: bool) -> bytes | None:
        """Return all that a command may read."""
        return await call.process.read_all() if call.files.stdin and reads else None

    async def _fail(self, process: FakeProcess) -> None:
        if not self._failure.is_due(len(self.commands)):
            return
        error = self._failure.happen()
        if error is None:
            await process.pause(float("inf"))
        else:
            self._lose(error)
            raise error

    def _lose(self, error: ConnectionLost) -> None:
        self.lost = True
        for process in list(self.living.values()):
            process.lose(error)

    async def _say(self, found: Answer, call: Call) -> int:
        """Give an answer; return the exit status."""
        for piece in pieces(found.output):
            if isinstance(piece, bytes):
                call.files.out(piece)
            elif (killed := await call.process.pause(piece)) is not None:
                return killed
        call.files.err(text_of(found.stderr))
        if found.lose:
            error = ConnectionLost("the connection was lost (fake_answers)")
            self._lose(error)
            raise error
        killed = await call.process.pause(found.delay) if found.delay else None
        return found.status if killed is None else killed


def _bounds(latency: float | Sequence[float]) -> tuple[float, float]:
    """Return the least and the most seconds of a round trip."""
    bounds = (latency, latency) if isinstance(latency, int | float) else tuple(latency)
    least, most = bounds if len(bounds) == 2 else (1, 0)
    if not 0 <= least <= most:
        raise ConnectorDataTypeError(f"the latency of a fake host is a time, or the least and the most: {latency!r}")
    return least, most


def _text(password: str | Secret | None) -> str | None:
    return password.value if isinstance(password, Secret) else password


def _told(problem: str, call: Call) -> int:
    """Say what went wrong; return the exit status."""
    if problem:
        call.files.err(f"{problem}\n".encode())
    return int(bool(problem))
