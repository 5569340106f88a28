"""Global arguments become what a command needs to run."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ropewalk.model.command import Secret, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.shell.how import How, stdin_bytes
from ropewalk.shell.identity import Identity
from ropewalk.shell.interpolation import interpolated
from ropewalk.shell.paths import path_word
from ropewalk.shell.prompts import Ask


def test_nothing_given() -> None:
    how = How.of({})
    assert how == How(Identity(), {})
    assert (how.shell, how.temp_dir, how.stdin, how.pty, how.timeout, how.hidden) == (
        "sh",
        "/tmp",
        None,
        False,
        None,
        False,
    )


def test_everything_given() -> None:
    how = How.of(
        {
            "_sudo": True, "_sudo_password": "one", "_su_user": "x", "_su_password": Secret("two"),
            "_shell_executable": None, "_chdir": "/srv", "_env": {"A": 1, "B": "b"}, "_timeout": 2.5, "_get_pty": True,
            "_stdin": "in", "_temp_dir": "/var/tmp",
        }
    )  # fmt: skip
    assert how == How(
        identity=Identity(sudo=True, su_user="x"), passwords={Ask.SUDO: Secret("one"), Ask.SU: Secret("two")},
        shell=None, chdir="/srv", env=(("A", "1"), ("B", "b")), timeout=2.5, pty=True, stdin=b"in", temp_dir="/var/tmp",
    )  # fmt: skip


def test_no_secret_shows() -> None:
    secrets = {"_sudo_password": "hunter1", "_su_password": Secret("hunter2"), "_env": {"A": Secret("hunter3")},
               "_stdin": Secret("hunter4")}  # fmt: skip
    assert "hunter" not in repr(How.of(secrets))


def test_a_secret_in_the_environment_hides_the_command() -> None:
    how = How.of({"_env": {"TOKEN": Secret("t")}})
    assert (how.env, how.hidden) == ((("TOKEN", "t"),), True)


def test_the_default_directory_for_temporary_files() -> None:
    assert How.of({}, default_temp_dir="/d").temp_dir == "/d"
    assert How.of({"_temp_dir": None}, default_temp_dir="/d").temp_dir == "/d"
    assert How.of({"_temp_dir": "/t"}, default_temp_dir="/d").temp_dir == "/t"


@pytest.mark.parametrize(
    ("arguments", "equal"),
    [
        ({"_timeout": 1, "_get_pty": True, "_temp_dir": "/x", "_sudo_password": "p", "_stdin": "s"}, True),
        ({"_sudo": True}, False),
        ({"_shell_executable": "bash"}, False),
        ({"_chdir": "/"}, False),
        ({"_env": {"A": "1"}}, False),
    ],
)
def test_what_makes_two_reads_the_same(arguments: dict[str, Any], equal: bool) -> None:
    assert (How.of(arguments).key() == How.of({}).key()) is equal
    assert isinstance(hash(How.of(arguments).key()), int)


class Lines:
    """Like a file, but without ``read``."""

    def readlines(self) -> list[str]:
        return ["a\n", "b"]


class Pipe:
    """A file that cannot go back to its start."""

    def read(self) -> bytes:
        return b"once"


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None),
        ("", b""),
        ("a\nb", b"a\nb"),
        (b"\xff\0", b"\xff\0"),
        (bytearray(b"x"), b"x"),
        ("é\udcff", b"\xc3\xa9\xff"),
        (Secret("s"), b"s"),
        ([], b""),
        (["a", "b\n", b"c", Secret("d")], b"a\nb\nc\nd\n"),
        (("a",), b"a\n"),
        ((line for line in ["a", "b"]), b"a\nb\n"),
        (io.StringIO("text"), b"text"),
        (io.BytesIO(b"bytes"), b"bytes"),
        (Lines(), b"a\nb"),
        (Pipe(), b"once"),
    ],
)
def test_standard_input(value: Any, data: bytes | None) -> None:
    assert stdin_bytes(value) == data


def test_a_file_is_read_from_its_start_each_time() -> None:
    file = io.StringIO("text")
    file.read()
    assert [stdin_bytes(file), stdin_bytes(file)] == [b"text", b"text"]


@pytest.mark.parametrize(("value", "what"), [(5, "int"), ([5], "int"), ([["a"]], "list"), (object(), "object")])
def test_what_cannot_be_read(value: Any, what: str) -> None:
    with pytest.raises(OperationValueError, match=what):
        stdin_bytes(value)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/a b", "cat '/a b'"),
        ("~", "cat ~"),
        ("~/", "cat ~/"),
        ("~/a b", "cat ~/'a b'"),
        ("~user/x", "cat '~user/x'"),
        ("-n", "cat ./-n"),
        ("(", "cat './('"),
        ("!", "cat './!'"),
        (",x", "cat ./,x"),
        ("$HOME", "cat '$HOME'"),
        ("", "cat ''"),
    ],
)
def test_paths(path: str, text: str) -> None:
    assert sh("cat", path_word(path)).render() == text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", '""'),
        ("$HOME it's", '"$HOME it\'s"'),
        ('say "x"', '"say \\"x\\""'),
        ('\\"', '"\\""'),
        ("\\$x \\.", '"\\$x \\."'),
        ("a\\", '"a\\\\"'),
        ("a\\\\", '"a\\\\"'),
    ],
)
def test_interpolated_text_is_one_word(text: str, word: str) -> None:
    assert interpolated(text) == word
