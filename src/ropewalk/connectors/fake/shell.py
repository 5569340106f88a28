"""A shell that does not exist: carries out what the engine sends, up to the commands, which the host answers.

It knows the language (``syntax.py``) and the builtins in which sessions, chains and escalation are written. A command
is what a shell would start a program for, or evaluate: ``sh -c '...'``, ``eval '...'``, ``chmod ...``.
"""

from __future__ import annotations

import functools
import posixpath
import re
import shlex
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ropewalk.connectors.fake import syntax
from ropewalk.connectors.fake.process import FakeProcess
from ropewalk.connectors.fake.syntax import Node, NotUnderstood, Redirect, Word
from ropewalk.model.record import record
from ropewalk.shell import framing, recognize
from ropewalk.shell.script import LOADER, Script

if TYPE_CHECKING:
    from ropewalk.connectors.fake.host import FakeHost

Write = Callable[[bytes], None]

#: Cached are lines of at most so many characters: what is longer is seldom sent twice.
_LONGEST = 64 * 1024
_MARKER = re.compile("ropewalk-[0-9a-f]{32}")


class _Exit(Exception):
    """``exit`` was called."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Files:
    """Where a command's output goes, and what it reads."""

    out: Write
    err: Write
    stdin: bool = True
    documents: dict[int, str] = field(default_factory=dict)


@record
class Call:
    """A command, as the host is asked to answer it."""

    text: str
    user: str
    directory: str
    environment: dict[str, str]
    process: FakeProcess
    files: Files


@record
class _Plain:
    """The line that there is most of: a command that is evaluated in a subshell, in a frame."""

    text: str


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> tuple[list[tuple[Node, ...] | _Plain], str]:
    commands, rest = syntax.lines(recognize.without_time(text))
    return [_plain(line) or line for line in commands], rest


def _plain(line: tuple[Node, ...]) -> _Plain | None:
    """Return the command of a line that is nothing but a frame around it."""
    match line:
        case [
            syntax.Group(
                body=[syntax.Simple((), (("eval",), (str() as text,)), ())], subshell=True, redirects=[nothing]
            ),
            *frame,
        ] if tuple(frame) == _FRAME and (nothing.operator, nothing.target) == ("<", ("/dev/null",)):
            return _Plain(text)
    return None


_FRAME = syntax.program(framing.frame(Script(":"), "\0"))[1:]


async def session(host: FakeHost, process: FakeProcess, user: str) -> int:
    """Be a shell that reads its commands from its input: ``sh``."""
    shell, text = Shell(host, process, user), ""
    while data := await process.read():
        text += data.decode("utf-8", "surrogateescape")
        # Sessions differ in their markers alone: without these, all hosts are sent the same, which is parsed once.
        shell.marker = shell.marker or next(iter(_MARKER.findall(text)), "")
        plain = text.replace(shell.marker, "\0") if shell.marker else text
        commands, rest = (_parsed if len(plain) < _LONGEST else _parsed.__wrapped__)(plain)
        text = rest.replace("\0", shell.marker)
        for line in commands:
            try:
                if isinstance(line, _Plain):
                    await shell.frame(line.text)
                else:
                    await shell.run(line, Files(process.out, process.err))
            except _Exit as ended:
                return ended.status
    return shell.status


@dataclass
class Shell:
    """The state of a shell.

    :ivar user: whom it runs as.
    :ivar marker: what stands for ``\\0`` in the text it was given.
    :ivar evaluates: whether ``eval`` and ``exec`` are part of the plumbing, rather than begin a command.
    """

    host: FakeHost
    process: FakeProcess
    user: str
    marker: str = ""
    evaluates: bool = False
    status: int = 0
    directory: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    trap: str = ""

    async def run(self, nodes: Sequence[Node], files: Files) -> int:
        """Run commands, one after the other; return the status of the last."""
        for node in nodes:
            self.status = await self._run(node, files)
        return self.status

    async def frame(self, text: str) -> None:
        """Do what a frame around a command says, without looking at each word of it."""
        process = self.process
        files = Files(process.out, process.err, stdin=False)
        text = text.replace("\0", self.marker)
        status = await self.host.answer(Call(text, self.user, self.directory, self.environment, process, files))
        self.status = 0  # that of printf
        process.out(b"\n%s %d\n" % (self.marker.encode(), status))
        process.err(b"\n%s\n" % self.marker.encode())

    async def script(self, text: str, files: Files) -> int:
        """Run a script to its end.

        :raises NotUnderstood: it is none that is understood here.
        """
        try:
            return await self.run(syntax.program(recognize.without_time(text)), files)
        except _Exit as ended:
            return ended.status

    async def _run(self, node: Node, files: Files) -> int:
        if isinstance(node, syntax.Simple):
            return await self._simple(node, files)
        if isinstance(node, syntax.Group):
            files = await self._redirected(node.redirects, files)
            return await (self.subshell(node.body, files) if node.subshell else self.run(node.body, files))
        if isinstance(node, syntax.AndOr):
            for operator, part in node.parts:
                if not operator or (self.status == 0) == (operator == "&&"):
                    self.status = await self._run(part, files)
            return self.status
        if isinstance(node, syntax.If):
            held = await self.run(node.condition, files) == 0
            return await self.run(node.then if held else node.otherwise, files)
        word = await self._text(node.word, files)
        for patterns, body in node.branches:
            if word in patterns or "*" in patterns:
                return await self.run(body, files)
        return 0

    async def subshell(self, body: Sequence[Node], files: Files) -> int:
        """Run commands in a shell of their own, which may end, and whose changes are lost."""
        inner = replace(self, variables=dict(self.variables), environment=dict(self.environment), trap="")
        try:
            status = await inner.run(body, files)
        except _Exit as ended:
            status = ended.status
        if inner.trap:
            inner.status = status
            await inner.run(syntax.program(inner.trap), files)
        return status

    # -- words ------------------------------------------------------------------------------------------

    async def _text(self, word: Word, files: Files) -> str:
        if len(word) == 1 and isinstance(word[0], str):
            return word[0].replace("\0", self.marker)
        return "".join([await self._part(part, files) for part in word])

    async def _part(self, part: Any, files: Files) -> str:
        if isinstance(part, str):
            return part.replace("\0", self.marker)
        if isinstance(part, syntax.Variable):
            known = {"?": str(self.status), "$": str(self.process.pid)}
            return known.get(part.name) or self.variables.get(part.name, "")
        taken: list[bytes] = []
        self.status = await self.subshell(part.body, replace(files, out=taken.append))
        return b"".join(taken).decode("utf-8", "surrogateescape").rstrip("\n")

    async def _redirected(self, redirects: Sequence[Redirect], files: Files) -> Files:
        if not redirects:
            return files
        files = replace(files, documents=dict(files.documents))
        for redirect in redirects:
            target = await self._text(redirect.target, files)
            match redirect.operator, target:
                case "<", "/dev/null":
                    files.stdin = False
                case ">", "/dev/null":
                    files.out, files.err = (_drop, files.err) if redirect.descriptor == 1 else (files.out, _drop)
                case ">&", "2":
                    files.out = files.err
                case "<<", _:
                    files.documents[redirect.descriptor] = redirect.body.replace("\0", self.marker)
                case operator, _:
                    raise NotUnderstood(f"{redirect.descriptor}{operator}{target}")
        return files

    # -- commands ---------------------------------------------------------------------------------------

    async def _simple(self, node: syntax.Simple, files: Files) -> int:
        self_status, assigned = self.status, False
        for name, word in node.assignments:
            self.variables[name] = await self._text(word, files)
            assigned = any(isinstance(part, syntax.Substitution) for part in word)
        words = [await self._text(word, files) for word in node.words]
        files = await self._redirected(node.redirects, files)
        if not words:
            return self.status if assigned else 0
        self.status = self_status
        builtin = _BUILTINS.get(words[0])
        if builtin is not None:
            return await builtin(self, words[1:], files)
        return await self.command(words, files)

    async def command(self, words: list[str], files: Files) -> int:
        """Have the host answer a command."""
        if words[0] == "exec":
            words = words[1:]
        text = _command_text(words, files)
        call = Call(text, self.user, self.directory, dict(self.environment), self.process, files)
        return await self.host.answer(call)

    async def _printf(self, words: list[str], files: Files) -> int:
        template = words[0].replace("\\n", "\n")
        files.out((template.replace("%d", "%s") % tuple(words[1:])).encode("utf-8", "surrogateescape"))
        return 0

    async def _echo(self, words: list[str], files: Files) -> int:
        files.out(f"{' '.join(words)}\n".encode("utf-8", "surrogateescape"))
        return 0

    async def _test(self, words: list[str], files: Files) -> int:
        match words:
            case [left, "=", right, "]"]:
                return int(left != right)
            case [left, "!=", right, "]"]:
                return int(left == right)
        raise NotUnderstood(f"[ {shlex.join(words)}")

    async def _cd(self, words: list[str], files: Files) -> int:
        self.directory = posixpath.normpath(posixpath.join(self.directory, words[-1]))
        return 0

    async def _export(self, words: list[str], files: Files) -> int:
        for word in words:
            name, _, value = word.partition("=")
            self.environment[name] = value
        return 0

    async def _eval(self, words: list[str], files: Files) -> int:
        if not self.evaluates:
            return await self.command(["eval", *words], files)
        self.evaluates = False
        return await self.run(syntax.program(" ".join(words)), files)

    async def _exec(self, words: list[str], files: Files) -> int:
        if not self.evaluates:
            return await self.command(words, files)
        raise _Exit(await self.host.start(words, self.process, self.user))

    async def _trap(self, words: list[str], files: Files) -> int:
        if words[1:] == ["EXIT"]:
            self.trap = words[0]
        return 0

    async def _exit(self, words: list[str], files: Files) -> int:
        raise _Exit(int(words[0]) if words else self.status)

    async def _read(self, words: list[str], files: Files) -> int:
        line = await self.process.read_line()
        self.variables[words[-1]] = line.decode("utf-8", "surrogateescape").rstrip("\n")
        return 0 if line.endswith(b"\n") else 1

    async def _head(self, words: list[str], files: Files) -> int:
        files.out(await self.process.read_exactly(int(words[-1])))
        return 0

    async def _stty(self, words: list[str], files: Files) -> int:
        self.process.cooked = self.process.pty and "raw" not in words
        return 0


def _drop(data: bytes) -> None:
    """Take what nobody reads."""


def _command_text(words: list[str], files: Files) -> str:
    """Return the command that words start a shell for, or else the words themselves."""
    if words[0] == "eval":
        return words[1]
    if words[-2:-1] == ["-c"]:
        return files.documents[9].removesuffix("\n") if words[-1] == LOADER else words[-1]
    if words[-1] == "/dev/fd/9":
        return files.documents[9].removesuffix("\n")
    return shlex.join(words)


_BUILTINS: dict[str, Callable[[Shell, list[str], Files], Awaitable[int]]] = {
    "printf": Shell._printf, "echo": Shell._echo, "[": Shell._test, "cd": Shell._cd, "export": Shell._export,
    "eval": Shell._eval, "exec": Shell._exec, "trap": Shell._trap, "exit": Shell._exit, "read": Shell._read,
    "head": Shell._head, "stty": Shell._stty,
}  # fmt: skip
