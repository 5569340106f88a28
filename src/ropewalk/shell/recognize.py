"""Reads back the scripts that move files and end commands: for hosts that only pretend to carry them out."""

from __future__ import annotations

import base64
import re
import shlex

from ropewalk.model.record import record
from ropewalk.shell import process

_UPLOAD = re.compile(r"d=(?P<head>.*?)\nw=.*?\nn=[0-9a-f]{16}\n\ncase \$d in /\*\)", re.DOTALL)
_SIZE = re.compile(r'\nhead -c (\d+) <&8 >"\$t"|\n\[ "\$\(wc -c <"\$t"\)" -eq (\d+) \]')
_TREE = re.compile(r'root=(?P<root>.*?); owner=(?P<owner>.*?)\nmkdir -p -- "\$root" \|\| exit 1; t=\n', re.DOTALL)
_DOWNLOAD = re.compile(r'f=(?P<path>.*); \[ ! -d "\$f" \] \|\| \{.*\}; exec cat -- "\$f"', re.DOTALL)
_TELL = re.compile(re.escape(process.tell("MARKER")).replace("MARKER", r"(\S+)", 1).replace("MARKER", r"\1"))
_GUARD = re.compile(
    r"proc=\S+ root=(?P<pid>\d+) birth=\S*\n\ntrap '' PIPE\n.*\nfinish \$root (?P<itself>\d*)\n", re.DOTALL
)


@record
class ReadUpload:
    """What an upload's script does.

    :ivar owner: ``user:group``, or either, or nothing.
    :ivar size: of the content; ``None`` where it does not say.
    """

    dest: str
    mode: str
    owner: str
    size: int | None

    def content(self, document: str | None, given: bytes) -> bytes | None:
        """Return what is written; ``None`` if it was cut short.

        :param document: the here-document on descriptor 8, if there is one.
        :param given: what came on standard input.
        """
        if document is None:
            data = given
        elif self.size is None:
            return base64.b64decode(document)
        else:
            data = document.encode()[: self.size]
        return data if len(data) == self.size else None


def upload_of(script: str) -> ReadUpload | None:
    """Return what a script of ``transfer.upload_script`` does; ``None`` for another script."""
    found = _UPLOAD.match(script)
    if found is None:
        return None
    dest, mode, owner = shlex.split(f"{found['head']}".replace("\nmode=", " ", 1).replace("\nowner=", " ", 1))
    size = _SIZE.search(script, found.end())
    return ReadUpload(dest, mode, owner, int(size[1] or size[2]) if size else None)


def tree_of(script: str) -> tuple[str, str] | None:
    """Return the root and the owner of a script of ``transfer.tree_script``."""
    found = _TREE.match(script)
    return None if found is None else (_word(found["root"]), _word(found["owner"]))


def download_of(script: str) -> str | None:
    """Return the path of a script of ``transfer.download_script``."""
    found = _DOWNLOAD.fullmatch(script)
    return None if found is None else _word(found["path"])


def guard_of(script: str) -> tuple[int, bool] | None:
    """Return whom a script of ``guard.guard_script`` watches, and whether it ends that process itself, too."""
    found = _GUARD.fullmatch(script)
    return None if found is None else (int(found["pid"]), bool(found["itself"]))


def without_time(script: str) -> str:
    """Return a script in which shells tell which process they are (``process.tell``), but not when they began."""
    if process.WHEN not in script:
        return script
    return _TELL.sub(lambda found: f"( printf '\\n%s %d\\n' {found[1]} $$; printf '\\n%s\\n' {found[1]} >&2 )", script)


def _word(quoted: str) -> str:
    return shlex.split(quoted)[0] if quoted else ""
