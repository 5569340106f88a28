"""What makes an operation the same in another run: its name and arguments, not the line it stands on."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
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
        return Key(self._numbered(exact), self._numbered(unnamed), named, content_of(dict(given)))

    def _numbered(self, text: str) -> str:
        count = self._seen[text]
        self._seen[text] += 1
        return f"{text}.{count}" if count else text


def _named(call: OperationCall) -> list[tuple[str, Any]]:
    """Return an operation's own arguments with their names; those of ``*args`` have none."""
    parameters = signature_of(call.operation._inner).parameters.values()
    names = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    return [*zip([*names, *[""] * len(call.args)], call.args, strict=False), *call.own.items()]


def digest(*parts: str) -> str:
    """Return a short digest of texts."""
    data = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def canonical(name: str, value: Any) -> str:
    """Return the text of an argument that is the same in every process; secrets and objects are not in it."""
    match value:
        case None | bool() | int() | float() | bytes():
            return repr(value)
        case str():
            return "*" if is_private(name) else repr(value)
        case Secret():
            return "*"
        case Renderable():
            return repr(str(value))
        case Mapping():
            return "{" + ",".join(sorted(f"{key!r}:{canonical(str(key), item)}" for key, item in value.items())) + "}"
        case list() | tuple():
            return "[" + ",".join(canonical(name, item) for item in value) + "]"
        case set() | frozenset():
            return "[" + ",".join(sorted(canonical(name, item) for item in value)) + "]"
    if callable(value):
        return str(getattr(value, "__qualname__", type(value).__qualname__))
    return type(value).__qualname__


def content_of(given: Mapping[str, Any]) -> str:
    """Return a digest of what an operation's own files hold; empty where it has none."""
    parts = [part for key, value in given.items() if key in _SOURCES for part in _content(value)]
    return digest(*parts) if parts else ""


def _content(value: Any) -> Iterator[str]:
    if hasattr(value, "getvalue"):
        held = value.getvalue()
        yield digest(held if isinstance(held, str) else held.decode("utf-8", "surrogateescape"))
    elif isinstance(value, str) and "\n" not in value and "\0" not in value:
        state = current_state.get(None)
        path = os.path.join((state.cwd if state is not None else None) or os.curdir, value)
        if os.path.isdir(path):
            yield from _listed(path)
        elif os.path.isfile(path):
            yield _of_file(path)


def _of_file(path: str) -> str:
    try:
        stat = os.stat(path)
        if stat.st_size > _LARGE:
            return f"{stat.st_size} {stat.st_mtime_ns}"
        with open(path, "rb") as file:
            return hashlib.blake2b(file.read(), digest_size=12).hexdigest()
    except OSError as error:
        return str(error.errno)


def _listed(directory: str) -> Iterator[str]:
    count = 0
    for folder, folders, files in os.walk(directory):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            count += 1
            if count > _MOST:
                return
            yield f"{os.path.relpath(path, directory)} {_of_file(path)}"
