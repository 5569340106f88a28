"""The files that say which distribution a host runs: os-release(5) and those before it, ``/etc/*-release``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

_ASSIGNMENT = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_RELEASE = re.compile(r"(.*?)\s+release\s+(\d[\d.]*)")
_SUSE = re.compile(r"(\S+(?: Linux Enterprise Server)?) (\d[\d.]*)")
_CODENAME = re.compile(r"\((\D+)\)|,\s*(\D+)$")


def assignments(lines: Iterable[str]) -> dict[str, str]:
    """Return the variables of an os-release file, quotes and backslashes resolved as a shell would.

    >>> assignments(['NAME="Debian GNU/Linux"', "# a comment"])
    {'NAME': 'Debian GNU/Linux'}
    """
    return {match[1]: _unquoted(match[2]) for match in map(_ASSIGNMENT.fullmatch, lines) if match}


def codename(release: Mapping[str, str]) -> str | None:
    """Return the code name that an os-release file tells, in a field of its own or within its version.

    >>> codename({"VERSION": "9.3 (Blue Onyx)"})
    'Blue Onyx'
    """
    for name in ("VERSION_CODENAME", "UBUNTU_CODENAME"):
        if name in release:
            return release[name]
    match = _CODENAME.search(release.get("VERSION", ""))
    return (match[1] or match[2]).strip() if match else None


def name_and_version(lines: Sequence[str]) -> tuple[str, str] | None:
    """Return what a file such as ``/etc/centos-release`` says, if it is of that kind.

    >>> name_and_version(["CentOS Linux release 7.9.2009 (Core)"])
    ('CentOS Linux', '7.9.2009')
    """
    match = (_RELEASE.match(lines[0]) or _SUSE.match(lines[0])) if lines else None
    return (match[1], match[2].rstrip(".")) if match else None


def _unquoted(text: str) -> str:
    r"""Read a value; os-release(5): quotes as in a shell, so ``\$`` between double quotes is a dollar sign."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    lexer.escape = "\\"
    try:
        words = list(lexer)
    except ValueError:  # an open quote
        return text.strip()
    value = words[0] if words else ""
    return re.sub(r"\\([$`])", r"\1", value) if text.lstrip().startswith('"') else value
