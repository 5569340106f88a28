"""ssh.command, keyscan, upload and download: the commands, and what is refused."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from ropewalk.facts.files import File
from ropewalk.facts.ssh import KnownKeys, OfferedHostKeys
from ropewalk.model.command import Change
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import ssh
from ropewalk.testing import evaluate
from support.hostile import HOSTILE, NAMES

KEY, OTHER = "ssh-ed25519 AAAA", "ssh-ed25519 BBBB"


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"hostname": "h", "command": "a b"}, "ssh -o BatchMode=yes -p 22 h 'a b'"),
        ({"hostname": "::1", "command": "x", "user": "u", "port": 23}, "ssh -o BatchMode=yes -p 23 u@::1 x"),
        ({"hostname": "fe80::1%eth0", "command": "x"}, "ssh -o BatchMode=yes -p 22 fe80::1%eth0 x"),
    ],
)
def test_command(kwargs, text):
    assert [str(step) for step in evaluate(ssh.command, **kwargs).steps] == [text]


CALLS = [(ssh.command, {"command": "x"}), (ssh.upload, {"filename": "/x"}), (ssh.download, {"filename": "/x"}),
         (ssh.keyscan, {})]  # fmt: skip


@pytest.mark.parametrize(("operation", "kwargs"), CALLS)
@pytest.mark.parametrize(
    "wrong",
    [{"hostname": "-oProxyCommand=x"}, {"hostname": ""}, {"hostname": "a b"}, {"hostname": "u@h"}, {"port": 0},
     {"port": 65536}, {"port": "x"}, {"port": True}],
)  # fmt: skip
def test_servers_that_are_none(operation, kwargs, wrong):
    with pytest.raises(OperationValueError):
        evaluate(operation, **{"hostname": "h", **kwargs, **wrong}, facts={File: None})


@pytest.mark.parametrize(("operation", "kwargs"), CALLS[:3])
@pytest.mark.parametrize("user", ["-x", "a b", "a@b", ""])
def test_users_that_are_none(operation, kwargs, user):
    with pytest.raises(OperationValueError):
        evaluate(operation, "h", user=user, facts={File: None}, **kwargs)


def scan(known, offered, **kwargs):
    lines = [f"h {key}" for key in offered]
    return evaluate(ssh.keyscan, "h", facts={KnownKeys: set(known), OfferedHostKeys: lines}, **kwargs)


def test_a_server_that_is_known():
    done = scan([KEY], [OTHER])
    assert (done.steps, done.noop, done.asked) == ([], "h is known", [KnownKeys])
    assert scan([KEY], [KEY], force=True).noop == "h is known by the keys it has"


def test_a_server_that_is_not_known():
    change, command = scan([], [KEY]).steps
    assert change == Change("key of h", None, KEY)
    assert str(command).endswith(f"printf '%s\\n' 'h {KEY}' >> ~/.ssh/known_hosts")


def test_new_keys_take_the_place_of_old_ones():
    *changes, remove, _append = scan([KEY], [OTHER], force=True, port=2222).steps
    assert changes == [Change("key of [h]:2222", KEY, None), Change("key of [h]:2222", None, OTHER)]
    assert str(remove) == "ssh-keygen -R '[h]:2222' -f ~/.ssh/known_hosts"


@pytest.mark.parametrize("known", [[], [KEY]])
def test_a_server_that_does_not_answer(known):
    with pytest.raises(OperationError, match="h offers no keys"):
        scan(known, [], force=True)


@pytest.mark.parametrize("before", [None, "", "other ssh-rsa CCCC", "other ssh-rsa CCCC\n"])
def test_keys_are_added_as_lines(tmp_path, before):
    if before is not None:
        (tmp_path / ".ssh").mkdir()
        (tmp_path / ".ssh" / "known_hosts").write_text(before)
    [_change, command] = scan([], [KEY]).steps
    subprocess.run(["sh", "-c", str(command)], env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=True)
    lines = (tmp_path / ".ssh" / "known_hosts").read_text().split("\n")
    assert lines == [*([before.strip()] if before else []), f"h {KEY}", ""]


@pytest.fixture
def far(tmp_path):
    """A server: an `ssh` that runs the command in another home directory. Returns what runs commands on the host."""
    for name in ("bin", "near", "far", "tmp"):
        (tmp_path / name).mkdir()
    log, home = tmp_path / "log", tmp_path / "far"
    (tmp_path / "bin" / "ssh").write_text(
        f'#!/bin/sh\nprintf \'%s \' "$1" "$2" "$3" "$4" "$5" >>{log}\nshift 5\n'
        f'cd {home} && HOME={home} exec sh -c "$*"\n'
    )
    (tmp_path / "bin" / "sudo").write_text('#!/bin/sh\n[ "$1" = -n ] && shift && : >sudone && exec "$@"\n')
    for name in ("ssh", "sudo"):
        (tmp_path / "bin" / name).chmod(0o755)
    shell = shlex.split(os.environ.get("ROPEWALK_TEST_SH", "sh"))
    environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path / "near"), "TMPDIR": f"{tmp_path}/tmp"}

    def run(operation, *args, facts=None, check=True, **kwargs):
        [command] = evaluate(operation, "h", *args, facts=facts, **kwargs).steps
        return subprocess.run([*shell, "-c", str(command)], env=environment, cwd=tmp_path / "near",
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=check)  # fmt: skip

    run.near, run.far, run.tmp, run.log = tmp_path / "near", tmp_path / "far", tmp_path / "tmp", log
    yield run
    assert list(run.tmp.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_files_arrive_whatever_they_are_called(far, name):
    (far.near / name).write_bytes(b"\0\xff\n\n")
    (far.near / name).chmod(0o750)
    far(ssh.upload, name)
    assert (far.far / name).read_bytes() == b"\0\xff\n\n"
    assert oct((far.far / name).stat().st_mode)[-3:] == "750"
    far(ssh.download, name, f"{name}.back", facts={File: None})
    assert (far.near / f"{name}.back").read_bytes() == b"\0\xff\n\n"
    assert oct((far.near / f"{name}.back").stat().st_mode)[-3:] == "750"


def test_where_files_go(far):
    (far.near / "a").write_text("new")
    (far.far / "dir").mkdir()
    (far.far / "old").write_text("old")
    (far.far / "old").chmod(0o600)
    far(ssh.upload, "~/a", "dir", user="u", port=23)
    far(ssh.upload, "a", "~/old", use_remote_sudo=True)
    assert (far.far / "dir" / "a").read_text() == (far.far / "old").read_text() == "new"
    assert oct((far.far / "old").stat().st_mode)[-3:] == "600"
    assert (far.far / "sudone").exists()
    assert far.log.read_text().split(" ")[:5] == ["-o", "BatchMode=yes", "-p", "23", "u@h"]


def test_what_is_there_stays_when_something_fails(far):
    (far.near / "a").write_text("x")
    for operation, args in (
        (ssh.upload, ("missing",)), (ssh.upload, ("a", "no/dir/a")), (ssh.download, ("missing",)),
        (ssh.download, ("dir",)),
    ):  # fmt: skip
        (far.far / "dir").mkdir(exist_ok=True)
        done = far(operation, *args, facts={File: None}, check=False)
        assert done.returncode != 0
        assert done.stderr
    assert [path.name for path in far.near.iterdir()] == ["a"]


def test_a_connection_that_breaks_replaces_nothing(far):
    (far.near / "a").write_text("long enough")
    (far.far / "a").write_text("old")
    ssh_stub = far.log.parent / "bin" / "ssh"
    ssh_stub.write_text(ssh_stub.read_text().replace("exec sh", "head -c 4 | sh"))
    done = far(ssh.upload, "a", check=False)
    assert done.returncode != 0
    assert "only a part of the file has arrived" in done.stderr
    assert (far.far / "a").read_text() == "old"


def test_a_file_that_is_there_is_not_fetched_again():
    assert evaluate(ssh.download, "h", "/a", facts={File: {"mode": 644}}).noop == "/a is there"
    assert evaluate(ssh.download, "h", "/a", force=True, facts={File: {"mode": 644}}).steps
    with pytest.raises(OperationError, match="is there and is not a file"):
        evaluate(ssh.download, "h", "/a", facts={File: False})


@pytest.mark.parametrize("name", ["", "/dir/"])
@pytest.mark.parametrize("operation", [ssh.upload, ssh.download])
def test_names_that_are_none(operation, name):
    with pytest.raises(OperationValueError, match="is not the name of a file"):
        evaluate(operation, "h", name)


@pytest.mark.parametrize("operation", [ssh.upload, ssh.download])
def test_the_server_is_made_known_first(operation):
    facts = {File: None, KnownKeys: set(), OfferedHostKeys: [f"[h]:2222 {KEY}"]}
    change, *_ = evaluate(operation, "h", "/a", ssh_keyscan=True, port=2222, facts=facts).steps
    assert change == Change("key of [h]:2222", None, KEY)


@pytest.mark.parametrize("text", HOSTILE)
def test_commands_arrive_as_they_are(far, text):
    [command] = evaluate(ssh.command, "h", shlex.join(["printf", "%s", text])).steps
    done = far(ssh.command, shlex.join(["printf", "%s", text]))
    assert done.stdout == text
    assert shlex.split(str(command))[-1] == shlex.join(["printf", "%s", text])
