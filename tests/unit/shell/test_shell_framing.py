"""Output is exact to the byte, however it is cut on its way and whatever is in it."""

from __future__ import annotations

import os
import subprocess
from itertools import pairwise

import pytest

from ropewalk.shell.framing import Unframer, frame, hello
from ropewalk.shell.process import Process
from ropewalk.shell.script import script
from support.shells import SHELLS, feed, shell

MARKER = "ropewalk-0123456789abcdef"


def unframe(stream: bytes, cuts: list[int]) -> tuple[list[bytes], list[bytes], bytes]:
    """Return outputs, what followed their markers, and the output that has not ended."""
    outputs, ends, current = [], [], bytearray()

    def on_end(tail: bytes) -> None:
        outputs.append(bytes(current))
        ends.append(tail)
        current.clear()

    unframer = Unframer(MARKER, current.extend, on_end)
    for start, end in pairwise([0, *cuts, len(stream)]):
        unframer.feed(stream[start:end])
    return outputs, ends, bytes(current)


OUTPUTS = [
    b"", b"plain", b"line\n", b"\n", b"\n\n\n", b"no line end\nat the end", b"\0\xff\xfe binary \r\n",
    b"\nropewalk-", MARKER.encode(), b"\n" + MARKER[:-1].encode(), b"x" + MARKER.encode() + b" 5\n", b"\n\nropewalk\n",
]  # fmt: skip


@pytest.mark.parametrize("output", OUTPUTS)
def test_every_cut_gives_the_same(output: bytes) -> None:
    stream = output + f"\n{MARKER} 7\nsecond\n{MARKER}\n".encode() + b"rest"
    expected = ([output, b"second"], [b"7", b""], b"rest")
    assert unframe(stream, []) == expected
    for at in range(len(stream) + 1):
        assert unframe(stream, [at]) == expected, at
    assert unframe(stream, list(range(len(stream)))) == expected


def test_output_is_passed_on_as_soon_as_it_cannot_be_a_marker() -> None:
    seen: list[bytes] = []
    unframer = Unframer(MARKER, seen.append, lambda tail: None)
    unframer.feed(b"abc\n")
    assert seen == [b"abc"]  # the line end may begin a marker
    unframer.feed(b"rope")
    assert seen == [b"abc"]
    unframer.feed(b"!")
    assert seen == [b"abc", b"\nrope!"]


def test_several_line_ends_hold_back_only_the_last() -> None:
    seen: list[bytes] = []
    Unframer(MARKER, seen.append, lambda tail: None).feed(b"a\n\n\n")
    assert seen == [b"a\n\n"]


@pytest.mark.parametrize("name", SHELLS)
def test_a_real_shell(name: str) -> None:
    argv = shell(name)
    commands = {
        "printf 'no end'; printf err >&2; exit 3": (b"no end", b"err", 3),
        "true": (b"", b"", 0),
        "cat; echo nothing was read": (b"nothing was read\n", b"", 0),
        "exec 2>/dev/null; exit 137": (b"", b"", 137),
        "echo a; echo b": (b"a\nb\n", b"", 0),
        f"printf '\\n{MARKER[:-1]}\\n'": (f"\n{MARKER[:-1]}\n".encode(), b"", 0),
        "set -e; cd /; export A=1; exit 9": (b"", b"", 9),
        'echo "$PWD:$A"': (f"{os.getcwd()}:\n".encode(), b"", 0),
    }
    text = hello(MARKER) + "".join(frame(script(command, delimiter=MARKER), MARKER) for command in commands)
    done = feed(argv, text)
    (pid, *outs), (_, *statuses), rest = unframe(done.stdout, [])
    (_, *errs), _, rest_err = unframe(done.stderr, [])
    assert (pid, rest, rest_err) == (b"", b"", b"")
    assert list(zip(outs, errs, map(int, statuses), strict=True)) == list(commands.values())


@pytest.mark.parametrize("name", SHELLS)
def test_a_command_that_is_killed_has_the_status_of_the_signal_and_harms_nothing(name: str) -> None:
    commands = ["echo before; kill -9 $$", "echo after"]
    text = "".join(frame(script(command, delimiter=MARKER), MARKER) for command in commands)
    outs, statuses, rest = unframe(feed(shell(name), text).stdout, [])
    assert (outs, statuses, rest) == ([b"before\n", b"after\n"], [b"137", b"0"], b"")


def test_the_greeting_ends_what_a_login_printed_and_tells_the_process_id() -> None:
    process = subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(f"echo motd; echo warning >&2\n{hello(MARKER)}".encode())
    texts, [told], rest = unframe(out, [])
    assert (texts, Process.told(told).pid, rest) == ([b"motd\n"], process.pid, b"")
    assert unframe(err, []) == ([b"warning\n"], [b""], b"")
