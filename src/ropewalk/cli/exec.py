"""``ropewalk INVENTORY exec -- command``: run one command, and pass on what it writes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ropewalk.cli.output import writing
from ropewalk.cli.run import Session
from ropewalk.model.command import Renderable, sh
from ropewalk.model.errors import UsageError
from ropewalk.report.exec import ExecOutput


def run(session: Session, inventory: str, words: Sequence[str]) -> int:
    """Run a command on every host at once, without asking, and return the exit status."""
    from ropewalk.engine.program import FunctionProgram
    from ropewalk.operations import server

    if not words:
        raise UsageError("exec: there is no command", hint="as in: ropewalk INVENTORY exec -- uptime")
    setup, command = session.prepare(inventory), command_of(words)
    output = ExecOutput(session.data, sys.stderr)
    session.listeners.insert(0, output)

    def call() -> None:
        server.shell(name="exec", commands=[command])

    program = FunctionProgram(call, "exec")
    shown_only = session.options.dry or session.options.debug_operations
    take = None if session.options.stdout_is_taken else output.take
    result = session.run("exec", setup, [program], plan=shown_only, apply=not shown_only, ask=False, on_output=take)
    with writing(session.data):
        for error in output.failed.values():
            raise error
    return session.status(result)


def command_of(words: Sequence[str]) -> str | Renderable:
    """Return the command that words of the command line are: one word is a script, several are program and arguments.

    >>> str(command_of(["echo $HOME | wc -c"])), str(command_of(["touch", "a b"]))
    ('echo $HOME | wc -c', "touch 'a b'")
    """
    return words[0] if len(words) == 1 else sh(*words)
