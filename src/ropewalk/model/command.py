"""What an operation asks for: plain values, no behaviour, equal when they do the same.

A command is a tuple of words. Every word is quoted when it is rendered, except ``Raw``;
a ``Shell`` used as a word is rendered, then quoted whole, so nesting needs no thought
and a ``Secret`` stays masked at any depth. ``render(reveal=True)`` is what is sent to a
host; ``str()`` is what people may see.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, TypeAlias, runtime_checkable

from ropewalk.model.record import record

MASK = "*****"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that is sent but never shown.

    :param value: the text that reaches the host.
    :param shown: what output shows in its place.
    """

    value: str
    shown: str = field(default=MASK, compare=False)

    def __repr__(self) -> str:
        return self.shown

    __str__ = __repr__


@record
class Raw:
    """Shell syntax the author wrote: the only thing that is never quoted."""

    text: str


@record
class Joined:
    """Several parts that make one word, as in ``NAME=value``."""

    parts: tuple[str | Secret, ...]


@runtime_checkable
class Renderable(Protocol):
    """Anything that becomes one shell command line."""

    def render(self, *, reveal: bool = False) -> str: ...


@record
class Shell:
    """One shell command.

    :param words: its words, quoted on rendering.
    :param arguments: connector arguments (``_sudo`` ...) that override the operation's for this command.
    """

    words: tuple[Word, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def render(self, *, reveal: bool = False) -> str:
        return " ".join(_render(word, reveal) for word in self.words)

    def __str__(self) -> str:
        return self.render()

    def __hash__(self) -> int:
        return hash(self.words)


@record
class Change:
    """One attribute that differs: shown in a plan, never executed."""

    attribute: str
    before: str | None
    after: str | None


@record
class Diff:
    """The text of a file before and after: shown with ``--diff``, never executed.

    :param before: ``None`` when the file does not exist yet.
    :param after: ``None`` when it will be removed.
    """

    path: str
    before: str | None
    after: str | None


@record
class Upload:
    """Write a file on the host: atomically, with its final mode and owner from the start.

    :param source: a path on this machine, the content itself, or a readable object (read from its start).
    :param dest: absolute path on the host.
    :param mode: permission bits as octal text (``"644"``) or in chmod's symbolic form; ``None`` keeps those
        of the file that is there, else the host's default.
    :param user: owner; ``None`` keeps the owner of the file that is there.
    :param group: group; as ``user``.
    """

    source: str | bytes | Secret | IO[Any]
    dest: str
    mode: str | None = None
    user: str | None = None
    group: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"upload {describe_source(self.source)} to {self.dest}"


@record
class Download:
    """Fetch a file of the host to a path (or writable binary object) on this machine."""

    source: str
    dest: str | IO[Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"download {self.source} to {describe_source(self.dest)}"


@record
class UploadTree:
    """Write many files below one directory of the host in one stream.

    :param root: the directory on the host that ``files`` are relative to; it is made when absent.
    :param files: relative path on the host -> (path on this machine, mode as octal text or ``None``).
    """

    root: str
    files: Mapping[str, tuple[str, str | None]]
    user: str | None = None
    group: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"upload {len(self.files)} file{'s' if len(self.files) != 1 else ''} to {self.root}"


@record
class Call:
    """Call a Python function on this machine, for this host, when the operation is applied."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"call {getattr(self.function, '__qualname__', self.function)!s}"


@record
class Rsync:
    """Run the ``rsync`` program of this machine towards the host."""

    source: str
    dest: str
    flags: Sequence[str] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"rsync {' '.join(self.flags)} {self.source} {self.dest}".replace("  ", " ")


Word: TypeAlias = "str | Secret | Raw | Joined | Renderable"
Step: TypeAlias = "str | Secret | Renderable | Change | Diff | Upload | UploadTree | Download | Call | Rsync"
Steps: TypeAlias = "Iterator[Step]"


def sh(*words: Word, **arguments: Any) -> Shell:
    """Make a command: ``sh("chmod", "600", path)``, ``sh("cat", path, Raw("|"), "wc")``.

    Keyword arguments are connector arguments for this command alone: ``sh("id", _sudo=True)``.
    """
    return Shell(words, arguments)


def joined(*parts: str | Secret) -> Joined:
    """Make one word of several parts: ``joined("--password=", Secret(p))``."""
    return Joined(parts)


def describe_source(source: object) -> str:
    """Name where content comes from, without showing the content."""
    if isinstance(source, str):
        return source
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "given content"


def _render(word: Word, reveal: bool) -> str:
    match word:
        case Raw(text):
            return text
        case Joined(parts):
            return shlex.quote("".join(_plain(part, reveal) for part in parts))
        case str() | Secret():
            return shlex.quote(_plain(word, reveal))
        case _ if isinstance(word, Renderable):
            return shlex.quote(word.render(reveal=reveal))
    raise TypeError(f"a command is made of text, not of {word!r}")


def _plain(part: str | Secret, reveal: bool) -> str:
    if isinstance(part, Secret):
        return part.value if reveal else part.shown
    if not isinstance(part, str):
        raise TypeError(f"a command is made of text, not of {part!r}")
    return part
