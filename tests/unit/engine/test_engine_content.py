"""The local ends of transfers: content from anywhere, files that appear whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.engine.content import PIECE, open_destination, open_source, open_tree, pieces
from ropewalk.model.command import Secret, UploadTree
from ropewalk.model.errors import OperationError
from support.shells import SHELLS, shell


class Pipe(io.RawIOBase):
    """A source that cannot go back to its start."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def readable(self) -> bool:
        return True

    def readall(self) -> bytes:
        data, self._data = self._data, b""
        return data

    def read(self, size: int = -1) -> bytes:
        return self.readall()


@pytest.mark.parametrize(
    ("source", "data"),
    [
        (b"", b""),
        (b"\0\xff", b"\0\xff"),
        (Secret("é"), "é".encode()),
        (io.BytesIO(b"bytes"), b"bytes"),
        (io.StringIO("é"), "é".encode()),
        (Pipe(b"once"), b"once"),
    ],
)
def test_content_that_is_given(source: Any, data: bytes) -> None:
    with open_source(source) as opened:
        assert opened.size == len(data)
        assert opened.read() == data


def test_file_objects_are_read_from_their_start_each_time() -> None:
    file = io.StringIO("text")
    file.read()
    for _ in range(2):
        with open_source(file) as opened:
            assert b"".join(opened.chunks()) == b"text"


def test_a_file_of_this_machine(tmp_path: Path) -> None:
    data = os.urandom(2 * PIECE + 5)
    (tmp_path / "f").write_bytes(data)
    with open_source(str(tmp_path / "f")) as opened:
        assert opened.size == len(data)
        assert [len(piece) for piece in opened.chunks()] == [PIECE, PIECE, 5]


def test_a_file_without_a_size_of_its_own() -> None:
    with open_source("/proc/self/status") as opened:
        data = opened.read()
    assert opened.size == len(data) > 100


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"long content")
    with open_source(str(tmp_path / "f")) as opened:
        (tmp_path / "f").write_bytes(b"short")
        with pytest.raises(OperationError, match="changed while it was read"):
            opened.read()


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cannot_be_opened(name: str, tmp_path: Path) -> None:
    with (
        pytest.raises(OperationError, match=r"cannot read the local file .*(No such file|Is a directory)"),
        open_source(str(tmp_path / name)),
    ):
        pass


def test_what_cannot_be_read() -> None:
    with pytest.raises(OperationError, match="cannot read"), open_source("/proc/self/mem"):
        pass


def test_errors_of_the_transfer_are_not_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    with pytest.raises(TimeoutError, match="elsewhere"), open_source(str(tmp_path / "f")):
        raise TimeoutError("elsewhere")


def test_pieces() -> None:
    assert list(pieces(b"")) == []
    assert [len(piece) for piece in pieces(b"x" * (PIECE + 1))] == [PIECE, 1]


def test_a_download_appears_when_it_is_whole(tmp_path: Path) -> None:
    dest = tmp_path / "f"
    dest.write_bytes(b"old")
    dest.chmod(0o640)
    with open_destination(str(dest)) as target:
        target.feed(b"new ")
        assert dest.read_bytes() == b"old"
        target.feed(b"content")
        target.keep()
    assert dest.read_bytes() == b"new content"
    assert stat.S_IMODE(dest.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["f"]


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_the_mode_of_a_new_download_is_what_any_new_file_gets(tmp_path: Path) -> None:
    with open_destination(str(tmp_path / "f")) as target:
        target.keep()
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o640


def fail_half_way(dest: Any) -> None:
    def download() -> None:
        with open_destination(dest) as target:
            target.feed(b"new")
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        download()


def test_a_download_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    fail_half_way(str(tmp_path / "f"))
    with open_destination(str(tmp_path / "f")) as target:
        target.feed(b"not kept")
    assert (tmp_path / "f").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_downloads_where_nothing_can_be_written(tmp_path: Path) -> None:
    dest = str(tmp_path / "no" / "f")
    with pytest.raises(OperationError, match="cannot write the local file"), open_destination(dest):
        pass


@pytest.mark.parametrize(("dest", "expected"), [(io.BytesIO(), "é".encode()), (io.StringIO(), "é")])
def test_downloads_to_objects(dest: Any, expected: Any) -> None:
    with open_destination(dest) as target:
        target.feed("é".encode()[:1])
        target.feed("é".encode()[1:])
        assert dest.getvalue() in ("", b"")
        target.keep()
    assert dest.getvalue() == expected


def test_a_download_to_an_object_that_fails_writes_nothing() -> None:
    dest = io.BytesIO()
    fail_half_way(dest)
    assert dest.getvalue() == b""


NAMES = ["a", "it's $x", "-rf", "é", "a\nb", "d/e/f", "d/" + "x" * 150, "d/e/-n", "\\", "d/*"]


@pytest.mark.parametrize("name", SHELLS)
def test_trees(name: str, tmp_path: Path) -> None:
    files = {}
    for number, entry in enumerate(NAMES):
        source = tmp_path / str(number)
        source.write_bytes(os.urandom(number * 1000))
        files[entry] = (str(source), "4755" if number == 0 else None)
    root = tmp_path / "-root's"
    done = unpack(UploadTree(str(root), files), shell(name))
    assert (done.returncode, done.stderr) == (0, b"")
    for entry, (path, mode) in files.items():
        assert (root / entry).read_bytes() == Path(path).read_bytes()
        assert stat.S_IMODE((root / entry).stat().st_mode) == (0o4755 if mode else 0o644)
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert found == set(NAMES)


def unpack(tree: UploadTree, argv: list[str], cut: int | None = None, path: str | None = None) -> Any:
    with open_tree(tree) as (source, text):
        packed = source.read()
        assert len(packed) == source.size
        env = {**os.environ, **({"PATH": path} if path else {})}
        return subprocess.run([*argv, "-c", text], input=packed[:cut], capture_output=True, env=env)


def test_trees_where_only_busybox_is(tmp_path: Path) -> None:
    shell("busybox")
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("tar", "mkdir", "mktemp", "mv", "rm", "chown"):
        (tools / tool).symlink_to(str(shutil.which("busybox")))
    argv = [str(shutil.which("busybox")), "sh"]
    (tmp_path / "f").write_bytes(b"content")
    names = ["é", "x" * 120, "d/" + "y" * 200]
    tree = UploadTree(str(tmp_path / "root"), dict.fromkeys(names, (str(tmp_path / "f"), None)))
    done = unpack(tree, argv, path=str(tools))
    assert (done.returncode, done.stderr) == (0, b"")
    assert all((tmp_path / "root" / entry).read_bytes() == b"content" for entry in names)


def test_a_tree_that_is_cut_short_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100_000)
    root = tmp_path / "root"
    root.mkdir()
    (root / "f").write_text("old")
    done = unpack(UploadTree(str(root), {"f": (str(tmp_path / "f"), None)}), ["sh"], cut=50_000)
    assert done.returncode != 0
    assert (root / "f").read_text() == "old"
    assert os.listdir(root) == ["f"]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_the_owner_of_a_tree(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    tree = UploadTree(str(tmp_path / "r"), {"d/f": (str(tmp_path / "f"), None)}, user="3", group="4")
    assert unpack(tree, ["sh"]).returncode == 0
    found = (tmp_path / "r" / "d" / "f").stat()
    assert (found.st_uid, found.st_gid) == (3, 4)
    assert unpack(UploadTree(str(tmp_path / "r"), tree.files, user="no-such-user"), ["sh"]).returncode == 1


def test_many_files_of_one_folder(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    tree = UploadTree(str(tmp_path / "r"), {f"d/{number}": (str(tmp_path / "f"), None) for number in range(1201)})
    assert unpack(tree, ["sh"]).returncode == 0
    assert len(os.listdir(tmp_path / "r" / "d")) == 1201


def test_a_tree_with_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with (
        pytest.raises(OperationError, match="cannot read the local file"),
        open_tree(UploadTree("/x", {"f": (str(tmp_path / "missing"), None)})),
    ):
        pass


def test_a_tree_with_a_file_without_a_size_of_its_own(tmp_path: Path) -> None:
    assert unpack(UploadTree(str(tmp_path), {"f": ("/proc/self/status", None)}), ["sh"]).returncode == 0
    assert (tmp_path / "f").stat().st_size > 100
