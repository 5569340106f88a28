"""``exec``: what the commands write is the user's data, and goes where the data goes, as it arrives."""

from __future__ import annotations

from typing import IO

from ropewalk.model.event import Event, RunStarted


class ExecOutput:
    """Passes the output of commands on: untouched for one host, else line by line with the host's name before it.

    A listener, which takes from the events how many hosts there are; the output itself comes by way of ``take``.

    :param out: takes what commands write on their standard output.
    :param err: takes what they write on their standard error.
    """

    def __init__(self, out: IO[str], err: IO[str]) -> None:
        self._streams = {"stdout": out, "stderr": err}
        #: What kept a stream from taking more; a reader that has gone away (``| head``) is no error.
        self.failed: dict[str, OSError] = {}
        self._several = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._several = len(event.hosts) > 1

    def take(self, host: str, stream: str, line: bytes) -> None:
        """Write a line; where that cannot be done the run goes on, and is told of at its end."""
        if stream in self.failed:
            return
        if self._several:
            line = f"[{host}] ".encode() + line.removesuffix(b"\n") + b"\n"
        try:
            _write(self._streams[stream], line)
        except OSError as error:
            self.failed[stream] = error


def _write(stream: IO[str], data: bytes) -> None:
    """Write bytes as they are; as text where a stream takes nothing else (a test's, or that of an embedder)."""
    binary: IO[bytes] | None = getattr(stream, "buffer", None)
    if binary is None:
        stream.write(data.decode("utf-8", "replace"))
    else:
        stream.flush()  # what came before as text
        binary.write(data)
    stream.flush()
