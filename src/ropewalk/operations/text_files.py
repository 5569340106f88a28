"""Small text files of a host, read whole and written whole."""

from __future__ import annotations

from collections.abc import Sequence

from ropewalk import host
from ropewalk.facts.files import FileContents
from ropewalk.model.command import Diff, Step, Upload
from ropewalk.model.errors import OperationError


def read_lines(path: str) -> list[str] | None:
    """Return a file's lines, ``None`` when it does not exist.

    :raises OperationError: it is not UTF-8, so that it cannot be written back as it was.
    """
    lines = host.get_fact(FileContents, path=path)
    if lines is not None and any("\ufffd" in line for line in lines):
        raise OperationError(f"{path} is not UTF-8 text, so it is left alone", hint="convert it, or edit it by hand")
    return lines


def rewritten(
    path: str,
    before: Sequence[str] | None,
    after: Sequence[str],
    *,
    mode: str | None = None,
    user: str | None = None,
    group: str | None = None,
) -> list[Step]:
    """Return the steps that give a file new lines: none when it has them.

    :param before: what ``read_lines`` returned.
    :param mode: see :class:`ropewalk.api.Upload`, as for ``user`` and ``group``.
    """
    if list(before or ()) == list(after):
        return []
    text = as_text(after)
    return [
        Diff(path, None if before is None else as_text(before), text),
        Upload(text.encode(), path, mode, user, group),
    ]


def as_text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
