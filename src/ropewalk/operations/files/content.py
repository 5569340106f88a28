"""Content of this machine that goes to a host: read when it is asked for, never remembered by name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from ropewalk.api.context import current_host, current_state, on_local_files
from ropewalk.facts.files import Sha1File
from ropewalk.model.command import Change, Secret
from ropewalk.model.errors import OperationError, OperationTypeError
from ropewalk.model.record import record

#: Bytes of a file that are hashed in a few milliseconds.
AT_ONCE = 4 * 1024 * 1024


@record
class Content:
    """Something to upload.

    :param source: a path on this machine, or the content itself.
    :param filename: the name it has here, when it is a file.
    :param exists: whether there is anything to read yet.
    """

    source: str | bytes | Secret
    filename: str | None = None
    exists: bool = True

    @property
    def path(self) -> str | None:
        return self.source if isinstance(self.source, str) else None

    @property
    def secret(self) -> bool:
        return isinstance(self.source, Secret)

    def size(self) -> int:
        return os.stat(self.source).st_size if isinstance(self.source, str) else len(self._data())

    def digest(self, algorithm: str) -> str:
        """Return the hash; that of a large file is made where it does not hold up other hosts."""
        if isinstance(self.source, str):
            host = current_host.get(None)
            if host is None or self.size() <= AT_ONCE:
                return self._file_digest(algorithm)
            made: str = host.runner.blocking(lambda: self._file_digest(algorithm), reads=True)
            return made
        return hashlib.new(algorithm, self._data(), usedforsecurity=False).hexdigest()

    def _file_digest(self, algorithm: str) -> str:
        with open(str(self.source), "rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()

    def text(self) -> str | None:
        """Return the content for people to read; ``None`` when it is binary or secret."""
        if self.secret or not self.exists:
            return None
        data = self._data()
        try:
            return None if b"\0" in data else data.decode()
        except UnicodeDecodeError:
            return None

    def _data(self) -> bytes:
        match self.source:
            case Secret():
                return self.source.value.encode()
            case bytes():
                return self.source
        return Path(self.source).read_bytes()


def local_path(path: str | os.PathLike[str], add_deploy_dir: bool = True) -> str:
    """Return a path of this machine, relative to the deploy's directory unless that is unwanted."""
    on_local_files.get()()
    directory = current_state.get().cwd
    return os.path.join(directory, path) if add_deploy_dir and directory else os.fspath(path)


def read(source: object, *, add_deploy_dir: bool, assume_exists: bool = False) -> Content:
    """Take the ``src`` argument of an operation.

    :param source: a path, content as bytes, a ``Secret``, or anything with ``read()``, which is read from its start.
    :param assume_exists: take a file that is missing for one that an earlier operation makes.
    :raises OperationError: there is no such file.
    """
    if isinstance(source, bytes | Secret):
        return Content(source)
    if hasattr(source, "read"):
        return Content(_read_io(source))
    if not isinstance(source, str | os.PathLike):
        raise OperationTypeError(f"`src` must be a path or an object that can be read, not {source!r}")
    path = local_path(source, add_deploy_dir)
    if os.path.isfile(path):
        return Content(path, os.path.basename(path))
    if not assume_exists or os.path.exists(path):
        problem = "is not a file" if os.path.exists(path) else "does not exist"
        raise OperationError(
            f"the local file {path} {problem}",
            hint="paths are relative to the directory of the run; assume_exists=True plans with a file made later",
        )
    return Content(path, os.path.basename(path), exists=False)


def difference(content: Content, path: str, info: Mapping[str, Any]) -> Change | None:
    """Return how the content differs from that of a file of the host, ``None`` when it is the same.

    :param info: the ``File`` fact of the file; a different size saves hashing.
    """
    if not content.exists:
        return Change("content", "something", "not known yet")
    size = content.size()
    if isinstance(info.get("size"), int) and info["size"] != size:
        before, after = f"{info['size']} bytes", f"{size} bytes"
        return Change("content", before, "other content" if content.secret else after)
    remote = current_host.get().get_fact(Sha1File, path=path)
    local = content.digest("sha1")
    if remote == local:
        return None
    return Change("content", f"sha1 {str(remote)[:12]}", "other content" if content.secret else f"sha1 {local[:12]}")


def permissions(path: str) -> str:
    """Return the permission bits of a local file as octal digits, without the set-ID and sticky bits."""
    return f"{os.stat(path).st_mode & 0o777:o}"


def _read_io(source: IO[Any] | Any) -> bytes:
    if hasattr(source, "seekable") and source.seekable():
        source.seek(0)
    data = source.read()
    return data.encode() if isinstance(data, str) else bytes(data)
