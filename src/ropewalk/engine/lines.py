"""Makes lines of output that arrives in pieces."""

from __future__ import annotations

from collections.abc import Callable

#: A line of more bytes than this is passed on in parts.
LONGEST = 64 * 1024


class Lines:
    """Takes pieces of two streams, passes on whole lines.

    :param on_line: takes the name of a stream and a line as text, where bytes that are not UTF-8 are replaced.
    :param on_bytes: takes the same lines before that, as they arrived: with the line end, where there is one.
    """

    def __init__(
        self, on_line: Callable[[str, str], None] | None = None, on_bytes: Callable[[str, bytes], None] | None = None
    ) -> None:
        self._on_line, self._on_bytes = on_line, on_bytes
        self._rest = {"stdout": b"", "stderr": b""}
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
        *lines, rest = (self._rest[stream] + data).split(b"\n")
        for line in lines:
            self._pass_on(stream, line + b"\n")
        while len(rest) > LONGEST:
            cut = _between_characters(rest, LONGEST)
            self._pass_on(stream, rest[:cut])
            rest = rest[cut:]
        self._rest[stream] = rest

    def finish(self) -> None:
        """Pass on what did not end with a line end."""
        for stream, rest in self._rest.items():
            if rest:
                self._pass_on(stream, rest)
            self._rest[stream] = b""

    def _pass_on(self, stream: str, line: bytes) -> None:
        if self._on_bytes is not None:
            self._on_bytes(stream, line)
        if self._on_line is not None:
            self._on_line(stream, line.removesuffix(b"\n").decode("utf-8", errors="replace"))


def _between_characters(data: bytes, place: int) -> int:
    """Return the last place up to this one that is not inside a character of UTF-8."""
    for cut in range(place, place - 4, -1):
        if data[cut] & 0b1100_0000 != 0b1000_0000:
            return cut
    return place
