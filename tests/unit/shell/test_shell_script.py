"""A command means the same in all of its surroundings, and secrets stay out of argument vectors."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from ropewalk.model.command import sh
from ropewalk.model.errors import OperationValueError
from ropewalk.shell.script import LONGEST_ARGUMENT, Script, heredoc, script
from support.shells import SHELLS, feed, shell

END = "end-of-script-f00"


@pytest.fixture(params=SHELLS)
def reader(request: pytest.FixtureRequest) -> list[str]:
    """The shell that reads the script."""
    return shell(request.param)


def output(reader: list[str], command: str, cwd: Path | None = None, **options: Any) -> str:
    done = feed(reader, str(script(command, delimiter=END, **options)), cwd=cwd)
    assert done.stderr == b"", done.stderr.decode()
    assert done.returncode == 0
    return done.stdout.decode("utf-8", "surrogateescape")


VARIANTS: list[dict[str, Any]] = [
    {},
    {"shell": None},
    {"shell": "bash"},
    {"hidden": True},
    {"hidden": True, "shell": None},
    {"chdir": "/"},
    {"env": {"X": "it's $HOME"}},
    {"chdir": "/", "env": {"X": "it's $HOME"}, "hidden": True},
    {"chdir": "/", "env": {"X": "it's $HOME"}, "hidden": True, "shell": None},
]


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_every_variant(reader: list[str], options: dict[str, Any], tmp_path: Path) -> None:
    command = 'printf "%s|" "$PWD" "$X" \'a "b" $c `d` \\ é\'\nprintf "two\nlines"; cat; exit 0'
    where = "/" if "chdir" in options else str(tmp_path)
    expected = f"""{where}|{options.get("env", {}).get("X", "")}|a "b" $c `d` \\ é|two\nlines"""
    assert output(reader, command, tmp_path, **options) == expected


@pytest.mark.parametrize("shell_executable", ["sh", None, "bash -e", "busybox sh"])
@pytest.mark.parametrize("hidden", [False, True])
def test_the_status_is_the_commands(reader: list[str], shell_executable: str | None, hidden: bool) -> None:
    line = script("true; (exit 4)", delimiter=END, shell=shell_executable, hidden=hidden, env={"A": "b"})
    assert feed(reader, str(line)).returncode == 4


@pytest.mark.parametrize("name", ["a b", "-x", "$HOME", "`id`", "a;b", "a\nb", "é", "*", "~", "#", "it's", "a'b'c"])
@pytest.mark.parametrize("options", [{}, {"env": {"A": "b"}}, {"chdir": "."}], ids=str)
def test_plain_calls_need_no_shell_of_their_own(
    reader: list[str], name: str, options: dict[str, Any], tmp_path: Path
) -> None:
    assert output(reader, sh("mkdir", "-m", "700", "--", name).render(), tmp_path, **options) == ""
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_only_plain_calls_go_without_a_shell() -> None:
    def runs(command: str, **options: Any) -> str:
        return script(command, delimiter=END, **options).line

    assert runs("mkdir -p /a 'b c'") == "mkdir -p /a 'b c' </dev/null"
    assert runs("mkdir /a", shell="bash").startswith("bash -c ")
    for more in ("/a; id", "$x", "/a &", "/a\nid", "~", "a*", "a >b", "'a", "\\", "a #b", "{a,b}", "a  b", "-m 'a'b"):
        assert runs(f"mkdir {more}").startswith("sh -c "), more
    for command in ("x=1 mkdir /a", "cd /", "mkdirs /a", "! mkdir a"):
        assert runs(command).startswith("sh -c "), command


def test_options_of_the_shell_are_kept(reader: list[str]) -> None:
    assert output(reader, "false | true; echo $?", shell="bash -o pipefail") == "1\n"


@pytest.mark.parametrize("shell", ["sh '", "", " "])
def test_a_shell_that_is_no_command_line(shell: str) -> None:
    with pytest.raises(OperationValueError, match="_shell_executable"):
        script("true", delimiter=END, shell=shell)


def test_a_shell_of_another_kind_reads_a_hidden_command_from_a_file(reader: list[str]) -> None:
    assert output(reader, "import sys\nprint('it is', len(sys.argv))", shell="python3 -I", hidden=True) == "it is 1\n"


@pytest.mark.parametrize("options", [{"hidden": True}, {"hidden": True, "env": {"TOKEN": "hunter2"}}], ids=str)
def test_what_is_hidden_is_in_no_argument_vector(reader: list[str], options: dict[str, Any]) -> None:
    command = "secret=hunter2; for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null"
    seen = output(reader, command, **options)
    assert "hunter2" not in seen
    assert str(os.getpid()) or seen  # something was seen
    assert "cat" in seen or "tr" in seen


def test_what_is_too_long_for_an_argument_works_all_the_same(reader: list[str]) -> None:
    text = "x" * (LONGEST_ARGUMENT + 50_000)
    assert output(reader, f"printf %s {text}") == text
    assert "9<<" in str(script(f"echo {text}", delimiter=END))
    assert "9<<" not in str(script("echo " + "x" * 90_000, delimiter=END))


def test_a_long_command_without_a_shell_needs_no_document(reader: list[str]) -> None:
    text = "x" * (LONGEST_ARGUMENT + 50_000)
    assert output(reader, f"printf %s {text}", shell=None) == text


def test_a_hidden_command_has_its_own_standard_input(reader: list[str]) -> None:
    assert output(reader, "cat; { cat <&9; } 2>/dev/null || echo closed", hidden=True) == "closed\n"


def test_attached_content_is_on_descriptor_8(reader: list[str]) -> None:
    body = heredoc("content $x `y` \\\n", END)
    for options in VARIANTS:
        if options.get("shell", "sh") is None:
            continue
        assert output(reader, "cat <&8", attached=body, **options) == "content $x `y` \\\n"
    line = str(script("cat <&8", delimiter=END, attached=body, shell=None))
    assert feed(reader, line).stdout == b"content $x `y` \\\n"


def test_commands_after_it_are_not_touched(reader: list[str]) -> None:
    first = script("cat; cd /; exit 3", delimiter=END, env={"A": "1"}, hidden=True, attached=heredoc("x\n", END))
    done = feed(reader, f"{first}echo $? $A $PWD\n", cwd=Path("/usr"), env={"A": ""})
    assert done.stdout == b"3 /usr\n"


def test_the_command_may_read_what_follows(reader: list[str]) -> None:
    # As the last thing in a shell that got the script as an argument.
    line = script("cat", delimiter=END, read_stdin=True, env={"A": "b"})
    assert feed([*reader, "-c", str(line)], "given").stdout == b"given"
    assert feed([*reader, "-c", str(script("cat", delimiter=END))], "given").stdout == b""


@pytest.mark.parametrize("name", ["-", "-P", "a b", "it's", "$x", "~x", "#", "a\nb", "..x", "é"])
def test_directories(reader: list[str], name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / "elsewhere" / name).mkdir(parents=True)
    for where in (name, str(tmp_path / name)):
        if where == "~x":  # a home directory
            continue
        line = script("pwd -P", delimiter=END, chdir=where)
        done = feed(reader, str(line), cwd=tmp_path, env={"OLDPWD": "/", "CDPATH": str(tmp_path / "elsewhere")})
        assert (done.stdout.decode(), done.stderr) == (f"{tmp_path / name}\n", b"")


@pytest.mark.parametrize(("where", "below"), [("~", ""), ("~/a b", "/a b"), ("~/", ""), ("~/$x", "/$x")])
def test_home_directories(reader: list[str], where: str, below: str, tmp_path: Path) -> None:
    for name in ("a b", "$x"):
        (tmp_path / name).mkdir()
    done = feed(reader, str(script("pwd -P", delimiter=END, chdir=where)), env={"HOME": str(tmp_path)})
    assert done.stdout.decode() == f"{tmp_path}{below}\n"


def test_home_directories_of_others(reader: list[str]) -> None:
    homes = [(user.pw_name, user.pw_dir) for user in pwd.getpwall() if user.pw_uid != os.getuid()]
    found = [(name, home) for name, home in homes if os.path.realpath(home) == home and os.access(home, os.X_OK)]
    if not found:
        pytest.skip("nobody else has a home directory that this user may enter")
    name, home = found[0]
    assert feed(reader, str(script("pwd", delimiter=END, chdir=f"~{name}"))).stdout == f"{home}\n".encode()


def test_a_tilde_before_what_is_no_user_is_a_name(reader: list[str], tmp_path: Path) -> None:
    (tmp_path / "~a b").mkdir()
    assert output(reader, "pwd -P", tmp_path, chdir="~a b") == f"{tmp_path}/~a b\n"


def test_a_missing_directory_fails_before_the_command_runs(reader: list[str], tmp_path: Path) -> None:
    for shell_executable in ("sh", None):
        done = feed(reader, str(script("echo ran", delimiter=END, shell=shell_executable, chdir=str(tmp_path / "no"))))
        assert done.returncode != 0
        assert b"ran" not in done.stdout
        assert str(tmp_path / "no").encode() in done.stderr


@pytest.mark.parametrize("value", ["", " ", "it's", '"$HOME"', "a\nb", "\\", "`x`", "é"])
def test_environment(reader: list[str], value: str) -> None:
    assert output(reader, 'printf %s "$ONE|$TWO_2"', env={"ONE": value, "TWO_2": "b"}) == f"{value}|b"
    assert output(reader, 'printf %s "$ONE"', env={"ONE": value}, shell=None) == value


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A=B", "$(id)", "Ä", "A\n"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(OperationValueError, match="cannot be the name") as caught:
        script("true", delimiter=END, env={name: "x"})
    assert caught.value.hint


def test_parts() -> None:
    assert str(Script("a", "\nb\nEND")) == "a\nb\nEND\n"
    assert heredoc("x\n", "END") == "\nx\nEND"
    assert script("id", delimiter=END) == Script("sh -c id </dev/null")
