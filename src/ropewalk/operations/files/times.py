"""Access and modification times: the spellings that ``files.put`` accepts, and touch(1)."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeAlias

from ropewalk.api.context import current_host
from ropewalk.facts.files import File
from ropewalk.model.command import Change, Raw, Shell, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.shell.paths import path_word

Time: TypeAlias = "datetime | float | int | str | bool | None"
_OPTION = {"mtime": "-m", "atime": "-a"}


def set_times(
    path: str, have: Mapping[str, Any] | None, wanted: Mapping[str, Time], local: str | None
) -> Steps:  # fmt: skip
    """Set the times of a file that are asked for and differ, to the second.

    :param have: the ``File`` fact; ``None`` for a file that has just been written.
    :param wanted: ``"mtime"`` and ``"atime"`` to what the operation was given; ``None`` and ``False`` leave it.
    :param local: the local file whose times ``True`` stands for.
    """
    for attribute, value in wanted.items():
        if value is None or value is False:
            continue
        time = moment(attribute, value, local)
        before = have.get(attribute) if have else None
        if before is not None and before.replace(tzinfo=UTC) == time:
            continue
        if have:
            yield Change(attribute, str(before), str(time.replace(tzinfo=None)))
        yield touch(path, attribute, time)


def moment(attribute: str, value: Time, local: str | None) -> datetime:
    """Return the time a value stands for, in UTC and whole seconds.

    :param value: see ``files.put``.
    :raises OperationValueError: it stands for none.
    """
    if isinstance(value, datetime):
        return _aware(value)
    if value is True:
        if local is None:
            raise OperationValueError(f"{attribute}=True needs a local file to take the time from")
        status = os.stat(local)
        return _at(status.st_mtime if attribute == "mtime" else status.st_atime)
    if isinstance(value, int | float):
        return _at(value)
    if isinstance(value, str):
        return _parse(attribute, value)
    raise OperationValueError(f"{attribute}={value!r} is not a time")


def touch(path: str, attribute: str, time: datetime) -> Shell:
    """Return the command that sets one time of a file; ``-t`` is the form that every touch knows."""
    return sh(Raw("TZ=UTC0"), "touch", _OPTION[attribute], "-t", time.strftime("%Y%m%d%H%M.%S"), path_word(path))


def _parse(attribute: str, value: str) -> datetime:
    try:
        return _aware(datetime.fromisoformat(value))
    except ValueError:
        pass
    try:
        return _at(float(value))
    except (ValueError, OverflowError):
        pass
    reference = current_host.get().get_fact(File, path=value)
    time = (reference["mtime"] if attribute == "mtime" else reference["atime"]) if reference else None
    if time is None:
        raise OperationValueError(
            f"{attribute}={value!r} is neither a time nor a file of the host",
            hint="give an ISO 8601 date and time, seconds since 1970, or the path of a file to take the time from",
        )
    return time.replace(tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(math.floor(seconds), UTC)


def _aware(value: datetime) -> datetime:
    zone: tzinfo | None = value.tzinfo or _host_zone()
    return value.replace(tzinfo=zone, microsecond=0).astimezone(UTC)


def _host_zone() -> tzinfo | None:
    from ropewalk.facts.server import Date

    date: datetime = current_host.get().get_fact(Date)
    return date.tzinfo
