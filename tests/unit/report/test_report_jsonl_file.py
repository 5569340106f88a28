"""Lines are written in order, by somebody else, and what cannot be written is told once."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from ropewalk.report.jsonl_file import LineFile, LinesLost, to_descriptor


def put(made: LineFile, count: int) -> None:
    for _ in range(count):
        made.put("x" * 1000 + "\n")


def test_lines_are_written_in_order(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        made = LineFile(to_descriptor(file.fileno()), "x")
        for number in range(5000):
            made.put(f"{number}\n")
        made.close()
    assert (tmp_path / "x").read_text() == "".join(f"{number}\n" for number in range(5000))


def test_a_line_is_there_before_the_next_one_comes() -> None:
    reader, writer = os.pipe()
    made = LineFile(to_descriptor(writer), "x")
    for line in (b"caf\xc3\xa9\n", b"two\n"):
        made.put(line.decode())
        assert os.read(reader, 100) == line
    made.close()
    for descriptor in (reader, writer):
        os.close(descriptor)


def give_up(made: LineFile, reader: int, writer: int) -> None:
    """Close a pipe that a thread writes to: its end only when the thread has ended, or it would write to the next."""
    os.close(reader)
    assert made._thread is not None
    made._thread.join()
    os.close(writer)


def test_nobody_waits_for_a_reader_that_does_not_read() -> None:
    reader, writer = os.pipe()
    made = LineFile(to_descriptor(writer), "the pipe", most_waiting=1_000_000)
    with pytest.raises(LinesLost, match="the pipe: nobody reads it; it is not complete"):
        put(made, 4000)
    made.put("x")
    made.close()
    give_up(made, reader, writer)


def test_closing_waits_for_a_reader_as_long_as_it_is_told() -> None:
    reader, writer = os.pipe()
    made = LineFile(to_descriptor(writer), "x")
    made.put("x" * 1_000_000)
    with pytest.raises(LinesLost, match="nobody reads it"):
        made.close(patience=0.01)
    give_up(made, reader, writer)


def test_closing_waits_until_everything_is_read() -> None:
    reader, writer = os.pipe()
    made = LineFile(to_descriptor(writer), "x")
    made.put("x" * 1_000_000)
    got = bytearray()

    def read() -> None:
        while len(got) < 1_000_000:
            got.extend(os.read(reader, 65536))

    thread = threading.Thread(target=read)
    thread.start()
    made.close()
    thread.join()
    assert bytes(got) == b"x" * 1_000_000
    for descriptor in (reader, writer):
        os.close(descriptor)


def test_a_pipe_that_does_not_block_gets_everything() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    made = LineFile(to_descriptor(writer), "x")
    made.put("x" * 1_000_000)
    got = 0
    while got < 1_000_000:
        got += len(os.read(reader, 65536))
    made.close()
    for descriptor in (reader, writer):
        os.close(descriptor)


def test_a_full_disk_is_told_once() -> None:
    failed = threading.Event()

    def write(text: str) -> None:
        failed.set()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    made = LineFile(write, "--events x")
    made.put("1\n")
    failed.wait()
    with pytest.raises(LinesLost, match="--events x: no space left on device; it is not complete"):
        made.close()
    made.close()
    made.put("2\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_the_failure_is_told_while_the_run_goes_on() -> None:
    with open("/dev/full", "wb", buffering=0) as full:
        made = LineFile(to_descriptor(full.fileno()), "x")
        with pytest.raises(LinesLost, match="no space left"):
            put(made, 1_000_000)
        made.close()


def test_nothing_is_started_for_nothing() -> None:
    before = threading.active_count()
    made = LineFile(lambda text: None, "x")
    assert threading.active_count() == before
    made.close()
