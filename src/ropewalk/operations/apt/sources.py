"""apt's lists of repositories as values (sources.list(5)): reading, comparing and writing them. No host needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record

DIRECTORY = "/etc/apt/sources.list.d"
MAIN_FILE = "/etc/apt/sources.list"
TYPES = ("deb", "deb-src")

_LINE = re.compile(r"(?P<type>\S+)\s+(?:\[(?P<options>[^]]*)\]\s*)?(?P<rest>\S.*)")
# deb822 calls some options by longer names than the one-line form.
_LINE_NAMES = {"architectures": "arch", "languages": "lang", "targets": "target"}
_FILE_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@record
class Source:
    """One repository: a type, a place, and what is taken from there.

    :ivar components: empty where the suite is a path (ending in ``/``).
    :ivar options: name -> values, with names as in the one-line form (``signed-by``, ``arch``).
    """

    type: str
    url: str
    suite: str
    components: frozenset[str] = frozenset()
    options: frozenset[tuple[str, frozenset[str]]] = frozenset()

    def covers(self, other: Source) -> bool:
        """Whether everything of another source comes from this one too."""
        same = (self.type, self.url, self.suite, self.options) == (other.type, other.url, other.suite, other.options)
        return same and self.components >= other.components


def make_source(
    type: str, url: str, suite: str, components: Iterable[str] = (), options: Mapping[str, Any] | None = None
) -> Source:
    """Make a source that equals every other way to write it (order, a slash at the end of the URL)."""
    named = ((name.lower(), frozenset(_values(value))) for name, value in (options or {}).items())
    pairs = frozenset((_LINE_NAMES.get(name, name), values) for name, values in named if values)
    return Source(type, url.rstrip("/"), suite, frozenset(components), pairs)


def from_fact(entry: Mapping[str, Any]) -> Source:
    """Read an entry of the ``AptSources`` fact."""
    return make_source(entry["type"], entry["url"], entry["distribution"], entry["components"], entry.get("options"))


def parse_line(line: str) -> Source:
    """Read one line of a ``.list`` file.

    :raises OperationValueError: it is not ``deb [options] URL suite [component...]``.

    >>> parse_line("deb [arch=amd64] https://example.org/debian stable main").suite
    'stable'
    """
    found = _LINE.fullmatch(line.partition("#")[0].strip())
    words = found["rest"].split() if found else []
    if not found or found["type"] not in TYPES or len(words) < 2:
        raise OperationValueError(
            f"{line!r} is not an apt source", hint="write `deb [option=value ...] URL SUITE COMPONENT...`"
        )
    url, suite, *components = words
    check(url, suite, components)
    options = dict(option.partition("=")[::2] for option in (found["options"] or "").split())
    return make_source(found["type"], url, suite, components, options)


def check(url: str, suite: str, components: Sequence[str]) -> None:
    """Refuse what apt would refuse, after which it installs nothing at all.

    :raises OperationValueError: no scheme in the URL, or components that do not fit the suite.
    """
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", url):
        raise OperationValueError(f"{url!r} is not the URL of a repository")
    if suite.endswith("/") and components:
        raise OperationValueError(f"a suite that is a path ({suite!r}) takes no components")
    if not suite.endswith("/") and not components:
        raise OperationValueError(f"the suite {suite!r} needs components, such as `main`")


def without(lines: Sequence[str], unwanted: Source) -> list[str]:
    """Return the lines of a ``.list`` file without those that configure exactly this source."""
    return [line for line in lines if _source_or_none(line) != unwanted]


def file_path(filename: str, suffix: str) -> str:
    """Return the path of a file of sources.

    :param filename: with or without its suffix.
    :raises OperationValueError: a name that apt would ignore.

    >>> file_path("example", ".list")
    '/etc/apt/sources.list.d/example.list'
    """
    stem = filename.removesuffix(suffix)
    if not stem or not _FILE_NAME.fullmatch(stem):
        raise OperationValueError(
            f"apt ignores files named {filename!r}",
            hint="use letters, digits, `-`, `_` and `.`; the directory is always " + DIRECTORY,
        )
    return f"{DIRECTORY}/{stem}{suffix}"


def deb822(fields: Mapping[str, str]) -> str:
    """Write one stanza; values of several lines are indented as deb822(5) wants it.

    >>> deb822({"Types": "deb", "Signed-By": ""})
    'Types: deb\\n'
    """
    return "".join(f"{name}: {_folded(value)}\n" for name, value in fields.items() if value)


def _folded(value: str) -> str:
    first, *more = value.strip().splitlines()
    return "\n".join([first, *(f" {line.strip() or '.'}" for line in more)])


def _values(value: Any) -> list[str]:
    """Return the words of an option; a key given inline is its lines' words, however its empty lines are written."""
    texts = value if isinstance(value, list | tuple | set | frozenset) else [value]
    parts = (part for text in texts for part in re.split(r"[\s,]+", str(text)))
    return [part for part in parts if part not in ("", ".")]


def _source_or_none(line: str) -> Source | None:
    try:
        return parse_line(line)
    except OperationValueError:
        return None
