"""crontab.crontab"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.crontab import CrontabLines
from ropewalk.facts.server import Command
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Diff, Raw, Shell, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.crontab.table import Job, edited, schedule
from ropewalk.operations.names import check_account, check_line
from ropewalk.operations.text_files import as_text
from ropewalk.shell.interpolation import interpolated

Field: TypeAlias = "Sequence[str | int] | str | int | None"

#: Makes the shell's first argument the standard input of the command before it: no process list shows it.
_FIRST_ARGUMENT = Raw("<<EOF\n$1\nEOF")


@operation()
def crontab(
    command: str,
    present: bool = True,
    user: str | None = None,
    cron_name: str | None = None,
    minute: Field = None,
    hour: Field = None,
    month: Field = None,
    day_of_week: Field = None,
    day_of_month: Field = None,
    special_time: str | None = None,
    interpolate_variables: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add, change or remove a job in a user's crontab; all other lines of it stay as they are.

    :param command: what cron runs. In a crontab ``%`` is a line end, unless it is written ``\\%``, crontab(5).
        May be empty where a job with a name is removed.
    :param present: whether the job should be there.
    :param user: whose crontab; by default that of the user that commands run as.
    :param cron_name: the job's name, kept in a comment above it. Jobs with a name are known by it, so that their
        command may change; others are known by their command.
    :param minute: 0 to 59, a list of them, or text as in crontab(5): ``"*/5"``; by default every minute.
    :param hour: 0 to 23, as ``minute``.
    :param month: 1 to 12 or names, as ``minute``.
    :param day_of_week: 0 to 7 or names, as ``minute``; 0 and 7 are Sunday.
    :param day_of_month: 1 to 31, as ``minute``.
    :param special_time: instead of these ``"@reboot"``, ``"@hourly"``, ``"@daily"``, ``"@weekly"`` ...
    :param interpolate_variables: let the host's shell expand ``$variables`` in ``command`` now, not when it runs.
    :raises OperationValueError: a time that is none, or text of several lines.
    :raises OperationError: the crontab is not UTF-8 text; it is left alone.

    ::

        crontab.crontab(
            name="Back up at night", command="/usr/local/bin/backup", cron_name="backup", hour=4, minute=0
        )
    """
    if cron_name is not None:
        check_line("the name of a job", cron_name)
    if present or cron_name is None or command:
        check_line("the command of a job", command)
    if user is not None:
        check_account("user", user)
    when = schedule(minute, hour, day_of_month, month, day_of_week, special_time)
    host = current_host.get()
    if interpolate_variables and command:
        command = host.get_fact(Command, command=sh("printf", r"%s\n", Raw(interpolated(command)))) or ""
        check_line("the command of a job", command)
    job = Job(when, command.strip(), cron_name.strip() if cron_name is not None else None)
    before = host.get_fact(CrontabLines, user=user)
    if any("\ufffd" in line for line in before):
        raise OperationError(
            "the crontab is not UTF-8 text, so it is left alone", hint="convert it, or edit it by hand"
        )
    after = edited(before, job, present)
    if after == before:
        host.noop(f"the job is {'in' if present else 'not in'} the crontab")
        return
    yield from _changes(before, after)
    yield Diff(f"crontab of {user}" if user else "crontab", as_text(before) if before else None, as_text(after))
    yield _install(after, user)


def _changes(before: list[str], after: list[str]) -> Steps:
    gone = [line for line in before if line not in after]
    new = [line for line in after if line not in before]
    if len(gone) == len(new) == 1:
        yield Change("crontab", gone[0], new[0])
        return
    yield from (Change("crontab", line, None) for line in gone)
    yield from (Change("crontab", None, line) for line in new)


def _install(lines: list[str], user: str | None) -> Shell:
    whose = ["-u", user] if user else []
    return sh("set", "--", "\n".join(lines), Raw("&&"), "crontab", *whose, "-", _FIRST_ARGUMENT)
