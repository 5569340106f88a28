"""``exec``: what the commands write is the user's data, and goes where the data goes, as it arrives."""

from __future__ import annotations

from typing import IO

from ropewalk.model.event import Event, OutputLine, RunStarted


class ExecOutput:
    """A listener that passes the output of commands on: untouched for one host, else with the host's name before it.

    :param out: takes what commands write on their standard output.
    :param err: takes what they write on their standard error.
    """

    def __init__(self, out: IO[str], err: IO[str]) -> None:
        self._streams = {"stdout": out, "stderr": err}
        #: What kept a stream from taking more; a reader that has gone away (``| head``) is no error.
        self.failed: dict[str, OSError] = {}
        self._several = False

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._several = len(event.hosts) > 1
            case OutputLine() if event.stream not in self.failed:
                self._pass_on(event)

    def _pass_on(self, event: OutputLine) -> None:
        """Write a line; where that cannot be done the run goes on, and is told of at its end."""
        stream = self._streams[event.stream]
        try:
            stream.write(f"[{event.host}] {event.line}\n" if self._several else f"{event.line}\n")
            stream.flush()
        except OSError as error:
            self.failed[event.stream] = error
