"""Files of host keys, in the format sshd(8) describes under SSH_KNOWN_HOSTS FILE FORMAT.

Keys are compared as they are written (type and base64), so a file is read without decoding any of them.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import functools
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ropewalk.model.record import record


@record
class Entry:
    """One line: which hosts it is about, and a key.

    :ivar marker: ``"cert-authority"``, ``"revoked"`` or empty.
    :ivar key: type and base64, separated by a space.
    """

    marker: str
    hosts: str
    key: str
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def type(self) -> str:
        return self.key.partition(" ")[0]

    def is_about(self, name: str) -> bool:
        """Say whether the entry is about a host, named as in the file: ``host`` or ``[host]:port``."""
        if self.hosts.startswith("|"):
            return _is_hash_of(self.hosts, name)
        found = False
        for pattern in self.hosts.lower().split(","):
            positive = pattern.removeprefix("!")
            if fnmatchcase(name.lower(), positive.replace("[", "[[]")):
                if positive != pattern:
                    return False
                found = True
        return found


@record
class Known:
    """What the files say about one host."""

    keys: tuple[Entry, ...] = ()
    authorities: tuple[Entry, ...] = ()
    revoked: tuple[Entry, ...] = ()


def look_up(files: Sequence[str | Path], name: str) -> Known:
    """Return what is known about a host.

    :param files: those that do not exist are empty.
    :param name: ``host``, or ``[host]:port`` if the port is not 22.
    :raises OSError: a file exists and cannot be read.
    """
    found = [entry for file in files for entry in _entries(Path(file), name.lower())]
    return Known(
        keys=tuple(entry for entry in found if not entry.marker),
        authorities=tuple(entry for entry in found if entry.marker == "cert-authority"),
        revoked=tuple(entry for entry in found if entry.marker == "revoked"),
    )


def add(file: str | Path, name: str, key: str, *, hashed: bool = False) -> bool:
    """Store a host's key, unless the host has one by now; return whether the file now has this key for it.

    Safe against others that do the same at the same time: the file is locked, read again and only then added to.

    :param name: ``host`` or ``[host]:port``.
    :param key: type and base64.
    :param hashed: store a hash in place of the name (``HashKnownHosts``).
    :raises OSError: the file cannot be written.
    """
    path, name = Path(file), name.lower()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        text = stream.read()
        keys = [entry.key for entry in _parse(text.decode("utf-8", "replace"), str(path)) if entry.is_about(name)]
        if keys:
            return key in keys
        lead = b"" if not text or text.endswith(b"\n") else b"\n"
        stream.write(lead + f"{_hash(name) if hashed else name} {key}\n".encode())
    return True


def fingerprint(key: str) -> str:
    """Return a key's SHA-256 fingerprint as ssh-keygen(1) shows it."""
    digest = hashlib.sha256(base64.b64decode(key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


@record
class _File:
    """What a file holds, so that looking up one name among thousands of plain ones costs nothing."""

    plain: dict[str, list[Entry]]
    others: list[Entry]  # with hashes, wild cards or exclusions

    def about(self, name: str) -> list[Entry]:
        found = [*self.plain.get(name, ()), *(entry for entry in self.others if entry.is_about(name))]
        return sorted(found, key=lambda entry: entry.line)


def _entries(path: Path, name: str) -> list[Entry]:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return []
    return _cached(path, (status.st_mtime_ns, status.st_size, status.st_ino)).about(name)


@functools.lru_cache(maxsize=16)
def _cached(path: Path, _stamp: tuple[int, int, int]) -> _File:
    file = _File({}, [])
    if not path.is_file():
        return file  # /dev/null is the usual way to say: none
    for entry in _parse(path.read_text(encoding="utf-8", errors="replace"), str(path)):
        if any(c in entry.hosts for c in "|*?!"):
            file.others.append(entry)
        else:
            for host in set(entry.hosts.lower().split(",")):
                file.plain.setdefault(host, []).append(entry)
    return file


def _parse(text: str, file: str) -> Iterator[Entry]:
    """Yield the entries of a file. Like ssh, pass over lines that make no sense: they vouch for nobody."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        marker = words.pop(0)[1:] if words and words[0].startswith("@") else ""
        if len(words) >= 3 and not words[0].startswith("#") and marker in {"", "cert-authority", "revoked"}:
            yield Entry(marker, words[0], f"{words[1]} {words[2]}", file, number)


def _hash(name: str, salt: bytes | None = None) -> str:
    salt = salt or secrets.token_bytes(20)
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def _is_hash_of(hashed: str, name: str) -> bool:
    try:
        _, kind, salt, _ = hashed.split("|")
        return kind == "1" and hmac.compare_digest(hashed, _hash(name.lower(), base64.b64decode(salt, validate=True)))
    except (ValueError, binascii.Error):
        return False
