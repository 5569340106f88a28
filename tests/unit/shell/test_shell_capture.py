"""Output is kept in bounded memory, and what is missing is told."""

from __future__ import annotations

import tracemalloc

import pytest

from ropewalk.shell.capture import HEAD, TAIL, Capture, lines_of


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    ("head", "tail", "data", "left_out", "value"),
    [
        (3, 3, b"", 0, b""),
        (3, 3, b"ab", 0, b"ab"),
        (3, 3, b"abc", 0, b"abc"),
        (3, 3, b"abcdef", 0, b"abcdef"),
        (3, 3, b"abcdefg", 1, b"abc\n[... 1 bytes left out ...]\nefg"),
        (3, 3, b"abcdefghijklmno", 9, b"abc\n[... 9 bytes left out ...]\nmno"),
        (5, 0, b"abcdefg", 2, b"abcde\n[... 2 bytes left out ...]\n"),
        (0, 2, b"abcdefg", 5, b"\n[... 5 bytes left out ...]\nfg"),
        (0, 0, b"abc", 3, b"\n[... 3 bytes left out ...]\n"),
        (0, 0, b"", 0, b""),
    ],
)
def test_beginning_and_end_are_kept(size: int, head: int, tail: int, data: bytes, left_out: int, value: bytes) -> None:
    capture = Capture(head, tail)
    for start in range(0, len(data), size):
        capture.feed(data[start : start + size])
    assert (capture.total, capture.left_out, capture.value()) == (len(data), left_out, value)
    assert capture.value() == value  # asking changes nothing


def test_memory_is_bounded() -> None:
    piece = b"x" * 65536
    capture = Capture(100_000, 100_000)
    tracemalloc.start()
    try:
        for _ in range(1000):
            capture.feed(piece + b"")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert capture.total == 65_536_000
    assert len(capture.value()) < 200_100


def test_the_default_keeps_eight_megabytes() -> None:
    capture = Capture()
    capture.feed(b"x" * (HEAD + TAIL))
    assert capture.left_out == 0
    capture.feed(b"y")
    assert capture.left_out == 1
    assert capture.value().endswith(b"xy")


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\n\n", ["a", ""]),
        (b" a \n\tb\r\n", [" a ", "\tb\r"]),
        (b"\xff\n\xc3\xa9", ["\ufffd", "é"]),
        ("a\x85b\u2028c\x0b\x0cd".encode(), ["a\x85b\u2028c\x0b\x0cd"]),  # only \n ends a line
    ],
)
def test_lines(data: bytes, lines: list[str]) -> None:
    assert lines_of(data) == lines
