"""The lines of a crontab with a job in it, or without: pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ropewalk.facts.crontab import NAME_MARK, parse_line
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record

_FIELD = re.compile(r"[\w*/,~-]+")
_SPECIAL = re.compile(r"@\w+")


@record
class Job:
    """A job.

    :ivar when: what stands before the command: five fields, or one such as ``@daily``.
    :ivar name: the job's name; without one, its command is what it is known by.
    """

    when: str
    command: str
    name: str | None = None

    @property
    def line(self) -> str:
        return f"{self.when} {self.command}"


def schedule(
    minute: object, hour: object, day_of_month: object, month: object, day_of_week: object, special: str | None
) -> str:
    """Return what stands before a command.

    :raises OperationValueError: a field that is none, or fields beside a special time.

    >>> schedule([0, 30], None, None, None, "1-5", None), schedule(None, None, None, None, None, "daily")
    ('0,30 * * * 1-5', '@daily')
    """
    fields = (minute, hour, day_of_month, month, day_of_week)
    if special is None:
        return " ".join(map(_field, fields))
    if any(field is not None for field in fields):
        raise OperationValueError("a job has either a special_time or minute, hour and so on, not both")
    word = special if special.startswith("@") else f"@{special}"
    if not _SPECIAL.fullmatch(word):
        raise OperationValueError(f"{special!r} is not a time", hint="special times are @reboot, @daily and so on")
    return word


def edited(lines: Sequence[str], job: Job, present: bool) -> list[str]:
    """Return the lines of a crontab that has a job once, or not at all; all other lines stay as they are.

    >>> edited(["MAILTO=ann", "0 1 * * * tidy"], Job("@daily", "tidy"), True)
    ['MAILTO=ann', '@daily tidy']
    """
    while (after := _edited_once(lines, job, present)) != lines:  # where a line goes, the next may get its name
        lines = after
    return list(lines)


def _edited_once(lines: Sequence[str], job: Job, present: bool) -> list[str]:
    found = _places(lines, job)
    dropped = set(found[1:] if present else found)
    dropped |= {index - 1 for index in dropped if _named(lines, index)}  # or it would name what comes next
    changed = [job.line if present and index in found[:1] and not _same(line, job) else line
               for index, line in enumerate(lines)]  # fmt: skip
    kept = [line for index, line in enumerate(changed) if index not in dropped]
    if found or not present:
        return kept
    return [*kept, *([f"{NAME_MARK}{job.name}"] if job.name else []), job.line]


def _places(lines: Sequence[str], job: Job) -> list[int]:
    """Return where a job is: where its name is above it, else where its command is, unless other names are above."""
    jobs = {index: item["command"] for index, line in enumerate(lines)
            if (item := parse_line(line)) and "command" in item}  # fmt: skip
    if job.name is not None:
        return [index for index in jobs if _named(lines, index) == job.name]
    same = [index for index, command in jobs.items() if command == job.command]
    return [index for index in same if _named(lines, index) is None] or same


def _named(lines: Sequence[str], index: int) -> str | None:
    above = lines[index - 1].strip() if index else ""
    return above.removeprefix(NAME_MARK) if above.startswith(NAME_MARK) else None


def _same(line: str, job: Job) -> bool:
    """Whether a line says the same, however it is spaced."""
    words, wanted = (text.split(None, len(job.when.split())) for text in (line, job.line))
    return [word.rstrip() for word in words] == [word.rstrip() for word in wanted]


def _field(value: object) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else "*" if value is None else str(value)
    if not _FIELD.fullmatch(text) or isinstance(value, bool):
        raise OperationValueError(f"{value!r} is not a field of a crontab", hint='write a number, a list, or "*/5"')
    return text
