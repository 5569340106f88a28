"""How commands and their results share one shell: text in, text out.

Each command runs in a process of its own with nothing on its standard input, so it can neither read what
follows nor leave anything behind. After it, a marker nobody can guess ends its output on both streams and
carries its exit status. Markers begin with a line end of their own, so that output is exact to the byte.
"""

from __future__ import annotations

from collections.abc import Callable

from ropewalk.shell.process import tell
from ropewalk.shell.script import Script


def frame(script: Script, marker: str) -> str:
    """Return the text that makes a shell run a script and mark the end of its output."""
    return f"{script.line}; printf '\\n{marker} %d\\n' $?; printf '\\n{marker}\\n' >&2{script.body}\n"


def hello(marker: str) -> str:
    """Return the script that ends whatever a login printed, and tells which process the shell is."""
    return f"{tell(marker)}\n"


class Unframer:
    """Cuts one output stream back into the outputs of the commands that made it, as it arrives.

    :param on_output: takes each piece of the current command's output.
    :param on_end: takes what followed the marker, when the current command's output has ended.
    """

    def __init__(self, marker: str, on_output: Callable[[bytes], None], on_end: Callable[[bytes], None]) -> None:
        self._end = b"\n" + marker.encode()
        self._tail = b""
        self._on_output, self._on_end = on_output, on_end

    def feed(self, chunk: bytes) -> None:
        data = self._tail + chunk if self._tail else chunk
        while (at := data.find(self._end)) >= 0:
            line_end = data.find(b"\n", at + len(self._end))
            if at:
                self._on_output(data[:at])
            if line_end < 0:
                self._tail = data[at:]
                return
            self._on_end(data[at + len(self._end) : line_end].strip())
            data = data[line_end + 1 :]
        keep = self._possible_start(data)
        if keep:
            self._on_output(data[:keep])
        self._tail = data[keep:]

    def _possible_start(self, data: bytes) -> int:
        """Return where a marker that is not complete yet may begin; the length of the data when nowhere."""
        at = data.rfind(b"\n", max(0, len(data) - len(self._end) + 1))
        while at >= 0:
            if self._end.startswith(data[at:]):
                return at
            at = data.rfind(b"\n", max(0, len(data) - len(self._end) + 1), at)
        return len(data)
