"""Blocks of lines between marker lines: where they are, and what the file becomes. Pure; lines count from 0."""

from __future__ import annotations

from collections.abc import Sequence

from ropewalk.model.command import Word, joined
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.model.record import record

#: The default markers are those of v3: files that it manages hold them.
MARKER = "# {mark} PYINFRA BLOCK"

_PRINT_NEW = '{print ENVIRON["ropewalk_block"]}'


@record
class Span:
    """The lines from ``start`` up to, not including, ``stop``; empty for a place between two lines."""

    start: int
    stop: int


def markers(marker: str | None, begin: str | None, end: str | None) -> tuple[str, str]:
    """Return the two marker lines.

    :raises OperationValueError: they are the same, or not one line each, or braces in them make no sense.
    """
    text = marker or MARKER
    try:
        first, last = text.format(mark=begin or "BEGIN"), text.format(mark=end or "END")
    except (LookupError, ValueError, AttributeError):
        raise OperationValueError(
            f"the marker {text!r} has braces that are not {{mark}}", hint="write a brace that stands for itself twice"
        ) from None
    if first.strip() == last.strip() or "\n" in first + last or not first.strip() or not last.strip():
        raise OperationValueError(
            f"a block needs two different marker lines, not {first!r} and {last!r}",
            hint="write {mark} where they differ: marker='# {mark} my block'",
        )
    return first, last


def content_lines(content: str | Sequence[str] | None, ends: tuple[str, str]) -> list[str]:
    """Return the lines between the markers.

    :raises OperationValueError: there are none, or one of them is a marker.
    """
    if not content:
        raise OperationValueError("files.block needs `content`", hint="present=False removes a block")
    lines = (content if isinstance(content, str) else "\n".join(content)).split("\n")
    for line in lines:
        if line.strip() in (ends[0].strip(), ends[1].strip()):
            raise OperationValueError(f"the content of a block holds its marker line {line!r}", hint="change `marker`")
    return lines


def find(lines: Sequence[str], ends: tuple[str, str], path: str) -> list[Span]:
    """Return where the blocks are, markers included; white space around a marker does not count.

    :raises OperationError: one begins and does not end: what belongs to it cannot be known.
    """
    first, last = ends[0].strip(), ends[1].strip()
    spans = []
    start: int | None = None
    for number, line in enumerate(lines):
        text = line.strip()
        if text == first and start is not None:
            break
        if text == first:
            start = number
        elif text == last and start is not None:
            spans.append(Span(start, number + 1))
            start = None
    if start is not None:
        raise OperationError(
            f"{path}: the block that begins in line {start + 1} ({first}) does not end", hint=f"add the line {last}"
        )
    return spans


def apply(lines: Sequence[str], spans: Sequence[Span], new: Sequence[str]) -> list[str]:
    """Return the lines with each span replaced.

    >>> apply(["a", "b", "c"], [Span(1, 2)], ["x", "y"])
    ['a', 'x', 'y', 'c']
    """
    result: list[str] = []
    at = 0
    for span in spans:
        result += [*lines[at : span.start], *new]
        at = span.stop
    return [*result, *lines[at:]]


def filter_words(count: int, spans: Sequence[Span], new: Sequence[str]) -> tuple[Word, ...]:
    """Return the awk command that does what :func:`apply` does.

    Only line numbers are in its program, so nothing in the file or the content can be taken for syntax; bytes
    that are no valid text stay as they are.

    :param count: how many lines the file has.
    """
    rules, end = [], ""
    for span in spans:
        if new and span.start < count:
            rules.append(f"NR=={span.start + 1}{_PRINT_NEW}")
        elif new:
            end = f" END{_PRINT_NEW}"
        if span.stop > span.start:
            rules.append(f"NR>{span.start}&&NR<={span.stop}{{next}}")
    program = f"{' '.join([*rules, '{print}'])}{end}"
    text = (joined("ropewalk_block=", "\n".join(new)),) if new else ()
    return ("env", "LC_ALL=C", *text, "awk", program)
