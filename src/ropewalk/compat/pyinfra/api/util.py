"""The small functions that v3's operations and packages import from ``pyinfra.api.util``."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from io import BytesIO, StringIO
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from ropewalk.api.typecheck import is_of, name_of
from ropewalk.compat.pyinfra.api.output import format_text as format_text
from ropewalk.model.command import Secret
from ropewalk.model.v3command import MaskString

if TYPE_CHECKING:
    from ropewalk.api.state import State

BLOCKSIZE = 65536


def try_int(value: Any) -> Any:
    """Return the value as an int where it can be one, else as it is."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return value


def memoize(func: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function remember its results, by the text of its arguments."""
    cache: dict[str, Any] = {}

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = f"{args}{kwargs}"
        if key not in cache:
            cache[key] = func(*args, **kwargs)
        return cache[key]

    wrapper.cache = cache  # type: ignore[attr-defined]
    return wrapper


def sha1_hash(string: str) -> str:
    """Return the SHA-1 of a text, in hexadecimal."""
    return hashlib.sha1(string.encode(), usedforsecurity=False).hexdigest()


def make_hash(obj: Any) -> str:
    """Return a hash of a value that is the same in every process: of its items for containers, else of its text."""
    if isinstance(obj, dict):
        obj = [[key, obj[key]] for key in sorted(obj, key=str)]
    if isinstance(obj, set | frozenset):
        obj = sorted(obj, key=str)
    if isinstance(obj, list | tuple):
        return sha1_hash("".join(make_hash(item) for item in obj))
    if isinstance(obj, StringIO | BytesIO):
        return str(get_file_sha1(obj))
    if callable(obj) and hasattr(obj, "__qualname__"):
        return sha1_hash(f"{obj.__module__}.{obj.__qualname__}")
    return sha1_hash(str(obj))


def get_kwargs_str(kwargs: Mapping[Any, Any]) -> str:
    """Return ``key=value`` for each argument, as in a call.

    >>> get_kwargs_str({"a": 1, "b": None})
    ' (a=1, b=None)'
    """
    return f" ({', '.join(f'{key}={value}' for key, value in kwargs.items())})" if kwargs else ""


def format_exception(e: BaseException) -> str:
    """Return an exception as its class and arguments."""
    return f"{type(e).__name__}{e.args!r}"


def raise_if_bad_type(value: Any, type_: Any, exception: type[Exception], message_prefix: str) -> None:
    """Raise ``exception`` unless a value has a type as an annotation writes it."""
    if not is_of(value, type_):
        raise exception(f"{message_prefix}: must be {name_of(type_)}, not {value!r}")


def get_call_location(frame_offset: int = 1) -> str:
    """Return where the function that asks was called from, as ``line N in FILE``."""
    frame = sys._getframe(frame_offset + 1)
    return f"line {frame.f_lineno} in {os.path.relpath(frame.f_code.co_filename)}"


def get_file_path(state: State, filename: str | Path) -> str:
    """Return the path of a file of this machine; relative ones are relative to the deploy's directory."""
    path = Path(filename).expanduser()
    return str(path if path.is_absolute() or state.cwd is None else Path(state.cwd) / path)


def get_path_permissions_mode(pathname: str) -> str:
    """Return the permission bits of a file of this machine, as octal text such as ``644``."""
    return f"{stat.S_IMODE(os.stat(pathname).st_mode):o}"


class get_file_io:
    """Open a file, or rewind an open one, for the length of a ``with``.

    What was open before stays open, and is where it was.
    """

    def __init__(self, filename_or_io: str | Path | IO[Any], mode: str = "rb") -> None:
        if not isinstance(filename_or_io, str | Path) and not hasattr(filename_or_io, "read"):
            raise TypeError(f"neither a path nor a file object: {filename_or_io!r}")
        self.filename_or_io, self.mode = filename_or_io, mode
        self._opened: IO[Any] | None = None
        self._was_at = 0

    def __enter__(self) -> IO[Any]:
        if isinstance(self.filename_or_io, str | Path):
            self._opened = open(self.filename_or_io, self.mode)
            return self._opened
        self._was_at = self.filename_or_io.tell()
        self.filename_or_io.seek(0)
        return self.filename_or_io

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._opened is not None:
            self._opened.close()
        elif not isinstance(self.filename_or_io, str | Path):
            self.filename_or_io.seek(self._was_at)

    @property
    def cache_key(self) -> str | None:
        """The name of the file; open ones have none."""
        return str(self.filename_or_io) if isinstance(self.filename_or_io, str | Path) else None


def get_file_md5(filename_or_io: str | Path | IO[Any]) -> str:
    """Return the MD5 of a file of this machine, in hexadecimal."""
    return _digest(filename_or_io, hashlib.md5(usedforsecurity=False))


def get_file_sha1(filename_or_io: str | Path | IO[Any]) -> str:
    """Return the SHA-1 of a file of this machine, in hexadecimal; it is read anew each time."""
    return _digest(filename_or_io, hashlib.sha1(usedforsecurity=False))


def get_file_sha256(filename_or_io: str | Path | IO[Any]) -> str:
    """Return the SHA-256 of a file of this machine, in hexadecimal."""
    return _digest(filename_or_io, hashlib.sha256())


def _digest(filename_or_io: str | Path | IO[Any], hasher: Any) -> str:
    with get_file_io(filename_or_io) as file:
        while chunk := file.read(BLOCKSIZE):
            hasher.update(chunk.encode() if isinstance(chunk, str) else chunk)
    return str(hasher.hexdigest())


class FileTemplate:
    """A Jinja2 template of this machine; names that are not defined are errors in it."""

    def __init__(self, source: str | IO[Any], jinja_env_kwargs: Mapping[str, Any] | None) -> None:
        self._source, self._settings = source, jinja_env_kwargs

    def render(self, *args: Mapping[str, Any], **data: Any) -> str:
        """Return the text for the current host; masked in commands when it holds a secret."""
        from ropewalk.operations.files import templates

        text = templates.render(self._source, dict(*args, **data), self._settings)
        return MaskString(text.value) if isinstance(text, Secret) else text.decode()


def get_template(filename_or_io: str | IO[Any], jinja_env_kwargs: Mapping[str, Any] | None = None) -> FileTemplate:
    """Return a Jinja2 template; it is read when it is rendered.

    :param jinja_env_kwargs: arguments of ``jinja2.Environment``.
    """
    return FileTemplate(filename_or_io, jinja_env_kwargs)
