"""How a command reaches the host and in what surroundings it runs: global arguments, resolved and frozen."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from ropewalk.model.command import Secret
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record
from ropewalk.shell.identity import IDENTIFYING, Identity
from ropewalk.shell.prompts import Ask


@record
class How:
    """Everything about a command but the command."""

    identity: Identity
    passwords: Mapping[Ask, Secret]
    shell: str | None = "sh"
    chdir: str | None = None
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    hidden: bool = False  # the environment holds a secret
    timeout: float | None = None
    pty: bool = False
    stdin: bytes | None = field(default=None, repr=False)
    temp_dir: str = "/tmp"
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.identity, self.shell, self.chdir, self.timeout)))

    @classmethod
    def of(cls, arguments: Mapping[str, Any], *, default_temp_dir: str = "/tmp") -> How:
        """Return what resolved global arguments mean."""
        try:  # hosts and operations that are told alike share one object
            if not any(_own(arguments)):
                return _shared(_common(arguments), default_temp_dir)
        except (KeyError, TypeError):  # some are not given, or cannot be looked up
            pass
        return cls._of(arguments, default_temp_dir)

    @classmethod
    def _of(cls, arguments: Mapping[str, Any], default_temp_dir: str) -> How:
        env = arguments.get("_env") or {}
        passwords = {
            ask: secret
            for ask, key in ((Ask.SUDO, "_sudo_password"), (Ask.SU, "_su_password"))
            if (secret := _secret(arguments.get(key))) is not None
        }
        return cls(
            identity=Identity.of(arguments),
            passwords=passwords,
            shell=arguments.get("_shell_executable", "sh"),
            chdir=arguments.get("_chdir"),
            env=tuple((str(key), _text(value)) for key, value in env.items()),
            hidden=any(isinstance(value, Secret) for value in env.values()),
            timeout=arguments.get("_timeout"),
            pty=bool(arguments.get("_get_pty")),
            stdin=stdin_bytes(arguments.get("_stdin")),
            temp_dir=arguments.get("_temp_dir") or default_temp_dir,
        )

    def __hash__(self) -> int:
        return self._hash

    def key(self) -> tuple[Any, ...]:
        """Return what two reads of a fact must share to have the same value."""
        return self.identity, self.shell, self.chdir, self.env


#: Arguments that may hold secrets, or that are read when they are looked at: nothing of theirs is kept for others.
_OWN = ("_env", "_stdin", "_sudo_password", "_su_password")
_own = operator.itemgetter(*_OWN)
_COMMON = (
    *IDENTIFYING, "_shell_executable", "_chdir", "_timeout", "_get_pty", "_temp_dir",
)  # fmt: skip
_common = operator.itemgetter(*_COMMON)


@functools.lru_cache(maxsize=256)
def _shared(values: tuple[Any, ...], default_temp_dir: str) -> How:
    return How._of(dict(zip(_COMMON, values, strict=True)), default_temp_dir)


def stdin_bytes(value: Any) -> bytes | None:
    """Return what a command is to read: text and bytes as they are, items of a list as lines.

    :raises OperationValueError: nothing that could be read.

    >>> stdin_bytes(["a", "b\\n"]), stdin_bytes("text")
    (b'a\\nb\\n', b'text')
    """
    if value is None:
        return None
    if isinstance(value, str | bytes | bytearray | Secret):
        return _bytes(value)
    if hasattr(value, "read"):
        if hasattr(value, "seek"):
            value.seek(0)
        return _bytes(value.read())
    if hasattr(value, "readlines"):
        return b"".join(_bytes(line) for line in value.readlines())
    if isinstance(value, Iterable):
        return b"".join(_line(item) for item in value)
    raise OperationValueError(f"_stdin cannot be {type(value).__name__}", hint="give text, bytes, lines or a file")


def _line(item: Any) -> bytes:
    data = _bytes(item)
    return data if data.endswith(b"\n") else data + b"\n"


def _bytes(value: Any) -> bytes:
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, str):
        return value.encode("utf-8", errors="surrogateescape")
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    raise OperationValueError(f"_stdin holds {type(value).__name__}, which is neither text nor bytes")


def _secret(value: Any) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    return Secret(str(value))


def _text(value: Any) -> str:
    return value.value if isinstance(value, Secret) else str(value)
