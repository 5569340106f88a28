"""What every connector that gives a process a terminal agrees on."""

from __future__ import annotations

TERM = "xterm"
COLUMNS, ROWS = 80, 24

_EOT = b"\x04"


def end_of_input(last: bytes) -> bytes:
    """Return what to type for "end of input".

    A terminal's input has no end: the key Control-D is read as one, at the start of a line. In the middle of a line the
    first only delivers that line (termios(3), VEOF).

    :param last: the last byte typed so far; a newline if there was none.
    """
    return _EOT if last == b"\n" else _EOT * 2
