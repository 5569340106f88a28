"""The files of a fake host: those that were there, and those that were uploaded."""

from __future__ import annotations

import functools
import io
import tarfile
from collections.abc import Mapping

from ropewalk.model.record import record
from ropewalk.shell.recognize import ReadUpload


@record
class FakeFile:
    """A file that was uploaded, or that was there from the beginning.

    :ivar mode: as it was asked for; ``""`` if it was not.
    :ivar owner: ``user:group``, or either, or ``""``.
    """

    content: bytes
    mode: str = ""
    owner: str = ""


class FakeFiles(dict[str, FakeFile]):
    """Files by path. The methods that transfer them return what went wrong, or nothing.

    >>> FakeFiles.of({"/etc/motd": "hello"})["/etc/motd"].content
    b'hello'
    """

    @classmethod
    def of(cls, contents: Mapping[str, str | bytes]) -> FakeFiles:
        """Return files with these contents."""
        return cls(
            {path: FakeFile(text.encode() if isinstance(text, str) else text) for path, text in contents.items()}
        )

    def write(self, upload: ReadUpload, document: str | None, given: bytes) -> str:
        """Carry out an upload; see :class:`ReadUpload` for where its content comes from."""
        content = upload.content(document, given)
        if content is None:
            return f"{upload.dest}: the upload was cut short"
        before = self.get(upload.dest, FakeFile(b""))
        self[upload.dest] = FakeFile(_kept(content), upload.mode or before.mode, upload.owner or before.owner)
        return ""

    def unpack(self, root: str, owner: str, packed: bytes) -> str:
        """Unpack an archive (tar) below a directory."""
        try:
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                for member in archive:
                    file = archive.extractfile(member)
                    content = file.read() if file is not None else b""
                    self[f"{root.rstrip('/')}/{member.name}"] = FakeFile(_kept(content), f"{member.mode:o}", owner)
        except tarfile.TarError as error:
            return f"{root}: {error}"
        return ""


@functools.lru_cache(maxsize=64)
def _kept(content: bytes) -> bytes:
    """Return the same object for equal content: a thousand hosts with the same file hold it once."""
    return content
