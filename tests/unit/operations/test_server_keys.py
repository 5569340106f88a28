"""Keys that may log in: how files are merged, and server.user_authorized_keys."""

from __future__ import annotations

import pytest

from ropewalk.api import Diff, OperationError, Upload, sh
from ropewalk.facts.files import Directory, File, FileContents
from ropewalk.facts.server import Home, Users
from ropewalk.operations import server
from ropewalk.operations.server.authorized_keys import Key, merged, parse
from ropewalk.testing import evaluate

ADA = "ssh-ed25519 AAAAC3Nza ada@desk"
BOB = "ssh-rsa AAAAB3Nza= bob"
SSH, FILE = "/home/ada/.ssh", "/home/ada/.ssh/authorized_keys"
DIRECTORY = {"user": "ada", "group": "ada", "mode": 700}


def steps(keys=ADA, *, lines=None, directory=DIRECTORY, mode=600, owner="ada", home="/home/ada", **kwargs):
    have = {"user": owner, "group": "ada", "mode": mode}
    facts = {
        Home: home,
        Users: {"ada": {"uid": 1, "group": "staff"}, "twin": {"uid": 1}},
        Directory: directory,
        FileContents: lines,
        File: have,
    }
    return evaluate(server.user_authorized_keys, "ada", keys, facts=facts, **kwargs).steps


def written(lines, path=FILE, group=None):
    return Upload("".join(f"{line}\n" for line in lines).encode(), path, "600", "ada", group)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (ADA, Key("", "ssh-ed25519", "AAAAC3Nza")),
        (f"  {ADA}", Key("", "ssh-ed25519", "AAAAC3Nza")),
        ("sk-ecdsa-sha2-nistp256@openssh.com AAAAI=", Key("", "sk-ecdsa-sha2-nistp256@openssh.com", "AAAAI=")),
        (f'command="echo ssh-rsa x",no-pty {BOB}', Key('command="echo ssh-rsa x",no-pty', "ssh-rsa", "AAAAB3Nza=")),
        (f"# {ADA}", None),
        ("", None),
        ("something", None),
    ],
)
def test_a_line_is_a_key_with_options(line, key):
    assert parse(line) == key


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        pytest.param([], [ADA], [ADA], id="first"),
        pytest.param(["# mine", BOB, ""], [ADA], ["# mine", BOB, "", ADA], id="comments and others stay"),
        pytest.param([f"# {ADA}"], [ADA], [f"# {ADA}", ADA], id="a key that is commented out is not there"),
        pytest.param([ADA], ["ssh-ed25519 AAAAC3Nza new comment"], [ADA], id="the comment means nothing"),
        pytest.param([ADA, BOB], [f"no-pty {ADA}"], [f"no-pty {ADA}", BOB], id="other options replace"),
        pytest.param([f"no-pty {ADA}"], [ADA], [ADA], id="no options replace"),
        pytest.param([f"no-pty {ADA}", ADA], [ADA], [f"no-pty {ADA}", ADA], id="there, among others"),
        pytest.param(["ssh-ed25519 AAAAC3NzaLONGER"], [ADA], ["ssh-ed25519 AAAAC3NzaLONGER", ADA], id="a longer key"),
    ],
)
def test_merging(before, wanted, after):
    assert merged(before, wanted) == after
    assert merged(after, wanted) == after


def test_a_new_file_in_a_new_directory():
    assert steps(directory=None) == [
        sh("mkdir", "-p", "-m", "700", "--", SSH),
        sh("chown", "-h", "ada:", "--", SSH),
        Diff(FILE, None, f"{ADA}\n"),
        written([ADA], group="staff"),
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({"lines": [ADA]}, [], id="there"),
        pytest.param({"lines": [BOB, ADA]}, [], id="there, beside others"),
        pytest.param({"lines": [BOB, ADA], "delete_keys": True}, [written([ADA])], id="others are deleted"),
        pytest.param({"lines": [ADA], "delete_keys": True}, [], id="there, alone"),
        pytest.param({"lines": [BOB], "keys": [], "delete_keys": True}, [written([])], id="all are deleted"),
        pytest.param({"lines": None, "keys": []}, [], id="no key and no file"),
        pytest.param({"lines": [ADA], "mode": 644}, [sh("chmod", "600", "--", FILE)], id="readable by others"),
        pytest.param({"lines": [ADA], "owner": "twin"}, [], id="told by another name"),
        pytest.param({"lines": [ADA], "owner": "root"}, [sh("chown", "-h", "ada:", "--", FILE)], id="somebody else's"),
        pytest.param(
            {"lines": [ADA], "directory": {**DIRECTORY, "mode": 755}},
            [sh("chmod", "700", "--", SSH)],
            id="open directory",
        ),
        pytest.param({"lines": [BOB]}, [written([BOB, ADA])], id="added"),
        pytest.param({"lines": [ADA], "group": "ada"}, [], id="group as it is"),
        pytest.param(
            {"lines": [ADA], "group": "www"},
            [sh("chown", "-h", "ada:www", "--", SSH), sh("chown", "-h", "ada:www", "--", FILE)],
            id="another group",
        ),
    ],
)
def test_a_file_that_is_there(arguments, expected):
    done = [step for step in steps(**arguments) if not isinstance(step, Diff)]
    assert done == expected


def test_a_directory_that_was_named_keeps_its_owner():
    done = steps(
        directory={"user": "root", "group": "root", "mode": 755},
        authorized_key_directory="/etc/ssh/keys",
        authorized_key_filename="ada",
    )
    assert done[1:] == [written([ADA], "/etc/ssh/keys/ada", "staff")]


def test_a_directory_that_is_a_link_is_refused():
    with pytest.raises(OperationError, match=r"/home/ada/\.ssh is there but is not a directory"):
        steps(directory=False)


@pytest.mark.parametrize("home", [None, "", "~ada"])
def test_a_user_without_a_home_is_an_error(home):
    with pytest.raises(OperationError, match="no user ada with a home directory"):
        steps(home=home)


def test_a_file_that_is_not_text_is_left_alone():
    with pytest.raises(OperationError, match="not UTF-8"):
        steps(lines=["caf\ufffd", ADA], keys=BOB)


@pytest.mark.parametrize("key", ["missing.pub", "ssh-rsa", f"{ADA}\nsomething else", "a\0b"])
def test_what_is_neither_a_key_nor_a_file_is_an_error(key):
    with pytest.raises(OperationError, match="neither a public key nor a file"):
        steps(key)


def test_files_of_this_machine_hold_keys_too(tmp_path, monkeypatch):
    (tmp_path / "both.pub").write_text(f"{ADA}\n\n  {BOB}\n")
    monkeypatch.chdir(tmp_path)
    for name in ("both.pub", str(tmp_path / "both.pub")):
        assert steps(name)[-1] == written([ADA, BOB], group="staff")
    assert steps(["both.pub", BOB])[-1] == written([ADA, BOB], group="staff")


def test_key_text_may_hold_several_keys():
    assert steps(f"# ours\n{ADA}\n{BOB}\n")[-1] == written([ADA, BOB], group="staff")
