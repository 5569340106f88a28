"""Whatever text a deploy passes on reaches programs byte by byte, through every shell that hosts have."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ropewalk.model.command import Raw, Secret, joined, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.model.v3command import QuoteString, StringCommand
from ropewalk.shell.identity import Identity
from ropewalk.shell.script import LONGEST_ARGUMENT, Script, script
from ropewalk.shell.transfer import upload_script
from support.hostile import HOSTILE
from support.shells import SHELLS, feed, shell

END = "end-of-script-5d1c"
ECHO = ("printf", "%s\\0")

_SPECIAL = st.text(alphabet="\"'`$\\!*?[]{}()<>|&;#~=%^-+@:,. \t\r\n\x01\x07\x1b\x7f\x81\x88é\u2028☃😀", max_size=20)
_BYTES = st.binary(max_size=20).map(lambda data: data.replace(b"\0", b"").decode("utf-8", "surrogateescape"))
#: Text as it comes: any of Unicode but NUL, what shells know a meaning for, and bytes that are no text.
texts = st.one_of(
    st.sampled_from(HOSTILE),
    _SPECIAL,
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
    _BYTES,
    _SPECIAL.map(lambda text: f"-{text}"),
)
#: Names of files: no slash, not too long, neither of the two that every directory has.
names = texts.map(lambda text: text.replace("/", "")[:60]).filter(lambda text: text not in ("", ".", ".."))

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
every_shell = pytest.mark.parametrize("reader", SHELLS)


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def said(reader: str, *scripts: Script, **options: Any) -> list[bytes]:
    """Return what the scripts wrote, item by item; they must succeed, and say nothing else."""
    done = feed(shell(reader), "".join(map(str, scripts)), **options)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"\0")
    return done.stdout[:-1].split(b"\0")


def ways(text: str) -> list[str]:
    """Return commands that all write this text, each in another way."""
    prefix, suffix = text[: len(text) // 2], text[len(text) // 2 :]
    commands = [
        sh(*ECHO, text),
        sh(*ECHO, Secret(text)),
        sh(*ECHO, joined(prefix, Secret(suffix))),
        sh("sh", "-c", sh(*ECHO, text)),
        sh("sh", "-c", sh("bash", "-c", sh(*ECHO, joined(prefix, suffix)))),
        sh(*ECHO, text, Raw("|"), "cat"),
        StringCommand("printf", QuoteString("%s\\0"), QuoteString(text)),
        StringCommand("sh -c", QuoteString(StringCommand("printf '%s\\0'", QuoteString(text)))),
    ]
    return [command.render(reveal=True) for command in commands]


SURROUNDINGS: list[dict[str, Any]] = [
    {}, {"shell": None}, {"hidden": True}, {"hidden": True, "shell": None}, {"shell": "bash"}, {"env": {"A": "b"}},
]  # fmt: skip


@every_shell
@settings(few, max_examples=12)
@given(text=texts)
@example(text="")
@example(text="'" * 50)
@example(text="\\" * 51)
@example(text="a\n\nb\n\n")
@example(text=f"a\n{END}\nb")
@example(text="".join(map(chr, range(1, 256))))
def test_arguments(reader: str, text: str) -> None:
    commands = ways(text)
    for surroundings in SURROUNDINGS:
        if surroundings.get("hidden") and END in text:
            continue  # the delimiter is made so that nobody can guess it
        scripts = [script(command, delimiter=END, **surroundings) for command in commands]
        assert said(reader, *scripts) == [raw(text)] * len(commands), surroundings


@every_shell
@few
@given(values=st.lists(texts, min_size=1, max_size=5))
def test_environment_variables(reader: str, values: list[str]) -> None:
    env = {f"V{number}": value for number, value in enumerate(values)}
    for hidden in (False, True):
        mine = [script(sh(*ECHO, Raw(f'"${name}"')).render(), delimiter=END, env=env, hidden=hidden) for name in env]
        assert said(reader, *mine) == [raw(value) for value in values]
    everything = set(said(reader, script("env -0", delimiter=END, env=env)))
    assert {raw(f"{name}={value}") for name, value in env.items()} <= everything


@every_shell
@few
@given(name=names, inside=texts)
def test_directories(reader: str, name: str, inside: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cwd = os.path.realpath(folder)
        os.mkdir(os.path.join(raw(cwd), raw(name)))
        wanted = raw(cwd) + b"/" + raw(name)
        command = sh("sh", "-c", 'readlink -z /proc/self/cwd; printf "%s\\0" "$1"', "sh", inside).render()
        given = [f"{cwd}/{name}"] if name.startswith("~") else [name, f"{cwd}/{name}"]
        scripts = [script(command, delimiter=END, chdir=directory) for directory in given]
        assert said(reader, *scripts, cwd=Path(cwd)) == [wanted, raw(inside)] * len(given)


@every_shell
@few
@given(name=names, content=st.binary(max_size=200))
def test_names_of_uploaded_files(reader: str, name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for dest in (f"{folder}/{name}", f"./{name}"):
            text, body = upload_script(
                dest, size=len(content), mode="640", user=None, group=None, temp_dir="/tmp", delimiter=END,
                content=content,
            )  # fmt: skip
            line = script(text, delimiter=END, shell=None, attached=body)
            done = feed(shell(reader), str(line), cwd=Path(folder))
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
            assert os.listdir(raw(folder)) == [raw(name)]
            path = os.path.join(raw(folder), raw(name))
            with open(path, "rb") as file:
                assert file.read() == content
            assert os.stat(path).st_mode & 0o7777 == 0o640
            os.unlink(path)


#: Programs that become another user, but do not: they tell who was asked for, and start what they are given as the
#: real ones do. su hands a command line to a shell; sudo -i puts a backslash before nearly everything.
FAKES = {
    "sudo": """#!/bin/bash
login= user=root
while [ "$1" != -- ]; do
  case $1 in -i) login=1;; -u) user=$2; shift;; -H|-S|-E) ;; *) echo "sudo: $1?" >&2; exit 1;; esac
  shift
done
shift
printf '%s\\0' "$user"
[ -n "$login" ] || exec "$@"
line=
for word; do
  while [ -n "$word" ]; do
    c=${word:0:1} word=${word:1}
    case $c in [a-zA-Z0-9_-]|'$') line+=$c;; *) line+=\\\\$c;; esac
  done
  line+=' '
done
exec sh -c "$line"
""",
    "su": """#!/bin/sh
shell=sh
while :; do
  case $1 in -l|-m) shift;; -s) shell=$2; shift 2;; *) break;; esac
done
printf '%s\\0' "$1"
[ "$2" = -c ] && [ $# = 3 ] || { echo "su: $*?" >&2; exit 1; }
exec "$shell" -c "$3"
""",
}
IDENTITIES: list[dict[str, Any]] = [
    {"_sudo": True}, {"_sudo": True, "_use_sudo_login": True}, {"_su": True}, {"_su": True, "_use_su_login": True},
    {"_su": True, "_su_shell": "bash"}, {"_sudo": True, "_su": True}, {"_sudo": True, "_su": True, "_su_shell": "dash"},
    {"_sudo": True, "_use_sudo_login": True, "_su": True},
]  # fmt: skip


@pytest.fixture(scope="module")
def fakes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("programs")
    for name, text in FAKES.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "LC_ALL": "C"}


@few
@given(user=names.filter(lambda name: not name.startswith("-")), texts=st.lists(texts, min_size=1, max_size=3))
def test_users_and_what_they_run(fakes: dict[str, str], user: str, texts: list[str]) -> None:
    for arguments in IDENTITIES:
        asked = {key: value for key, value in arguments.items() if key != "_su"}
        asked |= {"_su_user": user} if "_su" in arguments else {"_sudo_user": user}
        argv = Identity.of(asked).argv(["sh", "-c", shlex.join([*ECHO, *texts])])
        done = subprocess.run(list(map(raw, argv)), env=fakes, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, b""), asked
        users = [b"root"] * ("_sudo" in asked and "_su" in arguments) + [raw(user)]
        assert done.stdout == b"".join(word + b"\0" for word in [*users, *map(raw, texts)]), asked


@pytest.mark.root
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(texts, min_size=1, max_size=3))
@example(texts=HOSTILE)
def test_the_real_programs(texts: list[str]) -> None:
    for arguments in ({"_sudo": True}, {"_sudo": True, "_use_sudo_login": True}, {"_su_user": "root"}):
        argv = Identity.of(arguments).argv(["sh", "-c", shlex.join([*ECHO, *texts])])
        if not shutil.which(program := "su" if "_su_user" in arguments else "sudo"):
            pytest.skip(f"{program} is not installed")
        done = subprocess.run(list(map(raw, argv)), capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stdout == b"".join(raw(text) + b"\0" for text in texts)


@every_shell
@pytest.mark.parametrize("unit", ["x", "'", "☃", "😀", "\udcff", "a b\n"])
def test_very_long_text(reader: str, unit: str) -> None:
    """Longer than an argument can be; the length that matters is that in bytes."""
    for length in (LONGEST_ARGUMENT // len(unit) - 100, LONGEST_ARGUMENT // len(unit) + 100):
        text = unit * length
        assert said(reader, script(sh(*ECHO, text).render(), delimiter=END)) == [raw(text)]


@pytest.mark.parametrize(
    "given", [{"command": "echo a\0b"}, {"env": {"A": "x\0"}}, {"chdir": "/tmp\0"}], ids=["command", "env", "chdir"]
)
def test_what_no_program_can_be_told_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(OperationValueError, match="NUL"):
        script(**{"command": "true", "delimiter": END, **given})
