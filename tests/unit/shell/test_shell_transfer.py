"""Files on a host are replaced whole or not at all, keep what they are not asked to change, leave nothing behind."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ropewalk.shell.script import script
from ropewalk.shell.transfer import SMALL, download_script, upload_script
from support.shells import SHELLS, shell

END = "end-of-script-f00"

#: What a non-root user cannot do is tested as this one.
NOBODY = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(params=SHELLS)
def sh(request: pytest.FixtureRequest) -> list[str]:
    return shell(request.param)


def upload(
    dest: str | Path, content: bytes = b"new\n", *, streamed: bool = False, size: int | None = None,
    argv: tuple[str, ...] | list[str] = ("sh",), cwd: Path | None = None, uid: int | None = None, umask: int = 0o022,
    mode: str | None = None, user: str | None = None, group: str | None = None, temp_dir: Path | str = "/tmp",
    sent: bytes | None = None,
) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
    """Run an upload as a host would: in a shell that reads the script, or in one that got it as an argument."""
    text, body = upload_script(
        str(dest), size=len(content) if size is None else size, mode=mode, user=user, group=group,
        temp_dir=str(temp_dir), delimiter=END, content=None if streamed else content,
    )  # fmt: skip
    more: dict[str, Any] = {"cwd": cwd, "umask": umask, "capture_output": True, "timeout": 60}
    if uid is not None:
        more |= {"user": uid, "group": uid, "extra_groups": []}
    if streamed:
        return subprocess.run([*argv, "-c", text], input=content if sent is None else sent, **more)
    given = str(script(text, delimiter=END, attached=body)).encode("utf-8", "surrogateescape")
    return subprocess.run([*argv], input=given, **more)


def mode_of(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


def fine(done: subprocess.CompletedProcess[bytes]) -> None:
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")


CONTENTS = [
    b"", b"\n", b"no line end", b"text\n\n", b"$x `y` \\ 'q' \"\n", b"\0", bytes(range(256)), "é\n".encode(), b"\r\n",
    END.encode() + b"x\n", b"x" * SMALL, random.Random(5).randbytes(SMALL), b"\t~ \n" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: f"{content[:12]!r}-{len(content)}")
@pytest.mark.parametrize("streamed", [False, True])
def test_content_arrives_as_it_is(sh: list[str], content: bytes, streamed: bool, tmp_path: Path) -> None:
    fine(upload(tmp_path / "f", content, streamed=streamed, argv=sh))
    assert (tmp_path / "f").read_bytes() == content
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize(
    "name", ["-n", "--help", "a b", "it's", "$x", "*", "a\nb", "\\", "é", "f\udcff", "-d/x", "d/-x", "#"]
)
def test_any_name(sh: list[str], name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    for streamed in (False, True):
        fine(upload(name, b"1", cwd=tmp_path, argv=sh, streamed=streamed))
        fine(upload(tmp_path / name, b"2", argv=sh, streamed=streamed, mode="600"))
        assert (tmp_path / name).read_bytes() == b"2"
        assert mode_of(tmp_path / name) == "600"
    assert len(list(tmp_path.rglob("*"))) == 1 + name.strip("/").count("/")


@pytest.mark.parametrize(
    ("umask", "mode", "result"),
    [(0o022, None, "644"), (0o077, None, "600"), (0o002, None, "664"), (0o022, "640", "640"),
     (0o022, "u=rw,go=", "600"), (0o022, "4755", "4755"), (0o022, "0600", "600"), (0o022, "u+x", "744")],
)  # fmt: skip
def test_the_mode_of_a_new_file(sh: list[str], umask: int, mode: str | None, result: str, tmp_path: Path) -> None:
    fine(upload(tmp_path / "f", argv=sh, umask=umask, mode=mode))
    assert mode_of(tmp_path / "f") == result


@pytest.mark.parametrize("before", ["600", "755", "4711", "444"])
@pytest.mark.parametrize(("mode", "changes"), [(None, False), ("640", True)])
def test_a_file_keeps_its_mode_unless_another_is_asked_for(
    sh: list[str], before: str, mode: str | None, changes: bool, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("old")
    (tmp_path / "f").chmod(int(before, 8))
    fine(upload(tmp_path / "f", argv=sh, mode=mode))
    assert (tmp_path / "f").read_bytes() == b"new\n"
    assert mode_of(tmp_path / "f") == ("640" if changes else before)


@needs_root
@pytest.mark.root
@pytest.mark.parametrize(
    ("user", "group", "result"),
    [(None, None, (1, 2)), ("3", None, (3, 2)), (None, "4", (1, 4)), ("3", "4", (3, 4))],
)
@pytest.mark.parametrize("mode", [None, "644"])
def test_a_file_keeps_its_owner_unless_another_is_asked_for(
    user: str | None, group: str | None, mode: str | None, result: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("old")
    (tmp_path / "f").chmod(0o640)
    os.chown(tmp_path / "f", 1, 2)
    fine(upload(tmp_path / "f", user=user, group=group, mode=mode))
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid) == result
    assert mode_of(tmp_path / "f") == (mode or "640")


@needs_root
@pytest.mark.root
def test_the_owner_of_a_new_file(tmp_path: Path) -> None:
    fine(upload(tmp_path / "f", user="3", group="4", mode="4755"))
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid, mode_of(tmp_path / "f")) == (3, 4, "4755")


def test_links_are_written_through(sh: list[str], tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "f").write_text("old")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("real/f")
    fine(upload(tmp_path / "one", argv=sh))
    assert (tmp_path / "one").is_symlink()
    assert (tmp_path / "real" / "f").read_bytes() == b"new\n"
    (tmp_path / "dangling").symlink_to("real/g")
    fine(upload(tmp_path / "dangling", argv=sh))
    assert (tmp_path / "real" / "g").read_bytes() == b"new\n"


def test_other_names_of_a_file_keep_the_old_content(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    os.link(tmp_path / "f", tmp_path / "g")
    fine(upload(tmp_path / "f"))
    assert (tmp_path / "g").read_text() == "old"


@pytest.mark.parametrize(
    ("make", "dest", "says"),
    [
        (lambda at: (at / "f").mkdir(), "f", "is a directory"),
        (lambda at: (at / "f").symlink_to("."), "f", "is a directory"),
        (lambda at: None, "missing/f", "missing"),
        (lambda at: (at / "f").write_text(""), "f/g", "f/"),
        (lambda at: (at / "f").symlink_to("f"), "f", "leads nowhere"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_in_the_way(sh: list[str], make: Any, dest: str, says: str, streamed: bool, tmp_path: Path) -> None:
    make(tmp_path)
    before = sorted(os.walk(tmp_path))
    done = upload(tmp_path / dest, argv=sh, streamed=streamed)
    assert done.returncode == 1
    assert says in done.stderr.decode()
    assert sorted(os.walk(tmp_path)) == before


@pytest.mark.parametrize(
    ("before", "mode", "result"), [("640", "u+x", "740"), (None, "g+w", "664"), ("600", "a+r", "644")]
)
def test_a_mode_may_be_relative(sh: list[str], before: str | None, mode: str, result: str, tmp_path: Path) -> None:
    if before:
        (tmp_path / "f").touch()
        (tmp_path / "f").chmod(int(before, 8))
    fine(upload(tmp_path / "f", argv=sh, mode=mode))
    assert mode_of(tmp_path / "f") == result


@pytest.mark.parametrize(("mode", "user"), [("nonsense", None), (None, "no-such-user"), ("644", "no-such-user")])
def test_a_mode_or_owner_that_does_not_exist_changes_nothing(
    sh: list[str], mode: str | None, user: str | None, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("old")
    done = upload(tmp_path / "f", mode=mode, user=user, argv=sh)
    assert done.returncode == 1
    assert done.stderr
    assert (tmp_path / "f").read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize("sent", [b"", b"ne", b"new\nand more"])
def test_an_upload_of_another_size_than_announced_changes_nothing(sh: list[str], sent: bytes, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    done = upload(tmp_path / "f", streamed=True, sent=sent, argv=sh)
    assert done.returncode == 1
    assert "cut short" in done.stderr.decode()
    assert (tmp_path / "f").read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def start(argv: list[str], dest: Path) -> subprocess.Popen[bytes]:
    """Start an upload that waits for its content, and return it when its temporary file is there."""
    text, _ = upload_script(
        str(dest), size=10, mode=None, user=None, group=None, temp_dir="/tmp", delimiter=END, content=None
    )
    marked = text.replace('cat >"$t"', 'echo ready; cat >"$t"')
    assert marked != text
    process = subprocess.Popen(
        [*argv, "-c", marked],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("number", [1, 2, 15])
def test_an_upload_that_is_ended_leaves_nothing(sh: list[str], number: int, tmp_path: Path) -> None:
    process = start(sh, tmp_path / "f")
    assert len(os.listdir(tmp_path)) == 1
    os.killpg(process.pid, number)  # as the guard does: the shell and what it runs
    process.communicate()
    assert os.listdir(tmp_path) == []


def test_a_connection_that_is_gone_leaves_nothing(sh: list[str], tmp_path: Path) -> None:
    process = start(sh, tmp_path / "f")
    for pipe in (process.stdout, process.stderr, process.stdin):  # nobody reads what it says of the short upload
        assert pipe is not None
        pipe.close()
    process.wait()
    assert os.listdir(tmp_path) == []


@needs_root
@pytest.mark.root
class TestAsAnOrdinaryUser:
    """In a directory of root's, who owns nothing but what a test says."""

    @pytest.fixture
    def here(self, tmp_path: Path) -> Path:
        for folder in (tmp_path, *tmp_path.parents):
            if folder.stat().st_mode & 0o005 != 0o005:
                folder.chmod(0o755)
        return tmp_path

    @pytest.fixture
    def temp_dir(self, here: Path) -> Path:
        (here / "tmp").mkdir()
        (here / "tmp").chmod(0o1777)
        return here / "tmp"

    def test_a_file_that_may_be_written_in_a_directory_that_may_not(
        self, sh: list[str], here: Path, temp_dir: Path
    ) -> None:
        (here / "f").write_text("old content that is longer")
        (here / "f").chmod(0o646)
        inode = (here / "f").stat().st_ino
        for streamed in (False, True):
            fine(upload(here / "f", argv=sh, uid=NOBODY, temp_dir=temp_dir, streamed=streamed))
            assert (here / "f").read_bytes() == b"new\n"
        assert ((here / "f").stat().st_ino, mode_of(here / "f"), (here / "f").stat().st_uid) == (inode, "646", 0)
        assert os.listdir(temp_dir) == []

    def test_a_new_file_in_a_directory_that_may_not_be_written(self, sh: list[str], here: Path, temp_dir: Path) -> None:
        done = upload(here / "f", argv=sh, uid=NOBODY, temp_dir=temp_dir)
        assert done.returncode == 1
        assert b"ermission denied" in done.stderr
        assert sorted(os.listdir(here)) == ["tmp"]
        assert os.listdir(temp_dir) == []

    def test_a_file_that_may_not_be_written_in_a_directory_that_may_not(self, here: Path, temp_dir: Path) -> None:
        (here / "f").write_text("old")
        done = upload(here / "f", uid=NOBODY, temp_dir=temp_dir)
        assert done.returncode == 1
        assert (here / "f").read_text() == "old"

    @pytest.mark.parametrize(("user", "group"), [(None, None), (None, str(NOBODY))])
    def test_the_file_of_another_owner_keeps_him(
        self, user: str | None, group: str | None, here: Path, temp_dir: Path
    ) -> None:
        (here / "d").mkdir()
        (here / "d").chmod(0o777)
        (here / "d" / "f").write_text("old")
        (here / "d" / "f").chmod(0o666)
        done = upload(here / "d" / "f", uid=NOBODY, temp_dir=temp_dir, user=user, group=group)
        found = (here / "d" / "f").stat()
        assert (found.st_uid, found.st_gid) == (0, 0)
        assert os.listdir(here / "d") == ["f"]
        assert (done.returncode == 0) == (group is None)  # nobody may give the file away, so asking for it fails

    def test_the_file_of_another_owner_is_replaced_when_both_are_asked_for(self, here: Path, temp_dir: Path) -> None:
        (here / "d").mkdir()
        (here / "d").chmod(0o777)
        (here / "d" / "f").write_text("old")
        name = str(NOBODY)
        fine(upload(here / "d" / "f", uid=NOBODY, temp_dir=temp_dir, user=name, group=name))
        found = (here / "d" / "f").stat()
        assert (found.st_uid, found.st_gid) == (NOBODY, NOBODY)


@needs_root
@pytest.mark.root
def test_a_file_that_is_a_mount_point(sh: list[str], tmp_path: Path) -> None:
    (tmp_path / "f").write_text("below")
    (tmp_path / "source").write_text("old")
    text, body = upload_script(
        str(tmp_path / "f"), size=4, mode="600", user=None, group=None, temp_dir="/tmp", delimiter=END, content=b"new\n"
    )
    mount = f"mount --bind {tmp_path}/source {tmp_path}/f || exit 99\n"
    inner = shutil.which("unshare")
    if inner is None:
        pytest.skip("needs unshare")
    done = subprocess.run(
        [inner, "-m", *sh], input=f"{mount}{script(text, delimiter=END, attached=body)}".encode(), capture_output=True
    )
    if done.returncode == 99 or b"unshare" in done.stderr:
        pytest.skip("mounting is not allowed here")
    fine(done)
    assert ((tmp_path / "f").read_text(), (tmp_path / "source").read_text()) == ("below", "new\n")
    assert mode_of(tmp_path / "source") == "600"
    assert sorted(os.listdir(tmp_path)) == ["f", "source"]


def test_a_pipe_is_written_to_and_not_replaced(sh: list[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "f")
    reader = subprocess.Popen(["cat", str(tmp_path / "f")], stdout=subprocess.PIPE)
    fine(upload(tmp_path / "f", argv=sh))
    assert reader.communicate()[0] == b"new\n"
    assert (tmp_path / "f").is_fifo()
    assert os.listdir(tmp_path) == ["f"]


@needs_root
@pytest.mark.root
def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        (tmp_path / "null").write_text("x")
    except PermissionError:
        pytest.skip("devices are not allowed here")
    fine(upload(tmp_path / "null"))
    assert (tmp_path / "null").is_char_device()


@pytest.mark.parametrize("name", ["f", "-n", "a b", "it's", "$x", "(", "!", "a\nb", "é", "f\udcff"])
@pytest.mark.parametrize("content", [b"", b"\0\xff binary\r\n", b"x" * 100_000])
def test_downloads(sh: list[str], name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    for source in (name, str(tmp_path / name)):
        done = subprocess.run([*sh, "-c", download_script(source)], cwd=tmp_path, capture_output=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, content, b"")


def test_downloads_that_fail(sh: list[str], tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    done = subprocess.run([*sh, "-c", download_script("d")], cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"d: is a directory\n")
    done = subprocess.run([*sh, "-c", download_script("no")], cwd=tmp_path, capture_output=True)
    assert done.returncode != 0
    assert b"no" in done.stderr
