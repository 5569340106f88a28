"""What facts about packages have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable


def versions(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Gather the versions of each package: several may be installed, for several architectures or kernels.

    >>> versions([("libc6", "2.36")])
    {'libc6': {'2.36'}}
    """
    found: dict[str, set[str]] = {}
    for name, version in pairs:
        found.setdefault(name, set()).add(version)
    return found


def parse_packages(regex: str, output: Iterable[str]) -> dict[str, set[str]]:
    """Read package lists of the form ``name version``; lines that do not match are passed over.

    :param regex: matches from the start of a line; its first two groups are the name and the version.
    """
    matches = (re.match(regex, line) for line in output)
    return versions((match[1], match[2]) for match in matches if match)
