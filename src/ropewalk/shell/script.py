"""Turns a command and its surroundings into script for a POSIX shell that reads from standard input.

What is secret, or too long for an argument, never becomes an argument: it travels as a here-document on a
file descriptor of its own. Environment variables are exported by the shell itself.
"""

from __future__ import annotations

import os.path
import re
import shlex
from collections.abc import Mapping

from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record

#: Bytes. Linux refuses a single argument of 128 KiB; a command that becomes one stays well below.
LONGEST_ARGUMENT = 100_000

#: Runs the command that stands on descriptor 9.
LOADER = 'script=$(cat <&9); exec 9<&-; eval "$script"'

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A shell of its own would make no difference to these: no shell has them built in, and nothing is to be expanded.
_PLAIN = re.compile(
    r"(?:chgrp|chmod|chown|cp|group(?:add|del|mod)|ln|mkdir|mv|rm|rmdir|touch|user(?:add|del|mod))"
    r"(?: (?:[\w@%+=:,./-]+|'[^']*'))*",
    re.ASCII,
)
_POSIX = frozenset({"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"})


@record
class Script:
    """A command list (which may span lines inside quotes), and the bodies of the here-documents it reads.

    :ivar inner: the same for a subshell that is there already, which it may end; empty if that makes no difference.
    """

    line: str
    body: str = ""
    inner: str = ""

    def __str__(self) -> str:
        return f"{self.line}{self.body}\n"


def script(
    command: str,
    *,
    delimiter: str,
    shell: str | None = "sh",
    chdir: str | None = None,
    env: Mapping[str, str] | None = None,
    hidden: bool = False,
    read_stdin: bool = False,
    attached: str = "",
) -> Script:
    """Return the script that runs a command.

    :param delimiter: a line that the command cannot contain.
    :param shell: runs the command; ``None`` evaluates it in a subshell of the one that reads the script.
    :param hidden: the command holds a secret: keep it out of every argument vector.
    :param read_stdin: the command reads the script's own standard input instead of nothing.
    :param attached: the body of a here-document that the command reads on descriptor 8.
    :raises OperationValueError: something holds a NUL character.
    """
    _check([command, chdir or "", *(env or {}).values()])
    source = "" if read_stdin else " </dev/null"
    run, body = _run(command, shell, delimiter, hidden=hidden or _is_long(command))
    if attached:
        run, body = f"{run} 8<<'{delimiter}'", f"{body}{attached}"
    around = [*_chdir(chdir), *_exports(env or {})]
    if not around and shell is not None:
        return Script(f"{run}{source}", body)
    # A here-document's redirection stands inside the parentheses; its body follows the whole line.
    if shell is not None:
        return Script(f"( {' && '.join([*around, f'exec {run}'])} ){source}", body)
    steps = " && ".join([*around, run])
    return Script(f"( {steps} ){source}", body, inner=f"{{ {steps}; }}{source}")


def _check(texts: list[str]) -> None:
    if any("\0" in text for text in texts):
        raise OperationValueError(
            "a command, its directory and its environment cannot hold a NUL character",
            hint="no program can be given one as an argument; upload a file, or use _stdin",
        )


def _is_long(command: str) -> bool:
    if command.isascii():
        return len(command) > LONGEST_ARGUMENT
    return len(command.encode("utf-8", "surrogateescape")) > LONGEST_ARGUMENT


def heredoc(text: str, delimiter: str) -> str:
    """Return the body of a here-document; ``text`` must end with a line end and not hold the delimiter."""
    return f"\n{text}{delimiter}"


def _shell_words(shell: str) -> list[str]:
    try:
        words = shlex.split(shell)
    except ValueError as error:
        raise OperationValueError(f"_shell_executable={shell!r} cannot be split into words: {error}") from None
    if not words:
        raise OperationValueError("_shell_executable names no shell", hint='"sh" is one; None: the shell that is open')
    return words


def _run(command: str, shell: str | None, delimiter: str, *, hidden: bool) -> tuple[str, str]:
    """Return the words that run the command, and the body of the here-document they read."""
    if shell is None:
        return f"eval {shlex.quote(command)}", ""
    words = _shell_words(shell)
    program = " ".join(map(shlex.quote, words))
    if not hidden:
        return command if program == "sh" and _PLAIN.fullmatch(command) else f"{program} -c {shlex.quote(command)}", ""
    redirect, body = f"9<<'{delimiter}'", heredoc(f"{command}\n", delimiter)
    if os.path.basename(words[0]) in _POSIX:
        return f"{program} -c {shlex.quote(LOADER)} {redirect}", body
    return f"{program} /dev/fd/9 {redirect}", body


def _chdir(directory: str | None) -> list[str]:
    if not directory:
        return []
    if directory.startswith("~"):
        user, slash, rest = directory.partition("/")
        if re.fullmatch(r"~[A-Za-z0-9_.-]*", user):
            return [f"cd -- {user}{slash}{shlex.quote(rest) if rest else ''}"]
    # With ./ it is never "-" (the last directory), nor looked for in CDPATH.
    return [f"cd -- {shlex.quote(directory if directory.startswith('/') else f'./{directory}')}"]


def _exports(env: Mapping[str, str]) -> list[str]:
    for name in env:
        if not _NAME.fullmatch(name):
            raise OperationValueError(
                f"_env: {name!r} cannot be the name of an environment variable",
                hint="names are letters, digits and underscores, and do not begin with a digit",
            )
    return [f"export {name}={shlex.quote(value)}" for name, value in env.items()]
