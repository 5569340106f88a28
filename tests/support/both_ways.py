"""Runs a deploy twice, with chained operations and with each carried out step by step, and says how that differs."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from ropewalk.engine import guess
from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    Failure,
    HostEnded,
    Noted,
    OperationEnded,
    OperationRetried,
    OperationStarted,
    OutputLine,
)
from support.play import Stage


@dataclass
class Seen:
    """All that somebody could notice of a run.

    :ivar round_trips: how many it took; the one thing that may differ.
    """

    events: list[Any]
    files: dict[str, Any]
    status: Any
    failures: list[Any]
    round_trips: int


def run(text: str, folder: Path, *, meddling: list[str], plan: bool, local: bool, verbose: bool) -> Seen:
    """Run a deploy on a host of its own.

    :param meddling: commands that somebody else runs on the host between plan and apply.
    :param local: the host and the machine that runs the deploy share their files.
    """
    folder.mkdir()
    deploy = folder / "deploy.py"
    deploy.write_text(text)
    stage = Stage(root=folder)
    machine = stage.machines["a"]
    stage.state.cwd = str(machine.cwd)
    [host] = stage.inventory
    if local:
        host.scheme = "local"

    async def confirm(_result: Any) -> bool:
        _meddle(meddling, machine.cwd)
        return True

    if not plan:
        _meddle(meddling, machine.cwd)
    played = stage.play(deploy, confirm=confirm, plan=plan, stream_output=verbose)
    result = played.result.hosts["a"]
    return Seen(
        [_plain(seen, folder) for event in stage.events if (seen := _noticed(event)) is not None],
        _tree(machine.cwd),
        (played.result.status, result.status),
        [_plain(_why(result.failure), folder)],
        result.traffic.round_trips,
    )


def both(text: str, folder: Path, **how: Any) -> tuple[Seen, Seen]:
    """Run a deploy in both ways: chained, and step by step."""
    chained = run(text, folder / "chained", **how)
    with mock.patch.object(guess, "guess", return_value=None):
        return chained, run(text, folder / "plain", **how)


def _meddle(commands: list[str], folder: Path) -> None:
    for command in commands:
        subprocess.run(["sh", "-c", command], cwd=folder, check=False, capture_output=True)


def _noticed(event: Any) -> Any:
    match event:
        case OperationStarted():
            return "begins", event.operation.name
        case OperationEnded():
            commands = [(c.command, c.exit_code, c.ok, c.stdout, c.stderr, c.error) for c in event.commands]
            return (
                "ends", event.operation.name, event.outcome, event.skip, commands, event.changes, event.diffs,
                event.attempts, event.reason, _why(event.failure),
            )  # fmt: skip
        case CommandStarted():
            return "runs", event.command
        case CommandEnded():
            return "ran", event.result.command, event.result.exit_code
        case OutputLine():
            return "line", event.line, event.stream
        case Noted() | OperationRetried():
            return type(event).__name__, str(event)
        case HostEnded():
            return "host", event.status, _why(event.failure)
    return None


def _why(failure: Failure | None) -> Any:
    return failure and (failure.kind, failure.message, failure.hint, failure.where, failure.caused_by_nested)


def _plain(seen: Any, folder: Path) -> str:
    text = repr(seen).replace(str(folder), "FOLDER")
    text = text.replace(os.path.relpath(folder), "FOLDER")
    return re.sub(r"\bsh: (line )?\d+: ", "sh: ", text)  # the shell counts the lines it has read


def _tree(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            content: Any = ("link", os.readlink(path))
        else:
            content = path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (content, oct(path.lstat().st_mode))
    return found
