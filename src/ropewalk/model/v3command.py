"""pyinfra v3's spellings of commands: opt-in quoting, kept for deploys that were written for them.

Code of this project uses :mod:`ropewalk.model.command`, where a word is quoted unless it says otherwise.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from ropewalk.model.command import Call, Download, Joined, Raw, Rsync, Secret, Shell, Upload


class HiddenValue(Secret):
    """v3's name for a secret: masked wherever it is shown, sent as it is."""

    __slots__ = ()

    def __init__(self, content: str = "", masked_value: str = "*MASKED*") -> None:
        super().__init__(content, masked_value)

    def unmask(self) -> str:
        return self.value


class MaskString(str):
    """A string that a ``StringCommand`` sends but does not show (v3's older form of a hidden value)."""

    __slots__ = ()


class QuoteString:
    """A part of a ``StringCommand`` that is quoted for the shell as one word."""

    def __init__(self, obj: str | StringCommand | HiddenValue) -> None:
        self.obj = obj

    def render(self, *, reveal: bool = False) -> str:
        return shlex.quote(_bit(self.obj, reveal))

    def __repr__(self) -> str:
        return f"QuoteString({self.render()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QuoteString) and self.render(reveal=True) == other.render(reveal=True)

    def __hash__(self) -> int:
        return hash(self.render(reveal=True))


class StringCommand:
    """One shell command as text: its bits are joined and not quoted, except ``QuoteString``.

    :param bits: strings, ``QuoteString``, ``HiddenValue``, nested ``StringCommand`` or anything with ``str()``.
    :param arguments: connector arguments (``_sudo`` ...) for this command alone.
    """

    def __init__(self, *bits: Any, _separator: str = " ", **arguments: Any) -> None:
        self.bits = bits
        self.separator = _separator
        self.connector_arguments: dict[str, Any] = arguments

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.connector_arguments

    def render(self, *, reveal: bool = False) -> str:
        return self.separator.join(_bit(bit, reveal) for bit in self.bits)

    def get_raw_value(self) -> str:
        return self.render(reveal=True)

    def get_masked_value(self) -> str:
        return self.render()

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        return f"StringCommand({self.render()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StringCommand) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self.render(reveal=True))

    def _content(self) -> tuple[str, dict[str, Any]]:
        return self.render(reveal=True), self.connector_arguments


def _bit(bit: Any, reveal: bool) -> str:
    match bit:
        case MaskString():
            return str.__str__(bit) if reveal else "*MASKED*"
        case Secret():
            return bit.value if reveal else bit.shown
        case Raw(text):
            return text
        case Joined():
            return Shell((bit,)).render(reveal=reveal)
        case _ if hasattr(bit, "render"):
            return str(bit.render(reveal=reveal))
    return str(bit)


#: What is neither a secret nor holds one: most of what is asked about.
_BARE = frozenset({str, bytes, int, float, bool, type(None), Raw})


def secrets_in(value: object) -> Iterator[str]:
    """Return the text of every secret inside a command or a value, so that output can be kept clear of them."""
    found: list[str] = []
    if type(value) not in _BARE:
        _find_secrets(value, found)
    return iter(found)


_CONTAINERS = frozenset({dict, list, tuple, set, frozenset})


def _find_secrets(value: object, found: list[str]) -> None:
    kind = type(value)
    if kind in _CONTAINERS:  # by far the most; what is derived from these is dealt with below
        for inner in value.values() if kind is dict else value:  # type: ignore[attr-defined, union-attr]
            kind = type(inner)
            if kind not in _BARE and (kind not in _CONTAINERS or inner):
                _find_secrets(inner, found)
        return
    match value:
        case Secret():
            found.append(value.value)
        case MaskString():
            found.append(str.__str__(value))
        case _:
            for inner in _parts(value):
                if type(inner) not in _BARE:
                    _find_secrets(inner, found)


def _parts(value: object) -> Iterable[object]:
    """Return what may hold secrets inside a value."""
    match value:
        case dict():
            return value.values()
        case list() | tuple() | set() | frozenset():
            return value
        case Shell():
            return value.words
        case Joined():
            return value.parts
        case StringCommand():
            return value.bits
        case QuoteString():
            return (value.obj,)
        case _Formatted():
            return (value.args, value.kwargs)
        case Upload():
            return (value.source,)
        case Mapping():
            return value.values()
    return ()


def make_formatted_string_command(string: str, *args: Any, **kwargs: Any) -> StringCommand:
    """Split text as a shell would, put the arguments into ``{0}`` and ``{name}``, quote what was filled in.

    >>> str(make_formatted_string_command("echo {0}", QuoteString("a b")))
    "echo 'a b'"
    """
    bits: list[Any] = []
    for word in shlex.split(string):
        bits.append(_Formatted(word, args, kwargs))
    return StringCommand(*bits)


class _Formatted:
    """A word with places for values: each value renders as it would on its own."""

    def __init__(self, word: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.word, self.args, self.kwargs = word, args, kwargs

    def render(self, *, reveal: bool = False) -> str:
        args = [_bit(value, reveal) for value in self.args]
        kwargs = {key: _bit(value, reveal) for key, value in self.kwargs.items()}
        return self.word.format(*args, **kwargs)


class FileUploadCommand:
    """v3's upload: like :class:`Upload`, with the owner and mode left as they are on the host."""

    def __init__(
        self, src: str | IO[Any], dest: str, remote_temp_filename: str | None = None, **arguments: Any
    ) -> None:
        self.src, self.dest, self.remote_temp_filename = src, dest, remote_temp_filename
        self.connector_arguments = arguments

    def step(self) -> Upload:
        return Upload(self.src, self.dest, arguments=self.connector_arguments)


class FileDownloadCommand:
    """v3's download."""

    def __init__(
        self, src: str, dest: str | IO[Any], remote_temp_filename: str | None = None, **arguments: Any
    ) -> None:
        self.src, self.dest, self.remote_temp_filename = src, dest, remote_temp_filename
        self.connector_arguments = arguments

    def step(self) -> Download:
        return Download(self.src, self.dest, arguments=self.connector_arguments)


class FunctionCommand:
    """v3's call of a Python function on this machine."""

    def __init__(
        self, function: Callable[..., Any], args: Sequence[Any], func_kwargs: Mapping[str, Any], **arguments: Any
    ) -> None:
        self.function, self.args, self.kwargs = function, tuple(args), dict(func_kwargs)
        self.connector_arguments = arguments

    def step(self) -> Call:
        return Call(self.function, self.args, self.kwargs, self.connector_arguments)


class RsyncCommand:
    """v3's run of rsync."""

    def __init__(self, src: str, dest: str, flags: Sequence[str], **arguments: Any) -> None:
        self.src, self.dest, self.flags = src, dest, list(flags)
        self.connector_arguments = arguments

    def step(self) -> Rsync:
        return Rsync(self.src, self.dest, tuple(self.flags), self.connector_arguments)
