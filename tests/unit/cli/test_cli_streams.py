"""Standard output is for data; questions are asked and given up cleanly."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
import termios
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.cli import prompt
from ropewalk.cli.output import reserved_stdout
from ropewalk.cli.prompt import CannotAsk, Secrets, confirm
from ropewalk.engine.links import Passwords
from ropewalk.shell.prompts import Ask


def test_only_data_reaches_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with reserved_stdout() as data:
        print("from a deploy")
        os.system("echo from a program")
        data.write("{}\n")
    print("afterwards")
    out, err = capfd.readouterr()
    assert out == "{}\nafterwards\n"
    assert "from a deploy" in err
    assert "from a program" in err


def test_streams_that_are_no_files_are_kept_apart_too(capsys: pytest.CaptureFixture[str]) -> None:
    with reserved_stdout() as data:
        print("from a deploy")
        data.write("{}\n")
    out, err = capsys.readouterr()
    assert (out, err) == ("{}\n", "from a deploy\n")


def test_standard_output_comes_back_after_an_exception(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), reserved_stdout():
        raise KeyError
    print("x")
    assert capfd.readouterr().out == "x\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "from ropewalk.cli.output import reserved_stdout\nwith reserved_stdout() as data: data.write('x' * 100)"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return where to write what standard input then reads."""
    reader, writer = os.pipe()
    before = os.dup(0)
    os.dup2(reader, 0)
    yield writer
    os.dup2(before, 0)
    for descriptor in (reader, before):
        os.close(descriptor)


@pytest.mark.parametrize(
    ("text", "answer", "asked"),
    [
        ("\n", True, 1),
        ("y\n", True, 1),
        ("YES\n", True, 1),
        ("n\n", False, 1),
        ("No\n", False, 1),
        ("eh\nn\n", False, 2),
    ],
)
def test_enter_is_yes(typed: int, capfd: pytest.CaptureFixture[str], text: str, answer: bool, asked: int) -> None:
    os.write(typed, text.encode())
    os.close(typed)
    assert asyncio.run(confirm("Apply?")) is answer
    out, err = capfd.readouterr()
    assert (out, err) == ("", "Apply? [Y/n] " * asked)


def test_the_end_of_input_is_not_an_answer(typed: int) -> None:
    os.close(typed)
    with pytest.raises(CannotAsk, match="standard input has ended") as caught:
        asyncio.run(confirm("Apply?"))
    assert "-y" in str(caught.value.hint)


def test_a_question_can_be_given_up(typed: int) -> None:
    async def give_up() -> None:
        async with asyncio.timeout(0):
            await confirm("Apply?")

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    os.close(typed)


def test_an_interpreter_ends_while_a_question_is_open() -> None:
    code = textwrap.dedent("""
        import asyncio
        from ropewalk.cli.prompt import confirm
        async def main():
            task = asyncio.create_task(confirm("?"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
        asyncio.run(main())
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b"? [Y/n] "


def _ask_on_a_terminal(code: str) -> tuple[int, bytes, int]:
    """Run code whose controlling terminal is ours to type on; return it and the terminal's other end."""
    pid, master = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", textwrap.dedent(code)])
    seen = b""
    while b"password: " not in seen:
        seen += os.read(master, 1000)
    return pid, seen, master


def test_a_secret_is_asked_for_on_the_terminal_and_not_shown() -> None:
    pid, _, master = _ask_on_a_terminal("""
        import asyncio
        from ropewalk.cli.prompt import ask_secret
        print(asyncio.run(ask_secret("password: ")) == "hunter2")
    """)
    assert not termios.tcgetattr(master)[3] & termios.ECHO
    os.write(master, b"hunter2\n")
    seen = b""
    while b"True" not in seen and b"False" not in seen:
        seen += os.read(master, 1000)
    assert os.waitpid(pid, 0)[1] == 0
    os.close(master)
    assert b"True" in seen
    assert b"hunter2" not in seen


def test_without_a_terminal_nobody_is_asked() -> None:
    code = "import asyncio; from ropewalk.cli.prompt import ask_secret; print(asyncio.run(ask_secret('x')))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, start_new_session=True
    )
    assert (done.stdout, done.stderr) == ("None\n", "")


def test_one_answer_serves_all_questions_of_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def answer(question: str) -> str:
        asked.append(question)
        return f"answer {len(asked)}"

    async def ask_all() -> list[str | None]:
        secrets = Secrets(same=("sudo password",))
        questions = ("[a] sudo password: ", "[b] sudo password: ", "passphrase: ", "passphrase: ")
        return list(await asyncio.gather(*(secrets(question) for question in questions)))

    monkeypatch.setattr(prompt, "ask_secret", answer)
    assert asyncio.run(ask_all()) == ["answer 1", "answer 1", "answer 2", "answer 3"]
    assert asked == ["[a] sudo password: ", "passphrase: ", "passphrase: "]


@pytest.mark.parametrize(("same", "expected"), [((), 2), (("sudo password",), 1)])
def test_sudo_passwords_are_asked_for_once_a_host_or_once(
    monkeypatch: pytest.MonkeyPatch, same: tuple[str, ...], expected: int
) -> None:
    asked: list[str] = []

    async def answer(question: str) -> str:
        asked.append(question)
        return "hunter2"

    async def ask_all() -> None:
        passwords = Passwords(Secrets(same=same))
        for host in ("a", "b", "a"):
            given = await passwords.asker(host)(Ask.SUDO)
            assert given is not None
            assert given.value == "hunter2"

    monkeypatch.setattr(prompt, "ask_secret", answer)
    asyncio.run(ask_all())
    assert asked == ["[a] sudo password: ", "[b] sudo password: "][:expected]


CLOSED = "import os, sys; {closing}; os.execv(sys.executable, [sys.executable, '-m', 'ropewalk', *sys.argv[1:]])"


def _with_closed(descriptors: str, *words: str) -> subprocess.CompletedProcess[str]:
    closing = CLOSED.format(closing=f"[os.close(n) for n in ({descriptors},)]")
    return subprocess.run(
        [sys.executable, "-c", closing, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("descriptors", ["0", "1", "2", "0, 1, 2"])
def test_streams_that_are_closed(tmp_path: Path, descriptors: str) -> None:
    touched = tmp_path / "touched"
    assert _with_closed(descriptors, "-y", "@local", "files.file", str(touched)).returncode == 0
    assert touched.exists()


def test_data_that_nobody_can_read_is_an_error() -> None:
    ended = _with_closed("1", "--json", "@local", "debug-inventory")
    assert ended.returncode != 0
    assert "standard output cannot be written" in ended.stderr
