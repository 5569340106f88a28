"""v3's spellings of commands: what is quoted, what is masked, what is equal."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ropewalk.model.command import Call, Download, Raw, Renderable, Rsync, Secret, Upload, joined, sh
from ropewalk.model.v3command import (
    FileDownloadCommand,
    FileUploadCommand,
    FunctionCommand,
    HiddenValue,
    MaskString,
    QuoteString,
    RsyncCommand,
    StringCommand,
    make_formatted_string_command,
    secrets_in,
)


@pytest.mark.parametrize(
    ("command", "shown", "sent"),
    [
        (StringCommand("a", "b c"), "a b c", "a b c"),
        (StringCommand("a", 5, None), "a 5 None", "a 5 None"),
        (StringCommand("a", "b", _separator=""), "ab", "ab"),
        (StringCommand("cat", QuoteString("b c")), "cat 'b c'", "cat 'b c'"),
        (StringCommand("sh -c", QuoteString(StringCommand("echo", QuoteString("x y")))),
         """sh -c 'echo '"'"'x y'"'"''""", """sh -c 'echo '"'"'x y'"'"''"""),
        (StringCommand("p", MaskString("pass")), "p *MASKED*", "p pass"),
        (StringCommand("p", QuoteString(MaskString("a b"))), "p '*MASKED*'", "p 'a b'"),
        (StringCommand("p", HiddenValue("pass")), "p *MASKED*", "p pass"),
        (StringCommand("p", QuoteString(HiddenValue("a b", "???"))), "p '???'", "p 'a b'"),
        (StringCommand("p", Secret("pass")), "p *****", "p pass"),
        (StringCommand("a", Raw("|"), joined("x=", Secret("y z"))), "a | 'x=*****'", "a | 'x=y z'"),
        (StringCommand("nested", StringCommand("a", MaskString("m"))), "nested a *MASKED*", "nested a m"),
        (StringCommand("new", sh("echo", "x y", Secret("s"))), "new echo 'x y' '*****'", "new echo 'x y' s"),
        (StringCommand(), "", ""),
    ],
)  # fmt: skip
def test_rendering(command: StringCommand, shown: str, sent: str) -> None:
    assert (command.render(), command.render(reveal=True)) == (shown, sent)
    assert (command.get_masked_value(), command.get_raw_value()) == (shown, sent)
    assert str(command) == shown
    assert repr(command) == f"StringCommand({shown})"


def test_commands_carry_arguments() -> None:
    command = StringCommand("a", _sudo=True)
    assert command.arguments == command.connector_arguments == {"_sudo": True}


def test_equality_is_by_what_is_sent() -> None:
    assert StringCommand("a", "b") == StringCommand("a b")
    assert StringCommand("a") != StringCommand("a", _sudo=True)
    assert StringCommand("a", MaskString("x")) != StringCommand("a", MaskString("y"))
    assert StringCommand("a") != "a"
    assert QuoteString("a b") == QuoteString("a b")
    assert QuoteString(HiddenValue("a")) != QuoteString(HiddenValue("b"))
    assert QuoteString("a") != "a"
    assert len({StringCommand("a"), StringCommand("a")}) == 1
    assert len({QuoteString("a"), QuoteString("a")}) == 1


def test_secrets_do_not_show() -> None:
    assert "pass" not in repr(QuoteString(HiddenValue("pass")))
    assert repr(HiddenValue("pass")) == "*MASKED*"
    assert HiddenValue("pass").unmask() == "pass"
    assert isinstance(HiddenValue("x"), Secret)


def test_they_are_commands() -> None:
    assert isinstance(StringCommand("x"), Renderable)
    assert isinstance(QuoteString("x"), Renderable)
    # ... and so can be words of a new command, quoted whole there.
    assert sh("sh", "-c", StringCommand("echo", QuoteString("a b"))).render() == """sh -c 'echo '"'"'a b'"'"''"""


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        ("text", []),
        (None, []),
        (Secret("a"), ["a"]),
        (MaskString("a"), ["a"]),
        (joined("x", Secret("a")), ["a"]),
        (sh("x", Secret("a"), sh("y", joined(Secret("b")))), ["a", "b"]),
        (StringCommand("x", MaskString("a"), StringCommand(HiddenValue("b"))), ["a", "b"]),
        (QuoteString(HiddenValue("a")), ["a"]),
        (QuoteString(StringCommand(MaskString("a"))), ["a"]),
        ({"k": Secret("a"), "l": [Secret("b"), ("c", MaskString("d"))]}, ["a", "b", "d"]),
        ({"_env": {"X": Secret("a")}}, ["a"]),
        ({Secret("a")}, ["a"]),
        (Upload(Secret("a"), "/x"), ["a"]),
        (Upload(b"a", "/x"), []),
        (make_formatted_string_command("mysql -p{0} {name}", MaskString("a"), name=HiddenValue("b")), ["a", "b"]),
    ],
)
def test_secrets_are_found_wherever_they_are(value: Any, secrets: list[str]) -> None:
    assert sorted(set(secrets_in(value))) == secrets


@pytest.mark.parametrize(
    ("text", "args", "kwargs", "shown"),
    [
        ("echo {0}", (QuoteString("a b"),), {}, "echo 'a b'"),
        ("echo {0} {0}", ("x",), {}, "echo x x"),
        ("mysql -p{password} -e {sql}", (), {"password": MaskString("p w"), "sql": QuoteString("a;b")},
         "mysql -p*MASKED* -e 'a;b'"),
        ("a 'b c' d", (), {}, "a b c d"),
    ],
)  # fmt: skip
def test_formatted_commands(text: str, args: Any, kwargs: Any, shown: str) -> None:
    assert str(make_formatted_string_command(text, *args, **kwargs)) == shown


def test_formatted_commands_send_their_secrets() -> None:
    command = make_formatted_string_command("x {0}", QuoteString(HiddenValue("a b")))
    assert command.render(reveal=True) == "x 'a b'"


def test_other_commands_are_steps() -> None:
    source, dest = io.BytesIO(), io.BytesIO()
    assert FileUploadCommand(source, "/d", "/tmp/x", _sudo=True).step() == Upload(
        source, "/d", arguments={"_sudo": True}
    )
    assert FileDownloadCommand("/s", dest, None, _su_user="x").step() == Download("/s", dest, {"_su_user": "x"})
    assert FunctionCommand(print, ["a"], {"end": ""}, _sudo=True).step() == Call(
        print, ("a",), {"end": ""}, {"_sudo": True}
    )
    assert RsyncCommand("/a", "/b", ["-a"], _sudo=True).step() == Rsync("/a", "/b", ("-a",), {"_sudo": True})
