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
        self._held: list[tuple[str, bytes]] | None = None

    def hold(self) -> None:
        """Keep everything back: it is too early to show anything."""
        self._held = []

    def release(self) -> None:
        """Pass on what was kept back, and everything else from now on."""
        held, self._held = self._held, None
        for stream, data in held or ():
            self.feed(stream, data)

    def feed(self, stream: str, data: bytes) -> None:
        if self._held is not None:
            self._held.append((stream, data))
            return
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
