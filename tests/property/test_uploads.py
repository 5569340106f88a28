"""What is uploaded arrives as it was sent; what cannot arrive changes nothing, and leaves nothing behind."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import ropewalk.engine.content
from ropewalk.api.connector import ConnectorOptions
from ropewalk.engine.content import PIECE
from ropewalk.engine.link import StreamLink
from ropewalk.model.command import Secret, Upload, UploadTree
from ropewalk.model.errors import ConnectionLost, OperationError
from ropewalk.model.target import Target
from ropewalk.shell.how import How
from ropewalk.shell.transfer import SMALL
from support.fake_connector import FakeConnector, Machine
from support.hostile import NAMES
from support.play import run_async

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HOW = How.of({})
OLD = b"what was there before\n"

sizes = st.one_of(st.integers(0, 300), st.integers(SMALL - 2, SMALL + 2), st.integers(PIECE - 1, PIECE + 1))
names = st.one_of(st.sampled_from(NAMES), st.text(st.characters(exclude_characters="/\0", codec="utf-8"), max_size=50))
#: Only root reads and writes what he may not.
ALWAYS = 0 if os.geteuid() == 0 else 0o600
bits = st.integers(0o400, 0o7777).map(lambda mode: mode | ALWAYS)
modes = st.one_of(st.none(), bits.map(lambda mode: f"{mode:o}"))
owners = st.sampled_from([(0, 0), (12345, 0), (0, 12345), (12345, 54321)])


@dataclass(frozen=True)
class Content:
    """Content of some size: a beginning, a pattern repeated, an end."""

    size: int
    unit: bytes
    head: bytes
    tail: bytes

    @property
    def data(self) -> bytes:
        middle = self.unit * (self.size // len(self.unit) + 1)
        return ((self.head + middle)[: max(0, self.size - len(self.tail))] + self.tail)[: self.size]


contents = st.builds(
    Content, sizes, st.sampled_from([b"plain text, line by line\n", bytes(range(256)), b"'\\$(id)\n"]),
    st.binary(max_size=20), st.binary(max_size=20),
)  # fmt: skip


def name_of_file(name: str) -> str:
    return "x" if name in ("", ".", "..") else name


@contextmanager
def host() -> Iterator[Machine]:
    """A host with an empty directory, and one for programs that come before its own."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cwd", "programs"):
            Path(folder, name).mkdir()
        yield Machine("a", Path(folder, "cwd"), Path(folder, "programs"))


def linked(machine: Machine, story: Callable[[StreamLink], Awaitable[None]]) -> None:
    async def main() -> None:
        connector = FakeConnector(Target("a"), ConnectorOptions(settings={"machines": {"a": machine}}))
        link = StreamLink(connector, nobody_to_ask)
        try:
            await story(link)
        finally:
            await link.close()

    run_async(main())


async def nobody_to_ask(_kind: Any) -> None:
    return None


def prepare(path: str, mode: int, owner: tuple[int, int]) -> os.stat_result:
    """Make the file that is there before."""
    with open(path, "wb") as file:
        file.write(OLD)
    if os.geteuid() == 0:
        os.chown(path, *owner)
    os.chmod(path, mode)
    return os.stat(path)


def kept(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mode, status.st_uid, status.st_gid


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


@few
@given(
    content=contents, name=names.map(name_of_file), mode=modes, old=st.none() | bits,
    owner=owners, spelling=st.sampled_from(["bytes", "file", "path"]), linked_to=st.booleans(),
)  # fmt: skip
@example(Content(0, b"x", b"", b""), "-", None, None, (0, 0), "path", False)
@example(Content(SMALL, b"x", b"", b""), "\n", "4755", 0o600, (12345, 0), "bytes", True)
@example(Content(SMALL + 1, b"\0", b"", b""), "'", None, 0o4711, (12345, 0), "file", False)
def test_what_is_sent_arrives(
    content: Content,
    name: str,
    mode: str | None,
    old: int | None,
    owner: tuple[int, int],
    spelling: str,
    linked_to: bool,
) -> None:
    data = content.data
    with host() as machine, tempfile.NamedTemporaryFile() as local:
        local.write(data)
        local.flush()
        source: Any = {"bytes": data, "file": io.BytesIO(data), "path": local.name}[spelling]
        path = real = str(machine.path(name))
        before = prepare(path, old, owner) if old is not None else None
        if linked_to and before is not None:
            real = f"{path[:-1]}.real"
            os.rename(path, real)
            os.symlink(real, path)

        async def story(link: StreamLink) -> None:
            await link.upload(Upload(source, path, mode), HOW)
            back = io.BytesIO()
            await link.download(path, back, HOW)
            assert back.getvalue() == data

        linked(machine, story)
        assert read(real) == data
        assert os.path.islink(path) == (real != path)
        after = os.stat(real)
        mask = os.umask(0)
        os.umask(mask)
        default = before.st_mode & 0o7777 if before is not None else 0o666 & ~mask
        assert after.st_mode & 0o7777 == (int(mode, 8) if mode is not None else default)
        if before is not None:
            assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
        assert set(os.listdir(machine.cwd)) == {os.path.basename(path), os.path.basename(real)}


#: What may go wrong on a host: a program of it fails, at once or after a part of its work, or is killed.
FAILURES = ["exit 1", "echo part; exit 1", "kill -KILL $$", "read -r line; kill -TERM $$"]
#: The programs that the scripts use; without any of them, either it works all the same or it fails.
PROGRAMS = ["cat", "head", "base64", "chmod", "chown", "mv", "wc", "stat", "mktemp", "readlink"]


@few
@given(
    content=contents, mode=modes, old=st.none() | st.just(0o640), program=st.sampled_from(PROGRAMS),
    failure=st.sampled_from(FAILURES),
)  # fmt: skip
def test_a_host_whose_programs_fail(
    content: Content, mode: str | None, old: int | None, program: str, failure: str
) -> None:
    data = content.data
    with host() as machine:
        path = str(machine.path("f"))
        before = prepare(path, old, (12345, 0)) if old is not None else None
        assert machine.programs is not None
        (machine.programs / program).write_text(f"#!/bin/sh\n{failure}\n")
        (machine.programs / program).chmod(0o755)
        failed: list[str] = []

        async def story(link: StreamLink) -> None:
            try:
                await link.upload(Upload(data, path, mode), HOW)
            except OperationError as error:
                failed.append(str(error))

        linked(machine, story)
        assert os.listdir(machine.cwd) == ([] if failed and before is None else ["f"])
        if failed and before is not None:
            assert (read(path), kept(os.stat(path))) == (OLD, kept(before))
        if not failed:
            assert read(path) == data
            assert mode is None or os.stat(path).st_mode & 0o7777 == int(mode, 8)
            assert before is None or kept(os.stat(path))[1:] == kept(before)[1:]


class Breaking(io.FileIO):
    """A file whose disk fails after some pieces."""

    left: int

    def read(self, size: int | None = -1, /) -> bytes:
        if self.left == 0:
            raise OSError(5, "Input/output error")
        self.left -= 1
        return super().read(size)


@few
@given(size=st.integers(1, 3 * PIECE), good=st.integers(0, 3), old=st.none() | st.just(0o640))
@example(size=3 * PIECE, good=3, old=0o640)
@example(size=SMALL, good=1, old=None)
def test_content_that_cannot_be_read_to_its_end(size: int, good: int, old: int | None) -> None:
    def breaking(path: str) -> Breaking:
        file = Breaking(path)
        file.left = min(good, -(-size // PIECE))
        return file

    with host() as machine, tempfile.NamedTemporaryFile() as local, pytest.MonkeyPatch.context() as patch:
        local.write(b"x" * size)
        local.flush()
        path = str(machine.path("f"))
        if old is not None:
            prepare(path, old, (0, 0))
        patch.setattr(ropewalk.engine.content, "_open", breaking)

        async def story(link: StreamLink) -> None:
            with pytest.raises(OperationError, match=r"cannot read .*: Input/output error"):
                await link.upload(Upload(local.name, path), HOW)

        linked(machine, story)
        found = [read(str(machine.path(name))) for name in os.listdir(machine.cwd)]
        everything_was_sent = good * PIECE >= size > SMALL
        assert found == [OLD] * (old is not None) or (everything_was_sent and found == [b"x" * size])


@settings(few, max_examples=40)
@given(before=st.integers(0, 2 * PIECE), after=st.integers(0, PIECE), old=st.none() | st.just(0o640))
def test_a_connection_that_is_lost(before: int, after: int, old: int | None) -> None:
    with host() as machine:
        path = str(machine.path("f"))
        if old is not None:
            prepare(path, old, (0, 0))
        machine.cut_at = b"cut here"
        data = b"x" * before + b"cut here" + b"x" * after

        async def story(link: StreamLink) -> None:
            with pytest.raises(ConnectionLost):
                await link.upload(Upload(data, path), HOW)

        linked(machine, story)
        # All of it may have arrived before the answer was lost: then it is all there, and never a part of it.
        whole = [data] if os.path.exists(path) and read(path) == data else []
        assert [read(str(machine.path(name))) for name in os.listdir(machine.cwd)] == (
            whole or [OLD] * (old is not None)
        )


@settings(few, max_examples=30)
@given(st.dictionaries(names.map(name_of_file), st.tuples(st.binary(max_size=300), modes), max_size=8))
def test_trees(files: dict[str, tuple[bytes, str | None]]) -> None:
    with host() as machine, tempfile.TemporaryDirectory() as local:
        tree = {}
        for number, (name, (data, mode)) in enumerate(files.items()):
            Path(local, str(number)).write_bytes(data)
            tree[f"{name}/{name}"] = str(Path(local, str(number))), mode

        async def story(link: StreamLink) -> None:
            await link.upload_tree(UploadTree(str(machine.path("tree")), tree), HOW)

        linked(machine, story)
        assert sorted(os.listdir(machine.path("tree"))) == sorted(files)
        for name, (data, mode) in files.items():
            path = machine.path("tree") / name / name
            assert os.listdir(path.parent) == [name]
            assert path.read_bytes() == data
            assert path.stat().st_mode & 0o7777 == (int(mode, 8) if mode else 0o644)


@settings(few, max_examples=30)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_secret_content_arrives_too(text: str) -> None:
    with host() as machine:

        async def story(link: StreamLink) -> None:
            await link.upload(Upload(Secret(text), str(machine.path("f")), "600"), HOW)

        linked(machine, story)
        assert machine.path("f").read_bytes() == text.encode()
