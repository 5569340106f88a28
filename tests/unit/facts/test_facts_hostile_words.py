"""Whatever a path, pattern or marker holds, the command of a fact keeps its structure: proven by running it."""

from __future__ import annotations

import hashlib
import os
import shutil
import string
import tempfile
from pathlib import Path

import pytest
from fact_reader import SHELLS, Reader, make_reader
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ropewalk.api.fact import FactBase
from ropewalk.facts import apt, deb, files, gpg, server, systemd
from ropewalk.model.command import Shell
from ropewalk.shell.interpolation import interpolated
from ropewalk.shell.paths import path_word

NASTY = [
    "a b", "-n", "--help", "-", "*", "?", "[a]", "~", "~root", "$HOME", "`touch CANARY`", "$(touch CANARY)",
    "a;touch CANARY", "a'b", 'a"b', "a\nb", "\\", "a\\", "!x", "#x", "a=b", "=", "(", ")", "&", "|", "<", ">", "{a,b}",
    "\t", "é", "%s", "..x", "';touch CANARY;'", '";touch CANARY;"', "\ntouch CANARY\n", "!", "-e", "\x7f", "\x01",
]  # fmt: skip
names = st.text(st.sampled_from(string.printable + "éß~-"), min_size=1, max_size=12).filter(
    lambda name: "/" not in name and "\r" not in name and name not in (".", "..")
)
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=SHELLS)
def scratch(request):
    """A reader that works in a directory of its own."""
    directory = tempfile.mkdtemp()
    reader = make_reader(request.param)
    reader.cwd, reader.env["HOME"] = directory, directory
    yield reader
    shutil.rmtree(directory)


def in_scratch(reader: Reader, name: str, content: bytes) -> Path:
    path = Path(reader.cwd or "") / name
    path.write_bytes(content)
    return path


def examples(function):
    for name in NASTY:
        function = example(name=name)(function)
    return function


@some
@given(name=names)
@examples
def test_paths_are_literal(scratch, name):
    path = in_scratch(scratch, name, b"line\n")
    try:
        # A name on its own may begin with a tilde that stands for the home directory.
        for spelling in (str(path), f"./{name}" if name.startswith("~") else name):
            assert scratch(files.File, spelling)["size"] == 5
            assert scratch(files.FileContents, spelling) == ["line"]
            assert scratch(files.Sha1File, spelling) == hashlib.sha1(b"line\n").hexdigest()
            assert scratch(files.FindInFile, spelling, "l") == ["line"]
            assert scratch(files.Block, spelling) == []
            assert len(scratch(files.FindFiles, spelling)) == 1
        assert os.listdir(scratch.cwd) == [name]
    finally:
        path.unlink()


@some
@given(name=names)
@examples
def test_a_missing_path_does_nothing(scratch, name):
    for fact in (files.File, files.Link, files.FileContents, files.Sha256File):
        assert scratch(fact, f"{name}/{name}") is None
    assert os.listdir(scratch.cwd) == []


@pytest.mark.parametrize("name", [name for name in NASTY if "/" not in name])
def test_the_home_directory(scratch, name):
    in_scratch(scratch, name, b"x")
    assert scratch(files.File, f"~/{name}")["size"] == 1
    assert scratch(files.Directory, "~")
    assert scratch(files.Directory, "~/")


def test_another_users_home_is_a_name_like_any_other(scratch):
    assert scratch(files.Directory, "~root") is None


@some
@given(name=st.text(st.sampled_from(string.printable), max_size=12))
@examples
def test_patterns_and_markers_are_one_word(scratch, name):
    in_scratch(scratch, "file", b"line\n")
    marker = name.replace("\n", " ") + "{mark}"
    assert scratch(files.Block, "file", marker=marker) == []
    text = name.replace("\n", " ").replace("\r", " ")
    escaped = "".join(f"\\{c}" if c in r"\.[]*^$" else c for c in text)
    in_scratch(scratch, "file", f"x{text}y\n".encode())
    assert scratch(files.FindInFile, "file", f"x{escaped}y") == [f"x{text}y"]
    assert os.listdir(scratch.cwd) == ["file"]


@some
@given(name=st.text(st.sampled_from("ab\"'\\;|&<> \n(){}~*"), max_size=10))
def test_text_that_is_interpolated_stays_one_word(scratch, name):
    class Echo(FactBase[str]):
        def command(self) -> Shell:
            from ropewalk.model.command import Raw, sh

            return sh("printf", "%s", Raw(interpolated(name)), Raw('"|$VALUE"'))

    scratch.env["VALUE"] = "v"
    assert (scratch(Echo) or "").endswith("|v")
    assert os.listdir(scratch.cwd) == []


@pytest.mark.parametrize("value", [value for value in NASTY if value != "~"])
def test_words_of_other_facts_are_literal(scratch, value):
    """The facts may fail, as there is no such package or unit; nothing else may happen."""
    scratch.env["PATH"] = f"{scratch.cwd}:{scratch.env['PATH']}"
    for program in ("systemctl", "sysctl", "dpkg-query", "gpg", "apt-get"):
        fake = in_scratch(scratch, program, b'#!/bin/sh\nprintf "%s\\n" "$#" >>arguments\n')
        fake.chmod(0o755)
    before = set(os.listdir(scratch.cwd))
    scratch(server.Which, value)
    scratch(server.EtcHosts, value)
    scratch(server.AuthorizedKeys, "root", path=value)
    scratch(server.Sysctl, [value])
    scratch(deb.DebPackage, value)
    scratch(systemd.SystemdStatus, services=value, machine=value)
    scratch(gpg.GpgKeys, value)
    scratch(gpg.GpgKeyrings, [f"{value}/x"])
    assert set(os.listdir(scratch.cwd)) - before <= {"arguments"}


def test_the_words_of_a_simulated_command_are_not_expanded():
    command = apt.SimulateOperationWillChange().command("install 'a b' $(x) *").render()
    assert command.endswith(" --dry-run install 'a b' '$(x)' '*'")


@pytest.mark.parametrize(
    ("path", "word"),
    [("/a", "/a"), ("/a b", "'/a b'"), ("-a", "./-a"), ("~", "~"), ("~/", "~/"), ("~/a b", "~/'a b'"),
     ("~a", "'~a'"), ("/~", "'/~'"), ("", "''")],
)  # fmt: skip
def test_path_words(path, word):
    assert Shell((path_word(path),)).render() == word
