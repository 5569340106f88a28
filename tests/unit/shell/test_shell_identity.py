"""From global arguments to the argument vector that becomes another user, in v3's order of mechanisms."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ropewalk.shell.identity import SUDO_PROMPT, Identity

SUDO = ["env", f"SUDO_PROMPT={SUDO_PROMPT}", "sudo", "-H", "-S"]


@pytest.mark.parametrize(
    ("arguments", "argv"),
    [
        ({}, ["P", "a b"]),
        ({"_sudo": False, "_sudo_user": "x", "_doas_user": "y", "_dzdo_user": "z"}, ["P", "a b"]),
        ({"_use_su_login": True, "_use_sudo_login": True}, ["P", "a b"]),
        ({"_sudo": True}, [*SUDO, "--", "P", "a b"]),
        ({"_sudo": True, "_sudo_user": "web"}, [*SUDO, "-u", "web", "--", "P", "a b"]),
        ({"_sudo": True, "_use_sudo_login": True}, [*SUDO, "-i", "--", "P", "a b"]),
        ({"_sudo": True, "_preserve_sudo_env": True}, [*SUDO, "-E", "--", "P", "a b"]),
        ({"_sudo": True, "_use_sudo_login": True, "_preserve_sudo_env": True, "_sudo_user": "web"},
         [*SUDO, "-i", "-E", "-u", "web", "--", "P", "a b"]),
        ({"_su_user": "web"}, ["su", "web", "-c", "P 'a b'"]),
        ({"_su_user": "web", "_use_su_login": True}, ["su", "-l", "web", "-c", "P 'a b'"]),
        ({"_su_user": "web", "_preserve_su_env": True}, ["su", "-m", "web", "-c", "P 'a b'"]),
        ({"_su_user": "web", "_su_shell": False}, ["su", "web", "-c", "P 'a b'"]),
        ({"_su_user": "web", "_su_shell": True}, ["su", "web", "-c", "P 'a b'"]),
        ({"_su_shell": "bash"}, ["P", "a b"]),
        ({"_doas": True}, ["doas", "-n", "P", "a b"]),
        ({"_doas": True, "_doas_user": "web"}, ["doas", "-n", "-u", "web", "P", "a b"]),
        ({"_dzdo": True}, ["dzdo", "-H", "-n", "P", "a b"]),
        ({"_dzdo": True, "_dzdo_user": "web"}, ["dzdo", "-H", "-n", "-u", "web", "P", "a b"]),
    ],
)  # fmt: skip
def test_argument_vectors(arguments: dict[str, Any], argv: list[str]) -> None:
    identity = Identity.of(arguments)
    assert identity.argv(["P", "a b"]) == argv
    assert identity.escalates == (argv[0] != "P")


@pytest.mark.parametrize(
    "used", [set(c) for n in range(5) for c in itertools.combinations(["doas", "dzdo", "sudo", "su"], n)]
)
def test_every_combination_is_nested_in_one_order(used: set[str]) -> None:
    arguments = {
        "_doas": "doas" in used, "_dzdo": "dzdo" in used, "_sudo": "sudo" in used,
        "_su_user": "x" if "su" in used else None,
    }  # fmt: skip
    argv = Identity.of(arguments).argv(["P"])
    mechanisms = [word for word in argv if word in ("doas", "dzdo", "sudo", "su")]
    assert mechanisms == [name for name in ("doas", "dzdo", "sudo", "su") if name in used]
    assert argv[-1] == "P"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "the login user"),
        ({"_sudo": True}, "sudo to root"),
        ({"_sudo": True, "_sudo_user": "web", "_su_user": "db"}, "sudo to web, su to db"),
        ({"_doas": True, "_dzdo": True, "_dzdo_user": "x"}, "doas to root, dzdo to x"),
        ({"_doas": True, "_doas_user": "y"}, "doas to y"),
    ],
)
def test_what_people_read(arguments: dict[str, Any], text: str) -> None:
    assert str(Identity.of(arguments)) == text


def test_equal_identities_share_a_shell() -> None:
    assert Identity.of({"_sudo": True, "_sudo_user": ""}) == Identity.of({"_sudo": True})
    assert Identity.of({"_sudo": True}) != Identity.of({"_sudo": True, "_sudo_user": "root"})
    assert len({Identity.of({}), Identity.of({"_sudo_user": "x"})}) == 1


def test_su_finds_its_shell_on_the_host(tmp_path: Path) -> None:
    su = tmp_path / "su"
    su.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    su.chmod(0o755)
    identity = Identity.of({"_su_user": "we b", "_su_shell": "dash", "_use_su_login": True, "_preserve_su_env": True})
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(identity.argv(["P", "a b"]), capture_output=True, env=env, check=True)
    assert done.stdout.decode() == f"-l|-m|-s|{shutil.which('dash')}|we b|-c|P 'a b'|"
    missing = Identity.of({"_su_user": "web", "_su_shell": "no-such-shell"})
    assert subprocess.run(missing.argv(["P"]), capture_output=True, env=env).returncode == 127


WORDS = ["$HOME $$ $(id)", "two\nlines\n", "it's", '"q" `x` \\ \\n %s', "é\udcff", "-n", "*", ""]


@pytest.mark.parametrize("login", ["bash", "dash", "zsh", "busybox"])
def test_a_login_shell_of_sudo_passes_the_command_on_unchanged(login: str, tmp_path: Path) -> None:
    if not shutil.which(login):
        pytest.skip(f"{login} is not installed")
    # As sudo(8) says: the words become one line, with a backslash before all but letters, digits, _, - and $.
    sudo = tmp_path / "sudo"
    sudo.write_text(
        "#!/usr/bin/env python3\nimport os, re, sys\n"
        "argv = [os.fsencode(word) for word in sys.argv[sys.argv.index('--') + 1:]]\n"
        "line = b' '.join(re.sub(rb'([^A-Za-z0-9_$-])', rb'\\\\\\1', word) for word in argv)\n"
        f"shell = {['busybox', 'sh'] if login == 'busybox' else [login]!r}\n"
        "os.execvp(shell[0], [*shell, '-c', line])\n"
    )
    sudo.chmod(0o755)
    program = ["python3", "-c", "import os, sys\nprint([os.fsencode(w) for w in sys.argv[1:]])  # $x", *WORDS]
    argv = Identity.of({"_sudo": True, "_use_sudo_login": True}).argv(program)
    done = subprocess.run(argv, capture_output=True, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.stdout.decode().strip() == repr([os.fsencode(word) for word in WORDS]), done.stderr.decode()


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("sudo"), reason="needs root and sudo")
def test_the_login_shell_of_the_real_sudo() -> None:
    words = [word for word in WORDS if word]  # sudo itself loses empty words
    program = ["sh", "-c", 'for w; do printf "%s|" "$w"; done\nexit 0', "sh", *words]
    done = subprocess.run(Identity.of({"_sudo": True, "_use_sudo_login": True}).argv(program), capture_output=True)
    assert done.stdout == os.fsencode("".join(f"{word}|" for word in words)), done.stderr.decode()
