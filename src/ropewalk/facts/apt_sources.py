"""Where apt gets packages from: both formats of sources.list(5)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

_BRACKETS = re.compile(r"\[[^]]*\]")
#: The names of deb822 fields to those of one-line options, where they differ by more than their case.
_OPTIONS = {
    "architectures": "arch",
    "languages": "lang",
    "targets": "target",
}
_NOT_OPTIONS = frozenset({"types", "uris", "suites", "components", "enabled", "description"})
#: Options whose values hold several words in deb822, and commas in one line.
_LISTS = frozenset({"arch", "lang", "target", "signed-by"})


class AptRepo(dict[str, Any]):
    """One repository: a mapping whose items are attributes too.

    Keys: ``type`` (``deb`` or ``deb-src``), ``url``, ``distribution`` (the suite, or a path that ends in ``/``),
    ``components``, and ``options``, whose values are text, or a list where there are several.
    """

    def __init__(
        self, type: str, url: str, distribution: str, components: list[str], options: dict[str, str | list[str]]
    ) -> None:
        super().__init__(type=type, url=url, distribution=distribution, components=components, options=options)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return f"AptRepo({', '.join(f'{key}={value!r}' for key, value in self.items())})"

    def to_json(self) -> dict[str, Any]:
        return dict(self)


def parse_apt_repo(name: str) -> AptRepo | None:
    """Read one line of a ``.list`` file; ``None`` if it is not a repository.

    >>> parse_apt_repo("deb [arch=amd64] http://deb.debian.org/debian bookworm main").options
    {'arch': 'amd64'}
    """
    words = _words(name)
    options: dict[str, str | list[str]] = {}
    if len(words) > 1 and words[1].startswith("["):
        for option in words.pop(1).strip("[]").split():
            key, equals, value = option.partition("=")
            if equals:
                options[key] = _one_or_many(value.split(","))
    if len(words) < 3 or words[0] not in ("deb", "deb-src"):
        return None
    return AptRepo(words[0], words[1], words[2], words[3:], options)


def parse_apt_list_file(lines: Iterable[str]) -> list[AptRepo]:
    """Read the lines of a ``.list`` file."""
    return [repo for repo in map(parse_apt_repo, lines) if repo]


def parse_deb822_file(lines: Iterable[str]) -> list[AptRepo]:
    """Read the lines of a ``.sources`` file; what is not enabled is left out.

    A paragraph stands for a repository for each combination of its types, URIs and suites.
    """
    return [repo for fields in _paragraphs(lines) for repo in _expanded(fields)]


def _expanded(fields: dict[str, str]) -> Iterator[AptRepo]:
    if fields.get("enabled", "yes").strip().lower() in ("no", "false", "off", "without", "disable", "0"):
        return
    axes = (fields.get(name, "").split() for name in ("types", "uris", "suites"))
    for type_, url, suite in itertools.product(*axes):
        yield AptRepo(type_, url, suite, fields.get("components", "").split(), _options(fields))


def _options(fields: dict[str, str]) -> dict[str, str | list[str]]:
    options: dict[str, str | list[str]] = {}
    for field, value in fields.items():
        name = _OPTIONS.get(field, field)
        if field in _NOT_OPTIONS or field.startswith("x-") or not value.strip():  # x-: of other programs than apt
            continue
        # An embedded key is one value, of many lines.
        words = value.split() if name in _LISTS and not value.lstrip().startswith("-----") else [value.strip()]
        options[name] = _one_or_many(words)
    return options


def _paragraphs(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Read deb822(5): fields, their continued lines indented, between empty lines; names in lower case."""
    fields: dict[str, str] = {}
    name = ""
    for line in [*lines, ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, name = {}, ""
        elif line[0] in " \t":
            if name:
                fields[name] += "\n" + ("" if line.strip() == "." else line.strip())
        else:
            label, _, value = line.partition(":")
            name = label.strip().lower()
            fields[name] = value.strip()


def _words(line: str) -> list[str]:
    """Split a line at blanks, but not between brackets; what follows a ``#`` outside of them is a comment."""
    hidden = {f"\0{index}\0": text for index, text in enumerate(_BRACKETS.findall(line))}
    for mark, text in hidden.items():
        line = line.replace(text, mark, 1)
    words = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].split()
    return [re.sub("\0\\d+\0", lambda match: hidden[match[0]], word) for word in words]


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
