"""What GitHub Actions shows of a run: an annotation at the deploy line of each root cause.

Annotations are workflow commands: lines ``::error file=...,line=...,title=...::message`` on standard output or standard
error of a step. See "Workflow commands for GitHub Actions" in GitHub's documentation; the escapes are those of
``@actions/core``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ropewalk.model.event import Failure, Location
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.result import RunResult
from ropewalk.report import troubles
from ropewalk.report.failures import summary
from ropewalk.report.text import clean, some, tail
from ropewalk.report.troubles import Trouble

#: Lines of each output of a failed command in an annotation; GitHub cuts what is longer than some kilobytes.
OUTPUT_LINES = 15


def commands(result: RunResult, *, workspace: str | None) -> Iterator[str]:
    """Yield one workflow command for each root cause, hosts that share one together.

    :param workspace: the directory that GitHub's paths are relative to (``GITHUB_WORKSPACE``); what lies elsewhere is
        named in the message.
    """
    total, causes = len(result.hosts), root_causes(result)
    for trouble in causes:
        message = [f"{word_of(trouble)} on {some(trouble.hosts, total=total)}", *told(trouble)]
        raised_at = trouble.failure.where if trouble.failure else None
        yield _at(title_of(trouble), message, [raised_at, trouble.called_at], workspace)
    if result.stopped_by is not None:
        yield _stopped(result.stopped_by, result.status, workspace)
    elif not (result.ok or causes):
        notes = [note.message for note in result.notes if note.level == "error"]
        yield command(f"ropewalk: {_name(result.status)}", notes or ["the run did not end well"])


def root_causes(result: RunResult) -> list[Trouble]:
    """Return everything that went wrong on hosts: root causes, in source order, unreachable hosts last."""
    found = troubles.of_run(result) if result.applied or not result.planned else troubles.of_plan(result)
    return [*found, *troubles.unreachable(result)]


def title_of(trouble: Trouble) -> str:
    return trouble.what or "unreachable"


def word_of(trouble: Trouble) -> str:
    return {"error": "cannot be planned"}.get(trouble.word, trouble.word)


def told(trouble: Trouble, *, lines: int = OUTPUT_LINES) -> Iterator[str]:
    """Yield the lines that tell why something failed."""
    ran, failure = trouble.command, trouble.failure
    if ran is not None:
        yield f"$ {ran.command}"
        yield ran.error or f"exit status {ran.exit_code}"
        for name, output in (("stdout", ran.stdout), ("stderr", ran.stderr)):
            yield from (f"{name} | {line}" for line in tail(output, lines))
    if failure is not None and (ran is None or failure.message != ran.error):
        yield summary(failure)
    if trouble.attempts > 1:
        yield f"after {trouble.attempts} attempts"
    if failure is not None and failure.hint:
        yield f"hint: {failure.hint}"


def command(title: str, message: list[str], *, file: str | None = None, line: int = 0) -> str:
    r"""Return a workflow command.

    >>> command("a: b", ["100%", "sure"], file="deploy.py", line=3)
    '::error file=deploy.py,line=3,title=a%3A b::100%25%0Asure'
    """
    about = {"file": file, "line": str(line) if line else None, "title": title}
    properties = ",".join(f"{key}={_property(value)}" for key, value in about.items() if value)
    return f"::error {properties}::{_data(chr(10).join(message))}"


def _stopped(failure: Failure, status: ExitStatus | None, workspace: str | None) -> str:
    message = [summary(failure), *([f"hint: {failure.hint}"] if failure.hint else [])]
    return _at(f"ropewalk: {_name(status)}", message, [failure.where], workspace)


def _at(title: str, message: list[str], places: list[Location | None], workspace: str | None) -> str:
    """Return an annotation at the first of the places that is in the repository; the first one is told in any case."""
    known = [place for place in places if place is not None]
    found = [(file, place.line) for place in known if (file := _in(workspace, place)) is not None]
    elsewhere = known and (not found or _in(workspace, known[0]) is None)
    told_at = [f"at {known[0]}"] if elsewhere else []
    file, line = found[0] if found else (None, 0)
    return command(title, [*message, *told_at], file=file, line=line)


def _name(status: ExitStatus | None) -> str:
    return "internal" if status is None else status.name.lower()


def _in(workspace: str | None, where: Location | None) -> str | None:
    """Return a file as GitHub knows it, with slashes; ``None`` if it is none of the repository's."""
    if workspace is None or where is None:
        return None
    relative = os.path.relpath(os.path.realpath(where.file), os.path.realpath(workspace))
    return None if relative.startswith(os.pardir) else relative


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
