"""Chains of guarded operations, in every shell of this machine."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from ropewalk.shell import chain
from ropewalk.shell.framing import Unframer
from ropewalk.shell.script import Script, script
from ropewalk.shell.transfer import upload_script
from support.hostile import HOSTILE
from support.shells import SHELLS, feed, shell

MARKER = "ropewalk-0123456789abcdef"

pytestmark = pytest.mark.parametrize("name", SHELLS)


def send(name: str, text: str, folder: Path) -> list[tuple[int, bytes]]:
    """Run a chain; return what each part answered: status, standard output."""
    done = feed(shell(name), chain.begin() + text, cwd=folder)
    answers: list[tuple[int, bytes]] = []
    pieces: list[bytes] = []
    ends: list[bytes] = []

    def end(tail: bytes) -> None:
        answers.append((int(tail), b"".join(pieces)))
        pieces.clear()

    Unframer(MARKER, pieces.append, end).feed(done.stdout)
    Unframer(MARKER, lambda _: None, ends.append).feed(done.stderr)
    assert len(ends) == len(answers), done.stderr
    return answers


def line(command: str, **how: object) -> Script:
    return script(command, delimiter=MARKER, **how)  # type: ignore[arg-type]


def guard(*facts: tuple[str, bytes, int]) -> str:
    return chain.guard([(line(command), output, status) for command, output, status in facts], MARKER)


def run(command: str, success: Sequence[int] = (0,)) -> str:
    return chain.command(line(command), success, MARKER)


OUTPUTS = [
    b"",
    b"one line\n",
    b"no line end",
    b"\n",
    b"\n\n\n",
    b"ends with blank lines\n\n\n",
    b"  spaces \t tabs  \n",
    b"x0",
    b"x0\n",
    b"text x0",
    b"it's 'quoted' \"twice\" `id` $(id) $HOME \\n \\\\\n",
    b"( ! -n = ) ]\n",
    b"!",
    "ünïcödé ☃\n".encode(),
    b"not utf-8: \xff\xfe \x80\x81\x88 \xc3\n",
    bytes(range(1, 256)),
    b"* ? [a-z] ~ #\n",
    b"a" * chain.LONGEST,
]


@pytest.mark.parametrize("output", OUTPUTS, ids=range(len(OUTPUTS)))
def test_an_output_equals_itself_alone(name: str, output: bytes, tmp_path: Path) -> None:
    (tmp_path / "fact").write_bytes(output)
    assert chain.comparable(output)
    assert send(name, guard(("cat fact", output, 0)), tmp_path) == [(0, b""), (chain.SKIPPED, b"")]
    for other in (output + b"\n", output + b"x0", b"x" + output, output[:-1] + b"~"):
        (tmp_path / "fact").write_bytes(other)
        answers = send(name, guard(("cat fact", output, 0)) + run("touch done"), tmp_path)
        assert answers == [(1, b""), (0, other), (chain.SKIPPED, b"")]
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_compared_as_it_is(name: str, text: str, tmp_path: Path) -> None:
    command = f"printf %s {shlex.quote(text)}"
    assert send(name, guard((command, text.encode(), 0)), tmp_path)[0] == (0, b"")


def test_what_cannot_be_held_in_a_variable_is_not_compared(name: str) -> None:
    assert not chain.comparable(b"a\0b")
    assert not chain.comparable(b"a" * (chain.LONGEST + 1))


def test_the_exit_status_is_compared_too(name: str, tmp_path: Path) -> None:
    assert send(name, guard(("exit 213", b"", 213)), tmp_path)[0] == (0, b"")
    assert send(name, guard(("exit 7", b"", 0)), tmp_path) == [(1, b""), (7, b"")]
    # An output that looks like the end of another one.
    assert send(name, guard(("printf x0; exit 1", b"", 0)), tmp_path)[0][0] == 1
    assert send(name, guard(("printf x; exit 0", b"x0", 0)), tmp_path)[0][0] == 1


def test_standard_error_of_a_fact_is_no_part_of_it(name: str, tmp_path: Path) -> None:
    assert send(name, guard(("echo noise >&2; echo a", b"a\n", 0)), tmp_path)[0] == (0, b"")


def test_surroundings_of_a_fact(name: str, tmp_path: Path) -> None:
    """Its script begins with a parenthesis then: ``$((`` would be arithmetic."""
    (tmp_path / "sub").mkdir()
    around = line('echo "$A"; pwd', chdir=str(tmp_path / "sub"), env={"A": "b c"})
    expected = f"b c\n{tmp_path / 'sub'}\n".encode()
    assert send(name, chain.guard([(around, expected, 0)], MARKER), tmp_path)[0] == (0, b"")
    evaluated = line("echo a", shell=None)
    assert send(name, chain.guard([(evaluated, b"a\n", 0)], MARKER), tmp_path)[0] == (0, b"")


def test_where_one_fact_differs_all_are_told(name: str, tmp_path: Path) -> None:
    text = guard(("echo a", b"a\n", 0), ("echo b; exit 3", b"old\n", 0), ("echo c", b"c\n", 0)) + run("touch done")
    assert send(name, text, tmp_path) == [(1, b""), (0, b"a\n"), (3, b"b\n"), (0, b"c\n"), (chain.SKIPPED, b"")]
    assert not (tmp_path / "done").exists()


def test_nothing_behind_a_difference_is_run_or_read(name: str, tmp_path: Path) -> None:
    text = guard(("echo a", b"old\n", 0)) + run("touch one") + guard(("touch read", b"", 0)) + run("touch two")
    skipped = (chain.SKIPPED, b"")
    assert send(name, text, tmp_path) == [(1, b""), (0, b"a\n"), skipped, skipped, skipped, skipped]
    assert list(tmp_path.iterdir()) == []


def test_a_failure_stops_what_is_behind_it(name: str, tmp_path: Path) -> None:
    text = run("echo one; exit 3") + run("touch two") + guard(("touch read", b"", 0)) + run("touch three")
    skipped = (chain.SKIPPED, b"")
    assert send(name, text, tmp_path) == [(3, b"one\n"), skipped, skipped, skipped, skipped]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("status", "success", "goes_on"), [(0, (0,), True), (3, (0, 3), True), (0, (3,), False),
                                                            (30, (3,), False), (130, (1, 130), True)])  # fmt: skip
def test_what_counts_as_success(
    name: str, status: int, success: tuple[int, ...], goes_on: bool, tmp_path: Path
) -> None:
    answers = send(name, run(f"exit {status}", success) + run("true"), tmp_path)
    assert answers == [(status, b""), (0 if goes_on else chain.SKIPPED, b"")]


def test_commands_change_what_facts_behind_them_say(name: str, tmp_path: Path) -> None:
    fact = ("cat f 2>/dev/null", b"", 0)
    text = guard(("cat f 2>/dev/null || true", b"", 0)) + run("echo new >f") + guard(("cat f", b"new\n", 0))
    assert [status for status, _ in send(name, text, tmp_path)] == [0, chain.SKIPPED, 0, 0, chain.SKIPPED]
    assert send(name, guard(fact), tmp_path)[1] == (0, b"new\n")


def test_commands_do_not_read_the_chain(name: str, tmp_path: Path) -> None:
    text = guard(("cat; echo a", b"a\n", 0)) + run("cat; echo one") + run("cat; echo two")
    assert send(name, text, tmp_path) == [(0, b""), (chain.SKIPPED, b""), (0, b"one\n"), (0, b"two\n")]


@pytest.mark.parametrize("go", [True, False])
@pytest.mark.parametrize("content", [b"plain\ntext", b"", b"\xff\0binary\n", b"it's $HOME\n"])
def test_an_upload_inside_a_chain(name: str, content: bytes, go: bool, tmp_path: Path) -> None:
    made, body = upload_script(
        str(tmp_path / "f"), size=len(content), mode="600", user=None, group=None, temp_dir="/tmp",
        delimiter=MARKER, content=content,
    )  # fmt: skip
    upload = chain.command(script(made, delimiter=MARKER, attached=body), (0,), MARKER)
    answers = send(name, run("true" if go else "false") + upload + run("echo behind"), tmp_path)
    assert [status for status, _ in answers[1:]] == ([0, 0] if go else [chain.SKIPPED] * 2)
    assert (tmp_path / "f").exists() is go
    if go:
        assert (tmp_path / "f").read_bytes() == content
        assert answers[2] == (0, b"behind\n")


@pytest.mark.parametrize("go", [True, False])
def test_a_hidden_command_inside_a_chain(name: str, go: bool, tmp_path: Path) -> None:
    hidden = chain.command(line("echo it's \"secret\"'", hidden=True), (0, 2), MARKER)
    safe = chain.command(line("echo 'it is secret'", hidden=True), (0,), MARKER)
    text = run("true" if go else "false") + safe + run("echo behind")
    expected = [(0, b"it is secret\n"), (0, b"behind\n")] if go else [(chain.SKIPPED, b"")] * 2
    assert send(name, text, tmp_path)[1:] == expected
    assert len(send(name, hidden + run("true"), tmp_path)) == 2  # a syntax error stays its own


def test_nobody_to_be_told_ends_the_shell(name: str, tmp_path: Path) -> None:
    """When the connection is lost the shell has read more than it may still do."""
    text = chain.begin() + run("touch one") + run("touch two") + run("touch three")
    argv = shlex.join(shell(name))
    # Writing fails at once, and SIGPIPE is ignored, as it may be where a service started the shell.
    feed(["sh", "-c", f"trap '' PIPE; {argv} 3>&1 >/dev/full 2>&1"], text, cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one"]
