"""Local ends of file transfers: where content comes from, and where it goes without ever being half there."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from ropewalk.model.command import Secret, UploadTree
from ropewalk.model.errors import OperationError
from ropewalk.shell.transfer import tree_script

if TYPE_CHECKING:
    import tarfile

PIECE = 256 * 1024


class Source:
    """Content of known size, read in pieces."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.size = file, size

    def read(self) -> bytes:
        """Return all of it.

        :raises OperationError: it cannot be read, or is not of its size any more.
        """
        data = b"".join(self.chunks())
        if len(data) != self.size:
            raise OperationError(f"{self._name}: its size changed while it was read")
        return data

    def chunks(self) -> Iterator[bytes]:
        """Yield it in pieces.

        :raises OperationError: it cannot be read.
        """
        try:
            while piece := self.file.read(PIECE):
                yield piece
        except OSError as error:
            raise OperationError(f"cannot read {self._name}: {error.strerror}") from error

    async def chunks_from_thread(self) -> AsyncIterator[bytes]:
        """Yield it in pieces that a thread reads: no slow disk holds up other hosts.

        :raises OperationError: it cannot be read.
        """
        chunks = self.chunks()
        while piece := await asyncio.to_thread(next, chunks, b""):
            yield piece

    @property
    def _name(self) -> str:
        name = getattr(self.file, "name", None)
        return f"the local file {name}" if isinstance(name, str) else "the content"


class Destination:
    """Takes downloaded bytes; the real file appears when ``keep`` is called, whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.kept = False

    def feed(self, data: bytes) -> None:
        self._file.write(data)

    def keep(self) -> None:
        self.kept = True


def pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


@contextmanager
def open_source(source: str | bytes | Secret | IO[Any]) -> Iterator[Source]:
    """Open what is to be uploaded.

    :raises OperationError: the local file cannot be read.
    """
    if isinstance(source, str):
        with _open(source) as file:
            size = os.fstat(file.fileno()).st_size
            if size:
                yield Source(file, size)
                return
            source = b"".join(Source(file, 0).chunks())  # of what the kernel makes up (/proc, /sys), no size is known
    data = _data(source)
    yield Source(io.BytesIO(data), len(data))


def _open(path: str) -> IO[bytes]:
    try:
        return open(path, "rb")
    except OSError as error:
        raise OperationError(f"cannot read the local file {path}: {error.strerror}") from error


def _data(source: bytes | Secret | IO[Any]) -> bytes:
    if isinstance(source, Secret):
        return source.value.encode()
    if isinstance(source, bytes):
        return source
    if source.seekable():
        source.seek(0)
    data = source.read()
    return data.encode() if isinstance(data, str) else bytes(data)


@contextmanager
def open_destination(dest: str | IO[Any]) -> Iterator[Destination]:
    """Open where a download goes: a path is replaced in one step once everything has arrived."""
    if not isinstance(dest, str):
        with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as spool:
            target = Destination(spool)
            yield target
            if target.kept:
                _pour(spool, dest)
        return
    folder = os.path.dirname(os.path.abspath(dest))
    try:
        handle, temporary = tempfile.mkstemp(prefix=".ropewalk-", dir=folder)
    except OSError as error:
        raise OperationError(f"cannot write the local file {dest}: {error.strerror}") from error
    try:
        with open(handle, "wb") as file:
            target = Destination(file)
            yield target
        if target.kept:
            os.chmod(temporary, _mode(dest))
            os.replace(temporary, dest)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _pour(spool: IO[bytes], dest: IO[Any]) -> None:
    spool.seek(0)
    data = spool.read()
    try:
        dest.write(data)
    except TypeError:  # a text file object
        dest.write(data.decode())


def _mode(dest: str) -> int:
    """Return the mode of the file that is replaced, or the one a new file gets here."""
    try:
        return os.stat(dest).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


@contextmanager
def open_tree(tree: UploadTree) -> Iterator[tuple[Source, str]]:
    """Pack local files as tar; returns it with the script that unpacks it on the host."""
    import tarfile  # few runs need it

    with tempfile.TemporaryFile() as packed:
        # BusyBox does not know pax headers, which names of more than 100 characters or other alphabets would need.
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for name, (path, mode) in sorted(tree.files.items()):
                _add(archive, name, path, mode)
        size = packed.tell()
        packed.seek(0)
        yield Source(packed, size), tree_script(tree.root, tree.files, user=tree.user, group=tree.group)


def _add(archive: tarfile.TarFile, name: str, path: str, mode: str | None) -> None:
    with open_source(path) as source:
        entry = archive.tarinfo(name)
        entry.size, entry.mtime = source.size, int(os.stat(path).st_mtime)
        entry.mode = int(mode, 8) if mode else 0o644
        try:
            archive.addfile(entry, source.file)
        except OSError as error:
            raise OperationError(f"cannot read the local file {path}: {error.strerror or error}") from error
