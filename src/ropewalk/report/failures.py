"""Tells why things failed, with all that helps to put them right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ropewalk.model.event import CommandResult, Failure
from ropewalk.report.page import Line, below, row
from ropewalk.report.text import clean, some, tail
from ropewalk.report.troubles import Trouble

#: Lines shown of each output of a failed command; all of them with -vv.
OUTPUT_LINES = 15
#: Different ways in which one operation failed that are shown; hosts beyond are counted.
WAYS = 8

_PACKAGE = f"{Path(__file__).parents[1]}/"


def stopped(failure: Failure, *, debug: bool) -> Iterator[Line]:
    """Tell what ended a run, or kept it from starting."""
    first, *more = summary(failure).split("\n")
    yield (("error: ", "bold red"), (first, ""))
    for line in more:
        yield (("  " + line, ""),)
    if failure.where:
        yield (("  " + clean(str(failure.where)), "cyan"),)
    if failure.hint:
        yield (("  hint: " + clean(failure.hint), "green"),)
    if failure.traceback and debug:
        for line in clean(failure.traceback).rstrip("\n").split("\n"):
            yield ((line, "dim"),)


def lines(troubles: Sequence[Trouble], *, total: int, verbosity: int = 0, debug: bool = False) -> Iterator[Line]:
    """Tell troubles: a row for each, what failed below it.

    :param total: how many hosts the run has.
    """
    ways: Counter[tuple[str, str]] = Counter()
    left_out: dict[tuple[str, str], list[str]] = {}
    for trouble in troubles:
        key = trouble.word, trouble.what
        ways[key] += 1
        if ways[key] > WAYS and verbosity < 2:
            left_out.setdefault(key, []).extend(trouble.hosts)
            continue
        yield from _told(trouble, total, verbosity, debug)
    for (word, what), hosts in left_out.items():
        names = some(hosts, total=total)
        yield row(word, what or names, hosts=names if what else "", note="for other reasons; -vv shows each")


def summary(failure: Failure) -> str:
    """Return what a failure says."""
    return clean(failure.message).strip() or failure.kind


def is_foreign(failure: Failure) -> bool:
    """Whether an exception is not one of ours: its message then begins with its class, and its traceback helps."""
    return failure.message.startswith(failure.kind)


def of_the_users_code(traceback: str) -> str:
    """Return a traceback without the frames of ropewalk itself.

    A frame is a line ``File "...", line N`` and the deeper indented lines below it (see :mod:`traceback`).
    """
    kept: list[str] = []
    ours = False
    for line in traceback.split("\n"):
        if line.startswith('  File "'):
            ours = line.startswith((f'  File "{_PACKAGE}', '  File "<frozen '))
        elif not line.startswith("    "):
            ours = False
        if not ours:
            kept.append(line)
    return "\n".join(kept)


def _told(trouble: Trouble, total: int, verbosity: int, debug: bool) -> Iterator[Line]:
    failure, command = trouble.failure, trouble.command
    where = f"at {clean(str(failure.where))}" if failure and failure.where else ""
    note = ", ".join(filter(None, [where, f"after {trouble.attempts} attempts" if trouble.attempts > 1 else ""]))
    hosts = some(trouble.hosts, total=total)
    yield row(trouble.word, trouble.what or hosts, hosts=hosts if trouble.what else "", note=note)
    if command is not None:
        yield from _command(command, verbosity)
    if failure is None:
        return
    if command is None or not _says_the_same(failure, command):
        yield from below(summary(failure), "red")
    if failure.traceback and (debug or is_foreign(failure)):
        text = failure.traceback if debug else of_the_users_code(failure.traceback)
        yield from below(clean(text).rstrip("\n"), "dim")
    if failure.hint:
        yield from below(f"hint: {clean(failure.hint)}", "green")


def _command(command: CommandResult, verbosity: int) -> Iterator[Line]:
    yield from below(f"$ {clean(command.command)}", "bold")
    if command.error:
        yield from below(clean(command.error), "red")
    elif command.exit_code is not None:
        yield from below(f"exit status {command.exit_code}", "red")
    for name, output in (("stdout", command.stdout), ("stderr", command.stderr)):
        for line in tail(output, OUTPUT_LINES if verbosity < 2 else 100_000):
            yield from below(f"{name} | {line}")


def _says_the_same(failure: Failure, command: CommandResult) -> bool:
    """Whether a failure tells nothing that the lines about its command do not."""
    if failure.message == command.error:
        return True
    return command.exit_code is not None and failure.message.rstrip(".").endswith(f"exit status {command.exit_code}")
