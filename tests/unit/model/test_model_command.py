"""Commands are quoted by construction, masked by default, and equal when they do the same."""

from __future__ import annotations

import io
import shlex
from typing import Any

import pytest

from ropewalk.model.command import (
    Call,
    Download,
    Joined,
    Raw,
    Renderable,
    Rsync,
    Secret,
    Shell,
    Upload,
    UploadTree,
    describe_source,
    joined,
    sh,
)

HOSTILE = [
    "",
    " ",
    "a b",
    "it's",
    '"',
    "$HOME",
    "`id`",
    "$(id)",
    "a;b",
    "a\nb",
    "*",
    "\\",
    "-rf",
    "~",
    "é\udcff",
    "#x",
    "!x",
]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_word_is_one_word_whatever_is_in_it(word: str) -> None:
    assert shlex.split(sh("echo", word).render()) == ["echo", word]
    assert shlex.split(sh("echo", Secret(word)).render(reveal=True)) == ["echo", word]
    assert shlex.split(sh("echo", joined("--x=", Secret(word), word)).render(reveal=True)) == [
        "echo",
        f"--x={word}{word}",
    ]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_command_inside_a_command_is_one_word_at_any_depth(word: str) -> None:
    command = sh("echo", word)
    for _ in range(3):
        command = sh("sh", "-c", command)
    text = command.render()
    for _ in range(3):
        program, option, text = shlex.split(text)
        assert (program, option) == ("sh", "-c")
    assert shlex.split(text) == ["echo", word]


def test_raw_is_the_only_thing_that_is_not_quoted() -> None:
    assert sh("cat", "a b", Raw("| wc >"), "$x").render() == "cat 'a b' | wc > '$x'"


def test_a_secret_shows_only_when_revealed() -> None:
    command = sh("sh", "-c", sh("login", joined("--password=", Secret("hunter 2")), Secret("k", shown="KEY")))
    assert "hunter" not in str(command)
    assert "hunter" not in repr(command)
    assert shlex.split(command.render())[2] == "login '--password=*****' KEY"
    assert shlex.split(shlex.split(command.render(reveal=True))[2]) == ["login", "--password=hunter 2", "k"]


def test_a_secret_never_shows_as_text() -> None:
    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {[secret]} {secret!s}" == "***** ***** [*****] *****"
    assert repr(Upload(secret, "/x")) == repr(Upload(Secret("other"), "/x"))


@pytest.mark.parametrize("wrong", [None, 5, b"x", ["a"]])
def test_words_must_be_text(wrong: Any) -> None:
    with pytest.raises(TypeError, match="made of text"):
        sh("echo", wrong).render()
    with pytest.raises(TypeError, match="made of text"):
        sh("echo", Joined(("a", wrong))).render()


def test_equal_when_they_do_the_same() -> None:
    assert sh("a", Secret("x"), _sudo=True) == Shell(("a", Secret("x", shown="?")), {"_sudo": True})
    assert sh("a") != sh("a", _sudo=True)
    assert sh("a", Secret("x")) != sh("a", Secret("y"))
    assert len({sh("a"), sh("a"), sh("b")}) == 2


def test_what_is_renderable() -> None:
    assert isinstance(sh("a"), Renderable)
    assert not isinstance("text", Renderable)
    assert not isinstance(Upload(b"", "/x"), Renderable)


def a_function() -> None:
    """Only named."""


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (sh("a", "b c"), "a 'b c'"),
        (Upload("/from", "/to"), "upload /from to /to"),
        (Upload(b"content", "/to"), "upload given content to /to"),
        (Upload(Secret("content"), "/to"), "upload given content to /to"),
        (Upload(io.StringIO("content"), "/to"), "upload given content to /to"),
        (Download("/from", "/to"), "download /from to /to"),
        (Download("/from", io.BytesIO()), "download /from to given content"),
        (UploadTree("/r", {"a": ("/a", None)}), "upload 1 file to /r"),
        (UploadTree("/r", {"a": ("/a", None), "b": ("/b", "600")}), "upload 2 files to /r"),
        (Call(a_function), "call a_function"),
        (Rsync("/a", "/b", ("-a", "-z")), "rsync -a -z /a /b"),
        (Rsync("/a", "/b"), "rsync /a /b"),
    ],
)
def test_what_people_see(step: Any, text: str) -> None:
    assert str(step) == text


def test_a_callable_without_a_name_is_shown_all_the_same() -> None:
    class Odd:
        def __call__(self) -> None: ...
        def __repr__(self) -> str:
            return "odd one"

    assert str(Call(Odd())) == "call odd one"


def test_an_open_file_is_named(tmp_path: Any) -> None:
    with open(tmp_path / "f", "w+") as file:
        assert describe_source(file) == str(tmp_path / "f")
    numbered = io.BytesIO()
    numbered.name = 5  # as of a file that was opened by its descriptor
    assert describe_source(numbered) == "given content"
