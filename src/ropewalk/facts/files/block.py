"""The lines between two marker lines of a file."""

from __future__ import annotations

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell
from ropewalk.model.errors import FactValueError
from ropewalk.shell.paths import path_word

#: What marks a block unless the deploy says otherwise: the texts v3 writes, so that its blocks are found.
MARKER_DEFAULT = "# {mark} PYINFRA BLOCK"
MARKER_BEGIN_DEFAULT = "BEGIN"
MARKER_END_DEFAULT = "END"

_ABSENT = "-"
# The markers are operands, not part of the program, so nothing in them has a meaning; the file is standard input.
_AWK = (
    'BEGIN{b=ARGV[1];e=ARGV[2];ARGV[1]=ARGV[2]="";print "+"} index($0,e){inside=0;next} inside; index($0,b){inside=1}'
)


def markers(marker: str | None = None, begin: str | None = None, end: str | None = None) -> tuple[str, str]:
    """Return the two lines around a block.

    :param marker: text in which ``{mark}`` stands for ``begin`` and for ``end``.
    :raises FactValueError: both lines would be the same.

    >>> markers("; {mark} mail")
    ('; BEGIN mail', '; END mail')
    """
    text = marker or MARKER_DEFAULT
    first = text.replace("{mark}", begin or MARKER_BEGIN_DEFAULT)
    last = text.replace("{mark}", end or MARKER_END_DEFAULT)
    if first == last:
        raise FactValueError(
            f"both ends of the block would be marked {first!r}", hint="write {mark} in the marker, or another `end`"
        )
    return first, last


class Block(FactBase["list[str] | None"]):
    """The lines between two markers; ``[]`` if there is no such block, ``None`` if nothing is at the path.

    A line is a marker if it contains the marker's text, taken literally. Lines of several blocks with the same
    markers follow each other; a block without an end reaches to the end of the file.

    Read with awk(1).

    :param path: path on the host; links are followed; ``~/`` is the home directory.
    :param marker: text in which ``{mark}`` stands for ``begin`` and ``end``; default ``# {mark} PYINFRA BLOCK``.
    :param begin: default ``BEGIN``.
    :param end: default ``END``.
    :raises FactValueError: both markers would be the same.
    """

    def command(self, path: str, marker: str | None = None, begin: str | None = None, end: str | None = None) -> Shell:
        first, last = markers(marker, begin, end)
        return if_present(
            path_word(path), Raw('[ -d "$1" ] || awk'), _AWK, first, last, Raw('<"$1"'), otherwise=f"echo {_ABSENT}"
        )

    def process(self, output: list[str]) -> list[str] | None:
        return None if output[0] == _ABSENT else output[1:]

    @staticmethod
    def default() -> list[str]:
        return []
