"""What a deploy writes to name packages: names, versions, URLs, and more words for the package manager."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ropewalk.model.errors import OperationTypeError, OperationValueError
from ropewalk.model.record import record

Packages: TypeAlias = "str | Sequence[str] | None"

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


@record
class Wanted:
    """One package as a deploy names it.

    :ivar text: as it is written, which is also what the package manager is given.
    :ivar name: without the version.
    :ivar version: exact, or a pattern such as ``2.*``; ``None`` is any.
    """

    text: str
    name: str
    version: str | None = None


Read: TypeAlias = "Callable[[str], Wanted]"


def wanted(packages: Packages, separator: str | None = None, read: Read | None = None) -> list[Wanted]:
    """Read a list of package names; one that is named twice counts once.

    :param separator: what stands between name and version; ``None`` where there are no versions.
    :param read: reads one text instead, and refuses what it does not understand.
    :raises OperationValueError: something that cannot be the name of a package.

    >>> wanted(["vim", "nginx=1.22"], "=")
    [Wanted(text='vim', name='vim', version=None), Wanted(text='nginx=1.22', name='nginx', version='1.22')]
    """
    if packages is None:
        return []
    texts = [packages] if isinstance(packages, str) else list(packages)
    read_one = read or (lambda text: _read(checked(text), separator))
    return [read_one(text) for text in dict.fromkeys(map(_text, texts))]


def is_url(source: str) -> bool:
    """Whether text is a URL rather than a path.

    >>> is_url("https://example.org/a.deb"), is_url("/tmp/a.deb")
    (True, False)
    """
    return _URL.match(source) is not None


def words(arguments: str | None) -> list[str]:
    """Split more arguments, written as on a command line, into words.

    :raises OperationValueError: a quote is not closed.

    >>> words("-t backports -o 'A::B=c d'")
    ['-t', 'backports', '-o', 'A::B=c d']
    """
    try:
        return shlex.split(arguments or "")
    except ValueError as error:
        raise OperationValueError(f"cannot read the arguments {arguments!r}: {error}") from None


def _read(text: str, separator: str | None) -> Wanted:
    if separator is None or is_url(text):
        return Wanted(text, text)
    name, _, version = text.rpartition(separator)
    if not name:  # no separator, or one at the start, as in npm's @scope/name
        return Wanted(text, text)
    if not version:
        raise OperationValueError(f"{text!r} names no version after {separator!r}")
    return Wanted(text, name, version)


def checked(text: str) -> str:
    """Return what may be the name of a package.

    :raises OperationValueError: it is empty, looks like an option, or has spaces or control characters.
    """
    if not text or text.startswith("-") or re.search(r"[\s\x00-\x1f]", text):
        raise OperationValueError(f"{text!r} is not the name of a package", hint="give several packages as a list")
    return text


def _text(text: str) -> str:
    if not isinstance(text, str):
        raise OperationTypeError(f"a package is named by text, not by {text!r}")
    return text
