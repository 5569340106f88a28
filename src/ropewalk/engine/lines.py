"""Makes lines of output that arrives in pieces."""

from __future__ import annotations

import codecs
from collections.abc import Callable

#: A line longer than this is passed on in parts.
LONGEST = 64 * 1024


class Lines:
    """Takes pieces of two streams, passes on whole lines as text; bytes that are not UTF-8 are replaced."""

    def __init__(self, on_line: Callable[[str, str], None]) -> None:
        self._on_line = on_line
        self._rest = {"stdout": "", "stderr": ""}
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = {stream: decoder(errors="replace") for stream in self._rest}

    def feed(self, stream: str, data: bytes) -> None:
        *lines, rest = (self._rest[stream] + self._decoders[stream].decode(data)).split("\n")
        for line in lines:
            self._on_line(stream, line)
        while len(rest) > LONGEST:
            self._on_line(stream, rest[:LONGEST])
            rest = rest[LONGEST:]
        self._rest[stream] = rest

    def finish(self) -> None:
        """Pass on what did not end with a line end."""
        for stream, rest in self._rest.items():
            rest += self._decoders[stream].decode(b"", final=True)
            if rest:
                self._on_line(stream, rest)
            self._rest[stream] = ""
