from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import FileContents, FindInFile
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Diff, Steps, Upload
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.files import blocks, diffs, edits, regex


@operation()
def block(
    path: str,
    content: str | Sequence[str] | None = None,
    present: bool = True,
    line: str | None = None,
    backup: bool | str = False,
    escape_regex_characters: bool = False,
    try_prevent_shell_expansion: bool = False,
    before: bool = False,
    after: bool = False,
    marker: str | None = None,
    begin: str | None = None,
    end: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Keep a block of lines in a file, between two marker lines.

    A block that is there is brought up to date where it is. A new one goes before or after the first line that
    ``line`` matches (to the end if there is none); without ``line`` to the end, or to the beginning if both
    ``before`` and ``after`` are given. A file that is missing is made.

    :param path: the file; it keeps its owner and mode.
    :param content: the lines of the block: text or a list; written as they are, the shell sees nothing of them.
    :param present: ``False`` removes the block with its markers.
    :param line: an extended regular expression; see ``before`` and ``after``.
    :param backup: keep the old file under its name and the time; text is used in place of the time.
    :param escape_regex_characters: take ``line`` for text, not for an expression.
    :param try_prevent_shell_expansion: for v3's deploys; content is never expanded.
    :param before: put a new block before the line.
    :param after: put a new block after the line.
    :param marker: the marker lines; ``{mark}`` becomes ``begin`` and ``end``.
    :param begin: what ``{mark}`` is before the block; by default ``BEGIN``.
    :param end: what ``{mark}`` is after it; by default ``END``.
    :raises OperationError: a block in the file begins and does not end.
    :raises OperationValueError: ``before``, ``after`` and ``line`` do not go together.

    ::

        files.block(path="/etc/hosts", content="10.0.0.1 db1\\n10.0.0.2 db2", marker="# {mark} databases")
    """
    ends = blocks.markers(marker, begin, end)
    wanted = blocks.content_lines(content, ends) if present else None
    if wanted is not None:
        _check_place(line, before, after)
    new = [] if wanted is None else [ends[0], *wanted, ends[1]]
    lines = current_host.get().get_fact(FileContents, path=path)
    if lines is None:
        yield from _create(path, new)
        return
    spans = blocks.find(lines, ends, path)
    changing = [span for span in spans if wanted is None or lines[span.start + 1 : span.stop - 1] != wanted]
    if wanted is not None and not spans:
        at = 0 if before and after else len(lines)
        if line is not None:
            at = _line_number(path, lines, line, escape_regex_characters, after)
        changing = [blocks.Span(at, at)]
    if not changing:
        current_host.get().noop(f"{path} has {'no such block' if wanted is None else 'the block'}")
        return
    yield Diff(path, diffs.as_text(lines), diffs.as_text(blocks.apply(lines, changing, new)))
    words = blocks.filter_words(len(lines), changing, new)
    yield edits.in_place(path, *words, backup=edits.backup_path(path, backup))


def _create(path: str, new: list[str]) -> Steps:
    """Write a file that holds only the block; a file that is there and empty keeps its owner and mode."""
    if not new:
        current_host.get().noop(f"{path} holds no block")
        return
    yield Diff(path, None, diffs.as_text(new))
    yield Upload(diffs.as_text(new).encode(), path)


def _check_place(line: str | None, before: bool, after: bool) -> None:
    if line is not None and before == after:
        raise OperationValueError("with `line`, give one of before=True and after=True")
    if line is None and before != after:
        raise OperationValueError(
            "`before` or `after` alone need a `line`", hint="both put a new block first in the file, none of them last"
        )


def _line_number(path: str, lines: list[str], line: str, escaped: bool, after: bool) -> int:
    """Return where a new block goes: what the pattern means, grep on the host says."""
    pattern = regex.whole_line(line, escaped=escaped, extended=True)
    # v3 put the pattern between slashes, so deploys written for it escape those inside.
    pattern = re.sub(r"\\(.)", lambda found: "/" if found[1] == "/" else found[0], pattern)
    found = current_host.get().get_fact(FindInFile, path=path, pattern=pattern, extended_regex=True)
    if not found or found[0] not in lines:
        return len(lines)
    return lines.index(found[0]) + (1 if after else 0)
