"""The programs of a fake host: a shell, what lets somebody in as another user, and guards."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ropewalk.connectors.fake import shell
from ropewalk.connectors.fake.answers import text_of
from ropewalk.connectors.fake.login import Login, login
from ropewalk.connectors.fake.process import FakeProcess
from ropewalk.connectors.fake.shell import Files, Shell
from ropewalk.connectors.fake.syntax import NotUnderstood
from ropewalk.model.errors import InternalError
from ropewalk.shell import recognize
from ropewalk.shell.identity import SUDO_PROMPT

if TYPE_CHECKING:
    from ropewalk.connectors.fake.host import FakeHost

#: What the engine starts processes with: a greeting, or a script that reads another one.
_PLUMBING = re.compile(r'ropewalk-hello-|^IFS= read -r size; .*; eval "\$script"$')
#: The exit status of what was ended with SIGTERM.
TERMINATED = 143


async def start(host: FakeHost, argv: list[str], process: FakeProcess, user: str) -> int:
    """Be a program; return its exit status."""
    somebody = login(argv, SUDO_PROMPT)
    if somebody is not None:
        refused = await _lets_in(host, somebody, process)
        return refused if refused is not None else await start(host, somebody.argv, process, somebody.user)
    files = Files(process.out, process.err)
    try:
        if argv == ["sh"]:
            return await shell.session(host, process, user)
        made = Shell(host, process, user, evaluates=True)
        if argv[:2] == ["sh", "-c"] and len(argv) == 3:
            if (watched := recognize.guard_of(argv[2])) is not None:
                return await _guard(host, *watched, process)
            if _PLUMBING.search(argv[2]):
                return await made.script(argv[2], files)
        return await made.command(argv, files)
    except NotUnderstood as error:
        raise InternalError(f"a fake host does not understand: {str(error)[:200]}") from error


async def _lets_in(host: FakeHost, somebody: Login, process: FakeProcess) -> int | None:
    """Let somebody become another user; return the exit status if he may not.

    Whether a user exists is for the script to say: it is asked for ``sudo -u NAME``.
    """
    found = host.answers.of(shlex.join([somebody.program, "-u", somebody.user]), lambda _: False)
    if found is not None and found.status:
        process.err(text_of(found.stderr))
        return found.status
    password = host.passwords.get(somebody.program)
    if password is None or somebody.prompt is None:
        return None
    process.err(somebody.prompt.encode())
    if (await process.read_line()).decode(errors="replace").rstrip("\n") == password:
        return None
    process.err(f"\n{somebody.program}: incorrect password\n".encode())
    return 1


async def _guard(host: FakeHost, pid: int, itself: bool, process: FakeProcess) -> int:
    """Be a guard: end another process's command when told to, or when the connection is gone."""
    process.out(b"ready\n")
    if await process.read_line() != b"done\n" and (watched := host.living.get(pid)) is not None:
        watched.kill(TERMINATED)
        if itself:
            await watched.close()
    return 0
