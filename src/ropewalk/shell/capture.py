"""Keeps the output of a command in bounded memory: its beginning and its end, and how much lies between."""

from __future__ import annotations

from collections import deque

#: Bytes kept of the beginning and of the end of each output stream of an operation's command.
HEAD = TAIL = 4 * 1024 * 1024


class Capture:
    """Takes bytes, keeps at most ``head`` from the beginning and about ``tail`` from the end.

    >>> capture = Capture(head=3, tail=3)
    >>> capture.feed(b"abcdefgh")
    >>> capture.left_out, capture.value()
    (2, b'abc\\n[... 2 bytes left out ...]\\nfgh')
    """

    __slots__ = ("_head", "_head_size", "_room", "_tail", "_tail_limit", "_tail_size", "total")

    def __init__(self, head: int = HEAD, tail: int = TAIL) -> None:
        self._head: list[bytes] = []
        self._head_size, self._room = 0, head
        self._tail: deque[bytes] = deque()
        self._tail_size, self._tail_limit = 0, tail
        self.total = 0

    def feed(self, data: bytes) -> None:
        self.total += len(data)
        if self._room:
            taken = data[: self._room]
            self._head.append(taken)
            self._head_size += len(taken)
            self._room -= len(taken)
            data = data[len(taken) :]
        if data:
            self._tail.append(data)
            self._tail_size += len(data)
            while self._tail and self._tail_size - len(self._tail[0]) >= self._tail_limit:
                self._tail_size -= len(self._tail.popleft())

    @property
    def left_out(self) -> int:
        """How many bytes are not kept."""
        return self.total - self._head_size - min(self._tail_size, self._tail_limit)

    def value(self) -> bytes:
        """Return what was kept; where something is missing, a line says how much."""
        head, tail = b"".join(self._head), b"".join(self._tail)
        if not self.left_out:
            return head + tail
        tail = tail[-self._tail_limit :] if self._tail_limit else b""
        return head + f"\n[... {self.left_out} bytes left out ...]\n".encode() + tail


def lines_of(data: bytes) -> list[str]:
    """Split output into lines as text; bytes that are not UTF-8 are replaced, nothing else is changed.

    >>> lines_of(b"a \\n\\xff\\n\\nb")
    ['a ', '\\ufffd', '', 'b']
    """
    if not data:
        return []
    text = data.decode("utf-8", errors="replace")
    return (text[:-1] if text.endswith("\n") else text).split("\n")
