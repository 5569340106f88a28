"""What makes an operation the same in another run: its name and arguments, not the line it stands on."""

from __future__ import annotations

import functools
import hashlib
import os
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ropewalk.api.context import current_state
from ropewalk.engine.call import OperationCall, is_private, signature_of
from ropewalk.model.command import Renderable, Secret
from ropewalk.model.past import Key

#: Arguments that name files of the machine that runs the deploy.
_SOURCES = frozenset({"src", "source", "script", "template"})
#: Files of more than this many bytes are told apart by size and time only.
_LARGE = 4 * 1024 * 1024
#: Entries of a directory that are looked at.
_MOST = 5_000
_PLAIN = frozenset({bool, int, float, bytes, type(None)})
#: Values within values that are looked at: one may hold itself.
_DEEPEST = 20


class Keys:
    """Gives the operations of one host their keys, in the order they are called."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, call: OperationCall, name: str) -> Key:
        """Return the key of a call.

        :param name: what it is called, free of secrets.
        """
        given = sorted(_named(call), key=lambda pair: pair[0])
        outer = call.parent.meta.key if call.parent is not None else None
        base = f"{call.info.function}\0{outer.exact if outer is not None else ''}"
        unnamed = digest(base, *(f"{key}={canonical(key, value)}" for key, value in given))
        exact = digest(unnamed, name)
        named = digest(base, name) if call.arguments["name"] else None
        return Key(self._numbered(exact), self._numbered(unnamed), named)

    def _numbered(self, text: str) -> str:
        count = self._seen[text]
        self._seen[text] += 1
        return f"{text}.{count}" if count else text


def _named(call: OperationCall) -> list[tuple[str, Any]]:
    """Return an operation's own arguments with their names; those of ``*args`` have none."""
    if not call.args:
        return list(call.own.items())
    parameters = signature_of(call.operation._inner).parameters.values()
    names = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    return [*zip([*names, *[""] * len(call.args)], call.args, strict=False), *call.own.items()]


def digest(*parts: str) -> str:
    """Return a short digest of texts."""
    data = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def canonical(name: str, value: Any, depth: int = 0) -> str:
    """Return the text of an argument that is the same in every process; secrets and objects are not in it."""
    kind = type(value)
    if kind is str:
        return "*" if is_private(name) else repr(value)
    if kind in _PLAIN:
        return repr(value)
    if depth > _DEEPEST:
        return "..."
    depth += 1
    match value:
        case Secret():
            return "*"
        case str():  # of a class of its own
            return canonical(name, str(value))
        case list() | tuple():
            return "[" + ",".join(canonical(name, item, depth) for item in value) + "]"
        case Renderable():
            return repr(str(value))
        case Mapping():
            return (
                "{"
                + ",".join(sorted(f"{key!r}:{canonical(str(key), item, depth)}" for key, item in value.items()))
                + "}"
            )
        case set() | frozenset():
            return "[" + ",".join(sorted(canonical(name, item, depth) for item in value)) + "]"
    if callable(value):
        return str(getattr(value, "__qualname__", type(value).__qualname__))
    return type(value).__qualname__


def content_of(call: OperationCall) -> str:
    """Return a digest of what an operation's own files hold; empty where it has none."""
    parts = [_content(value) for key, value in _named(call) if key in _SOURCES]
    return digest(*parts) if any(parts) else ""


def _content(value: Any) -> str:
    if hasattr(value, "getvalue"):
        try:
            held = value.getvalue()
        except ValueError:  # it is closed
            return ""
        return digest(held if isinstance(held, str) else bytes(held).decode("utf-8", "surrogateescape"))
    if not isinstance(value, str) or "\n" in value or "\0" in value:
        return ""
    state = current_state.get(None)
    path = os.path.join((state.cwd if state is not None else None) or os.curdir, value)
    try:
        if os.path.isdir(path):
            return _of_tree(path, int(time.monotonic()))
        return _of_file(path)
    except OSError:
        return ""


def _of_file(path: str) -> str:
    stat = os.stat(path)
    return _hashed(path, stat.st_size, stat.st_mtime_ns) if stat.st_size <= _LARGE else _look(stat)


@functools.lru_cache(maxsize=4096)
def _hashed(path: str, size: int, mtime: int) -> str:
    """Return the digest of a file, read once for all hosts."""
    with open(path, "rb") as file:
        return hashlib.blake2b(file.read(), digest_size=12).hexdigest()


@functools.lru_cache(maxsize=64)
def _of_tree(directory: str, second: int) -> str:
    """Return the digest of names, sizes and times below a directory, looked at once for hosts that ask together."""
    parts = []
    for folder, folders, files in os.walk(directory):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            parts.append(f"{os.path.relpath(path, directory)} {_look(os.lstat(path))}")
            if len(parts) >= _MOST:
                return digest(*parts)
    return digest(*parts)


def _look(stat: os.stat_result) -> str:
    return f"{stat.st_size} {stat.st_mtime_ns}"
